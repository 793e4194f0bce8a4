//! A page, read: what it says about itself, which names it uses, and what stands on it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;

use super::document::{Block, HeadingBlock};
use super::front_matter::FrontMatter;
use super::label::Labels;
use super::math::Macros;
use super::numeral::Numeral;
use super::reference::Reference;
use octavo_definition::source::{Location, SourceFile};

/// What a project allows on its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProseOptions {
    /// Whether raw HTML goes to the page as it is.
    pub raw_html: bool,
    /// Commands of formulas that every page may use.
    pub macros: Macros,
    /// Ids that the template around the text has: headings get others.
    pub taken: &'static [&'static str],
}

/// A page, parsed.
#[derive(Clone, Debug)]
pub struct Prose {
    /// What the page says about itself.
    pub front: FrontMatter,
    pub(super) source: Arc<SourceFile>,
    pub(super) raw_html: bool,
    /// Ids of the template around it.
    pub(super) taken: &'static [&'static str],
    /// Commands of the project and of the page.
    pub(super) macros: Macros,
    /// The first heading of the first level as plain text.
    pub(super) title: Option<String>,
    pub(super) title_has_results: bool,
    pub(super) references: Vec<Reference>,
    pub(super) addresses: Vec<(String, Location)>,
    pub(super) anchors: BTreeSet<String>,
    /// What is written; it can be read again from the source.
    pub(super) body: Option<Box<Body>>,
}

/// What stands on a page.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) title: Option<HeadingBlock>,
    pub(super) blocks: Vec<Block>,
    pub(super) footnotes: IndexMap<String, Vec<Block>>,
    pub(super) labels: Labels,
    pub(super) has_math: bool,
    pub(super) numerals: Vec<(Numeral, Range<usize>)>,
}

impl Prose {
    /// Commands of formulas that the project and the page define.
    pub fn macros(&self) -> &Macros {
        &self.macros
    }

    /// Where the page begins, for what is wrong with it as a whole.
    pub fn start(&self) -> Location {
        Location::new(&self.source, 0..self.source.text.len().min(1))
    }

    /// Every name that the page uses, in the order of the text.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Every address outside the site that the page links to, with its scheme.
    pub fn addresses(&self) -> &[(String, Location)] {
        &self.addresses
    }

    /// The ids that links may point at: headings, figures, tables, equations, exercises, claims.
    pub fn anchors(&self) -> &BTreeSet<String> {
        &self.anchors
    }

    /// The page's title as plain text: of the front matter, else its first heading of the first level.
    pub fn title(&self) -> Option<String> {
        self.front.title.clone().or_else(|| self.title.clone())
    }

    /// Whether the page's title has results in it, so that [`Prose::title`] is not all of it.
    pub fn title_has_results(&self) -> bool {
        self.title_has_results && self.front.title.is_none()
    }

    /// What stands on the page, which must not have been dropped.
    pub(super) fn body(&self) -> &Body {
        self.body.as_deref().expect("a page without its body is read again before it is written")
    }
}
