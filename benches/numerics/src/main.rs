//! Times of the numerics beside those of their peers. Load must be low: the figures are medians.
//!
//! `octavo-benches elementary`: functions over slices, alone, and those of `libm`. `octavo-benches product [ROUNDS]`: the
//! product 1000 x 1000 x 3000 in turn with that of `faer`. `octavo-benches circle NETWORK` is the part of
//! `benches/curvature.sh` that is ours.

mod circle;
mod product;

use std::hint::black_box;
use std::time::Instant;

use octavo_plugin::{Seed, math, simd};

/// The median of `runs` times in seconds.
fn median(runs: usize, mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn elementary() {
    let mut arguments = Seed(1).stream("bench").normals(4096, 1.5);
    arguments.iter_mut().for_each(|x| *x = x.abs() + 1e-3);
    let each = 1e9 / 4096.0;
    type Row = (&'static str, fn(&mut [f64]), fn(f64) -> f64, fn(f64) -> f64);
    let rows: [Row; 4] = [
        ("exp", math::exp_slice, |x| math::exp(x), libm::exp),
        ("ln", math::ln_slice, |x| math::ln(x), libm::log),
        ("tanh", math::tanh_slice, |x| math::tanh(x), libm::tanh),
        ("erf", math::erf_slice, |x| math::erf(x), libm::erf),
    ];
    println!("level {}; ns a value: slice, alone, libm", simd::level_name());
    for (name, slice, alone, reference) in rows {
        let mut values = arguments.clone();
        let copy = median(201, || black_box(&mut values).copy_from_slice(&arguments));
        let slice = median(201, || {
            values.copy_from_slice(&arguments);
            slice(black_box(&mut values));
        }) - copy;
        let [alone, reference] = [alone, reference].map(|function| {
            median(201, || {
                for x in &arguments {
                    black_box(function(black_box(*x)));
                }
            })
        });
        println!("{name:6} {:7.2} {:7.2} {:7.2}", slice * each, alone * each, reference * each);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["elementary"] => elementary(),
        ["product"] => product::compare(9),
        ["product", rounds] => product::compare(rounds.parse().expect("a number of rounds")),
        ["circle", network] => circle::serve(network),
        _ => eprintln!("usage: octavo-benches elementary | product [ROUNDS] | circle NETWORK"),
    }
}
