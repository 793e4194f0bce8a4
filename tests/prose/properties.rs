//! What holds for every text.

use proptest::prelude::*;

use crate::host::{Host, page};
use crate::hostile::check_safe;
use crate::html;

const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{ value(\"rate\") }}",
    "{{ claim(\"c\") }}",
    "[@poole2016]",
    "[@fig:growth]",
    "@poole2016",
    "-@",
    "[see ",
    "{#fig:x width=60%}",
    "![a](b.png)",
    "^[",
    "^",
    "~",
    "https://a.b/",
    "{{ gallery(\"a.png\") }}",
    "Table: ",
    ":::",
    "[@",
    "]",
    "[",
    "$",
    "$$",
    "`",
    "```\n",
    "\n",
    "\n\n",
    "> ",
    "> [!NOTE]\n",
    "> [!EXERCISE] ",
    "- ",
    "1. ",
    "# ",
    "## ",
    "{#x}",
    "{#eq:a}",
    "*",
    "**",
    "_",
    "~~",
    "|",
    "|---|",
    "![",
    "](figure:growth)",
    "](a.md)",
    "<",
    ">",
    "&amp;",
    "&#0;",
    "\\",
    "\\frac{a}{b}",
    "\\left(",
    "\\right)",
    "^2",
    "_i",
    "[^1]",
    "[^1]: ",
    ": ",
    "    ",
    "\t",
    "\"",
    "'",
    "--",
    "...",
    " ; ",
    " : ",
    "« ",
    "é",
    "\u{202f}",
    "🙂",
    "\r\n",
    "\u{0}",
    "+++\n",
    "<!--",
    "-->",
    "<b>",
    "[x] ",
    "---\n",
    "a",
    " ",
    "://",
    "%",
];

/// Pieces that mean something to the parser, so that random pages are not plain text.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn markdown() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

/// Something that would be substituted in running text.
fn substitution() -> impl Strategy<Value = String> {
    prop::sample::select(
        &[
            "{{ value(\"rate\") }}",
            "{{ value(\"nosuch\", \"%q\") }}",
            "{{ claim(\"c\") }}",
            "{{ anything",
            "[@poole2016]",
            "[@fig:nosuch]",
            "{{}}",
        ][..],
    )
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_safe_page(markdown in markdown(), french: bool) {
        let host = Host::new(if french { "fr" } else { "en" });
        let (rendered, _) = page(&markdown, &host, false);
        check_safe(rendered.html.as_str(), &markdown);
        let again = page(&markdown, &host, false).0;
        prop_assert_eq!(rendered, again);
    }

    #[test]
    fn any_bytes_give_a_safe_page(markdown in "\\PC{0,80}") {
        let (rendered, _) = page(&markdown, &Host::new("en"), false);
        check_safe(rendered.html.as_str(), &markdown);
    }

    /// Code keeps its text, byte for byte, whatever stands in it.
    #[test]
    fn code_is_never_touched(before in "[a-z ;:!?\"'.-]{0,12}", inside in substitution(), after in "[a-z ;:!?\"'.-]{0,12}") {
        let code = format!("x{before}{inside}{after}x");
        for markdown in [format!("a `{code}` b"), format!("```text\n{code}\n```"), format!("    {code}")] {
            for language in ["en", "fr"] {
                let (rendered, messages) = page(&markdown, &Host::new(language), false);
                prop_assert_eq!(&messages, &Vec::<String>::new());
                let pieces = html::read(rendered.html.as_str()).unwrap();
                prop_assert!(html::text(&pieces).contains(&code), "{} in {}", code, rendered.html.as_str());
            }
        }
    }

    /// Mathematics keeps its source, whatever stands in it.
    #[test]
    fn mathematics_is_never_touched(name in "[a-z]{1,6}", display: bool) {
        let tex = format!("{{{{ {name} }}}} + [@{name}]");
        let fence = if display { "$$" } else { "$" };
        let (rendered, messages) = page(&format!("a {fence}{tex}{fence} b"), &Host::new("en"), false);
        prop_assert_eq!(&messages, &Vec::<String>::new());
        let annotation = format!("<annotation encoding=\"application/x-tex\">{tex}</annotation>");
        prop_assert!(rendered.html.as_str().contains(&annotation), "{}", rendered.html.as_str());
    }

    /// A value is text: whatever it is, the page's text holds it unchanged.
    #[test]
    fn a_value_is_text(value in "[a-zA-Z<>&\"'{}\\[\\]@`*_$!;:?|#-]{1,20}") {
        let mut host = Host::new("fr");
        host.hostile.clone_from(&value);
        let (rendered, messages) = page("a {{ value(\"hostile\") }} b", &host, false);
        prop_assert_eq!(&messages, &Vec::<String>::new());
        let pieces = html::read(rendered.html.as_str()).unwrap();
        prop_assert_eq!(html::text(&pieces), format!("a {value} b\n"));
    }

    /// Formulas of any kind convert to well-formed markup or are refused.
    #[test]
    fn any_formula_is_well_formed_or_refused(parts in prop::collection::vec(prop::sample::select(&[
        "\\frac", "{", "}", "a", "1", "^", "_", "&", "\\\\", "\\left(", "\\right)", "\\begin{aligned}", "\\end{aligned}",
        "\\begin{array}{c|c}", "\\end{array}", "\\hline", "\\text{<b>}", "<", ">", "\\sqrt[3]", "\\hat", "\\underbrace", "'", "\\not",
        "\\color{red}", "\\mathbb", "\\operatorname{<}", "\\big|", "\\limits", "\\def\\x{\\x}", "\\x", "#", "%", "~", "\\", " ", "é",
    ][..]), 0..24)) {
        let tex = parts.concat();
        if let Ok(mathml) = octavo::prose::to_mathml(&tex, true) {
            prop_assert!(html::read(&mathml).is_ok(), "{tex}: {mathml}");
        }
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let host = Host::new("en");
    for markdown in [
        "> ".repeat(3000),
        format!("{}a", "- ".repeat(3000)),
        format!("{}a{}", "*_".repeat(2000), "_*".repeat(2000)),
        format!("{}a{}", "![".repeat(800), "](b)".repeat(800)),
        format!("${}{}$", "{".repeat(3000), "}".repeat(3000)),
    ] {
        let (rendered, _) = page(&markdown, &host, false);
        check_safe(rendered.html.as_str(), &markdown[..20]);
    }
    let (_, messages) = page(&format!("{}a", "> ".repeat(100)), &host, false);
    assert!(messages[0].contains("nested more than"), "{messages:?}");
}
