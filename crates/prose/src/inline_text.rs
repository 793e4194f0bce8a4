//! Short texts, such as claims and captions of galleries: `$...$` is mathematics, `*...*` emphasis, `**...**` more of it and
//! `` `...` `` code; the rest is text, set as its language wants it. A mark without its partner stands for itself, and so does a formula that does not
//! convert.

use std::ops::Range;

use super::math::{Formula, Macros};
use super::safe_html::{SafeHtml, escape_into};
use super::typography::{Leaf, typeset};
use octavo_definition::locale::Locale;

/// A short text as HTML in a language. It has no links and no blocks.
pub fn inline_html(text: &str, locale: &Locale, macros: &Macros) -> SafeHtml {
    let pieces = pieces(text, &locale.decimal, macros);
    let leaf = |piece| match piece {
        &Piece::Text(text) | &Piece::Emphasis(text) | &Piece::Strong(text) => Leaf::Text(text),
        &Piece::Code(_) | &Piece::Math(_) => Leaf::Fixed('x'),
    };
    let leaves: Vec<Leaf<'_>> = pieces.iter().map(leaf).collect();
    let mut html = String::with_capacity(text.len() + 16);
    for (piece, set) in pieces.iter().zip(typeset(&leaves, locale)) {
        match piece {
            Piece::Text(_) => push_raised(&mut html, &set),
            Piece::Emphasis(_) => element(&mut html, "em", &set),
            Piece::Strong(_) => element(&mut html, "strong", &set),
            Piece::Code(code) => element(&mut html, "code", code),
            Piece::Math(mathml) => html.push_str(mathml),
        }
    }
    SafeHtml::trusted(html)
}

/// The same without markup, for metadata.
pub fn plain_words(text: &str, macros: &Macros) -> String {
    let plain = |piece: Piece<'_>| match piece {
        Piece::Text(text) | Piece::Emphasis(text) | Piece::Strong(text) | Piece::Code(text) => {
            text.to_owned()
        }
        Piece::Math(mathml) => super::mathml::text(&mathml),
    };
    pieces(text, ".", macros).into_iter().map(plain).collect()
}

/// Every formula of a short text that cannot be set: its bytes, what is wrong, and what to do.
pub fn wrong_formulas(text: &str, macros: &Macros) -> Vec<(Range<usize>, String, Option<String>)> {
    let mut wrong = Vec::new();
    let mut at = 0;
    while let Some((start, mark, end)) = next_pair(text, at) {
        at = end + mark.len();
        let inside = &text[start + mark.len()..end];
        if mark != "$" || !is_pair("$", inside, &text[end + 1..]) {
            // Formulas stand in emphasis, too, and behind sums of money.
            at = if mark == "`" { at } else { start + mark.len() };
            continue;
        }
        if let Err(problem) = Formula::read(inside, false, &mut macros.clone()) {
            let place = problem.at.filter(|at| at.end <= inside.len()).unwrap_or(0..inside.len());
            wrong.push((start + 1 + place.start..start + 1 + place.end, problem.message, problem.help));
        }
    }
    wrong
}

/// The first formula of a text that cannot show any, with its marks.
pub fn formula_in(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    while let Some((start, mark, end)) = next_pair(text, at) {
        if mark == "$" && is_pair("$", &text[start + 1..end], &text[end + 1..]) {
            return Some(start..end + 1);
        }
        at = if mark == "`" { end } else { start } + mark.len();
    }
    None
}

/// The mark that stands here.
fn mark_at(text: &str, start: usize) -> &str {
    let length = if text[start..].starts_with("**") { 2 } else { 1 };
    &text[start..start + length]
}

/// The next mark that has a partner: where, the mark, and where its partner stands.
fn next_pair(text: &str, from: usize) -> Option<(usize, &str, usize)> {
    let mut at = from;
    loop {
        let start = at + text[at..].find(['$', '*', '`'])?;
        let mark = mark_at(text, start);
        match partner(text, start, mark) {
            Some(end) => return Some((start, mark, end)),
            None => at = start + mark.len(),
        }
    }
}

/// The next mark of the kind that stands here. Code goes before formulas: none ends within some, but in braces a grave accent
/// is a quotation mark of TeX.
fn partner(text: &str, start: usize, mark: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start + mark.len();
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'*' if mark.starts_with('*') => {
                if mark_at(text, at) == mark {
                    return Some(at);
                }
                at += mark_at(text, at).len() - 1;
            }
            _ if mark.as_bytes() == [*byte] => return Some(at),
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'`' if mark == "$" && depth == 0 => {
                at += text[at + 1..].find('`').map_or(0, |length| length + 1);
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Text with its raised digits as `<sup>`: fonts for reading have only some of them.
fn push_raised(html: &mut String, text: &str) {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ";
    const PLAIN: &str = "0123456789\u{2212}n";
    let mut rest = text;
    while let Some(at) = rest.find(|c| RAISED.contains(c)) {
        let (before, after) = rest.split_at(at);
        escape_into(html, before);
        let end = after.find(|c| !RAISED.contains(c)).unwrap_or(after.len());
        let place = |c: char| RAISED.chars().position(|raised| raised == c);
        let plain: String = after[..end].chars().filter_map(|c| PLAIN.chars().nth(place(c)?)).collect();
        element(html, "sup", &plain);
        rest = &after[end..];
    }
    escape_into(html, rest);
}

fn element(html: &mut String, name: &str, text: &str) {
    html.push_str(&format!("<{name}>"));
    escape_into(html, text);
    html.push_str(&format!("</{name}>"));
}

enum Piece<'a> {
    Text(&'a str),
    Emphasis(&'a str),
    Strong(&'a str),
    Code(&'a str),
    /// Markup of our own converter, which checks it.
    Math(String),
}

fn pieces<'a>(text: &'a str, decimal: &str, macros: &Macros) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some((start, mark, end)) = next_pair(text, at) {
        let after = end + mark.len();
        match piece(mark, &text[start + mark.len()..end], &text[after..], decimal, macros) {
            Some(piece) => {
                pieces.push(Piece::Text(&text[from..start]));
                pieces.push(piece);
                at = after;
                from = at;
            }
            None => at = start + mark.len(),
        }
    }
    pieces.push(Piece::Text(&text[from..]));
    pieces
}

/// Whether two marks are a pair: something stands between them, no space beside them, and no digit behind a dollar sign.
fn is_pair(mark: &str, inside: &str, after: &str) -> bool {
    let money = mark == "$" && after.starts_with(|c: char| c.is_ascii_digit());
    !(inside.is_empty() || inside.starts_with(' ') || inside.ends_with(' ') || money)
}

/// What stands between two marks; `None` if they are no pair.
fn piece<'a>(mark: &str, inside: &'a str, after: &str, decimal: &str, macros: &Macros) -> Option<Piece<'a>> {
    if !is_pair(mark, inside, after) {
        return None;
    }
    match mark {
        "$" => {
            let formula = Formula::read(inside, false, &mut macros.clone()).ok()??;
            // A result in it is refused where the text is checked.
            formula
                .slots
                .is_empty()
                .then(|| Piece::Math(formula.mathml(decimal, |_| (String::new(), String::new()))))
        }
        "*" => Some(Piece::Emphasis(inside)),
        "**" => Some(Piece::Strong(inside)),
        _ => Some(Piece::Code(inside)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str, tag: &str) -> String {
        inline_html(text, &Locale::built_in(tag).unwrap(), &Macros::default()).into_string()
    }

    #[test]
    fn mathematics_emphasis_and_code() {
        let text = html("At most $2^n$ of *all* `<b>`", "en");
        assert!(text.starts_with("At most <math display=\"inline\"><semantics>"), "{text}");
        assert!(text.ends_with("</math> of <em>all</em> <code>&lt;b&gt;</code>"), "{text}");
    }

    #[test]
    fn marks_without_partners_and_markup_stay_text() {
        assert_eq!(html("5 * 3 * 2, 4 $ and <i>", "en"), "5 * 3 * 2, 4 $ and &lt;i&gt;");
        assert_eq!(html("$\\nothing$", "en"), "$\\nothing$");
        assert_eq!(html("from $5 to $6", "en"), "from $5 to $6");
        assert_eq!(html("costs $6, see `$PATH`", "en"), "costs $6, see <code>$PATH</code>");
        assert_eq!(
            html("Two **states**, *one* `*` and 2 ** 3", "en"),
            "Two <strong>states</strong>, <em>one</em> <code>*</code> and 2 ** 3"
        );
        assert_eq!(html("", "en"), "");
        assert_eq!(html("16¹⁶ and 10⁻³", "en"), "16<sup>16</sup> and 10<sup>\u{2212}3</sup>");
    }

    #[test]
    fn words_without_markup() {
        assert_eq!(plain_words("At most $2^n$ of *all* `<b>`", &Macros::default()), "At most 2^n of all <b>");
    }

    #[test]
    fn the_rest_is_set_as_its_language_wants_it() {
        assert_eq!(html("*Pourquoi* ? \"Oui\"", "fr"), "<em>Pourquoi</em>\u{202f}? «\u{202f}Oui\u{202f}»");
    }
}
