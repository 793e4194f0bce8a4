//! The product of matrices beside that of `faer`, in turn.

use std::hint::black_box;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use octavo_plugin::linalg::{self, Element};
use octavo_plugin::{Seed, simd};

const M: usize = 1000;
const K: usize = 1000;
const N: usize = 3000;

/// Prints medians in GF/s and their ratio, f64 and f32.
pub fn compare(rounds: usize) {
    let threads = rayon::current_num_threads();
    println!("{M} x {K} x {N}, {threads} threads, level {}, medians of {rounds}; GF/s", simd::level_name());
    let mut stream = Seed(1).stream("bench");
    let (a, b) = (stream.normals(M * K, 1.0), stream.normals(K * N, 1.0));
    row("f64", rounds, &a, &b, 1.0);
    let [a, b] = [&a, &b].map(|matrix| matrix.iter().map(|x| *x as f32).collect::<Vec<f32>>());
    row("f32", rounds, &a, &b, 1.0);
}

fn row<T: Element + faer_traits::ComplexField + Copy>(name: &str, rounds: usize, a: &[T], b: &[T], one: T) {
    let (mut ours, mut theirs) = (vec![T::default(); M * N], vec![T::default(); M * N]);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..=rounds {
        let start = Instant::now();
        linalg::matmul_into(M, K, N, black_box(a), black_box(b), &mut ours);
        times[0].push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let target = MatMut::from_row_major_slice_mut(&mut theirs, M, N);
        let (left, right) = (MatRef::from_row_major_slice(a, M, K), MatRef::from_row_major_slice(b, K, N));
        matmul(target, Accum::Replace, left, right, one, Par::rayon(0));
        times[1].push(start.elapsed().as_secs_f64());
        black_box((&ours, &theirs));
    }
    let rate = |times: &Vec<f64>| {
        let mut times = times[1..].to_vec();
        times.sort_by(f64::total_cmp);
        2e-9 * (M * K * N) as f64 / times[times.len() / 2]
    };
    let [ours, theirs] = [rate(&times[0]), rate(&times[1])];
    println!("{name} ours {ours:7.1}  faer {theirs:7.1}  ratio {:.3}", ours / theirs);
}
