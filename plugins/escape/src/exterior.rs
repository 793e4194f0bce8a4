//! What an orbit that escapes tells beyond its count.

use octavo_plugin::math;
use rayon::prelude::*;

use crate::complex::{Complex, abs, add, mul, scale, square};
use crate::interior::next;

/// |z|² at which an orbit is far enough out for the logarithm of |z| to double at every step, to all digits that are drawn.
const FAR: f64 = 18_446_744_073_709_551_616.0;

/// A point outside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exterior {
    /// k + 1 - log2 ln |z_k|, with a large |z_k|: the count without its jumps, but for a constant.
    pub smooth: f64,
    /// |z| ln |z| / |z'|: the distance to the set is between half of it and twice it.
    pub distance: f64,
}

/// Follows an orbit that escapes. `z` is where it starts, and `slope` its derivative there, by z (1, a Julia set) or by c (0,
/// `by_c`). `None` if it does not escape within `limit` steps.
pub fn exterior(mut z: Complex, c: Complex, by_c: bool, limit: u32) -> Option<Exterior> {
    let mut slope = if by_c { [0.0; 2] } else { [1.0, 0.0] };
    let unit = if by_c { [1.0, 0.0] } else { [0.0; 2] };
    // Ten steps more than the count: from 4 to beyond `FAR` it takes six.
    for k in 1..=limit.saturating_add(10) {
        slope = add(scale(2.0, mul(z, slope)), unit);
        z = next(z, c);
        if square(z) > FAR {
            let size = abs(z);
            let log = math::ln(size);
            let steep = abs(slope);
            let smooth = f64::from(k) + 1.0 - math::log2(log);
            let distance = if steep.is_finite() && steep > 0.0 { size * log / steep } else { 0.0 };
            return Some(Exterior { smooth, distance });
        }
    }
    None
}

/// Values of [0, 1] that spread over a picture evenly: the rank of a smooth count among all, from `low` for the smallest to 1
/// for the largest, and 0 where there is none.
pub fn ranks(smooth: &[Option<f64>], low: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = smooth.iter().flatten().copied().collect();
    sorted.par_sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1).max(1) as f64;
    let rank = |value: &Option<f64>| {
        let Some(value) = value else { return 0.0 };
        low + (1.0 - low) * sorted.partition_point(|other| other < value) as f64 / last
    };
    smooth.par_iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smooth_count_has_no_jumps_and_rises_by_one_a_step() {
        // Along a line that crosses several counts; the count itself jumps by whole numbers.
        let at =
            |index: usize| exterior([0.0; 2], [0.26 + 1e-4 * index as f64, 0.0], true, 500).unwrap().smooth;
        let steps: Vec<f64> = (0..500).map(|index| at(index) - at(index + 1)).collect();
        assert!(steps.iter().all(|step| *step > 0.0 && *step < 0.25), "{steps:?}");
        for z in [[3.0, 0.1], [-2.5, 1.0], [0.2, 4.0]] {
            let (a, b) = (
                exterior(z, [-0.1, 0.7], false, 50).unwrap(),
                exterior(next(z, [-0.1, 0.7]), [-0.1, 0.7], false, 50).unwrap(),
            );
            assert!((a.smooth - b.smooth - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn distances_are_within_a_factor_of_two() {
        // To the disc (the Julia set of 0) and to the tip at -2.
        for r in [1.01, 1.1, 1.5] {
            let found = exterior([r, 0.0], [0.0; 2], false, 500).unwrap().distance;
            assert!(found >= 0.5 * (r - 1.0) && found <= 2.0 * (r - 1.0), "{r} {found}");
        }
        for (c, true_distance) in [([-2.2, 0.0], 0.2), ([-2.03, 0.0], 0.03), ([-2.001, 0.0], 0.001)] {
            let found = exterior([0.0; 2], c, true, 5000).unwrap().distance;
            assert!(found >= 0.5 * true_distance && found <= 2.0 * true_distance, "{c:?} {found}");
        }
    }

    #[test]
    fn ranks_spread_evenly() {
        assert_eq!(ranks(&[Some(5.0), None, Some(1.0), Some(100.0)], 0.5), [0.75, 0.0, 0.5, 1.0]);
        assert_eq!(ranks(&[None, Some(2.0)], 0.25), [0.0, 0.25]);
        assert_eq!(ranks(&[], 0.5), Vec::<f64>::new());
    }
}
