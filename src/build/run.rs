//! The tasks of a plan, run or remembered.

use std::collections::BTreeMap;

use octavo_plugin::{Failure, FailureKind};

use crate::executor::{self, Cache, Done, Event, Observer, Options, Outcome, Stop, key_of};
use crate::plan::{Plan, TaskKey, dependents, in_order, levels};

/// How tasks are run.
#[derive(Clone, Copy)]
pub struct Pace<'a> {
    /// How many at once.
    pub jobs: usize,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// Set by Ctrl-C.
    pub stop: &'a Stop,
}

/// What became of all tasks.
pub struct Ran {
    /// By task.
    pub outcomes: Vec<Outcome>,
    /// How many ended how.
    pub counts: Counts,
}

impl Ran {
    /// The same as the second run of a build: what the first one computed is not remembered from before.
    #[must_use]
    pub fn after(mut self, first: Counts) -> Self {
        self.counts.ran += first.ran;
        self.counts.remembered = self.counts.remembered.saturating_sub(first.ran);
        self
    }
}

/// How many tasks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Computed now.
    pub ran: usize,
    /// Remembered from before.
    pub remembered: usize,
    /// Without a result.
    pub failed: usize,
    /// Not run, since what they need failed.
    pub blocked: usize,
    /// Not run, since the build was stopped.
    pub cancelled: usize,
}

impl Counts {
    /// The counts of these outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut counts = Self::default();
        outcomes.iter().for_each(|outcome| counts.add(outcome));
        counts
    }

    /// One more.
    pub fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Done(done) if done.cached => &mut self.remembered,
            Outcome::Done(_) => &mut self.ran,
            Outcome::Failed(_) => &mut self.failed,
            Outcome::Blocked(_) => &mut self.blocked,
            Outcome::Cancelled => &mut self.cancelled,
        } += 1;
    }
}

/// Runs these tasks of a plan, or finds their results in the cache.
pub fn run(plan: &Plan, tasks: &[usize], cache: &dyn Cache, pace: Pace<'_>) -> Ran {
    brought(plan, tasks, cache, &|key| cache.is_worth_asking(key));
    let options = Options { jobs: pace.jobs, cache, observer: pace.observer, stop: pace.stop };
    let outcomes = executor::run(plan, tasks, &options);
    let counts = Counts::of(&outcomes);
    Ran { outcomes, counts }
}

/// Brings results of these tasks, with which must be all that they take results from, from where the cache has them elsewhere.
pub fn bring(plan: &Plan, tasks: &[usize], cache: &dyn Cache) {
    brought(plan, tasks, cache, &|_| true);
}

/// Brings those whose keys are to be asked for: a level of the graph after the other, as the keys of tasks that take results are known from these.
fn brought(plan: &Plan, tasks: &[usize], cache: &dyn Cache, is_asked: &dyn Fn(TaskKey) -> bool) {
    if !cache.is_far() {
        return;
    }
    let (levels, feeds) = (levels(plan), dependents(plan));
    let mut by_level: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for task in tasks {
        by_level.entry(levels[*task]).or_default().push(*task);
    }
    let mut outcomes = vec![Outcome::Cancelled; plan.tasks.len()];
    for tasks in by_level.into_values() {
        let keyed = tasks.into_iter().filter_map(|task| Some((task, key_of(plan, task, &outcomes)?)));
        let keyed: Vec<(usize, TaskKey)> = keyed.collect();
        let declared = |task: usize| &plan.experiment_of(task).outputs;
        let asked = keyed.iter().filter(|(_, key)| is_asked(*key));
        cache.bring(&asked.map(|(task, key)| (*key, declared(*task))).collect::<Vec<_>>());
        for (task, key) in keyed.into_iter().filter(|(task, _)| feeds.contains_key(task)) {
            if let Some(outputs) = cache.lookup(key, declared(task)) {
                outcomes[task] = Outcome::Done(Done { outputs, key, cached: true });
            }
        }
    }
}

/// What is remembered of all tasks of a plan, without running any. A task that is not remembered has the outcome that `missing` gives by its
/// key; one that takes results of a task that is cancelled has no key yet.
pub fn remembered(
    plan: &Plan,
    cache: &dyn Cache,
    mut missing: impl FnMut(Option<TaskKey>) -> Outcome,
) -> Ran {
    let mut outcomes = vec![Outcome::Cancelled; plan.tasks.len()];
    let all: Vec<usize> = (0..plan.tasks.len()).collect();
    bring(plan, &all, cache);
    for task in in_order(plan) {
        let key = key_of(plan, task, &outcomes);
        let found = key.and_then(|key| Some((key, cache.lookup(key, &plan.experiment_of(task).outputs)?)));
        outcomes[task] = match found {
            Some((key, outputs)) => Outcome::Done(Done { outputs, key, cached: true }),
            None => match blocked(plan, task, &outcomes) {
                Some(by) => Outcome::Blocked(by),
                None => missing(key),
            },
        };
    }
    let counts = Counts::of(&outcomes);
    Ran { outcomes, counts }
}

/// What is remembered of all tasks of a plan, without running any, for a build that may run none: what is not remembered has failed.
pub fn stored(plan: &Plan, cache: &dyn Cache, observer: &dyn Observer) -> Ran {
    let ran = remembered(plan, cache, |_| {
        let failure =
            Failure::new(FailureKind::Resource, "the result is not in the store, and no task may run");
        Outcome::Failed(
            failure.help("build without `--from-store`, or add the result by `octavo store import FILE.tar`"),
        )
    });
    for (task, outcome) in ran.outcomes.iter().enumerate() {
        observer.event(&Event::Finished(task, outcome, None));
    }
    ran
}

/// A task that has failed for good, or waits for one that has, and whose results this one takes.
fn blocked(plan: &Plan, task: usize, outcomes: &[Outcome]) -> Option<usize> {
    let has_failed = |task: &usize| match &outcomes[*task] {
        Outcome::Failed(failure) => failure.kind != FailureKind::Cancelled,
        outcome => matches!(outcome, Outcome::Blocked(_)),
    };
    plan.tasks[task].edges.iter().map(|edge| edge.task).find(has_failed)
}
