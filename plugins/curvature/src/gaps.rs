//! Does what lies between two samples of a curve fit to them?
//!
//! The total curvature of a stretch is the length of the path of its unit tangent on the sphere, so it is at least the
//! angle between the tangents at its ends. A cusp, or a turn so sharp that no sample falls into it, changes the tangent
//! by up to pi and cannot escape this bound, although the integrand may be small at all samples.

/// An angle between neighbouring tangents that a quadrature rule can be trusted with.
pub const GENTLE: f64 = 0.5;
/// Above this angle between neighbouring tangents the velocity passes by zero.
const SHARP: f64 = 2.5;
/// A cusp is isolated if the curve beside it turns by less than this over the gap.
const QUIET: f64 = 0.3;

/// Two neighbouring samples.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// The angle between their tangents.
    pub angle: f64,
    /// The distance of their parameters.
    pub step: f64,
    /// The integrand of total curvature at both.
    pub turning: [f64; 2],
    /// v·a / v·v at both.
    pub growth: [f64; 2],
}

impl Gap {
    /// By how much the angle exceeds what the integrand at the ends allows for; `noise` is what rounding does.
    pub fn excess(&self, noise: f64) -> f64 {
        let [left, right] = self.turning.map(f64::abs);
        (self.angle - 1.5 * left.max(right) * self.step - noise).max(0.0)
    }

    /// Whether the speed may vanish twice inside: it falls and rises again so fast that from both ends, carried on
    /// linearly, it would reach zero, and the tangent has not turned around.
    pub fn may_hide(&self) -> bool {
        let [left, right] = self.growth.map(|growth| growth * self.step);
        self.angle < SHARP && left < -1.0 && right > 1.0
    }

    /// For a gap that holds one cusp: what the curve turns beyond the angle. Near a cusp v = a s + j s²/2, so beside it
    /// the tangent turns at the rate |j| / 2|a|, and the great circle from end to end falls short by twice this turn.
    pub fn beside_a_cusp(&self) -> Option<f64> {
        let [left, right] = self.turning.map(|turning| turning.abs() * self.step);
        (self.angle > SHARP && left.max(right) < QUIET).then_some(left + right)
    }
}
