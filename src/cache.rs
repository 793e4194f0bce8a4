//! The store as the memory of tasks: artifacts in their stored form, one blob each.

use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Artifacts, Digest};

use crate::executor::Cache;
use crate::store::{ActionRecord, Output, Store, StoreError};

impl Cache for Store {
    fn lookup(&self, key: Digest) -> Option<Artifacts> {
        // A store that cannot be read is as good as none; `record` will say what is wrong with it.
        let record = Self::lookup(self, &key).ok()??;
        let mut artifacts = Artifacts::new();
        for (name, output) in &record.outputs {
            let bytes = self.get(&output.digest).ok()??;
            add(&mut artifacts, name, Artifact::decode(&bytes).ok()?);
        }
        Some(artifacts)
    }

    fn record(&self, key: Digest, artifacts: &Artifacts) -> Result<(), String> {
        let named: Vec<(String, Vec<u8>)> =
            artifacts.each().map(|(name, artifact)| (name, artifact.encode())).collect();
        remember(self, key, &named, serde_json::Value::Null).map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Stores named outputs under a key.
///
/// # Errors
/// The store's own.
pub fn remember(
    store: &Store,
    key: Digest,
    named: &[(String, Vec<u8>)],
    meta: serde_json::Value,
) -> Result<ActionRecord, StoreError> {
    let contents: Vec<&[u8]> = named.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    store.put_all(&contents)?;
    let outputs = named.iter().map(|(name, bytes)| (name.clone(), Output::of(bytes))).collect();
    store.record(&key, &ActionRecord { outputs, meta })
}

fn add(artifacts: &mut Artifacts, name: &str, artifact: Artifact) {
    let own = || name.split_once('/').map_or(name, |(_, own)| own).to_owned();
    match artifact {
        Artifact::Scalars(scalars) => artifacts.scalars = scalars,
        Artifact::Table(table) => drop(artifacts.tables.insert(own(), table)),
        Artifact::Drawing(drawing) => drop(artifacts.drawings.insert(own(), drawing)),
    }
}
