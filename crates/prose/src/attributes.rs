//! Attributes in braces, as Pandoc writes them behind a picture, a heading or a caption: `{#fig:plot width=60%}`.

use super::directive::parse_label;

/// What stands in the braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// `fig:plot` of `#fig:plot`.
    pub(super) label: Option<String>,
    /// `width=60%` and the like, by name.
    pub(super) pairs: Vec<(String, String)>,
    /// `.class` and `-`, which have no effect.
    pub(super) classes: Vec<String>,
}

impl Attributes {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The declarations of the size that they ask for, if it is one.
    pub(super) fn style(&self) -> Option<String> {
        let one = |name: &str| Some(format!("{name}:{}", length(self.get(name)?)?));
        let all: Vec<String> = ["width", "height"].into_iter().filter_map(one).collect();
        (!all.is_empty()).then(|| all.join(";"))
    }
}

/// Reads attributes at the beginning of a text: what they are, and how many bytes they take. `None` if it is something else
/// in braces.
pub(super) fn parse(text: &str) -> Option<(Attributes, usize)> {
    let mut rest = text.strip_prefix('{')?;
    let mut found = Attributes::default();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n']);
        if let Some(after) = rest.strip_prefix('}') {
            let empty = found == Attributes::default();
            return (!empty).then_some((found, text.len() - after.len()));
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '}' | '=' | '{' | '"'))?;
        let (word, after) = rest.split_at(end);
        if let Some(value) = after.strip_prefix('=').filter(|_| is_name(word)) {
            let (value, after) = match value.chars().next()? {
                quote @ ('"' | '\'') => value[1..].split_once(quote)?,
                _ => value.split_at(value.find(|c: char| c.is_whitespace() || c == '}')?),
            };
            found.pairs.push((word.to_owned(), value.to_owned()));
            rest = after;
            continue;
        }
        if word.starts_with('#') && found.label.is_none() {
            found.label = Some(parse_label(&format!("{{{word}}}"))?.to_owned());
        } else if word == "-" || word.strip_prefix('.').is_some_and(is_name) {
            found.classes.push(word.to_owned());
        } else {
            return None;
        }
        rest = after;
        if rest.starts_with(['=', '{', '"']) {
            return None;
        }
    }
}

/// Attributes at the end of a text, and where they begin.
pub(super) fn parse_end(text: &str) -> Option<(Attributes, usize)> {
    let trimmed = text.trim_end();
    let start = trimmed.rfind('{')?;
    let (found, length) = parse(&trimmed[start..])?;
    (start + length == trimmed.len()).then_some((found, start))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
}

/// A length that a style may have: `60%`, `300px`, `8cm`, `12em`; a bare number is in pixels.
pub(super) fn length(value: &str) -> Option<String> {
    const UNITS: &[&str] = &["%", "px", "em", "rem", "cm", "mm", "in", "pt", "vw"];
    let digits = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let amount: f64 = number.parse().ok()?;
    let known = unit.is_empty() || UNITS.contains(&unit);
    (known && amount > 0.0 && amount <= 10_000.0 && number.len() <= 8)
        .then(|| format!("{number}{}", if unit.is_empty() { "px" } else { unit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_as_pandoc_writes_them() {
        let (found, length) = parse("{#fig:plot .wide width=60% alt=\"A b\"} rest").unwrap();
        assert_eq!((found.label.as_deref(), length), (Some("fig:plot"), 37));
        assert_eq!((found.get("width"), found.get("alt")), (Some("60%"), Some("A b")));
        assert_eq!(found.classes, [".wide"]);
        assert_eq!(parse("{-}").unwrap().0.classes, ["-"]);
        for other in [
            "{}",
            "{ }",
            "{x}",
            "{1, 2}",
            "{{ value(\"a\") }}",
            "{#}",
            "{#a",
            "{width=}x",
            "{a=b c}",
            "{#a b}",
            "x",
        ] {
            assert!(parse(other).is_none_or(|(found, _)| found.get("width") == Some("")), "{other}");
        }
        assert_eq!(parse_end("A title {#sec:x}  ").unwrap().1, 8);
        assert_eq!(parse_end("A {#x} title"), None);
    }

    #[test]
    fn lengths() {
        for (value, expected) in [
            ("60%", Some("60%")),
            ("300", Some("300px")),
            ("7.5cm", Some("7.5cm")),
            ("0", None),
            ("10;color:red", None),
            ("x", None),
            ("-5px", None),
            ("99999999px", None),
        ] {
            assert_eq!(length(value).as_deref(), expected, "{value}");
        }
    }
}
