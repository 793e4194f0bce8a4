//! `CITATION.cff`: how a project wants to be cited. Of its YAML what such files have is read: keys with values on their line, and the list of authors.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{Location, SourceFile};

/// The file, beside `octavo.toml`.
pub const FILE: &str = "CITATION.cff";

/// What is to be cited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation {
    /// Its title.
    pub title: String,
    /// Who made it.
    pub authors: Vec<Person>,
    /// Its version.
    pub version: Option<String>,
    /// The day of its release, `2026-11-24`.
    pub date: Option<String>,
    /// Its DOI, without an address before it.
    pub doi: Option<String>,
    /// Where it is.
    pub url: Option<String>,
}

/// A person, or a group with its whole name as the family's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Given names; empty for a group.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Institution.
    pub affiliation: Option<String>,
    /// ORCID identifier, without an address before it.
    pub orcid: Option<String>,
}

impl Person {
    /// As it is printed.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }
}

impl Citation {
    /// Reads the file. Without a title or an author there is nothing to cite, which is told.
    pub fn read(source: &Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut citation = Self::default();
        let mut within = "";
        for line in source.text.lines() {
            let line = without_comment(line);
            let inner = line.trim_start();
            // A list may stand as deep as its key.
            let top = line.len() == inner.len() && !inner.starts_with('-');
            let Some((key, value)) = inner.trim_start_matches("- ").trim_start().split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim(), plain(value.trim()));
            if top {
                within = key;
                citation.take(key, value);
            } else if within == "authors" {
                if inner.starts_with('-') {
                    citation.authors.push(Person::default());
                }
                citation.authors.last_mut().into_iter().for_each(|person| person.take(key, value.clone()));
            }
        }
        citation.authors.retain(|person| !person.family.is_empty());
        let missing = if citation.title.is_empty() { "title" } else { "authors" };
        if citation.title.is_empty() || citation.authors.is_empty() {
            let message = format!(
                "`{FILE}` has no `{missing}` that can be read, so that no page says how to cite the site"
            );
            let problem = Diagnostic::warning("citation", message).at(Location::new(source, 0..0));
            let help = "write it on its own line, `title: \"...\"`, and each author as `- family-names: ...` with `given-names: ...` below";
            problems.push(problem.help(help));
            return None;
        }
        Some(citation)
    }

    fn take(&mut self, key: &str, value: String) {
        let some = Some(value.clone()).filter(|value| !value.is_empty());
        match key {
            "title" => self.title = value,
            "version" => self.version = some,
            "date-released" => self.date = some,
            "doi" => self.doi = some.map(|doi| doi.trim_start_matches("https://doi.org/").to_owned()),
            "url" => self.url = some.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            "repository-code" if self.url.is_none() => self.take("url", value),
            _ => {}
        }
    }

    /// The year of its release.
    pub fn year(&self) -> Option<&str> {
        let year = self.date.as_ref()?.get(..4)?;
        year.bytes().all(|byte| byte.is_ascii_digit()).then_some(year)
    }

    /// Where a reader finds it.
    pub fn address(&self) -> Option<String> {
        self.doi.as_ref().map(|doi| format!("https://doi.org/{doi}")).or_else(|| self.url.clone())
    }

    /// As an entry of BibTeX.
    pub fn bibtex(&self) -> String {
        let names = self.authors.iter().map(|person| match person.given.as_str() {
            // Braces keep the words of a group together.
            "" => format!("{{{}}}", person.family),
            given => format!("{}, {given}", person.family),
        });
        let names: Vec<String> = names.collect();
        let letters = self.authors[0].family.chars().filter(char::is_ascii_alphanumeric);
        let key: String = letters.chain(self.year().unwrap_or_default().chars()).collect();
        let fields = [
            ("author", Some(names.join(" and "))),
            ("title", Some(format!("{{{}}}", self.title))),
            ("year", self.year().map(str::to_owned)),
            ("version", self.version.clone()),
            ("doi", self.doi.clone()),
            ("url", self.url.clone()),
        ];
        let fields =
            fields.into_iter().filter_map(|(name, value)| Some(format!("  {name} = {{{}}},\n", value?)));
        format!("@software{{{},\n{}}}\n", key.to_lowercase(), fields.collect::<String>())
    }
}

impl Person {
    fn take(&mut self, key: &str, value: String) {
        match key {
            "family-names" | "name" => self.family = value,
            "given-names" => self.given = value,
            "affiliation" => self.affiliation = Some(value),
            "orcid" => self.orcid = Some(value.trim_start_matches("https://orcid.org/").to_owned()),
            _ => {}
        }
    }
}

/// A line without what follows a `#` that begins a word outside quotation marks.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (c, quote) {
            ('#', None) if before == ' ' => return line[..at].trim_end(),
            ('"' | '\'', None) if matches!(before, ' ' | ':') => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    line.trim_end()
}

/// A value without its quotation marks.
fn plain(value: &str) -> String {
    let quoted = |mark: char| value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    if let Some(inside) = quoted('"') {
        return inside.replace("\\\"", "\"").replace("\\\\", "\\");
    }
    quoted('\'').map_or_else(|| value.to_owned(), |inside| inside.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Citation>, usize) {
        let mut problems = Vec::new();
        let citation = Citation::read(&SourceFile::new(FILE, text), &mut problems);
        (citation, problems.len())
    }

    #[test]
    fn what_such_a_file_says() {
        let text = "# How\ncff-version: 1.2.0\nmessage: \"Cite: this\"\ntitle: 'Why \"depth\"? It''s deep' # a comment\nversion: 1.0\n\
                    date-released: 2026-11-24\ndoi: 10.5281/zenodo.1\nauthors:\n- family-names: Poole # B.\n  given-names: \"Ben A.\"\n  \
                    orcid: https://orcid.org/0000-0002-1825-0097\n- name: The Group\n  affiliation: Here\nkeywords:\n  - a: b\n\
                    preferred-citation:\n  title: Another\n  authors:\n    - family-names: Other\n";
        let (citation, problems) = read(text);
        let citation = citation.unwrap();
        assert_eq!((citation.title.as_str(), problems), ("Why \"depth\"? It's deep", 0));
        let names: Vec<String> = citation.authors.iter().map(Person::name).collect();
        assert_eq!(names, ["Ben A. Poole", "The Group"]);
        assert_eq!(citation.authors[0].orcid.as_deref(), Some("0000-0002-1825-0097"));
        assert_eq!((citation.year(), citation.version.as_deref()), (Some("2026"), Some("1.0")));
        assert_eq!(citation.address().as_deref(), Some("https://doi.org/10.5281/zenodo.1"));
        let bibtex = "@software{poole2026,\n  author = {Poole, Ben A. and {The Group}},\n  title = {{Why \"depth\"? It's deep}},\n  year = {2026},\n  \
                      version = {1.0},\n  doi = {10.5281/zenodo.1},\n}\n";
        assert_eq!(citation.bibtex(), bibtex);
    }

    #[test]
    fn addresses_and_lists_as_others_write_them() {
        let text = "title: T\nauthors:\n  - given-names: A\n    family-names: B#C\nrepository-code: \"https://example.org/#x\"\nurl: javascript:alert(1)\n";
        let citation = read(text).0.unwrap();
        assert_eq!(citation.authors[0].name(), "A B#C");
        assert_eq!(citation.url, None);
        assert_eq!(
            read(&text.replace("url: javascript:alert(1)\n", "")).0.unwrap().url.as_deref(),
            Some("https://example.org/#x")
        );
        assert_eq!(citation.year(), None);
    }

    #[test]
    fn without_a_title_or_an_author_nothing_is_cited() {
        for text in [
            "",
            "title: T\n",
            "authors:\n  - family-names: A\n",
            "title: T\nauthors: []\n",
            "{ \"title\": \"T\" }",
            "title: T\nauthors:\n  - given-names: A\n",
        ] {
            assert_eq!(read(text), (None, 1), "{text}");
        }
    }
}
