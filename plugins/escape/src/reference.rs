//! The orbit of the middle of a deep picture, in fixed point, and what is read from it.

use octavo_plugin::math;
use octavo_plugin::{Failure, RunContext};

use crate::complex::{Complex, square};
use crate::distance::Distance;
use crate::fixed::{Fixed, next};

/// Bits beyond those that tell pixels apart.
const GUARD: f64 = 128.0;
/// The error of z beyond which no count is given: below what doubles decide by.
const MOST_ERROR: f64 = 1e-14;
/// Steps between two questions whether to go on.
const STRIDE: u32 = 4096;

/// Limbs for pixels of this side: one for the whole part, and as many as the fraction needs.
pub fn limbs(pixel: f64) -> usize {
    let bits = GUARD - math::log2(pixel).min(0.0);
    1 + (bits / 64.0).ceil() as usize
}

/// z_0 = 0, z_1 = c, ... as doubles or pairs of them, up to the first beyond |z|² = 4 or to z_limit.
///
/// # Errors
/// If the run is cancelled.
pub fn reference<const L: usize, T: Distance>(
    c: [Fixed<L>; 2],
    limit: u32,
    context: &RunContext<'_>,
) -> Result<Vec<T>, Failure> {
    let mut z = [Fixed::<L>::ZERO; 2];
    let mut orbit = vec![T::default()];
    for k in 1..=limit {
        if k % STRIDE == 0 {
            context.step(u64::from(k), u64::from(limit))?;
        }
        z = next(z, c);
        let rounded = T::of_fixed(z);
        orbit.push(rounded);
        if square(rounded.rounded()) > 4.0 {
            break;
        }
    }
    Ok(orbit)
}

/// The count of c in fixed point, 0 if there is none up to the limit, and the value that escaped; `None` if the limbs do not
/// suffice: a bound on the error, that every step adds to and that grows with the derivative, has come near to what matters.
///
/// # Errors
/// If the run is cancelled.
pub fn exact_count<const L: usize>(
    c: [Fixed<L>; 2],
    limit: u32,
    context: &RunContext<'_>,
) -> Result<Option<(u32, Complex)>, Failure> {
    let mut z = [Fixed::<L>::ZERO; 2];
    let four = Fixed::of(4.0);
    // Cut off products, and c itself, are that far off; in doubles, squared, even of many limbs.
    let unit = 4.0 * L as f64 * math::exp2(-64.0 * (L as f64 - 1.0));
    let (mut size, mut error) = (0.0_f64, 0.0);
    for k in 1..=limit {
        if k % STRIDE == 0 {
            context.go_on()?;
        }
        z = next(z, c);
        let rounded = z.map(Fixed::rough);
        error = 2.0 * size.sqrt() * error + unit;
        size = square(rounded);
        if error > MOST_ERROR {
            return Ok(None);
        }
        // Doubles decide unless it is close.
        let beyond = if (size - 4.0).abs() > 1e-12 {
            size > 4.0
        } else {
            let over = z[0].times(z[0]).plus(z[1].times(z[1])).minus(four);
            !over.parts().1 && over != Fixed::ZERO
        };
        if beyond {
            return Ok(Some((k, rounded)));
        }
    }
    Ok(Some((0, z.map(Fixed::to_f64))))
}
