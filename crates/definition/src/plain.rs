//! Texts from elsewhere on a terminal: nothing in them may move its cursor, change its colours, turn the direction of
//! writing, or pass for a line of ours.

use std::path::Path;

/// The text on one line.
pub fn line(text: &str) -> String {
    let line: String = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    line.trim().to_owned()
}

/// The text with its lines.
pub fn lines(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) || c == '\n' { c } else { ' ' }).collect()
}

/// A piece of a file in which places are marked: each letter keeps its number of bytes. Control characters of ASCII stay, since what
/// draws the piece has signs for them.
pub fn in_place(text: &str) -> String {
    let one = |c: char| match c.len_utf8() {
        2 if !is_plain(c) => '·',
        3 if !is_plain(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    };
    text.chars().map(one).collect()
}

/// A path as text: what is no UTF-8 in it as `\x` and two digits a byte, so that no two names look alike.
pub fn path(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

fn is_plain(c: char) -> bool {
    let turns =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    !(c.is_control() || turns || breaks)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn bytes_of_a_name_that_are_no_text_are_told_apart() {
        let path = |bytes: &[u8]| super::path(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(path("a/é.md".as_bytes()), "a/é.md");
        assert_eq!(path(b"caf\xe9.md"), "caf\\xe9.md");
        assert_eq!(path(b"\xff/\xfe\xfd"), "\\xff/\\xfe\\xfd");
        assert_eq!(path(b"\xe2\x82"), "\\xe2\\x82");
    }

    #[test]
    fn only_characters_that_stay_where_they_are_remain() {
        let text = "a\u{1b}[31mb\nc\u{202e}d\r\u{9b}e\u{2028}f \u{1f4c8} é\u{7}";
        assert_eq!(super::line(text), "a [31mb c d  e f \u{1f4c8} é");
        assert_eq!(super::lines(text), "a [31mb\nc d  e f \u{1f4c8} é ");
        assert_eq!(super::in_place(text), "a\u{1b}[31mb\nc�d\r·e�f \u{1f4c8} é\u{7}");
        assert_eq!(super::in_place(text).len(), text.len());
    }
}
