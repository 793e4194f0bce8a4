//! Tasks that are not remembered, run beside everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use octavo_plugin::{Failure, FailureKind};
use serde_json::json;

use super::builder::{Good, News};
use super::live::Live;
use crate::build::{self, Pace, Ran};
use crate::cache::TaskCache;
use crate::executor::{Cache as _, Event, Observer, Outcome, Stop, key_of};
use crate::plan::{Plan, TaskKey};
use crate::store::Store;

/// What pages say instead of a result that is not there yet.
pub(super) const PENDING: &str = "it is being computed";
/// Nobody reads faster.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Tasks that are run now.
struct Job {
    stop: Arc<Stop>,
    /// The keys of those of its tasks that could start at once.
    keys: BTreeSet<TaskKey>,
    /// Digest of the definitions that it runs.
    definitions: octavo_plugin::Digest,
    thread: JoinHandle<()>,
}

/// What was found out by running tasks.
#[derive(Debug, Default)]
pub(super) struct Computed {
    /// Tasks without a result, which are not run again.
    pub(super) failed: Vec<(TaskKey, Failure)>,
}

/// Runs what is missing, one set of tasks after the other.
pub(super) struct Computing {
    pub(super) jobs: usize,
    store: Store,
    live: Arc<Live>,
    news: Sender<News>,
    job: Option<Job>,
    failed: BTreeMap<TaskKey, Failure>,
}

impl Computing {
    pub(super) fn new(jobs: usize, store: &Store, live: &Arc<Live>, news: Sender<News>) -> Self {
        let (store, live) = (store.clone(), Arc::clone(live));
        Self { jobs, store, live, news, job: None, failed: BTreeMap::new() }
    }

    /// What is remembered of the tasks of a project. What is missing is computed from now on.
    pub(super) fn remembered(&mut self, good: &Arc<Good>) -> Ran {
        let plan = &good.checked.plan;
        let mut missing = BTreeSet::new();
        let ran = build::remembered(plan, &TaskCache::new(&self.store), |key| {
            if let Some(failure) = key.and_then(|key| self.failed.get(&key)) {
                return Outcome::Failed(failure.clone());
            }
            missing.extend(key);
            Outcome::Failed(Failure::new(FailureKind::Cancelled, PENDING))
        });
        self.compute(good, missing, &ran);
        ran
    }

    /// Lets what is missing be computed, and stops what nobody needs any more.
    fn compute(&mut self, good: &Arc<Good>, missing: BTreeSet<TaskKey>, ran: &Ran) {
        let definitions = good.definitions();
        if let Some(job) = &self.job {
            if missing.is_empty() || !(job.definitions == definitions || missing.is_subset(&job.keys)) {
                // What takes its place starts when it has ended.
                job.stop.stop();
            }
            return;
        }
        if missing.is_empty() {
            self.live.tell_progress("null");
            return;
        }
        let total = ran.counts.failed - ran.outcomes.iter().filter(|one| is_final(one)).count();
        let (good, store, news) = (Arc::clone(good), self.store.clone(), self.news.clone());
        let (stop, jobs, live) = (Arc::new(Stop::default()), self.jobs, Arc::clone(&self.live));
        let stopped = Arc::clone(&stop);
        let work = move || {
            let progress = Progress::new(&good.checked.plan, total, &live, &news);
            let computed = run(&good, &store, &Pace { jobs, observer: &progress, stop: &stopped });
            let _ = news.send(News::Computed(computed));
        };
        match thread::Builder::new().name("compute".to_owned()).spawn(work) {
            Ok(thread) => self.job = Some(Job { stop, keys: missing, definitions, thread }),
            Err(error) => {
                let why = Failure::new(FailureKind::Resource, format!("no thread can be started: {error}"));
                self.failed.extend(missing.into_iter().map(|key| (key, why.clone())));
            }
        }
    }

    /// Takes over what a set of tasks found out.
    pub(super) fn finish(&mut self, computed: Computed) {
        let stopped = self.job.take().is_some_and(|job| {
            let _ = job.thread.join();
            job.stop.stopped()
        });
        if !stopped {
            self.failed.extend(computed.failed);
        }
    }

    /// Everything may have another end now.
    pub(super) fn forget_failures(&mut self) {
        self.failed.clear();
    }

    /// Stops what runs, and waits until it has ended. What is finished is kept.
    pub(super) fn end(&mut self) {
        if let Some(job) = self.job.take() {
            job.stop.stop();
            let _ = job.thread.join();
        }
    }
}

fn is_final(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(failure) if failure.kind != FailureKind::Cancelled)
}

/// Runs all tasks that are not remembered.
fn run(good: &Good, store: &Store, pace: &Pace<'_>) -> Computed {
    let (plan, cache) = (&good.checked.plan, TaskCache::new(store));
    let tasks: Vec<usize> = (0..plan.tasks.len()).collect();
    let ran = build::run(plan, &tasks, &cache, *pace);
    let failure = |task: usize| match &ran.outcomes[task] {
        outcome @ Outcome::Failed(failure) if is_final(outcome) => {
            Some((key_of(plan, task, &ran.outcomes)?, failure.clone()))
        }
        // A result that is not remembered cannot be shown, and is not computed again and again.
        Outcome::Done(done)
            if !done.cached && cache.lookup(done.key, &plan.experiment_of(task).outputs).is_none() =>
        {
            Some((done.key, Failure::new(FailureKind::Resource, "its result could not be remembered")))
        }
        _ => None,
    };
    Computed { failed: tasks.into_iter().filter_map(failure).collect() }
}

/// Tells browsers how far it is.
struct Progress<'a> {
    plan: &'a Plan,
    total: usize,
    live: &'a Live,
    news: Mutex<Sender<News>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    task: Option<usize>,
    part: f64,
    told: Option<Instant>,
}

impl<'a> Progress<'a> {
    fn new(plan: &'a Plan, total: usize, live: &'a Live, news: &Sender<News>) -> Self {
        Self { plan, total, live, news: Mutex::new(news.clone()), state: Mutex::default() }
    }

    fn tell(&self, state: &mut State, at_once: bool) {
        if !at_once && state.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        state.told = Some(Instant::now());
        let task = state.task.map(|task| self.plan.describe(task));
        let (done, total) = (state.done, self.total.max(state.done + 1));
        self.live.tell_progress(
            &json!({ "done": done, "total": total, "task": task, "part": state.part }).to_string(),
        );
    }

    fn say(&self, task: usize, what: &str) {
        let line = format!("warning: {}: {what}", self.plan.describe(task));
        let _ = self.news.lock().unwrap_or_else(PoisonError::into_inner).send(News::Line(line));
    }
}

impl Observer for Progress<'_> {
    fn event(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(task) => {
                (state.task, state.part) = (Some(*task), 0.0);
                self.tell(&mut state, true);
            }
            Event::Progress(task, done, total) if *total > 0 => {
                (state.task, state.part) = (Some(*task), *done as f64 / *total as f64);
                self.tell(&mut state, false);
            }
            Event::Finished(_, Outcome::Done(done), _) if done.cached => {}
            Event::Finished(..) => {
                (state.done, state.part) = (state.done + 1, 0.0);
                self.tell(&mut state, false);
            }
            Event::Noted(task, what) | Event::Warned(task, what) => self.say(*task, what),
            Event::NotRemembered(task, why) => {
                self.say(*task, &format!("the result is not remembered: {why}"));
            }
            Event::Retried(task, retry, failure) => {
                let (name, of) = (self.plan.describe(*task), self.plan.experiment_of(*task).limits.retries);
                let line = format!("{name}: retry {retry} of {of}: {}", failure.message);
                let _ = self.news.lock().unwrap_or_else(PoisonError::into_inner).send(News::Line(line));
            }
            Event::Progress(..) => {}
        }
    }
}
