//! What people read while a build runs where standard error is no terminal, and what `octavo run` prints for them.

use crate::harness::Place;

const STRIP: &str = "title = \"A strip\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n";
const SLOW: &str = "title = \"Slow\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\n[sweep]\nmax_iterations = [3, 1000000]\n";

#[test]
fn a_log_has_a_line_an_experiment_and_every_failure() {
    let place = Place::project(&[("strip.toml", STRIP), ("slow.toml", SLOW), ("index.md", "# Home\n")]);
    let done = place.octavo(&["build", "--jobs", "1"]).run().exits(1);
    let lines: Vec<&str> = done.err.lines().collect();
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start));
    // The time is not told of what was found in no time.
    assert!(at("[4/4] ").is_some_and(|last| lines[last].contains(": ")), "{}", done.err);
    let [failed, slow] =
        ["slow max_iterations=3: failed (numeric)", "slow: 1 task run, 0 remembered, 1 failed"]
            .map(|part| lines.iter().position(|line| line.contains(part)));
    assert!(failed.is_some() && failed < slow, "{}", done.err);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("] strip: 2 tasks run, 0 remembered; ") && line.ends_with(" s"))
    );
    assert!(!done.err.contains("] ran"), "{}", done.err);
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 3, 4]");
    let again = place.octavo(&["build"]).run().exits(1);
    again.says(&["] strip: 1 task run, 2 remembered; ", "] slow: 0 tasks run, 1 remembered, 1 failed"]);
    // Nobody need know of what was there already.
    let last = place.octavo(&["build"]).run().exits(1).says_nothing_of("] strip:");
    last.says(&["] slow: 0 tasks run, 1 remembered, 1 failed"]);
    place.octavo(&["build", "--quiet"]).run().exits(1).says_nothing_of("strip");
}

#[test]
fn a_verbose_log_has_a_line_a_task() {
    let place = Place::project(&[("strip.toml", STRIP), ("index.md", "# Home\n")]);
    let done = place.octavo(&["build", "-v"]).run().exits(0).says_nothing_of("] strip:");
    done.says(&["[2/2] ran strip folds="]);
    place.octavo(&["build", "-v"]).run().exits(0).says(&["[2/2] remembered strip folds="]);
}

const RUN: &str = r#"
title = "A strip"
analysis = "dragon"
[sweep]
folds = [2, 3, 10]
[tables.ends]
from = "scalars"
columns = { double = "2 * segments" }
[values.most]
from = "scalars"
expr = "max(segments)"
unit = "m"
[claims.doubling]
text = "It doubles."
check = "most == 1024"
[claims.million]
text = "There are a million."
check = "most > 10^6"
[claims.less]
text = "There are a million."
check = "most > 10^6"
expect = "refuted"
"#;

#[test]
fn a_run_prints_tables_values_and_claims() {
    let place = Place::project(&[("strip.toml", RUN)]);
    let out = place.octavo(&["run", "strip"]).run().exits(0).out;
    for part in [
        "strip: A strip\ndragon, revision ",
        ", 3 tasks\n",
        "\n\nscalars: 3 rows\n  folds  segments",
        "\n     10      1024",
        "\n\nlevels: 18 rows\n",
        "\n  and 8 more rows\n",
        "\n\nends: 3 rows\n  folds  double  segments",
        "\n     10    2048      1024",
        "\n\nvalues\n  most  1024 m\n",
        "\n\nclaims\n  doubling  holds    as expected      most == 1024\n    compared exactly\n",
        "\n  million   refuted  expected: holds  most > 10^6\n",
        "\n  less      refuted  as expected      most > 10^6\n",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 112), "{out}");
}

#[test]
fn a_run_of_one_task_lists_its_scalars_with_all_digits() {
    let one = "title = \"P\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { points = [[0.1]] }\ntarget = { points = [[0.3]] }\nepsilon = [1.0]\n";
    let place = Place::with(&[("one.toml", one), ("slow.toml", SLOW)]);
    let out = place.octavo(&["run", "one.toml"]).run().exits(0).out;
    let line = |name: &str| out.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap();
    assert!(line("w1").contains(" = 0.19999999999999998 ± 3.55"), "{out}");
    assert!(line("kl").ends_with("= infinity nat"), "{out}");
    assert_eq!(line("w1").find('='), line("kl").find('='), "{out}");
    assert!(line("priced_pairs").ends_with("= missing: on a line, sorting is enough"), "{out}");
    assert!(out.contains("\n\npixels: 0 rows\n\n"), "{out}");
    let out = place.octavo(&["run", "slow.toml"]).run().exits(1).out;
    assert!(out.contains(", 2 tasks\n1 task without a result\n\nscalars"), "{out}");
}
