//! Places in works: what of `, p. 3, *passim*` is `page 3`, so that the style writes it.

use std::borrow::Cow;

use super::Csl;
use crate::cited::Locator;
use crate::document::Inline;

/// Words for places, English and French, without their full stops.
const KINDS: &[(&str, &[&str])] = &[
    ("page", &["p", "pp", "page", "pages", "pg"]),
    ("chapter", &["ch", "chap", "chaps", "chapter", "chapters", "chapitre", "chapitres"]),
    ("section", &["sec", "secs", "sect", "section", "sections", "§", "§§"]),
    ("volume", &["vol", "vols", "volume", "volumes", "tome", "t"]),
    ("figure", &["fig", "figs", "figure", "figures"]),
    ("issue", &["no", "nos", "n°", "numéro"]),
    ("note", &["n", "note", "notes"]),
    ("part", &["pt", "part", "parts", "partie", "parties"]),
    ("paragraph", &["para", "paras", "paragraph", "paragraphe", "¶", "¶¶"]),
    ("equation", &["eq", "eqs", "equation", "équation", "éq"]),
    ("table", &["tab", "table", "tables", "tableau"]),
    ("article-locator", &["art", "arts", "article", "articles"]),
    ("column", &["col", "cols", "column", "columns", "colonne"]),
    ("folio", &["f", "fol", "fols", "folio"]),
    ("line", &["l", "ll", "line", "lines", "ligne", "lignes"]),
    ("verse", &["v", "vv", "verse", "verses", "vers"]),
    ("book", &["bk", "book", "books", "livre"]),
    ("appendix", &["app", "appendix", "annexe"]),
    ("opus", &["op", "opus"]),
    ("sub-verbo", &["s.v"]),
];

/// What follows a work: the place at its beginning, if there is one and the page has a style for it, and the rest.
pub(crate) fn located<'i>(style: Option<&Csl>, suffix: &'i [Inline]) -> (Option<Locator>, Cow<'i, [Inline]>) {
    let (Some(_), Some(Inline::Text(text))) = (style, suffix.first()) else {
        return (None, Cow::Borrowed(suffix));
    };
    let Some((locator, rest)) = place(text) else { return (None, Cow::Borrowed(suffix)) };
    let mut left = suffix.to_vec();
    if rest.is_empty() {
        left.remove(0);
    } else {
        left[0] = Inline::Text(rest.to_owned());
    }
    (Some(locator), Cow::Owned(left))
}

/// The place at the beginning of a text, and what follows it.
fn place(text: &str) -> Option<(Locator, &str)> {
    let start = text.trim_start().strip_prefix(',')?.trim_start();
    let (kind, after) = kind(start).unwrap_or(("page", start));
    let length = numbers(after);
    // Words behind a bare number say what it is a number of, and that no page is meant.
    let (number, rest) = after.split_at(length);
    let bare = kind == "page" && after.len() == start.len();
    if number.is_empty() || (bare && rest.trim_start().starts_with(char::is_alphanumeric)) {
        return None;
    }
    let text = number.replace("--", "–").replace('\u{a0}', " ");
    Some((Locator { kind, text }, rest))
}

/// A word for a place at the beginning, what CSL calls it, and what follows.
fn kind(text: &str) -> Option<(&'static str, &str)> {
    let sign = text.len() - text.trim_start_matches(['§', '¶']).len();
    let end = match sign {
        0 => text.find(|c: char| c.is_whitespace() || c.is_ascii_digit()).unwrap_or(text.len()),
        _ => sign,
    };
    let (word, rest) = text.split_at(end);
    let word = word.trim_end_matches('.').to_lowercase();
    let (kind, _) = KINDS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
    Some((kind, rest.trim_start()))
}

/// How long the numbers at the beginning are: `3`, `33-35`, `iv`, `3, 5 and 8`.
fn numbers(text: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    while let Some(length) = number(&text[at..]) {
        end = at + length;
        let rest = &text[end..];
        let between = [", ", ",", " & ", " and ", " et ", "--", "–", " – ", "-", " - "];
        let Some(found) = between.iter().find(|between| rest.starts_with(**between)) else { break };
        at = end + found.len();
    }
    end
}

/// How long one number is: digits with letters around them, or a Roman numeral.
fn number(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(text.len());
    let word = text[..end].trim_end_matches('.');
    let digits = word.contains(|c: char| c.is_ascii_digit());
    let roman = |letters: &str| word.chars().all(|c| letters.contains(c));
    let good = !word.is_empty() && word.len() <= 12 && (digits || roman("ivxlcdm") || roman("IVXLCDM"));
    good.then_some(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_other_words() {
        for (text, expected) in [
            (", p. 3", "page|3|"),
            (", pp. 33--35, ", "page|33–35|, "),
            (", ch. 3", "chapter|3|"),
            (", chap. IV et suivants", "chapter|IV| et suivants"),
            (", 12", "page|12|"),
            (", §3.1", "section|3.1|"),
            (", p. 3, 5 and 8 say more", "page|3, 5 and 8| say more"),
            (", p. S12-S15", "page|S12-S15|"),
            (", 3 works say so", "-"),
            (", in the end", "-"),
            (" says so", "-"),
            (", fig. two", "-"),
            ("", "-"),
        ] {
            let found = place(text).map(|(found, rest)| format!("{}|{}|{rest}", found.kind, found.text));
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{text}");
        }
    }
}
