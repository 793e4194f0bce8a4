//! Source texts and places in them.

use std::ops::Range;
use std::sync::Arc;

/// A text file of the project, as read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Path relative to the project root, with `/` on every platform.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// A source file behind a shared pointer.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// A range of bytes in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub source: Arc<SourceFile>,
    /// The bytes.
    pub span: Range<usize>,
}

impl Location {
    /// A place in a file.
    pub fn new(source: &Arc<SourceFile>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// A part of this place: bytes relative to its start.
    #[must_use]
    pub fn within(&self, part: Range<usize>) -> Self {
        let start = self.span.start;
        Self { source: Arc::clone(&self.source), span: start + part.start..start + part.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("a.toml", "é = 1\nb = 2\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(3), (1, 3));
        assert_eq!(file.line_column(7), (2, 1));
        assert_eq!(file.line_column(99), (3, 1));
    }
}
