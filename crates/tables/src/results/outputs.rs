//! Where the artifacts of a finished task are: in memory, or in the store until somebody needs them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Artifacts, Digest, OutputSchema};

use super::{Problem, View};

/// The artifacts of a finished task, under the names of [`Artifacts::each`]: `scalars`, `tables/NAME`, `drawings/NAME`.
pub trait Outputs: Debug + Send + Sync {
    /// The digest of an artifact's stored form; `None` if there is none of this name.
    fn digest(&self, name: &str) -> Option<Digest>;

    /// How many bytes an artifact's stored form has; `None` if there is none of this name, or if it is in memory.
    fn size(&self, _name: &str) -> Option<u64> {
        None
    }

    /// An artifact; `None` if there is none of this name.
    ///
    /// # Errors
    /// Why it cannot be had, such as damage in the store.
    fn load(&self, name: &str) -> Result<Option<Arc<Artifact>>, String>;

    /// Whether nothing is read any more when an artifact is asked for.
    fn in_memory(&self) -> bool {
        false
    }
}

/// Artifacts in memory, which all who ask for them share.
#[derive(Clone, Debug)]
pub struct Held(IndexMap<String, Arc<Artifact>>);

impl Held {
    /// These artifacts.
    pub fn new(artifacts: Artifacts) -> Self {
        let Artifacts { scalars, tables, drawings } = artifacts;
        let tables =
            tables.into_iter().map(|(name, table)| (format!("tables/{name}"), Artifact::Table(table)));
        let drawings =
            drawings.into_iter().map(|(name, it)| (format!("drawings/{name}"), Artifact::Drawing(it)));
        let scalars = [("scalars".to_owned(), Artifact::Scalars(scalars))];
        let all = scalars.into_iter().chain(tables).chain(drawings);
        Self(all.map(|(name, artifact)| (name, Arc::new(artifact))).collect())
    }

    /// All that are declared of some outputs.
    ///
    /// # Errors
    /// Why one of them cannot be had.
    pub fn of(outputs: &dyn Outputs, declared: &OutputSchema) -> Result<Self, String> {
        let tables = declared.tables.keys().map(|name| format!("tables/{name}"));
        let drawings = declared.drawings.keys().map(|name| format!("drawings/{name}"));
        let names = ["scalars".to_owned()].into_iter().chain(tables).chain(drawings);
        let mut all = IndexMap::new();
        for name in names {
            if let Some(artifact) = outputs.load(&name)? {
                all.insert(name, artifact);
            }
        }
        Ok(Self(all))
    }
}

impl Outputs for Held {
    fn digest(&self, name: &str) -> Option<Digest> {
        self.0.get(name).map(|artifact| artifact.digest())
    }

    fn load(&self, name: &str) -> Result<Option<Arc<Artifact>>, String> {
        Ok(self.0.get(name).cloned())
    }

    fn in_memory(&self) -> bool {
        true
    }
}

/// All artifacts that are declared, in memory.
///
/// # Errors
/// Why one of them cannot be had.
pub fn load_all(outputs: &dyn Outputs, declared: &OutputSchema) -> Result<Artifacts, String> {
    let mut all = Artifacts::new();
    for (name, artifact) in Held::of(outputs, declared)?.0 {
        let own = name.split_once('/').map_or("", |(_, own)| own);
        match Arc::unwrap_or_clone(artifact) {
            Artifact::Scalars(scalars) => all.scalars = scalars,
            Artifact::Table(table) => drop(all.table(own, table)),
            Artifact::Drawing(drawing) => drop(all.drawing(own, drawing)),
        }
    }
    Ok(all)
}

/// What the evaluation of one question has loaded so far, by run and name: each artifact is read once, and dropped with it.
#[derive(Debug, Default)]
pub(crate) struct Loaded(Mutex<BTreeMap<(usize, String), Arc<Artifact>>>);

impl View<'_> {
    /// An artifact of a run; `None` if it gave none of this name.
    pub(crate) fn artifact(&self, run: usize, name: &str) -> Result<Option<Arc<Artifact>>, Problem> {
        let key = (run, name.to_owned());
        let known = || self.loaded.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(artifact) = known().get(&key) {
            return Ok(Some(Arc::clone(artifact)));
        }
        let loaded = self.results.runs[run].outputs.load(name);
        let Some(artifact) = loaded.map_err(|why| Problem::new("lost-result", why))? else { return Ok(None) };
        known().insert(key, Arc::clone(&artifact));
        Ok(Some(artifact))
    }

    /// The artifacts of this name of all tasks of the view, in order.
    pub(crate) fn artifacts(&self, name: &str) -> Result<Vec<Option<Arc<Artifact>>>, Problem> {
        self.runs.iter().map(|(run, _)| self.artifact(*run, name)).collect()
    }
}
