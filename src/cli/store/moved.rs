//! `octavo store push` and `pull`: results of tasks, as they are defined today under any profile, to a store on another machine and from there.

use std::collections::BTreeSet;

use octavo_plugin::{Digest, counted};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::events::Event;
use super::super::session::{ExitCode, Session};
use super::super::tidy::{bytes, every_plan};
use crate::build::{self, TaskState};
use crate::cache::{TaskCache, known_keys};
use crate::diagnostic::Diagnostic;
use crate::plan::{Plan, origins};
use crate::remote::Remote;
use crate::store::{Moved, Store};

/// How much went to the remote store, or came from there.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(in crate::cli) struct Went {
    /// New records.
    records: usize,
    /// New results.
    results: usize,
    /// Their size.
    bytes: u64,
    /// Records that were there already.
    known: usize,
    /// What is still missing.
    left: usize,
}

impl Went {
    fn of(moved: Moved, known: usize, left: usize) -> Self {
        Self { records: moved.records, results: moved.blobs, bytes: moved.bytes, known, left }
    }

    fn words(&self, what: &str) -> String {
        let (records, results) = (counted(self.records, "record"), counted(self.results, "result"));
        let verb = if self.known == 1 { "was" } else { "were" };
        let size = bytes(self.bytes);
        format!("{records} and {results} are {what}, {size}; {} {verb} there already", self.known)
    }
}

/// The plans of all profiles, and the store with the one that is behind it.
fn both(session: &Session) -> Result<(Vec<Plan>, Store), ExitCode> {
    let loaded = session.loaded()?;
    let (plans, _) = every_plan(&loaded);
    let store = session.store(&loaded.project)?;
    session.remember_plugins(&loaded.registry);
    if store.remote().is_none() {
        let problem = Diagnostic::error("remote-store", "no remote store is named");
        return Err(session.refuse(problem.help(
            "write `remote = \"https://...\"` into `[store]` of `octavo.toml`, or set OCTAVO_STORE_REMOTE; docs/stores.md",
        )));
    }
    Ok((plans, store))
}

/// The keys of tasks that can be told here.
fn keys(plans: &[Plan], store: &Store) -> BTreeSet<Digest> {
    plans.iter().flat_map(|plan| known_keys(plan, store)).map(|(_, key)| key).collect()
}

pub(super) fn push(session: &Session) -> Result<(), ExitCode> {
    let (plans, store) = both(session)?;
    // Nothing is brought here to be brought back.
    let local = session.store_at(store.project())?;
    let keys: Vec<Digest> = keys(&plans, &local).into_iter().filter(|key| local.has_record(key)).collect();
    let moved = store.push(&keys);
    let left = keys.len().saturating_sub(moved.records + moved.known);
    store.take_moved();
    let went = Went::of(moved, moved.known, left);
    session.output.event(&Event::Pushed(went));
    session.output.line(&went.words("brought there"));
    session.tell_damage(&store);
    if left == 0 {
        return Ok(());
    }
    let verb = if left == 1 { "was" } else { "were" };
    session.output.trouble(&format!("{} {verb} not brought there", counted(left, "record")));
    Err(ExitCode::Failed)
}

pub(super) fn pull(session: &Session) -> Result<(), ExitCode> {
    let (plans, store) = both(session)?;
    let local = session.store_at(store.project())?;
    let before = keys(&plans, &local).into_iter().filter(|key| local.has_record(key)).count();
    for plan in &plans {
        let all: Vec<usize> = (0..plan.tasks.len()).collect();
        build::bring(plan, &all, &TaskCache::new(&store));
    }
    let (moved, _) = store.take_moved();
    let missing: BTreeSet<Digest> = plans.iter().flat_map(|plan| missing(plan, &local)).collect();
    let went = Went::of(moved, before, missing.len());
    session.output.event(&Event::Pulled(went));
    let missing = counted(missing.len(), "task");
    session.output.line(&format!("{}; {missing} without a result yet", went.words("new")));
    session.tell_damage(&store);
    match store.remote().is_some_and(Remote::is_up) {
        true => Ok(()),
        false => Err(ExitCode::Failed),
    }
}

/// The origins of tasks without a result.
fn missing(plan: &Plan, store: &Store) -> Vec<Digest> {
    let all: Vec<usize> = (0..plan.tasks.len()).collect();
    let states = build::standings(plan, store, &all).states;
    let origins = origins(plan).into_iter().zip(states);
    origins.filter(|(_, state)| *state != TaskState::Remembered).map(|(origin, _)| origin).collect()
}
