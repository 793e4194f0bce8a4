//! `octavo store`, its files, and builds of stored results alone.

use std::fs;
use std::process::Command;

use serde_json::Value as Json;

use crate::harness::{Place, assert_whole};

const STRIP: &str = "title = \"A strip\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n\
    [values.longest]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n\
    [figures.growth]\nfrom = \"scalars\"\nmark = \"line\"\nx = \"folds\"\ny = \"segments\"\n\
    [claims.eight]\ntext = \"Three folds make eight\"\ncheck = \"longest == 8\"\n";
const PAGE: &str = "# A strip\n\n![G.](figure:growth)\n\n![T.](table:scalars)\n\n{{ value(\"longest\") }}\n\n{{ claim(\"eight\") }}\n";
const OTHER: &str = "title = \"Another\"\nanalysis = \"dragon\"\n[params]\nfolds = 5\n";

fn project() -> Place {
    Place::project(&[
        ("folding/strip.toml", STRIP),
        ("folding/strip.md", PAGE),
        ("other.toml", OTHER),
        ("index.md", "# Home\n"),
    ])
}

/// What a command prints, without what else there may be.
fn stored(place: &Place) -> Json {
    let done = place.octavo(&["store", "--format", "json"]).run().exits(0);
    serde_json::from_str(&done.out).unwrap()
}

#[test]
fn what_is_remembered_is_told_by_kind_and_by_experiment() {
    let place = project();
    let empty = stored(&place);
    assert_eq!((&empty["records"]["count"], &empty["records"]["oldest"]), (&Json::from(0), &Json::Null));
    place.octavo(&["build"]).run().exits(0);
    let all = stored(&place);
    let of = |id: &str, all: &Json| {
        let found =
            all["experiments"].as_array().unwrap().iter().find(|one| one["experiment"] == id).cloned();
        found.unwrap_or_else(|| panic!("{id} is not in {all:#}"))
    };
    assert_eq!(of("folding/strip", &all)["count"], 2);
    assert_eq!((&of("other", &all)["count"], &all["of_no_experiment"]["count"]), (&1.into(), &0.into()));
    let parts = [&of("folding/strip", &all), &of("other", &all), &all["made"]];
    let sum: u64 = parts.iter().map(|part| part["count"].as_u64().unwrap()).sum();
    assert_eq!(all["records"]["count"], sum);
    assert!(all["made"]["count"].as_u64() > Some(2) && all["lines"]["bytes"].as_u64() > Some(0), "{all:#}");
    assert!(all["results"]["newest"].as_str().unwrap().ends_with('Z'), "{all:#}");
    // What was computed under another definition is nobody's today.
    place.edit("experiments/other.toml", "folds = 5", "folds = 6");
    let after = stored(&place);
    assert_eq!(after["of_no_experiment"]["count"], 1);
    assert!(!after["experiments"].as_array().unwrap().iter().any(|one| one["experiment"] == "other"));
    let done = place.octavo(&["store"]).run().exits(0);
    done.prints(&[
        "by kind:\n  records",
        "\n  results",
        "\n  lines",
        "by experiment",
        "  folding/strip ",
        "2 records",
    ]);
    // A definition that is wrong is no reason to say nothing.
    place.edit("experiments/other.toml", "folds = 6", "folds = \"x\"");
    place
        .octavo(&["store"])
        .run()
        .exits(0)
        .says(&["1 error in definitions", "octavo check"])
        .prints(&["records"]);
}

#[test]
fn a_store_travels_as_a_file_and_is_built_from_alone() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    let site = place.tree("site");
    place.octavo(&["store", "export", "a.tar"]).run().exits(0).says(&["wrote", "records", "into `a.tar`"]);
    place.octavo(&["store", "export", "b.tar"]).run().exits(0);
    assert!(fs::read(place.path("a.tar")).unwrap() == fs::read(place.path("b.tar")).unwrap());
    let done = place.octavo(&["store", "export", "a.tar"]).run().exits(2);
    done.says(&["error[archive]", "a.tar` exists", "nothing was written"]);
    // Other programs read it, too.
    if let Ok(tar) = Command::new("tar").arg("-tf").arg(place.path("a.tar")).output() {
        let names = String::from_utf8(tar.stdout).unwrap();
        assert!(tar.status.success() && names.starts_with("version\nblobs/") && names.contains("\nactions/"));
    }
    fs::remove_dir_all(place.path(".octavo")).unwrap();
    fs::remove_dir_all(place.path("site")).unwrap();
    let done = place.octavo(&["--log-format", "json", "store", "import", "a.tar"]).run().exits(0);
    let event = done.lines().into_iter().find(|line| line["event"] == "imported").unwrap();
    assert!(event["records"].as_u64() > Some(3) && event["known"] == 0, "{event}");
    let done = place.octavo(&["store", "import", "a.tar"]).run().exits(0);
    done.says(&["0 records and 0 results are new", "were there already"]);
    place.octavo(&["build", "--from-store"]).run().exits(0).says(&["0 tasks run, 3 remembered"]);
    assert_eq!(crate::harness::differences(&place.tree("site"), &site), "");
}

#[test]
fn a_file_that_is_no_good_is_refused_with_its_entry() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    place.octavo(&["store", "export", "a.tar"]).run().exits(0);
    let mut bytes = fs::read(place.path("a.tar")).unwrap();
    bytes[2 * 512 + 512] ^= 1;
    fs::write(place.path("bad.tar"), bytes).unwrap();
    fs::remove_dir_all(place.path(".octavo")).unwrap();
    let done = place.octavo(&["store", "import", "bad.tar"]).run().exits(2);
    done.says(&["error[archive]: the entry `blobs/", "bad.tar` is damaged", "nothing was imported"]);
    assert_eq!(stored(&place)["records"]["count"], 0);
    place.octavo(&["store", "import", "none.tar"]).run().exits(2).says(&["none.tar` is not there"]);
    place.octavo(&["store", "import", "octavo.toml"]).run().exits(2).says(&["octavo.toml` ends too early"]);
}

#[test]
fn what_is_not_stored_fails_without_being_run() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    place.octavo(&["build", "--from-store"]).run().exits(0).says(&["0 tasks run, 3 remembered"]);
    place.edit("experiments/folding/strip.toml", "folds = [2, 3]", "folds = [2, 4]");
    let done = place.octavo(&["build", "--from-store"]).run().exits(1);
    done.says(&[
        "folding/strip folds=4: failed",
        "the result is not in the store",
        "octavo store import",
        "0 tasks run, 2 remembered, 1 failed",
    ])
    .says_nothing_of("folds=2");
    let site = place.tree("site");
    assert_whole(&site);
    assert!(place.read("site/folding/strip.html").contains("the result is not in the store"));
    place.octavo(&["build", "--from-store", "--strict"]).run().exits(1).says(&["nothing was published"]);
    place.octavo(&["build"]).run().says(&["1 task run, 2 remembered"]);
    place.octavo(&["build", "--from-store"]).run().says(&["0 tasks run, 3 remembered"]);
}

#[test]
fn a_site_that_stands_is_no_stored_result() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    // What was written at the moment of a build is looked at again by the next one.
    std::thread::sleep(std::time::Duration::from_millis(150));
    place.octavo(&["build"]).run().exits(0);
    place.octavo(&["build", "--timings"]).run().exits(0).says_nothing_of("read the project");
    let site = place.tree("site");
    fs::remove_dir_all(place.path(".octavo/actions")).unwrap();
    let done = place.octavo(&["build", "--from-store"]).run().exits(1);
    done.says(&["other: failed (resource): the result is not in the store", "nothing was published"]);
    assert_eq!(crate::harness::differences(&place.tree("site"), &site), "");
}

#[test]
fn published_results_are_read_in_python_as_the_documentation_shows() {
    let place = project();
    place.octavo(&["build"]).run().exits(0);
    let documentation = include_str!("../../docs/interfaces.md");
    let (_, code) = documentation.split_once("```python\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let code = code.replace("path/to/project", place.path("").to_str().unwrap());
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/plugins/python");
    let done = Command::new("python3").args(["-c", &code]).env("PYTHONPATH", module).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "2 4\n3 8\n8\n{'eight': 'holds'}\n");
}
