//! TeX as tokens that know where they come from.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A command without its backslash: `frac`, `,`, `\`.
    Command(String),
    /// Any other character; braces among them.
    Char(char),
    /// White space of any length.
    Space,
    /// Words that are set as they are, by `\text` or a command like it.
    Words { command: &'static str, words: String },
    /// Something that only the page knows: a result, or the number of an equation.
    Slot(usize),
}

/// A piece of a formula and the bytes of its source from which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

impl Token {
    pub(super) fn new(kind: TokenKind, at: &Range<usize>) -> Self {
        Self { kind, at: at.clone() }
    }

    pub(super) fn is_char(&self, c: char) -> bool {
        self.kind == TokenKind::Char(c)
    }

    pub(super) fn command(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Command(name) => Some(name),
            _ => None,
        }
    }
}

/// The tokens of a formula. Comments are left out; a star behind `\operatorname` and the like is a token of its own.
pub(super) fn tokens(tex: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = tex.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let (kind, end) = match c {
            '\\' => {
                let rest = &tex[end..];
                let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                let length =
                    if letters > 0 { letters } else { rest.chars().next().map_or(0, char::len_utf8) };
                while chars.next_if(|(next, _)| *next < end + length).is_some() {}
                let name = if rest[..length].trim().is_empty() { " " } else { &rest[..length] };
                (TokenKind::Command(name.to_owned()), end + length)
            }
            '%' => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
                continue;
            }
            c if c.is_whitespace() && c != '\u{a0}' => {
                while chars.next_if(|(_, c)| c.is_whitespace() && *c != '\u{a0}').is_some() {}
                (TokenKind::Space, chars.peek().map_or(tex.len(), |(next, _)| *next))
            }
            c => (TokenKind::Char(c), end),
        };
        tokens.push(Token { kind, at: at..end });
    }
    tokens
}

/// The tokens of a text of ours, all from one place.
pub(super) fn tokens_at(tex: &str, at: &Range<usize>) -> Vec<Token> {
    tokens(tex).into_iter().map(|token| Token { kind: token.kind, at: at.clone() }).collect()
}

/// The first character that stands for a [`TokenKind::Slot`], in an area for private use.
const SLOTS: u32 = 0x10_f000;
/// What characters that mean something to TeX are written as within words.
const ENCODED: u32 = 0x10_f800;

/// The first characters that stand for numbers of lines, and for their ids.
const NUMBERS: u32 = 0x10_f200;
const ROWS: u32 = 0x10_f400;

/// How many slots, and how many lines with numbers, a formula may have.
pub(super) const MOST_SLOTS: usize = 256;

/// The character that stands for a slot.
pub(super) fn slot_mark(slot: usize) -> char {
    u32::try_from(slot).ok().and_then(|slot| char::from_u32(SLOTS + slot)).unwrap_or('?')
}

/// The character that stands for the number of a line, the first, second, ... that has one.
pub(super) fn number_mark(index: usize) -> char {
    u32::try_from(index).ok().and_then(|index| char::from_u32(NUMBERS + index)).unwrap_or('?')
}

/// The character that stands for the id of such a line.
pub(super) fn row_mark(index: usize) -> char {
    u32::try_from(index).ok().and_then(|index| char::from_u32(ROWS + index)).unwrap_or('?')
}

/// Whether this character is one of those that have a meaning here, so that a formula may not contain it.
pub(super) fn is_private(c: char) -> bool {
    u32::from(c) >= SLOTS || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn encoded(words: &str) -> String {
    let one = |c: char| match c {
        '\\' | '{' | '}' | '%' | '$' | '#' | '&' | '~' | '^' | '_' | '\'' | '`' => {
            char::from_u32(ENCODED + u32::from(c)).unwrap_or(c)
        }
        other => other,
    };
    words.chars().map(one).collect()
}

/// Words as they were before [`Text`] wrote them for the converter.
pub(super) fn decoded(words: &str) -> String {
    let one = |c: char| match u32::from(c).checked_sub(ENCODED).filter(|code| *code < 0x80) {
        Some(code) => char::from_u32(code).unwrap_or(c),
        None => c,
    };
    words.chars().map(one).collect()
}

/// Tokens written for the converter, and where each byte of it comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    pub(super) tex: String,
    /// Where in the text a token begins, and the bytes of its source.
    places: Vec<(usize, Range<usize>)>,
}

impl Text {
    pub(super) fn of(tokens: &[Token]) -> Self {
        let mut text = Self::default();
        for token in tokens {
            text.push(token);
        }
        text
    }

    fn push(&mut self, token: &Token) {
        // A name ends where a letter cannot go on with it.
        let letter = matches!(&token.kind, TokenKind::Char(c) if c.is_ascii_alphabetic());
        if letter && self.ends_with_name() {
            self.tex.push(' ');
        }
        self.places.push((self.tex.len(), token.at.clone()));
        match &token.kind {
            TokenKind::Command(name) => {
                self.tex.push('\\');
                self.tex.push_str(name);
            }
            TokenKind::Char(c) => self.tex.push(*c),
            TokenKind::Space => self.tex.push(' '),
            TokenKind::Words { command, words } => {
                self.tex.push_str(&format!("\\{command}{{{}}}", encoded(words)));
            }
            TokenKind::Slot(slot) => self.tex.push(slot_mark(*slot)),
        }
    }

    fn ends_with_name(&self) -> bool {
        let name = self.tex.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        name.len() < self.tex.len() && name.ends_with('\\') && !name.ends_with("\\\\")
    }

    /// The bytes of the source from which this byte comes.
    pub(super) fn place(&self, at: usize) -> Option<Range<usize>> {
        let index = self.places.partition_point(|(start, _)| *start <= at);
        self.places.get(index.checked_sub(1)?).map(|(_, place)| place.clone())
    }
}
