//! What a page asks of the results and of the site.

use super::citation::{CitationStyle, CitedWork};
use super::csl::Csl;
use super::glossary::Glossary;
use super::numeral::Numeral;
use super::part::Part;
use super::safe_html::SafeHtml;
use octavo_definition::locale::Locale;

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
    /// A claim's whole block with this id: `claim-` and the [`slug`](crate::slug) of its name, and a number if that is taken.
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
    /// The words that the project explains in a language, and the relative address of the page that lists them.
    fn glossary(&self, _locale: &Locale) -> Option<(&Glossary, String)> {
        None
    }
    /// How works are cited, if not by a CSL style.
    fn citation_style(&self) -> CitationStyle {
        CitationStyle::default()
    }
    /// The CSL style by which works are cited.
    fn csl(&self) -> Option<&Csl> {
        None
    }
}
