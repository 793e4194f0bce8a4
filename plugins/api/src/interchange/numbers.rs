//! Rows of numbers from a CSV file, with or without a first line of names.

use super::rows::Rows;
use crate::delimited::{Number, Reader, Wrong, number};
use crate::{Failure, Reading};

/// What the first line of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// It names the columns.
    Names,
    /// It is a row like the others.
    Numbers,
    /// It names the columns if any of its cells is no number.
    Either,
}

/// Rows of one length, and what their columns are called.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// One a column; empty if the file names none.
    pub names: Vec<String>,
    /// The rows; all numbers are finite.
    pub rows: Rows,
}

/// Reads a CSV file of finite numbers.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) that names the row and column; as [`Reading::admit`] and
/// [`Reading::go_on`].
pub fn numbers<'a>(input: impl Into<Reading<'a>>, head: Head) -> Result<Numbers, Failure> {
    of_kind(input.into(), head, "finite number", |_| true)
}

/// The same for numbers that are `usable`, which messages call `what`.
pub(super) fn of_kind(
    input: Reading<'_>,
    head: Head,
    what: &str,
    usable: fn(f64) -> bool,
) -> Result<Numbers, Failure> {
    let (text, form, file) = (input.delimited()?, input.form(), input.name.as_str());
    let bad = |wrong: Wrong| wrong.failure(file);
    let named = match head {
        Head::Names => true,
        Head::Numbers => false,
        Head::Either => names_columns(input, &text).map_err(bad)?,
    };
    let mut reader = match named {
        true => Reader::with_header(&text, form, true, file).map_err(bad)?,
        false => Reader::without_header(&text, form, true),
    };
    let mut rows = Rows::default();
    while let Some(cell) = reader.cell().map_err(bad)? {
        match number(&cell.text, form) {
            Some(Number::Finite(value)) if usable(value) => rows.push(value),
            _ => return Err(bad(reader.no_number(&cell, what, (form, file)))),
        }
        if cell.last {
            rows.end_row();
        }
        input.count(rows.numbers())?;
    }
    Ok(Numbers { names: reader.names().to_vec(), rows })
}

/// Whether a cell of the first row is no number.
fn names_columns(input: Reading<'_>, text: &str) -> Result<bool, Wrong> {
    let mut reader = Reader::without_header(text, input.form(), true);
    while let Some(cell) = reader.cell()? {
        if !matches!(number(&cell.text, input.form()), Some(Number::Finite(_))) {
            return Ok(true);
        }
        if cell.last {
            break;
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputData;
    use crate::input::InputContent;

    fn read(text: &str, head: Head) -> Result<Numbers, String> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        let data = InputData { name: "a.csv".into(), content };
        numbers(&data, head).map_err(|failure| failure.message)
    }

    #[test]
    fn a_first_line_is_names_or_numbers() {
        let rows = Rows::of_width(vec![1.0, 2.5, -300.0, 0.0], 2);
        let text = "1, 2.5\n\n-3e2,\"0\"\n";
        for head in [Head::Numbers, Head::Either] {
            assert_eq!(read(text, head), Ok(Numbers { names: vec![], rows: rows.clone() }));
        }
        let names = vec!["x".to_owned(), "y".to_owned()];
        for head in [Head::Names, Head::Either] {
            assert_eq!(
                read(&format!("x,y\n{text}"), head),
                Ok(Numbers { names: names.clone(), rows: rows.clone() })
            );
        }
        assert_eq!(
            read("x,y\n1,2\n", Head::Numbers).unwrap_err(),
            "`a.csv`, row 1 (line 1), column 1: `x` is no finite number"
        );
    }

    #[test]
    fn rows_have_one_length_also_without_names() {
        for (text, place) in [
            ("1,2\n3\n", "row 2 (line 2), column 2: the row ends after 1 of 2 cells"),
            ("1\n\n2,3\n", "row 2 (line 3), column 2: `3` stands beyond the last of 1 columns"),
            ("1,2\n3,\n", "row 2 (line 2), column 2: `` is no finite number"),
        ] {
            assert_eq!(read(text, Head::Numbers).unwrap_err(), format!("`a.csv`, {place}"));
        }
    }
}
