//! Networks whose numbers of regions were confirmed by exact integer arithmetic elsewhere.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "helpers of tests")]

mod common;

use common::{attribute, column, count, drawing, float, network, regions, relu};
use num_bigint::BigInt;
use octavo_plugin::{Artifacts, Network, math};
use serde_json::{Value as Json, json};

const EXPECTED: &str = include_str!("reference/expected.json");

macro_rules! reference {
    ($($test:ident: $name:literal;)*) => {$(
        #[test]
        fn $test() {
            check($name, include_str!(concat!("reference/", $name, ".net.json")));
        }
    )*};
}

reference! {
    he_8_8: "he_2-8-8-1";
    he_16_16: "he_2-16-16-1";
    he_64_64: "he_2-64-64-1";
    fold_6: "fold_n6";
    tent_3: "tent2d_n3";
    degenerate: "degenerate_13-9-6";
}

fn convert(file: &Json) -> (Network, [[f64; 2]; 2]) {
    let layers = file["layers"].as_array().unwrap().iter().map(|layer| {
        let read = |key: &str| serde_json::from_value(layer[key].clone()).unwrap();
        (serde_json::from_value(layer["W"].clone()).unwrap(), read("b"))
    });
    (relu(layers.collect()), serde_json::from_value(file["domain"].clone()).unwrap())
}

fn check(name: &str, file: &str) {
    let file: Json = serde_json::from_str(file).unwrap();
    let all: Json = serde_json::from_str(EXPECTED).unwrap();
    let expected = &all[name];
    let (net, domain) = convert(&file);
    check_counts(&network(&net, domain), expected);
    check_geometry(&network(&net, domain), expected);
}

fn check_counts(found: &Artifacts, expected: &Json) {
    for (ours, theirs) in [
        ("activation_regions", "activation_regions"),
        ("activation_regions", "distinct_patterns"),
        ("linear_regions", "linear_regions"),
        ("affine_functions", "distinct_affine_functions"),
    ] {
        assert_eq!(json!(count(found, ours)), expected[theirs], "{theirs}");
    }
    let after: Vec<u64> = serde_json::from_value(expected["regions_after_layer"].clone()).unwrap();
    let after: Vec<BigInt> = after.into_iter().map(BigInt::from).collect();
    assert_eq!(column(found, "layers", "activation_regions"), after);
    assert_eq!(drawing(found, "partition").parts() as u64, count(found, "activation_regions"));
}

fn check_geometry(found: &Artifacts, expected: &Json) {
    let close = |value: f64, key: &str| {
        let target = expected[key].as_f64().unwrap();
        assert!((value - target).abs() <= 1e-9 * target.abs(), "{key}: {value} is not {target}");
    };
    close(float(found, "area"), "area_sum");
    close(float(found, "integral"), "integral_of_output0");
    close(float(found, "gradient_energy"), "integral_of_grad_output0_sq");
    let mut areas = attribute(found, "partition", "area");
    areas.sort_by(f64::total_cmp);
    close(areas[0], "area_min");
    close(areas[areas.len() - 1], "area_max");
    close(f64::midpoint(areas[(areas.len() - 1) / 2], areas[areas.len() / 2]), "area_median");
    for (bound, expected) in expected["regions_with_area_below"].as_object().unwrap() {
        let bound: f64 = bound.parse().unwrap();
        let below = areas.iter().filter(|area| **area < bound).count();
        assert_eq!(json!(below), *expected, "regions with an area below {bound}");
    }
    let partition = drawing(found, "partition");
    let sides = (0..partition.parts()).flat_map(|index| {
        let part = partition.part(index);
        let next = part.iter().cycle().skip(1);
        part.iter().zip(next).map(|(p, q)| math::hypot(p[0] - q[0], p[1] - q[1]))
    });
    let shortest = sides.fold(f64::INFINITY, f64::min);
    // The shortest side is a difference of coordinates that are good to about 1e-15.
    assert!((shortest - expected["min_cell_edge_length"].as_f64().unwrap()).abs() < 1e-13, "{shortest}");
    close(partition.vertices.len() as f64 / partition.parts() as f64, "mean_cell_corners");
}

#[test]
fn constructed_networks_are_those_of_the_reference() {
    for (params, name) in [(json!({"fold": 6}), "fold_n6"), (json!({"tent": 3}), "tent2d_n3")] {
        let all: Json = serde_json::from_str(EXPECTED).unwrap();
        let found = regions(json!({"network": params, "domain": [[0, 0], [1, 1]]}));
        check_counts(&found, &all[name]);
        check_geometry(&found, &all[name]);
        check_counts(&regions(json!({"network": params})), &all[name]);
    }
}
