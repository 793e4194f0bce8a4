//! Templates that pages ask for.

use crate::harness::Place;
use crate::paths::refused;

#[test]
fn a_page_may_ask_for_another_template() {
    let place = Place::project(&[
        ("index.md", "+++\ntemplate = \"landing.html\"\nabstract = \"In *short*.\"\n+++\n# Home\n\nText.\n"),
        ("part/index.md", "+++\ntemplate = \"pages/own.html\"\n+++\n# Part\n\nWords.\n"),
        ("part/x.md", "+++\ntemplate = \"page.html\"\n+++\n# X\n"),
    ]);
    let own = "{% extends \"base.html\" %}{% block main %}<p class=\"mine\">{{ page.title }}</p>{{ page.content }}{% endblock %}";
    place.write("templates/pages/own.html", own);
    place.octavo(&["build", "--strict"]).run().exits(0);
    let home = place.read("site/index.html");
    for part in [
        "<article class=\"landing\">",
        "<p class=\"lead\">In <em>short</em>.</p>",
        "<strong>Part</strong>",
        "<p>Text.</p>",
    ] {
        assert!(home.contains(part), "{part} in {home}");
    }
    assert!(place.read("site/part/index.html").contains("<p class=\"mine\">Part</p><p>Words.</p>"));
    assert!(!place.read("site/part/x.html").contains("landing"));
    // The template is part of what a page is remembered by.
    place.write("templates/pages/own.html", own.replace("mine", "ours"));
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert!(place.read("site/part/index.html").contains("<p class=\"ours\">Part</p>"));
}

#[test]
fn a_template_that_is_not_there_or_wrong_is_told_at_its_place() {
    for (name, parts) in [
        (
            "\"landin.html\"",
            ["error[unknown-template]", "no page can be written by a template `landin.html`", "landing.html"],
        ),
        ("\"base.html\"", ["error[unknown-template]", "`base.html`", "a.md:2:12"]),
        ("\"pages/none.html\"", ["error[unknown-template]", "`pages/none.html`", "a.md:2:12"]),
        ("1", ["error[front-matter]", "`template` takes a text", "a.md:2:12"]),
    ] {
        refused(&Place::project(&[("a.md", &format!("+++\ntemplate = {name}\n+++\n# A\n"))]), &parts);
    }
    let place = Place::project(&[("a.md", "+++\ntemplate = \"pages/own.html\"\n+++\n# A\n")]);
    place.write("templates/pages/own.html", "{% if %}");
    refused(&place, &["error[template]", "templates/pages/own.html:1"]);
}
