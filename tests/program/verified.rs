//! A rebuild elsewhere: equal where nothing depends on what must not matter, and else each difference named as what it is.

use std::fs;

use serde_json::Value as Json;

use crate::harness::{Done, Place};

const STRIP: &str = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n[claims.eight]\ntext = \"Eight.\"\ncheck = \"most == 8\"\n[figures.growth]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";

/// A project with an experiment of a plugin that depends on something, and one of an analysis that does not.
fn moody(on: &str) -> Place {
    let mood = format!(
        "title = \"M\"\nanalysis = \"moody\"\n[params]\non = \"{on}\"\n[values.high]\nfrom = \"rows\"\nwhere = {{ step = 2 }}\nexpr = \"max(height)\"\n[figures.steps]\nfrom = \"rows\"\nmark = \"line\"\nx = \"step\"\ny = \"height\"\n"
    );
    let place = Place::project(&[
        ("mood.toml", &mood),
        ("mood.md", "# Mood\n\nIts height is {{ value(\"high\") }}.\n\n![Steps.](figure:steps)\n"),
        ("strip.toml", STRIP),
        ("strip.md", "# Strip\n\nAt most {{ value(\"most\") }}.\n\n![Growth.](figure:growth)\n"),
    ]);
    place.write("plugins/moody.py", include_str!("plugins/moody.py"));
    place.write("plugins/octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py"));
    place.write(
        "octavo.toml",
        "octavo = \"1\"\ntitle = \"Test\"\nlanguages = [\"en\", \"fr\"]\n[plugins.moody]\ncommand = [\"python3\", \"plugins/moody.py\"]\ninputs = [\"plugins/*.py\"]\n",
    );
    place.octavo(&["build", "--quiet"]).run().exits(0);
    place
}

fn differences(done: &Done) -> Vec<Json> {
    done.lines().into_iter().filter(|line| line["event"] == "difference").collect()
}

#[test]
fn what_depends_on_nothing_has_the_same_bytes() {
    let place = moody("nothing");
    let (site, locks) = (place.tree("site"), place.read("experiments/mood.lock"));
    place
        .octavo(&["verify"])
        .run()
        .exits(0)
        .says(&["building once more with", "and results of 3 tasks: the rebuild has the same bytes"]);
    let done = place.octavo(&["verify", "--log-format", "json", "--experiment", "strip"]).run().exits(0);
    let lines = done.lines();
    let compared = lines.iter().find(|line| line["event"] == "compared").unwrap();
    assert_eq!((&compared["tasks"], &compared["files"]), (&2.into(), &0.into()));
    assert!(lines.iter().all(|line| line["experiment"] != "mood"), "{lines:?}");
    assert_eq!((place.tree("site"), place.read("experiments/mood.lock")), (site, locks));
}

#[test]
fn a_fault_is_found_and_named_as_a_cell() {
    // By `set` rows follow the order of a hash table, and by `sum` a sum the number of its parts.
    for on in ["clock", "hash", "set", "threads", "sum", "locale", "zone", "lanes", "folder", "mask"] {
        let place = moody(on);
        let done = place.octavo(&["verify", "--log-format", "json"]).run().exits(3);
        let found = differences(&done);
        let is_cell = |one: &&Json| {
            one["kind"] == "cell"
                && one["task"] == "mood"
                && one["name"] == "rows"
                && one["row"] == 2
                && one["column"] == "height"
                && one["standing"] != one["rebuilt"]
        };
        assert_eq!(found.iter().filter(is_cell).count(), 1, "{on}: {found:#?}");
        // It goes on, and blames nothing else.
        for (kind, name) in [
            ("scalar", "mood"),
            ("value", "high"),
            ("figure", "steps"),
            ("page", "mood.html"),
            ("page", "fr/mood.html"),
        ] {
            assert!(
                found.iter().any(|one| one["kind"] == kind && one["name"] == name),
                "{on}: {kind} {found:#?}"
            );
        }
        let of_other = |one: &&Json| one["experiment"] == "strip" || one["name"] == "strip.html";
        assert_eq!(found.iter().filter(of_other).count(), 0, "{on}: {found:#?}");
    }
}

#[test]
fn what_is_left_over_from_tasks_before_is_found() {
    let place = moody("order");
    place.edit("experiments/mood.toml", "[values.high]", "[sweep]\nsize = [1, 2, 3, 4, 5, 6]\n[values.high]");
    place.edit("experiments/mood.toml", "where = { step = 2 }", "where = { step = 2, size = 1 }");
    place.octavo(&["clean"]).run().exits(0);
    place.octavo(&["build", "--quiet", "--jobs", "1"]).run().exits(0);
    let verify = || {
        let done = place.octavo(&["verify", "--jobs", "1", "--log-format", "json"]).run().exits(3);
        differences(&done)
    };
    let found = verify();
    let tasks = found.iter().filter(|one| one["kind"] == "cell" && one["row"] == 2).count();
    assert!(tasks > 1, "{found:#?}");
    assert_eq!(verify(), found, "no difference comes and goes");
}

#[test]
fn differences_are_told_to_people_and_nothing_is_left_behind() {
    let place = moody("threads");
    let temporary = place.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let verify = |arguments: &[&str]| {
        let arguments = [&["verify"], arguments].concat();
        place.octavo(&arguments).env("TMPDIR", temporary.to_str().unwrap()).run()
    };
    let left = || fs::read_dir(&temporary).unwrap().count();
    verify(&[]).exits(3).says(&[
        "differs: `mood`: scalar `mood`: 1 -> 2\n",
        "differs: `mood`: table `rows`, row 2, column `height`: 21 -> 22\n",
        "differs: value `mood#high`: 21 -> 22\n",
        "differs: figure `mood#steps` (figures/mood/steps.csv, ",
        "differs: page `mood.html`, line ",
        "ts height is 21.</p>\" -> \"",
    ]);
    assert_eq!(left(), 0);
    verify(&["--keep", "--experiment", "mood"])
        .exits(3)
        .says(&["the rebuild is in `"])
        .says_nothing_of("differs: page");
    assert_eq!(left(), 1);
}

#[test]
fn what_somebody_changed_in_the_site_or_the_store_is_found() {
    let place = moody("nothing");
    let page = place.read("site/strip.html");
    place.write("site/strip.html", page.replace("At most", "At least"));
    let data: Vec<String> =
        place.tree("site/data").into_keys().filter(|route| route.starts_with("strip/")).collect();
    let data = format!("site/data/{}", data[0]);
    let rows = place.read(&data);
    place.write(&data, rows.replacen(",4", ",5", 1));
    place.octavo(&["verify"]).run().exits(3).says(&[
        "differs: page `strip.html`, line ",
        "At least 8",
        "differs: published rows of `strip#scalars`, row 1, column `",
        "2 differences to the rebuild",
    ]);
    place.octavo(&["build"]).run().exits(0);
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    place
        .octavo(&["verify"])
        .run()
        .exits(3)
        .says(&["1 task of the definitions as they are now have no result here"]);
    place.octavo(&["clean"]).run().exits(0);
    place.octavo(&["verify"]).run().exits(2).says(&["there is no site in", "`octavo build` publishes one"]);
    place.octavo(&["verify", "--experiment", "strp"]).run().exits(2).says(&["did you mean `strip`?"]);
}

#[test]
fn files_in_allowed_folders_and_failures_are_as_they_are_there() {
    let place = Place::with(&[
        ("data/points.csv", "x\n0.5\n-1.5\n"),
        ("mine/octavo.toml", "octavo = \"1\"\ntitle = \"Test\"\n[paths]\nallow = [\"../data\"]\n"),
        (
            "mine/experiments/costs.toml",
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"../../data/points.csv\" }\n",
        ),
        ("mine/experiments/index.md", "# Costs\n"),
    ]);
    place.octavo(&["-C", "mine", "build"]).run().exits(0);
    place
        .octavo(&["-C", "mine", "verify"])
        .run()
        .exits(0)
        .says(&["results of 1 task: the rebuild has the same bytes"]);
    // The rebuild fails where the build does.
    place.write(
        "mine/experiments/long.toml",
        "title = \"L\"\nanalysis = \"dragon\"\n[limits]\ntime = 0.000001\n[params]\nfolds = 24\n",
    );
    place.octavo(&["-C", "mine", "build"]).run().exits(1);
    place.octavo(&["-C", "mine", "verify"]).run().exits(1);
}
