//! How the correlation of two inputs moves from layer to layer in a wide random network.
//!
//! c' = (sw² E f(u) f(w) + sb²) / q for normal u, w of variance q and correlation c. Closed forms for erf (Williams
//! 1998), ReLU (Cho and Saul 2009) and identity; for tanh Mehler's series: E f(u) f(w) = sum of a_k² c^k with
//! a_k = E f(sqrt(q) z) He_k(z) / sqrt(k!).

use std::f64::consts::{FRAC_2_PI, PI};

use octavo_plugin::{Activation, math};

use crate::meanfield::{Ensemble, half_normal_nodes, moments};

/// Terms of Mehler's series. What is left out is at most (E f² - sum of a_k²) c^TERMS.
const TERMS: usize = 240;

/// The map of correlations at a fixed variance.
#[derive(Clone, Debug)]
pub struct CorrelationMap {
    ensemble: Ensemble,
    q: f64,
    /// a_k² for tanh.
    squares: Vec<f64>,
}

impl CorrelationMap {
    /// The map at variance q > 0.
    pub fn new(ensemble: Ensemble, q: f64) -> Self {
        let squares = match ensemble.activation {
            Activation::Tanh => hermite(q).into_iter().map(|a| a * a).collect(),
            _ => Vec::new(),
        };
        Self { ensemble, q, squares }
    }

    /// The correlation in the next layer, for c in [-1, 1].
    pub fn next(&self, c: f64) -> f64 {
        let Ensemble { activation, sigma_w, sigma_b } = self.ensemble;
        let product = match activation {
            Activation::Identity => self.q * c,
            Activation::Erf => FRAC_2_PI * math::asin(2.0 * self.q * c / (1.0 + 2.0 * self.q)),
            Activation::Relu => {
                let angle = math::acos(c.clamp(-1.0, 1.0));
                self.q * ((1.0 - c * c).max(0.0).sqrt() + (PI - angle) * c) / (2.0 * PI)
            }
            Activation::Tanh => self.series(c),
        };
        (sigma_w * sigma_w * product + sigma_b * sigma_b) / self.q
    }

    fn series(&self, c: f64) -> f64 {
        let sum = self.squares.iter().rev().fold(0.0, |total, square| total * c + square);
        // What the series leaves out is carried by terms of order above TERMS.
        let total = moments(Activation::Tanh, self.q).value;
        let left = total - self.squares.iter().rev().fold(0.0, |total, square| total + square);
        let order = i32::try_from(TERMS + 1).expect("a few hundred");
        sum + left.max(0.0) * math::powi(c, order)
    }
}

/// The coefficients a_k of tanh for k below [`TERMS`]; even ones are zero.
fn hermite(q: f64) -> Vec<f64> {
    let root = q.sqrt();
    let mut coefficients = vec![0.0; TERMS];
    // The rule must also resolve the polynomials, which wave with wave number sqrt(k).
    for (z, weight) in half_normal_nodes(q.max(64.0)) {
        let value = weight * math::tanh(root * z);
        let (mut before, mut here) = (0.0, 1.0);
        for (k, coefficient) in coefficients.iter_mut().enumerate() {
            if k % 2 == 1 {
                *coefficient += value * here;
            }
            let k = k as f64;
            (before, here) = (here, (z * here - k.sqrt() * before) / (k + 1.0).sqrt());
        }
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_correlation_stays() {
        for activation in [Activation::Tanh, Activation::Erf, Activation::Relu, Activation::Identity] {
            let ensemble = Ensemble { activation, sigma_w: 0.9, sigma_b: 0.3 };
            let crate::meanfield::FixedPoint::Finite(q) = ensemble.fixed_point() else { panic!() };
            let next = CorrelationMap::new(ensemble, q).next(1.0);
            assert!((next - 1.0).abs() < 1e-12, "{activation:?}: {next}");
        }
    }
}
