//! What becomes of the critical orbit, 0 under z² + c: it decides whether the Julia set of c is in one piece.

use crate::complex::{Complex, ONE, abs, add, div, mul, scale, square, sub};
use crate::interior::{next, trap};

/// The fate of the orbit of 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It escapes, at this count: the Julia set is dust.
    Escapes(u32),
    /// It comes to an attracting cycle of this period: the Julia set is connected.
    Attracted {
        /// The period.
        period: u32,
        /// The derivative once around.
        multiplier: Complex,
    },
    /// It comes back exactly to a value that it had: the Julia set is connected.
    Repeats {
        /// Steps before the first value that comes back.
        preperiod: u32,
        /// The period.
        period: u32,
    },
    /// None of these within the steps allowed.
    Undecided,
}

impl Fate {
    /// Whether the Julia set is connected, if that is decided.
    pub fn connected(&self) -> Option<bool> {
        match self {
            Self::Escapes(_) => Some(false),
            Self::Attracted { .. } | Self::Repeats { .. } => Some(true),
            Self::Undecided => None,
        }
    }
}

/// The most steps that a critical orbit is followed.
const MOST: u32 = 1 << 24;

/// Follows the orbit of 0 for at most `limit` steps, and never for more than 2^24.
pub fn fate(c: Complex, limit: u32) -> Fate {
    let limit = limit.min(MOST);
    let (mut z, mut kept, mut look) = ([0.0; 2], [0.0; 2], 8);
    for k in 1..=limit {
        z = next(z, c);
        if square(z) > 4.0 {
            return Fate::Escapes(k);
        }
        if z == kept {
            return repeats(c, limit);
        }
        if k == look {
            if let Some(steps) = trap(z, c, k.min(1 << 14)) {
                let (period, multiplier) = cycle(z, c, steps);
                return Fate::Attracted { period, multiplier };
            }
            kept = z;
            look = look.saturating_mul(2);
        }
    }
    Fate::Undecided
}

/// The first value that comes back, and after how many steps, by Brent's method; the orbit is known to repeat.
fn repeats(c: Complex, limit: u32) -> Fate {
    let (mut power, mut period, mut slow, mut fast) = (1_u32, 1_u32, [0.0; 2], next([0.0; 2], c));
    while slow != fast {
        if power == period {
            (slow, power, period) = (fast, power.saturating_mul(2), 0);
        }
        if period > limit {
            return Fate::Undecided;
        }
        fast = next(fast, c);
        period += 1;
    }
    let mut ahead = (0..period).fold([0.0; 2], |z, _| next(z, c));
    let (mut behind, mut preperiod) = ([0.0; 2], 0);
    while ahead != behind {
        (ahead, behind, preperiod) = (next(ahead, c), next(behind, c), preperiod + 1);
    }
    match preperiod {
        0 => Fate::Attracted { period, multiplier: [0.0; 2] },
        _ => Fate::Repeats { preperiod, period },
    }
}

/// The period of the attracting cycle near z, which divides `steps`, and the derivative once around it. Newton's method leads
/// from z to the cycle.
pub(crate) fn cycle(mut z: Complex, c: Complex, steps: u32) -> (u32, Complex) {
    for _ in 0..20 {
        let (end, slope) = around(z, c, steps);
        let by = div(sub(end, z), sub(ONE, slope));
        let better = add(z, by);
        if !square(better).is_finite() || abs(by) < 1e-17 {
            break;
        }
        z = better;
    }
    let back = |period: &u32| steps.is_multiple_of(*period) && abs(sub(around(z, c, *period).0, z)) < 1e-8;
    let period = (1..steps).find(back).unwrap_or(steps);
    (period, around(z, c, period).1)
}

/// Where some steps lead from z, and the derivative of that by z.
fn around(z: Complex, c: Complex, steps: u32) -> (Complex, Complex) {
    (0..steps).fold((z, ONE), |(z, slope), _| (next(z, c), scale(2.0, mul(z, slope))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_fates() {
        assert_eq!(fate([0.0, 1.0], 1000), Fate::Repeats { preperiod: 2, period: 2 });
        assert_eq!(fate([-2.0, 0.0], 1000), Fate::Repeats { preperiod: 2, period: 1 });
        assert_eq!(fate([-1.0, 0.0], 1000), Fate::Attracted { period: 2, multiplier: [0.0, 0.0] });
        assert_eq!(fate([0.2501, 0.0], 1000), Fate::Escapes(312));
        assert_eq!(fate([0.25, 0.0], 1000), Fate::Undecided);
        assert_eq!(fate([1.0, 1.0], 10), Fate::Escapes(2));
    }

    #[test]
    fn multipliers_have_closed_forms_for_periods_1_and_2() {
        // Period 1: c = m/2 - m²/4; period 2: m = 4 (c + 1).
        for m in [[0.5, 0.0], [0.0, 0.9], [-0.3, 0.4], [0.6, -0.6]] {
            let c = sub(scale(0.5, m), scale(0.25, mul(m, m)));
            let Fate::Attracted { period: 1, multiplier } = fate(c, 10_000) else { panic!("{c:?}") };
            assert!(abs(sub(multiplier, m)) < 1e-12, "{multiplier:?} {m:?}");
            let c = add([-1.0, 0.0], scale(0.25, m));
            let Fate::Attracted { period: 2, multiplier } = fate(c, 10_000) else { panic!("{c:?}") };
            assert!(abs(sub(multiplier, m)) < 1e-12, "{multiplier:?} {m:?}");
        }
    }
}
