//! The suite that every analysis passes, and what the analysis says about wrong parameters.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use octavo_curvature::Curvature;
use octavo_plugin::input::InputContent;
use octavo_plugin::value::Value;
use octavo_plugin::{Drawing, DynAnalysis, FailureKind, Inputs, math};
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

fn case(name: &'static str, params: Json, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::new(), golden: (4, golden) }
}

fn random_networks() -> Vec<Case> {
    vec![
        case(
            "tanh",
            json!({"network": {"width": 12, "depth": 3}, "tolerance": 1e-5, "portraits": [1, 3]}),
            "fc342acfcbb0967d",
        ),
        case(
            "relu",
            json!({"network": {"width": 15, "depth": 3, "activation": "relu", "sigma_w": 1.4, "sigma_b": 0.1}}),
            "557d7351dad3f9b9",
        ),
        case(
            "erf, correlations",
            json!({
                "network": {"width": 9, "depth": 3, "activation": "erf", "sigma_w": 2.0},
                "tolerance": 1e-5, "correlations": [0.1, 2.0]
            }),
            "7ebc8602b168e287",
        ),
        case(
            "single precision",
            json!({"network": {"width": 12, "depth": 3}, "precision": "f32", "tolerance": 1e-4}),
            "c2521fb5e842abf5",
        ),
        case(
            "the last layer",
            json!({"network": {"width": 12, "depth": 3}, "layers": "last", "tolerance": 1e-5}),
            "032112abad1103f4",
        ),
        case(
            "a narrow chaotic network",
            json!({"network": {"width": 3, "depth": 3, "sigma_w": 20.0}}),
            "f9c374076b2071d4",
        ),
        case(
            "hard-tanh, correlations",
            json!({
                "network": {"width": 9, "depth": 3, "activation": "hardtanh"}, "correlations": [0.5]
            }),
            "e7190f0c933714ee",
        ),
        case(
            "gelu",
            json!({
                "network": {"width": 9, "depth": 3, "activation": "gelu"}, "tolerance": 1e-5, "correlations": [0.5]
            }),
            "1c795ba907100d02",
        ),
        case(
            "sine, correlations",
            json!({
                "network": {"width": 9, "depth": 3, "activation": "sine"}, "tolerance": 1e-5, "correlations": [0.5]
            }),
            "21e6dc956982dfc1",
        ),
    ]
}

#[test]
fn golden() {
    let (network, inputs) = file(FILE);
    let mut cases = random_networks();
    cases.extend([
        Case {
            name: "file",
            params: json!({"network": network, "circle": {"radius": 1.0}, "tolerance": 1e-6, "portraits": [2]}),
            inputs,
            golden: (4, "18056533eca578d0"),
        },
        case(
            "phase",
            json!({"phase": {
                "sigma_w": {"from": 0.5, "to": 4, "steps": 6},
                "sigma_b": {"from": 0, "to": 1, "steps": 3}
            }}),
            "dc44de8a63b98ea0",
        ),
    ]);
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

fn curvatures(params: &Json, inputs: &Inputs) -> Vec<Value> {
    let artifacts = run(&Curvature, params, inputs).unwrap();
    let layers = &artifacts.tables["layers"];
    let column = layers.column("total_curvature").unwrap();
    (0..layers.rows()).map(|row| column.value(row)).collect()
}

/// One hidden neuron makes every later curve a segment there and back, in any number of dimensions.
#[test]
fn a_curve_that_retraces_itself_turns_at_both_ends() {
    let text = r#"{"layers":[{"weights":[[1.0,0.5]],"bias":[0.2],"activation":"tanh"},
        {"weights":[[1.0],[-0.7],[0.4]],"bias":[0,0,0],"activation":"identity"},
        {"weights":[[1,0,2],[0.5,1,0]],"bias":[0,0.1],"activation":"identity"}]}"#;
    let (network, inputs) = file(text);
    let params = json!({"network": network, "circle": {"u0": [1, 0], "u1": [0, 1]}});
    for value in curvatures(&params, &inputs) {
        let Value::Float(turns) = value else { panic!("{value:?}") };
        assert!((turns - std::f64::consts::TAU).abs() < 1e-12, "{turns}");
    }
    let parallel =
        json!({"network": {"width": 4, "depth": 2}, "circle": {"u0": [1, 0, 0, 0], "u1": [2, 0, 0, 0]}});
    for value in curvatures(&parallel, &Inputs::new()) {
        let Value::Float(turns) = value else { panic!("{value:?}") };
        assert!(turns > std::f64::consts::TAU - 1e-9, "{turns}");
    }
}

/// What could not be resolved is missing or has an error that says so, and Fenchel's bound holds for all the rest.
#[test]
fn saturated_networks_say_what_was_not_resolved() {
    for (width, depth, sigma_w) in [(20, 20, 100.0), (3, 20, 100.0), (20, 2, 100.0), (3, 3, 30.0)] {
        let params = json!({
            "network": {"width": width, "depth": depth, "sigma_w": sigma_w}, "max_points": 4096
        });
        let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
        let layers = &artifacts.tables["layers"];
        let column = |name: &str, row: usize| layers.column(name).unwrap().value(row);
        for row in 0..layers.rows() {
            match column("total_curvature", row) {
                Value::Float(turns) => {
                    let Value::Float(error) = column("error", row) else { panic!() };
                    assert!(
                        turns + 2.0 * error > std::f64::consts::TAU - 1e-6,
                        "{width} {depth}: {turns} {error}"
                    );
                }
                Value::Missing(why) => {
                    assert!(why.starts_with("not resolved") || why.starts_with("the curve"), "{why}");
                    assert_ne!(column("resolved", row), Value::Bool(true));
                }
                other => panic!("{other:?}"),
            }
        }
        if depth == 20 {
            assert_eq!(artifacts.scalars["resolved"].value, Value::Bool(false));
        }
    }
}

#[test]
fn the_size_of_the_circle_does_not_matter_to_a_linear_or_relu_network() {
    for activation in ["identity", "relu"] {
        let turns = |radius: f64| {
            let network =
                json!({"width": 5, "depth": 2, "activation": activation, "sigma_w": 1.0, "sigma_b": 0.0});
            let values =
                curvatures(&json!({"network": network, "circle": {"radius": radius}}), &Inputs::new());
            let Value::Float(turns) = values[2] else { panic!("{values:?}") };
            turns
        };
        for radius in [1e-250, 1e-100, 1e-70, 1e80, 1e200] {
            assert!((turns(radius) / turns(1.0) - 1.0).abs() < 1e-12, "{activation} {radius}");
        }
    }
}

/// Theory of huge circles ends, and curves that collapse to less than any normal float are points.
#[test]
fn extreme_circles_end() {
    for radius in [1e7, 1e200] {
        let params = json!({
            "network": {"width": 5, "depth": 2}, "circle": {"radius": radius}, "max_points": 256,
            "correlations": [0.1]
        });
        let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
        assert!(matches!(artifacts.tables["theory"].column("q").unwrap().value(2), Value::Float(_)));
    }
    let params = json!({
        "network": {"width": 5, "depth": 80, "activation": "identity", "sigma_w": 0.0001, "sigma_b": 0.0},
        "circle": {"radius": 1.0}
    });
    let values = curvatures(&params, &Inputs::new());
    assert_eq!(values[159], Value::Missing("the curve has collapsed to a single point".into()));
}

/// A polygon is measured by its corners; a linear network keeps convexity, ReLU and hard-tanh cut it exactly, and tanh bends
/// it as it bends a circle that is a polygon of very many corners.
#[test]
fn polygons_and_curves_stand_in_for_the_circle() {
    let square = json!([[1, 1], [-1, 1], [-1, -1], [1, -1]]);
    let number = |params: &Json, inputs: &Inputs, name: &str| {
        let artifacts = run(&Curvature, params, inputs).unwrap();
        let Value::Float(value) = artifacts.scalars[name].value else { panic!() };
        value
    };
    let linear = r#"{"layers":[{"weights":[[2,1],[0,1]],"bias":[1,0],"activation":"identity"}]}"#;
    let (network, inputs) = file(linear);
    let params = json!({"network": network, "polygon": square});
    assert!((number(&params, &inputs, "input_curvature") - std::f64::consts::TAU).abs() < 1e-14);
    assert!((number(&params, &inputs, "input_length") - 8.0).abs() < 1e-14);
    assert!((number(&params, &inputs, "total_curvature") - std::f64::consts::TAU).abs() < 1e-14);
    // Hard-tanh of the doubled square cuts it back to the square, ReLU to a square of side 2.
    for (activation, length) in [("hardtanh", 8.0), ("relu", 8.0), ("identity", 16.0)] {
        let text = format!(
            r#"{{"layers":[{{"weights":[[2,0],[0,2]],"bias":[0,0],"activation":"{activation}"}},
                {{"weights":[[1,0],[0,1]],"bias":[0,0],"activation":"identity"}}]}}"#
        );
        let (network, inputs) = file(&text);
        let params = json!({"network": network, "polygon": square});
        assert!((number(&params, &inputs, "length") - length).abs() < 1e-12, "{activation}");
    }
    // Through tanh: the slow way is a polygon through images of very many points of the sides.
    let (network, mut inputs) = file(FILE);
    let csv =
        InputContent::File { extension: "csv".into(), bytes: b"x,y\n1,1\n-1,1\n-1,-1\n1,-1\n1,1\n".to_vec() };
    let curve = inputs.add("square.csv", csv);
    let found = number(&json!({"network": network, "curve": curve}), &inputs, "total_curvature");
    let given = number(&json!({"network": network, "polygon": square}), &inputs, "total_curvature");
    assert_eq!(found.to_bits(), given.to_bits());
    let layers: Json = serde_json::from_str(FILE).unwrap();
    let affine = |layer: usize, x: &[f64]| -> Vec<f64> {
        let (weights, bias) = (&layers["layers"][layer]["weights"], &layers["layers"][layer]["bias"]);
        let row = |(row, bias): (&Json, &Json)| {
            let row = row.as_array().unwrap().iter().zip(x);
            row.fold(bias.as_f64().unwrap(), |total, (weight, x)| total + weight.as_f64().unwrap() * x)
        };
        weights.as_array().unwrap().iter().zip(bias.as_array().unwrap()).map(row).collect()
    };
    let corners = [[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]];
    let many = 2000;
    let image = |k: usize| {
        let (from, to) = (corners[k / many], corners[(k / many + 1) % 4]);
        let share = (k % many) as f64 / many as f64;
        let point = [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]));
        let hidden: Vec<f64> = affine(0, &point).into_iter().map(math::tanh).collect();
        affine(1, &hidden)
    };
    let images: Vec<Vec<f64>> = (0..4 * many).map(image).collect();
    let slow = octavo_curvature::polygon::measure(&images).unwrap().1;
    assert!((found - slow).abs() < 5e-3 && slow <= found + 1e-9, "{found} {slow}");
}

#[test]
fn problems_between_parameters() {
    let first = |params: Json| {
        let prepared = Curvature.prepare(&params).unwrap();
        prepared.problems.into_iter().map(|problem| (problem.path, problem.message)).next()
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
    assert_eq!(
        first(json!({"network": {"width": 2}, "polygon": [[0, 1], [1, 0]], "circle": {"radius": 2.0}})),
        expect("circle", "a polygon or curve stands in place of the circle")
    );
    assert_eq!(
        first(json!({"network": {"width": 3}, "circle": {"u1": [0, 0, 0]}})),
        expect("circle.u1", "the vector is zero, and a circle needs two directions")
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
        (FailureKind::User, "the network mixes `relu` or `hardtanh` with a smooth activation")
    );
    let huge = json!({"network": {"width": 4, "depth": 400, "activation": "identity", "sigma_w": 50.0}});
    let failure = run(&Curvature, &huge, &Inputs::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Numeric);
    let many = json!({"network": {"width": 60, "depth": 8, "activation": "relu", "sigma_w": 1.5}, "max_points": 256});
    let failure = run(&Curvature, &many, &Inputs::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Resource);
}

/// Of all chords that are long enough to be seen, none turns by more than 3 degrees.
#[test]
fn no_chord_of_a_portrait_shows() {
    let params = json!({
        "network": {"width": 60, "depth": 10, "sigma_w": 4.0}, "tolerance": 1e-2, "max_points": 4096,
        "portraits": [10]
    });
    let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
    let Drawing::Geometry(circle) = &artifacts.drawings["circle"] else { panic!() };
    let path: Vec<[f64; 2]> =
        (0..circle.parts()).flat_map(|part| circle.part(part)[1..].iter().copied()).collect();
    let width = path.iter().fold(0.0, |widest: f64, [x, _]| widest.max(x.abs()));
    let chord = |index: usize| {
        let (from, to) = (path[index % path.len()], path[(index + 1) % path.len()]);
        [to[0] - from[0], to[1] - from[1]]
    };
    let mut bent = 0;
    for index in 0..path.len() {
        let ([a, b], [c, d]) = (chord(index), chord(index + 1));
        let long = math::hypot(a, b) > 0.01 * width && math::hypot(c, d) > 0.01 * width;
        bent += u32::from(long && math::atan2(a * d - b * c, a * c + b * d).abs() > 0.053);
    }
    assert!(path.len() > 3000 && bent == 0, "{bent} of {}", path.len());
}

#[test]
fn the_example_runs() {
    let params: Json = toml::from_str(&DynAnalysis::about(&Curvature).example).unwrap();
    let artifacts = run(&Curvature, &params, &Inputs::new()).unwrap();
    assert_eq!(artifacts.tables["layers"].rows(), 8);
    assert_eq!(artifacts.tables["theory"].rows(), 8);
    let Drawing::Geometry(circle) = &artifacts.drawings["circle"] else { panic!() };
    assert_eq!(circle.parts(), 2 * 240);
    let places = &artifacts.tables["portraits"];
    assert_eq!(places.rows(), 2);
    let layers = &artifacts.tables["layers"];
    let curvature =
        |table: &octavo_plugin::Table, row: usize| table.column("total_curvature").unwrap().value(row);
    assert_eq!(curvature(places, 0), curvature(layers, 2));
    // Consecutive parts share a vertex, and the last meets the first.
    let part = |index: usize| circle.part(index);
    assert_eq!(part(0).last(), part(1).first());
    assert_eq!(part(239).last(), part(0).first());
}

/// `layers = "last"` gives the last two rows of what all layers give, and refuses portraits.
#[test]
fn the_last_layer_alone() {
    for activation in ["relu", "tanh"] {
        let params = |layers: &str| {
            json!({
                "network": {"width": 8, "depth": 3, "activation": activation, "sigma_w": 1.5}, "layers": layers,
                "tolerance": 1e-9
            })
        };
        let all = run(&Curvature, &params("all"), &Inputs::new()).unwrap();
        let last = run(&Curvature, &params("last"), &Inputs::new()).unwrap();
        let [all, last] = [&all, &last].map(|artifacts| &artifacts.tables["layers"]);
        assert_eq!((all.rows(), last.rows()), (6, 2));
        for column in ["layer", "length", "total_curvature"] {
            for row in 0..2 {
                let [value, other] = [(all, row + 4), (last, row)]
                    .map(|(table, row)| table.column(column).unwrap().number(row).unwrap());
                assert!((value - other).abs() <= 1e-8 * value, "{activation} {column}: {value} {other}");
            }
        }
        assert_eq!(last.column("stage").unwrap().value(0), Value::Text("pre".to_owned()));
    }
    for activation in ["relu", "tanh"] {
        let params = |layers: &str| {
            json!({
                "network": {"width": 3, "depth": 2, "activation": activation}, "layers": layers, "tolerance": 1e-9,
                "polygon": [[0, 0, 0], [1, 0, 0], [0, 1, 1]]
            })
        };
        let [all, last] =
            [curvatures(&params("all"), &Inputs::new()), curvatures(&params("last"), &Inputs::new())];
        assert_eq!((all.len(), last.len()), (4, 2));
        for (value, other) in all[2..].iter().zip(&last) {
            let [value, other] = [value, other].map(|value| value.as_f64().unwrap());
            assert!((value - other).abs() <= 1e-8 * value, "{activation}: {value} {other}");
        }
    }
    let params = json!({"network": {"width": 8, "depth": 3}, "layers": "last", "portraits": [1]});
    let problems = Curvature.prepare(&params).unwrap().problems;
    assert!(problems.iter().any(|problem| problem.message.contains("portrait")), "{problems:?}");
}
