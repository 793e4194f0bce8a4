//! Rows with named, typed columns: what tables, scalars and drawings become when an experiment's tasks are put together.

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::{Column, ColumnSchema, Geometry, Picture, Raster, Value};

/// A column with its type, unit and label.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The cells.
    pub column: Column,
    /// Type, unit, label per language.
    pub schema: ColumnSchema,
}

/// The shape that belongs to a row, when the relation comes from drawings.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A part of a geometry.
    Part(Arc<Geometry>, usize),
    /// A whole raster.
    Raster(Arc<Raster>),
    /// A picture of the analysis's own.
    Picture(Arc<Picture>),
}

/// A table over all tasks of an experiment: the sweep's columns and `replicate`, then the analysis's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relation {
    /// The columns in order, all of the same length.
    pub fields: IndexMap<String, Field>,
    /// Number of rows.
    pub rows: usize,
    /// One shape per row if this comes from drawings, else empty.
    pub shapes: Vec<Shape>,
}

impl Relation {
    /// A column by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// The value in a row of a column; `None` if there is no such column.
    pub fn value(&self, name: &str, row: usize) -> Option<Value> {
        self.fields.get(name).map(|field| field.column.value(row))
    }

    /// The rows with these indices, in this order.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let pick = |field: &Field| Field { column: take(&field.column, rows), schema: field.schema.clone() };
        Self {
            fields: self.fields.iter().map(|(name, field)| (name.clone(), pick(field))).collect(),
            rows: rows.len(),
            shapes: if self.shapes.is_empty() {
                Vec::new()
            } else {
                rows.iter().map(|row| self.shapes[*row].clone()).collect()
            },
        }
    }
}

/// The cells in these rows, in this order.
pub(crate) fn take(column: &Column, rows: &[usize]) -> Column {
    use octavo_plugin::ColumnData::{Big, Bool, Float, Integer, Text};
    let data = match &column.data {
        Float(cells) => Float(rows.iter().map(|row| cells[*row]).collect()),
        Integer(cells) => Integer(rows.iter().map(|row| cells[*row]).collect()),
        Big(cells) => Big(rows.iter().map(|row| cells[*row].clone()).collect()),
        Text(cells) => Text(rows.iter().map(|row| cells[*row].clone()).collect()),
        Bool(cells) => Bool(rows.iter().map(|row| cells[*row]).collect()),
    };
    let exception =
        |(new, old): (usize, &usize)| column.exceptions.get(old).map(|value| (new, value.clone()));
    Column { data, exceptions: rows.iter().enumerate().filter_map(exception).collect() }
}
