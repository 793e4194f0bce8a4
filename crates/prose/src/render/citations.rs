//! Citations in the text and the list of references.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::citation::{CitationStyle, CitedWork};
use crate::cited::Cited;
use crate::collation;
use crate::csl::{Csl, Page};
use crate::host::ProseHost;
use crate::part::{Listed, Part};
use crate::person::Person;
use crate::reference::Reference;
use crate::safe_html::escape;
use crate::work::push_work;
use octavo_definition::locale::Locale;

/// How a work is called in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Label {
    /// `Poole et al.`
    who: String,
    /// `2016`, with a letter behind it where two works would read the same.
    year: String,
}

/// The works that a page cites.
pub(super) struct Citations<'a> {
    locale: &'a Locale,
    style: CitationStyle,
    entries: BTreeMap<&'a str, &'a CitedWork>,
    labels: BTreeMap<&'a str, Label>,
    /// How often each is cited, in the order of the text.
    counts: IndexMap<String, usize>,
    /// What writes them if the style is a CSL file.
    page: Option<Page<'a>>,
    csl: Option<&'a Csl>,
}

impl<'a> Citations<'a> {
    /// Labels for all works that the page will cite.
    pub(super) fn new(references: &'a [Reference], host: &'a dyn ProseHost, locale: &'a Locale) -> Self {
        let entries: BTreeMap<&str, &CitedWork> = references
            .iter()
            .filter(|reference| reference.kind.is_work())
            .filter_map(|reference| Some((reference.target.as_str(), host.citation(&reference.target)?)))
            .collect();
        let mut groups: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        for (key, entry) in in_order(&entries, locale) {
            groups.entry((who(entry, locale), year(entry, locale))).or_default().push(key);
        }
        let mut labels = BTreeMap::new();
        for ((who, year), keys) in groups {
            let several = keys.len() > 1;
            for (index, key) in keys.into_iter().enumerate() {
                let year = if several { format!("{year}{}", letter(&year, index)) } else { year.clone() };
                labels.insert(key, Label { who: who.clone(), year });
            }
        }
        let csl = host.csl();
        Self {
            locale,
            style: host.citation_style(),
            entries,
            labels,
            counts: IndexMap::new(),
            page: csl.map(|csl| Page::new(csl, locale)),
            csl,
        }
    }

    /// The CSL style of the page, if it has one.
    pub(super) fn csl(&self) -> Option<&'a Csl> {
        self.csl
    }

    /// A citation in brackets.
    pub(super) fn cite(&mut self, items: &[Cited<'_>], html: &mut String) {
        if self.mark(false, &items.iter().collect::<Vec<_>>(), html) {
            return;
        }
        let (open, close) = self.brackets();
        html.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                let _ = write!(html, "{} ", self.semicolon());
            }
            if !item.prefix.is_empty() {
                let _ = write!(html, "{} ", item.prefix);
            }
            let text = match (self.style, self.labels.get(item.key)) {
                (CitationStyle::Numbers, Some(_)) => self.number(item.key),
                (_, Some(label)) if item.suppressed => label.year.clone(),
                (_, Some(label)) => format!("{} {}", label.who, label.year),
                (_, None) => String::new(),
            };
            self.link(item.key, &text, html);
            html.push_str(&item.suffix);
        }
        html.push_str(close);
    }

    /// A citation that is part of the sentence: `Poole et al. (2016)`.
    pub(super) fn narrate(&mut self, item: &Cited<'_>, further: &[Cited<'_>], html: &mut String) {
        if self.mark(true, &std::iter::once(item).chain(further).collect::<Vec<_>>(), html) {
            return;
        }
        let Some(label) = self.labels.get(item.key).cloned() else {
            self.link(item.key, "", html);
            return;
        };
        let (open, close) = self.brackets();
        let year = if self.style == CitationStyle::Numbers { self.number(item.key) } else { label.year };
        let who = if item.suppressed { String::new() } else { format!("{} ", label.who) };
        if item.suffix.is_empty() && further.is_empty() {
            self.link(item.key, &format!("{who}{open}{year}{close}"), html);
            return;
        }
        self.link(item.key, &format!("{who}{open}{year}"), html);
        html.push_str(&item.suffix);
        for item in further {
            let mut inner = String::new();
            self.cite(std::slice::from_ref(item), &mut inner);
            let inner = inner.strip_prefix(open).unwrap_or(&inner);
            let _ = write!(html, "{} {}", self.semicolon(), inner.strip_suffix(close).unwrap_or(inner));
        }
        html.push_str(close);
    }

    /// Leaves a mark where a CSL style will write the citation; false if there is no such style.
    fn mark(&mut self, narrative: bool, works: &[&Cited<'_>], html: &mut String) -> bool {
        let Some(page) = &mut self.page else { return false };
        let (labels, counts) = (&self.labels, &mut self.counts);
        let count = |key: &str| {
            labels.contains_key(key).then(|| {
                let count = counts.entry(key.to_owned()).or_default();
                *count += 1;
                *count
            })
        };
        page.cite(narrative, works, count, html);
        true
    }

    fn semicolon(&self) -> &'static str {
        if self.locale.spaced_punctuation { "\u{202f};" } else { ";" }
    }

    fn brackets(&self) -> (&'static str, &'static str) {
        match self.style {
            CitationStyle::AuthorYear => ("(", ")"),
            CitationStyle::Numbers => ("[", "]"),
        }
    }

    /// The number of a work that is cited now.
    fn number(&self, key: &str) -> String {
        (self.counts.get_index_of(key).unwrap_or(self.counts.len()) + 1).to_string()
    }

    fn link(&mut self, key: &str, text: &str, html: &mut String) {
        let escaped = escape(key);
        if !self.labels.contains_key(key) {
            // The caller has checked every key against the bibliography, with its place.
            let _ = write!(html, "<span class=\"failed\">{escaped}?</span>");
            return;
        }
        let count = self.counts.entry(key.to_owned()).or_default();
        *count += 1;
        let text = escape(text);
        let _ = write!(
            html,
            "<a class=\"citation\" id=\"cite-{escaped}-{count}\" href=\"#ref-{escaped}\">{text}</a>"
        );
    }

    /// Keys in the order of the text.
    pub(super) fn keys(&self) -> Vec<String> {
        self.counts.keys().cloned().collect()
    }

    /// The list of what was cited, if anything was. The citations of a CSL style are written only now; the second value is why such a
    /// style cannot be followed.
    pub(super) fn finish(&mut self) -> (Option<Part<'static>>, Result<(), String>) {
        let keys = self.keys();
        let (labels, entries) = (&self.labels, &self.entries);
        let who = |key: &str| labels.get(key).map(|label| label.who.clone()).unwrap_or_default();
        let written = self.page.as_mut().map(|page| page.finish(entries, &keys, who)).transpose();
        let styled = written.as_ref().ok().cloned().flatten().flatten();
        let list = (!self.counts.is_empty()).then(|| self.list(styled.as_deref()));
        (list, written.map(drop))
    }

    /// HTML with the citations that a CSL style wrote in the places of their marks.
    pub(super) fn filled(&self, html: String) -> String {
        self.page.as_ref().map(|page| page.filled(&html)).unwrap_or(html)
    }

    /// The list of what was cited. `styled` is what a CSL style made of each work, by its key.
    fn list(&self, styled: Option<&[(String, String)]>) -> Part<'static> {
        let numbered = self.style == CitationStyle::Numbers;
        let works = if let Some(styled) = styled {
            let count = |key: &str| self.counts.get(key).copied().unwrap_or_default();
            styled.iter().map(|(key, work)| listed(key, work.clone(), count(key))).collect()
        } else if numbered {
            let cited = self.counts.iter();
            cited
                .filter_map(|(key, count)| Some(self.item(self.entries.get(key.as_str())?, *count)))
                .collect()
        } else {
            let sorted = in_order(&self.entries, self.locale).into_iter();
            sorted.filter_map(|(key, entry)| Some(self.item(entry, *self.counts.get(key)?))).collect()
        };
        Part::References { numbered, styled: styled.is_some(), works }
    }

    fn item(&self, entry: &CitedWork, count: usize) -> Listed {
        let own = year(entry, self.locale);
        // Numbers tell works apart without letters.
        let year = match (self.style, self.labels.get(entry.key.as_str())) {
            (CitationStyle::AuthorYear, Some(label)) => &label.year,
            _ => &own,
        };
        let mut content = String::new();
        push_work(&mut content, entry, year, self.locale);
        listed(&entry.key, content, count)
    }
}

fn listed(key: &str, content: String, count: usize) -> Listed {
    Listed::new(format!("ref-{key}"), content, &format!("cite-{key}-"), count)
}

/// By the first family name, its initials, the other names, year and title, as the language sorts.
fn in_order<'a>(
    entries: &BTreeMap<&'a str, &'a CitedWork>,
    locale: &Locale,
) -> Vec<(&'a str, &'a CitedWork)> {
    let mut all: Vec<_> = entries.iter().map(|(key, entry)| (*key, *entry)).collect();
    let name = |text: &str| collation::key(text, &locale.tag);
    let order = |entry: &CitedWork| {
        let title = entry.title.plain();
        let people = entry.authors.list.as_slice();
        let first = people.first().map_or(title.as_str(), |person| person.family.as_str());
        let initials = people.first().map(Person::initials).unwrap_or_default();
        let others: Vec<_> = people.iter().skip(1).map(|person| name(&person.family)).collect();
        (name(first), name(&initials), others, entry.authors.others, entry.year.clone(), name(&title))
    };
    all.sort_by_cached_key(|(key, entry)| (order(entry), (*key).to_owned()));
    all
}

fn year(entry: &CitedWork, locale: &Locale) -> String {
    entry.year.clone().unwrap_or_else(|| locale.word("no-date").to_owned())
}

/// What tells works of one year apart: `a` behind `2001`, `-a` behind words, such as `in press`.
fn letter(year: &str, index: usize) -> String {
    let mut text = String::new();
    let mut left = index;
    loop {
        let step = u8::try_from(left % 26).unwrap_or_default();
        text.insert(0, char::from(b'a' + step));
        if left < 26 {
            break;
        }
        left = left / 26 - 1;
    }
    if year.ends_with(|c: char| c.is_ascii_digit()) { text } else { format!("-{text}") }
}

/// `Poole et al.`
fn who(entry: &CitedWork, locale: &Locale) -> String {
    let people = &entry.authors;
    let family = |person: &Person| {
        if person.family.is_empty() { person.given.clone() } else { person.family.clone() }
    };
    match people.list.as_slice() {
        [] => short_title(&entry.title.plain()),
        [first, ..] if people.others => format!("{} {}", family(first), locale.word("et-al")),
        [one] => family(one),
        [one, two] => format!("{} {} {}", family(one), locale.word("and"), family(two)),
        [first, ..] => format!("{} {}", family(first), locale.word("et-al")),
    }
}

fn short_title(title: &str) -> String {
    const WORDS: usize = 4;
    let words: Vec<&str> = title.split_whitespace().collect();
    if words.len() <= WORDS {
        return words.join(" ");
    }
    // A sign between two words is no end, nor is a mark.
    let last = words[..WORDS].iter().rposition(|word| word.contains(char::is_alphanumeric)).unwrap_or(0);
    format!("{}…", words[..=last].join(" ").trim_end_matches([',', ':', ';', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_titles_end_with_a_word() {
        for (title, short) in [
            ("One two three four", "One two three four"),
            ("One two three four five", "One two three four…"),
            ("Barnes and Noble & sons", "Barnes and Noble…"),
            ("A tale of cities: two", "A tale of cities…"),
        ] {
            assert_eq!(short_title(title), short);
        }
    }

    #[test]
    fn letters_tell_years_apart() {
        let letters: Vec<String> =
            [0, 1, 25, 26, 27, 51, 52].iter().map(|index| letter("2001", *index)).collect();
        assert_eq!(letters, ["a", "b", "z", "aa", "ab", "az", "ba"]);
        assert_eq!(letter("in press", 0), "-a");
    }
}
