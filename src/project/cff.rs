//! `CITATION.cff`: how a project wants to be cited (Citation File Format 1.2.0). Its YAML is read by a parser of that language.

mod yaml;

use std::sync::Arc;

use self::yaml::Node;
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
    /// Its licences by their names in the list of SPDX; the work may be used under any of them.
    pub licences: Vec<String>,
    /// Words under which others look for it.
    pub keywords: Vec<String>,
    /// What it is about.
    pub summary: Option<String>,
    /// Whether it is a data set and no software.
    pub is_data: bool,
}

/// A person, or a group with its whole name as the family's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Given names; empty for a group.
    pub given: String,
    /// Family name.
    pub family: String,
    /// What stands before it, such as `van der`; may be empty.
    pub particle: String,
    /// Institution.
    pub affiliation: Option<String>,
    /// ORCID identifier, without an address before it.
    pub orcid: Option<String>,
}

impl Person {
    /// As it is printed.
    pub fn name(&self) -> String {
        [&self.given, &self.particle, &self.family]
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        self.given.is_empty()
    }

    /// As lists of names have it: the family's name first.
    pub fn family_first(&self) -> String {
        if self.is_group() { self.name() } else { format!("{}, {}", self.whole_family(), self.given) }
    }

    /// The family's name with what stands before it.
    fn whole_family(&self) -> String {
        format!("{} {}", self.particle, self.family).trim().to_owned()
    }
}

impl Citation {
    /// Reads the file. Without a title or an author there is nothing to cite, which is told, and so is what is no YAML.
    pub fn read(source: &Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let tree = match yaml::tree(&source.text) {
            Ok(tree) => tree,
            Err((message, at)) => {
                let message =
                    format!("`{FILE}` cannot be read, so that no page says how to cite the site: {message}");
                problems.push(Diagnostic::warning("citation", message).at(Location::new(source, at..at)));
                return None;
            }
        };
        let mut citation = Self::default();
        for (key, node) in tree.entries() {
            match node {
                Node::Scalar(value) => citation.take(key, value.trim().to_owned()),
                Node::List(authors) if key == "authors" => {
                    citation.authors.extend(authors.iter().map(Person::of));
                }
                Node::List(words) if key == "keywords" => citation.keywords.extend(texts(words)),
                Node::List(names) if key == "license" => citation.licences.extend(texts(names)),
                _ => {}
            }
        }
        citation.authors.retain(|person| !person.family.is_empty());
        let missing = if citation.title.is_empty() { "title" } else { "authors" };
        if citation.title.is_empty() || citation.authors.is_empty() {
            let message = format!("`{FILE}` has no `{missing}`, so that no page says how to cite the site");
            let problem = Diagnostic::warning("citation", message).at(Location::new(source, 0..0));
            let help = "write `title: ...`, and below `authors:` each as `- family-names: ...` with `given-names: ...`, or as `- name: ...`";
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
            "license" => self.licences.extend(some),
            "abstract" => self.summary = some,
            "type" => self.is_data = value == "dataset",
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
        let names = self.authors.iter().map(|person| match person.is_group() {
            // Braces keep the words of a group together.
            true => format!("{{{}}}", person.family),
            false => person.family_first(),
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

/// The texts of a list.
fn texts(list: &[Node]) -> impl Iterator<Item = String> {
    let text = |node: &Node| match node {
        Node::Scalar(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    };
    list.iter().filter_map(text)
}

impl Person {
    fn of(node: &Node) -> Self {
        let mut person = Self::default();
        for (key, node) in node.entries() {
            if let Node::Scalar(value) = node {
                person.take(key, value.trim().to_owned());
            }
        }
        person
    }

    fn take(&mut self, key: &str, value: String) {
        match key {
            "family-names" | "name" => self.family = value,
            // As in "van der Waals": it belongs to the family's name.
            "name-particle" => self.particle = value,
            "given-names" => self.given = value,
            "affiliation" => self.affiliation = Some(value),
            "orcid" => self.orcid = Some(value.trim_start_matches("https://orcid.org/").to_owned()),
            _ => {}
        }
    }
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
        assert_eq!((citation.keywords.len(), citation.licences.len(), citation.is_data), (0, 0, false));
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
    fn all_forms_of_yaml_are_read() {
        let text = "title: >-\n  A long\n  title: with a colon\nabstract: |\n  title: not this\nversion: 1.10\n\
                    authors: [{ family-names: Waals, name-particle: van der, given-names: J. D. }, { name: \"The: Group\" }]\n";
        let citation = read(text).0.unwrap();
        assert_eq!(citation.title, "A long title: with a colon");
        // No number: 1.1 is another version.
        assert_eq!(citation.version.as_deref(), Some("1.10"));
        let names: Vec<String> = citation.authors.iter().map(Person::name).collect();
        assert_eq!(names, ["J. D. van der Waals", "The: Group"]);
        assert!(
            citation.bibtex().contains("author = {van der Waals, J. D. and {The: Group}}"),
            "{}",
            citation.bibtex()
        );
    }

    #[test]
    fn licences_words_and_kinds_are_one_or_several() {
        let text = "title: T\ntype: dataset\nabstract: About.\nlicense: MIT\nkeywords: [depth, \" width \", '']\nauthors: [{ name: A }]\n";
        let citation = read(text).0.unwrap();
        assert_eq!((citation.licences.as_slice(), citation.is_data), (&["MIT".to_owned()][..], true));
        assert_eq!(
            (citation.keywords.join("|"), citation.summary.as_deref()),
            ("depth|width".to_owned(), Some("About."))
        );
        let several = read(&text.replace("MIT", "[MIT, Apache-2.0]")).0.unwrap();
        assert_eq!(several.licences, ["MIT", "Apache-2.0"]);
    }

    #[test]
    fn without_a_title_or_an_author_nothing_is_cited() {
        for text in [
            "",
            "title: T\n",
            "authors:\n  - family-names: A\n",
            "title: T\nauthors: []\n",
            "{ \"title\": \"T\" }",
            "- a list",
            "title: T\nauthors:\n  - given-names: A\n",
            "title: T\nauthors: [unclosed\n",
        ] {
            assert_eq!(read(text), (None, 1), "{text}");
        }
    }
}
