//! Words of the project that pages explain where they first use them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A word of the project in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What pages call it, `linear-region`: the id of its place in the list of words.
    pub name: String,
    /// The word and its further forms, set by the habits of the language.
    pub forms: Vec<String>,
    /// What it means, without markup.
    pub meaning: String,
}

/// The words of the project in one language.
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    /// Forms in plain letters with the index of their term, the longest first, by their first letter.
    forms: BTreeMap<char, Vec<(Vec<char>, usize)>>,
}

impl Glossary {
    /// These words.
    pub fn new(terms: Vec<Term>) -> Self {
        let mut forms: BTreeMap<char, Vec<(Vec<char>, usize)>> = BTreeMap::new();
        for (index, term) in terms.iter().enumerate() {
            for form in &term.forms {
                let letters = comparable(form);
                if let Some(first) = letters.first() {
                    forms.entry(*first).or_default().push((letters, index));
                }
            }
        }
        for each in forms.values_mut() {
            each.sort_by(|one, other| other.0.len().cmp(&one.0.len()).then_with(|| one.cmp(other)));
        }
        Self { terms, forms }
    }

    /// The word that pages call so, by its number.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.terms.iter().position(|term| term.name == name)
    }

    /// The word with this number.
    pub(super) fn term(&self, index: usize) -> &Term {
        &self.terms[index]
    }

    /// The first word of a text beyond those told: its bytes, and its number. Of words that begin at one place the longest counts.
    pub(super) fn first(&self, text: &str, told: &BTreeSet<usize>) -> Option<(Range<usize>, usize)> {
        let mut before = None;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if before.is_none_or(|before| !joins(before))
                && let Some((length, index)) = self.at(&text[at..])
            {
                if !told.contains(&index) {
                    return Some((at..at + length, index));
                }
                // A word within a longer one is no use of it.
                before = text[..at + length].chars().next_back();
                at += length;
                continue;
            }
            before = Some(c);
            at += c.len_utf8();
        }
        None
    }

    /// The longest form that a text begins with: its bytes and the number of its word.
    fn at(&self, text: &str) -> Option<(usize, usize)> {
        let first = lower(text.chars().next()?);
        let fits = |letters: &[char]| {
            let mut rest = text.char_indices();
            let mut wanted = letters.iter().enumerate();
            let same = wanted.all(|(index, letter)| match rest.next() {
                Some((_, c)) if index == 0 => lower(c) == *letter,
                Some((_, c)) => plain(c) == *letter,
                None => false,
            });
            let end = rest.next();
            let whole = end.is_none_or(|(_, next)| !joins(next));
            (same && whole).then(|| end.map_or(text.len(), |(at, _)| at))
        };
        self.forms.get(&first)?.iter().find_map(|(letters, index)| Some((fits(letters)?, *index)))
    }
}

/// Whether two forms are the same to a reader: spaces and apostrophes are of several kinds, and a sentence begins with a capital.
pub fn same_form(one: &str, other: &str) -> bool {
    comparable(one) == comparable(other)
}

fn comparable(form: &str) -> Vec<char> {
    let mut letters: Vec<char> = form.trim().chars().map(plain).collect();
    if let Some(first) = letters.first_mut() {
        *first = lower(*first);
    }
    letters
}

fn plain(c: char) -> char {
    match c {
        '’' => '\'',
        '\u{2011}' => '-',
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

fn lower(c: char) -> char {
    plain(c).to_lowercase().next().unwrap_or(c)
}

/// Whether a character is part of the word beside it.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '\u{2010}' | '\u{2011}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(forms: &[&[&str]], text: &str) -> Vec<(String, usize)> {
        let term = |(index, forms): (usize, &&[&str])| Term {
            name: index.to_string(),
            forms: forms.iter().map(|form| (*form).to_owned()).collect(),
            meaning: String::new(),
        };
        let glossary = Glossary::new(forms.iter().enumerate().map(term).collect());
        let (mut told, mut rest, mut found) = (BTreeSet::new(), text, Vec::new());
        while let Some((place, index)) = glossary.first(rest, &told) {
            found.push((rest[place.clone()].to_owned(), index));
            told.insert(index);
            rest = &rest[place.end..];
        }
        found
    }

    #[test]
    fn whole_words_are_found_the_longest_first_each_once() {
        let forms: &[&[&str]] =
            &[&["curve"], &["dragon curve", "dragon curves"], &["depth"], &["KL divergence"]];
        for (text, expected) in [
            ("The dragon curve is a curve.", &[("dragon curve", 1), ("curve", 0)][..]),
            ("A curved, curve-like in-depth depths", &[]),
            ("Depth, and depth again", &[("Depth", 2)]),
            ("dragon\ncurves and dragon curve", &[("dragon\ncurves", 1)]),
            ("kl divergence, KL Divergence, KL\u{a0}divergence", &[("KL\u{a0}divergence", 3)]),
            ("curve", &[("curve", 0)]),
            ("écurve dépth", &[]),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|(word, index)| ((*word).to_owned(), *index)).collect();
            assert_eq!(found(forms, text), expected, "{text}");
        }
    }

    #[test]
    fn an_apostrophe_ends_a_word_before_it() {
        assert_eq!(found(&[&["entropie"]], "de l’entropie"), [("entropie".to_owned(), 0)]);
        assert!(same_form("L'aire", "l’aire") && !same_form("aire", "aires"));
    }
}
