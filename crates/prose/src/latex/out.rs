//! A text in the making.

use super::{Piece, Style};

/// What is written, spaces at most one in a row.
#[derive(Default)]
pub(super) struct Out {
    pub(super) pieces: Vec<Piece>,
}

impl Out {
    pub(super) fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    pub(super) fn space(&mut self) {
        if self.last() != Some(' ') {
            self.text(" ");
        }
    }

    pub(super) fn last(&self) -> Option<char> {
        last(&self.pieces)
    }

    pub(super) fn append(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.text(&text),
                other => self.pieces.push(other),
            }
        }
    }
}

/// The last letter of a text, for what is none an `x`.
fn last(pieces: &[Piece]) -> Option<char> {
    match pieces.last()? {
        Piece::Text(text) => text.chars().last(),
        Piece::Styled(Style::Kept, inner) => last(inner),
        _ => Some('x'),
    }
}
