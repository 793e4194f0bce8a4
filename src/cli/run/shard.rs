//! `octavo run --shard` and `--tasks`: tasks of a whole project, or a part of them, where several processes share the work.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use octavo_plugin::{Digest, counted};

use super::super::progress::{Watcher, tasks_in_words};
use super::super::session::{ExitCode, Session};
use crate::build::shard::{Listing, Shard, dealt};
use crate::build::{self, Counts, Pace, TaskState};
use crate::cache::{Durations, TaskCache};
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::executor::{Event, Observer, Outcome};
use crate::plan::{Plan, in_order, levels, origins, with_upstream};
use crate::store::Store;

/// Which tasks of a whole project are computed.
#[derive(Args, Debug)]
pub(super) struct Part {
    /// Compute this part of the tasks of the whole project, or of FILE: `2/4` is the second of four. Each of four processes computes
    /// another one, and what the store has when a task begins is not computed again
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Compute the tasks that a file lists, as `octavo tasks --format jsonl` wrote it; with `--shard` they are packed by its estimates, the
    /// longest first
    #[arg(long, value_name = "FILE")]
    tasks: Option<PathBuf>,
    /// How long a shard waits for results of others before it computes them itself
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    wait: u64,
}

impl Part {
    /// Whether a part of the project is asked for, and no experiment.
    pub(super) fn is_asked(&self) -> bool {
        self.shard.is_some() || self.tasks.is_some()
    }

    pub(super) fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let loaded = session.loaded()?;
        let (plan, problems) = build::planned(&loaded, &session.choice());
        // A plugin that is missing in one process only would change the division there alone: nothing is left out.
        session.report(problems)?;
        session.catch_interrupts();
        let store = session.store(&loaded.project)?;
        session.remember_plugins(&loaded.registry);
        let own = self.own(session, &plan, &store)?;
        let mut work = Work::new(session, &plan, &store, Duration::from_secs(self.wait));
        work.run(&own);
        let stopped = session.tell_stopped_plugins(&loaded.registry);
        let written = store.finish().map_err(|error| session.output.problem(error.diagnostic()));
        session.tell_damage(&store);
        let name = self.shard.map_or_else(|| "the tasks".to_owned(), |shard| format!("shard {shard}"));
        session.output.line(&format!("{name}: {}", tasks_in_words(work.counts)));
        let counts = work.counts;
        let good = counts.failed + counts.blocked + counts.cancelled + work.lost + stopped == 0;
        Ok(if good && written.is_ok() { ExitCode::Good } else { ExitCode::Failed })
    }

    /// The tasks to be computed, each work once, the longest first.
    fn own(&self, session: &Session, plan: &Plan, store: &Store) -> Result<Vec<usize>, ExitCode> {
        let origins = origins(plan);
        let places: BTreeMap<Digest, usize> =
            origins.iter().enumerate().rev().map(|(task, origin)| (*origin, task)).collect();
        let shard = self.shard.unwrap_or(Shard::WHOLE);
        let (own, estimates) = match &self.tasks {
            Some(path) => {
                let listing =
                    listing(&session.folder.join(path)).map_err(|problem| session.refuse(problem))?;
                refuse_unknown(&listing, &places).map_err(|problem| session.refuse(problem))?;
                let known = listing.0.iter().filter_map(|one| Some((one.origin, one.seconds?)));
                (listing.part(shard), known.collect::<BTreeMap<Digest, f64>>())
            }
            None => {
                let own = dealt(plan, shard);
                let durations = Durations::in_store(store).unwrap_or_default();
                let estimate = |origin: &Digest| {
                    let task = places[origin];
                    let name = plan.experiment_of(task).analysis.identity().name;
                    Some((*origin, durations.estimate(&name, &plan.tasks[task].params.json())?))
                };
                let known = own.iter().filter_map(estimate).collect();
                (own, known)
            }
        };
        let mut own: Vec<usize> = own.iter().map(|origin| places[origin]).collect();
        own.sort_unstable();
        // What nothing is known of comes first: it may be the longest.
        let seconds = |task: &usize| estimates.get(&origins[*task]).copied().unwrap_or(f64::INFINITY);
        own.sort_by(|one, other| seconds(other).total_cmp(&seconds(one)));
        Ok(own)
    }
}

/// The tasks in a file.
fn listing(path: &Path) -> Result<Listing, Diagnostic> {
    let wrong = |why: String| {
        let message = format!("`{}` lists no tasks: {why}", path.display());
        Diagnostic::error("bad-tasks", message)
            .help("`octavo tasks --missing --format jsonl > FILE` writes such a file")
    };
    let bytes = disk::read(path).map_err(|error| wrong(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| wrong("there is no such file".to_owned()))?;
    String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?.parse().map_err(wrong)
}

/// A file that was written for other definitions lists tasks that no other process computes either.
fn refuse_unknown(listing: &Listing, known: &BTreeMap<Digest, usize>) -> Result<(), Diagnostic> {
    let unknown: Vec<_> = listing.0.iter().filter(|one| !known.contains_key(&one.origin)).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let count = counted(unknown.len(), "task");
    let message = format!("the file lists {count} that the definitions do not have, `{}` first", first.task);
    Err(Diagnostic::error("other-tasks", message).help(
        "a definition, an input, a plugin or the profile is another than when it was written; write it anew",
    ))
}

/// The tasks of a part while they are computed.
struct Work<'a> {
    session: &'a Session,
    plan: &'a Plan,
    store: &'a Store,
    /// The origin of each task of the plan.
    origins: Vec<Digest>,
    wait: Duration,
    counts: Counts,
    /// Tasks without a result.
    without: BTreeSet<usize>,
    /// How many results could not be remembered, and so are lost.
    lost: usize,
}

impl<'a> Work<'a> {
    fn new(session: &'a Session, plan: &'a Plan, store: &'a Store, wait: Duration) -> Self {
        let without = BTreeSet::new();
        let origins = origins(plan);
        Self { session, plan, store, origins, wait, counts: Counts::default(), without, lost: 0 }
    }

    /// Goes on with whatever can be computed: a slow task holds up those alone that take its result.
    fn run(&mut self, own: &[usize]) {
        let mut left = own.to_vec();
        while !left.is_empty() {
            let (blocked, rest): (Vec<usize>, Vec<usize>) =
                left.iter().partition(|task| self.blocked(**task).is_some());
            for task in blocked {
                self.tell_blocked(task);
            }
            let now = self.next(&rest);
            self.compute(&now);
            let done: BTreeSet<usize> = now.into_iter().collect();
            left = rest.into_iter().filter(|task| !done.contains(task)).collect();
        }
    }

    /// Those of these tasks that take results of others of them alone, or such as are there. If there are none, they are waited for, not longer than
    /// was said; then those are next that stand behind fewest others, with what they take.
    fn next(&self, left: &[usize]) -> Vec<usize> {
        let (began, mut pause, mut told) = (Instant::now(), Duration::from_millis(50), false);
        loop {
            let (ready, missing) = self.ready(left);
            if !ready.is_empty() || left.is_empty() {
                return ready;
            }
            if self.session.stop.stopped() || began.elapsed() >= self.wait {
                let levels = levels(self.plan);
                let least = left.iter().map(|task| levels[*task]).min();
                return left.iter().copied().filter(|task| Some(levels[*task]) == least).collect();
            }
            if !std::mem::replace(&mut told, true) {
                let results = counted(missing, "result");
                let text =
                    format!("waiting for {results} of other shards, at most {} s", self.wait.as_secs());
                self.session.output.line(&text);
            }
            sleep(pause.min(self.wait));
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Those of these tasks that need no result of another shard that is not there, and how many such results others need.
    fn ready(&self, left: &[usize]) -> (Vec<usize>, usize) {
        let all = with_upstream(self.plan, left);
        let states = build::standings(self.plan, self.store, &all).states;
        // Two tasks of one origin are one work, whichever of them is taken from.
        let own: BTreeSet<&Digest> = left.iter().map(|task| &self.origins[*task]).collect();
        let mut good: BTreeSet<&Digest> = BTreeSet::new();
        for task in in_order(self.plan).into_iter().filter(|task| all.binary_search(task).is_ok()) {
            let has = |before: usize| good.contains(&self.origins[before]);
            let has_all = || self.plan.tasks[task].edges.iter().all(|edge| has(edge.task));
            let origin = &self.origins[task];
            if states[task] == TaskState::Remembered || (own.contains(origin) && has_all()) {
                good.insert(origin);
            }
        }
        let foreign = all.iter().map(|task| &self.origins[*task]).filter(|origin| !own.contains(origin));
        let missing = foreign.filter(|origin| !good.contains(origin)).count();
        (left.iter().copied().filter(|task| good.contains(&self.origins[*task])).collect(), missing)
    }

    /// Computes tasks, with what they take and is not there.
    fn compute(&mut self, now: &[usize]) {
        let own: BTreeSet<usize> = now.iter().copied().collect();
        let upstream: Vec<usize> =
            with_upstream(self.plan, now).into_iter().filter(|task| !own.contains(task)).collect();
        let tasks = [now, &upstream].concat();
        let watching = Watching {
            watcher: Watcher::new(self.plan, &tasks, &self.session.output),
            lost: AtomicUsize::new(0),
        };
        let pace = Pace { jobs: self.session.jobs, observer: &watching, stop: &self.session.stop };
        let outcomes = build::run(self.plan, &tasks, &TaskCache::new(self.store), pace).outcomes;
        watching.watcher.finish();
        self.lost += watching.lost.into_inner();
        now.iter().for_each(|task| self.counts.add(&outcomes[*task]));
        // Results of other shards count where they had to be computed here.
        for outcome in upstream.iter().map(|task| &outcomes[*task]) {
            if !matches!(outcome, Outcome::Done(done) if done.cached) {
                self.counts.add(outcome);
            }
        }
        self.without.extend(tasks.into_iter().filter(|task| outcomes[*task].done().is_none()));
    }

    /// A task without a result that stands before this one.
    fn blocked(&self, task: usize) -> Option<usize> {
        if self.without.is_empty() {
            return None;
        }
        with_upstream(self.plan, &[task]).into_iter().find(|before| self.without.contains(before))
    }

    fn tell_blocked(&mut self, task: usize) {
        let Some(by) = self.blocked(task) else { return };
        let outcome = Outcome::Blocked(by);
        let watcher = Watcher::new(self.plan, &[task], &self.session.output);
        watcher.event(&Event::Finished(task, &outcome, None));
        watcher.finish();
        self.counts.add(&outcome);
        self.without.insert(task);
    }
}

/// Tells the user, and counts what could not be remembered.
struct Watching<'a> {
    watcher: Watcher<'a>,
    lost: AtomicUsize,
}

impl Observer for Watching<'_> {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::NotRemembered(..)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        self.watcher.event(event);
    }
}
