//! Callouts and exercises: block quotes whose first line is `[!NOTE]`, `[!EXERCISE] Title` and the like.

use super::document::{Block, CalloutKind, Inline};

/// What a block quote turns out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Marker {
    Callout(CalloutKind),
    Exercise,
    Solution,
    /// A word that is no kind of callout.
    Unknown(String),
}

/// The words and what they mean.
const MARKERS: &[(&str, Option<CalloutKind>)] = &[
    ("NOTE", Some(CalloutKind::Note)),
    ("TIP", Some(CalloutKind::Tip)),
    ("IMPORTANT", Some(CalloutKind::Important)),
    ("WARNING", Some(CalloutKind::Warning)),
    ("CAUTION", Some(CalloutKind::Caution)),
    ("EXERCISE", None),
    ("SOLUTION", None),
];

/// All words, for messages.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    MARKERS.iter().map(|(word, _)| *word)
}

/// Takes the marker and its title off the blocks of a quote; `None` leaves the blocks as they are.
pub(super) fn take_marker(blocks: &mut Vec<Block>) -> Option<(Marker, Vec<Inline>)> {
    let Some(Block::Paragraph(inlines)) = blocks.first_mut() else { return None };
    let Some(Inline::Text(text)) = inlines.first_mut() else { return None };
    let (word, after) = text.strip_prefix("[!")?.split_once(']')?;
    if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let marker = marker(word);
    *text = after.to_owned();
    let rest = split_first_line(inlines);
    let title = std::mem::replace(inlines, rest);
    if inlines.is_empty() {
        blocks.remove(0);
    }
    Some((marker, trimmed(title)))
}

fn marker(word: &str) -> Marker {
    let upper = word.to_ascii_uppercase();
    match MARKERS.iter().find(|(known, _)| *known == upper) {
        Some((_, Some(kind))) => Marker::Callout(*kind),
        Some(("EXERCISE", _)) => Marker::Exercise,
        Some(_) => Marker::Solution,
        None => Marker::Unknown(word.to_owned()),
    }
}

/// Leaves the first line and returns the others.
fn split_first_line(inlines: &mut Vec<Inline>) -> Vec<Inline> {
    for index in 0..inlines.len() {
        match &mut inlines[index] {
            Inline::Text(text) => {
                if let Some(newline) = text.find('\n') {
                    let after = text.split_off(newline)[1..].to_owned();
                    let mut rest = inlines.split_off(index + 1);
                    if !after.is_empty() {
                        rest.insert(0, Inline::Text(after));
                    }
                    return rest;
                }
            }
            Inline::HardBreak => {
                let rest = inlines.split_off(index + 1);
                inlines.pop();
                return rest;
            }
            _ => {}
        }
    }
    Vec::new()
}

/// Running text without the white space at its two ends.
pub(super) fn trimmed(mut inlines: Vec<Inline>) -> Vec<Inline> {
    if let Some(Inline::Text(text)) = inlines.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text(text)) = inlines.last_mut() {
        text.truncate(text.trim_end().len());
    }
    inlines.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
    inlines
}
