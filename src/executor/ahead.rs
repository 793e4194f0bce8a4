//! Results of the tasks that come next, where it takes a while to ask for them: somebody else may have computed them since all were asked for. They
//! are asked for many together while others are computed, so that no task waits for an answer of its own when it begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Executor, Outcome, cause_of, filled};
use crate::plan::TaskKey;

/// So many tasks are looked at before they begin.
const AHEAD: usize = 64;
/// The time between two looks if nothing was to be asked.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks for results of tasks that are ready to run, until all are finished.
pub(super) fn look(executor: &Executor<'_>, finished: &AtomicBool) {
    let (plan, cache) = (executor.plan, executor.options.cache);
    while !finished.load(Ordering::SeqCst) {
        let next: Vec<usize> = executor.lock().ready.iter().take(AHEAD).copied().collect();
        let keyed = next.into_iter().filter_map(|task| Some((task, key(executor, task)?)));
        let old: Vec<(usize, TaskKey)> = keyed.filter(|(_, key)| cache.is_worth_asking(*key)).collect();
        if old.is_empty() || executor.options.stop.stopped() {
            thread::sleep(PAUSE);
            continue;
        }
        let wanted: Vec<_> =
            old.iter().map(|(task, key)| (*key, &plan.experiment_of(*task).outputs)).collect();
        cache.bring(&wanted);
    }
}

fn key(executor: &Executor<'_>, task: usize) -> Option<TaskKey> {
    let done = |task: usize| executor.lock().outcomes[task].as_ref().and_then(Outcome::done).cloned();
    let (params, _) = filled(executor.plan, task, &done).ok()?;
    Some(cause_of(executor.plan, task, params).key())
}
