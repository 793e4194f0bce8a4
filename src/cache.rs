//! The store as the memory of tasks: artifacts in their stored form, one blob each.

use std::collections::BTreeSet;
use std::sync::Arc;

use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Artifacts, Digest};

use crate::executor::{Cache, Done, Outcome, key_of};
use crate::plan::{Plan, TaskKey, dependents};
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

/// The keys of all tasks of a plan that can be told without running anything: a task that takes results of others has one if the
/// store has these.
pub fn known_keys(plan: &Plan, store: &Store) -> BTreeSet<TaskKey> {
    let feeds = dependents(plan);
    let mut outcomes = vec![Outcome::Cancelled; plan.tasks.len()];
    let mut keys = BTreeSet::new();
    for task in in_order(plan) {
        let Some(key) = key_of(plan, task, &outcomes) else { continue };
        keys.insert(key);
        if feeds.contains_key(&task)
            && let Some(artifacts) = Cache::lookup(store, key)
        {
            outcomes[task] = Outcome::Done(Done { artifacts: Arc::new(artifacts), key, cached: true });
        }
    }
    keys
}

/// Tasks after all that they take results from.
fn in_order(plan: &Plan) -> Vec<usize> {
    let mut order = Vec::with_capacity(plan.tasks.len());
    let mut placed = vec![false; plan.tasks.len()];
    let mut waiting: Vec<usize> = (0..plan.tasks.len()).collect();
    // The plan has no circles, so each round places at least one.
    while !waiting.is_empty() {
        let ready = |task: &usize| plan.tasks[*task].edges.iter().all(|edge| placed[edge.task]);
        let (now, later): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|task| ready(task));
        for task in &now {
            placed[*task] = true;
        }
        order.extend(now);
        waiting = later;
    }
    order
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
