//! Many steps at once: as long as the distance δ of two orbits is small, it grows as A δ + B δc (Zhuoran's bilinear
//! approximation), with the three terms of second order and that in δ³ kept. The factor of δ² is as precise as those of first
//! order: in pairs of doubles, jumps would be a third as long with a factor in doubles.

use octavo_plugin::math;

use crate::complex::{Complex, ONE, add, length, mul, scale, square};
use crate::distance::Distance;

/// |Z|² beyond which steps are taken one by one, so that no escape is jumped over: within a jump |δ| is at most 2 `BEND` |Z|, so
/// that |z| is below 2 if |Z| is below 2 - 4e-4.
const NEAR_ESCAPE: f64 = 4.0 - 2e-3;
/// How much terms of second order may be of those of first order.
const BEND: f64 = 1e-4;
/// |A|² below which there is no jump: with it, variances would leave the range of doubles.
const LEAST: f64 = 1e-100;

/// Some steps at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jump<T> {
    /// The factor of δ.
    pub a: T,
    /// The factor of δc.
    pub b: T,
    /// The factor of δ².
    pub bend: T,
    /// The factors of δ δc and δc².
    pub mixed: [Complex; 2],
    /// The factor of δ³.
    pub cube: Complex,
    /// |A|² and |B|².
    pub sizes: [f64; 2],
    /// It holds for smaller |δ|.
    pub radius: f64,
    /// The square of the radius.
    pub area: f64,
}

impl<T: Distance> Jump<T> {
    #[inline(always)]
    fn new(a: T, b: T, bend: T, mixed: [Complex; 2], cube: Complex) -> Self {
        let sizes = [square(a.rounded()), square(b.rounded())];
        Self { a, b, bend, mixed, cube, sizes, radius: 0.0, area: 0.0 }
    }

    #[inline(always)]
    fn within(self, radius: f64) -> Self {
        Self { radius, area: radius * radius, ..self }
    }

    /// One step, which is exact; the radius is that within which what follows may be joined to it.
    #[inline(always)]
    fn single(z: T, next: T) -> Self {
        let safe = square(next.rounded()) < NEAR_ESCAPE;
        let radius = if safe { BEND * length(z.twice().rounded()) } else { 0.0 };
        Self::new(z.twice(), T::of(ONE), T::of(ONE), [[0.0; 2]; 2], [0.0; 2]).within(radius)
    }

    /// This jump, then another, for |δc| up to `reach`. Terms of third order with δc, and all of fourth, are left out.
    #[inline(always)]
    fn then(&self, next: &Self, reach: f64) -> Self {
        let [a, b, a2] = [self.a, self.b, next.a].map(T::rounded);
        let ([c, c2], [[e, f], [e2, f2]]) =
            ([self.bend, next.bend].map(T::rounded), [self.mixed, next.mixed]);
        let bend = next.a.times(self.bend).plus(next.bend.times(self.a.times(self.a)));
        let mixed = [
            add(add(mul(a2, e), scale(2.0, mul(c2, mul(a, b)))), mul(e2, a)),
            add(add(mul(a2, f), mul(c2, mul(b, b))), add(mul(e2, b), f2)),
        ];
        let bent = add(scale(2.0, mul(c2, c)), mul(next.cube, mul(a, a)));
        let cube = add(mul(a2, self.cube), mul(a, bent));
        let b = next.a.times(self.b).plus(next.b);
        let jump = Self::new(next.a.times(self.a), b, bend, mixed, cube);
        let radius = self.radius.min(self.room(next, reach)).min(jump.exact(reach));
        // A product that leaves the range of doubles is no jump.
        let finite = jump.sizes.iter().all(|size| size.is_finite())
            && square(bend.rounded()).is_finite()
            && square(cube).is_finite();
        if finite && jump.sizes[0] > LEAST && radius > 0.0 { jump.within(radius) } else { Self::default() }
    }

    /// How large |δ| may be such that the next jump holds, and that what is left out is below rounding: with A δ + B δc = u and
    /// q the terms of second order, (2 C' u + E' δc) q but for 2 C' A C δ³, and C' (C² + 2 A D) δ⁴ + 3 D' A² C δ⁴.
    #[inline(always)]
    fn room(&self, next: &Self, reach: f64) -> f64 {
        let [a, b, a2] = [self.a, self.b, next.a].map(|part| length(part.rounded()));
        let [c, c2] = [self.bend, next.bend].map(|part| length(part.rounded()));
        let ([e, f], e2) = (self.mixed.map(length), length(next.mixed[0]));
        let [d, d2] = [self.cube, next.cube].map(length);
        // What is left out beside A' A δ, by its powers of |δ|, and beside A' B δc.
        let slope = (2.0 * c2 * b + e2) * reach;
        let cubic = c2 * (c * c + 2.0 * a * d) + 3.0 * d2 * a * a * c;
        let linear = 2.0 * c2 * a * e * reach + slope * c;
        let constant = 2.0 * c2 * a * f * reach * reach + slope * e * reach;
        let least = 0.25 * T::UNIT * a2 * a;
        if constant > least || slope * f * reach > 0.25 * T::UNIT * a2 * b {
            return 0.0;
        }
        let room = (0.99 * next.radius - b * reach) / (a + c * self.radius);
        room.min(math::cbrt(least / cubic)).min(least / linear)
    }

    /// How large |δ| may be such that terms of second order are small beside those of first order, and terms that are kept in
    /// doubles so small that their rounding does not count.
    #[inline(always)]
    fn exact(&self, reach: f64) -> f64 {
        let [a, b, c] = [self.a, self.b, self.bend].map(|part| length(part.rounded()));
        let [e, f] = self.mixed.map(length);
        if e * reach > T::BESIDE * a || f * reach > T::BESIDE * b {
            return 0.0;
        }
        (BEND * a / c).min((T::BESIDE * a / length(self.cube)).sqrt())
    }

    /// The distance after the jump.
    #[inline(always)]
    pub fn leap(&self, delta: T, delta_c: T) -> T {
        let [e, f] = self.mixed;
        let (near, far) = (delta.rounded(), delta_c.rounded());
        let bent = self.bend.plus(T::of(mul(self.cube, near)));
        let a = self.a.plus(bent.times(delta).plus(T::of(mul(e, far))));
        let b = self.b.plus(T::of(mul(f, far)));
        a.times(delta).plus(b.times(delta_c))
    }
}

/// Jumps from all steps of an orbit that are one more than a multiple of their length, for lengths that are powers of two.
#[derive(Clone, Debug)]
pub struct Jumps<T> {
    /// By the exponent of their length.
    levels: Vec<Vec<Jump<T>>>,
}

/// The smallest length, as an exponent, that is kept.
const SHORTEST: usize = 2;

impl<T: Distance> Jumps<T> {
    /// The jumps along an orbit, for |δc| up to `reach`.
    #[inline(always)]
    pub fn new(orbit: &[T], reach: f64) -> Self {
        let mut level = Vec::with_capacity(orbit.len());
        for pair in orbit.windows(2).skip(1) {
            level.push(Jump::single(pair[0], pair[1]));
        }
        let mut levels = vec![Vec::new(); SHORTEST];
        for length in 1.. {
            let mut longer = Vec::with_capacity(level.len() / 2);
            for pair in level.chunks_exact(2) {
                longer.push(pair[0].then(&pair[1], reach));
            }
            level = longer;
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
    #[inline(always)]
    pub fn longest(
        &self,
        step: usize,
        most: u32,
        holds: impl Fn(&Jump<T>) -> bool,
    ) -> Option<(&Jump<T>, u32)> {
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
    use crate::distance::Fine;
    use crate::interior::next;

    /// Jumps against steps, for distances that are that part of a unit and for δc of about 1e-41.
    fn a_jump_is_as_many_steps<T: Distance>(deltas: &[Complex], bound: f64) {
        let mut taken = 0;
        for c in [[-0.75, 0.02], [-1.76, 0.01], [0.3, 0.5]] {
            let mut orbit = vec![T::default()];
            let mut z = [0.0; 2];
            while orbit.len() < 200 && square(z) <= 4.0 {
                z = next(z, c);
                orbit.push(T::of(z));
            }
            let jumps = Jumps::new(&orbit, 1e-40);
            for at in (1..orbit.len()).step_by(4) {
                for (delta, delta_c) in deltas.iter().zip([[1e-41, 0.0], [0.0, -9e-41], [2e-41, 2e-41]]) {
                    let holds = |jump: &Jump<T>| square(*delta) < jump.area;
                    let Some((jump, length)) = jumps.longest(at, 1000, holds) else { continue };
                    let (delta, delta_c) = (T::of(*delta), T::of(delta_c));
                    let step = |d: T, z: &T| z.twice().plus(d).times(d).plus(delta_c);
                    let slow = orbit[at..at + length as usize].iter().fold(delta, step);
                    let minus = jump.leap(delta, delta_c).times(T::of([-1.0, 0.0]));
                    let off = square(slow.plus(minus).rounded()).sqrt();
                    assert!(off <= bound * square(slow.rounded()).sqrt(), "{c:?} {at} {length}: {off:e}");
                    taken += 1;
                }
            }
            let longest = |step: usize, size: f64| jumps.longest(step, 1000, |jump| size < jump.radius);
            assert!(longest(1, 1e-30).is_some() && longest(1, 1.0).is_none());
            // At 0, where z and δ are the same, every step is one.
            assert!(longest(0, 1e-30).is_none());
        }
        assert!(taken > 50, "{taken}");
    }

    #[test]
    fn jumps_are_as_many_steps() {
        a_jump_is_as_many_steps::<Complex>(&[[1e-20, -2e-20], [1e-9, 3e-10], [3e-40, 1e-40]], 1e-14);
        a_jump_is_as_many_steps::<Fine>(&[[1e-20, -2e-20], [1e-17, 3e-18], [3e-40, 1e-40]], 1e-30);
        // Terms of second order are of 13 digits and more here, and those of third order of 26.
        a_jump_is_as_many_steps::<Fine>(&[[1e-13, -2e-13], [5e-14, 3e-14], [-1e-13, 1e-16]], 1e-30);
    }
}
