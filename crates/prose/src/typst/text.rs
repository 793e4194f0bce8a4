//! Texts and strings as Typst reads them.

/// A text between quotation marks.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Running text, in which no sign means anything. `before` is what it is written behind.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut last = out.chars().next_back().unwrap_or('\n');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let c = if matches!(c, '\n' | '\t' | '\r') { ' ' } else { c };
        if c.is_control() || (c == ' ' && matches!(last, ' ' | '\n' | '[')) {
            continue;
        }
        let begins = matches!(last, '\n' | '[');
        let means = match c {
            '\\' | '*' | '_' | '`' | '$' | '#' | '@' | '<' | '>' | '~' | '[' | ']' | '"' | '\'' | '/' => true,
            '=' | '+' => begins,
            '-' | '?' => begins || last == c || last == '-',
            // `1.` begins a list, and three of them are one sign.
            '.' => last == '.' || (is_number(out) && rest.peek().is_none_or(|next| next.is_whitespace())),
            // Behind the end of a function it would be a part of the program.
            '(' | ';' | ':' => out.ends_with(')') || begins,
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(c);
        last = c;
    }
}

/// The same with places in long words at which a line may end: codes in tables.
pub(super) fn broken(text: &str) -> String {
    const LONGEST: usize = 24;
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let is_long = word.chars().count() > LONGEST;
        for (index, c) in word.chars().enumerate() {
            if is_long && index > 0 && index % 8 == 0 {
                out.push('\u{200b}');
            }
            out.push(c);
        }
    }
    out
}

/// Whether the line so far is a number.
fn is_number(out: &str) -> bool {
    let line = out.rsplit(['\n', '[']).next().unwrap_or(out);
    !line.is_empty() && line.chars().all(|c| c.is_ascii_digit())
}

/// A label: what may not stand in one is left out.
pub(super) fn label(id: &str) -> String {
    let letter = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let id: String = id.chars().filter(letter).collect();
    id.trim_end_matches(['.', ':']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sign_of_a_text_means_anything() {
        for (text, expected) in [
            (
                "a * b_c #d $e @f <g> [h] \"i\" 'j' `k` ~ \\",
                r#"a \* b\_c \#d \$e \@f \<g\> \[h\] \"i\" \'j\' \`k\` \~ \\"#,
            ),
            ("= x", r"\= x"),
            ("- x -- y", r"\- x -\- y"),
            ("1. x 2.5", r"1\. x 2.5"),
            ("a\n  b", "a b"),
            ("https://x", r"https:\/\/x"),
            ("so...", r"so.\.\."),
        ] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(out, expected, "{text}");
        }
    }

    #[test]
    fn strings_and_labels() {
        assert_eq!(string("a \"b\" \\c\nd"), r#""a \"b\" \\c d""#);
        assert_eq!(
            broken("ab LRLLRLLRLLRLLRLLRLLRLLRLLR"),
            "ab LRLLRLLR\u{200b}LLRLLRLL\u{200b}RLLRLLRL\u{200b}LR"
        );
        assert_eq!(label("fig-curvature/width growth."), "fig-curvaturewidthgrowth");
    }
}
