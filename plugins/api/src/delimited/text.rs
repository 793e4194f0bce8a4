//! Bytes of a file as text.

use std::borrow::Cow;

use super::form::{Encoding, TextForm};
use super::read::Wrong;

/// The characters of the bytes 0x80 to 0x9f in Windows-1252; those without a meaning stay what they are.
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}',
    '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}',
    '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// The text of a file, without a byte order mark.
///
/// # Errors
/// For bytes that are no text in the declared encoding, with the line.
pub(super) fn decoded<'a>(bytes: &'a [u8], form: &TextForm, file: &str) -> Result<Cow<'a, str>, Wrong> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Wrong::of_file("it is UTF-16").help("save it as UTF-8"));
    }
    match form.encoding.unwrap_or(Encoding::Utf8) {
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes)
                .map_err(|error| no_text(bytes, error.valid_up_to(), form, file))?;
            Ok(Cow::Borrowed(text))
        }
        Encoding::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Encoding::Windows1252 => Ok(bytes.iter().map(|byte| windows(*byte)).collect()),
    }
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn no_text(bytes: &[u8], at: usize, form: &TextForm, file: &str) -> Wrong {
    let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let byte = bytes.get(at).copied().unwrap_or_default();
    let encoding = if (0x80..0xa0).contains(&byte) { Encoding::Windows1252 } else { Encoding::Latin1 };
    let declared = TextForm { encoding: Some(encoding), ..form.clone() }.declared(file);
    Wrong::of_line(line as u64, &format!("the byte {byte:#04x} is no UTF-8"))
        .help(&format!("save the file as UTF-8, or say how it is written: {declared}"))
}
