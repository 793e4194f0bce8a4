//! Claims that are registered before their data are seen, and come back on fresh replicates or not.

use serde_json::{Value as Json, json};

use crate::harness::Place;

const PROJECT: &str = "octavo = \"1\"\ntitle = \"T\"\n[claims]\nexplore_seed = 1\n";

/// Curves through a random network; the curve's length is stochastic.
const LENGTHS: &str = r#"
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
[claims.positive]
text = "A curve is longer than a tenth."
check = "last > 0.1"
[claims.huge]
text = "It is longer than a thousand."
check = "last > 1000"
expect = "refuted"
"#;

fn place() -> Place {
    Place::with(&[
        ("octavo.toml", PROJECT),
        ("experiments/e.toml", LENGTHS),
        (
            "experiments/e.md",
            "# E\n\nIt {{ verdict(\"huge\") }}, {{ verdict(\"positive\", \"long\", \"short\", \"of a length\") }}.\n\n{{ claim(\"positive\") }}\n\n{{ claim(\"huge\") }}\n",
        ),
    ])
}

/// What `octavo.json` says of a claim.
fn told(place: &Place, claim: &str) -> Json {
    let about: Json = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
    let found = about["claims"].as_array().unwrap().iter().find(|one| one["claim"] == claim).cloned();
    found.unwrap()
}

fn verdict(place: &Place) -> String {
    told(place, "huge")["verdict"].as_str().unwrap().to_owned()
}

/// The seed under which the tasks ran.
fn seed(place: &Place) -> Json {
    let done = place.octavo(&["run", "e", "--format", "json"]).run().exits(0);
    let json: Json = serde_json::from_str(&done.out).unwrap();
    json["tasks"][0]["seed"].clone()
}

#[test]
fn limits_and_retries_are_no_part_of_what_is_registered() {
    let place = place();
    place.octavo(&["claims", "register", "e"]).run().exits(0);
    let lock = place.read("experiments/e.lock");
    place.edit(
        "experiments/e.toml",
        "seed = 7",
        "seed = 7\nretries = 2\nlimits = { time = 100, tasks = 50 }",
    );
    place.octavo(&["claims", "register", "e"]).run().exits(0).says(&["e: registered already"]);
    place.octavo(&["build"]).run().exits(0).says_nothing_of("explores");
    assert_eq!(told(&place, "positive")["verdict"], json!("holds"));
    assert!(place.read("experiments/e.lock").starts_with(&lock));
}

#[test]
fn what_is_not_registered_explores_under_another_seed() {
    let place = place();
    for _ in 0..2 {
        // Also where nothing changed.
        place.octavo(&["build"]).run().exits(0).says(&["`e` explores under the seed 1"]);
    }
    let explored = seed(&place);
    assert_eq!(told(&place, "positive")["verdict"], "exploratory");
    assert_eq!(told(&place, "huge")["registration"], "exploratory-why");
    let page = place.read("site/e.html");
    assert!(page.contains("exploratory") && !page.contains("holds") && !page.contains("refuted"), "{page}");
    assert!(page.contains("It is explored, of a length."), "{page}");
    place.octavo(&["claims", "register", "e"]).run().exits(0).says(&["2 claims registered under the seed 7"]);
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("site/e.html").contains("It is refuted, long."));
    assert_eq!(told(&place, "positive")["verdict"], "holds");
    assert_eq!(
        (verdict(&place), told(&place, "huge")["registration"].clone()),
        ("refuted".into(), json!("registered"))
    );
    assert_ne!(seed(&place), explored);
    // A clone with the lock and without the store shows the same page.
    let clone = self::place();
    clone.write("experiments/e.lock", place.read("experiments/e.lock"));
    clone.octavo(&["build"]).run().exits(0);
    assert_eq!(clone.read("site/e.html"), place.read("site/e.html"));
}

#[test]
fn what_is_changed_explores_again_and_needs_another_seed() {
    for (from, to) in [
        ("replicates = 8", "replicates = 9"),
        ("sigma_w = 1.5", "sigma_w = 1.6"),
        ("last > 1000", "last > 1001"),
        ("expect = \"refuted\"", "expect = \"holds\""),
        ("mean(length)", "2 * mean(length)"),
        ("depth = 2, ", "depth = 3, "),
    ] {
        let place = place();
        place.octavo(&["claims", "register", "e"]).run().exits(0);
        place.edit("experiments/e.toml", from, to);
        place.octavo(&["build"]).run().exits(0);
        assert_eq!(verdict(&place), "exploratory", "{to}");
        let refused = place.octavo(&["claims", "register", "e"]).run().exits(2);
        refused.says(&["seen-seed", "under the seed 7 were seen"]);
        place.edit("experiments/e.toml", "seed = 7", "seed = 8");
        place.octavo(&["claims", "register", "e"]).run().exits(0);
        place.octavo(&["build"]).run();
        assert_eq!(verdict(&place), "refuted", "{to}");
        assert_eq!(told(&place, "huge")["registration"], "registered-again");
        // The old wording is not taken up again for the data that suit it.
        place.edit("experiments/e.toml", to, from);
        place.edit("experiments/e.toml", "seed = 8", "seed = 7");
        place.octavo(&["build"]).run().exits(0);
        assert_eq!(verdict(&place), "exploratory", "{from} again");
    }
}

#[test]
fn words_labels_and_prose_may_change() {
    let place = place();
    place.octavo(&["claims", "register", "e"]).run().exits(0);
    place.edit("experiments/e.toml", "longer than a thousand", "very long");
    place.edit("experiments/e.toml", "title = \"Lengths\"", "title = \"Long\"");
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(verdict(&place), "refuted");
    place.octavo(&["claims", "register", "e"]).run().exits(0).says(&["registered already"]);
    // A parameter that is set for this run alone is not what was registered.
    let set =
        place.octavo(&["run", "e", "--set", "params.network.width=3", "--format", "json"]).run().exits(0);
    let json: Json = serde_json::from_str(&set.out).unwrap();
    assert_ne!(json["tasks"][0]["seed"], seed(&place));
}

#[test]
fn fresh_replicates_confirm_or_do_not() {
    let place = place();
    place.octavo(&["replicate"]).run().exits(0).says(&["nothing to replicate"]);
    place.octavo(&["replicate", "e"]).run().exits(2).says(&["not registered as they stand"]);
    place.octavo(&["claims", "register", "e"]).run().exits(0);
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(told(&place, "huge")["replication"]["state"], "not-replicated");
    let done = place.octavo(&["replicate", "e", "--sets", "2"]).run().exits(0);
    done.says(&["2 of 2 decided claims confirmed on 16 fresh replicates"]);
    let lock = place.read("experiments/e.lock");
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(told(&place, "huge")["replication"], json!({ "state": "confirmed", "replicates": 16 }));
    // Those of one profile say nothing of another.
    place.write(
        "experiments/e.lock",
        lock.replace("analysis = \"curvature", "profile = \"full\"\nanalysis = \"curvature"),
    );
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(told(&place, "huge")["replication"]["state"], "not-replicated");
    place.write("experiments/e.lock", &lock);
    // The same seeds give the same lock, from memory.
    place.octavo(&["replicate", "--sets", "2"]).run().exits(0);
    assert_eq!(place.read("experiments/e.lock"), lock);
    // Had they said otherwise, the verdict would be fragile, whatever was expected.
    place.write("experiments/e.lock", lock.replace("pooled = \"refuted\"", "pooled = \"undecided\""));
    let done = place.octavo(&["build"]).run().exits(4);
    done.says(&["is refuted, expected: refuted, and fresh replicates do not confirm it"]);
    assert!(place.read("site/e.html").contains("not confirmed on 16 fresh replicates"));
    // Those of another revision are stale, which a strict build does not take.
    place.write("experiments/e.lock", lock.replace("analysis = \"curvature ", "analysis = \"curvature 9"));
    place.octavo(&["build"]).run().exits(0).says(&["stale-replication"]);
    assert_eq!(told(&place, "huge")["replication"]["state"], "replication-stale");
    place.octavo(&["build", "--strict"]).run().exits(4).says(&["octavo replicate e"]);
}

#[test]
fn what_is_wrong_is_told() {
    let place = place();
    place.octavo(&["claims", "register", "f"]).run().exits(2).says(&["there is no experiment `f`"]);
    place.octavo(&["claims", "register", "e"]).run().exits(0);
    place.edit("experiments/e.lock", "seed = 7", "seed = 6");
    let done = place.octavo(&["check"]).run().exits(2);
    done.says(&["changed-lock", "experiments/e.lock", "registration 1 was changed after it was made"]);
    place.write("experiments/e.lock", "nothing = [");
    place.octavo(&["check"]).run().exits(2).says(&["bad-lock", "version control"]);
    place.write("experiments/e.lock", "");
    place.edit("experiments/e.toml", "seed = 7", "seed = 1");
    place.octavo(&["check"]).run().exits(2).says(&["explored-seed", "e.toml:4"]);
    place.edit("octavo.toml", "explore_seed = 1\n", "");
    place.octavo(&["claims", "register", "e"]).run().exits(2).says(&["no-exploration"]);
    // Without exploration a project builds as ever, and says that nothing is registered.
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(told(&place, "huge")["registration"], "not-registered");
    assert_eq!(verdict(&place), "refuted");
}

/// With sd s over n values the upper 80 % limit is s sqrt((n - 1) / q); the program prints it, and the number that the same formula
/// gives for an effect of that size is the same in `octavo_tables`.
#[test]
fn power_says_how_many_replicates_an_effect_needs() {
    let place = place();
    place.octavo(&["power"]).run().exits(0).says(&["no claim states the smallest `effect`"]);
    place.edit("experiments/e.toml", "check = \"last > 0.1\"", "check = \"last > 0.1\"\neffect = 0.5");
    let done = place.octavo(&["power"]).run().exits(0);
    assert!(
        done.out.contains(
            "e: 8 replicates\n  positive: last > 0.1: an effect of 0.5 against a spread of at most "
        ),
        "{}",
        done.out
    );
    assert!(done.out.contains("huge: last > 1000: states no `effect`"), "{}", done.out);
    let needed = |text: &str| -> u32 {
        text.split(" needs ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    let small = needed(&done.out);
    place.edit("experiments/e.toml", "effect = 0.5", "effect = 5.0");
    let large = needed(&place.octavo(&["power", "e"]).run().exits(0).out);
    assert!(large < small && large >= 5, "{large} {small}");
    place.edit("octavo.toml", "explore_seed = 1\n", "");
    place.octavo(&["power", "e"]).run().exits(2).says(&["no-exploration"]);
}

/// Under the seed 6 all published runs have a result, and of the fresh ones some do not where the experiment is shaky: 8 and 16 runs, each
/// without one with a chance of a tenth.
#[test]
fn a_fresh_run_without_a_result_makes_fragile_what_needs_it() {
    let claims = r#"
title = "Luck"
analysis = "luck"
seed = 6
replicates = 8
[sweep]
shaky = [false, true]
[values]
steady = { from = "scalars", where = { shaky = false }, expr = "mean(number)" }
shaky = { from = "scalars", where = { shaky = true }, expr = "mean(number)" }
[claims]
steady = { text = "It is less than two.", check = "steady < 2" }
shaky = { text = "So is the shaky one.", check = "shaky < 2" }
"#;
    let place = Place::with(&[
        ("octavo.toml", &format!("{PROJECT}[plugins.luck]\ncommand = [\"python3\", \"luck.py\"]\n")),
        ("luck.py", include_str!("plugins/luck.py")),
        ("octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py")),
        ("experiments/e.toml", claims),
        ("experiments/e.md", "# E\n\n{{ claim(\"steady\") }}\n\n{{ claim(\"shaky\") }}\n"),
    ]);
    place.octavo(&["claims", "register", "e"]).run().exits(0);
    place.octavo(&["build"]).run().exits(0);
    let done = place.octavo(&["replicate", "--sets", "2"]).run().exits(4);
    done.says(&[
        "1 of 2 decided claims confirmed",
        "shaky: holds as published, undecided on fresh data: ",
        "fresh runs have no result",
    ]);
    place.octavo(&["build"]).run().exits(4);
    assert_eq!(told(&place, "steady")["replication"], json!({ "state": "confirmed", "replicates": 16 }));
    assert_eq!(told(&place, "shaky")["replication"]["state"], "fresh-without-result");
    assert!(place.read("site/e.html").contains("not confirmed: fresh runs have no result ("));
    // What fails for another reason may have a result tomorrow: nothing is written down.
    let lock = place.read("experiments/e.lock");
    place.edit("luck.py", "raise NumericError(", "raise RuntimeError(");
    place.octavo(&["replicate", "--sets", "2"]).run().exits(1).says(&["has no result under the seed"]);
    assert_eq!(place.read("experiments/e.lock"), lock);
}
