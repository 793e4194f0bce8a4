//! Locks: what was accepted, what drifts and why, and what moves no line of them.

mod changes;
mod dashboard;
mod differs;
mod tolerances;

use serde_json::{Value as Json, json};

use crate::harness::Place;

/// Distances between two clouds of points; all numbers are floats. One cloud is read from a file.
const COSTS: &str = r#"
title = "Costs"
analysis = "sinkhorn"
[params]
source = { file = "points.csv" }
[values.price]
from = "scalars"
expr = "max(w1)"
[claims.positive]
text = "It costs something."
check = "price > 0.001"
"#;

const STRIP: &str = r#"
title = "A strip"
analysis = "dragon"
[sweep]
folds = [2, 3]
[values.most]
from = "scalars"
expr = "max(segments)"
[claims.eight]
text = "It has eight pieces."
check = "most == 8"
"#;

const NOISE: &str = r#"
title = "Lengths"
analysis = "curvature"
seed = 7
replicates = 8
outputs = ["layers"]
[params]
network = { width = 3, depth = 2, activation = "tanh", sigma_w = 1.5, sigma_b = 0.1 }
[values.last]
from = "layers"
where = { stage = "pre", layer = 2 }
expr = "mean(length)"
"#;

fn place() -> Place {
    Place::project(&[
        ("costs.toml", COSTS),
        ("points.csv", "x\n0.5\n-1.5\n"),
        ("strip.toml", STRIP),
        ("strip.md", "# Strip\n\nAt most {{ value(\"most\") }}.\n"),
    ])
}

/// All that is committed of what was accepted.
fn locks(place: &Place) -> Vec<(String, String)> {
    let of = |path: &str| place.exists(path).then(|| (path.to_owned(), place.read(path)));
    let all = ["experiments/costs.lock", "experiments/strip.lock", "experiments/noise.lock", "history.jsonl"];
    all.into_iter().filter_map(of).collect()
}

/// A copy without what is remembered and published.
fn clone(place: &Place) -> Place {
    let other = Place::new();
    for (path, bytes) in place.tree("") {
        if !path.starts_with(".octavo/") && !path.starts_with("site/") {
            other.write(&path, bytes);
        }
    }
    other
}

#[test]
fn the_first_build_writes_what_later_ones_are_held_against() {
    let place = place();
    let refused = place.octavo(&["build", "--locked"]).run().exits(3);
    refused.says(&["drift: `costs`: nothing was accepted yet", "experiments/costs.lock"]);
    assert!(locks(&place).is_empty() && !place.exists("octavo.lock"));
    place.octavo(&["build"]).run().exits(0).says(&["wrote 2 `.lock` and `octavo.lock`"]);
    let lock = place.read("experiments/strip.lock");
    for line in
        ["most = 8", "eight = \"holds\"", "folds = \"[2,3]\"", "analysis = \"dragon\"", "kind = \"dragon\""]
    {
        assert!(lock.lines().any(|there| there == line), "{line} is not in\n{lock}");
    }
    let written = locks(&place);
    for _ in 0..3 {
        place.octavo(&["build"]).run().exits(0).says_nothing_of("commit").says_nothing_of("accepted");
        place.octavo(&["build", "--locked"]).run().exits(0);
    }
    place.octavo(&["lock"]).run().exits(0).says(&["2 experiments: all results are as accepted"]);
    assert_eq!(locks(&place), written);
    let clone = clone(&place);
    clone.octavo(&["build", "--locked"]).run().exits(0);
    assert_eq!(locks(&clone), written);
    assert_eq!(clone.tree("site"), place.tree("site"));
}

#[test]
fn a_build_with_nothing_to_tell_of_drift_is_found_unchanged() {
    let place = place();
    let pause = || std::thread::sleep(std::time::Duration::from_millis(150));
    place.octavo(&["build", "--timings"]).run().exits(0);
    pause();
    // A project that is found unchanged is not read.
    let looked = "read the project";
    place.octavo(&["build", "--timings"]).run().exits(0).says(&[looked]);
    for arguments in [&["build", "--timings"][..], &["build", "--locked", "--timings"]] {
        place.octavo(arguments).run().exits(0).says(&["nothing changed"]).says_nothing_of(looked);
    }
    place.edit("experiments/strip.lock", "most = 8", "most = 9");
    pause();
    for _ in 0..2 {
        place.octavo(&["build", "--timings"]).run().exits(0).says(&[looked, "1 result is not as accepted"]);
    }
    place.edit("experiments/strip.lock", "most = 9", "most = 8");
    pause();
    place.octavo(&["build", "--locked", "--timings"]).run().exits(0).says(&[looked]);
    place.octavo(&["build", "--locked", "--timings"]).run().exits(0).says_nothing_of(looked);
    std::fs::remove_file(place.path("experiments/strip.lock")).unwrap();
    place.octavo(&["build", "--locked", "--timings"]).run().exits(3).says(&["nothing was accepted yet"]);
}

#[test]
fn what_moves_no_result_moves_no_line() {
    let place = place();
    place.build();
    let before = locks(&place);
    let edits = [
        ("experiments/strip.toml", "title = \"A strip\"", "# folded\ntitle   = \"The strip\" # again"),
        ("experiments/strip.md", "At most", "As many as"),
        ("experiments/strip.toml", "text = \"It", "text = \"The strip"),
        (
            "experiments/strip.toml",
            "[claims.eight]",
            "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n[claims.eight]",
        ),
        // A default that is written out, and an expression that says the same.
        ("experiments/strip.toml", "[sweep]", "params = { kind = \"dragon\" }\n[sweep]"),
        ("experiments/strip.toml", "\"max(segments)\"", "\"max(segments + 0)\""),
        ("octavo.toml", "Test", "Another title"),
        // Another revision of numerics that gives the same.
        ("octavo.lock", "numerics = ", "numerics = 10"),
    ];
    let root = place.read("octavo.lock");
    for (path, from, to) in edits {
        place.edit(path, from, to);
        place.octavo(&["build", "--locked"]).run().exits(0);
        place.octavo(&["build"]).run().exits(0);
        assert_eq!(locks(&place), before, "{to}");
    }
    assert_eq!(place.read("octavo.lock"), root);
}

#[test]
fn what_moved_is_told_with_its_cause_and_accepted() {
    let place = place();
    place.build();
    let before = locks(&place);
    place.edit("experiments/strip.toml", "folds = [2, 3]", "folds = [2, 4]");
    place.edit("experiments/strip.toml", "[sweep]", "params = { kind = \"twindragon\" }\n[sweep]");
    // Not accepted by a build; the claim comes after the drift.
    place
        .octavo(&["build"])
        .run()
        .exits(4)
        .says(&["`strip`: ", "results are not as accepted (kind dragon -> twindragon; "]);
    assert_eq!(locks(&place), before);
    let told = [
        "drift: `strip`: ",
        "value most: 8 -> 32 (relative 3.0e0)",
        "claim eight: holds -> refuted",
        "output scalars: ",
        "cause: kind dragon -> twindragon; sweep of folds [2,3] -> [2,4]",
    ];
    place.octavo(&["build", "--locked"]).run().exits(3).says(&told).says_nothing_of("`costs`");
    place.octavo(&["lock"]).run().exits(3).says(&told);
    assert_eq!(locks(&place), before);
    place
        .octavo(&["lock", "strip", "--accept", "--date", "2026-11-30", "-m", "A wider strip"])
        .run()
        .exits(0);
    place.octavo(&["build", "--locked"]).run().exits(4);
    let history = place.read("history.jsonl");
    let lines: Vec<Json> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        json!({ "date": "2026-11-30", "experiment": "strip", "item": "value", "name": "most", "old": 8, "new": 32,
            "cause": [{ "kind": "parameter", "name": "kind", "old": "dragon", "new": "twindragon" },
                { "kind": "sweep", "name": "folds", "old": "[2,3]", "new": "[2,4]" }],
            "message": "A wider strip" })
    );
    assert_eq!((lines[1]["item"].clone(), lines[1]["new"].clone()), (json!("claim"), json!("refuted")));
    // Nothing is left to accept.
    place.octavo(&["lock", "--accept"]).run().exits(0).says(&["all results are as accepted"]);
    assert_eq!(place.read("history.jsonl"), history);
}

#[test]
fn what_failed_comes_before_drift_and_is_held_against_nothing() {
    let place = place();
    // One of two tasks fails.
    let half = "title = \"H\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\n[sweep]\nmax_iterations = [2, 1000000]\n";
    let other = Place::project(&[("half.toml", half)]);
    other.octavo(&["build"]).run().exits(1);
    assert!(!other.exists("experiments/half.lock"));
    place.build();
    place.edit("experiments/points.csv", "x", "x,y");
    place.edit("experiments/strip.lock", "most = 8", "most = 9");
    let lock = place.read("experiments/costs.lock");
    place
        .octavo(&["build", "--locked"])
        .run()
        .exits(1)
        .says(&["drift: `strip`"])
        .says_nothing_of("drift: `costs`");
    place.octavo(&["build", "--locked", "--strict"]).run().exits(1).says(&["nothing was published"]);
    place.octavo(&["lock", "--accept"]).run().exits(1);
    assert_eq!(place.read("experiments/costs.lock"), lock);
    place.edit("experiments/points.csv", "x,y", "x");
    place.edit("experiments/strip.lock", "most = 8", "most = 9");
    place.octavo(&["build", "--locked", "--strict"]).run().exits(3).says(&["nothing was published"]);
}

#[test]
fn every_kind_of_cause_is_named() {
    let files = ["experiments/noise.toml", "experiments/costs.toml", "experiments/points.csv"];
    for (path, from, to, cause) in [
        (files[0], "seed = 7", "seed = 8", "cause: seed 7 -> 8"),
        (files[0], "replicates = 8", "replicates = 9", "cause: replicates 8 -> 9"),
        (files[0], "sigma_w = 1.5", "sigma_w = 1.25", "cause: network.sigma_w 1.5 -> 1.25"),
        (files[1], "max(w1)", "2 * max(w1)", "cause: tables, values or claims are defined otherwise"),
        (files[2], "0.5", "0.75", "cause: input `points.csv` changed"),
        ("experiments/costs.lock", "\nprice = ", "\nprice = 2", "cause: nothing that the lock knows of"),
    ] {
        let place = place();
        place.write("experiments/noise.toml", NOISE);
        place.build();
        place.edit(path, from, to);
        place.octavo(&["build", "--locked"]).run().exits(3).says(&[cause]);
    }
    let place = place();
    place.build();
    place.edit("octavo.lock", "numerics = ", "numerics = 10");
    place.edit("experiments/costs.lock", "\nprice = ", "\nprice = 2");
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["cause: numerics revision of the program 10"]);
    // It stays until all is accepted.
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("octavo.lock").contains("numerics = 10"));
    place.octavo(&["lock", "--accept"]).run().exits(0).says(&["the changes have no date"]);
    assert!(!place.read("octavo.lock").contains("numerics = 10"));
}

#[test]
fn results_of_others_and_files_of_plugins_are_causes() {
    let place = Place::project(&[
        ("first.toml", "title = \"F\"\nanalysis = \"dragon\"\n[params]\nfolds = 4\n"),
        (
            "second.toml",
            "title = \"S\"\nanalysis = \"dimension\"\n[params]\nset = { from = \"first\", artifact = \"curve\" }\n",
        ),
        ("bad.toml", "title = \"P\"\nanalysis = \"hostile\"\n[params]\nend = \"good\"\n"),
    ]);
    place.write("plugins/hostile.sh", include_str!("plugins/hostile.sh"));
    place.write(
        "octavo.toml",
        "octavo = \"1\"\ntitle = \"Test\"\n[plugins.hostile]\ncommand = [\"sh\", \"plugins/hostile.sh\"]\nlimits = { time = 20 }\n",
    );
    place.build();
    place.edit("experiments/first.toml", "folds = 4", "folds = 5");
    place.write("plugins/hostile.sh", include_str!("plugins/hostile.sh").to_owned() + "\n# more\n");
    let done = place.octavo(&["build", "--locked"]).run().exits(3);
    // The plugin computes the same, so that nothing drifted.
    done.says(&["cause: input `first#curve` changed"]).says_nothing_of("`bad`");
    let lock = place.read("experiments/bad.lock");
    let (before, digest) =
        lock.split_once("scalars = \"").or_else(|| lock.split_once("points\" = \"")).unwrap();
    place.write("experiments/bad.lock", format!("{before}scalars = \"00{}", &digest[2..]));
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["cause: files of the plugin changed"]);
}

#[test]
fn what_explores_is_not_accepted() {
    let place = Place::project(&[(
        "noise.toml",
        &format!("{NOISE}[claims.c]\ntext = \"C\"\ncheck = \"last > 0.1\"\n"),
    )]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\n[claims]\nexplore_seed = 1\n");
    place.octavo(&["build"]).run().exits(0);
    place.octavo(&["build", "--locked"]).run().exits(0);
    assert!(locks(&place).is_empty());
    place.octavo(&["claims", "register", "noise"]).run().exits(0);
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("experiments/noise.lock").contains("[[registered]]"));
    place.octavo(&["build", "--locked"]).run().exits(0);
    place.edit("experiments/noise.toml", "replicates = 8", "replicates = 9");
    let lock = place.read("experiments/noise.lock");
    place.octavo(&["build"]).run().exits(0).says(&["`noise` explores; what was accepted of it stays"]);
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["drift: `noise` explores"]);
    assert_eq!(place.read("experiments/noise.lock"), lock);
}

#[test]
fn a_profile_is_held_against_what_was_accepted_under_it() {
    let profile = "[profiles.full]\nreplicates = 12\n";
    let place = Place::project(&[("noise.toml", &format!("{NOISE}{profile}")), ("strip.toml", STRIP)]);
    place.build();
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(150));
        place.octavo(&["build", "--profile", "full"]).run().exits(0).says_nothing_of("accepted");
    }
    let told = ["results under the profile `full` cannot be held against those under no profile"];
    place
        .octavo(&["build", "--profile", "full", "--locked"])
        .run()
        .exits(3)
        .says(&told)
        .says_nothing_of("`strip`");
    place.octavo(&["lock", "--profile", "full", "--accept"]).run().exits(0);
    place.octavo(&["build", "--profile", "full", "--locked"]).run().exits(0);
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["under no profile cannot"]);
}

#[test]
fn a_lock_without_its_experiment_is_told() {
    let place = place();
    place.build();
    let lock = place.read("experiments/strip.lock");
    for ending in ["toml", "md"] {
        std::fs::rename(
            place.path(&format!("experiments/strip.{ending}")),
            place.path(&format!("experiments/band.{ending}")),
        )
        .unwrap();
    }
    place
        .octavo(&["build"])
        .run()
        .exits(0)
        .says(&["warning[lock-without-experiment]", "experiments/strip.lock"]);
    assert_eq!(place.read("experiments/band.lock"), lock);
    // A file of somebody else that ends so is a file like any.
    place.write("experiments/strip.lock", "version = 4\n");
    place.octavo(&["build"]).run().exits(0).says_nothing_of("lock-without-experiment");
}

#[test]
fn a_lock_that_cannot_be_read_is_told_with_its_line() {
    for (path, from, to, told) in [
        ("experiments/strip.lock", "most = 8", "most = = 8", ["error[bad-lock]", "experiments/strip.lock:"]),
        (
            "experiments/strip.lock",
            "most = 8",
            "<<<<<<< HEAD\nmost = 8",
            ["error[unmerged-lock]", "git checkout"],
        ),
        ("experiments/strip.lock", "[results.values]", "[results.numbers]", ["error[bad-lock]", "numbers"]),
        ("octavo.lock", "format = 1", "format = 2", ["error[newer-lock]", "octavo.lock:2:1"]),
        ("octavo.lock", "format = 1", "form = 1", ["error[bad-lock]", "octavo.lock"]),
    ] {
        let place = place();
        place.build();
        place.edit(path, from, to);
        place.octavo(&["build"]).run().exits(2).says(&told);
    }
    let place = place();
    place.build();
    place.edit("experiments/strip.lock", "most = 8", "most = 9");
    place.write("history.jsonl", "{}\n");
    place.octavo(&["lock", "--accept"]).run().exits(2).says(&["error[bad-history]", "history.jsonl:1:1"]);
    assert!(place.read("experiments/strip.lock").contains("most = 9"));
}

#[test]
fn a_lock_that_cannot_be_written_is_a_warning() {
    let place = place();
    place.write("experiments/strip.lock/some", "file");
    place.octavo(&["build"]).run().exits(0).says(&["warning[lock]", "strip.lock"]);
    assert!(place.exists("experiments/costs.lock") && place.exists("site/strip.html"));
}

#[test]
fn other_programs_read_of_drift_and_of_what_was_accepted() {
    let place = place();
    let events = place.octavo(&["build", "--log-format", "json"]).run().exits(0).lines();
    let accepted = events.iter().find(|event| event["event"] == "accepted").unwrap();
    assert_eq!(accepted["experiments"], json!(["costs", "strip"]));
    place.edit("experiments/strip.lock", "most = 8", "most = 10");
    let events = place.octavo(&["build", "--locked", "--log-format", "json"]).run().exits(3).lines();
    let drift = events.iter().find(|event| event["event"] == "drift").unwrap();
    let result =
        json!({ "item": "value", "name": "most", "old": 10, "new": 8, "relative": 0.2, "ulp": null });
    assert_eq!(
        *drift,
        json!({ "event": "drift", "experiment": "strip", "state": "moved", "results": [result], "cause": [] })
    );
}

#[test]
fn many_points_make_few_lines() {
    let folds = "folds = [2, 3]";
    let place = Place::project(&[(
        "strip.toml",
        &STRIP.replace(folds, "folds = [2, 3]\nangle = { from = 60, to = 90, step = 0.25 }"),
    )]);
    place.build();
    let lock = place.read("experiments/strip.lock");
    assert!(lock.lines().count() < 35 && lock.len() < 1500, "{lock}");
}

#[test]
fn two_branches_that_accept_something_each_are_merged_by_git() {
    let place = Place::new();
    place.octavo(&["new", "project", "p"]).run().exits(0);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(place.path("p")).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
        command.args(arguments).output().unwrap()
    };
    let octavo = |arguments: &[&str]| place.octavo(&[&["-C", "p"], arguments].concat()).run();
    let commit = |message: &str| {
        git(&["add", "-A"]);
        assert!(git(&["commit", "-qm", message]).status.success());
    };
    let driver = format!("{} lock merge %O %A %B %P", env!("CARGO_BIN_EXE_octavo"));
    git(&["init", "-qb", "main"]);
    git(&["config", "merge.octavo.driver", &driver]);
    octavo(&["build"]).exits(0);
    commit("first");
    let lock = "p/experiments/strip.lock";
    let accept = |branch: &str, from: &str, to: &str| {
        git(&["checkout", "-qb", branch, "main"]);
        place.edit(lock, from, to);
        place.write(
            "p/history.jsonl",
            format!(
                "{{\"experiment\":\"{branch}\",\"item\":\"value\",\"name\":\"a\",\"old\":1,\"new\":2}}\n"
            ),
        );
        commit(branch);
    };
    // Neighbouring lines, which a merge of texts takes for a conflict.
    accept("one", "segments = 4096", "aside = 1\nsegments = 4096");
    accept("two", "segments = 4096", "segments = 4096\nwhole = 2");
    assert!(git(&["merge", "-q", "one", "-m", "both"]).status.success());
    assert!(place.read(lock).contains("\naside = 1\nsegments = 4096\nwhole = 2\n"), "{}", place.read(lock));
    assert_eq!(place.read("p/history.jsonl").lines().count(), 2);
    accept("three", "segments = 4096", "segments = 4097");
    accept("four", "segments = 4096", "segments = 4098");
    let merged = git(&["merge", "-q", "three", "-m", "both"]);
    let told = String::from_utf8(merged.stderr).unwrap();
    assert!(
        !merged.status.success() && told.contains("`experiments/strip.lock`: both sides have other segments"),
        "{told}"
    );
    octavo(&["lock"]).exits(3).says(&["value segments: 4098 -> 4096"]);
}
