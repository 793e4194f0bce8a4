//! Results that are known to be there. They are many, and nothing waits for them, so that they take no turn among the tasks that are run.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Done, Event, Options, Outcome, cause_of};
use crate::plan::Plan;

/// The outcome of each task of the plan that has a trusted result, takes none, and of which no other takes any: what others take must be
/// there in time.
pub(super) fn all(
    plan: &Plan,
    tasks: &[usize],
    waiting: &BTreeMap<usize, BTreeSet<usize>>,
    options: &Options<'_>,
) -> Vec<Option<Outcome>> {
    let mut outcomes = vec![None; plan.tasks.len()];
    if !options.cache.trusts() {
        return outcomes;
    }
    let trusted = |task: &usize| {
        let planned = &plan.tasks[*task];
        if !planned.edges.is_empty() || waiting.contains_key(task) || options.stop.stopped() {
            return None;
        }
        let key = cause_of(plan, *task, planned.params.json()).key();
        let outputs = options.cache.trusted(key)?;
        Some((*task, Done { outputs, key, cached: true }))
    };
    let found: Vec<(usize, Done)> = tasks.par_iter().filter_map(trusted).collect();
    let keys: Vec<_> = found.iter().map(|(_, done)| done.key).collect();
    options.cache.use_trusted(&keys);
    for (task, done) in found {
        let outcome = Outcome::Done(done);
        options.observer.event(&Event::Finished(task, &outcome, None));
        outcomes[task] = Some(outcome);
    }
    outcomes
}
