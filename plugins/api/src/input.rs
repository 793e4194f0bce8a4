//! Inputs: content from a file or from another experiment's result, named in the parameters.

mod reading;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;
use crate::delimited::TextForm;
use crate::{Digest, Failure};

pub use reading::{InputLimits, Reading};

/// A parameter whose content the host provides: `{ file = "data/coast.csv" }`, or
/// `{ from = "dragon/limit", artifact = "curve", where = { folds = 20 } }`.
///
/// Before a run the host replaces either form by the address of the content, so that a task is identified by what it
/// reads and not by where that was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Input {
    /// A file of the project.
    #[schemars(extend("x-octavo-input" = true))]
    File {
        /// Path relative to the definition.
        file: String,
        /// How it is written, if it is a CSV file.
        #[serde(flatten)]
        form: TextForm,
    },
    /// The result of another experiment.
    #[schemars(extend("x-octavo-input" = true))]
    Result {
        /// The experiment's id.
        from: String,
        /// The name of a table or drawing among its results.
        artifact: String,
        /// Which of its tasks, by sweep value; may be left out if there is only one.
        #[serde(default, rename = "where", skip_serializing_if = "serde_json::Map::is_empty")]
        selection: serde_json::Map<String, serde_json::Value>,
    },
}

impl Input {
    /// The address of content with this digest. The extension says how it is written.
    pub fn at(digest: Digest, extension: &str) -> Self {
        Self::File { file: format!("blake3:{digest}.{extension}"), form: TextForm::default() }
    }

    /// The same file, written in this form.
    #[must_use]
    pub fn written(self, form: &TextForm) -> Self {
        match self {
            Self::File { file, .. } => Self::File { file, form: form.clone() },
            result @ Self::Result { .. } => result,
        }
    }

    fn address(&self) -> Option<&str> {
        match self {
            Self::File { file, .. } => Some(file),
            Self::Result { .. } => None,
        }
    }
}

/// The content of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum InputContent {
    /// The bytes of a file, and its extension in lower case.
    File {
        /// The extension without the dot.
        extension: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A table or drawing.
    Artifact(Artifact),
}

/// The content of an input with the name that messages use for it.
#[derive(Clone, Debug, PartialEq)]
pub struct InputData {
    /// What the author called it, such as `data/coast.csv`.
    pub name: String,
    /// The content.
    pub content: InputContent,
}

impl InputData {
    /// The bytes as text, without a byte order mark.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) if this is no file or not UTF-8.
    pub fn text(&self) -> Result<&str, Failure> {
        match &self.content {
            InputContent::File { bytes, .. } => {
                let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
                text.map_err(|error| {
                    Failure::user(format!("`{}` is not UTF-8 at byte {}", self.name, error.valid_up_to()))
                })
            }
            InputContent::Artifact(_) => {
                Err(Failure::user(format!("`{}` is a result, and a file is needed", self.name)))
            }
        }
    }
}

/// The inputs of a task by address.
#[derive(Clone, Debug, Default)]
pub struct Inputs(BTreeMap<String, InputData>);

impl Inputs {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// No inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds content and returns the input that names it.
    pub fn add(&mut self, name: &str, content: InputContent) -> Input {
        let input = match &content {
            InputContent::File { extension, bytes } => Input::at(Digest::of(bytes), extension),
            InputContent::Artifact(artifact) => Input::at(artifact.digest(), "artifact"),
        };
        if let Some(address) = input.address() {
            self.0.insert(address.to_owned(), InputData { name: name.to_owned(), content });
        }
        input
    }

    /// Adds content for the input that names it already.
    pub fn provide(&mut self, input: &Input, name: &str, content: InputContent) {
        if let Some(address) = input.address() {
            self.insert(address, name, content);
        }
    }

    /// Adds content under an address that is known.
    pub fn insert(&mut self, address: &str, name: &str, content: InputContent) {
        self.0.insert(address.to_owned(), InputData { name: name.to_owned(), content });
    }

    /// All inputs by address.
    pub fn each(&self) -> impl Iterator<Item = (&String, &InputData)> {
        self.0.iter()
    }

    /// The content of an input.
    ///
    /// # Errors
    /// [`FailureKind::Bug`](crate::FailureKind::Bug) if it was not added.
    pub fn get(&self, input: &Input) -> Result<&InputData, Failure> {
        input
            .address()
            .and_then(|address| self.0.get(address))
            .ok_or_else(|| Failure::bug(format!("the host did not provide the input {input:?}")))
    }
}
