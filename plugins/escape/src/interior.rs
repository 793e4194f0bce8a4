//! Points of which it is certain that they never escape, also in rounded arithmetic.

use octavo_plugin::simd::Simd;

/// How far within the cardioid and the disc a point must lie to be taken for granted.
const MARGIN: f64 = 1.0 / 4096.0;

/// Whether points lie well within the two largest components: the cardioid of points with an attracting fixed point, and the
/// disc of those with an attracting cycle of period 2.
///
/// With the margin the multiplier is below 1 - 10^-4 in absolute value. The critical orbit then comes into a disc that is
/// mapped into itself with more room ((1 - |multiplier|)²/4 > 10^-9) than rounding takes (10^-15), so that the counts of
/// these points are 0 for any number of steps in doubles, too. The cardioid is |1 - √(1 - 4c)| < 1; it is star-shaped about 0,
/// so a point is well within if it is still within when moved outwards.
#[inline(always)]
pub(crate) fn in_largest<S: Simd>(simd: S, x: S::f64s, y: S::f64s) -> S::m64s {
    let splat = |value: f64| simd.splat_f64s(value);
    let out = splat(1.0 + MARGIN);
    let (wide, high) = (simd.mul_f64s(x, out), simd.mul_f64s(y, out));
    let high2 = simd.mul_f64s(high, high);
    let from_cusp = simd.sub_f64s(wide, splat(0.25));
    let q = simd.add_f64s(simd.mul_f64s(from_cusp, from_cusp), high2);
    let left = simd.mul_f64s(q, simd.add_f64s(q, from_cusp));
    let cardioid = simd.less_than_f64s(left, simd.mul_f64s(splat(0.25), high2));
    let from_centre = simd.add_f64s(x, splat(1.0));
    let r2 = simd.add_f64s(simd.mul_f64s(from_centre, from_centre), simd.mul_f64s(y, y));
    let disc = simd.less_than_f64s(r2, splat((1.0 - MARGIN) / 16.0));
    simd.or_m64s(cardioid, disc)
}

/// What rounding adds to the distance of two orbits in one step, at most, as long as they stay within 2 of 0.
const ROUNDING: f64 = 1e-14;

/// A number of steps, at most `most`, after which an orbit so near to an attracting cycle as z is certain to be back at it, and
/// so to stay for ever: the period of the cycle or a multiple of it.
///
/// A disc about z is followed for one turn, with all that could be in it: a point at distance r goes to one at distance at
/// most r (2|z| + r), and rounding adds to it. If the disc comes back into itself, no orbit leaves what it has passed, neither
/// exact nor rounded.
pub fn trap(z: [f64; 2], c: [f64; 2], most: u32) -> Option<u32> {
    let (mut at, mut slope, mut tries) = (z, 1.0, 0);
    for period in 1..=most {
        slope *= 2.0 * length(at);
        at = next(at, c);
        let back = length([at[0] - z[0], at[1] - z[1]]);
        // A disc of twice the distance to the cycle that contraction by `slope` promises.
        if slope < 0.9999 && back < 0.2 * (1.0 - slope) {
            let radius = 2.0 * back / (1.0 - slope) + 1e3 * ROUNDING / (1.0 - slope);
            if returns(z, c, period, radius) {
                return Some(period);
            }
            tries += 1;
            if tries == 8 {
                return None;
            }
        }
    }
    None
}

/// Whether the disc about z comes back into itself without ever reaching beyond 2.
fn returns(z: [f64; 2], c: [f64; 2], period: u32, radius: f64) -> bool {
    let (mut at, mut reach) = (z, radius);
    for _ in 0..period {
        let far = length(at);
        if far + reach >= 1.999 {
            return false;
        }
        reach = reach * (2.0 * far + reach) * (1.0 + ROUNDING) + ROUNDING;
        at = next(at, c);
    }
    length([at[0] - z[0], at[1] - z[1]]) + reach < radius
}

/// One step, in the order of operations of the counts.
#[inline(always)]
pub fn next([re, im]: [f64; 2], c: [f64; 2]) -> [f64; 2] {
    [re * re - im * im + c[0], (re + re) * im + c[1]]
}

#[inline(always)]
fn length([re, im]: [f64; 2]) -> f64 {
    (re * re + im * im).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(c: [f64; 2], steps: usize) -> [f64; 2] {
        (0..steps).fold([0.0; 2], |z, _| next(z, c))
    }

    #[test]
    fn cycles_of_known_periods_are_found() {
        let cases = [
            ([0.0, 0.0], 1),
            ([-1.0, 0.01], 2),
            ([-0.12256, 0.74486], 3),
            ([-1.7549, 0.0], 3),
            ([-0.504, 0.563], 5),
            ([-1.310702, 0.0], 4),
            ([0.379513, 0.334932], 5),
        ];
        for (c, period) in cases {
            assert_eq!(trap(after(c, 400), c, 100), Some(period), "{c:?}");
        }
    }

    #[test]
    fn orbits_that_escape_late_or_wander_are_not_trapped() {
        for c in [
            [-0.75, 0.001],
            [0.2501, 0.0],
            [0.0, 1.0],
            [-2.0, 0.0],
            [-1.99, 0.0],
            [-0.743_643_887, 0.131_825_904],
        ] {
            for steps in [5, 100, 300] {
                assert_eq!(trap(after(c, steps), c, 200), None, "{c:?}");
            }
        }
    }
}
