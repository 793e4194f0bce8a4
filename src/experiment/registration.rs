//! Were the claims of an experiment worded, sized and given their expectation before their data were seen? The answer is in the
//! experiment's lock, which is committed: no local store is asked, so that every clone answers alike.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::ContentHasher;
use serde_json::json;

use crate::config::Claims;
use crate::definitions::Definitions;
use crate::lock::{Lock, Replication};
use crate::manifest::Manifest;

/// What the lock says of the claims of an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registered {
    /// How often claims of the experiment were registered.
    pub times: usize,
    /// Whether the last registration is of what would run now.
    pub runs: bool,
    /// The claims that say what they said then.
    claims: BTreeSet<String>,
    /// Whether the project asks for registrations at all.
    asked: bool,
    /// The digest of the last registration, which the replication must name.
    chain: String,
}

/// Whether the verdict of a claim came back on fresh replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// There is nothing to come back: the claim is undecided, explores, or does not vary.
    NotAsked,
    /// No fresh replicates of this registration were run.
    NotRun,
    /// They were run by another revision of the analysis.
    Stale,
    /// The verdict over all fresh replicates together is the published one.
    Confirmed {
        /// How many there were.
        replicates: usize,
    },
    /// It is another one: the published verdict is fragile.
    NotConfirmed {
        /// How many there were.
        replicates: usize,
    },
    /// Some have no result, so that they do not tell: the published verdict is fragile, too.
    WithoutResult {
        /// How many have none.
        failed: usize,
    },
}

impl Fresh {
    /// The key of the interface words for it, and the number in them.
    pub fn key(self) -> Option<(&'static str, usize)> {
        match self {
            Self::NotAsked => None,
            Self::NotRun => Some(("not-replicated", 0)),
            Self::Stale => Some(("replication-stale", 0)),
            Self::Confirmed { replicates } => Some(("confirmed", replicates)),
            Self::NotConfirmed { replicates } => Some(("not-confirmed", replicates)),
            Self::WithoutResult { failed } => Some(("fresh-without-result", failed)),
        }
    }

    /// Whether fresh replicates were run and do not confirm the verdict.
    pub fn is_fragile(self) -> bool {
        matches!(self, Self::NotConfirmed { .. } | Self::WithoutResult { .. })
    }
}

/// What a definition is held against.
#[derive(Clone, Copy, Debug)]
pub struct Promised<'a> {
    /// The experiment's lock.
    pub lock: &'a Lock,
    /// The project's policy.
    pub policy: &'a Claims,
    /// Whether parameters were set for this run alone.
    pub changed: bool,
}

/// Whether a claim was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing in it varies by chance.
    Certain,
    /// The project asks for no registration.
    NotRegistered,
    /// It says what it said before its data were seen.
    Registered {
        /// How often claims of its experiment were registered.
        times: usize,
    },
    /// It was changed after that, or never registered: its data explore.
    Exploratory,
}

impl Standing {
    /// The key of the interface words for it; `None` where there is nothing to say.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Certain => None,
            Self::NotRegistered => Some("not-registered"),
            Self::Registered { times: 1 } => Some("registered"),
            Self::Registered { .. } => Some("registered-again"),
            Self::Exploratory => Some("exploratory-why"),
        }
    }
}

impl Registered {
    /// What a lock says of a definition.
    pub fn read(manifest: &Manifest, definitions: &Definitions, promised: Promised<'_>) -> Self {
        let Promised { lock, policy, changed } = promised;
        let asked = policy.explore_seed.is_some();
        let times = lock.registered.len();
        let Some(last) = lock.last() else { return Self { asked, ..Self::default() } };
        let runs = !changed && last.seed == manifest.seed && last.run == run(manifest);
        let same = |(name, digest): &(String, String)| last.claims.get(name) == Some(digest);
        let claims = claims(manifest, definitions, policy.level).into_iter().filter(|one| runs && same(one));
        let claims = claims.map(|(name, _)| name).collect();
        Self { times, runs, claims, asked, chain: last.chain.clone() }
    }

    /// Whether a claim of a stochastic experiment was registered.
    pub fn of(&self, claim: &str) -> Standing {
        match (self.asked, self.claims.contains(claim)) {
            (_, true) => Standing::Registered { times: self.times },
            (true, false) => Standing::Exploratory,
            (false, false) => Standing::NotRegistered,
        }
    }

    /// Whether the verdict on a registered claim came back, by what the lock says of fresh replicates; `revision` is that of the analysis
    /// today.
    pub fn fresh(
        &self,
        replication: Option<&Replication>,
        claim: &str,
        verdict: &str,
        revision: &str,
    ) -> Fresh {
        if !matches!(self.of(claim), Standing::Registered { .. }) || verdict == "undecided" {
            return Fresh::NotAsked;
        }
        let of_this = replication.filter(|one| one.of == self.chain);
        let Some((replication, one)) = of_this.and_then(|all| Some((all, all.claims.get(claim)?))) else {
            return Fresh::NotRun;
        };
        let replicates = replication.replicates;
        match one.pooled == verdict {
            _ if replication.analysis != revision => Fresh::Stale,
            true => Fresh::Confirmed { replicates },
            false if one.failed > 0 => Fresh::WithoutResult { failed: one.failed },
            false => Fresh::NotConfirmed { replicates },
        }
    }

    /// Whether a stochastic experiment with these claims runs under the seed of exploration.
    pub fn explores(&self, manifest: &Manifest) -> bool {
        self.asked && !self.runs && !manifest.claims.is_empty()
    }
}

/// Digest of what runs: whatever changes the data, and how many there are.
pub fn run(manifest: &Manifest) -> String {
    let Manifest { analysis, outputs, seed, replicates, seeding, params, sweep, zip, profiles, .. } =
        manifest;
    let mut hasher = ContentHasher::new("octavo registered run");
    hasher.add(&json!([analysis, outputs, seed, replicates, seeding, params, sweep, zip, profiles]));
    hasher.finish().hex()[..32].to_owned()
}

/// Digests of what claims say, by name: comparison, level, expectation, and the values and tables behind them.
pub fn claims(manifest: &Manifest, definitions: &Definitions, level: f64) -> IndexMap<String, String> {
    let digest = |(name, claim): (&String, &crate::manifest::Claim)| {
        let named = definitions.claims.get(name).map(|claim| claim.check.names()).unwrap_or_default();
        let mut values: Vec<_> =
            named.iter().filter_map(|(name, _)| manifest.values.get_key_value(name)).collect();
        values.sort_by_key(|(name, _)| *name);
        values.dedup();
        // What a value is called for readers is not what it says.
        let said: Vec<_> = values
            .iter()
            .map(|(name, value)| json!([name, value.from, value.selection, value.expr]))
            .collect();
        let mut tables: Vec<&str> = Vec::new();
        values.iter().for_each(|(_, value)| behind(manifest, &value.from, &mut tables));
        tables.sort_unstable();
        let tables: Vec<_> =
            tables.iter().map(|table| json!([table, manifest.tables[*table].derivation()])).collect();
        let mut hasher = ContentHasher::new("octavo registered claim");
        hasher.add(&json!([claim.check, claim.expect, level, said, tables]));
        (name.clone(), hasher.finish().hex()[..32].to_owned())
    };
    manifest.claims.iter().map(digest).collect()
}

/// Adds a derived table and those before it.
fn behind<'a>(manifest: &'a Manifest, name: &str, found: &mut Vec<&'a str>) {
    let Some((name, table)) = manifest.tables.get_key_value(name) else { return };
    if found.contains(&name.as_str()) {
        return;
    }
    found.push(name);
    behind(manifest, &table.from, found);
    if let Some(join) = &table.join {
        behind(manifest, &join.from, found);
    }
}
