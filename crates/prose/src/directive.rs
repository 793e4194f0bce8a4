//! The small grammar of substitutions and of references in brackets.
//!
//! ```text
//! substitution = "{{" name "(" argument { "," argument } ")" "}}"      argument = string | name "=" ( string | digits )
//! string       = '"' text '"' | "'" text "'"
//! key          = [ "-" ] "@" ( word | "{" text "}" )
//! reference    = "@" ( "fig:" | "tab:" | "eq:" | "sec:" | "ex:" ) name
//! ```

use super::label::LabelKind;

/// A substitution: its name and its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<&'a str>,
    /// `name="text"`.
    pub(super) named: Vec<(&'a str, &'a str)>,
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
    let (mut arguments, mut named) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let key = &rest[..word];
        if !key.is_empty() {
            rest = rest[word..].trim_start().strip_prefix('=')?.trim_start();
        }
        let (argument, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split_once(quote)?,
            digit if digit.is_ascii_digit() && !key.is_empty() => {
                rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
            }
            _ => return None,
        };
        match (key, named.is_empty()) {
            ("", true) => arguments.push(argument),
            ("", false) => return None,
            _ => named.push((key, argument)),
        }
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            rest.chars().next()?;
        } else if !rest.is_empty() {
            return None;
        }
    }
    Some(Call { name, arguments, named })
}

/// The kinds of cross-references by their prefix.
pub(super) const PREFIXES: &[(&str, LabelKind)] = &[
    ("fig:", LabelKind::Figure),
    ("tab:", LabelKind::Table),
    ("tbl:", LabelKind::Table),
    ("eq:", LabelKind::Equation),
    ("sec:", LabelKind::Section),
    ("ex:", LabelKind::Exercise),
];

/// What stands behind an `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CiteTarget {
    Work(String),
    Place(LabelKind, String),
}

/// Reads what stands behind an `@`: what it names, and how many bytes of the text that is. A mark at the end, such as the
/// full stop of a sentence, is not part of it, nor are two marks in a row.
pub(super) fn parse_key(rest: &str) -> Option<(CiteTarget, usize)> {
    let (name, length) = match rest.strip_prefix('{') {
        Some(inner) => {
            let end = inner.find(['}', '\n']).filter(|end| inner[*end..].starts_with('}'))?;
            (inner[..end].trim(), end + 2)
        }
        None => {
            let name = bare_key(rest);
            (name, name.len())
        }
    };
    if name.is_empty() {
        return None;
    }
    for (prefix, kind) in PREFIXES {
        if let Some(name) = name.strip_prefix(prefix) {
            return is_key(name).then(|| (CiteTarget::Place(*kind, name.to_owned()), length));
        }
    }
    Some((CiteTarget::Work(name.to_owned()), length))
}

/// The longest beginning that is a key.
fn bare_key(rest: &str) -> &str {
    const MARKS: &str = "_-:./+#";
    let mut end = 0;
    let mut mark = true;
    for (at, letter) in rest.char_indices() {
        let word = letter.is_alphanumeric() || letter == '_';
        if !word && (mark || !MARKS.contains(letter)) {
            break;
        }
        if word {
            end = at + letter.len_utf8();
        }
        mark = !word;
    }
    &rest[..end]
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
            Some(Call { name, arguments: arguments.to_vec(), named: Vec::new() })
        };
        let rows = Call { name: "table", arguments: vec!["a#t"], named: vec![("rows", "20")] };
        assert_eq!(parse_call("table('a#t', rows = 20)"), Some(rows));
        assert_eq!(parse_call(r#" value("rate", "%.2f") "#), call("value", &["rate", "%.2f"]));
        assert_eq!(parse_call("value('a/b#c')"), call("value", &["a/b#c"]));
        assert_eq!(parse_call("x()"), call("x", &[]));
        let named = parse_call("g('a', b=\"c\", d = 'e')").unwrap();
        assert_eq!((named.arguments, named.named), (vec!["a"], vec![("b", "c"), ("d", "e")]));
        for wrong in [
            "table(\"a\", rows = )",
            "table(rows = 3, \"a\")",
            "value(rate)",
            "g(a=)",
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
    fn keys() {
        let work = |key: &str, length| Some((CiteTarget::Work(key.to_owned()), length));
        for (text, expected) in [
            ("poole2016; x", work("poole2016", 9)),
            ("Poole:2016a.", work("Poole:2016a", 11)),
            ("a--b", work("a", 1)),
            ("a's", work("a", 1)),
            ("_x_", work("_x_", 3)),
            ("{a b, c}d", work("a b, c", 8)),
            ("Иванов2001]", work("Иванов2001", 16)),
            ("a/b#c]", work("a/b#c", 5)),
            ("fig:a/b#growth.", Some((CiteTarget::Place(LabelKind::Figure, "a/b#growth".to_owned()), 14))),
            ("tbl:x]", Some((CiteTarget::Place(LabelKind::Table, "x".to_owned()), 5))),
            ("", None),
            (" a", None),
            (".a", None),
            ("{a", None),
        ] {
            assert_eq!(parse_key(text), expected, "{text}");
        }
    }
}
