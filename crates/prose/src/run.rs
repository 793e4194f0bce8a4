//! A piece of running text that knows where in the source each byte of it stands.

use std::ops::Range;

/// Consecutive verbatim text of the source, line breaks as `\n`, with the place of each part.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    text: String,
    /// Where in the text a part begins, and where in the source.
    parts: Vec<(usize, usize)>,
}

impl Run {
    pub(super) fn push(&mut self, text: &str, source_start: usize) {
        self.parts.push((self.text.len(), source_start));
        self.text.push_str(text);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The byte of the source for one of the text.
    pub(super) fn source_at(&self, at: usize) -> usize {
        let index = self.parts.partition_point(|(start, _)| *start <= at);
        let (start, source) = self.parts[index.saturating_sub(1)];
        source + (at - start)
    }

    /// The bytes of the source for a non-empty range of the text.
    pub(super) fn span(&self, range: Range<usize>) -> Range<usize> {
        let last = self.text.floor_char_boundary(range.end.saturating_sub(1)).max(range.start);
        let width = self.text[last..].chars().next().map_or(1, char::len_utf8);
        self.source_at(range.start)..self.source_at(last) + width
    }
}
