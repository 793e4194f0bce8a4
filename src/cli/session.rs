//! What every command starts from: the global options, the output streams, and the checked project.

use octavo_plugin::counted;
use std::ffi::OsString;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::events::Event;
use super::news::of_fetching;
use super::tidy::bytes;
use super::{Color, Global, LogFormat};
use crate::build::{Choice, Loaded};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::environment;
use crate::executor::Stop;
use crate::experiment::Experiment;
use crate::project::{self, Project};
use crate::publish::Destination;
use crate::registry::{PLUGIN, Registry};
use crate::store::{Moved, Store};
use octavo_plugin::DynAnalysis;

/// There is no experiment of this id.
pub(super) fn unknown_experiment<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::error("unknown-experiment", format!("there is no experiment `{id}`")).nearest(id, known)
}

/// How a command ended, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// All is good.
    Good = 0,
    /// Something failed to build.
    Failed = 1,
    /// The command line or a definition is wrong.
    Definition = 2,
    /// Results differ from the lock.
    Drift = 3,
    /// A claim turned out other than expected.
    Claim = 4,
    /// Ctrl-C stopped it: what is finished is kept.
    Interrupted = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// Where messages go: standard error. Standard output is for results alone.
#[derive(Clone, Copy)]
pub(super) struct Output {
    format: LogFormat,
    color: bool,
    quiet: bool,
    verbose: bool,
}

impl Output {
    pub(super) fn is_json(&self) -> bool {
        self.format == LogFormat::Json
    }

    /// Whether nobody reads about single tasks.
    pub(super) fn is_brief(&self) -> bool {
        !self.is_json() && !self.verbose
    }

    pub(super) fn verbose(&self) -> bool {
        self.verbose
    }

    pub(super) fn bars(&self) -> bool {
        !self.is_json() && !self.quiet && std::io::stderr().is_terminal()
    }

    /// A line of progress; nothing with `--quiet` or for programs.
    pub(super) fn line(&self, text: &str) {
        if !self.quiet && !self.is_json() {
            self.write(text);
        }
    }

    /// A line on what went wrong, also with `--quiet`; nothing for programs.
    pub(super) fn trouble(&self, text: &str) {
        if !self.is_json() {
            self.write(text);
        }
    }

    /// An event for programs, on a line; nothing for people.
    pub(super) fn event(&self, event: &Event) {
        if self.is_json() {
            self.write(&serde_json::to_string(event).expect("an event is plain data"));
        }
    }

    /// Problems, not more of a kind than anybody reads.
    pub(super) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.digest(diagnostics, self.quiet && !self.is_json());
    }

    /// Warnings that decide the exit code: they are told to the quiet, too.
    pub(super) fn reasons(&self, diagnostics: &[Diagnostic]) {
        self.digest(diagnostics, false);
    }

    fn digest(&self, diagnostics: &[Diagnostic], errors_alone: bool) {
        let lines = diagnostic::digested(diagnostics);
        for line in lines.iter().filter(|line| !errors_alone || line.severity() == Severity::Error) {
            match self.is_json() {
                true => self.event(&Event::of_problem(line)),
                false => self.write(&line.render(self.color)),
            }
        }
    }

    pub(super) fn problem(&self, diagnostic: Diagnostic) {
        self.diagnostics(&[diagnostic]);
    }

    fn write(&self, text: &str) {
        // A closed terminal is no reason to lose a build.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Results, on standard output. A reader that has seen enough, such as `head`, and went away is no error.
    ///
    /// # Errors
    /// If the disk is full.
    pub(super) fn result(&self, text: &str) -> Result<(), ExitCode> {
        self.to_stdout(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// The same of data, as JSON on a line.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub(super) fn result_as_json(&self, data: &impl Serialize) -> Result<(), ExitCode> {
        self.to_stdout(|stdout| Ok(serde_json::to_writer(stdout, data)?))
    }

    fn to_stdout(self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), ExitCode> {
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        let written = write(&mut stdout).and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.problem(Diagnostic::error("output", format!("the result cannot be written: {error}")));
                Err(ExitCode::Failed)
            }
            _ => Ok(()),
        }
    }
}

/// Tells why a command line is none, as text or, if it asks for that, as an event; the exit code.
pub(super) fn tell_usage(error: &clap::Error, words: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::Good;
    }
    let asks_json = words.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json")
        || words.iter().any(|word| word == "--log-format=json");
    if !asks_json {
        let _ = error.print();
        return ExitCode::Definition;
    }
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let output = Output { format: LogFormat::Json, color: false, quiet: false, verbose: false };
    output.problem(Diagnostic::error("usage", message).help("`octavo --help` lists commands and options"));
    ExitCode::Definition
}

/// A store with the one on another machine behind it that the project or the environment names.
///
/// # Errors
/// Why that one cannot be used.
pub(super) fn with_far(store: Store, project: &Project, output: Output) -> Result<Store, Diagnostic> {
    if environment::is_elsewhere() {
        return Ok(store);
    }
    Ok(match project.config.store.far(&project.root)? {
        Some(remote) => store.before(remote, Some(of_fetching(output))),
        None => store,
    })
}

/// A plugin that did not start: its host reads why.
pub(super) fn fail_to_start(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "{why}");
    ExitCode::Failed
}

/// Threads for parallelism within analyses: more than there are processors gain nothing. A few more are given to whoever
/// asks, since results must be the same on any number.
fn threads(jobs: usize, processors: usize) -> usize {
    const ALWAYS: usize = 16;
    jobs.min(processors.max(ALWAYS))
}

/// A command in progress.
pub(super) struct Session {
    pub(super) global: Global,
    pub(super) output: Output,
    pub(super) folder: PathBuf,
    pub(super) stop: Arc<Stop>,
    pub(super) jobs: usize,
}

impl Session {
    pub(super) fn new(global: Global) -> Result<Self, ExitCode> {
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !environment::no_color() && std::io::stderr().is_terminal(),
        };
        let output =
            Output { format: global.log_format, color, quiet: global.quiet, verbose: global.verbose };
        let refuse = |message: String| {
            output.problem(Diagnostic::error("usage", message));
            ExitCode::Definition
        };
        let folder = environment::absolute(&global.directory).map_err(|error| refuse(error.to_string()))?;
        if !folder.is_dir() {
            return Err(refuse(format!("`{}` is not a folder", global.directory.display())));
        }
        if global.jobs == Some(0) {
            return Err(refuse("`--jobs 0` would run nothing; give 1 or more".to_owned()));
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = global.jobs.unwrap_or(processors);
        // The pool is shared by all analyses; a second call in one process keeps the first pool.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads(jobs, processors)).build_global();
        Ok(Self { global, output, folder, stop: Arc::default(), jobs })
    }

    /// After this, Ctrl-C asks the build to stop and keeps what is finished; a second one ends the program.
    pub(super) fn catch_interrupts(&self) {
        let stop = Arc::clone(&self.stop);
        let handler = move || {
            if stop.stopped() {
                std::process::exit(ExitCode::Interrupted as i32);
            }
            stop.stop();
        };
        // A command that goes on as another one has caught them already.
        if let Err(error) = ctrlc::set_handler(handler)
            && !matches!(error, ctrlc::Error::MultipleHandlers)
        {
            self.output.line(&format!("warning: Ctrl-C is not caught: {error}"));
        }
    }

    /// What a command that ended so says to who started it: one that was stopped did not fail.
    pub(super) fn ended(&self, code: ExitCode) -> ExitCode {
        if code == ExitCode::Failed && self.stop.stopped() { ExitCode::Interrupted } else { code }
    }

    /// Shows problems; the exit code if they stop the command.
    pub(super) fn report(&self, mut problems: Vec<Diagnostic>) -> Result<(), ExitCode> {
        diagnostic::sort(&mut problems);
        if self.global.strict {
            diagnostic::make_strict(&mut problems);
        }
        self.output.diagnostics(&problems);
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        match errors {
            0 => Ok(()),
            errors => Err(self.refused(&format!("{}; nothing was run", counted(errors, "error")))),
        }
    }

    /// The same for a build: a plugin that cannot be used takes its own experiments away and nothing else, unless
    /// everything must be good.
    pub(super) fn report_but_plugins(&self, mut problems: Vec<Diagnostic>) -> Result<(), ExitCode> {
        diagnostic::sort(&mut problems);
        let of_plugins = |problem: &Diagnostic| problem.code == PLUGIN && problem.severity == Severity::Error;
        let (plugins, others): (Vec<_>, Vec<_>) = problems.into_iter().partition(of_plugins);
        if self.global.strict || diagnostic::has_errors(&others) {
            return self.report([plugins, others].concat());
        }
        self.output.diagnostics(&plugins);
        self.report(others)
    }

    fn refused(&self, text: &str) -> ExitCode {
        self.output.line(text);
        ExitCode::Definition
    }

    /// Where a project is published: as the command line says, or else as the project does.
    pub(super) fn destination(&self, project: &Project) -> Destination {
        let own = || project.root.join(&project.config.output);
        Destination {
            folder: self.global.output.as_ref().map_or_else(own, |output| self.folder.join(output)),
            root: project.root.clone(),
            project: project.config.project_name().to_owned(),
            sources: vec![project.experiments_folder(), project.root.join("templates")],
        }
    }

    /// The folder of the project around this one.
    pub(super) fn root(&self) -> Result<PathBuf, ExitCode> {
        self.find_root().map_err(|problem| self.refuse(problem))
    }

    /// The same for who tells the problem later.
    pub(super) fn find_root(&self) -> Result<PathBuf, Diagnostic> {
        project::find_root(&self.folder).ok_or_else(|| {
            let message = format!("there is no `{}` in this folder or above it", project::PROJECT_FILE);
            let help = "start a project with `octavo new project NAME`, or name its folder with `-C FOLDER`";
            Diagnostic::error("no-project", message).help(help)
        })
    }

    /// The project around the folder, with its analyses.
    pub(super) fn loaded(&self) -> Result<Loaded, ExitCode> {
        self.told(Loaded::project(&self.root()?))
    }

    /// An experiment outside any project.
    pub(super) fn standalone(&self, file: &Path) -> Result<Loaded, ExitCode> {
        self.told(Loaded::standalone(file))
    }

    /// The project around the folder alone, for what needs no analysis.
    pub(super) fn project(&self) -> Result<(Project, Vec<Diagnostic>), ExitCode> {
        let (project, problems) = Project::load(&self.root()?);
        match project {
            Some(project) => Ok((project, problems)),
            None => self.told(Err(problems)),
        }
    }

    fn told<T>(&self, loaded: Result<T, Vec<Diagnostic>>) -> Result<T, ExitCode> {
        loaded.map_err(|problems| self.report(problems).err().unwrap_or(ExitCode::Definition))
    }

    /// What the command line says of definitions.
    pub(super) fn choice(&self) -> Choice {
        Choice { profile: self.global.profile.clone(), ..Choice::default() }
    }

    /// The analyses that can be used here: those of the project's plugins, too, if there is a project. Its problems with plugins are
    /// added; what is wrong with its pages and experiments is not asked for.
    pub(super) fn registry(
        &self,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<(Registry, Option<Project>), ExitCode> {
        if project::find_root(&self.folder).is_none() {
            return Ok((Registry::built_in(), None));
        }
        let (project, _) = self.project()?;
        Ok((Registry::of_project(&project, problems), Some(project)))
    }

    /// An analysis by name, with the registry that it comes from.
    pub(super) fn analysis(&self, name: &str) -> Result<(Registry, Arc<dyn DynAnalysis>), ExitCode> {
        let (registry, _) = self.registry(&mut Vec::new())?;
        match registry.get(name) {
            Some(Ok(analysis)) => Ok((registry, analysis)),
            Some(Err(problem)) => Err(self.refuse(problem)),
            None => {
                let problem = Diagnostic::error("unknown-analysis", format!("there is no analysis `{name}`"));
                Err(self.refuse(problem.nearest(name, registry.names())))
            }
        }
    }

    /// An experiment by id among these.
    pub(super) fn experiment(
        &self,
        experiments: &[Arc<Experiment>],
        id: &str,
    ) -> Result<Arc<Experiment>, ExitCode> {
        let known = experiments.iter().map(|one| one.id.as_str());
        let found = experiments.iter().find(|one| one.id == id).cloned();
        found.ok_or_else(|| self.refuse(unknown_experiment(id, known)))
    }

    /// Number of tasks at once that leave something to who writes and looks meanwhile.
    pub(super) fn jobs_beside(&self) -> usize {
        self.global.jobs.unwrap_or(self.jobs.saturating_sub(1)).max(1)
    }

    /// The store of a project, with one on another machine behind it if that is wanted. A build that shows that all can be computed anew has none.
    pub(super) fn store(&self, project: &Project) -> Result<Store, ExitCode> {
        let store = self.store_at(&project.root)?;
        with_far(store, project, self.output).map_err(|problem| self.refuse(problem))
    }

    /// The store of the project in this folder, alone.
    pub(super) fn store_at(&self, root: &Path) -> Result<Store, ExitCode> {
        Store::open_telling(root, &mut |text| self.output.line(text)).map_err(|error| {
            self.output.problem(error.diagnostic());
            ExitCode::Failed
        })
    }

    /// Shows a problem that stops the command.
    pub(super) fn refuse(&self, problem: Diagnostic) -> ExitCode {
        self.output.problem(problem);
        ExitCode::Definition
    }

    /// Writes down what plugins said. It is worth nothing but time: what goes wrong is a warning.
    pub(super) fn remember_plugins(&self, registry: &Registry) {
        if let Err(message) = registry.remember() {
            self.output.problem(Diagnostic::warning("store", message));
        }
    }

    /// What came from a store on another machine, and what went there, and what was wrong with it. A build is as good without.
    fn tell_far(&self, store: &Store) {
        let Some(remote) = store.remote() else { return };
        let (fetched, pushed) = store.take_moved();
        let tell = |verb: &str, moved: Moved| {
            if moved.records > 0 {
                let (results, to) = (counted(moved.records, "result"), remote.address().text());
                self.output.line(&format!("{results} {verb} `{to}`, {}", bytes(moved.bytes)));
            }
        };
        tell("came from", fetched);
        tell("went to", pushed);
        let troubles = remote.take_troubles().into_iter();
        let troubles = troubles.map(|trouble| Diagnostic::warning("remote-store", trouble));
        self.output.diagnostics(&troubles.collect::<Vec<_>>());
    }

    /// Tells which entries of the store were found damaged; their number. What is to be said of a store behind it is told, too.
    pub(super) fn tell_damage(&self, store: &Store) -> usize {
        self.tell_far(store);
        let damaged = store.take_warnings().into_iter();
        let damaged = damaged.map(|warning| Diagnostic::warning("damaged-store", warning.to_string()));
        let damaged: Vec<_> = damaged.collect();
        self.output.diagnostics(&damaged);
        damaged.len()
    }

    /// Tells of plugins that were stopped while they computed nothing; their number.
    pub(super) fn tell_stopped_plugins(&self, registry: &Registry) -> usize {
        let stopped = registry.take_stopped();
        self.output.diagnostics(&stopped);
        stopped.len()
    }
}

#[cfg(test)]
mod tests {
    use super::threads;

    #[test]
    fn no_number_of_jobs_asks_the_system_for_endless_threads() {
        for (jobs, processors, expected) in [(1, 64, 1), (8, 2, 8), (100_000, 2, 16), (usize::MAX, 64, 64)] {
            assert_eq!(threads(jobs, processors), expected);
        }
    }
}
