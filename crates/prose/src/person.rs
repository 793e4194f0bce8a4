//! Names of people, as BibTeX reads them.
//!
//! ```text
//! First von Last        von Last, First        von Last, Jr, First        {A Group That Is One Name}
//! ```
//!
//! Between names stands `and`; `and others` and `et al.` say that there are more.

use std::ops::Range;

use super::latex::{self, Wrong};

/// A person or group of a work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Family name with its particle, such as `von Neumann`; the whole name of a group.
    pub family: String,
    /// Given names as written.
    pub given: String,
    /// What follows the name, such as `Jr.`.
    pub suffix: String,
}

impl Person {
    /// The initials of the given names: `J.-P.` of `Jean-Pierre`. What is abbreviated already stays as it is: `Yu.`.
    pub fn initials(&self) -> String {
        let upper = |part: &str| part.chars().next().map(|c| format!("{}.", c.to_uppercase()));
        let initial = |part: &str| {
            if part.chars().count() <= 4 && part.ends_with('.') { Some(part.to_owned()) } else { upper(part) }
        };
        let word = |word: &str| word.split('-').filter_map(initial).collect::<Vec<_>>().join("-");
        // `J.R.R.` is three names.
        let spaced = self.given.replace('.', ". ").replace(". -", ".-");
        spaced.split_whitespace().map(word).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("\u{a0}")
    }

    /// The name as a list of references has it: `Novikoff, A. B.`.
    pub(super) fn inverted(&self) -> String {
        if self.given.is_empty() {
            return self.family.clone();
        }
        // These have no initials, and the family name comes first anyway.
        if self.given.chars().any(is_eastern) {
            let space = if self.family.chars().any(is_eastern) { "" } else { " " };
            return format!("{}{space}{}", self.family, self.given);
        }
        let suffix = if self.suffix.is_empty() { String::new() } else { format!(", {}", self.suffix) };
        format!("{}, {}{suffix}", self.family, self.initials())
    }

    /// The name in its natural order: `A. B. Novikoff`.
    pub(super) fn natural(&self) -> String {
        if self.given.is_empty() || self.given.chars().any(is_eastern) {
            return self.inverted();
        }
        let suffix = if self.suffix.is_empty() { String::new() } else { format!(" {}", self.suffix) };
        format!("{}\u{a0}{}{suffix}", self.initials(), self.family)
    }
}

/// Chinese, Japanese and Korean letters.
fn is_eastern(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

/// The people of a work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// In the order of the file.
    pub list: Vec<Person>,
    /// Whether there are more than these.
    pub others: bool,
}

impl People {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// Reads names, and what is wrong in them.
pub(super) fn people(text: &str) -> (People, Vec<Wrong>) {
    let mut people = People::default();
    let mut wrong = Vec::new();
    for range in names(text) {
        let (start, end) = (range.start, range.end);
        let mut parts = parts(&text[range]);
        if is_others(&text[start..end]) {
            people.others = true;
            continue;
        }
        if let Some(last) = parts.last_mut() {
            people.others |= take_et_al(last);
        }
        parts.retain(|part| !part.is_empty());
        let mut set = |tokens: &[Token<'_>]| {
            let words = tokens.iter().map(|token| {
                let (rich, found) = latex::rich(token.text);
                let at = start + token.start;
                wrong.extend(found.into_iter().map(|(span, why)| (at + span.start..at + span.end, why)));
                rich.plain().trim().to_owned()
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let person = match parts.as_slice() {
            [] => continue,
            [natural] => {
                let (given, family) = split_natural(natural);
                Person { family: set(family), given: set(given), suffix: String::new() }
            }
            [family, given] => Person { family: set(family), given: set(given), suffix: String::new() },
            [family, suffix, given, ..] => {
                Person { family: set(family), given: set(given), suffix: set(suffix) }
            }
        };
        if !person.family.is_empty() || !person.given.is_empty() {
            people.list.push(person);
        }
    }
    (people, wrong)
}

fn is_others(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '{' | '}')).collect();
    matches!(plain.trim().to_lowercase().as_str(), "others" | "et al" | "et al." | "et. al.")
}

/// Takes `et al.` off the end of a name.
fn take_et_al(tokens: &mut Vec<Token<'_>>) -> bool {
    let [.., et, al] = tokens.as_slice() else { return false };
    let found = matches!(et.text, "et" | "et.") && matches!(al.text, "al" | "al.");
    if found {
        tokens.truncate(tokens.len() - 2);
    }
    found
}

/// A word of a name.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    start: usize,
}

/// What a name of one part says: given names, and the family name with its particle.
fn split_natural<'t, 'a>(tokens: &'t [Token<'a>]) -> (&'t [Token<'a>], &'t [Token<'a>]) {
    let last = tokens.len().saturating_sub(1);
    let family = tokens[..last].iter().position(|token| is_particle(token.text)).unwrap_or(last);
    tokens.split_at(family)
}

/// Whether a word begins with a small letter. One in braces never does, unless they hold a letter with its accent.
fn is_particle(token: &str) -> bool {
    if token.starts_with('{') && !token.starts_with("{\\") {
        return false;
    }
    let (rich, _) = latex::rich(token);
    rich.plain().chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}

/// The names of a list, by the `and` between them that stands in no braces.
fn names(text: &str) -> Vec<Range<usize>> {
    let mut names = Vec::new();
    let mut start = 0;
    let words = words(text, |c| c.is_whitespace());
    for word in &words {
        if text[word.clone()].eq_ignore_ascii_case("and") {
            names.push(start..word.start);
            start = word.end;
        }
    }
    names.push(start..text.len());
    names
}

/// The parts of a name between its commas, each as words.
fn parts(name: &str) -> Vec<Vec<Token<'_>>> {
    let mut parts = vec![Vec::new()];
    let mut from = 0;
    let commas = separators(name, |c| c == ',');
    for comma in commas.into_iter().map(|comma| comma.start).chain([name.len()]) {
        let part = &name[from..comma];
        let tokens = words(part, |c| c.is_whitespace() || c == '~');
        let token = |range: Range<usize>| Token { text: &part[range.clone()], start: from + range.start };
        if let Some(last) = parts.last_mut() {
            last.extend(tokens.into_iter().map(token));
        }
        parts.push(Vec::new());
        from = (comma + 1).min(name.len());
    }
    parts.pop();
    parts
}

/// What stands between the separators, empty pieces left out.
fn words(text: &str, separates: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for separator in separators(text, separates) {
        words.push(start..separator.start);
        start = separator.end;
    }
    words.push(start..text.len());
    words.retain(|word| !word.is_empty());
    words
}

/// Where the separators stand that are in no braces, commands that are spaces among them. A space that ends a command of
/// letters, as in `\AA ngstr\"om`, is none.
fn separators(text: &str, separates: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let spaces = separates(' ');
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let mut next = at + letter.len_utf8();
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\\' => {
                let rest = &text[next..];
                let word = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                if word > 0 {
                    next += word;
                    next += text[next..].len() - text[next..].trim_start().len();
                } else {
                    next += rest.chars().next().map_or(0, char::len_utf8);
                    if spaces && depth == 0 && rest.starts_with([' ', ',', '\n', '\t']) {
                        found.push(at..next);
                    }
                }
            }
            _ if depth == 0 && separates(letter) => found.push(at..next),
            _ => {}
        }
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `family|given|suffix` of each, and `+` if there are more.
    fn read(text: &str) -> String {
        let (people, wrong) = people(text);
        assert_eq!(wrong, []);
        let name = |person: &Person| format!("{}|{}|{}", person.family, person.given, person.suffix);
        let names: Vec<String> = people.list.iter().map(name).collect();
        names.join("; ").replace('\u{a0}', "~") + if people.others { " +" } else { "" }
    }

    #[test]
    fn names_are_read_as_bibtex_reads_them() {
        for (text, expected) in [
            ("Poole, Ben and Raghu, Maithra", "Poole|Ben|; Raghu|Maithra|"),
            ("Jean-Pierre von Neumann", "von Neumann|Jean-Pierre|"),
            ("Ludwig van der Waals and van der Waals, L.", "van der Waals|Ludwig|; van der Waals|L.|"),
            ("King, Jr., Martin Luther", "King|Martin Luther|Jr."),
            (
                "A.~B.~Novikoff and Kolmogorov, A.~N. and A.\\ B.\\,Novikoff",
                "Novikoff|A. B.|; Kolmogorov|A. N.|; Novikoff|A. B.|",
            ),
            ("{World Health Organization}", "World Health Organization||"),
            ("{Barnes and Noble, Inc.} and Knuth, D. E.", "Barnes and Noble, Inc.||; Knuth|D. E.|"),
            (r"Garc{\'\i}a, A. and \'{E}lie Cartan and \v{S}evera, P", "García|A.|; Cartan|Élie|; Ševera|P|"),
            (r#"{\'e}mile de Foo and \AA ngstr\"om, A."#, "émile de Foo||; Ångström|A.|"),
            ("Zhang, L. and others", "Zhang|L.| +"),
            ("Zhang, L. and et al.", "Zhang|L.| +"),
            ("Zhang, L. et al.", "Zhang|L.| +"),
            ("L. Zhang et al. ", "Zhang|L.| +"),
            ("Иванов, Иван and Пётр Петров", "Иванов|Иван|; Петров|Пётр|"),
            ("Plato", "Plato||"),
            ("王, 勤", "王|勤|"),
            ("Sand,  George \n AND\n  Musset, A.", "Sand|George|; Musset|A.|"),
            ("Anderson and Candy", "Anderson||; Candy||"),
            ("", ""),
            (" and ", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn names_as_they_are_printed() {
        for (text, inverted, natural) in [
            ("Jean-Pierre von Neumann", "von Neumann, J.-P.", "J.-P.~von Neumann"),
            ("Tolkien, J.R.R.", "Tolkien, J.~R.~R.", "J.~R.~R.~Tolkien"),
            ("Matiyasevich, Yu. V.", "Matiyasevich, Yu.~V.", "Yu.~V.~Matiyasevich"),
            ("King, Jr., Martin Luther", "King, M.~L., Jr.", "M.~L.~King Jr."),
            ("王, 勤", "王勤", "王勤"),
            ("{CERN}", "CERN", "CERN"),
            ("élodie, x and Weil, André", "élodie, X.", "X.~élodie"),
            ("Serre, J.-P.", "Serre, J.-P.", "J.-P.~Serre"),
        ] {
            let person = &people(text).0.list[0];
            assert_eq!(person.inverted().replace('\u{a0}', "~"), inverted);
            assert_eq!(person.natural().replace('\u{a0}', "~"), natural);
        }
    }
}
