//! Many steps at once: as long as the distance δ of two orbits is tiny, it grows as A δ + B δc (Zhuoran's bilinear approximation).

use crate::complex::{Complex, ONE, add, mul, scale, square};

/// δ² may be left out where it is this small against 2 Z δ: below the rounding of doubles.
const TINY: f64 = 1.0 / 9_007_199_254_740_992.0;
/// |Z|² beyond which steps are taken one by one, so that no escape is jumped over.
const NEAR_ESCAPE: f64 = 4.0 - 1e-9;

/// Some steps at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jump {
    /// The factor of δ.
    pub a: Complex,
    /// The factor of δc.
    pub b: Complex,
    /// |A|² and |B|².
    pub sizes: [f64; 2],
    /// It holds for smaller |δ|².
    pub radius: f64,
}

impl Jump {
    fn new(a: Complex, b: Complex, radius: f64) -> Self {
        Self { a, b, sizes: [square(a), square(b)], radius: radius * radius }
    }

    /// This jump, then another.
    fn then(&self, next: &Self, reach: f64) -> Self {
        let [own, further] = [self.radius, next.radius].map(f64::sqrt);
        let room = (further - self.sizes[1].sqrt() * reach) / self.sizes[0].sqrt();
        let radius = own.min(room.max(0.0));
        let jump = Self::new(mul(next.a, self.a), add(mul(next.a, self.b), next.b), radius);
        // A product that leaves the range of doubles is no jump.
        if jump.sizes.iter().all(|size| size.is_finite()) { jump } else { Self::default() }
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
            let radius = if safe { TINY * 2.0 * square(z).sqrt() } else { 0.0 };
            Jump::new(scale(2.0, z), ONE, radius)
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

    /// The longest jump from a step, of at most `most` steps, that holds for |δ|² = `size`, and its length.
    #[inline]
    pub fn longest(&self, step: usize, size: f64, most: u32) -> Option<(&Jump, u32)> {
        let from = step.wrapping_sub(1);
        let aligned = (from.trailing_zeros() as usize).min(self.levels.len().wrapping_sub(1));
        for exponent in (SHORTEST..=aligned).rev() {
            let Some(jump) = self.levels[exponent].get(from >> exponent) else { continue };
            if size < jump.radius && 1 << exponent <= most {
                return Some((jump, 1 << exponent));
            }
        }
        None
    }
}
