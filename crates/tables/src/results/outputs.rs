//! Where the artifacts of a finished task are: in memory, or in the store until somebody needs them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

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
    fn load(&self, name: &str) -> Result<Option<Artifact>, String>;
}

impl Outputs for Artifacts {
    fn digest(&self, name: &str) -> Option<Digest> {
        self.load(name).ok().flatten().map(|artifact| artifact.digest())
    }

    fn load(&self, name: &str) -> Result<Option<Artifact>, String> {
        Ok(match name.split_once('/') {
            None => (name == "scalars").then(|| Artifact::Scalars(self.scalars.clone())),
            Some(("tables", own)) => self.tables.get(own).map(|table| Artifact::Table(table.clone())),
            Some(("drawings", own)) => self.drawings.get(own).map(|it| Artifact::Drawing(it.clone())),
            Some(_) => None,
        })
    }
}

/// All artifacts that are declared, in memory.
///
/// # Errors
/// Why one of them cannot be had.
pub fn load_all(outputs: &dyn Outputs, declared: &OutputSchema) -> Result<Artifacts, String> {
    let mut all = Artifacts::new();
    if let Some(Artifact::Scalars(scalars)) = outputs.load("scalars")? {
        all.scalars = scalars;
    }
    for name in declared.tables.keys() {
        if let Some(Artifact::Table(table)) = outputs.load(&format!("tables/{name}"))? {
            all.table(name, table);
        }
    }
    for name in declared.drawings.keys() {
        if let Some(Artifact::Drawing(drawing)) = outputs.load(&format!("drawings/{name}"))? {
            all.drawing(name, drawing);
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
        let artifact = Arc::new(artifact);
        known().insert(key, Arc::clone(&artifact));
        Ok(Some(artifact))
    }

    /// The artifacts of this name of all tasks of the view, in order.
    pub(crate) fn artifacts(&self, name: &str) -> Result<Vec<Option<Arc<Artifact>>>, Problem> {
        self.runs.iter().map(|(run, _)| self.artifact(*run, name)).collect()
    }
}
