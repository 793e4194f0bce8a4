//! Works from a BibTeX file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bibtex::{self, Field, Problem, Work};
use super::latex::{self, Rich};
use super::person::{People, people};
use super::reference::{Reference, ReferenceKind};
use octavo_definition::diagnostic::{Diagnostic, Suggestions};
use octavo_definition::source::{Location, SourceFile};

/// What to do for a program that reads CSL styles.
pub const HOW_TO_BUILD_CSL: &str =
    "build one that can: `cargo build --release --features csl`, or `cargo install --path . --features csl`";

/// How works are cited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CitationStyle {
    /// `(Poole et al. 2016)`, and a list by names.
    #[default]
    AuthorYear,
    /// `[1]`, and a list in the order of the text.
    Numbers,
}

/// A work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CitedWork {
    /// What a page cites it by.
    pub key: String,
    /// `article`, `book`, ..., in lower case.
    pub kind: String,
    /// Authors, or editors if there are none.
    pub authors: People,
    /// Whether these are editors.
    pub edited: bool,
    /// Editors of the book that the work stands in.
    pub editors: People,
    /// Year of publication, or what stands for it, such as `in press`.
    pub year: Option<String>,
    /// Title.
    pub title: Rich,
    /// Journal or book that it stands in.
    pub container: Option<Rich>,
    /// Digital object identifier, without an address before it.
    pub doi: Option<String>,
    /// Identifier in an archive.
    pub eprint: Option<Eprint>,
    /// Address.
    pub url: Option<String>,
    /// What else is printed, by the name of its field.
    pub(super) fields: BTreeMap<&'static str, Rich>,
}

/// A work's place in an archive of preprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eprint {
    /// The archive as written, such as `arXiv`.
    pub archive: Option<String>,
    /// The identifier.
    pub id: String,
    /// The subject, such as `cs.LG`.
    pub class: Option<String>,
}

/// Fields that are printed as they are, or that a style asks for.
const PRINTED: &[&str] = &[
    "address",
    "addendum",
    "booksubtitle",
    "chapter",
    "date",
    "edition",
    "eid",
    "howpublished",
    "institution",
    "issue",
    "langid",
    "language",
    "location",
    "month",
    "note",
    "number",
    "organization",
    "pages",
    "pagetotal",
    "publisher",
    "pubstate",
    "school",
    "series",
    "subtitle",
    "type",
    "urldate",
    "version",
    "volume",
    "volumes",
];

/// All works of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bibliography {
    entries: IndexMap<String, CitedWork>,
    /// What is wrong in the fields of each.
    wrong: BTreeMap<String, Vec<Diagnostic>>,
    /// A part of the file cannot be read, so that nothing is known of its works.
    broken: bool,
}

impl Bibliography {
    /// Reads a BibTeX or BibLaTeX file. An entry that cannot be read is left out and told. What is wrong in a field is
    /// told by [`Bibliography::check`] for works that are cited.
    pub fn parse(source: &Arc<SourceFile>) -> (Self, Vec<Diagnostic>) {
        let (works, problems) = bibtex::works(&source.text);
        let broken = problems.iter().any(|problem| !problem.warning);
        let mut diagnostics: Vec<Diagnostic> =
            problems.into_iter().map(|problem| diagnostic(problem, source)).collect();
        let mut bibliography = Self { broken, ..Self::default() };
        for work in &works {
            let mut reader = WorkReader { work, wrong: Vec::new() };
            let entry = reader.entry();
            if entry.title.is_empty() && !matches!(entry.kind.as_str(), "xdata" | "set") {
                diagnostics.push(
                    Diagnostic::warning("bibliography", format!("`{}` has no title", entry.key))
                        .at(Location::new(source, work.place.clone())),
                );
            }
            let wrong: Vec<Diagnostic> =
                reader.wrong.into_iter().map(|problem| diagnostic(problem, source)).collect();
            if !wrong.is_empty() {
                bibliography.wrong.insert(entry.key.clone(), wrong);
            }
            bibliography.entries.insert(entry.key.clone(), entry);
        }
        (bibliography, diagnostics)
    }

    /// A work by its key.
    pub fn get(&self, key: &str) -> Option<&CitedWork> {
        self.entries.get(key)
    }

    /// All keys in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Reports every work that is cited and not there, with the nearest keys of the first ones, and what is wrong in the
    /// fields of those that are. Of works of a file that cannot be read as a whole nothing is known.
    pub fn check<'a>(&self, references: impl IntoIterator<Item = &'a Reference>) -> Vec<Diagnostic> {
        let mut suggestions = Suggestions::new(self.keys());
        let mut told = BTreeSet::new();
        let mut problems = Vec::new();
        for reference in references.into_iter().filter(|reference| reference.kind.is_work()) {
            let key = reference.target.as_str();
            if self.get(key).is_none() {
                if !self.broken {
                    problems.push(self.missing(reference, &mut suggestions));
                }
            } else if told.insert(key) {
                problems.extend(self.wrong.get(key).into_iter().flatten().cloned());
            }
        }
        problems
    }

    fn missing(&self, reference: &Reference, suggestions: &mut Suggestions<'_>) -> Diagnostic {
        let key = reference.target.as_str();
        let message = format!("no work has the key `{key}`");
        // Without a bibliography it is more likely a name on some network.
        let mention = reference.kind == ReferenceKind::Mention && self.entries.is_empty();
        let problem = if mention {
            Diagnostic::warning("citation", message)
        } else {
            Diagnostic::error("citation", message)
        };
        let problem = problem.at(reference.location.clone());
        const KINDS: &[(&str, &str)] =
            &[("fig-", "fig"), ("tbl-", "tab"), ("tab-", "tab"), ("eq-", "eq"), ("sec-", "sec")];
        let place = KINDS.iter().find_map(|(prefix, kind)| Some((kind, key.strip_prefix(prefix)?)));
        if let Some((kind, name)) = place {
            return problem.help(format!("to point at something on the page write `[@{kind}:{name}]`"));
        }
        if self.entries.is_empty() {
            return problem.help("name a BibTeX file in `octavo.toml`; for the sign itself write `\\@`");
        }
        let near = suggestions.help(key);
        let help = match reference.kind {
            ReferenceKind::Mention => near.map(|near| format!("{near}; for the sign itself write `\\@`")),
            _ => near,
        };
        Diagnostic { help, ..problem }
    }
}

fn diagnostic(problem: Problem, source: &Arc<SourceFile>) -> Diagnostic {
    let Problem { span, message, help, warning } = problem;
    let made = if warning {
        Diagnostic::warning("bibliography", message)
    } else {
        Diagnostic::error("bibliography", message)
    };
    Diagnostic { help, ..made }.at(Location::new(source, span))
}

/// Reads the fields of a work.
struct WorkReader<'w, 'a> {
    work: &'w Work<'a>,
    wrong: Vec<Problem>,
}

impl WorkReader<'_, '_> {
    fn raw(&self, names: &[&str]) -> Option<&Field> {
        let field = |name: &&str| self.work.fields.get(*name).map(AsRef::as_ref);
        names.iter().filter_map(field).find(|field: &&Field| !field.text.trim().is_empty())
    }

    fn tell(&mut self, field: &Field, wrong: Vec<latex::Wrong>) {
        let problem = |(span, message): latex::Wrong| {
            Problem::warning(field.span(span), message)
                .help("the list of references prints what stands in its braces; docs/bibliography.md names the commands that are known")
        };
        self.wrong.extend(wrong.into_iter().map(problem));
    }

    fn rich(&mut self, names: &[&str]) -> Option<Rich> {
        let field = self.raw(names)?.clone();
        let (rich, wrong) = latex::rich(&field.text);
        self.tell(&field, wrong);
        (!rich.is_empty()).then_some(rich)
    }

    fn plain(&mut self, names: &[&str]) -> Option<String> {
        self.rich(names).map(|rich| rich.plain())
    }

    fn verbatim(&self, names: &[&str]) -> Option<String> {
        let text = latex::verbatim(&self.raw(names)?.text);
        (!text.is_empty()).then_some(text)
    }

    fn people(&mut self, names: &[&str]) -> People {
        let Some(field) = self.raw(names).cloned() else { return People::default() };
        let (people, wrong) = people(&field.text);
        self.tell(&field, wrong);
        people
    }

    fn entry(&mut self) -> CitedWork {
        let (authors, editors) = (self.people(&["author"]), self.people(&["editor"]));
        let edited = authors.is_empty();
        let (authors, editors) = if edited { (editors, People::default()) } else { (authors, editors) };
        let fields = PRINTED.iter().filter_map(|name| Some((*name, self.rich(&[*name])?))).collect();
        CitedWork {
            key: self.work.key.to_owned(),
            kind: self.work.kind.clone(),
            authors,
            edited,
            editors,
            year: self.year(),
            title: self.rich(&["title"]).unwrap_or_default(),
            container: self.rich(&["journal", "journaltitle", "booktitle", "maintitle"]),
            doi: self.doi(),
            eprint: self.eprint(),
            url: self.verbatim(&["url"]),
            fields,
        }
    }

    /// The year as written, or the years of a date.
    fn year(&mut self) -> Option<String> {
        if let Some(year) = self.plain(&["year"]) {
            return Some(year);
        }
        let date = self.plain(&["date"])?;
        let year = |date: &str| date.split(['-', '–']).next().map(str::trim).unwrap_or_default().to_owned();
        match date.split_once('/') {
            Some((from, to)) if year(from) != year(to) => Some(format!("{}–{}", year(from), year(to))),
            Some((from, _)) => Some(year(from)),
            None if date.starts_with(|c: char| c.is_ascii_digit()) => Some(year(&date)),
            None => Some(date),
        }
    }

    fn doi(&self) -> Option<String> {
        let doi = self.verbatim(&["doi"])?;
        let known = [
            "https://doi.org/",
            "http://doi.org/",
            "https://dx.doi.org/",
            "http://dx.doi.org/",
            "doi:",
            "DOI:",
        ];
        Some(known.iter().find_map(|prefix| doi.strip_prefix(prefix)).unwrap_or(&doi).trim().to_owned())
    }

    fn eprint(&mut self) -> Option<Eprint> {
        let id = self.verbatim(&["eprint", "arxiv", "arxivid"])?;
        let archive = self.plain(&["eprinttype", "archiveprefix"]);
        let class = self.plain(&["primaryclass", "eprintclass"]);
        // Some write the archive before the identifier.
        let (written, id) = match id.split_once(':') {
            Some((before, rest)) if before.chars().all(char::is_alphabetic) && !rest.starts_with("//") => {
                (Some(before.to_owned()), rest.trim().to_owned())
            }
            _ => (None, id),
        };
        let archive = written.or(archive).or_else(|| is_arxiv(&id).then(|| "arXiv".to_owned()));
        // BibLaTeX writes it small, the archive does not.
        let archive =
            archive.map(|name| if name.eq_ignore_ascii_case("arxiv") { "arXiv".to_owned() } else { name });
        Some(Eprint { archive, id, class })
    }
}

/// `1606.05340`, `math/0211159`, each perhaps with a version.
fn is_arxiv(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let id = id.rsplit_once('v').filter(|(_, version)| digits(version)).map_or(id, |(id, _)| id);
    let new = |id: &str| {
        id.split_once('.').is_some_and(|(a, b)| a.len() == 4 && digits(a) && b.len() >= 4 && digits(b))
    };
    let old = |id: &str| id.split_once('/').is_some_and(|(a, b)| !a.is_empty() && b.len() == 7 && digits(b));
    new(id) || old(id)
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
        assert_eq!(entry.title.plain(), "Exponential ReLU expressivity");
        assert_eq!(entry.authors.list[2].inverted(), "von Neumann, J.-P.");
        assert_eq!(entry.year.as_deref(), Some("2016"));
        assert_eq!(entry.fields["pages"].plain(), "1–9");
        assert_eq!(entry.doi.as_deref(), Some("10.1/x"));
        assert_eq!(entry.eprint.as_ref().unwrap().id, "1606.05340");
    }

    #[test]
    fn years_and_archives_as_people_write_them() {
        for (fields, year) in [
            ("year = {in press}", "in press"),
            ("date = {2016-05-03}", "2016"),
            ("date = {1999/2001}", "1999–2001"),
            ("date = {1999-01/1999-02}", "1999"),
            ("year = {c. 1850}", "c. 1850"),
            ("year = 2001, date = {1999}", "2001"),
        ] {
            let (all, _) = Bibliography::parse(&SourceFile::new(
                "a.bib",
                format!("@misc{{a, title = {{x}}, {fields}}}"),
            ));
            assert_eq!(all.get("a").unwrap().year.as_deref(), Some(year), "{fields}");
        }
        for (fields, archive, id) in [
            ("eprint = {1606.05340v2}", Some("arXiv"), "1606.05340v2"),
            ("eprint = {arXiv:math/0211159}", Some("arXiv"), "math/0211159"),
            ("eprint = {hal-01234}, archiveprefix = {HAL}", Some("HAL"), "hal-01234"),
            ("eprint = {1606.05340}, eprinttype = {arxiv}", Some("arXiv"), "1606.05340"),
            ("eprint = {something}", None, "something"),
        ] {
            let (all, _) = Bibliography::parse(&SourceFile::new(
                "a.bib",
                format!("@misc{{a, title = {{x}}, {fields}}}"),
            ));
            let found = all.get("a").unwrap().eprint.clone().unwrap();
            assert_eq!((found.archive.as_deref(), found.id.as_str()), (archive, id), "{fields}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let (_, diagnostics) = Bibliography::parse(&SourceFile::new("a.bib", "@book{a,\n title = {x}"));
        assert_eq!(diagnostics.len(), 1);
        let source = SourceFile::new("a.bib", "@book{a,\n year = 2000}\n");
        let (_, diagnostics) = Bibliography::parse(&source);
        assert_eq!(diagnostics[0].message, "`a` has no title");
        let text = "@string{j = {J. \\foo{x}}}\n@misc{a, journal = j,\n title = {The \\oddity{b}}, author = {\\bar{C}, D.}}\n";
        let (bibliography, diagnostics) = Bibliography::parse(&SourceFile::new("a.bib", text));
        assert_eq!(diagnostics, []);
        let page = SourceFile::new("a.md", "@a");
        let cite = Reference {
            kind: ReferenceKind::Cite,
            target: "a".to_owned(),
            location: Location::new(&page, 0..2),
        };
        let found: Vec<_> = bibliography
            .check([&cite, &cite])
            .iter()
            .map(|problem| {
                let place = problem.location.as_ref().unwrap();
                (problem.message.clone(), place.source.text[place.span.clone()].to_owned())
            })
            .collect();
        let expected = [(r"\bar", r"\bar"), (r"\oddity", r"\oddity"), (r"\foo", r"\foo")];
        let expected = expected
            .map(|(name, place)| (format!("the command `{name}` is not known here"), place.to_owned()));
        assert_eq!(found, expected);
        assert_eq!(bibliography.get("a").unwrap().title.plain(), "The b");
    }
}
