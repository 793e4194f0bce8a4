//! Citations in the text and the list of references.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::citation::{Entry, Person};
use super::document::CiteItem;
use super::safe_html::escape;
use super::typography::typeset_text;
use super::{ProseHost, Reference, ReferenceKind};
use octavo_definition::locale::Locale;

/// The works that a page cites.
pub(super) struct Citations<'a> {
    locale: &'a Locale,
    entries: BTreeMap<&'a str, &'a Entry>,
    /// `Poole et al. 2016`, with a letter behind it where two works would read the same.
    labels: BTreeMap<&'a str, String>,
    /// How often each is cited, in the order of the text.
    counts: IndexMap<String, usize>,
}

impl<'a> Citations<'a> {
    /// Labels for all works that the page will cite.
    pub(super) fn new(references: &'a [Reference], host: &'a dyn ProseHost, locale: &'a Locale) -> Self {
        let entries: BTreeMap<&str, &Entry> = references
            .iter()
            .filter(|reference| reference.kind == ReferenceKind::Cite)
            .filter_map(|reference| Some((reference.target.as_str(), host.citation(&reference.target)?)))
            .collect();
        let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (key, entry) in in_order(&entries) {
            groups.entry(label(entry, locale)).or_default().push(key);
        }
        let mut labels = BTreeMap::new();
        for (label, keys) in groups {
            let several = keys.len() > 1;
            for (key, letter) in keys.into_iter().zip('a'..) {
                labels.insert(key, if several { format!("{label}{letter}") } else { label.clone() });
            }
        }
        Self { locale, entries, labels, counts: IndexMap::new() }
    }

    /// A citation in the text. Keys that are not there are returned.
    pub(super) fn cite(&mut self, items: &[CiteItem], html: &mut String) -> Vec<String> {
        let mut missing = Vec::new();
        html.push('(');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                html.push_str("; ");
            }
            let key = escape(&item.key);
            match self.labels.get(item.key.as_str()) {
                Some(label) => {
                    let count = self.counts.entry(item.key.clone()).or_default();
                    *count += 1;
                    let label = escape(label);
                    let _ = write!(
                        html,
                        "<a class=\"citation\" id=\"cite-{key}-{count}\" href=\"#ref-{key}\">{label}</a>"
                    );
                }
                None => {
                    let _ = write!(html, "<span class=\"failed\">{key}?</span>");
                    missing.push(item.key.clone());
                }
            }
            if !item.locator.is_empty() {
                let _ = write!(html, ", {}", escape(&typeset_text(&item.locator, self.locale)));
            }
        }
        html.push(')');
        missing
    }

    /// Keys in the order of the text.
    pub(super) fn keys(&self) -> Vec<String> {
        self.counts.keys().cloned().collect()
    }

    /// The list of what was cited, or nothing.
    pub(super) fn list(&self, html: &mut String) {
        if self.counts.is_empty() {
            return;
        }
        let title = escape(self.locale.word("references"));
        let _ = write!(
            html,
            "<section class=\"references\" role=\"doc-bibliography\" aria-labelledby=\"references\">\n\
             <h2 id=\"references\">{title}</h2>\n<ul>\n"
        );
        for (key, entry) in in_order(&self.entries) {
            if let Some(count) = self.counts.get(key) {
                self.item(entry, *count, html);
            }
        }
        html.push_str("</ul>\n</section>\n");
    }

    fn item(&self, entry: &Entry, count: usize, html: &mut String) {
        let key = escape(&entry.key);
        let _ = write!(html, "<li id=\"ref-{key}\">");
        if !entry.authors.is_empty() {
            let names: Vec<String> = entry.authors.iter().map(full_name).collect();
            let _ = write!(html, "{} ", escape(&joined(&names, self.locale)));
        }
        let letter = self
            .labels
            .get(entry.key.as_str())
            .filter(|label| label.ends_with(|c: char| c.is_ascii_lowercase()));
        let letter = letter.filter(|_| entry.year.is_some()).and_then(|label| label.chars().last());
        let letter = letter.map_or(String::new(), String::from);
        let year = entry.year.as_deref().unwrap_or(self.locale.word("no-date"));
        let _ = write!(html, "({}{letter}). <cite>{}</cite>.", escape(year), escape(&entry.title));
        let parts = [&entry.container, &entry.volume, &entry.pages, &entry.publisher];
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| escape(part)).collect();
        if !parts.is_empty() {
            let _ = write!(html, " {}.", parts.join(", "));
        }
        if let Some(doi) = &entry.doi {
            let doi = escape(doi);
            let _ = write!(html, " <a href=\"https://doi.org/{doi}\">doi:{doi}</a>");
        }
        if let Some(arxiv) = &entry.arxiv {
            let arxiv = escape(arxiv);
            let _ = write!(html, " <a href=\"https://arxiv.org/abs/{arxiv}\">arXiv:{arxiv}</a>");
        }
        if let (Some(url), None, None) = (&entry.url, &entry.doi, &entry.arxiv) {
            push_address(html, url);
        }
        push_back_links(html, &format!("cite-{key}-"), count, self.locale);
        html.push_str("</li>\n");
    }
}

/// An address, as a link if it leads to a web page.
fn push_address(html: &mut String, url: &str) {
    let shown = escape(url);
    let web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    let control = url.chars().any(char::is_control);
    let _ = if web && !control {
        write!(html, " <a href=\"{shown}\">{shown}</a>")
    } else {
        write!(html, " {shown}")
    };
}

/// Links back to each place in the text.
pub(super) fn push_back_links(html: &mut String, prefix: &str, count: usize, locale: &Locale) {
    let back = escape(locale.word("back"));
    for index in 1..=count {
        let number = if count > 1 { format!(" {index}") } else { String::new() };
        let _ = write!(
            html,
            " <a class=\"back\" href=\"#{prefix}{index}\" aria-label=\"{back}{number}\">\u{21a9}\u{fe0e}</a>"
        );
    }
}

/// By family name, year and title.
fn in_order<'a>(entries: &BTreeMap<&'a str, &'a Entry>) -> Vec<(&'a str, &'a Entry)> {
    let mut all: Vec<_> = entries.iter().map(|(key, entry)| (*key, *entry)).collect();
    let order = |entry: &Entry| {
        let family = entry.authors.first().map_or(entry.title.as_str(), |person| person.family.as_str());
        (super::slug(family), entry.year.clone(), entry.title.to_lowercase())
    };
    all.sort_by_cached_key(|(key, entry)| (order(entry), (*key).to_owned()));
    all
}

fn full_name(person: &Person) -> String {
    let initials = person.initials();
    if initials.is_empty() { person.family.clone() } else { format!("{}, {initials}", person.family) }
}

fn joined(names: &[String], locale: &Locale) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), locale.word("and")),
    }
}

/// `Poole et al. 2016`.
fn label(entry: &Entry, locale: &Locale) -> String {
    let who = match entry.authors.as_slice() {
        [] => short_title(&entry.title),
        [one] => one.family.clone(),
        [one, two] => format!("{} {} {}", one.family, locale.word("and"), two.family),
        [first, ..] => format!("{} {}", first.family, locale.word("et-al")),
    };
    format!("{who} {}", entry.year.as_deref().unwrap_or(locale.word("no-date")))
}

fn short_title(title: &str) -> String {
    const WORDS: usize = 4;
    let words: Vec<&str> = title.split_whitespace().collect();
    let dots = if words.len() > WORDS { "…" } else { "" };
    format!("{}{dots}", words[..words.len().min(WORDS)].join(" "))
}
