//! Results within a formula: `x = {{ value("rate") }}`.

use std::ops::Range;

use super::Problem;
use super::token::{self, Token, TokenKind, slot_mark};
use crate::directive;
use octavo_tables::number::Format;

/// Something in a formula that only the page or its results know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A result, with the bytes of the formula where it stands.
    Value {
        /// Its name as written.
        target: String,
        /// How it is written.
        format: Option<String>,
        /// The bytes of the formula.
        at: Range<usize>,
    },
    /// The number of an equation of the page.
    Reference {
        /// Its name, without `eq:`.
        name: String,
        /// The bytes of the formula.
        at: Range<usize>,
    },
}

/// The tokens of a formula, the results in it, and its source with a mark in the place of each.
pub(super) fn tokens(tex: &str) -> Result<(Vec<Token>, Vec<Slot>, String), Problem> {
    let mut all = Vec::new();
    let mut slots = Vec::new();
    let mut source = String::new();
    let mut at = 0;
    while let Some(found) = next_substitution(tex, at) {
        push(&mut all, &mut source, tex, at..found.start);
        let inner = &tex[found.start + 2..found.end - 2];
        slots.push(slot(inner, &found)?);
        let mark = slots.len() - 1;
        source.push(slot_mark(mark));
        all.extend(super::rewrite::braced(vec![Token::new(TokenKind::Slot(mark), &found)], &found));
        at = found.end;
    }
    push(&mut all, &mut source, tex, at..tex.len());
    Ok((all, slots, source))
}

fn push(all: &mut Vec<Token>, source: &mut String, tex: &str, range: Range<usize>) {
    let start = range.start;
    source.push_str(&tex[range.clone()]);
    all.extend(
        token::tokens(&tex[range])
            .into_iter()
            .map(|token| Token { at: token.at.start + start..token.at.end + start, ..token }),
    );
}

/// The first part of a text that asks for a result, such as `{{ value("rate") }}` or `{{ rate }}`.
pub fn substitution_in(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let end = start + text[start..].find("}}")? + 2;
        let inner = text[start + 2..end - 2].trim();
        let name = inner.split('(').next().unwrap_or_default().trim();
        let spaced = text[start + 2..].starts_with(' ') && !name.is_empty();
        let word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if word && (spaced || (inner.ends_with(')') && !name.is_empty())) {
            return Some(start..end);
        }
        at = start + 1;
    }
    None
}

/// The next `{{ name(` and its `}}`: two braces alone are braces.
fn next_substitution(tex: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(start) = tex[at..].find("{{").map(|found| at + found) {
        let inner = tex[start + 2..].trim_start();
        let name = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let call = inner[name..].trim_start();
        let quoted =
            call.strip_prefix('(').is_some_and(|rest| rest.trim_start().starts_with(['"', '\'', '(']));
        if name > 0
            && quoted
            && let Some(end) = tex[start..].find("}}")
        {
            return Some(start..start + end + 2);
        }
        at = start + 1;
    }
    None
}

fn slot(inner: &str, at: &Range<usize>) -> Result<Slot, Problem> {
    const USAGE: &str = "write `{{ value(\"name\", \"%.2f\") }}`";
    let wrong = |message: String| Problem::at(message, at).help(USAGE);
    let call = directive::parse_call(inner).ok_or_else(|| wrong("this is no substitution".to_owned()))?;
    let (target, format) = match (call.name, call.arguments.as_slice()) {
        ("value", [target]) => (target, None),
        ("value", [target, format]) => (target, Some(*format)),
        ("value", _) => return Err(wrong("`value` has a wrong number of texts".to_owned())),
        (name, _) => return Err(wrong(format!("a formula takes `value(...)` and no `{name}`"))),
    };
    if let Some(format) = format {
        Format::parse(format).map_err(|reason| Problem::at(reason, at))?;
    }
    Ok(Slot::Value { target: (*target).to_owned(), format: format.map(str::to_owned), at: at.clone() })
}
