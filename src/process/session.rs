//! A conversation with one process: a request, what is told on the way, an answer, and every way in which it can go wrong.

mod fault;

use std::io::{ErrorKind, Write};
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::process::{Hello, Reply, Request, VERSION, Welcome};
use octavo_plugin::{Failure, FailureKind, RunContext};
use serde_json::Value as Json;

use super::folder::{SharedFolder, mebibytes};
use super::group::Group;
use super::launch::{self, Budget, Event, Log, Started};
use super::{ANSWER_TIME, Plugin, lock};
use fault::shown;

/// How often a wait looks at the clock and at `cancel`.
const TICK: Duration = Duration::from_millis(5);
/// How often the group and its files are measured.
const MEASURE: Duration = Duration::from_millis(100);
/// How long a plugin may take to answer `cancel`, and to end when its input is closed.
const GRACE: Duration = Duration::from_millis(500);

/// A running process.
pub(super) struct Session {
    plugin: Arc<Plugin>,
    child: Child,
    group: Option<Group>,
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    log: Arc<Mutex<Log>>,
    budget: Arc<Budget>,
    folder: tempfile::TempDir,
    next: u64,
    usable: bool,
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
        let folder = tempfile::Builder::new().prefix("octavo-").tempdir().map_err(failed)?;
        let Started { mut child, events, log, budget, alive } = launch::start(plugin).map_err(failed)?;
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
            budget,
            folder,
            next: 1,
            usable: true,
            measured: Instant::now(),
            _alive: alive,
        };
        session.settle_version().inspect_err(|_| session.end())?;
        Ok(session)
    }

    /// Whether it can be asked again.
    pub(super) fn is_usable(&self) -> bool {
        self.usable
    }

    /// Whether its process is still there.
    pub(super) fn is_alive(&self) -> bool {
        !self.group.is_none_or(Group::leader_ended)
    }

    /// It is not asked again; at the end of the value the process ends.
    pub(super) fn retire(&mut self) {
        self.usable = false;
    }

    /// An empty folder for the files of the next run.
    pub(super) fn run_folder(&self) -> Result<SharedFolder, Failure> {
        let path = self.folder.path().join(format!("run-{}", self.next));
        self.make_folder(path)
    }

    /// The folder with the files of inputs.
    pub(super) fn input_folder(&self) -> Result<SharedFolder, Failure> {
        self.make_folder(self.folder.path().join("inputs"))
    }

    fn make_folder(&self, path: std::path::PathBuf) -> Result<SharedFolder, Failure> {
        SharedFolder::make(path, self.plugin.limits.output)
            .map_err(|error| Failure::resource(format!("a folder for the plugin cannot be made: {error}")))
    }

    /// Asks and waits for the answer.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Json, Failure> {
        let limit = ANSWER_TIME.min(self.plugin.limits.time);
        let result = self.exchange(request, limit, None);
        self.settled(result)
    }

    /// Asks for what no version knows.
    pub(super) fn ask_unknown(&mut self) -> Result<Json, Failure> {
        let id = self.next;
        self.next += 1;
        let deadline = Instant::now() + ANSWER_TIME.min(self.plugin.limits.time);
        self.send(&serde_json::json!({ "id": id, "request": "dance" }), deadline)?;
        let result = self.answer(id, deadline, None);
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
        let result = self.exchange(request, self.plugin.limits.time, Some(&run));
        self.settled(result)
    }

    fn settle_version(&mut self) -> Result<(), Failure> {
        let hello = serde_json::to_value(Hello::of_host()).expect("plain data");
        let deadline = Instant::now() + ANSWER_TIME.min(self.plugin.limits.time);
        self.send(&hello, deadline)?;
        let line = self.line(deadline, None)?;
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

    fn exchange(
        &mut self,
        request: &Request,
        limit: Duration,
        run: Option<&Run<'_, '_>>,
    ) -> Result<Json, Stop> {
        let id = self.next;
        self.next += 1;
        self.budget.reset();
        let deadline = Instant::now() + limit;
        self.send(&request.to_json(id), deadline)?;
        self.answer(id, deadline, run)
    }

    fn answer(&mut self, id: u64, deadline: Instant, run: Option<&Run<'_, '_>>) -> Result<Json, Stop> {
        loop {
            let line = self.line(deadline, run.map(|run| (id, run)))?;
            let (found, reply) = Reply::parse(&line).map_err(|failure| Stop::from(self.misread(failure)))?;
            // What belongs to a request that was answered already came late.
            if found < id {
                continue;
            }
            if found > id {
                return Err(self.broke(&format!("it answers a request {found} that was never made")).into());
            }
            match (reply, run) {
                (Reply::Progress(done, total), Some(run)) => drop(run.context.step(done, total)),
                (Reply::Progress(..), None) => {}
                (Reply::Log(warning, message), _) => {
                    let level = if warning { "warning: " } else { "" };
                    lock(&self.log).push(&format!("{level}{message}"));
                    if let (true, Some(run)) = (warning, run) {
                        run.context.warn(&shown(&message));
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

    fn send(&mut self, message: &Json, deadline: Instant) -> Result<(), Failure> {
        let mut text = message.to_string();
        text.push('\n');
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let Some(stdin) = self.stdin.as_mut() else { return Ok(()) };
            match stdin.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if Instant::now() > deadline {
                        return Err(self.too_late());
                    }
                    thread::sleep(Duration::from_millis(1));
                }
                // It ended or closed its input. What it wrote before says more than this.
                Err(_) => self.stdin = None,
            }
        }
        Ok(())
    }

    /// The next line. During a run, limits and `cancel` are looked at while waiting.
    fn line(&mut self, deadline: Instant, run: Option<(u64, &Run<'_, '_>)>) -> Result<Vec<u8>, Failure> {
        let mut cancelled: Option<Instant> = None;
        let mut ended = false;
        loop {
            match self.events.recv_timeout(TICK) {
                Ok(Event::Line(line)) => return Ok(line),
                Ok(Event::LongLine) => {
                    return Err(self.broke("a message is longer than 16 MiB; large data goes through files"));
                }
                Ok(Event::End(rest)) => {
                    self.measure(run.map(|(_, run)| run.folder))?;
                    return Err(self.ended(&rest));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.measure(run.map(|(_, run)| run.folder))?;
                    return Err(self.ended(b""));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now > deadline {
                return Err(self.too_late());
            }
            if cancelled.is_some_and(|since| now.duration_since(since) > GRACE) {
                return Err(Failure::new(FailureKind::Cancelled, "the run was cancelled"));
            }
            if let (Some((id, run)), None) = (run, cancelled)
                && let Err(stopped) = run.context.go_on()
            {
                if stopped.kind != FailureKind::Cancelled {
                    return Err(self.too_late());
                }
                if !run.answers_cancel {
                    return Err(stopped);
                }
                self.send(&Request::Cancel.to_json(id), now + GRACE)?;
                cancelled = Some(now);
            }
            if now.duration_since(self.measured) > MEASURE {
                self.measure(run.map(|(_, run)| run.folder))?;
                // Its children may hold its output open for ever. One more round, in case that a line is on its way.
                if ended {
                    return Err(self.ended(b""));
                }
                ended = self.group.is_some_and(Group::leader_ended);
            } else if self.budget.used() > self.plugin.limits.output {
                self.measure_output(None)?;
            }
        }
    }

    /// Holds what the group uses against its limits.
    fn measure(&mut self, folder: Option<&SharedFolder>) -> Result<(), Failure> {
        self.measured = Instant::now();
        self.measure_output(folder)?;
        let limits = &self.plugin.limits;
        let Some(usage) = self.group.map(Group::usage) else { return Ok(()) };
        if usage.processes > limits.processes {
            return Err(
                self.over(&format!("it started more than {} processes", limits.processes), "processes")
            );
        }
        if usage.memory > limits.memory {
            return Err(
                self.over(&format!("it used more than {} of memory", mebibytes(limits.memory)), "memory")
            );
        }
        Ok(())
    }

    /// Holds messages, log and files against their limit: cheap enough for every answer.
    fn measure_output(&self, folder: Option<&SharedFolder>) -> Result<(), Failure> {
        let limit = self.plugin.limits.output;
        let files = folder.map_or(0, SharedFolder::size);
        if self.budget.used() + files > limit {
            return Err(self.over(&format!("it wrote more than {}", mebibytes(limit)), "output"));
        }
        Ok(())
    }

    /// How the leader ended, if it did so within a moment.
    fn wait_for_end(&mut self) -> Option<ExitStatus> {
        self.stdin = None;
        let deadline = Instant::now() + GRACE;
        while !self.group.is_none_or(Group::leader_ended) {
            if Instant::now() > deadline {
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
    fn end(&mut self) {
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
