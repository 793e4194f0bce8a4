//! What is wrong with what a definition says, before it has a place in a file.

use std::ops::Range;

use octavo_definition::diagnostic::{Diagnostic, Severity};

use crate::expr::ExprError;

/// What is wrong in a table, value, claim or condition, and where in the experiment's TOML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Whether the definition is refused.
    pub severity: Severity,
    /// A stable kebab-case name of the kind of problem.
    pub code: &'static str,
    /// The keys that lead to the place, such as `["values", "rate", "expr"]`; an item of a list is its index.
    pub path: Vec<String>,
    /// Bytes within the text at that place, for expressions.
    pub span: Option<Range<usize>>,
    /// One sentence without a full stop.
    pub message: String,
    /// The next step, if one is known.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without a place or a next step.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            path: Vec::new(),
            span: None,
            message: message.into(),
            help: None,
        }
    }

    /// The problem of an expression.
    pub fn expression(error: ExprError) -> Self {
        let ExprError { span, message, help } = error;
        Self { span: Some(span), help, ..Self::new("expression", message) }
    }

    /// The same problem as a warning: the definition is not refused.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same problem with the next step, if one is given.
    #[must_use]
    pub fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into).or(self.help);
        self
    }

    /// The same problem below these keys.
    #[must_use]
    pub fn under(mut self, keys: &[&str]) -> Self {
        self.path.splice(0..0, keys.iter().map(|key| (*key).to_owned()));
        self
    }

    /// The problem as a diagnostic, to which the caller adds the place.
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(self.code, self.message.clone()),
            Severity::Warning => Diagnostic::warning(self.code, self.message.clone()),
        };
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }
}
