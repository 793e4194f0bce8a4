//! Lists, lines and links of Pandoc and its kin that mean nothing here, and spaces of LaTeX.

/// What a line of such a list or block is, and what to write instead. `next` are the lines that follow.
pub(super) fn of_line<'a>(
    line: &str,
    previous: &str,
    next: impl Iterator<Item = &'a str>,
) -> Option<(usize, &'static str, &'static str)> {
    const LIST: &str = "write `1.` before each item: lists are numbered";
    if line.starts_with("#. ") && !previous.starts_with("#. ") {
        return Some((2, "`#.` numbers no list here", LIST));
    }
    if line.starts_with("(@) ") && !previous.starts_with("(@) ") {
        return Some((3, "`(@)` numbers no list here", LIST));
    }
    if is_verse(line) && !is_verse(previous) {
        return Some((
            1,
            "a block of lines is not processed",
            "remove the bars, and end each line with `\\`",
        ));
    }
    if let Some((name, rest)) = line.strip_prefix("*[").and_then(|rest| rest.split_once("]:"))
        && !name.is_empty()
        && rest.starts_with(' ')
        && !name.contains(['[', ']', '*'])
        && !rest.contains('*')
    {
        let help = "write the words where the name first stands: `HTML (Hyper Text Markup Language)`";
        return Some((name.len() + 4, "an abbreviation is not processed", help));
    }
    lettered(line, next).map(|length| (length, "letters and Roman numbers make no list here", LIST))
}

/// A line with a bar before it and none further on.
fn is_verse(line: &str) -> bool {
    line.strip_prefix("| ").is_some_and(|rest| !rest.trim().is_empty() && !rest.contains('|'))
}

/// How many bytes the mark has of the first of several lines `a.`, `b.`, or `i)`, `ii)`.
fn lettered<'a>(line: &str, next: impl Iterator<Item = &'a str>) -> Option<usize> {
    /// A list whose second item stands further away is taken for text.
    const FAR: usize = 6;
    // Most lines are none of these, and every line is asked.
    let bare = line.strip_prefix('(').unwrap_or(line).as_bytes();
    if !matches!(bare, [b'a' | b'A' | b'i' | b'I', b'.' | b')', ..]) {
        return None;
    }
    let mut next = next.take(FAR);
    let mark = |first: &str, end: char| {
        let open = if line.starts_with('(') { "(" } else { "" };
        format!("{open}{first}{end} ")
    };
    let pairs = [("a", "b"), ("A", "B"), ("i", "ii"), ("I", "II")];
    let (second, length) =
        pairs.iter().flat_map(|pair| [(pair, '.'), (pair, ')')]).find_map(|((first, second), end)| {
            let begin = mark(first, end);
            line.starts_with(&begin).then(|| (mark(second, end), begin.len() - 1))
        })?;
    next.any(|line| line.trim_start().starts_with(&second)).then_some(length)
}

/// `[text][nope]` and `[nope][]`, which are links only if a line says where they lead: how many bytes, and the name.
pub(super) fn reference(text: &str, start: usize) -> Option<(usize, String)> {
    /// Longer texts of links are none.
    const LONGEST: usize = 200;
    let rest = text[start..].strip_prefix('[')?;
    let rest = &rest[..rest.floor_char_boundary(LONGEST)];
    // `a[i][j]` is an index.
    if text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, ']' | '!' | ')' | '_' | '\\')) {
        return None;
    }
    let end = rest.find(['[', ']', '\n']).filter(|end| rest[*end..].starts_with("]["))?;
    let label = &rest[end + 2..];
    let close = label.find(['[', ']', '\n']).filter(|close| label[*close..].starts_with(']'))?;
    let (shown, label) = (&rest[..end], &label[..close]);
    let after = &rest[end + 2 + close + 1..];
    let word = |text: &str| {
        text.chars().filter(|c| c.is_alphabetic()).count() > 1
            && !text.starts_with(['@', '^', '!'])
            && !text.contains(", ")
    };
    let name = if label.is_empty() { shown } else { label };
    (word(shown) && (label.is_empty() || word(label)) && !after.starts_with(['(', '[', '{', ':']))
        .then(|| (1 + end + 2 + close + 1, name.to_owned()))
}

/// A space of LaTeX between a number and its unit: how many bytes, what it is, and what to write instead.
pub(super) fn space(text: &str, start: usize) -> Option<(usize, &'static str, &'static str)> {
    let mut after = text[start + 1..].chars();
    let thin = matches!(after.next()?, ',' | ';') && after.next()?.is_alphanumeric();
    (thin && text[..start].ends_with(|c: char| c.is_ascii_digit())).then_some((
        2,
        "a space of LaTeX is published as its sign",
        "write `&thinsp;` for a thin space, or the quantity as a formula: `$\\qty{10}{\\metre}$`",
    ))
}
