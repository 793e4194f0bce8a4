//! Columns that grow cell by cell, each cell in the form in which it stays.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::cell::text_cell;
use crate::artifact::{Column, ColumnData};
use crate::delimited::TextForm;
use crate::output::ColumnType;
use crate::value::Value;

/// What an exception takes in memory, about.
const EXCEPTION: usize = 64;

/// A column of a CSV file that is being read.
pub(crate) struct Builder {
    kind: ColumnType,
    form: TextForm,
    column: Column,
}

impl Builder {
    pub(crate) fn new(kind: ColumnType, form: TextForm) -> Self {
        let data = match kind {
            ColumnType::Float => ColumnData::Float(Vec::new()),
            ColumnType::Integer => ColumnData::Integer(Vec::new()),
            ColumnType::Text => ColumnData::Text(Vec::new()),
            ColumnType::Bool => ColumnData::Bool(Vec::new()),
        };
        Self { kind, form, column: Column { data, exceptions: BTreeMap::new() } }
    }

    /// Adds a cell; says how many bytes of memory it takes, about.
    ///
    /// # Errors
    /// The type of the column, if the cell holds something else.
    pub(crate) fn push(&mut self, text: &str) -> Result<u64, ColumnType> {
        let value = text_cell(self.kind, text, &self.form).ok_or(self.kind)?;
        let row = self.column.len();
        let exception = matches!(value, Value::Missing(_) | Value::Named(_));
        if exception {
            self.column.exceptions.insert(row, value.clone());
        }
        let size = match (&mut self.column.data, value) {
            (ColumnData::Float(cells), value) => {
                cells.push(value.as_f64().filter(|_| !exception).unwrap_or(0.0));
                size_of::<f64>()
            }
            (ColumnData::Integer(cells), Value::Integer(integer)) => match i64::try_from(&integer) {
                Ok(small) => {
                    cells.push(small);
                    size_of::<i64>()
                }
                Err(_) => self.grow(integer),
            },
            (ColumnData::Integer(cells), _) => {
                cells.push(0);
                size_of::<i64>()
            }
            (ColumnData::Big(cells), value) => {
                let integer = if let Value::Integer(integer) = value { integer } else { BigInt::default() };
                cells.push(integer);
                size_of::<BigInt>() + text.len()
            }
            (ColumnData::Text(cells), value) => {
                cells.push(if let Value::Text(text) = value { text } else { String::new() });
                size_of::<String>() + text.len()
            }
            (ColumnData::Bool(cells), value) => {
                cells.push(value == Value::Bool(true));
                size_of::<bool>()
            }
        };
        Ok((size + if exception { EXCEPTION } else { 0 }) as u64)
    }

    /// The first integer beyond 64 bits: from here on, all cells of the column are of any size.
    fn grow(&mut self, integer: BigInt) -> usize {
        let ColumnData::Integer(cells) = &mut self.column.data else { return 0 };
        let mut large: Vec<BigInt> = cells.iter().copied().map(BigInt::from).collect();
        large.push(integer);
        let size = large.len() * (size_of::<BigInt>() + size_of::<u64>());
        self.column.data = ColumnData::Big(large);
        size
    }

    /// What has grown.
    pub(crate) fn column(self) -> Column {
        self.column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_what_a_list_of_values_becomes() {
        for (kind, texts) in [
            (ColumnType::Float, &["1.5", "", "-infinity", "2"][..]),
            (ColumnType::Integer, &["1", "", "infinity", "-3"]),
            (ColumnType::Integer, &["1", "", "100000000000000000000", "-3", "", "infinity"]),
            (ColumnType::Text, &["a", "", "infinity"]),
            (ColumnType::Bool, &["true", "", "false"]),
            (ColumnType::Float, &[]),
        ] {
            let form = TextForm::default();
            let mut builder = Builder::new(kind, form.clone());
            texts.iter().for_each(|text| assert!(builder.push(text).unwrap() > 0));
            let values: Vec<Value> = texts.iter().map(|text| text_cell(kind, text, &form).unwrap()).collect();
            assert_eq!(Some(builder.column()), Column::from_values(kind, &values), "{texts:?}");
        }
    }

    #[test]
    fn memory_is_counted() {
        let bytes = |kind, text: &str| Builder::new(kind, TextForm::default()).push(text).unwrap();
        assert_eq!(bytes(ColumnType::Float, "1"), 8);
        assert_eq!(bytes(ColumnType::Text, "four"), 28);
        assert_eq!(bytes(ColumnType::Float, ""), 72);
    }
}
