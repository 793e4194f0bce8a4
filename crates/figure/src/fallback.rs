//! A font of the project's own, for letters in PNGs that the bundled fonts lack.

use std::sync::Arc;

use octavo_plugin::Digest;
use ttf_parser::Face;

/// A font file that can be read.
#[derive(Clone, Debug)]
pub struct Fallback {
    bytes: Arc<[u8]>,
    /// Digest of the file.
    pub digest: Digest,
}

impl Fallback {
    /// The font in these bytes (TrueType or OpenType); `None` if they are none.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        Face::parse(&bytes, 0).ok()?;
        let digest = Digest::of(&bytes);
        Some(Self { bytes: bytes.into(), digest })
    }

    /// The font.
    pub(super) fn face(&self) -> Face<'_> {
        Face::parse(&self.bytes, 0).expect("it was read before")
    }

    /// Whether it draws a character as it stands, on its own.
    pub(super) fn has(&self, character: char) -> bool {
        !is_joined(character) && self.face().glyph_index(character).is_some()
    }
}

/// Whether the form of a letter depends on its neighbours, so that letters set one by one are wrong: Arabic, Syriac, Indic
/// scripts, Thai, Tibetan and the like.
fn is_joined(character: char) -> bool {
    matches!(character, '\u{600}'..='\u{7bf}' | '\u{840}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{109f}'
        | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// The characters of a text in the order in which they stand from left to right: runs of letters that are written from the
/// right are turned.
pub(super) fn visual_order(text: &str) -> Vec<char> {
    let from_right =
        |c: &char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let characters: Vec<char> = text.chars().collect();
    let mut all = Vec::with_capacity(characters.len());
    let mut at = 0;
    while at < characters.len() {
        if !from_right(&characters[at]) {
            all.push(characters[at]);
            at += 1;
            continue;
        }
        // Spaces between such letters belong to the run, those behind the last one do not.
        let run = characters[at..].iter().take_while(|c| from_right(c) || c.is_whitespace()).count();
        let trailing = characters[at..at + run].iter().rev().take_while(|c| c.is_whitespace()).count();
        all.extend(characters[at..at + run - trailing].iter().rev());
        at += run - trailing;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_from_the_right_are_turned_and_nothing_else() {
        let order = |text: &str| visual_order(text).into_iter().collect::<String>();
        assert_eq!(order("abc 1"), "abc 1");
        assert_eq!(order("אבג"), "גבא");
        assert_eq!(order("x אב גד y"), "x דג בא y");
        assert_eq!(order("אב = 3"), "בא = 3");
    }

    #[test]
    fn what_is_no_font_is_none() {
        assert!(Fallback::new(b"no font".to_vec()).is_none());
        let own = Fallback::new(include_bytes!("../../../templates/fonts/sans.otf").to_vec()).unwrap();
        assert!(own.has('a') && !own.has('日') && !own.has('\u{628}'));
    }
}
