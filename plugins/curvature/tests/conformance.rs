//! The suite that every analysis passes, and what the analysis says about wrong parameters.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use octavo_curvature::Curvature;
use octavo_plugin::input::InputContent;
use octavo_plugin::value::Value;
use octavo_plugin::{Drawing, DynAnalysis, FailureKind, Inputs};
use octavo_plugin_test::{Case, conforms, run, same_bits_on_every_simd_level};
use serde_json::{Value as Json, json};

const FILE: &str = r#"{"layers":[
    {"weights":[[1,0.5],[-0.3,1],[0.2,-0.8]],"bias":[0.1,-0.2,0.3],"activation":"tanh"},
    {"weights":[[1,-1,2],[0.5,1,0.7]],"bias":[0,0],"activation":"identity"}]}"#;

fn file(text: &str) -> (Json, Inputs) {
    let mut inputs = Inputs::new();
    let input = inputs
        .add("net.json", InputContent::File { extension: "json".into(), bytes: text.as_bytes().to_vec() });
    (serde_json::to_value(input).unwrap(), inputs)
}

#[test]
fn golden() {
    let (network, inputs) = file(FILE);
    let cases = [
        Case {
            name: "tanh",
            params: json!({"network": {"width": 12, "depth": 3}, "tolerance": 1e-5, "portraits": [1, 3]}),
            inputs: Inputs::new(),
            golden: (2, "9fb566474b832a48"),
        },
        Case {
            name: "relu",
            params: json!({"network": {"width": 15, "depth": 3, "activation": "relu", "sigma_w": 1.4, "sigma_b": 0.1}}),
            inputs: Inputs::new(),
            golden: (2, "d95a0cde1c00a36f"),
        },
        Case {
            name: "file",
            params: json!({"network": network, "circle": {"radius": 1.0}, "tolerance": 1e-6, "portraits": [2]}),
            inputs,
            golden: (2, "275f432ebd463468"),
        },
        Case {
            name: "phase",
            params: json!({"phase": {
                "sigma_w": {"from": 0.5, "to": 4, "steps": 6},
                "sigma_b": {"from": 0, "to": 1, "steps": 3}
            }}),
            inputs: Inputs::new(),
            golden: (2, "214be42c52309ae1"),
        },
    ];
    conforms(&Curvature, &cases);
}

#[test]
fn bits_do_not_depend_on_lane_width() {
    same_bits_on_every_simd_level("golden");
}

#[test]
fn a_dead_curve_is_missing_with_a_reason() {
    let text = r#"{"layers":[{"weights":[[1,0],[0,1]],"bias":[-5,-5],"activation":"relu"},
        {"weights":[[1,1]],"bias":[0],"activation":"identity"}]}"#;
    let (network, inputs) = file(text);
    let artifacts = run(&Curvature, &json!({"network": network}), &inputs).unwrap();
    let layers = &artifacts.tables["layers"];
    let curvature = layers.column("total_curvature").unwrap();
    assert!(matches!(curvature.value(0), Value::Float(_)));
    for row in 1..4 {
        assert_eq!(curvature.value(row), Value::Missing("the curve has collapsed to a single point".into()));
        assert_eq!(layers.column("dead").unwrap().value(row), Value::Float(1.0));
    }
    assert!(matches!(artifacts.scalars["q_star"].value, Value::Missing(_)));
}

#[test]
fn deeper_and_stronger_networks_share_their_draws() {
    let measure = |depth: u32, sigma_w: f64| {
        let params = json!({
            "network": {"width": 10, "depth": depth, "sigma_w": sigma_w, "sigma_b": 0.0},
            "circle": {"radius": 2.0}, "tolerance": 1e-9
        });
        let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
        artifacts.tables["layers"].column("length").unwrap().number(0).unwrap()
    };
    let length = measure(1, 1.0);
    assert!((measure(3, 1.0) / length - 1.0).abs() < 1e-12);
    assert!((measure(1, 2.5) / length - 2.5).abs() < 1e-12);
}

#[test]
fn problems_between_parameters() {
    let first = |params: Json| {
        let canonical = DynAnalysis::canonical(&Curvature, &params).unwrap();
        DynAnalysis::check(&Curvature, &canonical)
            .into_iter()
            .map(|problem| (problem.path, problem.message))
            .next()
    };
    let expect = |path: &str, message: &str| Some((path.to_owned(), message.to_owned()));
    assert_eq!(first(json!({})), expect("", "there is nothing to measure"));
    assert_eq!(
        first(json!({"network": {"width": 3}, "phase": {}})),
        expect("phase", "`network` and `phase` exclude each other")
    );
    assert_eq!(
        first(json!({"network": {"file": "net.json"}, "circle": {"radius": "fixed-point"}})),
        expect("circle.radius", "a network from a file has no fixed point")
    );
    assert_eq!(
        first(json!({"network": {"depth": 4}, "portraits": [5]})),
        expect("portraits", "there is no layer 5")
    );
    assert_eq!(
        first(json!({"network": {"width": 4}, "circle": {"u0": [1, 0]}})),
        expect("circle.u0", "the vector has 2 numbers and the network 4 inputs")
    );
    assert_eq!(first(json!({"network": {"width": 4, "sigma_w": 1.5}})), None);
}

#[test]
fn networks_that_cannot_be_measured_say_why() {
    let mixed = r#"{"layers":[{"weights":[[1,0],[0,1]],"bias":[0,0],"activation":"relu"},
        {"weights":[[1,1],[1,0]],"bias":[0,0],"activation":"tanh"}]}"#;
    let (network, inputs) = file(mixed);
    let failure = run(&Curvature, &json!({"network": network}), &inputs).unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::User, "the network mixes `relu` with a smooth activation")
    );
    let huge = json!({"network": {"width": 4, "depth": 400, "activation": "identity", "sigma_w": 50.0}});
    let failure = run(&Curvature, &huge, &Inputs::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Numeric);
    let many = json!({"network": {"width": 60, "depth": 8, "activation": "relu", "sigma_w": 1.5}, "max_points": 256});
    let failure = run(&Curvature, &many, &Inputs::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Resource);
}

#[test]
fn the_example_runs() {
    let params: Json = toml::from_str(DynAnalysis::about(&Curvature).example).unwrap();
    let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
    assert_eq!(artifacts.tables["layers"].rows(), 8);
    assert_eq!(artifacts.tables["theory"].rows(), 8);
    let Drawing::Geometry(circle) = &artifacts.drawings["circle"] else { panic!() };
    assert_eq!(circle.parts(), 2 * 240);
    // Consecutive parts share a vertex, and the last meets the first.
    let part = |index: usize| circle.part(index);
    assert_eq!(part(0).last(), part(1).first());
    assert_eq!(part(239).last(), part(0).first());
}
