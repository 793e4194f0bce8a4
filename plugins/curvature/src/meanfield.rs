//! Mean-field theory of wide random networks: variance, slope and curvature layer by layer.
//!
//! With z standard normal and q the variance of a layer's entries (Poole et al. 2016):
//! q' = sw² E f(sqrt(q) z)² + sb², chi1 = sw² E f'², chi2 = sw² E f''², g' = chi1 g, G' = G + 3 (chi2 / chi1) g, where
//! g = |v|² / N and G = (total curvature / 2 pi)². For ReLU the kinks are counted by Rice's formula: a layer adds
//! 2 sqrt(pi N g / q) to the total curvature.
//!
//! Expectations: closed forms where there are any; for tanh the trapezoid rule on [-12, 12], whose step shrinks like
//! 1 / sqrt(q) because the poles of tanh come closer to the axis. Below 1e-13 for all q up to 1e6.

use std::f64::consts::{FRAC_2_PI, PI, TAU};

use octavo_plugin::{Activation, math};

use crate::activations::derivatives_of;

/// E f², E f'² and E f''² at a variance. The last is missing for ReLU, whose second derivative is no function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// E f(sqrt(q) z)².
    pub value: f64,
    /// E f'(sqrt(q) z)².
    pub slope: f64,
    /// E f''(sqrt(q) z)².
    pub bend: Option<f64>,
}

/// The moments of an activation at variance q >= 0.
pub fn moments(activation: Activation, q: f64) -> Moments {
    match activation {
        Activation::Identity => Moments { value: q, slope: 1.0, bend: Some(0.0) },
        Activation::Relu => Moments { value: 0.5 * q, slope: 0.5, bend: None },
        Activation::Erf => {
            let root = (1.0 + 4.0 * q).sqrt();
            let bend = 16.0 / PI * q / (root * root * root);
            let value = FRAC_2_PI * math::asin(2.0 * q / (1.0 + 2.0 * q));
            Moments { value, slope: 4.0 / (PI * root), bend: Some(bend) }
        }
        Activation::Tanh => {
            let [value, slope, bend] = even_expectations(activation, q);
            Moments { value, slope, bend: Some(bend) }
        }
    }
}

/// Nodes z >= 0 of the trapezoid rule and twice their normal weights (once at 0), for an even integrand.
pub(crate) fn half_normal_nodes(q: f64) -> impl Iterator<Item = (f64, f64)> {
    let step = 0.05 * (4.0 / q.max(1e-300).sqrt()).min(1.0);
    let count = (12.0 / step).ceil() as usize;
    (0..=count).map(move |index| {
        let z = step * index as f64;
        let weight = step / TAU.sqrt() * math::exp(-0.5 * z * z);
        (z, if index == 0 { weight } else { 2.0 * weight })
    })
}

fn even_expectations(activation: Activation, q: f64) -> [f64; 3] {
    let root = q.sqrt();
    half_normal_nodes(q).fold([0.0; 3], |totals, (z, weight)| {
        let derivatives = derivatives_of(activation, root * z);
        std::array::from_fn(|k| totals[k] + weight * derivatives[k] * derivatives[k])
    })
}

/// An ensemble of wide random networks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ensemble {
    /// The activation.
    pub activation: Activation,
    /// Standard deviation of the weights times sqrt(width).
    pub sigma_w: f64,
    /// Standard deviation of the biases.
    pub sigma_b: f64,
}

/// Where the variance goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FixedPoint {
    /// To this value, which may be 0.
    Finite(f64),
    /// Without bound.
    Infinite,
    /// Nowhere: every value stays what it is.
    Any,
}

impl Ensemble {
    /// The variance of the next layer.
    pub fn next_variance(&self, q: f64) -> f64 {
        self.sigma_w * self.sigma_w * moments(self.activation, q).value + self.sigma_b * self.sigma_b
    }

    /// The factor of the squared speed from one layer to the next, at variance q.
    pub fn chi1(&self, q: f64) -> f64 {
        self.sigma_w * self.sigma_w * moments(self.activation, q).slope
    }

    /// The factor by which squared speed bends, at variance q; none for ReLU.
    pub fn chi2(&self, q: f64) -> Option<f64> {
        moments(self.activation, q).bend.map(|bend| self.sigma_w * self.sigma_w * bend)
    }

    /// The variance to which layers tend from any start.
    pub fn fixed_point(&self) -> FixedPoint {
        let (weight, bias) = (self.sigma_w * self.sigma_w, self.sigma_b * self.sigma_b);
        let gain = match self.activation {
            Activation::Identity => weight,
            Activation::Relu => 0.5 * weight,
            Activation::Tanh | Activation::Erf => return FixedPoint::Finite(self.bounded_fixed_point()),
        };
        if gain < 1.0 {
            FixedPoint::Finite(bias / (1.0 - gain))
        } else if bias == 0.0 && gain <= 1.0 + 4.0 * f64::EPSILON {
            FixedPoint::Any
        } else {
            FixedPoint::Infinite
        }
    }

    /// The map is increasing and concave, so its graph crosses the diagonal once above zero; by bisection to the last
    /// bit.
    fn bounded_fixed_point(&self) -> f64 {
        let slope = derivatives_of(self.activation, 0.0)[1];
        if self.sigma_b == 0.0 && self.sigma_w * slope <= 1.0 {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, self.sigma_w * self.sigma_w + self.sigma_b * self.sigma_b);
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return middle;
            }
            *(if self.next_variance(middle) > middle { &mut low } else { &mut high }) = middle;
        }
    }

    /// Theory of the curve in each layer, from the first layer's variance and squared speed over width.
    pub fn curve(&self, first: Start, width: usize, depth: usize) -> Vec<LayerTheory> {
        let (mut q, mut g) = (first.q, first.g);
        let (mut square, mut turns) = (1.0, TAU);
        let width = width as f64;
        let mut layers = Vec::with_capacity(depth);
        for _ in 0..depth {
            let (chi1, chi2) = (self.chi1(q), self.chi2(q));
            let total = |square: f64, turns: f64| if chi2.is_some() { TAU * square.sqrt() } else { turns };
            let before = StageTheory { q, length: TAU * (width * g).sqrt(), curvature: total(square, turns) };
            square += chi2.map_or(0.0, |chi2| 3.0 * chi2 / chi1 * g);
            turns += 2.0 * (PI * width * g / q).sqrt();
            let after = StageTheory {
                q: moments(self.activation, q).value,
                length: TAU * (width * g * chi1).sqrt() / self.sigma_w,
                curvature: total(square, turns),
            };
            layers.push(LayerTheory { chi1, chi2, stages: [before, after] });
            q = self.next_variance(q);
            g *= chi1;
        }
        layers
    }
}

/// The first layer before its activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Variance of its entries.
    pub q: f64,
    /// Squared speed over width.
    pub g: f64,
}

/// Theory of one stage of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageTheory {
    /// Mean square of the entries.
    pub q: f64,
    /// Euclidean length.
    pub length: f64,
    /// Total curvature.
    pub curvature: f64,
}

/// Theory of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerTheory {
    /// Factor of the squared speed to the next layer.
    pub chi1: f64,
    /// Factor of bending to the next layer; none for ReLU.
    pub chi2: Option<f64>,
    /// Before and after the activation.
    pub stages: [StageTheory; 2],
}

/// The critical weight at a bias: sigma_w with chi1 = 1 at the fixed point, and that fixed point.
///
/// On the line sw² = 1 / E f'² and sb² = q - E f² / E f'², which grows with q: q by bisection. For ReLU and identity
/// chi1 does not depend on q; the fixed point is infinite above zero bias.
pub fn critical(activation: Activation, sigma_b: f64) -> (f64, FixedPoint) {
    let slope = |q: f64| moments(activation, q).slope;
    if matches!(activation, Activation::Identity | Activation::Relu) {
        let at = if sigma_b == 0.0 { FixedPoint::Any } else { FixedPoint::Infinite };
        return (1.0 / slope(1.0).sqrt(), at);
    }
    let bias = |q: f64| {
        let moments = moments(activation, q);
        q - moments.value / moments.slope
    };
    let target = sigma_b * sigma_b;
    let (mut low, mut high) = (0.0, 1.0);
    while target > 0.0 && bias(high) < target {
        high *= 2.0;
    }
    loop {
        let middle = 0.5 * (low + high);
        if target == 0.0 {
            return (1.0 / slope(0.0).sqrt(), FixedPoint::Finite(0.0));
        }
        if middle <= low || middle >= high {
            return (1.0 / slope(middle).sqrt(), FixedPoint::Finite(middle));
        }
        *(if bias(middle) < target { &mut low } else { &mut high }) = middle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trapezoid_rule_gives_the_closed_forms_of_erf() {
        for q in [0.0, 1e-3, 0.5, 4.0, 17.0, 30.0, 100.0, 1e4] {
            let Moments { value, slope, bend } = moments(Activation::Erf, q);
            let exact = [value, slope, bend.unwrap()];
            for (k, found) in even_expectations(Activation::Erf, q).into_iter().enumerate() {
                assert!((found - exact[k]).abs() <= 1e-13 * exact[k].max(1e-3), "q {q}, moment {k}: {found}");
            }
        }
    }

    #[test]
    fn a_finer_rule_gives_the_same_moments_of_tanh() {
        for q in [0.3, 5.0, 30.0, 100.0, 1000.0] {
            let coarse = even_expectations(Activation::Tanh, q);
            // The nodes of a sixteenfold variance are four times as dense.
            let fine = half_normal_nodes(16.0 * q.max(16.0)).fold([0.0; 3], |totals, (z, weight)| {
                let derivatives = derivatives_of(Activation::Tanh, q.sqrt() * z);
                std::array::from_fn(|k| totals[k] + weight * derivatives[k] * derivatives[k])
            });
            for k in 0..3 {
                assert!((coarse[k] - fine[k]).abs() < 1e-13, "q {q}, moment {k}: {} {}", coarse[k], fine[k]);
            }
        }
    }

    #[test]
    fn unbounded_activations() {
        let relu =
            |sigma_w, sigma_b| Ensemble { activation: Activation::Relu, sigma_w, sigma_b }.fixed_point();
        assert_eq!(relu(1.0, 0.5), FixedPoint::Finite(0.5));
        assert_eq!(relu(2.0_f64.sqrt(), 0.0), FixedPoint::Any);
        assert_eq!(relu(2.0_f64.sqrt(), 0.1), FixedPoint::Infinite);
        assert_eq!(relu(2.0, 0.0), FixedPoint::Infinite);
    }
}
