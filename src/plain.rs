//! Texts from elsewhere on a terminal: nothing in them may move its cursor, change its colours, turn the direction of
//! writing, or pass for a line of ours.

/// The text on one line.
pub fn line(text: &str) -> String {
    let line: String = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    line.trim().to_owned()
}

/// The text with its lines.
pub fn lines(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) || c == '\n' { c } else { ' ' }).collect()
}

fn is_plain(c: char) -> bool {
    let turns =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    !(c.is_control() || turns || breaks)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_characters_that_stay_where_they_are_remain() {
        let text = "a\u{1b}[31mb\nc\u{202e}d\r\u{9b}e\u{2028}f \u{1f4c8} é\u{7}";
        assert_eq!(super::line(text), "a [31mb c d  e f \u{1f4c8} é");
        assert_eq!(super::lines(text), "a [31mb\nc d  e f \u{1f4c8} é ");
    }
}
