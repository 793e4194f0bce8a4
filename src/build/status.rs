//! What would run, and what made it so: the causes of the last computations are remembered by experiment, each with the one before it, so that
//! an explanation is the difference of two small maps.

use std::collections::{BTreeMap, BTreeSet};

use octavo_plugin::{ContentHasher, Digest, NUMERICS_REVISION};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cause::cause;
use super::drift::{Keeper, profile_of};
use super::run::bring;
use crate::cache::TaskCache;
use crate::disk;
use crate::executor::{Cache, Done, Outcome, key_of};
use crate::ids::{ExperimentId, ItemRef};
use crate::lock::{Cause, CauseKind, Change, Fact};
use crate::plan::{Plan, TaskKey, dependents, in_order};
use crate::store::Store;

/// Where causes are remembered in the store, a file a profile.
pub(super) const FOLDER: &str = "causes";

/// The causes of the results of experiments as they were last computed, by id.
pub type Known = BTreeMap<ExperimentId, Computed>;

/// What decided the results of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    /// Digest of the keys of its tasks.
    keys: Digest,
    /// What they were made of.
    now: Made,
    /// What other keys were made of that it had before.
    before: Option<Made>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Made {
    numerics: u32,
    cause: Cause,
}

/// The fact that says how tables, values and claims are defined.
const DEFINITIONS: &str = "definitions";

impl Made {
    fn definitions(&self) -> Option<&Fact> {
        self.cause.facts.get(DEFINITIONS)
    }

    /// In what another one differs. How values are defined decides no task.
    fn changes(&self, now: &Self) -> Vec<Change> {
        let mut changes = self.cause.changes(&now.cause);
        changes.retain(|change| change.kind != CauseKind::Fact || change.name != DEFINITIONS);
        changes.extend(Change::of_fact("numerics", &self.numerics, &now.numerics));
        changes
    }
}

fn name(profile: Option<&str>) -> String {
    let digest = ContentHasher::new("octavo causes").text(profile.unwrap_or_default()).finish();
    format!("{FOLDER}/{}", &digest.hex()[..32])
}

/// What is remembered under a profile; nothing if it cannot be read.
pub fn known(store: &Store, profile: Option<&str>) -> Known {
    let bytes = disk::read(&store.folder().join(name(profile))).ok().flatten();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Remembers the causes of a build's results, where tasks have other keys than before. It is worth nothing but explanations: what goes wrong is
/// no trouble.
pub fn remember_causes(store: &Store, keeper: &Keeper<'_>) {
    let mut all = known(store, keeper.profile);
    let mut changed = false;
    let plan = &keeper.checked.plan;
    for (index, experiment) in plan.experiments.iter().enumerate() {
        let mut hasher = ContentHasher::new("octavo keys");
        let outcomes = &keeper.ran.outcomes[plan.ranges[index].clone()];
        let keys: Option<Vec<Digest>> = outcomes.iter().map(|outcome| Some(outcome.done()?.key)).collect();
        let Some(keys) = keys else { continue };
        for key in &keys {
            hasher.add(key);
        }
        let keys = hasher.finish();
        let last = all.remove(&experiment.id);
        let computed = match last {
            Some(last) if last.keys == keys => last,
            last => {
                changed = true;
                let now = made(plan, index, &keeper.ran.outcomes, keeper.profile);
                Computed { keys, now, before: last.map(|last| last.now) }
            }
        };
        all.insert(experiment.id.clone(), computed);
    }
    let folder = store.folder();
    if changed
        && disk::create_folders(&folder.join(FOLDER)).is_ok()
        && let Ok(json) = serde_json::to_vec(&all)
    {
        let _ = disk::write_durably_from(&folder.join("tmp"), &folder.join(name(keeper.profile)), &json);
    }
}

fn made(plan: &Plan, index: usize, outcomes: &[Outcome], profile: Option<&str>) -> Made {
    // The level decides claims and no task.
    let profile = profile_of(&plan.experiments[index], profile);
    Made { numerics: NUMERICS_REVISION, cause: cause(plan, index, outcomes, profile, 0.0) }
}

/// What a build would do with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Its result is remembered.
    Remembered,
    /// It would run.
    WouldRun,
    /// It would run or not: the results that it takes are not there yet.
    Waits,
}

/// What a build would do with an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// Its id.
    pub id: ExperimentId,
    /// What becomes of each of its tasks, in the order of the plan.
    pub tasks: Vec<TaskState>,
    /// The experiments that tasks wait for.
    pub waits_for: BTreeSet<ExperimentId>,
    /// In what it differs from what was computed last; `None` if nothing is known of that.
    pub changes: Option<Vec<Change>>,
    /// In what that differed from what was computed before it; `None` if nothing was.
    pub last: Option<Vec<Change>>,
    /// Whether tables, values or claims are defined otherwise than when it was computed.
    pub redefined: bool,
}

impl Prospect {
    /// How many of its tasks are in a state.
    pub fn count(&self, state: TaskState) -> usize {
        self.tasks.iter().filter(|task| **task == state).count()
    }

    /// Whether all results are there.
    pub fn is_remembered(&self) -> bool {
        self.count(TaskState::Remembered) == self.tasks.len()
    }
}

/// How the tasks of a plan stand.
pub struct Standings {
    /// What becomes of each task.
    pub states: Vec<TaskState>,
    /// The keys that are known: those of tasks whose results from others are there.
    pub keys: Vec<Option<TaskKey>>,
    /// What others take, where it is there.
    outcomes: Vec<Outcome>,
}

/// The key of a task whose upstream results are there, and whether its result is.
fn key_and_record(plan: &Plan, store: &Store, task: usize, outcomes: &[Outcome]) -> Option<(TaskKey, bool)> {
    let key = key_of(plan, task, outcomes)?;
    Some((key, store.has_record(&key)))
}

/// How these tasks of a plan stand, with which must be all that they take results from. Only results that other tasks take are looked into.
pub fn standings(plan: &Plan, store: &Store, tasks: &[usize]) -> Standings {
    let (cache, feeds) = (TaskCache::new(store), dependents(plan));
    bring(plan, tasks, &cache);
    let count = plan.tasks.len();
    let mut outcomes = vec![Outcome::Cancelled; count];
    let mut states = vec![TaskState::Waits; count];
    let mut keys = vec![None; count];
    let mut asked = vec![false; count];
    tasks.iter().for_each(|task| asked[*task] = true);
    // Tasks that take no results of others, most of a large plan, are looked up at once.
    let first = |task: usize| {
        let alone = asked[task] && plan.tasks[task].edges.is_empty();
        alone.then(|| key_and_record(plan, store, task, &outcomes)).flatten()
    };
    let first: Vec<_> = (0..count).into_par_iter().map(first).collect();
    for task in in_order(plan).into_iter().filter(|task| asked[*task]) {
        let found = first[task].or_else(|| key_and_record(plan, store, task, &outcomes));
        let Some((key, is_there)) = found else { continue };
        keys[task] = Some(key);
        states[task] = if is_there { TaskState::Remembered } else { TaskState::WouldRun };
        if feeds.contains_key(&task) {
            match cache.lookup(key, &plan.experiment_of(task).outputs) {
                Some(outputs) => outcomes[task] = Outcome::Done(Done { outputs, key, cached: true }),
                None => states[task] = TaskState::WouldRun,
            }
        }
    }
    Standings { states, keys, outcomes }
}

/// What a build would do with every experiment of a plan.
pub fn prospects(plan: &Plan, store: &Store, profile: Option<&str>) -> Vec<Prospect> {
    let all: Vec<usize> = (0..plan.tasks.len()).collect();
    let Standings { states, outcomes, .. } = standings(plan, store, &all);
    let known = known(store, profile);
    let prospect = |index: usize| {
        let id = plan.experiments[index].id.clone();
        let tasks = states[plan.ranges[index].clone()].to_vec();
        let computed = known.get(&id);
        let mut waits_for = BTreeSet::new();
        for task in plan.ranges[index].clone().filter(|task| states[*task] == TaskState::Waits) {
            let missing = plan.tasks[task].edges.iter().map(|edge| edge.task);
            let missing = missing.filter(|task| states[*task] != TaskState::Remembered);
            waits_for.extend(missing.map(|task| plan.experiment_of(task).id.clone()));
        }
        let today = made(plan, index, &outcomes, profile);
        let redefined = computed.is_some_and(|computed| computed.now.definitions() != today.definitions());
        let changes = computed.map(|computed| {
            let mut changes = computed.now.changes(&today);
            // What is not there yet may be what it was.
            let is_waited_for =
                |name: &str| ItemRef::parse(name).experiment.is_some_and(|id| waits_for.contains(id));
            changes.retain(|change| change.kind != CauseKind::Input || !is_waited_for(&change.name));
            changes
        });
        let last = computed.and_then(|one| Some(one.before.as_ref()?.changes(&one.now)));
        Prospect { id, tasks, waits_for, changes, last, redefined }
    };
    (0..plan.experiments.len()).map(prospect).collect()
}
