//! Tables that the author wrote: captions and labels, cells that would be lost; and labels at the end of a text.
//!
//! ```text
//! | a | b |
//! |---|---|
//! | 1 | 2 |
//!
//! : Caption {#tab:name}
//! ```
//!
//! `Table:` may stand for the colon, and the caption before the table. Without an empty line it is the last row of the table.

use std::ops::Range;

use super::Builder;
use crate::attributes;
use crate::callout::trimmed;
use crate::document::{Block, Inline, TableCaption, plain_text};
use crate::label::LabelKind;
use octavo_definition::diagnostic::Diagnostic;

impl Builder<'_> {
    /// Gives the last table its caption, if the paragraph after or before it is one.
    pub(super) fn caption_table(&mut self, blocks: &mut Vec<Block>) {
        let caption = match blocks.as_mut_slice() {
            [.., Block::Table { caption: None, .. }, Block::Paragraph(inlines)] => {
                let Some(found) = caption_of(inlines) else { return };
                blocks.pop();
                found
            }
            [.., Block::Paragraph(inlines), Block::Table { caption: None, .. }]
                if caption_of(inlines).is_some() =>
            {
                let found = caption_of(inlines).unwrap_or_default();
                let at = blocks.len() - 2;
                blocks.remove(at);
                found
            }
            [.., Block::Table { rows, caption: None, .. }] => {
                let row = rows.last().filter(|row| row.iter().skip(1).all(Vec::is_empty));
                let Some(found) = row.and_then(|row| caption_of(row.first()?)) else { return };
                // A table of one column may well have such a row.
                let marked = matches!(row.and_then(|row| row.first()?.first()), Some(Inline::Text(text)) if text.starts_with("Table:"));
                if rows.last().is_some_and(|row| row.len() < 2) && !has_label(&found) && !marked {
                    return;
                }
                rows.pop();
                found
            }
            _ => return,
        };
        let caption = self.table_caption(caption);
        if let Some(Block::Table { caption: free, .. }) = blocks.last_mut() {
            *free = Some(caption);
        }
    }

    fn table_caption(&mut self, mut inlines: Vec<Inline>) -> TableCaption {
        let span = self.previous_end.saturating_sub(1)..self.previous_end;
        self.refuse_misplaced(&inlines);
        let label = self.take_label(&mut inlines, &span);
        self.counts.tables += 1;
        let number = self.counts.tables;
        let name = match &label {
            Some(label) => self.own_name("tab", label, &span),
            None => plain_text(&inlines).split_whitespace().take(5).collect::<Vec<_>>().join(" "),
        };
        let id = self.take_own(LabelKind::Table, "tab", &name, label.is_some(), number, &span);
        TableCaption { id, number, inlines }
    }

    /// Cells of a row beyond the columns of the table, which no table has.
    pub(super) fn refuse_surplus(&mut self, start: usize) {
        let source = std::sync::Arc::clone(self.notes.source);
        let end = source.text[start..].find('\n').map_or(source.text.len(), |newline| start + newline);
        // The parser ends cells that it added itself elsewhere.
        let Some(rest) = source.text.get(self.previous_end..end).filter(|_| self.previous_end > start) else {
            return;
        };
        let Some(at) = rest.find(|c: char| c != '|' && !c.is_whitespace()) else { return };
        let length = rest[at..].find('|').unwrap_or(rest.len() - at);
        let length = rest[at..at + length].trim_end().len().max(1);
        let from = self.previous_end + at;
        let problem = Diagnostic::error("table", "this cell has no column, and would be lost").help(
            "give the head a cell more, or write `\\|` for a bar within a cell, also in code, and `\\lvert x \\rvert` in a formula",
        );
        self.notes.report(problem, &(from..from + length));
    }

    /// Takes `{#name}` off the end of a heading, a title or a caption.
    pub(super) fn take_label(&mut self, inlines: &mut Vec<Inline>, span: &Range<usize>) -> Option<String> {
        let Some(Inline::Text(text)) = inlines.last_mut() else { return None };
        let (found, start) = attributes::parse_end(text)?;
        text.truncate(text[..start].trim_end().len());
        if text.is_empty() {
            inlines.pop();
        }
        // Nothing here has a number, so that these ask for what is.
        let without = ["-", ".unnumbered", ".unlisted"];
        let rest =
            found.classes.iter().filter(|class| !without.contains(&class.as_str())).map(String::as_str);
        for name in rest.chain(found.pairs.iter().map(|(name, _)| name.as_str())) {
            let problem = Diagnostic::warning("attribute", format!("`{name}` has no effect here"));
            self.notes.report(problem.help("remove it"), span);
        }
        found.label
    }
}

fn has_label(inlines: &[Inline]) -> bool {
    matches!(inlines.last(), Some(Inline::Text(text)) if attributes::parse_end(text).is_some())
}

/// The caption in a text that begins like one.
fn caption_of(inlines: &[Inline]) -> Option<Vec<Inline>> {
    let Some(Inline::Text(first)) = inlines.first() else { return None };
    let rest = ["Table:", "table:", ":"].iter().find_map(|mark| first.strip_prefix(mark))?;
    let apart = rest.starts_with([' ', '\n']) || (rest.is_empty() && inlines.len() > 1);
    if !apart {
        return None;
    }
    let mut caption = inlines.to_vec();
    caption[0] = Inline::Text(rest.trim_start().to_owned());
    let caption = trimmed(caption);
    (!caption.is_empty()).then_some(caption)
}
