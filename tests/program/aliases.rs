//! Addresses at which pages stood before.

use crate::harness::{CONFIG, Place};
use crate::paths::refused;

#[test]
fn an_address_of_before_leads_to_the_page() {
    let place = Place::project(&[
        ("index.md", "# T\n"),
        (
            "part/new.md",
            "+++\naliases = [\"old & older/page.html\", \"/before/\", \"x\"]\n+++\n# New & good\n",
        ),
        ("part/new.fr.md", "+++\naliases = [\"fr/vieux.html\"]\n+++\n# Nouveau\n"),
        ("index.fr.md", "# T\n"),
    ]);
    place.write(
        "octavo.toml",
        format!("{CONFIG}languages = [\"en\", \"fr\"]\nbase_url = \"https://example.org\"\n"),
    );
    place.octavo(&["build", "--strict"]).run().exits(0);
    let old = place.read("site/old & older/page.html");
    for part in [
        "<meta http-equiv=\"refresh\" content=\"0; url=../part/new.html\">",
        "<a href=\"../part/new.html\">New &amp; good</a>",
        "<link rel=\"canonical\" href=\"https://example.org/part/new.html\">",
        "<html lang=\"en\">",
    ] {
        assert!(old.contains(part), "{part} in {old}");
    }
    assert!(place.read("site/before/index.html").contains("url=../part/new.html"));
    assert!(place.read("site/x.html").contains("url=part/new.html"));
    assert!(place.read("site/fr/vieux.html").contains("<a href=\"part/new.html\">Nouveau</a>"));
    assert!(!place.read("site/sitemap.xml").contains("vieux"));
    // It takes the place of a list that an author's own page may take, too.
    place.write("experiments/strip.toml", "title = \"Strip\"\nanalysis = \"dragon\"\nparams.folds = 3\n");
    place.edit("experiments/part/new.md", "\"x\"", "\"analyses/dragon\"");
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert!(place.read("site/analyses/dragon.html").contains("url=../part/new.html"));
}

#[test]
fn an_alias_takes_nobodys_place() {
    for (alias, parts) in [
        (
            "[\"index.html\"]",
            ["error[same-route]", "at `index.html` stands the page `experiments/index.md`", "a.md:2:12"],
        ),
        (
            "[\"A.html\"]",
            ["error[same-route]", "at `A.html` stands the page `experiments/a.md`", "a.md:2:12"],
        ),
        (
            "[\"404.html\"]",
            ["error[same-route]", "at `404.html` stands a page that Octavo writes", "a.md:2:12"],
        ),
        (
            "[\"b\", \"b.html\"]",
            ["error[same-route]", "at `b.html` stands an alias of `experiments/a.md`", "a.md:2:17"],
        ),
        ("[\"../b.html\"]", ["error[bad-route]", "`../b.html` cannot be an alias", "a.md:2:12"]),
        ("[\"b.pdf\"]", ["error[bad-route]", "the alias `b.pdf` is no page", "a.md:2:12"]),
        ("\"b\"", ["error[front-matter]", "`aliases` takes a list of addresses", "a.md:2:11"]),
        ("[1]", ["error[front-matter]", "`aliases` takes a list of addresses", "a.md:2:12"]),
    ] {
        let place = Place::project(&[
            ("index.md", "# T\n"),
            ("a.md", &format!("+++\naliases = {alias}\n+++\n# A\n")),
        ]);
        refused(&place, &parts);
    }
}
