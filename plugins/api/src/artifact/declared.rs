//! Whether what a run gives is what was declared.

use indexmap::IndexMap;

use super::{Drawing, Scalar, Table};
use crate::output::{ColumnSchema, ColumnType, DrawingKind, DrawingSchema};
use crate::value::{Named, Value};
use crate::{Failure, counted};

pub(super) fn same_names<'a>(
    what: &str,
    declared: impl Iterator<Item = &'a String>,
    given: impl Iterator<Item = &'a String>,
) -> Result<(), Failure> {
    let declared: std::collections::BTreeSet<_> = declared.collect();
    let given: std::collections::BTreeSet<_> = given.collect();
    if let Some(name) = declared.difference(&given).next() {
        return Err(Failure::bug(format!("the declared {what} `{name}` is not among the artifacts")));
    }
    if let Some(name) = given.difference(&declared).next() {
        return Err(Failure::bug(format!("the {what} `{name}` was not declared")));
    }
    Ok(())
}

pub(super) fn check_scalar(name: &str, scalar: &Scalar, kind: ColumnType) -> Result<(), Failure> {
    let fits = match &scalar.value {
        Value::Float(value) if !value.is_finite() => {
            return Err(Failure::numeric(format!("the scalar `{name}` is {value}")));
        }
        Value::Float(_) => kind == ColumnType::Float,
        Value::Integer(_) => matches!(kind, ColumnType::Integer | ColumnType::Float),
        Value::Text(_) => kind == ColumnType::Text,
        Value::Bool(_) => kind == ColumnType::Bool,
        Value::Missing(_) | Value::Named(Named::Infinity | Named::NegativeInfinity) => true,
    };
    if !fits {
        return Err(Failure::bug(format!(
            "the scalar `{name}` is declared as {kind} and is `{}`",
            scalar.value
        )));
    }
    match scalar.uncertainty {
        Some(uncertainty) if !(uncertainty.is_finite() && uncertainty >= 0.0) => {
            Err(Failure::numeric(format!("the uncertainty of the scalar `{name}` is {uncertainty}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_table(
    what: &str,
    table: &Table,
    declared: &IndexMap<String, ColumnSchema>,
) -> Result<(), Failure> {
    same_names(&format!("column of {what}"), declared.keys(), table.columns.keys())?;
    for (name, column) in &table.columns {
        if column.len() != table.rows() {
            return Err(Failure::bug(format!(
                "{what}: column `{name}` has {} and the first has {}",
                counted(column.len(), "row"),
                table.rows()
            )));
        }
        if column.kind() != declared[name].kind {
            return Err(Failure::bug(format!(
                "{what}: column `{name}` is declared as {} and holds {}",
                declared[name].kind,
                column.kind()
            )));
        }
        if let Some(row) = column.first_non_finite() {
            return Err(Failure::numeric(format!("{what}: column `{name}` is not finite in row {row}")));
        }
    }
    Ok(())
}

pub(super) fn check_drawing(name: &str, drawing: &Drawing, declared: &DrawingSchema) -> Result<(), Failure> {
    let what = format!("drawing `{name}`");
    let finite = |ok: bool| {
        if ok {
            Ok(())
        } else {
            Err(Failure::numeric(format!("{what} holds a coordinate or value that is not finite")))
        }
    };
    match drawing {
        Drawing::Geometry(geometry) => {
            if declared.kind() != DrawingKind::Geometry(geometry.kind) {
                return Err(Failure::bug(format!("{what} is of another kind than declared")));
            }
            check_table(&what, &geometry.attributes, &declared.attributes)?;
            if !geometry.attributes.columns.is_empty() && geometry.attributes.rows() != geometry.parts() {
                return Err(Failure::bug(format!(
                    "{what} has another number of attribute rows than of parts"
                )));
            }
            finite(geometry.vertices.iter().flatten().all(|x| x.is_finite()))
        }
        Drawing::Raster(raster) => {
            if declared.kind() != DrawingKind::Raster {
                return Err(Failure::bug(format!("{what} is a raster and was declared as something else")));
            }
            if raster.values.len() != raster.width * raster.height {
                return Err(Failure::bug(format!(
                    "{what} has another number of values than width times height"
                )));
            }
            finite(raster.values.iter().chain(raster.extent.iter().flatten()).all(|x| x.is_finite()))
        }
        Drawing::Picture(_) if declared.kind() != DrawingKind::Picture => {
            Err(Failure::bug(format!("{what} is a picture and was declared as something else")))
        }
        // It was looked through where it was made.
        Drawing::Picture(_) => Ok(()),
    }
}
