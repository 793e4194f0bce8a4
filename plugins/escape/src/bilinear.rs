//! Many steps at once: as long as the distance δ of two orbits is small, it grows as A δ + B δc + C δ² (Zhuoran's bilinear
//! approximation, with the square kept).

use crate::complex::{Complex, ONE, add, length, mul, scale, square};

/// What may be left out beside A δ: the rounding of doubles.
const TINY: f64 = 1.0 / 9_007_199_254_740_992.0;
/// |Z|² beyond which steps are taken one by one, so that no escape is jumped over.
const NEAR_ESCAPE: f64 = 4.0 - 1e-6;
/// The most that |δ| may be of |Z|, so that within a jump z is never nearer to 0 than to Z, nor beyond 2.
const NEAR: f64 = 1e-7;
/// |A|² below which there is no jump: with it, variances would leave the range of doubles.
const LEAST: f64 = 1e-100;

/// Some steps at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jump {
    /// The factor of δ.
    pub a: Complex,
    /// The factor of δc.
    pub b: Complex,
    /// The factor of δ².
    pub c: Complex,
    /// |A|² and |B|².
    pub sizes: [f64; 2],
    /// It holds for smaller |δ|.
    pub radius: f64,
    /// The square of the radius.
    pub area: f64,
}

impl Jump {
    fn new([a, b, c]: [Complex; 3], radius: f64) -> Self {
        Self { a, b, c, sizes: [square(a), square(b)], radius, area: radius * radius }
    }

    /// This jump, then another: left out are 2 C' A C δ³, with all that is smaller, and 2 C' A B δ δc.
    fn then(&self, next: &Self, reach: f64) -> Self {
        let [a, b, c] = [self.a, self.b, self.c].map(length);
        let [a2, c2] = [next.a, next.c].map(length);
        let cube = (0.25 * TINY * a2 / (c2 * c)).sqrt();
        let cross = 2.0 * c2 * b * reach <= 0.5 * TINY * a2;
        let [own, further] = [self.radius, next.radius];
        let room = (further - b * reach) / (a + c * own);
        let radius = if cross { own.min(room.max(0.0)).min(cube) } else { 0.0 };
        let squares = add(mul(next.a, self.c), mul(next.c, mul(self.a, self.a)));
        let jump = Self::new([mul(next.a, self.a), add(mul(next.a, self.b), next.b), squares], radius);
        // A product that leaves the range of doubles is no jump.
        let finite = jump.sizes.iter().all(|size| size.is_finite()) && square(jump.c).is_finite();
        if finite && jump.sizes[0] > LEAST && jump.radius > 0.0 { jump } else { Self::default() }
    }

    /// The distance after the jump.
    #[inline(always)]
    pub fn leap(&self, delta: Complex, delta_c: Complex) -> Complex {
        add(mul(add(self.a, mul(self.c, delta)), delta), mul(self.b, delta_c))
    }
}

/// Jumps from all steps of an orbit that are one more than a multiple of their length, for lengths that are powers of two.
#[derive(Clone, Debug)]
pub struct Jumps {
    /// By the exponent of their length.
    levels: Vec<Vec<Jump>>,
}

/// The smallest length, as an exponent, that is kept.
const SHORTEST: usize = 2;

impl Jumps {
    /// The jumps along an orbit, for |δc| up to `reach`.
    pub fn new(orbit: &[Complex], reach: f64) -> Self {
        let single = |index: usize| {
            let z = orbit[index];
            let safe = square(orbit[index + 1]) < NEAR_ESCAPE;
            // The step itself is exact.
            let radius = if safe { NEAR * length(z) } else { 0.0 };
            Jump::new([scale(2.0, z), ONE, ONE], radius)
        };
        let mut level: Vec<Jump> = (1..orbit.len() - 1).map(single).collect();
        let mut levels = vec![Vec::new(); SHORTEST];
        for length in 1.. {
            level = level.chunks_exact(2).map(|pair| pair[0].then(&pair[1], reach)).collect();
            if level.iter().all(|jump| jump.radius == 0.0) {
                break;
            }
            if length >= SHORTEST {
                levels.push(level.clone());
            }
        }
        Self { levels }
    }

    /// The longest jump from a step, of at most `most` steps, that `holds`, and its length.
    #[inline]
    pub fn longest(&self, step: usize, most: u32, holds: impl Fn(&Jump) -> bool) -> Option<(&Jump, u32)> {
        let from = step.wrapping_sub(1);
        let aligned = (from.trailing_zeros() as usize).min(self.levels.len().wrapping_sub(1));
        for exponent in (SHORTEST..=aligned).rev() {
            let Some(jump) = self.levels[exponent].get(from >> exponent) else { continue };
            if holds(jump) && 1 << exponent <= most {
                return Some((jump, 1 << exponent));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complex::sub;
    use crate::interior::next;

    #[test]
    fn a_jump_is_as_many_steps() {
        for c in [[-0.75, 0.02], [-1.76, 0.01], [0.3, 0.5]] {
            let mut orbit = vec![[0.0; 2]];
            while orbit.len() < 200 && square(orbit[orbit.len() - 1]) <= 4.0 {
                orbit.push(next(orbit[orbit.len() - 1], c));
            }
            let jumps = Jumps::new(&orbit, 1e-40);
            for at in (1..orbit.len()).step_by(4) {
                for (delta, delta_c) in [([1e-20, -2e-20], [1e-41, 0.0]), ([3e-9, 1e-9], [0.0, -9e-41])] {
                    let holds = |jump: &Jump| square(delta) < jump.area;
                    let Some((jump, length)) = jumps.longest(at, 1000, holds) else { continue };
                    let step = |d: Complex, z: &Complex| add(mul(add(scale(2.0, *z), d), d), delta_c);
                    let slow = orbit[at..at + length as usize].iter().fold(delta, step);
                    let off = square(sub(jump.leap(delta, delta_c), slow)).sqrt();
                    assert!(off <= 1e-14 * square(slow).sqrt(), "{c:?} {at} {length}: {off:e}");
                }
            }
            let longest = |step: usize, size: f64| jumps.longest(step, 1000, |jump| size < jump.radius);
            assert!(longest(1, 1e-30).is_some() && longest(1, 1.0).is_none());
            // At 0, where z and δ are the same, every step is one.
            assert!(longest(0, 1e-30).is_none());
        }
    }
}
