//! What the rest of a site must know of a page, without its body: a page that did not change need not be read for it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::front_matter;
use super::prose::{Prose, ProseOptions};
use super::reference::{Reference, ReferenceKind};
use octavo_definition::source::{Location, SourceFile};

/// What is known of a page beside its front matter, as plain data. It is good for the text and the options that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    title: Option<String>,
    title_has_results: bool,
    /// Each name that the page uses, with the bytes where it stands.
    references: Vec<(ReferenceKind, String, Range<usize>)>,
    /// Each address outside the site, with the bytes where it stands.
    addresses: Vec<(String, Range<usize>)>,
    anchors: BTreeSet<String>,
}

impl Prose {
    /// What is to be remembered of the page.
    pub fn sheet(&self) -> Sheet {
        let reference = |reference: &Reference| {
            let Reference { kind, target, location } = reference;
            (*kind, target.clone(), location.span.clone())
        };
        let address = |(address, location): &(String, Location)| (address.clone(), location.span.clone());
        Sheet {
            addresses: self.addresses.iter().map(address).collect(),
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
        let address = |(address, span)| (address, Location::new(source, span));
        Self {
            macros: options.macros.with(&front.macros),
            front,
            source: Arc::clone(source),
            raw_html: options.raw_html,
            taken: options.taken,
            title: sheet.title,
            title_has_results: sheet.title_has_results,
            references: sheet.references.into_iter().map(reference).collect(),
            addresses: sheet.addresses.into_iter().map(address).collect(),
            anchors: sheet.anchors,
            body: None,
        }
    }

    /// Whether other pages would say the same of this text as of one that was there before: what it is called, which results it uses, and all
    /// that it says of itself; and whether every place of the other one is still there. Such texts differ in their own pages alone, if
    /// what this one links to and cites is there.
    pub fn is_told_like(&self, other: &Self) -> bool {
        let used = |prose: &Self| -> Vec<(ReferenceKind, String)> {
            let results = prose.references.iter().filter(|reference| reference.kind.is_result());
            results.map(|reference| (reference.kind, reference.target.clone())).collect()
        };
        // What a title with results says is not known before it is written.
        let titled = |prose: &Self| (!prose.title_has_results).then(|| prose.title.clone());
        titled(self).is_some_and(|title| titled(other) == Some(title))
            && self.front == other.front
            && self.raw_html == other.raw_html
            && self.anchors.is_superset(&other.anchors)
            && used(self) == used(other)
    }

    /// Drops the body: it takes some ten times the room of the text, and is read again when it is written.
    pub fn fold(&mut self) {
        self.body = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(text: &str) -> Prose {
        Prose::parse(&SourceFile::new("a.md", text), &ProseOptions::default()).0
    }

    #[test]
    fn an_edit_that_others_show_is_told_from_one_that_they_do_not() {
        let old = "# A\n\nWords.\n\n## Part\n\n{{ value(\"rate\") }} and [b](b.md).\n";
        let alone = [
            old.replace("Words.", "Other *words*, $x^2$ and `code`."),
            old.replace("[b](b.md)", "[c](c.md#x) and [@knuth]"),
            old.replace("## Part", "## New\n\n## Part"),
            old.replace("Words.", "") + "\n```rust\nfn f() {}\n```\n",
        ];
        for new in alone {
            assert!(prose(&new).is_told_like(&prose(old)), "{new}");
        }
        let shown = [
            old.replace("# A", "# B"),
            old.replace("## Part", "## Piece"),
            old.replace("\"rate\"", "\"other\""),
            old.replace("Words.", "![](figure:growth)"),
            format!("+++\norder = 3\n+++\n\n{old}"),
            format!("+++\nsummary = \"S\"\n+++\n\n{old}"),
            format!("+++\ndraft = true\n+++\n\n{old}"),
        ];
        for new in shown {
            assert!(!prose(&new).is_told_like(&prose(old)), "{new}");
        }
        let with_results = old.replace("# A", "# A {{ value(\"rate\") }}");
        assert!(
            !prose(&with_results).is_told_like(&prose(&with_results)),
            "its title is not known from its text"
        );
        // What is remembered of a text says the same.
        let source = SourceFile::new("a.md", old);
        let remembered = Prose::remembered(&source, &ProseOptions::default(), prose(old).sheet());
        assert!(prose(old).is_told_like(&remembered) && remembered.is_told_like(&prose(old)));
    }

    #[test]
    fn addresses_outside_the_site_are_known_of_a_remembered_text_too() {
        let text = "# A\n\n[a](https://a.example/x#y), www.b.example and [b](b.md), [m](mailto:c@d.example)\n\n> [q](http://e.example)\n";
        let parsed = prose(text);
        let found: Vec<(&str, &str)> = parsed
            .addresses()
            .iter()
            .map(|(address, place)| (address.as_str(), &text[place.span.clone()]))
            .collect();
        let expected = [
            ("https://a.example/x#y", "[a](https://a.example/x#y)"),
            ("https://www.b.example", "www.b.example"),
            ("mailto:c@d.example", "[m](mailto:c@d.example)"),
            ("http://e.example", "[q](http://e.example)"),
        ];
        assert_eq!(found, expected);
        let source = SourceFile::new("a.md", text);
        let remembered = Prose::remembered(&source, &ProseOptions::default(), parsed.sheet());
        assert_eq!(remembered.addresses(), parsed.addresses());
    }
}
