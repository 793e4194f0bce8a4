//! Why a run gave no result.

use std::fmt;

/// The kind of a failure: programs match it, people read the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// The parameters or an input cannot be used; the author can mend it.
    User,
    /// The method did not reach its accuracy, or a number left the range of floats.
    Numeric,
    /// A limit on time, memory or size was met.
    Resource,
    /// The run was asked to stop.
    Cancelled,
    /// A defect of the analysis: a panic, or artifacts other than declared.
    Bug,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Numeric => "numeric",
            Self::Resource => "resource",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        })
    }
}

/// A run that gave no result: its kind, what happened, and what can be done.
#[derive(
    Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// One sentence without a full stop: what happened, with the numbers.
    pub message: String,
    /// The next step for the author, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// For a plugin that is a program of its own, the last lines of its log. They are for who builds and stand on no page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

impl Failure {
    /// A failure of any kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None, log: Vec::new() }
    }

    /// Parameters or an input that cannot be used.
    pub fn user(message: impl Into<String>) -> Self {
        Self::new(FailureKind::User, message)
    }

    /// A method that did not reach its accuracy.
    pub fn numeric(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Numeric, message)
    }

    /// A limit that was met.
    pub fn resource(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Resource, message)
    }

    /// A defect of the analysis.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Bug, message)
    }

    /// The same failure without the next step: for a message that has a place of its own for it.
    #[must_use]
    pub fn without_help(mut self) -> Self {
        self.help = None;
        self
    }

    /// The same failure with the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same failure with this next step, unless it has one.
    #[must_use]
    pub fn help_if_none(mut self, help: &str) -> Self {
        self.help.get_or_insert_with(|| help.to_owned());
        self
    }
}
