//! A long list of problems, made short enough to be read.

use std::collections::BTreeMap;

use super::{Diagnostic, MOST_SHOWN, Severity};

/// A line of the shortened list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digested<'a> {
    /// A problem to show.
    Shown(&'a Diagnostic),
    /// So many more problems of this severity and code.
    More(Severity, &'static str, usize),
}

/// Most places at which one and the same thing is told.
const MOST_PLACES: usize = 10;

/// The first [`MOST_SHOWN`] problems of each severity and code in order, of those that say the same the first ten, and then for
/// each that has more of them how many.
pub fn digested(diagnostics: &[Diagnostic]) -> Vec<Digested<'_>> {
    let mut counts: BTreeMap<(Severity, &'static str), (usize, usize)> = BTreeMap::new();
    let mut said: BTreeMap<((Severity, &str), &str), usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        let kind = (diagnostic.severity, diagnostic.code);
        let (shown, left) = counts.entry(kind).or_default();
        // What is not shown need not be compared either.
        let fits = *shown < MOST_SHOWN && {
            let places = said.entry((kind, diagnostic.message.as_str())).or_default();
            *places += 1;
            *places <= MOST_PLACES
        };
        if fits {
            *shown += 1;
            lines.push(Digested::Shown(diagnostic));
        } else {
            *left += 1;
        }
    }
    let more = counts.into_iter().filter(|(_, (_, left))| *left > 0);
    lines.extend(more.map(|((severity, code), (_, left))| Digested::More(severity, code, left)));
    lines
}

impl Digested<'_> {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Shown(diagnostic) => diagnostic.severity,
            Self::More(severity, ..) => *severity,
        }
    }

    /// For a terminal, as [`Diagnostic::render`]; `and 7,900 more: error[unknown-key]`.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Shown(diagnostic) => diagnostic.render(color),
            Self::More(severity, code, count) => {
                format!("and {} more: {}[{code}]\n", grouped(*count), word(*severity))
            }
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A count with commas: `7,900`.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize, code: &'static str) -> Vec<Diagnostic> {
        (0..count).map(|number| Diagnostic::error(code, number.to_string())).collect()
    }

    #[test]
    fn a_hundred_of_a_kind_are_shown_and_the_rest_is_counted() {
        for (count, shown) in [(0, 0), (1, 1), (100, 100), (101, 101), (8_000, 101)] {
            let problems = many(count, "a");
            let lines = digested(&problems);
            assert_eq!(lines.len(), shown, "{count}");
        }
        let problems = many(8_000, "unknown-key");
        let last = *digested(&problems).last().unwrap();
        assert_eq!(last.render(false), "and 7,900 more: error[unknown-key]\n");
        assert_eq!(last, Digested::More(Severity::Error, "unknown-key", 7_900));
    }

    #[test]
    fn kinds_and_severities_are_counted_apart() {
        let mut problems = [many(150, "a"), many(150, "b"), many(3, "c")].concat();
        problems.extend((0..1_234_667).map(|_| Diagnostic::warning("a", "w")));
        let more: Vec<_> =
            digested(&problems).into_iter().filter(|line| matches!(line, Digested::More(..))).collect();
        let expected = [
            Digested::More(Severity::Error, "a", 50),
            Digested::More(Severity::Error, "b", 50),
            Digested::More(Severity::Warning, "a", 1_234_657),
        ];
        assert_eq!(more, expected);
        assert_eq!(more[2].render(false), "and 1,234,657 more: warning[a]\n");
    }
}
