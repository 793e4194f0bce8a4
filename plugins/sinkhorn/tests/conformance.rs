//! The conformance suite.

use octavo_plugin::Inputs;
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use octavo_sinkhorn::Sinkhorn;
use serde_json::json;

#[test]
fn sinkhorn_conforms() {
    let case = |name, params, digest| Case { name, params, inputs: Inputs::new(), golden: (2, digest) };
    let cases = [
        case("defaults", json!({}), "9d9c1885a95fea0a"),
        case(
            "clouds",
            json!({
                "source": { "uniform": 45, "dimension": 3 }, "target": { "gaussian": 60, "center": [0.0, 1.0, 0.5] },
                "cost": "euclidean", "epsilon": [0.5, 0.01],
            }),
            "7e0653f519358328",
        ),
        case(
            "parallel lines, over-relaxed",
            json!({
                "source": { "line": 20, "start": [0.0, 0.0], "end": [0.0, 1.0] }, "target": { "shift": 0.5 },
                "method": "overrelaxed", "epsilon": [0.1],
            }),
            "0ae270d1fcf7eddd",
        ),
        case(
            "a ring and itself",
            json!({ "source": { "ring": 24 }, "target": { "ring": 24 }, "epsilon": [0.2] }),
            "e888997911539613",
        ),
    ];
    conforms(&Sinkhorn, &cases);
}

#[test]
fn bits_do_not_depend_on_the_lane_width() {
    same_bits_on_every_simd_level("sinkhorn_conforms");
}

#[test]
fn the_example_runs() {
    let about = octavo_plugin::DynAnalysis::about(&Sinkhorn);
    let params: serde_json::Value = toml::from_str(about.example).unwrap();
    let found = octavo_plugin_test::run(&Sinkhorn, &params, &Inputs::new()).unwrap();
    assert!(found.scalars["w2_squared"].value.as_f64().unwrap() > 0.0);
}
