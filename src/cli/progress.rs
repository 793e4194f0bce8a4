//! How a running plan is shown: bars on a terminal, elsewhere a line an experiment, JSON lines for programs.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use octavo_plugin::{Failure, counted, plural};

use super::events::{End, Event as Told, TaskEnd, TaskName};
use super::news::Said;
use super::session::Output;
use crate::build::Counts;
use crate::diagnostic::{self, MOST_SHOWN};
use crate::executor::{Event, Observer, Outcome};
use crate::plan::Plan;

/// Watches a plan and tells the user.
pub(super) struct Watcher<'a> {
    plan: &'a Plan,
    output: &'a Output,
    bars: Option<Bars>,
    ended: Mutex<Ended>,
    total: usize,
}

/// What has ended so far.
struct Ended {
    counts: Counts,
    /// By the number of the experiment.
    experiments: BTreeMap<usize, Part>,
}

/// What has ended of an experiment.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Tasks that have not ended.
    left: usize,
    counts: Counts,
    /// For how long its tasks were computed, all together.
    time: Duration,
}

/// How many tasks ended how, in words.
pub(super) fn tasks_in_words(counts: Counts) -> String {
    let mut text = format!("{} run, {} remembered", counted(counts.ran, "task"), counts.remembered);
    if counts.failed + counts.blocked > 0 {
        text.push_str(&format!(", {} failed, {} waited for these", counts.failed, counts.blocked));
    }
    text
}

struct Bars {
    all: MultiProgress,
    overall: ProgressBar,
    tasks: Mutex<BTreeMap<usize, ProgressBar>>,
}

impl Bars {
    fn new(total: usize) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let overall = all.add(ProgressBar::new(total as u64));
        let noun = plural(&total, "task");
        let template = format!("{{bar:28}} {{pos}}/{{len}} {noun}  {{elapsed}} (about {{eta}} left)");
        let style = ProgressStyle::with_template(&template);
        overall.set_style(style.expect("the template is well formed").progress_chars("━╸─"));
        overall.enable_steady_tick(Duration::from_millis(200));
        Self { all, overall, tasks: Mutex::default() }
    }

    fn start(&self, task: usize, name: String) {
        let bar = self.all.insert_before(&self.overall, ProgressBar::new(0));
        let style = ProgressStyle::with_template("{bar:28} {percent:>3} %  {msg}")
            .expect("the template is well formed");
        bar.set_style(style.progress_chars("━╸─"));
        bar.set_message(name);
        self.tasks.lock().expect("no panic while locked").insert(task, bar);
    }

    fn step(&self, task: usize, done: u64, total: u64) {
        if let Some(bar) = self.tasks.lock().expect("no panic while locked").get(&task) {
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    fn finish(&self, task: usize) {
        if let Some(bar) = self.tasks.lock().expect("no panic while locked").remove(&task) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        self.overall.inc(1);
    }
}

impl<'a> Watcher<'a> {
    /// Watches these tasks of a plan.
    pub(super) fn new(plan: &'a Plan, tasks: &[usize], output: &'a Output) -> Self {
        let total = tasks.len();
        let bars = (output.bars() && total > 0).then(|| Bars::new(total));
        let mut experiments: BTreeMap<usize, Part> = BTreeMap::new();
        for task in tasks {
            experiments.entry(plan.tasks[*task].experiment).or_default().left += 1;
        }
        let ended = Mutex::new(Ended { counts: Counts::default(), experiments });
        Self { plan, output, bars, ended, total }
    }

    /// Takes the bars away, and tells how many troubles were not shown.
    pub(super) fn finish(self) {
        if let Some(bars) = &self.bars {
            bars.overall.finish_and_clear();
        }
        let counts = self.ended.lock().expect("no panic while locked").counts;
        for (count, what) in [(counts.failed, "failed"), (counts.blocked, "not run, since others failed")] {
            if let Some(more) = count.checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
                let tasks = format!("{} more {}", diagnostic::grouped(more), plural(&more, "task"));
                self.output.trouble(&format!("and {tasks} {what}"));
            }
        }
    }

    fn line(&self, text: &str) {
        match &self.bars {
            // Best effort: a terminal that went away is no reason to stop a build.
            Some(bars) => drop(bars.all.println(text)),
            None => self.output.line(text),
        }
    }

    /// What went wrong is said to quiet users, too.
    fn trouble(&self, text: &str) {
        match &self.bars {
            Some(bars) => drop(bars.all.println(text)),
            None => self.output.trouble(text),
        }
    }

    fn note(&self, task: usize, message: &str) {
        if self.output.is_json() {
            let message = message.to_owned();
            self.output.event(&Told::Note(Said { of: TaskName::new(self.plan, task), message }));
        } else {
            self.line(&format!("{}: {message}", self.plan.describe(task)));
        }
    }

    fn warn(&self, task: usize, what: &str, message: &str) {
        if self.output.is_json() {
            let message = format!("{what}{message}");
            self.output.event(&Told::Warning(Said { of: TaskName::new(self.plan, task), message }));
        } else {
            self.line(&format!("warning: {}: {what}{message}", self.plan.describe(task)));
        }
    }

    fn retried(&self, task: usize, retry: u32, failure: &Failure) {
        let retries = self.plan.experiment_of(task).limits.retries;
        if self.output.is_json() {
            let (of, failure) = (TaskName::new(self.plan, task), failure.clone());
            self.output.event(&Told::Retry { of, retry, retries, failure });
        } else {
            let (name, Failure { kind, message, .. }) = (self.plan.describe(task), failure);
            self.line(&format!("{name}: retry {retry} of {retries}, since it failed ({kind}): {message}"));
        }
    }

    fn finished(&self, task: usize, outcome: &Outcome, took: Option<Duration>) {
        let (counts, part) = self.count(task, outcome, took);
        if self.output.is_json() {
            let limits = &self.plan.experiment_of(task).limits;
            self.output.event(&Told::Task(TaskEnd {
                of: TaskName::new(self.plan, task),
                outcome: End::new(self.plan, outcome),
                seconds: took.map(|took| took.as_secs_f64()),
                threads: took.map(|_| limits.threads.unwrap_or_else(rayon::current_num_threads)),
            }));
            return;
        }
        // Of most tasks nothing is said, so that no text is made of them.
        let number = counts.ran + counts.remembered + counts.failed + counts.blocked + counts.cancelled;
        let place = || format!("[{number}/{}]", self.total);
        self.tell_end(&place, &|| self.plan.describe(task), outcome, counts);
        // Where nothing shows how far it is, a line an experiment does: a log is read by its owner, who need not know of what was there.
        let anew = part.counts != Counts { remembered: part.counts.remembered, ..Counts::default() };
        if part.left == 0 && anew && self.bars.is_none() && !self.output.verbose() {
            let mut text =
                format!("{} {}: {}", place(), self.plan.experiment_of(task).id, tasks_in_words(part.counts));
            if part.time > Duration::ZERO {
                text.push_str(&format!("; {:.1} s", part.time.as_secs_f64()));
            }
            self.line(&text);
        }
    }

    /// Counts the end of a task; what has ended of all, and of its experiment.
    fn count(&self, task: usize, outcome: &Outcome, took: Option<Duration>) -> (Counts, Part) {
        let mut ended = self.ended.lock().expect("no panic while locked");
        ended.counts.add(outcome);
        let part = ended.experiments.entry(self.plan.tasks[task].experiment).or_default();
        part.left = part.left.saturating_sub(1);
        part.counts.add(outcome);
        part.time += took.unwrap_or_default();
        let part = *part;
        (ended.counts, part)
    }

    fn tell_end(
        &self,
        place: &dyn Fn() -> String,
        name: &dyn Fn() -> String,
        outcome: &Outcome,
        counts: Counts,
    ) {
        let named = || format!("{} {}", place(), name());
        match outcome {
            Outcome::Done(done) => {
                let verb = if done.cached { "remembered" } else { "ran" };
                if self.output.verbose() {
                    self.line(&format!("{} {verb} {}", place(), name()));
                }
            }
            Outcome::Failed(_) if counts.failed > MOST_SHOWN => {}
            Outcome::Blocked(_) if counts.blocked > MOST_SHOWN => {}
            Outcome::Failed(failure) => self.trouble(&failure_text(&named(), failure)),
            Outcome::Blocked(by) => {
                self.trouble(&format!(
                    "{}: not run, since `{}` has no result",
                    named(),
                    self.plan.describe(*by)
                ));
            }
            Outcome::Cancelled => self.line(&format!("{}: stopped", named())),
        }
    }
}

fn failure_text(name: &str, failure: &Failure) -> String {
    let help = failure.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    let mut log = String::new();
    for (index, line) in failure.log.iter().enumerate() {
        let title = if index == 0 { "\n  the last lines of its log:" } else { "" };
        log.push_str(&format!("{title}\n    {line}"));
    }
    format!("{name}: failed ({}): {}{help}{log}", failure.kind, failure.message)
}

impl Observer for Watcher<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Started(task) => {
                if let Some(bars) = &self.bars {
                    bars.start(*task, self.plan.describe(*task));
                }
            }
            Event::Progress(task, done, total) => {
                if let Some(bars) = &self.bars {
                    bars.step(*task, *done, *total);
                }
            }
            Event::Noted(task, message) => self.note(*task, message),
            Event::Warned(task, message) => self.warn(*task, "", message),
            Event::Retried(task, retry, failure) => self.retried(*task, *retry, failure),
            Event::Finished(task, outcome, took) => {
                if let Some(bars) = &self.bars {
                    bars.finish(*task);
                }
                self.finished(*task, outcome, *took);
            }
            Event::NotRemembered(task, message) => {
                self.warn(*task, "the result is not remembered: ", message);
            }
        }
    }
}
