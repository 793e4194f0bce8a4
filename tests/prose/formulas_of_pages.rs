//! Which formulas a page has: formulas are cut out of the source before Markdown reads it.

use crate::host::{Host, page};
use crate::html;

/// The TeX of every formula of a page, white space as one space, and every message.
fn formulas(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (rendered, messages) = page(markdown, &Host::new("en"), false);
    let sources = rendered.html.as_str().split("<annotation encoding=\"application/x-tex\">").skip(1);
    let sources = sources.map(|rest| {
        let source = rest.split("</annotation>").next().expect("a part");
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
    html::text(&html::read(rendered.html.as_str()).expect("well-formed markup")).trim().to_owned()
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
            check_wrong(&markdown, "3:1 math", "aligns lines");
        } else {
            check(&markdown, &[&format!("f(x) = a {} + c", first.trim())]);
        }
    }
    check("$$\nA\n=\nB\n$$", &["A = B"]);
    check("$$\n1. + 2\n1) + x\n$$", &["1. + 2 1) + x"]);
    check("Text\n$$\n- a\n$$\ntext $b$", &["- a", "b"]);
    check("so $f(x) = a\n- b$ holds", &["f(x) = a - b"]);
    check("so $f(x) = a\n=\nb$ holds", &["f(x) = a = b"]);
    check("> so $x_1\n> + b$ holds", &["x_1 + b"]);
    assert_eq!(words("- costs $5\n- or 6$"), "costs $5\nor 6$");
    check("$$ a\n- b $$ {#eq:x}\n\n[@eq:x] and $c$", &["a - b", "c"]);
    check_wrong("$$\na\n# b\n$$", "3:1 math", "\\#");
}

#[test]
fn indented_lines_belong_to_their_formula_and_empty_ones_are_told() {
    check_wrong("$$\na = 1\n\nb = 2\n$$", "3:1 math: an empty line", "`\\\\` begins a new line");
    check_wrong("> $$\n> a\n>\n> b\n> $$", "3:2 math: an empty line", "remove the empty line");
    check_wrong(
        "\\begin{align}\na\\\\\n \nb\n\\end{align}",
        "3:1 math: an empty line",
        "remove the empty line",
    );
    check("$$\n\n    a\n        - b\n\n$$", &["a - b"]);
    check("$$\n\\text{a_b_c} *\n* b\n$$ and *$c$*", &["\\text{a_b_c} * * b", "c"]);
    check("$$ a `b\n\n$$ then `code`", &["a `b"]);
    check_wrong("a $$ b\n\n$$\nc\n$$", "1:3 math", "no end");
}

#[test]
fn formulas_stand_in_quotations_and_lists() {
    check("> $$\n> a\n> - b\n> > c\n> $$\n> so $d$", &["a - b > c", "d"]);
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
    check_wrong("$$ \\frac{a}{b $$", "1:12 math", "no `}`");
    check_wrong("so $\\frac{a$ b", "1:4 math", "no whole formula");
    check_wrong("so \\[ \\frac{a}{b}\n\nmore", "1:4 math", "no end");
    check_wrong("so \\( \\alpha and", "1:4 math", "no end");
    check_wrong("by \\ref{fig:x}", "1:4 math", "[@fig:x]");
    check_wrong("\\begin{align} a &= b", "1:1 math", "begin{align}");
    check_wrong("\\begin{itemize}\n\\item a\n\\end{itemize}", "1:1 foreign-markup", "write Markdown: lists");
}

#[test]
fn money_is_no_formula() {
    for text in [
        "Cost: $100–$200. A price of $5 to $6 and US$5.",
        "It was $5.",
        "from 20$ to 30$",
        "costs 20$, then 30$",
        "5$–6$ or 5$/6$ or 1,000$-2,000$",
        "$1,000 or $2,000 each",
        "between $3 and $4, or ($5)–($6)",
        "$ x $ and $HOME",
        "costs 5 $. ($5), or 6 $, (6$)",
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
fn no_formula_ends_within_code() {
    assert_eq!(words("It costs $6; use `$PATH` here."), "It costs $6; use $PATH here.");
    check_wrong("Use $$ and `echo $$` there.", "1:5 math", "no end");
    check("$a$ costs $6; `$PATH` or ``$`A`$`` and $b$", &["a", "b"]);
    check("$$ a + b $$ is `x $$ y` and $c$", &["a + b", "c"]);
    check("so \\(x\\) and `\\(` or $\\text{``a'' or `b'}$ with `code`", &["x", "\\text{``a'' or `b'}"]);
    check("$$ \\text{`a'} $$ with `code`", &["\\text{`a'}"]);
    check("with $`x_1`$ and `$`", &["x_1"]);
}

#[test]
fn other_ways_to_write_formulas() {
    check("with $`x_1`$ in it", &["x_1"]);
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

#[test]
fn lines_and_formulas_have_numbers_and_names() {
    let page_of = |markdown: &str| page(markdown, &Host::new("en"), false);
    let (rendered, messages) = page_of(
        "$$ a \\label{eq:one} $$\n\n\\begin{align}\nb &= c \\label{two} \\\\\nd &= e \\notag \\\\\nf &= g \\tag{*} \\label{star}\n\
         \\end{align}\n\nSee \\eqref{eq:one}, \\eqref{two}, [@eq:star], \\ref{eq:two} and $x \\text{ by \\eqref{two}}$.\n\n$$ h \\tag*{H} $$",
    );
    assert_eq!(messages, Vec::<String>::new());
    let html = rendered.html.as_str();
    for part in [
        "<div class=\"equation\" id=\"eq-one\">",
        "<span class=\"equation-number\">(1)</span>",
        "<mtr id=\"eq-two\">",
        "<mtr id=\"eq-star\">",
        "equation-number\"><mtext>(2)</mtext></mtd>",
        "equation-number\"><mtext>(*)</mtext></mtd>",
        "equation-number\"></mtd>",
        "<a class=\"reference\" href=\"#eq-one\">(1)</a>, <a class=\"reference\" href=\"#eq-two\">(2)</a>, \
         <a class=\"reference\" href=\"#eq-star\">Equation\u{a0}*</a>, <a class=\"reference\" href=\"#eq-two\">2</a>",
        "<mtext>(2)</mtext></mrow>",
        "<span class=\"equation-number\">H</span>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    check_wrong("$$ a \\label{x} $$\n\n$$ b \\label{x} $$", "3:6 label", "names two things");
    check_wrong("$$ a \\label{x} $$ {#eq:y}", "1:6 label", "called `x`");
    check_wrong("by \\eqref{nothing} there", "1:4 cross-reference", "`nothing` is not on this page");
    check_wrong("$$ a \\label{x} \\label{y} $$", "1:16 math", "called `x` already");
}

#[test]
fn what_is_refused_is_named_at_its_own_column() {
    for (markdown, place, part) in [
        ("a $x + \\nosuch y$", "1:8 math", "unknown command `\\nosuch`"),
        ("a $x + \\alhpa y$", "1:8 math", "did you mean `\\alpha`"),
        ("> $$\n> x +\n>   \\href{https://a.example}{y}\n> $$", "3:5 math", "`\\href` is not typeset"),
        ("$$ \\begin{CD} A \\end{CD} $$", "1:4 math", "`CD`"),
        ("$\\left( x$", "1:2 math", "no `\\right`"),
        ("$\\begin{pmatrix} x$", "1:2 math", "no `\\end`"),
        ("$a} + b$", "1:3 math", "closes nothing"),
        ("$\\def\\a{\\a} \\a$", "1:13 math", "does it name itself"),
        ("$\\def\\a{\\a\\a} x\\a$", "1:16 math", "times"),
        ("$a \\\\ b$", "1:4 math", "one line"),
        ("$\\text{so \\frac12}$", "1:11 math", "`\\frac` inside of a text"),
        ("a $b + \\frac{a}$", "1:8 math: `\\frac` needs two arguments", "write `\\frac{a}{b}`"),
        ("$$ \\sqrt[3] $$", "1:4 math", "`\\sqrt` needs an argument"),
        ("$a + x_1_2$", "1:9 math", "one thing is lowered twice"),
        ("$x^2_{a^b}^3$", "1:11 math", "one thing is raised twice"),
        ("$$ x_ $$", "1:5 math", "`_` has nothing to lower"),
        ("$x^{a_} y$", "1:6 math", "`_` has nothing to lower"),
        ("$y + x\\limits_a$", "1:7 math", "stands behind an operator"),
        ("$\\pdv[2]{f}{x}{y}$", "1:2 math", "has one variable"),
        ("$\\R$", "1:2 math", "write `\\mathbb{R}`"),
        ("$\\tr A$", "1:2 math", "write `\\operatorname{tr}`"),
        ("$\\matrix{a}$", "1:2 math", "write `\\begin{matrix}"),
        ("$\\root 3 \\of x$", "1:2 math", "write `\\sqrt[3]{x}`"),
        ("$\\qty{5}{\\percen}$", "1:10 math", "did you mean `\\percent`"),
        ("$\\ce{H2@O}$", "1:2 math", "`@` in `\\ce{H2@O}` is not read"),
    ] {
        check_wrong(markdown, place, part);
    }
}

#[test]
fn commands_of_the_page_and_of_its_formulas() {
    let front = "+++\n[math.macros]\nR = \"\\\\mathbb{R}\"\nnorm = { args = 1, body = \"\\\\lVert #1 \\\\rVert\" }\npair = \"(#1, #2)\"\n+++\n";
    let (rendered, messages) = page(
        &format!(
            "{front}$\\R$, $\\norm{{x}}$, $\\pair ab$\n\n$$\\newcommand{{\\Q}}[2][n]{{\\mathbb{{Q}}_{{#1}}^{{#2}}}}$$\n\n$\\Q{{2}} \\Q[m]{{3}}$"
        ),
        &Host::new("en"),
        false,
    );
    assert_eq!(messages, Vec::<String>::new());
    let text = html::text(&html::read(rendered.html.as_str()).unwrap());
    for part in ["ℝ", "∥x∥", "(a,b)", "ℚn2ℚm3"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    check_wrong(
        "+++\n[math.macros]\nf = \"#2\"\ng = { args = 1, body = \"#2\" }\n+++\nx",
        "4:1 math",
        "`#2` is no parameter",
    );
    check_wrong("+++\n[math.macros]\na1 = \"x\"\n+++\nx", "3:1 math", "letters only");
    check_wrong("+++\n[math.macros]\na = \"{x\"\n+++\nx", "3:1 math", "do not match");
}

#[test]
fn results_stand_in_formulas_as_numbers() {
    for (language, expected) in [("en", "<mn>0.32</mn>"), ("fr", "<mn>0,32</mn>")] {
        let (rendered, messages) =
            page("is $x = {{ value(\"rate\", \"%.2f\") }}$", &Host::new(language), false);
        assert_eq!(messages, Vec::<String>::new());
        let html = rendered.html.as_str();
        assert!(html.contains(expected) && !html.contains("value("), "{html}");
        assert!(html.contains("application/x-tex\">x = 0"), "{html}");
    }
    let (rendered, messages) = page("$$ x^{{ value('small') }} + {{a}} $$", &Host::new("en"), false);
    assert_eq!(messages, Vec::<String>::new());
    assert!(
        rendered
            .html
            .as_str()
            .contains("<msup><mn>10</mn><mrow><mo form=\"prefix\">\u{2212}</mo><mn>9</mn></mrow></msup>")
    );
    check_wrong("is $x = {{ value(\"nosuch\") }}$", "1:9 value", "there is no value `nosuch`");
    check_wrong("is $x = {{ value(\"rate\", \"%q\") }}$", "1:9 math", "no number format");
    check_wrong("$$ x \\tag{ {{ value('rate') }} } $$", "1:12 math", "inside of `\\tag`");
    check_wrong("$\\def\\a{ {{ value('rate') }} } \\a$", "1:10 math", "inside of `\\def`");
    check_wrong("is $x = {{ table(\"rate\") }}$", "1:9 math", "no `table`");
}

#[test]
fn results_are_refused_where_none_are_shown() {
    for (markdown, place) in [
        ("+++\ntitle = \"The {{ value('rate') }}\"\n+++\nx", "2:14 substitution"),
        ("+++\nsummary = 'is {{ value(\"rate\") }}'\n+++\nx", "2:15 substitution"),
        ("+++\nauthors = [{ name = \"{{ rate }}\" }]\n+++\nx", "2:22 substitution"),
        ("[x](https://a.example \"{{ value('rate') }}\")", "1:1 substitution"),
    ] {
        check_wrong(markdown, place, "stands for nothing");
    }
}
