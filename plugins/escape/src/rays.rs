//! External rays of the Mandelbrot set: the lines along which a charged set would be left.

use octavo_plugin::math;

use crate::complex::{Complex, ONE, abs, add, div, mul, scale, square, sub, turn};
use crate::interior::next;

/// Points of a ray for each halving of the potential's logarithm.
const SHARPNESS: u32 = 8;
/// Where a ray starts.
const START: f64 = 256.0;

/// The ray of angle `numerator / denominator` turns, from far outside inwards, halving the potential `depth` times; it ends
/// early where doubles do not tell its points apart.
///
/// Newton's method for z_k(c) = r exp(2πi 2^(k-1) angle), with r falling from 256 to 16 before k rises by one (T. Kawahira).
pub fn ray(numerator: u32, denominator: u32, depth: u32) -> Vec<Complex> {
    let denominator = u64::from(denominator);
    let mut angle = u64::from(numerator) % denominator;
    let mut c = scale(START, turn(angle as f64 / denominator as f64));
    let mut points = vec![c];
    for k in 1..=depth {
        let direction = turn(angle as f64 / denominator as f64);
        for part in 1..=SHARPNESS {
            let r = math::powf(START, math::exp2(-f64::from(part) / f64::from(SHARPNESS)));
            let Some(next) = solve(c, k, scale(r, direction)) else { return points };
            if abs(sub(next, c)) < 1e-15 {
                return points;
            }
            c = next;
            points.push(c);
        }
        angle = 2 * angle % denominator;
    }
    points
}

/// The c near `from` with z_k(c) = target; `None` if Newton's method does not come to it.
fn solve(from: Complex, k: u32, target: Complex) -> Option<Complex> {
    let mut c = from;
    for _ in 0..64 {
        let step = |(z, slope): (Complex, Complex), _| (next(z, c), add(scale(2.0, mul(z, slope)), ONE));
        let (z, slope) = (0..k).fold(([0.0; 2], [0.0; 2]), step);
        let by = div(sub(z, target), slope);
        c = sub(c, by);
        if !square(c).is_finite() {
            return None;
        }
        if abs(by) <= 1e-15 * abs(c).max(1e-3) {
            return Some(c);
        }
    }
    // A step that only rounding moves.
    Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(numerator: u32, denominator: u32) -> Complex {
        *ray(numerator, denominator, 60).last().unwrap()
    }

    #[test]
    fn rays_land_where_they_are_known_to() {
        // The axis, the tip, c = i, the root of the disc of period 2 and of the rabbit's (slowly).
        let cases = [
            ((0, 1), [0.25, 0.0], 0.02),
            ((1, 2), [-2.0, 0.0], 1e-9),
            ((1, 6), [0.0, 1.0], 1e-6),
            ((1, 3), [-0.75, 0.0], 0.08),
            ((2, 3), [-0.75, 0.0], 0.08),
            ((1, 7), [-0.125, 0.649_519], 0.08),
            ((2, 7), [-0.125, 0.649_519], 0.08),
        ];
        for ((numerator, denominator), point, within) in cases {
            let found = end(numerator, denominator);
            assert!(abs(sub(found, point)) < within, "{numerator}/{denominator} {found:?}");
        }
    }

    #[test]
    fn rays_of_opposite_angles_are_mirror_images() {
        for (numerator, denominator) in [(1, 5), (3, 11), (1, 4)] {
            let (up, down) = (ray(numerator, denominator, 20), ray(denominator - numerator, denominator, 20));
            assert!(up.iter().zip(&down).all(|(a, b)| abs(sub(*a, [b[0], -b[1]])) < 1e-9));
        }
    }
}
