//! Mistakes in any text: lines, words, signs and bytes.

use super::choices::Choices;
use super::pool::{Pool, SIGNS, STRANGE};

/// Whether a letter belongs to a word.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+')
}

/// The tables of a TOML text: each heading with what stands below it.
pub(super) fn tables(text: &str) -> Vec<&str> {
    let heads = text.match_indices("\n[").map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(heads).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

/// One mistake, and which it was.
pub(super) fn change(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    match choices.below(4) {
        0 => lines(bytes, choices, pool),
        1 => words(bytes, choices, pool),
        2 => signs(bytes, choices),
        _ => whole(bytes, choices),
    }
}

/// Replaces a range of bytes, and says what stands there now.
pub(super) fn put(
    bytes: &mut Vec<u8>,
    at: std::ops::Range<usize>,
    new: &(impl AsRef<str> + ?Sized),
) -> String {
    let old = String::from_utf8_lossy(&bytes[at.clone()]).into_owned();
    let line = bytes[..at.start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let new = new.as_ref();
    let shown: String = new.chars().take(60).collect();
    bytes.splice(at, new.bytes());
    format!("line {line}: {old:?} becomes {shown:?}")
}

/// A mistake of lines.
fn lines(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        lines.push(Vec::new());
    }
    let (one, other) = (choices.below(lines.len()), choices.below(lines.len()));
    let (first, last) = (one.min(other), one.max(other));
    let what = match choices.below(7) {
        0 => {
            lines.remove(one);
            format!("line {} is gone", one + 1)
        }
        1 => {
            lines.insert(one, lines[one].clone());
            format!("line {} is there twice", one + 1)
        }
        2 => {
            lines.swap(one, other);
            format!("lines {} and {} change places", first + 1, last + 1)
        }
        3 => {
            let section: Vec<_> = lines.drain(first..=last).collect();
            let to = choices.below(lines.len() + 1);
            lines.splice(to..to, section);
            format!("lines {} to {} move to {}", first + 1, last + 1, to + 1)
        }
        4 => {
            lines.drain(first..=last);
            format!("lines {} to {} are gone", first + 1, last + 1)
        }
        5 => {
            lines.truncate(one);
            format!("nothing stands after line {one}")
        }
        _ => {
            let line = choices.pick(&pool.lines);
            lines.insert(one, format!("{line}\n").into_bytes());
            format!("before line {} stands {line:?}", one + 1)
        }
    };
    *bytes = lines.concat();
    what
}

/// A mistake in one word.
fn words(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return signs(bytes, choices) };
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, letter) in text.char_indices().filter(|(_, letter)| is_word(*letter)) {
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) => word.end = at + letter.len_utf8(),
            None => words.push(at..at + letter.len_utf8()),
        }
    }
    if words.is_empty() {
        return signs(bytes, choices);
    }
    let at = choices.pick(&words).clone();
    let mut letters: Vec<char> = text[at.clone()].chars().collect();
    let other = text[choices.pick(&words).clone()].to_owned();
    let letter = choices.below(letters.len());
    let new = match choices.below(7) {
        0 => other,
        1 | 2 => choices.pick(&pool.words).clone(),
        3 => (*choices.pick(NUMBERS)).to_owned(),
        4 => {
            letters.remove(letter);
            letters.into_iter().collect()
        }
        5 => {
            letters.insert(letter, letters[letter]);
            letters.into_iter().collect()
        }
        _ => {
            letters.swap(letter, 0);
            letters.into_iter().collect()
        }
    };
    put(bytes, at, &new)
}

/// Numbers that are out of range somewhere.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "-1.5",
    "1e-320",
    "1e300",
    "nan",
    "inf",
    "-inf",
    "99999999999",
    "9223372036854775808",
    "0.1",
    "1000",
    "2147483648",
];

/// A sign too many or too few, or a text that few expect.
fn signs(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let at = choices.below(bytes.len() + 1);
        return put(bytes, at..at, "\n");
    };
    let any = text.floor_char_boundary(choices.below(text.len() + 1));
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let start = *choices.pick(&starts);
    let there: Vec<usize> =
        text.char_indices().filter(|(_, letter)| letter.is_ascii_punctuation()).map(|(at, _)| at).collect();
    match choices.below(5) {
        0 => put(bytes, any..any, *choices.pick(SIGNS)),
        1 => put(bytes, any..any, *choices.pick(STRANGE)),
        2 => put(bytes, start..start, *choices.pick(SIGNS)),
        _ if there.is_empty() => put(bytes, any..any, "\""),
        3 => {
            let at = *choices.pick(&there);
            put(bytes, at..at + 1, *choices.pick(SIGNS))
        }
        _ => {
            let at = *choices.pick(&there);
            put(bytes, at..at + 1, "")
        }
    }
}

/// A mistake of the whole file.
fn whole(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) -> String {
    let at = choices.below(bytes.len() + 1);
    match choices.below(8) {
        0 => bytes.clear(),
        1 => bytes.truncate(at),
        2 => drop(bytes.splice(at..at, [0xff, 0xfe])),
        3 => drop(bytes.splice(0..0, *b"\xef\xbb\xbf")),
        4 => *bytes = String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes(),
        5 => *bytes = String::from_utf8_lossy(bytes).replace('\n', "\r").into_bytes(),
        6 => {
            let piece = *choices.pick(&[
                "x", "[", "{", "(", "$", "é", "*", "> ", "- ", "1 + ", "\\", "\"", "`a", "\u{301}", "<",
                "![", "{{ ",
            ]);
            let count = *choices.pick(&[40, 400, 4000]);
            let at = if String::from_utf8(bytes[..at].to_vec()).is_ok() { at } else { 0 };
            put(bytes, at..at, &piece.repeat(count));
            return format!("{piece:?} stands {count} times at byte {at}");
        }
        _ => {
            let end = (at + choices.below(40)).min(bytes.len());
            bytes.drain(at..end);
            return format!("bytes {at} to {end} are gone");
        }
    }
    format!("the whole file becomes another, at {at}")
}
