//! What pages say about themselves, where they lead, and what is not published.

use crate::harness::Place;

const CONFIG: (&str, &str) = ("octavo.toml", "octavo = \"1\"\ntitle = \"Case\"\nlanguages = [\"en\"]\n");

#[test]
fn date_affiliation_and_abstract_stand_on_the_page() {
    let front = "+++\ntitle = \"D\"\ndate = 2026-11-24\nabstract = \"At most $2^n$ *regions*.\"\n\
                 authors = [{ name = \"X Y\", affiliation = \"Some & where\" }, \"Z\"]\n+++\n\ntext\n";
    let place = Place::with(&[CONFIG, ("experiments/index.md", "# Home\n"), ("experiments/d.md", front)]);
    place.octavo(&["build"]).run().exits(0);
    let html = place.read("site/d.html");
    for part in [
        "X Y <span class=\"affiliation\">(Some &amp; where)</span>, Z</p>",
        "<time datetime=\"2026-11-24\">24\u{a0}November 2026</time>",
        "<meta name=\"date\" content=\"2026-11-24\">",
        "<meta name=\"author\" content=\"X Y\">",
        "<meta name=\"description\" content=\"At most 2^n regions.\">",
        "</math> <em>regions</em>.</p></div>",
        "assets/math.css",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(place.read("site/index.html").contains("<span>At most 2^n regions.</span>"));
}

#[test]
fn a_draft_is_published_only_if_asked_for() {
    let place = Place::with(&[
        CONFIG,
        ("experiments/index.md", "# Home\n\n[d](d.md)\n"),
        ("experiments/d.md", "+++\ndraft = true\n+++\n# D\n"),
    ]);
    place.octavo(&["check"]).run().exits(2).says(&[
        "the page `d.md` is a draft",
        "--drafts",
        "experiments/index.md:3:1",
    ]);
    place.octavo(&["check", "--drafts"]).run().exits(0);
    place.octavo(&["build", "--drafts"]).run().exits(0);
    assert!(place.read("site/d.html").contains("This page is a draft."));
    assert!(place.read("site/index.html").contains("href=\"d.html\""));
    place.edit("experiments/index.md", "[d](d.md)", "no link");
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/d.html"));
}

#[test]
fn addresses_lead_to_names_of_any_kind() {
    let place = Place::with(&[
        CONFIG,
        (
            "experiments/index.md",
            "# Home\n\n[1](<a b.md>) [2](a%20b.md#привет-мир) [3](a#b.md) [4](100%.md) [5](e\u{301}te\u{301}.md) [6](été.md) \
             [7](%C3%A9t%C3%A9.md#x) ![p](my%20pic.png)\n",
        ),
        ("experiments/a b.md", "# A b\n\n## Привет, мир\n"),
        ("experiments/a#b.md", "# A#b\n"),
        ("experiments/100%.md", "# 100%\n"),
        ("experiments/e\u{301}t\u{e9}.md", "# E\n\n## X\n"),
        ("experiments/my pic.png", "x"),
    ]);
    place.octavo(&["build"]).run().exits(0);
    let html = place.read("site/index.html");
    for (number, href) in [
        (1, "a%20b.html"),
        (2, "a%20b.html#привет-мир"),
        (3, "a%23b.html"),
        (4, "100%25.html"),
        (5, "\u{e9}t\u{e9}.html"),
        (6, "\u{e9}t\u{e9}.html"),
        (7, "\u{e9}t\u{e9}.html#x"),
    ] {
        assert!(html.contains(&format!("<a href=\"{href}\">{number}</a>")), "{href}\n{html}");
    }
    assert!(html.contains("<img src=\"files/my%20pic.png\""), "{html}");
    assert!(place.exists("site/\u{e9}t\u{e9}.html"));
}

#[test]
fn two_forms_of_one_name_are_refused() {
    let place =
        Place::with(&[CONFIG, ("experiments/\u{e9}.md", "# A\n"), ("experiments/e\u{301}.md", "# B\n")]);
    place.octavo(&["check"]).run().exits(2).says(&["one in composed and one in decomposed letters"]);
}

#[test]
fn a_page_of_another_program_is_told_all_that_is_not_processed() {
    let page = "---\ntitle: Yaml\ndate: 2026-01-01\n---\n\n::: {.callout-note}\nQuarto note\n:::\n\n@fig-one [see @k]\n";
    let place = Place::with(&[CONFIG, ("experiments/index.md", page)]);
    place.octavo(&["check"]).run().exits(2).says(&[
        "this front matter is YAML",
        "`title = \"Yaml\"`, `date = 2026-01-01`",
        "`:::` does not make a block here",
        "no work has the key `fig-one`",
        "`[@fig:one]`",
        "no work has the key `k`",
    ]);
}
