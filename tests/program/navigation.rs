//! What a page shows of the others: all of a small site, and a part of a large one that does not grow with it.

use std::collections::BTreeMap;

use crate::harness::{CONFIG, Place};

/// So many pages `sNNN/pNNN.md` in sections of this size, each of which begins with an `index.md`.
fn sections(pages: usize, section: usize) -> Place {
    let place = Place::project(&[("index.md", "# Home\n")]);
    for page in 0..pages {
        let folder = format!("experiments/s{:03}", page / section);
        if page % section == 0 {
            place.write(&format!("{folder}/index.md"), format!("# Section {}\n", page / section));
        }
        place.write(&format!("{folder}/p{page:03}.md"), format!("# Page {page}\n\nText of {page}.\n"));
    }
    place
}

/// The rows of the navigation beside a page: a dash for each level, the text, a star if it is the page itself.
fn rows(html: &str) -> Vec<String> {
    let (_, side) = html.split_once("<nav class=\"side\"").expect("there is a navigation");
    let (side, _) = side.split_once("</nav>").expect("it ends");
    let (mut depth, mut rows) = (0, Vec::new());
    for tag in side.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or((tag, ""));
        match tag.split(' ').next() {
            Some("ul") => depth += 1,
            Some("/ul") => depth -= 1,
            Some("a") => {
                let star = if tag.contains("aria-current=\"page\"") { "*" } else { "" };
                rows.push(format!("{}{text}{star}", "-".repeat(depth - 1)));
            }
            _ => {}
        }
    }
    rows
}

/// A page beside the site's other files: they must be the same in both.
fn same_page(small: &Place, large: &Place, route: &str) {
    let [one, other] = [small, large].map(|place| place.read(&format!("site/{route}")));
    assert!(one == other, "{route} differs:\n{:#?}\n{:#?}", rows(&one), rows(&other));
}

#[test]
fn a_page_does_not_grow_with_the_site() {
    let [small, large] = [100, 300].map(|pages| sections(pages, 5));
    let [long, longer] = [100, 300].map(|pages| sections(pages, 1_000));
    for place in [&small, &large, &long, &longer] {
        place.build();
    }
    same_page(&small, &large, "s003/p017.html");
    same_page(&small, &large, "s000/index.html");
    same_page(&long, &longer, "s000/p050.html");
    same_page(&long, &longer, "s000/index.html");
    let shown = rows(&long.read("site/s000/p050.html"));
    assert_eq!(shown[..5], ["Home", "Contents", "Section 0", "-Earlier pages", "-Page 43"]);
    assert_eq!(shown[11..13], ["-Page 50*", "-Page 51"]);
    assert_eq!(shown[18..], ["-Page 57", "-Later pages"]);
    let shown = rows(&large.read("site/s030/p152.html"));
    let before = ["Home", "Contents", "Earlier pages", "Section 23"];
    assert_eq!(shown[..4], before);
    let own = ["Section 30", "-Page 150", "-Page 151", "-Page 152*", "-Page 153", "-Page 154", "Section 31"];
    assert_eq!(shown[10..17], own);
    assert_eq!(shown[22..], ["Section 37", "Later pages"]);
}

#[test]
fn the_list_of_all_pages_has_what_a_page_leaves_out() {
    let place = sections(100, 5);
    place.build();
    let contents = place.read("site/contents.html");
    for page in 0..100 {
        let link = format!("<a href=\"s{:03}/p{page:03}.html\">Page {page}</a>", page / 5);
        assert_eq!(contents.matches(&link).count(), 1, "{link}");
    }
    assert!(contents.contains("<li id=\"in-s019\"><a href=\"s019/index.html\">Section 19</a><ul>"));
    assert_eq!(rows(&contents)[..2], ["Home", "Contents*"]);
    let page = place.read("site/s003/p017.html");
    assert_eq!(page.matches("<a href=\"../contents.html\">Contents</a>").count(), 2, "in both navigations");
    assert!(page.contains("<a class=\"more\" href=\"../contents.html\">Later pages</a>"));
    // An author's own page at that address stays.
    place.write("experiments/contents.md", "# My own contents\n");
    place.build();
    assert!(place.read("site/contents.html").contains("My own contents"));
}

#[test]
fn in_a_long_section_the_gaps_lead_to_its_place_among_all_pages() {
    let place = sections(70, 70);
    place.build();
    let page = place.read("site/s000/p050.html");
    assert!(page.contains("<a class=\"more\" href=\"../contents.html#in-s000\">Earlier pages</a>"));
    let section = place.read("site/s000/index.html");
    assert_eq!(section.matches("<li><a href=\"p0").count() - 2 * 15, 60, "cards beside the navigation");
    assert!(section.contains(
        "<p class=\"more-pages\" data-unsearched><a href=\"../contents.html#in-s000\">Later pages</a></p>"
    ));
}

#[test]
fn a_small_site_shows_all_its_pages_and_has_no_list_of_them() {
    let place = sections(20, 10);
    place.build();
    assert!(!place.exists("site/contents.html"));
    let shown = rows(&place.read("site/s001/p015.html"));
    assert_eq!((shown.len(), &*shown[0], &*shown[1], &*shown[2]), (23, "Home", "Section 0", "-Page 0"));
    assert_eq!(shown[18], "-Page 15*");
    // A page alone.
    let alone = Place::project(&[("index.md", "# Alone\n")]);
    alone.build();
    assert_eq!(rows(&alone.read("site/index.html")), ["Home*"]);
    let second = Place::project(&[("only.md", "# Only\n")]);
    second.build();
    assert_eq!(rows(&second.read("site/only.html")), ["Home", "Only*"]);
    assert_eq!(rows(&second.read("site/index.html")), ["Home*", "Only"]);
}

#[test]
fn folders_in_folders_are_sections_in_sections() {
    let place = Place::project(&[
        ("index.md", "# Home\n"),
        ("a/index.md", "# Alpha\n"),
        ("a/z.md", "+++\norder = 1\n+++\n# Last letter first\n"),
        ("a/b/index.md", "# Beta\n"),
        ("a/b/c.md", "# Gamma\n"),
        ("a/b/bare/d.md", "# Delta\n"),
        ("bare folder/e.md", "# Epsilon\n"),
        ("bare folder/f/g.md", "# Phi\n"),
    ]);
    place.build();
    let expected = [
        "Home",
        "Alpha",
        "-Last letter first",
        "-Beta",
        "--bare",
        "---Delta",
        "--Gamma*",
        "bare folder",
        "-Epsilon",
        "-f",
        "--Phi",
    ];
    let page = place.read("site/a/b/c.html");
    assert_eq!(rows(&page), expected);
    assert!(page.contains("<p class=\"section\" data-unsearched><a href=\"index.html\">Beta</a></p>"));
    assert!(page.contains("rel=\"prev\" href=\"bare/d.html\""));
    assert!(page.contains("rel=\"next\" href=\"../../bare%20folder/e.html\""));
    let beta = place.read("site/a/b/index.html");
    assert!(beta.contains("<p class=\"section\" data-unsearched><a href=\"../index.html\">Alpha</a></p>"));
    assert!(beta.contains("<li><a href=\"c.html\"><strong>Gamma</strong></a></li>"));
    // In a large site what lies on the way to the page is open, and all else folded.
    for page in 0..60 {
        place.write(&format!("experiments/bare folder/p{page:02}.md"), format!("# Page {page}\n"));
    }
    place.build();
    let open =
        ["Home", "Contents", "Alpha", "-Last letter first", "-Beta", "--bare", "--Gamma*", "bare folder"];
    assert_eq!(rows(&place.read("site/a/b/c.html")), open);
    let contents = place.read("site/contents.html");
    assert!(contents.contains("<li id=\"in-a/b/bare\"><a href=\"a/b/bare/d.html\">bare</a><ul>"));
    let page = place.read("site/bare folder/p30.html");
    assert!(
        contents.contains("id=\"in-bare%20folder\"") && page.contains("../contents.html#in-bare%2520folder")
    );
}

#[test]
fn folders_may_be_nested_as_deep_as_one_likes() {
    let deep = |levels: usize| (0..levels).map(|level| format!("d{level}/")).collect::<String>();
    let place = Place::project(&[
        (&format!("{}p.md", deep(60)), "# Deep\n"),
        (&format!("{}index.md", deep(30)), "# Half\n"),
    ]);
    place.build();
    let shown = rows(&place.read(&format!("site/{}p.html", deep(60))));
    assert_eq!(
        shown,
        ["Home", "d0", "-d1", "--d2", "---d3", "----d4", "-----d5", "------Half", "------Deep*"]
    );
}

#[test]
fn the_navigation_of_a_large_site_is_in_the_language_of_the_page() {
    let place = sections(70, 70);
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place.write("experiments/s000/index.fr.md", "# Chapitre\n");
    place.octavo(&["build"]).run().exits(0);
    let page = place.read("site/fr/s000/p035.html");
    let shown = rows(&page);
    assert_eq!(shown[..4], ["Accueil", "Sommaire", "Chapitre", "-Pages précédentes"]);
    assert_eq!(shown.last().map(String::as_str), Some("-Pages suivantes"));
    assert!(page.contains("href=\"../contents.html#in-s000\""), "the French list of all pages");
    assert!(place.read("site/fr/contents.html").contains("<h1>Sommaire</h1>"));
    assert!(page.contains("href=\"../../s000/p035.html\" hreflang=\"en\""));
}

/// The pages of a site whose bytes an edit changed, and the number of pages that were written for it. The edit is one that searches find:
/// the index is written, too.
fn edited(place: &Place, path: &str, from: &str, to: &str) -> (Vec<String>, usize) {
    let html = |place: &Place| -> BTreeMap<String, Vec<u8>> {
        place.tree("site").into_iter().filter(|(route, _)| route.ends_with(".html")).collect()
    };
    let (before, records) = (html(place), place.tree(".octavo/actions").len());
    place.edit(path, from, to);
    place.build();
    let after = html(place);
    let changed = after.iter().filter(|(route, bytes)| before.get(*route) != Some(bytes));
    (changed.map(|(route, _)| route.clone()).collect(), place.tree(".octavo/actions").len() - records - 1)
}

#[test]
fn an_edit_writes_the_pages_that_show_it_and_no_others() {
    let place = sections(300, 5);
    place.build();
    let text = edited(&place, "experiments/s030/p152.md", "Text of", "The first text of");
    assert_eq!(text, (vec!["s030/p152.html".to_owned()], 1));
    // Its section has its title in the navigation, and the neighbours of its section, which turn to it, do not.
    let title = edited(&place, "experiments/s030/p152.md", "# Page 152", "# Another title");
    let mut shown: Vec<String> = (150..155).map(|page| format!("s030/p{page}.html")).collect();
    shown.insert(0, "s030/index.html".to_owned());
    let with_contents = [vec!["contents.html".to_owned()], shown].concat();
    let with_lists = [with_contents, vec!["search.html".to_owned()]].concat();
    assert_eq!(title, (with_lists, 6));
    // A heading that others link to is theirs to know only if they do.
    place.write("experiments/s001/p005.md", "# Page 5\n\n[There](../s030/p152.md#place)\n");
    place.edit("experiments/s030/p152.md", "The first", "## Place\n\nThe first");
    place.build();
    let anchor = edited(&place, "experiments/s030/p152.md", "## Place", "## Further place {#place}");
    assert_eq!(anchor, (vec!["s030/p152.html".to_owned()], 1));
    // A page more, in the last section.
    let records = place.tree(".octavo/actions").len();
    place.write("experiments/s059/p300.md", "# Page 300\n");
    place.build();
    // The page, those of its section, and no other; and the index.
    assert_eq!(place.tree(".octavo/actions").len() - records, 8);
}

#[test]
fn a_card_shows_the_first_figure_of_its_page() {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 6\n\
        [figures.way]\nfrom = \"vertices\"\nmark = \"line\"\nx = \"x\"\ny = \"y\"\ntitle = { en = \"Way\", fr = \"Chemin\" }\n\
        [figures.other]\nfrom = \"vertices\"\nmark = \"point\"\nx = \"x\"\ny = \"y\"\n";
    let place = Place::project(&[
        ("index.md", "# Home\n"),
        ("index.fr.md", "# Accueil\n"),
        ("words.md", "# Words\n\nNone.\n"),
        ("words.fr.md", "# Mots\n\nAucun.\n"),
        ("drawn.md", "# Drawn\n\nText.\n\n![Way](figure:a#way)\n\n![Other](figure:a#other)\n"),
        ("drawn.fr.md", "# Tracé\n\n![Chemin](figure:a#way)\n\n![Autre](figure:a#other)\n"),
        ("a.toml", strip),
    ]);
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place.build();
    let card = |route: &str, title: &str| {
        let html = place.read(route);
        let (before, _) = html.split_once(&format!("<strong>{title}</strong>")).expect("there is a card");
        before.rsplit("<li>").next().expect("it begins").to_owned()
    };
    let picture = |card: &str| {
        let (_, rest) = card.split_once("<img src=\"")?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let shown = card("site/index.html", "Drawn");
    let url = picture(&shown).expect("it has a picture");
    assert!(
        url.starts_with("figures/a/way.small-") && shown.contains("alt=\"\" loading=\"lazy\""),
        "{shown}"
    );
    assert!(place.path(&format!("site/{url}")).exists());
    assert_eq!(
        picture(&card("site/fr/index.html", "Tracé")),
        Some(format!("../{url}")),
        "languages share it"
    );
    assert_eq!(picture(&card("site/index.html", "Words")), None);
    place.edit("experiments/drawn.md", "![Way](figure:a#way)\n\n", "");
    place.edit("experiments/a.toml", "folds = 6", "folds = 5");
    place.build();
    let other = picture(&card("site/index.html", "Drawn")).expect("it has a picture");
    assert!(other.starts_with("figures/a/other.small-"), "{other}");
    assert_ne!(picture(&card("site/fr/index.html", "Tracé")), Some(format!("../{url}")), "another drawing");
    place.edit("experiments/a.toml", "folds = 5", "folds = 500");
    place.octavo(&["build"]).run().exits(2);
}
