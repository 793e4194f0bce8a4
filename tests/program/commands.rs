//! The smaller commands and the options that all commands share.

use serde_json::Value as Json;

use crate::harness::{Place, assert_whole};

#[test]
fn check_runs_and_writes_nothing() {
    let place = Place::small();
    let before = place.tree("");
    let done = place.octavo(&["check"]).run().exits(0).prints_nothing();
    done.says(&["15 experiments with 36 tasks and 12 pages are good"]);
    assert_eq!(place.tree(""), before);
}

#[test]
fn list_names_experiments_pages_and_analyses() {
    let place = Place::small();
    let done = place.octavo(&["list"]).run().exits(0).says_nothing();
    done.prints(&["folding/strip", "dragon", "6 tasks", "transport/back"]);
    let done = place.octavo(&["list", "pages"]).run().exits(0);
    done.prints(&["folding/index.md\n", "folding/index.fr.md\n", "curvature/circle.md\n"]);
    let done = place.octavo(&["list", "analyses"]).run().exits(0);
    done.prints(&["regions", "dragon", "curvature", "sinkhorn", "revision"]);
}

#[test]
fn lists_are_json_for_other_programs() {
    let place = Place::small();
    let list = |what: &str| -> Json {
        let done = place.octavo(&["list", what, "--format", "json"]).run().exits(0).says_nothing();
        serde_json::from_str(&done.out).unwrap()
    };
    let experiments = list("experiments");
    let all = experiments["experiments"].as_array().unwrap();
    assert_eq!(all.len(), 15);
    let strip = all.iter().find(|one| one["experiment"] == "folding/strip").unwrap();
    assert_eq!((&strip["analysis"], &strip["tasks"]), (&"dragon".into(), &6.into()));
    assert!(strip["title"]["en"].is_string() && strip["claims"].is_array(), "{strip}");
    let pages = list("pages");
    let french = pages["pages"].as_array().unwrap().iter().find(|page| page["language"] == "fr").unwrap();
    let route = french["route"].as_str().unwrap();
    assert!(french["source"].as_str().unwrap().ends_with(".fr.md") && route.starts_with("fr/"), "{french}");
    assert!(french["title"].is_string() && french["draft"] == false, "{french}");
    let analyses = list("analyses");
    let dragon =
        analyses["analyses"].as_array().unwrap().iter().find(|one| one["analysis"] == "dragon").unwrap();
    assert!(
        dragon["revision"].is_u64() && dragon["title"].is_string() && dragon["command"].is_null(),
        "{dragon}"
    );
}

#[test]
fn a_command_line_that_cannot_be_read_is_told_in_the_form_that_it_asks_for() {
    let place = Place::new();
    let done =
        place.octavo(&["build", "--log-format", "json", "--proflie", "x"]).run().exits(2).prints_nothing();
    let lines = done.lines();
    assert_eq!((lines.len(), &lines[0]["event"], &lines[0]["code"]), (1, &"problem".into(), &"usage".into()));
    assert!(lines[0]["message"].as_str().unwrap().contains("--proflie"), "{}", lines[0]);
    let done = place.octavo(&["--log-format=json"]).run().exits(2);
    assert!(done.lines()[0]["message"].as_str().unwrap().contains("subcommand"), "{}", done.err);
    place.octavo(&["build", "--proflie", "x"]).run().exits(2).says(&["error: ", "--proflie", "Usage: "]);
    place.octavo(&["--help"]).run().exits(0).says_nothing();
}

#[test]
fn the_site_goes_where_it_is_told_and_not_over_what_others_wrote() {
    let place = Place::small();
    place.write("sub/x", "");
    place.octavo(&["-C", "experiments/folding", "build", "-o", "../../out/deep"]).run().exits(0);
    assert_whole(&place.tree("out/deep"));
    assert!(!place.exists("site"));
    place.write("taken/mine.txt", "mine");
    place.octavo(&["build", "-o", "taken"]).run().exits(2).says(&["taken"]);
    assert_eq!(place.tree("taken").len(), 1);
    for wrong in
        [".", "..", "experiments", "experiments/out", "experiments/../experiments/out/deep", "templates/x"]
    {
        place.octavo(&["build", "-o", wrong]).run().exits(2).says(&["error"]);
    }
    assert!(!place.exists(".octavo/tasks") && !place.exists("experiments/out/deep"));
    place.octavo(&["-o", "before", "build"]).run().exits(0);
    assert_whole(&place.tree("before"));
    place.octavo(&["clean", "--site", "-o", "before"]).run().exits(0);
    assert!(!place.exists("before") && place.exists("out/deep"));
    assert!(place.exists("octavo.toml") && place.exists("experiments/index.md"));
}

#[test]
fn a_date_is_stated_if_one_is_given() {
    let place = Place::project(&[("index.md", "# T\n")]);
    let stated = |value: &str| {
        place.octavo(&["build"]).env("SOURCE_DATE_EPOCH", value).run().exits(0);
        let manifest: serde_json::Value = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
        manifest["date"].clone()
    };
    assert_eq!(stated("1000000000"), "2001-09-09T01:46:40Z");
    assert_eq!(stated(""), serde_json::Value::Null);
    for wrong in ["yesterday", "-1", "1.5", "99999999999999999999"] {
        let done = place.octavo(&["build"]).env("SOURCE_DATE_EPOCH", wrong).run().exits(2);
        done.says(&["SOURCE_DATE_EPOCH", wrong]);
    }
}

#[test]
fn quiet_is_silent_and_colour_is_a_choice() {
    let place = Place::project(&[("index.md", "# T\n")]);
    place.octavo(&["build", "-q"]).run().exits(0).prints_nothing().says_nothing();
    place.write("experiments/a.toml", "title = 3\n");
    let plain = place.octavo(&["build"]).run().exits(2);
    assert!(!plain.err.contains('\u{1b}'), "{}", plain.err);
    let quiet = place.octavo(&["build", "-q"]).run().exits(2).says(&["error["]);
    assert!(!quiet.err.contains("nothing was run"));
    let colour = place.octavo(&["build", "--color", "always"]).run().exits(2);
    assert!(colour.err.contains('\u{1b}'), "{}", colour.err);
}

#[test]
fn a_profile_changes_what_it_says_and_an_unknown_one_is_told() {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [1, 2]\n[profiles.full]\nsweep.folds = [1, 2, 3, 4]\n";
    let place = Place::project(&[("a.toml", strip), ("index.md", "# T\n")]);
    assert_eq!(place.build().ran, 2);
    let full =
        place.octavo(&["build", "--profile", "full", "--log-format", "json"]).run().exits(0).published();
    assert_eq!((full.ran, full.remembered), (2, 2));
    place.octavo(&["build", "--profile", "fll"]).run().exits(2).says(&["error[unknown-profile]", "`full`"]);
}
