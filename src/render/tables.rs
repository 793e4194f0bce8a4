//! Tables of results on pages.

use octavo_plugin::{ColumnType, Value};

use crate::figure::data;
use crate::locale::Locale;
use crate::prose::format_number;
use crate::relation::Relation;
use crate::results::REPLICATE;

/// Most rows shown on a page; the data file has all.
const MAX_ROWS: usize = 200;

/// A column's title.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Title {
    /// The column's label in the page's language.
    pub label: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Whether it holds numbers.
    pub numeric: bool,
}

/// A table as text.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The columns.
    pub titles: Vec<Title>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// All rows as CSV.
    pub csv: String,
}

/// A relation in a language; a `replicate` that is the same everywhere is left out.
pub fn show(relation: &Relation, locale: &Locale) -> Shown {
    let constant = |name: &str| {
        name == REPLICATE
            && (1..relation.rows).all(|row| relation.value(name, row) == relation.value(name, 0))
    };
    let fields: Vec<_> = relation.fields.iter().filter(|(name, _)| !constant(name)).collect();
    let title = |(name, field): &(&String, &crate::relation::Field)| Title {
        label: field.schema.label.get(&locale.tag).unwrap_or(name).to_owned(),
        unit: field.schema.unit.clone(),
        numeric: matches!(field.schema.kind, ColumnType::Float | ColumnType::Integer),
    };
    let cell = |value: &Value| match value {
        Value::Missing(_) => "–".to_owned(),
        Value::Bool(truth) => locale.word(if *truth { "yes" } else { "no" }).to_owned(),
        Value::Text(text) => text.clone(),
        other => format_number(other, None, locale).unwrap_or_default(),
    };
    let row = |row: usize| fields.iter().map(|(_, field)| cell(&field.column.value(row))).collect();
    Shown {
        titles: fields.iter().map(title).collect(),
        rows: (0..relation.rows.min(MAX_ROWS)).map(row).collect(),
        csv: data::csv(relation),
    }
}
