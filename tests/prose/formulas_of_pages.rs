//! Which formulas a page has: formulas are cut out of the source before Markdown reads it.

use crate::host::{Host, page};
use crate::html;

/// The TeX of every formula of a page, white space as one space, and every message.
fn formulas(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (rendered, messages) = page(markdown, &Host::new("en"), false);
    let sources = rendered.html.as_str().split("<annotation encoding=\"application/x-tex\">").skip(1);
    let sources = sources.map(|rest| {
        let source = rest.split("</annotation>").next().unwrap();
        let source =
            source.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&").replace("&#39;", "'");
        source.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    (sources.collect(), messages)
}

/// The words of a page without those of its formulas' sources.
fn words(markdown: &str) -> String {
    let (rendered, messages) = page(markdown, &Host::new("en"), false);
    assert_eq!(messages, Vec::<String>::new(), "{markdown}");
    html::text(&html::read(rendered.html.as_str()).unwrap()).trim().to_owned()
}

#[track_caller]
fn check(markdown: &str, expected: &[&str]) {
    let (found, messages) = formulas(markdown);
    assert_eq!(
        (found, messages),
        (expected.iter().map(|tex| (*tex).to_owned()).collect(), vec![]),
        "{markdown}"
    );
}

#[track_caller]
fn check_wrong(markdown: &str, place: &str, part: &str) {
    let (_, messages) = formulas(markdown);
    assert!(messages.len() == 1, "{markdown}: {messages:?}");
    assert!(messages[0].starts_with(place) && messages[0].contains(part), "{markdown}: {messages:?}");
}

#[test]
fn lines_of_a_formula_are_no_lists_headings_or_quotations() {
    for first in
        ["- b", "+ b", "= b", "> b", "* b", "   - b", "    - b", "\t= b", "--- b", "=", "-", "|b|", "& b"]
    {
        let wrong = first == "& b";
        let markdown = format!("$$\nf(x) = a\n{first}\n+ c\n$$\n");
        if wrong {
            check_wrong(&markdown, "1:1 math", "lignment");
        } else {
            check(&markdown, &[&format!("f(x) = a {} + c", first.trim())]);
        }
    }
    check("$$\nA\n=\nB\n$$", &["A = B"]);
    check("$$\n1. + 2\n1) + x\n$$", &["1. + 2 1) + x"]);
    check("Text\n$$\n- a\n$$\ntext $b$", &["- a", "b"]);
    check("$$ a\n- b $$ {#eq:x}\n\n[@eq:x] and $c$", &["a - b", "c"]);
    check_wrong("$$\na\n# b\n$$", "1:1 math", "#");
}

#[test]
fn blank_and_indented_lines_belong_to_their_formula() {
    check("$$\na = 1\n\nb = 2\n$$", &["a = 1 b = 2"]);
    check("$$\n\n    a\n\n        - b\n\n$$", &["a - b"]);
    check("$$\n\\text{a_b_c} *\n\n* b\n$$ and *$c$*", &["\\text{a_b_c} * * b", "c"]);
    check("$$ a `b\n\n$$ then `code`", &["a `b"]);
}

#[test]
fn formulas_stand_in_quotations_and_lists() {
    check("> $$\n> a\n> - b\n>\n> > c\n> $$\n> so $d$", &["a - b > c", "d"]);
    check("> > $$\n> > - a\n> > $$", &["- a"]);
    check("- $$\n  a\n  - b\n  $$\n- $c$", &["a - b", "c"]);
    check("1. first\n\n   $$\n   a\n   + b\n   $$\n2. $c$", &["a + b", "c"]);
    check("> [!NOTE] With $x$\n> $$\n> = y\n> $$", &["x", "= y"]);
    check("Text[^n]\n\n[^n]: $$\n    - a\n    $$", &["- a"]);
}

#[test]
fn formulas_without_an_end_are_told_at_their_place() {
    check_wrong("Text\n\n$$ x\n{#eq:a}\n\nmore", "3:1 math", "no end");
    check_wrong("$$ x\n\nText.\n\n$$ y $$\n", "1:1 math", "no end");
    check_wrong("a $$ b", "1:3 math", "no end");
    check_wrong("> $$ a\n\n$$ b $$", "1:3 math", "no end");
    check_wrong("- $$ a\n- b\n- $$ c $$", "1:3 math", "no end");
    check_wrong("$$ a\n\n## Heading\n\ntext", "1:1 math", "no end");
    check_wrong("$$ $$", "1:1 math", "empty");
    check_wrong("a $$$$", "1:3 math", "empty");
    check_wrong("$$\n\n\n$$", "1:1 math", "empty");
    check_wrong("$$ \\frac{a}{b $$", "1:1 math", "");
    check_wrong("so $\\frac{a$ b", "1:4 math", "no whole formula");
    check_wrong("\\begin{align} a &= b", "1:1 math", "begin{align}");
    check_wrong("\\begin{itemize}\n\\item a\n\\end{itemize}", "1:1 math", "begin{itemize}");
}

#[test]
fn money_is_no_formula() {
    for text in [
        "Cost: $100–$200. A price of $5 to $6 and US$5.",
        "It was $5.",
        "from 20$ to 30$",
        "costs 20$, then 30$",
        "$1,000 or $2,000 each",
        "between $3 and $4, or ($5)–($6)",
        "$ x $ and $HOME",
        "$5k/$6k",
        "$$$ and $$$$$",
    ] {
        assert_eq!(words(text), text.replace('\'', "’"));
    }
    check("$5 and $x$ at $6", &["x"]);
    check("is $x$, $y$; $z$-th", &["x", "y", "z"]);
    check("a matrix costs \\$5, $x \\$ y$", &["x \\$ y"]);
    check_wrong("a 2$\\times$3 matrix", "1:4 math", "no whole formula");
    check("**$a$** _$b$_ [$c$](https://a.example) | ($d$)", &["a", "b", "c", "d"]);
}

#[test]
fn code_html_and_addresses_have_no_formulas() {
    check("`$a$` ``$b` $c$`` $d$", &["d"]);
    check("```\n$$\n- a\n$$\n```\n$b$\n~~~ text\n$c$\n~~~", &["b"]);
    check("> ```\n> $a$\n> ```\n> $b$", &["b"]);
    check("- ```\n  $a$\n  ```\n  $b$", &["b"]);
    check("para\n\n    $a$ code\n    $$\n\n$b$", &["b"]);
    check("<!-- $a$ $$ -->\n\n$b$ <!-- $c$ --> $d$", &["b", "d"]);
    check("[x](https://a.example/$b$) <https://a.example/$c$> $d$", &["d"]);
    check("a < b and $x > 0$, `<`$y$", &["x > 0", "y"]);
    check("`unclosed $a$", &["a"]);
}

#[test]
fn other_ways_to_write_formulas() {
    check("so \\(x\\) and \\(a_i + 1\\), \\[ y = 1 \\]", &["x", "a_i + 1", "y = 1"]);
    check("\\[\n- a\n\\]", &["- a"]);
    check(
        "\\begin{align}\na &= b \\\\\n- c &= d\n\\end{align}",
        &["\\begin{align} a &= b \\\\ - c &= d \\end{align}"],
    );
    check("> \\begin{equation*}\n> x\n> \\end{equation*}", &["\\begin{equation*} x \\end{equation*}"]);
    for (text, expected) in [
        ("\\[@name] and \\[^why]", "[@name] and [^why]"),
        ("\\(see below\\)", "(see below)"),
        ("\\[sic\\]", "[sic]"),
        ("it is \\[1\\] there", "it is [1] there"),
    ] {
        assert_eq!(words(text), expected);
    }
}

#[test]
fn tables_keep_their_cells() {
    check("| a | b |\n|---|---|\n| $x$ | $|y|$ |", &["x", "|y|"]);
    check("| a | b |\n|---|---|\n| $P(A | B)$ | 1 |\n", &["P(A | B)"]);
    assert_eq!(words("| a | b |\n|---|---|\n| $5 | 6$ |"), "ab\n\n\n$56$");
}
