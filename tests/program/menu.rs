//! Links of a project's own in the navigation.

use crate::harness::{CONFIG, Place};
use crate::paths::refused;

fn place(menu: &str) -> Place {
    let place = Place::project(&[
        ("index.md", "# T\n"),
        ("index.fr.md", "# T\n"),
        ("part/data.md", "# Data\n\n## Rows\n"),
        ("part/data.fr.md", "# Données\n\n## Rows\n"),
        ("x.csv", "a\n1\n"),
    ]);
    place.write("static/a b.pdf", "pdf");
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n{menu}"));
    place
}

#[test]
fn links_of_ones_own_stand_in_the_navigation() {
    let place = place(
        "[[menu]]\ntitle = { en = \"All data\", fr = \"Les données\" }\nto = \"part/data.md#rows\"\n[[menu]]\ntitle = \"Paper\"\nto = \"../static/a b.pdf\"\n\
         [[menu]]\ntitle = \"A & b\"\nto = \"https://example.org/?a=1&b=2\"\n",
    );
    place.octavo(&["build", "--strict"]).run().exits(0);
    for (page, links) in [
        ("index.html", ["part/data.html#rows\">All data", "a%20b.pdf\">Paper"]),
        ("fr/part/data.html", ["data.html#rows\">Les données", "../../a%20b.pdf\">Paper"]),
    ] {
        let html = place.read(&format!("site/{page}"));
        for link in links.into_iter().chain(["https://example.org/?a=1&amp;b=2\">A &amp; b"]) {
            assert_eq!(
                html.matches(&format!("<li><a href=\"{link}</a></li>")).count(),
                2,
                "{link} on {page}"
            );
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_told_at_its_place() {
    for (to, why) in [
        ("part/none.md", "there is no page `part/none.md`"),
        ("part/data.md#none", "has no place `#none`"),
        ("../static/none.pdf", "there is no file `static/none.pdf`"),
        ("x.csv", "`x.csv` is no page"),
        ("javascript:alert(1)", "there is no file"),
    ] {
        let place = place(&format!("[[menu]]\ntitle = \"X\"\nto = \"{to}\"\n"));
        refused(&place, &["error[link]", why, "octavo.toml:6:6"]);
    }
    let place = place("[[menu]]\ntitle = \"X\"\nurl = \"https://example.org\"\n");
    refused(&place, &["octavo.toml", "`url`"]);
}
