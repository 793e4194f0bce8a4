//! How the correlation of two inputs moves from layer to layer in a wide random network.
//!
//! c' = (sw² E f(u) f(w) + sb²) / q for normal u, w of variance q and correlation c. Closed forms for erf (Williams
//! 1998), ReLU (Cho and Saul 2009), identity, sine and GELU. For tanh with u = a + b, w = a - b, where a and b are
//! independent: tanh u tanh w = 1 - 2 cosh 2b / (cosh 2a + cosh 2b), by the trapezoid rule in both, which converges
//! geometrically also close to c = 1. For hard-tanh the mean over w for given u has a closed form, and the integral over
//! u is taken in panels that shrink towards the kinks.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, PI, TAU};

use octavo_plugin::{Activation, math};

use crate::gauss::SIXTEEN;
use crate::meanfield::Ensemble;

/// Above this variance the rule for tanh has too many nodes.
pub const LARGEST: f64 = 1e4;
/// Standard deviations beyond which nothing of a normal distribution is left.
const FAR: f64 = 8.7;

/// The map of correlations at a fixed variance.
#[derive(Clone, Copy, Debug)]
pub struct CorrelationMap {
    ensemble: Ensemble,
    q: f64,
}

impl CorrelationMap {
    /// The map at variance q > 0, below [`LARGEST`].
    pub fn new(ensemble: Ensemble, q: f64) -> Self {
        Self { ensemble, q }
    }

    /// The correlation in the next layer, for c in [-1, 1].
    pub fn next(&self, c: f64) -> f64 {
        let Ensemble { activation, sigma_w, sigma_b } = self.ensemble;
        let (q, c) = (self.q, c.clamp(-1.0, 1.0));
        let product = match activation {
            Activation::Identity => q * c,
            Activation::Erf => FRAC_2_PI * math::asin(2.0 * q * c / (1.0 + 2.0 * q)),
            Activation::Relu => {
                let angle = math::acos(c);
                q * ((1.0 - c * c).max(0.0).sqrt() + (PI - angle) * c) / TAU
            }
            Activation::Sine => {
                // (exp(-q (1 - c)) - exp(-q (1 + c))) / 2.
                -0.5 * math::exp(-q * (1.0 - c)) * math::exp_m1(-2.0 * q * c)
            }
            Activation::Gelu => gelu(q, q * c),
            Activation::Tanh => tanh(q, c),
            Activation::Hardtanh => hardtanh(q, c),
        };
        (sigma_w * sigma_w * product + sigma_b * sigma_b) / q
    }

    /// The correlation in [0, 1] that layers lead to from below 1, where the variance is at its fixed point. It is 1 unless
    /// small differences grow.
    pub fn fixed_point(&self) -> f64 {
        if self.ensemble.chi1(self.q) <= 1.0 {
            return 1.0;
        }
        let (mut low, mut high) = (0.0, 1.0);
        loop {
            let middle = 0.5 * (low + high);
            // Close to 1 the map lies below the diagonal.
            if middle <= low || middle >= high || high - low < 1e-15 {
                return middle;
            }
            *(if self.next(middle) > middle { &mut low } else { &mut high }) = middle;
        }
    }
}

/// By Stein's lemma in both variables; k is their covariance.
fn gelu(q: f64, k: f64) -> f64 {
    let density = 1.0 / (TAU * ((1.0 + q - k) * (1.0 + q + k)).sqrt());
    let below = 0.25 + math::asin(k / (1.0 + q)) / TAU;
    density * (q * q + (1.0 - q) * k * k / (1.0 + q)) + k * below
}

fn tanh(q: f64, c: f64) -> f64 {
    if c < 0.0 {
        return -tanh(q, -c);
    }
    let [sum, difference] = [0.5 * q * (1.0 + c), 0.5 * q * (1.0 - c)].map(f64::sqrt);
    let (outer, inner) = (nodes(sum), nodes(difference));
    let mut left = 0.0;
    for (a, weight) in &outer {
        let row = inner.iter().fold(0.0, |total, (b, weight)| total + weight / (1.0 + math::exp(a - b)));
        left += weight * row;
    }
    1.0 - 2.0 * left
}

/// ln cosh 2x at the nodes x >= 0 of a trapezoid rule for a normal number of this deviation, with their weights.
fn nodes(deviation: f64) -> Vec<(f64, f64)> {
    if deviation < 1e-150 {
        return vec![(0.0, 1.0)];
    }
    // The double poles in x lie pi/2 from the axis, where a narrow density is large.
    let step = f64::min(0.2, 0.35 * deviation);
    let count = (FAR * deviation / step).ceil() as usize;
    let node = |index: usize| {
        let x = step * index as f64;
        let z = x / deviation;
        let weight = step / deviation / TAU.sqrt() * math::exp(-0.5 * z * z);
        let log = 2.0 * x + math::ln_1p(math::exp(-4.0 * x)) - std::f64::consts::LN_2;
        (log, if index == 0 { weight } else { 2.0 * weight })
    };
    (0..=count).map(node).collect()
}

fn hardtanh(q: f64, c: f64) -> f64 {
    let root = q.sqrt();
    let spread = (q * (1.0 - c * c)).max(0.0).sqrt();
    // E f(m + spread z) for normal z.
    let mean = |m: f64| {
        if spread <= 1e-9 * root {
            return m.clamp(-1.0, 1.0);
        }
        let part = |edge: f64| {
            let z = edge / spread;
            edge * math::normal_cdf(z) + spread * math::gauss(z * FRAC_1_SQRT_2) / TAU.sqrt()
        };
        // f(x) = (x + 1)+ - (x - 1)+ - 1.
        part(m + 1.0) - part(m - 1.0) - 1.0
    };
    let integrand = |u: f64| {
        let z = u / root;
        u.clamp(-1.0, 1.0) * mean(c * u) * math::exp(-0.5 * z * z) / (root * TAU.sqrt())
    };
    // The integrand is even, with a kink at 1 and, where c is close to 1, nearly one at 1 / c.
    let far = FAR * root;
    let mut edges = vec![0.0, far];
    for kink in [1.0, 1.0 / c.abs().max(1e-3)] {
        let shrinking = (0..50).map(|k| far * math::powi(0.5, k));
        edges.extend(shrinking.flat_map(|by| [kink - by, kink + by]));
        edges.push(kink);
    }
    edges.retain(|edge| (0.0..=far).contains(edge));
    edges.sort_by(f64::total_cmp);
    let panel =
        |pair: &[f64]| SIXTEEN.integral(pair[0], pair[1], SIXTEEN.nodes_on(pair[0], pair[1]).map(integrand));
    2.0 * edges.windows(2).map(panel).fold(0.0, |total, part| total + part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meanfield::{FixedPoint, moments};

    const ALL: [Activation; 7] = [
        Activation::Identity,
        Activation::Relu,
        Activation::Tanh,
        Activation::Erf,
        Activation::Hardtanh,
        Activation::Gelu,
        Activation::Sine,
    ];

    #[test]
    fn full_correlation_stays() {
        for activation in ALL {
            let ensemble = Ensemble { activation, sigma_w: 0.9, sigma_b: 0.3 };
            let FixedPoint::Finite(q) = ensemble.fixed_point() else { panic!() };
            let next = CorrelationMap::new(ensemble, q).next(1.0);
            assert!((next - 1.0).abs() < 1e-12, "{activation:?}: {next}");
        }
    }

    /// The plain rule in two independent normal variables; coarse for kinks.
    #[test]
    fn the_maps_agree_with_the_plane() {
        for activation in ALL {
            for (q, c) in [(0.3_f64, 0.5), (2.0, -0.7), (12.6, 0.9), (12.6, 0.2)] {
                let (step, slope) = (0.02, f64::sqrt(1.0 - c * c));
                let axis: Vec<(f64, f64)> = (-450..=450)
                    .map(|index| {
                        let z = step * f64::from(index);
                        (z, step / TAU.sqrt() * math::exp(-0.5 * z * z))
                    })
                    .collect();
                let mut expected = 0.0;
                for (z, weight) in &axis {
                    let u = weight * activation.value(q.sqrt() * z);
                    let inner = axis.iter().fold(0.0, |total, (y, weight)| {
                        total + weight * activation.value(q.sqrt() * (c * z + slope * y))
                    });
                    expected += u * inner;
                }
                let ensemble = Ensemble { activation, sigma_w: 1.0, sigma_b: 0.0 };
                let found = q * CorrelationMap::new(ensemble, q).next(c);
                let kinks = matches!(activation, Activation::Relu | Activation::Hardtanh);
                let allowed = if kinks { 2e-3 * q.max(1.0) } else { 1e-11 * q.max(1.0) };
                assert!((found - expected).abs() < allowed, "{activation:?} {q} {c}: {found} {expected}");
            }
        }
    }

    /// At full correlation the mean of the square; close to it, its slope q E f'².
    #[test]
    fn close_to_full_correlation() {
        for activation in ALL {
            for q in [0.5, 4.0, 12.6, 200.0] {
                let ensemble = Ensemble { activation, sigma_w: 1.0, sigma_b: 0.0 };
                let map = CorrelationMap::new(ensemble, q);
                let moments = moments(activation, q);
                assert!((q * map.next(1.0) - moments.value).abs() < 1e-11 * q.max(1.0), "{activation:?} {q}");
                let less = 1e-7;
                let slope = (map.next(1.0) - map.next(1.0 - less)) / less;
                assert!((slope - moments.slope).abs() < 2e-3, "{activation:?} {q}: {slope} {moments:?}");
            }
        }
    }
}
