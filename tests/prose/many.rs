//! Pages on which one thing stands many thousand times: each is told or numbered, and none is searched for in all others.

use std::collections::BTreeSet;

use octavo::prose::Bibliography;
use octavo::source::SourceFile;

use crate::host::{Host, page};

/// As often as problems of a kind are shown.
const SHOWN: usize = 100;

#[test]
fn headings_of_one_text_get_numbers() {
    let host = Host::new("en");
    for (heading, id) in [("## Again", "again"), ("## ∑", "u2211"), ("### `a` *b*", "a-b")] {
        let (rendered, messages) = page(&format!("{heading}\n\n").repeat(16_000), &host, false);
        assert_eq!(messages, Vec::<String>::new());
        let ids: BTreeSet<&str> = rendered.outline.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids.len(), 16_000);
        assert_eq!(rendered.outline[15_999].id, format!("{id}-16000"));
    }
}

#[test]
fn what_is_begun_and_not_ended_is_told_each_time() {
    let host = Host::new("en");
    let cases = [
        ("{{ ", "substitution: `{{` has no `}}`", 20_000),
        ("{{value(", "substitution: `{{` has no `}}`", 20_000),
        ("[^a] ", "footnote: there is no footnote `a`", 20_000),
        ("[@a ", "citation: no work has the key `a`", 20_000),
        ("[@a] ", "citation: no work has the key `a`", 20_000),
    ];
    for (text, message, count) in cases {
        let (_, messages) = page(&text.repeat(count), &host, false);
        assert_eq!(messages.len(), count, "{text}");
        assert!(messages[count - 1].contains(message), "{}", messages[count - 1]);
    }
}

/// All of them stand on one line, whose end is far.
#[test]
fn what_stands_on_one_line_is_searched_for_its_end_once() {
    let (rendered, messages) = page(&"{{ value(\"rate\") }} ".repeat(50_000), &Host::new("en"), false);
    assert_eq!(messages, Vec::<String>::new());
    assert_eq!(rendered.html.as_str().matches("0.3162").count(), 50_000);
    let entries = "@book{a, ".repeat(150_000);
    let source = SourceFile::new("a.bib", format!("{entries}\n @book{{b, title = {{B}}}}\n"));
    let (bibliography, problems) = Bibliography::parse(&source);
    assert_eq!(problems.len(), 1, "the rest of a line after a broken entry is part of it");
    assert!(bibliography.get("b").is_some(), "the next line begins another");
}

/// A command that the page ends in has no end: found by fuzzing.
#[test]
fn commands_that_a_page_ends_in_are_text() {
    for text in [
        "\\ref{fig:x",
        "\\ref{",
        "\\eqref{a",
        "\\begin{itemize",
        "\\begin*{x",
        "\\begin[",
        "\\begin{align",
        "\\cite{a",
        "\\(",
        "\\[",
        "$$",
        "$\\x",
        "{{",
        "{{ value(",
        "[@a",
        "^[",
        "@",
        "![",
        "`",
        "{#",
    ] {
        for before in ["", "x ", "> ", "- ", "| a |\n|---|\n| "] {
            let (rendered, _) = page(&format!("{before}{text}"), &Host::new("en"), false);
            crate::hostile::check_safe(rendered.html.as_str(), text);
        }
    }
}

#[test]
fn what_only_looks_like_a_beginning_is_text() {
    let host = Host::new("en");
    for text in
        ["[@ ", "[^", "^[", "@ ", "[^a ", "'a ", "\"a ", "* ", "_a ", "[a ", "![a ", "`a ``b ", "$a ", "{#"]
    {
        for end in ["", "]", "'", "}", ";]"] {
            let markdown = format!("x {}{end}", text.repeat(20_000));
            let (rendered, messages) = page(&markdown, &host, false);
            // The last one may be ended.
            assert!(messages.len() <= 1, "{text}{end}: {messages:?}");
            assert!(rendered.html.as_str().len() >= 20_000, "{text}{end}");
        }
    }
}

#[test]
fn wrong_names_get_help_as_often_as_they_are_shown() {
    let host = Host::new("en");
    let headings: String = (0..4_000).map(|number| format!("## Place {number}\n\n")).collect();
    for (open, close, code) in
        [("[@sec:plac-", "]", "cross-reference"), ("[a](#plac-", ")", "link"), ("[@pole-", "]", "citation")]
    {
        let wrong: String = (0..4_000).map(|number| format!("{open}{number}{close}\n\n")).collect();
        let (_, messages) = page(&format!("{headings}{wrong}"), &host, false);
        assert_eq!(messages.len(), 4_000, "{code}");
        assert!(messages.iter().all(|message| message.contains(&format!(" {code}: "))));
        let helped: Vec<_> = messages.iter().filter(|message| message.ends_with(')')).collect();
        assert_eq!(helped.len(), SHOWN, "{code}");
        let expected = if code == "citation" { "known names: " } else { "did you mean `place-99`?" };
        assert!(helped[SHOWN - 1].contains(expected), "{}", helped[SHOWN - 1]);
    }
}

#[test]
fn notes_whose_names_are_written_alike_have_places_of_their_own() {
    let host = Host::new("en");
    for names in [["é", "è"], ["∑", "∏"], ["A b", "a-b"]] {
        let text: String = names.iter().map(|name| format!("x[^{name}]\n\n[^{name}]: y\n\n")).collect();
        let (rendered, _) = page(&text, &host, false);
        let html = rendered.html.as_str();
        let ids: Vec<&str> =
            html.split("<li id=\"fn-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{html}");
    }
    let letters: Vec<String> =
        (0..8_000).map(|number| "∑".repeat(number % 7) + &format!("{number}")).collect();
    let text: String = letters.iter().map(|name| format!("x[^{name}∏]\n\n[^{name}∏]: y\n\n")).collect();
    let (rendered, messages) = page(&text, &host, false);
    assert_eq!(messages, Vec::<String>::new());
    assert_eq!(rendered.html.as_str().matches("<li id=\"fn-").count(), 8_000);
}

#[test]
fn formulas_that_only_begin_cost_what_they_are_long() {
    let host = Host::new("en");
    for text in ["{$a ", "\\( x ", "\\[ x\n", "$$$ ", "\\begin{align} x\n\n", "$\\text{$ "] {
        let (_, messages) = page(&format!("x {}", text.repeat(4_000)), &host, false);
        assert!(messages.len() <= 4_001, "{text}: {}", messages.len());
    }
}
