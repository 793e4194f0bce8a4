//! `octavo tasks`: what there is to compute, for whoever divides it among machines.

use clap::{Args, ValueEnum};
use octavo_plugin::{Digest, counted};
use serde::Serialize;
use serde_json::json;

use super::build::checked;
use super::events::TaskName;
use super::session::{ExitCode, Session};
use crate::build::{self, Standings, TaskState};
use crate::cache::Durations;
use crate::plan::{Plan, TaskKey, levels, origins};
use crate::store::Store;

/// Arguments of `octavo tasks`.
#[derive(Args, Debug)]
pub(super) struct Tasks {
    /// Only what the store does not have
    #[arg(long)]
    missing: bool,
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A line each, for people.
    Text,
    /// One JSON object.
    Json,
    /// One JSON object a task, each on a line, as `octavo run --tasks` reads it.
    Jsonl,
}

/// A task, and what is known of it before it runs.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// The digest of all that decides it, known without the results that it takes.
    pub(super) origin: Digest,
    /// Its key; null while results that it takes are missing.
    pub(super) key: Option<TaskKey>,
    state: &'static str,
    /// How many tasks stand before it, one behind the other.
    pub(super) level: usize,
    /// How many seconds it will take; null if nothing like it is remembered.
    pub(super) seconds: Option<f64>,
    /// How many threads it can use.
    threads: usize,
    /// The plugin that computes it; null for what is built in.
    plugin: Option<String>,
    #[serde(flatten)]
    of: TaskName,
}

impl Row {
    /// Whether the store has its result.
    pub(super) fn is_remembered(&self) -> bool {
        self.state == name(TaskState::Remembered)
    }

    fn line(&self, name: &str) -> String {
        let key = self.key.map_or_else(|| "-".to_owned(), |key| key.hex()[..12].to_owned());
        let seconds = self.seconds.map_or_else(|| "?".to_owned(), |seconds| format!("{seconds:.1} s"));
        format!("{key:<12} {:<10} {:>2} {seconds:>9}  {name}", self.state, self.level)
    }
}

fn name(state: TaskState) -> &'static str {
    match state {
        TaskState::Remembered => "remembered",
        TaskState::WouldRun => "would-run",
        TaskState::Waits => "waits",
    }
}

/// What is known of all tasks of a plan, in its order. Estimates are of now: another process may have others.
pub(super) fn rows(plan: &Plan, store: &Store) -> Vec<Row> {
    let all: Vec<usize> = (0..plan.tasks.len()).collect();
    let Standings { states, keys, .. } = build::standings(plan, store, &all);
    // A store that cannot be read says so when it is written to.
    let durations = Durations::in_store(store).unwrap_or_default();
    let (origins, levels) = (origins(plan), levels(plan));
    let row = |task: usize| {
        let experiment = plan.experiment_of(task);
        let identity = experiment.analysis.identity();
        Row {
            origin: origins[task],
            key: keys[task],
            state: name(states[task]),
            level: levels[task],
            seconds: durations.estimate(&identity.name, &plan.tasks[task].params.json()),
            threads: experiment.limits.threads.unwrap_or_else(rayon::current_num_threads),
            plugin: identity.program().map(|_| identity.name.to_string()),
            of: TaskName::new(plan, task),
        }
    };
    all.into_iter().map(row).collect()
}

/// Rows as lines of JSON.
pub(super) fn lines<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let line = |row: &Row| serde_json::to_string(row).expect("a row is plain data");
    rows.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

impl Tasks {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.run(session).err().unwrap_or(ExitCode::Good)
    }

    fn run(&self, session: &Session) -> Result<(), ExitCode> {
        let (loaded, checked, problems) = checked(session, false)?;
        session.report_but_plugins(problems)?;
        let store = session.store(&loaded.project)?;
        let plan = &checked.plan;
        let rows = rows(plan, &store);
        session.remember_plugins(&loaded.registry);
        session.tell_damage(&store);
        let shown = rows.iter().enumerate().filter(|(_, row)| !self.missing || !row.is_remembered());
        let shown: Vec<(usize, &Row)> = shown.collect();
        let each = || shown.iter().map(|(_, row)| *row);
        match self.format {
            Format::Json => {
                let all: Vec<&Row> = each().collect();
                session.output.result(&json!({ "tasks": all }).to_string())
            }
            Format::Jsonl if shown.is_empty() => Ok(()),
            Format::Jsonl => session.output.result(&lines(each())),
            Format::Text => {
                let mut lines: Vec<String> =
                    shown.iter().map(|(task, row)| row.line(&plan.describe(*task))).collect();
                lines.push(sum(&each().collect::<Vec<_>>()));
                session.output.result(&lines.join("\n"))
            }
        }
    }
}

/// How much it is all together.
fn sum(rows: &[&Row]) -> String {
    let missing: Vec<&&Row> = rows.iter().filter(|row| !row.is_remembered()).collect();
    let known: f64 = missing.iter().filter_map(|row| row.seconds).sum();
    let unknown = missing.iter().filter(|row| row.seconds.is_none()).count();
    let time = match (missing.len(), unknown) {
        (0, _) => String::new(),
        (all, unknown) if all == unknown => ", of which no time is known".to_owned(),
        (_, 0) => format!(", about {known:.1} s"),
        (_, unknown) => format!(", about {known:.1} s and {unknown} of which no time is known"),
    };
    format!("{}, {} missing{time}", counted(rows.len(), "task"), missing.len())
}
