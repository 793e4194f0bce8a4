//! An input while a task reads it: what it may hold, and whether the task may go on.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InputContent, InputData};
use crate::delimited::{self, TextForm};
use crate::{CancelToken, Failure};

/// What one input may hold. A task that reads more fails; the others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InputLimits {
    /// Largest file.
    #[schemars(range(min = 1, max = 1_048_576), extend("x-unit" = "MiB"))]
    pub size: u64,
    /// Most numbers in a file once it is read: pixels of an image, cells of a table, entries of a network.
    #[schemars(range(min = 1))]
    pub numbers: u64,
}

impl Default for InputLimits {
    fn default() -> Self {
        Self { size: 256, numbers: 50_000_000 }
    }
}

impl InputLimits {
    /// No limits: what a run has that no host bounds.
    pub const NONE: Self = Self { size: u64::MAX >> 20, numbers: u64::MAX };

    /// Largest file in bytes.
    pub fn bytes(&self) -> u64 {
        self.size.saturating_mul(1 << 20)
    }
}

/// An input with the limits and the cancellation of the task that reads it. Whoever decodes asks [`Reading::go_on`] at least
/// every hundred thousand numbers, and [`Reading::admit`] before room is made for what a header announces.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    data: &'a InputData,
    limits: InputLimits,
    cancel: Option<&'a CancelToken>,
    form: &'a TextForm,
}

/// A file of which nothing is declared.
static USUAL: TextForm =
    TextForm { separator: None, decimal: None, thousands: None, missing: Vec::new(), encoding: None };

impl Deref for Reading<'_> {
    type Target = InputData;

    fn deref(&self) -> &InputData {
        self.data
    }
}

impl<'a> From<&'a InputData> for Reading<'a> {
    /// Without limits, and never asked to stop.
    fn from(data: &'a InputData) -> Self {
        Self { data, limits: InputLimits::NONE, cancel: None, form: &USUAL }
    }
}

impl<'a> Reading<'a> {
    /// An input that is read under these limits.
    pub fn new(data: &'a InputData, limits: InputLimits, cancel: &'a CancelToken) -> Self {
        Self { data, limits, cancel: Some(cancel), form: &USUAL }
    }

    /// The same input, if it is a CSV file of this form.
    #[must_use]
    pub fn written(self, form: &'a TextForm) -> Self {
        Self { form, ..self }
    }

    /// How it is written, if it is a CSV file.
    pub fn form(self) -> &'a TextForm {
        self.form
    }

    /// The text of a CSV file, in the encoding that its author declared.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) if this is no file, or not written so; as [`Reading::go_on`].
    pub fn delimited(self) -> Result<Cow<'a, str>, Failure> {
        self.go_on()?;
        match &self.data.content {
            InputContent::File { bytes, .. } => delimited::decoded(bytes, self.form, &self.data.name),
            InputContent::Artifact(_) => self.data.text().map(Cow::Borrowed),
        }
    }

    /// The input itself, for as long as the task runs.
    pub fn data(self) -> &'a InputData {
        self.data
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// As [`CancelToken::go_on`].
    pub fn go_on(self) -> Result<(), Failure> {
        self.cancel.map_or(Ok(()), CancelToken::go_on)
    }

    /// Refuses more numbers than `limits.input.numbers` allows; `what` says what they are, such as `200 by 100 pixels`.
    ///
    /// # Errors
    /// [`FailureKind::Resource`](crate::FailureKind::Resource) with what is asked and what is allowed.
    pub fn admit(self, numbers: u64, what: &dyn fmt::Display) -> Result<(), Failure> {
        let most = self.limits.numbers;
        if numbers <= most {
            return Ok(());
        }
        let message = format!("`{}` holds {what}, and at most {most} numbers are read", self.data.name);
        Err(Failure::resource(message)
            .help("raise `limits.input.numbers` in octavo.toml or in the experiment, or give a smaller file"))
    }

    /// Counts numbers as they are read: refuses more than are allowed, and asks now and then whether to go on.
    ///
    /// # Errors
    /// As [`Reading::admit`] and [`Reading::go_on`].
    pub fn count(self, so_far: u64) -> Result<(), Failure> {
        if so_far.is_multiple_of(ASK_EVERY) {
            self.go_on()?;
        }
        self.admit(so_far, &format_args!("more than {} numbers", self.limits.numbers))
    }

    /// A value from the JSON of a file, in no more memory than the file and the value.
    ///
    /// # Errors
    /// The outer one as [`Reading::admit`] and [`Reading::go_on`], and for what is no text; the inner one if the JSON is
    /// of another form.
    pub fn json<T: serde::de::DeserializeOwned>(self) -> Result<Result<T, serde_json::Error>, Failure> {
        let bytes = self.data.text()?.as_bytes();
        let mut numbers = 0;
        for piece in bytes.chunk_by(|before, next| is_of_number(*before) == is_of_number(*next)) {
            if is_of_number(piece[0]) && piece.iter().any(u8::is_ascii_digit) {
                numbers += 1;
                self.count(numbers)?;
            }
        }
        let paced = io::BufReader::with_capacity(PIECE, Paced { bytes, reading: self });
        match serde_json::from_reader(paced) {
            Err(error) if error.is_io() => self.go_on().map(|()| Err(error)),
            other => Ok(other),
        }
    }
}

/// Numbers between two questions whether to go on.
const ASK_EVERY: u64 = 1 << 12;

/// Bytes of JSON between two such questions.
const PIECE: usize = 1 << 16;

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E')
}

/// Bytes that end when the task is asked to stop.
struct Paced<'a> {
    bytes: &'a [u8],
    reading: Reading<'a>,
}

impl Read for Paced<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reading.go_on().map_err(|failure| io::Error::other(failure.message))?;
        self.bytes.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InputContent;
    use crate::{FailureKind, StopReason};

    fn json(text: &str) -> InputData {
        let content = InputContent::File { extension: "json".into(), bytes: text.as_bytes().to_vec() };
        InputData { name: "a.json".into(), content }
    }

    #[test]
    fn numbers_are_counted_before_they_are_read() {
        let cancel = CancelToken::new();
        let limits = InputLimits { numbers: 4, ..InputLimits::default() };
        for (text, good) in [
            ("[1, -2.5e+3, 3, 4]", true),
            ("[[1],[2],[3],[4],[5]]", false),
            ("[1,2,3,4,", true),
            ("[0,0,0,0,0", false),
        ] {
            let data = json(text);
            let read = Reading::new(&data, limits, &cancel).json::<serde_json::Value>();
            assert_eq!(read.is_ok(), good, "{text}");
            if let Err(failure) = read {
                assert_eq!(failure.kind, FailureKind::Resource);
                assert_eq!(
                    failure.message,
                    "`a.json` holds more than 4 numbers, and at most 4 numbers are read"
                );
            }
        }
    }

    #[test]
    fn a_task_that_should_stop_reads_no_more() {
        let cancel = CancelToken::new();
        let data = json(&format!("[{}\"end\"]", "\"text\",".repeat(1 << 15)));
        let reading = Reading::new(&data, InputLimits::default(), &cancel);
        assert!(reading.json::<Vec<String>>().unwrap().is_ok());
        cancel.stop(StopReason::TimedOut);
        let failure = reading.json::<Vec<String>>().unwrap_err();
        assert_eq!(failure.message, "the time limit has passed");
    }
}
