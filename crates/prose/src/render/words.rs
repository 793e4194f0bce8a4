//! A document to HTML: words that the project explains, where a page first uses them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use super::Renderer;
use crate::document::Inline;
use crate::safe_html::{escape, escape_into};

/// Which words a page has explained, and whether it may explain one here.
#[derive(Default)]
pub(super) struct Explained {
    told: BTreeSet<usize>,
    may: bool,
}

impl Renderer<'_> {
    /// Writes running text in which words may be explained: the texts of paragraphs and lists.
    pub(super) fn explaining(&mut self, inlines: &[Inline], html: &mut String) {
        // A link of raw HTML may stand around any of it.
        let may = !inlines.iter().any(|inline| matches!(inline, Inline::Html(_)));
        let before = std::mem::replace(&mut self.explained.may, may);
        self.inlines(inlines, html);
        self.explained.may = before;
    }

    /// Writes what explains no words: the inside of a link or a citation.
    pub(super) fn without_words<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.explained.may, false);
        let written = write(self);
        self.explained.may = before;
        written
    }

    /// Writes a text, with each word of the project that the page uses for the first time as a link to what it means.
    pub(super) fn text(&mut self, text: &str, html: &mut String) {
        let host = self.host;
        let Some((glossary, page)) = host.glossary(self.locale).filter(|_| self.explained.may) else {
            escape_into(html, text);
            return;
        };
        let mut rest = text;
        while let Some((Range { start, end }, index)) = glossary.first(rest, &self.explained.told) {
            escape_into(html, &rest[..start]);
            let term = glossary.term(index);
            let _ =
                write!(html, "{}{}</a>", opened(&page, &term.name, &term.meaning), escape(&rest[start..end]));
            self.explained.told.insert(index);
            rest = &rest[end..];
        }
        escape_into(html, rest);
    }

    /// The beginning of a link to a word by its name; nothing if there is none, which the check of names has told.
    pub(super) fn linked_word(&mut self, name: &str) -> Option<String> {
        let (glossary, page) = self.host.glossary(self.locale)?;
        let index = glossary.named(name)?;
        self.explained.told.insert(index);
        let term = glossary.term(index);
        Some(opened(&page, &term.name, &term.meaning))
    }
}

fn opened(page: &str, name: &str, meaning: &str) -> String {
    format!("<a class=\"term\" href=\"{}#{}\" title=\"{}\">", escape(page), escape(name), escape(meaning))
}
