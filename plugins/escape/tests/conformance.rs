//! The conformance suite, and parameters that are refused.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

use octavo_escape::Escape;
use octavo_plugin::{Artifacts, DynAnalysis, FailureKind, Inputs, Value};
use octavo_plugin_test::{Case, conforms, run, same_bits_on_every_simd_level};
use serde_json::{Value as Json, json};

fn case(name: &'static str, params: Json, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::default(), golden: (3, golden) }
}

#[test]
fn conformance() {
    conforms(
        &Escape,
        &[
            case("defaults", json!({"size": [128, 128]}), "9db068170429685c"),
            case(
                "odd sizes",
                json!({"size": [77, 50], "origin": [-0.8, 0.0], "pixel": 1e-3, "picture": 32}),
                "792431a3ee3cf5f0",
            ),
            case(
                "julia",
                json!({"kind": "julia", "c": [-0.123, 0.745], "size": [96, 80], "show": ["smooth", "distance"]}),
                "7b257295261e21dc",
            ),
            case(
                "all pictures",
                json!({"size": [60, 60], "max_iterations": 300, "show": ["smooth", "distance", "period", "area"]}),
                "5cb2d00c4efc1ab6",
            ),
            case(
                "points",
                json!({"points": [[0.0, 1.0], [-2.0, 0.0], [-0.75, 0.01], [0.3, 0.0], [-0.1, 0.74]],
                    "show": ["orbits", "cycles", "fold"]}),
                "12c6cddfac022274",
            ),
            case(
                "places",
                json!({"size": [32, 32], "nuclei": 5, "rays": [[1, 3], [1, 6], [5, 31]], "likeness": {"size": 64},
                    "misiurewicz": [{"preperiod": 2, "period": 2, "near": [0.0, 1.0]}]}),
                "2f4da701ef33ddf7",
            ),
            case(
                "deep",
                json!({"center": ["-0.743643887037158704752191506114774", "0.131825904205311970493132056385139"],
                    "zoom": 1e13, "size": [24, 16], "max_iterations": 5000, "show": ["smooth", "nucleus"]}),
                "5c993aa8c879205c",
            ),
            case(
                "in pairs of doubles",
                json!({"center": ["-0.743641111604866527235574909584067", "0.131825778621329191276587232416462"],
                    "pixel": 1e-14, "size": [10, 8], "max_iterations": 20000}),
                "31411eff3c130b09",
            ),
            case(
                "deeper than doubles squared",
                json!({"center": ["0", "1"], "pixel": 1.0, "zoom": 1e300, "size": [12, 9], "max_iterations": 2000}),
                "e902ff87b4f871a0",
            ),
            case(
                "atlas",
                json!({"size": [16, 16], "atlas": {"columns": 8, "thumbnail": 16}}),
                "d00c82bdaad514e6",
            ),
        ],
    );
}

#[test]
fn every_simd_level() {
    same_bits_on_every_simd_level("conformance");
}

fn problem(params: Json) -> String {
    let problems = Escape.prepare(&params).unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    format!("{}: {}", problems[0].path, problems[0].message)
}

#[test]
fn problems_between_parameters() {
    assert_eq!(problem(json!({"kind": "julia"})), "c: a Julia set needs its `c`");
    assert_eq!(problem(json!({"c": [0, 1]})), "c: the Mandelbrot set has no `c`: its pixels are all c");
    assert_eq!(problem(json!({"zoom": 10})), "zoom: `zoom` needs a `center`");
    assert_eq!(
        problem(json!({"center": ["0", "1"], "origin": [0, 0]})),
        "origin: there are an `origin` and a `center`"
    );
    assert_eq!(
        problem(json!({"center": ["0.1", "1,5"]})),
        "center: `1,5` is no decimal number between -1000 and 1000"
    );
    assert_eq!(
        problem(json!({"center": ["0", "1"], "pixel": 0.5, "zoom": 1e300})),
        "zoom: pixels of 5e-301 are smaller than 1e-300"
    );
    assert_eq!(problem(json!({"size": [16384, 16384]})), "size: 268435456 pixels are more than 67108864");
    assert_eq!(problem(json!({"points": []})), "points: there is no point");
    assert_eq!(problem(json!({"show": ["orbits"]})), "show: `orbits` is of `points`, and there are none");
    assert_eq!(problem(json!({"rays": [[1, 2], [3, 3]]})), "rays: 3/3 is no angle in [0, 1)");
}

fn found(params: Json) -> Artifacts {
    run(&Escape, &params, &Inputs::default()).unwrap()
}

#[test]
fn a_julia_set_is_in_one_piece_where_its_c_is_in_the_mandelbrot_set() {
    let connected = |c: [f64; 2]| {
        let params = json!({"kind": "julia", "c": c, "size": [8, 8], "max_iterations": 2000});
        found(params).scalars["connected"].value.clone()
    };
    for (c, expected) in [
        ([0.0, 1.0], true),
        ([-2.0, 0.0], true),
        ([-0.123, 0.745], true),
        ([0.26, 0.0], false),
        ([-0.75, 0.1], false),
        ([-1.754_877, 0.0], true),
    ] {
        assert_eq!(connected(c), Value::from(expected), "{c:?}");
        let count =
            found(json!({"points": [c], "max_iterations": 2000})).tables["points"].columns["count"].number(0);
        assert_eq!(count == Some(0.0), expected);
    }
    // The cusp lies on the border, and its orbit tends to 1/2 without ever arriving.
    assert!(matches!(connected([0.25, 0.0]), Value::Missing(_)));
}

#[test]
fn a_finer_grid_gives_the_area_that_is_known() {
    for (size, limit) in [(128, 500), (256, 1000), (512, 2000)] {
        let area =
            found(json!({"size": [size, size], "max_iterations": limit, "show": ["area"]})).scalars["area"]
                .clone();
        let (value, error) = (area.value.as_f64().unwrap(), area.uncertainty.unwrap());
        assert!((value - 1.506_591_884_9).abs() < error && error < 0.02, "{size}: {value} ± {error}");
    }
}

#[test]
fn near_minus_three_quarters_the_counts_tell_pi() {
    let epsilon = [1e-2, 1e-3, 1e-4];
    let points: Vec<[f64; 2]> = epsilon.iter().map(|e| [-0.75, *e]).collect();
    let found = found(json!({"points": points, "max_iterations": 100_000}));
    for (row, e) in epsilon.into_iter().enumerate() {
        let product = e * found.tables["points"].columns["count"].number(row).unwrap();
        assert!((product - std::f64::consts::PI).abs() < 2.0 * e, "{product}");
    }
}

#[test]
fn a_misiurewicz_point_that_is_not_there_is_said_so() {
    let params = json!({"size": [8, 8], "misiurewicz": [{"preperiod": 1, "period": 1, "near": [0.0, 0.0]}]});
    assert_eq!(run(&Escape, &params, &Inputs::default()).unwrap_err().kind, FailureKind::User);
}
