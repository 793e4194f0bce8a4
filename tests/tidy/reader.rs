//! Sources read as text: what a file uses, and how long its functions are.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;

/// The module of a file below `src`; none for `lib.rs` and `main.rs`, which name every room.
pub(super) fn module(path: &Path) -> Vec<String> {
    let mut parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    let last = parts.pop().unwrap();
    if !["mod.rs", "lib.rs", "main.rs"].contains(&last.as_str()) {
        parts.push(last.trim_end_matches(".rs").to_owned());
    }
    parts
}

/// Whether a file holds tests alone.
pub(super) fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// The rooms that a blanked text names.
pub(super) fn arrows(text: &str, module: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Modules in the text itself, each with the depth of its braces.
    let (mut inner, mut depth): (Vec<usize>, usize) = (Vec::new(), 0);
    let mut left = text;
    while let Some(character) = left.chars().next() {
        let (word, rest) = word(left);
        match (character, word) {
            ('{', _) => depth += 1,
            ('}', _) => {
                depth -= 1;
                inner.retain(|begin| *begin <= depth);
            }
            (_, "mod") if rest.trim_start_matches(|c: char| c != '{' && c != ';').starts_with('{') => {
                inner.push(depth + 1);
            }
            (_, "crate" | "super") => {
                let here = module.len() + inner.len();
                if let Some(names) = from_root(left, here) {
                    found.extend(first_names(names));
                }
                left = rest.trim_start_matches("::super");
                continue;
            }
            _ => {}
        }
        left = rest;
    }
    found
}

/// The word at the start of a text, or one character that is none, and what follows.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let end = if end == 0 { text.chars().next().map_or(0, char::len_utf8) } else { end };
    text.split_at(end)
}

/// What follows `crate::`, or as many `super::` as lead from a module of this depth to the root.
fn from_root(text: &str, depth: usize) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("crate::") {
        return Some(rest);
    }
    let (mut rest, mut up) = (text, 0);
    while let Some(after) = rest.strip_prefix("super::") {
        (rest, up) = (after, up + 1);
    }
    (up > 0 && up == depth).then_some(rest)
}

/// The first name of a path, or of every path of a group.
fn first_names(text: &str) -> Vec<String> {
    let Some(group) = text.strip_prefix('{') else { return vec![word(text).0.to_owned()] };
    let (mut depth, mut first, mut names) = (0, true, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => first = true,
            c if first && (c.is_alphabetic() || c == '_') => {
                names.push(word(&group[at..]).0.to_owned());
                first = false;
            }
            _ => {}
        }
    }
    names
}

/// The same text without modules of tests.
pub(super) fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut left = text;
    while let Some(at) = left.find("#[cfg(test)]") {
        kept.push_str(&left[..at]);
        left = &left[at..];
        let semicolon = left.find(';').unwrap_or(left.len());
        let end = match left.find('{') {
            Some(brace) if brace < semicolon => brace + block(&left[brace..]),
            _ => (semicolon + 1).min(left.len()),
        };
        left = &left[end..];
    }
    kept + left
}

/// The length in bytes of the block that begins a blanked text.
fn block(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// The functions of a blanked text with their number of lines, from `fn` to the closing brace.
pub(super) fn functions(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut left = text;
    let mut before = ' ';
    while !left.is_empty() {
        let (token, rest) = word(left);
        if token == "fn" && !before.is_alphanumeric() {
            let name = word(rest.trim_start()).0;
            if let Some(body) =
                body(rest).filter(|_| name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
            {
                let end = rest.len() - body.len() + block(body);
                found.push((name.to_owned(), rest[..end].matches('\n').count() + 1));
            }
        }
        before = token.chars().next_back().unwrap_or(' ');
        left = rest;
    }
    found
}

/// From the brace that opens a function's body, if it has one: brackets of its signature are passed over.
fn body(signature: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, character) in signature.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(&signature[at..]),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The same text with comments, strings and characters blanked, line for line.
pub(super) fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text;
    while let Some(first) = left.chars().next() {
        let length = comment(left).or_else(|| string(left)).or_else(|| character(left));
        let Some(length) = length else {
            let (token, rest) = word(left);
            // `r"` and `b"` are strings and no words.
            let token = if string(left).is_none() { token } else { &left[..first.len_utf8()] };
            out.push_str(token);
            left = if token.len() == left.len() - rest.len() { rest } else { &left[token.len()..] };
            continue;
        };
        out.extend(left[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        left = &left[length..];
    }
    out
}

fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.strip_prefix("/*")?;
    let (mut depth, mut at) = (0, 0);
    loop {
        let left = &text[at..];
        if left.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if left.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += left.chars().next()?.len_utf8();
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The length of the string that begins a text, raw ones and those of bytes included.
fn string(text: &str) -> Option<usize> {
    let plain = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - plain.len();
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(prefix + 2 + hashes + inside.find(&close)? + close.len());
    }
    let inside = plain.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    })?;
    Some(prefix + 1 + end.0 + 1)
}

/// The length of the character that begins a text; lifetimes are none.
fn character(text: &str) -> Option<usize> {
    let plain = text.strip_prefix('b').unwrap_or(text);
    let prefix = text.len() - plain.len();
    let inside = plain.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        // What is escaped may itself be a quote.
        let first = escape.chars().next()?.len_utf8();
        return Some(prefix + 2 + first + escape[first..].find('\'')? + 1);
    }
    let first = inside.chars().next()?.len_utf8();
    inside[first..].starts_with('\'').then_some(prefix + 1 + first + 1)
}
