//! Formulas of chemistry, the common part of mhchem: `\ce{2H2 + O2 -> 2H2O}`, `\ce{SO4^2-}`.

use std::ops::Range;

use super::Problem;
use super::expand::{Expander, plain};

/// Words between substances, and what they are set as.
const WORDS: &[(&str, &str)] = &[
    ("+", "{}+{}"),
    ("->", r"\longrightarrow "),
    ("<-", r"\longleftarrow "),
    ("<->", r"\longleftrightarrow "),
    ("<=>", r"\rightleftharpoons "),
    ("v", r"\downarrow "),
    ("^", r"\uparrow "),
];

/// Takes `\ce`.
pub(super) fn command(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let source = plain(&expander.argument("ce", at)?);
    let mut tex = String::new();
    for word in source.split_whitespace() {
        match WORDS.iter().find(|(known, _)| *known == word) {
            Some((_, set)) => tex.push_str(set),
            None => match reaction(word) {
                Some(arrow) => tex.push_str(&arrow),
                None => substance(word, &mut tex).map_err(|what| {
                    let message = format!("`{what}` in `\\ce{{{source}}}` is not read");
                    Problem::at(message, at).help("write that part as a formula, such as `\\mathrm{H_2O}`")
                })?,
            },
        }
    }
    expander.insert_text(&format!("{{{tex}}}"), &[], at);
    Ok(())
}

/// An arrow with something over it, and perhaps under it: `->[heat]`.
fn reaction(word: &str) -> Option<String> {
    let (above, rest) = word.strip_prefix("->[")?.split_once(']')?;
    let below = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    Some(format!("\\xrightarrow[\\text{{{below}}}]{{\\text{{{above}}}}}"))
}

/// A substance with its number before it; says what cannot be read.
fn substance(word: &str, tex: &mut String) -> Result<(), String> {
    let number = word.find(|c: char| !(c.is_ascii_digit() || c == '/' || c == '.')).unwrap_or(word.len());
    if number > 0 {
        tex.push_str(&word[..number]);
        tex.push_str("\\,");
    }
    let mut rest = &word[number..];
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let length = match c {
            c if c.is_ascii_alphabetic() => {
                let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                tex.push_str(&format!("\\mathrm{{{}}}", &rest[..length]));
                length
            }
            '0'..='9' => {
                let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                tex.push_str(&format!("_{{{}}}", &rest[..length]));
                length
            }
            '^' | '_' => {
                let (script, length) = script(after);
                tex.push_str(&format!("{c}{{{script}}}"));
                1 + length
            }
            '+' | '-' if after.is_empty() || after.starts_with([')', ']']) => {
                tex.push_str(&format!("^{{{c}}}"));
                1
            }
            '-' | '=' => {
                tex.push_str(&format!("{{{c}}}"));
                1
            }
            '#' => {
                tex.push_str("{\\equiv}");
                1
            }
            '(' | ')' | '[' | ']' => {
                tex.push(c);
                1
            }
            '.' | '*' => {
                tex.push_str("\\cdot ");
                1
            }
            other => return Err(other.to_string()),
        };
        rest = &rest[length..];
    }
    Ok(())
}

/// What stands in a script, and how long it is written: `{2+}`, `2+`, `-`.
fn script(text: &str) -> (String, usize) {
    if let Some((inner, _)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        return (inner.to_owned(), inner.len() + 2);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let length = digits + usize::from(text[digits..].starts_with(['+', '-']));
    (text[..length].to_owned(), length)
}
