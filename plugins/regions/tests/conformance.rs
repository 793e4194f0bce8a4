//! The suite that every analysis passes.

mod common;

use octavo_plugin::Inputs;
use octavo_plugin::interchange::{Activation, Network};
use octavo_plugin::{Seed, interchange::Init};
use octavo_plugin_test::{Case, conforms, same_bits_on_every_simd_level};
use octavo_regions::Regions;
use serde_json::{Value as Json, json};

fn case(name: &'static str, params: Json, golden: &'static str) -> Case {
    Case { name, params, inputs: Inputs::new(), golden: (2, golden) }
}

fn from_file(golden: &'static str) -> Case {
    let mut stream = Seed(8).stream("net");
    let mut net = Network::random(&[2, 6, 5, 2], Activation::Relu, Init::He, 0.1, &mut stream);
    let copied = net.layers[0].row(0).to_vec();
    net.layers[0].weights.splice(2..4, copied);
    net.layers[0].bias[1] = net.layers[0].bias[0];
    let (params, inputs) = common::with_file(&net, [[-1.0, -1.0], [1.0, 1.0]]);
    Case { name: "a file with a copied neuron", params, inputs, golden: (2, golden) }
}

fn cases() -> Vec<Case> {
    vec![
        case(
            "random network",
            json!({"network": {"widths": [2, 16, 16, 1], "init": "he", "bias_sd": 0.1}}),
            "c4ac4dc674ec2e5a",
        ),
        case("fold network", json!({"network": {"fold": 6}}), "47bb4b8993928352"),
        case(
            "tent network",
            json!({"network": {"tent": 3}, "domain": [[0, 0], [1, 1]], "drawing": false}),
            "e1a1221a4cab92aa",
        ),
        from_file("c941f75fd26df544"),
        case("lines in the plane", json!({"lines": {"count": 5, "plane": true}}), "e3163046c440a190"),
        case("many lines", json!({"lines": {"count": 40}}), "8f729795d29574a0"),
        case("folds", json!({"folds": {"count": 7}}), "01ecb474a71735a0"),
        case(
            "halving folds",
            json!({"folds": {"count": 6, "crease": "halving"}, "domain": [[0, 0], [2, 1]]}),
            "99ee632f97fa2947",
        ),
        case("formula", json!({"formula": {"folds": 1000}}), "e87a03ab412c9e43"),
    ]
}

#[test]
fn conformance() {
    conforms(&Regions, &cases());
}

#[test]
fn same_bits_on_every_lane_width() {
    same_bits_on_every_simd_level("conformance");
}
