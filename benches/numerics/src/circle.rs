//! A circle through a network, timed at the word of `benches/curvature.py`.

use std::io::{BufRead, Write};
use std::time::Instant;

use octavo_curvature::forward::{LastLayer, NetworkCurves};
use octavo_curvature::jets::Ellipse;
use octavo_curvature::real::Real;
use octavo_curvature::curves::Curves;
use octavo_plugin::{Activation, Layer, Network, simd};
use rayon::prelude::*;

const POINTS: usize = 1000;

/// Reads a network (numbers of 8 bytes: width, depth, radius, then weights and biases of each layer). For each line `f64`
/// or `f32` of the standard input, `all` behind it for the curves of all layers, it prints the
/// seconds in which the weights were laid out, those of the rest, and the total curvature before the last activation.
pub fn serve(path: &str) {
    let bytes = std::fs::read(path).expect("the network file");
    let numbers: Vec<f64> = bytes
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().expect("eight bytes")))
        .collect();
    let (width, depth, radius) = (numbers[0] as usize, numbers[1] as usize, numbers[2]);
    let layer = |numbers: &[f64]| Layer {
        inputs: width,
        outputs: width,
        weights: numbers[..width * width].to_vec(),
        bias: numbers[width * width..].to_vec(),
        activation: Activation::Tanh,
    };
    let layers: Vec<Layer> = numbers[3..].chunks_exact(width * (width + 1)).map(layer).collect();
    assert_eq!(layers.len(), depth, "the file holds its layers");
    let axis = |axis: usize| (0..width).map(|row| if row == axis { radius } else { 0.0 }).collect();
    let circle = Ellipse { c: vec![0.0; width], a: axis(0), b: axis(1) };
    let network = Network { layers };
    eprintln!("ours: {} threads, level {}", rayon::current_num_threads(), simd::level_name());
    for line in std::io::stdin().lock().lines() {
        let [packing, seconds, curvature] = match line.expect("a line").trim() {
            "f32" => time::<f32>(&network, &circle, false),
            "f32 all" => time::<f32>(&network, &circle, true),
            "f64 all" => time::<f64>(&network, &circle, true),
            _ => time::<f64>(&network, &circle, false),
        };
        println!("{packing} {seconds} {curvature}");
        std::io::stdout().flush().expect("someone listens");
    }
}

/// All 40 curves, or those of the last layer. The batches make whole registers of columns for two threads.
fn time<T: Real>(network: &Network, circle: &Ellipse, all: bool) -> [f64; 3] {
    let step = std::f64::consts::TAU / POINTS as f64;
    let angles: Vec<f64> = (0..POINTS).map(|index| step * index as f64).collect();
    let start = Instant::now();
    let curves = NetworkCurves::<T>::new(network, circle);
    let packing = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let (last, curves): (usize, &dyn Curves) =
        if all { (2 * network.layers.len() - 2, &curves) } else { (0, &LastLayer(&curves)) };
    let batches: Vec<_> = angles
        .par_chunks(POINTS / 2)
        .flat_map(|half| half.par_chunks(64))
        .map(|angles| curves.sample(angles).expect("finite rates"))
        .collect();
    let turning: f64 = batches.iter().flat_map(|rates| &rates[last].turning).sum();
    [packing, start.elapsed().as_secs_f64(), step * turning]
}
