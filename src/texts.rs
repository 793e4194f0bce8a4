//! Do the texts of definitions say what their readers will see?
//!
//! Results are put into pages only: a claim is worded before there are any, and titles, summaries and captions of definitions
//! stand where no page is. A text that asks for one is refused at its place, and so is a formula of a claim that cannot be set.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::prose::{self, Macros};
use crate::source::Location;
use crate::toml_tree::{Node, TomlValue};

/// Every text of a definition that asks for a result, but for what stands under these keys at its root.
pub fn without_results(node: &Node, except: &[&str]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let TomlValue::Table(entries) = &node.kind else { return problems };
    for (key, entry) in entries.iter().filter(|(key, _)| !except.contains(&key.as_str())) {
        walk(&entry.node, key, &mut problems);
    }
    problems
}

fn walk(node: &Node, key: &str, problems: &mut Vec<Diagnostic>) {
    match &node.kind {
        TomlValue::Text(text) => {
            if let Some(found) = prose::substitution_in(text) {
                let what = &text[found.clone()];
                let message =
                    format!("`{what}` stands for nothing in `{key}`: results are put into pages only");
                let help = if key == "caption" || key == "title" {
                    "write the words on the page, as a heading or as the caption `![...](figure:name)`"
                } else {
                    "write the words on a page, or without the result"
                };
                problems.push(Diagnostic::error("substitution", message).help(help).at(part(
                    &node.location,
                    text,
                    found,
                )));
            }
        }
        TomlValue::List(items) => items.iter().for_each(|item| walk(item, key, problems)),
        TomlValue::Table(entries) => entries.iter().for_each(|(name, entry)| {
            // The language of a text is no name for it.
            let text = matches!(entry.node.kind, TomlValue::Text(_)) && crate::locale::is_like_a_tag(name);
            walk(&entry.node, if text { key } else { name }, problems);
        }),
        _ => {}
    }
}

/// Every formula in a text that stands in a drawing or at the head of a column: these are letters, not pages.
pub fn formulas_in_labels(node: &Node) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for room in ["figures", "tables", "values"] {
        let entries = child(node, room).and_then(Node::entries);
        entries.into_iter().flatten().for_each(|(_, entry)| labels(&entry.node, false, "", &mut problems));
    }
    problems
}

fn labels(node: &Node, label: bool, key: &str, problems: &mut Vec<Diagnostic>) {
    match &node.kind {
        TomlValue::Text(text) if label => {
            let Some(found) = prose::formula_in(text) else { return };
            let message = format!("`{}` in `{key}` is shown as it is written here", &text[found.clone()]);
            let place = part(&node.location, text, found);
            let help =
                "labels and titles in drawings have no formulas: write the letters, such as α, x₁ or m²";
            problems.push(Diagnostic::warning("formula-in-label", message).at(place).help(help));
        }
        TomlValue::List(items) => items.iter().for_each(|item| labels(item, label, key, problems)),
        TomlValue::Table(entries) => {
            for (name, entry) in entries {
                let names = ["label", "labels", "title", "names", "unit"].contains(&name.as_str());
                labels(&entry.node, label || names, if label { key } else { name }, problems);
            }
        }
        _ => {}
    }
}

/// Every formula in the wording of a claim, or in the caption of a figure, that cannot be set.
pub fn formulas_of_texts(node: &Node, macros: &Macros) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (room, key) in [("claims", "text"), ("figures", "caption")] {
        let entries = child(node, room).and_then(Node::entries);
        for (_, entry) in entries.into_iter().flatten() {
            of_text(child(&entry.node, key), macros, &mut problems);
        }
    }
    problems
}

fn of_text(text: Option<&Node>, macros: &Macros, problems: &mut Vec<Diagnostic>) {
    match text {
        Some(Node { kind: TomlValue::Text(text), location }) => {
            formulas(text, location, macros, problems);
        }
        Some(Node { kind: TomlValue::Table(texts), .. }) => {
            for text in texts.values() {
                if let TomlValue::Text(words) = &text.node.kind {
                    formulas(words, &text.node.location, macros, problems);
                }
            }
        }
        _ => {}
    }
}

fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.kind {
        TomlValue::Table(entries) => entries.get(key).map(|entry| &entry.node),
        _ => None,
    }
}

fn formulas(text: &str, location: &Location, macros: &Macros, problems: &mut Vec<Diagnostic>) {
    for (found, message, help) in prose::wrong_formulas(text, macros) {
        let problem = Diagnostic::error("math", message).at(part(location, text, found));
        problems.push(Diagnostic { help, ..problem });
    }
}

/// A part of a text, where the file has it as it is; else the whole text.
fn part(location: &Location, text: &str, range: Range<usize>) -> Location {
    let written = location.source.text.get(location.span.clone()).unwrap_or_default();
    let start = written.find(text).map(|start| start + range.start);
    match start {
        Some(start) => location.within(start..start + range.len()),
        None => match written.find(&text[range.clone()]) {
            Some(start) => location.within(start..start + range.len()),
            None => location.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::toml_tree;

    fn messages(toml: &str) -> Vec<String> {
        let source = SourceFile::new("e.toml", toml);
        let (node, syntax) = toml_tree::parse(&source);
        assert_eq!(syntax, []);
        let mut macros = Macros::default();
        macros.define("R", "\\mathbb{R}", None).unwrap();
        let mut all = without_results(&node, &["params"]);
        all.extend(formulas_of_texts(&node, &macros));
        let shown = |problem: Diagnostic| {
            let place = problem.location.expect("a problem has a place");
            let (line, column) = place.source.line_column(place.span.start);
            format!("{line}:{column} {}", problem.message)
        };
        all.into_iter().map(shown).collect()
    }

    #[test]
    fn results_in_texts_are_refused_at_their_place() {
        for (toml, expected) in [
            ("title = \"x {{ value('v') }}\"", "1:12 `{{ value('v') }}` stands for nothing in `title`"),
            (
                "[claims.c]\ntext = \"is {{ value(\\\"v\\\") }}\"",
                "2:8 `{{ value(\"v\") }}` stands for nothing in `text`",
            ),
            (
                "[figures.f]\ncaption.fr = 'vaut {{value(\"v\")}}'",
                "2:20 `{{value(\"v\")}}` stands for nothing in `caption`",
            ),
            ("[figures.f.x]\nlabel = 'at {{ v }}'", "2:13 `{{ v }}` stands for nothing in `label`"),
            (
                "[tables.t.labels]\na = '{{ value(\"v\") }}'",
                "2:6 `{{ value(\"v\") }}` stands for nothing in `a`",
            ),
        ] {
            let found = messages(toml);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{toml}: {found:?}");
        }
        assert_eq!(
            messages("[params]\nx = '{{ value(\"v\") }}'\n[claims.c]\ntext = 'x^{{2}}'"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn formulas_in_labels_are_told() {
        for (toml, expected) in [
            (
                "[figures.f]\nx = { field = 'a', label = 'width $\\alpha$' }",
                Some("2:35 `$\\alpha$` in `label`"),
            ),
            ("[figures.f]\ntitle.fr = 'Avec $x_1$'", Some("2:18 `$x_1$` in `title`")),
            ("[tables.t.labels]\na = { en = '$x$' }", Some("2:13 `$x$` in `labels`")),
            ("[values.v]\nlabel = 'from $5 to $6'", None),
            ("[figures.f]\ncaption = 'the page sets $x$ here'", None),
            ("[figures.f]\nx.label = 'a `$x$` b'", None),
        ] {
            let source = SourceFile::new("e.toml", toml);
            let found = formulas_in_labels(&toml_tree::parse(&source).0);
            let shown = found.first().map(|problem| {
                let place = problem.location.as_ref().expect("a problem has a place");
                let (line, column) = place.source.line_column(place.span.start);
                format!("{line}:{column} {}", problem.message)
            });
            let same = match (&shown, expected) {
                (Some(shown), Some(expected)) => shown.starts_with(expected),
                (shown, expected) => shown.is_none() && expected.is_none(),
            };
            assert!(same, "{toml}: {shown:?}");
        }
    }

    #[test]
    fn formulas_of_claims_are_checked() {
        for (toml, expected) in [
            ("[claims.c]\ntext = 'is $\\nosuch$'", Some("2:13 unknown command `\\nosuch`")),
            ("[claims.c]\ntext.fr = 'vaut $\\frac{a$ ici'", Some("2:23 this `{` has no `}`")),
            ("[figures.f]\ncaption.fr = 'vaut $\\nosuch$'", Some("2:21 unknown command `\\nosuch`")),
            ("[claims.c]\ntext = 'of $\\R^n$ for $5 or $6'", None),
        ] {
            let found = messages(toml);
            assert!(
                found.first().map(String::as_str) == expected
                    || expected.is_some_and(|text| found.len() == 1 && found[0].starts_with(text)),
                "{toml}: {found:?}"
            );
        }
    }
}
