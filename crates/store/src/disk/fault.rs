//! Faults on demand: the test aid behind `OCTAVO_FAULT`.
//!
//! Every file operation of store and publisher has a number, counted from 1 per process. The variable names what goes
//! wrong at which number, as terms separated by commas:
//!
//! | term | what happens |
//! | --- | --- |
//! | `kill:17` | the process is killed just before operation 17 |
//! | `kill-after:17` | the process is killed just after operation 17 |
//! | `full:17` | from operation 17 on, every operation that needs room fails with "no space left" |
//! | `full-partial:17` | the first write from operation 17 on writes half of its bytes and fails; then as above |
//! | `eio:17` | operation 17 alone fails with an input/output error |
//! | `no-exchange` | the file system seems unable to exchange two folders |
//! | `no-link` | the file system seems unable to make hard links |
//! | `trace` | every operation is printed on standard error: number, verb, path |
//!
//! Operations that run in parallel get their numbers in the order in which they happen to start.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};

use crate::environment;

static COUNT: AtomicU64 = AtomicU64::new(0);
static HALF_WRITTEN: AtomicBool = AtomicBool::new(false);
static FAULTS: OnceLock<Result<Faults, String>> = OnceLock::new();

/// How many numbered operations this process has started.
pub fn operations() -> u64 {
    COUNT.load(Ordering::SeqCst)
}

/// What an operation needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing that a full disk could refuse.
    Nothing,
    /// Room on the disk.
    Room,
    /// Room on the disk, and it can happen by half.
    RoomForBytes,
}

/// What becomes of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It runs.
    Run,
    /// Half of it runs, then the disk is full.
    Half,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Faults {
    kill: Option<u64>,
    kill_after: Option<u64>,
    full: Option<u64>,
    full_partial: Option<u64>,
    eio: Option<u64>,
    no_exchange: bool,
    no_link: bool,
    trace: bool,
}

impl Faults {
    fn parse(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for term in text.split(',') {
            let (name, number) = match term.split_once(':') {
                Some((name, number)) => (name, number.parse().ok()),
                None => (term, None),
            };
            match (name, number) {
                ("kill", Some(_)) => faults.kill = number,
                ("kill-after", Some(_)) => faults.kill_after = number,
                ("full", Some(_)) => faults.full = number,
                ("full-partial", Some(_)) => faults.full_partial = number,
                ("eio", Some(_)) => faults.eio = number,
                ("no-exchange", None) => faults.no_exchange = true,
                ("no-link", None) => faults.no_link = true,
                ("trace", None) => faults.trace = true,
                _ => return Err(format!("`OCTAVO_FAULT` has the unknown term `{term}`; unset it")),
            }
        }
        Ok(faults)
    }

    fn before(&self, number: u64, needs: Needs) -> io::Result<Verdict> {
        if self.kill == Some(number) {
            die();
        }
        if self.eio == Some(number) {
            return Err(Errno::IO.into());
        }
        if needs != Needs::Nothing && self.full.is_some_and(|from| number >= from) {
            return Err(Errno::NOSPC.into());
        }
        if needs != Needs::Nothing && self.full_partial.is_some_and(|from| number >= from) {
            return self.after_half(needs);
        }
        Ok(Verdict::Run)
    }

    fn after_half(&self, needs: Needs) -> io::Result<Verdict> {
        let half_written = match needs {
            Needs::RoomForBytes => HALF_WRITTEN.swap(true, Ordering::SeqCst),
            _ => HALF_WRITTEN.load(Ordering::SeqCst),
        };
        match (half_written, needs) {
            (true, _) => Err(Errno::NOSPC.into()),
            (false, Needs::RoomForBytes) => Ok(Verdict::Half),
            (false, _) => Ok(Verdict::Run),
        }
    }
}

fn faults() -> io::Result<&'static Faults> {
    FAULTS
        .get_or_init(|| {
            environment::fault().map_or_else(|| Ok(Faults::default()), |text| Faults::parse(&text))
        })
        .as_ref()
        .map_err(|message| io::Error::new(io::ErrorKind::InvalidInput, message.clone()))
}

/// Ends the process as `kill -9` does: nothing is flushed, nothing is cleaned up.
fn die() -> ! {
    // Should the signal fail, an abort cleans nothing up either.
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}

/// Runs one numbered operation.
pub(super) fn operation<T>(
    verb: &str,
    path: &Path,
    needs: Needs,
    run: impl FnOnce(Verdict) -> io::Result<T>,
) -> io::Result<T> {
    let number = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    let faults = faults()?;
    if faults.trace {
        let _ = writeln!(io::stderr().lock(), "disk {number} {verb} {}", path.display());
    }
    let result = run(faults.before(number, needs)?);
    if faults.kill_after == Some(number) {
        die();
    }
    result
}

/// Whether exchanging two folders is to seem impossible.
pub(super) fn no_exchange() -> bool {
    faults().is_ok_and(|faults| faults.no_exchange)
}

/// Whether hard links are to seem impossible.
pub(super) fn no_link() -> bool {
    faults().is_ok_and(|faults| faults.no_link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_and_others_refused() {
        let faults = Faults::parse("kill:3,no-exchange").unwrap();
        assert_eq!(faults, Faults { kill: Some(3), no_exchange: true, ..Faults::default() });
        for wrong in ["", "kill", "kill:", "kill:x", "full:-1", "no-exchange:1", "explode:2"] {
            assert!(Faults::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_full_disk_refuses_what_needs_room_and_nothing_else() {
        let faults = Faults { full: Some(5), ..Faults::default() };
        assert!(faults.before(4, Needs::Room).is_ok());
        assert!(faults.before(5, Needs::Room).is_err());
        assert!(faults.before(9, Needs::RoomForBytes).is_err());
        assert!(faults.before(9, Needs::Nothing).is_ok());
    }

    #[test]
    fn an_input_output_error_happens_once() {
        let faults = Faults { eio: Some(5), ..Faults::default() };
        assert!(faults.before(4, Needs::Nothing).is_ok());
        assert!(faults.before(5, Needs::Nothing).is_err());
        assert!(faults.before(6, Needs::Nothing).is_ok());
    }
}
