//! A conversation with one process: a request, what is told on the way, an answer, and every way in which it can go wrong.

mod fault;
mod wait;

use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::process::{Hello, Reply, Request, VERSION, Welcome};
use octavo_plugin::{Failure, RunContext, counted};
use serde_json::Value as Json;

use super::folder::SharedFolder;
use super::group::Group;
use super::launch::{self, Budget, Event, Log, Started};
use super::temporary::PluginFolder;
use super::{ANSWER_TIME, Limits, Plugin, lock};
use fault::shown;
use wait::{Asked, Wait};

/// Most warnings of a run that are told one by one.
const WARNINGS: usize = 100;
/// How long a line may be on its way behind an answer that was written with it.
const AFTER: Duration = Duration::from_micros(100);
/// How often the group and its files are measured.
const MEASURE: Duration = Duration::from_millis(100);
/// How long a plugin may take to answer `cancel`, and to end when its input is closed.
const GRACE: Duration = Duration::from_millis(500);

/// How long, by the clock, a process may need for [`GRACE`] of work, if it is waited for patiently.
const PATIENCE: Duration = Duration::from_secs(10);

/// When something was asked for, by the clock and by what the process had computed.
#[derive(Clone, Copy, Debug)]
struct Moment {
    begin: Instant,
    used: Duration,
}

/// A running process.
pub(super) struct Session {
    plugin: Arc<Plugin>,
    child: Child,
    group: Option<Group>,
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    log: Arc<Mutex<Log>>,
    unread: Option<OwnedFd>,
    budget: Arc<Budget>,
    folder: PluginFolder,
    inputs: Option<SharedFolder>,
    next: u64,
    usable: bool,
    /// Whether a moment is measured by what the process computes, and not by the clock.
    patient: bool,
    measured: Instant,
    _alive: Sender<()>,
}

/// What a run has beside its request.
struct Run<'a, 'b> {
    context: &'a RunContext<'b>,
    folder: &'a SharedFolder,
    answers_cancel: bool,
}

impl Session {
    /// Starts the process and settles the version.
    pub(super) fn start(plugin: &Arc<Plugin>) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::resource(format!("the plugin `{}` cannot be started: {error}", plugin.name))
        };
        let folder = PluginFolder::make().map_err(failed)?;
        let Started { mut child, events, log, unread, budget, alive } =
            launch::start(plugin).map_err(failed)?;
        let (group, stdin) = (Group::of(&child), child.stdin.take());
        if let Some(stdin) = &stdin {
            // A process that does not read must not hold the host up.
            let flags = rustix::fs::fcntl_getfl(stdin).map_err(|errno| failed(errno.into()))?;
            rustix::fs::fcntl_setfl(stdin, flags | rustix::fs::OFlags::NONBLOCK)
                .map_err(|errno| failed(errno.into()))?;
        }
        let plugin = Arc::clone(plugin);
        let mut session = Self {
            plugin,
            child,
            group,
            stdin,
            events,
            log,
            unread,
            budget,
            folder,
            inputs: None,
            next: 1,
            usable: true,
            patient: false,
            measured: Instant::now(),
            _alive: alive,
        };
        session.settle_version().inspect_err(|_| session.end())?;
        Ok(session)
    }

    /// What it may use.
    pub(super) fn limits(&self) -> &Limits {
        &self.plugin.limits
    }

    /// Whether it can be asked again.
    pub(super) fn is_usable(&self) -> bool {
        self.usable
    }

    /// Whether its process is still there.
    pub(super) fn is_alive(&self) -> bool {
        !self.group.is_none_or(Group::leader_ended)
    }

    /// The group, until it was killed.
    pub(super) fn group(&self) -> Option<Group> {
        self.group
    }

    /// It is not asked again; at the end of the value the process ends.
    pub(super) fn retire(&mut self) {
        self.usable = false;
    }

    /// From here on, a moment is as long as the process needs for half a second of work: on a busy machine the clock says
    /// nothing about it.
    pub(super) fn be_patient(&mut self) {
        self.patient = true;
    }

    /// The beginning of a moment.
    fn moment(&self) -> Moment {
        Moment { begin: Instant::now(), used: if self.patient { self.time() } else { Duration::ZERO } }
    }

    /// Whether a moment is over.
    fn has_passed(&self, moment: Moment) -> bool {
        let elapsed = moment.begin.elapsed();
        if !self.patient || elapsed <= GRACE {
            return elapsed > GRACE;
        }
        elapsed > PATIENCE || self.time().saturating_sub(moment.used) > GRACE
    }

    /// Time of processors that its group has used.
    fn time(&self) -> Duration {
        self.group.map_or(Duration::ZERO, |group| group.usage().time)
    }

    /// An empty folder for the files of the next run.
    pub(super) fn run_folder(&self) -> Result<SharedFolder, Failure> {
        let path = self.folder.path().join(format!("run-{}", self.next));
        self.make_folder(path)
    }

    /// The folder with the files of inputs.
    pub(super) fn input_folder(&mut self) -> Result<&mut SharedFolder, Failure> {
        if self.inputs.is_none() {
            self.inputs = Some(self.make_folder(self.folder.path().join("inputs"))?);
        }
        Ok(self.inputs.as_mut().expect("it was made"))
    }

    fn make_folder(&self, path: std::path::PathBuf) -> Result<SharedFolder, Failure> {
        SharedFolder::make(path, self.plugin.limits.output)
            .map_err(|error| Failure::resource(format!("a folder for the plugin cannot be made: {error}")))
    }

    /// Asks and waits for the answer.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Json, Failure> {
        let result = self.exchange(&|id| request.to_json(id), Asked::Word, None);
        self.settled(result)
    }

    /// Asks for what no version knows.
    pub(super) fn ask_unknown(&mut self) -> Result<Json, Failure> {
        let request = |id| serde_json::json!({ "id": id, "request": "dance" });
        let result = self.exchange(&request, Asked::Word, None);
        self.settled(result)
    }

    /// Closes its input; whether it then ends within its grace.
    pub(super) fn close_input(&mut self) -> bool {
        let ended = self.wait_for_end().is_some();
        self.end();
        ended
    }

    /// Asks for a run.
    pub(super) fn ask_run(
        &mut self,
        request: &Request,
        context: &RunContext<'_>,
        folder: &SharedFolder,
        answers_cancel: bool,
    ) -> Result<Json, Failure> {
        let run = Run { context, folder, answers_cancel };
        let result = self.exchange(&|id| request.to_json(id), Asked::Run, Some(&run));
        self.settled(result)
    }

    fn settle_version(&mut self) -> Result<(), Failure> {
        let hello = serde_json::to_value(Hello::of_host()).expect("plain data");
        let mut wait = Wait::new(0, Asked::Start, self.patience(Asked::Start), None);
        self.send(&hello, &mut wait)?;
        let line = self.line(&mut wait)?;
        let welcome = Welcome::parse(&line).map_err(|message| self.broke(&message))?;
        if welcome.version == VERSION {
            return Ok(());
        }
        let message = format!(
            "the plugin `{}` speaks version {} of the protocol, and this Octavo speaks version {VERSION}",
            self.plugin.name, welcome.version
        );
        Err(self.with_log(
            Failure::bug(message)
                .help("use a version of the plugin's library that speaks it, or a newer Octavo"),
        ))
    }

    /// How long an answer may take.
    fn patience(&self, asked: Asked) -> Duration {
        let limits = &self.plugin.limits;
        match asked {
            Asked::Start => limits.start,
            Asked::Word => limits.time.min(ANSWER_TIME),
            Asked::Run => limits.time,
        }
    }

    fn exchange(
        &mut self,
        request: &dyn Fn(u64) -> Json,
        asked: Asked,
        run: Option<&Run<'_, '_>>,
    ) -> Result<Json, Stop> {
        let id = self.next;
        self.next += 1;
        self.budget.reset();
        if asked == Asked::Run {
            // The log that is shown with a task is that task's own.
            self.settled_log().clear();
        }
        let mut wait = Wait::new(id, asked, self.patience(asked), run);
        self.send(&request(id), &mut wait)?;
        let mut warnings = 0;
        let answer = self.answer(&mut wait, &mut warnings);
        if let (Some(run), Some(more @ 1..)) = (run, warnings.checked_sub(WARNINGS)) {
            run.context.warn(&format!("and {}", counted(more, "more warning")));
        }
        if matches!(answer, Ok(_) | Err(Stop::Answered(_))) {
            self.refuse_more(id)?;
        }
        answer
    }

    fn answer(&mut self, wait: &mut Wait<'_, '_>, warnings: &mut usize) -> Result<Json, Stop> {
        let (id, run) = (wait.id, wait.run);
        loop {
            let line = self.line(wait)?;
            let (found, reply) = Reply::parse(&line).map_err(|failure| Stop::from(self.misread(failure)))?;
            if found < id {
                self.refuse_second(found, &reply)?;
                continue;
            }
            if found > id {
                return Err(self.broke(&format!("it answers a request {found} that was never made")).into());
            }
            match (reply, run) {
                // Whether to go on is asked at the next line.
                (Reply::Progress(done, total), Some(run)) => drop(run.context.step(done, total)),
                (Reply::Progress(..), None) => {}
                (Reply::Log(warning, message), _) => {
                    let level = if warning { "warning: " } else { "" };
                    lock(&self.log).push(&format!("{level}{message}"));
                    if let (true, Some(run)) = (warning, run) {
                        *warnings += 1;
                        if *warnings <= WARNINGS {
                            run.context.warn(&shown(&message));
                        }
                    }
                }
                (Reply::Result(value), _) => {
                    // Many short tasks may leave as much behind as one long one.
                    if self.measured.elapsed() > 5 * MEASURE {
                        self.measure(run.map(|run| run.folder))?;
                    }
                    self.measure_output(run.map(|run| run.folder))?;
                    return Ok(value);
                }
                (Reply::Error(failure), _) => return Err(Stop::Answered(self.told(&failure, run))),
            }
        }
    }

    /// What belongs to a request that was answered already may come late, but for a second answer: which of the two
    /// counts?
    fn refuse_second(&self, id: u64, reply: &Reply) -> Result<(), Failure> {
        match reply {
            Reply::Progress(..) | Reply::Log(..) => Ok(()),
            Reply::Result(_) | Reply::Error(_) => {
                Err(self.broke(&format!("it answers the request {id} twice")))
            }
        }
    }

    /// Looks whether an answer is followed at once by another: then it is refused with the task that it belongs to, and
    /// not with the next one.
    fn refuse_more(&mut self, id: u64) -> Result<(), Failure> {
        while let Ok(Event::Line(line)) = self.events.recv_timeout(AFTER) {
            let (found, reply) = Reply::parse(&line).map_err(|failure| self.misread(failure))?;
            if found > id {
                return Err(self.broke(&format!("it answers a request {found} that was never made")));
            }
            self.refuse_second(found, &reply)?;
        }
        Ok(())
    }

    /// After a failure that is not the plugin's own answer, the process is at an unknown place and is ended.
    fn settled(&mut self, result: Result<Json, Stop>) -> Result<Json, Failure> {
        match result {
            Ok(value) => Ok(value),
            Err(Stop::Answered(failure)) => Err(failure),
            Err(Stop::Broken(failure)) => {
                self.end();
                Err(failure)
            }
        }
    }

    /// How the leader ended, if it did so within a moment.
    fn wait_for_end(&mut self) -> Option<ExitStatus> {
        self.stdin = None;
        let moment = self.moment();
        while !self.group.is_none_or(Group::leader_ended) {
            if self.has_passed(moment) {
                return None;
            }
            thread::sleep(Duration::from_millis(1));
        }
        // The last lines of its log arrive before its group is killed, and only then is it waited for.
        let _ = self.last_lines();
        self.kill();
        self.child.wait().ok()
    }

    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            group.kill();
        }
    }

    /// Kills the group at once.
    pub(super) fn end(&mut self) {
        self.usable = false;
        self.stdin = None;
        self.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.group.is_some() {
            self.wait_for_end();
            self.end();
        }
    }
}

/// Why there is no value.
enum Stop {
    /// The plugin said so, and can be asked again.
    Answered(Failure),
    /// The process is at an unknown place.
    Broken(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}
