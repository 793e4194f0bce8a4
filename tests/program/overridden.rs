//! Templates of a project's own for what stands within a page.

use crate::harness::Place;

const PAGE: &str = "# A\n\n> [!WARNING] Mind *this*\n> One[^n] two[^n] [@poole2016].\n\n> [!NOTE]\n> Plain.\n\n> [!EXERCISE] Count {#ex:count}\n> Do.\n>\n> > [!SOLUTION]\n> > 42\n\n[^n]: A note with <&.\n";

const WORKS: &str =
    "@article{poole2016, author = {Poole, Ben}, title = {Curvature}, year = 2016, journal = {J}}\n";

fn project() -> Place {
    let place = Place::project(&[("index.md", "# Home\n"), ("a.md", PAGE), ("works.bib", WORKS)]);
    place.write(
        "octavo.toml",
        format!("{}bibliography = \"experiments/works.bib\"\n", crate::harness::CONFIG),
    );
    place
}

#[test]
fn callouts_exercises_notes_and_works_are_a_themes() {
    let place = project();
    place.octavo(&["build", "--strict"]).run().exits(0);
    let before = place.read("site/a.html");
    for (name, template, parts) in [
        (
            "callout",
            "<b class={{ callout.kind }}>{{ callout.title or \"none\" }}</b>{{ callout.content }}",
            &["<b class=warning>Mind <em>this</em></b><p>One", "<b class=note>none</b><p>Plain.</p>"][..],
        ),
        (
            "exercise",
            "<div id=\"{{ exercise.anchor }}\">{{ exercise.number }}! {{ exercise.title }}{{ exercise.content }}</div>",
            &["<div id=\"ex-count\">1! Count<p>Do.</p>\n<details class=\"solution\">"],
        ),
        ("solution", "<i>{{ t(\"solution\") }}</i>{{ solution.content }}", &["<i>Solution</i><p>42</p>"]),
        (
            "footnotes",
            "<ol id=\"footnotes\">{% for note in footnotes.notes %}<li id=\"{{ note.anchor }}\">{{ note.content }}{{ note.places | join(\" \") }}{{ note.end }}</li>{% endfor %}</ol>",
            &[
                "<ol id=\"footnotes\"><li id=\"fn-n\"><p>A note with &lt;&amp;.fnref-n-1 fnref-n-2</p></li></ol>",
            ],
        ),
        (
            "references",
            "<ul id=\"references\">{% for work in references.works %}<li id=\"{{ work.anchor }}\">{{ work.content }} {{ work.places | join(\" \") }}</li>{% endfor %}</ul>",
            &["<ul id=\"references\"><li id=\"ref-poole2016\">Poole", " cite-poole2016-1</li></ul>"],
        ),
        (
            "back",
            "{% for place in places %}[{{ place }}]{% endfor %}",
            &["[fnref-n-1][fnref-n-2]</p></li>", "[cite-poole2016-1]</li>"],
        ),
    ] {
        let path = format!("templates/{name}.html");
        place.write(&path, template);
        place.octavo(&["build", "--strict"]).run().exits(0);
        let page = place.read("site/a.html");
        for part in parts {
            assert!(page.contains(part) && !before.contains(part), "{name}: {part}\n{page}");
        }
        std::fs::remove_file(place.path(&path)).unwrap();
    }
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert_eq!(place.read("site/a.html"), before);
}

#[test]
fn a_wrong_template_of_a_part_is_told_at_its_place_and_the_old_site_stands() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    let before = place.tree("site");
    for name in ["callout", "exercise", "solution", "footnotes", "references", "back"] {
        let path = format!("templates/{name}.html");
        place.write(&path, "a\n{{ nothing }}");
        let at = format!("{path}:2:4");
        place.octavo(&["build"]).run().exits(2).says(&["error[template]: undefined value", &at]);
        assert_eq!(place.tree("site"), before, "{name}");
        std::fs::remove_file(place.path(&path)).unwrap();
    }
}

/// What a language lacks is English, also in these.
#[test]
fn words_of_parts_are_those_of_the_texts_language() {
    let place = project();
    let config = format!(
        "{}languages = [\"fr\", \"en\"]\nbibliography = \"experiments/works.bib\"\n",
        crate::harness::CONFIG
    );
    place.write("octavo.toml", config);
    place.octavo(&["build"]).run().exits(0);
    let french = place.read("site/a.html");
    for part in
        ["Exercice\u{a0}1.", "<p class=\"callout-title\">Remarque</p>", "aria-label=\"Retour au texte 1\""]
    {
        assert!(french.contains(part), "{part}\n{french}");
    }
}
