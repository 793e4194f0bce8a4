//! Styles of citation from files in the [Citation Style Language](https://citationstyles.org).
//!
//! ```text
//! page:   [see @a, p. 3; @b]  ->  a mark in the HTML, its works remembered     (page)
//! end:    all citations       ->  hayagriva  ->  texts and the list            (page, entry)
//!         texts               ->  HTML, everything escaped                     (write, rich)
//! ```
//!
//! A style writes a citation in the light of all others (numbers, `2019a`, `ibid.`), so that none can be written before the
//! last is known. While the page is written, each leaves a mark that no escaped text can hold, and at the end the marks are
//! replaced. Words of a language come with hayagriva.

mod check;
mod entry;
mod locator;
mod page;
mod rich;
mod write;

use std::sync::{Arc, LazyLock};

use hayagriva::archive;
use hayagriva::citationberg::{
    CitationFormat, Collapse, IndependentStyle, Locale as Words, LocaleCode, Style, StyleCategory,
    VerticalAlign,
};

pub(super) use locator::located;
pub(super) use page::Page;

use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::source::{Location, SourceFile};

/// The words of all languages, read once.
static WORDS: LazyLock<Vec<Words>> = LazyLock::new(archive::locales);

/// A style of citation that was read from a CSL file.
#[derive(Clone, Debug)]
pub struct Csl {
    style: IndependentStyle,
    /// The same without brackets around citations: these are written here, so that links stand within them.
    bare: IndependentStyle,
    /// Between works of the same authors, whose names stand there once: `Hanin 2019a, 2019b`.
    grouped: String,
    /// Whether what it writes depends on what was cited before.
    positions: bool,
}

/// What stands around and between works in one citation.
#[derive(Clone, Debug)]
struct Brackets {
    open: String,
    close: String,
    delimiter: String,
}

impl Csl {
    /// Whether this program can read such files.
    pub const BUILT_IN: bool = true;

    /// Reads a style.
    ///
    /// # Errors
    /// What is wrong with the file, at its place, or why such a style cannot be used here.
    pub fn parse(source: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let problem = |message: String, at: std::ops::Range<usize>| {
            Diagnostic::error("bibliography-style", message).at(Location::new(source, at))
        };
        let found = check::check(&source.text).map_err(|wrong| {
            let told = problem(wrong.message, wrong.at);
            Diagnostic { help: wrong.help, ..told }
        })?;
        let mut style = match Style::from_xml(&source.text) {
            Ok(Style::Independent(style)) => style,
            Ok(Style::Dependent(_)) => return Err(problem("this is a dependent style".to_owned(), 0..0)),
            Err(error) => {
                let why = error.source.to_string();
                let at = check::place_of(&source.text, &why);
                return Err(problem(format!("this is no CSL style: {why}"), at));
            }
        };
        if let Some(list) = &mut style.bibliography {
            // The library leaves commas behind where a line takes the place of several names.
            list.subsequent_author_substitute = None;
        }
        // The library puts it between groups, too; it is put in here.
        let grouped = style.citation.cite_group_delimiter.take().unwrap_or_else(|| ", ".to_owned());
        let mut bare = style.clone();
        bare.citation.layout.prefix = None;
        bare.citation.layout.suffix = None;
        Ok(Self { style, bare, grouped, positions: found.positions })
    }

    /// Whether works are called by numbers or labels, so that no name can be left out.
    fn is_numeric(&self) -> bool {
        let numeric = |category: &StyleCategory| {
            let StyleCategory::CitationFormat { format } = category else { return false };
            matches!(format, CitationFormat::Numeric | CitationFormat::Label)
        };
        self.style.info.category.iter().any(numeric)
    }

    /// Whether citations are raised, as in `text¹`.
    fn is_raised(&self) -> bool {
        self.style.citation.layout.vertical_align == Some(VerticalAlign::Sup)
    }

    /// Whether the names of authors stand once for several works.
    fn groups(&self) -> bool {
        self.style.citation.collapse.is_some_and(|collapse| collapse != Collapse::CitationNumber)
    }

    fn brackets(&self) -> Brackets {
        let layout = &self.style.citation.layout;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let delimiter = layout.delimiter.clone().unwrap_or_else(|| "; ".to_owned());
        // The space before a citation is the page's.
        Brackets {
            open: text(&layout.prefix).trim_start().to_owned(),
            close: text(&layout.suffix),
            delimiter,
        }
    }
}

/// The name that CSL has for a language: with a region, which its files of words have.
fn language(tag: &str) -> LocaleCode {
    let code = LocaleCode(tag.to_owned());
    if tag.contains('-') { code } else { code.fallback().unwrap_or(code) }
}
