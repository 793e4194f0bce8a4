//! Affine forms in floats with a bound on their error.

use octavo_plugin::Layer;

use crate::exact::{self, Triple};

/// Half a unit in the last place of 1: the largest relative error of one rounding.
pub(crate) const UNIT: f64 = f64::EPSILON / 2.0;

/// Covers the roundings of the bounds themselves.
const SLACK: f64 = 1.0 + 1e-6;

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
        let x = (one.b * other.c - one.c * other.b) / determinant;
        let y = (one.c * other.a - one.a * other.c) / determinant;
        if !x.is_finite() || !y.is_finite() {
            return None;
        }
        let [x, y] = self.clamp([x, y]);
        let residual = |form: &Form| form.at(x, y).abs() + form.doubt(x, y);
        let (r, s) = (residual(one), residual(other));
        let size = determinant.abs() - 4.0 * UNIT * ((one.a * other.b).abs() + (one.b * other.a).abs());
        let dx = (other.b.abs() * r + one.b.abs() * s) / size;
        let dy = (other.a.abs() * r + one.a.abs() * s) / size;
        let error = dx.max(dy) * SLACK;
        (size > 0.0 && error <= 1e-11 * self.x.max(self.y)).then_some(([x, y], error))
    }

    /// The same from an exact point.
    pub(crate) fn round(&self, point: &Triple) -> ([f64; 2], f64) {
        let [x, y] = self.clamp(exact::round(point));
        ([x, y], 2.0 * UNIT * x.abs().max(y.abs()) + f64::MIN_POSITIVE)
    }

    /// The forms of a layer's outputs before activation, where of its inputs only `active` are on, with `forms`.
    pub(crate) fn compose(&self, layer: &Layer, active: &[usize], forms: &[Form]) -> Vec<Form> {
        #[expect(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
        let gamma = (active.len() + 2) as f64 * UNIT * SLACK;
        let terms: Vec<(usize, [f64; 4])> = active
            .iter()
            .map(|&input| {
                let Form { a, b, c, error } = forms[input];
                let size = a.abs() * self.x + b.abs() * self.y + c.abs();
                (input, [a, b, c, error + gamma * size])
            })
            .collect();
        let output = |output: usize| {
            let row = layer.row(output);
            let bias = layer.bias[output];
            let mut sum = [0.0; 4];
            for (input, term) in &terms {
                let weight = row[*input];
                let factors = [weight, weight, weight, weight.abs()];
                for lane in 0..4 {
                    sum[lane] += factors[lane] * term[lane];
                }
            }
            let error = (sum[3] + gamma * bias.abs()) * SLACK;
            // Underflow costs at most one subnormal step a product.
            let error = if terms.is_empty() { 0.0 } else { error + 1e-300 };
            Form { a: sum[0], b: sum[1], c: sum[2] + bias, error }
        };
        (0..layer.outputs).map(output).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::{Activation, Seed};

    #[test]
    fn the_bound_covers_the_error_of_a_composition() {
        let mut stream = Seed(5).stream("forms");
        let reach = Reach::new([[-1.0, -2.0], [3.0, 1.0]]);
        for _ in 0..50 {
            let forms: Vec<Form> = (0..9)
                .map(|_| Form::exactly(stream.normal(), stream.normal(), 1e3 * stream.normal()))
                .collect();
            let layer = Layer {
                inputs: 9,
                outputs: 1,
                weights: stream.normals(9, 1.0),
                bias: stream.normals(1, 1.0),
                activation: Activation::Relu,
            };
            let active = [0, 2, 3, 5, 8];
            let composed = reach.compose(&layer, &active, &forms)[0];
            let mut c = exact::Dyadic::from_f64(layer.bias[0]);
            for input in active {
                let product = exact::Dyadic::from_f64(layer.weights[input]);
                c = c.add(&product.mul(&exact::Dyadic::from_f64(forms[input].c)));
            }
            let off = c.sub(&exact::Dyadic::from_f64(composed.c)).ratio(&exact::Dyadic::from_f64(1.0));
            assert!(off.abs() <= composed.error, "{off} > {}", composed.error);
            assert!(composed.error < 1e-11);
        }
    }

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
