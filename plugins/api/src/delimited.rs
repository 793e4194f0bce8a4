//! Delimited text (CSV): the one reader of files that an author names and of tables that a plugin returns.
//!
//! Cells are parted by one sign, lines end with LF or CRLF, a cell that holds either stands in quotation marks, and those within
//! it are doubled. What could be read in two ways is refused with its place: rows of different lengths, a name that is there
//! twice, a quotation mark that is never closed or stands in the middle of a cell, a line that ends with CR alone.
//! `plugins/python/octavo_plugin.py` reads by the same rules with the same words; `docs/plugin-protocol/csv.json` holds both to it.

mod form;
mod hint;
mod number;
mod read;
mod scan;
mod text;

pub use form::{Decimal, Encoding, Separator, TextForm, Thousands};
pub(crate) use hint::shown;
pub(crate) use number::{Number, integer, number};
pub use read::MOST_COLUMNS;
pub(crate) use read::{Cell, Reader, Wrong};

use std::borrow::Cow;

use crate::Failure;

/// The text of a file in the form that its author declared.
pub(crate) fn decoded<'a>(bytes: &'a [u8], form: &TextForm, file: &str) -> Result<Cow<'a, str>, Failure> {
    text::decoded(bytes, form, file).map_err(|wrong| wrong.failure(file))
}

#[cfg(test)]
mod tests;
