//! Addresses and identifiers, whose letters stay as they are.

/// A text as written, without the backslashes and braces that LaTeX needs.
pub(in super::super) fn verbatim(text: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("\\textasciitilde", "~"),
        ("\\textunderscore", "_"),
        ("\\_", "_"),
        ("\\%", "%"),
        ("\\&", "&"),
        ("\\#", "#"),
        ("\\$", "$"),
        ("\\{", "{"),
        ("\\}", "}"),
        ("\\~{}", "~"),
        ("\\~", "~"),
        ("$\\sim$", "~"),
        ("\\url", ""),
        ("\\path", ""),
        ("\\nolinkurl", ""),
        ("\\slash", "/"),
        ("\\-", ""),
        ("\\/", ""),
    ];
    let mut plain = String::new();
    let mut rest = text.trim();
    while let Some(letter) = rest.chars().next() {
        if let Some((word, set)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            plain.push_str(set);
            rest = &rest[word.len()..];
            continue;
        }
        if !matches!(letter, '{' | '}') && !letter.is_control() {
            plain.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_as_they_are() {
        for (text, expected) in [
            (r"https://a.b/~x/c\_d?e=1\&f=2\%20", "https://a.b/~x/c_d?e=1&f=2%20"),
            (r"\url{http://a.b/--c}", "http://a.b/--c"),
            (r"10.1002/(SICI)1097{\_}0258", "10.1002/(SICI)1097_0258"),
            (r"http://a.b/\~{}x, $\sim$y, {\textasciitilde}z", "http://a.b/~x, ~y, ~z"),
        ] {
            assert_eq!(verbatim(text), expected);
        }
    }
}
