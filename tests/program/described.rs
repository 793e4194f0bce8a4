//! What the site says of itself to catalogues and archives: an RO-Crate, and how it is cited.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::harness::{CONFIG, Place};

const STRIP: &str = r#"
title = "A strip"
analysis = "dragon"
[sweep]
folds = [2, 3]
[figures.growth]
title = "Growth"
from = "scalars"
mark = "line"
x = "folds"
y = "segments"
"#;

const COSTS: &str =
    "title = \"Costs\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"points.csv\" }\n";

const CFF: &str = "title: Folds\nversion: 2.0\nkeywords: [folds]\nauthors:\n  - family-names: Poole\n    given-names: Ben\n    \
                   orcid: https://orcid.org/0000-0002-1825-0097\n    affiliation: Somewhere\n  - name: The Group\n";

fn place() -> Place {
    let place = Place::project(&[
        ("a/strip.toml", STRIP),
        ("costs.toml", COSTS),
        ("points.csv", "x\n0.5\n-1.5\n"),
        ("index.md", "# Home\n\n![Growth](figure:a/strip#growth)\n"),
    ]);
    place.write(
        "octavo.toml",
        format!("{CONFIG}published = \"2026-11-30\"\nlicence = \"MIT OR Apache-2.0\"\n"),
    );
    place.write("CITATION.cff", CFF);
    place
}

fn graph(place: &Place) -> Vec<Json> {
    let whole: Json = serde_json::from_str(&place.read("site/ro-crate-metadata.json")).unwrap();
    assert_eq!(whole["@context"], "https://w3id.org/ro/crate/1.2/context");
    whole["@graph"].as_array().unwrap().clone()
}

fn part<'g>(graph: &'g [Json], id: &str) -> &'g Json {
    graph.iter().find(|one| one["@id"] == id).unwrap_or_else(|| panic!("{id} is not in {graph:#?}"))
}

fn ids(list: &Json) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|one| one["@id"].as_str().unwrap()).collect()
}

/// All references in a value.
fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(object) if object.len() == 1 => {
            found.extend(object.get("@id").and_then(Json::as_str).map(str::to_owned));
        }
        Json::Object(object) => object.values().for_each(|value| references(value, found)),
        Json::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_site_its_runs_and_its_files_are_described() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let graph = graph(&place);
    let root = part(&graph, "./");
    for (key, expected) in
        [("datePublished", "2026-11-30"), ("name", "Test"), ("description", "Test"), ("version", "2.0")]
    {
        assert_eq!(root[key], expected, "{key}");
    }
    assert_eq!(ids(&root["author"]), ["https://orcid.org/0000-0002-1825-0097", "#person/The%20Group"]);
    assert_eq!(
        ids(&root["license"]),
        ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/Apache-2.0"]
    );
    assert_eq!(ids(&root["mentions"]), ["#run/a/strip", "#run/costs"]);
    let run = part(&graph, "#run/a/strip");
    assert_eq!(
        (&run["@type"], &run["instrument"]["@id"]),
        (&"CreateAction".into(), &"#analysis/dragon".into())
    );
    assert_eq!(
        (&run["name"], &run["actionStatus"]),
        (&"A strip".into(), &"http://schema.org/CompletedActionStatus".into())
    );
    assert_eq!(ids(&run["object"]), ["data/a/strip.toml"]);
    assert_eq!(ids(&run["result"]), ["data/a/strip/scalars.csv", "figures/a/strip/"]);
    let read = ids(&part(&graph, "#run/costs")["object"])
        .iter()
        .map(|id| part(&graph, id)["name"].clone())
        .collect::<Vec<_>>();
    assert_eq!(read, ["points.csv"]);
    for (id, name) in
        [("#octavo", "Octavo"), ("#analysis/dragon", "Dragon curve"), ("#person/The%20Group", "The Group")]
    {
        assert_eq!(part(&graph, id)["name"], name);
    }
}

#[test]
fn what_is_named_is_described_once_and_what_is_a_file_is_there() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let graph = graph(&place);
    let described: Vec<&str> = graph.iter().map(|one| one["@id"].as_str().unwrap()).collect();
    let known: BTreeSet<&str> = described.iter().copied().collect();
    assert_eq!(known.len(), described.len(), "{described:?}");
    let mut named = BTreeSet::new();
    graph
        .iter()
        .flat_map(|one| one.as_object().unwrap().values())
        .for_each(|value| references(value, &mut named));
    let elsewhere =
        |id: &&String| !known.contains(id.as_str()) && !id.starts_with("https://w3id.org/ro/crate/");
    assert_eq!(named.iter().filter(elsewhere).collect::<Vec<_>>(), Vec::<&String>::new());
    let kinds = ["File", "Dataset"];
    let files = graph.iter().filter(|one| kinds.contains(&one["@type"].as_str().unwrap_or_default()));
    let files: Vec<&str> = files.map(|one| one["@id"].as_str().unwrap()).collect();
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        assert!(place.exists(&format!("site/{file}")), "{file}");
    }
    // No null and no empty list stands for what is not known.
    let text = place.read("site/ro-crate-metadata.json");
    assert!(!text.contains("null") && !text.contains("[]"), "{text}");
}

#[test]
fn the_day_is_said_by_somebody_and_by_no_clock() {
    let place = place();
    let day = |place: &Place| part(&graph(place), "./")["datePublished"].as_str().unwrap().to_owned();
    let epoch = |place: &Place| place.octavo(&["build"]).env("SOURCE_DATE_EPOCH", "86400").run().exits(0);
    epoch(&place);
    assert_eq!(day(&place), "2026-11-30");
    place.edit("octavo.toml", "published = \"2026-11-30\"\n", "");
    epoch(&place);
    assert_eq!(day(&place), "1970-01-02");
    place.write("CITATION.cff", format!("{CFF}date-released: 2026-10-01\n"));
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(day(&place), "2026-10-01");
    place.octavo(&["check"]).run().exits(0).says_nothing_of("ro-crate");
    place.write("CITATION.cff", CFF);
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/ro-crate-metadata.json"));
    let why = "`ro-crate-metadata.json` will not be written, since nothing says when the site is published";
    place.octavo(&["check"]).run().exits(0).says(&[why, "published = \"2026-11-30\""]);
    std::fs::remove_file(place.path("CITATION.cff")).unwrap();
    place.octavo(&["check"]).run().exits(0).says_nothing_of("ro-crate");
}

#[test]
fn another_result_and_another_day_of_building_change_nothing_of_it() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let before = place.read("site/ro-crate-metadata.json");
    place.edit("experiments/points.csv", "-1.5", "-2.5");
    place.octavo(&["build"]).run().exits(0);
    let digest = |text: &str| text.split("#input/").nth(1).map(|rest| rest[..64].to_owned()).unwrap();
    let after = place.read("site/ro-crate-metadata.json");
    assert_eq!(before.replace(&digest(&before), &digest(&after)), after);
    assert_ne!(digest(&before), digest(&after));
}

#[test]
fn a_file_of_ones_own_at_the_same_place_stays() {
    let place = place();
    place.write("static/ro-crate-metadata.json", "{}");
    place.write("static/citation.bib", "mine");
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert_eq!(
        (place.read("site/ro-crate-metadata.json"), place.read("site/citation.bib")),
        ("{}".into(), "mine".into())
    );
}

#[test]
fn without_a_licence_that_is_said_and_one_without_a_name_stands_as_it_is() {
    let place = place();
    for (licence, name) in [("", "No licence is stated"), ("licence = \"CC BY 4.0\"\n", "CC BY 4.0")] {
        place.write("octavo.toml", format!("{CONFIG}published = \"2026-11-30\"\n{licence}"));
        place.octavo(&["build"]).run().exits(0);
        let graph = graph(&place);
        let licences = ids(&part(&graph, "./")["license"])
            .iter()
            .map(|id| part(&graph, id)["name"].clone())
            .collect::<Vec<_>>();
        assert_eq!(licences, [name]);
    }
}

#[test]
fn the_citation_can_be_downloaded() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let bibtex = place.read("site/citation.bib");
    assert!(bibtex.starts_with("@software{poole,\n  author = {Poole, Ben and {The Group}},\n"), "{bibtex}");
    assert!(place.read("site/index.html").contains("<a href=\"citation.bib\" download>citation.bib</a>"));
    std::fs::remove_file(place.path("CITATION.cff")).unwrap();
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/citation.bib"));
}

/// What stands behind a key of a YAML file whose values are plain texts.
fn cff_says<'c>(cff: &'c str, key: &str) -> Vec<&'c str> {
    let start = format!("{key}: ");
    cff.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(&start)).collect()
}

#[test]
fn what_zenodo_is_told_is_what_the_citation_says() {
    let place = place();
    let cff =
        format!("{CFF}date-released: 2026-10-01\ntype: dataset\nlicense: CC-BY-4.0\nabstract: Of folds.\n");
    place.write("CITATION.cff", &cff);
    place.octavo(&["new", "zenodo"]).run().exits(0).says(&["wrote `.zenodo.json` from `CITATION.cff`"]);
    let told: Json = serde_json::from_str(&place.read(".zenodo.json")).unwrap();
    for (key, theirs) in [
        ("title", "title"),
        ("version", "version"),
        ("date-released", "publication_date"),
        ("license", "license"),
        ("type", "upload_type"),
        ("abstract", "description"),
    ] {
        assert_eq!(told[theirs], cff_says(&cff, key)[0], "{key}");
    }
    assert_eq!(told["keywords"], serde_json::json!(["folds"]));
    let creators = serde_json::json!([
        { "name": "Poole, Ben", "orcid": "0000-0002-1825-0097", "affiliation": "Somewhere" },
        { "name": "The Group" },
    ]);
    assert_eq!(told["creators"], creators);
    place.octavo(&["new", "zenodo"]).run().exits(0).says(&["`.zenodo.json` says what `CITATION.cff` says"]);
    place.edit("CITATION.cff", "version: 2.0", "version: 2.1");
    place.octavo(&["new", "zenodo"]).run().exits(2).says(&["exists and says something else", "--replace"]);
    place.octavo(&["new", "zenodo", "--replace"]).run().exits(0);
    assert!(place.read(".zenodo.json").contains("\"version\": \"2.1\""));
}

#[test]
fn zenodo_is_told_the_licence_of_the_project_where_the_citation_has_none() {
    let place = place();
    place.octavo(&["new", "zenodo"]).run().exits(0);
    let told: Json = serde_json::from_str(&place.read(".zenodo.json")).unwrap();
    assert_eq!((&told["license"], &told["upload_type"]), (&"MIT".into(), &"software".into()));
    assert!(told.get("publication_date").is_none() && told.get("description").is_none());
    std::fs::remove_file(place.path("CITATION.cff")).unwrap();
    place.octavo(&["new", "zenodo"]).run().exits(2).says(&["there is no `CITATION.cff` that can be read"]);
}
