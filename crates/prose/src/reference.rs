//! Names that a page uses: results, works, other pages.

use serde::{Deserialize, Serialize};

use octavo_definition::source::Location;

/// What kind of thing a page names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReferenceKind {
    /// A figure placed on the page: `growth`, or `curvature/depth#growth` of another experiment.
    Figure,
    /// A table of results placed on the page.
    Table,
    /// A value in running text.
    Value,
    /// A claim placed on the page.
    Claim,
    /// A work of the bibliography, in brackets: `[@key]`.
    Cite,
    /// A work of the bibliography as part of a sentence, `@key`; without a bibliography it is most likely no work.
    Mention,
    /// Another page or a file beside the page.
    Link,
    /// A word of the project's glossary: `linear-region`.
    Term,
    /// A figure, table, equation, section or exercise of the same page, as in `fig:growth`. Already checked.
    CrossRef,
}

impl ReferenceKind {
    /// Whether it is a result of an experiment.
    pub fn is_result(self) -> bool {
        matches!(self, Self::Figure | Self::Table | Self::Value | Self::Claim)
    }

    /// Whether it names a work.
    pub fn is_work(self) -> bool {
        matches!(self, Self::Cite | Self::Mention)
    }
}

/// A name that a page uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it names.
    pub kind: ReferenceKind,
    /// The name as written.
    pub target: String,
    /// Where.
    pub location: Location,
}
