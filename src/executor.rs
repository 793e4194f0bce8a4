//! Runs a plan: tasks on plain threads from a queue, in dependency order, each contained.
//!
//! Analyses use the one shared rayon pool for parallelism of their own; no lock is held across a call into an analysis.

mod ahead;
mod cache;
mod panics;
mod reporter;
mod retry;
mod trusted;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::input::InputContent;
use octavo_plugin::{Artifacts, CancelToken, Failure, FailureKind, Input, Inputs, RunContext, StopReason};
use serde_json::Value as Json;

use crate::experiment::TaskLimits;
use crate::plan::{Cause, Plan, TaskKey, dependents, set_input};
use crate::results::Outputs;
use crate::timings::{TimedKind, timed};
pub use cache::{Cache, NoCache, Ran, Recorded};
use panics::{QuietPanics, contained, panic_text};
use reporter::Reporter;
use retry::may_mend;

/// What became of a task.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has a result.
    Done(Done),
    /// It has none.
    Failed(Failure),
    /// A task that it takes a result from has none.
    Blocked(usize),
    /// The build was stopped first.
    Cancelled,
}

/// A result.
#[derive(Clone, Debug)]
pub struct Done {
    /// The artifacts, which may be in the store until somebody needs them.
    pub outputs: Arc<dyn Outputs>,
    /// The task's key.
    pub key: TaskKey,
    /// Whether it was remembered.
    pub cached: bool,
}

impl Outcome {
    /// The result, if there is one.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }
}

/// What happens while a plan runs.
#[derive(Debug)]
pub enum Event<'a> {
    /// A task starts.
    Started(usize),
    /// A task has finished so many of so many steps.
    Progress(usize, u64, u64),
    /// A task says something to whoever waits for it.
    Noted(usize, &'a str),
    /// A task says something that whoever builds should look at.
    Warned(usize, &'a str),
    /// A task failed, and is tried again for the time of this number.
    Retried(usize, u32, &'a Failure),
    /// A task is over, and was computed for so long, if it was.
    Finished(usize, &'a Outcome, Option<Duration>),
    /// A result could not be remembered.
    NotRemembered(usize, &'a str),
}

/// Who is told.
pub trait Observer: Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

/// Set by Ctrl-C.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks the build to stop. What is finished is kept.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked to.
    pub fn stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// How a plan is run.
pub struct Options<'a> {
    /// Number of tasks at once; there are never more threads than tasks.
    pub jobs: usize,
    /// Results remembered from before.
    pub cache: &'a dyn Cache,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// Set by Ctrl-C.
    pub stop: &'a Stop,
}

/// Runs these tasks of the plan, which must include all that they depend on. Tasks left out are `Cancelled`.
pub fn run(plan: &Plan, tasks: &[usize], options: &Options<'_>) -> Vec<Outcome> {
    let waiting = dependents(plan);
    let trusted = trusted::all(plan, tasks, &waiting, options);
    let left: Vec<usize> = tasks.iter().copied().filter(|task| trusted[*task].is_none()).collect();
    let state = Mutex::new(State::new(plan, &left, trusted));
    let executor = Executor { plan, options, waiting, state, changed: Condvar::new() };
    let tasks = &left;
    let finished = AtomicBool::new(false);
    let quiet = QuietPanics::begin();
    let panic = thread::scope(|scope| {
        let watch = scope.spawn(|| executor.watch(&finished));
        if options.cache.is_far() {
            scope.spawn(|| ahead::look(&executor, &finished));
        }
        let start = |_| thread::Builder::new().spawn_scoped(scope, || executor.work());
        // A system that gives no more threads leaves the work to those that it gave, or else to this one.
        let others: Vec<_> = (1..workers(options.jobs, tasks.len())).map_while(|n| start(n).ok()).collect();
        let own = catch_unwind(AssertUnwindSafe(|| executor.work()));
        let ends: Vec<_> = others.into_iter().map(thread::ScopedJoinHandle::join).chain([own]).collect();
        finished.store(true, Ordering::SeqCst);
        watch.thread().unpark();
        ends.into_iter().find_map(Result::err)
    });
    drop(quiet);
    if let Some(panic) = panic {
        panic!("a worker panicked outside its tasks: {}", panic_text(panic.as_ref()));
    }
    let state = executor.state.into_inner().expect("no worker panicked");
    state.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Cancelled)).collect()
}

/// How many threads run so many tasks: never more than there are tasks.
fn workers(jobs: usize, tasks: usize) -> usize {
    /// More than this many processes of plugins at once help nobody.
    const MOST: usize = 1024;
    jobs.min(tasks).clamp(1, MOST)
}

/// The key of a task, if the results that it takes are there.
pub fn key_of(plan: &Plan, index: usize, outcomes: &[Outcome]) -> Option<TaskKey> {
    let (params, _) = filled(plan, index, &|task| outcomes[task].done().cloned()).ok()?;
    Some(cause_of(plan, index, params).key())
}

fn cause_of(plan: &Plan, index: usize, params: Json) -> Cause {
    plan.tasks[index].cause(plan.experiment_of(index), params)
}

/// A result that a task takes from another one.
struct Upstream {
    input: Input,
    /// What messages call it.
    name: String,
    artifact: String,
    outputs: Arc<dyn Outputs>,
}

impl Upstream {
    fn load(&self) -> Result<InputContent, Failure> {
        let lost = |why: String| Failure::resource(why).help("build again: what is lost is made again");
        let artifact = self.outputs.load(&self.artifact).map_err(lost)?;
        let content = artifact.map(|artifact| InputContent::Artifact(Arc::unwrap_or_clone(artifact)));
        content.ok_or_else(|| lost(format!("`{}` is not there", self.name)))
    }
}

/// The parameters of a task with the upstream results in place, and these, without its files; or an upstream task that has none.
fn filled(
    plan: &Plan,
    index: usize,
    done: &dyn Fn(usize) -> Option<Done>,
) -> Result<(Json, Vec<Upstream>), usize> {
    let task = &plan.tasks[index];
    let (mut params, mut inputs) = (task.params.json(), Vec::new());
    for edge in &task.edges {
        let Done { outputs, .. } = done(edge.task).ok_or(edge.task)?;
        let (artifact, digest) = edge.found(outputs.as_ref()).ok_or(edge.task)?;
        let input = Input::at(digest, "artifact");
        set_input(&mut params, &edge.path, &input);
        inputs.push(Upstream { input, name: edge.name.clone(), artifact, outputs });
    }
    Ok((params, inputs))
}

struct State {
    ready: VecDeque<usize>,
    /// Unfinished upstream tasks of each wanted task.
    missing: BTreeMap<usize, usize>,
    outcomes: Vec<Option<Outcome>>,
    left: usize,
    /// Tasks that wait for another one with the same key, which is running.
    same_key: BTreeMap<TaskKey, Vec<usize>>,
    running: BTreeMap<usize, (Instant, Arc<CancelToken>)>,
}

impl State {
    /// These tasks are to be run, after what is known of others.
    fn new(plan: &Plan, tasks: &[usize], outcomes: Vec<Option<Outcome>>) -> Self {
        let missing: BTreeMap<usize, usize> = tasks
            .iter()
            .map(|task| {
                (*task, plan.tasks[*task].edges.iter().map(|edge| edge.task).collect::<BTreeSet<_>>().len())
            })
            .collect();
        Self {
            ready: tasks.iter().copied().filter(|task| missing[task] == 0).collect(),
            outcomes,
            left: tasks.len(),
            missing,
            same_key: BTreeMap::new(),
            running: BTreeMap::new(),
        }
    }
}

struct Executor<'a> {
    plan: &'a Plan,
    options: &'a Options<'a>,
    waiting: BTreeMap<usize, BTreeSet<usize>>,
    state: Mutex<State>,
    changed: Condvar,
}

/// Other workers wait for the result that a worker is computing: one that panics outside its tasks wakes them, and they end.
struct Leaving<'a>(&'a Executor<'a>);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.options.stop.stop();
            self.0.changed.notify_all();
        }
    }
}

/// A task with its inputs in place, and so with its key.
struct Keyed {
    task: usize,
    key: TaskKey,
    cause: Cause,
    upstream: Vec<Upstream>,
    cancel: Arc<CancelToken>,
}

impl Executor<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no lock is held across a call that may panic")
    }

    fn work(&self) {
        let _leaving = Leaving(self);
        while let Some(task) = self.next() {
            if let Some(keyed) = self.keyed(task) {
                let (outcome, took) = self.outcome(&keyed);
                self.finish_with_key(&keyed, outcome, took);
            }
        }
    }

    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if self.options.stop.stopped() || state.left == 0 {
                self.changed.notify_all();
                return None;
            }
            if let Some(task) = state.ready.pop_front() {
                return Some(task);
            }
            state = self.changed.wait_timeout(state, Duration::from_millis(100)).expect("as in lock").0;
        }
    }

    /// Puts the upstream results into the parameters. `None` if a task with the same key is running already.
    fn keyed(&self, index: usize) -> Option<Keyed> {
        let done = |task: usize| self.lock().outcomes[task].as_ref().and_then(Outcome::done).cloned();
        let (params, upstream) = match filled(self.plan, index, &done) {
            Ok(filled) => filled,
            Err(missing) => {
                self.finish(index, Outcome::Blocked(missing), None);
                return None;
            }
        };
        let cause = cause_of(self.plan, index, params);
        let key = cause.key();
        let cancel = Arc::new(CancelToken::new());
        let mut state = self.lock();
        if let Some(others) = state.same_key.get_mut(&key) {
            others.push(index);
            return None;
        }
        state.same_key.insert(key, Vec::new());
        state.running.insert(index, (Instant::now(), Arc::clone(&cancel)));
        Some(Keyed { task: index, key, cause, upstream, cancel })
    }

    /// What becomes of a task, and how long it was computed if it was.
    fn outcome(&self, keyed: &Keyed) -> (Outcome, Option<Duration>) {
        let declared = &self.plan.experiment_of(keyed.task).outputs;
        let (cache, observer, key) = (self.options.cache, self.options.observer, keyed.key);
        if let Some(outputs) = cache.lookup(key, declared) {
            return (Outcome::Done(Done { outputs, key, cached: true }), None);
        }
        observer.event(&Event::Started(keyed.task));
        let started = Instant::now();
        let name = || self.plan.describe(keyed.task);
        let computed = timed(TimedKind::Task, name, || self.compute(keyed));
        let duration = started.elapsed();
        let outcome = match computed {
            Ok(artifacts) => {
                let cause = &keyed.cause;
                let ran = Ran { key, cause, declared, artifacts, duration };
                let Recorded { outputs, problem } = cache.record(ran);
                if let Some(problem) = problem {
                    observer.event(&Event::NotRemembered(keyed.task, &problem));
                }
                Outcome::Done(Done { outputs, key, cached: false })
            }
            Err(failure) if failure.kind == FailureKind::Cancelled => Outcome::Cancelled,
            Err(failure) => Outcome::Failed(failure),
        };
        (outcome, Some(duration))
    }

    fn limits(&self, task: usize) -> &TaskLimits {
        &self.plan.experiment_of(task).limits
    }

    /// Computes a task, and again after failures that another try may mend, as often as its experiment says.
    fn compute(&self, keyed: &Keyed) -> Result<Artifacts, Failure> {
        let inputs = self.inputs(keyed)?;
        let (retries, observer) = (self.limits(keyed.task).retries, self.options.observer);
        let program = self.plan.experiment_of(keyed.task).analysis.identity().program().is_some();
        let mut cancel = Arc::clone(&keyed.cancel);
        for retry in 1..=retries {
            match self.attempt(keyed, &inputs, &cancel) {
                Err(failure) if may_mend(&failure, cancel.reason(), program) => {
                    observer.event(&Event::Retried(keyed.task, retry, &failure));
                }
                ended => return ended,
            }
            cancel = Arc::new(CancelToken::new());
            self.lock().running.insert(keyed.task, (Instant::now(), Arc::clone(&cancel)));
        }
        self.attempt(keyed, &inputs, &cancel)
    }

    fn inputs(&self, keyed: &Keyed) -> Result<Inputs, Failure> {
        let mut inputs = Inputs::new();
        for taken in &keyed.upstream {
            inputs.provide(&taken.input, &taken.name, taken.load()?);
        }
        for file in &self.plan.tasks[keyed.task].files {
            let content = file.load(self.limits(keyed.task).input, &|| keyed.cancel.go_on())?;
            inputs.provide(&file.input(), file.name(), content);
        }
        Ok(inputs)
    }

    fn attempt(&self, keyed: &Keyed, inputs: &Inputs, cancel: &CancelToken) -> Result<Artifacts, Failure> {
        let progress = Reporter { observer: self.options.observer, task: keyed.task };
        let experiment = self.plan.experiment_of(keyed.task);
        let context = RunContext::new(self.plan.tasks[keyed.task].seed, inputs, cancel, &progress)
            .with_input_limits(experiment.limits.input)
            .asking(&experiment.wanted)
            .declaring(&experiment.outputs);
        contained(|| experiment.analysis.run(&keyed.cause.params, &context))
    }

    fn finish_with_key(&self, keyed: &Keyed, outcome: Outcome, took: Option<Duration>) {
        let others = {
            let mut state = self.lock();
            state.running.remove(&keyed.task);
            state.same_key.remove(&keyed.key).unwrap_or_default()
        };
        for other in others {
            let shared = match &outcome {
                Outcome::Done(done) => Outcome::Done(Done { cached: true, ..done.clone() }),
                other => other.clone(),
            };
            self.finish(other, shared, None);
        }
        self.finish(keyed.task, outcome, took);
    }

    fn finish(&self, task: usize, outcome: Outcome, took: Option<Duration>) {
        self.options.observer.event(&Event::Finished(task, &outcome, took));
        let mut state = self.lock();
        state.outcomes[task] = Some(outcome);
        state.left -= 1;
        for waiting in self.waiting.get(&task).into_iter().flatten() {
            if let Some(missing) = state.missing.get_mut(waiting) {
                *missing = missing.saturating_sub(1);
                if *missing == 0 {
                    state.ready.push_back(*waiting);
                }
            }
        }
        self.changed.notify_all();
    }

    /// Asks tasks to stop: all of them after Ctrl-C, one when its time is over.
    fn watch(&self, finished: &AtomicBool) {
        while !finished.load(Ordering::SeqCst) {
            thread::park_timeout(Duration::from_millis(5));
            let state = self.lock();
            for (task, (started, cancel)) in &state.running {
                if self.options.stop.stopped() {
                    cancel.stop(StopReason::Cancelled);
                } else if started.elapsed() > self.limits(*task).time {
                    cancel.stop(StopReason::TimedOut);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
