//! Formulas of chemistry, the common part of mhchem: `\ce{2H2 + O2 -> 2H2O}`, `\ce{SO4^2-}`, `\ce{A ->[H2O][\Delta] B}`.

use std::ops::Range;

use super::Problem;
use super::expand::{Expander, plain};

/// Arrows, the longest first, each with what it is set as alone and with words over and under it.
const ARROWS: &[(&str, &str, &str)] = &[
    ("<=>>", r"\rightleftharpoons ", r"\underset{#2}{\overset{#1}{\rightleftharpoons}}"),
    ("<<=>", r"\rightleftharpoons ", r"\underset{#2}{\overset{#1}{\rightleftharpoons}}"),
    ("<-->", r"\rightleftarrows ", r"\underset{#2}{\overset{#1}{\rightleftarrows}}"),
    ("<=>", r"\rightleftharpoons ", r"\underset{#2}{\overset{#1}{\rightleftharpoons}}"),
    ("<->", r"\longleftrightarrow ", r"\xleftrightarrow[#2]{#1}"),
    ("->", r"\longrightarrow ", r"\xrightarrow[#2]{#1}"),
    ("<-", r"\longleftarrow ", r"\xleftarrow[#2]{#1}"),
];

/// Words between substances, and what they are set as.
const WORDS: &[(&str, &str)] = &[
    ("+", "{}+{}"),
    ("-", "{}-{}"),
    ("=", "{}={}"),
    ("v", r"\downarrow "),
    ("(v)", r"\downarrow "),
    ("^", r"\uparrow "),
    ("(^)", r"\uparrow "),
];

/// Words of arrows may hold arrows, and these words; deeper is no chemistry.
const MAX_DEPTH: usize = 4;

/// Takes `\ce`.
pub(super) fn command(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let source = plain(&expander.argument("ce", at)?);
    let tex = chemistry(&source, 0).map_err(|what| {
        let message = format!("`{what}` in `\\ce{{{source}}}` is not read");
        Problem::at(message, at).help("write that part as a formula, such as `\\mathrm{H_2O}`")
    })?;
    expander.insert_text(&format!("{{{tex}}}"), &[], at);
    Ok(())
}

/// Substances, signs and arrows; says what cannot be read.
fn chemistry(source: &str, depth: usize) -> Result<String, String> {
    if depth > MAX_DEPTH {
        return Err(source.to_owned());
    }
    let mut tex = String::new();
    let mut rest = source.trim_start();
    // Whether the last thing was a substance, which has a space before the next one.
    let mut substance_before = false;
    while !rest.is_empty() {
        if let Some((written, alone, labelled)) =
            ARROWS.iter().find(|(written, ..)| rest.starts_with(written))
        {
            rest = &rest[written.len()..];
            let above = label(&mut rest)?;
            let below = label(&mut rest)?;
            match above {
                None => tex.push_str(alone),
                Some(above) => {
                    let (above, below) =
                        (chemistry(above, depth + 1)?, chemistry(below.unwrap_or_default(), depth + 1)?);
                    tex.push_str(&labelled.replace("#1", &above).replace("#2", &below));
                }
            }
            substance_before = false;
        } else {
            let length = word_length(rest);
            let (word, after) = rest.split_at(length);
            rest = after;
            match WORDS.iter().find(|(known, _)| *known == word) {
                Some((_, set)) => {
                    tex.push_str(set);
                    substance_before = false;
                }
                None => {
                    if substance_before {
                        tex.push_str("\\;");
                    }
                    substance(word, depth, &mut tex)?;
                    substance_before = true;
                }
            }
        }
        rest = rest.trim_start();
    }
    Ok(tex)
}

/// The words in brackets right behind an arrow.
fn label<'a>(rest: &mut &'a str) -> Result<Option<&'a str>, String> {
    if !rest.starts_with('[') {
        return Ok(None);
    }
    let end = closing(rest, '[', ']').ok_or_else(|| (*rest).to_owned())?;
    let inside = &rest[1..end];
    *rest = &rest[end + 1..];
    Ok(Some(inside))
}

/// Where the bracket ends with which this begins.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// How long a word is: up to a space or an arrow, outside of braces and dollar signs.
fn word_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut formula = false;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '$' => formula = !formula,
            _ if depth > 0 || formula => {}
            _ if c.is_whitespace() => return at,
            '<' | '-' if at > 0 && ARROWS.iter().any(|(arrow, ..)| text[at..].starts_with(arrow)) => {
                return at;
            }
            _ => {}
        }
    }
    text.len()
}

/// A number before a substance: `2`, `0.5`, `1/2`.
fn push_number(number: &str, tex: &mut String) {
    match number.split_once('/') {
        Some((above, below)) if !above.is_empty() && !below.is_empty() => {
            tex.push_str(&format!("\\tfrac{{{above}}}{{{below}}}"));
        }
        _ => tex.push_str(number),
    }
}

fn number_length(text: &str) -> usize {
    let length = text.find(|c: char| !(c.is_ascii_digit() || c == '/' || c == '.')).unwrap_or(text.len());
    text[..length].trim_end_matches(['.', '/']).len()
}

/// A substance with its number before it; says what cannot be read.
fn substance(word: &str, depth: usize, tex: &mut String) -> Result<(), String> {
    // A letter for a number: `n H2O`.
    if word.len() == 1 && word.starts_with(|c: char| c.is_ascii_lowercase()) && word != "e" {
        tex.push_str(word);
        return Ok(());
    }
    let mut rest = word;
    let mut begins = true;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let first = std::mem::take(&mut begins);
        let length = match c {
            '0'..='9' if first => {
                let length = number_length(rest);
                push_number(&rest[..length], tex);
                if length < rest.len() {
                    tex.push_str("\\,");
                }
                length
            }
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
                // Mass and atomic numbers stand before what they belong to.
                let base = if first { "{}" } else { "" };
                tex.push_str(&format!("{base}{c}{{{script}}}"));
                1 + length
            }
            '+' | '-' if after.is_empty() || after.starts_with([')', ']', ',']) => {
                tex.push_str(&format!("^{{{c}}}"));
                1
            }
            '.' | '*' => {
                // What follows has a number of its own.
                tex.push_str("\\cdot ");
                begins = true;
                1
            }
            '$' | '{' => group(rest, depth, tex)?,
            _ => sign(rest, tex)?,
        };
        rest = &rest[length..];
    }
    Ok(())
}

/// A group in braces, or a formula between dollar signs; how long it is.
fn group(rest: &str, depth: usize, tex: &mut String) -> Result<usize, String> {
    let formula = rest.starts_with('$');
    let end = if formula { rest[1..].find('$').map(|end| end + 1) } else { closing(rest, '{', '}') };
    let end = end.ok_or_else(|| rest.to_owned())?;
    let inner = &rest[1..end];
    let set = if formula { inner.to_owned() } else { chemistry(inner, depth + 1)? };
    tex.push_str(&format!("{{{set}}}"));
    Ok(end + 1)
}

/// Bonds, brackets and commands; how long what is set is.
fn sign(rest: &str, tex: &mut String) -> Result<usize, String> {
    let c = rest.chars().next().unwrap_or_default();
    match c {
        // A bond has no space around it.
        '-' => tex.push_str("{-}"),
        '=' => tex.push_str("\\mathord{=}"),
        '#' => tex.push_str("\\mathord{≡}"),
        '(' | ')' | '[' | ']' | ',' | ';' => tex.push(c),
        '\\' => {
            let name = rest[1..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len() - 1);
            if name == 0 {
                return Err(rest.chars().take(2).collect());
            }
            tex.push_str(&format!("{} ", &rest[..=name]));
            return Ok(name + 1);
        }
        other => return Err(other.to_string()),
    }
    Ok(1)
}

/// What stands in a script, and how long it is written: `{2+}`, `2+`, `-`, `x`, `{II}`, `{99}+`.
fn script(text: &str) -> (String, usize) {
    let (inner, length) = match closing(text, '{', '}').filter(|_| text.starts_with('{')) {
        Some(end) => (&text[1..end], end + 1),
        None => {
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let letter = digits == 0 && text.starts_with(|c: char| c.is_ascii_alphabetic());
            (&text[..digits + usize::from(letter)], digits + usize::from(letter))
        }
    };
    let sign = usize::from(text[length..].starts_with(['+', '-']));
    // Oxidation numbers are upright, variables are not.
    let roman = !inner.is_empty() && inner.chars().all(|c| "IVXLC".contains(c));
    let inner = if roman { format!("\\mathrm{{{inner}}}") } else { inner.to_owned() };
    (format!("{inner}{}", &text[length..length + sign]), length + sign)
}
