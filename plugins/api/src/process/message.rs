//! The messages. Unknown fields are ignored; the fields of a reply are taken one by one, so that a message that does not
//! fit is refused with a sentence.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::input::InputMessage;
use super::strict;
use crate::figure::Figure;
use crate::{Failure, Localized, OutputSchema, Wanted};

/// The only version of the protocol so far.
pub const VERSION: u32 = 1;

/// Most bytes of a line.
pub const MAX_LINE: usize = 16 << 20;

/// The word that the first exchange carries.
const PROTOCOL: &str = "octavo-plugin";

/// The host's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    protocol: String,
    /// The versions that the host speaks.
    pub versions: Vec<u32>,
}

impl Hello {
    /// The first line of this host.
    pub fn of_host() -> Self {
        Self { protocol: PROTOCOL.to_owned(), versions: vec![VERSION] }
    }
}

/// The plugin's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    protocol: String,
    /// The version that will be spoken.
    pub version: u32,
}

impl Welcome {
    /// The first line of a plugin that speaks this version.
    pub fn of_plugin() -> Self {
        Self { protocol: PROTOCOL.to_owned(), version: VERSION }
    }

    /// Reads a plugin's first line: this, and no other message, is what another version may send.
    ///
    /// # Errors
    /// A sentence that says what the line is instead.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice::<Self>(line) {
            Ok(welcome) if welcome.protocol == PROTOCOL => Ok(welcome),
            _ => Err(format!("its first line is no welcome: {}", excerpt(line))),
        }
    }
}

/// What a plugin says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Describe {
    /// Its name in definitions.
    pub name: String,
    /// Moves whenever a bit of any result moves.
    pub revision: u32,
    /// A few words.
    pub title: Localized,
    /// One or two sentences.
    pub summary: Localized,
    /// The reference in Markdown.
    pub documentation: String,
    /// Parameter sets as TOML; at least one.
    pub examples: Vec<String>,
    /// JSON Schema of the parameters.
    pub schema: Json,
    /// What a run of the first example gives.
    pub outputs: OutputSchema,
    /// Default figures for the first example.
    pub figures: IndexMap<String, Figure>,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Files below its working directory that it has loaded so far, by their paths from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What a plugin can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// It answers `cancel` during a run.
    pub cancel: bool,
    /// One process computes many tasks.
    pub reuse: bool,
    /// A result may depend on the seed.
    pub stochastic: bool,
}

/// A problem between parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProblemMessage {
    path: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl From<crate::Problem> for ProblemMessage {
    fn from(problem: crate::Problem) -> Self {
        Self { path: problem.path, message: problem.message, help: problem.help }
    }
}

/// The answer to `check`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckAnswer {
    pub(super) problems: Vec<ProblemMessage>,
    /// The canonical parameters, if they are others than those sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Json>,
    /// Whether the result depends on the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stochastic: Option<bool>,
    /// What a run gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<OutputSchema>,
    /// Default figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<IndexMap<String, Figure>>,
}

impl CheckAnswer {
    /// What is wrong with the parameters.
    pub fn problems(&self) -> Vec<crate::Problem> {
        let problem = |problem: &ProblemMessage| crate::Problem {
            path: problem.path.clone(),
            message: problem.message.clone(),
            help: problem.help.clone(),
        };
        self.problems.iter().map(problem).collect()
    }
}

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Longest time.
    pub seconds: f64,
    /// Most bytes of messages, log and files together.
    pub output_bytes: u64,
    /// Threads.
    pub threads: usize,
}

/// A request to compute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRequest {
    /// Canonical parameters; inputs are addresses.
    pub params: Json,
    /// A decimal string.
    pub seed: String,
    /// Contents of inputs by address.
    pub inputs: BTreeMap<String, InputMessage>,
    /// Absolute path of an empty folder for files.
    pub folder: String,
    /// Absolute path of the folder with the files of inputs.
    pub input_folder: String,
    /// What it may use.
    pub limits: RunLimits,
    /// The outputs that are asked for; all of them if it is left out. It may give more.
    #[serde(default, skip_serializing_if = "is_all")]
    pub outputs: Wanted,
}

fn is_all(wanted: &Wanted) -> bool {
    wanted.names().is_none()
}

/// What the host asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Who are you?
    Describe,
    /// Are these parameters good?
    Check(Json),
    /// Compute.
    Run(Box<RunRequest>),
    /// Stop the run.
    Cancel,
}

impl Request {
    /// The message.
    pub fn to_json(&self, id: u64) -> Json {
        match self {
            Self::Describe => json!({ "id": id, "request": "describe" }),
            Self::Check(params) => json!({ "id": id, "request": "check", "params": params }),
            Self::Cancel => json!({ "id": id, "request": "cancel" }),
            Self::Run(run) => {
                let mut message = json!({ "id": id, "request": "run" });
                if let (Json::Object(message), Ok(Json::Object(fields))) =
                    (&mut message, serde_json::to_value(run))
                {
                    message.extend(fields);
                }
                message
            }
        }
    }

    /// Reads a message: its id, and the request or what is wrong with it.
    ///
    /// # Errors
    /// If this is no message at all: there is no id to which an answer could be given.
    pub fn parse(line: &[u8]) -> Result<(u64, Result<Self, String>), String> {
        let (id, mut object) = object(line)?;
        let request = match take_text(&mut object, "request")?.as_str() {
            "describe" => Ok(Self::Describe),
            "check" => object.remove("params").map(Self::Check).ok_or("`check` lacks `params`".to_owned()),
            "cancel" => Ok(Self::Cancel),
            "run" => serde_json::from_value(Json::Object(object))
                .map(Self::Run)
                .map_err(|error| format!("the request `run` cannot be read: {error}")),
            other => Err(format!("there is no request `{other}`")),
        };
        Ok((id, request))
    }
}

/// What the plugin answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// So many steps of so many are finished.
    Progress(u64, u64),
    /// Something worth telling: whether it is a warning, and the text.
    Log(bool, String),
    /// The answer.
    Result(Json),
    /// There is no answer.
    Error(Failure),
}

impl Reply {
    /// The message.
    pub fn to_json(&self, id: u64) -> Json {
        match self {
            Self::Progress(done, total) => {
                json!({ "id": id, "reply": "progress", "done": done, "total": total })
            }
            Self::Log(warning, message) => {
                let level = if *warning { "warning" } else { "info" };
                json!({ "id": id, "reply": "log", "level": level, "message": message })
            }
            Self::Result(value) => json!({ "id": id, "reply": "result", "value": value }),
            Self::Error(failure) => {
                let mut message =
                    json!({ "id": id, "reply": "error", "kind": failure.kind, "message": failure.message });
                if let Some(help) = &failure.help {
                    message["help"] = help.clone().into();
                }
                message
            }
        }
    }

    /// Reads a message and the id of its request.
    ///
    /// # Errors
    /// A [`Failure`] that says why this is no reply: of the kind `numeric` where a number is not finite.
    pub fn parse(line: &[u8]) -> Result<(u64, Self), Failure> {
        Self::read(line).map_err(|message| {
            let number = message.contains("no number of JSON") || message.contains("number out of range");
            if number { Failure::numeric(message) } else { Failure::bug(message) }
        })
    }

    fn read(line: &[u8]) -> Result<(u64, Self), String> {
        let (id, mut object) = object(line)?;
        let count = |object: &Map<String, Json>, key: &str| {
            object
                .get(key)
                .and_then(Json::as_u64)
                .ok_or(format!("its `progress` has no whole number `{key}`"))
        };
        let reply = match take_text(&mut object, "reply")?.as_str() {
            "progress" => Self::Progress(count(&object, "done")?, count(&object, "total")?),
            "log" => Self::Log(
                object.get("level").and_then(Json::as_str) == Some("warning"),
                take_text(&mut object, "message")?,
            ),
            "result" => Self::Result(object.remove("value").ok_or("its `result` has no `value`")?),
            "error" => Self::Error(
                serde_json::from_value(Json::Object(object))
                    .map_err(|error| format!("its `error` cannot be read: {error}"))?,
            ),
            other => return Err(format!("there is no reply `{other}`")),
        };
        Ok((id, reply))
    }
}

fn object(line: &[u8]) -> Result<(u64, Map<String, Json>), String> {
    let text = std::str::from_utf8(line)
        .map_err(|error| format!("a line is not UTF-8 (byte {}): {}", error.valid_up_to(), excerpt(line)))?;
    let json = strict::parse(text).map_err(|error| not_json(text, &error))?;
    let Json::Object(object) = json else { return Err(format!("a line is no message: {}", excerpt(line))) };
    match object.get("id").and_then(Json::as_u64) {
        Some(id) => Ok((id, object)),
        None => Err(format!("a message has no `id`: {}", excerpt(line))),
    }
}

/// Says what other languages write where JSON has no number.
fn not_json(text: &str, error: &serde_json::Error) -> String {
    let number = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| {
        let at = text.find(&format!(": {word}")).or_else(|| text.find(&format!(":{word}")));
        at.or_else(|| text.find(&format!("[{word}"))).or_else(|| text.find(&format!(" {word}"))).is_some()
    });
    match number {
        Some(word) => {
            format!(
                "a message holds `{word}`, which is no number of JSON; send `{{\"missing\": ...}}` or `{{\"named\": \"infinity\"}}`"
            )
        }
        None if error.is_eof() => format!("a message ends in the middle: {}", excerpt(text.as_bytes())),
        None if error.to_string().contains("out of range") => {
            let number = number_before(text, error.column());
            format!(
                "a message holds `{number}`, a number out of range; send `{{\"missing\": ...}}` or `{{\"named\": \"infinity\"}}`"
            )
        }
        None => format!("a line is no message ({error}): {}", excerpt(text.as_bytes())),
    }
}

/// The number that stands at this column of a line, counted from 1 in bytes.
fn number_before(text: &str, column: usize) -> String {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    let bytes = text.as_bytes();
    let at = column.min(bytes.len());
    let before = bytes[..at].iter().rev().take_while(|byte| is_part(byte)).count();
    let after = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
    String::from_utf8_lossy(&bytes[at - before..at + after]).chars().take(60).collect()
}

fn take_text(object: &mut Map<String, Json>, key: &str) -> Result<String, String> {
    match object.remove(key) {
        Some(Json::String(text)) => Ok(text),
        _ => Err(format!("a message has no text `{key}`")),
    }
}

/// A name from elsewhere, short and in quotation marks.
pub(super) fn quoted(name: &str) -> String {
    let short: String = name.chars().take(60).flat_map(char::escape_default).collect();
    format!("`{short}`")
}

/// The beginning of a line, for people.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(240)]);
    let short: String = text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    if short.is_empty() {
        "an empty line".to_owned()
    } else {
        format!("`{short}{}`", if line.len() > 60 { "..." } else { "" })
    }
}
