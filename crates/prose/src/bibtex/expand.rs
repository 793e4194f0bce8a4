//! Abbreviations of `@string` written out, and fields that entries take over from others. An abbreviation that names two
//! others, and an entry that takes the fields of two others, double the work at every line: what would make much more of a
//! file than it is, is refused at its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{MAX_DEPTH, Pair, Part, Problem, RawEntry, parse};

/// Bytes that any file may make of itself, and how many for each of its own.
const FREE_BYTES: usize = 1 << 20;
const BYTES_PER_BYTE: usize = 16;

/// A field with its abbreviations written out, and where each part of it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) text: String,
    /// Where in the text a part begins, and where in the file.
    parts: Vec<(usize, usize)>,
}

impl Field {
    fn push(&mut self, text: &str, start: usize) {
        self.parts.push((self.text.len(), start));
        self.text.push_str(text);
    }

    /// The bytes of the file for a range of the text.
    pub(crate) fn span(&self, range: Range<usize>) -> Range<usize> {
        let index = self.parts.partition_point(|(start, _)| *start <= range.start);
        let (start, source) = self.parts.get(index.saturating_sub(1)).copied().unwrap_or_default();
        let from = source + (range.start - start);
        from..from + range.len()
    }
}

/// A work with all its fields.
#[derive(Clone, Debug)]
pub(crate) struct Work<'a> {
    pub(crate) key: &'a str,
    /// Where the key stands.
    pub(crate) place: Range<usize>,
    /// `article`, in lower case.
    pub(crate) kind: String,
    /// Fields by name in lower case.
    pub(crate) fields: BTreeMap<String, Arc<Field>>,
}

/// What is taken over from the entry that `crossref` names: the field there, and the field here.
const TAKEN: &[(&str, &str)] = &[
    ("booktitle", "booktitle"),
    ("title", "booktitle"),
    ("subtitle", "booksubtitle"),
    ("year", "year"),
    ("date", "date"),
    ("editor", "editor"),
    ("publisher", "publisher"),
    ("organization", "organization"),
    ("address", "address"),
    ("location", "location"),
    ("series", "series"),
    ("volume", "volume"),
    ("number", "number"),
    ("edition", "edition"),
    ("journal", "journal"),
    ("journaltitle", "journaltitle"),
    ("author", "bookauthor"),
];

/// The works of a file, and what is wrong with it.
pub(crate) fn works(text: &str) -> (Vec<Work<'_>>, Vec<Problem>) {
    let file = parse(text);
    let mut problems = file.problems;
    let mut expander = Expander::new(&file.abbreviations, text.len());
    let mut entries = BTreeMap::new();
    let mut order = Vec::new();
    for entry in &file.entries {
        let work = expander.work(entry);
        if entries.contains_key(entry.key.text) {
            let message = format!("there is another work with the key `{}`", entry.key.text);
            problems.push(
                Problem::new(entry.key.span.clone(), message)
                    .help("the first one is cited; rename this one or remove it"),
            );
        } else {
            order.push(entry.key.text);
            entries.insert(entry.key.text, work);
        }
    }
    problems.append(&mut expander.problems);
    let mut heirs = Heirs { entries: &entries, known: BTreeMap::new(), left: allowed(text.len()), problems };
    let works = order.iter().filter_map(|key| heirs.work(key, 0)).collect();
    let mut problems = heirs.problems;
    problems.sort_by_key(|problem| problem.span.start);
    (works, problems)
}

fn allowed(length: usize) -> usize {
    FREE_BYTES.saturating_add(length.saturating_mul(BYTES_PER_BYTE))
}

/// Writes abbreviations out, each once.
struct Expander<'p, 'a> {
    abbreviations: BTreeMap<String, &'p Pair<'a>>,
    known: BTreeMap<String, Field>,
    /// Bytes that may still be made.
    left: usize,
    problems: Vec<Problem>,
}

impl<'p, 'a> Expander<'p, 'a> {
    fn new(abbreviations: &'p [Pair<'a>], length: usize) -> Self {
        let by_name = abbreviations.iter().map(|pair| (pair.name.text.to_ascii_lowercase(), pair)).collect();
        Self { abbreviations: by_name, known: BTreeMap::new(), left: allowed(length), problems: Vec::new() }
    }

    fn work(&mut self, entry: &RawEntry<'a>) -> Work<'a> {
        let mut fields: BTreeMap<String, Arc<Field>> = BTreeMap::new();
        for pair in &entry.fields {
            let name = pair.name.text.to_ascii_lowercase();
            if fields.contains_key(&name) {
                let message = format!("`{}` stands in this entry twice", pair.name.text);
                self.problems
                    .push(Problem::warning(pair.name.span.clone(), message).help("the first one counts"));
                continue;
            }
            match self.field(pair, 0) {
                Ok(field) => drop(fields.insert(name, Arc::new(field))),
                Err(problem) => self.problems.push(problem),
            }
        }
        Work {
            key: entry.key.text,
            place: entry.key.span.clone(),
            kind: entry.kind.to_ascii_lowercase(),
            fields,
        }
    }

    fn field(&mut self, pair: &Pair<'a>, depth: usize) -> Result<Field, Problem> {
        let mut field = Field::default();
        for part in &pair.parts {
            match *part {
                Part::Text(text, start) => {
                    self.spend(text.len(), pair)?;
                    field.push(text, start);
                }
                Part::Abbreviation(name, start) => {
                    let span = start..start + name.len();
                    let inner = self.abbreviation(name, &span, depth + 1)?;
                    self.spend(inner.text.len(), pair)?;
                    let base = field.text.len();
                    field.parts.extend(inner.parts.iter().map(|(at, source)| (base + at, *source)));
                    field.text.push_str(&inner.text);
                }
            }
        }
        Ok(field)
    }

    fn spend(&mut self, bytes: usize, pair: &Pair<'_>) -> Result<(), Problem> {
        // A part costs something even if it is empty.
        self.left = self.left.checked_sub(bytes.saturating_add(1)).ok_or_else(|| {
            let name = pair.name.text;
            let message =
                format!("with `{name}` the abbreviations make this file many times as long as it is");
            Problem::new(pair.span.clone(), message)
                .help("write texts out instead of abbreviations of abbreviations")
        })?;
        Ok(())
    }

    fn abbreviation(&mut self, name: &'a str, span: &Range<usize>, depth: usize) -> Result<Field, Problem> {
        let plain = name.to_ascii_lowercase();
        if let Some(known) = self.known.get(&plain) {
            return Ok(known.clone());
        }
        if depth > MAX_DEPTH {
            let message = format!(
                "the abbreviation `{name}` names itself, or abbreviations nested more than {MAX_DEPTH} deep"
            );
            return Err(Problem::new(span.clone(), message).help("write the text out"));
        }
        let Some(pair) = self.abbreviations.get(&plain).copied() else {
            let month = MONTHS
                .iter()
                .find(|month| plain.len() == 3 && month.to_ascii_lowercase().starts_with(&plain));
            if month.is_none() {
                let message = format!("there is no abbreviation `{name}`");
                self.problems.push(Problem::warning(span.clone(), message).help(format!(
                    "write `{{{name}}}` for the text itself, or `@string{{{name} = {{...}}}}` before it"
                )));
            }
            let mut field = Field::default();
            field.push(month.copied().unwrap_or(name), span.start);
            return Ok(field);
        };
        let field = self.field(pair, depth)?;
        self.known.insert(plain, field.clone());
        Ok(field)
    }
}

/// Months, which BibTeX's styles define as `jan` to `dec`.
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Works with what they take over from others, each once.
struct Heirs<'w, 'a> {
    entries: &'w BTreeMap<&'a str, Work<'a>>,
    known: BTreeMap<&'a str, Work<'a>>,
    /// Bytes that may still be taken over.
    left: usize,
    problems: Vec<Problem>,
}

impl<'a> Heirs<'_, 'a> {
    fn work(&mut self, key: &str, depth: usize) -> Option<Work<'a>> {
        let own = self.entries.get(key)?;
        if let Some(known) = self.known.get(own.key) {
            return Some(known.clone());
        }
        if depth > MAX_DEPTH {
            return None;
        }
        let mut work = own.clone();
        for (name, all) in [("xdata", true), ("crossref", false)] {
            let Some(named) = own.fields.get(name) else { continue };
            for key in named.text.split(',').map(str::trim).filter(|key| !key.is_empty()) {
                let from = self.work(key, depth + 1);
                match from {
                    Some(from) => self.take_over(&mut work, &from, all),
                    None => self.report_parent(own, named, key),
                }
            }
        }
        self.known.insert(own.key, work.clone());
        Some(work)
    }

    fn report_parent(&mut self, own: &Work<'a>, named: &Field, key: &str) {
        let there = self.entries.contains_key(key);
        let message = if there {
            format!(
                "`{}` takes the fields of itself, or of entries nested more than {MAX_DEPTH} deep",
                own.key
            )
        } else {
            format!("`{}` takes the fields of `{key}`, which is not in this file", own.key)
        };
        let span = named.span(0..named.text.len());
        let problem = if there { Problem::new(span, message) } else { Problem::warning(span, message) };
        if !there || !self.problems.iter().any(|known| known.message.contains("of itself")) {
            self.problems.push(problem);
        }
    }

    fn take_over(&mut self, work: &mut Work<'a>, from: &Work<'a>, all: bool) {
        let taken: Vec<(String, Arc<Field>)> = if all {
            let fields = from.fields.iter().filter(|(name, _)| *name != "xdata" && *name != "crossref");
            fields.map(|(name, field)| (name.clone(), Arc::clone(field))).collect()
        } else {
            let journal = matches!(from.kind.as_str(), "periodical" | "issue");
            let here = |name: &str| {
                if journal && name == "booktitle" { "journal".to_owned() } else { name.to_owned() }
            };
            let fields = TAKEN
                .iter()
                .filter_map(|(there, name)| Some((here(name), Arc::clone(from.fields.get(*there)?))));
            fields.collect()
        };
        for (name, field) in taken {
            if work.fields.contains_key(&name) {
                continue;
            }
            let Some(left) = self.left.checked_sub(field.text.len() + 1) else {
                let message = format!(
                    "`{}` takes the fields of so many entries that the file is many times as long",
                    work.key
                );
                if !self.problems.iter().any(|known| known.message.contains("so many entries")) {
                    self.problems.push(Problem::new(work.place.clone(), message));
                }
                return;
            };
            self.left = left;
            work.fields.insert(name, field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message and the line of the first problem.
    fn refusal(text: &str) -> (String, usize) {
        let (_, problems) = works(text);
        let problem = &problems[0];
        (problem.message.clone(), text[..problem.span.start].matches('\n').count() + 1)
    }

    fn field(text: &str, key: &str, name: &str) -> Option<String> {
        let (works, _) = works(text);
        let work = works.iter().find(|work| work.key == key).unwrap();
        work.fields.get(name).map(|field| field.text.clone())
    }

    fn doubling(lines: usize) -> String {
        let line = |n: usize| format!("@string{{a{n} = a{0} # a{0}}}\n", n - 1);
        let lines: String = (1..=lines).map(line).collect();
        format!("@string{{a0 = \"xxxxxxxxxxxxxxxx\"}}\n{lines}")
    }

    #[test]
    fn abbreviations_that_double_are_refused() {
        for lines in [26, 40, 60] {
            let text = format!("{}@book{{b,\n title = a{lines}}}\n", doubling(lines));
            let (message, _) = refusal(&text);
            assert!(message.contains("the abbreviations make this file many times as long"), "{message}");
        }
        // Nobody expands what nobody uses.
        assert_eq!(works(&format!("{}@book{{b, title = a3}}\n", doubling(60))).1, []);
    }

    #[test]
    fn abbreviations_of_themselves_and_long_chains_are_refused() {
        let chain: String = (1..200).map(|n| format!("@string{{a{n} = a{}}}\n", n - 1)).collect();
        for text in [
            "@string{a = a}\n@book{b,\n title = a}\n".to_owned(),
            "@string{a = b}\n@string{b = {x} # a}\n@book{b, title = a}\n".to_owned(),
            format!("@string{{a0 = {{x}}}}\n{chain}@book{{b, title = a199}}\n"),
        ] {
            let (message, _) = refusal(&text);
            assert!(message.contains("names itself, or abbreviations nested more than 64 deep"), "{message}");
        }
    }

    #[test]
    fn abbreviations_as_people_use_them_are_written_out() {
        let entries: String = (0..3_000)
            .map(|n| {
                format!("@article{{k{n}, title = {{On {{{n}}}}}, journal = jMLR, month = 3 # \"~\" # jan}}\n")
            })
            .collect();
        let text = format!(
            "@string{{j = {{Journal of }}}}\n@string{{JMLR = j # {{Machine Learning Research}}}}\n{entries}"
        );
        let (all, problems) = works(&text);
        assert_eq!((all.len(), problems), (3_000, vec![]));
        assert_eq!(field(&text, "k7", "journal").unwrap(), "Journal of Machine Learning Research");
        assert_eq!(field(&text, "k7", "month").unwrap(), "3~January");
        let journal = &all[7].fields["journal"];
        let at = journal.text.find("Learning").unwrap();
        assert_eq!(&text[journal.span(at..at + 8)], "Learning");
        let unknown = "@misc{a,\n title = nosuch}";
        assert_eq!(refusal(unknown), ("there is no abbreviation `nosuch`".to_owned(), 2));
        assert_eq!(field(unknown, "a", "title").unwrap(), "nosuch");
    }

    #[test]
    fn papers_take_over_the_fields_of_their_proceedings() {
        let papers: String = (0..2_000)
            .map(|n| format!("@inproceedings{{p{n}, title = {{T}}, crossref = {{c}}}}\n"))
            .collect();
        let text = format!("{papers}@proceedings{{c, title = {{Proceedings}}, year = 2016}}\n");
        assert_eq!(field(&text, "p7", "booktitle").unwrap(), "Proceedings");
        assert_eq!(field(&text, "p7", "title").unwrap(), "T");
        assert_eq!(field(&text, "p7", "year").unwrap(), "2016");
        let missing = "@misc{a,\n crossref = {b}}";
        assert_eq!(
            refusal(missing),
            ("`a` takes the fields of `b`, which is not in this file".to_owned(), 2)
        );
    }

    #[test]
    fn entries_that_take_over_others_again_and_again_are_refused() {
        let chain: String = (1..200).map(|n| format!("@book{{k{n}, crossref = {{k{}}}}}\n", n + 1)).collect();
        let long = "x".repeat(400_000);
        let heirs: String = (0..2_000).map(|n| format!("@misc{{h{n}, crossref = {{k}}}}\n")).collect();
        for (text, part) in [
            (format!("{chain}@book{{k200, title = {{x}}}}\n"), "nested more than 64 deep"),
            ("@book{a, crossref = {b}}\n@book{b, crossref = {a}}\n".to_owned(), "takes the fields of itself"),
            (format!("@book{{k, title = {{{long}}}}}\n{heirs}"), "so many entries"),
        ] {
            let (message, _) = refusal(&text);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_key_or_field_that_stands_twice_is_told() {
        let text = "@misc{a, title = {1}}\n@misc{a, title = {2}}\n@misc{b, title = {3},\n title = {4}}";
        let (_, problems) = works(text);
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            ["there is another work with the key `a`", "`title` stands in this entry twice"]
        );
        assert_eq!(field(text, "a", "title").unwrap(), "1");
    }
}
