//! Where a link may lead.

use unicode_normalization::UnicodeNormalization as _;

/// The schemes that a link may have; everything else, `javascript:` first of all, is refused.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// A link's target, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LinkForm<'a> {
    /// An address on another host.
    External(&'a str),
    /// A place on the same page, without the `#`.
    Fragment(&'a str),
    /// A page or file of the project.
    Local(&'a str),
    /// A figure of results.
    Figure(&'a str),
    /// A table of results.
    Table(&'a str),
    /// A word of the project's glossary.
    Term(&'a str),
    /// Nothing that may stand on a page, and why.
    Refused(String),
}

/// Sorts a target.
pub(super) fn classify(target: &str) -> LinkForm<'_> {
    // Browsers skip control characters inside a scheme, so an address that has any is refused.
    if target.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return LinkForm::Refused("a link may not contain control characters".to_owned());
    }
    let target = target.trim();
    if target.is_empty() {
        return LinkForm::Refused("a link needs a target".to_owned());
    }
    if let Some(fragment) = target.strip_prefix('#') {
        return LinkForm::Fragment(fragment);
    }
    if target.starts_with("//") || target.starts_with(r"\\") || target.starts_with(r"/\") {
        return LinkForm::Refused("an address on another host begins with `https://`".to_owned());
    }
    let Some((scheme, rest)) = scheme(target) else { return LinkForm::Local(target) };
    match scheme.to_ascii_lowercase().as_str() {
        "figure" => LinkForm::Figure(rest),
        "table" => LinkForm::Table(rest),
        "term" => LinkForm::Term(rest),
        known if SCHEMES.contains(&known) => LinkForm::External(target),
        other => LinkForm::Refused(format!("a link may not begin with `{other}:`")),
    }
}

/// The scheme before the first colon, if the colon comes before any `/`, `?` and `#`.
fn scheme(target: &str) -> Option<(&str, &str)> {
    let end = target.find([':', '/', '?', '#'])?;
    target[end..].starts_with(':').then(|| (&target[..end], &target[end + 1..]))
}

/// What an address says, with `%20` and the like read, in composed letters. A `%` that begins nothing stays.
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = if *byte == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        match pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(read) => {
                plain.push(read);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| text.to_owned()).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, expected) in [
            ("a%20b.md", "a b.md"),
            ("100%.md", "100%.md"),
            ("a%2", "a%2"),
            ("%D0%BF%d1%80", "пр"),
            ("%ff", "%ff"),
            ("e\u{301}.md", "é.md"),
            ("a%23b%25", "a#b%"),
        ] {
            assert_eq!(decoded(text), expected);
        }
    }

    #[test]
    fn only_known_schemes_pass() {
        for refused in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:x",
            " javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//evil.example",
            r"\\evil",
            r"/\evil",
            "x y:z",
            "\u{a0}javascript:x",
            "",
            " ",
        ] {
            assert!(matches!(classify(refused), LinkForm::Refused(_)), "{refused:?}");
        }
        assert_eq!(classify("https://a.example/?q=a:b"), LinkForm::External("https://a.example/?q=a:b"));
        assert_eq!(classify("../a.md#b:c"), LinkForm::Local("../a.md#b:c"));
        assert_eq!(classify("#b"), LinkForm::Fragment("b"));
        assert_eq!(classify("figure:a/b#c"), LinkForm::Figure("a/b#c"));
    }
}
