//! Citations as Pandoc writes them, and notes within the text, put together from the pieces of a paragraph.
//!
//! ```text
//! [@key]   [see @a, p. 3; also @b, *passim*]   [-@key]   @key   @key [p. 3]   -@key   [@fig:name]   @fig:name   ^[A note.]
//! ```

use super::Builder;
use crate::directive::CiteTarget;
use crate::document::{Block, CiteItem, CiteKey, Inline};
use crate::reference::ReferenceKind;
use octavo_definition::diagnostic::Diagnostic;

/// A piece, or a bracket of the text.
enum Token {
    Piece(Inline),
    Open,
    Close,
}

/// A bracket that is open: where, and whether an `@key` stands directly in it.
struct Open {
    at: usize,
    keys: bool,
}

impl Builder<'_> {
    /// Pieces with their citations and notes.
    pub(super) fn cited(&mut self, pieces: Vec<Inline>) -> Vec<Inline> {
        let asked = |piece: &Inline| match piece {
            Inline::Key(_) => true,
            Inline::Text(text) => text.contains("^["),
            _ => false,
        };
        if !pieces.iter().any(asked) {
            return pieces;
        }
        let mut tokens: Vec<Token> = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        for token in split(pieces) {
            match token {
                Token::Open => {
                    open.push(Open { at: tokens.len(), keys: false });
                    tokens.push(Token::Open);
                }
                Token::Close => match open.pop() {
                    Some(bracket) => self.close(&bracket, &mut tokens),
                    None => tokens.push(Token::Close),
                },
                Token::Piece(piece) => {
                    if let (Inline::Key(_), Some(bracket)) = (&piece, open.last_mut()) {
                        bracket.keys = true;
                    }
                    tokens.push(Token::Piece(piece));
                }
            }
        }
        self.joined(tokens)
    }

    /// What stands in a bracket that ends.
    fn close(&mut self, bracket: &Open, tokens: &mut Vec<Token>) {
        let before = bracket.at.checked_sub(1).and_then(|at| tokens.get(at));
        let note = matches!(before, Some(Token::Piece(Inline::Text(text))) if text.ends_with('^'));
        let located = follows_key(&tokens[..bracket.at]) && !begins_with_key(&tokens[bracket.at..]);
        if !note && !bracket.keys && !located {
            tokens.push(Token::Close);
            return;
        }
        let inside: Vec<Token> = tokens.drain(bracket.at..).skip(1).collect();
        if note {
            if let Some(Token::Piece(Inline::Text(text))) = tokens.last_mut() {
                text.pop();
            }
            let content = self.joined(inside);
            tokens.push(Token::Piece(self.note(content)));
        } else if located {
            self.locate(inside, tokens);
        } else {
            self.citation(inside, tokens);
        }
    }

    /// A note that stands where it belongs: `^[text]`.
    fn note(&mut self, content: Vec<Inline>) -> Inline {
        let label = format!("^{}", self.footnotes.len());
        self.footnotes_used.insert(label.clone());
        self.footnotes.insert(label.clone(), vec![Block::Paragraph(crate::callout::trimmed(content))]);
        Inline::FootnoteReference(label)
    }

    /// `@key [p. 3]`: the bracket belongs to the key before it.
    fn locate(&mut self, inside: Vec<Token>, tokens: &mut Vec<Token>) {
        // The space between the two.
        tokens.pop();
        let Some(Token::Piece(Inline::Key(key))) = tokens.pop() else { return };
        let CiteTarget::Work(name) = &key.target else { return };
        self.notes.refer(ReferenceKind::Mention, name, &key.span);
        let mut suffix = Vec::new();
        let mut further = Vec::new();
        for (index, mut part) in parts(inside).into_iter().enumerate() {
            if part.iter().any(|piece| matches!(piece, Inline::Key(_))) {
                further.extend(self.item(part));
                continue;
            }
            trim_start(&mut part);
            if !part.is_empty() {
                if let Some(Inline::Text(text)) = part.first_mut().filter(|_| index == 0)
                    && is_place(text)
                {
                    *text = ranges(text);
                }
                suffix.push(Inline::Text(if index == 0 { ", " } else { "; " }.to_owned()));
                suffix.extend(part);
            }
        }
        let item = CiteItem {
            key: name.clone(),
            prefix: Vec::new(),
            suffix: merged(suffix),
            suppressed: key.suppressed,
        };
        let items = std::iter::once(item).chain(further).collect();
        tokens.push(Token::Piece(Inline::Citation { narrative: true, items }));
    }

    /// What stands in brackets, an `@key` directly among it.
    fn citation(&mut self, inside: Vec<Token>, tokens: &mut Vec<Token>) {
        let parts = parts(inside);
        let key = |piece: &Inline| match piece {
            Inline::Key(key) => Some(key.clone()),
            _ => None,
        };
        let keys: Vec<Option<CiteKey>> = parts.iter().map(|part| part.iter().find_map(key)).collect();
        let works = keys.iter().flatten().filter(|key| matches!(key.target, CiteTarget::Work(_))).count();
        let places = keys.iter().flatten().count() - works;
        if keys.iter().any(Option::is_none) {
            // Something else in brackets, such as [see below; @a says more].
            tokens.push(Token::Open);
            for (index, part) in parts.into_iter().enumerate() {
                if index > 0 {
                    tokens.push(Token::Piece(Inline::Text(";".to_owned())));
                }
                tokens.extend(part.into_iter().map(Token::Piece));
            }
            tokens.push(Token::Close);
        } else if works == 0 {
            // References within the page need no brackets.
            for (index, part) in parts.into_iter().enumerate() {
                if index > 0 {
                    tokens.push(Token::Piece(Inline::Text(";".to_owned())));
                }
                tokens.extend(part.into_iter().map(Token::Piece));
            }
        } else {
            if places > 0
                && let Some(key) =
                    keys.iter().flatten().find(|key| matches!(key.target, CiteTarget::Place(..)))
            {
                let problem = Diagnostic::error("citation", "a work and a place of the page share brackets");
                self.notes.report(problem.help("write brackets of its own for each"), &key.span);
            }
            let items = parts.into_iter().filter_map(|part| self.item(part)).collect();
            tokens.push(Token::Piece(Inline::Citation { narrative: false, items }));
        }
    }

    /// One work with what stands around it.
    fn item(&mut self, part: Vec<Inline>) -> Option<CiteItem> {
        let at = part.iter().position(|piece| matches!(piece, Inline::Key(_)))?;
        let mut prefix = part;
        let mut suffix = prefix.split_off(at);
        let Inline::Key(CiteKey { target: CiteTarget::Work(key), suppressed, span }) = suffix.remove(0)
        else {
            return None;
        };
        self.notes.refer(ReferenceKind::Cite, &key, &span);
        trim_start(&mut prefix);
        trim_end(&mut prefix);
        trim_end(&mut suffix);
        let prefix = self.resolved(prefix);
        let suffix = punctuated(self.resolved(suffix));
        Some(CiteItem { key, prefix: merged(prefix), suffix: merged(suffix), suppressed })
    }

    /// Pieces without brackets: keys that are left are citations in the sentence or references within the page.
    fn resolved(&mut self, pieces: Vec<Inline>) -> Vec<Inline> {
        pieces.into_iter().map(|piece| self.resolve(piece)).collect()
    }

    fn resolve(&mut self, piece: Inline) -> Inline {
        let Inline::Key(CiteKey { target, suppressed, span }) = piece else { return piece };
        match target {
            CiteTarget::Place(kind, name) => {
                let known = crate::directive::PREFIXES.iter().find(|(_, known)| *known == kind);
                let prefix = known.map_or("", |(prefix, _)| prefix);
                self.notes.refer(ReferenceKind::CrossRef, &format!("{prefix}{name}"), &span);
                self.notes.cross_references.push((kind, name.clone(), span));
                Inline::CrossReference { kind, name }
            }
            CiteTarget::Work(key) => {
                self.notes.refer(ReferenceKind::Mention, &key, &span);
                let item = CiteItem { key, prefix: Vec::new(), suffix: Vec::new(), suppressed };
                Inline::Citation { narrative: true, items: vec![item] }
            }
        }
    }

    fn joined(&mut self, tokens: Vec<Token>) -> Vec<Inline> {
        let pieces = flat_tokens(tokens);
        merged(self.resolved(pieces))
    }
}

/// Pieces with the brackets of their texts apart. Brackets that are escaped are other pieces.
fn split(pieces: Vec<Inline>) -> Vec<Token> {
    let mut tokens = Vec::new();
    for piece in pieces {
        let Inline::Text(text) = piece else {
            tokens.push(Token::Piece(piece));
            continue;
        };
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['[', ']']) {
            push(&mut tokens, &rest[..at]);
            tokens.push(if rest[at..].starts_with('[') { Token::Open } else { Token::Close });
            rest = &rest[at + 1..];
        }
        push(&mut tokens, rest);
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Piece(Inline::Text(text.to_owned())));
    }
}

/// Whether a work and one space stand at the end.
fn follows_key(tokens: &[Token]) -> bool {
    let [.., Token::Piece(Inline::Key(key)), Token::Piece(Inline::Text(space))] = tokens else {
        return false;
    };
    matches!(key.target, CiteTarget::Work(_)) && matches!(space.as_str(), " " | "\n")
}

/// Whether the first part of a bracket has a key of its own, so that it is a citation beside the one before it.
fn begins_with_key(inside: &[Token]) -> bool {
    let first = inside
        .iter()
        .take_while(|token| !matches!(token, Token::Piece(Inline::Text(text)) if text.contains(';')));
    first.into_iter().any(|token| matches!(token, Token::Piece(Inline::Key(_))))
}

/// The parts between semicolons.
fn parts(tokens: Vec<Token>) -> Vec<Vec<Inline>> {
    let mut parts = vec![Vec::new()];
    for piece in flat_tokens(tokens) {
        let Inline::Text(text) = &piece else {
            parts.last_mut().expect("there is one").push(piece);
            continue;
        };
        for (index, text) in text.split(';').enumerate() {
            if index > 0 {
                parts.push(Vec::new());
            }
            if !text.is_empty() {
                parts.last_mut().expect("there is one").push(Inline::Text(text.to_owned()));
            }
        }
    }
    parts
}

fn flat_tokens(tokens: Vec<Token>) -> Vec<Inline> {
    let piece = |token| match token {
        Token::Piece(piece) => piece,
        Token::Open => Inline::Text("[".to_owned()),
        Token::Close => Inline::Text("]".to_owned()),
    };
    tokens.into_iter().map(piece).collect()
}

/// Neighbouring texts as one.
fn merged(pieces: Vec<Inline>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    out
}

fn trim_start(pieces: &mut Vec<Inline>) {
    if let Some(Inline::Text(text)) = pieces.first_mut() {
        *text = text.trim_start().to_owned();
        if text.is_empty() {
            pieces.remove(0);
        }
    }
}

fn trim_end(pieces: &mut Vec<Inline>) {
    if let Some(Inline::Text(text)) = pieces.last_mut() {
        text.truncate(text.trim_end().len());
        if text.is_empty() {
            pieces.pop();
        }
    }
}

/// Words before a place in a work.
const PLACES: &str = "p. pp. page pages ch. chap. chapter chapitre sec. sect. section § vol. volume fig. figure no. n° n. part \
                      para. thm. th. théorème theorem lemma prop. eq. art. col. f. l. ll. v.";

fn is_place(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    PLACES.split_whitespace().any(|known| known == word.to_lowercase())
        || word.starts_with(|c: char| c.is_ascii_digit() || c == '§')
}

/// A suffix with the comma that a place in the work needs: `@a p. 3`, `@a{p. 3}` and `@a, {p. 3}` are `@a, p. 3`.
fn punctuated(mut suffix: Vec<Inline>) -> Vec<Inline> {
    match suffix.first_mut() {
        Some(Inline::Text(text)) => {
            let trimmed = text.trim_start_matches([',', ' ', '\n']);
            if let Some((inner, rest)) = trimmed.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                *text = format!(", {}{rest}", ranges(inner));
            } else if is_place(trimmed) && (text.starts_with(char::is_whitespace) || text.starts_with(',')) {
                *text = format!(", {}", ranges(trimmed));
            } else if text.starts_with(char::is_alphanumeric) {
                text.insert(0, ' ');
            }
            suffix
        }
        Some(_) => {
            suffix.insert(0, Inline::Text(" ".to_owned()));
            suffix
        }
        None => suffix,
    }
}

/// A place with a dash between the numbers of a range, as in the list of references: `pp. iv, vi-xi`. What follows the numbers
/// is words.
fn ranges(place: &str) -> String {
    let number = |part: &str| {
        let roman = part.chars().all(|c| "ivxlc".contains(c)) || part.chars().all(|c| "IVXLC".contains(c));
        !part.is_empty() && (roman || part.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut words = place.split(' ').peekable();
    let mut out: Vec<String> = words
        .next_if(|first| PLACES.split(' ').any(|known| known == first.to_lowercase()))
        .map(str::to_owned)
        .into_iter()
        .collect();
    while let Some(word) = words.peek() {
        let bare = word.trim_end_matches([',', '.']);
        let parts: Vec<&str> = bare.split("--").flat_map(|part| part.split('-')).collect();
        if !parts.iter().all(|part| number(part)) && !["and", "et", "&", "f", "ff"].contains(&bare) {
            break;
        }
        out.push(format!("{}{}", parts.join("–"), &word[bare.len()..]));
        words.next();
    }
    out.extend(words.map(str::to_owned));
    out.join(" ")
}
