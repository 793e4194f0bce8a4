//! `octavo probe`: whether another machine computes what this one does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use octavo_plugin::{ContentHasher, Digest, Seed, linalg, math, sum};
use serde::{Deserialize, Serialize};

use super::session::{ExitCode, Session};
use super::tasks::Row;
use crate::build::{self, Loaded, Pace};
use crate::cache::TaskCache;
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::environment;
use crate::executor::{Cache, Event, NoCache, Observer, Outcome};
use crate::plan::{Plan, origins};
use crate::store::Store;

/// Less free space than this is too little for results.
const SPACE: u64 = 64 << 20;
/// A task that takes longer is too dear to be computed once more on each machine, if nobody says otherwise.
pub(super) const CANARY: f64 = 2.0;

/// Arguments of `octavo probe`.
#[derive(Args, Debug)]
pub(super) struct Probe {
    /// Compare with what another machine printed: the exit code is 1 if this one is not like it
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

/// What must be the same on every machine that computes for a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Digest of the program.
    program: Digest,
    /// Digest of numbers that it computes: sums, products of matrices and elementary functions on the lanes of the processor.
    numbers: Digest,
    /// The first word of the command of each plugin.
    plugins: BTreeMap<String, String>,
    /// Tasks with results that are known, one an analysis.
    canaries: Vec<Canary>,
}

/// A task whose results are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Canary {
    origin: Digest,
    task: String,
    /// Digests by output.
    outputs: BTreeMap<String, Digest>,
}

impl Known {
    /// What this machine is like. Its canaries take at most `longest` seconds.
    ///
    /// # Errors
    /// If the program's own file cannot be read.
    pub(super) fn here(
        (loaded, plan): (&Loaded, &Plan),
        store: &Store,
        rows: &[Row],
        longest: f64,
    ) -> Result<Self, Diagnostic> {
        let program = build::program_digest(store).map_err(|error| {
            Diagnostic::error("program", format!("this program's file cannot be read: {error}"))
        })?;
        let command = |name: &str| {
            let plugin = loaded.registry.plugin_of(name)?.ok()?;
            Some((name.to_owned(), plugin.command.first()?.clone()))
        };
        let plugins = loaded.registry.own_names().filter_map(command).collect();
        Ok(Self { program, numbers: numbers(), plugins, canaries: canaries(plan, store, rows, longest) })
    }

    /// What is wrong with this machine.
    fn problems(&self, session: &Session, loaded: &Loaded, plan: &Plan, store: &Store) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        match build::program_digest(store) {
            Ok(own) if own == self.program => {}
            Ok(_) => problems.push(
                Diagnostic::error(
                    "other-program",
                    "the program here is another one than where tasks were submitted",
                )
                .help("install the same file on all machines, or name it in `program` of the cluster"),
            ),
            Err(error) => problems
                .push(Diagnostic::error("program", format!("this program's file cannot be read: {error}"))),
        }
        let other_bits = |what: String| {
            Diagnostic::error("other-bits", what)
                .help("results would depend on the machine: leave this one out, and report it")
        };
        if numbers() != self.numbers {
            problems.push(other_bits("sums and products of matrices have other bits here".to_owned()));
        }
        for (name, command) in &self.plugins {
            if !is_found(&loaded.project.root, command) {
                let message = format!("`{command}`, which the plugin `{name}` is started with, is not here");
                problems
                    .push(Diagnostic::error("no-interpreter", message).help("install it on this machine"));
            }
        }
        match disk::free_space(store.folder()) {
            Ok(free) if free < SPACE => {
                let message = format!("only {} MB are free at `{}`", free >> 20, store.folder().display());
                problems.push(Diagnostic::error("little-space", message).help("make room"));
            }
            // A filesystem that does not say may have room.
            Ok(_) | Err(_) => {}
        }
        let origins = origins(plan);
        for canary in self.canaries.iter().filter(|_| problems.is_empty()) {
            let Some(task) = origins.iter().position(|origin| *origin == canary.origin) else { continue };
            if let Some(why) = canary.differs(session, plan, task) {
                problems.push(other_bits(format!("{why} of `{}` here", canary.task)));
                break;
            }
        }
        problems
    }
}

impl Canary {
    /// In what the task has another result on this machine.
    fn differs(&self, session: &Session, plan: &Plan, task: usize) -> Option<String> {
        let pace = Pace { jobs: 1, observer: &Silent, stop: &session.stop };
        match &build::run(plan, &[task], &NoCache, pace).outcomes[task] {
            Outcome::Done(done) => {
                let differs =
                    |(name, digest): &(&String, &Digest)| done.outputs.digest(name) != Some(**digest);
                self.outputs.iter().find(differs).map(|(name, _)| format!("`{name}` is another result"))
            }
            Outcome::Failed(failure) => Some(format!("no result ({failure})")),
            Outcome::Blocked(_) | Outcome::Cancelled => None,
        }
    }
}

struct Silent;

impl Observer for Silent {
    fn event(&self, _event: &Event<'_>) {}
}

/// The quickest remembered task of each analysis that takes no results, if it is quick.
fn canaries(plan: &Plan, store: &Store, rows: &[Row], longest: f64) -> Vec<Canary> {
    let cache = TaskCache::new(store);
    let mut quickest: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    for (task, row) in rows.iter().enumerate().filter(|(_, row)| row.is_remembered() && row.level == 0) {
        let name = plan.experiment_of(task).analysis.identity().name.into_owned();
        let Some(seconds) = row.seconds.filter(|seconds| *seconds <= longest) else { continue };
        let best = quickest.entry(name).or_insert((seconds, task));
        if seconds < best.0 {
            *best = (seconds, task);
        }
    }
    let canary = |(_, task): (f64, usize)| {
        let declared = &plan.experiment_of(task).outputs;
        let outputs = cache.lookup(rows[task].key?, declared)?;
        let kinds = [("scalars", declared.scalars.keys().collect::<Vec<_>>())].into_iter().chain([
            ("tables", declared.tables.keys().collect()),
            ("drawings", declared.drawings.keys().collect()),
        ]);
        let names =
            kinds.flat_map(|(kind, names)| names.into_iter().map(move |name| format!("{kind}/{name}")));
        let known = names.chain(["scalars".to_owned()]).filter_map(|name| {
            let digest = outputs.digest(&name)?;
            Some((name, digest))
        });
        Some(Canary { origin: rows[task].origin, task: plan.describe(task), outputs: known.collect() })
    };
    quickest.into_values().filter_map(canary).collect()
}

/// Digest of what this processor computes on its lanes.
fn numbers() -> Digest {
    let (m, k, n) = (61, 67, 71);
    let mut stream = Seed(1).stream("probe");
    let (a, b) = (stream.normals(m * k, 1.0), stream.normals(k * n, 1.0));
    let mut product = linalg::matmul(m, k, n, &a, &b);
    let mut hasher = ContentHasher::new("octavo probe");
    hasher.number(sum::sum(&product).to_bits()).number(sum::dot(&a[..1000], &b[..1000]).to_bits());
    let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<f32>>();
    for value in linalg::matmul(m, k, n, &narrow(&a), &narrow(&b)) {
        hasher.number(value.to_bits().into());
    }
    let mut add = |values: &[f64]| values.iter().for_each(|value| _ = hasher.number(value.to_bits()));
    add(&product);
    for functions in [math::tanh_slice, math::exp_slice] {
        functions(&mut product);
        add(&product);
    }
    hasher.finish()
}

/// Whether a command's first word can be started.
fn is_found(root: &Path, command: &str) -> bool {
    if command.contains('/') {
        return root.join(command).is_file();
    }
    let path = environment::search_path().unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(command).is_file())
}

impl Probe {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.run(session).unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let loaded = session.loaded()?;
        let (plan, problems) = build::planned(&loaded, &session.choice());
        let Some(path) = &self.against else {
            session.report_but_plugins(problems)?;
            let store = session.store(&loaded.project)?;
            let rows = super::tasks::rows(&plan, &store);
            let known = Known::here((&loaded, &plan), &store, &rows, CANARY)
                .map_err(|problem| session.refuse(problem))?;
            session.remember_plugins(&loaded.registry);
            session.output.result(&serde_json::to_string(&known).expect("it is plain data"))?;
            return Ok(ExitCode::Good);
        };
        let known = read(&session.folder.join(path)).map_err(|problem| session.refuse(problem))?;
        let store = session.store(&loaded.project)?;
        let found = known.problems(session, &loaded, &plan, &store);
        session.output.diagnostics(&found);
        // A plugin that cannot be started is told by its own problem, after what is wrong with the machine.
        session.report(problems)?;
        Ok(if found.is_empty() { ExitCode::Good } else { ExitCode::Failed })
    }
}

fn read(path: &Path) -> Result<Known, Diagnostic> {
    let wrong = |why: String| {
        let message = format!("`{}` says nothing of a machine: {why}", path.display());
        Diagnostic::error("bad-probe", message).help("`octavo probe > FILE` writes such a file")
    };
    let bytes = disk::read(path).map_err(|error| wrong(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| wrong("there is no such file".to_owned()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}
