//! Prose: Markdown with mathematics, citations and results, to safe HTML, in two stages.
//!
//! 1. [`Prose::parse`] reads a page. It needs nothing but the text. Every name that the page uses is in
//!    [`Prose::references`], with its place, so that the caller checks it before anything runs; what can be wrong without
//!    results (mathematics, labels, formats, links of a dangerous kind) is found here.
//! 2. [`Prose::render`] asks a [`ProseHost`] for results and writes the page in one language.
//!
//! No text of an author, a definition or a result becomes markup: everything is escaped where it is written, and a
//! [`SafeHtml`] can only be made in this crate. Code is never touched by substitution, because that works on the text events
//! of the Markdown parser. Formulas are cut out of the source before that parser reads it; a result in one is set as a number.

mod attributes;
mod bibtex;
mod callout;
mod citation;
mod cite;
mod cited;
mod collation;
#[cfg(feature = "csl")]
mod csl;
#[cfg(not(feature = "csl"))]
#[path = "csl_absent.rs"]
mod csl;
mod cut;
mod directive;
mod document;
mod foreign;
mod front_matter;
mod gallery;
mod highlight;
mod inline_text;
mod label;
mod latex;
mod link;
mod math;
mod mathml;
mod notes;
mod numeral;
mod own_table;
mod parse;
mod parse_inline;
mod part;
mod person;
mod picture;
mod place;
mod plain_marks;
mod raw;
mod reference;
mod references;
mod render;
mod render_inline;
mod run;
mod safe_html;
mod scan;
mod sheet;
mod typography;
mod work;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;

pub use citation::{Bibliography, CitationStyle, CitedWork, Eprint, HOW_TO_BUILD_CSL};
pub use csl::Csl;
pub use front_matter::{Author, FrontMatter};
pub use inline_text::{formula_in, inline_html, plain_words, wrong_formulas};
pub use label::slug;
pub use latex::Rich;
pub use link::decoded;
pub use math::{Macros, substitution_in, to_mathml};
pub use numeral::Numeral;
pub use part::{Listed, Part};
pub use person::{People, Person};
pub use reference::{Reference, ReferenceKind};
pub use safe_html::{SafeHtml, escape};
pub use sheet::Sheet;
pub use typography::typeset_text;

use document::{Block, HeadingBlock};
use label::Labels;
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::locale::Locale;
use octavo_definition::source::{Location, SourceFile};

/// What a project allows on its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProseOptions {
    /// Whether raw HTML goes to the page as it is.
    pub raw_html: bool,
    /// Commands of formulas that every page may use.
    pub macros: Macros,
}

/// A page, parsed.
#[derive(Clone, Debug)]
pub struct Prose {
    /// What the page says about itself.
    pub front: FrontMatter,
    source: Arc<SourceFile>,
    raw_html: bool,
    /// Commands of the project and of the page.
    macros: Macros,
    /// The first heading of the first level as plain text.
    title: Option<String>,
    title_has_results: bool,
    references: Vec<Reference>,
    addresses: Vec<(String, Location)>,
    anchors: BTreeSet<String>,
    /// What is written; it can be read again from the source.
    body: Option<Box<Body>>,
}

/// What stands on a page.
#[derive(Clone, Debug)]
struct Body {
    title: Option<HeadingBlock>,
    blocks: Vec<Block>,
    footnotes: IndexMap<String, Vec<Block>>,
    labels: Labels,
    has_math: bool,
    numerals: Vec<(Numeral, Range<usize>)>,
}

impl Prose {
    /// Reads a page. There is always a result; what is wrong with it is said beside it.
    pub fn parse(source: &Arc<SourceFile>, options: &ProseOptions) -> (Self, Vec<Diagnostic>) {
        parse::parse(source, options)
    }

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

    /// The page's title as plain text, with its results.
    pub fn title_with_results(&self, host: &dyn ProseHost) -> Option<String> {
        if self.body.is_none() {
            return self.read_again().title_with_results(host);
        }
        let heading = || {
            let heading = self.body().title.as_ref();
            heading.map(|heading| render_inline::plain_words(&heading.inlines, self, host))
        };
        self.front.title.clone().or_else(heading)
    }

    /// Writes the page in one language.
    pub fn render(&self, host: &dyn ProseHost, locale: &Locale) -> Rendered {
        match self.body {
            Some(_) => render::render(self, host, locale),
            None => render::render(&self.read_again(), host, locale),
        }
    }

    fn body(&self) -> &Body {
        self.body.as_deref().expect("a page without its body is read again before it is written")
    }
}

/// A figure or table of results, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// Its name as written: `growth` or `curvature/depth#growth`.
    pub target: &'a str,
    /// The id that the whole block must carry, such as `fig-growth`.
    pub id: &'a str,
    /// Its number on the page, from 1.
    pub number: usize,
    /// Its caption.
    pub caption: Option<SafeHtml>,
    /// How many rows of a table are shown, if the page says so.
    pub rows: Option<u32>,
}

/// A value as it stands in running text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownValue {
    /// The text (see [`format_number`](octavo_tables::number::format_number)); it is escaped here.
    pub text: String,
    /// Why the value is missing, if it is: the page says that it is, and whoever builds is told why.
    pub missing: Option<String>,
    /// Why it is not today's value but the last good one: the page marks it, and whoever builds is told why.
    pub stale: Option<String>,
}

/// What results say of a claim, as it stands in running text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownVerdict {
    /// `holds`, `refuted`, `undecided` or `exploratory`.
    pub verdict: String,
    /// The same as the end of a sentence in the language of the page: `is refuted`.
    pub words: String,
}

/// The inside of a block of code as markup, or the nearest names to a language that is not known.
pub type CodeMarkup = Result<String, Option<String>>;

/// What a page asks of the results and of the site.
pub trait ProseHost {
    /// A figure's whole block, with `placed.id` as its id.
    fn figure(&self, placed: Placed<'_>) -> SafeHtml;
    /// The whole block of a table of results, with `placed.id` as its id.
    fn table(&self, placed: Placed<'_>) -> SafeHtml;
    /// A value.
    ///
    /// # Errors
    /// Why there is no value, in one sentence.
    fn value(&self, target: &str, format: Option<&str>) -> Result<ShownValue, String>;
    /// The result that a number of the running text equals, as far as the number goes: its author typed what should be inserted.
    fn typed(&self, _numeral: &Numeral, _locale: &Locale) -> Option<String> {
        None
    }
    /// What results say of a claim.
    ///
    /// # Errors
    /// Why there is no verdict, in one sentence.
    fn verdict(&self, target: &str) -> Result<ShownVerdict, String>;
    /// A claim's whole block with this id: `claim-` and the [`slug`] of its name, and a number if that is taken.
    fn claim(&self, target: &str, id: &str) -> SafeHtml;
    /// A whole callout, exercise or list, in the language of the page.
    fn part(&self, part: Part<'_>, locale: &Locale) -> SafeHtml;
    /// The relative address of another page (`../dragon/index.md#fig-x`) or a file beside the page.
    ///
    /// # Errors
    /// Why there is none, in one sentence.
    fn link(&self, target: &str) -> Result<String, String>;
    /// The inside of a block of code as markup: what `write` gives, or gave before for the same language and text.
    ///
    /// # Errors
    /// Those of `write`: the nearest names to a language that is not known.
    fn code(&self, _language: &str, _text: &str, write: &dyn Fn() -> CodeMarkup) -> CodeMarkup {
        write()
    }
    /// A work of the bibliography.
    fn citation(&self, key: &str) -> Option<&CitedWork>;
    /// How works are cited, if not by a CSL style.
    fn citation_style(&self) -> CitationStyle {
        CitationStyle::default()
    }
    /// The CSL style by which works are cited.
    fn csl(&self) -> Option<&Csl> {
        None
    }
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its id on the page.
    pub id: String,
    /// Its text without markup.
    pub text: String,
}

/// A page, written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The page's body, without its title, with notes and references at its end.
    pub html: SafeHtml,
    /// Its headings in order.
    pub outline: Vec<Heading>,
    /// Its title as plain text, set by the habits of the language.
    pub title: Option<String>,
    /// Its title with emphasis and mathematics.
    pub title_html: Option<SafeHtml>,
    /// Keys of the works cited, in the order of the text.
    pub citations: Vec<String>,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Ids of the figures, in order.
    pub figures: Vec<String>,
    /// Whether there is mathematics on the page.
    pub has_math: bool,
}
