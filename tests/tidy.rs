//! How the code hangs together, held: arrows between rooms and between crates point one way, no file is longer than 500 lines
//! and no function longer than 60.
//!
//! A room is a module at the root of `src`, with all that lies below it. The sources are read as text: comments, strings and
//! test modules are blanked first (tests may use what stands above the code that they test), and what is left of every
//! `crate::...` and `super::...`, grouped or not, in a `use` or in the middle of a function, is an arrow.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, leaf first: a room uses only rooms that stand before it.
const ROOMS: &[&str] = &[
    "plain",
    "source",
    "date",
    "environment",
    "diagnostic",
    "file",
    "disk",
    "locale",
    "relation",
    "statistics",
    "toml_tree",
    "active",
    "store",
    "publish",
    "prose",
    "texts",
    "input",
    "expr",
    "manifest",
    "check",
    "results",
    "claim",
    "figure",
    "drawable",
    "sweep",
    "process",
    "config",
    "theme",
    "project",
    "site",
    "registry",
    "experiment",
    "plan",
    "executor",
    "cache",
    "relate",
    "run_json",
    "names",
    "render",
    "assets",
    "build",
    "cli",
];

/// The crates of the workspace, leaf first: a crate uses only crates of rows before its own.
const CRATES: &[&[&str]] = &[
    &["octavo-plugin"],
    &["octavo-plugin-test", "octavo-learning", "octavo-sinkhorn"],
    &[
        "octavo-curvature",
        "octavo-dimension",
        "octavo-divergence",
        "octavo-dragon",
        "octavo-escape",
        "octavo-gan",
        "octavo-regions",
    ],
    &["octavo"],
];

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;

#[test]
fn arrows_between_rooms_point_one_way() {
    let (mut wrong, mut rooms) = (Vec::new(), BTreeSet::new());
    for path in sources(&["src"]) {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        let module = module(inside);
        let Some(room) = module.first() else { continue };
        if is_test(&path) || room == "testing" {
            continue;
        }
        rooms.insert(room.clone());
        let Some(place) = ROOMS.iter().position(|known| known == room) else {
            wrong.push(format!("the room `{room}` has no place in the order"));
            continue;
        };
        for used in arrows(&without_tests(&blank(&fs::read_to_string(&path).unwrap())), &module) {
            let other = ROOMS.iter().position(|known| *known == used);
            if used != *room && other.is_some_and(|other| other > place) {
                wrong.push(format!("{} uses `{used}`, which stands above `{room}`", inside.display()));
            }
        }
    }
    let gone: Vec<&&str> = ROOMS.iter().filter(|room| !rooms.contains(**room)).collect();
    assert!(wrong.is_empty() && gone.is_empty(), "{}\nno such rooms: {gone:?}", wrong.join("\n"));
}

#[test]
fn arrows_between_crates_point_one_way() {
    let mut wrong = Vec::new();
    let row = |name: &str| CRATES.iter().position(|row| row.contains(&name));
    for path in manifests() {
        let text = fs::read_to_string(&path).unwrap();
        let name = text
            .lines()
            .skip_while(|line| *line != "[package]")
            .find_map(|line| line.strip_prefix("name = "));
        let name = name.unwrap().trim_matches('"');
        let Some(own) = row(name) else {
            wrong.push(format!("the crate `{name}` has no place in the order"));
            continue;
        };
        for used in dependencies(&text) {
            if row(used).is_none_or(|row| row >= own) {
                wrong.push(format!("`{name}` uses `{used}`, which does not stand before it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    for path in sources(&["src", "plugins", "tests", "benches"]) {
        let text = fs::read_to_string(&path).unwrap();
        let shown = path.strip_prefix(root()).unwrap().display();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{shown} has {lines} lines"));
        }
        for (name, lines) in functions(&blank(&text)) {
            if lines > LONGEST_FUNCTION {
                long.push(format!("{shown}: `{name}` has {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_reader_knows_comments_strings_and_lifetimes() {
    let text = r####"fn a<'x>(b: &'x str) -> char { /* { /* } */ { */ '{' }
// fn no() {
fn c() { let s = "} \" fn d() {"; let r = r##"}"# fn e() {"##; let b = b'}'; let n = '\''; }
trait T { fn f(&self); fn g() -> [u8; 3] { [0; 3] }
}"####;
    let found = functions(&blank(text));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "c", "g"]);
    assert_eq!(functions("fn h(\n) {\n    x();\n}\nfn i() {}"), [("h".to_owned(), 4), ("i".to_owned(), 1)]);
}

#[test]
fn every_way_of_writing_an_arrow_is_seen() {
    let uses = |text: &str, module: &[&str]| {
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        arrows(&without_tests(&blank(text)), &module).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(uses("use crate::plan::{Plan, Task};", &["a"]), ["plan"]);
    assert_eq!(uses("use crate::{cli::{self, x}, plan, store as s};", &["a"]), ["cli", "plan", "store"]);
    assert_eq!(uses("fn f() { use crate::cli; crate::plan::go() }", &["a"]), ["cli", "plan"]);
    assert_eq!(uses("use super::cli; use super::super::b;", &["a"]), ["cli"]);
    assert_eq!(uses("use super::cli; use super::super::{b, c::d};", &["a", "x"]), ["b", "c"]);
    assert_eq!(uses("mod y { fn f() { super::super::cli::go() } }", &["a"]), ["cli"]);
    assert_eq!(uses("pub(crate) fn f() {} // crate::cli\n", &["a"]), [""; 0]);
    assert_eq!(uses("#[cfg(test)]\nmod tests { use crate::cli; }\nuse crate::plan;", &["a"]), ["plan"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below these folders of the repository, but what is built.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.extend(Some(path).filter(|path| !path.ends_with("target")));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

fn manifests() -> Vec<PathBuf> {
    let plugins = fs::read_dir(root().join("plugins")).unwrap();
    let each = plugins.map(|entry| entry.unwrap().path().join("Cargo.toml")).filter(|path| path.exists());
    let all: Vec<PathBuf> = std::iter::once(root().join("Cargo.toml")).chain(each).collect();
    assert!(all.len() > CRATES.len());
    all
}

/// Crates of the workspace among the dependencies of a manifest; its tests may use what stands above it.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut within = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = ["[dependencies]", "[build-dependencies]"].contains(&line);
        } else if within && line.starts_with("octavo") {
            let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap();
            found.push(&line[..end]);
        }
    }
    found
}

/// The module of a file below `src`; none for `lib.rs` and `main.rs`, which name every room.
fn module(path: &Path) -> Vec<String> {
    let mut parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    let last = parts.pop().unwrap();
    if !["mod.rs", "lib.rs", "main.rs"].contains(&last.as_str()) {
        parts.push(last.trim_end_matches(".rs").to_owned());
    }
    parts
}

/// Whether a file holds tests alone.
fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// The rooms that a blanked text names.
fn arrows(text: &str, module: &[String]) -> BTreeSet<String> {
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
fn without_tests(text: &str) -> String {
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
fn functions(text: &str) -> Vec<(String, usize)> {
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
fn blank(text: &str) -> String {
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
