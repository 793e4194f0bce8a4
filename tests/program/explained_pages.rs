//! Which pages an edit writes anew, and what is said of it before and after: every kind of thing that pages are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value as Json;

use crate::harness::Place;

const STRIP: &str = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n[values.least]\nfrom = \"scalars\"\nexpr = \"min(segments)\"\n[claims.eight]\ntext = \"Eight.\"\ncheck = \"most == 8\"\nexpect = \"undecided\"\n[figures.growth]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";

fn place() -> Place {
    let place = Place::project(&[
        ("strip.toml", STRIP),
        ("index.md", "# Home\n\nThere are pages.\n"),
        ("drawn.md", "# Drawn\n\n![How it grows.](figure:strip#growth)\n"),
        ("told.md", "# Told\n\n{{ value(\"strip#most\") }} pieces.\n\nSee [the other](works.md).\n"),
        ("judged.md", "# Judged\n\n{{ claim(\"strip#eight\") }}\n"),
        ("works.md", "# Works\n\nAs [@someone2001] says.\n"),
        ("works.bib", "@book{someone2001, author = {A. Someone}, title = {A book}, year = {2001}}\n"),
    ]);
    place.write("templates/page.html", include_str!("../../templates/page.html"));
    place.write("templates/assets/style.css", include_str!("../../templates/assets/style.css"));
    place.write("templates/locales/en.toml", include_str!("../../templates/locales/en.toml"));
    place
        .write("octavo.toml", "octavo = \"1\"\ntitle = \"Test\"\nbibliography = \"experiments/works.bib\"\n");
    place
}

const ALL: &[&str] = &["index.html", "drawn.html", "told.html", "judged.html", "works.html"];

/// The routes of all pages that were ever written into the store, with their records.
fn written(place: &Place) -> BTreeSet<(String, String)> {
    let pages = |(record, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8_lossy(&bytes);
        let json = text.lines().find_map(|line| serde_json::from_str::<Json>(line).ok());
        let json = json.filter(|json| json["meta"]["parts"].is_object())?;
        let outputs = json["outputs"].as_object().unwrap().keys();
        let route = outputs.into_iter().find(|name| name.ends_with(".html")).unwrap().clone();
        Some((route, record))
    };
    place.tree(".octavo/actions").into_iter().filter_map(pages).collect()
}

fn explained(place: &Place, route: &str) -> Json {
    let out = place.octavo(&["explain", route, "--format", "json"]).run().exits(0).out;
    let mut told: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(told["pages"].as_array().unwrap().len(), 1, "{out}");
    told["pages"][0].take()
}

/// `kind name` of each change in a list.
fn changes(list: &Json) -> Vec<String> {
    let text = |one: &Json, key: &str| one[key].as_str().unwrap().to_owned();
    let one = |change: &Json| format!("{} {}", text(change, "kind"), text(change, "name"));
    list.as_array().into_iter().flatten().map(one).collect()
}

/// An edit: file, text, another one; pages that it writes anew; what is said of these before the build, and more that is said after it.
type Edit = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const EDITS: &[Edit] = &[
    // A page with a figure leads to the file that defines it.
    ("experiments/strip.toml", "title", "# A comment.\ntitle", &["drawn.html"], &["definition strip"], &[]),
    ("experiments/strip.toml", "[2, 3]", "[ 2, 3 ]", &["drawn.html"], &["definition strip"], &[]),
    ("experiments/works.md", "As [", "As  [", &["works.html"], &["text experiments/works.md"], &[]),
    ("experiments/works.md", " says", " wrote", &["works.html"], &["text experiments/works.md"], &[]),
    // The home page shows the figure in small.
    (
        "experiments/strip.toml",
        "[ 2, 3 ]",
        "[ 2, 4 ]",
        &["index.html", "drawn.html", "told.html", "judged.html"],
        &["definition strip"],
        &["drawing strip#growth"],
    ),
    (
        "experiments/strip.toml",
        "max(segments)",
        "max(2 * segments)",
        &["drawn.html", "told.html", "judged.html"],
        &[],
        &[],
    ),
    ("experiments/strip.toml", "min(segments)", "min(segments) + 1", &["drawn.html"], &[], &[]),
    ("experiments/strip.toml", "\"Eight.\"", "\"It has eight.\"", &["drawn.html", "judged.html"], &[], &[]),
    ("experiments/works.bib", "A. Someone", "B. Someone", ALL, &["file experiments/works.bib"], &[]),
    ("templates/page.html", "\n", "\n{# A comment. #}\n", ALL, &["template page.html"], &[]),
    ("templates/locales/en.toml", "\"Contents\"", "\"Pages\"", ALL, &["language en"], &[]),
    ("octavo.toml", "\"Test\"", "\"A test\"", ALL, &["file octavo.toml"], &[]),
    ("templates/assets/style.css", "\n", "\n/* A comment. */\n", &[], &[], &[]),
    ("experiments/works.md", "# Works", "# All works", ALL, &[], &[]),
    (
        "octavo.toml",
        "\"A test\"",
        "\"A test\"\nlanguages = [\"en\", \"fr\"]",
        ALL,
        &["file octavo.toml", "language fr"],
        &[],
    ),
];

#[test]
fn every_kind_of_change_writes_the_pages_that_show_it_and_is_named() {
    let place = place();
    place.octavo(&["explain", "told.html"]).run().exits(0).prints(&[
        "`told.html`: nothing of it is remembered here",
        "page `told.html` shows results of these",
    ]);
    place.build();
    for (path, from, to, expected, before, after) in EDITS.iter().copied() {
        place.edit(path, from, to);
        let what = format!("{path}: {from} -> {to}");
        let said = |key: &str| -> BTreeMap<&str, Vec<String>> {
            ALL.iter().map(|route| (*route, changes(&explained(&place, route)[key]))).collect()
        };
        let has_all = |said: &BTreeMap<&str, Vec<String>>, wanted: &[&str]| {
            let mut of_expected = said.iter().filter(|(route, _)| expected.contains(route));
            let has = |(_, said): (&&str, &Vec<String>)| {
                wanted.iter().all(|one| said.iter().any(|said| said == one))
            };
            if expected == ALL { of_expected.all(has) } else { of_expected.any(has) || expected.is_empty() }
        };
        let foretold = said("changes");
        assert!(has_all(&foretold, before), "{what}: {foretold:?}");
        let others = foretold.iter().filter(|(route, said)| !expected.contains(route) && !said.is_empty());
        assert_eq!(others.count(), 0, "{what}: {foretold:?}");
        let known = written(&place);
        place.build();
        let now = written(&place);
        let new: BTreeSet<&str> = now.difference(&known).map(|(route, _)| route.as_str()).collect();
        let new: BTreeSet<&str> = new.into_iter().filter(|route| !route.starts_with("fr/")).collect();
        assert_eq!(new, expected.iter().copied().collect(), "{what}");
        let told = said("last");
        assert!(has_all(&told, &[before, after].concat()), "{what}: {told:?}");
        assert!(expected.iter().all(|route| !told[route].is_empty()), "{what}: {told:?}");
        assert!(said("changes").values().all(Vec::is_empty), "{what}");
    }
}

#[test]
fn people_are_told_of_templates_languages_styles_and_names() {
    let place = place();
    place.build();
    let explain = |target: &str| place.octavo(&["explain", target]).run().exits(0);
    explain("works.md").prints(&[
        "`works.html`: is as it was written, unless results differ\n  before it was written last, nothing is known of it\n",
        "page `works.md` shows no results",
    ]);
    let status = || place.octavo(&["status"]).run().exits(0).out;
    assert!(!status().contains("all pages"), "{}", status());
    place.edit("templates/page.html", "\n", "\n{# A comment. #}\n");
    place.edit("templates/assets/style.css", "\n", "\n/* A comment. */\n");
    explain("works.html").prints(&[
        "`works.html`: would be written anew (template `page.html` changed)",
        "  would look otherwise: `assets/style.css`, which every page loads, changed",
    ]);
    for told in [
        "all pages would be written anew (template `page.html` changed)\n",
        "all pages would look otherwise (`assets/style.css`, which every page loads, changed)\n",
    ] {
        assert!(status().contains(told), "{}", status());
    }
    place.build();
    assert!(!status().contains("all pages"), "{}", status());
    explain("works.html").prints(&[
        "  written last since: template `page.html` changed\n",
        "  looks otherwise since: `assets/style.css`, which every page loads, changed\n",
    ]);
    // Another name is another page; those beside it show that.
    fs::rename(place.path("experiments/works.md"), place.path("experiments/sources.md")).unwrap();
    place.edit("experiments/told.md", "works.md", "sources.md");
    place.build();
    explain("sources.html").prints(&["`sources.html`: is as it was", "nothing is known of it"]);
    explain("judged.html").prints(&["written last since: what it shows of other pages changed\n"]);
    place.octavo(&["explain", "works.html"]).run().exits(2).says(&["there is nothing `works.html`"]);
    // A page with which something is wrong keeps what was known of it.
    place.edit(
        "experiments/strip.toml",
        "[values.most]",
        "[tables.none]\nfrom = \"scalars\"\nwhere = { folds = 9 }\n[values.most]",
    );
    place.edit("experiments/told.md", "pieces.", "pieces.\n\n{{ table(\"strip#none\") }}");
    place.octavo(&["build"]).run().exits(0).says(&["the table `strip#none` has no rows"]);
    explain("told.html").prints(&[
        "would be written anew (text `experiments/told.md` changed; definition of `strip#none` is new)",
    ]);
    // What is not remembered any more is no trouble.
    fs::remove_dir_all(place.path(".octavo/actions")).unwrap();
    place.octavo(&["explain", "judged.html"]).run().exits(0).prints(&["nothing of it is remembered here"]);
}

#[test]
fn a_text_is_explained_in_each_language_that_shows_it() {
    let place = place();
    place.edit("octavo.toml", "\"Test\"", "\"Test\"\nlanguages = [\"en\", \"fr\"]");
    place.write("experiments/works.fr.md", "# Travaux\n\nComme dit [@someone2001].\n");
    place.build();
    let routes = |target: &str| {
        let out = place.octavo(&["explain", target, "--format", "json"]).run().exits(0).out;
        let told: Json = serde_json::from_str(&out).unwrap();
        let route = |page: &Json| page["route"].as_str().unwrap().to_owned();
        told["pages"].as_array().unwrap().iter().map(route).collect::<Vec<_>>()
    };
    assert_eq!(routes("works.md"), ["works.html"]);
    assert_eq!(routes("experiments/works.fr.md"), ["fr/works.html"]);
    assert_eq!(routes("fr/works.html"), ["fr/works.html"]);
    assert_eq!(routes("told.md"), ["told.html", "fr/told.html"]);
    assert_eq!(routes("fr/told.html"), ["fr/told.html"]);
    assert_eq!(routes("strip#most"), [""; 0]);
}
