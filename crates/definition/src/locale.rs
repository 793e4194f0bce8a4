//! Languages as data: interface words, number forms and typographic habits. A third language needs no code.

use crate::ids::Route;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything a page or figure needs to know of a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locale {
    /// Language tag, such as `fr`.
    #[serde(skip)]
    pub tag: String,
    /// The language's own name, such as `Français`.
    pub name: String,
    /// Between whole part and fraction.
    pub decimal: String,
    /// Between groups of three digits.
    pub thousands: String,
    /// Opening and closing quotation marks, with their inner space.
    pub quotes: [String; 2],
    /// Whether a no-break space stands before `: ; ! ?`.
    pub spaced_punctuation: bool,
    /// Interface words by key.
    pub words: BTreeMap<String, String>,
}

/// The languages that come with Octavo.
const BUILT_IN: &[(&str, &str)] = &[
    ("en", include_str!("../../../templates/locales/en.toml")),
    ("fr", include_str!("../../../templates/locales/fr.toml")),
];

impl Locale {
    /// Reads a locale file.
    ///
    /// # Errors
    /// The TOML error, with its place in the text.
    pub fn parse(tag: &str, text: &str) -> Result<Self, toml::de::Error> {
        let locale: Self = toml::from_str(text)?;
        Ok(Self { tag: tag.to_owned(), ..locale })
    }

    /// The words that a page may need and that this language lacks, with the English ones.
    pub fn lacks(&self) -> Vec<(String, String)> {
        let english = Self::built_in("en").expect("English is built in");
        english.words.into_iter().filter(|(key, _)| !self.words.contains_key(key)).collect()
    }

    /// A language that comes with Octavo.
    pub fn built_in(tag: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(name, _)| *name == tag)?;
        Some(Self::parse(tag, text).expect("the bundled locales are read by a test"))
    }

    /// In which direction it is written, as HTML says it: `ltr` or `rtl`.
    pub fn direction(&self) -> &'static str {
        const FROM_THE_RIGHT: [&str; 12] =
            ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"];
        const SCRIPTS: [&str; 4] = ["arab", "hebr", "syrc", "thaa"];
        let tag = self.tag.to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        // A script that is named decides: `az-Arab`, `ks-Deva`.
        let script =
            parts.find(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let from_the_right =
            script.map_or(FROM_THE_RIGHT.contains(&language), |script| SCRIPTS.contains(&script));
        if from_the_right { "rtl" } else { "ltr" }
    }

    /// An interface word. A key that no locale has stands for itself, visibly.
    pub fn word<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// An interface sentence with its gaps (`{name}`) filled.
    pub fn fill(&self, key: &str, gaps: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.word(key);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            text.push_str(gaps.iter().find(|(gap, _)| *gap == name).map_or("", |(_, value)| value));
            rest = after;
        }
        text + rest
    }

    /// A number text in neutral form (`-12345.5`, `1e-9`) with this language's separators. Groups of three only from
    /// five digits on.
    pub fn number(&self, neutral: &str) -> String {
        let (sign, digits) = neutral.strip_prefix('-').map_or(("", neutral), |rest| ("\u{2212}", rest));
        let split = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (whole, rest) = digits.split_at(split);
        let rest = rest
            .strip_prefix('.')
            .map_or_else(|| rest.to_owned(), |fraction| format!("{}{fraction}", self.decimal));
        format!("{sign}{}{rest}", self.grouped(whole))
    }

    /// The size of a file, such as `5.1 MB` or `310 KB` (powers of a thousand), in this language.
    pub fn file_size(&self, bytes: usize) -> String {
        // One decimal of megabytes, and whole kilobytes, rounded up: no file has none.
        let (number, unit) = match bytes {
            0..=999_499 => (bytes.div_ceil(1000).to_string(), "kilobytes"),
            _ => {
                let tenths = bytes.div_ceil(100_000);
                (format!("{}.{}", tenths / 10, tenths % 10), "megabytes")
            }
        };
        format!("{}\u{a0}{}", self.number(&number), self.word(unit))
    }

    /// A date such as `2026-11-24` in words; another text as it is.
    pub fn date(&self, date: &str) -> String {
        let Some((year, month, number)) = date.get(..10).and_then(day) else { return date.to_owned() };
        let first = self.words.get("first-day").filter(|_| number == 1);
        let number = first.cloned().unwrap_or_else(|| number.to_string());
        let month = self.word("months").split(' ').nth(month - 1).unwrap_or_default().to_owned();
        let pattern = self.word("date-pattern");
        pattern.replace("{day}", &number).replace("{month}", &month).replace("{year}", year)
    }

    fn grouped(&self, whole: &str) -> String {
        if whole.len() < 5 {
            return whole.to_owned();
        }
        let mut text = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push_str(&self.thousands);
            }
            text.push(digit);
        }
        text
    }
}

/// Whether a language is the first of these, which has no folder of its own in a site and no tag in the names of files.
pub fn is_first(languages: &[Locale], tag: &str) -> bool {
    languages.first().is_some_and(|first| first.tag == tag)
}

/// A route of the first language, as it is in another one.
pub fn route_in(languages: &[Locale], tag: &str, route: &str) -> Route {
    Route::new(if is_first(languages, tag) { route.to_owned() } else { format!("{tag}/{route}") })
}

/// Year, month and day of `2026-11-24`.
pub fn day(date: &str) -> Option<(&str, usize, usize)> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let good = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && parts.next().is_none();
    (good && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

/// Whether a text is a day as `2026-01-30`, with all its digits.
pub fn is_whole_day(date: &str) -> bool {
    date.len() == "2026-01-30".len() && day(date).is_some()
}

/// Whether a text has the form of a language tag: a language of two or three letters, and perhaps a script of four and a
/// region of two letters or three digits. Source: RFC 5646, section 2.1.
pub fn is_like_a_tag(text: &str) -> bool {
    let letters = |part: &str| part.chars().all(|c| c.is_ascii_alphabetic());
    let script = |part: &str| part.len() == 4 && letters(part);
    let region = |part: &str| {
        (part.len() == 2 && letters(part)) || (part.len() == 3 && part.chars().all(|c| c.is_ascii_digit()))
    };
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[0].len(), 2 | 3)
        && letters(parts[0])
        && match parts[1..] {
            [] => true,
            [one] => script(one) || region(one),
            [one, two] => script(one) && region(two),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_files() {
        let [english, french] = ["en", "fr"].map(|tag| Locale::built_in(tag).unwrap());
        assert_eq!(english.file_size(310_001), "311\u{a0}KB");
        assert_eq!(french.file_size(5_100_000), "5,1\u{a0}Mo");
        assert_eq!(english.file_size(999_500), "1.0\u{a0}MB");
        assert_eq!(english.file_size(94_688_700), "94.7\u{a0}MB");
    }

    #[test]
    fn languages_are_written_from_the_right_by_their_script() {
        let english = Locale::built_in("en").unwrap();
        for (tag, expected) in [
            ("en", "ltr"),
            ("he", "rtl"),
            ("ar-EG", "rtl"),
            ("az-Arab", "rtl"),
            ("ks-Deva", "ltr"),
            ("ur-Latn-PK", "ltr"),
            ("arn", "ltr"),
        ] {
            assert_eq!(Locale { tag: tag.to_owned(), ..english.clone() }.direction(), expected, "{tag}");
        }
    }

    #[test]
    fn the_bundled_locales_have_the_same_words() {
        let [en, fr] = ["en", "fr"].map(|tag| Locale::built_in(tag).unwrap());
        let keys = |locale: &Locale| locale.words.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&en), keys(&fr));
        let mut some = fr.clone();
        some.words.remove("claims");
        assert_eq!((fr.lacks(), some.lacks()), (vec![], vec![("claims".to_owned(), "Claims".to_owned())]));
    }

    #[test]
    fn dates_are_written_in_words() {
        for (tag, date, expected) in [
            ("en", "2026-11-24", "24\u{a0}November 2026"),
            ("fr", "2026-11-24", "24\u{a0}novembre 2026"),
            ("fr", "2026-02-01T10:00:00Z", "1er\u{a0}février 2026"),
            ("en", "2026-02-01", "1\u{a0}February 2026"),
            ("en", "Autumn 2026", "Autumn 2026"),
            ("en", "2026-13-01", "2026-13-01"),
            ("fr", "à l’été 2026 ou plus", "à l’été 2026 ou plus"),
        ] {
            assert_eq!(Locale::built_in(tag).unwrap().date(date), expected);
        }
    }

    #[test]
    fn tags_are_told_from_other_words() {
        for tag in ["de", "gsw", "pt-BR", "es-419", "zh-Hant", "zh-Hant-TW", "DE"] {
            assert!(is_like_a_tag(tag), "{tag}");
        }
        for other in ["", "d", "draft", "v2", "1", "de-", "-de", "pt_BR", "de-x", "é1", "a-b", "en-US-x"] {
            assert!(!is_like_a_tag(other), "{other}");
        }
    }

    #[test]
    fn numbers_follow_the_language() {
        let fr = Locale::built_in("fr").unwrap();
        assert_eq!(fr.number("1234.5"), "1234,5");
        assert_eq!(fr.number("-1234567.25"), "\u{2212}1\u{202f}234\u{202f}567,25");
        let en = Locale::built_in("en").unwrap();
        assert_eq!(en.number("500501"), "500,501");
        assert_eq!(en.number("1.5e-9"), "1.5e-9");
    }
}
