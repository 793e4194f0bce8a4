use octavo_plugin::interchange::Init;
use octavo_plugin::{Activation, Seed};

use super::*;
use crate::reverse::tests::ACTIVATIONS;
use crate::{ADAM, Adam, Pass, descend, input_slopes, parameter_slopes};

fn network(widths: &[usize], activation: Activation) -> Network {
    Network::random(widths, activation, Init::He, 0.3, &mut Seed(4).stream("net"))
}

/// Half the squared distance from a target of 0.1 in every output, as a mean over the samples.
fn loss(outputs: &[f64], slopes: &mut [f64]) {
    let count = outputs.len() as f64;
    outputs.iter().zip(slopes).for_each(|(output, slope)| *slope = (output - 0.1) / count);
}

fn inputs(count: usize, width: usize) -> Vec<f64> {
    Seed(5).stream("inputs").normals(count * width, 1.0)
}

/// Small networks, wide ones whose samples are cut into blocks, layers of one neuron, and numbers of samples that fill no block.
const CASES: [(&[usize], usize); 6] = [
    (&[3, 5, 4, 2], 7),
    (&[1, 1], 1),
    (&[2, 40, 40, 1], 33),
    (&[2, 70, 130, 3], 133),
    (&[5, 300, 1, 64, 2], 257),
    (&[2, 256, 256, 1], 64),
];

#[test]
fn steps_have_the_bits_of_pass_slopes_and_adam() {
    // The last has more inputs than a task has weights.
    for (widths, count) in CASES.into_iter().chain([(&[9000, 20, 1][..], 33)]) {
        for activation in ACTIVATIONS {
            let mut expected = network(widths, activation);
            let mut adam = Adam::new(&expected, ADAM);
            let mut found = learner(&expected, Precision::F64, Rule::Adam(ADAM));
            let mut plain = expected.clone();
            let mut descent = learner(&plain, Precision::F64, Rule::Descent);
            for (step, count) in [count, 1 + count / 2, count].into_iter().enumerate() {
                let samples = inputs(count, widths[0]);
                let gradient = |network: &Network| {
                    let pass = Pass::new(network, count, samples.clone());
                    let mut slopes = vec![0.0; pass.outputs().len()];
                    loss(pass.outputs(), &mut slopes);
                    parameter_slopes(network, &pass, &slopes)
                };
                let slopes = gradient(&expected);
                assert!(found.slopes(count, &samples, &mut loss) == slopes, "{widths:?}, step {step}");
                adam.step(&mut expected, &slopes, 0.01);
                found.learn(count, &samples, 0.01, &mut loss);
                assert!(found.network() == expected, "{widths:?}, {activation:?}, step {step}");
                let slopes = gradient(&plain);
                descend(&mut plain, &slopes, 0.01);
                descent.learn(count, &samples, 0.01, &mut loss);
                assert!(descent.network() == plain, "{widths:?}, {activation:?}, descent {step}");
            }
        }
    }
}

/// A step in pieces, with something added to the slopes, as a penalty does, and the way back to the inputs.
#[test]
fn a_step_in_pieces_has_the_same_bits() {
    for (widths, count) in CASES {
        for activation in [Activation::Relu, Activation::Tanh] {
            let mut expected = network(widths, activation);
            let mut adam = Adam::new(&expected, ADAM);
            let mut found = learner(&expected, Precision::F64, Rule::Adam(ADAM));
            let samples = inputs(count, widths[0]);
            for more in [false, true, false] {
                let pass = Pass::new(&expected, count, samples.clone());
                let mut slopes = vec![0.0; pass.outputs().len()];
                loss(pass.outputs(), &mut slopes);
                assert!(found.outputs(count, &samples) == pass.outputs());
                let of_inputs = input_slopes(&expected, &pass, &slopes);
                assert!(found.input_slopes(&slopes) == of_inputs, "{widths:?}, {activation:?}");
                let gradient = parameter_slopes(&expected, &pass, &slopes);
                let mut sum = gradient.clone();
                if more {
                    sum.add(&gradient);
                }
                adam.step(&mut expected, &sum, 0.01);
                found.step(&slopes, more.then_some(&gradient), 0.01);
                assert!(found.network() == expected, "{widths:?}, {activation:?}, {more}");
            }
        }
    }
}

#[test]
fn slopes_in_single_precision_are_near_those_in_double() {
    for (widths, count) in CASES {
        for activation in ACTIVATIONS {
            // Parameters and inputs that both precisions have.
            let single = learner(&network(widths, activation), Precision::F32, Rule::Descent).network();
            let samples: Vec<f64> = inputs(count, widths[0]).iter().map(|x| f64::from(*x as f32)).collect();
            let slopes = |precision| {
                learner(&single, precision, Rule::Descent).slopes(count, &samples, &mut loss).layers
            };
            let (found, expected) = (slopes(Precision::F32), slopes(Precision::F64));
            for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                let size = expected.iter().fold(1e-3_f64, |size, x| size.max(x.abs()));
                for (found, expected) in found.iter().zip(expected) {
                    let error = (found - expected).abs();
                    // A kink may be on the other side.
                    let bound = if activation == Activation::Relu { 1e-3 } else { 1e-4 };
                    assert!(error < bound * size, "{widths:?}, {activation:?}: {found} and {expected}");
                }
            }
        }
    }
}

/// One weight, slopes 1 and then 0: means 0.1 and 0.001, then 0.09 and 0.000999; corrected by 0.19 and 0.001999.
#[test]
fn two_steps_of_adam_in_single_precision_by_hand() {
    let layer = Layer {
        inputs: 1,
        outputs: 1,
        weights: vec![0.0],
        bias: vec![0.0],
        activation: Activation::Identity,
    };
    let mut learner = learner(&Network { layers: vec![layer] }, Precision::F32, Rule::Adam(ADAM));
    let slope = |slope: f64| move |_: &[f64], slopes: &mut [f64]| slopes[0] = slope;
    learner.learn(1, &[1.0], 1.0, &mut slope(1.0));
    assert_eq!(learner.network().layers[0].weights, [-1.0]);
    learner.learn(1, &[1.0], 1.0, &mut slope(0.0));
    let expected = -1.0 - (0.09 / 0.19) / (0.000_999_f64 / 0.001_999).sqrt();
    let found = learner.network().layers[0].weights[0];
    assert!((found - expected).abs() < 4e-7 && f64::from(found as f32) == found, "{found} and {expected}");
}

/// The parameters after some steps, as bits.
fn trained(precision: Precision, activation: Activation, count: usize) -> Vec<u64> {
    let mut learner = learner(&network(&[2, 90, 110, 2], activation), precision, Rule::Adam(ADAM));
    for _ in 0..3 {
        learner.learn(count, &inputs(count, 2), 0.01, &mut loss);
    }
    let layers = learner.network().layers;
    layers.iter().flat_map(|layer| layer.weights.iter().chain(&layer.bias)).map(|x| x.to_bits()).collect()
}

#[test]
fn threads_change_no_bit() {
    for precision in [Precision::F64, Precision::F32] {
        // On the asking thread, and on the pool.
        for count in [20, 250] {
            let run = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| trained(precision, Activation::Tanh, count))
            };
            let expected = run(1);
            assert!(run(2) == expected && run(3) == expected && run(7) == expected, "{precision:?}, {count}");
        }
    }
}

/// A digest of the bits of trained networks that every lane width must give.
#[test]
fn trained_networks_have_these_bits() {
    let mut digest = 0_u64;
    for precision in [Precision::F64, Precision::F32] {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Erf] {
            for count in [20, 250] {
                for bits in trained(precision, activation, count) {
                    digest = digest.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bits;
                }
            }
        }
    }
    assert_eq!(digest, 10_761_310_781_704_403_527);
}

#[test]
fn every_lane_width_gives_these_bits() {
    octavo_plugin_test::same_bits_on_every_simd_level("learner::tests::trained_networks_have_these_bits");
}
