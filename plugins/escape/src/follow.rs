//! One pixel followed along the orbit of the middle, in doubles, with the variance of its error.

use crate::bilinear::Jumps;
use crate::complex::{Complex, add, mul, scale, square};
use crate::interior::{next, trap};
use crate::tiny;

/// The variance of the rounding of a step, in units of the square of what is rounded: three half units of the last place of
/// 1, squared.
pub(crate) const ROUNDING: f64 = 9.0 / 81_129_638_414_606_681_695_789_005_144_064.0;
/// How many standard deviations, squared, |z| must be off 2.
const SURE: f64 = 64.0;
/// The variance of z beyond which no step is sure.
const MOST_BLUR: f64 = 1e-4;
/// The first step after which cycles are looked for.
const LOOK: u32 = 512;

/// What pixels are followed along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course<'a> {
    /// The orbit of the middle.
    pub(crate) orbit: &'a [Complex],
    /// Jumps along it.
    pub(crate) jumps: &'a Jumps,
    /// The most steps.
    pub(crate) limit: u32,
    /// Whether distances can be so small that their squares are beyond the range of doubles.
    pub(crate) tiny: bool,
}

/// What was found of a pixel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// The count, 0 if there is none.
    pub(crate) count: u32,
    /// The value that escaped.
    pub(crate) z: Complex,
    /// Steps that were taken, jumps counted once.
    pub(crate) steps: u64,
    /// Whether the count is that of real numbers.
    pub(crate) sure: bool,
}

/// A pixel on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// The distance from the orbit.
    pub(crate) delta: Complex,
    /// The variance of its error.
    pub(crate) error: f64,
    /// The step of the orbit.
    pub(crate) at: usize,
    /// The step of the pixel.
    pub(crate) k: u32,
    /// |δ|².
    pub(crate) size: f64,
    /// |z|².
    pub(crate) near: f64,
    /// Steps that were taken.
    pub(crate) steps: u64,
    /// The step after which a cycle is looked for.
    look: u32,
}

impl Walk {
    const START: Self =
        Self { delta: [0.0; 2], error: 0.0, at: 0, k: 0, size: 0.0, near: 0.0, steps: 0, look: LOOK };

    /// What is known for good at z, which is known but for a variance `blur`, if anything is.
    #[inline(always)]
    pub(crate) fn verdict(&mut self, z: Complex, c: Complex, near: f64, blur: f64) -> Option<Found> {
        // (|z|² - 4)² = (|z| - 2)² (|z| + 2)², and the second factor is about 16.
        if blur > MOST_BLUR || (near - 4.0) * (near - 4.0) <= 16.0 * SURE * blur {
            return Some(Found { count: 0, z, steps: self.steps, sure: false });
        }
        if near > 4.0 {
            return Some(Found { count: self.k, z, steps: self.steps, sure: true });
        }
        if self.k >= self.look {
            if trap(z, c, self.k / 4).is_some() {
                return Some(self.stays(c));
            }
            self.look = self.k.saturating_mul(4);
        }
        None
    }

    fn stays(&self, c: Complex) -> Found {
        Found { count: 0, z: next([0.0; 2], c), steps: self.steps, sure: true }
    }
}

/// Follows a pixel at the distance `delta_c` along the orbit; c is the pixel itself, rounded.
pub(crate) fn follow(course: &Course<'_>, delta_c: Complex, c: Complex) -> Found {
    let Course { orbit, jumps, limit, tiny } = *course;
    let last = orbit.len() - 1;
    let far_c = square(delta_c);
    let mut walk = Walk::START;
    while walk.k < limit {
        if tiny && walk.size < tiny::ENTER {
            match tiny::follow(course, &mut walk, delta_c, c) {
                Some(found) => return found,
                None => continue,
            }
        }
        walk.steps += 1;
        let (size, error) = (walk.size, walk.error);
        let most = (limit - walk.k).min((last - walk.at) as u32);
        if let Some((jump, length)) = jumps.longest(walk.at, most, |jump| size < jump.area) {
            walk.delta = jump.leap(walk.delta, delta_c);
            let grown = jump.sizes[0] * size + jump.sizes[1] * far_c;
            walk.error = jump.sizes[0] * error + ROUNDING * f64::from(length) * grown;
            walk.at += length as usize;
            walk.k += length;
        } else {
            let wide = add(scale(2.0, orbit[walk.at]), walk.delta);
            walk.error = (4.0 * walk.near + error) * error + ROUNDING * (size * square(wide) + far_c);
            walk.delta = add(mul(wide, walk.delta), delta_c);
            walk.at += 1;
            walk.k += 1;
        }
        let there = orbit[walk.at];
        let z = add(there, walk.delta);
        (walk.size, walk.near) = (square(walk.delta), square(z));
        let blur = walk.error + ROUNDING * (square(there) + walk.near);
        if let Some(found) = walk.verdict(z, c, walk.near, blur) {
            return found;
        }
        if walk.near < walk.size || walk.at == last {
            (walk.delta, walk.size, walk.error, walk.at) = (z, walk.near, blur, 0);
        }
    }
    walk.stays(c)
}
