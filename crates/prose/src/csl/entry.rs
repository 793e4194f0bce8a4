//! A work of our own reader as one that the library knows.

use hayagriva::types::{
    ChunkKind, ChunkedString, Date, EntryType, FormatString, MaybeTyped, Numeric, Person as Name, Publisher,
    QualifiedUrl, SerialNumber,
};

use super::rich::{Marks, OTHERS};
use crate::citation::CitedWork;
use crate::latex::Rich;
use crate::person::{People, Person};
use crate::work::{archive_address, edition_number};
use octavo_definition::locale::Locale;

/// Makes works of one page.
pub(super) struct Converter<'l> {
    pub(super) marks: Marks,
    locale: &'l Locale,
}

/// What a kind of BibTeX is, and what it stands in.
fn kind(entry: &CitedWork) -> (EntryType, Option<EntryType>) {
    let preprint = entry.eprint.is_some() && entry.container.is_none();
    match entry.kind.as_str() {
        "article" | "misc" if preprint => (EntryType::Article, None),
        "article" | "suppperiodical" | "review" => (EntryType::Article, Some(EntryType::Periodical)),
        // What stands in proceedings has these as a second parent, without a title: see [`Converter::outer`].
        "inproceedings" | "conference" => (EntryType::Article, Some(EntryType::Book)),
        "incollection" | "suppcollection" | "inbook" | "bookinbook" | "suppbook" => {
            (EntryType::Chapter, Some(EntryType::Book))
        }
        "inreference" => (EntryType::Entry, Some(EntryType::Reference)),
        "phdthesis" | "mastersthesis" | "thesis" => (EntryType::Thesis, None),
        "techreport" | "report" => (EntryType::Report, None),
        "unpublished" => (EntryType::Manuscript, None),
        "online" | "electronic" | "www" => (EntryType::Web, Some(EntryType::Web)),
        "software" => (EntryType::Repository, None),
        "patent" => (EntryType::Patent, None),
        "misc" | "dataset" if entry.container.is_some() => (EntryType::Article, Some(EntryType::Periodical)),
        "misc" | "dataset" => (EntryType::Misc, None),
        _ => (EntryType::Book, None),
    }
}

impl<'l> Converter<'l> {
    pub(super) fn new(locale: &'l Locale) -> Self {
        Self { marks: Marks::default(), locale }
    }

    pub(super) fn entry(&mut self, entry: &CitedWork) -> hayagriva::Entry {
        let (own, outer) = kind(entry);
        let mut made = hayagriva::Entry::new(&entry.key, own);
        if !entry.title.is_empty() {
            made.set_title(self.titled(&entry.title, entry.fields.get("subtitle")));
        }
        let people = names(&entry.authors);
        if entry.edited {
            made.set_editors(people);
        } else if !people.is_empty() {
            made.set_authors(people);
        }
        if let Some(date) = self.date(entry) {
            made.set_date(date);
        }
        self.numbers(entry, &mut made);
        self.addresses(entry, &mut made);
        let note: Vec<&Rich> =
            ["howpublished", "note", "addendum"].iter().filter_map(|name| entry.fields.get(name)).collect();
        if !note.is_empty() {
            made.set_note(self.joined(&note));
        }
        self.genre(entry, &mut made);
        let outer = outer.filter(|_| entry.container.is_some() || own == EntryType::Article);
        self.outer(entry, outer, &mut made);
        made
    }

    /// What the work stands in, who published it, and its place there; without an outer work all is its own.
    fn outer(&mut self, entry: &CitedWork, outer: Option<EntryType>, made: &mut hayagriva::Entry) {
        let mut around = outer.map(|kind| hayagriva::Entry::new(&entry.key, kind));
        if let Some(around) = &mut around {
            if let Some(container) = &entry.container {
                around.set_title(self.titled(container, entry.fields.get("booksubtitle")));
            }
            if !entry.editors.is_empty() {
                around.set_editors(names(&entry.editors));
            }
        } else if !entry.editors.is_empty() {
            made.set_editors(names(&entry.editors));
        }
        let holder = around.as_mut().unwrap_or(made);
        let plain = |name: &str| entry.fields.get(name).map(Rich::plain);
        if let Some(volume) = plain("volume") {
            holder.set_volume(typed(&volume));
        }
        if let Some(edition) = plain("edition") {
            let number = edition_number(&edition).and_then(|number| i32::try_from(number).ok());
            holder.set_edition(
                number.map_or_else(|| typed(&edition), |number| MaybeTyped::Typed(Numeric::new(number))),
            );
        }
        if let Some(publisher) = self.publisher(entry) {
            holder.set_publisher(publisher);
        }
        let in_journal = *holder.entry_type() == EntryType::Periodical;
        let number = plain("number").or_else(|| plain("issue"));
        if let (true, Some(number)) = (in_journal, &number) {
            holder.set_issue(typed(number));
        }
        if let (false, Some(series)) = (in_journal, entry.fields.get("series")) {
            // A series is known for books alone.
            let book = matches!(holder.entry_type(), EntryType::Book | EntryType::Reference);
            let mut around = hayagriva::Entry::new(&entry.key, EntryType::Anthology);
            around.set_title(self.string(series));
            if let Some(number) = &number {
                around.set_volume(typed(number));
            }
            if book {
                holder.set_parents(vec![around]);
            }
        }
        let paper = *made.entry_type() == EntryType::Article;
        if let Some(around) = around {
            // A paper of a conference is one by its proceedings. With the title they would be taken for a volume of themselves.
            let conference = paper && *around.entry_type() == EntryType::Book;
            let proceedings = conference.then(|| hayagriva::Entry::new(&entry.key, EntryType::Proceedings));
            made.set_parents(std::iter::once(around).chain(proceedings).collect());
        }
    }

    fn publisher(&mut self, entry: &CitedWork) -> Option<Publisher> {
        let names = ["publisher", "school", "institution", "organization"];
        let name = names.iter().find_map(|name| entry.fields.get(name));
        let place = entry.fields.get("location").or_else(|| entry.fields.get("address"));
        let (name, place) = (name.map(|name| self.string(name)), place.map(|place| self.string(place)));
        (name.is_some() || place.is_some()).then(|| Publisher::new(name, place))
    }

    /// Chapter, pages, numbers of reports and versions.
    fn numbers(&self, entry: &CitedWork, made: &mut hayagriva::Entry) {
        let plain = |name: &str| entry.fields.get(name).map(Rich::plain);
        if let Some(chapter) = plain("chapter") {
            made.set_chapter(typed(&chapter));
        }
        if let Some(pages) = plain("pages").or_else(|| plain("eid")) {
            let pages = pages.replace(" – ", "–").replace(" - ", "–").replace('—', "–");
            made.set_page_range(pages.parse().unwrap_or(MaybeTyped::String(pages)));
        }
        if let Some(Ok(total)) = plain("pagetotal").map(|total| total.parse()) {
            made.set_page_total(total);
        }
        if let Some(Ok(total)) = plain("volumes").map(|total| total.parse()) {
            made.set_volume_total(total);
        }
        if let Some(Ok(language)) =
            plain("langid").or_else(|| plain("language")).map(|name| tag(&name).parse())
        {
            made.set_language(language);
        }
        let mut numbers = SerialNumber(std::collections::BTreeMap::new());
        let own_number = matches!(made.entry_type(), EntryType::Report | EntryType::Patent);
        if let (true, Some(number)) = (own_number, plain("number")) {
            numbers.0.insert("serial".to_owned(), number);
        }
        if let Some(version) = plain("version") {
            numbers.0.insert("version".to_owned(), version);
        }
        if let Some(doi) = &entry.doi {
            numbers.0.insert("doi".to_owned(), doi.clone());
        }
        if let (Some(eprint), None) = (&entry.eprint, &entry.container) {
            let before = eprint.archive.as_ref().map_or(String::new(), |archive| format!("{archive}:"));
            numbers.0.entry("serial".to_owned()).or_insert(format!("{before}{}", eprint.id));
        }
        if !numbers.0.is_empty() {
            made.set_serial_number(numbers);
        }
    }

    /// The address, with the day on which it was read, and the archive.
    fn addresses(&self, entry: &CitedWork, made: &mut hayagriva::Entry) {
        let archived = entry.eprint.as_ref().and_then(archive_address).filter(|_| entry.doi.is_none());
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let url = entry.url.clone().filter(web);
        let visited = entry.fields.get("urldate").and_then(|date| date.plain().parse().ok());
        if let Some(Ok(url)) = url.or(archived).map(|url| url.parse::<QualifiedUrl>()) {
            made.set_url(QualifiedUrl { visit_date: visited, ..url });
        }
        if let (Some(archive), None) =
            (entry.eprint.as_ref().and_then(|eprint| eprint.archive.as_ref()), &entry.container)
        {
            made.set_archive(verbatim(archive));
        }
    }

    /// What kind of thesis or report it is.
    fn genre(&self, entry: &CitedWork, made: &mut hayagriva::Entry) {
        let word = match entry.kind.as_str() {
            "phdthesis" => Some("phd-thesis"),
            "mastersthesis" => Some("masters-thesis"),
            _ => None,
        };
        let written = entry.fields.get("type").map(Rich::plain);
        let written = match written.as_deref() {
            Some("phdthesis") => Some(self.locale.word("phd-thesis").to_owned()),
            Some("mathesis" | "mastersthesis") => Some(self.locale.word("masters-thesis").to_owned()),
            Some("techreport") => None,
            _ => written,
        };
        if let Some(genre) = written.or_else(|| word.map(|word| self.locale.word(word).to_owned())) {
            made.set_genre(verbatim(&genre));
        }
    }

    /// The date, as far as it is one; another text is a year that stands for it.
    fn date(&mut self, entry: &CitedWork) -> Option<Date> {
        let state = entry.fields.get("pubstate").map(|state| match state.plain().as_str() {
            "inpress" => self.locale.word("in-press").to_owned(),
            "forthcoming" => self.locale.word("forthcoming").to_owned(),
            "submitted" => self.locale.word("submitted").to_owned(),
            other => other.to_owned(),
        });
        let written = entry.year.clone().or(state)?;
        let year = written.trim().parse().ok().filter(|year| (-9999..=9999).contains(year));
        let parts = entry.fields.get("date").map(Rich::plain).unwrap_or_default();
        let parts: Vec<&str> = parts.split('/').next().unwrap_or_default().split(['-', '–']).collect();
        let part = |index: usize, most: u8| {
            let number: u8 = parts.get(index)?.trim().get(..2)?.parse().ok()?;
            number.checked_sub(1).filter(|number| *number < most)
        };
        let named = entry.fields.get("month").and_then(|month| month_of(&month.plain()));
        Some(Date {
            year: year.unwrap_or_else(|| self.marks.year(&written)),
            month: year.and(part(1, 12).or(named)),
            day: year.and(part(2, 31)),
            approximate: false,
            season: None,
        })
    }

    fn string(&mut self, rich: &Rich) -> FormatString {
        FormatString { value: self.marks.chunks(rich), short: None }
    }

    /// A title with what stands below it; alone it is the short title.
    fn titled(&mut self, title: &Rich, below: Option<&Rich>) -> FormatString {
        let mut string = self.string(title);
        if let Some(below) = below {
            string.short = Some(Box::new(string.value.clone()));
            let ended = title.plain().ends_with(['?', '!', '.', ':']);
            string.value.push_str(if ended { " " } else { ": " }, ChunkKind::Normal);
            string.value.extend(self.marks.chunks(below));
        }
        string
    }

    fn joined(&mut self, texts: &[&Rich]) -> FormatString {
        let mut all = ChunkedString::new();
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                all.push_str(". ", ChunkKind::Normal);
            }
            all.extend(self.marks.chunks(text));
        }
        FormatString { value: all, short: None }
    }
}

/// A number if it is one, else the text.
fn typed(text: &str) -> MaybeTyped<Numeric> {
    text.parse().unwrap_or(MaybeTyped::String(text.to_owned()))
}

fn verbatim(text: &str) -> FormatString {
    let mut value = ChunkedString::new();
    value.push_str(text, ChunkKind::Verbatim);
    FormatString { value, short: None }
}

fn names(people: &People) -> Vec<Name> {
    let name = |person: &Person| Name {
        name: if person.family.is_empty() { person.given.clone() } else { person.family.clone() },
        given_name: Some(person.given.clone()).filter(|given| !given.is_empty() && !person.family.is_empty()),
        prefix: None,
        suffix: Some(person.suffix.clone()).filter(|suffix| !suffix.is_empty()),
        comma_suffix: false,
        alias: None,
    };
    let others = people.others.then(|| Name {
        name: OTHERS.to_owned(),
        given_name: None,
        prefix: None,
        suffix: None,
        comma_suffix: false,
        alias: None,
    });
    people.list.iter().map(name).chain(others).collect()
}

/// From 0, of `3`, `mar` and `March`.
fn month_of(text: &str) -> Option<u8> {
    const MONTHS: &str = "jan feb mar apr may jun jul aug sep oct nov dec";
    let text = text.trim().to_lowercase();
    if let Ok(number) = text.parse::<u8>() {
        return number.checked_sub(1).filter(|month| *month < 12);
    }
    let short = text.get(..3)?;
    MONTHS.split(' ').position(|month| month == short).and_then(|month| u8::try_from(month).ok())
}

/// The tag of a language that BibLaTeX calls by its name.
fn tag(name: &str) -> String {
    const NAMES: &[(&str, &str)] = &[
        ("english", "en"),
        ("american", "en-US"),
        ("british", "en-GB"),
        ("french", "fr"),
        ("français", "fr"),
        ("german", "de"),
        ("ngerman", "de"),
        ("spanish", "es"),
        ("italian", "it"),
        ("portuguese", "pt"),
        ("russian", "ru"),
        ("dutch", "nl"),
    ];
    let lower = name.to_lowercase();
    NAMES.iter().find(|(known, _)| *known == lower).map_or(lower, |(_, tag)| (*tag).to_owned())
}
