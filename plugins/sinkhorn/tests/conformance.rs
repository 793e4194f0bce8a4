//! The conformance suite.

use octavo_plugin::Inputs;
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use octavo_sinkhorn::Sinkhorn;
use serde_json::json;

fn case(name: &'static str, params: serde_json::Value, digest: &'static str) -> Case {
    Case { name, params, inputs: Inputs::new(), golden: (8, digest) }
}

#[test]
fn sinkhorn_conforms() {
    let cases = [
        case("defaults", json!({}), "b5679239027e8955"),
        case(
            "clouds",
            json!({
                "source": { "uniform": 45, "dimension": 3 }, "target": { "gaussian": 60, "center": [0.0, 1.0, 0.5] },
                "cost": "euclidean", "epsilon": [0.5, 0.01],
            }),
            "48078d4d218afa2e",
        ),
        case(
            "parallel lines, over-relaxed",
            json!({
                "source": { "line": 20, "start": [0.0, 0.0], "end": [0.0, 1.0] }, "target": { "shift": 0.5 },
                "method": "overrelaxed", "epsilon": [0.1],
            }),
            "a5310c978bdfa3cd",
        ),
        case(
            "a ring and itself",
            json!({ "source": { "ring": 24 }, "target": { "ring": 24 }, "epsilon": [0.2] }),
            "28b42d5891ef8457",
        ),
        case(
            "scaled, with a power of the distance",
            json!({
                "source": { "uniform": 30 }, "target": { "uniform": 40 }, "cost": { "power": 1.5 },
                "method": "scaling", "epsilon": [0.003],
            }),
            "84efbfaeb74d6279",
        ),
        case(
            "large images",
            json!({
                "source": { "bumps": [{ "center": [9.0, 12.0], "deviation": 3.0 }], "size": [33, 32], "background": 0.01, "pixel": 0.1 },
                "target": { "bumps": [{ "center": [20.0, 22.0], "deviation": 4.0 }], "size": [33, 32], "background": 0.01, "pixel": 0.1 },
                "epsilon": [4.0], "interpolation": [0.5], "tolerance": 1e-4, "method": "newton",
            }),
            "7d9ba69cdd183c98",
        ),
        case(
            "many points",
            json!({
                "source": { "uniform": 1030 }, "target": { "uniform": 20 }, "cost": "euclidean", "epsilon": [1.0],
                "interpolation": [], "tolerance": 1e-4, "method": "newton",
            }),
            "dde22e99f7c84b5a",
        ),
    ];
    conforms(&Sinkhorn, &cases);
    conforms(&Sinkhorn, &many());
}

/// More pairs than Newton's method gets from `auto`.
fn many() -> [Case; 3] {
    [
        case(
            "tiles",
            json!({
                "source": { "uniform": 260 }, "target": { "gaussian": 256, "center": [0.2, 0.6] }, "epsilon": [0.05],
                "interpolation": [], "tolerance": 1e-6,
            }),
            "8c186a143c9b6b09",
        ),
        case(
            "tiles of costs that are kept",
            json!({
                "source": { "uniform": 257, "dimension": 12 }, "target": { "uniform": 256, "dimension": 12 }, "cost": "euclidean",
                "epsilon": [0.1], "interpolation": [], "tolerance": 1e-6,
            }),
            "15ea64afcd447597",
        ),
        case(
            "cells of a line",
            json!({
                "source": { "uniform": 257, "dimension": 1 }, "target": { "uniform": 256, "dimension": 1 }, "epsilon": [0.5],
                "interpolation": [], "tolerance": 1e-6,
            }),
            "2eb8239d4b1701e3",
        ),
    ]
}

#[test]
fn bits_do_not_depend_on_the_lane_width() {
    same_bits_on_every_simd_level("sinkhorn_conforms");
}

#[test]
fn the_example_runs() {
    let about = octavo_plugin::DynAnalysis::about(&Sinkhorn);
    let params: serde_json::Value = toml::from_str(&about.example).unwrap();
    let found = octavo_plugin_test::run(&Sinkhorn, &params, &Inputs::new()).unwrap();
    assert!(found.scalars["w2_squared"].value.as_f64().unwrap() > 0.0);
}
