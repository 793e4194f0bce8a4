//! `octavo run`: results for other programs, on standard output and nowhere else.

use std::fs;

use serde_json::{Value as Json, json};

use crate::harness::Place;

fn results(place: &Place, arguments: &[&str]) -> Json {
    let done = place.octavo(&[&["run"], arguments, &["--format", "json"]].concat()).run().exits(0);
    assert_eq!(done.out.matches('\n').count(), 1, "one object on one line:\n{}", done.out);
    serde_json::from_str(&done.out).unwrap()
}

#[test]
fn an_experiment_in_any_folder_prints_one_object_and_leaves_nothing() {
    let place = Place::with(&[
        ("strip.toml", "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 3\n"),
        ("elsewhere/x", ""),
    ]);
    let path = place.path("strip.toml");
    let done =
        place.octavo(&["-C", "elsewhere", "run", path.to_str().unwrap(), "--format", "json", "-q"]).run();
    let done = done.exits(0).says_nothing();
    let json: Json = serde_json::from_str(&done.out).unwrap();
    assert_eq!(json["experiment"], "strip");
    let task = &json["tasks"][0];
    assert_eq!(task["error"], Json::Null);
    assert_eq!(task["replicate"], 0);
    assert_eq!(task["params"]["folds"], 3);
    assert_eq!(task["key"].as_str().map(str::len), Some(64));
    assert_eq!(task["scalars"]["segments"], json!({ "value": 8, "unit": "", "uncertainty": null }));
    assert_eq!(task["tables"]["levels"]["columns"]["segments"], json!([1, 2, 4, 8]));
    let paths: Vec<_> = place.tree("").into_keys().collect();
    assert_eq!(paths, ["elsewhere/x", "strip.toml"]);
    assert!(!fs::exists(place.path(".octavo")).unwrap() && !place.exists("site"));
}

#[test]
fn parameters_can_be_set_and_are_then_not_swept() {
    let place =
        Place::with(&[("s.toml", "title = \"T\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [1, 2, 3]\n")]);
    let segments = |json: &Json| -> Vec<i64> {
        let tasks = json["tasks"].as_array().unwrap();
        tasks.iter().map(|task| task["scalars"]["segments"]["value"].as_i64().unwrap()).collect()
    };
    assert_eq!(segments(&results(&place, &["s.toml"])), [2, 4, 8]);
    assert_eq!(segments(&results(&place, &["s.toml", "--set", "params.folds=5"])), [32]);
    let turned = results(&place, &["s.toml", "--set", "params.folds=1", "--set", "params.angle=60"]);
    assert_eq!(turned["tasks"][0]["params"]["angle"], 60.0);
    place
        .octavo(&["run", "s.toml", "--set", "params.folds=99"])
        .run()
        .exits(2)
        .prints_nothing()
        .says(&["99"]);
    place
        .octavo(&["run", "s.toml", "--set", "params.fodls=9"])
        .run()
        .exits(2)
        .prints_nothing()
        .says(&["folds"]);
}

#[test]
fn floats_round_trip_big_integers_are_strings_and_infinity_has_a_name() {
    let formula = "title = \"T\"\nanalysis = \"zaslavsky\"\n[params]\nfolds = 100\ndimensions = [2, 300]\n";
    let apart = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { points = [[0.1]] }\ntarget = { points = [[0.3]] }\nepsilon = [1.0]\n";
    let place = Place::with(&[("formula.toml", formula), ("apart.toml", apart)]);
    let doubling =
        &results(&place, &["formula.toml"])["tasks"][0]["tables"]["formulas"]["columns"]["doubling"];
    let cells = doubling.as_array().unwrap();
    assert!(
        cells.contains(&json!(2)) && cells.contains(&json!(1_125_899_906_842_624_i64)),
        "small ones are numbers"
    );
    assert!(cells.contains(&json!("1152921504606846976")), "2^60 is above 2^53");
    assert!(cells.contains(&json!("1267650600228229401496703205376")), "2^100 is a decimal string");
    let scalars = &results(&place, &["apart.toml"])["tasks"][0]["scalars"];
    assert_eq!(scalars["kl"]["value"], "infinity");
    assert_eq!(scalars["kl"]["unit"], "nat");
    let w1 = scalars["w1"]["value"].as_f64().unwrap();
    assert_eq!(w1.to_bits(), (0.3_f64 - 0.1).to_bits());
}

#[test]
fn seeds_and_replicates_are_told_and_a_failure_is_an_error_in_the_object() {
    let window = "title = \"T\"\nanalysis = \"regions\"\nseed = 5\nreplicates = 3\n[params]\ndrawing = false\nnetwork = { widths = [2, 5, 1] }\n";
    let slow = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n";
    let place = Place::with(&[("w.toml", window), ("slow.toml", slow)]);
    let json = results(&place, &["w.toml"]);
    let tasks = json["tasks"].as_array().unwrap();
    assert_eq!(tasks.iter().map(|task| &task["replicate"]).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(tasks[0]["seed"] != tasks[1]["seed"] && tasks[0]["key"] != tasks[1]["key"]);
    assert_eq!(json, results(&place, &["w.toml", "-j", "1"]), "twice the same");
    let done = place.octavo(&["run", "slow.toml", "--format", "json"]).run().exits(1);
    let json: Json = serde_json::from_str(&done.out).unwrap();
    let task = &json["tasks"][0];
    assert!(task["error"]["message"].as_str().unwrap().contains("iteration"), "{json}");
    assert_eq!(task["key"].as_str().map(str::len), Some(64));
    assert_eq!((&task["scalars"], &task["tables"]), (&json!({}), &json!({})));
}

#[test]
fn a_setting_changes_the_experiment_that_is_run_and_no_other() {
    let place = Place::small();
    let json = results(&place, &["folding/strip", "--set", "params.folds=3"]);
    assert_eq!(json["tasks"][0]["scalars"]["segments"]["value"], 8);
}

#[test]
fn why_a_task_failed_is_said_to_the_quiet_too() {
    let slow = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n";
    let place = Place::project(&[("slow.toml", slow)]);
    place.octavo(&["run", "slow", "-q"]).run().exits(1).says(&["slow: failed (", "iteration"]);
    place.octavo(&["build", "-q"]).run().exits(1).says(&["slow: failed (", "iteration"]);
    let done = place.octavo(&["build", "-q", "--strict"]).run().exits(1);
    done.says(&["slow: failed (", "nothing was published"]);
}

#[test]
fn a_task_may_take_two_results_of_one_experiment() {
    let first = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\n";
    let both = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\nsource = { from = \"a\", artifact = \"source\" }\ntarget = { from = \"a\", artifact = \"target\" }\n";
    let place = Place::project(&[("a.toml", first), ("b.toml", both)]);
    let (one, other) = (results(&place, &["a"]), results(&place, &["b"]));
    assert_eq!(one["tasks"][0]["scalars"]["w1"], other["tasks"][0]["scalars"]["w1"]);
}

#[test]
fn an_experiment_of_a_project_runs_by_its_id_with_its_inputs_and_without_a_site() {
    let place = Place::small();
    let json = results(&place, &["transport/back"]);
    assert_eq!(json["experiment"], "transport/back");
    assert_eq!(json["tasks"].as_array().map(Vec::len), Some(1));
    assert!(!place.exists("site"));
    place.octavo(&["run", "folding/strip"]).run().exits(0).prints(&["\n      6        64 "]);
    place
        .octavo(&["run", "folding/stirp"])
        .run()
        .exits(2)
        .prints_nothing()
        .says(&["did you mean `folding/strip`?"]);
}

/// A cost matrix that says nothing of mass within one measure, on a line, where the simplex method has nothing to do.
const WITHOUT_VALUES: &str = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { points = [[0.0], [1.0]] }\ntarget = { points = [[0.5], [2.0]] }\n\
    cost = { matrix = [[1.0, 2.0], [3.0, 1.0]] }\nepsilon = [1.0, 2.0]\n";

#[test]
fn what_has_no_value_says_why() {
    let place = Place::with(&[("s.toml", WITHOUT_VALUES)]);
    let json = results(&place, &["s.toml"]);
    let priced =
        json!({ "value": null, "unit": "", "uncertainty": null, "missing": "on a line, sorting is enough" });
    assert_eq!(json["tasks"][0]["scalars"]["priced_pairs"], priced);
    let table = &json["tasks"][0]["tables"]["epsilon"];
    assert_eq!(table["columns"]["sinkhorn_divergence"], json!([null, null]));
    let reason = "the cost matrix does not say what mass within one measure costs";
    assert_eq!(table["missing"], json!({ "sinkhorn_divergence": [reason] }));
    assert_eq!(json["tasks"][0]["tables"]["source"].get("missing"), None);
    let text = place.octavo(&["run", "s.toml"]).run().exits(0).out;
    assert!(text.contains("= missing: on a line, sorting is enough"), "{text}");
}
