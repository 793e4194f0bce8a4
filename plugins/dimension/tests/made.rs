//! Sets that the analysis makes: of networks, of training, and models of what is found elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

mod common;

use common::{blobs, column, file, scalar};
use octavo_dimension::Dimension;
use octavo_plugin::{Artifacts, DynAnalysis, Failure, Inputs, Value};
use octavo_plugin_test::run;
use serde_json::{Value as Json, json};

fn of(set: Json, smallest: f64, largest: f64) -> Artifacts {
    let params = json!({"set": set, "smallest": smallest, "largest": largest, "offsets": 16});
    run(&Dimension, &params, &Inputs::default()).unwrap()
}

/// The local slope nearest to a size.
fn slope_at(found: &Artifacts, size: f64) -> f64 {
    let rows = column(found, "slopes", "size").into_iter().zip(column(found, "slopes", "slope"));
    let away = |x: f64| (octavo_plugin::math::ln(x / size)).abs();
    rows.min_by(|a, b| away(a.0).total_cmp(&away(b.0))).unwrap().1
}

fn within(found: &Artifacts, expected: f64, tolerance: f64) {
    let dimension = scalar(found, "dimension");
    assert!((dimension - expected).abs() < tolerance, "{dimension} and not {expected}");
}

#[test]
fn level_sets_of_smooth_networks_are_lines_below_a_scale() {
    let network = |depth: usize, view: f64| {
        json!({"level_set": {"width": 50, "depth": depth, "resolution": 192, "view": view, "level": "center",
            "center": [0.31, -0.17]}})
    };
    let deep = of(network(8, 2.0), 2.0, 0.125);
    let (fine, coarse) = (slope_at(&deep, 1.4), slope_at(&deep, 12.0));
    assert!(coarse > fine + 0.2, "{fine}, {coarse}");
    // Zoomed far below that scale, the same level set is one line.
    let zoomed = of(network(8, 1e-4), 2.0, 0.125);
    assert!((slope_at(&zoomed, 2.0) - 1.0).abs() < 0.03 && (slope_at(&zoomed, 12.0) - 1.0).abs() < 0.1);
    // A shallow one is a line already.
    let shallow = of(network(1, 2.0), 2.0, 0.125);
    assert!(slope_at(&shallow, 4.0) < 1.1);
}

#[test]
fn a_layer_of_signs_draws_straight_lines() {
    // With one neuron that matters less and less the level set would be a line; with several it consists of their lines.
    let found = of(
        json!({"level_set": {"activation": "sign", "width": 12, "depth": 1, "resolution": 128}}),
        2.0,
        0.125,
    );
    assert!(slope_at(&found, 1.4) < 1.1, "{}", slope_at(&found, 1.4));
}

#[test]
fn the_border_of_a_bowl_is_a_corner_and_with_waves_it_is_rough() {
    let border = |amplitude: f64| {
        let set = json!({"trainability": {"trainee": "waves", "amplitude": amplitude, "wavelength": 1.0, "steps": 400,
            "resolution": 128, "center": [-0.2, -0.2], "view": 1.2}});
        of(set, 2.0, 0.125)
    };
    let (smooth, rough) = (border(0.0), border(0.1));
    within(&smooth, 1.0, 0.05);
    // A quarter of the square or so: both rates below 1.
    assert!((scalar(&smooth, "converging") - (0.8_f64 / 1.2) * (0.8 / 1.2)).abs() < 0.02);
    assert!(
        scalar(&rough, "dimension") > scalar(&smooth, "dimension") + 0.2,
        "{:?}",
        rough.scalars["dimension"]
    );
}

#[test]
fn training_that_never_diverges_has_no_border() {
    let set = json!({"trainability": {"resolution": 16, "center": [-4.0, -4.0], "steps": 40}});
    let failure = run(&Dimension, &json!({"set": set}), &Inputs::default()).unwrap_err();
    assert!(failure.message.contains("end alike"), "{failure}");
}

#[test]
fn models_have_their_dimensions() {
    within(&of(json!({"model": "walk", "size": 200_000}), 4.0, 0.03125), 2.0, 0.3);
    within(&of(json!({"model": "graph", "size": 60_000}), 2.0, 0.03125), 1.5, 0.12);
    within(&of(json!({"model": "henon", "size": 200_000}), 8.0, 0.03125), 1.26, 0.06);
    within(&of(json!({"model": "logistic", "size": 30_000}), 8.0, 0.03125), 0.538, 0.04);
    within(&of(json!({"model": "aggregation", "size": 3000}), 4.0, 0.125), 1.65, 0.15);
}

#[test]
fn clusters_are_clustered_below_a_scale_and_spread_evenly_above() {
    let found = of(json!({"model": "clusters", "size": 400_000}), 8.0, 0.03125);
    let unit = scalar(&found, "unit");
    let [inside, outside] = [0.0008, 0.1].map(|length| slope_at(&found, length / unit));
    assert!(inside < 1.3 && outside > 1.6, "{inside}, {outside}");
}

fn classified(change: Json) -> Result<Artifacts, Failure> {
    let mut inputs = Inputs::default();
    let data = inputs.add("data.csv", file("csv", blobs().as_bytes()));
    let mut classifier = json!({"data": serde_json::to_value(data).unwrap(), "hidden": [16], "samples": 60, "epochs": 60,
        "resolution": 128, "view": 8.0});
    for (key, value) in change.as_object().unwrap() {
        classifier[key] = value.clone();
    }
    let params = json!({"set": {"classifier": classifier}, "smallest": 2, "largest": 0.25});
    let params = Dimension.prepare(&params).unwrap().params;
    run(&Dimension, &params, &inputs)
}

#[test]
fn two_classes_are_told_apart_by_a_line() {
    for activation in ["relu", "tanh", "gelu"] {
        let found = classified(json!({"activation": activation})).unwrap();
        assert!(scalar(&found, "misclassified") < 0.15, "{activation}: {:?}", found.scalars["misclassified"]);
        assert!((slope_at(&found, 2.0) - 1.0).abs() < 0.1, "{activation}");
    }
}

#[test]
fn an_untrained_classifier_is_left_as_it_is_drawn() {
    // What training would change does nothing, and the classes are not told apart.
    let drawn = |change: Json| {
        let mut params = json!({"epochs": 0, "sigma_w": 4.0});
        params.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        classified(params).unwrap()
    };
    let found = drawn(json!({}));
    assert!(scalar(&found, "misclassified_training") > 0.2, "{:?}", found.scalars);
    assert_eq!(drawn(json!({"rate": 0.5, "batch": 3})), found);
    assert_ne!(drawn(json!({"epochs": 1})), found);
}

#[test]
fn data_that_cannot_be_used_are_refused() {
    let message = |change: Json| classified(change).unwrap_err().message;
    assert_eq!(message(json!({"rows": [1, 2, 99]})), "`data.csv`: there is no row 99; there are 80");
    assert_eq!(message(json!({"class": 2})), "`data.csv`: there is no class 2; there are 2");
    assert!(matches!(
        classified(json!({"samples": 80})).unwrap().scalars["misclassified"].value,
        Value::Missing(_)
    ));
}
