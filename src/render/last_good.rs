//! The last good results that pages showed: what stands, marked, where a result cannot be had today, be it that a task failed or
//! that a plugin does not start. It stands for itself, since without its plugin an experiment's definition cannot be read.

use std::collections::BTreeMap;

use octavo_plugin::{Digest, Localized, Value};
use serde::{Deserialize, Serialize};

use super::claims::Decision;
use super::memory::plain;
use crate::disk;
use crate::experiment::Experiment;
use crate::ids::{ClaimRef, FigureIn, TableIn, ValueRef};
use crate::manifest::Expect;
use crate::store::{Problem, Store, StoreError};

/// Its place in the store.
const FILE: &str = "last-good";

/// What the file begins with, before the digest of the JSON below.
const HEADER: &str = "octavo last good 2 ";
/// What every version begins with.
const VERSIONS: &[u8] = b"octavo last good ";

/// The last good results, by what they are called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LastGood {
    /// Drawings.
    #[serde(with = "pairs")]
    pub figures: BTreeMap<FigureIn, GoodFigure>,
    /// Tables on pages: the key of the record that holds one.
    #[serde(with = "pairs")]
    pub tables: BTreeMap<TableIn, Digest>,
    /// Values in running text.
    #[serde(with = "pairs")]
    pub values: BTreeMap<ValueRef, GoodValue>,
    /// Claims.
    #[serde(with = "pairs")]
    pub claims: BTreeMap<ClaimRef, GoodClaim>,
}

/// Where results came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The analysis.
    pub analysis: String,
    /// Its revision.
    pub revision: u32,
    /// The experiment's seed.
    pub seed: u64,
    /// Its replicates.
    pub replicates: u32,
    /// Its definition.
    pub definition: String,
}

impl Origin {
    /// Of today's results.
    pub fn of(experiment: &Experiment) -> Self {
        let identity = experiment.analysis.identity();
        Self {
            analysis: identity.name.into_owned(),
            revision: identity.revision,
            seed: experiment.manifest.seed,
            replicates: if experiment.stochastic() { experiment.replicates } else { 1 },
            definition: experiment.source.text.clone(),
        }
    }
}

/// A drawing that was good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoodFigure {
    /// The key of its record.
    pub key: Digest,
    /// Whether it stands wider than the text.
    pub wide: bool,
    /// Its caption and title, one of which stands under it if the page gives no caption.
    pub captions: [Localized; 2],
    /// Where it came from.
    pub origin: Origin,
}

/// A value that was good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoodValue(#[serde(with = "plain")] pub Value);

/// A claim that was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoodClaim {
    /// Its text, per language.
    pub text: Localized,
    /// Its check.
    pub check: String,
    /// What it turned out as.
    pub decision: Decision,
    /// What was expected.
    pub expect: Expect,
}

impl LastGood {
    /// What is remembered. A file that is damaged or cannot be read is told, and stays until there is a better one.
    ///
    /// # Errors
    /// The store's own.
    pub fn read(store: &Store) -> Result<Self, StoreError> {
        let path = store.folder().join(FILE);
        let Some(bytes) = store.read_beside(&path, Problem::CorruptLastGood)? else {
            return Ok(Self::default());
        };
        // What another version of the program wrote is not damaged, and not for this one.
        if bytes.starts_with(VERSIONS) && !bytes.starts_with(HEADER.as_bytes()) {
            return Ok(Self::default());
        }
        Ok(parse(&bytes).unwrap_or_else(|| {
            store.warn(&path, Problem::CorruptLastGood);
            Self::default()
        }))
    }

    /// Takes over what is good today. What is not good today stays as it was.
    pub fn extend(&mut self, today: Self) {
        self.figures.extend(today.figures);
        self.tables.extend(today.tables);
        self.values.extend(today.values);
        self.claims.extend(today.claims);
    }

    /// Whether others know all of it.
    fn is_in(&self, others: &Self) -> bool {
        fn within<K: Ord, V: PartialEq>(some: &BTreeMap<K, V>, all: &BTreeMap<K, V>) -> bool {
            some.iter().all(|(name, good)| all.get(name) == Some(good))
        }
        within(&self.figures, &others.figures)
            && within(&self.tables, &others.tables)
            && within(&self.values, &others.values)
            && within(&self.claims, &others.claims)
    }

    /// Writes down what is good today.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn remember(self, store: &Store) -> Result<(), StoreError> {
        let before = Self::read(store)?;
        if store.has_warned_of(Problem::CorruptLastGood) {
            store.set_aside(&store.folder().join(FILE), Problem::CorruptLastGood)?;
        }
        if self.is_in(&before) {
            return Ok(());
        }
        let mut all = before;
        all.extend(self);
        let json = serde_json::to_string(&all).expect("names, texts and digests are plain data");
        let text = format!("{HEADER}{}\n{json}", Digest::of(json.as_bytes()).hex());
        disk::write_durably_from(&store.folder().join("tmp"), &store.folder().join(FILE), text.as_bytes())?;
        Ok(())
    }

    /// The records that are needed to show it.
    pub fn keys(&self) -> impl Iterator<Item = Digest> {
        self.figures.values().map(|figure| figure.key).chain(self.tables.values().copied())
    }
}

/// `None` if anything is not as it was written.
fn parse(bytes: &[u8]) -> Option<LastGood> {
    let (checksum, json) = std::str::from_utf8(bytes).ok()?.strip_prefix(HEADER)?.split_once('\n')?;
    (checksum == Digest::of(json.as_bytes()).hex()).then_some(())?;
    serde_json::from_str(json).ok()
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
