//! One pixel followed along the orbit of the middle, in doubles or in pairs of them, with the variance of its error.

use octavo_plugin::simd::Kernel;

use crate::bilinear::Jumps;
use crate::complex::{Complex, square};
use crate::distance::{Distance, Fine};
use crate::interior::{next, trap};

/// How many standard deviations, squared, |z| must be off 2.
const SURE: f64 = 64.0;
/// The variance of z beyond which no step is sure.
const MOST_BLUR: f64 = 1e-4;
/// The first step after which cycles are looked for.
const LOOK: u32 = 512;

/// What pixels are followed along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course<'a, T> {
    /// The orbit of the middle.
    pub(crate) orbit: &'a [T],
    /// Jumps along it.
    pub(crate) jumps: &'a Jumps<T>,
    /// The most steps.
    pub(crate) limit: u32,
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
pub(crate) struct Walk<T> {
    /// The distance from the orbit.
    pub(crate) delta: T,
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

impl<T: Distance> Walk<T> {
    #[inline(always)]
    fn new() -> Self {
        Self { delta: T::default(), error: 0.0, at: 0, k: 0, size: 0.0, near: 0.0, steps: 0, look: LOOK }
    }

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

/// Takes over while a distance is below what doubles hold squared.
type Below<T> = fn(&Course<'_, T>, &mut Walk<T>, Complex, Complex) -> Option<Found>;

/// Follows a pixel at the distance `delta_c` along the orbit; c is the pixel itself, rounded.
///
/// Where |δ|² is below `tiny`, the function beside it takes over.
#[inline(always)]
pub(crate) fn follow<T: Distance>(
    course: &Course<'_, T>,
    delta_c: Complex,
    c: Complex,
    tiny: Option<(f64, Below<T>)>,
) -> Found {
    let mut walk = Walk::new();
    while walk.k < course.limit {
        if let Some((enter, below)) = tiny
            && walk.size < enter
        {
            match below(course, &mut walk, delta_c, c) {
                Some(found) => return found,
                None => continue,
            }
        }
        walk.advance(course, delta_c);
        let there = course.orbit[walk.at];
        let z = there.plus(walk.delta);
        let seen = z.rounded();
        (walk.size, walk.near) = (square(walk.delta.rounded()), square(seen));
        let sum = square(there.rounded()) + walk.near;
        // Whether |z| is beyond 2 is seen in doubles.
        let blur = walk.error + Complex::ROUNDING * sum;
        if let Some(found) = walk.verdict(seen, c, walk.near, blur) {
            return found;
        }
        if walk.near < walk.size || walk.at == course.orbit.len() - 1 {
            (walk.delta, walk.size, walk.at) = (z, walk.near, 0);
            walk.error += T::ROUNDING * sum;
        }
    }
    walk.stays(c)
}

impl<T: Distance> Walk<T> {
    /// A jump, or a step.
    #[inline(always)]
    fn advance(&mut self, course: &Course<'_, T>, delta_c: Complex) {
        let far_c = square(delta_c);
        let (size, error) = (self.size, self.error);
        let most = (course.limit - self.k).min((course.orbit.len() - 1 - self.at) as u32);
        self.steps += 1;
        if let Some((jump, length)) = course.jumps.longest(self.at, most, |jump| size < jump.area) {
            self.delta = jump.leap(self.delta, T::of(delta_c));
            let grown = jump.sizes[0] * size + jump.sizes[1] * far_c;
            self.error = jump.sizes[0] * error + T::ROUNDING * f64::from(length) * grown;
            self.at += length as usize;
            self.k += length;
        } else {
            let wide = course.orbit[self.at].twice().plus(self.delta);
            let grown = size * square(wide.rounded()) + far_c;
            self.error = (4.0 * self.near + error) * error + T::ROUNDING * grown;
            self.delta = wide.times(self.delta).plus(T::of(delta_c));
            self.at += 1;
            self.k += 1;
        }
    }
}

/// The jumps along an orbit of pairs of doubles; a kernel, since their products are fused.
pub(crate) struct FineJumps<'a> {
    /// The orbit.
    pub(crate) orbit: &'a [Fine],
    /// The largest |δc|.
    pub(crate) reach: f64,
}

impl Kernel for FineJumps<'_> {
    type Output = Jumps<Fine>;

    #[inline(always)]
    fn run(self) -> Jumps<Fine> {
        Jumps::new(self.orbit, self.reach)
    }
}

/// [`follow`] in pairs of doubles.
pub(crate) struct FineFollow<'a> {
    /// What the pixel is followed along.
    pub(crate) course: Course<'a, Fine>,
    /// The distance of the pixel from the middle.
    pub(crate) delta_c: Complex,
    /// The pixel itself, rounded.
    pub(crate) c: Complex,
}

impl Kernel for FineFollow<'_> {
    type Output = Found;

    #[inline(always)]
    fn run(self) -> Found {
        follow(&self.course, self.delta_c, self.c, None)
    }
}
