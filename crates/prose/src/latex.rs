//! The LaTeX of a field of a bibliography, as rich text.
//!
//! ```text
//! "{\'\i}" í    "\c{c}" ç    "{\ss}" ß    "``x''" “x”    "a--b" a–b    "A.~B." A. B.    "$L^p$" mathematics
//! ```
//!
//! A command that is not known is told at its place; what stands in its braces is printed.

mod commands;
mod letters;
mod out;
mod verbatim;

use std::ops::Range;

use commands::{Command, command};
use out::Out;
use unicode_normalization::UnicodeNormalization as _;
pub(super) use verbatim::verbatim;

use super::math::to_mathml;
use super::safe_html::escape_into;

/// How a piece of a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Emphasis,
    Strong,
    Code,
    SmallCapitals,
    Raised,
    Lowered,
    /// In braces of its own, which say that a style that changes capitals leaves these as they are.
    Kept,
}

impl Style {
    fn tags(self) -> (&'static str, &'static str) {
        match self {
            Self::Emphasis => ("<em>", "</em>"),
            Self::Strong => ("<strong>", "</strong>"),
            Self::Code => ("<code>", "</code>"),
            Self::SmallCapitals => ("<span class=\"small-capitals\">", "</span>"),
            Self::Raised => ("<sup>", "</sup>"),
            Self::Lowered => ("<sub>", "</sub>"),
            Self::Kept => ("", ""),
        }
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// Markup of our own converter.
    Math(String),
    Styled(Style, Vec<Piece>),
    Link(String, Vec<Piece>),
}

/// A text with emphasis, mathematics and links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich(Vec<Piece>);

impl Rich {
    /// The text without markup.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        push_plain(&mut text, &self.0);
        text
    }

    /// The text as HTML. Formulas come from our own converter, the rest is escaped.
    pub(super) fn push_html(&self, html: &mut String) {
        push_html(html, &self.0);
    }

    /// The pieces, for what prints them in a form of its own.
    #[cfg(feature = "csl")]
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether there is nothing to print.
    pub fn is_empty(&self) -> bool {
        self.plain().trim().is_empty()
    }
}

fn push_plain(text: &mut String, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Math(mathml) => text.push_str(&super::mathml::text(mathml)),
            Piece::Styled(_, inner) | Piece::Link(_, inner) => push_plain(text, inner),
        }
    }
}

fn push_html(html: &mut String, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => escape_into(html, text),
            Piece::Math(mathml) => html.push_str(mathml),
            Piece::Styled(style, inner) => {
                let (open, close) = style.tags();
                html.push_str(open);
                push_html(html, inner);
                html.push_str(close);
            }
            Piece::Link(address, inner) => {
                html.push_str("<a href=\"");
                escape_into(html, address);
                html.push_str("\">");
                push_html(html, inner);
                html.push_str("</a>");
            }
        }
    }
}

/// What is wrong with a text, and where in it.
pub(super) type Wrong = (Range<usize>, String);

/// Reads a text.
pub(super) fn rich(text: &str) -> (Rich, Vec<Wrong>) {
    let mut reader = Reader { text, at: 0, wrong: Vec::new() };
    let mut out = Out::default();
    while reader.at < text.len() {
        reader.group(&mut out, false);
        // A closing brace without its partner.
        reader.take('}');
    }
    (Rich(trimmed(out.pieces)), reader.wrong)
}

/// Without spaces at the beginning and the end.
fn trimmed(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let Some(Piece::Text(first)) = pieces.first_mut() {
        *first = first.trim_start_matches(' ').to_owned();
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.truncate(last.trim_end_matches(' ').len());
    }
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    pieces
}

/// Whether braces around this keep its capitals. Those around an accent, `{\"O}`, are a way to write a letter.
fn keeps(source: &str, pieces: &[Piece]) -> bool {
    let text = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(char::is_uppercase));
    !source.starts_with('\\') && pieces.iter().any(text)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    wrong: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, letter: char) -> bool {
        let there = self.peek() == Some(letter);
        self.at += usize::from(there) * letter.len_utf8();
        there
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Up to the brace that closes the group, or the end; `code` has no dashes and quotation marks.
    fn group(&mut self, out: &mut Out, code: bool) {
        while let Some(letter) = self.peek() {
            match letter {
                '}' => return,
                '{' => {
                    self.at += 1;
                    let source = self.rest();
                    let mut inner = Out::default();
                    self.group(&mut inner, code);
                    self.take('}');
                    if keeps(source, &inner.pieces) {
                        out.pieces.push(Piece::Styled(Style::Kept, inner.pieces));
                    } else {
                        out.append(inner.pieces);
                    }
                }
                '\\' => {
                    if let Some(style) = self.command(out, code) {
                        // A declaration such as `\em` holds for the rest of the group.
                        let mut inner = Out::default();
                        self.group(&mut inner, code || style == Some(Style::Code));
                        match style {
                            Some(style) => out.pieces.push(Piece::Styled(style, inner.pieces)),
                            None => out.append(inner.pieces),
                        }
                        return;
                    }
                }
                '$' => self.math(out),
                _ => self.letters(letter, out, code),
            }
        }
    }

    /// Ordinary text.
    fn letters(&mut self, letter: char, out: &mut Out, code: bool) {
        const MARKS: &[(&str, &str)] = &[
            ("---", "—"),
            ("--", "–"),
            ("``", "“"),
            ("''", "”"),
            ("!`", "¡"),
            ("?`", "¿"),
            ("`", "‘"),
            ("'", "’"),
            ("~", "\u{a0}"),
        ];
        if letter.is_whitespace() && letter != '\u{a0}' && letter != '\u{202f}' {
            self.skip_space();
            out.space();
            return;
        }
        if let Some((mark, set)) = MARKS.iter().find(|(mark, _)| !code && self.rest().starts_with(mark)) {
            self.at += mark.len();
            out.text(set);
            return;
        }
        self.at += letter.len_utf8();
        match letter {
            '"' if !code => {
                let opens = out.last().is_none_or(|c| c.is_whitespace() || "([“‘–—\u{a0}".contains(c));
                out.text(if opens { "“" } else { "”" });
            }
            c if c.is_control() => {}
            c => out.text(c.encode_utf8(&mut [0; 4])),
        }
    }

    /// `$...$`, also `$$...$$`.
    fn math(&mut self, out: &mut Out) {
        let start = self.at;
        let fence = if self.rest().starts_with("$$") { "$$" } else { "$" };
        self.at += fence.len();
        let mut at = 0;
        let end = loop {
            let Some(found) = self.rest()[at..].find(['$', '\\']).map(|found| at + found) else { break None };
            if self.rest()[found..].starts_with('$') {
                break Some(found);
            }
            at = found + 1 + self.rest()[found + 1..].chars().next().map_or(0, char::len_utf8);
        };
        let Some(end) = end else {
            self.wrong.push((start..start + fence.len(), "this `$` has no partner".to_owned()));
            out.text(fence);
            return;
        };
        let tex = &self.rest()[..end];
        self.at += end;
        self.at += if self.rest().starts_with(fence) { fence.len() } else { 1 };
        self.formula(tex, start..self.at, out);
    }

    fn formula(&mut self, tex: &str, span: Range<usize>, out: &mut Out) {
        match to_mathml(tex.trim(), false) {
            _ if tex.trim().is_empty() => {}
            Ok(mathml) => out.pieces.push(Piece::Math(mathml)),
            Err(reason) => {
                self.wrong.push((span, reason));
                out.pieces.push(Piece::Styled(Style::Code, vec![Piece::Text(tex.to_owned())]));
            }
        }
    }

    /// A command. One that holds for the rest of the group returns its style, `Some(None)` the upright one.
    fn command(&mut self, out: &mut Out, code: bool) -> Option<Option<Style>> {
        let start = self.at;
        self.at += 1;
        let Some(first) = self.peek() else {
            out.text("\\");
            return None;
        };
        let name = if first.is_ascii_alphabetic() {
            let rest = self.rest();
            let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            self.at += length;
            self.take('*');
            &rest[..length]
        } else {
            &self.rest()[..first.len_utf8()]
        };
        if !first.is_ascii_alphabetic() {
            self.at += first.len_utf8();
        }
        if let Some(mark) = letters::accent(name) {
            let set = self.accented(mark, name);
            out.text(&set);
            return None;
        }
        let word = first.is_ascii_alphabetic();
        match command(name) {
            Some(Command::Text(text)) => {
                self.end_word(word);
                if text == " " { out.space() } else { out.text(text) }
            }
            Some(Command::Declares(style)) => {
                self.end_word(word);
                return Some(style);
            }
            Some(known) => self.run(known, start, out, code),
            None => self.unknown(name, start, out, code),
        }
        None
    }

    /// Spaces after a command of letters are not printed.
    fn end_word(&mut self, word: bool) {
        if word {
            self.skip_space();
        }
    }

    fn run(&mut self, known: Command, start: usize, out: &mut Out, code: bool) {
        match known {
            Command::Styled(style) => {
                let inner = self.argument(code || style == Style::Code);
                out.pieces.push(Piece::Styled(style, inner));
            }
            Command::Plain => {
                let inner = self.argument(code);
                out.append(inner);
            }
            Command::Second => {
                self.argument(code);
                let inner = self.argument(code);
                out.append(inner);
            }
            Command::Dropped => drop(self.argument(code)),
            Command::Quoted => {
                out.text("“");
                let inner = self.argument(code);
                out.append(inner);
                out.text("”");
            }
            Command::Cased(upper) => {
                let inner = self.argument(code);
                let mut text = String::new();
                push_plain(&mut text, &inner);
                out.text(&if upper { text.to_uppercase() } else { text.to_lowercase() });
            }
            Command::Math => {
                let tex = self.raw_argument();
                self.formula(tex, start..self.at, out);
            }
            Command::MathUntil(end) => {
                let length = self.rest().find(end);
                let tex = &self.rest()[..length.unwrap_or(self.rest().len())];
                self.at += tex.len() + if length.is_some() { end.len() } else { 0 };
                self.formula(tex, start..self.at, out);
            }
            Command::Address(before) => {
                let address = verbatim(self.raw_argument());
                let shown = vec![Piece::Text(address.clone())];
                self.link(format!("{before}{address}"), shown, out);
            }
            Command::Link => {
                let address = verbatim(self.raw_argument());
                let shown = self.argument(code);
                self.link(address, shown, out);
            }
            Command::Text(_) | Command::Declares(_) => {}
        }
    }

    /// A link, if it leads to a web page.
    fn link(&mut self, address: String, shown: Vec<Piece>, out: &mut Out) {
        let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
        if web && !address.contains(|c: char| c.is_control() || c.is_whitespace()) {
            out.pieces.push(Piece::Link(address, shown));
        } else {
            out.append(shown);
        }
    }

    fn unknown(&mut self, name: &str, start: usize, out: &mut Out, code: bool) {
        self.wrong.push((start..self.at, format!("the command `\\{name}` is not known here")));
        self.skip_space();
        if self.rest().starts_with(['{', '[']) {
            while self.rest().starts_with(['{', '[']) {
                if self.rest().starts_with('[') {
                    let length = self.rest().find(']').map_or(self.rest().len(), |end| end + 1);
                    self.at += length;
                } else {
                    let inner = self.argument(code);
                    out.append(inner);
                }
            }
        } else {
            out.text(name);
        }
    }

    /// What a command takes: a group, a command or a single letter.
    fn argument(&mut self, code: bool) -> Vec<Piece> {
        self.skip_space();
        let mut out = Out::default();
        match self.peek() {
            Some('{') => {
                self.at += 1;
                self.group(&mut out, code);
                self.take('}');
            }
            Some('\\') => drop(self.command(&mut out, code)),
            None | Some('}') => {}
            Some(letter) => self.letters(letter, &mut out, code),
        }
        out.pieces
    }

    /// The same as written.
    fn raw_argument(&mut self) -> &'a str {
        self.skip_space();
        let (start, rest) = (self.at, self.rest());
        if !self.take('{') {
            self.at += self.peek().map_or(0, char::len_utf8);
            return &self.text[start..self.at];
        }
        let mut depth = 0_usize;
        let mut letters = rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '{' => depth += 1,
                '}' if depth == 1 => {
                    self.at = start + at + 1;
                    return &rest[1..at];
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        self.at = self.text.len();
        &rest[1..]
    }

    /// What follows, its first letter with an accent.
    fn accented(&mut self, mark: char, name: &str) -> String {
        let mut text = String::new();
        let pieces = self.argument(false);
        push_plain(&mut text, &pieces);
        let mut letters = text.chars();
        let Some(first) = letters.next().filter(|c| !c.is_whitespace()) else {
            return format!("{}{text}", letters::alone(name));
        };
        // The dot of `i` makes way for what stands above it, and is back in the letter with its accent.
        let base = match first {
            'ı' if !letters::below(mark) => 'i',
            'ȷ' if !letters::below(mark) => 'j',
            other => other,
        };
        let rest = letters.as_str();
        // A letter may have an accent already, which follows it.
        let marks = rest.find(|c| !unicode_normalization::char::is_combining_mark(c)).unwrap_or(rest.len());
        let (marks, rest) = rest.split_at(marks);
        let whole: String = [base].into_iter().chain(marks.chars()).chain([mark]).nfc().collect();
        format!("{whole}{rest}")
    }
}

#[cfg(test)]
mod tests;
