//! The conformance suite.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_gan::Gan;
use octavo_plugin::Inputs;
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use serde_json::{Value, json};

fn small(more: &[(&str, Value)]) -> Value {
    let net = json!({ "hidden": [12, 12], "activation": "tanh" });
    let mut params = json!({ "generator": net, "critic": net, "batch": 24, "budget": 2.0, "checkpoints": 2, "samples": 48 });
    for (name, value) in more {
        params[*name] = value.clone();
    }
    params
}

#[test]
fn gan_conforms() {
    let case = |name, params, digest| Case { name, params, inputs: Inputs::new(), golden: (3, digest) };
    let cases = [
        case(
            "minimax",
            small(&[("loss", json!("minimax")), ("critics", json!(2)), ("opinion", json!(true))]),
            "1c3290ab87977f14",
        ),
        case("non-saturating", small(&[("target", json!("grid"))]), "d93a86d801bd7f01"),
        case(
            "wasserstein",
            small(&[("loss", json!("wasserstein")), ("target", json!("moons"))]),
            "bb3c8b310a92c926",
        ),
        case("sinkhorn", small(&[("loss", json!("sinkhorn")), ("epsilon", json!(0.5))]), "617f9ca84e1ddb36"),
        case(
            "nobody",
            small(&[("opponent", json!("nobody")), ("target", json!("line"))]),
            "cab19a83bcdf1090",
        ),
        case(
            "wasserstein, in single precision",
            small(&[("loss", json!("wasserstein")), ("target", json!("moons")), ("precision", json!("f32"))]),
            "9cec3fe25b5434fc",
        ),
    ];
    conforms(&Gan, &cases);
}

#[test]
fn bits_do_not_depend_on_the_lane_width() {
    same_bits_on_every_simd_level("gan_conforms");
}

#[test]
fn the_example_runs() {
    let about = octavo_plugin::DynAnalysis::about(&Gan);
    let params: Value = toml::from_str(&about.example).unwrap();
    let found = octavo_plugin_test::run(&Gan, &params, &Inputs::new()).unwrap();
    assert!(found.scalars["divergence"].value.as_f64().unwrap() > 0.0);
}
