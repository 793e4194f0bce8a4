//! `octavo run`: one experiment, results on standard output; or tasks of a whole project, results in its store.

mod shard;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::progress::Watcher;
use super::run_json;
use super::session::{ExitCode, Session, unknown_experiment, with_far};
use crate::build::{self, Choice, Definitions, Loaded, Pace};
use crate::cache::TaskCache;
use crate::diagnostic::{self, Diagnostic};
use crate::executor::{Cache, NoCache, Outcome};
use crate::ids::ExperimentId;
use crate::plan::Plan;
use crate::project::{self, Project};
use crate::registry::PLUGIN;
use crate::store::Store;
use shard::Part;

/// Arguments of `octavo run`.
#[derive(Args, Debug)]
pub(super) struct Run {
    /// An experiment's id, such as `dragon/limit`, or a path to a TOML file in any folder
    #[arg(required_unless_present_any = ["shard", "tasks"], conflicts_with_all = ["shard", "tasks"])]
    experiment: Option<String>,
    /// How results are written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Set a parameter, for example `--set params.folds=12`; it is then no longer swept
    #[arg(long, value_name = "KEY=VALUE", requires = "experiment")]
    set: Vec<String>,
    #[command(flatten)]
    part: Part,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Scalars, the first rows of tables, values and claims, for people.
    Text,
    /// All scalars and tables as one JSON object.
    Json,
}

impl Run {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let code = match &self.experiment {
            Some(experiment) if !self.part.is_asked() => self.run(session, experiment),
            _ => self.part.run(session),
        };
        code.unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session, experiment: &str) -> Result<ExitCode, ExitCode> {
        let (loaded, id) = self.find(session, experiment)?;
        let project = &loaded.project;
        let level = project.config.claims.level;
        let choice = Choice { set: Some((id.clone(), self.set.clone())), ..session.choice() };
        let Definitions { experiments, unavailable, problems } = loaded.definitions(&choice);
        let mut problems = [loaded.problems.clone(), problems].concat();
        if unavailable.contains_key(&id) {
            problems.retain(|problem| problem.code == PLUGIN);
            session.report(problems)?;
            return Err(ExitCode::Definition);
        }
        session.report(relevant(problems, project, &id))?;
        let read =
            |source: &crate::source::SourceFile, file: &str, limits| project.read_input(source, file, limits);
        let (plan, problems) = Plan::new(build::fresh::needed(experiments, &id), &read);
        session.report(problems)?;
        let index =
            plan.experiments.iter().position(|experiment| experiment.id == id).ok_or(ExitCode::Definition)?;
        let tasks = plan.restricted_to(&[index]);
        session.catch_interrupts();
        let store = open_store(session, project);
        session.remember_plugins(&loaded.registry);
        let cache: Box<dyn Cache> = match &store {
            Some(store) => Box::new(TaskCache::new(store)),
            None => Box::new(NoCache),
        };
        let mut outcomes = outcomes_of(session, &plan, &tasks, cache.as_ref());
        let mut text = self.text(&plan, index, &outcomes, level);
        if text.is_err() {
            // What turned out to be damaged when it was read was set aside, and is computed now.
            outcomes = outcomes_of(session, &plan, &tasks, cache.as_ref());
            text = self.text(&plan, index, &outcomes, level);
        }
        let stopped = session.tell_stopped_plugins(&loaded.registry);
        if let Some(store) = &store {
            store.finish().unwrap_or_else(|error| session.output.problem(error.diagnostic()));
            session.tell_damage(store);
        }
        let text = text.map_err(|why| {
            session.output.problem(Diagnostic::error("store", why));
            ExitCode::Failed
        })?;
        match text {
            Some(text) => session.output.result(&text)?,
            None => session.output.result_as_json(&run_json::Results {
                plan: &plan,
                index,
                outcomes: &outcomes,
            })?,
        }
        let good = stopped == 0 && tasks.iter().all(|task| outcomes[*task].done().is_some());
        Ok(if good { ExitCode::Good } else { ExitCode::Failed })
    }

    /// What is printed for people; none of what is printed for programs, which can be read.
    fn text(
        &self,
        plan: &Plan,
        index: usize,
        outcomes: &[Outcome],
        level: f64,
    ) -> Result<Option<String>, String> {
        match self.format {
            Format::Json => run_json::Results { plan, index, outcomes }.read().map(|()| None),
            Format::Text => text::text(plan, index, outcomes, level).map(Some),
        }
    }

    /// The project and the experiment's id in it.
    fn find(&self, session: &Session, experiment: &str) -> Result<(Loaded, ExperimentId), ExitCode> {
        let path = session.folder.join(experiment);
        if experiment.ends_with(".toml") {
            return self.find_file(session, &path);
        }
        let mut loaded = session.loaded()?;
        if let Some((id, _)) = loaded.project.experiments.get_key_value(experiment) {
            let id = id.clone();
            return Ok((loaded, id));
        }
        // Why it is not there may be among these.
        diagnostic::sort(&mut loaded.problems);
        session.output.diagnostics(&loaded.problems);
        let known = loaded.project.experiments.keys().map(ExperimentId::as_str);
        session.output.problem(unknown_experiment(experiment, known));
        Err(ExitCode::Definition)
    }

    /// A file below a project's experiments folder is that project's experiment; any other stands alone.
    fn find_file(&self, session: &Session, path: &Path) -> Result<(Loaded, ExperimentId), ExitCode> {
        let folder: PathBuf = path.parent().map(Path::to_path_buf).unwrap_or_default();
        if let Some(root) = project::find_root(&folder)
            && let Ok(loaded) = Loaded::project(&root)
        {
            let below = path.strip_prefix(loaded.project.experiments_folder()).ok();
            let id = below.and_then(|path| path.to_str()?.strip_suffix(".toml"));
            if let Some((id, _)) = id.and_then(|id| loaded.project.experiments.get_key_value(id)) {
                let id = id.clone();
                return Ok((loaded, id));
            }
        }
        let loaded = session.standalone(path)?;
        let id = loaded.project.experiments.keys().next().cloned();
        Ok((loaded, id.expect("a file that stands alone is one experiment")))
    }
}

fn outcomes_of(session: &Session, plan: &Plan, tasks: &[usize], cache: &dyn Cache) -> Vec<Outcome> {
    let watcher = Watcher::new(plan, tasks, &session.output);
    let pace = Pace { jobs: session.jobs, observer: &watcher, stop: &session.stop };
    let outcomes = build::run(plan, tasks, cache, pace).outcomes;
    watcher.finish();
    outcomes
}

/// Only what is wrong with this experiment and the project file stops a single run; an experiment that it depends on is
/// missed by the plan.
fn relevant(problems: Vec<Diagnostic>, project: &Project, id: &str) -> Vec<Diagnostic> {
    let wanted = project.experiments.get(id).map(|source| source.path.clone());
    let concerns = |problem: &Diagnostic| match &problem.location {
        Some(at) => Some(&at.source.path) == wanted.as_ref() || !at.source.path.ends_with(".toml"),
        None => true,
    };
    problems.into_iter().filter(concerns).collect()
}

/// A project's store. An experiment outside any project remembers nothing, and one whose store cannot be opened runs
/// without.
fn open_store(session: &Session, project: &Project) -> Option<Store> {
    if project.is_standalone() {
        return None;
    }
    match Store::open_telling(&project.root, &mut |text| session.output.line(text)) {
        Ok(store) => {
            let far = with_far(store, project, session.output);
            far.map_err(|problem| session.output.problem(problem)).ok()
        }
        Err(error) => {
            let Diagnostic { message, help, .. } = error.diagnostic();
            let warning = Diagnostic::warning("store", format!("nothing is remembered: {message}"));
            session.output.problem(Diagnostic { help, ..warning });
            None
        }
    }
}
