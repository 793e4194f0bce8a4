//! How a site is cited.

use crate::harness::{CONFIG, Place};

const CFF: &str = "cff-version: 1.2.0\ntitle: Depth & width\nversion: 2.0\ndate-released: 2026-11-24\nauthors:\n  - family-names: Poole\n    given-names: Ben\n    \
                   affiliation: Somewhere\nurl: https://example.org/depth\n";

#[test]
fn the_home_page_says_who_made_the_site_and_how_to_cite_it() {
    for pages in [&[("index.md", "# Home\n"), ("a.md", "# A\n")][..], &[("a.md", "# A\n")]] {
        let place = Place::project(pages);
        place.build();
        assert!(!place.read("site/index.html").contains("Cite this"));
        place.write("CITATION.cff", CFF);
        place.octavo(&["build", "--strict"]).run().exits(0);
        let home = place.read("site/index.html");
        for part in [
            "By Ben Poole <span class=\"affiliation\">(Somewhere)</span></p>",
            "<p>Ben Poole (2026). <cite>Depth &amp; width</cite>, version 2.0. <a href=\"https://example.org/depth\">https://example.org/depth</a></p>",
            "@software{poole2026,\n  author = {Poole, Ben},\n",
        ] {
            assert!(home.contains(part), "{part} in {home}");
        }
        assert!(!place.read("site/a.html").contains("Cite this"));
        place.write("octavo.toml", format!("{CONFIG}[[authors]]\nname = \"A. Named\"\n"));
        place.octavo(&["build", "--strict"]).run().exits(0);
        assert!(place.read("site/index.html").contains("By A. Named</p>"));
    }
}

#[test]
fn a_file_that_says_nothing_is_told() {
    let place = Place::project(&[("index.md", "# Home\n")]);
    place.write("CITATION.cff", "title: T\n");
    place.octavo(&["build"]).run().exits(0).says(&[
        "warning[citation]",
        "`CITATION.cff` has no `authors`",
        "CITATION.cff:1:1",
    ]);
    assert!(!place.read("site/index.html").contains("Cite this"));
    place.write("CITATION.cff", b"title: \xff\n");
    place.octavo(&["build"]).run().exits(2).says(&["error[not-utf8]", "CITATION.cff:1:8"]);
}
