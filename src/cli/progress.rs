//! How a running plan is shown: bars on a terminal, plain lines elsewhere, JSON lines for programs.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use octavo_plugin::Failure;
use serde_json::json;

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
    counts: Mutex<Counts>,
    total: usize,
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
        let style = ProgressStyle::with_template("{bar:28} {pos}/{len} tasks  {elapsed} (about {eta} left)");
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
    pub(super) fn new(plan: &'a Plan, total: usize, output: &'a Output) -> Self {
        let bars = (output.bars() && total > 0).then(|| Bars::new(total));
        Self { plan, output, bars, counts: Mutex::default(), total }
    }

    /// Takes the bars away, and tells how many troubles were not shown.
    pub(super) fn finish(self) {
        if let Some(bars) = &self.bars {
            bars.overall.finish_and_clear();
        }
        let counts = *self.counts.lock().expect("no panic while locked");
        for (count, what) in
            [(counts.failed, "failed"), (counts.blocked, "were not run, since others failed")]
        {
            if let Some(more) = count.checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
                self.output.trouble(&format!("and {} more tasks {what}", diagnostic::grouped(more)));
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

    fn outcome_json(&self, outcome: &Outcome) -> serde_json::Value {
        match outcome {
            Outcome::Done(done) => json!({ "state": "done", "remembered": done.cached, "key": done.key }),
            Outcome::Failed(failure) => json!({ "state": "failed", "failure": failure }),
            Outcome::Blocked(by) => json!({ "state": "blocked", "by": self.plan.describe(*by) }),
            Outcome::Cancelled => json!({ "state": "cancelled" }),
        }
    }

    fn finished(&self, task: usize, outcome: &Outcome) {
        let counts = {
            let mut counts = self.counts.lock().expect("no panic while locked");
            counts.add(outcome);
            *counts
        };
        let number = counts.ran + counts.remembered + counts.failed + counts.blocked + counts.cancelled;
        let name = self.plan.describe(task);
        if self.output.is_json() {
            self.output
                .json(&json!({ "event": "task", "task": name, "outcome": self.outcome_json(outcome) }));
            return;
        }
        let place = format!("[{number}/{}]", self.total);
        match outcome {
            Outcome::Done(done) if done.cached && !self.output.verbose() => {}
            Outcome::Done(done) => {
                let verb = if done.cached { "remembered" } else { "ran" };
                if self.bars.is_none() || self.output.verbose() {
                    self.line(&format!("{place} {verb} {name}"));
                }
            }
            Outcome::Failed(_) if counts.failed > MOST_SHOWN => {}
            Outcome::Blocked(_) if counts.blocked > MOST_SHOWN => {}
            Outcome::Failed(failure) => self.trouble(&failure_text(&format!("{place} {name}"), failure)),
            Outcome::Blocked(by) => {
                self.trouble(&format!(
                    "{place} {name}: not run, since `{}` has no result",
                    self.plan.describe(*by)
                ));
            }
            Outcome::Cancelled => self.line(&format!("{place} {name}: stopped")),
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
            Event::Warned(task, message) => {
                let name = self.plan.describe(*task);
                if self.output.is_json() {
                    self.output.json(&json!({ "event": "warning", "task": name, "message": message }));
                } else {
                    self.line(&format!("warning: {name}: {message}"));
                }
            }
            Event::Finished(task, outcome) => {
                if let Some(bars) = &self.bars {
                    bars.finish(*task);
                }
                self.finished(*task, outcome);
            }
            Event::NotRemembered(task, message) => {
                self.line(&format!(
                    "warning: the result of {} is not remembered: {message}",
                    self.plan.describe(*task)
                ));
            }
        }
    }
}
