//! Lines of TOML that the program writes: one line a value, sorted by name, so that versions are merged line by line.

use std::fmt::Write as _;

use octavo_plugin::Named;

/// A text as a basic string of TOML. JSON escapes what TOML does but for one letter.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A name as a key: bare where it can be.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A finite float or an infinity with all its digits, short also where it is very large or small.
pub(super) fn float(number: f64) -> String {
    format!("{number:?}")
}

/// An infinity.
pub(super) fn named(value: Named) -> &'static str {
    match value {
        Named::Infinity => "inf",
        Named::NegativeInfinity => "-inf",
    }
}

/// A part of the file with a line for each entry; nothing if there is none.
pub(super) fn section(heading: &str, lines: impl Iterator<Item = (String, String)>) -> String {
    let mut text = String::new();
    for (name, value) in lines {
        if text.is_empty() {
            let _ = write!(text, "\n[{heading}]\n");
        }
        let _ = writeln!(text, "{} = {value}", key(&name));
    }
    text
}
