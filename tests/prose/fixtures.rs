//! Pages and what becomes of them. `NAME.md` is a page, `NAME.html` what is expected: the body, and after a line `---` the
//! messages. `NAME.fr.md` is set in French.

use std::fmt::Write as _;

use crate::host::{Host, page};

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!($name, ".md")), include_str!(concat!($name, ".html")))
    };
}
/// Every fixture, by name.
const FIXTURES: &[(&str, &str, &str)] = &[
    fixture!("text"),
    fixture!("blocks"),
    fixture!("callouts"),
    fixture!("results"),
    fixture!("references"),
    fixture!("math"),
    fixture!("wrong"),
    fixture!("french.fr"),
    fixture!("substitution"),
];

fn shown(name: &str, markdown: &str) -> String {
    let language = if name.ends_with(".fr") { "fr" } else { "en" };
    let (rendered, messages) = page(markdown, &Host::new(language), false);
    let mut text = rendered.html.into_string();
    if !messages.is_empty() {
        text.push_str("---\n");
        for message in messages {
            let _ = writeln!(text, "{message}");
        }
    }
    text
}

/// The lines that differ, with their numbers.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let mut text = String::new();
    for index in 0..expected.len().max(found.len()) {
        let (left, right) = (expected.get(index), found.get(index));
        if left != right {
            let _ = writeln!(text, "{:4} - {}", index + 1, left.unwrap_or(&""));
            let _ = writeln!(text, "     + {}", right.unwrap_or(&""));
        }
    }
    text
}

#[test]
fn pages_become_what_is_expected() {
    let mut wrong = String::new();
    for (name, markdown, expected) in FIXTURES {
        let found = shown(name, markdown);
        if found != *expected {
            let _ = writeln!(wrong, "{name}.html\n{}\n=== whole\n{found}\n===", difference(expected, &found));
        }
        let html = found.split("---\n").next().unwrap();
        if let Err(reason) = crate::html::read(html) {
            let _ = writeln!(wrong, "{name}: {reason}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
