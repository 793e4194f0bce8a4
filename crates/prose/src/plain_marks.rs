//! What means something in running text without brackets: addresses, raised and lowered text.

use std::ops::Range;

use super::document::Inline;
use super::notes::Notes;

/// Longest text between two `^`.
const LONGEST: usize = 60;

/// Something found, and where in the text.
pub(super) struct Found {
    pub(super) begin: usize,
    pub(super) end: usize,
    what: What,
}

enum What {
    Address(String),
    Script { raised: bool, text: String },
}

impl Found {
    pub(super) fn inline(self, span: &Range<usize>) -> Inline {
        match self.what {
            What::Address(text) => {
                let target = if text.starts_with("www.") { format!("https://{text}") } else { text.clone() };
                let inlines = vec![Inline::Verbatim(text)];
                Inline::Link { target, title: String::new(), inlines, span: span.clone() }
            }
            What::Script { raised, text } => Inline::Script { raised, text },
        }
    }
}

/// What the mark at `start` makes of the text.
pub(super) fn find(text: &str, start: usize, notes: &Notes<'_>) -> Option<Found> {
    match text.as_bytes()[start] {
        b':' | b'w' if notes.links > 0 => None,
        b':' => address(text, start),
        b'w' => web(text, start),
        mark => script(text, start, mark == b'^'),
    }
}

fn address(text: &str, colon: usize) -> Option<Found> {
    if !text[colon..].starts_with("://") {
        return None;
    }
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        text[..colon].len() >= scheme.len()
            && text.is_char_boundary(colon - scheme.len())
            && text[colon - scheme.len()..colon].eq_ignore_ascii_case(scheme)
    })?;
    let begin = colon - scheme.len();
    if text[..begin].ends_with(char::is_alphanumeric) {
        return None;
    }
    let end = end_of_address(text, begin);
    let host = text.get(colon + 3..end)?;
    host.starts_with(char::is_alphanumeric).then(|| Found {
        begin,
        end,
        what: What::Address(text[begin..end].to_owned()),
    })
}

/// `www.example.org`.
fn web(text: &str, begin: usize) -> Option<Found> {
    if !text[begin..].starts_with("www.")
        || text[..begin].ends_with(|c: char| c.is_alphanumeric() || "/.@-_".contains(c))
    {
        return None;
    }
    let end = end_of_address(text, begin);
    let host = text.get(begin + 4..end)?.split(['/', '?', '#']).next().unwrap_or_default();
    let good = host.starts_with(char::is_alphanumeric) && host.contains('.');
    good.then(|| Found { begin, end, what: What::Address(text[begin..end].to_owned()) })
}

/// Where an address ends: marks that end a sentence and a bracket that closes an earlier one are no part of it.
/// Source: GitHub Flavored Markdown, section 6.9.
fn end_of_address(text: &str, begin: usize) -> usize {
    let rest = &text[begin..];
    let stop = |c: char| c.is_whitespace() || c.is_control() || "<>\"`|\\^{}«»“”".contains(c);
    let mut end = rest.find(stop).unwrap_or(rest.len());
    loop {
        let address = &rest[..end];
        let Some(last) = address.chars().last() else { return begin };
        let closes = |open: char, close: char| {
            last == close && address.matches(close).count() > address.matches(open).count()
        };
        if "?!.,:;*_~'’…".contains(last) || closes('(', ')') || closes('[', ']') {
            end -= last.len_utf8();
        } else {
            return begin + end;
        }
    }
}

/// `x^2^`, `H~2~O`: nothing but letters, digits and few signs between two marks. A sign in the middle and a letter right
/// behind, as in `a^2+b^2`, are a formula that has no dollars.
fn script(text: &str, begin: usize, raised: bool) -> Option<Found> {
    let mark = if raised { '^' } else { '~' };
    let inner = &text[begin + 1..];
    let inner = &inner[..inner.floor_char_boundary(LONGEST)];
    let length = inner.find(mark)?;
    let content = &inner[..length];
    let allowed = |c: char| c.is_alphanumeric() || "+-−–(),.'′*=°".contains(c);
    if content.is_empty() || !content.chars().all(allowed) || text[..begin].ends_with(mark) {
        return None;
    }
    let after = &text[begin + length + 2..];
    let inside = content.trim_start_matches(['+', '-', '−']).trim_end_matches(['+', '-', '−']);
    let signs = inside.contains(|c: char| !c.is_alphanumeric());
    if after.starts_with(mark) || (signs && after.starts_with(char::is_alphanumeric)) {
        return None;
    }
    // Nothing is lowered or raised without something before it, but for isotopes and the like.
    let before = text[..begin].chars().last();
    if before.is_none_or(char::is_whitespace) && !after.starts_with(char::is_alphanumeric) {
        return None;
    }
    let minus = content.strip_prefix('-').filter(|_| content.len() > 1).map(|rest| format!("−{rest}"));
    let text = minus.unwrap_or_else(|| content.to_owned());
    Some(Found { begin, end: begin + length + 2, what: What::Script { raised, text } })
}
