//! Affine forms in floats with a bound on their error.

use crate::exact::{self, Triple};

/// Half a unit in the last place of 1: the largest relative error of one rounding.
pub(crate) const UNIT: f64 = f64::EPSILON / 2.0;

/// Covers the roundings of the bounds themselves.
pub(crate) const SLACK: f64 = 1.0 + 1e-6;

/// The form a·x + b·y + c. Anywhere in the domain it differs from the exact form by at most `error`; moreover
/// |Δa|·X + |Δb|·Y + |Δc| <= `error`, with X and Y the largest |x| and |y| of the domain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Form {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) c: f64,
    pub(crate) error: f64,
}

impl Form {
    pub(crate) fn exactly(a: f64, b: f64, c: f64) -> Self {
        Self { a, b, c, error: 0.0 }
    }

    pub(crate) fn at(&self, x: f64, y: f64) -> f64 {
        self.a * x + self.b * y + self.c
    }

    /// A bound on the rounding errors of [`Form::at`] and on the form's own error.
    fn doubt(&self, x: f64, y: f64) -> f64 {
        let size = (self.a * x).abs() + (self.b * y).abs() + self.c.abs();
        // Products that underflow are off by less than the smallest normal number.
        self.error + 4.0 * UNIT * size + f64::MIN_POSITIVE
    }

    /// A bound on the error of [`Form::at`] at all points of the domain that are known up to `error`.
    pub(crate) fn doubt_anywhere(&self, reach: &Reach, error: f64) -> f64 {
        let size = reach.size(self);
        let doubt = self.error + 4.0 * UNIT * size + (self.a.abs() + self.b.abs()) * error;
        (doubt + f64::MIN_POSITIVE) * SLACK
    }

    /// The sign at a point whose coordinates are known up to `error`; `None` if floats cannot tell.
    pub(crate) fn sign(&self, x: f64, y: f64, error: f64) -> Option<i8> {
        let value = self.at(x, y);
        let doubt = ((self.a.abs() + self.b.abs()) * error + self.doubt(x, y)) * SLACK;
        if value > doubt {
            Some(1)
        } else if value < -doubt {
            Some(-1)
        } else {
            None
        }
    }
}

/// The largest |x| and |y| of the domain, and the domain: coordinates of corners are clamped to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    pub(crate) domain: [[f64; 2]; 2],
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Reach {
    pub(crate) fn new(domain: [[f64; 2]; 2]) -> Self {
        let [low, high] = domain;
        Self { domain, x: low[0].abs().max(high[0].abs()), y: low[1].abs().max(high[1].abs()) }
    }

    /// A bound on |a·x + b·y + c| and on its terms.
    pub(crate) fn size(&self, form: &Form) -> f64 {
        form.a.abs() * self.x + form.b.abs() * self.y + form.c.abs()
    }

    fn clamp(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [low, high] = self.domain;
        [x.clamp(low[0], high[0]), y.clamp(low[1], high[1])]
    }

    /// Where two lines meet within the domain and how far off, in either coordinate, that may be. `None` if the bound
    /// is too large to be useful, as for lines that are nearly parallel.
    ///
    /// The bound looks at the result: with residuals r the true point lies at A⁻¹ r from it, whatever rounding did.
    pub(crate) fn meet(&self, one: &Form, other: &Form) -> Option<([f64; 2], f64)> {
        let determinant = one.a * other.b - one.b * other.a;
        let scale = 1.0 / determinant;
        let x = (one.b * other.c - one.c * other.b) * scale;
        let y = (one.c * other.a - one.a * other.c) * scale;
        if !x.is_finite() || !y.is_finite() {
            return None;
        }
        let [x, y] = self.clamp([x, y]);
        let residual = |form: &Form| form.at(x, y).abs() + form.doubt(x, y);
        let (r, s) = (residual(one), residual(other));
        let size = determinant.abs() - 4.0 * UNIT * ((one.a * other.b).abs() + (one.b * other.a).abs());
        let dx = other.b.abs() * r + one.b.abs() * s;
        let dy = other.a.abs() * r + one.a.abs() * s;
        let error = dx.max(dy) / size * SLACK;
        (size > 0.0 && error <= 1e-6 * self.x.max(self.y)).then_some(([x, y], error))
    }

    /// The same from an exact point.
    pub(crate) fn round(&self, point: &Triple) -> ([f64; 2], f64) {
        let [x, y] = self.clamp(exact::round(point));
        ([x, y], 2.0 * UNIT * x.abs().max(y.abs()) + f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    #[test]
    fn a_meeting_point_is_within_its_bound() {
        let reach = Reach::new([[-1.0, -1.0], [1.0, 1.0]]);
        let mut stream = Seed(6).stream("lines");
        let mut seen = 0;
        for _ in 0..500 {
            let mut line = || Form::exactly(stream.normal(), stream.normal(), 0.1 * stream.normal());
            let (one, other) = (line(), line());
            let triple = |form: &Form| exact::form(form.a, form.b, form.c);
            let [x, y] = exact::round(&exact::meet(&triple(&one), &triple(&other)));
            if x.abs() < 1.0 && y.abs() < 1.0 {
                let ([u, v], error) = reach.meet(&one, &other).unwrap();
                assert!((u - x).abs() <= error + UNIT && (v - y).abs() <= error + UNIT);
                seen += 1;
            }
        }
        assert!(seen > 100);
        assert!(reach.meet(&Form::exactly(1.0, 1.0, 0.3), &Form::exactly(1.0, 1.0 + 1e-15, 0.3)).is_none());
    }

    #[test]
    fn a_sign_in_doubt_is_no_sign() {
        let form = Form { a: 1.0, b: 1.0, c: -1.0, error: 1e-15 };
        assert_eq!(form.sign(0.5, 0.6, 1e-16), Some(1));
        assert_eq!(form.sign(0.5, 0.4, 1e-16), Some(-1));
        assert_eq!(form.sign(0.5, 0.5, 1e-16), None);
        assert_eq!(form.sign(0.5, f64::NAN, 0.0), None);
    }
}
