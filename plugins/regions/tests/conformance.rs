//! The suite that every analysis passes. The digests of what `regions` gave when it was five analyses in one are those of today.

mod common;

use octavo_plugin::Inputs;
use octavo_plugin::interchange::{Activation, Network};
use octavo_plugin::{Seed, interchange::Init};
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use octavo_regions::{Arrangement, Folds, Lines, Portraits, Regions, Zaslavsky};
use serde_json::{Value as Json, json};

fn case(name: &'static str, params: Json, golden: (u32, &'static str)) -> Case {
    Case { name, params, inputs: Inputs::new(), golden }
}

fn from_file(golden: (u32, &'static str)) -> Case {
    let mut stream = Seed(8).stream("net");
    let mut net = Network::random(&[2, 6, 5, 2], Activation::Relu, Init::He, 0.1, &mut stream);
    let copied = net.layers[0].row(0).to_vec();
    net.layers[0].weights.splice(2..4, copied);
    net.layers[0].bias[1] = net.layers[0].bias[0];
    let (params, inputs) = common::with_file(&net, [[-1.0, -1.0], [1.0, 1.0]]);
    Case { name: "a file with a copied neuron", params, inputs, golden }
}

fn of_networks() -> Vec<Case> {
    vec![
        case(
            "random network",
            json!({"network": {"widths": [2, 16, 16, 1], "init": "he", "bias_sd": 0.1}}),
            (3, "80e5f8d50de709eb"),
        ),
        case("fold network", json!({"network": {"fold": 6}}), (3, "6e3c9da557ba9a7e")),
        case(
            "tent network",
            json!({"network": {"tent": 3}, "domain": [[0, 0], [1, 1]], "drawing": false}),
            (3, "6e903a7e9323c11c"),
        ),
        from_file((3, "06d4f795277aee32")),
        case(
            "layer by layer on a slice",
            json!({
                "network": {"widths": [5, 9, 8, 3]},
                "slice": {"points": [[0, 0, 0, 0, 0], [1, 0.5, 0, -1, 0.25], [0, 1, -1, 0.5, 2]]},
                "by_layer": true, "maps": true, "boundary": 0.0, "sampling": {"grid": [20], "random": [300]},
            }),
            (3, "673aee07f946050b"),
        ),
        case("a line", json!({"network": {"widths": [1, 12, 12, 1]}}), (3, "acc385ef0e3af85e")),
        case(
            "trained",
            json!({
                "network": {"trained": {"widths": [2, 10, 10, 1], "target": "dragon", "samples": 200, "epochs": 12}},
                "domain": [[0, 0], [1, 1]],
            }),
            (3, "ba4aa1fe8aa5265f"),
        ),
        case(
            "trained in single precision, on samples in several blocks",
            json!({
                "network": {"trained": {
                    "widths": [2, 70, 70, 1], "target": "mandelbrot", "samples": 500, "epochs": 4, "batch": 250, "precision": "f32",
                }},
                "domain": [[0, 0], [1, 1]],
            }),
            (3, "9c99ace10a9e8fa3"),
        ),
    ]
}

#[test]
fn conformance() {
    conforms(&Regions, &of_networks());
    let lines = [
        case("lines in the plane", json!({"count": 5, "plane": true}), (1, "dcb4474b51af9378")),
        case("many lines", json!({"count": 40}), (1, "257f469c99fc8c9b")),
    ];
    conforms(&Lines, &lines);
    let halving = json!({"count": 6, "crease": "halving", "domain": [[0, 0], [2, 1]]});
    let folds = [
        case("folds", json!({"count": 7}), (1, "7df87bf1caf4e51d")),
        case("halving folds", halving, (1, "0c81cee72367a391")),
        case("maps", json!({"count": 2, "maps": true}), (1, "56814a5065b2a81b")),
    ];
    conforms(&Folds, &folds);
    conforms(&Zaslavsky, &[case("formula", json!({"folds": 1000}), (1, "e87a03ab412c9e43"))]);
    let hyperplanes = json!({"hyperplanes": 8, "dimensions": [1, 2, 5, 100]});
    conforms(&Arrangement, &[case("hyperplanes", hyperplanes, (1, "22c4c396f518cf74"))]);
    let line = json!({"network": {"widths": [1, 12, 12, 1]}, "points": 300, "activation": "tanh"});
    let plane = json!({"network": {"widths": [2, 12, 12, 1]}, "points": 40});
    let portraits = [
        case("portrait of a line", line, (1, "413ffb7ff44e7a7b")),
        case("portrait of the plane", plane, (1, "f482a438938fcb3e")),
    ];
    conforms(&Portraits, &portraits);
}

#[test]
fn same_bits_on_every_lane_width() {
    same_bits_on_every_simd_level("conformance");
}
