//! Distances the squares of which are beyond the range of doubles: w 2^e, with |w| near 1 and e beside it.
//!
//! δ' = (2 Z + δ) δ + δc then is w' = (2 Z + 2^e w) w + wc with δc = wc 2^e. Variances are kept as standard deviations, in the same
//! unit, and nothing is squared before it is in the unit of the new distance.

use crate::bilinear::Jump;
use crate::complex::{Complex, add, exponent, length, mul, power_of_two, scale, square};
use crate::distance::Distance;
use crate::follow::{Course, Found, Walk};

const ROUNDING: f64 = Complex::ROUNDING;
/// |δ|² below which doubles need an exponent.
pub(crate) const ENTER: f64 = 1e-120;
/// |δ|² beyond which they need none.
const LEAVE: f64 = 1e-100;
/// The side of a pixel below which distances are followed like this.
pub(crate) const PIXEL: f64 = 1e-120;
/// The exponents of w, up and down, between which the unit stays as it is.
const ROOM: i32 = 40;
/// The lowest exponent of the unit, so that its inverse is a double.
const LOWEST: i32 = -1000;

/// A distance w 2^e, and what is seen in its unit.
struct Scaled {
    w: Complex,
    /// The standard deviation of its error.
    error: f64,
    exponent: i32,
    /// 2^e and 2^-e.
    unit: f64,
    inverse: f64,
    /// δc in the unit.
    wc: Complex,
    /// |w|².
    size: f64,
    delta_c: Complex,
}

impl Scaled {
    fn new(walk: &Walk<Complex>, delta_c: Complex) -> Self {
        let mut new = Self {
            w: walk.delta,
            error: walk.error.sqrt(),
            exponent: 0,
            unit: 1.0,
            inverse: 1.0,
            wc: delta_c,
            size: 0.0,
            delta_c,
        };
        let most = exponent(new.w).max(exponent(delta_c));
        new.rescale(most);
        new
    }

    /// Takes 2^`by` more for the unit.
    fn rescale(&mut self, by: i32) {
        let to = (self.exponent + by).clamp(LOWEST, 0);
        let factor = power_of_two(self.exponent - to);
        (self.w, self.error) = (scale(factor, self.w), self.error * factor);
        (self.exponent, self.unit, self.inverse) = (to, power_of_two(to), power_of_two(-to));
        self.wc = scale(self.inverse, self.delta_c);
        self.size = square(self.w);
    }

    /// The next distance is `w`; the error is multiplied by `slope`, and roundings are of numbers as large as `rounded` and
    /// `further`, in the old unit.
    fn set(&mut self, w: Complex, slope: f64, rounded: f64, further: f64, roundings: f64) {
        let out = exponent(w);
        let (by, factor) = if out.abs() > ROOM && w != [0.0; 2] {
            let to = (self.exponent + out).clamp(LOWEST, 0);
            (to - self.exponent, power_of_two(self.exponent - to))
        } else {
            (0, 1.0)
        };
        let own = slope * self.error * factor;
        let [rounded, further] = [rounded * factor, further * factor];
        let error = (own * own + ROUNDING * roundings * (rounded * rounded + further * further)).sqrt();
        self.w = w;
        if by == 0 {
            self.size = square(w);
        } else {
            self.rescale(by);
        }
        self.error = error;
    }

    /// A step from Z = `there` and z = `near` in length.
    fn step(&mut self, there: Complex, near: f64) {
        let wide = add(scale(2.0, there), scale(self.unit, self.w));
        let w = add(mul(wide, self.w), self.wc);
        self.set(w, 2.0 * near, length(wide) * self.size.sqrt(), length(self.wc), 1.0);
    }

    fn leap(&mut self, jump: &Jump<Complex>, steps: u32) {
        let (c, [e, f]) = (jump.bend, jump.mixed);
        let [near, far] = [self.w, self.wc].map(|part| scale(self.unit, part));
        let c = add(c, mul(jump.cube, near));
        let (bent, shift) = (add(mul(c, near), mul(e, far)), mul(f, far));
        let w = add(mul(add(jump.a, bent), self.w), mul(add(jump.b, shift), self.wc));
        let [a, b] = [jump.a, jump.b].map(length);
        self.set(w, a, a * self.size.sqrt(), b * length(self.wc), f64::from(steps));
    }
}

/// Follows a pixel until it is far from the orbit of the middle, or to its end.
pub(crate) fn follow(
    course: &Course<'_, Complex>,
    walk: &mut Walk<Complex>,
    delta_c: Complex,
    c: Complex,
) -> Option<Found> {
    let Course { orbit, jumps, limit } = *course;
    let last = orbit.len() - 1;
    let mut scaled = Scaled::new(walk, delta_c);
    let mut z = add(orbit[walk.at], walk.delta);
    while walk.k < limit {
        walk.steps += 1;
        let most = (limit - walk.k).min((last - walk.at) as u32);
        let holds = |jump: &Jump<Complex>| {
            let radius = jump.radius * scaled.inverse;
            scaled.size < radius * radius
        };
        let taken = if let Some((jump, length)) = jumps.longest(walk.at, most, holds) {
            scaled.leap(jump, length);
            length
        } else {
            scaled.step(orbit[walk.at], length(z));
            1
        };
        walk.at += taken as usize;
        walk.k += taken;
        let there = orbit[walk.at];
        z = add(there, scale(scaled.unit, scaled.w));
        let (near, error) = (square(z), scaled.error * scaled.unit);
        let blur = error * error + ROUNDING * (square(there) + near);
        if let Some(found) = walk.verdict(z, c, near, blur) {
            return Some(found);
        }
        // z and Z in the unit of w; they may be beyond all doubles.
        let far = scale(scaled.inverse, there);
        let seen = add(far, scaled.w);
        if square(seen) < scaled.size {
            let rounded = ROUNDING * (square(far) + square(seen));
            scaled.error = (scaled.error * scaled.error + rounded).sqrt();
            (scaled.w, walk.at) = (seen, 0);
            // From here on z is w: cancelled digits leave room for a smaller unit.
            scaled.set(seen, 1.0, 0.0, 0.0, 0.0);
        } else if walk.at == last {
            (walk.delta, walk.size, walk.near, walk.error, walk.at) = (z, near, near, blur, 0);
            return None;
        }
        let size = scaled.size * scaled.unit * scaled.unit;
        if size > LEAVE {
            (walk.delta, walk.size, walk.near) = (scale(scaled.unit, scaled.w), size, near);
            walk.error = error * error;
            return None;
        }
    }
    None
}
