//! `octavo submit`: the missing tasks on a cluster, and then a build. What there is to do, and how far it is, the store alone says: the engine that
//! starts jobs is told to start some and asked whether any are left. So this program may end at any moment, and the next one takes up
//! where it was.

mod batch;
mod cancel;
mod engine;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use octavo_plugin::{Digest, counted};

use self::batch::{Batch, Failed, Said, State, about};
use self::engine::Engine;
use super::build::{Build, checked};
use super::events::Event;
use super::probe::{CANARY, Known};
use super::session::{ExitCode, Session};
use super::tasks::{Row, lines, rows};
use crate::build::{Checked, Loaded};
use crate::cache::TaskCache;
use crate::config::cluster::{self, Cluster, Clusters};
use crate::diagnostic::{Diagnostic, MOST_SHOWN};
use crate::disk::{self, DiskError};
use crate::environment;
use crate::executor::Cache as _;
use crate::source::SourceFile;
use crate::store::{Access, Store, acquire};

/// Where the work of clusters is written down in the store.
const FOLDER: &str = "clusters";
/// The file in the folder of a cluster that whoever submits holds alone.
const LOCK: &str = "lock";

/// Arguments of `octavo submit`.
#[derive(Args, Debug)]
pub(super) struct Submit {
    /// A cluster of `octavo.toml` or of the user's configuration, or one that comes with Octavo: `local`, `slurm`, `hyperqueue`,
    /// `github-matrix`
    #[arg(value_name = "NAME")]
    cluster: String,
    /// End the jobs that run or wait, and submit nothing
    #[arg(long)]
    cancel: bool,
}

impl Submit {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        match self.run(session) {
            Ok(()) if self.cancel => ExitCode::Good,
            Ok(()) => Build::default().execute(session),
            Err(code) => code,
        }
    }

    /// Goes on until all results are there.
    fn run(&self, session: &Session) -> Result<(), ExitCode> {
        let (loaded, checked, problems) = checked(session, false)?;
        session.report_but_plugins(problems)?;
        let cluster = self.find(&loaded).map_err(|problem| session.refuse(problem))?;
        let store = session.store(&loaded.project)?;
        session.catch_interrupts();
        session.remember_plugins(&loaded.registry);
        let failed = |error: DiskError| {
            session.output.problem(Diagnostic::error("store", error.to_string()));
            ExitCode::Failed
        };
        let folder = store.folder().join(FOLDER).join(&self.cluster);
        disk::create_folders(&folder).map_err(failed)?;
        let folder = disk::real_path(&folder).map_err(failed)?;
        let waiting = &mut |text: &str| session.output.line(text);
        let wait = || acquire(&folder.join(LOCK), Access::Alone, waiting);
        let _lock = (!self.cancel).then(wait).transpose().map_err(failed)?;
        let root = disk::real_path(&loaded.project.root).map_err(failed)?;
        let program = match &cluster.program {
            Some(program) => PathBuf::from(program),
            None => environment::program().map_err(|error| {
                session.output.problem(Diagnostic::error("program", error.to_string()));
                ExitCode::Failed
            })?,
        };
        let profile = session.global.profile.as_deref();
        let engine = Engine { name: &self.cluster, cluster: &cluster, root: &root, program, profile };
        let state = State::read(&folder);
        let mut work = Work {
            session,
            loaded: &loaded,
            checked: &checked,
            store: &store,
            engine,
            folder: &folder,
            state,
        };
        let done = if self.cancel { work.cancel() } else { work.go_on() };
        session.tell_damage(&store);
        done.map_err(|stopped| work.tell(stopped))
    }

    fn find(&self, loaded: &Loaded) -> Result<Cluster, Diagnostic> {
        let user = user_clusters()?;
        cluster::find(&self.cluster, &loaded.project.config.cluster, &user)
    }
}

/// The clusters of the user's own configuration.
fn user_clusters() -> Result<Clusters, Diagnostic> {
    let Some(path) = environment::user_configuration() else { return Ok(Clusters::new()) };
    let unreadable = |why: String| {
        let message = format!("`{}` cannot be read: {why}", path.display());
        Diagnostic::error("configuration", message).help("mend it, or move it away")
    };
    let Some(bytes) = disk::read(&path).map_err(|error| unreadable(error.to_string()))? else {
        return Ok(Clusters::new());
    };
    let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
    let source: Arc<SourceFile> = SourceFile::new(path.to_string_lossy(), text);
    let (clusters, problems) = cluster::read(&source);
    problems.into_iter().next().map_or(Ok(clusters), Err)
}

/// Why work does not go on.
enum Stopped {
    /// Somebody pressed Ctrl-C: jobs go on.
    Left,
    /// Another process ended the jobs.
    Cancelled,
    /// Something is wrong.
    Problems(Vec<Diagnostic>),
}

impl From<Diagnostic> for Stopped {
    fn from(problem: Diagnostic) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<DiskError> for Stopped {
    fn from(error: DiskError) -> Self {
        Diagnostic::error("store", error.to_string()).into()
    }
}

/// Work on a cluster.
struct Work<'a> {
    session: &'a Session,
    loaded: &'a Loaded,
    checked: &'a Checked,
    store: &'a Store,
    engine: Engine<'a>,
    /// Where it is written down.
    folder: &'a Path,
    state: State,
}

impl Work<'_> {
    /// Submits what is missing, again and again, until nothing is.
    fn go_on(&mut self) -> Result<(), Stopped> {
        self.begin()?;
        loop {
            if let Some(batch) = self.taken_up() {
                self.follow(&batch)?;
                self.end(&batch)?;
            }
            let rows = rows(&self.checked.plan, self.store);
            let missing = rows.iter().filter(|row| !row.is_remembered()).count();
            if missing == 0 {
                self.state = State { batch: self.state.batch, ..State::default() };
                self.state.write(self.folder)?;
                return Ok(());
            }
            let retries = self.engine.cluster.retries();
            let is_hopeless = |failed: &Failed| failed.is_the_same_everywhere() || failed.times > retries;
            let given_up = |row: &Row| self.state.failed.get(&row.origin).is_some_and(is_hopeless);
            let mut seen = BTreeSet::new();
            let ready = rows.iter().filter(|row| row.key.is_some() && !row.is_remembered() && !given_up(row));
            let ready: Vec<&Row> = ready.filter(|row| seen.insert(row.origin)).collect();
            if ready.is_empty() || self.state.fruitless > retries {
                return Err(self.give_up(&rows, missing)?);
            }
            if self.session.stop.stopped() {
                return Err(Stopped::Left);
            }
            if self.is_cancelled() {
                return Err(Stopped::Cancelled);
            }
            self.submit(&rows, &ready)?;
        }
    }

    /// The batch that was submitted before. If who submitted it was killed at that, the engine may still be about to say by what it knows the jobs.
    fn taken_up(&mut self) -> Option<Batch> {
        let mut batch = self.state.running.clone()?;
        let folder = batch.folder(self.folder);
        for _ in 0..50 {
            if batch.id.is_empty() {
                batch.id = engine::id(&folder).unwrap_or_default();
            }
            if !batch.id.is_empty() {
                self.state.running = Some(batch.clone());
                return Some(batch);
            }
            sleep(Duration::from_millis(100));
        }
        self.state.running = None;
        None
    }

    /// Submits these tasks, all at once.
    fn submit(&mut self, rows: &[Row], ready: &[&Row]) -> Result<(), Stopped> {
        let seconds: f64 = ready.iter().filter_map(|row| row.seconds).sum();
        let unknown = ready.iter().filter(|row| row.seconds.is_none()).count();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.engine.cluster.jobs_for(ready.len(), seconds, unknown, processors);
        self.state.batch += 1;
        let tasks = ready.iter().filter_map(|row| Some((row.key?, row.origin))).collect();
        let mut batch = Batch { number: self.state.batch, jobs, id: String::new(), tasks };
        let folder = batch.folder(self.folder);
        disk::remove_tree(&folder)?;
        let probe = Known::here(
            (self.loaded, &self.checked.plan),
            self.store,
            rows,
            self.engine.cluster.canary.unwrap_or(CANARY),
        )?;
        let probe = serde_json::to_string(&probe).expect("it is plain data");
        let profile = self.session.global.profile.as_deref();
        let listing = format!("{}\n", lines(ready.iter().copied()));
        let script = batch::write(&folder, &self.engine, (&listing, &probe), jobs, profile)?;
        self.state.running = Some(batch.clone());
        self.state.write(self.folder)?;
        let id = self.engine.submit(&about(&batch, &folder, &script));
        batch.id = id.inspect_err(|_| self.state.running = None)?;
        self.state.running = Some(batch.clone());
        self.state.write(self.folder)?;
        let output = &self.session.output;
        output.line(&format!(
            "submitted {} in {} to `{}`",
            counted(ready.len(), "task"),
            counted(jobs, "job"),
            self.engine.name
        ));
        output.event(&Event::Submitted {
            cluster: self.engine.name.to_owned(),
            batch: batch.number,
            jobs,
            tasks: ready.len(),
            id: batch.id,
        });
        Ok(())
    }

    /// Waits until all results of a batch are in the store, or none of its jobs is left.
    fn follow(&self, batch: &Batch) -> Result<(), Stopped> {
        let (folder, script) = (batch.folder(self.folder), batch.folder(self.folder).join("job.sh"));
        let mut waiting = self.engine.wait(&about(batch, &folder, &script))?;
        let mut missing: Vec<Digest> = batch.tasks.iter().map(|(key, _)| *key).collect();
        let (all, mut told) = (missing.len(), (Instant::now(), usize::MAX));
        let places = self.places(batch);
        loop {
            // Jobs may end between two looks: what they left is looked for once more.
            let over = self.engine.is_over(&mut waiting);
            let began = Instant::now();
            self.bring(&missing, &places);
            missing.retain(|key| !self.store.has_record(key));
            // Jobs that somebody ended are over, too.
            if self.is_cancelled() {
                return Err(Stopped::Cancelled);
            }
            if missing.is_empty() || over? {
                return Ok(());
            }
            if self.session.stop.stopped() {
                return Err(Stopped::Left);
            }
            if told.1 != missing.len() && (told.1 == usize::MAX || told.0.elapsed() > Duration::from_secs(5))
            {
                self.session.output.line(&format!("{} of {}", all - missing.len(), counted(all, "result")));
                told = (Instant::now(), missing.len());
            }
            // A store that is slow to answer is asked less often.
            self.rest((began.elapsed() * 20).clamp(Duration::from_millis(100), Duration::from_secs(30)));
        }
    }

    /// The tasks of a batch by key, where jobs may have put results into a store on another machine.
    fn places(&self, batch: &Batch) -> BTreeMap<Digest, usize> {
        if self.store.remote().is_none() {
            return BTreeMap::new();
        }
        let origins = crate::plan::origins(&self.checked.plan);
        let tasks: BTreeMap<&Digest, usize> = origins.iter().zip(0..).collect();
        batch.tasks.iter().filter_map(|(key, origin)| Some((*key, *tasks.get(origin)?))).collect()
    }

    /// Brings what is there of these keys.
    fn bring(&self, keys: &[Digest], places: &BTreeMap<Digest, usize>) {
        let declared = |task: usize| &self.checked.plan.experiment_of(task).outputs;
        let wanted = keys.iter().filter_map(|key| Some((*key, declared(*places.get(key)?))));
        TaskCache::new(self.store).bring(&wanted.collect::<Vec<_>>());
    }

    /// Sleeps so long, unless somebody wants this to end.
    fn rest(&self, time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time && !self.session.stop.stopped() && !self.is_cancelled() {
            sleep(Duration::from_millis(100).min(time));
        }
    }

    /// Counts what came of a batch.
    fn end(&mut self, batch: &Batch) -> Result<(), Stopped> {
        let (folder, script) = (batch.folder(self.folder), batch.folder(self.folder).join("job.sh"));
        let is_missing = |(key, _): &&(Digest, Digest)| !self.store.has_record(key);
        if batch.tasks.iter().any(|task| is_missing(&task)) {
            // What cannot be fetched is missing: it is tried again as often as anything else.
            if let Err(problem) = self.engine.fetch(&about(batch, &folder, &script)) {
                self.session.output.diagnostics(&[Diagnostic::warning("cluster", problem.message)]);
            }
        }
        let missing: Vec<Digest> = batch.tasks.iter().filter(is_missing).map(|(_, origin)| *origin).collect();
        let results = batch.tasks.len() - missing.len();
        let Said { failed, problems } = batch::said(&folder, batch.jobs);
        let mut counted_failures = 0;
        for (task, origin) in self.named(&missing) {
            let Some(failure) = failed.get(&task).cloned() else { continue };
            let times = self.state.failed.get(&origin).map_or(0, |failed| failed.times).saturating_add(1);
            self.state.failed.insert(origin, Failed { times, batch: batch.number, failure });
            counted_failures += 1;
        }
        self.state.fruitless = if results + counted_failures > 0 { 0 } else { self.state.fruitless + 1 };
        self.state.running = None;
        self.state.write(self.folder)?;
        let output = &self.session.output;
        output.event(&Event::Arrived { batch: batch.number, results, of: batch.tasks.len() });
        if missing.is_empty() {
            // A job that just ended, or the engine, may still write there.
            let _ = disk::remove_tree(&folder);
            return Ok(());
        }
        let told = problems.iter().take(MOST_SHOWN).map(|(message, job)| {
            Diagnostic::warning("job", format!("job {job} of batch {}: {message}", batch.number))
        });
        output.diagnostics(&told.collect::<Vec<_>>());
        output.line(&format!(
            "{results} of {} came of batch {}",
            counted(batch.tasks.len(), "result"),
            batch.number
        ));
        Ok(())
    }

    /// These tasks by what messages call them.
    fn named(&self, origins: &[Digest]) -> Vec<(String, Digest)> {
        let plan = &self.checked.plan;
        let all = crate::plan::origins(plan);
        let wanted: BTreeSet<&Digest> = origins.iter().collect();
        let tasks = all.iter().enumerate().filter(|(_, origin)| wanted.contains(origin));
        tasks.map(|(task, origin)| (plan.describe(task), *origin)).collect()
    }

    /// Says which tasks have no result, and forgets how often they were tried: whoever submits again has looked.
    fn give_up(&mut self, rows: &[Row], missing: usize) -> Result<Stopped, DiskError> {
        let plan = &self.checked.plan;
        let tried = rows.iter().enumerate().filter(|(_, row)| row.key.is_some() && !row.is_remembered());
        let problem = |(task, row): (usize, &Row)| {
            let failed = self.state.failed.get(&row.origin);
            let (why, batch) = match failed {
                Some(failed) => (failed.words(), failed.batch),
                None => {
                    ("no job brought it: they ended before, or did not start".to_owned(), self.state.batch)
                }
            };
            let message = format!("`{}` has no result: {why}", plan.describe(task));
            let logs = batch::folder_of(self.folder, batch);
            Diagnostic::error("no-result", message)
                .help(format!("what jobs said stands in `{}`; `octavo build` tries it here", logs.display()))
        };
        let mut problems: Vec<Diagnostic> = tried.map(problem).collect();
        let message = format!("{} without a result, so nothing was built", counted(missing, "task"));
        problems.push(Diagnostic::error("incomplete", message).help(format!(
            "`octavo build --from-store` publishes what there is; `octavo submit {}` tries once more",
            self.engine.name
        )));
        self.state = State { batch: self.state.batch, ..State::default() };
        self.state.write(self.folder)?;
        Ok(Stopped::Problems(problems))
    }

    fn tell(&self, stopped: Stopped) -> ExitCode {
        let name = self.engine.name;
        match stopped {
            Stopped::Left => {
                self.session.output.line(&format!(
                    "jobs go on; `octavo submit {name}` takes up where it was, `octavo submit {name} --cancel` ends them"
                ));
                ExitCode::Interrupted
            }
            Stopped::Cancelled => {
                self.session
                    .output
                    .line("another `octavo submit --cancel` ended the jobs; what is finished is kept");
                ExitCode::Interrupted
            }
            Stopped::Problems(problems) => {
                self.session.output.diagnostics(&problems);
                ExitCode::Failed
            }
        }
    }
}
