//! What the rest of a site must know of a page, without its body: a page that did not change need not be read for it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Prose, ProseOptions, Reference, ReferenceKind, front_matter, parse};
use octavo_definition::source::{Location, SourceFile};

/// What is known of a page beside its front matter, as plain data. It is good for the text and the options that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    title: Option<String>,
    title_has_results: bool,
    /// Each name that the page uses, with the bytes where it stands.
    references: Vec<(ReferenceKind, String, Range<usize>)>,
    anchors: BTreeSet<String>,
}

impl Prose {
    /// What is to be remembered of the page.
    pub fn sheet(&self) -> Sheet {
        let reference = |reference: &Reference| {
            let Reference { kind, target, location } = reference;
            (*kind, target.clone(), location.span.clone())
        };
        Sheet {
            title: self.title.clone(),
            title_has_results: self.title_has_results,
            references: self.references.iter().map(reference).collect(),
            anchors: self.anchors.clone(),
        }
    }

    /// The page of this text, of which all else is remembered. Its body is read when it is written.
    pub fn remembered(source: &Arc<SourceFile>, options: &ProseOptions, sheet: Sheet) -> Self {
        let (front, ..) = front_matter::parse(source);
        let reference =
            |(kind, target, span)| Reference { kind, target, location: Location::new(source, span) };
        Self {
            macros: options.macros.with(&front.macros),
            front,
            source: Arc::clone(source),
            raw_html: options.raw_html,
            title: sheet.title,
            title_has_results: sheet.title_has_results,
            references: sheet.references.into_iter().map(reference).collect(),
            anchors: sheet.anchors,
            body: None,
        }
    }

    /// Whether others would say the same of both texts: what they are called, which names they use, which places they have, and all that they
    /// say of themselves. Such texts differ in their own pages alone.
    pub fn is_told_like(&self, other: &Self) -> bool {
        let used = |prose: &Self| -> Vec<(ReferenceKind, String)> {
            prose.references.iter().map(|reference| (reference.kind, reference.target.clone())).collect()
        };
        // What a title with results says is not known before it is written.
        let titled = |prose: &Self| (!prose.title_has_results).then(|| prose.title.clone());
        titled(self).is_some_and(|title| titled(other) == Some(title))
            && self.front == other.front
            && self.raw_html == other.raw_html
            && self.anchors == other.anchors
            && used(self) == used(other)
    }

    /// Drops the body: it takes some ten times the room of the text, and is read again when it is written.
    pub fn fold(&mut self) {
        self.body = None;
    }

    pub(super) fn read_again(&self) -> Self {
        let options = ProseOptions { raw_html: self.raw_html, macros: self.macros.clone() };
        parse::parse(&self.source, &options).0
    }
}
