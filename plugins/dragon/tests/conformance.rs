//! The conformance suite, and parameters that are refused.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

use octavo_dragon::Dragon;
use octavo_plugin::{DynAnalysis, FailureKind, Inputs, Value};
use octavo_plugin_test::{Case, conforms, run, same_bits_on_every_simd_level};
use serde_json::{Value as Json, json};

fn case(name: &'static str, params: Json, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::default(), golden: (3, golden) }
}

#[test]
fn conformance() {
    conforms(
        &Dragon,
        &[
            case("defaults", json!({}), "4912277836a1ce4b"),
            case("no fold", json!({"folds": 0}), "1ac179a1150e797d"),
            case("many tiles", json!({"folds": 21, "max_vertices": 1000}), "53305a3ca40d073f"),
            case(
                "word, all levels",
                json!({"word": "UUDUDDDU", "levels": true, "normalise": true}),
                "9af5c7e1d93db5f2",
            ),
            case("any angle", json!({"folds": 9, "angle": 103.5, "levels": [0, 3, 9]}), "ddd7b45d80d7a50d"),
            case(
                "crossings and a picture",
                json!({"folds": 14, "crossings": true, "pixels": 256, "normalise": true}),
                "2db9267eecec17cf",
            ),
            case("triangles", json!({"folds": 8, "angle": 60}), "2536b342c8849708"),
            case(
                "terdragon",
                json!({"kind": "terdragon", "folds": 7, "normalise": true}),
                "8daaf8fa0ba6cf0a",
            ),
            case(
                "twindragon",
                json!({"kind": "twindragon", "folds": 11, "normalise": true}),
                "9430a9713e7b5d74",
            ),
        ],
    );
}

#[test]
fn every_simd_level() {
    same_bits_on_every_simd_level("conformance");
}

fn problem(params: Json) -> String {
    let problems = Dragon.prepare(&params).unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    format!("{}: {}", problems[0].path, problems[0].message)
}

#[test]
fn problems_between_parameters() {
    assert_eq!(problem(json!({"word": "UxD"})), "word: the letter `x` is no fold");
    assert_eq!(problem(json!({"word": "U".repeat(61)})), "word: 61 folds are more than 60");
    assert_eq!(problem(json!({"word": "UUD", "folds": 4})), "folds: `folds` is 4 and `word` has 3 letters");
    assert_eq!(
        problem(json!({"kind": "terdragon", "angle": 100})),
        "angle: the terdragon has the angle 60, not 100"
    );
    assert_eq!(problem(json!({"kind": "terdragon", "word": "U"})), "word: the terdragon has no word");
    assert_eq!(
        problem(json!({"kind": "terdragon", "folds": 38})),
        "folds: 38 levels of the terdragon are more than 37"
    );
    assert_eq!(problem(json!({"levels": [2, 11]})), "levels: there is no level 11 of 10 folds");
    assert_eq!(problem(json!({"levels": []})), "levels: the list is empty");
    assert_eq!(
        problem(json!({"kind": "twindragon", "folds": 20, "crossings": true})),
        "crossings: crossings are counted up to 19 folds, not 20"
    );
    assert_eq!(problem(json!({"angle": 91, "pixels": 300})), "pixels: visited points are drawn at 90° only");
    assert_eq!(
        problem(json!({"folds": 33, "pixels": 300})),
        "pixels: visited points are drawn up to 32 folds, not 33"
    );
}

#[test]
fn a_word_says_the_number_of_folds() {
    let segments = |params| {
        run(&Dragon, &params, &Inputs::default()).unwrap().scalars["segments"].value.as_f64().unwrap()
    };
    assert_eq!(segments(json!({"word": "UDUUD"})), 32.0);
    assert_eq!(segments(json!({"word": "UDUUD", "folds": 5})), 32.0);
    assert_eq!(segments(json!({"word": ""})), 1.0);
    assert_eq!(segments(json!({})), 1024.0);
}

#[test]
fn a_strip_that_is_still_folded_is_not_normalised() {
    let params = json!({"angle": 0.001, "folds": 30, "normalise": true});
    assert_eq!(run(&Dragon, &params, &Inputs::default()).unwrap_err().kind, FailureKind::Numeric);
}

#[test]
fn what_only_rounding_would_fill_is_missing() {
    let found = |angle: f64| {
        let scalars =
            run(&Dragon, &json!({"folds": 16, "angle": angle}), &Inputs::default()).unwrap().scalars;
        ["old_vertex_shift", "tent_identity_error"].map(|name| scalars[name].value.clone())
    };
    for value in found(1.0) {
        assert!(matches!(&value, Value::Missing(why) if why.contains("near to each other")), "{value:?}");
    }
    for angle in [60.0, 75.0, 90.0, 100.5, 180.0] {
        for value in found(angle) {
            assert!(value.as_f64().unwrap() < 1e-9, "{angle}: {value:?}");
        }
    }
}

#[test]
fn crease_words_are_given_up_to_ten_folds() {
    let found = run(&Dragon, &json!({"folds": 11}), &Inputs::default()).unwrap();
    let words = found.tables["levels"].column("crease_word").unwrap();
    let word = |n: usize| match words.value(n) {
        Value::Text(word) => word.len(),
        _ => 0,
    };
    assert_eq!([3, 10, 11].map(word), [7, 1023, 0]);
}
