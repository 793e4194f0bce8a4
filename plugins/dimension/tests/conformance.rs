//! The conformance suite, and parameters that are refused.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

mod common;

use common::{file, png};
use octavo_dimension::Dimension;
use octavo_plugin::{DynAnalysis, Inputs};
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use serde_json::{Value as Json, json};

fn case(name: &'static str, params: Json, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::default(), golden: (1, golden) }
}

fn image() -> Case {
    let mut inputs = Inputs::default();
    let input = inputs.add("gasket.png", file("png", &png(600, 600, |x, y| x & y & 255 == 0)));
    let params = json!({"set": serde_json::to_value(input).unwrap(), "outline": true});
    Case { name: "image", params, inputs, golden: (1, "0364485ff9309c55") }
}

fn classifier() -> Case {
    let mut inputs = Inputs::default();
    let data = inputs.add("data.csv", file("csv", common::blobs().as_bytes()));
    let classifier = json!({"data": serde_json::to_value(data).unwrap(), "hidden": [8], "samples": 60,
        "epochs": 60, "resolution": 64, "view": 8.0});
    Case {
        name: "classifier",
        params: json!({"set": {"classifier": classifier}}),
        inputs,
        golden: (1, "78f016af7ecf94f9"),
    }
}

#[test]
fn conformance() {
    conforms(
        &Dimension,
        &[
            case("koch", json!({"set": {"known": "koch", "level": 6}}), "430e1478f37220f6"),
            case(
                "turned",
                json!({"set": {"known": "dragon-boundary", "level": 12}, "turn": 30}),
                "75a3449e7676b330",
            ),
            case(
                "rabbit",
                json!({"set": {"known": "rabbit", "level": 7}, "offsets": 12}),
                "fbe34ef3c3a3623f",
            ),
            case(
                "gasket",
                json!({"set": {"known": "apollonian", "level": 8}, "smallest": 4}),
                "ab7f5705af4386c7",
            ),
            image(),
            case(
                "level set",
                json!({"set": {"level_set": {"width": 20, "depth": 3, "resolution": 96}}}),
                "5e29d8ed852b5629",
            ),
            case(
                "signs",
                json!({"set": {"level_set": {"activation": "sign", "level": "center", "center": [0.3, 0.2], "view": 0.5,
                    "width": 30, "depth": 2, "resolution": 64}}}),
                "d827e598b276cf3b",
            ),
            case(
                "trainability",
                json!({"set": {"trainability": {"resolution": 40, "steps": 60}}, "smallest": 1, "largest": 0.25}),
                "e1d4801e9850eece",
            ),
            case(
                "waves",
                json!({"set": {"trainability": {"trainee": "waves", "resolution": 48, "center": [-0.3, -0.3],
                    "view": 1.0}}}),
                "e3bc625ecc625251",
            ),
            case("walk", json!({"set": {"model": "walk", "size": 5000}}), "b49abf8703a7329c"),
            case("price", json!({"set": {"model": "price", "size": 2000}}), "4b7d5b42864aa6f3"),
            case(
                "aggregation",
                json!({"set": {"model": "aggregation", "size": 400}, "smallest": 1, "largest": 0.2}),
                "a6ec945a2791cc6e",
            ),
            case("clusters", json!({"set": {"model": "clusters", "size": 8192}}), "15f0fd9ed8e198f9"),
            case("henon", json!({"set": {"model": "henon", "size": 20_000}}), "06c037a26ab66fb3"),
            classifier(),
        ],
    );
}

#[test]
fn every_simd_level() {
    same_bits_on_every_simd_level("conformance");
}

#[test]
fn problems_between_parameters() {
    let problem = |params: Json| {
        let problems = DynAnalysis::check(&Dimension, &Dimension.canonical(&params).unwrap());
        assert_eq!(problems.len(), 1, "{problems:?}");
        format!("{}: {}", problems[0].path, problems[0].message)
    };
    assert_eq!(
        problem(json!({"set": {"known": "koch", "level": 12}})),
        "set.level: level 12 is more than 11"
    );
}
