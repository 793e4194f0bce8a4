//! Times the count of regions of one network by the crate regioncam: `peer FILE RUNS`.

use std::time::Instant;

use ndarray::{Array1, Array2};
use regioncam::nn::Linear;
use regioncam::{NNBuilder, Regioncam};
use serde_json::Value;

fn layer(value: &Value) -> Linear {
    let rows = value["weights"].as_array().unwrap();
    let (outputs, inputs) = (rows.len(), rows[0].as_array().unwrap().len());
    let weight =
        Array2::from_shape_fn((inputs, outputs), |(input, output)| rows[output][input].as_f64().unwrap() as f32);
    let bias = value["bias"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32);
    Linear::new(weight, Array1::from_iter(bias))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let net: Value = serde_json::from_slice(&std::fs::read(&arguments[0]).unwrap()).unwrap();
    let layers: Vec<Linear> = net["layers"].as_array().unwrap().iter().map(layer).collect();
    let runs: usize = arguments[1].parse().unwrap();
    let mut times = Vec::new();
    let mut regions = 0;
    for _ in 0..runs {
        let start = Instant::now();
        let mut partition = Regioncam::square(1.0);
        // The output layer is affine and splits nothing: it is left out.
        for layer in &layers[..layers.len() - 1] {
            partition.add(layer);
            partition.relu();
        }
        regions = partition.num_faces();
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    println!("{regions} {:.6}", times[runs / 2]);
}
