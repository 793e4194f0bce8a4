//! Pages and what becomes of them. `NAME.md` is a page, `NAME.html` what is expected: the body, and after a line `---` the
//! messages. `NAME.fr.md` is set in French.

use std::fmt::Write as _;

use crate::host::{Host, page};

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!($name, ".md")), include_str!(concat!($name, ".html")))
    };
}
/// Every fixture, by name.
const FIXTURES: &[(&str, &str, &str)] = &[
    fixture!("text"),
    fixture!("blocks"),
    fixture!("callouts"),
    fixture!("results"),
    fixture!("references"),
    fixture!("citations"),
    fixture!("pictures"),
    fixture!("foreign"),
    fixture!("cells"),
    fixture!("citations.fr"),
    fixture!("math"),
    fixture!("wrong"),
    fixture!("french.fr"),
    fixture!("substitution"),
];

fn shown(name: &str, markdown: &str) -> String {
    let language = if name.ends_with(".fr") { "fr" } else { "en" };
    let (rendered, messages) = page(markdown, &Host::new(language), false);
    let mut text = rendered.html.into_string();
    if !messages.is_empty() {
        text.push_str("---\n");
        for message in messages {
            let _ = writeln!(text, "{message}");
        }
    }
    text
}

/// The lines that differ, with their numbers.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let mut text = String::new();
    for index in 0..expected.len().max(found.len()) {
        let (left, right) = (expected.get(index), found.get(index));
        if left != right {
            let _ = writeln!(text, "{:4} - {}", index + 1, left.unwrap_or(&""));
            let _ = writeln!(text, "     + {}", right.unwrap_or(&""));
        }
    }
    text
}

#[test]
fn pages_become_what_is_expected() {
    let mut wrong = String::new();
    for (name, markdown, expected) in FIXTURES {
        let found = shown(name, markdown);
        if found != *expected {
            let _ = writeln!(wrong, "{name}.html\n{}\n=== whole\n{found}\n===", difference(expected, &found));
        }
        let html = found.split("---\n").next().unwrap();
        if let Err(reason) = crate::html::read(html) {
            let _ = writeln!(wrong, "{name}: {reason}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_page_that_is_remembered_is_the_page() {
    use octavo::prose::{Prose, ProseOptions};
    use octavo::source::SourceFile;
    let options = ProseOptions::default();
    let with_macros =
        "+++\ntitle = \"Own\"\norder = 3\n[math.macros]\nR = \"\\\\mathbb{R}\"\n+++\n# A\n\n$\\R$ {#a}\n";
    let with_results = "# At {{ value(\"rate\") }}\n\n## B\n\n[c](d.md#e)\n";
    let more = [("macros", with_macros, ""), ("results", with_results, ""), ("empty", "", "")];
    for (name, markdown, _) in FIXTURES.iter().chain(&more) {
        let host = Host::new(if name.ends_with(".fr") { "fr" } else { "en" });
        let source = SourceFile::new("page.md", *markdown);
        let (page, _) = Prose::parse(&source, &options);
        let json = serde_json::to_string(&page.sheet()).unwrap();
        let remembered = Prose::remembered(&source, &options, serde_json::from_str(&json).unwrap());
        let mut folded = page.clone();
        folded.fold();
        let rendered = page.render(&host, &host.locale);
        for other in [&remembered, &folded] {
            assert_eq!((&other.front, other.macros()), (&page.front, page.macros()), "{name}");
            assert_eq!((other.references(), other.anchors()), (page.references(), page.anchors()), "{name}");
            assert_eq!((other.title(), other.title_has_results()), (page.title(), page.title_has_results()));
            assert_eq!(other.title_with_results(&host), page.title_with_results(&host), "{name}");
            assert_eq!(other.render(&host, &host.locale), rendered, "{name}");
        }
    }
}

/// The examples of the author's guide: every block of `markdown` in it.
fn examples() -> Vec<String> {
    let guide = include_str!("../../docs/writing.md");
    let mut examples: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    for line in guide.lines() {
        match &fence {
            Some(end) if line == end => fence = None,
            Some(_) => examples.last_mut().expect("a fence opens an example").push_str(&format!("{line}\n")),
            None => {
                if let Some(ticks) = line.strip_suffix("markdown").filter(|ticks| ticks.starts_with("```")) {
                    fence = Some(ticks.to_owned());
                    examples.push(String::new());
                }
            }
        }
    }
    examples
}

#[test]
fn the_examples_of_the_guide_are_right() {
    let examples = examples();
    assert_eq!(examples.len(), 11);
    for example in examples {
        let (rendered, messages) = page(&example, &Host::new("en"), false);
        // The values of the guide are not those of the test.
        let messages: Vec<_> =
            messages.iter().filter(|message| !message.contains("there is no value")).collect();
        assert_eq!(messages, Vec::<&String>::new(), "{example}");
        crate::hostile::check_safe(rendered.html.as_str(), &example);
    }
}

#[test]
fn a_page_tells_what_it_names_and_what_it_has() {
    use octavo::prose::{Prose, ProseOptions, ReferenceKind as Kind};
    let source = octavo::source::SourceFile::new("a.md", include_str!("results.md"));
    let (prose, _) = Prose::parse(&source, &ProseOptions::default());
    let named: Vec<_> = prose.references().iter().map(|found| (found.kind, found.target.as_str())).collect();
    let expected = [
        (Kind::Value, "rate"),
        (Kind::Value, "small"),
        (Kind::Value, "regions"),
        (Kind::Claim, "growth"),
        (Kind::Claim, "a/b#growth"),
        (Kind::Figure, "curvature/depth#growth"),
        (Kind::Figure, "growth"),
        (Kind::Claim, "exponential-in-depth"),
        (Kind::Claim, "dragon/limit#area"),
        (Kind::Table, "layers"),
        (Kind::Table, "a/b#layers"),
        (Kind::CrossRef, "fig:curvature/depth#growth"),
        (Kind::CrossRef, "tab:a/b#layers"),
    ];
    assert_eq!(named, expected);
    let place = &prose.references()[5].location;
    assert_eq!(
        &source.text[place.span.clone()],
        "![Growth with *depth*, $x^2$](figure:curvature/depth#growth)"
    );
    for anchor in ["fig-growth", "tab-layers", "claim-area", "claim-exponential-in-depth"] {
        assert!(prose.anchors().contains(anchor), "{anchor}");
    }
    let (rendered, _) =
        page("# The *{{ value(\"regions\") }}* regions\n\n## It's $x$", &Host::new("en"), false);
    assert_eq!(rendered.title.as_deref(), Some("The 500,501 regions"));
    assert_eq!(rendered.title_html.unwrap().as_str(), "The <em>500,501</em> regions");
    let outline: Vec<_> =
        rendered.outline.iter().map(|h| (h.level, h.id.as_str(), h.text.as_str())).collect();
    assert_eq!(outline, [(2, "its-x", "It’s x")]);
    assert!(rendered.has_math);
}
