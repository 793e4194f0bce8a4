//! Holds a TOML value against a [`Schema`]: reports every misfit with its place, and gives the value as JSON.
//!
//! The same checker reads `octavo.toml`, experiments, figures and parameters, so that all of them have the same
//! messages, and the schema that an editor uses is the one that refuses.

use indexmap::IndexMap;
use octavo_plugin::counted;
use octavo_plugin::schema::{Bounds, Field, Schema, SchemaKind, in_words};
use serde_json::{Map, Value as Json};

use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::toml_tree::{Node, TomlValue};

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Every misfit.
    pub diagnostics: Vec<Diagnostic>,
    /// Where values stand that are read from files or results: the path of keys.
    pub inputs: Vec<InputPlace>,
}

/// A value that the schema marks as an input.
#[derive(Clone, Debug)]
pub struct InputPlace {
    /// Keys and indices from the checked value to the input.
    pub path: Vec<String>,
    /// Its place.
    pub location: Location,
}

/// Checks a value. The JSON is meaningful only if no misfit was found; defaults are not filled in.
pub fn check(node: &Node, schema: &Schema, what: &str) -> (Json, Report) {
    let mut checker = Checker { report: Report::default(), path: Vec::new(), what };
    let json = checker.value(node, schema);
    (json, checker.report)
}

/// The description of the value at a dotted path; for a union, of the first shape that has the key.
pub fn schema_at<'a>(schema: &'a Schema, path: &[&str]) -> Option<&'a Schema> {
    let Some((first, rest)) = path.split_first() else { return Some(schema) };
    match &schema.kind {
        SchemaKind::Record(fields) => schema_at(&fields.get(*first)?.schema, rest),
        SchemaKind::Map(item) => schema_at(item, rest),
        SchemaKind::OneOf(shapes) => shapes.iter().find_map(|shape| schema_at(shape, path)),
        _ => None,
    }
}

/// What to write in place of a dotted path that a schema had once.
pub fn moved_at<'a>(schema: &'a Schema, path: &[&str]) -> Option<&'a str> {
    let (first, rest) = path.split_first()?;
    if let Some(help) = schema.moved.get(*first) {
        return Some(help);
    }
    match &schema.kind {
        SchemaKind::Record(fields) => moved_at(&fields.get(*first)?.schema, rest),
        SchemaKind::Map(item) => moved_at(item, rest),
        SchemaKind::OneOf(shapes) => shapes.iter().find_map(|shape| moved_at(shape, path)),
        _ => None,
    }
}

/// All dotted paths of a schema, for suggestions.
pub fn paths(schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    collect_paths(schema, "", &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect_paths(schema: &Schema, prefix: &str, found: &mut Vec<String>) {
    for (name, field) in schema.fields() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        collect_paths(&field.schema, &path, found);
        found.push(path);
    }
    if let SchemaKind::OneOf(shapes) = &schema.kind {
        shapes.iter().for_each(|shape| collect_paths(shape, prefix, found));
    }
}

struct Checker<'a> {
    report: Report,
    path: Vec<String>,
    what: &'a str,
}

impl Checker<'_> {
    fn problem(&mut self, diagnostic: Diagnostic) -> Json {
        self.report.diagnostics.push(diagnostic);
        Json::Null
    }

    fn name(&self) -> String {
        if self.path.is_empty() { self.what.to_owned() } else { format!("`{}`", self.path.join(".")) }
    }

    fn value(&mut self, node: &Node, schema: &Schema) -> Json {
        if schema.input {
            self.report.inputs.push(InputPlace { path: self.path.clone(), location: node.location.clone() });
        }
        match (&schema.kind, &node.kind) {
            (SchemaKind::OneOf(shapes), _) => self.one_of(node, shapes),
            // Parameters are checked once more, against the schema of their analysis.
            (SchemaKind::Any, _) => node.to_json(),
            (_, TomlValue::Float(value)) if !value.is_finite() => {
                let message = format!("{} is `{value}`, which is no finite number", self.name());
                self.problem(Diagnostic::error("not-finite", message).at(node.location.clone()))
            }
            (SchemaKind::Bool, TomlValue::Bool(truth)) => (*truth).into(),
            (SchemaKind::Integer(bounds), TomlValue::Integer(value)) => {
                #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
                self.bounded(node, bounds, *value as f64, schema);
                (*value).into()
            }
            (SchemaKind::Number(bounds), TomlValue::Integer(value)) => {
                #[expect(clippy::cast_precision_loss, reason = "a float is wanted")]
                let float = *value as f64;
                self.bounded(node, bounds, float, schema);
                float.into()
            }
            (SchemaKind::Number(bounds), TomlValue::Float(value)) => {
                self.bounded(node, bounds, *value, schema);
                (*value).into()
            }
            (SchemaKind::Text, TomlValue::Text(text)) => text.clone().into(),
            (SchemaKind::Choice(words), TomlValue::Text(text)) => self.choice(node, words, text),
            (SchemaKind::List { item, min, max }, TomlValue::List(items)) => {
                self.list(node, items, item, *min, *max)
            }
            (SchemaKind::Record(fields), TomlValue::Table(_)) => self.record(node, fields, &schema.moved),
            (SchemaKind::Map(item), TomlValue::Table(entries)) => {
                let pairs =
                    entries.iter().map(|(key, entry)| (key.clone(), self.child(key, &entry.node, item)));
                pairs.collect::<Map<_, _>>().into()
            }
            _ => self.wrong_type(node, schema),
        }
    }

    fn child(&mut self, key: &str, node: &Node, schema: &Schema) -> Json {
        self.path.push(key.to_owned());
        let json = self.value(node, schema);
        self.path.pop();
        json
    }

    fn wrong_type(&mut self, node: &Node, schema: &Schema) -> Json {
        let expected = schema.type_name();
        let mut diagnostic = Diagnostic::error(
            "wrong-type",
            format!("{} is {}, and {expected} is needed", self.name(), node.kind_name()),
        )
        .at(node.location.clone())
        .label(format!("expected {expected}"));
        if !schema.doc.is_empty() {
            diagnostic = diagnostic.help(first_sentence(&schema.doc));
        }
        self.problem(diagnostic)
    }

    fn bounded(&mut self, node: &Node, bounds: &Bounds, value: f64, schema: &Schema) {
        if bounds.contain(value) {
            return;
        }
        let unit = if schema.unit.is_empty() { String::new() } else { format!(" {}", schema.unit) };
        let range = bounds.describe().unwrap_or_default();
        let message = format!("{} is {}, outside its range", self.name(), in_words(value));
        let mut diagnostic = Diagnostic::error("out-of-range", message)
            .at(node.location.clone())
            .label(format!("allowed: {range}{unit}"));
        if !schema.doc.is_empty() {
            diagnostic = diagnostic.help(first_sentence(&schema.doc));
        }
        self.problem(diagnostic);
    }

    fn choice(&mut self, node: &Node, words: &[(String, String)], text: &str) -> Json {
        if words.iter().any(|(word, _)| word == text) {
            return text.into();
        }
        let message = format!("{} is `{text}`, which is not one of its words", self.name());
        let diagnostic = Diagnostic::error("unknown-word", message).at(node.location.clone());
        self.problem(diagnostic.nearest(text, words.iter().map(|(word, _)| word.as_str())))
    }

    fn list(&mut self, node: &Node, items: &[Node], item: &Schema, min: usize, max: Option<usize>) -> Json {
        if items.len() < min || max.is_some_and(|max| items.len() > max) {
            let wanted = match max {
                Some(max) if max == min => format!("exactly {min}"),
                Some(max) => format!("{min} to {max}"),
                None => format!("at least {min}"),
            };
            let message =
                format!("{} has {}, and {wanted} are needed", self.name(), counted(items.len(), "item"));
            self.problem(Diagnostic::error("wrong-length", message).at(node.location.clone()));
        }
        items.iter().enumerate().map(|(index, node)| self.child(&index.to_string(), node, item)).collect()
    }

    fn record(
        &mut self,
        node: &Node,
        fields: &IndexMap<String, Field>,
        moved: &IndexMap<String, String>,
    ) -> Json {
        let entries = node.entries().expect("the caller saw a table");
        let mut object = Map::new();
        for (key, entry) in entries {
            if let Some(field) = fields.get(key) {
                object.insert(key.clone(), self.child(key, &entry.node, &field.schema));
            } else if let Some(help) = moved.get(key) {
                let message = format!("`{key}` is no key of {} any more", self.name());
                self.problem(Diagnostic::error("moved-key", message).at(entry.key.clone()).help(help));
            } else {
                let message = format!("`{key}` is not a key of {}", self.name());
                let diagnostic = Diagnostic::error("unknown-key", message).at(entry.key.clone());
                self.problem(diagnostic.nearest(key, fields.keys().map(String::as_str)));
            }
        }
        // What an old form lacks in the new one is told when it has been rewritten.
        if entries.keys().any(|key| moved.contains_key(key)) {
            return object.into();
        }
        for (key, field) in fields.iter().filter(|(key, field)| field.required && !entries.contains_key(*key))
        {
            let message = format!("{} lacks the key `{key}`", self.name());
            let help = format!(
                "add `{key} = ...` ({}): {}",
                field.schema.type_name(),
                first_sentence(&field.schema.doc)
            );
            self.problem(Diagnostic::error("missing-key", message).at(node.location.clone()).help(help));
        }
        object.into()
    }

    /// Picks the shape that the author most likely meant, so that the messages speak of that one.
    fn one_of(&mut self, node: &Node, shapes: &[Schema]) -> Json {
        let best = shapes.iter().rev().max_by_key(|shape| likeness(node, shape));
        match best.filter(|shape| likeness(node, shape) > 0) {
            Some(shape) => self.value(node, shape),
            None => {
                let names: Vec<String> = shapes.iter().map(Schema::type_name).collect();
                let message =
                    format!("{} is {}, and {} is needed", self.name(), node.kind_name(), names.join(", or "));
                self.problem(Diagnostic::error("wrong-type", message).at(node.location.clone()))
            }
        }
    }
}

/// 0 if the value cannot be of this shape; more for a better fit.
fn likeness(node: &Node, shape: &Schema) -> usize {
    match (&shape.kind, &node.kind) {
        (SchemaKind::Record(fields), TomlValue::Table(entries)) => {
            let known = entries.keys().filter(|key| fields.contains_key(*key)).count();
            let unknown = entries.len() - known;
            let missing =
                fields.iter().filter(|(key, field)| field.required && !entries.contains_key(*key)).count();
            1000 + 10 * known - (10 * (unknown + missing)).min(900)
        }
        (SchemaKind::Map(_), TomlValue::Table(_)) | (SchemaKind::Any, _) => 50,
        (SchemaKind::Bool, TomlValue::Bool(_))
        | (SchemaKind::Integer(_), TomlValue::Integer(_))
        | (SchemaKind::Text, TomlValue::Text(_))
        | (SchemaKind::Number(_), TomlValue::Float(_)) => 1000,
        (SchemaKind::Number(_), TomlValue::Integer(_)) => 900,
        (SchemaKind::Choice(words), TomlValue::Text(text)) => {
            if words.iter().any(|(word, _)| word == text) {
                1100
            } else {
                800
            }
        }
        (SchemaKind::List { item, .. }, TomlValue::List(items)) => {
            1 + items.first().map_or(1000, |first| likeness(first, item))
        }
        (SchemaKind::OneOf(shapes), _) => shapes.iter().map(|shape| likeness(node, shape)).max().unwrap_or(0),
        _ => 0,
    }
}

fn first_sentence(doc: &str) -> String {
    let end = doc.find(". ").or_else(|| doc.find(".\n")).map_or(doc.len(), |at| at);
    doc[..end].trim().trim_end_matches('.').replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use crate::source::SourceFile;
    use crate::toml_tree;

    fn problems(text: &str) -> Vec<String> {
        let source = SourceFile::new("a.toml", text);
        let (node, syntax) = toml_tree::parse(&source);
        assert_eq!(syntax, []);
        let (_, report) = check(&node, &Schema::of::<Manifest>(), "the experiment");
        report
            .diagnostics
            .iter()
            .map(|d| {
                let at = d.location.as_ref().unwrap();
                format!(
                    "{} `{}` {}",
                    d.code,
                    &source.text[at.span.clone()],
                    d.help.clone().unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn a_good_manifest_has_no_problem() {
        let text = r#"
            title.en = "A"
            analysis = "dragon"
            [figures.growth]
            from = "layers"
            mark = ["line", "band"]
            x = "layer"
            y = { field = "length", scale = "log", stat = "median", band = "p05-p95", over = "replicate" }
            where = { stage = "pre", layer = ">=3" }
            [[figures.growth.layers]]
            mark = "rule"
            [claims.a]
            text = "b"
            check = "c > 1"
        "#;
        assert_eq!(problems(text), Vec::<String>::new());
    }

    #[test]
    fn every_misfit_is_placed_and_helped() {
        let text = "title = 3\nanalysis = \"dragon\"\nreplicates = 0\nsed = 1\n[figures.a]\nmark = \"lin\"\nx = { feild = \"x\" }\n";
        let found = problems(text);
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found.iter().any(|p| p.starts_with("wrong-type `3`")), "{found:#?}");
        assert!(found.iter().any(|p| p.starts_with("out-of-range `0`")), "{found:#?}");
        assert!(found.iter().any(|p| p == "unknown-key `sed` did you mean `seed`?"), "{found:#?}");
        assert!(found.iter().any(|p| p == "unknown-word `\"lin\"` did you mean `line`?"), "{found:#?}");
        assert!(found.iter().any(|p| p == "unknown-key `feild` did you mean `field`?"), "{found:#?}");
    }

    #[test]
    fn keys_that_moved_are_told_with_their_new_form_and_nothing_else() {
        let schema = Schema::parse(&serde_json::json!({
            "type": "object", "properties": {"new": {"type": "object", "properties": {}, "x-moved": {"deep": "c"}}},
            "required": ["new"], "x-moved": {"old": "write `new`"},
        }))
        .unwrap();
        let found = |text: &str| -> Vec<String> {
            let (node, _) = toml_tree::parse(&SourceFile::new("a.toml", text));
            let found = check(&node, &schema, "the parameters").1.diagnostics;
            found.iter().map(|d| format!("{} {}", d.code, d.help.clone().unwrap_or_default())).collect()
        };
        assert_eq!(found("old = { a = 1 }\n"), ["moved-key write `new`"]);
        assert_eq!(found("new = { deep = 1 }\n"), ["moved-key c"]);
        assert_eq!(found("older = 1\n").len(), 2, "an unknown key, and a missing one");
        assert_eq!(moved_at(&schema, &["old", "a"]), Some("write `new`"));
        assert_eq!(moved_at(&schema, &["new", "deep"]), Some("c"));
        assert_eq!(moved_at(&schema, &["new"]).or(moved_at(&schema, &["other", "old"])), None);
    }

    #[test]
    fn missing_keys_are_named() {
        let found = problems("seed = 1\n");
        assert!(found.iter().any(|p| p.contains("`analysis = ...`")), "{found:#?}");
    }
}
