//! A BibTeX file as written: its entries and abbreviations, each with its place. What is wrong with one entry costs that
//! entry and no other.
//!
//! ```text
//! file    = { text | "@" kind ( "{" body "}" | "(" body ")" ) }
//! body    = key { "," field "=" value } [ "," ]        value = part { "#" part }
//! part    = "{" text "}" | '"' text '"' | digits | abbreviation
//! ```

mod expand;

use std::ops::Range;

pub(super) use expand::{Field, Work, works};

/// Braces in braces are refused when nested deeper: everything that reads them recurses.
pub(super) const MAX_DEPTH: usize = 64;

/// What is wrong, and where in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether what was written is used all the same.
    pub(super) warning: bool,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, warning: false }
    }

    pub(super) fn warning(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::new(span, message) }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
}

/// One part of a value, and the byte of the file at which its text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str, usize),
    Abbreviation(&'a str, usize),
}

/// A field or an abbreviation as written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair<'a> {
    name: Name<'a>,
    parts: Vec<Part<'a>>,
    span: Range<usize>,
}

/// An entry as written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RawEntry<'a> {
    kind: &'a str,
    key: Name<'a>,
    fields: Vec<Pair<'a>>,
}

/// A file as written.
#[derive(Debug, Default)]
struct RawFile<'a> {
    entries: Vec<RawEntry<'a>>,
    abbreviations: Vec<Pair<'a>>,
    problems: Vec<Problem>,
}

fn parse(text: &str) -> RawFile<'_> {
    let mut reader = Reader { text, at: 0, file: RawFile::default() };
    while let Some(found) = reader.rest().find(['@', '%']) {
        reader.at += found;
        if reader.rest().starts_with('%') {
            reader.comment();
            continue;
        }
        let start = reader.at;
        reader.at += 1;
        if let Err(problem) = reader.entry() {
            reader.file.problems.push(problem);
            reader.recover(start);
        }
    }
    reader.file
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    file: RawFile<'a>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The rest of a line that begins with `%`, and spaces.
    fn comment(&mut self) {
        let line = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at += line;
    }

    fn skip(&mut self) {
        loop {
            self.at += self.rest().len() - self.rest().trim_start().len();
            if !self.rest().starts_with('%') {
                return;
            }
            self.comment();
        }
    }

    /// After a problem: on to the next `@` that begins a line.
    fn recover(&mut self, start: usize) {
        let from = self.at.max(start + 1);
        let line = self.text[..from].rfind('\n').map_or(0, |newline| newline + 1);
        let lines = self.text[from..].match_indices('\n').map(|(at, _)| from + at + 1);
        // Line by line: all entries of a file may stand on one.
        let next = std::iter::once(line).chain(lines).find_map(|line| {
            let rest = &self.text[line..];
            let at = line + rest.find(|letter: char| !letter.is_whitespace() || letter == '\n')?;
            (at >= from && self.text[at..].starts_with('@')).then_some(at)
        });
        self.at = next.unwrap_or(self.text.len());
    }

    fn name(&mut self, what: &str) -> Result<Name<'a>, Problem> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| c.is_whitespace() || c.is_control() || "\"#%'(),={}".contains(c))
            .unwrap_or(rest.len());
        let span = self.at..self.at + length;
        if length == 0 {
            return Err(Problem::new(self.here(), format!("here {what} is missing")));
        }
        self.at = span.end;
        Ok(Name { text: &rest[..length], span })
    }

    /// The letter that stands here, or the end of the file.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn take(&mut self, letter: char) -> bool {
        let there = self.rest().starts_with(letter);
        self.at += usize::from(there) * letter.len_utf8();
        there
    }

    fn entry(&mut self) -> Result<(), Problem> {
        self.skip();
        let kind = self.name("the kind of an entry");
        self.skip();
        let open = self.at;
        let close = match self.rest().chars().next() {
            Some('{') => '}',
            Some('(') => ')',
            // An `@` in the text between entries, such as an address.
            _ => return Ok(()),
        };
        let kind = kind?;
        self.at += 1;
        match kind.text.to_ascii_lowercase().as_str() {
            "comment" => self.skip_group(open, close),
            "preamble" => {
                self.skip();
                self.value().map(drop)?;
                self.end(open, close)
            }
            "string" => {
                let fields = self.fields(open, close)?;
                self.file.abbreviations.extend(fields);
                Ok(())
            }
            _ => {
                self.skip();
                let key = self.key()?;
                self.skip();
                let fields = if self.take(',') {
                    self.fields(open, close)?
                } else {
                    self.end(open, close).map(|()| Vec::new())?
                };
                self.file.entries.push(RawEntry { kind: kind.text, key, fields });
                Ok(())
            }
        }
    }

    fn key(&mut self) -> Result<Name<'a>, Problem> {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_whitespace() || ",}=\"".contains(c)).unwrap_or(rest.len());
        let span = self.at..self.at + length;
        if length == 0 || rest[length..].trim_start().starts_with('=') {
            return Err(Problem::new(self.here(), "this entry has no key")
                .help("write a name to cite it by after the brace, as in `@book{name, title = ...}`"));
        }
        self.at = span.end;
        Ok(Name { text: &rest[..length], span })
    }

    fn fields(&mut self, open: usize, close: char) -> Result<Vec<Pair<'a>>, Problem> {
        let mut fields = Vec::new();
        loop {
            self.skip();
            if self.take(close) {
                return Ok(fields);
            }
            if self.rest().is_empty() {
                return Err(endless(open));
            }
            let name = self.name("the name of a field")?;
            self.skip();
            if !self.take('=') {
                return Err(Problem::new(self.here(), format!("after `{}` the `=` is missing", name.text)));
            }
            self.skip();
            let start = self.at;
            let parts = self.value()?;
            fields.push(Pair { name, parts, span: start..self.at });
            self.skip();
            if !self.take(',') {
                self.end(open, close)?;
                return Ok(fields);
            }
        }
    }

    fn end(&mut self, open: usize, close: char) -> Result<(), Problem> {
        self.skip();
        if self.take(close) {
            return Ok(());
        }
        if self.rest().is_empty() {
            return Err(endless(open));
        }
        Err(Problem::new(self.here(), format!("here a `,` or the closing `{close}` is missing")))
    }

    fn value(&mut self) -> Result<Vec<Part<'a>>, Problem> {
        let mut parts = Vec::new();
        loop {
            parts.push(self.part()?);
            let end = self.at;
            self.skip();
            if !self.take('#') {
                self.at = end;
                return Ok(parts);
            }
            self.skip();
        }
    }

    fn part(&mut self) -> Result<Part<'a>, Problem> {
        let start = self.at;
        match self.rest().chars().next() {
            Some('{') => {
                self.at += 1;
                self.skip_group(start, '}')?;
                Ok(Part::Text(&self.text[start + 1..self.at - 1], start + 1))
            }
            Some('"') => {
                self.at += 1;
                self.skip_group(start, '"')?;
                Ok(Part::Text(&self.text[start + 1..self.at - 1], start + 1))
            }
            Some(digit) if digit.is_ascii_digit() => {
                let length = self.rest().find(|c: char| !c.is_alphanumeric() && !"-./".contains(c));
                self.at += length.unwrap_or(self.rest().len());
                Ok(Part::Text(&self.text[start..self.at], start))
            }
            _ => self.name("a value").map(|name| Part::Abbreviation(name.text, name.span.start)),
        }
    }

    /// Goes past the end of a text that began at `open`; braces within it are whole.
    fn skip_group(&mut self, open: usize, close: char) -> Result<(), Problem> {
        let mut depth = 0_usize;
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                _ if letter == close && depth == 0 => {
                    self.at += at + letter.len_utf8();
                    return Ok(());
                }
                '{' if depth + 1 >= MAX_DEPTH => {
                    let span = self.at + at..self.at + at + 1;
                    let message = format!("braces are nested more than {MAX_DEPTH} deep");
                    return Err(Problem::new(span, message).help("write fewer braces within braces"));
                }
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Err(endless(open))
    }
}

fn endless(open: usize) -> Problem {
    Problem::new(open..open + 1, "what begins here has no end")
        .help("each brace and quotation mark needs its partner")
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

    fn keys(text: &str) -> Vec<String> {
        works(text).0.iter().map(|work| work.key.to_owned()).collect()
    }

    #[test]
    fn what_stands_beside_entries_is_passed_over() {
        let text = "% @book{no, title = {x}}\nme@x.example wrote\n@comment{ {nested} @no{x} }\n@preamble{ {a} # \"b\" }\n\
                    @string(j = {J})\n@book(one, title = {T}, year = 2001)\n@misc{two,}\n@misc{three}\n";
        assert_eq!(works(text).1, []);
        assert_eq!(keys(text), ["one", "two", "three"]);
    }

    #[test]
    fn one_wrong_entry_costs_no_other() {
        for (wrong, message, line) in [
            ("@book{a,\n title {x}}\n", "after `title` the `=` is missing", 2),
            ("@book{\n title = {x}}\n", "this entry has no key", 2),
            ("@book{a, title = {x}\n year = 2001}\n", "here a `,` or the closing `}` is missing", 2),
            ("@book{a, title = }\n", "here a value is missing", 1),
        ] {
            let text = format!("@misc{{x, title = {{x}}}}\n{wrong}@misc{{y, title = \"y\"}}\n");
            assert_eq!(refusal(&text), (message.to_owned(), line + 1));
            assert_eq!(keys(&text), ["x", "y"], "{wrong}");
        }
        assert_eq!(refusal("@misc{a,\n title = {x"), ("what begins here has no end".to_owned(), 2));
    }

    #[test]
    fn braces_in_braces_are_bounded() {
        for (open, close) in [("{", "}"), ("\\a{", "}"), ("{\\textit{", "}}")] {
            let text =
                format!("@book{{b,\n title = {{{}x{}}}}}\n", open.repeat(20_000), close.repeat(20_000));
            assert_eq!(refusal(&text), ("braces are nested more than 64 deep".to_owned(), 2));
        }
        let text = format!("@book{{b, title = {{{}x{}}}}}", "{".repeat(60), "}".repeat(60));
        assert_eq!(works(&text).1, []);
    }
}
