//! Accents of LaTeX.

/// The combining mark of an accent: what `'` is in `\'e`.
pub(super) fn accent(name: &str) -> Option<char> {
    Some(match name {
        "`" => '\u{300}',
        "'" => '\u{301}',
        "^" => '\u{302}',
        "~" => '\u{303}',
        "=" => '\u{304}',
        "u" => '\u{306}',
        "." => '\u{307}',
        "\"" => '\u{308}',
        "h" => '\u{309}',
        "r" => '\u{30a}',
        "H" => '\u{30b}',
        "v" => '\u{30c}',
        "G" => '\u{30f}',
        "f" => '\u{311}',
        "d" => '\u{323}',
        "textcommabelow" => '\u{326}',
        "c" => '\u{327}',
        "k" | "polhk" | "textogonekcentered" => '\u{328}',
        "b" => '\u{331}',
        "t" => '\u{361}',
        _ => return None,
    })
}

/// Whether a mark stands below its letter, so that the letter keeps its dot.
pub(super) fn below(mark: char) -> bool {
    matches!(mark, '\u{323}' | '\u{326}' | '\u{327}' | '\u{328}' | '\u{331}')
}

/// An accent without a letter, as in `\~{}`.
pub(super) fn alone(name: &str) -> &'static str {
    match name {
        "`" => "`",
        "'" => "´",
        "^" => "^",
        "~" => "~",
        "=" => "¯",
        "\"" => "¨",
        "u" => "˘",
        "." => "˙",
        "r" => "˚",
        "H" => "˝",
        "v" => "ˇ",
        "c" => "¸",
        "k" => "˛",
        _ => "",
    }
}
