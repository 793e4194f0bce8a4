//! A table as a Parquet file: floats as DOUBLE, integers as INT64, texts as UTF-8, truth values as BOOLEAN, and a null where there is no value.

use std::sync::Arc;

use octavo_plugin::{Column, ColumnData, Value};
use parquet::basic::{Compression, GzipLevel, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use crate::relation::Relation;

/// Integers up to this size are floats without loss.
const WHOLE: u64 = 1 << 53;

/// The cells of a column that are there, and the rows in which they stand.
enum Cells {
    Float(Vec<f64>),
    Integer(Vec<i64>),
    Text(Vec<ByteArray>),
    Bool(Vec<bool>),
}

/// The file of a table. The same rows give the same bytes.
///
/// # Errors
/// What Parquet cannot hold, in words.
pub(super) fn parquet(relation: &Relation) -> Result<Vec<u8>, String> {
    written(relation).map_err(|error| error.to_string())
}

fn written(relation: &Relation) -> Result<Vec<u8>, ParquetError> {
    let columns: Vec<(Vec<i16>, Cells)> =
        relation.fields.values().map(|field| (there(&field.column), cells(&field.column))).collect();
    let fields =
        relation.fields.keys().zip(&columns).map(|(name, (_, cells))| Ok(Arc::new(typed(name, cells)?)));
    let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
    let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
    let properties = WriterProperties::builder()
        .set_created_by("octavo".to_owned())
        .set_compression(Compression::GZIP(GzipLevel::default()))
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (there, cells) in &columns {
        write(&mut group, there, cells)?;
    }
    group.close()?;
    file.close()?;
    Ok(bytes)
}

fn typed(name: &str, cells: &Cells) -> Result<Type, ParquetError> {
    let (physical, logical) = match cells {
        Cells::Float(_) => (Physical::DOUBLE, None),
        Cells::Integer(_) => (Physical::INT64, None),
        Cells::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Cells::Bool(_) => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn write(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    there: &[i16],
    cells: &Cells,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    match (column.untyped(), cells) {
        (ColumnWriter::DoubleColumnWriter(to), Cells::Float(cells)) => {
            to.write_batch(cells, Some(there), None)?
        }
        (ColumnWriter::Int64ColumnWriter(to), Cells::Integer(cells)) => {
            to.write_batch(cells, Some(there), None)?
        }
        (ColumnWriter::ByteArrayColumnWriter(to), Cells::Text(cells)) => {
            to.write_batch(cells, Some(there), None)?
        }
        (ColumnWriter::BoolColumnWriter(to), Cells::Bool(cells)) => {
            to.write_batch(cells, Some(there), None)?
        }
        _ => return Err(ParquetError::General("a column has another type than its schema".to_owned())),
    };
    column.close()
}

/// For each row 1 if there is a value, and 0 if not.
fn there(column: &Column) -> Vec<i16> {
    let is_there = |row: usize| !matches!(column.exceptions.get(&row), Some(Value::Missing(_)));
    (0..column.len()).map(|row| i16::from(is_there(row))).collect()
}

/// The values that are there. An infinity is a float; a column of integers with one is a column of floats if that loses nothing, and one of
/// texts otherwise, as one with integers beyond 64 bits.
fn cells(column: &Column) -> Cells {
    let rows =
        || (0..column.len()).filter(|row| !matches!(column.exceptions.get(row), Some(Value::Missing(_))));
    let has_named = column.exceptions.values().any(|value| matches!(value, Value::Named(_)));
    let floats = || rows().map(|row| column.number(row)).collect::<Option<Vec<f64>>>().map(Cells::Float);
    let as_they_are = match &column.data {
        ColumnData::Float(_) => floats(),
        ColumnData::Integer(cells) if !has_named => {
            Some(Cells::Integer(rows().map(|row| cells[row]).collect()))
        }
        ColumnData::Integer(cells) if cells.iter().all(|cell| cell.unsigned_abs() <= WHOLE) => floats(),
        ColumnData::Big(cells) if !has_named => {
            let small = rows().map(|row| i64::try_from(&cells[row]).ok());
            small.collect::<Option<Vec<i64>>>().map(Cells::Integer)
        }
        ColumnData::Bool(cells) if !has_named => Some(Cells::Bool(rows().map(|row| cells[row]).collect())),
        _ => None,
    };
    let text = |row: usize| ByteArray::from(column.value(row).to_string().into_bytes());
    as_they_are.unwrap_or_else(|| Cells::Text(rows().map(text).collect()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use indexmap::IndexMap;
    use num_bigint::BigInt;
    use octavo_plugin::{ColumnSchema, ColumnType, Localized, Named};
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field as Read;

    use super::*;
    use crate::relation::Field;

    fn relation(columns: &[(&str, ColumnType, Vec<Value>)]) -> Relation {
        let field = |(name, kind, values): &(&str, ColumnType, Vec<Value>)| {
            let schema = ColumnSchema { kind: *kind, unit: String::new(), label: Localized::en("x") };
            ((*name).to_owned(), Field { column: Column::from_values(*kind, values).unwrap(), schema })
        };
        let fields: IndexMap<String, Field> = columns.iter().map(field).collect();
        Relation { fields, rows: columns[0].2.len(), shapes: Vec::new() }
    }

    fn open(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        SerializedFileReader::new(file).unwrap()
    }

    /// The rows of a file, a list of cells each.
    fn read(bytes: &[u8]) -> Vec<Vec<Read>> {
        let file = open(bytes);
        let rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
        rows.map(|row| row.get_column_iter().map(|(_, cell)| cell.clone()).collect()).collect()
    }

    #[test]
    fn each_kind_of_column_comes_back_with_its_type_and_its_gaps() {
        let gap = || Value::Missing("no".to_owned());
        let infinity = || Value::Named(Named::Infinity);
        let big = || Value::Integer(BigInt::from(i64::MAX) + 1);
        let whole = |number: i64| Value::Integer(number.into());
        let text = |text: &str| Value::Text(text.to_owned());
        let columns = [
            ("float", ColumnType::Float, vec![Value::Float(0.1), gap(), infinity()]),
            ("integer", ColumnType::Integer, vec![whole(i64::MIN), whole(7), gap()]),
            ("bounded", ColumnType::Integer, vec![whole(-3), infinity(), gap()]),
            ("large", ColumnType::Integer, vec![big(), whole(-1), gap()]),
            ("both", ColumnType::Integer, vec![whole(i64::MAX), infinity(), gap()]),
            ("text", ColumnType::Text, vec![text(""), text("é, \"x\""), gap()]),
            ("truth", ColumnType::Bool, vec![gap(), Value::Bool(true), Value::Bool(false)]),
            ("nothing", ColumnType::Float, vec![gap(), gap(), gap()]),
        ];
        let relation = relation(&columns);
        let bytes = parquet(&relation).unwrap();
        assert_eq!(parquet(&relation).unwrap(), bytes, "the same rows give the same bytes");
        let string = |text: &str| Read::Str(text.to_owned());
        let expected = [
            vec![
                Read::Double(0.1),
                Read::Long(i64::MIN),
                Read::Double(-3.0),
                string("9223372036854775808"),
                string("9223372036854775807"),
                string(""),
                Read::Null,
                Read::Null,
            ],
            vec![
                Read::Null,
                Read::Long(7),
                Read::Double(f64::INFINITY),
                string("-1"),
                string("infinity"),
                string("é, \"x\""),
                Read::Bool(true),
                Read::Null,
            ],
            vec![
                Read::Double(f64::INFINITY),
                Read::Null,
                Read::Null,
                Read::Null,
                Read::Null,
                Read::Null,
                Read::Bool(false),
                Read::Null,
            ],
        ];
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let bytes = parquet(&relation(&[("x", ColumnType::Float, Vec::new())])).unwrap();
        let file = open(&bytes);
        let schema = file.metadata().file_metadata().schema_descr();
        assert_eq!(
            (schema.num_columns(), schema.column(0).name(), file.metadata().file_metadata().num_rows()),
            (1, "x", 0)
        );
    }
}
