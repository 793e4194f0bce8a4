//! From text to tokens.

use std::ops::Range;

use num_bigint::BigInt;
use octavo_plugin::Value;

use super::ExprError;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number or a quoted text.
    Literal(Value),
    /// A name, keyword or function; the flag says whether it stood in backticks.
    Name(String, bool),
    /// An operator or punctuation.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

const SYMBOLS: &[&str] =
    &["<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "^", "(", ")", ",", "~", "."];

/// Spellings of other languages, and what is written here.
const FOREIGN: &[(&str, &str)] = &[
    ("**", "`^` is the power"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=", "`==` compares"),
    ("!", "write `not`, or `!=` for different"),
];

/// Words that are no plain names.
pub(super) const RESERVED: &[&str] =
    &["and", "or", "not", "within", "of", "true", "false", "pi", "e", "infinity"];

/// Whether the name can be written without backticks.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name_length(name) == name.len() && !RESERVED.contains(&name)
}

/// The tokens with their bytes, the last of which is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExprError> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = next(text, at, first)?;
        all.push((token, at..at + length));
        at += length;
    }
    all.push((Token::End, text.len()..text.len()));
    Ok(all)
}

fn next(text: &str, at: usize, first: char) -> Result<(Token, usize), ExprError> {
    let rest = &text[at..];
    if first.is_ascii_digit() {
        return number(rest, at);
    }
    let name = name_length(rest);
    if name > 0 {
        return Ok((Token::Name(rest[..name].to_owned(), false), name));
    }
    if matches!(first, '`' | '"' | '\'') {
        return quoted(rest, at, first);
    }
    // `==` and `!=` are symbols, so the longer spelling is looked for first.
    let foreign = FOREIGN.iter().find(|(spelling, _)| rest.starts_with(spelling));
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
    match (symbol, foreign) {
        (Some(symbol), Some((spelling, help))) if spelling.len() > symbol.len() => {
            Err(ExprError::new(at..at + spelling.len(), format!("`{spelling}` is no operator")).help(*help))
        }
        (Some(symbol), _) => Ok((Token::Symbol(symbol), symbol.len())),
        (None, Some((spelling, help))) => {
            Err(ExprError::new(at..at + spelling.len(), format!("`{spelling}` is no operator")).help(*help))
        }
        (None, None) => Err(ExprError::new(
            at..at + first.len_utf8(),
            format!("the character `{}` has no meaning here", first.escape_debug()),
        )),
    }
}

fn quoted(rest: &str, at: usize, quote: char) -> Result<(Token, usize), ExprError> {
    let Some(length) = rest[1..].find(quote) else {
        return Err(ExprError::new(at..at + rest.len(), format!("a closing {quote} is missing")));
    };
    let inside = rest[1..=length].to_owned();
    match quote {
        '`' if inside.is_empty() => Err(ExprError::new(at..at + 2, "a name in backticks is not empty")),
        '`' => Ok((Token::Name(inside, true), length + 2)),
        _ => Ok((Token::Literal(Value::Text(inside)), length + 2)),
    }
}

/// Length of the plain name at the start: parts of letters, digits and `_`, joined by dots. 0 if there is none.
fn name_length(text: &str) -> usize {
    let starts = |c: char| c.is_alphabetic() || c == '_';
    let mut length = 0;
    loop {
        let part = &text[length..];
        if !part.starts_with(starts) {
            // A dot without a name behind it is not part of the name.
            return length.saturating_sub(1);
        }
        length += part.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(part.len());
        if !text[length..].starts_with('.') {
            return length;
        }
        length += 1;
    }
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), ExprError> {
    let digits = |from: usize| {
        rest[from..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| from + length)
    };
    let whole = digits(0);
    let mut end = whole;
    if rest[end..].starts_with('.') && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        end = digits(end + 1);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        if rest[end + 1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
            end = digits(end + 1 + sign);
        }
    }
    let text = &rest[..end];
    if rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return Err(ExprError::new(at..at + end + 1, format!("a letter follows the number `{text}`"))
            .help("write `*` between factors, and names that begin with a digit in backticks"));
    }
    if end == whole {
        let integer: BigInt = text.parse().expect("a run of digits is an integer");
        return Ok((Token::Literal(Value::Integer(integer)), end));
    }
    let value: f64 = text.parse().expect("digits, fraction and exponent are a float");
    if value.is_finite() {
        Ok((Token::Literal(Value::Float(value)), end))
    } else {
        Err(ExprError::new(at..at + end, format!("`{text}` is beyond the range of floats")))
    }
}
