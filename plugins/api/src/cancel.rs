//! How a run learns that it should stop.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::{Failure, FailureKind};

/// Why a run should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The user or the host asked for it.
    Cancelled,
    /// The time limit of the task has passed.
    TimedOut,
}

/// Set by the host, asked by the analysis. The first reason stays.
#[derive(Debug, Default)]
pub struct CancelToken(AtomicU8);

impl CancelToken {
    /// A token that says: go on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn stop(&self, reason: StopReason) {
        let code = match reason {
            StopReason::Cancelled => 1,
            StopReason::TimedOut => 2,
        };
        let _ = self.0.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether and why the run should stop.
    pub fn reason(&self) -> Option<StopReason> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(StopReason::Cancelled),
            _ => Some(StopReason::TimedOut),
        }
    }

    /// Asks whether to go on; cheap enough for inner loops.
    ///
    /// # Errors
    /// [`FailureKind::Cancelled`] or, past the time limit, [`FailureKind::Resource`].
    pub fn go_on(&self) -> Result<(), Failure> {
        match self.reason() {
            None => Ok(()),
            Some(StopReason::Cancelled) => Err(Failure::new(FailureKind::Cancelled, "the run was cancelled")),
            Some(StopReason::TimedOut) => Err(Failure::resource("the time limit has passed")
                .help("raise `limits.time` in octavo.toml or in the experiment")),
        }
    }
}
