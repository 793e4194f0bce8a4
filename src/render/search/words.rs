//! Words of a text, without what tells their forms apart. `templates/assets/find.js` reads a query by the same rules.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are none that somebody looks for.
const LONGEST: usize = 40;

/// The names of Greek letters from `α` on, as TeX spells them: who looks for `epsilon` finds formulas with `ε`.
const GREEK: [&str; 25] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
];

/// The words of a text in small letters, those that an index holds: no single letters but Greek and Chinese ones, no numbers but those
/// of years.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    // Nothing is composed across a space, so what is plain between two can be told to be.
    for part in text.split_ascii_whitespace() {
        let small = if part.is_ascii() {
            part.to_ascii_lowercase()
        } else {
            part.nfkc().collect::<String>().to_lowercase()
        };
        let divides = |c: char| !(c.is_alphanumeric() || !c.is_ascii() && is_combining_mark(c));
        for run in small.split(divides).filter(|run| !run.is_empty()) {
            if !run.is_ascii() && run.chars().any(stands_alone) {
                words.extend(run.chars().filter(|c| stands_alone(*c)).map(String::from));
            } else if is_kept(run) {
                words.push(run.to_owned());
            }
        }
    }
    words
}

fn is_kept(run: &str) -> bool {
    // JavaScript counts in units of 16 bits, and letters beyond one of them would not sort alike.
    let short = run.chars().all(|c| u32::from(c) < 0x1_0000) && run.chars().count() <= LONGEST;
    let number = run.chars().all(|c| c.is_numeric());
    let alone = || run.chars().nth(1).is_none() && greek(run).is_none();
    short && if number { run.len() == 4 && run.starts_with(['1', '2']) } else { !alone() }
}

/// Whether a letter is of a script without spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3041}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}')
}

fn greek(run: &str) -> Option<&'static str> {
    let mut letters = run.chars();
    let (first, None) = (letters.next()?, letters.next()) else { return None };
    GREEK.get(u32::from(first).checked_sub(0x3b1)? as usize).copied()
}

/// A word in small letters as it is looked up: without accents, ligatures taken apart, a Greek letter by its name.
pub(super) fn fold(word: &str) -> String {
    if let Some(name) = greek(word) {
        return name.to_owned();
    }
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded
}

/// What takes words of a language to their stems.
pub(super) struct Stems(Option<Stemmer>);

impl Stems {
    /// Those of a language; every word is its own stem where none are known.
    pub(super) fn of(language: &str) -> Self {
        let algorithm = match language.split('-').next().unwrap_or_default() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "nb" | "nn" | "no" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Self(None),
        };
        Self(Some(Stemmer::create(algorithm)))
    }

    /// The folded stem of a word in small letters.
    pub(super) fn stem(&self, word: &str) -> String {
        match &self.0 {
            Some(stemmer) if greek(word).is_none() => fold(&stemmer.stem(word)),
            _ => fold(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_text() {
        for (text, wanted) in [
            ("L’entropie de l'épsilon", "entropie de épsilon"),
            ("ε-nets of 𝔼[X] in 2016, 0.3162 or x2", "ε nets of in 2016 or x2"),
            ("ﬁnite, Straße, ΣΊΣΥΦΟΣ", "finite straße σίσυφος"),
            ("深度学習 and 3D", "深 度 学 習 and 3d"),
            ("deep\u{200b}er", "deep er"),
            ("e\u{301}te\u{301}", "été"),
            ("3162 1999 a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6", "1999"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), wanted, "{text}");
        }
    }

    #[test]
    fn forms_meet() {
        for (one, other) in
            [("épsilon", "epsilon"), ("ε", "epsilon"), ("cœur", "coeur"), ("ø", "o"), ("µ", "µ")]
        {
            assert_eq!(fold(one), fold(other));
        }
        assert_eq!(
            words("µ ϵ ϕ").iter().map(|word| fold(word)).collect::<Vec<_>>(),
            ["mu", "epsilon", "phi"]
        );
        let same = |language: &str, one: &str, other: &str| {
            let stems = Stems::of(language);
            assert_eq!(stems.stem(one), stems.stem(other), "{one} and {other} in {language}");
        };
        same("fr", "couche", "couches");
        same("fr", "généralisé", "généralisée");
        same("en", "network", "networks");
        same("en-GB", "entropy", "entropies");
        same("de", "schicht", "schichten");
        assert_eq!(Stems::of("eo").stem("Réto"), "Reto");
        assert_ne!(Stems::of("fr").stem("couche"), Stems::of("fr").stem("coucou"));
    }
}
