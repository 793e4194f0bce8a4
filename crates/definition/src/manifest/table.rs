//! Tables that are made from others, and how pages show them.

use indexmap::IndexMap;
use octavo_plugin::figure::Where;
use octavo_plugin::value::Localized;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table made from another: rows chosen, joined, grouped, columns computed, and rows sorted, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DerivedTable {
    /// The table it starts from; `scalars` has one row per task.
    pub from: String,
    /// Which rows.
    #[serde(default, rename = "where")]
    pub selection: Where,
    /// Columns of a second table beside those of the first.
    #[serde(default)]
    pub join: Option<Join>,
    /// Columns whose distinct combinations become the rows.
    #[serde(default)]
    pub group: Vec<String>,
    /// Columns computed per group, as expressions such as `median(total_curvature)`.
    #[serde(default)]
    pub stats: IndexMap<String, String>,
    /// Columns computed per row, as expressions over the columns so far; or a list of the columns that pages show, in order.
    #[serde(default)]
    pub columns: Columns,
    /// Column titles per language.
    #[serde(default)]
    pub labels: IndexMap<String, Localized>,
    /// Columns by which the rows are sorted, the first one first; `-` before a name turns the order round.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub sort: Names,
    /// How many rows a page shows, from the first; 200 if left out. The data file has all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub rows: Option<u32>,
    /// How a page shows the rows as a wide table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pivot: Option<Pivot>,
}

/// A second table, matched on columns with equal values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Join {
    /// The second table.
    pub from: String,
    /// Which of its rows.
    #[serde(default, rename = "where")]
    pub selection: Where,
    /// The columns that must agree.
    pub on: Vec<String>,
    /// Columns taken from the second table; all others by default. A clash of names is an error.
    #[serde(default)]
    pub take: Vec<String>,
}

/// One name or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Names {
    /// One.
    One(String),
    /// Several, in order.
    Several(Vec<String>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Names {
    /// The names in order.
    pub fn each(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.each().is_empty()
    }

    /// The names with the keys that lead to each below `key`.
    pub fn placed(&self, key: &str) -> Vec<(&str, Vec<String>)> {
        let below = |index: usize| match self {
            Self::One(_) => vec![key.to_owned()],
            Self::Several(_) => vec![key.to_owned(), index.to_string()],
        };
        self.each().iter().enumerate().map(|(index, name)| (name.as_str(), below(index))).collect()
    }
}

/// Columns of a derived table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Columns {
    /// Computed ones: an expression for each name.
    Computed(IndexMap<String, String>),
    /// Those that pages show, in order.
    Shown(Vec<ColumnSpec>),
}

impl Default for Columns {
    fn default() -> Self {
        Self::Computed(IndexMap::new())
    }
}

/// A column that a page shows: its name, or its name and how it looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnSpec {
    /// The name of a column.
    Field(String),
    /// All properties.
    Full(ShownColumn),
}

/// A column that a page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownColumn {
    /// The column; with `expr`, the name of the one that is computed.
    pub field: String,
    /// An expression over the columns before it, if it is to be computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// How its numbers are written, such as `%.2f`; else all of a column with as many decimals as they need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its title per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// A title above this column and its neighbours of the same group, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub group: Localized,
    /// What its texts and numbers are called, per language, as in figures: `{ valley = { fr = "vallée" } }`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub names: IndexMap<String, Localized>,
}

/// A wide table: a row for each value of some columns, and a column for each value of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pivot {
    /// The columns whose values head the rows.
    pub rows: Names,
    /// The column whose values head the columns.
    pub columns: String,
    /// The column whose values stand in the cells.
    pub value: String,
}

/// A column that is computed, and the keys that lead to its expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed<'a> {
    /// What it is called.
    pub name: &'a str,
    /// How.
    pub expr: &'a str,
    /// Keys from the table.
    pub path: Vec<String>,
}

impl DerivedTable {
    /// The columns that are computed per row, in order.
    pub fn computed(&self) -> Vec<Computed<'_>> {
        match &self.columns {
            Columns::Computed(columns) => columns
                .iter()
                .map(|(name, expr)| Computed { name, expr, path: vec!["columns".into(), name.clone()] })
                .collect(),
            Columns::Shown(columns) => columns
                .iter()
                .enumerate()
                .filter_map(|(index, column)| match column {
                    ColumnSpec::Full(ShownColumn { field, expr: Some(expr), .. }) => {
                        let path = vec!["columns".into(), index.to_string(), "expr".into()];
                        Some(Computed { name: field, expr, path })
                    }
                    _ => None,
                })
                .collect(),
        }
    }

    /// The columns that pages show, in order; `None` for all.
    pub fn shown(&self) -> Option<Vec<ShownColumn>> {
        match &self.columns {
            Columns::Computed(_) => None,
            Columns::Shown(columns) => Some(columns.iter().map(ColumnSpec::full).collect()),
        }
    }

    /// What decides its rows, without how pages show them.
    #[must_use]
    pub fn derivation(&self) -> Self {
        let columns = match &self.columns {
            Columns::Computed(_) => self.columns.clone(),
            Columns::Shown(_) => Columns::Computed(
                self.computed()
                    .iter()
                    .map(|column| (column.name.to_owned(), column.expr.to_owned()))
                    .collect(),
            ),
        };
        Self { columns, rows: None, pivot: None, ..self.clone() }
    }
}

impl ColumnSpec {
    /// The full form.
    pub fn full(&self) -> ShownColumn {
        match self {
            Self::Field(field) => ShownColumn { field: field.clone(), ..ShownColumn::default() },
            Self::Full(column) => column.clone(),
        }
    }
}
