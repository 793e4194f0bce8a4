//! The orbit of the middle of a deep picture, in fixed point, and what is read from it.

use octavo_plugin::{Failure, RunContext};

use crate::complex::{Complex, square};
use crate::fixed::{Fixed, next};

/// Bits beyond those that tell pixels apart.
const GUARD: f64 = 80.0;
/// Steps between two questions whether to go on.
const STRIDE: u32 = 4096;

/// Limbs for pixels of this side: one for the whole part, and as many as the fraction needs.
pub fn limbs(pixel: f64) -> usize {
    let bits = GUARD - octavo_plugin::math::log2(pixel).min(0.0);
    1 + (bits / 64.0).ceil() as usize
}

/// z_0 = 0, z_1 = c, ... as doubles, up to the first beyond |z|² = 4 or to z_limit.
///
/// # Errors
/// If the run is cancelled.
pub fn reference<const L: usize>(
    c: [Fixed<L>; 2],
    limit: u32,
    context: &RunContext<'_>,
) -> Result<Vec<Complex>, Failure> {
    let mut z = [Fixed::<L>::ZERO; 2];
    let mut orbit = vec![[0.0; 2]];
    for k in 1..=limit {
        if k % STRIDE == 0 {
            context.step(u64::from(k), u64::from(limit))?;
        }
        z = next(z, c);
        let rounded = z.map(Fixed::to_f64);
        orbit.push(rounded);
        if square(rounded) > 4.0 {
            break;
        }
    }
    Ok(orbit)
}

/// The count of c in fixed point, 0 if there is none up to the limit, and the value that escaped.
///
/// # Errors
/// If the run is cancelled.
pub fn exact_count<const L: usize>(
    c: [Fixed<L>; 2],
    limit: u32,
    context: &RunContext<'_>,
) -> Result<(u32, Complex), Failure> {
    let mut z = [Fixed::<L>::ZERO; 2];
    let four = Fixed::of(4.0);
    for k in 1..=limit {
        if k % STRIDE == 0 {
            context.go_on()?;
        }
        z = next(z, c);
        let rounded = z.map(Fixed::to_f64);
        let size = square(rounded);
        // Doubles decide unless it is close.
        let beyond = if (size - 4.0).abs() > 1e-12 {
            size > 4.0
        } else {
            let over = z[0].times(z[0]).plus(z[1].times(z[1])).minus(four);
            !over.parts().1 && over != Fixed::ZERO
        };
        if beyond {
            return Ok((k, rounded));
        }
    }
    Ok((0, z.map(Fixed::to_f64)))
}
