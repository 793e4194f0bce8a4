//! Typographic habits of a language: quotation marks, dashes, ellipses, no-break spaces.
//!
//! A paragraph is set as a whole, so that a mark knows its neighbours across emphasis and links. Code, mathematics, values
//! and escaped characters take part as neighbours only.

use octavo_definition::locale::Locale;

const NARROW: char = '\u{202f}';
const NO_BREAK: char = '\u{a0}';

/// One piece of a paragraph.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf<'a> {
    /// Text to set.
    Text(&'a str),
    /// Something that stays as it is and looks like this character to its neighbours.
    Fixed(char),
}

/// The texts of the leaves, set; empty for fixed ones.
pub(super) fn typeset(leaves: &[Leaf<'_>], locale: &Locale) -> Vec<String> {
    if has_nothing_to_set(leaves, locale) {
        let as_it_is = |leaf: &Leaf<'_>| match leaf {
            Leaf::Text(text) => (*text).to_owned(),
            Leaf::Fixed(_) => String::new(),
        };
        return leaves.iter().map(as_it_is).collect();
    }
    set(leaves, locale)
}

/// Whether a paragraph has none of the marks that may be set: most have none, and nothing is to be done for them.
fn has_nothing_to_set(leaves: &[Leaf<'_>], locale: &Locale) -> bool {
    let mut before = 0;
    leaves.iter().all(|leaf| match leaf {
        Leaf::Text(text) => text.bytes().all(|byte| {
            let twice = std::mem::replace(&mut before, byte) == byte;
            match byte {
                b'"' | b'\'' => false,
                b'-' | b'.' => !twice,
                b';' | b':' | b'!' | b'?' | b'%' => !locale.spaced_punctuation,
                // The first byte of both guillemets.
                0xc2 => !locale.spaced_punctuation,
                _ => true,
            }
        }),
        Leaf::Fixed(c) => {
            before = 0;
            !locale.spaced_punctuation || !";:!?%«»".contains(*c)
        }
    })
}

fn set(leaves: &[Leaf<'_>], locale: &Locale) -> Vec<String> {
    let mut setter = Setter::new(leaves, locale);
    while setter.at < setter.chars.len() {
        setter.step();
    }
    setter.out
}

/// A text of its own, such as a title, set.
pub fn typeset_text(text: &str, locale: &Locale) -> String {
    typeset(&[Leaf::Text(text)], locale).concat()
}

struct Item {
    c: char,
    leaf: usize,
    /// Part of an address or of something that stays as it is.
    fixed: bool,
    /// Something that stays as it is and is written elsewhere.
    elsewhere: bool,
}

struct Setter<'a> {
    locale: &'a Locale,
    chars: Vec<Item>,
    out: Vec<String>,
    at: usize,
    /// Where the last single quotation mark stands that can close a pair.
    last_closing: Option<usize>,
    /// Whether a double or a single quotation mark is open.
    open_double: bool,
    open_single: bool,
}

impl<'a> Setter<'a> {
    fn new(leaves: &[Leaf<'_>], locale: &'a Locale) -> Self {
        let mut chars = Vec::new();
        for (leaf, piece) in leaves.iter().enumerate() {
            match piece {
                Leaf::Text(text) => {
                    chars.extend(text.chars().map(|c| Item { c, leaf, fixed: false, elsewhere: false }));
                }
                Leaf::Fixed(c) => chars.push(Item { c: *c, leaf, fixed: true, elsewhere: true }),
            }
        }
        fix_addresses(&mut chars);
        let last_closing = (1..chars.len()).rev().find(|index| closes_single(&chars, *index));
        let out = vec![String::new(); leaves.len()];
        Self { locale, chars, out, at: 0, last_closing, open_double: false, open_single: false }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|item| item.c)
    }

    fn before(&self) -> Option<char> {
        self.at.checked_sub(1).map(|index| self.chars[index].c)
    }

    fn push(&mut self, text: &str) {
        let leaf = self.chars[self.at].leaf;
        self.out[leaf].push_str(text);
    }

    /// Writes something for the next `count` characters.
    fn replace(&mut self, count: usize, text: &str) {
        self.push(text);
        self.at += count;
    }

    fn step(&mut self) {
        let Item { c, fixed, elsewhere, .. } = self.chars[self.at];
        if elsewhere {
            self.at += 1;
            return;
        }
        match c {
            _ if fixed => self.keep(),
            '"' => self.double_quote(),
            '\'' => self.single_quote(),
            '-' => self.dashes(),
            '.' => self.dots(),
            _ if self.locale.spaced_punctuation => self.spaced(c),
            _ => self.keep(),
        }
    }

    fn keep(&mut self) {
        let c = self.chars[self.at].c;
        self.replace(1, c.encode_utf8(&mut [0; 4]));
    }

    fn opens(&self) -> bool {
        let free = self.before().is_none_or(|c| c.is_whitespace() || "([{«“‘—–-/\u{a0}\u{202f}".contains(c));
        free && self.peek(1).is_some_and(|c| !c.is_whitespace())
    }

    fn double_quote(&mut self) {
        let opens = self.opens();
        // Inches and seconds: 6".
        if !opens && !self.open_double && self.before().is_some_and(|c| c.is_ascii_digit()) {
            self.keep();
            return;
        }
        self.open_double = opens;
        let mark = usize::from(!opens);
        let quote = self.locale.quotes[mark].clone();
        self.replace(1, &quote);
    }

    fn single_quote(&mut self) {
        let opens = self.opens() && self.peek(1).is_some_and(char::is_alphabetic) && self.has_partner();
        // Feet and minutes: 5'.
        let word = self.peek(1).is_some_and(char::is_alphabetic);
        if !opens && !word && !self.open_single && self.before().is_some_and(|c| c.is_ascii_digit()) {
            self.keep();
            return;
        }
        self.open_single = opens || (self.open_single && word);
        self.replace(1, if opens { "‘" } else { "’" });
    }

    /// Whether a closing single quotation mark follows in this paragraph, with something between the two.
    fn has_partner(&self) -> bool {
        self.last_closing.is_some_and(|last| last > self.at + 1)
    }

    fn run(&self, c: char) -> usize {
        self.chars[self.at..].iter().take_while(|item| item.c == c && !item.fixed).count()
    }

    fn dashes(&mut self) {
        let count = self.run('-');
        // `--strict` in running text is a flag, not a dash.
        let flag = self.before().is_none_or(char::is_whitespace)
            && self.peek(count).is_some_and(|c| c.is_ascii_alphabetic());
        match count {
            2 if !flag => self.replace(2, "–"),
            3 => self.replace(3, "—"),
            _ => self.replace(count, &"-".repeat(count)),
        }
    }

    fn dots(&mut self) {
        match self.run('.') {
            3 => self.replace(3, "…"),
            count => self.replace(count, &".".repeat(count)),
        }
    }

    /// French habits: a narrow no-break space before `; ! ?` and inside « », a no-break space before `:` and `%`.
    fn spaced(&mut self, c: char) {
        match c {
            ' ' | NO_BREAK | NARROW => self.space(),
            ';' | '!' | '?' | '»' => {
                self.insert_before(NARROW);
                self.keep();
            }
            ':' => {
                if self.peek(1).is_none_or(char::is_whitespace) {
                    self.insert_before(NO_BREAK);
                }
                self.keep();
            }
            '«' => {
                self.keep();
                if self.peek(0).is_some_and(|c| !c.is_whitespace()) {
                    let leaf = self.chars[self.at - 1].leaf;
                    self.out[leaf].push(NARROW);
                }
            }
            _ => self.keep(),
        }
    }

    /// A space that an author wrote before or after a mark.
    fn space(&mut self) {
        let space = match (self.before(), self.peek(1)) {
            (_, Some(';' | '!' | '?' | '»')) | (Some('«'), _) => NARROW,
            (_, Some(':')) => NO_BREAK,
            (Some(before), Some('%')) if before.is_ascii_digit() => NO_BREAK,
            _ => self.chars[self.at].c,
        };
        self.replace(1, space.encode_utf8(&mut [0; 4]));
    }

    /// A space before a mark that an author wrote without one.
    fn insert_before(&mut self, space: char) {
        let word = self.before().is_some_and(|c| {
            c.is_alphanumeric()
                || matches!(c, ')' | ']' | '”' | '’' | '\'' | '"' | '»' | '%' | '…' | '.' | '‰' | '°')
                || matches!(c, '€' | '$' | '£' | '¥' | '′' | '″' | '²' | '³')
        });
        let mark = self.chars[self.at].c;
        let word = word || (mark == '»' && self.before().is_some_and(|c| !c.is_whitespace()));
        let ends = self.peek(1).is_none_or(|c| {
            c.is_whitespace() || matches!(c, ';' | '!' | '?' | '.' | ',' | '…' | ')' | '"' | '»' | '”')
        });
        if word && ends {
            self.push(space.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Whether this is a single quotation mark at the end of a word.
fn closes_single(chars: &[Item], index: usize) -> bool {
    chars[index].c == '\''
        && !chars[index].fixed
        && !chars[index - 1].c.is_whitespace()
        && chars.get(index + 1).is_none_or(|after| !after.c.is_alphanumeric())
}

/// Words with `://` in them stay as they are.
fn fix_addresses(chars: &mut [Item]) {
    let mut start = 0;
    while start < chars.len() {
        let length = chars[start..].iter().take_while(|item| !item.c.is_whitespace()).count();
        let word = &mut chars[start..start + length];
        if word.windows(3).any(|part| part.iter().map(|item| item.c).eq("://".chars())) {
            word.iter_mut().for_each(|item| item.fixed = true);
        }
        start += length + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &str, text: &str, expected: &str) {
        let set = typeset_text(text, &Locale::built_in(tag).unwrap());
        assert_eq!(set.replace(NARROW, "_").replace(NO_BREAK, "~"), expected, "{text}");
    }

    #[test]
    fn french() {
        for (text, expected) in [
            ("Pourquoi ?", "Pourquoi_?"),
            ("Pourquoi?", "Pourquoi_?"),
            ("Non ; si ! Vraiment ?!", "Non_; si_! Vraiment_?!"),
            ("Voici : un", "Voici~: un"),
            ("Voici: un", "Voici~: un"),
            ("à 12:30, 16:9", "à 12:30, 16:9"),
            ("dit \"oui\" et", "dit «_oui_» et"),
            ("dit « oui » et", "dit «_oui_» et"),
            ("dit «oui» et", "dit «_oui_» et"),
            ("dit « oui ! »", "dit «_oui_!_»"),
            ("(quoi ?)", "(quoi_?)"),
            ("l'eau", "l’eau"),
            ("95 % des", "95~% des"),
            ("voir https://a.b/c?d=1;e fin", "voir https://a.b/c?d=1;e fin"),
            ("fin...", "fin…"),
            ("déjà\u{a0}; là", "déjà_; là"),
            ("a -- b", "a – b"),
            (";", ";"),
            ("les États-Unis'; et les États-Unis’; là", "les États-Unis’_; et les États-Unis’_; là"),
            ("5 €; 6 $? 20 °; 3 m²!", "5 €_; 6 $_? 20 °_; 3 m²_!"),
        ] {
            check("fr", text, expected);
        }
    }

    #[test]
    fn english() {
        for (text, expected) in [
            ("Why? Yes: \"no\"; 'maybe'!", "Why? Yes: “no”; ‘maybe’!"),
            ("it's the '90s, don't", "it’s the ’90s, don’t"),
            ("(\"a\")", "(“a”)"),
            ("pages 3--5 --- or so...", "pages 3–5 — or so…"),
            ("with --strict or ----", "with --strict or ----"),
            ("....", "...."),
            ("He is 5' 6\" tall, 12' x 4\"", "He is 5' 6\" tall, 12' x 4\""),
            ("\"in 1990\" and 'of 1990', 1990's", "“in 1990” and ‘of 1990’, 1990’s"),
            ("48° 51' 24\" N", "48° 51' 24\" N"),
            ("\"She said 'yes'.\"", "“She said ‘yes’.”"),
        ] {
            check("en", text, expected);
        }
    }

    #[test]
    fn a_paragraph_without_marks_is_what_setting_makes_of_it() {
        let pieces = ["a", " ", "é", "-", ".", "'", "\"", ";", "?", "%", ":", "»", "°", "9", "http://a"];
        let mut plain = [0; 2];
        for tag in ["en", "fr"] {
            let locale = Locale::built_in(tag).unwrap();
            for number in 0..pieces.len().pow(4) {
                let piece = |place: u32| pieces[number / pieces.len().pow(place) % pieces.len()];
                let (first, last) = (format!("{}{}", piece(0), piece(1)), piece(3));
                let fixed = piece(2).chars().next().unwrap();
                for between in [Leaf::Fixed(fixed), Leaf::Text(piece(2))] {
                    let leaves = [Leaf::Text(&first), between, Leaf::Text(last)];
                    assert_eq!(typeset(&leaves, &locale), set(&leaves, &locale), "{tag}: {leaves:?}");
                    plain[usize::from(has_nothing_to_set(&leaves, &locale))] += 1;
                }
            }
        }
        assert!(plain.iter().all(|count| *count > 10_000), "{plain:?}");
    }

    #[test]
    fn marks_know_their_neighbours_across_markup() {
        let fr = Locale::built_in("fr").unwrap();
        let leaves =
            [Leaf::Text("un "), Leaf::Text("mot"), Leaf::Text(" ! et "), Leaf::Fixed('x'), Leaf::Text("?")];
        assert_eq!(typeset(&leaves, &fr), ["un ", "mot", "\u{202f}! et ", "", "\u{202f}?"]);
    }
}
