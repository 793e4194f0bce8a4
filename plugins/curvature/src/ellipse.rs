//! Length and turning of an arc of the ellipse `A cos t + B sin t`.
//!
//! In its principal axes the ellipse is (a cos u, b sin u) with u = t - phase, a >= b >= 0. The direction of the tangent
//! turns by the increment of u + atan2((a - b) sin u cos u, b cos² u + a sin² u), which holds for b = 0 too, where the
//! turning is pi at each of the two ends. Length is the integral of sqrt(a² sin² u + b² cos² u), by Gauss-Legendre panels
//! that are halved towards the ends of a flat ellipse.

use std::f64::consts::PI;

use octavo_plugin::math;

use crate::gauss::{EIGHT, Rule, SIXTEEN};

/// Semi-axes and the angle at which the long one is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// The longer semi-axis.
    pub long: f64,
    /// The shorter semi-axis.
    pub short: f64,
    /// The angle t at which the long axis is reached.
    pub phase: f64,
}

impl Axes {
    /// From A·A, B·B, A·B and the area |A ∧ B| of the parallelogram.
    pub fn new(aa: f64, bb: f64, ab: f64, area: f64) -> Self {
        let long = (0.5 * (aa + bb + math::hypot(aa - bb, 2.0 * ab))).sqrt();
        let short = if long > 0.0 { (area / long).min(long) } else { 0.0 };
        Self { long, short, phase: 0.5 * math::atan2(2.0 * ab, aa - bb) }
    }

    /// The angle by which the tangent turns from t = `low` to `high`.
    pub fn turning(&self, low: f64, high: f64) -> f64 {
        let direction = |t: f64| {
            let u = t - self.phase;
            let (sin, cos) = math::sin_cos(u);
            let (a, b) = (self.long, self.short);
            u + math::atan2((a - b) * sin * cos, b * cos * cos + a * sin * sin)
        };
        (direction(high) - direction(low)).max(0.0)
    }

    /// The length from t = `low` to `high` and its error.
    pub fn length(&self, low: f64, high: f64) -> (f64, f64) {
        // The integrand is least, and for a flat ellipse has a corner, where u is a multiple of pi.
        let (from, to) = (low - self.phase, high - self.phase);
        let mut edges = vec![from];
        let mut corner = (from / PI).floor() + 1.0;
        while corner * PI < to {
            edges.push(corner * PI);
            corner += 1.0;
        }
        edges.push(to);
        let least = 1e-16 * self.long * (to - from);
        edges.windows(2).fold((0.0, 0.0), |(length, error), pair| {
            let (more, wrong) = self.panel(pair[0], pair[1], least, 60);
            (length + more, error + wrong)
        })
    }

    fn panel(&self, low: f64, high: f64, least: f64, depth: u32) -> (f64, f64) {
        let by = |rule: &Rule| {
            let speeds = rule.nodes_on(low, high).map(|u| {
                let (sin, cos) = math::sin_cos(u);
                let (x, y) = (self.long * sin, self.short * cos);
                (x * x + y * y).sqrt()
            });
            rule.integral(low, high, speeds)
        };
        let (coarse, fine) = (by(&EIGHT), by(&SIXTEEN));
        let difference = (fine - coarse).abs();
        // Rounding stays a hundred times below the relative bound, so the halving ends.
        if difference <= 1e-13 * fine || difference <= least || depth == 0 {
            return (fine, difference + 2.0 * f64::EPSILON * fine);
        }
        let middle = 0.5 * (low + high);
        let (left, right) =
            (self.panel(low, middle, least, depth - 1), self.panel(middle, high, least, depth - 1));
        (left.0 + right.0, left.1 + right.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_whole_ellipse_turns_once() {
        for short in [1.0, 0.5, 1e-3, 1e-9, 1e-300, 0.0] {
            let axes = Axes { long: 1.0, short, phase: 0.4 };
            assert!((axes.turning(0.1, 0.1 + TAU) - TAU).abs() < 1e-14, "{short}");
        }
    }

    #[test]
    fn known_perimeters() {
        // Complete elliptic integrals of the second kind; the flat one is 4.
        for (short, perimeter) in [(1.0, TAU), (0.5, 4.844_224_110_273_838), (0.0, 4.0)] {
            let (length, error) = Axes { long: 1.0, short, phase: -0.3 }.length(0.2, 0.2 + TAU);
            assert!((length - perimeter).abs() < 1e-14, "{short}: {length}");
            assert!(error < 1e-12, "{error}");
        }
    }

    #[test]
    fn parts_add_up() {
        for short in [0.7, 1e-4, 1e-12, 0.0] {
            let axes = Axes { long: 2.0, short, phase: 1.0 };
            let edges = [0.3, 0.31, 1.0 + 1e-7, 2.0, 4.2, 6.0];
            let length: f64 = edges.windows(2).map(|pair| axes.length(pair[0], pair[1]).0).sum();
            let turning: f64 = edges.windows(2).map(|pair| axes.turning(pair[0], pair[1])).sum();
            let whole = axes.length(0.3, 6.0).0;
            assert!((length - whole).abs() < 2e-13, "{short}: {length} {whole}");
            assert!((turning - axes.turning(0.3, 6.0)).abs() < 1e-13);
        }
    }

    #[test]
    fn axes_from_products() {
        // A = (3, 0), B = (0, 1) at angle 0, and the same ellipse shifted by a quarter.
        assert_eq!(Axes::new(9.0, 1.0, 0.0, 3.0), Axes { long: 3.0, short: 1.0, phase: 0.0 });
        let shifted = Axes::new(1.0, 9.0, 0.0, 3.0);
        assert!((shifted.phase.abs() - PI / 2.0).abs() < 1e-15);
    }
}
