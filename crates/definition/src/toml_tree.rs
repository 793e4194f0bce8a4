//! TOML as a tree in which every key and value knows its place.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::source::{Location, SourceFile};

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub kind: TomlValue,
    /// Where it stands; values that come from the command line have their own source.
    pub location: Location,
}

/// The kinds of TOML values.
#[derive(Clone, Debug)]
pub enum TomlValue {
    /// True or false.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A float; TOML allows `nan` and `inf`.
    Float(f64),
    /// Text.
    Text(String),
    /// A date or time.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table with its keys in order.
    Table(IndexMap<String, KeyValue>),
}

/// A key's place and value.
#[derive(Clone, Debug)]
pub struct KeyValue {
    /// Where the key stands.
    pub key: Location,
    /// The value.
    pub node: Node,
}

/// Reads a whole file; every syntax error is reported, and what could be read is returned.
pub fn parse(source: &Arc<SourceFile>) -> (Node, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let report = |error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::error("toml-syntax", error.message().trim().replace('\n', ", "))
            .at(Location::new(source, span))
    };
    let mut diagnostics: Vec<Diagnostic> = errors.iter().map(report).collect();
    let kind = table_kind(source, table.get_ref(), &mut diagnostics);
    (Node { kind, location: Location::new(source, 0..0) }, diagnostics)
}

/// Reads a single value, such as the right side of `--set folds=3`; a bare word is taken as text.
pub fn parse_value(source: &Arc<SourceFile>, start: usize) -> (Node, Vec<Diagnostic>) {
    let text = source.text[start..].trim();
    let start = source.text.len() - source.text[start..].trim_start().len();
    let location = Location::new(source, start..start + text.len());
    match DeValue::parse(text) {
        Ok(value) => {
            let mut diagnostics = Vec::new();
            let mut node = convert(source, &value, &mut diagnostics);
            move_along(&mut node, start);
            node.location = location.clone();
            diagnostics.iter_mut().for_each(|problem| problem.location = Some(location.clone()));
            (node, diagnostics)
        }
        Err(_) if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c)) => {
            (Node { kind: TomlValue::Text(text.to_owned()), location }, Vec::new())
        }
        Err(error) => {
            let place = error.span().map_or(location.clone(), |span| location.within(span));
            let diagnostic = Diagnostic::error("toml-syntax", error.message().trim().to_owned()).at(place);
            (Node { kind: TomlValue::Bool(false), location }, vec![diagnostic])
        }
    }
}

/// Moves all places within a value that does not begin its text.
fn move_along(node: &mut Node, by: usize) {
    let moved = |location: &Location| location.within(by..by + location.span.len());
    node.location = moved(&node.location);
    match &mut node.kind {
        TomlValue::List(items) => items.iter_mut().for_each(|item| move_along(item, by)),
        TomlValue::Table(entries) => entries.values_mut().for_each(|entry| {
            entry.key = moved(&entry.key);
            move_along(&mut entry.node, by);
        }),
        _ => {}
    }
}

fn table_kind(source: &Arc<SourceFile>, table: &DeTable<'_>, diagnostics: &mut Vec<Diagnostic>) -> TomlValue {
    let mut entries = IndexMap::new();
    for (key, value) in table {
        let entry = KeyValue { key: place(source, key.span()), node: convert(source, value, diagnostics) };
        entries.insert(key.get_ref().to_string(), entry);
    }
    TomlValue::Table(entries)
}

fn place(source: &Arc<SourceFile>, span: Range<usize>) -> Location {
    Location::new(source, span)
}

fn convert(
    source: &Arc<SourceFile>,
    value: &Spanned<DeValue<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let location = place(source, value.span());
    let kind = match value.get_ref() {
        DeValue::Boolean(truth) => TomlValue::Bool(*truth),
        DeValue::Integer(integer) => {
            let digits = integer.as_str().replace('_', "");
            i64::from_str_radix(&digits, integer.radix()).map_or_else(
                |_| {
                    let problem =
                        Diagnostic::error("toml-syntax", format!("`{digits}` does not fit in 64 bits"));
                    diagnostics.push(problem.at(location.clone()));
                    TomlValue::Integer(0)
                },
                TomlValue::Integer,
            )
        }
        DeValue::Float(float) => {
            TomlValue::Float(float.as_str().replace('_', "").parse().unwrap_or(f64::NAN))
        }
        DeValue::String(text) => TomlValue::Text(text.to_string()),
        DeValue::Datetime(date) => TomlValue::Date(date.to_string()),
        DeValue::Array(items) => {
            TomlValue::List(items.iter().map(|item| convert(source, item, diagnostics)).collect())
        }
        DeValue::Table(table) => table_kind(source, table, diagnostics),
    };
    Node { kind, location }
}

impl Node {
    /// What kind of value this is, for people.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            TomlValue::Bool(_) => "true or false",
            TomlValue::Integer(_) => "a whole number",
            TomlValue::Float(_) => "a number",
            TomlValue::Text(_) => "text",
            TomlValue::Date(_) => "a date",
            TomlValue::List(_) => "a list",
            TomlValue::Table(_) => "a table",
        }
    }

    /// The entries of a table; none for other kinds.
    pub fn entries(&self) -> Option<&IndexMap<String, KeyValue>> {
        match &self.kind {
            TomlValue::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.get(key).map(|entry| &entry.node)
    }

    /// The place of the value at a path of keys and indices, or of the longest part of the path that exists; for a
    /// table, the place of its key.
    pub fn place_of(&self, path: &[&str]) -> Location {
        let (mut node, mut place) = (self, self.location.clone());
        for step in path {
            let next = match &node.kind {
                TomlValue::Table(entries) => entries.get(*step).map(|entry| (&entry.node, entry.key.clone())),
                TomlValue::List(items) => step
                    .parse()
                    .ok()
                    .and_then(|i: usize| items.get(i))
                    .map(|item| (item, item.location.clone())),
                _ => None,
            };
            let Some((child, key)) = next else { break };
            place = if matches!(child.kind, TomlValue::Table(_)) { key } else { child.location.clone() };
            node = child;
        }
        place
    }

    /// Sets the value at a path of keys, making tables on the way; new keys stand where the value does.
    pub fn set(&mut self, path: &[&str], value: Self) {
        let key = value.location.clone();
        self.set_named(path, value, &key);
    }

    /// The same with a place for new keys.
    pub fn set_named(&mut self, path: &[&str], value: Self, key: &Location) {
        let Some((first, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !matches!(self.kind, TomlValue::Table(_)) {
            self.kind = TomlValue::Table(IndexMap::new());
        }
        let TomlValue::Table(entries) = &mut self.kind else { return };
        let empty = || KeyValue {
            key: key.clone(),
            node: Self { kind: TomlValue::Table(IndexMap::new()), location: value.location.clone() },
        };
        entries.entry((*first).to_owned()).or_insert_with(empty).node.set_named(rest, value, key);
    }

    /// Removes the value at a path of keys and indices, if there is one and it is not an item of a list.
    pub fn remove(&mut self, path: &[&str]) {
        match (&mut self.kind, path) {
            (TomlValue::Table(entries), [last]) => drop(entries.shift_remove(*last)),
            (TomlValue::Table(entries), [first, rest @ ..]) => {
                if let Some(entry) = entries.get_mut(*first) {
                    entry.node.remove(rest);
                }
            }
            (TomlValue::List(items), [first, rest @ ..]) => {
                if let Some(item) = first.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                    item.remove(rest);
                }
            }
            _ => {}
        }
    }

    /// The value as JSON, without any schema; non-finite floats become null.
    pub fn to_json(&self) -> Json {
        match &self.kind {
            TomlValue::Bool(truth) => (*truth).into(),
            TomlValue::Integer(integer) => (*integer).into(),
            TomlValue::Float(float) => serde_json::Number::from_f64(*float).map_or(Json::Null, Json::Number),
            TomlValue::Text(text) | TomlValue::Date(text) => text.clone().into(),
            TomlValue::List(items) => items.iter().map(Self::to_json).collect(),
            TomlValue::Table(entries) => entries
                .iter()
                .map(|(key, entry)| (key.clone(), entry.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_error_is_reported_with_its_place() {
        let source = SourceFile::new("a.toml", "a = 1\nb = = 2\nc = \"x\nd = 99999999999999999999\n");
        let (_, diagnostics) = parse(&source);
        let lines: Vec<usize> = diagnostics
            .iter()
            .map(|d| source.line_column(d.location.as_ref().unwrap().span.start).0)
            .collect();
        assert!(lines.contains(&2) && lines.contains(&3), "{lines:?}");
    }

    #[test]
    fn places_of_values_and_tables() {
        let source = SourceFile::new("a.toml", "[params]\nnetwork = { width = 25 }\nlist = [1, 20]\n");
        let (node, diagnostics) = parse(&source);
        assert_eq!(diagnostics, []);
        let text = |path: &[&str]| source.text[node.place_of(path).span].to_owned();
        assert_eq!(text(&["params", "network", "width"]), "25");
        assert_eq!(text(&["params", "network"]), "network");
        assert_eq!(text(&["params", "list", "1"]), "20");
        assert_eq!(text(&["params", "network", "depth"]), "network");
    }

    #[test]
    fn places_within_a_single_value_count_from_the_start_of_the_text() {
        let source = SourceFile::new("--set", "net = { width = 25, list = [1, \"é\"] }");
        let (node, problems) = parse_value(&source, 5);
        assert_eq!(problems, []);
        let text = |path: &[&str]| source.text[node.place_of(path).span].to_owned();
        assert_eq!(text(&["width"]), "25");
        assert_eq!(text(&["list", "1"]), "\"é\"");
        let source = SourceFile::new("--set", "folds = [1, x]");
        let (_, problems) = parse_value(&source, 7);
        assert!(problems[0].location.as_ref().unwrap().span.start >= 12, "{problems:?}");
    }

    #[test]
    fn a_bare_word_is_text() {
        let source = SourceFile::new("--set", "network.activation=relu");
        let (node, _) = parse_value(&source, 19);
        assert!(matches!(node.kind, TomlValue::Text(word) if word == "relu"));
    }
}
