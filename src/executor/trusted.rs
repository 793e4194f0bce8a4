//! Results that are known to be there. They are many, and nothing waits for them, so that they take no turn among the tasks that are run.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Done, Event, Options, Outcome, cause_of};
use crate::plan::{Cause, Plan, Task};

/// So many tasks are looked for by one thread, one after the other.
const SOME: usize = 256;

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
    let of_some = |some: &[usize]| {
        // Of the tasks of an experiment, causes differ in little.
        let mut last: Option<(&Task, Cause)> = None;
        let trusted = |task: &usize| {
            let planned = &plan.tasks[*task];
            if !planned.edges.is_empty() || waiting.contains_key(task) || options.stop.stopped() {
                return None;
            }
            let cause = match last.take() {
                Some((before, mut cause)) if before.experiment == planned.experiment => {
                    planned.params.replace(&before.params, &mut cause.params);
                    Cause { seed: planned.seed_of_cause(), ..cause }
                }
                _ => cause_of(plan, *task, planned.params.json()),
            };
            let key = last.insert((planned, cause)).1.key();
            let outputs = options.cache.trusted(key)?;
            Some((*task, Done { outputs, key, cached: true }))
        };
        some.iter().filter_map(trusted).collect::<Vec<_>>()
    };
    let found: Vec<(usize, Done)> = tasks.par_chunks(SOME).flat_map_iter(of_some).collect();
    let keys: Vec<_> = found.iter().map(|(_, done)| done.key).collect();
    options.cache.use_trusted(&keys);
    for (task, done) in found {
        let outcome = Outcome::Done(done);
        options.observer.event(&Event::Finished(task, &outcome, None));
        outcomes[task] = Some(outcome);
    }
    outcomes
}
