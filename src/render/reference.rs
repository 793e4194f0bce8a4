//! Reference pages: one for every analysis that the site's experiments run, and a list of them.
//!
//! Parameters come from the schema, outputs from the declaration, the rest from the analysis's own documentation.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::context;
use minijinja::value::Value as Templated;
use octavo_plugin::schema::{Bounds, Field, Schema, SchemaKind, in_words};
use octavo_plugin::{About, ColumnSchema, ColumnType, DynAnalysis, OutputSchema, Translations};
use serde_json::Value as Json;

use super::pages::{Written, bare, extra, in_language};
use super::parts;
use super::shared::{Shared, words};
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{Route, relative};
use crate::locale::{self, Locale};
use crate::prose::{
    CitedWork, Part, Placed, Prose, ProseHost, ProseOptions, Rendered, SafeHtml, ShownValue, escape,
    typeset_text,
};
use crate::source::SourceFile;
use crate::theme::Theme;

/// The ids of `analysis.html` and of `base.html`.
const FRAME: &[&str] = &["parameters", "outputs", "main", "search", "outline-title"];

/// A parameter as a reference shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its dotted path.
    pub name: String,
    /// Its type in a word or two.
    pub kind: String,
    /// What is allowed; may be empty.
    pub bounds: String,
    /// What holds if it is not given; empty if nothing does.
    pub default: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub doc: String,
}

/// The parameters of a schema, each with its parts behind it, in the words of a language.
pub fn rows(schema: &Schema, locale: &Locale) -> Vec<Row> {
    let mut rows = Vec::new();
    add_fields(schema, "", locale, &mut rows);
    // Shapes of one value may share a field.
    let mut told: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        if !told.contains(&row) {
            told.push(row);
        }
    }
    told
}

fn add_fields(schema: &Schema, prefix: &str, locale: &Locale, rows: &mut Vec<Row>) {
    for (name, field) in schema.fields() {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        rows.push(row(&name, field, locale));
        add_parts(&field.schema, &name, locale, rows);
    }
}

/// The parts of a table, and of each shape that a value may have.
fn add_parts(schema: &Schema, name: &str, locale: &Locale, rows: &mut Vec<Row>) {
    match &schema.kind {
        // What an input is stands in the documents: `{ file = ... }` or `{ from = ... }`.
        _ if schema.input => {}
        SchemaKind::Record(_) => add_fields(schema, name, locale, rows),
        SchemaKind::OneOf(shapes) => {
            for shape in shapes.iter().filter(|shape| !shape.input) {
                let before = rows.len();
                add_parts(shape, name, locale, rows);
                if let (Some(first), false) = (rows.get_mut(before), shape.doc.is_empty()) {
                    first.doc = format!("{} ({})", first.doc, shape.doc.trim_end_matches('.'));
                }
            }
        }
        SchemaKind::List { item, .. } if matches!(item.kind, SchemaKind::Record(_)) => {
            add_fields(item, &format!("{name}[]"), locale, rows);
        }
        _ => {}
    }
}

fn row(name: &str, field: &Field, locale: &Locale) -> Row {
    let Field { schema, required, default } = field;
    let mut doc = schema.doc.replace('\n', " ");
    if let SchemaKind::Choice(words) = &schema.kind {
        for (word, meaning) in words.iter().filter(|(_, meaning)| !meaning.is_empty()) {
            doc.push_str(&format!(" `{word}`{} {}", locale.word("colon"), meaning.replace('\n', " ")));
        }
    }
    Row {
        name: name.to_owned(),
        kind: kind(schema, locale),
        bounds: bounds(schema, locale),
        default: default.as_ref().map(toml_text).unwrap_or_default(),
        unit: schema.unit.clone(),
        required: *required,
        doc,
    }
}

/// What a value is, such as "a list of whole numbers".
fn kind(schema: &Schema, locale: &Locale) -> String {
    let word = |key: &str| locale.word(key).to_owned();
    match &schema.kind {
        _ if schema.input => word("kind-of-input"),
        SchemaKind::Any => word("kind-of-any"),
        SchemaKind::Bool => word("kind-of-bool"),
        SchemaKind::Integer(_) => word("kind-of-integer"),
        SchemaKind::Number(_) => word("kind-of-number"),
        SchemaKind::Text => word("kind-of-text"),
        SchemaKind::Choice(words) => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            words.join(locale.word("or"))
        }
        SchemaKind::List { item, .. } => locale.fill("kind-of-list", &[("item", &kind(item, locale))]),
        SchemaKind::Record(fields) => {
            let keys: Vec<&str> =
                fields.iter().filter(|(_, field)| field.required).map(|(key, _)| key.as_str()).collect();
            match keys.as_slice() {
                [] => word("kind-of-table"),
                keys => locale.fill("kind-of-record", &[("keys", &keys.join(", "))]),
            }
        }
        SchemaKind::Map(_) => word("kind-of-table"),
        SchemaKind::OneOf(shapes) => {
            let mut names: Vec<String> = shapes.iter().map(|shape| kind(shape, locale)).collect();
            names.dedup();
            names.join(&format!(",{}", locale.word("or")))
        }
    }
}

/// What is allowed, such as "0 to 40"; empty if everything is.
fn bounds(schema: &Schema, locale: &Locale) -> String {
    match &schema.kind {
        SchemaKind::Integer(bounds) | SchemaKind::Number(bounds) => of_numbers(bounds, locale),
        SchemaKind::List { item, min, max } => {
            let size = match (min, max) {
                (0, None) => String::new(),
                (min, None) => locale.fill("items-at-least", &[("n", &min.to_string())]),
                (min, Some(max)) if min == max => locale.fill("items", &[("n", &min.to_string())]),
                (min, Some(max)) => {
                    let range = between(&min.to_string(), &max.to_string(), locale);
                    locale.fill("items", &[("n", &range)])
                }
            };
            let each = bounds(item, locale);
            let each = if each.is_empty() { each } else { format!("{} {each}", locale.word("each")) };
            [size, each].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// The range of a number in the words of a language.
fn of_numbers(bounds: &Bounds, locale: &Locale) -> String {
    let write = |value: f64| in_words(value).replace('.', &locale.decimal);
    let low = bounds.min.map(|min| (if bounds.above { "above" } else { "at-least" }, write(min)));
    let high = bounds.max.map(|max| (if bounds.below { "below" } else { "at-most" }, write(max)));
    match (low, high) {
        (None, None) => String::new(),
        (Some(("at-least", min)), Some(("at-most", max))) => between(&min, &max, locale),
        (low, high) => {
            let one = |(word, value): (&str, String)| format!("{} {value}", locale.word(word));
            let parts: Vec<String> = [low, high].into_iter().flatten().map(one).collect();
            parts.join(&format!(" {} ", locale.word("and")))
        }
    }
}

fn between(min: &str, max: &str, locale: &Locale) -> String {
    locale.fill("from-to", &[("min", min), ("max", max)])
}

/// A default as its author would write it in TOML.
fn toml_text(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(toml_text).collect::<Vec<_>>().join(", ")),
        Json::Object(object) if object.is_empty() => "{}".to_owned(),
        Json::Object(object) => {
            let entry = |(key, value): (&String, &Json)| format!("{key} = {}", toml_text(value));
            let entries = object.iter().filter(|(_, value)| !value.is_null()).map(entry);
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The list of analyses in a language.
pub(super) fn list_route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "analyses.html")
}

/// The reference page of an analysis in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str, name: &str) -> Route {
    in_language(shared, language, &format!("analyses/{name}.html"))
}

/// Whether there is one. The documentation of a plugin that does not start is not to be had.
pub(super) fn exists(shared: &Shared<'_>, name: &str) -> bool {
    shared.material.experiments.values().any(|experiment| experiment.manifest.analysis == name)
}

/// All analyses that experiments of the site run, each with one of these.
fn used<'a>(shared: &Shared<'a>) -> BTreeMap<&'a str, &'a Arc<Experiment>> {
    let experiments = shared.material.experiments.values().rev();
    experiments.map(|experiment| (experiment.manifest.analysis.as_str(), experiment)).collect()
}

/// The reference pages of a language.
pub(super) fn write(shared: &Shared<'_>, locale: &Locale) -> Vec<Written> {
    let used = used(shared);
    if used.is_empty() {
        return Vec::new();
    }
    let mut written: Vec<Written> =
        used.iter().map(|(name, experiment)| page(shared, locale, name, experiment)).collect();
    written.push(list(shared, locale, &used));
    written
}

fn list(shared: &Shared<'_>, locale: &Locale, used: &BTreeMap<&str, &Arc<Experiment>>) -> Written {
    let own_route = list_route(shared, &locale.tag);
    let analyses: Vec<Templated> = used
        .iter()
        .map(|(name, experiment)| {
            let about = experiment.analysis.about();
            context! {
                name => *name,
                title => about.title.get(&locale.tag).map(|text| typeset_text(text, locale)),
                summary => about.summary.get(&locale.tag).map(|text| typeset_text(text, locale)),
                url => relative(&own_route, &route(shared, &locale.tag, name)),
            }
        })
        .collect();
    let title = locale.word("analyses").to_owned();
    let own = context! { title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), analyses => analyses, ..bare() };
    extra(shared, "analyses.html", locale, &own_route, title, own)
}

fn page(shared: &Shared<'_>, locale: &Locale, name: &str, experiment: &Experiment) -> Written {
    let analysis: &dyn DynAnalysis = experiment.analysis.as_ref();
    let (about, identity) = (analysis.about(), analysis.identity());
    let tag = locale.tag.as_str();
    let (words, mut schema) = (analysis.translations(), analysis.schema());
    words.schema(tag, &mut schema);
    let (documentation, diagnostics) = documentation(analysis, locale, shared.material.theme);
    let own_route = route(shared, tag, name);
    let title = about.title.get(tag).unwrap_or(name).to_owned();
    let experiments = shared.material.experiments.values().filter(|other| other.manifest.analysis == name);
    let own = context! {
        name => name,
        title => title.clone(),
        title_html => typeset_text(&title, locale),
        lead => about.summary.get(tag).map(|text| typeset_text(text, locale)),
        revision => identity.revision,
        own => identity.program().is_some(),
        code => identity.program().map(|digest| digest.short()),
        parameters => rows(&schema, locale).iter().map(|row| context! {
            name => row.name.clone(), kind => with_code(&row.kind), bounds => row.bounds.clone(),
            default => row.default.clone(), unit => row.unit.clone(), required => row.required, doc => with_code(&row.doc),
        }).collect::<Vec<_>>(),
        outputs => outputs(&experiment.declared, &words, locale),
        example => about.example.trim_end(),
        experiments => experiments.map(|other| other.id.to_string()).collect::<Vec<_>>(),
        content_lang => documented_in(&about, tag),
        content => Templated::from_safe_string(documentation.html.as_str().to_owned()),
        list => relative(&own_route, &list_route(shared, tag)),
        outline => Vec::<String>::new(),
        ..context! { has_math => documentation.has_math, has_code => documentation.html.as_str().contains("<pre"), ..bare() }
    };
    let mut written = extra(shared, "analysis.html", locale, &own_route, title, own);
    // A built-in README is held against this by a test; an own one is its author's to mend.
    if locale::is_first(&shared.material.site.languages, &locale.tag) {
        written.diagnostics.extend(diagnostics);
    }
    written
}

/// The language that the documentation is in on pages of a language: that one, if it is translated.
fn documented_in<'a>(about: &About, tag: &'a str) -> &'a str {
    if about.translations.iter().any(|translation| translation.language == tag) { tag } else { "en" }
}

/// The documentation as HTML: no raw HTML in it whatever the project allows, and nothing of the site.
pub fn documentation(
    analysis: &dyn DynAnalysis,
    locale: &Locale,
    theme: &Theme,
) -> (Rendered, Vec<Diagnostic>) {
    let about = analysis.about();
    let translated = about.translations.iter().find(|translation| translation.language == locale.tag);
    let text = translated.map_or(about.documentation, |translation| translation.documentation.into());
    let source = SourceFile::new(format!("the documentation of `{}`", analysis.identity().name), text);
    let options = ProseOptions { taken: FRAME, ..ProseOptions::default() };
    let (prose, mut problems) = Prose::parse(&source, &options);
    // What is not translated is written in English.
    let english = Locale::built_in("en").filter(|_| translated.is_none());
    let host = Alone { theme, errors: RefCell::default() };
    let rendered = prose.render(&host, english.as_ref().unwrap_or(locale));
    problems.extend(rendered.diagnostics.iter().cloned());
    for problem in &mut problems {
        problem.severity = crate::diagnostic::Severity::Warning;
    }
    problems.extend(host.errors.into_inner());
    (rendered, problems)
}

/// A description as HTML: what stands between backticks is code, everything else is text.
fn with_code(text: &str) -> Templated {
    let mut html = String::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (index, part) in parts.iter().enumerate() {
        let closed = index % 2 == 1 && index + 1 < parts.len();
        html.push_str(&if closed { format!("<code>{}</code>", escape(part)) } else { escape(part) });
    }
    Templated::from_safe_string(html)
}

/// The interface word for a type of cells.
fn type_word(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Float => "type-float",
        ColumnType::Integer => "type-integer",
        ColumnType::Text => "type-text",
        ColumnType::Bool => "type-bool",
    }
}

/// Declared outputs as tables: of all scalars, of each table, of the attributes of each drawing.
fn outputs(outputs: &OutputSchema, words: &Translations, locale: &Locale) -> Vec<Templated> {
    let columns = |columns: &IndexMap<String, ColumnSchema>| -> Vec<Templated> {
        let column = |(name, column): (&String, &ColumnSchema)| {
            context! {
                name => name, kind => locale.word(type_word(column.kind)), unit => column.unit.clone(),
                label => column.label.get(&locale.tag).map(|text| typeset_text(text, locale)),
            }
        };
        columns.iter().map(column).collect()
    };
    let about = |english: &str| with_code(words.get(&locale.tag, english).unwrap_or(english));
    let mut groups = Vec::new();
    if !outputs.scalars.is_empty() {
        groups.push(context! { name => "scalars", kind => "scalars", about => "", columns => columns(&outputs.scalars) });
    }
    for (name, table) in &outputs.tables {
        groups.push(context! { name => name, kind => "table", about => about(&table.about), columns => columns(&table.columns) });
    }
    for (name, drawing) in &outputs.drawings {
        groups.push(context! { name => name, kind => "drawing", about => about(&drawing.about), columns => columns(&drawing.attributes) });
    }
    groups
}

/// The host of documentation: it has no results and no other pages.
struct Alone<'a> {
    theme: &'a Theme,
    /// Errors of templates.
    errors: RefCell<Vec<Diagnostic>>,
}

const NOTHING: &str = "documentation shows no results and links to no other page of the site";

impl ProseHost for Alone<'_> {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn value(&self, _target: &str, _format: Option<&str>) -> Result<ShownValue, String> {
        Err(NOTHING.to_owned())
    }

    fn verdict(&self, _target: &str) -> Result<crate::prose::ShownVerdict, String> {
        Err("there are no results here".to_owned())
    }

    fn claim(&self, _target: &str, _id: &str) -> SafeHtml {
        SafeHtml::default()
    }

    fn part(&self, part: Part<'_>, locale: &Locale) -> SafeHtml {
        parts::or_failure(parts::html(self.theme, part, words(locale)), &self.errors)
    }

    fn link(&self, _target: &str) -> Result<String, String> {
        Err(NOTHING.to_owned())
    }

    fn citation(&self, _key: &str) -> Option<&CitedWork> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn built_in_documentation_has_no_problem() {
        let english = Locale::built_in("en").unwrap();
        let theme = Theme::new(&BTreeMap::new(), &crate::config::Theme::default()).unwrap();
        for analysis in Registry::built_in().each_built_in() {
            let (rendered, problems) = documentation(analysis.as_ref(), &english, &theme);
            let shown: Vec<String> = problems.iter().map(|problem| problem.render(false)).collect();
            assert!(problems.is_empty(), "{}", shown.join("\n"));
            assert!(rendered.title.is_some());
        }
    }

    #[test]
    fn descriptions_are_text_with_code_in_it() {
        let html = |text: &str| with_code(text).to_string();
        assert_eq!(html("a `b` <c> `<d>`"), "a <code>b</code> &lt;c&gt; <code>&lt;d&gt;</code>");
        assert_eq!(html("an `open one"), "an open one");
    }

    #[test]
    fn every_parameter_has_a_row_with_what_is_allowed() {
        let registry = Registry::built_in();
        let dragon = registry.get("dragon").unwrap().unwrap();
        let rows = rows(&dragon.schema(), &Locale::built_in("en").unwrap());
        let angle = rows.iter().find(|row| row.name == "angle").unwrap();
        assert_eq!(
            (angle.kind.as_str(), angle.unit.as_str(), angle.default.as_str()),
            ("a number", "°", "90.0")
        );
        assert_eq!(angle.bounds, "above 0 and at most 180");
        let regions = super::rows(
            &registry.get("regions").unwrap().unwrap().schema(),
            &Locale::built_in("en").unwrap(),
        );
        assert!(regions.iter().any(|row| row.name == "network.widths"), "{regions:?}");
    }
}
