//! How long a step of training takes: one line of JSON per measurement. `benches/training.sh` runs it beside torch and JAX.
//!
//! Usage: step CASE..., each as WIDTHS:ACTIVATION:BATCH:PRECISION, such as 2-256-256-256-1:relu:256:f32, on two threads.
//! The loss is the mean squared error, the rule Adam.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::time::Instant;

use octavo_learning::{ADAM, Adam, Learner, Pass, Precision, Rule, learner, parameter_slopes};
use octavo_plugin::interchange::Init;
use octavo_plugin::{Activation, Network, Seed};

/// Seconds that a case is measured for, after as much as a fifth of it to warm up.
const SECONDS: f64 = 1.0;

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    for case in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let parts: Vec<&str> = case.split(':').collect();
        let widths: Vec<usize> = parts[0].split('-').map(|width| width.parse().unwrap()).collect();
        let activation = if parts[1] == "tanh" { Activation::Tanh } else { Activation::Relu };
        let batch: usize = parts[2].parse().unwrap();
        let network = Network::random(&widths, activation, Init::He, 0.1, &mut Seed(1).stream("network"));
        let inputs = Seed(1).stream("inputs").normals(batch * widths[0], 1.0);
        let precision = if parts[3] == "f32" { Precision::F32 } else { Precision::F64 };
        let mut trained = learner(&network, precision, Rule::Adam(ADAM));
        report("ours", &case, || one(&mut *trained, batch, &inputs));
        if precision == Precision::F64 {
            let (mut network, mut adam) = (network.clone(), Adam::new(&network, ADAM));
            report("ours, piece by piece", &case, || in_pieces(&mut network, &mut adam, batch, &inputs));
        }
    }
}

/// Slopes of the mean squared distance from the first input.
fn loss(inputs: &[f64], outputs: &[f64], slopes: &mut [f64]) {
    let width = inputs.len() / outputs.len();
    for ((slope, output), input) in slopes.iter_mut().zip(outputs).zip(inputs.chunks_exact(width)) {
        *slope = 2.0 * (output - input[0]) / outputs.len() as f64;
    }
}

fn one(learner: &mut dyn Learner, batch: usize, inputs: &[f64]) {
    learner.learn(batch, inputs, 1e-4, &mut |outputs, slopes| loss(inputs, outputs, slopes));
}

/// The same step by the functions that give each part of it.
fn in_pieces(network: &mut Network, adam: &mut Adam, batch: usize, inputs: &[f64]) {
    let pass = Pass::new(network, batch, inputs.to_vec());
    let mut slopes = vec![0.0; batch];
    loss(inputs, pass.outputs(), &mut slopes);
    let gradient = parameter_slopes(network, &pass, &slopes);
    adam.step(network, &gradient, 1e-4);
}

fn report(who: &str, case: &str, mut step: impl FnMut()) {
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < SECONDS / 5.0 {
        step();
    }
    // Some steps are one measurement, so that the clock does not count.
    let begun = Instant::now();
    step();
    let some = (2e-4 / begun.elapsed().as_secs_f64()).ceil().max(1.0);
    let mut found = Vec::new();
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < SECONDS {
        let from = Instant::now();
        (0..some as usize).for_each(|_| step());
        found.push(from.elapsed().as_secs_f64() / some);
    }
    found.sort_by(f64::total_cmp);
    let (median, least) = (1e3 * found[found.len() / 2], 1e3 * found[0]);
    println!(r#"{{"who": "{who}", "case": "{case}", "median": {median}, "least": {least}}}"#);
}
