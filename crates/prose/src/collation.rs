//! The order of names in a language: accents count last, letters of a language's own stand where its alphabet has them, and
//! its own script comes first.
//!
//! Source of the alphabets: Unicode CLDR, common/collation. Chinese characters are in the order of their code points.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Languages, and letters of theirs with the one that each group follows.
type Alphabet = (&'static [&'static str], &'static [(char, &'static str)]);

/// Letters that an alphabet has after another one. What is not here is sorted as the letter without its accent.
const ALPHABETS: &[Alphabet] = &[
    (&["sv", "fi"], &[('z', "åäö")]),
    (&["da", "nb", "nn", "no"], &[('z', "æøå")]),
    (&["is"], &[('d', "ð"), ('z', "þæö")]),
    (&["es", "gl", "eu"], &[('n', "ñ")]),
    (
        &["pl"],
        &[('a', "ą"), ('c', "ć"), ('e', "ę"), ('l', "ł"), ('n', "ń"), ('o', "ó"), ('s', "ś"), ('z', "źż")],
    ),
    (&["cs", "sk"], &[('c', "č"), ('r', "ř"), ('s', "š"), ('z', "ž")]),
    (&["hr", "sl", "bs"], &[('c', "čć"), ('d', "đ"), ('s', "š"), ('z', "ž")]),
    (&["hu"], &[('o', "ö"), ('u', "ü")]),
    (&["ro"], &[('a', "ăâ"), ('i', "î"), ('s', "ș"), ('t', "ț")]),
    (&["tr", "az"], &[('c', "ç"), ('g', "ğ"), ('h', "ı"), ('o', "ö"), ('s', "ş"), ('u', "ü")]),
    (&["et"], &[('s', "šzž"), ('w', "õäöü")]),
    (&["lv"], &[('c', "č"), ('g', "ģ"), ('k', "ķ"), ('l', "ļ"), ('n', "ņ"), ('s', "š"), ('z', "ž")]),
    (&["lt"], &[('c', "č"), ('s', "š"), ('z', "ž")]),
    (&["uk"], &[('г', "ґ"), ('и', ""), ('і', "ї")]),
];

/// One letter: its script, its place, and its place after that.
type Letter = (u8, char, u8);

/// What a text is sorted by in a language: letters first, then accents, then the text itself.
pub fn key(text: &str, tag: &str) -> (Vec<Letter>, String, String) {
    let composed: String = text.nfc().collect::<String>().to_lowercase().nfc().collect();
    let language = tag.split('-').next().unwrap_or(tag);
    let mut letters = Vec::new();
    for letter in composed.chars() {
        push(&mut letters, letter, language);
    }
    while letters.last().is_some_and(|(script, _, _)| *script == 0) {
        letters.pop();
    }
    (letters, composed, text.to_owned())
}

fn push(letters: &mut Vec<Letter>, letter: char, language: &str) {
    if letter.is_whitespace() || matches!(letter, '-' | '\u{2010}' | '\u{2011}' | '–') {
        if letters.last().is_some_and(|(script, _, _)| *script > 0) {
            letters.push((0, ' ', 0));
        }
        return;
    }
    if let Some((base, rank)) = own_letter(letter, language) {
        letters.push((script(base, language), base, rank));
        return;
    }
    let spelled = match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ĳ' => "ij",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ς' => "σ",
        // A letter of its own, not one with an accent.
        'й' => {
            letters.push((script('и', language), 'и', 1));
            return;
        }
        _ => "",
    };
    let plain = |c: &char| c.is_alphanumeric() && !is_combining_mark(*c);
    if spelled.is_empty() {
        // The letters of Hangul stay whole.
        let parts: Vec<char> = if matches!(letter, '\u{ac00}'..='\u{d7af}') {
            vec![letter]
        } else {
            std::iter::once(letter).nfkd().filter(plain).collect()
        };
        letters.extend(parts.into_iter().map(|c| (script(c, language), c, 0)));
    } else {
        letters.extend(spelled.chars().map(|c| (script(c, language), c, 0)));
    }
}

/// The place of a letter that the language's alphabet has for itself.
fn own_letter(letter: char, language: &str) -> Option<(char, u8)> {
    let (_, alphabet) = ALPHABETS.iter().find(|(tags, _)| tags.contains(&language))?;
    alphabet.iter().find_map(|(base, after)| {
        let place = after.chars().position(|own| own == letter)?;
        Some((*base, u8::try_from(place + 1).ok()?))
    })
}

/// Digits, then the script of the language, then the others.
fn script(letter: char, language: &str) -> u8 {
    if letter.is_ascii_digit() {
        return 1;
    }
    let own = match language {
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" | "kk" | "ky" | "mn" | "tg" => {
            matches!(letter, '\u{400}'..='\u{52f}')
        }
        "el" => matches!(letter, '\u{370}'..='\u{3ff}'),
        "hy" => matches!(letter, '\u{530}'..='\u{58f}'),
        "he" | "yi" => matches!(letter, '\u{590}'..='\u{5ff}'),
        "ar" | "fa" | "ur" => matches!(letter, '\u{600}'..='\u{6ff}'),
        "hi" | "mr" | "ne" => matches!(letter, '\u{900}'..='\u{97f}'),
        "th" => matches!(letter, '\u{e00}'..='\u{e7f}'),
        "ka" => matches!(letter, '\u{10a0}'..='\u{10ff}'),
        "ja" => matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'),
        "zh" => matches!(letter, '\u{3400}'..='\u{9fff}'),
        "ko" => matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}'),
        _ => letter < '\u{370}',
    };
    if own { 2 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(tag: &str, text: &str) -> String {
        let mut names: Vec<&str> = text.split(", ").collect();
        names.sort_by_key(|name| key(name, tag));
        names.join(", ")
    }

    #[test]
    fn names_stand_in_the_order_of_the_language() {
        for (tag, expected) in [
            (
                "en",
                "Abel, Ångström, Cote, Côté, de Moor, De Young, Lévy, Levy Strauss, Łukasiewicz, Mann, Øre, Smith, Šverák, Zhang, Ωmega, Иванов, Йорк, 王",
            ),
            ("fr", "Émile, Erdős, Œuvre, Ohm, Zola, Αβγ, Абель, שלום, عمر"),
            ("sv", "Abel, Olsson, Zorn, Ångström, Äng, Öberg"),
            ("da", "Abel, Zorn, Æbel, Ørsted, Ångström"),
            ("es", "Nunez, Núñez, Nuzez, Ñandu, Oca"),
            ("pl", "Lem, Lubicz, Łukasiewicz, Mazur"),
            ("de", "Ärmel, Arndt, Müller, Mulzer, Strauss, Strauß, Strum"),
            ("ru", "Ежов, Ёлкин, Ершов, Иванов, Йогансен, Котов, Abel, 王"),
            ("el", "Άλφα, Βήτα, Abel"),
            ("cs", "Cech, Čech, Dan"),
        ] {
            let mut shuffled: Vec<&str> = expected.split(", ").collect();
            shuffled.reverse();
            assert_eq!(sorted(tag, &shuffled.join(", ")), expected, "{tag}");
        }
    }

    #[test]
    fn marks_and_forms_of_letters_do_not_count() {
        let letters = |text: &str| key(text, "en").0;
        assert_eq!(letters("O'Neil"), letters("ONeil"));
        assert_eq!(letters("Lévy"), letters("Le\u{301}vy"));
        assert_eq!(letters("Saint-Venant"), letters("saint venant"));
        assert!(letters("Berg") < letters("Bergh"));
        assert!(letters("van Berg") < letters("Vanberg"));
    }
}
