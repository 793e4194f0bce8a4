//! Numbers that stand in running text as their author typed them.

use std::ops::Range;

use octavo_definition::locale::Locale;

/// What may stand between the digits of one number, in any language.
const INSIDE: &[char] = &['.', ',', ' ', '\u{a0}', '\u{202f}'];

/// A number as it was typed: `1,023`, `0.25` or `12,5 %`.
#[derive(Clone, Debug, PartialEq)]
pub struct Numeral {
    /// Its digits with what stands between them.
    pub text: String,
    /// Whether a minus sign stands before it.
    pub negative: bool,
    /// Whether a sign of per cent follows.
    pub percent: bool,
}

impl Numeral {
    /// Its value and its number of decimal places; none if it is no number in this language.
    pub fn read(&self, locale: &Locale) -> Option<(f64, usize)> {
        let (whole, fraction) = match self.text.rsplit_once(locale.decimal.as_str()) {
            Some((whole, fraction)) => (whole, fraction),
            None => (self.text.as_str(), ""),
        };
        let mut groups = whole.split(INSIDE);
        let first = groups.next()?;
        let grouped = groups.all(|group| group.len() == 3);
        let plain = fraction.bytes().all(|digit| digit.is_ascii_digit());
        if !(grouped && plain) || first.is_empty() || (first.len() > 3 && whole.len() > first.len()) {
            return None;
        }
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        let value: f64 = format!("{digits}.{fraction}0").parse().ok()?;
        Some((if self.negative { -value } else { value }, fraction.len()))
    }

    /// How it is typed in a formula, where a comma and a space would be set as between two numbers.
    pub(super) fn in_formula(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", self.text.replace(',', "{,}").replace([' ', '\u{a0}', '\u{202f}'], "\\,"))
    }

    /// Whether it says enough to come from a result: three digits, or two with a decimal sign. With fewer it is most often a
    /// setting, such as 0.1, that some result equals by chance.
    pub fn says_much(&self, locale: &Locale) -> bool {
        let digits = self.text.chars().filter(char::is_ascii_digit);
        let significant = digits.skip_while(|digit| *digit == '0').count();
        self.read(locale).is_some_and(|(_, decimals)| significant >= if decimals > 0 { 2 } else { 3 })
    }
}

/// The numbers of a text with their places. What belongs to a longer word (`3D`, `2-64-64-1`, `arXiv:2401.07002`) is none.
pub(super) fn numerals(text: &str) -> Vec<(Numeral, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|offset| at + offset) {
        let end = end_of(text, start);
        at = end;
        let joins = |c: char| c.is_alphanumeric() || "-\u{2010}\u{2011}\u{2013}−/:_^×@#".contains(c);
        // A sign, unless it joins the number to what stands before it, as in 2-64-64-1.
        let signed = text[..start].strip_suffix(['-', '\u{2212}']);
        let negative =
            signed.filter(|left| left.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '('));
        let before = text[..start].chars().next_back().is_some_and(joins) && negative.is_none();
        let rest = &text[end..];
        let behind = rest.chars().next().is_some_and(joins);
        if before || behind {
            continue;
        }
        let percent = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']).starts_with('%');
        found.push((
            Numeral { text: text[start..end].to_owned(), negative: negative.is_some(), percent },
            start..end,
        ));
    }
    found
}

/// Where the number that begins here ends: behind its last digit. A space groups three digits at a time.
fn end_of(text: &str, start: usize) -> usize {
    let digits = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = start + digits(start);
    while let Some(sign) = text[end..].chars().next().filter(|c| INSIDE.contains(c)) {
        let next = end + sign.len_utf8();
        let more = digits(next);
        if more == 0 || (sign.is_whitespace() && (more != 3 || end - start > 3 + 4 * 4)) {
            break;
        }
        end = next + more;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: &str) -> Vec<(f64, usize, bool)> {
        let locale = Locale::built_in(language).unwrap();
        let numerals = numerals(text).into_iter().filter(|(numeral, _)| numeral.says_much(&locale));
        let read = |(numeral, _): (Numeral, _)| {
            numeral.read(&locale).map(|(value, decimals)| (value, decimals, numeral.percent))
        };
        numerals.filter_map(read).collect()
    }

    #[test]
    fn numbers_of_english_and_french() {
        assert_eq!(
            found("1,023 regions, 0.25 of them, 12.5% and 7 more.", "en"),
            [(1023.0, 0, false), (0.25, 2, false), (12.5, 1, true)]
        );
        assert_eq!(
            found("1 023 régions, 0,25 d’entre elles, 12,5 % et 7 de plus.", "fr"),
            [(1023.0, 0, false), (0.25, 2, false), (12.5, 1, true)]
        );
    }

    #[test]
    fn what_belongs_to_a_word_or_says_little_is_none() {
        for text in [
            "3D",
            "a 2-64-64-1 network",
            "arXiv:2401.07002",
            "99 of 12",
            "10 to 20",
            "x_125",
            "0, 1, 2",
            "0.1 or .05",
        ] {
            assert_eq!(found(text, "en"), [], "{text}");
        }
    }

    #[test]
    fn as_typed_in_a_formula() {
        let typed = |text: &str| numerals(text)[0].0.in_formula();
        assert_eq!(
            (typed("1 024,5"), typed("-0.25"), typed("1,024")),
            (r"1\,024{,}5".into(), "-0.25".into(), "1{,}024".into())
        );
    }

    #[test]
    fn signs() {
        assert_eq!(
            found("It falls by -12.5, or (\u{2212}0.25%).", "en"),
            [(-12.5, 1, false), (-0.25, 2, true)]
        );
        assert_eq!(found("between 100-200, 3-0.25 and a-125", "en"), []);
    }

    #[test]
    fn lists_and_ends_of_sentences() {
        assert_eq!(found("Either 100, 200 or 300.", "en").len(), 3);
        assert_eq!(found("In 2018, 365 of them.", "en"), [(2018.0, 0, false), (365.0, 0, false)]);
        assert_eq!(found("It has 529.", "en"), [(529.0, 0, false)]);
    }
}
