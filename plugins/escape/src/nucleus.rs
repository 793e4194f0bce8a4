//! The centre of the component nearest to a deep place: its period from a disc that is followed until it holds 0, and its
//! digits by Newton's method in fixed point.

use octavo_plugin::{Failure, RunContext};

use crate::complex::{Complex, ONE, add, div, exponent, length, mul, power_of_two, scale};
use crate::fixed::{Fixed, next};

/// A centre in fixed point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nucleus<const L: usize> {
    /// The period of 0.
    pub period: u32,
    /// The c.
    pub c: [Fixed<L>; 2],
    /// The component's size and direction as a factor of the whole set's.
    pub size: Complex,
}

/// The smallest number of steps after which the disc of this radius about the middle has an image that holds 0, to first
/// order. `orbit` is that of the middle.
pub fn period(orbit: &[Complex], radius: f64) -> Option<u32> {
    let mut slope = [0.0; 2];
    for (k, pair) in (1..).zip(orbit.windows(2)) {
        slope = add(scale(2.0, mul(pair[0], slope)), ONE);
        let reach = length(slope) * radius;
        if length(pair[1]) < reach {
            return Some(k);
        }
        if !reach.is_finite() {
            return None;
        }
    }
    None
}

/// Newton's method from c for z_period = 0: values in fixed point, derivatives in doubles, which gain all their digits at each
/// step. `None` if it runs away.
///
/// # Errors
/// If the run is cancelled.
pub fn nucleus<const L: usize>(
    mut c: [Fixed<L>; 2],
    period: u32,
    radius: f64,
    context: &RunContext<'_>,
) -> Result<Option<Nucleus<L>>, Failure> {
    // Distances are seen in a unit near to the radius, since they may be beyond the range of doubles.
    let unit = exponent([radius, 0.0]).clamp(-1000, 0);
    let [inverse, unit_size] = [-unit, unit].map(power_of_two);
    let radius = radius * inverse;
    let (mut gone, mut before) = (0.0, f64::INFINITY);
    for _ in 0..60 {
        context.go_on()?;
        let (mut z, mut slope) = ([Fixed::<L>::ZERO; 2], [0.0; 2]);
        for _ in 0..period {
            slope = add(scale(2.0, mul(z.map(Fixed::to_f64), slope)), ONE);
            z = next(z, c);
        }
        let by = div(z.map(Fixed::to_f64), scale(unit_size, slope));
        let far = length(by);
        gone += far;
        if !far.is_finite() || gone > 100.0 * radius {
            return Ok(None);
        }
        // The last places are but rounding.
        if far == 0.0 || far >= before && far < 1e-9 * radius {
            break;
        }
        before = far;
        let by = by.map(|part| Fixed::of_scaled(part, unit));
        c = [c[0].minus(by[0]), c[1].minus(by[1])];
    }
    // A size beyond the range of doubles cannot be told.
    let size = size(c, period);
    let told = length(size).is_normal();
    Ok(told.then_some(Nucleus { period, c, size }))
}

/// As [`crate::centres::component`] says, with the orbit in fixed point.
fn size<const L: usize>(c: [Fixed<L>; 2], period: u32) -> Complex {
    let (mut z, mut l, mut b) = ([Fixed::<L>::ZERO; 2], ONE, ONE);
    for _ in 1..period {
        z = next(z, c);
        l = scale(2.0, mul(z.map(Fixed::to_f64), l));
        b = add(b, div(ONE, l));
    }
    div(div(div(ONE, b), l), l)
}
