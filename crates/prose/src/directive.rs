//! The small grammar of substitutions and of references in brackets.
//!
//! ```text
//! substitution = "{{" name "(" string { "," string } { "," key "=" digits } ")" "}}"
//! string       = '"' text '"' | "'" text "'"
//! reference    = "[@" ( "fig:" | "tab:" | "eq:" | "sec:" | "ex:" ) name "]"
//! citation     = "[" work { ";" work } "]"      work = "@" key [ "," locator ]
//! ```

use super::document::{CiteItem, LabelKind};

/// A substitution: its name and its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<&'a str>,
    /// Keys with whole numbers, after the texts.
    pub(super) numbers: Vec<(&'a str, u32)>,
}

/// Reads what stands between `{{` and `}}`.
pub(super) fn parse_call(inner: &str) -> Option<Call<'_>> {
    let inner = inner.trim();
    let (name, rest) = inner.split_once('(')?;
    let name = name.trim();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return None;
    }
    let mut rest = rest.strip_suffix(')')?.trim();
    let (mut arguments, mut numbers) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        rest = match rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) if numbers.is_empty() => {
                let (argument, after) = rest[1..].split_once(quote)?;
                arguments.push(argument);
                after.trim_start()
            }
            _ => {
                let (key, value) = rest.split_once('=')?;
                let value = value.trim_start();
                let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
                numbers.push((key.trim(), value[..end].parse().ok()?));
                value[end..].trim_start()
            }
        };
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            rest.chars().next()?;
        } else if !rest.is_empty() {
            return None;
        }
    }
    Some(Call { name, arguments, numbers })
}

/// A reference in brackets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    CrossReference(LabelKind, String),
    Citation(Vec<CiteItem>),
}

/// The kinds of cross-references by their prefix.
pub(super) const PREFIXES: &[(&str, LabelKind)] = &[
    ("fig:", LabelKind::Figure),
    ("tab:", LabelKind::Table),
    ("eq:", LabelKind::Equation),
    ("sec:", LabelKind::Section),
    ("ex:", LabelKind::Exercise),
];

/// Reads what stands between `[` and `]`. Anything that is not exactly a reference is ordinary text in brackets.
pub(super) fn parse_bracket(inner: &str) -> Option<Bracket> {
    let key = inner.strip_prefix('@')?;
    for (prefix, kind) in PREFIXES {
        if let Some(name) = key.strip_prefix(prefix) {
            return is_key(name).then(|| Bracket::CrossReference(*kind, name.to_owned()));
        }
    }
    inner.split(';').map(parse_work).collect::<Option<Vec<_>>>().map(Bracket::Citation)
}

fn parse_work(work: &str) -> Option<CiteItem> {
    let work = work.trim().strip_prefix('@')?;
    let (key, locator) = work.split_once(',').unwrap_or((work, ""));
    let locator = locator.split_whitespace().collect::<Vec<_>>().join(" ");
    is_key(key).then(|| CiteItem { key: key.to_owned(), locator })
}

/// Letters, digits and `_ - : . / + #`, beginning and ending with a letter or digit.
fn is_key(key: &str) -> bool {
    key.starts_with(char::is_alphanumeric)
        && key.ends_with(char::is_alphanumeric)
        && key.chars().all(|c| c.is_alphanumeric() || "_-:./+#".contains(c))
}

/// A label at the end or start of a text: `{#name}`.
pub(super) fn parse_label(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{#")?.strip_suffix('}')?;
    is_key(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls() {
        let call = |name, arguments: &[&'static str]| {
            Some(Call { name, arguments: arguments.to_vec(), numbers: Vec::new() })
        };
        let rows = Call { name: "table", arguments: vec!["a#t"], numbers: vec![("rows", 20)] };
        assert_eq!(parse_call("table('a#t', rows = 20)"), Some(rows));
        assert_eq!(parse_call(r#" value("rate", "%.2f") "#), call("value", &["rate", "%.2f"]));
        assert_eq!(parse_call("value('a/b#c')"), call("value", &["a/b#c"]));
        assert_eq!(parse_call("x()"), call("x", &[]));
        for wrong in [
            "table(\"a\", rows = )",
            "table(rows = 3, \"a\")",
            "value(rate)",
            "value(\"a\" \"b\")",
            "value(\"a\",)",
            "value(\"a)",
            "value",
            "",
            "a b(\"c\")",
        ] {
            assert_eq!(parse_call(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn brackets() {
        let item = |key: &str, locator: &str| CiteItem { key: key.to_owned(), locator: locator.to_owned() };
        assert_eq!(
            parse_bracket("@poole2016; @raghu2017, p. 3"),
            Some(Bracket::Citation(vec![item("poole2016", ""), item("raghu2017", "p. 3")]))
        );
        assert_eq!(
            parse_bracket("@fig:a/b#growth"),
            Some(Bracket::CrossReference(LabelKind::Figure, "a/b#growth".to_owned()))
        );
        for text in ["see @poole2016", "@", "@a b", "@a; b", "@fig:", "a@b", "@a.", "@a;"] {
            assert_eq!(parse_bracket(text), None, "{text}");
        }
    }
}
