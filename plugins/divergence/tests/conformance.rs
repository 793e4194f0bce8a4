//! The conformance suite.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_divergence::Divergence;
use octavo_plugin::Inputs;
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use serde_json::json;

#[test]
fn divergence_conforms() {
    let case = |name, params, digest| Case { name, params, inputs: Inputs::new(), golden: (3, digest) };
    let bumps =
        json!({ "bumps": [{ "center": [4.0, 3.0], "deviation": 1.5 }], "size": [9, 7], "background": 0.1 });
    let cases = [
        case("defaults", json!({}), "977500e2288f3f15"),
        case(
            "noise",
            json!({ "first": bumps, "second": { "change": { "noise": 0.5, "dead": 2 } } }),
            "fca192d41f5c1d7a",
        ),
        case(
            "sets",
            json!({ "first": { "images": 12, "size": [4, 4] }, "second": { "images": 10, "size": [4, 4] } }),
            "4c94349a404a64e3",
        ),
    ];
    conforms(&Divergence, &cases);
}

#[test]
fn bits_do_not_depend_on_the_lane_width() {
    same_bits_on_every_simd_level("divergence_conforms");
}

#[test]
fn the_example_runs() {
    let about = octavo_plugin::DynAnalysis::about(&Divergence);
    let params: serde_json::Value = toml::from_str(&about.example).unwrap();
    let found = octavo_plugin_test::run(&Divergence, &params, &Inputs::new()).unwrap();
    assert!(found.scalars["w1"].value.as_f64().unwrap() > 0.0);
}
