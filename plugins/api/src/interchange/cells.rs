//! The cells of a CSV file one after another: no row is held as a whole, and no cell has memory of its own.

use csv_core::{ReadFieldResult, Reader};

use crate::{Failure, Reading};

/// Longest cell, in bytes: numbers and names are shorter.
const LONGEST: usize = 4096;

/// Most columns of a file whose first line names them.
pub const MOST_COLUMNS: usize = 1 << 16;

/// Cells between two questions whether to go on.
const ASK_EVERY: u64 = 1 << 12;

/// A cell without the blanks around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) text: &'a str,
    /// The line of the file on which it ends, counted from 1.
    pub(crate) line: u64,
    /// From 0.
    pub(crate) column: usize,
    /// Whether it ends its row.
    pub(crate) last: bool,
}

/// Gives the cells of a CSV file in order. Empty lines are no rows.
///
/// # Errors
/// What `each` says; [`FailureKind::User`](crate::FailureKind::User) for what is no text or a cell of more than 4096 bytes;
/// as [`Reading::go_on`].
pub(crate) fn cells(
    input: Reading<'_>,
    each: &mut dyn FnMut(Cell<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut rest = input.text()?.trim_start_matches('\u{feff}').as_bytes();
    let (mut reader, mut buffer) = (Reader::new(), [0; LONGEST]);
    let (mut seen, mut column, mut filled) = (0_u64, 0, 0);
    loop {
        let (result, read, written) = reader.read_field(rest, &mut buffer[filled..]);
        let ends_line = rest[..read].last() == Some(&b'\n');
        rest = &rest[read..];
        filled += written;
        let last = match result {
            ReadFieldResult::InputEmpty => continue,
            ReadFieldResult::OutputFull => {
                let line = reader.line();
                let message = format!("`{}`, line {line}: a cell has more than {LONGEST} bytes", input.name);
                return Err(Failure::user(message).help("a cell is a number or a name"));
            }
            ReadFieldResult::Field { record_end } => record_end,
            ReadFieldResult::End => return Ok(()),
        };
        if seen.is_multiple_of(ASK_EVERY) {
            input.go_on()?;
        }
        seen += 1;
        let text =
            std::str::from_utf8(&buffer[..filled]).expect("the whole is UTF-8, and so is what commas part");
        let line = reader.line() - u64::from(last && ends_line);
        each(Cell { text: text.trim(), line, column, last })?;
        (column, filled) = (if last { 0 } else { column + 1 }, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputData;
    use crate::input::InputContent;

    fn read(text: &str) -> Result<Vec<String>, Failure> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        let data = InputData { name: "a.csv".into(), content };
        let mut found = Vec::new();
        cells(Reading::from(&data), &mut |cell| {
            found.push(format!(
                "{}:{}:{}{}",
                cell.line,
                cell.column,
                cell.text,
                if cell.last { "|" } else { "" }
            ));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn cells_have_their_places() {
        for (text, expected) in [
            ("a, b\n1,\"2, 3\"\n", vec!["1:0:a", "1:1:b|", "2:0:1", "2:1:2, 3|"]),
            ("1\r\n2\r\n3", vec!["1:0:1|", "2:0:2|", "3:0:3|"]),
            ("\u{feff}1,,\n\n\n2", vec!["1:0:1", "1:1:", "1:2:|", "4:0:2|"]),
            ("é\u{a0},x", vec!["1:0:é", "1:1:x|"]),
            ("", vec![]),
            ("\n\n", vec![]),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text:?}");
        }
        assert_eq!(read(&"7".repeat(LONGEST)).unwrap().len(), 1);
        let long = read(&format!("1\n{}", "7".repeat(LONGEST + 1))).unwrap_err();
        assert_eq!(long.message, "`a.csv`, line 2: a cell has more than 4096 bytes");
    }
}
