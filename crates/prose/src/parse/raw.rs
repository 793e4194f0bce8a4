//! Raw HTML, where a project allows it: addresses of the project's own files are followed as in Markdown, and ids are places
//! that links reach. Everything else goes to the page as it is.

use std::ops::Range;

use super::Builder;
use super::place::LISTS;
use crate::document::RawPiece;
use crate::link::{LinkForm, classify, decoded};
use crate::reference::ReferenceKind;

/// Attributes that hold an address.
const ADDRESSES: &[&str] = &["src", "href", "poster", "srcset"];

/// An attribute's value within the markup.
struct Attribute<'a> {
    element: &'a str,
    name: String,
    value: Range<usize>,
}

impl Builder<'_> {
    /// Raw HTML that stands at `span`, in pieces.
    pub(super) fn raw_pieces(&mut self, html: &str, span: &Range<usize>) -> Vec<RawPiece> {
        let verbatim = self
            .notes
            .source
            .text
            .get(span.clone())
            .is_some_and(|source| source.starts_with(html.trim_end()));
        let place = |range: &Range<usize>| {
            if verbatim { span.start + range.start..span.start + range.end } else { span.clone() }
        };
        let mut pieces = Vec::new();
        let mut kept = 0;
        // An element may have its name beside its id.
        let mut last = "";
        for attribute in attributes(html) {
            let value = &html[attribute.value.clone()];
            match attribute.name.as_str() {
                "id" | "name" if attribute.name == "id" || attribute.element.eq_ignore_ascii_case("a") => {
                    if value != last {
                        self.raw_id(value, &place(&attribute.value));
                    }
                    last = value;
                }
                "srcset" => {
                    for range in candidates(value) {
                        let range = attribute.value.start + range.start..attribute.value.start + range.end;
                        self.raw_address(html, range, &place, &mut kept, &mut pieces);
                    }
                }
                name if ADDRESSES.contains(&name)
                    || (name == "data" && attribute.element.eq_ignore_ascii_case("object")) =>
                {
                    self.raw_address(html, attribute.value, &place, &mut kept, &mut pieces);
                }
                _ => {}
            }
        }
        pieces.push(RawPiece::Markup(html[kept..].to_owned()));
        pieces
    }

    /// An id of raw HTML, which nothing else may have.
    fn raw_id(&mut self, id: &str, span: &Range<usize>) {
        if LISTS.contains(&id) {
            self.raw_lists.push((id.to_owned(), span.clone()));
        } else if !self.labels.claim(id) {
            self.duplicate(id, span);
        }
    }

    fn raw_address(
        &mut self,
        html: &str,
        range: Range<usize>,
        place: &dyn Fn(&Range<usize>) -> Range<usize>,
        kept: &mut usize,
        pieces: &mut Vec<RawPiece>,
    ) {
        let written = html[range.clone()].replace("&amp;", "&");
        let span = place(&range);
        match classify(&written) {
            LinkForm::Local(local) => {
                self.notes.refer(ReferenceKind::Link, local, &span);
                pieces.push(RawPiece::Markup(html[*kept..range.start].to_owned()));
                pieces.push(RawPiece::Address(local.to_owned(), span));
                *kept = range.end;
            }
            LinkForm::Fragment(fragment) => self.notes.fragments.push((decoded(fragment), span)),
            _ => {}
        }
    }
}

/// The addresses of `a.png 1x, b.png 2x`.
fn candidates(value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for part in value.split(',') {
        let start = at + (part.len() - part.trim_start().len());
        let word = part.split_whitespace().next().unwrap_or_default();
        if !word.is_empty() {
            found.push(start..start + word.len());
        }
        at += part.len() + 1;
    }
    found
}

/// All attributes with a value, in order. Comments, scripts and styles are passed over.
fn attributes(html: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    let lower = html.to_ascii_lowercase();
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|open| at + open) {
        let rest = &html[open..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |end| open + end + 3);
            continue;
        }
        let name = rest[1..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map_or(&rest[1..], |end| &rest[1..=end]);
        if name.is_empty() {
            at = open + 1;
            continue;
        }
        at = element(html, name, open + 1 + name.len(), &mut found);
        if ["script", "style"].iter().any(|raw| name.eq_ignore_ascii_case(raw)) {
            let close = format!("</{}", name.to_ascii_lowercase());
            let end = lower[at..].find(&close);
            at = end.map_or(html.len(), |end| at + end + close.len());
        }
    }
    found
}

/// Reads the attributes of a tag up to its end.
fn element<'a>(html: &'a str, element: &'a str, mut at: usize, found: &mut Vec<Attribute<'a>>) -> usize {
    let blank = |c: char| c.is_whitespace() || c == '/';
    loop {
        at += html[at..].len() - html[at..].trim_start_matches(blank).len();
        let rest = &html[at..];
        if rest.is_empty() || rest.starts_with('>') {
            return (at + 1).min(html.len());
        }
        let length =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let name = rest[..length].to_ascii_lowercase();
        at += length.max(usize::from(length == 0) * rest.chars().next().map_or(1, char::len_utf8));
        let after = html[at..].trim_start();
        let Some(value) = after.strip_prefix('=') else { continue };
        let value = value.trim_start();
        let start = html.len() - value.len();
        let (from, length) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => (start + 1, value[1..].find(quote).unwrap_or(value.len() - 1)),
            _ => (start, value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
        };
        let quoted = from > start;
        found.push(Attribute { element, name, value: from..from + length });
        at = (from + length + usize::from(quoted)).min(html.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(html: &str) -> Vec<(String, &str)> {
        attributes(html)
            .into_iter()
            .map(|found| (format!("{} {}", found.element, found.name), &html[found.value]))
            .collect()
    }

    #[test]
    fn attributes_are_found_where_browsers_find_them() {
        let html = "<!-- <img src=no> --><IMG SRC = 'a b.png' alt=x/><p id=\"p\" hidden>a < b <a href=c.md>d</a>\
                    <script>\"<img src='no'>\"</script><source srcset=\"a.png 1x, b.png 2x\"";
        let expected = [
            ("IMG src", "a b.png"),
            ("IMG alt", "x/"),
            ("p id", "p"),
            ("a href", "c.md"),
            ("source srcset", "a.png 1x, b.png 2x"),
        ];
        let expected: Vec<(String, &str)> = expected.map(|(name, value)| (name.to_owned(), value)).into();
        assert_eq!(values(html), expected);
        assert_eq!(candidates("a.png 1x, b.png 2x"), [0..5, 10..15]);
        for torn in [
            "<",
            "<a",
            "<a ",
            "<a href",
            "<a href=",
            "<a href=\"",
            "<a href='x",
            "<a =x>",
            "<a \u{e9}=1>",
            "<!--",
            "<script>",
        ] {
            let _ = values(torn);
        }
    }
}
