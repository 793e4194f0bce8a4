//! The parts of a page to which the host gives their form: callouts, exercises, solutions, notes and the list of works. What is in them
//! is written here; what stands around it is the host's.

use super::safe_html::SafeHtml;

/// A part of a page, with what is in it as HTML. What each title and text of the interface is called is a word of the page's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Something beside the argument: `> [!NOTE]`.
    Callout {
        /// `note`, `tip`, `important`, `warning` or `caution`: also the key of its word in a locale.
        kind: &'static str,
        /// A title of its own.
        title: Option<SafeHtml>,
        /// Its paragraphs and so on.
        content: SafeHtml,
    },
    /// Something to work on: `> [!EXERCISE]`.
    Exercise {
        /// The id that the whole must carry.
        id: &'a str,
        /// Its number on the page, from 1.
        number: usize,
        /// A title of its own.
        title: Option<SafeHtml>,
        /// Its paragraphs and so on.
        content: SafeHtml,
    },
    /// What an exercise comes to: `> [!SOLUTION]`.
    Solution {
        /// A title of its own.
        title: Option<SafeHtml>,
        /// Its paragraphs and so on.
        content: SafeHtml,
    },
    /// The notes at the end of a page, in the order of their numbers. The whole has the id `footnotes`.
    Footnotes(Vec<Listed>),
    /// The works that a page cites. The whole has the id `references`.
    References {
        /// Whether works are cited by their numbers, which are those of this list.
        numbered: bool,
        /// Whether a CSL style wrote the works.
        styled: bool,
        /// The works in their order.
        works: Vec<Listed>,
    },
}

/// A note, or a work of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The id that it must carry: the text leads to it.
    pub id: String,
    /// What it says, as far as the links back.
    pub content: SafeHtml,
    /// Ids of the places in the text that lead to it.
    pub places: Vec<String>,
    /// What stands behind the links back: the end of the last paragraph.
    pub end: SafeHtml,
}

impl Listed {
    /// Whose places are `prefix` and a number from 1.
    pub(super) fn new(id: String, content: String, prefix: &str, count: usize) -> Self {
        let places = (1..=count).map(|index| format!("{prefix}{index}")).collect();
        Self { id, content: SafeHtml::trusted(content), places, end: SafeHtml::default() }
    }

    /// A note: links back stand at the end of its last paragraph.
    pub(super) fn note(name: &str, content: &str, count: usize) -> Self {
        let content = content.trim_end();
        let (content, end) = content.strip_suffix("</p>").map_or((content, ""), |start| (start, "</p>"));
        let listed = Self::new(format!("fn-{name}"), content.to_owned(), &format!("fnref-{name}-"), count);
        Self { end: SafeHtml::trusted(end.to_owned()), ..listed }
    }
}
