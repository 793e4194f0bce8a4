//! What is gathered while a page is read: what is wrong, and what the page names.

use std::ops::Range;
use std::sync::Arc;

use super::label::LabelKind;
use super::numeral::Numeral;
use super::reference::{Reference, ReferenceKind};
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::source::{Location, SourceFile};

/// What is gathered while a page is read.
pub(super) struct Notes<'a> {
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) references: Vec<Reference>,
    /// Links out of the site.
    pub(super) addresses: Vec<(String, Location)>,
    /// Cross-references and links to `#places`, to be checked once the whole page is known.
    pub(super) cross_references: Vec<(LabelKind, String, Range<usize>)>,
    pub(super) fragments: Vec<(String, Range<usize>)>,
    /// Numbers that the author typed into the running text.
    pub(super) numerals: Vec<(Numeral, Range<usize>)>,
    /// In how many links the text stands: no link begins in another.
    pub(super) links: usize,
}

impl Notes<'_> {
    pub(super) fn place(&self, span: &Range<usize>) -> Location {
        Location::new(self.source, span.clone())
    }

    pub(super) fn report(&mut self, problem: Diagnostic, span: &Range<usize>) {
        let place = self.place(span);
        self.diagnostics.push(problem.at(place));
    }

    pub(super) fn refer(&mut self, kind: ReferenceKind, target: &str, span: &Range<usize>) {
        let location = self.place(span);
        self.references.push(Reference { kind, target: target.to_owned(), location });
    }

    pub(super) fn lead_out(&mut self, address: &str, span: &Range<usize>) {
        let location = self.place(span);
        self.addresses.push((address.to_owned(), location));
    }
}
