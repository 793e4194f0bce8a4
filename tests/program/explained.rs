//! What would run, and which input made it so: every kind of change, and the experiments that it concerns.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::harness::Place;

const STRIP: &str = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n[claims.eight]\ntext = \"Eight.\"\ncheck = \"most == 8\"\nexpect = \"undecided\"\n[figures.growth]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";
const NOISE: &str = "title = \"N\"\nanalysis = \"curvature\"\nseed = 7\nreplicates = 3\noutputs = [\"layers\"]\n[params]\nnetwork = { width = 3, depth = 2, activation = \"tanh\", sigma_w = 1.5, sigma_b = 0.1 }\n";
const FIRST: &str = "title = \"F\"\nanalysis = \"dragon\"\n[params]\nangle = 85\nfolds = 4\n";
const SECOND: &str =
    "title = \"A\"\nanalysis = \"dimension\"\n[params]\nset = { from = \"first\", artifact = \"curve\" }\n";

fn place() -> Place {
    let place = Place::project(&[
        ("strip.toml", STRIP),
        ("noise.toml", NOISE),
        ("first.toml", FIRST),
        ("second.toml", SECOND),
        (
            "costs.toml",
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"points.csv\" }\n",
        ),
        ("points.csv", "x\n0.5\n-1.5\n"),
        ("own.toml", "title = \"P\"\nanalysis = \"hostile\"\n[params]\nend = \"good\"\n"),
        ("strip.md", "# Strip\n\n![How it grows.](figure:growth)\n\n{{ value(\"most\") }} pieces.\n"),
    ]);
    place.write("plugins/hostile.sh", include_str!("plugins/hostile.sh"));
    place.write("templates/page.html", include_str!("../../templates/page.html"));
    place.write("templates/locales/fr.toml", include_str!("../../templates/locales/fr.toml"));
    place.write(
        "octavo.toml",
        "octavo = \"1\"\ntitle = \"Test\"\n[plugins.hostile]\ncommand = [\"sh\", \"plugins/hostile.sh\"]\nlimits = { time = 20 }\n",
    );
    place
}

/// What would become of the tasks of each experiment with any that is not remembered: how many would run and how many wait.
fn status(place: &Place) -> BTreeMap<String, (u64, u64)> {
    let done = place.octavo(&["status", "--format", "json"]).run().exits(0);
    let told: Json = serde_json::from_str(&done.out).unwrap();
    let count = |one: &Json, name: &str| one[name].as_u64().unwrap();
    let all = told["experiments"].as_array().unwrap().iter();
    let of = |one: &Json| {
        (one["experiment"].as_str().unwrap().to_owned(), (count(one, "would_run"), count(one, "waits")))
    };
    all.map(of).filter(|(_, counts)| *counts != (0, 0)).collect()
}

type Expected = &'static [(&'static str, u64, u64)];

const STRIP_FILE: &str = "experiments/strip.toml";

/// Edits: file, text, another one; what of each experiment would run and what waits; what is said of it.
const CASES: &[(&str, &str, &str, Expected, &str)] = &[
    (STRIP_FILE, "title", "# A comment.\ntitle", &[], ""),
    (STRIP_FILE, "folds = [2, 3]", "folds  = [ 2, 3 ]", &[], ""),
    (STRIP_FILE, "\"Eight.\"", "\"It has eight.\"", &[], ""),
    (STRIP_FILE, "max(segments)", "min(segments)", &[], ""),
    ("experiments/strip.md", "pieces", "segments", &[], ""),
    ("octavo.toml", "\"Test\"", "\"A test\"\nlanguages = [\"en\", \"fr\"]", &[], ""),
    // The seed of what draws no random numbers.
    (STRIP_FILE, "title", "seed = 9\ntitle", &[], ""),
    (STRIP_FILE, "[ 2, 3 ]", "[ 2, 3, 4 ]", &[("strip", 1, 0)], "sweep of folds [2,3] -> [2,3,4]"),
    (STRIP_FILE, "[sweep]", "[params]\nangle = 80\n[sweep]", &[("strip", 3, 0)], "angle 90 -> 80"),
    ("experiments/noise.toml", "seed = 7", "seed = 8", &[("noise", 3, 0)], "seed 7 -> 8"),
    ("experiments/noise.toml", "replicates = 3", "replicates = 4", &[("noise", 1, 0)], "replicates 3 -> 4"),
    ("experiments/noise.toml", "[\"layers\"]", "[\"layers.length\"]", &[("noise", 4, 0)], "outputs"),
    ("experiments/points.csv", "0.5", "0.25", &[("costs", 1, 0)], "input `points.csv` changed"),
    ("plugins/hostile.sh", "\n", "\n# more\n", &[("own", 1, 0)], "files of the plugin changed"),
    (
        "plugins/hostile.sh",
        "\"revision\":1",
        "\"revision\":2",
        &[("own", 1, 0)],
        "revision of the analysis 1 -> 2",
    ),
    ("templates/page.html", "\n", "\n{# A comment. #}\n", &[], "template `page.html` changed"),
    ("templates/locales/fr.toml", "\"Français\"", "\"français\"", &[], "language `fr` changed"),
    (
        "experiments/first.toml",
        "folds = 4",
        "folds = 5",
        &[("first", 1, 0), ("second", 0, 1)],
        "folds 4 -> 5",
    ),
];

#[test]
fn every_kind_of_change_makes_what_it_decides_run_and_nothing_else() {
    let place = place();
    assert_eq!(status(&place).len(), 6);
    place.octavo(&["status"]).run().exits(0).prints(&[
        "`strip`: 2 of 2 tasks would run (nothing was computed of it here)",
        "`second`: 1 of 1 task may run when `first` has results",
        "8 tasks would run, 1 may run after them, 0 are remembered",
    ]);
    place.build();
    assert_eq!(status(&place), BTreeMap::new());
    for (path, from, to, expected, why) in CASES.iter().copied() {
        place.edit(path, from, to);
        let expected: BTreeMap<String, (u64, u64)> =
            expected.iter().map(|(id, run, wait)| ((*id).to_owned(), (*run, *wait))).collect();
        assert_eq!(status(&place), expected, "{to}");
        let told = place.octavo(&["status"]).run().exits(0);
        assert!(told.out.contains(why), "{to}: {}", told.out);
        assert_eq!(place.octavo(&["build", "--dry-run"]).run().exits(0).out, told.out);
        let (least, most) = expected.values().fold((0, 0), |(a, b), (run, wait)| (a + run, b + run + wait));
        let ran = place.build().ran;
        assert!((least..=most).contains(&ran), "{to}: {ran}");
        assert_eq!(status(&place), BTreeMap::new(), "{to}");
    }
}

#[test]
fn another_name_runs_nothing_and_what_is_lost_is_said() {
    let place = place();
    place.build();
    for ending in ["toml", "md", "lock"] {
        let path = |name: &str| place.path(&format!("experiments/{name}.{ending}"));
        std::fs::rename(path("strip"), path("band")).unwrap();
    }
    assert_eq!(status(&place), BTreeMap::new());
    // What is not remembered any more.
    place.octavo(&["clean"]).run().exits(0);
    place.octavo(&["build"]).run();
    std::fs::remove_dir_all(place.path(".octavo/actions")).unwrap();
    place.octavo(&["status"]).run().exits(0).prints(&["(what was computed is not remembered any more)"]);
}

#[test]
fn after_a_build_the_change_before_it_is_told() {
    let place = place();
    place.build();
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    let before = [
        "1 of 2 tasks would run (sweep of folds [2,3] -> [2,4])",
        "before what was computed last, nothing was",
    ];
    place.octavo(&["explain", "strip"]).run().exits(0).prints(&before);
    place.octavo(&["explain", "strip folds=4"]).run().exits(0).prints(&["the task would run"]);
    place.octavo(&["explain", "strip folds=2"]).run().exits(0).prints(&["the task is remembered"]);
    place.build();
    let after = ["`strip`: 2 tasks remembered", "computed last since: sweep of folds [2,3] -> [2,4]"];
    for target in [
        "strip",
        "strip#growth",
        "strip#most",
        "strip#eight",
        "strip#scalars",
        "strip.html",
        "strip.md",
        "experiments/strip.md",
        "strip folds=4",
    ] {
        place.octavo(&["explain", target]).run().exits(0).prints(&after);
    }
    // A build that computes nothing forgets nothing.
    place.edit("experiments/strip.md", "pieces", "segments");
    place.build();
    place.octavo(&["explain", "strip#growth"]).run().exits(0).prints(&[
        "figure `strip#growth`",
        after[0],
        after[1],
    ]);
    let otherwise = "since then its tables, values or claims are defined otherwise";
    assert!(!place.octavo(&["explain", "strip#most"]).run().exits(0).out.contains(otherwise));
    place.edit("experiments/strip.toml", "max(segments)", "min(segments)");
    place.octavo(&["explain", "strip#most"]).run().exits(0).prints(&[after[0], otherwise]);
    let json = place.octavo(&["explain", "strip folds=4", "--format", "json"]).run().exits(0).out;
    let told: Json = serde_json::from_str(&json).unwrap();
    let change = json!([{ "kind": "sweep", "name": "folds", "old": "[2,3]", "new": "[2,4]" }]);
    assert_eq!((&told["task"], &told["experiments"][0]["last"]), (&json!("remembered"), &change));
    place
        .octavo(&["explain", "stripe"])
        .run()
        .exits(2)
        .says(&["there is nothing `stripe`", "did you mean `strip`"]);
}
