//! Cells into rows under a header, and what is wrong with them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::form::{Separator, TextForm};
use super::hint::shown;
use super::scan::Scanner;
use crate::Failure;

/// Most columns of a file whose first line names them.
pub const MOST_COLUMNS: usize = 1 << 16;

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Counted from 1, the header included if there is one.
    pub(crate) row: u64,
    /// The line of the file on which the row begins, from 1.
    pub(crate) line: u64,
    /// From 0.
    pub(crate) column: usize,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wrong {
    place: String,
    what: String,
    help: Option<String>,
    /// A place that is not written out yet: the header's names are not known where a cell is read.
    at: Option<Place>,
}

impl Wrong {
    pub(super) fn of_file(what: &str) -> Self {
        Self { place: String::new(), what: what.to_owned(), help: None, at: None }
    }

    pub(super) fn of_line(line: u64, what: &str) -> Self {
        Self { place: format!(", line {line}"), ..Self::of_file(what) }
    }

    pub(super) fn at(place: Place, what: &str) -> Self {
        Self { at: Some(place), ..Self::of_file(what) }
    }

    #[must_use]
    pub(crate) fn help(self, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..self }
    }

    fn in_header(self) -> Self {
        let place = self.at.map(|at| format!(", line {}, column {}", at.line, at.column + 1));
        Self { place: place.unwrap_or(self.place), at: None, ..self }
    }

    #[must_use]
    pub(super) fn help_if_known(self, help: Option<String>) -> Self {
        Self { help: help.or(self.help), ..self }
    }

    /// The sentence for a file of this name.
    pub(crate) fn message(&self, file: &str) -> String {
        format!("`{file}`{}: {}", self.place, self.what)
    }

    /// The failure for a file of this name.
    pub(crate) fn failure(self, file: &str) -> Failure {
        let failure = Failure::user(self.message(file));
        match self.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// A cell of a row, not of the header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell<'a> {
    /// What it holds, without quotation marks.
    pub(crate) text: Cow<'a, str>,
    /// Where.
    pub(crate) place: Place,
    /// Whether it ends its row.
    pub(crate) last: bool,
}

/// The rows of a text, all of one length.
pub(crate) struct Reader<'a> {
    scanner: Scanner<'a>,
    /// What the first line calls the columns; empty without a header.
    names: Vec<String>,
    /// Cells of a row, once that is known.
    width: Option<usize>,
}

impl<'a> Reader<'a> {
    /// A text whose first row names the columns; `file` is its name, for what to declare.
    ///
    /// # Errors
    /// For an empty text, and for a header that is none.
    pub(crate) fn with_header(
        text: &'a str,
        form: &TextForm,
        trimmed: bool,
        file: &str,
    ) -> Result<Self, Wrong> {
        let mut reader = Self::without_header(text, form, trimmed);
        let mut line = 1;
        while let Some(cell) = reader.scanner.next().map_err(Wrong::in_header)? {
            line = cell.place.line;
            if reader.names.len() == MOST_COLUMNS {
                return Err(Wrong::of_line(line, &format!("there are more than {MOST_COLUMNS} columns")));
            }
            reader.names.push(cell.text.into_owned());
            if cell.last {
                break;
            }
        }
        if reader.names.is_empty() {
            return Err(Wrong::of_file("the file is empty").help("name its columns in the first line"));
        }
        if let [only] = reader.names.as_slice() {
            refuse_separator(only, line, form, (text, file))?;
        }
        refuse_duplicates(&reader.names, line)?;
        reader.width = Some(reader.names.len());
        Ok(reader)
    }

    /// A text that is rows alone.
    pub(crate) fn without_header(text: &'a str, form: &TextForm, trimmed: bool) -> Self {
        Self { scanner: Scanner::new(text, form.separator(), trimmed), names: Vec::new(), width: None }
    }

    /// What the columns are called; empty without a header.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The next cell, `None` at the end.
    ///
    /// # Errors
    /// For what is no cell, and for a row that is longer or shorter than the others.
    pub(crate) fn cell(&mut self) -> Result<Option<Cell<'a>>, Wrong> {
        let Some(cell) = self.scanner.next().map_err(|wrong| self.placed(wrong))? else { return Ok(None) };
        let count = cell.place.column + 1;
        match self.width {
            Some(width) if count > width => {
                let what = format!("`{}` stands beyond the last of {width} columns", shown(&cell.text));
                let help = "a cell that holds a separator needs quotation marks";
                return Err(self.placed(Wrong::at(cell.place, &what).help(help)));
            }
            Some(width) if cell.last && count < width => {
                let what = format!("the row ends after {count} of {width} cells");
                let next = Place { column: count, ..cell.place };
                return Err(self.placed(Wrong::at(next, &what)));
            }
            None if cell.last => self.width = Some(count),
            _ => {}
        }
        Ok(Some(Cell { text: cell.text, place: cell.place, last: cell.last }))
    }

    /// What is wrong with a cell.
    pub(crate) fn wrong(&self, place: Place, what: &str) -> Wrong {
        self.placed(Wrong::at(place, what))
    }

    /// What is wrong with the number in a cell, and what to declare if it is one in another form.
    pub(crate) fn no_number(&self, cell: &Cell<'_>, what: &str, (form, file): (&TextForm, &str)) -> Wrong {
        let found = shown(&cell.text);
        let wrong = match is_not_finite(&cell.text) && matches!(what, "float" | "integer") {
            true => self.wrong(cell.place, &format!("`{found}` is not finite")),
            false => self.wrong(cell.place, &format!("`{found}` is no {what}")),
        };
        wrong.help_if_known(super::hint::hint(&cell.text, what, form, file))
    }

    /// Writes a place out with the names of columns. Rows are counted below the header.
    fn placed(&self, wrong: Wrong) -> Wrong {
        let Some(Place { row, line, column }) = wrong.at else { return wrong };
        let place = match (self.names.get(column), self.names.is_empty()) {
            (_, true) => format!(", row {row} (line {line}), column {}", column + 1),
            (Some(name), _) if !name.is_empty() => {
                format!(", row {} (line {line}), column `{}`", row - 1, shown(name))
            }
            _ => format!(", row {} (line {line}), column {}", row - 1, column + 1),
        };
        Wrong { place, at: None, ..wrong }
    }
}

/// Whether this is how programs write what is no finite number, or one beyond the range of floats.
fn is_not_finite(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|value| !value.is_finite())
}

/// A header of a single name that holds another separator.
fn refuse_separator(name: &str, line: u64, form: &TextForm, (text, file): (&str, &str)) -> Result<(), Wrong> {
    let declared = form.separator();
    let found = |separator: &&Separator| **separator != declared && name.contains(separator.sign());
    let Some(separator) = Separator::ALL.iter().find(found) else { return Ok(()) };
    let what = format!(
        "cells seem to be separated by `{}`, and `{}` is expected",
        separator.written(),
        declared.written()
    );
    let sought = TextForm { separator: Some(*separator), ..form.clone() };
    let sought = super::hint::with_decimal(sought, text);
    Err(Wrong::of_line(line, &what).help(&format!("say so: {}", sought.declared(file))))
}

fn refuse_duplicates(names: &[String], line: u64) -> Result<(), Wrong> {
    let mut seen = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name, index + 1) {
            let what = if name.is_empty() {
                format!("columns {first} and {} have no name", index + 1)
            } else {
                format!("columns {first} and {} are both called `{}`", index + 1, shown(name))
            };
            return Err(Wrong::of_line(line, &what).help("give each column a name of its own"));
        }
    }
    Ok(())
}
