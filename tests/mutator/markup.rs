//! Mistakes of those who know the kind of file and not its rules.

use super::choices::Choices;
use super::pool::Pool;
use super::text::{self, put};

/// Where a line begins and its key, sign and value stand.
struct Assignment {
    key: std::ops::Range<usize>,
    value: std::ops::Range<usize>,
}

/// The lines `key = value` of a text, and the same within `{ ... }`.
fn assignments(text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    for (sign, _) in text.match_indices(" = ") {
        let start = text[..sign].rfind(['\n', '{', ',']).map_or(0, |at| at + 1);
        let start = start + text[start..sign].len() - text[start..sign].trim_start().len();
        let line_end = text[sign..].find('\n').map_or(text.len(), |at| sign + at);
        let whole_line = text[..start].is_empty() || text[..start].ends_with('\n');
        let end = match whole_line {
            true => line_end,
            false => text[sign..line_end].find([',', '}']).map_or(line_end, |at| sign + at),
        };
        if sign + 3 <= end {
            found.push(Assignment { key: start..sign, value: sign + 3..end });
        }
    }
    found
}

/// A mistake in TOML.
pub(super) fn toml(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return text::change(bytes, choices, pool) };
    let found = assignments(&text);
    if found.is_empty() {
        let table = choices.pick(&pool.tables);
        return put(bytes, 0..0, table);
    }
    let one = choices.pick(&found);
    let other = choices.pick(&found);
    let heads: Vec<usize> = text.match_indices("\n[").map(|(at, _)| at + 1).chain([text.len()]).collect();
    let head = *choices.pick(&heads);
    match choices.below(10) {
        0..=2 => put(bytes, one.value.clone(), choices.pick(&pool.values)),
        3 => put(bytes, one.value.clone(), &text[other.value.clone()]),
        4 => put(bytes, one.key.clone(), choices.pick(&pool.keys)),
        5 => put(bytes, one.key.clone(), &text[other.key.clone()]),
        6 => put(bytes, head..head, choices.pick(&pool.tables)),
        7 => {
            let line = format!("{} = {}\n", choices.pick(&pool.keys), choices.pick(&pool.values));
            put(bytes, head..head, &line)
        }
        8 => heading(bytes, &text, choices),
        // Into an inline table, or into a value that is none.
        _ => {
            let more = format!("{{ {} = {} }}", choices.pick(&pool.keys), choices.pick(&pool.values));
            put(bytes, one.value.clone(), &more)
        }
    }
}

/// A table called as another, or as nothing.
fn heading(bytes: &mut Vec<u8>, text: &str, choices: &mut Choices<'_>) -> String {
    let heads: Vec<std::ops::Range<usize>> = text
        .match_indices("\n[")
        .map(|(at, _)| at + 1..text[at + 1..].find('\n').map_or(text.len(), |end| at + 1 + end))
        .collect();
    if heads.is_empty() {
        return put(bytes, 0..0, "[");
    }
    let one = choices.pick(&heads).clone();
    let other = text[choices.pick(&heads).clone()].to_owned();
    let parts: Vec<&str> = other.trim_matches(['[', ']']).split('.').collect();
    let name = text[one.clone()].trim_matches(['[', ']']).to_owned();
    let new = match choices.below(7) {
        0 => other,
        1 => format!("[{name}.{}]", parts.last().unwrap_or(&"x")),
        2 => format!("[[{name}]]"),
        3 => format!("[{}]", parts[0]),
        4 => format!("[{name}x]"),
        5 => format!("[{}.\"\"]", parts[0]),
        _ => format!("[{}.\"a b#c/é\"]", parts[0]),
    };
    put(bytes, one, &new)
}

/// A mistake in a page.
pub(super) fn markdown(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return text::change(bytes, choices, pool) };
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices("\n\n").map(|(at, _)| at + 2)).collect();
    let start = *choices.pick(&starts);
    let any = text.floor_char_boundary(choices.below(text.len() + 1));
    let block = choices.pick(&pool.blocks);
    match choices.below(5) {
        0 | 1 => put(bytes, start..start, &format!("{block}\n\n")),
        2 => put(bytes, any..any, block),
        3 => {
            let quoted =
                block.lines().map(|line| format!("{}{line}\n", if any % 2 == 0 { "> " } else { "    " }));
            put(bytes, start..start, &format!("{}\n", quoted.collect::<String>()))
        }
        _ => {
            let end = text[start..].find("\n\n").map_or(text.len(), |at| start + at);
            put(bytes, start..end, block)
        }
    }
}

/// A mistake in BibTeX.
pub(super) fn bibtex(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    const PIECES: &[&str] = &[
        "@article{x,",
        "@article{poole2016, title = {Again}}",
        "@string{a = a}",
        "@string{nips = 3 # nips}",
        "@comment{",
        "@{}",
        "@article",
        "{",
        "}",
        "\"",
        "\\",
        "\\'",
        "\\v{",
        "\\unknown{x}",
        "$",
        "#",
        " and ",
        " and and ",
        "others",
        ",,,",
        "crossref = {villani},",
        "crossref = {series},",
        "xdata = {poole2016},",
        "year = {99999999999999999999},",
        "date = {/},",
        "doi = {},",
        "url = {javascript:x},",
        "author = { , , , },",
        "author = {{{{}},",
        "\\noopsort{",
        "\\href{a}",
        "\\emph",
        "{\\em ",
        "= =",
        "%",
        "@preamble{",
        "month = {feb} # { 30},",
    ];
    let Ok(text) = String::from_utf8(bytes.clone()) else { return text::change(bytes, choices, pool) };
    let any = text.floor_char_boundary(choices.below(text.len() + 1));
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let at = if choices.below(2) == 0 { any } else { *choices.pick(&starts) };
    put(bytes, at..at, *choices.pick(PIECES))
}

/// A mistake in a template, a style or a picture.
pub(super) fn template(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{%",
        "%}",
        "{{ nothing }}",
        "{{ page.nothing }}",
        "{{ 1 / 0 }}",
        "{{ t(\"nothing\") }}",
        "{% if %}",
        "{% endif %}",
        "{% for x in 3 %}",
        "{% include \"nothing.html\" %}",
        "{% include \"page.html\" %}",
        "{% extends \"page.html\" %}",
        "{% block a %}",
        "{% endblock %}",
        "{% set x = x %}",
        "{# open",
        "{{ x|nothing }}",
        "{{ range(100000000) }}",
        "{{ \"a\" * 100000000 }}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{{ ((((((((((1)))))))))) }}",
        "<script>alert(1)</script>",
        "<a onload=\"x\">",
        "<!DOCTYPE svg [<!ENTITY a \"a\">]>",
        "<foreignObject>",
        "&a;",
        "]]>",
        "</svg>",
        "url(https://example.org/x)",
        "@import \"x\";",
    ];
    let Ok(text) = String::from_utf8(bytes.clone()) else { return text::change(bytes, choices, pool) };
    let at = text.floor_char_boundary(choices.below(text.len() + 1));
    put(bytes, at..at, *choices.pick(PIECES))
}

/// A mistake in data.
pub(super) fn data(bytes: &mut Vec<u8>, choices: &mut Choices<'_>, pool: &Pool) -> String {
    const CELLS: &[&str] = &[
        "",
        " ",
        "NA",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "-1",
        "1,5",
        "1 990",
        "1_990",
        "0x10",
        "\"",
        "\"a\"\"b\"",
        "\"a",
        "x1",
        "٣",
        ";",
        "\t",
        "1e-400",
        "null",
        "[]",
        "{}",
        "true",
        "\"relu\"",
        "99999999999999999999",
        "0",
        "9007199254740993",
        "[[1.0]]",
        "\n\n",
        "\r",
    ];
    let Ok(text) = String::from_utf8(bytes.clone()) else { return text::change(bytes, choices, pool) };
    let cells: Vec<(usize, &str)> = text
        .match_indices(|letter: char| text::is_word(letter))
        .filter(|(at, _)| !text[..*at].ends_with(text::is_word))
        .collect();
    let at = match cells.is_empty() {
        true => text.len(),
        false => choices.pick(&cells).0,
    };
    let end = at + text[at..].find(|letter: char| !text::is_word(letter)).unwrap_or(text.len() - at);
    put(bytes, at..end, *choices.pick(CELLS))
}
