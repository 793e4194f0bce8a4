//! Works from a BibTeX file.

use std::sync::Arc;

use biblatex::ChunksExt as _;
use indexmap::IndexMap;

use super::bibtex::{self, Refusal, Works};
use super::{Reference, ReferenceKind};
use octavo_definition::diagnostic::{Diagnostic, Suggestions};
use octavo_definition::source::{Location, SourceFile};

/// A person of a work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Family name with its particle, such as `von Neumann`.
    pub family: String,
    /// Given names as written.
    pub given: String,
}

impl Person {
    /// The initials of the given names: `J.-P.` of `Jean-Pierre`.
    pub fn initials(&self) -> String {
        let part = |name: &str| name.chars().next().map(|c| format!("{}.", c.to_uppercase()));
        let word = |word: &str| word.split('-').filter_map(part).collect::<Vec<_>>().join("-");
        self.given.split_whitespace().map(word).collect::<Vec<_>>().join("\u{a0}")
    }
}

/// A work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What a page cites it by.
    pub key: String,
    /// Authors, or editors if there are none.
    pub authors: Vec<Person>,
    /// Year of publication.
    pub year: Option<String>,
    /// Title.
    pub title: String,
    /// Journal, proceedings, book or school.
    pub container: Option<String>,
    /// Volume and number.
    pub volume: Option<String>,
    /// Pages.
    pub pages: Option<String>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Digital object identifier, without an address before it.
    pub doi: Option<String>,
    /// arXiv identifier.
    pub arxiv: Option<String>,
    /// Address.
    pub url: Option<String>,
}

/// All works of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bibliography {
    entries: IndexMap<String, Entry>,
    /// The file cannot be read, so that nothing is known of its works.
    broken: bool,
}

impl Bibliography {
    /// Reads a BibTeX or BibLaTeX file. A file that cannot be read gives no works and the reason.
    pub fn parse(source: &Arc<SourceFile>) -> (Self, Vec<Diagnostic>) {
        let Works { parsed, keys } = match bibtex::read(&source.text) {
            Ok(works) => works,
            Err(Refusal { span, message, help }) => {
                let problem = Diagnostic::error("bibliography", message).at(Location::new(source, span));
                let problem = Diagnostic { help: help.map(str::to_owned), ..problem };
                return (Self { broken: true, ..Self::default() }, vec![problem]);
            }
        };
        let entries: IndexMap<_, _> = parsed.iter().map(|raw| (raw.key.clone(), entry(raw))).collect();
        let untitled = entries.values().filter(|entry| entry.title.is_empty()).map(|entry| {
            let place = keys.get(&entry.key).cloned().unwrap_or_default();
            Diagnostic::warning("bibliography", format!("`{}` has no title", entry.key))
                .at(Location::new(source, place))
        });
        let diagnostics = untitled.collect();
        (Self { entries, broken: false }, diagnostics)
    }

    /// A work by its key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// All keys in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Reports every work that is cited and not there, with the nearest keys of the first ones. Of a file that cannot be
    /// read that is told once.
    pub fn check<'a>(&self, references: impl IntoIterator<Item = &'a Reference>) -> Vec<Diagnostic> {
        if self.broken {
            return Vec::new();
        }
        let missing = references.into_iter().filter(|reference| {
            reference.kind == ReferenceKind::Cite && self.get(&reference.target).is_none()
        });
        let mut suggestions = Suggestions::new(self.keys());
        let problem = |reference: &Reference| {
            let message = format!("no work has the key `{}`", reference.target);
            let problem = Diagnostic::error("citation", message).at(reference.location.clone());
            if self.entries.is_empty() {
                problem.help("name a BibTeX file in `octavo.toml`; for brackets in the text write `\\[@`")
            } else {
                Diagnostic { help: suggestions.help(&reference.target), ..problem }
            }
        };
        missing.map(problem).collect()
    }
}

fn entry(raw: &biblatex::Entry) -> Entry {
    let field = |name: &str| {
        let text = raw.get(name)?.format_verbatim();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    let first = |names: &[&str]| names.iter().find_map(|name| field(name));
    let volume = match (field("volume"), first(&["number", "issue"])) {
        (Some(volume), Some(number)) => Some(format!("{volume}({number})")),
        (volume, number) => volume.or(number),
    };
    let doi = field("doi").map(|doi| {
        let known = ["https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "doi:"];
        known.iter().find_map(|prefix| doi.strip_prefix(prefix)).unwrap_or(&doi).to_owned()
    });
    let archive = first(&["eprinttype", "archiveprefix"]).map(|name| name.to_lowercase());
    Entry {
        key: raw.key.clone(),
        authors: people(raw),
        year: first(&["year", "date"]).map(|date| year(&date)),
        title: field("title").unwrap_or_default(),
        container: first(&["journal", "journaltitle", "booktitle", "school", "institution", "howpublished"]),
        volume,
        pages: field("pages").map(|pages| pages.replace("--", "–").replace('-', "–")),
        publisher: field("publisher"),
        doi,
        arxiv: field("eprint").filter(|_| archive.as_deref() == Some("arxiv")),
        url: field("url"),
    }
}

fn people(raw: &biblatex::Entry) -> Vec<Person> {
    let people = raw.author().ok().filter(|people| !people.is_empty());
    let people =
        people.or_else(|| raw.editors().ok().and_then(|mut all| all.pop()).map(|(people, _)| people));
    let person = |person: biblatex::Person| {
        let prefix = if person.prefix.is_empty() { String::new() } else { format!("{} ", person.prefix) };
        Person { family: format!("{prefix}{}", person.name), given: person.given_name }
    };
    people.unwrap_or_default().into_iter().map(person).collect()
}

/// The first four digits in a row, else the text.
fn year(date: &str) -> String {
    let digits = date.as_bytes().windows(4).position(|part| part.iter().all(u8::is_ascii_digit));
    digits.map_or(date, |at| &date[at..at + 4]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_is_read() {
        let text = "@inproceedings{poole2016,\n author = {Poole, Ben and Lahiri, Subhaneil and Jean-Pierre von Neumann},\n \
                    title = {Exponential {ReLU} expressivity},\n booktitle = {NeurIPS}, year = 2016, pages = {1--9},\n \
                    eprint = {1606.05340}, archiveprefix = {arXiv}, doi = {https://doi.org/10.1/x}}\n";
        let (bibliography, diagnostics) = Bibliography::parse(&SourceFile::new("a.bib", text));
        assert_eq!(diagnostics, []);
        let entry = bibliography.get("poole2016").unwrap();
        assert_eq!(entry.title, "Exponential ReLU expressivity");
        assert_eq!(entry.authors[2], Person { family: "von Neumann".into(), given: "Jean-Pierre".into() });
        assert_eq!(entry.authors[2].initials(), "J.-P.");
        assert_eq!(entry.year.as_deref(), Some("2016"));
        assert_eq!(entry.pages.as_deref(), Some("1–9"));
        assert_eq!(entry.doi.as_deref(), Some("10.1/x"));
        assert_eq!(entry.arxiv.as_deref(), Some("1606.05340"));
    }

    #[test]
    fn a_wrong_file_and_a_missing_title_have_their_place() {
        let (_, diagnostics) = Bibliography::parse(&SourceFile::new("a.bib", "@book{a,\n title = {x}"));
        assert_eq!(diagnostics.len(), 1);
        let source = SourceFile::new("a.bib", "@book{a,\n year = 2000}\n");
        let (_, diagnostics) = Bibliography::parse(&source);
        assert_eq!(diagnostics[0].message, "`a` has no title");
    }
}
