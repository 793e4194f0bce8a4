//! Sums whose order is part of the algorithm.
//!
//! Values are taken in chunks of [`CHUNK`]; within a chunk sixteen lanes run side by side and are folded in one fixed
//! tree; chunks are folded in index order. The result depends on the values and their order, never on the number of
//! threads or on the processor's lane width.

use std::ops::AddAssign;

use rayon::prelude::*;

use crate::simd::{self, Kernel, LANES};

/// Number of values in a chunk.
pub const CHUNK: usize = 4096;

/// Folds sixteen lanes in a fixed tree: distance 8, 4, 2, 1.
#[inline(always)]
pub fn fold_lanes<T: Copy + AddAssign>(mut lanes: [T; LANES]) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            let other = lanes[lane + half];
            lanes[lane] += other;
        }
        half /= 2;
    }
    lanes[0]
}

struct Sum<'a>(&'a [f64]);

impl Kernel for Sum<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                lanes[lane] += block[lane];
            }
        }
        for (lane, value) in rest.iter().enumerate() {
            lanes[lane] += value;
        }
        lanes
    }
}

struct Dot<'a>(&'a [f64], &'a [f64]);

impl Kernel for Dot<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        let (left, left_rest) = self.0.as_chunks::<LANES>();
        let (right, right_rest) = self.1.as_chunks::<LANES>();
        for (a, b) in left.iter().zip(right) {
            for lane in 0..LANES {
                lanes[lane] = a[lane].mul_add(b[lane], lanes[lane]);
            }
        }
        for (lane, (a, b)) in left_rest.iter().zip(right_rest).enumerate() {
            lanes[lane] = a.mul_add(*b, lanes[lane]);
        }
        lanes
    }
}

/// The sum of the values. Error below about (n / 16 / chunks + 4 + chunks) roundings of the running sum.
pub fn sum(values: &[f64]) -> f64 {
    values
        .chunks(CHUNK)
        .map(|chunk| fold_lanes(simd::dispatch(Sum(chunk))))
        .fold(0.0, |total, part| total + part)
}

/// The same sum with the same bits, on the shared thread pool; worth it from about 100,000 values.
pub fn par_sum(values: &[f64]) -> f64 {
    let parts: Vec<f64> =
        values.par_chunks(CHUNK).map(|chunk| fold_lanes(simd::dispatch(Sum(chunk)))).collect();
    parts.into_iter().fold(0.0, |total, part| total + part)
}

/// The inner product of two vectors of one length, with one rounding per product and sum.
///
/// # Panics
/// If the lengths differ.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "an inner product takes two vectors of one length");
    a.chunks(CHUNK)
        .zip(b.chunks(CHUNK))
        .map(|(a, b)| fold_lanes(simd::dispatch(Dot(a, b))))
        .fold(0.0, |total, part| total + part)
}

/// Arithmetic mean; `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 values")]
    (!values.is_empty()).then(|| sum(values) / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn threads_do_not_change_a_bit() {
        let values = Seed(3).stream("sum").normals(1_000_003, 1.0);
        let one = sum(&values);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| par_sum(&values)).to_bits(), one.to_bits());
        }
    }

    #[test]
    fn agrees_with_a_compensated_sum() {
        let values = Seed(4).stream("sum").normals(12_345, 1.0);
        let (mut total, mut lost) = (0.0_f64, 0.0_f64);
        for value in &values {
            let next = total + value;
            lost += if total.abs() > value.abs() { (total - next) + value } else { (value - next) + total };
            total = next;
        }
        assert!((sum(&values) - (total + lost)).abs() < 1e-11);
        let squares: Vec<f64> = values.iter().map(|x| x * x).collect();
        assert!((dot(&values, &values) - sum(&squares)).abs() < 1e-9);
    }

    #[test]
    fn short_slices() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[1.5]), 1.5);
        assert_eq!(dot(&[2.0, 3.0], &[5.0, 7.0]), 31.0);
        assert_eq!(mean(&[]), None);
    }
}
