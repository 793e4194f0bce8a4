//! The documentation in `docs/` is itself a project: it builds without a warning, and its links lead to the same places on a page that
//! shows the Markdown files as they are.

use std::collections::BTreeSet;

use crate::harness::{Place, assert_whole};

/// A copy of `docs/` in a place of its own, without what was built there.
fn docs() -> Place {
    let place = Place::new();
    for (path, bytes) in
        crate::harness::read_tree(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"))
    {
        if !path.starts_with('.') {
            place.write(&format!("docs/{path}"), bytes);
        }
    }
    place
}

#[test]
fn the_documentation_builds_without_a_warning() {
    let place = docs();
    let done = place.octavo(&["-C", "docs", "build", "--strict"]).run().exits(0);
    done.says_nothing_of("warning").says_nothing_of("error");
    let site = place.tree("docs-site");
    assert_whole(&site);
    for page in ["index", "experiments", "templates", "interfaces", "plugin-protocol/v1/README"] {
        assert!(site.contains_key(&format!("{page}.html")), "{page}");
    }
    let home = place.read("docs-site/index.html");
    assert!(home.contains("href=\"writing.html\">Writing pages</a>"), "{home}");
    // What no page shows is not published.
    assert!(!site.keys().any(|path| path.ends_with(".ndjson") || path.ends_with("octavo.toml")));
}

/// The gallery draws every mark that the documentation names, and shows each figure's definition as it is.
#[test]
fn the_gallery_builds_without_a_warning_and_shows_every_mark() {
    let place = Place::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/gallery");
    for (path, bytes) in crate::harness::read_tree(&folder) {
        if !path.starts_with(".octavo") && !path.starts_with("site/") {
            place.write(&format!("gallery/{path}"), bytes);
        }
    }
    // Beside the script it is a link, which is not followed.
    place.write("gallery/plugins/octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py"));
    let done = place.octavo(&["-C", "gallery", "build", "--strict"]).run().exits(0);
    done.says_nothing_of("warning").says_nothing_of("error");
    assert_whole(&place.tree("gallery/site"));
    let tree = place.tree("gallery/experiments");
    let texts = |end: &str| -> Vec<String> {
        let of = tree.iter().filter(|(path, _)| path.ends_with(end));
        of.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap()).collect()
    };
    let (pages, definitions) = (texts(".md"), texts(".toml").concat());
    for page in &pages {
        let blocks = page.split("```toml\n").skip(1).map(|part| part.split("```").next().unwrap().trim_end());
        let blocks: Vec<&str> = blocks.collect();
        assert!(blocks.len() > 15 && blocks.iter().all(|block| definitions.contains(block)));
        let (_, row) = include_str!("../../docs/experiments.md").split_once("| `mark` | ").unwrap();
        let names = row.lines().next().unwrap().split('`').skip(1).step_by(2);
        let shown = |name: &str| {
            let drawn = page.lines().filter(|line| line.starts_with("mark = "));
            drawn.into_iter().any(|line| line.contains(&format!("\"{name}\"")))
        };
        assert_eq!(names.filter(|name| !shown(name)).collect::<Vec<_>>(), [""; 0], "the gallery lacks these");
    }
}

/// The place of a heading as a host of repositories makes it: small letters, digits, `-` and `_`; `-` for spaces.
fn place_of(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_of_the_documentation_lead_to_the_same_places_in_the_repository() {
    let place = docs();
    let tree = place.tree("docs");
    let text = |path: &str| String::from_utf8(tree[path].clone()).unwrap();
    let mut links = 0;
    for path in tree.keys().filter(|path| path.ends_with(".md")) {
        let written = text(path);
        for link in written.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            // The examples of pages have links of their own, to places that are not here.
            let Some((file, anchor)) = link.split_once('#') else { continue };
            let Some(target) = tree.get(file).or_else(|| file.is_empty().then(|| &tree[path])) else {
                continue;
            };
            let target = String::from_utf8(target.clone()).unwrap();
            let headings = target.lines().filter(|line| line.starts_with('#'));
            let places: BTreeSet<String> =
                headings.map(|line| place_of(line.trim_start_matches('#').trim())).collect();
            assert!(places.contains(anchor), "{path}: {link}");
            links += 1;
        }
    }
    assert!(links > 3, "{links}");
}

/// The rows `NAME.KEY` of docs/templates.md below the headings that hold a part of one, by `NAME`.
fn variables(section: &str) -> Vec<String> {
    let page = include_str!("../../docs/templates.md");
    let (_, rest) = page.split_once(&format!("\n### {section}\n")).unwrap_or_else(|| panic!("no {section}"));
    let rows = rest.split("\n#").next().unwrap().lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).filter(|name| name.contains('.')).collect()
}

/// A project that has something of everything, and templates that use every variable that the page names.
#[test]
fn templates_have_every_variable_that_is_documented() {
    let every = |sections: &[&str]| -> String {
        let names: Vec<String> = sections.iter().flat_map(|section| variables(section)).collect();
        assert!(!names.is_empty(), "{sections:?}");
        names.iter().map(|name| format!("{{{{ {name} }}}}\n")).collect()
    };
    let page = ["Of the site", "Of every page"];
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[figures.f]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\n[claims.c]\ntext = \"C\"\ncheck = \"segments > 0\"\n";
    let place = Place::project(&[
        ("a.toml", strip),
        ("index.md", "# Home\n"),
        ("a.md", "# A\n\n![F](figure:f)\n\n![T](table:levels)\n\n{{ claim(\"c\") }}\n"),
        ("b.md", "# B\n\n> [!NOTE]\n> Text.\n\n> [!EXERCISE]\n> > [!SOLUTION]\n> > Text [@w].\n"),
        ("works.bib", "@book{w, title = {W}, year = 2000}\n"),
    ]);
    place.edit("octavo.toml", "title", "bibliography = \"experiments/works.bib\"\ntitle");
    for (name, sections) in [
        ("home", &[page[0], page[1], "Of a page with text"][..]),
        ("page", &[page[0], page[1], "Of a page with text"]),
        ("claims", &page),
        ("analyses", &page),
        ("404", &page),
        ("analysis", &[page[0], page[1], "Of the pages on analyses"]),
        ("figure", &["`figure.html`"]),
        ("table", &["`table.html`"]),
        ("claim", &["`claim.html`"]),
        ("callout", &["`callout.html`"]),
        ("exercise", &["`exercise.html`"]),
        ("solution", &["`solution.html`"]),
        ("references", &["`references.html`"]),
    ] {
        place.write(&format!("templates/{name}.html"), every(sections));
    }
    place.octavo(&["build", "--strict"]).run().exits(0);
}

#[test]
fn every_variable_of_a_template_is_documented() {
    let page = include_str!("../../docs/templates.md");
    let names = ["site", "page", "figure", "table", "claim", "callout", "exercise", "solution", "references"];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut missing = BTreeSet::new();
    for (path, bytes) in crate::harness::read_tree(&folder).iter().filter(|(path, _)| !path.contains('/')) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(page.contains(path.as_str()), "{path} is not documented");
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))) {
            let mut parts = word.split('.');
            let (Some(first), Some(second)) = (parts.next(), parts.next()) else { continue };
            let known =
                second.is_empty() || second == "html" || page.contains(&format!("`{first}.{second}`"));
            // These are also what loops call one of several.
            let of_a_loop =
                [("claims.html", "claim"), ("figure.html", "table")].contains(&(path.as_str(), first));
            if names.contains(&first) && !known && !of_a_loop {
                missing.insert(format!("{first}.{second}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new(), "docs/templates.md does not name these");
}
