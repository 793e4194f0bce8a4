//! What a page says about itself: TOML between two lines of `+++` at its start.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::math::{Macros, substitution_in};
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::source::{Location, SourceFile};

/// What a page says about itself. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// The page's title; without it the first heading of the first level.
    pub title: Option<String>,
    /// A second line below the title.
    pub subtitle: Option<String>,
    /// One or two sentences for lists and search; without them, the abstract.
    pub summary: Option<String>,
    /// What the page says in short, shown below its title.
    pub r#abstract: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// A date as written, such as `2026-11-24`.
    pub date: Option<String>,
    /// Its place among its neighbours in the navigation; smaller is earlier.
    pub order: Option<i64>,
    /// Whether it is left out of a published site.
    pub draft: bool,
    /// The statements of `statements.toml` that the page answers, by their ids.
    pub statements: Vec<String>,
    /// Addresses at which the page stood before, each with its place.
    pub aliases: Vec<(String, Location)>,
    /// The template that the page is written by, with its place; without one, that of its kind.
    pub template: Option<(String, Location)>,
    /// Commands of the formulas of this page (`[math.macros]`).
    pub macros: Macros,
}

/// An author: a name, or `{ name, orcid, affiliation }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// ORCID identifier, such as `0000-0002-1825-0097`.
    pub orcid: Option<String>,
    /// Institution.
    pub affiliation: Option<String>,
}

const KEYS: &[&str] = &[
    "title",
    "subtitle",
    "summary",
    "abstract",
    "authors",
    "date",
    "order",
    "draft",
    "math",
    "statements",
    "aliases",
    "template",
];
const AUTHOR_KEYS: &[&str] = &["name", "orcid", "affiliation"];

/// Front matter, the byte where the page's text begins, and what is wrong.
pub(super) fn parse(source: &Arc<SourceFile>) -> (FrontMatter, usize, Vec<Diagnostic>) {
    let text = source.text.as_str();
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    match boundaries(&text[mark..]) {
        None => match yaml(&text[mark..]) {
            Some(yaml) => {
                let problem =
                    Diagnostic::error("front-matter", "this front matter is YAML, which is not read")
                        .at(Location::new(source, mark..mark + 3))
                        .help(format!("write it as TOML: {}", as_toml(&text[mark..mark + yaml])));
                (FrontMatter::default(), mark + yaml, vec![problem])
            }
            None => (FrontMatter::default(), mark, Vec::new()),
        },
        Some(Err(())) => {
            let problem = Diagnostic::error("front-matter", "the front matter has no end")
                .at(Location::new(source, mark..mark + 3))
                .help("close it with a line `+++`");
            (FrontMatter::default(), text.len(), vec![problem])
        }
        Some(Ok((toml, body))) => {
            let toml = mark + toml.start..mark + toml.end;
            let mut reader =
                Reader { source, base: toml.start, front: FrontMatter::default(), diagnostics: Vec::new() };
            reader.read(&text[toml]);
            (reader.front, mark + body, reader.diagnostics)
        }
    }
}

/// The TOML between the two lines and the start of what follows.
fn boundaries(text: &str) -> Option<Result<(Range<usize>, usize), ()>> {
    let first = text.lines().next()?;
    if first.trim_end() != "+++" {
        return None;
    }
    let start = text.find('\n').map_or(text.len(), |newline| newline + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == "+++" {
            return Some(Ok((start..at, at + line.len())));
        }
        at += line.len();
    }
    Some(Err(()))
}

/// Where front matter in YAML ends: lines of `key: value`, or that belong to one, between `---` and `---` or `...`.
fn yaml(text: &str) -> Option<usize> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut at = first.len();
    let mut keys = 0;
    for line in lines {
        at += line.len();
        let line = line.trim_end();
        if matches!(line, "---" | "...") {
            return (keys > 0).then_some(at);
        }
        let key = line.split_once(':').filter(|(key, rest)| {
            let word = |c: char| c.is_alphanumeric() || "-_".contains(c);
            !key.is_empty() && key.chars().all(word) && (rest.is_empty() || rest.starts_with(' '))
        });
        keys += usize::from(key.is_some() && !line.starts_with(' '));
        let inner = line.is_empty() || line.starts_with([' ', '\t', '-', '#', ']', '}', '"']);
        if key.is_none() && !(inner && (keys > 0 || line.starts_with('#') || line.is_empty())) {
            return None;
        }
    }
    None
}

/// What of it has a form in TOML that is plain to see.
fn as_toml(yaml: &str) -> String {
    let mut lines = Vec::new();
    for line in yaml.lines() {
        let Some((key, value)) = line.split_once(": ") else { continue };
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        let bare = matches!(key, "date" | "order" | "draft");
        match key {
            "author" => lines.push(format!("`authors = [\"{value}\"]`")),
            _ if bare && KEYS.contains(&key) => lines.push(format!("`{key} = {value}`")),
            "title" | "subtitle" | "summary" | "abstract" => lines.push(format!("`{key} = \"{value}\"`")),
            _ => {}
        }
    }
    if lines.is_empty() {
        lines.push("`title = \"...\"`".to_owned());
    }
    format!("{} between two lines of `+++`", lines.join(", "))
}

struct Reader<'a> {
    source: &'a Arc<SourceFile>,
    base: usize,
    front: FrontMatter,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>) -> Location {
        Location::new(self.source, self.base + span.start..self.base + span.end)
    }

    fn read(&mut self, toml: &str) {
        let table = match DeTable::parse(toml) {
            Ok(table) => table,
            Err(error) => {
                let place = self.place(&error.span().unwrap_or(0..0));
                self.diagnostics.push(Diagnostic::error("front-matter", error.message().trim()).at(place));
                return;
            }
        };
        for (key, value) in table.get_ref() {
            if key.get_ref() != "math" {
                self.refuse_results(key.get_ref(), value);
            }
            self.entry(key.get_ref(), &key.span(), value);
        }
    }

    /// What a page says about itself is shown where no results are.
    fn refuse_results(&mut self, key: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::String(text) => {
                let Some(found) = substitution_in(text) else { return };
                let what = &text[found];
                let place = self.place(&value.span());
                let part = place.source.text[place.span.clone()].find(what);
                let place = part.map_or(place.clone(), |start| place.within(start..start + what.len()));
                let message =
                    format!("`{what}` stands for nothing in `{key}`: results are put into the page's text");
                let help = if key == "title" {
                    "write the title as the page's first heading, `# ...`, and leave out `title`"
                } else {
                    "write it without the result"
                };
                self.diagnostics.push(Diagnostic::error("substitution", message).help(help).at(place));
            }
            DeValue::Array(items) => items.iter().for_each(|item| self.refuse_results(key, item)),
            DeValue::Table(table) => table.iter().for_each(|(_, value)| self.refuse_results(key, value)),
            _ => {}
        }
    }

    fn entry(&mut self, key: &str, span: &Range<usize>, value: &Spanned<DeValue<'_>>) {
        match key {
            "title" => self.front.title = self.string(key, value),
            "subtitle" => self.front.subtitle = self.string(key, value),
            "summary" => self.front.summary = self.string(key, value),
            "abstract" => self.front.r#abstract = self.string(key, value),
            "authors" => self.front.authors = self.authors(value),
            "date" => self.front.date = self.date(value),
            "order" => match value.get_ref() {
                DeValue::Integer(number) => self.front.order = number.as_str().replace('_', "").parse().ok(),
                _ => self.wrong(key, "a whole number", value),
            },
            "draft" => match value.get_ref() {
                DeValue::Boolean(draft) => self.front.draft = *draft,
                _ => self.wrong(key, "`true` or `false`", value),
            },
            "template" => {
                let place = self.place(&value.span());
                self.front.template = self.string(key, value).map(|name| (name, place));
            }
            "statements" => {
                let ids = self.texts(key, "a list of ids of statements, such as `[\"31\"]`", value);
                self.front.statements = ids.into_iter().map(|(id, _)| id).collect();
            }
            "aliases" => {
                self.front.aliases =
                    self.texts(key, "a list of addresses, such as `[\"old/page.html\"]`", value);
            }
            "math" => self.math(value),
            _ => self.unknown(key, span, KEYS),
        }
    }

    /// A list of texts, each with its place.
    fn texts(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Vec<(String, Location)> {
        let mut texts = Vec::new();
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(key, wanted, value);
            return texts;
        };
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.to_string(), self.place(&item.span()))),
                _ => self.wrong(key, wanted, item),
            }
        }
        texts
    }

    /// `[math.macros]`: commands by name, each a text or `{ body, args }`.
    fn math(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(math) = value.get_ref() else {
            return self.wrong("math", "a table: `[math.macros]`", value);
        };
        for (key, value) in math {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("macros", DeValue::Table(macros)) => {
                    for (name, value) in macros {
                        self.formula_command(name.get_ref(), &name.span(), value);
                    }
                }
                ("macros", _) => self.wrong("macros", "a table of commands", value),
                (other, _) => self.unknown(other, &key.span(), &["macros"]),
            }
        }
    }

    fn formula_command(&mut self, name: &str, span: &Range<usize>, value: &Spanned<DeValue<'_>>) {
        let (mut body, mut parameters) = (None, None);
        match value.get_ref() {
            DeValue::String(text) => body = Some(text.to_string()),
            DeValue::Table(table) => {
                for (key, value) in table {
                    match (key.get_ref().as_ref(), value.get_ref()) {
                        ("body", DeValue::String(text)) => body = Some(text.to_string()),
                        ("args", DeValue::Integer(number)) => parameters = number.as_str().parse().ok(),
                        ("body", _) => self.wrong("body", "a text", value),
                        ("args", _) => self.wrong("args", "a whole number", value),
                        (other, _) => self.unknown(other, &key.span(), &["args", "body"]),
                    }
                }
            }
            _ => {}
        }
        let Some(body) = body else {
            return self.wrong(name, "a text, or `{ args = 1, body = \"...\" }`", value);
        };
        if let Err(reason) = self.front.macros.define(name, &body, parameters) {
            self.diagnostics.push(Diagnostic::error("math", reason).at(self.place(span)));
        }
    }

    fn unknown(&mut self, key: &str, span: &Range<usize>, known: &[&str]) {
        let problem = Diagnostic::error("unknown-key", format!("front matter has no key `{key}`"))
            .at(self.place(span))
            .nearest(key, known.iter().copied());
        self.diagnostics.push(problem);
    }

    fn wrong(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        let problem = Diagnostic::error("front-matter", format!("`{key}` takes {wanted}"));
        self.diagnostics.push(problem.at(self.place(&value.span())));
    }

    fn string(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.wrong(key, "a text", value);
        None
    }

    fn date(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => self.string("date", value),
        }
    }

    fn authors(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Author> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong("authors", "a list of names", value);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.author(item)).collect()
    }

    fn author(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Author> {
        let DeValue::Table(table) = value.get_ref() else {
            return Some(Author { name: self.string("authors", value)?, ..Author::default() });
        };
        let mut author = Author::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => author.name = self.string("name", value)?,
                "orcid" => author.orcid = self.string("orcid", value),
                "affiliation" => author.affiliation = self.string("affiliation", value),
                other => self.unknown(other, &key.span(), AUTHOR_KEYS),
            }
        }
        if author.name.is_empty() {
            self.wrong("authors", "a name for each author", value);
            return None;
        }
        Some(author)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_a_page_can_say() {
        let text = "+++\ntitle = \"T\"\nabstract = \"S\"\nauthors = [\"A\", { name = \"B\", orcid = \"0\" }]\n\
                    date = 2026-11-24\norder = 3\ndraft = true\n+++\nBody";
        let (front, body, diagnostics) = parse(&SourceFile::new("a.md", text));
        assert_eq!(diagnostics, []);
        assert_eq!(&text[body..], "Body");
        assert_eq!((front.title.as_deref(), front.r#abstract.as_deref()), (Some("T"), Some("S")));
        assert_eq!((front.date.as_deref(), front.order, front.draft), (Some("2026-11-24"), Some(3), true));
        let names: Vec<_> = front.authors.iter().map(|author| author.name.as_str()).collect();
        assert_eq!(names, ["A", "B"]);
    }

    #[test]
    fn yaml_is_told_from_a_line_across_the_page() {
        let text = "---\ntitle: \"A: b\"\ndate: 2026-01-01\n---\nBody";
        let (_, body, diagnostics) = parse(&SourceFile::new("a.md", text));
        assert_eq!(&text[body..], "Body");
        let help = "write it as TOML: `title = \"A: b\"`, `date = 2026-01-01` between two lines of `+++`";
        assert_eq!(diagnostics[0].help.as_deref(), Some(help));
        for text in [
            "---\n\nSome text: here, and more.\n\n---\n",
            "---\nA title\n---\n",
            "---\n\n---\n",
            "---\na: b\n",
        ] {
            assert_eq!(parse(&SourceFile::new("a.md", text)).2, [], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, line, column, message) in [
            ("+++\ntitel = \"T\"\n+++\n", 2, 1, "front matter has no key `titel`"),
            ("+++\norder = \"x\"\n+++\n", 2, 9, "`order` takes a whole number"),
            (
                "---\ntitle: Yaml\ndate: 2026-01-01\ntags:\n  - a\n---\nx",
                1,
                1,
                "this front matter is YAML, which is not read",
            ),
            ("---\n# comment\n\nauthor: \"A\"\n...\n", 1, 1, "this front matter is YAML, which is not read"),
            ("+++\ntitle = 1\n", 1, 1, "the front matter has no end"),
            ("+++\nauthors = [{ nam = \"A\" }]\n+++\n", 2, 14, "front matter has no key `nam`"),
        ] {
            let (_, _, diagnostics) = parse(&SourceFile::new("a.md", text));
            let first = &diagnostics[0];
            let place = first.location.as_ref().unwrap();
            assert_eq!(first.message, message);
            assert_eq!(place.source.line_column(place.span.start), (line, column), "{text}");
        }
    }
}
