//! What is wrong, where, and what to do: collected, sorted, shown at once.

mod digest;
mod nearest;

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use schemars::JsonSchema;
use serde::Serialize;

use crate::plain;
use crate::source::Location;

pub use digest::{Digested, digested, grouped};
pub use nearest::{Suggestions, nearest};

/// Problems of one kind that are shown; the rest is counted.
pub const MOST_SHOWN: usize = 100;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The build goes on; an error with `--strict`.
    Warning,
}

/// A problem as other programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Told {
    /// How bad it is.
    pub severity: Severity,
    /// A short name of the kind of problem.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// Where, if it has a place in a file.
    pub place: Option<Place>,
    /// What to do, if that is known.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The file, relative to the project's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
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
        let excerpt = self.location.as_ref().map(|location| {
            let (text, first_line, span) = excerpt(location);
            (plain::in_place(text), first_line, span)
        });
        let mut group = level
            .primary_title(message.as_str())
            .id(self.code)
            .elements(std::iter::empty::<annotate_snippets::Padding>());
        if let Some((text, first_line, span)) = &excerpt {
            let mut annotation = AnnotationKind::Primary.span(span.clone());
            if !label.is_empty() {
                annotation = annotation.label(label.as_str());
            }
            let path = path.as_deref();
            let snippet =
                Snippet::source(text.as_str()).line_start(*first_line).path(path).annotation(annotation);
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

    /// For other programs.
    pub fn told(&self) -> Told {
        let place = self.location.as_ref().map(|location| {
            let (line, column) = location.source.line_column(location.span.start);
            Place { file: location.source.path.clone(), line, column }
        });
        let (code, message, help) = (self.code.to_owned(), self.message.clone(), self.help.clone());
        Told { severity: self.severity, code, message, place, help }
    }

    fn order(&self) -> (Severity, Option<(&str, usize)>) {
        (self.severity, self.location.as_ref().map(|at| (at.source.path.as_str(), at.span.start)))
    }
}

/// The lines around a place, the number of the first, and the place within them: what draws an excerpt looks at every line
/// that it is given.
fn excerpt(location: &Location) -> (&str, usize, Range<usize>) {
    let text = location.source.text.as_str();
    let start = text.floor_char_boundary(location.span.start.min(text.len()));
    let end = text.ceil_char_boundary(location.span.end.min(text.len())).max(start);
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    // With the line before, so that a place at the end of a text has a line to stand on.
    let from = text[..line.saturating_sub(1)].rfind('\n').map_or(0, |newline| newline + 1);
    let to = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    let first_line = text[..from].matches('\n').count() + 1;
    (&text[from..to], first_line, start - from..end - from)
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
    fn an_excerpt_of_a_long_file_is_what_the_whole_file_gives() {
        let lines: String = (1..=300).map(|number| format!("line é {number}\n")).collect();
        let long = format!("{lines}the last one");
        for text in ["", "a", "a\n", "\n\n", "a\r\nb\r\n", "a\n\nb", &lines, &long] {
            let file = SourceFile::new("a.toml", text);
            for start in
                (0..=text.len().min(40)).chain([text.len() / 2, text.len().saturating_sub(1), text.len()])
            {
                for length in [0, 1, 3, 30] {
                    let start = text.floor_char_boundary(start);
                    let end = text.ceil_char_boundary((start + length).min(text.len()));
                    let annotation = AnnotationKind::Primary.span(start..end).label("here");
                    let whole = Snippet::source(text).path("a.toml").annotation(annotation);
                    let group = Level::ERROR.primary_title("x").id("y").element(whole);
                    let expected = format!("{}\n", Renderer::plain().render(&[group]));
                    let problem =
                        Diagnostic::error("y", "x").at(Location::new(&file, start..end)).label("here");
                    assert_eq!(problem.render(false), expected, "{start}..{end}");
                    let location = Location::new(&file, start..end);
                    let (part, ..) = excerpt(&location);
                    assert!(part.lines().count() <= 3 + length, "{part}");
                }
            }
        }
    }

    #[test]
    fn nothing_in_it_controls_the_terminal() {
        let file = SourceFile::new("a.toml", "seed = 1 # \u{1b}[2J\u{202e}\u{9b}31m\u{85}\u{200f}\u{2028}\n");
        let bad = "a\u{1b}[2Jb\u{202e}c";
        let problem = Diagnostic::error("x", bad).at(Location::new(&file, 0..4)).label(bad).help(bad);
        let text = problem.render(false);
        let turns = ['\u{1b}', '\u{202e}', '\u{9b}', '\u{85}', '\u{200f}', '\u{2028}'];
        assert!(!text.contains(turns) && text.contains("help: a [2Jb c"), "{text}");
    }
}
