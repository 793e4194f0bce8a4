//! A conversation with one process: a request, what is told on the way, an answer, and every way in which it can go wrong.

use std::io::{ErrorKind, Write};
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::process::{Hello, Reply, Request, VERSION, Welcome};
use octavo_plugin::{Failure, FailureKind, RunContext};
use serde_json::Value as Json;

use super::exec::NOT_STARTED;
use super::folder::{SharedFolder, mebibytes};
use super::group::Group;
use super::launch::{self, Budget, Event, Log, Started};
use super::{ANSWER_TIME, Plugin, lock};

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

    /// What is wrong with an answer that was well formed: the plugin is named, and its log shown.
    pub(super) fn blame(&self, failure: Failure) -> Failure {
        let message = format!("the plugin `{}`: {}", self.plugin.name, failure.message);
        Failure { message, log: self.last_lines(), ..failure }
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
                }
                (Reply::Result(value), _) => {
                    self.measure(run.map(|run| run.folder))?;
                    return Ok(value);
                }
                (Reply::Error(failure), _) => return Err(Stop::Answered(self.told(failure, run))),
            }
        }
    }

    /// An error that the plugin itself reported.
    fn told(&self, failure: Failure, run: Option<&Run<'_, '_>>) -> Failure {
        if failure.kind == FailureKind::Cancelled {
            return match run.map(|run| run.context.go_on()) {
                Some(Err(stopped)) => stopped,
                _ => self.blame(Failure::bug("it says that it was cancelled, and nobody asked for that")),
            };
        }
        let log = if failure.kind == FailureKind::Bug { self.last_lines() } else { Vec::new() };
        Failure { message: shown(&failure.message), help: failure.help.as_deref().map(shown), log, ..failure }
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
            let Some(stdin) = self.stdin.as_mut() else { return Err(self.ended(b"")) };
            match stdin.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if Instant::now() > deadline {
                        return Err(self.too_late());
                    }
                    thread::sleep(Duration::from_millis(1));
                }
                // It ended; what it said before may say why.
                Err(_) => return Err(self.ended(b"")),
            }
        }
        Ok(())
    }

    /// The next line. During a run, limits and `cancel` are looked at while waiting.
    fn line(&mut self, deadline: Instant, run: Option<(u64, &Run<'_, '_>)>) -> Result<Vec<u8>, Failure> {
        let mut measured = Instant::now();
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
            if now.duration_since(measured) > MEASURE {
                measured = now;
                self.measure(run.map(|(_, run)| run.folder))?;
                // Its children may hold its output open for ever. One more round, in case that a line is on its way.
                if ended {
                    return Err(self.ended(b""));
                }
                ended = self.group.is_some_and(Group::leader_ended);
            } else if self.budget.used() > self.plugin.limits.output {
                self.measure(None)?;
            }
        }
    }

    /// Holds what the group uses against its limits.
    fn measure(&self, folder: Option<&SharedFolder>) -> Result<(), Failure> {
        let limits = &self.plugin.limits;
        let over = |what: String, key: &str| {
            let message = format!("the plugin `{}` was stopped: {what}", self.plugin.name);
            let help = format!(
                "mend it, or raise `limits.{key}` of `[plugins.{}]` in octavo.toml",
                self.plugin.name
            );
            Err(self.with_log(Failure::resource(message).help(help)))
        };
        let files = folder.map_or(0, SharedFolder::size);
        if self.budget.used() + files > limits.output {
            return over(format!("it wrote more than {}", mebibytes(limits.output)), "output");
        }
        let Some(usage) = self.group.map(Group::usage) else { return Ok(()) };
        if usage.processes > limits.processes {
            return over(format!("it started more than {} processes", limits.processes), "processes");
        }
        if usage.memory > limits.memory {
            return over(format!("it used more than {} of memory", mebibytes(limits.memory)), "memory");
        }
        Ok(())
    }

    fn too_late(&self) -> Failure {
        let limits = &self.plugin.limits;
        let message = format!(
            "the plugin `{}` was stopped: it did not answer within {} s",
            self.plugin.name,
            limits.time.as_secs_f64()
        );
        let help =
            format!("mend it, or raise `limits.time` of `[plugins.{}]` in octavo.toml", self.plugin.name);
        self.with_log(Failure::resource(message).help(help))
    }

    /// The process ended although it was asked something; `rest` is the beginning of a message.
    fn ended(&mut self, rest: &[u8]) -> Failure {
        let status = self.wait_for_end();
        let log = self.last_lines();
        if let Some(line) = log.iter().find(|line| line.starts_with(NOT_STARTED)) {
            let message = format!(
                "the plugin `{}` cannot be started: {}",
                self.plugin.name,
                line.trim_start_matches(NOT_STARTED)
            );
            return Failure::user(message).help("`command` is run in the project's folder, without a shell");
        }
        let how = status.map_or_else(|| "and closed its output".to_owned(), |status| describe(status));
        let place = if rest.is_empty() { "before it answered" } else { "in the middle of a message" };
        let message = format!("the plugin `{}` ended {place} ({how})", self.plugin.name);
        let help = format!(
            "it may have met its limit of {} of memory; `limits.memory` of `[plugins.{}]` in octavo.toml raises it",
            mebibytes(self.plugin.limits.memory),
            self.plugin.name
        );
        let says_so = log.iter().any(|line| {
            let line = line.to_lowercase();
            line.contains("memory") || line.contains("bad_alloc")
        });
        if says_so {
            return Failure { log, ..Failure::resource(message).help(help) };
        }
        // A program that is refused memory and does not look dies of a signal.
        let signal = status.is_some_and(|status| status.code().is_none());
        let failure = Failure { log, ..Failure::bug(message) };
        if signal { failure.help(help) } else { failure }
    }

    fn broke(&self, message: &str) -> Failure {
        let message = format!("the plugin `{}` broke the protocol: {}", self.plugin.name, message);
        self.with_log(Failure::bug(message).help("docs/plugin-protocol.md says what a message is"))
    }

    fn misread(&self, failure: Failure) -> Failure {
        match failure.kind {
            FailureKind::Bug => self.broke(&failure.message),
            _ => self.blame(failure),
        }
    }

    fn with_log(&self, failure: Failure) -> Failure {
        Failure { log: self.last_lines(), ..failure }
    }

    fn last_lines(&self) -> Vec<String> {
        // The log comes on another way than the answer: what was written before is waited for, a moment.
        for _ in 0..10 {
            if lock(&self.log).ended() {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        lock(&self.log).last()
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

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "of unknown cause".to_owned(),
    }
}

/// A text of the plugin on a terminal: no control characters, not without end.
fn shown(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).take(2000).collect();
    line.trim().to_owned()
}
