//! Text into cells.

use std::borrow::Cow;

use super::form::{Separator, is_blank};
use super::read::{Place, Wrong};

/// A cell as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawCell<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) place: Place,
    /// Whether it ends its row.
    pub(super) last: bool,
}

/// The cells of a text one after another. A line without any character is no row.
pub(super) struct Scanner<'a> {
    rest: &'a str,
    separator: char,
    /// Whether blanks around a cell are no part of it, and a line of blanks is no row.
    trimmed: bool,
    /// Rows that began, the header included.
    row: u64,
    /// The line on which the row begins, and the one that is read, from 1.
    begun: u64,
    line: u64,
    /// Cells of the row so far; 0 before a row.
    column: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, separator: Separator, trimmed: bool) -> Self {
        Self { rest: text, separator: separator.sign(), trimmed, row: 0, begun: 1, line: 1, column: 0 }
    }

    /// The next cell, `None` at the end.
    ///
    /// # Errors
    /// [`Wrong`] for what is no cell, with its place.
    pub(super) fn next(&mut self) -> Result<Option<RawCell<'a>>, Wrong> {
        if self.column == 0 {
            self.skip_empty_lines();
            if self.rest.is_empty() {
                return Ok(None);
            }
            (self.begun, self.row) = (self.line, self.row + 1);
        }
        let inner = self.without_blanks(self.rest);
        let text = if inner.starts_with('"') { self.quoted(inner)? } else { self.plain()? };
        let last = !self.rest.starts_with(self.separator);
        let cell = RawCell { text, place: self.place(), last };
        if last {
            self.end_line();
            self.column = 0;
        } else {
            self.rest = &self.rest[1..];
            self.column += 1;
        }
        Ok(Some(cell))
    }

    fn place(&self) -> Place {
        Place { row: self.row, line: self.begun, column: self.column }
    }

    fn without_blanks<'b>(&self, text: &'b str) -> &'b str {
        if self.trimmed {
            text.trim_start_matches(|sign| sign != self.separator && is_blank(sign))
        } else {
            text
        }
    }

    fn skip_empty_lines(&mut self) {
        loop {
            let after = self.without_blanks(self.rest);
            if after.is_empty() {
                self.rest = after;
                return;
            }
            let Some(next) = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')) else { return };
            self.rest = next;
            self.line += 1;
        }
    }

    fn end_line(&mut self) {
        let next = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
        if let Some(next) = next {
            self.rest = next;
            self.line += 1;
        }
    }

    /// A cell without quotation marks; leaves what ends it.
    fn plain(&mut self) -> Result<Cow<'a, str>, Wrong> {
        let separator = self.separator;
        let ends = |sign: char| sign == separator || matches!(sign, '\n' | '\r' | '"');
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        if rest.starts_with('"') {
            return Err(
                Wrong::at(self.place(), "a quotation mark stands in the middle of a cell").help(QUOTE)
            );
        }
        self.rest = rest;
        self.refuse_return()?;
        Ok(Cow::Borrowed(if self.trimmed {
            self.without_blanks(text).trim_end_matches(is_blank)
        } else {
            text
        }))
    }

    /// A cell in quotation marks, of which `inner` begins with the first; leaves what ends it.
    fn quoted(&mut self, inner: &'a str) -> Result<Cow<'a, str>, Wrong> {
        let body = &inner[1..];
        let (mut end, mut doubled) = (0, false);
        loop {
            let Some(found) = body[end..].find('"') else {
                let help = "close it, or double it where it is part of the text: `\"\"`";
                return Err(Wrong::at(self.place(), "a quotation mark is never closed").help(help));
            };
            end += found;
            if !body[end + 1..].starts_with('"') {
                break;
            }
            (doubled, end) = (true, end + 2);
        }
        let text = &body[..end];
        self.line += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.rest = self.without_blanks(&body[end + 1..]);
        self.refuse_return()?;
        let ended = self.rest.is_empty() || self.rest.starts_with([self.separator, '\n', '\r']);
        if !ended {
            let message = "something stands between a closing quotation mark and the end of the cell";
            return Err(Wrong::at(self.place(), message).help(QUOTE));
        }
        Ok(if doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) })
    }

    /// A carriage return that no line feed follows: some programs end a line with it, others do not.
    fn refuse_return(&self) -> Result<(), Wrong> {
        if self.rest.starts_with('\r') && !self.rest.starts_with("\r\n") {
            let help = "save the file with the line ends of Unix (LF) or Windows (CRLF)";
            return Err(Wrong::at(self.place(), "a carriage return alone ends no line").help(help));
        }
        Ok(())
    }
}

const QUOTE: &str = "put the whole cell in quotation marks, and double those within it: `\"5\"\" pipe\"`";
