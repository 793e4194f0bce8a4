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
mod cited;
mod collation;
#[cfg(feature = "csl")]
mod csl;
#[cfg(not(feature = "csl"))]
#[path = "csl/absent.rs"]
mod csl;
mod cut;
mod directive;
mod document;
mod foreign;
mod front_matter;
mod gallery;
mod glossary;
mod highlight;
mod host;
mod inline_text;
mod label;
mod latex;
mod link;
mod math;
mod mathml;
mod notes;
mod numeral;
mod parse;
mod part;
mod person;
mod plain_marks;
mod prose;
mod reference;
mod render;
mod run;
mod safe_html;
mod scan;
mod sheet;
mod typography;
mod typst;
mod work;

pub use citation::{Bibliography, CitationStyle, CitedWork, Eprint, HOW_TO_BUILD_CSL};
pub use collation::key as collation_key;
pub use csl::Csl;
pub use front_matter::{Author, FrontMatter};
pub use glossary::{Glossary, Term, same_form};
pub use host::{CodeMarkup, Placed, ProseHost, ShownValue, ShownVerdict};
pub use inline_text::{formula_in, inline_html, plain_words, wrong_formulas};
pub use label::slug;
pub use latex::Rich;
pub use link::decoded;
pub use math::{Macros, substitution_in, to_mathml};
pub use numeral::Numeral;
pub use part::{Listed, Part};
pub use person::{People, Person};
pub use prose::{Prose, ProseOptions};
pub use reference::{Reference, ReferenceKind};
pub use render::{Heading, Rendered};
pub use safe_html::{SafeHtml, escape};
pub use sheet::Sheet;
pub use typography::typeset_text;
pub use typst::{TypstAround, TypstPage, to_typst};
