//! A work in the list of references: names, year, title, where it stands, who published it, addresses.
//!
//! The title of what stands in something else (an article, a chapter) is upright and that in which it stands in italics; the
//! title of what stands alone (a book, a thesis) is in italics. No sentence has two full stops.

use std::fmt::Write as _;

use super::citation::{CitedWork, Eprint};
use super::latex::Rich;
use super::person::{People, Person};
use super::safe_html::{escape, escape_into};
use octavo_definition::locale::Locale;

/// Text in the making, as HTML and without markup.
#[derive(Default)]
struct Sentence {
    html: String,
    plain: String,
}

impl Sentence {
    fn of(text: &str) -> Self {
        let mut sentence = Self::default();
        sentence.text(text);
        sentence
    }

    fn text(&mut self, text: &str) {
        escape_into(&mut self.html, text);
        self.plain.push_str(text);
    }

    fn rich(&mut self, rich: &Rich) {
        rich.push_html(&mut self.html);
        self.plain.push_str(&rich.plain());
    }

    fn italic(&mut self, write: impl FnOnce(&mut Self)) {
        self.html.push_str("<cite>");
        write(self);
        self.html.push_str("</cite>");
    }

    /// A further detail, after a comma.
    fn detail(&mut self, text: &str) {
        if !text.is_empty() {
            self.separate();
            self.text(text);
        }
    }

    fn rich_detail(&mut self, rich: Option<&Rich>) {
        if let Some(rich) = rich {
            self.separate();
            self.rich(rich);
        }
    }

    fn separate(&mut self) {
        if !self.plain.is_empty() {
            self.text(", ");
        }
    }
}

/// Writes a work. `year` is its year with the letter that tells it from others.
pub(super) fn push_work(html: &mut String, entry: &CitedWork, year: &str, locale: &Locale) {
    let describe = Describe { entry, locale };
    let dated = |mut sentence: Sentence| {
        sentence.text(&format!(" ({year})"));
        sentence
    };
    let mut sentences = Vec::new();
    if entry.authors.is_empty() {
        sentences.push(dated(describe.title()));
    } else {
        sentences.push(dated(describe.names()));
        sentences.push(describe.title());
    }
    sentences.extend([describe.container(), describe.kind(), describe.publisher()]);
    sentences.extend(["howpublished", "note", "addendum"].map(|name| {
        let mut sentence = Sentence::default();
        sentence.rich_detail(entry.fields.get(name));
        sentence
    }));
    sentences.push(describe.state());
    let mut first = true;
    for sentence in sentences.iter().filter(|sentence| !sentence.plain.trim().is_empty()) {
        if !std::mem::take(&mut first) {
            html.push(' ');
        }
        html.push_str(&sentence.html);
        let end = sentence.plain.trim_end_matches(|c| "”’»\")\u{a0}\u{202f} ".contains(c));
        let closed = sentence.plain.trim_end().ends_with(')');
        if closed || !end.ends_with(['.', '?', '!', '…']) {
            html.push('.');
        }
    }
    describe.addresses(html);
}

/// Names one after another.
pub(super) fn joined(names: &[String], others: bool, locale: &Locale) -> String {
    let text = match names {
        [] => String::new(),
        all if others => all.join(", "),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), locale.word("and")),
    };
    if others { format!("{text} {}", locale.word("et-al")) } else { text }
}

struct Describe<'a> {
    entry: &'a CitedWork,
    locale: &'a Locale,
}

impl<'a> Describe<'a> {
    fn field(&self, name: &str) -> Option<&'a Rich> {
        self.entry.fields.get(name)
    }

    fn plain(&self, name: &str) -> Option<String> {
        self.field(name).map(Rich::plain)
    }

    fn word(&self, key: &'a str) -> &'a str {
        self.locale.word(key)
    }

    fn names_of(&self, people: &People, name: fn(&Person) -> String) -> String {
        joined(&people.list.iter().map(name).collect::<Vec<_>>(), people.others, self.locale)
    }

    fn names(&self) -> Sentence {
        let mut names = self.names_of(&self.entry.authors, Person::inverted);
        if self.entry.edited {
            let _ = write!(names, " ({})", self.editors_word(&self.entry.authors));
        }
        Sentence::of(&names)
    }

    fn editors_word(&self, people: &People) -> &'a str {
        self.word(if people.list.len() > 1 || people.others { "editors" } else { "editor" })
    }

    /// Whether the work stands in a book of many.
    fn in_book(&self) -> bool {
        matches!(
            self.entry.kind.as_str(),
            "inproceedings" | "conference" | "incollection" | "inbook" | "inreference"
        )
    }

    fn stands_alone(&self) -> bool {
        let inner = matches!(
            self.entry.kind.as_str(),
            "article" | "misc" | "online" | "unpublished" | "electronic" | "www"
        );
        !inner && !self.in_book()
    }

    fn title(&self) -> Sentence {
        let mut sentence = Sentence::default();
        let title = |sentence: &mut Sentence| {
            sentence.rich(&self.entry.title);
            if let Some(subtitle) = self.field("subtitle") {
                let ended = self.entry.title.plain().ends_with(['?', '!', '.', ':']);
                sentence.text(if ended { " " } else { ": " });
                sentence.rich(subtitle);
            }
        };
        if self.stands_alone() {
            sentence.italic(title);
            if self.entry.container.is_none() {
                self.book_details(&mut sentence);
            }
        } else {
            title(&mut sentence);
        }
        sentence
    }

    /// Edition, volume, series, chapter, pages.
    fn book_details(&self, sentence: &mut Sentence) {
        if let Some(edition) = self.plain("edition") {
            sentence.detail(&self.edition(&edition));
        }
        if let Some(volume) = self.plain("volume") {
            sentence.detail(&self.labelled("volume-abbr", &volume));
        }
        let number = self.plain("number").filter(|_| !self.is_report());
        match (self.field("series"), number) {
            (Some(series), number) => {
                sentence.rich_detail(Some(series));
                sentence.text(&number.map_or(String::new(), |number| format!("\u{a0}{number}")));
            }
            (None, Some(number)) => sentence.detail(&self.labelled("number-abbr", &number)),
            (None, None) => {}
        }
        if let Some(chapter) = self.plain("chapter") {
            sentence.detail(&self.labelled("chapter-abbr", &chapter));
        }
        if let Some(pages) = self.pages() {
            sentence.detail(&pages);
        }
    }

    /// A word before a number, unless the author wrote one.
    fn labelled(&self, word: &'a str, text: &str) -> String {
        if text.starts_with(|c: char| c.is_ascii_digit()) || text.chars().all(|c| c.is_ascii_uppercase()) {
            format!("{}\u{a0}{text}", self.word(word))
        } else {
            text.to_owned()
        }
    }

    /// `2nd ed.` of `2`, `2nd` and `Second`; other texts as they are.
    fn edition(&self, text: &str) -> String {
        let lower = text.to_lowercase();
        match edition_number(text) {
            Some(number @ 1..=3) => self.word(["edition-1", "edition-2", "edition-3"][number - 1]).to_owned(),
            Some(number @ 4..=20) => self.word("edition-n").replace("{number}", &number.to_string()),
            Some(number) => format!("{} {number}", self.word("edition")),
            None if lower.contains("ed") || lower.contains("éd") || lower.contains("aufl") => {
                text.to_owned()
            }
            None => format!("{text} {}", self.word("edition")),
        }
    }

    /// `pp. 1–9`, `p. 5`; an article's number as it is.
    fn pages(&self) -> Option<String> {
        let Some(pages) = self.plain("pages") else {
            return self
                .plain("eid")
                .or_else(|| Some(format!("{}\u{a0}{}", self.plain("pagetotal")?, self.word("page-abbr"))));
        };
        let letters: Vec<char> = pages.chars().collect();
        let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
        let dashed = letters.iter().enumerate().map(|(at, c)| {
            if *c == '-' && digit(at.checked_sub(1)) && digit(Some(at + 1)) { '–' } else { *c }
        });
        let mut text: String = dashed.collect();
        for (wide, narrow) in [(" – ", "–"), (" – ", "–"), (" - ", "–"), ("— ", "–"), ("–\u{a0}", "–")]
        {
            text = text.replace(wide, narrow);
        }
        if !text.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || "ivxlcdm".contains(c))
            || !text.contains(|c: char| c.is_ascii_digit() || "ivxlc".contains(c))
        {
            return Some(text);
        }
        let several = text.contains(['–', ',', '&', '+', ';']) || text.contains("ff");
        if text.starts_with(|c: char| c.is_ascii_alphabetic())
            && !several
            && text.contains(|c: char| c.is_ascii_digit())
        {
            return Some(text);
        }
        Some(format!("{}\u{a0}{text}", self.word(if several { "pages-abbr" } else { "page-abbr" })))
    }

    /// What the work stands in.
    fn container(&self) -> Sentence {
        let mut sentence = Sentence::default();
        let container = self.entry.container.as_ref().filter(|container| !self.is_eprint(&container.plain()));
        let Some(container) = container else {
            if !self.stands_alone() {
                self.plain_details(&mut sentence);
            }
            return sentence;
        };
        let book = self.in_book() || self.entry.kind.starts_with("supp");
        if book {
            sentence.text(&format!("{} ", self.word("in-work")));
            if !self.entry.editors.is_empty() {
                let names = self.names_of(&self.entry.editors, Person::natural);
                sentence.text(&format!("{names} ({}), ", self.editors_word(&self.entry.editors)));
            }
        }
        sentence.italic(|sentence| {
            sentence.rich(container);
            if let Some(subtitle) = self.field("booksubtitle") {
                sentence.text(": ");
                sentence.rich(subtitle);
            }
        });
        if book || self.stands_alone() {
            self.book_details(&mut sentence);
        } else {
            self.plain_details(&mut sentence);
        }
        sentence
    }

    /// Whether a journal is nothing but the archive that its address names: `arXiv preprint arXiv:1234.56789`.
    fn is_eprint(&self, journal: &str) -> bool {
        const WORDS: &[&str] = &["preprint", "e-prints", "eprint", "e-print", ""];
        let Some(Eprint { archive: Some(archive), class, .. }) = &self.entry.eprint else { return false };
        let (archive, lower) = (archive.to_lowercase(), journal.to_lowercase());
        let class = class.as_deref().unwrap_or_default().to_lowercase();
        lower.starts_with(&archive)
            && lower.split([' ', '\u{a0}', ',', '[', ']']).all(|word| {
                word == archive || word == class || WORDS.contains(&word) || self.is_eprint_id(word)
            })
    }

    /// Whether this is the number of the work in its archive: `arxiv:1234.56789v2`, `abs/1234.56789`.
    fn is_eprint_id(&self, lower: &str) -> bool {
        let Some(eprint) = &self.entry.eprint else { return false };
        let archive = eprint.archive.as_deref().unwrap_or_default().to_lowercase();
        let id = lower.strip_prefix(&format!("{archive}:")).unwrap_or(lower);
        let version = id.strip_prefix("abs/").unwrap_or(id).strip_prefix(&eprint.id.to_lowercase());
        version.is_some_and(|version| version.trim_start_matches('v').chars().all(|c| c.is_ascii_digit()))
    }

    /// Volume, number and pages of an article.
    fn plain_details(&self, sentence: &mut Sentence) {
        sentence.rich_detail(self.field("series"));
        let further = |name: &str| self.plain(name).filter(|text| !self.is_eprint_id(&text.to_lowercase()));
        let begins = sentence.plain.is_empty();
        match (further("volume"), further("number").or_else(|| further("issue"))) {
            (Some(volume), Some(number)) => sentence.detail(&format!("{volume}({number})")),
            (Some(volume), None) => sentence.detail(&volume),
            // Alone it would be read as a volume.
            (None, Some(number)) => {
                let number = self.labelled("number-abbr", &number);
                sentence.detail(&if begins { capitalised(&number) } else { number });
            }
            (None, None) => {}
        }
        if let Some(pages) = self.pages() {
            sentence.detail(&pages);
        }
    }

    fn is_report(&self) -> bool {
        matches!(self.entry.kind.as_str(), "techreport" | "report")
    }

    /// What kind of work it is, and of which school: `PhD thesis, MIT, Cambridge`.
    fn kind(&self) -> Sentence {
        let mut sentence = Sentence::default();
        let word = match self.entry.kind.as_str() {
            "phdthesis" => "phd-thesis",
            "mastersthesis" => "masters-thesis",
            "techreport" | "report" => "report",
            "thesis" => "thesis",
            _ => "",
        };
        match (self.plain("type"), word) {
            (Some(own), _) => sentence.text(match own.as_str() {
                "phdthesis" => self.word("phd-thesis"),
                "mastersthesis" | "mathesis" => self.word("masters-thesis"),
                "techreport" => self.word("report"),
                own => own,
            }),
            (None, "") => {}
            (None, word) => sentence.text(self.word(word)),
        }
        if self.is_report()
            && let Some(number) = self.plain("number")
        {
            sentence.text(&format!("\u{a0}{number}"));
        }
        if let Some(version) = self.plain("version") {
            let begins = sentence.plain.is_empty();
            let version = self.labelled("version", &version);
            sentence.detail(&if begins { capitalised(&version) } else { version });
        }
        for name in ["school", "institution"] {
            sentence.rich_detail(self.field(name));
        }
        if !sentence.plain.is_empty()
            && self.field("publisher").is_none()
            && self.field("organization").is_none()
        {
            sentence.rich_detail(self.place());
        }
        sentence
    }

    fn place(&self) -> Option<&'a Rich> {
        self.field("location").or_else(|| self.field("address"))
    }

    fn publisher(&self) -> Sentence {
        let mut sentence = Sentence::default();
        sentence.rich_detail(self.field("organization"));
        sentence.rich_detail(self.field("publisher"));
        if !sentence.plain.is_empty() || self.kind().plain.is_empty() {
            sentence.rich_detail(self.place());
        }
        sentence
    }

    /// Whether it is out.
    fn state(&self) -> Sentence {
        let state = self.plain("pubstate").unwrap_or_default();
        let word = match state.as_str() {
            "inpress" => self.word("in-press"),
            "forthcoming" => self.word("forthcoming"),
            "submitted" => self.word("submitted"),
            other => other,
        };
        let told = self.entry.year.as_deref().is_some_and(|year| year.eq_ignore_ascii_case(word));
        Sentence::of(if told { "" } else { word })
    }

    fn addresses(&self, html: &mut String) {
        if let Some(doi) = &self.entry.doi {
            let doi = escape(doi);
            let _ = write!(html, " <a href=\"https://doi.org/{doi}\">doi:{doi}</a>");
        }
        if let Some(eprint) = &self.entry.eprint {
            push_eprint(html, eprint);
        }
        if let (Some(url), None, None) = (&self.entry.url, &self.entry.doi, &self.entry.eprint) {
            push_address(html, url);
            if let Some(date) = self.plain("urldate") {
                let _ = write!(
                    html,
                    " ({})",
                    escape(&self.word("accessed").replace("{date}", &self.locale.date(&date)))
                );
            }
        }
    }
}

/// A text with its first letter as a sentence begins.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The number of an edition that is written as `2`, `2nd`, `2nd ed.` or `Second`.
pub(super) fn edition_number(text: &str) -> Option<usize> {
    const WORDS: &[&str] =
        &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let lower = text.to_lowercase();
    let first = lower.split([' ', '.']).next().unwrap_or_default();
    let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
    let rest_is_ordinal = matches!(
        &first[digits.len()..],
        "" | "st" | "nd" | "rd" | "th" | "e" | "re" | "er" | "ème" | "ª" | "a"
    );
    let known = WORDS.iter().position(|word| *word == first).map(|at| at + 1);
    let after = lower[first.len()..].trim_matches(['.', ' ']);
    let alone = matches!(after, "" | "ed" | "edn" | "edition" | "éd" | "édition");
    digits.parse().ok().filter(|_| rest_is_ordinal).or(known).filter(|_| alone)
}

/// Where an identifier leads, if the archive is known.
pub(super) fn archive_address(eprint: &Eprint) -> Option<String> {
    let before = match eprint.archive.as_deref().map(str::to_lowercase).as_deref() {
        Some("arxiv") => "https://arxiv.org/abs/",
        Some("hal") => "https://hal.science/",
        Some("pubmed") => "https://pubmed.ncbi.nlm.nih.gov/",
        Some("jstor") => "https://www.jstor.org/stable/",
        _ => return None,
    };
    Some(format!("{before}{}", eprint.id))
}

/// An identifier, with a link where the archive is known.
fn push_eprint(html: &mut String, eprint: &Eprint) {
    let id = escape(&eprint.id);
    let name = eprint.archive.as_ref().map_or(String::new(), |name| format!("{}:", escape(name)));
    let class = eprint.class.as_ref().map_or(String::new(), |class| format!(" [{}]", escape(class)));
    let _ = match archive_address(eprint) {
        None => write!(html, " {name}{id}{class}"),
        Some(address) => write!(html, " <a href=\"{}\">{name}{id}</a>{class}", escape(&address)),
    };
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
