//! What a run will give, declared before anything runs, so that figures, claims and prose are checked first.

use std::collections::BTreeSet;
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

    /// The table with one more column, its label in English. `unit` is empty for pure numbers.
    #[must_use]
    pub fn column(mut self, name: &str, kind: ColumnType, unit: &str, label: &str) -> Self {
        self.columns.insert(
            name.to_owned(),
            ColumnSchema { kind, unit: unit.to_owned(), label: Localized::en(label) },
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
    /// The kind of geometry; `None` for a raster or picture.
    #[serde(default)]
    pub geometry: Option<GeometryKind>,
    /// The attributes of each part; for a raster the single column `value`; none for a picture.
    #[serde(default)]
    pub attributes: IndexMap<String, ColumnSchema>,
    /// Whether it is a picture, which the analysis draws with a library of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub picture: bool,
}

/// What a drawing is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawingKind {
    /// Shapes with attributes.
    Geometry(GeometryKind),
    /// A grid of values.
    Raster,
    /// A picture of the analysis's own.
    Picture,
}

impl DrawingSchema {
    /// What it is made of.
    pub fn kind(&self) -> DrawingKind {
        match self.geometry {
            _ if self.picture => DrawingKind::Picture,
            Some(kind) => DrawingKind::Geometry(kind),
            None => DrawingKind::Raster,
        }
    }

    /// What contradicts itself in it, in one sentence.
    pub fn contradiction(&self) -> Option<&'static str> {
        let alone = self.geometry.is_none() && self.attributes.is_empty();
        (self.picture && !alone).then_some("a `picture` has neither `geometry` nor `attributes`")
    }
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

/// What is asked of a run: everything that is declared, or the outputs of these names. `name` is a scalar, table or drawing, and
/// `table.column` one column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wanted(Option<BTreeSet<String>>);

impl Wanted {
    /// Everything.
    pub const ALL: Self = Self(None);

    /// The outputs of these names.
    pub fn only(names: impl IntoIterator<Item = String>) -> Self {
        Self(Some(names.into_iter().collect()))
    }

    /// The names, in alphabetical order; nothing if everything is asked for.
    pub fn names(&self) -> Option<&BTreeSet<String>> {
        self.0.as_ref()
    }

    /// Whether a scalar, drawing, or anything of a table is asked for.
    pub fn wants(&self, name: &str) -> bool {
        let of_table = |wanted: &String| wanted.split_once('.').is_some_and(|(table, _)| table == name);
        self.0.as_ref().is_none_or(|names| names.contains(name) || names.iter().any(of_table))
    }

    /// Whether a column of a table is asked for.
    pub fn wants_column(&self, table: &str, column: &str) -> bool {
        self.0
            .as_ref()
            .is_none_or(|names| names.contains(table) || names.contains(&format!("{table}.{column}")))
    }

    /// The names that are not declared.
    pub fn unknown(&self, schema: &OutputSchema) -> Vec<&str> {
        let names = self.0.iter().flatten();
        let column = |name: &str| {
            let (table, column) = name.split_once('.')?;
            schema.tables.get(table)?.columns.get(column)
        };
        let known = |name: &str| {
            schema.scalars.contains_key(name)
                || schema.tables.contains_key(name)
                || schema.drawings.contains_key(name)
                || column(name).is_some()
        };
        names.map(String::as_str).filter(|name| !known(name)).collect()
    }
}

impl OutputSchema {
    /// What is asked for of it.
    #[must_use]
    pub fn only(mut self, wanted: &Wanted) -> Self {
        if wanted.names().is_none() {
            return self;
        }
        self.scalars.retain(|name, _| wanted.wants(name));
        self.drawings.retain(|name, _| wanted.wants(name));
        self.tables.retain(|name, _| wanted.wants(name));
        for (table, schema) in &mut self.tables {
            schema.columns.retain(|column, _| wanted.wants_column(table, column));
        }
        self
    }

    /// Every name that may be asked for.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let columns = |(table, schema): (&String, &TableSchema)| {
            let columns = schema.columns.keys().map(|column| format!("{table}.{column}"));
            columns.collect::<Vec<_>>()
        };
        let columns: Vec<String> = self.tables.iter().flat_map(columns).collect();
        let whole = self.scalars.keys().chain(self.tables.keys()).chain(self.drawings.keys());
        whole.cloned().chain(columns)
    }

    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every text that a reader may see.
    pub fn labels_mut(&mut self) -> impl Iterator<Item = &mut Localized> {
        let columns = self.tables.values_mut().flat_map(|table| table.columns.values_mut());
        let attributes = self.drawings.values_mut().flat_map(|drawing| drawing.attributes.values_mut());
        self.scalars.values_mut().chain(columns).chain(attributes).map(|schema| &mut schema.label)
    }

    /// Declares a scalar, its label in English. `unit` is empty for pure numbers.
    #[must_use]
    pub fn scalar(mut self, name: &str, kind: ColumnType, unit: &str, label: &str) -> Self {
        self.scalars.insert(
            name.to_owned(),
            ScalarSchema { kind, unit: unit.to_owned(), label: Localized::en(label) },
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
        let TableSchema { about, columns } = attributes;
        let schema = DrawingSchema { about, geometry: Some(kind), attributes: columns, picture: false };
        self.drawings.insert(name.to_owned(), schema);
        self
    }

    /// Declares a picture that the analysis draws with a library of its own.
    #[must_use]
    pub fn picture(mut self, name: &str, about: &str) -> Self {
        let schema = DrawingSchema {
            about: about.to_owned(),
            geometry: None,
            attributes: IndexMap::new(),
            picture: true,
        };
        self.drawings.insert(name.to_owned(), schema);
        self
    }

    /// Declares a raster; figures see its values as the column `value`, its label in English.
    #[must_use]
    pub fn raster(mut self, name: &str, about: &str, unit: &str, label: &str) -> Self {
        let columns = TableSchema::new(about).column("value", ColumnType::Float, unit, label).columns;
        self.drawings.insert(
            name.to_owned(),
            DrawingSchema { about: about.to_owned(), geometry: None, attributes: columns, picture: false },
        );
        self
    }
}
