//! What parameters an analysis takes, read from the JSON Schema of its parameter struct.
//!
//! The struct is the one source: its types, doc comments, `Default` and `#[schemars(...)]` attributes become a JSON
//! Schema, and that becomes a [`Schema`], from which definitions are checked, documentation is written and editors are
//! served. A plugin in another language sends the same JSON Schema. The subset understood is what [`Schema::parse`]
//! reads; a unit stands under `x-unit`, `x-octavo-input` marks a value that is read from a file or a result, and `x-moved` of
//! a record names keys that it had once, each with what to write now.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

/// Inclusive or exclusive limits of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Whether `min` itself is excluded.
    pub above: bool,
    /// Whether `max` itself is excluded.
    pub below: bool,
}

impl Bounds {
    /// Whether the value lies within.
    pub fn contain(&self, value: f64) -> bool {
        let low = self.min.is_none_or(|min| if self.above { value > min } else { value >= min });
        let high = self.max.is_none_or(|max| if self.below { value < max } else { value <= max });
        low && high
    }

    /// The allowed range for people, such as `0 to 40`, `above 0`; `None` if every number is allowed.
    pub fn describe(&self) -> Option<String> {
        let low = if self.above { "above" } else { "at least" };
        let high = if self.below { "below" } else { "at most" };
        match (self.min.map(in_words), self.max.map(in_words)) {
            (None, None) => None,
            (Some(min), None) => Some(format!("{low} {min}")),
            (None, Some(max)) => Some(format!("{high} {max}")),
            (Some(min), Some(max)) if !self.above && !self.below => Some(format!("{min} to {max}")),
            (Some(min), Some(max)) => Some(format!("{low} {min} and {high} {max}")),
        }
    }
}

/// A number as messages write it: with an exponent where its digits would fill the line.
pub fn in_words(value: f64) -> String {
    let long = value != 0.0 && !(1e-7..1e16).contains(&value.abs());
    if long { format!("{value:e}") } else { value.to_string() }
}

/// The shape of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaKind {
    /// Anything at all.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Integer(Bounds),
    /// A number; an integer is accepted.
    Number(Bounds),
    /// Text.
    Text,
    /// One of these words, each with its doc.
    Choice(Vec<(String, String)>),
    /// A list.
    List {
        /// The shape of each item.
        item: Box<Schema>,
        /// Fewest items.
        min: usize,
        /// Most items.
        max: Option<usize>,
    },
    /// A table with these keys and no others.
    Record(IndexMap<String, Field>),
    /// A table with any keys, all values of one shape.
    Map(Box<Schema>),
    /// One of several shapes.
    OneOf(Vec<Schema>),
}

/// A described value.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its shape.
    pub kind: SchemaKind,
    /// What it means.
    pub doc: String,
    /// Its unit; empty for pure numbers.
    pub unit: String,
    /// Whether it is read from a file or from another experiment's result.
    pub input: bool,
    /// Keys that a record had once, each with what to write now: an old definition is told more than that a key is unknown.
    pub moved: IndexMap<String, String>,
}

/// A key of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The value's description.
    pub schema: Schema,
    /// Whether the key must be given.
    pub required: bool,
    /// The value if the key is not given; `None` stands for "absent".
    pub default: Option<Json>,
}

/// A JSON Schema that uses what Octavo does not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter schema cannot be read at `{path}`: {message}")]
pub struct SchemaError {
    /// Where in the schema.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl Schema {
    /// What it means, what its parts and words mean, to be read or to be said in another language.
    pub fn docs_mut(&mut self) -> Vec<&mut String> {
        let parts: Vec<&mut String> = match &mut self.kind {
            SchemaKind::Choice(words) => words.iter_mut().map(|(_, meaning)| meaning).collect(),
            SchemaKind::List { item, .. } | SchemaKind::Map(item) => item.docs_mut(),
            SchemaKind::Record(fields) => {
                fields.values_mut().flat_map(|field| field.schema.docs_mut()).collect()
            }
            SchemaKind::OneOf(shapes) => shapes.iter_mut().flat_map(Self::docs_mut).collect(),
            _ => Vec::new(),
        };
        std::iter::once(&mut self.doc).chain(parts).filter(|doc| !doc.is_empty()).collect()
    }

    /// The schema of a Rust type, as JSON Schema (2020-12) with all definitions inlined.
    pub fn json_of<T: schemars::JsonSchema>() -> Json {
        let settings =
            schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        settings.into_generator().into_root_schema_for::<T>().to_value()
    }

    /// The schema of a Rust type.
    ///
    /// # Panics
    /// If the type's JSON Schema is outside the subset; a test of the type shows it.
    pub fn of<T: schemars::JsonSchema>() -> Self {
        Self::parse(&Self::json_of::<T>()).expect("the type's JSON Schema is within the subset")
    }

    /// Reads a JSON Schema.
    ///
    /// # Errors
    /// [`SchemaError`] for anything outside the subset.
    pub fn parse(json: &Json) -> Result<Self, SchemaError> {
        parse(json, "")
    }

    /// The fields of a record; empty for other shapes.
    pub fn fields(&self) -> impl Iterator<Item = (&String, &Field)> {
        match &self.kind {
            SchemaKind::Record(fields) => Some(fields.iter()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }

    /// The type in a word or two, for people.
    pub fn type_name(&self) -> String {
        match &self.kind {
            SchemaKind::Any => "any value".into(),
            SchemaKind::Bool => "true or false".into(),
            SchemaKind::Integer(_) => "a whole number".into(),
            SchemaKind::Number(_) => "a number".into(),
            SchemaKind::Text => "text".into(),
            SchemaKind::Choice(words) => {
                let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
                words.join(" or ")
            }
            SchemaKind::List { item, .. } => format!("a list of {}", item.type_name()),
            SchemaKind::Record(fields) => {
                let keys: Vec<_> =
                    fields.iter().filter(|(_, f)| f.required).map(|(key, _)| key.as_str()).collect();
                if keys.is_empty() {
                    "a table".into()
                } else {
                    format!("a table with `{}`", keys.join("`, `"))
                }
            }
            SchemaKind::Map(_) => "a table".into(),
            SchemaKind::OneOf(shapes) => {
                let names: Vec<_> = shapes.iter().map(Self::type_name).collect();
                names.join(", or ")
            }
        }
    }
}

fn error(path: &str, message: impl Into<String>) -> SchemaError {
    SchemaError { path: if path.is_empty() { "/".into() } else { path.into() }, message: message.into() }
}

fn parse(json: &Json, path: &str) -> Result<Schema, SchemaError> {
    let object = match json {
        Json::Bool(true) => {
            return Ok(Schema {
                kind: SchemaKind::Any,
                doc: String::new(),
                unit: String::new(),
                input: false,
                moved: IndexMap::new(),
            });
        }
        Json::Object(object) => object,
        _ => return Err(error(path, "expected an object")),
    };
    if object.contains_key("$ref") {
        return Err(error(path, "`$ref` is not supported; inline the definition"));
    }
    let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let kind = parse_kind(object, path)?;
    let input = object.get("x-octavo-input").and_then(Json::as_bool).unwrap_or(false);
    Ok(Schema { kind, doc: text("description"), unit: text("x-unit"), input, moved: moved(object, path)? })
}

fn moved(object: &Map<String, Json>, path: &str) -> Result<IndexMap<String, String>, SchemaError> {
    let Some(moved) = object.get("x-moved") else { return Ok(IndexMap::new()) };
    let texts = moved.as_object().and_then(|keys| {
        let text = |(key, help): (&String, &Json)| Some((key.clone(), help.as_str()?.to_owned()));
        keys.iter().map(text).collect()
    });
    texts.ok_or_else(|| error(path, "`x-moved` must be a table of texts"))
}

fn parse_kind(object: &Map<String, Json>, path: &str) -> Result<SchemaKind, SchemaError> {
    if let Some(words) = object.get("enum").and_then(Json::as_array) {
        return choice(words.iter().map(|word| (word, "")), path);
    }
    if let Some(word) = object.get("const") {
        return choice(std::iter::once((word, "")), path);
    }
    if let Some(shapes) = object.get("oneOf").or_else(|| object.get("anyOf")).and_then(Json::as_array) {
        return one_of(shapes, path);
    }
    let types: Vec<&str> = match object.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => {
            names.iter().filter_map(Json::as_str).filter(|name| *name != "null").collect()
        }
        _ => Vec::new(),
    };
    match types.as_slice() {
        [] => Ok(SchemaKind::Any),
        ["boolean"] => Ok(SchemaKind::Bool),
        ["integer"] => Ok(SchemaKind::Integer(bounds(object))),
        ["number"] => Ok(SchemaKind::Number(bounds(object))),
        ["string"] => Ok(SchemaKind::Text),
        ["array"] => list(object, path),
        ["object"] => record(object, path),
        several => {
            let shapes = several.iter().map(|name| {
                let mut single = object.clone();
                single.insert("type".into(), (*name).into());
                parse(&Json::Object(single), path)
            });
            Ok(SchemaKind::OneOf(shapes.collect::<Result<_, _>>()?))
        }
    }
}

fn choice<'a>(
    words: impl Iterator<Item = (&'a Json, &'a str)>,
    path: &str,
) -> Result<SchemaKind, SchemaError> {
    let words = words.filter(|(word, _)| !word.is_null()).map(|(word, doc)| match word {
        Json::String(word) => Ok((word.clone(), doc.to_owned())),
        _ => Err(error(path, "only words are supported in `enum` and `const`")),
    });
    Ok(SchemaKind::Choice(words.collect::<Result<_, _>>()?))
}

fn one_of(shapes: &[Json], path: &str) -> Result<SchemaKind, SchemaError> {
    let shapes: Vec<&Json> =
        shapes.iter().filter(|shape| shape.get("type") != Some(&"null".into())).collect();
    if shapes.iter().all(|shape| shape.get("const").is_some()) {
        let doc =
            |shape: &'_ Json| shape.get("description").and_then(Json::as_str).unwrap_or_default().to_owned();
        let docs: Vec<String> = shapes.iter().map(|shape| doc(shape)).collect();
        return choice(shapes.iter().map(|shape| &shape["const"]).zip(docs.iter().map(String::as_str)), path);
    }
    let mut parsed = Vec::new();
    for (index, shape) in shapes.iter().enumerate() {
        let schema = parse(shape, &format!("{path}/{index}"))?;
        match schema.kind {
            // A union within a union is one union.
            SchemaKind::OneOf(inner) => parsed.extend(inner),
            _ => parsed.push(schema),
        }
    }
    match <[Schema; 1]>::try_from(parsed) {
        Ok([only]) => Ok(only.kind),
        Err(several) => Ok(SchemaKind::OneOf(several)),
    }
}

fn bounds(object: &Map<String, Json>) -> Bounds {
    let number = |key: &str| object.get(key).and_then(Json::as_f64);
    Bounds {
        min: number("exclusiveMinimum").or_else(|| number("minimum")),
        max: number("exclusiveMaximum").or_else(|| number("maximum")),
        above: object.contains_key("exclusiveMinimum"),
        below: object.contains_key("exclusiveMaximum"),
    }
}

fn list(object: &Map<String, Json>, path: &str) -> Result<SchemaKind, SchemaError> {
    let size = |key: &str| object.get(key).and_then(Json::as_u64).and_then(|size| usize::try_from(size).ok());
    let first = object.get("prefixItems").and_then(Json::as_array).and_then(|items| items.first());
    let any = Json::Bool(true);
    let item = first.or_else(|| object.get("items")).unwrap_or(&any);
    Ok(SchemaKind::List {
        item: Box::new(parse(item, &format!("{path}/items"))?),
        min: size("minItems").unwrap_or(0),
        max: size("maxItems"),
    })
}

fn record(object: &Map<String, Json>, path: &str) -> Result<SchemaKind, SchemaError> {
    let Some(properties) = object.get("properties").and_then(Json::as_object) else {
        return Ok(SchemaKind::Map(Box::new(match object.get("additionalProperties") {
            Some(item @ Json::Object(_)) => parse(item, &format!("{path}/*"))?,
            _ => parse(&Json::Bool(true), path)?,
        })));
    };
    let required: Vec<&str> = match object.get("required") {
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let mut fields = IndexMap::new();
    for (name, property) in properties {
        let default = property.get("default").filter(|default| !default.is_null()).cloned();
        let required = required.contains(&name.as_str());
        let schema = parse(property, &format!("{path}/{name}"))?;
        fields.insert(name.clone(), Field { schema, required, default });
    }
    Ok(SchemaKind::Record(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        /// Warm.
        Red,
        /// Cold.
        Blue,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    struct Sample {
        /// How often.
        #[schemars(range(min = 1, max = 40))]
        count: u32,
        /// How far.
        #[schemars(extend("exclusiveMinimum" = 0.0, "x-unit" = "rad"))]
        angle: f64,
        word: Option<String>,
        colour: Colour,
        source: Option<crate::Input>,
        corners: [[f64; 2]; 2],
    }

    impl Default for Sample {
        fn default() -> Self {
            Self {
                count: 10,
                angle: 1.5,
                word: None,
                colour: Colour::Red,
                source: None,
                corners: [[0.0; 2]; 2],
            }
        }
    }

    #[test]
    fn a_struct_is_the_one_source() {
        let schema = Schema::of::<Sample>();
        let fields: IndexMap<_, _> = schema.fields().collect();
        let count = fields[&"count".to_owned()];
        assert_eq!(count.default, Some(10.into()));
        assert_eq!(count.schema.doc, "How often.");
        assert_eq!(
            count.schema.kind,
            SchemaKind::Integer(Bounds { min: Some(1.0), max: Some(40.0), ..Bounds::default() })
        );
        let angle = fields[&"angle".to_owned()];
        assert_eq!(angle.schema.unit, "rad");
        let SchemaKind::Number(bounds) = angle.schema.kind else { panic!("{angle:?}") };
        assert_eq!(bounds.describe().as_deref(), Some("above 0"));
        assert!(!bounds.contain(0.0) && bounds.contain(1e-300));
        assert_eq!(fields[&"word".to_owned()].schema.kind, SchemaKind::Text);
        assert!(!fields[&"word".to_owned()].required);
        let SchemaKind::Choice(words) = &fields[&"colour".to_owned()].schema.kind else { panic!() };
        assert_eq!(words[1].0, "blue");
        let SchemaKind::OneOf(sources) = &fields[&"source".to_owned()].schema.kind else { panic!() };
        assert!(sources.len() == 2 && sources.iter().all(|source| source.input));
        assert_eq!(fields[&"corners".to_owned()].schema.type_name(), "a list of a list of a number");
    }

    #[test]
    fn keys_that_moved_are_known() {
        let read = |moved: Json| {
            Schema::parse(&serde_json::json!({"type": "object", "properties": {}, "x-moved": moved}))
        };
        let schema = read(serde_json::json!({"old": "write `new`"})).unwrap();
        assert_eq!(schema.moved["old"], "write `new`");
        for wrong in [serde_json::json!(["old"]), serde_json::json!({"old": 3})] {
            assert!(read(wrong).unwrap_err().message.contains("x-moved"));
        }
    }

    #[test]
    fn what_is_outside_the_subset_is_named() {
        let error =
            Schema::parse(&serde_json::json!({"type": "object", "properties": {"a": {"$ref": "#/x"}}}));
        assert_eq!(error.unwrap_err().path, "/a");
    }
}
