//! A BibTeX file within bounds: an abbreviation of `@string` that names two others, and an entry that takes the fields of
//! two others, double the work at every line. What would make much more of a file than it is, is refused at its place.

use std::collections::BTreeMap;
use std::ops::Range;

use biblatex::{Entry, Field, Pair, RawBibliography, RawChunk, Spanned};

/// Abbreviations of abbreviations, entries that take the fields of entries, and braces in braces are refused when nested
/// deeper: everything that reads them recurses.
const MAX_DEPTH: usize = 64;

/// Bytes that any file may make of itself, and how many for each of its own.
const FREE_BYTES: usize = 1 << 20;
const BYTES_PER_BYTE: usize = 16;

/// Steps of putting pieces of fields together that any file may need, and how many for each of its bytes.
const FREE_STEPS: usize = 50_000_000;
const STEPS_PER_BYTE: usize = 16;

/// The works of a file.
#[derive(Debug)]
pub(super) struct Works {
    /// The works with their abbreviations and inherited fields.
    pub(super) parsed: biblatex::Bibliography,
    /// Where the key of each stands.
    pub(super) keys: BTreeMap<String, Range<usize>>,
}

/// Why a file is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// Reads a file.
///
/// # Errors
/// The first thing that is wrong with it, or that makes too much of it.
pub(super) fn read(text: &str) -> Result<Works, Refusal> {
    let raw = RawBibliography::parse(text).map_err(malformed)?;
    let sizes = Sizer::new(&raw, text.len()).entries(&raw)?;
    let keys = raw.entries.iter().map(|entry| (entry.v.key.v.to_owned(), entry.v.key.span.clone())).collect();
    if raw.entries.iter().any(|entry| entry.v.fields.iter().any(|field| inherits(field).is_some())) {
        check_inheritance(&raw, &sizes, text.len())?;
    }
    Ok(Works { parsed: biblatex::Bibliography::from_raw(raw).map_err(malformed)?, keys })
}

fn malformed(error: biblatex::ParseError) -> Refusal {
    Refusal { span: error.span, message: error.kind.to_string(), help: None }
}

/// What a field becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    bytes: usize,
    /// Its pieces: text, text in braces, formulas.
    pieces: usize,
    /// Pieces that are put together with the one before, each of which moves all that follow.
    joined: usize,
    /// Abbreviations of abbreviations.
    depth: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.pieces = self.pieces.saturating_add(other.pieces);
        self.joined = self.joined.saturating_add(other.joined);
        self.depth = self.depth.max(other.depth);
    }
}

/// Measures fields, each abbreviation once.
struct Sizer<'a> {
    abbreviations: BTreeMap<&'a str, &'a Field<'a>>,
    known: BTreeMap<&'a str, Size>,
    /// What is left of both bounds.
    bytes: usize,
    steps: usize,
}

impl<'a> Sizer<'a> {
    fn new(raw: &'a RawBibliography<'a>, length: usize) -> Self {
        Self {
            abbreviations: raw.abbreviations.iter().map(|pair| (pair.key.v, &pair.value.v)).collect(),
            known: BTreeMap::new(),
            bytes: allowed(length),
            steps: FREE_STEPS.saturating_add(length.saturating_mul(STEPS_PER_BYTE)),
        }
    }

    /// The bytes of every entry.
    fn entries(&mut self, raw: &'a RawBibliography<'a>) -> Result<Vec<usize>, Refusal> {
        let of_entry = |entry: &'a Spanned<biblatex::RawEntry<'a>>| {
            entry.v.fields.iter().map(|field| self.checked(field)).sum::<Result<usize, Refusal>>()
        };
        raw.entries.iter().map(of_entry).collect()
    }

    /// The bytes of a field of an entry, taken off what is left.
    fn checked(&mut self, field: &'a Pair<'a>) -> Result<usize, Refusal> {
        let size = self.field(&field.value.v, 0)?;
        let refuse =
            |message: String, help| Refusal { span: field.value.span.clone(), message, help: Some(help) };
        let name = field.key.v;
        self.bytes = self.bytes.checked_sub(size.bytes).ok_or_else(|| {
            let message =
                format!("with `{name}` the abbreviations make this file many times as long as it is");
            refuse(message, "write texts out instead of abbreviations of abbreviations")
        })?;
        self.steps = self.steps.checked_sub(size.joined.saturating_mul(size.pieces)).ok_or_else(|| {
            let message = format!("`{name}` is put together from too many pieces");
            refuse(message, "write fewer braces within braces and fewer texts joined by `#`")
        })?;
        Ok(size.bytes)
    }

    fn field(&mut self, field: &'a Field<'a>, depth: usize) -> Result<Size, Refusal> {
        let mut whole = Size { joined: field.len() - field.len().min(1), ..Size::default() };
        for part in field {
            whole.add(match part.v {
                RawChunk::Normal(text) => {
                    measure(text).map_err(|at| too_deep(part.span.start + at..part.span.end))?
                }
                RawChunk::Abbreviation(name) => self.abbreviation(name, &part.span, depth + 1)?,
            });
        }
        Ok(whole)
    }

    fn abbreviation(&mut self, name: &'a str, span: &Range<usize>, depth: usize) -> Result<Size, Refusal> {
        let mut size = match (self.known.get(name), self.abbreviations.get(name).copied()) {
            (Some(size), _) => *size,
            // A month, or unknown, which is told by whoever expands it.
            (None, None) => return Ok(Size::default()),
            (None, Some(_)) if depth > MAX_DEPTH => return Err(endless(name, span)),
            (None, Some(field)) => {
                let size = self.field(field, depth)?;
                self.known.insert(name, size);
                size
            }
        };
        size.depth += 1;
        if size.depth > MAX_DEPTH { Err(endless(name, span)) } else { Ok(size) }
    }
}

fn allowed(length: usize) -> usize {
    FREE_BYTES.saturating_add(length.saturating_mul(BYTES_PER_BYTE))
}

fn endless(name: &str, span: &Range<usize>) -> Refusal {
    let message =
        format!("the abbreviation `{name}` names itself, or abbreviations nested more than {MAX_DEPTH} deep");
    Refusal { span: span.clone(), message, help: Some("write the text out") }
}

fn too_deep(span: Range<usize>) -> Refusal {
    let message = format!("braces are nested more than {MAX_DEPTH} deep");
    Refusal { span, message, help: Some("write fewer braces within braces") }
}

/// The size of a text, as the reader of fields cuts it up: every brace ends a piece, and within braces pieces are put
/// together again. What belongs to a command, such as `\textit{...}`, is one piece with it.
///
/// # Errors
/// The byte at which braces are nested too deep.
fn measure(text: &str) -> Result<Size, usize> {
    let mut size = Size { bytes: text.len(), pieces: 1, ..Size::default() };
    let (mut depth, mut of_command) = (0_usize, None);
    let mut previous = Previous::Text;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        previous = match letter {
            '\\' => match letters.next() {
                Some((_, next)) if !"{}".contains(next) => Previous::Command,
                _ => Previous::Text,
            },
            '{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(at);
                }
                if of_command.is_none() && matches!(previous, Previous::Command) {
                    of_command = Some(depth);
                } else if of_command.is_none() {
                    size.pieces += 1;
                    size.joined += usize::from(depth > 1);
                }
                Previous::Text
            }
            '}' => {
                if of_command == Some(depth) {
                    of_command = None;
                } else if of_command.is_none() {
                    size.pieces += 1;
                    size.joined += usize::from(depth > 1);
                }
                depth = depth.saturating_sub(1);
                Previous::Text
            }
            '$' if of_command.is_none() => {
                size.pieces += 2;
                Previous::Text
            }
            _ if letter.is_alphabetic() && matches!(previous, Previous::Command) => Previous::Command,
            _ => Previous::Text,
        };
    }
    Ok(size)
}

/// What stands before a brace.
enum Previous {
    Command,
    Text,
}

/// Whether an entry takes over the fields of others here, and the name under which that is only read.
fn inherits(field: &Pair<'_>) -> Option<&'static str> {
    match field.key.v.to_ascii_lowercase().as_str() {
        "crossref" => Some("octavo-crossref"),
        "xdata" => Some("octavo-xdata"),
        _ => None,
    }
}

/// Refuses entries that take the fields of so many others, or of themselves, that the file becomes much longer.
fn check_inheritance(raw: &RawBibliography<'_>, sizes: &[usize], length: usize) -> Result<(), Refusal> {
    let mut plain = raw.clone();
    for field in plain.entries.iter_mut().flat_map(|entry| &mut entry.v.fields) {
        if let Some(name) = inherits(field) {
            field.key.v = name;
        }
    }
    let plain = biblatex::Bibliography::from_raw(plain).map_err(malformed)?;
    let index: BTreeMap<&str, usize> =
        plain.iter().enumerate().map(|(index, entry)| (entry.key.as_str(), index)).collect();
    let parents = |entry: &Entry| -> Vec<usize> {
        let one = entry.get_as::<String>("octavo-crossref").ok();
        let several = entry.get_as::<Vec<String>>("octavo-xdata").unwrap_or_default();
        let found = one.into_iter().chain(several).filter_map(|key| plain.get(&key));
        found.filter_map(|parent| index.get(parent.key.as_str()).copied()).collect()
    };
    let parents: Vec<Vec<usize>> = plain.iter().map(parents).collect();
    let mut heirs = Heirs { parents: &parents, sizes, known: BTreeMap::new() };
    let mut left = allowed(length);
    for (entry, own) in raw.entries.iter().zip(0..) {
        let refused = |what: &str| Refusal {
            span: entry.v.key.span.clone(),
            message: format!("`{}` takes the fields of {what}", entry.v.key.v),
            help: Some("write `crossref` and `xdata` only for what has none itself"),
        };
        let deep = || refused(&format!("itself, or of entries nested more than {MAX_DEPTH} deep"));
        let (bytes, _) = heirs.of(own, 0).ok_or_else(deep)?;
        left = left
            .checked_sub(bytes)
            .ok_or_else(|| refused("so many entries that the file is many times as long"))?;
    }
    Ok(())
}

/// Measures entries with all that they take over, each once.
struct Heirs<'a> {
    parents: &'a [Vec<usize>],
    sizes: &'a [usize],
    known: BTreeMap<usize, (usize, usize)>,
}

impl Heirs<'_> {
    /// Bytes and depth; `None` if they are nested too deep.
    fn of(&mut self, entry: usize, depth: usize) -> Option<(usize, usize)> {
        if let Some(known) = self.known.get(&entry) {
            return Some(*known);
        }
        let (mut bytes, mut deepest) = (self.sizes.get(entry).copied().unwrap_or(0), 0);
        let parents = self.parents;
        for parent in parents.get(entry).into_iter().flatten() {
            let (more, below) = (depth < MAX_DEPTH).then(|| self.of(*parent, depth + 1))??;
            // An entry costs something even if it is empty.
            bytes = bytes.saturating_add(more).saturating_add(1);
            deepest = deepest.max(below + 1);
        }
        let found = (bytes, deepest);
        self.known.insert(entry, found);
        (deepest <= MAX_DEPTH).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message and the place of what is refused.
    fn refusal(text: &str) -> (String, usize) {
        let refusal = read(text).unwrap_err();
        (refusal.message, text[..refusal.span.start].matches('\n').count() + 1)
    }

    fn doubling(lines: usize) -> String {
        let line = |n: usize| format!("@string{{a{n} = a{0} # a{0}}}\n", n - 1);
        let lines: String = (1..=lines).map(line).collect();
        format!("@string{{a0 = \"xxxxxxxxxxxxxxxx\"}}\n{lines}")
    }

    #[test]
    fn abbreviations_that_double_are_refused_where_they_are_used() {
        for lines in [26, 40, 63] {
            let text = format!("{}@book{{b,\n title = a{lines}}}\n", doubling(lines));
            let (message, line) = refusal(&text);
            assert!(message.starts_with("with `title` the abbreviations make"), "{message}");
            assert_eq!(line, lines + 3);
        }
        // Nobody expands what nobody uses.
        assert!(read(&format!("{}@book{{b, title = a3}}\n", doubling(60))).is_ok());
    }

    #[test]
    fn abbreviations_of_themselves_and_long_chains_are_refused() {
        let chain: String = (1..200).map(|n| format!("@string{{a{n} = a{}}}\n", n - 1)).collect();
        for (text, line) in [
            ("@string{a = a}\n@book{b,\n title = a}\n".to_owned(), 1),
            ("@string{a = b}\n@string{b = {x} # a}\n@book{b, title = a}\n".to_owned(), 2),
            (format!("@string{{a0 = {{x}}}}\n{chain}@book{{b, title = a199}}\n"), 137),
        ] {
            let (message, found) = refusal(&text);
            assert!(message.contains("names itself, or abbreviations nested more than 64 deep"), "{message}");
            assert_eq!(found, line, "{}", &text[..20]);
        }
    }

    #[test]
    fn abbreviations_as_people_use_them_pass() {
        let entries: String = (0..3_000)
            .map(|n| {
                format!(
                    "@article{{k{n}, title = {{On {{{n}}}}}, journal = jmlr, month = jan, year = 2000}}\n"
                )
            })
            .collect();
        let text = format!(
            "@string{{j = {{Journal of }}}}\n@string{{jmlr = j # {{Machine Learning Research}}}}\n{entries}"
        );
        let works = read(&text).unwrap();
        assert_eq!(works.keys.len(), 3_000);
        assert_eq!(&text[works.keys["k7"].clone()], "k7");
    }

    #[test]
    fn braces_in_braces_are_bounded() {
        let deep = |open: &str, depth: usize| {
            format!("@book{{b,\n title = {{{}x{}}}}}\n", open.repeat(depth), "}".repeat(depth))
        };
        for text in [
            deep("{", 100_000),
            deep("\\a{", 20_000),
            deep("{\\textit{", 65).replace("x}", &format!("x{}}}", "}".repeat(65))),
        ] {
            let (message, line) = refusal(&text);
            assert_eq!((message.as_str(), line), ("braces are nested more than 64 deep", 2));
        }
        assert!(read(&deep("{", 60)).is_ok());
        for many in ["{a}".repeat(100_000), "\\a{{a}}".repeat(100_000), "$a$ {b} ".repeat(20_000)] {
            assert!(read(&format!("@book{{b, title = {{{many}}}}}")).is_ok(), "{}", &many[..9]);
        }
    }

    #[test]
    fn many_pieces_of_one_field_are_refused() {
        let inner = format!("{{{}}}", "{a}".repeat(100_000));
        let joined = format!("{{a}}{}", " # {a}".repeat(100_000));
        let named = format!("a{}", " # a # {b}".repeat(50_000));
        for value in [format!("{{{inner}}}"), joined, named] {
            let (message, line) = refusal(&format!("@string{{a = {{x}}}}\n@book{{b,\n title = {value}}}\n"));
            assert_eq!((message.as_str(), line), ("`title` is put together from too many pieces", 3));
        }
    }

    #[test]
    fn entries_that_take_over_others_again_and_again_are_refused() {
        let long = "x".repeat(100);
        let double = |n: usize| {
            format!("@xdata{{k{n}, xdata = {{k{0}, l{0}}}}}\n@xdata{{l{n}, xdata = {{k{0}, l{0}}}}}\n", n - 1)
        };
        let lines: String = (1..=40).map(double).collect();
        let doubling = format!("@xdata{{k0, note = {{{long}}}}}\n@xdata{{l0, note = {{{long}}}}}\n{lines}");
        let chain: String = (1..200).map(|n| format!("@book{{k{n}, crossref = {{k{}}}}}\n", n - 1)).collect();
        for (text, part) in [
            (doubling, "so many entries"),
            (format!("@book{{k0, title = {{x}}}}\n{chain}"), "nested more than 64 deep"),
            ("@book{a, crossref = {b}}\n@book{b, crossref = {a}}\n".to_owned(), "takes the fields of itself"),
        ] {
            let (message, _) = refusal(&text);
            assert!(message.contains(part), "{message}");
        }
        let papers: String = (0..2_000)
            .map(|n| format!("@inproceedings{{p{n}, title = {{T}}, crossref = {{c}}}}\n"))
            .collect();
        let works =
            read(&format!("{papers}@proceedings{{c, title = {{Proceedings}}, year = 2016}}\n")).unwrap();
        assert_eq!(works.parsed.get("p7").unwrap().get("booktitle").unwrap().len(), 1);
    }
}
