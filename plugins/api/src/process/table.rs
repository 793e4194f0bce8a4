//! Tables in messages: lists, NPY columns, or a CSV file.

use crate::counted;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::cell::{cell, cell_to_json, cell_to_text};
use super::columns::{self, Source};
use super::encode::Encoder;
use super::npy::{self, Numbers};
use super::{Folder, extension, file_name};
use crate::artifact::{Column, ColumnData, Table};
use crate::delimited::{self, TextForm, shown};
use crate::output::ColumnType;
use crate::value::Value;

/// Most cells of a table that stands in the message itself.
const INLINE: usize = 512;

/// Types of columns by name, in order.
pub(super) type Kinds = IndexMap<String, ColumnType>;

pub(super) fn decode(json: &Json, kinds: &Kinds, folder: &dyn Folder) -> Result<Table, String> {
    let mut table = match (file_name(json)?, json.get("columns")) {
        (Some(name), _) => csv_table(name, kinds, folder)?,
        (None, Some(Json::Object(columns))) => list_table(columns, kinds, folder)?,
        _ => return Err("it has neither `columns` nor `file`".to_owned()),
    };
    if let Some(exceptions) = json.get("exceptions") {
        add_exceptions(&mut table, exceptions, kinds)?;
    }
    Ok(table)
}

fn list_table(columns: &Map<String, Json>, kinds: &Kinds, folder: &dyn Folder) -> Result<Table, String> {
    let mut table = Table::new();
    for (name, json) in columns {
        let kind = *kinds.get(name).ok_or_else(|| format!("the column `{name}` was not declared"))?;
        let column = column(json, kind, folder).map_err(|message| format!("column `{name}`: {message}"))?;
        table.columns.insert(name.clone(), column);
    }
    Ok(table)
}

fn column(json: &Json, kind: ColumnType, folder: &dyn Folder) -> Result<Column, String> {
    if let Some(name) = file_name(json)? {
        let array = npy::read(name, &folder.read(name)?)?;
        if array.shape.len() != 1 {
            return Err(format!("`{name}` has {}, and 1 is needed", counted(array.shape.len(), "dimension")));
        }
        if kind == ColumnType::Float {
            return Ok(array.floats().map_err(|message| format!("`{name}` {message}"))?.into());
        }
        return match (kind, array.numbers) {
            (ColumnType::Integer, Numbers::Integer(integers)) => Ok(integers.into()),
            (ColumnType::Bool, Numbers::Bool(truths)) => Ok(truths.into()),
            _ => Err(format!("`{name}` holds no values of the type {kind}")),
        };
    }
    let Json::Array(items) = json else { return Err("it is neither a list nor a file".to_owned()) };
    if kind == ColumnType::Float
        && let Some(floats) = items.iter().map(Json::as_f64).collect::<Option<Vec<f64>>>()
    {
        return Ok(floats.into());
    }
    let value = |(row, json)| cell(kind, json).map_err(|message| format!("row {row}: {message}"));
    let values = items.iter().enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
    Ok(Column::from_values(kind, &values).expect("every cell was read as this type"))
}

fn csv_table(name: &str, kinds: &Kinds, folder: &dyn Folder) -> Result<Table, String> {
    if extension(name) != "csv" {
        return Err(format!("the name `{name}` does not end in `.csv`"));
    }
    let bytes = folder.read(name)?;
    let form = TextForm::default();
    let text = delimited::decoded(&bytes, &form, name).map_err(|failure| failure.message)?;
    let source = Source { text: &text, file: name, form: &form, trimmed: false };
    let kind = |column: &str| match kinds.get(column) {
        Some(kind) => Ok(Some(*kind)),
        None => Err(format!("`{name}`: the column `{}` was not declared", shown(column))),
    };
    columns::table(&source, &kind, &mut |bytes| folder.spend(bytes), &|wrong| wrong.message(name))
}

fn add_exceptions(table: &mut Table, exceptions: &Json, kinds: &Kinds) -> Result<(), String> {
    let exceptions: BTreeMap<String, BTreeMap<String, Json>> =
        serde_json::from_value(exceptions.clone()).map_err(|error| format!("`exceptions`: {error}"))?;
    for (name, rows) in exceptions {
        let Some(column) = table.columns.get_mut(&name) else {
            return Err(format!("`exceptions` name a column `{name}`, which is not there"));
        };
        for (row, json) in rows {
            let place = row.parse::<usize>().ok().filter(|row| *row < column.len());
            let place = place.ok_or_else(|| format!("`exceptions` of `{name}` name a row `{row}`"))?;
            match cell(kinds[&name], &json)? {
                value @ (Value::Missing(_) | Value::Named(_)) => {
                    clear(column, place);
                    column.exceptions.insert(place, value);
                }
                _ => return Err(format!("`exceptions` of `{name}` hold an ordinary value in row {row}")),
            }
        }
    }
    Ok(())
}

/// Equal columns have equal bytes, so that a cell that nobody looks at is always the same.
fn clear(column: &mut Column, row: usize) {
    match &mut column.data {
        ColumnData::Float(cells) => cells[row] = 0.0,
        ColumnData::Integer(cells) => cells[row] = 0,
        ColumnData::Big(cells) => cells[row] = num_bigint::BigInt::default(),
        ColumnData::Text(cells) => cells[row].clear(),
        ColumnData::Bool(cells) => cells[row] = false,
    }
}

impl Encoder<'_> {
    /// A table: lists if it is small, else a CSV file.
    pub(super) fn table(&mut self, table: &Table) -> Result<Json, String> {
        if table.rows() * table.columns.len() > INLINE {
            return self.csv_table(table);
        }
        let list = |column: &Column| (0..column.len()).map(|row| cell_to_json(&column.value(row))).collect();
        let columns: Map<String, Json> =
            table.columns.iter().map(|(name, column)| (name.clone(), Json::Array(list(column)))).collect();
        Ok(json!({ "columns": columns }))
    }

    fn csv_table(&mut self, table: &Table) -> Result<Json, String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: csv::Error| format!("a table cannot be written: {error}");
        writer.write_record(table.columns.keys()).map_err(failed)?;
        let mut exceptions: Map<String, Json> = Map::new();
        for row in 0..table.rows() {
            let cells = table.columns.iter().map(|(name, column)| {
                let value = column.value(row);
                cell_to_text(&value).filter(|text| !is_name(column.kind(), &value, text)).unwrap_or_else(
                    || {
                        let plain = matches!(&value, Value::Missing(why) if why.is_empty());
                        if !plain || column.kind() == ColumnType::Text {
                            let rows = exceptions.entry(name.clone()).or_insert_with(|| json!({}));
                            rows[row.to_string()] = exception(&value);
                        }
                        String::new()
                    },
                )
            });
            let cells: Vec<String> = cells.collect();
            writer.write_record(&cells).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| format!("a table cannot be written: {error}"))?;
        let mut json = json!({ "file": self.file("csv", &bytes)? });
        if !exceptions.is_empty() {
            json["exceptions"] = exceptions.into();
        }
        Ok(json)
    }
}

/// A named value in a column of text or truth values cannot stand in a CSV cell.
fn is_name(kind: ColumnType, value: &Value, _text: &str) -> bool {
    matches!(value, Value::Named(_)) && matches!(kind, ColumnType::Text | ColumnType::Bool)
}

fn exception(value: &Value) -> Json {
    match cell_to_json(value) {
        Json::Null => json!({ "missing": "" }),
        other => other,
    }
}
