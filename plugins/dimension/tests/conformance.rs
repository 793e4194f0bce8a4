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
    Case { name, params, inputs: Inputs::default(), golden: (2, golden) }
}

fn image() -> Case {
    let mut inputs = Inputs::default();
    let input = inputs.add("gasket.png", file("png", &png(600, 600, |x, y| x & y & 255 == 0)));
    let params = json!({"set": serde_json::to_value(input).unwrap(), "outline": true});
    Case { name: "image", params, inputs, golden: (2, "c45493d331379782") }
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
        golden: (2, "787317dc26b4d156"),
    }
}

#[test]
fn conformance() {
    conforms(
        &Dimension,
        &[
            case("koch", json!({"set": {"known": "koch", "level": 6}}), "b362f6aba4e56ba4"),
            case(
                "turned",
                json!({"set": {"known": "dragon-boundary", "level": 12}, "turn": 30}),
                "fe4aff86d2c11964",
            ),
            case(
                "rabbit",
                json!({"set": {"known": "rabbit", "level": 7}, "offsets": 12}),
                "9f69cde5d726efd0",
            ),
            case(
                "gasket",
                json!({"set": {"known": "apollonian", "level": 8}, "smallest": 4}),
                "f76828f25230c175",
            ),
            image(),
            case(
                "level set",
                json!({"set": {"level_set": {"width": 20, "depth": 3, "resolution": 96}}}),
                "a2c2d2dd00565356",
            ),
            case(
                "signs",
                json!({"set": {"level_set": {"activation": "sign", "level": "center", "center": [0.3, 0.2], "view": 0.5,
                    "width": 30, "depth": 2, "resolution": 64}}}),
                "9b202766a7549d27",
            ),
            case(
                "trainability",
                json!({"set": {"trainability": {"resolution": 40, "steps": 60}}, "smallest": 1, "largest": 0.25}),
                "dc4a4630a1158623",
            ),
            case(
                "waves",
                json!({"set": {"trainability": {"trainee": "waves", "resolution": 48, "center": [-0.3, -0.3],
                    "view": 1.0}}}),
                "44cc386081def968",
            ),
            case("walk", json!({"set": {"model": "walk", "size": 5000}}), "81f75f68cdd92a10"),
            case("price", json!({"set": {"model": "price", "size": 2000}}), "cf2aa255355b208b"),
            case(
                "aggregation",
                json!({"set": {"model": "aggregation", "size": 400}, "smallest": 1, "largest": 0.2}),
                "7767703b29a2a0d4",
            ),
            case("clusters", json!({"set": {"model": "clusters", "size": 8192}}), "03bc62ec02841098"),
            case("henon", json!({"set": {"model": "henon", "size": 20_000}}), "3ae44d7f030a58a7"),
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
        let problems = Dimension.prepare(&params).unwrap().problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        format!("{}: {}", problems[0].path, problems[0].message)
    };
    assert_eq!(
        problem(json!({"set": {"known": "koch", "level": 12}})),
        "set.level: level 12 is more than 11"
    );
}
