//! A parsed page: plain data, with names resolved to numbers and anchors but no results in it yet.

use std::ops::Range;

use pulldown_cmark::Alignment;

use super::attributes::Attributes;
use super::directive::CiteTarget;
use super::label::LabelKind;
use super::math::{Formula, Tag};

/// A piece of a page that stands on its own lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    /// Inline content without a paragraph around it, as in a tight list.
    Plain(Vec<Inline>),
    Heading(HeadingBlock),
    Code {
        language: String,
        text: String,
        span: Range<usize>,
    },
    Quote(Vec<Block>),
    Callout {
        kind: CalloutKind,
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    Exercise {
        number: usize,
        id: String,
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    Solution {
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    List {
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    Definitions(Vec<Definition>),
    Table {
        alignments: Vec<Alignment>,
        head: Vec<Vec<Inline>>,
        rows: Vec<Vec<Vec<Inline>>>,
        caption: Option<TableCaption>,
    },
    Rule,
    /// Raw HTML, which the project allows.
    Html(Vec<RawPiece>),
    Equation {
        formula: Formula,
        id: Option<String>,
        number: Option<Tag>,
    },
    Figure(PlacedBlock),
    /// A picture of the author's own, or several.
    Picture(PictureBlock),
    ResultTable(PlacedBlock),
    Claim {
        target: String,
        id: String,
    },
}

/// A part of raw HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawPiece {
    Markup(String),
    /// The address of a file or page of the project, and where it stands.
    Address(String, Range<usize>),
}

/// A heading.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HeadingBlock {
    pub(super) level: u8,
    pub(super) id: String,
    /// Whether the author chose the id.
    pub(super) explicit: bool,
    pub(super) inlines: Vec<Inline>,
    pub(super) span: Range<usize>,
}

/// A figure or table of results.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlacedBlock {
    pub(super) target: String,
    pub(super) id: String,
    pub(super) number: usize,
    pub(super) caption: Vec<Inline>,
    /// How many rows of a table are shown, if the page says so.
    pub(super) rows: Option<u32>,
}

/// The caption of a table that the author wrote.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TableCaption {
    pub(super) id: String,
    pub(super) number: usize,
    pub(super) inlines: Vec<Inline>,
}

/// A figure of the author's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PictureBlock {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) shown: Vec<Shown>,
    pub(super) caption: Vec<Inline>,
}

/// A picture, film or sound.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) target: String,
    pub(super) alt: String,
    pub(super) title: String,
    /// Words below it in a gallery.
    pub(super) words: Option<String>,
    /// Declarations of its size, which were checked.
    pub(super) style: Option<String>,
    pub(super) span: Range<usize>,
}

/// A part of a definition list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Definition {
    Term(Vec<Inline>),
    Meaning(Vec<Block>),
}

/// What a callout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CalloutKind {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

impl CalloutKind {
    /// The class on the page and the key of its word in a locale.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Tip => "tip",
            Self::Important => "important",
            Self::Warning => "warning",
            Self::Caution => "caution",
        }
    }
}

/// A piece of running text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    /// Text that is set by the habits of the language; a line break of the source is `\n`.
    Text(String),
    /// Text that stays as it is: escaped characters, entities, addresses.
    Verbatim(String),
    Code(String),
    Math(Formula),
    /// Display mathematics where no block can stand, such as a table cell.
    DisplayMath {
        formula: Formula,
        label: Option<String>,
        span: Range<usize>,
    },
    Value {
        target: String,
        format: Option<String>,
        span: Range<usize>,
    },
    /// What results say of a claim, in words: those of the interface, or the author's for what holds, is refuted and is neither.
    Verdict {
        target: String,
        words: Option<[String; 3]>,
        span: Range<usize>,
    },
    /// A claim or table of results; a block once it stands on a line of its own.
    Directive {
        directive: BlockDirective,
        target: String,
        span: Range<usize>,
    },
    CrossReference {
        kind: LabelKind,
        name: String,
    },
    /// The number of an equation alone, with or without its brackets.
    EquationNumber {
        name: String,
        bare: bool,
    },
    Citation {
        /// Whether the first work is part of the sentence: `Poole et al. (2016)`.
        narrative: bool,
        items: Vec<CiteItem>,
    },
    /// `@key` as it was read, before it is known what stands around it.
    Key(CiteKey),
    FootnoteReference(String),
    HardBreak,
    Html(Vec<RawPiece>),
    Task(bool),
    Emphasis(Vec<Inline>),
    Strong(Vec<Inline>),
    Strikethrough(Vec<Inline>),
    Link {
        target: String,
        title: String,
        inlines: Vec<Inline>,
        span: Range<usize>,
    },
    Image {
        target: String,
        title: String,
        alt: Vec<Inline>,
        attributes: Box<Attributes>,
        span: Range<usize>,
    },
    /// Raised or lowered text: `x^2^`, `H~2~O`.
    Script {
        raised: bool,
        text: String,
    },
    /// Several pictures; a block once it stands on a line of its own.
    Gallery {
        shown: Vec<Shown>,
        caption: Option<String>,
        label: Option<String>,
        span: Range<usize>,
    },
    /// A short text as definitions have it: with `*...*`, `$...$` and code.
    Short(String),
}

/// A substitution that gives a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockDirective {
    Claim,
    /// With so many rows, if the page says so.
    Table {
        rows: Option<u32>,
    },
}

/// `@key` or `-@key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CiteKey {
    /// The work, or the thing on the page.
    pub(super) target: CiteTarget,
    /// Whether the author's name is left out.
    pub(super) suppressed: bool,
    pub(super) span: Range<usize>,
}

/// One work of a citation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CiteItem {
    pub(super) key: String,
    pub(super) prefix: Vec<Inline>,
    /// With the punctuation that separates it.
    pub(super) suffix: Vec<Inline>,
    pub(super) suppressed: bool,
}

/// The words of running text, without markup. Values and citations are left out.
pub(super) fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    push_plain(&mut text, inlines);
    text
}

fn push_plain(text: &mut String, inlines: &[Inline]) {
    for inline in inlines {
        match inline {
            Inline::Text(part) => text.push_str(&part.replace('\n', " ")),
            Inline::Verbatim(part)
            | Inline::Code(part)
            | Inline::Script { text: part, .. }
            | Inline::Short(part) => {
                text.push_str(part);
            }
            Inline::Math(formula) | Inline::DisplayMath { formula, .. } => text.push_str(&formula.source()),
            Inline::HardBreak => text.push(' '),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                push_plain(text, inner);
            }
            Inline::Link { inlines, .. } => push_plain(text, inlines),
            Inline::Image { alt, .. } => push_plain(text, alt),
            _ => {}
        }
    }
}

/// Whether there are results in running text.
pub(super) fn has_results(inlines: &[Inline]) -> bool {
    inlines.iter().any(|inline| match inline {
        Inline::Value { .. } | Inline::Verdict { .. } => true,
        Inline::Math(formula) | Inline::DisplayMath { formula, .. } => !formula.slots.is_empty(),
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => has_results(inner),
        Inline::Link { inlines, .. } => has_results(inlines),
        _ => false,
    })
}
