//! The conformance suite, and parameters that are refused.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

use octavo_dragon::Dragon;
use octavo_plugin::{DynAnalysis, FailureKind, Inputs};
use octavo_plugin_test::{Case, conforms, run, same_bits_on_every_simd_level};
use serde_json::{Value, json};

fn case(name: &'static str, params: Value, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::default(), golden: (2, golden) }
}

#[test]
fn conformance() {
    conforms(
        &Dragon,
        &[
            case("defaults", json!({}), "98bb0130ba7c2a1a"),
            case("no fold", json!({"folds": 0}), "997f1e2a25a1ae90"),
            case("many tiles", json!({"folds": 21, "max_vertices": 1000}), "845180e3a06819e6"),
            case(
                "word, all levels",
                json!({"word": "UUDUDDDU", "levels": true, "normalise": true}),
                "9b4b5f3c0178faeb",
            ),
            case("any angle", json!({"folds": 9, "angle": 103.5, "levels": [0, 3, 9]}), "7339c67b2284556a"),
            case(
                "crossings and a picture",
                json!({"folds": 14, "crossings": true, "pixels": 256, "normalise": true}),
                "dac0a12c24ce2deb",
            ),
            case("triangles", json!({"folds": 8, "angle": 60}), "89f570df6e376c0c"),
            case(
                "terdragon",
                json!({"kind": "terdragon", "folds": 7, "normalise": true}),
                "021ac64591d0faeb",
            ),
            case(
                "twindragon",
                json!({"kind": "twindragon", "folds": 11, "normalise": true}),
                "c556776ab8dc9f52",
            ),
        ],
    );
}

#[test]
fn every_simd_level() {
    same_bits_on_every_simd_level("conformance");
}

fn problem(params: Value) -> String {
    let params = Dragon.canonical(&params).unwrap();
    let problems = DynAnalysis::check(&Dragon, &params);
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
