//! What is wrong, where, and what to do: collected, sorted, all shown at once.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::json;

use crate::plain;
use crate::source::Location;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The build goes on; an error with `--strict`.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable kebab-case name of the kind of problem, such as `unknown-key`.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// Where, if it has a place in a file.
    pub location: Option<Location>,
    /// What the marked text is, in a few words; may be empty.
    pub label: String,
    /// The next step.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity, code, message: message.into(), location: None, label: String::new(), help: None }
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// The same problem with a few words at the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same problem with the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem with `did you mean`, if a known name is near enough, else with the list of names.
    #[must_use]
    pub fn nearest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, known) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// For a terminal: message, place, excerpt with the marked text, help. `color` adds escape codes.
    pub fn render(&self, color: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        // What plugins and files say stands in all three.
        let (message, label) = (plain::lines(&self.message), plain::line(&self.label));
        let help = self.help.as_deref().map(plain::lines);
        let path = self.location.as_ref().map(|location| plain::line(&location.source.path));
        let mut group = level
            .primary_title(message.as_str())
            .id(self.code)
            .elements(std::iter::empty::<annotate_snippets::Padding>());
        if let Some(location) = &self.location {
            let text = location.source.text.as_str();
            let start = text.floor_char_boundary(location.span.start.min(text.len()));
            let end = text.ceil_char_boundary(location.span.end.min(text.len())).max(start);
            let mut annotation = AnnotationKind::Primary.span(start..end);
            if !label.is_empty() {
                annotation = annotation.label(label.as_str());
            }
            let snippet = Snippet::source(text).path(path.as_deref()).annotation(annotation);
            group = group.element(snippet);
        }
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = renderer.render(&[group]);
        text.push('\n');
        text
    }

    /// For other programs: one JSON object.
    pub fn to_json(&self) -> serde_json::Value {
        let place = self.location.as_ref().map(|location| {
            let (line, column) = location.source.line_column(location.span.start);
            json!({ "file": location.source.path, "line": line, "column": column })
        });
        json!({
            "severity": match self.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "code": self.code,
            "message": self.message,
            "place": place,
            "help": self.help,
        })
    }

    fn order(&self) -> (Severity, Option<(&str, usize)>) {
        (self.severity, self.location.as_ref().map(|at| (at.source.path.as_str(), at.span.start)))
    }
}

/// Sorts for people: errors first, then by file and place; repeated ones once.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()).then_with(|| a.message.cmp(&b.message)));
    diagnostics.dedup();
}

/// Turns warnings into errors, as `--strict` wants it.
pub fn make_strict(diagnostics: &mut [Diagnostic]) {
    diagnostics.iter_mut().for_each(|diagnostic| diagnostic.severity = Severity::Error);
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// `did you mean ...` for the nearest known name, else the list of known names, else nothing.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
    let best = known.iter().map(|name| (distance(name), *name)).min();
    match best {
        Some((distance, name)) if distance <= wrong.chars().count().max(3) / 3 => {
            Some(format!("did you mean `{name}`?"))
        }
        Some(_) => Some(list_of(&known)),
        None => None,
    }
}

fn list_of(known: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = String::from("known names: ");
    for (index, name) in known.iter().take(SHOWN).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}`{name}`");
    }
    if known.len() > SHOWN {
        let _ = write!(text, " and {} more", known.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn a_rendered_error_has_code_place_excerpt_and_help() {
        let file = SourceFile::new("experiments/a.toml", "seed = 1\nfolds = 99\n");
        let text = Diagnostic::error("out-of-range", "`folds` is 99")
            .at(Location::new(&file, 17..19))
            .label("allowed: 0 to 40")
            .help("choose fewer folds")
            .render(false);
        for part in [
            "error[out-of-range]: `folds` is 99",
            "experiments/a.toml:2:9",
            "folds = 99",
            "^^ allowed: 0 to 40",
            "help: choose fewer folds",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn nothing_in_it_controls_the_terminal() {
        let file = SourceFile::new("a.toml", "seed = 1\n");
        let bad = "a\u{1b}[2Jb\u{202e}c";
        let problem = Diagnostic::error("x", bad).at(Location::new(&file, 0..4)).label(bad).help(bad);
        let text = problem.render(false);
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && text.contains("help: a [2Jb c"), "{text}");
    }

    #[test]
    fn near_names_are_offered_and_far_ones_listed() {
        assert_eq!(nearest("fodls", ["folds", "angle"]).as_deref(), Some("did you mean `folds`?"));
        assert_eq!(nearest("zzz", ["folds", "angle"]).as_deref(), Some("known names: `folds`, `angle`"));
        assert_eq!(nearest("x", []), None);
    }
}
