//! What a run may use: its seed, its inputs, a way to report progress and to learn that it should stop.

use crate::{CancelToken, Failure, Input, InputLimits, Inputs, OutputSchema, Reading, Seed, Stream, Wanted};

/// Where a run reports how far it is.
pub trait Progress: Sync {
    /// `done` of `total` steps are finished.
    fn report(&self, done: u64, total: u64);

    /// Something for whoever waits, such as how much there is to do.
    fn note(&self, message: &str) {
        let _ = message;
    }

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
    wanted: &'a Wanted,
    declared: Option<&'a OutputSchema>,
}

impl<'a> RunContext<'a> {
    /// A context made by the host. Its inputs are read without limits, and everything is asked for.
    pub fn new(seed: Seed, inputs: &'a Inputs, cancel: &'a CancelToken, progress: &'a dyn Progress) -> Self {
        Self {
            seed,
            inputs,
            limits: InputLimits::NONE,
            cancel,
            progress,
            wanted: &Wanted::ALL,
            declared: None,
        }
    }

    /// The same context whose inputs are read under these limits.
    #[must_use]
    pub fn with_input_limits(self, limits: InputLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same context that asks for these outputs alone.
    #[must_use]
    pub fn asking(self, wanted: &'a Wanted) -> Self {
        Self { wanted, ..self }
    }

    /// The same context with what the host knows to be declared of what is asked for, so that it need not be declared again to hold
    /// the result against it.
    #[must_use]
    pub fn declaring(self, declared: &'a OutputSchema) -> Self {
        Self { declared: Some(declared), ..self }
    }

    /// What is declared of what is asked for, if the host says so.
    pub(crate) fn declared(&self) -> Option<&'a OutputSchema> {
        self.declared
    }

    /// What is asked for.
    pub fn wanted(&self) -> &'a Wanted {
        self.wanted
    }

    /// Whether a scalar, a drawing or anything of a table is asked for: what nobody wants need not be computed.
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.wants(name)
    }

    /// Whether a column of a table is asked for.
    pub fn wants_column(&self, table: &str, column: &str) -> bool {
        self.wanted.wants_column(table, column)
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
    /// [`FailureKind::Bug`](crate::FailureKind::Bug) if the host did not provide it.
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
    /// [`FailureKind::Cancelled`](crate::FailureKind::Cancelled) or, past the time limit,
    /// [`FailureKind::Resource`](crate::FailureKind::Resource).
    pub fn step(&self, done: u64, total: u64) -> Result<(), Failure> {
        self.progress.report(done, total);
        self.go_on()
    }

    /// Says something to whoever waits, such as how much there is to do. It is no part of the result.
    pub fn note(&self, message: &str) {
        self.progress.note(message);
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
