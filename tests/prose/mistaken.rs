//! What an author may take for markup, or names what is not there: each is told at its place, and little else is.

use crate::host::{Host, page};

/// The places and codes of the messages of a page.
fn told(markdown: &str) -> Vec<String> {
    let (_, messages) = page(markdown, &Host::new("en"), false);
    messages.iter().map(|message| message.split(": ").next().unwrap_or_default().to_owned()).collect()
}

#[track_caller]
fn warned(markdown: &str, places: &[&str]) {
    let expected: Vec<String> = places.iter().map(|place| format!("{place} foreign-markup")).collect();
    assert_eq!(told(markdown), expected, "{markdown}");
}

#[test]
fn links_without_an_address() {
    warned("See [text][nope] and [nope][].", &["1:5", "1:22"]);
    warned("[ok][here] and [here][]\n\n[here]: https://a.example", &[]);
    warned("a[in][jn], [0,1][0,1], [[1, 2], [3]], [x][y], \\[text][nope], `[text][nope]`, $[ab][cd]$", &[]);
}

#[test]
fn lists_and_lines_of_other_programs() {
    warned("| The limerick\n| packs laughs", &["1:1"]);
    warned("| a | b |\n|---|---|\n| c | d |", &[]);
    warned("(@) First\n(@) Second", &["1:1"]);
    warned("#. one\n#. two", &["1:1"]);
    warned("a. one\nb. two", &["1:1"]);
    warned("i) one\ncontinued\nii) two", &["1:1"]);
    warned("(A) one\n\n(B) two", &["1:1"]);
    warned("A. Smith wrote it.\nI. Newton, too.", &[]);
    warned("a. is the first letter", &[]);
    warned("*[HTML]: Hyper Text", &["1:1"]);
    warned("*[sic]: so it is* and more", &[]);
}

#[test]
fn spaces_of_latex() {
    warned("10\\,m and 3\\;km", &["1:3", "1:12"]);
    warned("a\\, b, 1\\, 2", &[]);
    let text = "e.g.\\ this at 20\\ °C.\\\nbroken, / and \\ are signs, C:\\ too, x\\\\ y";
    let (rendered, messages) = page(text, &Host::new("en"), false);
    assert_eq!(messages, Vec::<String>::new());
    let expected = "<p>e.g.~this at 20~°C.<br>\nbroken, / and \\ are signs, C:\\ too, x\\ y</p>\n"
        .replace('~', "\u{a0}");
    assert_eq!(rendered.html.as_str(), expected);
}

#[test]
fn captions_below_tables_and_in_galleries_are_set() {
    let (rendered, messages) = page("| a |\n|---|\n| b |\nTable: Two *states*", &Host::new("en"), false);
    assert_eq!(messages, Vec::<String>::new());
    assert!(rendered.html.as_str().contains("Two <em>states</em></p></figcaption>"), "{}", rendered.html);
    let gallery = "{{ gallery(\"a.png | with *x*\", caption=\"Two **states**\") }}";
    let (rendered, _) = page(gallery, &Host::new("en"), false);
    let html = rendered.html.as_str();
    assert!(
        html.contains("Two <strong>states</strong>") && html.contains("<p>with <em>x</em></p>"),
        "{html}"
    );
}

#[test]
fn links_to_lists_that_are_not_there() {
    assert_eq!(told("[r](#references) [f](#footnotes)"), ["1:1 link", "1:18 link"]);
    assert_eq!(told("[r](#references) [f](#footnotes) [@abel] ^[a note]"), Vec::<String>::new());
}

#[test]
fn ids_of_raw_html_are_there_once() {
    let told = |markdown: &str| page(markdown, &Host::new("en"), true).1;
    for (markdown, places) in [
        ("<a id=\"x\"></a> <b id=\"x\"></b>", &["1:23"][..]),
        ("<a id=\"x\" name=\"x\"></a>", &[]),
        ("<a id=\"here\"></a>\n\n## Here\n\n[x](#here)", &[]),
        ("## Here {#here}\n\n<a id=\"here\"></a>", &["1:1"]),
        ("<h2 id=\"references\">R</h2>\n\n[r](#references)", &[]),
        ("<h2 id=\"references\">R</h2>\n\n[@abel]", &["1:9"]),
    ] {
        let found = told(markdown);
        assert_eq!(found.len(), places.len(), "{found:?}");
        for (message, place) in found.iter().zip(places) {
            assert!(message.starts_with(&format!("{place} label: ")), "{message}");
        }
    }
}
