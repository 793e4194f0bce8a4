//! What others are told of a site whose address is known.

use crate::harness::{CONFIG, Place};

fn place(settings: &str) -> Place {
    let place = Place::project(&[
        ("index.md", "# Home\n"),
        ("index.fr.md", "# Accueil\n"),
        (
            "old.md",
            "+++\ndate = 2025-01-31\nsummary = \"Of <old> days\"\n+++\n# Old & new\n\n![](a b.svg)\n\n![One](p.png)\n",
        ),
        ("old.fr.md", "# Vieux\n"),
        (
            "part/new.md",
            "+++\ndate = 2026-11-24\nauthors = [\"A. Author\"]\n+++\n# New\n\n![](figure:old/strip#curve)\n",
        ),
        ("part/words.md", "+++\ndate = \"Autumn 2026\"\n+++\n# Words\n"),
        ("old/strip.toml", "title = \"Strip\"\nanalysis = \"dragon\"\nparams.folds = 3\n"),
        ("a b.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("p.png", "png"),
    ]);
    // Addresses of Markdown have no spaces.
    place.edit("experiments/old.md", "(a b.svg)", "(<a b.svg>)");
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n{settings}"));
    place.octavo(&["build"]).run().exits(0);
    place
}

#[test]
fn a_site_with_an_address_lists_its_pages() {
    let place = place("base_url = \"https://example.org/sub/\"\n");
    let list = place.read("site/sitemap.xml");
    let at = |route: &str| list.find(&format!("<url><loc>https://example.org/sub/{route}</loc>"));
    let new = "<url><loc>https://example.org/sub/part/new.html</loc><lastmod>2026-11-24</lastmod></url>\n";
    assert!(list.contains(new) && list.contains("sub/index.html</loc></url>\n"), "{list}");
    assert!(at("index.html").is_some() && at("fr/old.html").is_some() && at("part/new.html").is_some());
    assert!(
        at("index.html") < at("old.html") && at("404.html").is_none() && at("search.html").is_none(),
        "{list}"
    );
    assert!(list.starts_with("<?xml") && list.ends_with("</urlset>\n"));
    assert_eq!(list.matches("<url>").count(), 14, "{list}");
}

#[test]
fn dated_pages_are_in_a_feed_the_newest_first() {
    let place = place("base_url = \"https://example.org\"\n");
    let feed = place.read("site/feed.xml");
    let titles: Vec<&str> = feed.split("<title>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(titles, ["Test", "New", "Old &amp; new"]);
    for part in [
        "<id>https://example.org/feed.xml</id>",
        "<updated>2026-11-24T00:00:00Z</updated>\n<author><name>Test</name></author>\n<entry>",
        "<link href=\"https://example.org/part/new.html\"/>\n<updated>2026-11-24T00:00:00Z</updated>\n<author><name>A. Author</name></author>",
        "<updated>2025-01-31T00:00:00Z</updated>\n<summary>Of &lt;old&gt; days</summary>",
    ] {
        assert!(feed.contains(part), "{part} in {feed}");
    }
    assert!(!place.exists("site/fr/feed.xml"), "no French page has a date");
    assert!(
        place
            .read("site/part/words.html")
            .contains("type=\"application/atom+xml\" title=\"Test\" href=\"../feed.xml\"")
    );
    assert!(!place.read("site/fr/index.html").contains("atom+xml"));
    place.edit("experiments/old.fr.md", "# Vieux", "+++\ndate = 2026-01-01\n+++\n# Vieux");
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("site/fr/feed.xml").contains("<title>Vieux</title>"));
    assert!(
        place.read("site/fr/index.html").contains("href=\"feed.xml\""),
        "also on pages that did not change"
    );
}

#[test]
fn a_page_says_what_those_show_who_link_to_it() {
    let place = place("base_url = \"https://example.org/sub\"\n");
    let page = place.read("site/old.html");
    for part in [
        "<link rel=\"canonical\" href=\"https://example.org/sub/old.html\">",
        "<link rel=\"alternate\" hreflang=\"fr\" href=\"https://example.org/sub/fr/old.html\">",
        "<link rel=\"alternate\" hreflang=\"x-default\" href=\"https://example.org/sub/old.html\">",
        "<meta property=\"og:title\" content=\"Old &amp; new\">",
        "<meta property=\"og:description\" content=\"Of &lt;old&gt; days\">",
        "<meta property=\"og:image\" content=\"https://example.org/sub/files/p.png\">",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let figure = place.read("site/part/new.html");
    let image = figure
        .split("og:image\" content=\"https://example.org/sub/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    assert!(place.exists(&format!("site/{}", image.unwrap())), "{image:?}");
    assert!(!place.read("site/index.html").contains("og:image"));
    assert!(!place.read("site/404.html").contains("og:"));
}

#[test]
fn a_site_without_an_address_says_nothing_of_it() {
    let place = place("");
    assert!(!place.exists("site/sitemap.xml") && !place.exists("site/feed.xml"));
    let page = place.read("site/old.html");
    assert!(
        !page.contains("og:")
            && page.contains("hreflang=\"fr\" href=\"fr/old.html\"")
            && !page.contains("x-default")
    );
}
