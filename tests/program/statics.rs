//! Files that are copied to the root of the site.

use crate::harness::{CONFIG, Place};
use crate::paths::refused;

#[test]
fn static_files_are_copied_and_links_to_them_are_checked() {
    let place = Place::project(&[
        ("index.md", "# T\n\nThe [paper](<../static/papers/a b.pdf>) and ![a picture](../static/p.png).\n"),
        ("part/x.md", "# X\n\nThe [paper](../../static/papers/a%20b.pdf).\n"),
    ]);
    for (name, bytes) in [
        ("CNAME", "example.org\n"),
        (".nojekyll", ""),
        ("papers/a b.pdf", "%PDF"),
        ("p.png", "png"),
        ("x/page.html", "<script></script>"),
    ] {
        place.write(&format!("static/{name}"), bytes);
    }
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(place.read("site/CNAME"), "example.org\n");
    assert_eq!(
        (place.read("site/.nojekyll").as_str(), place.read("site/x/page.html").as_str()),
        ("", "<script></script>")
    );
    assert!(place.read("site/index.html").contains("<a href=\"papers/a%20b.pdf\">paper</a>"));
    assert!(place.read("site/index.html").contains("src=\"p.png\""));
    assert!(place.read("site/part/x.html").contains("<a href=\"../papers/a%20b.pdf\">paper</a>"));
    assert!(place.read("site/index.html").contains("href=\"assets/icon.svg\" type=\"image/svg+xml\""));
    // A change of one of them alone is a change, and so is one less.
    place.write("static/CNAME", "example.com\n");
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(place.read("site/CNAME"), "example.com\n");
    std::fs::remove_file(place.path("static/p.png")).unwrap();
    std::fs::remove_dir_all(place.path("site")).unwrap();
    refused(&place, &["error[", "index.md:3:", "there is no file `static/p.png`"]);
}

#[test]
fn an_icon_of_ones_own_takes_the_place_of_ours_on_every_page() {
    let place = Place::project(&[("index.md", "# T\n"), ("part/x.md", "# X\n")]);
    place.build();
    place.write("static/favicon.ico", "icon");
    place.build();
    assert!(place.read("site/part/x.html").contains("<link rel=\"icon\" href=\"../favicon.ico\">"));
    place.write("static/favicon.svg", "<svg/>");
    place.build();
    assert!(
        place
            .read("site/index.html")
            .contains("<link rel=\"icon\" href=\"favicon.svg\" type=\"image/svg+xml\">")
    );
}

#[test]
fn a_static_file_takes_nobodys_place() {
    for (name, other) in [
        ("index.html", "`experiments/index.md` and `static/index.html` both give `index.html`"),
        ("Part/X.html", "`experiments/part/x.md` and `static/Part/X.html` both give `Part/X.html`"),
        ("assets/style.css", "`static/assets/style.css` gives `assets/style.css`, a file that Octavo writes"),
        ("octavo.json", "`static/octavo.json` gives `octavo.json`"),
    ] {
        let place = Place::project(&[("index.md", "# T\n"), ("part/x.md", "# X\n")]);
        place.write(&format!("static/{name}"), "x");
        refused(&place, &["error[same-route]", other, &format!("static/{name}")]);
    }
    // What only the build writes is known when it is written.
    let place = Place::project(&[("index.md", "# T\n")]);
    place.write("static/404.html", "x");
    place
        .octavo(&["build"])
        .run()
        .exits(1)
        .says(&["error[same-route]", "`static/404.html` gives `404.html`"]);
    assert!(place.read("site/404.html").contains("<html"));
}

#[test]
fn beside_the_project_file_static_files_are_no_pages() {
    let place = Place::with(&[
        ("octavo.toml", &format!("{CONFIG}experiments = \".\"\noutput = \"../out\"\n")),
        ("index.md", "# T\n\n[a](static/a.txt)\n"),
        ("static/a.txt", "a"),
        ("static/b.md", "# No page\n"),
    ]);
    place.octavo(&["build", "--output", "out"]).run();
    place.octavo(&["check"]).run().exits(0);
    // A file of that name beside the pages goes first.
    let place = Place::project(&[("index.md", "# T\n\n[a](static/a.txt)\n"), ("static/a.txt", "beside")]);
    place.write("static/a.txt", "root");
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("site/index.html").contains("href=\"files/static/a.txt\""));
    assert_eq!(
        (place.read("site/files/static/a.txt").as_str(), place.read("site/a.txt").as_str()),
        ("beside", "root")
    );
}
