//! What a run may use: its seed, its inputs, a way to report progress and to learn that it should stop.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::{Failure, FailureKind, Input, InputLimits, Inputs, Reading, Seed, Stream};

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
            Some(StopReason::TimedOut) => {
                Err(Failure::resource("the time limit has passed").help("raise `limits.time` in octavo.toml"))
            }
        }
    }
}

/// Where a run reports how far it is.
pub trait Progress: Sync {
    /// `done` of `total` steps are finished.
    fn report(&self, done: u64, total: u64);

    /// Something that whoever builds should look at, though there is a result.
    fn warn(&self, message: &str) {
        let _ = message;
    }
}

/// Discards progress.
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _done: u64, _total: u64) {}
}

/// Everything a run may use. There is no clock, no disk and no environment in it.
pub struct RunContext<'a> {
    seed: Seed,
    inputs: &'a Inputs,
    limits: InputLimits,
    cancel: &'a CancelToken,
    progress: &'a dyn Progress,
}

impl<'a> RunContext<'a> {
    /// A context made by the host. Its inputs are read without limits.
    pub fn new(seed: Seed, inputs: &'a Inputs, cancel: &'a CancelToken, progress: &'a dyn Progress) -> Self {
        Self { seed, inputs, limits: InputLimits::NONE, cancel, progress }
    }

    /// The same context whose inputs are read under these limits.
    #[must_use]
    pub fn with_input_limits(self, limits: InputLimits) -> Self {
        Self { limits, ..self }
    }

    /// The task's seed.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The random stream of this name. The same name gives the same stream from its start.
    pub fn stream(&self, name: &str) -> Stream {
        self.seed.stream(name)
    }

    /// All inputs: for an analysis that hands them on.
    pub fn inputs(&self) -> &'a Inputs {
        self.inputs
    }

    /// An input, to be read under the task's limits.
    ///
    /// # Errors
    /// [`FailureKind::Bug`] if the host did not provide it.
    pub fn input<'b>(&self, input: &'b Input) -> Result<Reading<'b>, Failure>
    where
        'a: 'b,
    {
        let reading = Reading::new(self.inputs.get(input)?, self.limits, self.cancel);
        Ok(match input {
            Input::File { form, .. } => reading.written(form),
            Input::Result { .. } => reading,
        })
    }

    /// Reports progress and asks whether to go on. Call it at least every tenth of a second of work.
    ///
    /// # Errors
    /// [`FailureKind::Cancelled`] or, past the time limit, [`FailureKind::Resource`].
    pub fn step(&self, done: u64, total: u64) -> Result<(), Failure> {
        self.progress.report(done, total);
        self.go_on()
    }

    /// Says something that whoever builds should look at. It is no part of the result, and is not told again when the
    /// result is remembered.
    pub fn warn(&self, message: &str) {
        self.progress.warn(message);
    }

    /// Asks whether to go on; cheap enough for inner loops.
    ///
    /// # Errors
    /// As [`RunContext::step`].
    pub fn go_on(&self) -> Result<(), Failure> {
        self.cancel.go_on()
    }
}
