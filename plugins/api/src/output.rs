//! What a run will give, declared before anything runs, so that figures, claims and prose are checked first.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::value::Localized;

/// The type of a column or scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Finite floats.
    Float,
    /// Integers of any size.
    Integer,
    /// Text.
    Text,
    /// Truth values.
    Bool,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Text => "text",
            Self::Bool => "bool",
        })
    }
}

/// A scalar that a run will give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalarSchema {
    /// Its type.
    pub kind: ColumnType,
    /// Its unit, such as `rad`; empty for pure numbers.
    #[serde(default)]
    pub unit: String,
    /// What axes and tables call it.
    pub label: Localized,
}

/// A column of a table that a run will give: the same facts as for a scalar.
pub type ColumnSchema = ScalarSchema;

/// A table that a run will give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// One sentence on what a row is.
    pub about: String,
    /// The columns in order.
    pub columns: IndexMap<String, ColumnSchema>,
}

impl TableSchema {
    /// A table of which a row is `about`.
    pub fn new(about: &str) -> Self {
        Self { about: about.to_owned(), columns: IndexMap::new() }
    }

    /// The table with one more column. `unit` is empty for pure numbers.
    #[must_use]
    pub fn column(mut self, name: &str, kind: ColumnType, unit: &str, en: &str, fr: &str) -> Self {
        self.columns.insert(
            name.to_owned(),
            ColumnSchema { kind, unit: unit.to_owned(), label: Localized::en_fr(en, fr) },
        );
        self
    }
}

/// What the parts of a geometry are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeometryKind {
    /// Single points.
    Points,
    /// Open polylines.
    Paths,
    /// Closed polygons without holes.
    Polygons,
}

/// A drawing that a run will give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawingSchema {
    /// One sentence on what it shows.
    pub about: String,
    /// The kind of geometry; `None` for a raster.
    pub geometry: Option<GeometryKind>,
    /// The attributes of each part; for a raster the single column `value`.
    pub attributes: IndexMap<String, ColumnSchema>,
}

/// All that a run will give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputSchema {
    /// The scalars in order.
    pub scalars: IndexMap<String, ScalarSchema>,
    /// The tables in order.
    pub tables: IndexMap<String, TableSchema>,
    /// The drawings in order.
    pub drawings: IndexMap<String, DrawingSchema>,
}

impl OutputSchema {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a scalar. `unit` is empty for pure numbers.
    #[must_use]
    pub fn scalar(mut self, name: &str, kind: ColumnType, unit: &str, en: &str, fr: &str) -> Self {
        self.scalars.insert(
            name.to_owned(),
            ScalarSchema { kind, unit: unit.to_owned(), label: Localized::en_fr(en, fr) },
        );
        self
    }

    /// Declares a table.
    #[must_use]
    pub fn table(mut self, name: &str, table: TableSchema) -> Self {
        self.tables.insert(name.to_owned(), table);
        self
    }

    /// Declares a drawing of shapes whose attributes are the columns of `attributes`.
    #[must_use]
    pub fn geometry(mut self, name: &str, kind: GeometryKind, attributes: TableSchema) -> Self {
        let schema =
            DrawingSchema { about: attributes.about, geometry: Some(kind), attributes: attributes.columns };
        self.drawings.insert(name.to_owned(), schema);
        self
    }

    /// Declares a raster; figures see its values as the column `value`.
    #[must_use]
    pub fn raster(mut self, name: &str, about: &str, unit: &str, en: &str, fr: &str) -> Self {
        let columns = TableSchema::new(about).column("value", ColumnType::Float, unit, en, fr).columns;
        self.drawings.insert(
            name.to_owned(),
            DrawingSchema { about: about.to_owned(), geometry: None, attributes: columns },
        );
        self
    }
}
