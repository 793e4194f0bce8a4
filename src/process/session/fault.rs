//! What is said when a conversation fails: which plugin, what happened, what to do, and the last lines of its log.

use std::process::ExitStatus;
use std::sync::MutexGuard;
use std::thread;
use std::time::Duration;

use octavo_plugin::{Failure, FailureKind};

use super::super::exec::NOT_STARTED;
use super::super::folder::mebibytes;
use super::super::launch::Log;
use super::super::lock;
use super::wait::Asked;
use super::{Run, Session};
use crate::plain;

impl Session {
    /// What is wrong with an answer that was well formed: the plugin is named, and its log shown.
    pub(in crate::process) fn blame(&self, failure: Failure) -> Failure {
        let message = format!("the plugin `{}`: {}", self.plugin.name, shown(&failure.message));
        Failure { message, log: self.last_lines(), ..failure }
    }

    /// An error that the plugin itself reported.
    pub(super) fn told(&self, failure: &Failure, run: Option<&Run<'_, '_>>) -> Failure {
        if failure.kind == FailureKind::Cancelled {
            return match run.map(|run| run.context.go_on()) {
                Some(Err(stopped)) => stopped,
                _ => self.blame(Failure::bug("it says that it was cancelled, and nobody asked for that")),
            };
        }
        let log = if failure.kind == FailureKind::Bug { self.last_lines() } else { Vec::new() };
        let message = format!("the plugin `{}`: {}", self.plugin.name, shown(&failure.message));
        let help = failure.help.as_deref().map(shown);
        Failure { message, help, log, kind: failure.kind }
    }

    pub(super) fn over(&self, what: &str, key: &str) -> Failure {
        let name = &self.plugin.name;
        let message = format!("the plugin `{name}` was stopped: {what}");
        let help = format!(
            "mend it, or raise `limits.{key}` of `[plugins.{name}]` in octavo.toml or of the experiment"
        );
        self.with_log(Failure::resource(message).help(help))
    }

    /// It took longer than it may for what it was asked.
    pub(super) fn too_late(&self, asked: Asked) -> Failure {
        let (name, patience) = (&self.plugin.name, self.patience(asked));
        let seconds = patience.as_secs_f64();
        let what = match asked {
            Asked::Start => "it did not start",
            Asked::Word | Asked::Run => "it did not answer",
        };
        let message = format!("the plugin `{name}` was stopped: {what} within {seconds} s");
        let help = match asked {
            Asked::Start => format!("mend it, or raise `start_limit` of `[plugins.{name}]` in octavo.toml"),
            Asked::Word if patience < self.plugin.limits.time => {
                "`describe` and `check` have no longer, whatever `limits.time` says; leave long work to `run`"
                    .to_owned()
            }
            Asked::Word | Asked::Run => {
                format!(
                    "mend it, or raise `limits.time` of `[plugins.{name}]` in octavo.toml or of the experiment"
                )
            }
        };
        self.with_log(Failure::resource(message).help(help))
    }

    /// The project's own limit on the time of a task has passed.
    pub(super) fn out_of_time(&self) -> Failure {
        let name = &self.plugin.name;
        let message = format!("the plugin `{name}` was stopped: it did not answer within the limit on time");
        let help = "mend it, or raise `time` of `[limits]` in octavo.toml or in the experiment";
        self.with_log(Failure::resource(message).help(help))
    }

    /// The process ended although it was asked something; `rest` is the beginning of a message.
    pub(super) fn ended(&mut self, rest: &[u8]) -> Failure {
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
        let how = status.map_or_else(|| "and closed its output".to_owned(), describe);
        let place = if rest.is_empty() { "before it answered" } else { "in the middle of a message" };
        let message = format!("the plugin `{}` ended {place} ({how})", self.plugin.name);
        let help = format!(
            "it may have met its limit of {} of memory; `limits.memory` of `[plugins.{}]` in octavo.toml or of the experiment raises it",
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

    pub(super) fn broke(&self, message: &str) -> Failure {
        let message = format!("the plugin `{}` broke the protocol: {}", self.plugin.name, shown(message));
        self.with_log(Failure::bug(message).help("docs/plugin-protocol.md says what a message is"))
    }

    pub(super) fn misread(&self, failure: Failure) -> Failure {
        match failure.kind {
            FailureKind::Bug => self.broke(&failure.message),
            _ => self.blame(failure),
        }
    }

    pub(super) fn with_log(&self, failure: Failure) -> Failure {
        Failure { log: self.last_lines(), ..failure }
    }

    pub(super) fn last_lines(&self) -> Vec<String> {
        self.settled_log().last()
    }

    /// The log with all that was written so far: it comes on another way than answers, so that it is waited for, a moment.
    pub(super) fn settled_log(&self) -> MutexGuard<'_, Log> {
        for _ in 0..50 {
            let log = lock(&self.log);
            let unread = self.unread.as_ref().map_or(0, |end| rustix::io::ioctl_fionread(end).unwrap_or(0));
            if log.ended() || unread == 0 {
                return log;
            }
            drop(log);
            thread::sleep(Duration::from_millis(2));
        }
        lock(&self.log)
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

/// A text of the plugin on a terminal: one line, not without end.
pub(super) fn shown(text: &str) -> String {
    plain::line(&text.chars().take(2000).collect::<String>())
}
