//! Waiting for a process: every line that comes, every gap between two, and every moment in which it does not read is an
//! occasion to look at its limits.

use std::io::{ErrorKind, Write};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use octavo_plugin::process::Request;
use octavo_plugin::{Failure, FailureKind, counted};
use serde_json::Value as Json;

use super::super::folder::{SharedFolder, mebibytes};
use super::super::group::{Group, Usage};
use super::super::launch::Event;
use super::{MEASURE, Moment, Run, Session};

/// How often a wait looks at the clock and at `cancel` while nothing comes.
const TICK: Duration = Duration::from_millis(5);

/// What a process is asked, which decides how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To start: the first exchange.
    Start,
    /// What is answered at once: `describe`, `check`.
    Word,
    /// A task.
    Run,
}

/// A request on its way.
pub(super) struct Wait<'a, 'b> {
    pub(super) id: u64,
    pub(super) asked: Asked,
    pub(super) deadline: Instant,
    pub(super) run: Option<&'a Run<'a, 'b>>,
    /// Whether the whole request was written.
    pub(super) sent: bool,
    /// When it was asked to stop.
    cancelled: Option<Moment>,
}

impl<'a, 'b> Wait<'a, 'b> {
    pub(super) fn new(id: u64, asked: Asked, limit: Duration, run: Option<&'a Run<'a, 'b>>) -> Self {
        Self { id, asked, deadline: Instant::now() + limit, run, sent: false, cancelled: None }
    }

    pub(super) fn folder(&self) -> Option<&'a SharedFolder> {
        self.run.map(|run| run.folder)
    }
}

impl Session {
    pub(super) fn send(&mut self, message: &Json, wait: &mut Wait<'_, '_>) -> Result<(), Failure> {
        let mut text = message.to_string();
        text.push('\n');
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let Some(stdin) = self.stdin.as_mut() else { return Ok(()) };
            match stdin.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.look(wait)?;
                    thread::sleep(Duration::from_millis(1));
                }
                // It ended or closed its input. What it wrote before says more than this.
                Err(_) => self.stdin = None,
            }
        }
        wait.sent = true;
        Ok(())
    }

    /// The next line.
    pub(super) fn line(&mut self, wait: &mut Wait<'_, '_>) -> Result<Vec<u8>, Failure> {
        let mut ended = false;
        loop {
            match self.events.recv_timeout(TICK) {
                Ok(Event::Line(line)) => {
                    self.look(wait)?;
                    return Ok(line);
                }
                Ok(Event::LongLine) => {
                    return Err(self.broke("a message is longer than 16 MiB; large data goes through files"));
                }
                Ok(Event::End(rest)) => {
                    self.measure(wait.folder())?;
                    return Err(self.ended(&rest));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.measure(wait.folder())?;
                    return Err(self.ended(b""));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.look(wait)? {
                // Its children may hold its output open for ever. One more round, in case that a line is on its way.
                if ended {
                    return Err(self.ended(b""));
                }
                ended = self.group.is_some_and(Group::leader_ended);
            }
        }
    }

    /// Looks at the clock, at `cancel` and, now and then, at what the group uses: cheap enough for every line. Whether the
    /// group was measured.
    fn look(&mut self, wait: &mut Wait<'_, '_>) -> Result<bool, Failure> {
        let now = Instant::now();
        if now > wait.deadline {
            return Err(self.too_late(wait.asked));
        }
        self.obey(wait)?;
        if now.duration_since(self.measured) > MEASURE {
            self.measure(wait.folder())?;
            return Ok(true);
        }
        if self.budget.used() > self.plugin.limits.output {
            self.measure_output(None)?;
        }
        Ok(false)
    }

    /// Hands a cancelled run's `cancel` on, and waits a moment for the answer.
    fn obey(&mut self, wait: &mut Wait<'_, '_>) -> Result<(), Failure> {
        let Some(run) = wait.run else { return Ok(()) };
        if let Some(since) = wait.cancelled {
            if self.has_passed(since) {
                return Err(Failure::new(FailureKind::Cancelled, "the run was cancelled"));
            }
            return Ok(());
        }
        match run.context.go_on() {
            Ok(()) => Ok(()),
            Err(stopped) if stopped.kind != FailureKind::Cancelled => Err(self.out_of_time()),
            Err(stopped) if !run.answers_cancel || !wait.sent => Err(stopped),
            Err(_) => {
                self.send_cancel(wait.id);
                wait.cancelled = Some(self.moment());
                Ok(())
            }
        }
    }

    /// So short a message is written wholly or not at all; a plugin that does not read it is ended after its grace.
    fn send_cancel(&mut self, id: u64) {
        let text = format!("{}\n", Request::Cancel.to_json(id));
        if let Some(stdin) = self.stdin.as_mut() {
            let _ = stdin.write(text.as_bytes());
        }
    }

    /// Holds what the group uses against its limits.
    pub(super) fn measure(&mut self, folder: Option<&SharedFolder>) -> Result<(), Failure> {
        self.measured = Instant::now();
        self.measure_output(folder)?;
        self.group.map_or(Ok(()), |group| self.judge(group.usage(), ""))
    }

    /// Holds what the group uses between two tasks against its limits.
    pub(in crate::process) fn judge_idle(&self, usage: Usage) -> Result<(), Failure> {
        self.measure_output(None)?;
        self.judge(usage, ", between two tasks")
    }

    fn judge(&self, usage: Usage, when: &str) -> Result<(), Failure> {
        let limits = &self.plugin.limits;
        if usage.processes > limits.processes {
            let what = format!("it started more than {}{when}", counted(limits.processes, "process"));
            return Err(self.over(&what, "processes"));
        }
        if usage.memory > limits.memory {
            let what = format!("it used more than {} of memory{when}", mebibytes(limits.memory));
            return Err(self.over(&what, "memory"));
        }
        Ok(())
    }

    /// Holds messages, log and files against their limit: cheap enough for every answer.
    pub(super) fn measure_output(&self, folder: Option<&SharedFolder>) -> Result<(), Failure> {
        let limit = self.plugin.limits.output;
        let files = folder.map_or(0, SharedFolder::size);
        if self.budget.used() + files > limit {
            return Err(self.over(&format!("it wrote more than {}", mebibytes(limit)), "output"));
        }
        Ok(())
    }
}
