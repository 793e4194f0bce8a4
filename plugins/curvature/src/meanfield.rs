//! Mean-field theory of wide random networks: variance, slope and curvature layer by layer.
//!
//! With z standard normal and q the variance of a layer's entries (Poole et al. 2016):
//! q' = sw² E f(sqrt(q) z)² + sb², chi1 = sw² E f'², chi2 = sw² E f''², g' = chi1 g, G' = G + 3 (chi2 / chi1) g, where
//! g = |v|² / N and G = (total curvature / 2 pi)². For ReLU the kinks are counted by Rice's formula: a layer adds
//! 2 sqrt(pi N g / q) to the total curvature.
//!
//! Expectations: closed forms where there are any; for tanh the trapezoid rule on [-12, 12], whose step shrinks like
//! 1 / sqrt(q) because the poles of tanh come closer to the axis. Below 1e-13 for all q up to 1e6.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, PI, TAU};

use octavo_plugin::{Activation, math};

use crate::activations::derivatives_of;

/// E f², E f'² and E f''² at a variance. The last is missing for activations with corners.
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
            let [value, slope, bend] =
                if q > WIDE { narrow_expectations(q) } else { even_expectations(activation, q) };
            Moments { value, slope, bend: Some(bend) }
        }
        Activation::Hardtanh => hardtanh(q),
        Activation::Gelu => gelu(q),
        Activation::Sine => {
            let damped = math::exp(-2.0 * q);
            let value = -0.5 * math::exp_m1(-2.0 * q);
            Moments { value, slope: 0.5 * (1.0 + damped), bend: Some(value) }
        }
    }
}

/// With s = 1 / sqrt(q) and P the probability that |z| < s: E f'² = P and E f² = q (P - 2 s density(s)) + 1 - P.
fn hardtanh(q: f64) -> Moments {
    let edge = 1.0 / q.sqrt();
    let [inside, outside] = [math::erf, math::erfc].map(|of| of(edge * FRAC_1_SQRT_2));
    let density = math::gauss(edge * FRAC_1_SQRT_2) / TAU.sqrt();
    let moving = if q > 0.0 { q * inside - 2.0 * q.sqrt() * density } else { 0.0 };
    Moments { value: moving + outside, slope: inside, bend: None }
}

/// By Stein's lemma, E g(x) x = q E g'(x), everything comes down to E of products of normal densities and
/// E of the squared distribution function, 1/4 + asin(q / (1 + q)) / 2 pi.
fn gelu(q: f64) -> Moments {
    let below = 0.25 + math::asin(q / (1.0 + q)) / TAU;
    let density = 1.0 / (TAU * (1.0 + 2.0 * q).sqrt());
    let mixed = q / (1.0 + q) * density;
    let s = q / (1.0 + 2.0 * q);
    Moments {
        value: q * (below + 2.0 * mixed),
        slope: below + 2.0 * mixed + s * density,
        bend: Some(density * (4.0 - 4.0 * s + 3.0 * s * s)),
    }
}

/// Above this variance the moments of tanh are summed over x.
const WIDE: f64 = 64.0;

/// E tanh², E tanh'² and E tanh''² at a large variance: sech² is below 1e-17 beyond |x| = 20.
fn narrow_expectations(q: f64) -> [f64; 3] {
    const STEP: f64 = 0.125;
    let node = |index: i32| {
        let x = STEP * f64::from(index);
        let weight = STEP / (TAU * q).sqrt() * math::exp(-0.5 * x * x / q);
        let [_, slope, bend] = derivatives_of(Activation::Tanh, x);
        (if index == 0 { weight } else { 2.0 * weight }, slope, bend)
    };
    let [left, slope, bend] =
        (0..=160).map(node).fold([0.0; 3], |[left, slopes, bends], (weight, slope, bend)| {
            [left + weight * slope, slopes + weight * slope * slope, bends + weight * bend * bend]
        });
    [1.0 - left, slope, bend]
}

/// 1 - E f² / (f'(0)² q): what an odd activation loses against its tangent at zero, also where that is very little.
fn shortfall(activation: Activation, q: f64) -> f64 {
    match activation {
        Activation::Tanh if q < 1.0 => {
            let root = q.sqrt();
            half_normal_nodes(q).fold(0.0, |total, (z, weight)| {
                let x = root * z;
                total + weight * less_tanh(x) * (x + math::tanh(x))
            }) / q
        }
        // With y = 2 q / (1 + 2 q): 2 q - asin y = (2 q - y) - (asin y - y).
        Activation::Erf if q < 0.05 => {
            let y = 2.0 * q / (1.0 + 2.0 * q);
            let (mut term, mut beyond) = (y, 0.0);
            for k in 1..30 {
                let odd = f64::from(2 * k - 1);
                term *= y * y * odd / f64::from(2 * k);
                beyond += term / (odd + 2.0);
            }
            (2.0 * q * y - beyond) / (2.0 * q)
        }
        _ => {
            let slope = derivatives_of(activation, 0.0)[1];
            1.0 - moments(activation, q).value / (slope * slope * q)
        }
    }
}

/// x - tanh x without cancellation, x >= 0: near zero from its continued fraction.
fn less_tanh(x: f64) -> f64 {
    if x > 0.5 {
        return x - math::tanh(x);
    }
    // tanh x = x / (1 + r), r = x² / (3 + x² / (5 + ...)).
    let square = x * x;
    let inner = (1..=8).rev().fold(0.0, |inner, k| square / (f64::from(2 * k + 1) + inner));
    x * inner / (1.0 + inner)
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

    /// The factor by which squared speed bends, at variance q; none for activations with corners.
    pub fn chi2(&self, q: f64) -> Option<f64> {
        moments(self.activation, q).bend.map(|bend| self.sigma_w * self.sigma_w * bend)
    }

    /// The variance to which layers tend from any start.
    pub fn fixed_point(&self) -> FixedPoint {
        let (weight, bias) = (self.sigma_w * self.sigma_w, self.sigma_b * self.sigma_b);
        let gain = match self.activation {
            Activation::Identity => weight,
            Activation::Relu => 0.5 * weight,
            Activation::Gelu => return self.followed_fixed_point(),
            _ => return FixedPoint::Finite(self.bounded_fixed_point()),
        };
        if gain < 1.0 {
            FixedPoint::Finite(bias / (1.0 - gain))
        } else if bias == 0.0 && gain <= 1.0 + 4.0 * f64::EPSILON {
            FixedPoint::Any
        } else {
            FixedPoint::Infinite
        }
    }

    /// Where layers lead from variance 1: the map of GELU need not have one fixed point only.
    fn followed_fixed_point(&self) -> FixedPoint {
        let mut q = 1.0;
        for _ in 0..100_000 {
            let next = self.next_variance(q);
            if (next - q).abs() <= 1e-15 * q || next < 1e-300 {
                return FixedPoint::Finite(if next < 1e-300 { 0.0 } else { next });
            }
            if next > 1e100 {
                return FixedPoint::Infinite;
            }
            q = next;
        }
        FixedPoint::Finite(q)
    }

    /// The map is increasing and concave, so its graph crosses the diagonal once above zero; by bisection to the last
    /// bit of (map - q) / q, written so that nothing cancels close to the critical line.
    fn bounded_fixed_point(&self) -> f64 {
        let slope = derivatives_of(self.activation, 0.0)[1];
        let gain = self.sigma_w * slope;
        if self.sigma_b == 0.0 && gain <= 1.0 {
            return 0.0;
        }
        let (linear, bias) = ((gain - 1.0) * (gain + 1.0), self.sigma_b * self.sigma_b);
        let grows = |q: f64| linear - gain * gain * shortfall(self.activation, q) + bias / q > 0.0;
        let (mut low, mut high) = (0.0, self.sigma_w * self.sigma_w + self.sigma_b * self.sigma_b);
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return middle;
            }
            *(if grows(middle) { &mut low } else { &mut high }) = middle;
        }
    }

    /// Theory of the curve in each layer, from the first layer's variance and squared speed over width.
    pub fn curve(&self, first: Start, width: usize, depth: usize) -> Vec<LayerTheory> {
        let (mut q, mut g, mut a) = (first.q, first.g, first.g);
        let (mut square, mut turns) = (1.0, TAU);
        let width = width as f64;
        let weight = self.sigma_w * self.sigma_w;
        let mut layers = Vec::with_capacity(depth);
        for _ in 0..depth {
            let (chi1, chi2) = (self.chi1(q), self.chi2(q));
            let total = |square: f64, turns: f64| if chi2.is_some() { TAU * square.sqrt() } else { turns };
            let acceleration = |a: f64| chi2.map(|_| a);
            let before = StageTheory {
                q,
                length: TAU * (width * g).sqrt(),
                curvature: total(square, turns),
                acceleration: acceleration(a),
            };
            square += chi2.map_or(0.0, |chi2| 3.0 * chi2 / chi1 * g);
            turns += self.kinks(q, g, width);
            a = chi1 * a + chi2.map_or(0.0, |chi2| 3.0 * chi2 * g * g);
            let after = StageTheory {
                q: moments(self.activation, q).value,
                length: TAU * (width * g * chi1).sqrt() / self.sigma_w,
                curvature: total(square, turns),
                acceleration: acceleration(a / weight),
            };
            layers.push(LayerTheory { chi1, chi2, stages: [before, after] });
            q = self.next_variance(q);
            g *= chi1;
        }
        layers
    }

    /// The turning at the kinks that an activation makes. A neuron reaches a level u 2 sqrt(g / q) exp(-u² / 2 q) times
    /// on the circle (Rice), with a velocity of sqrt(pi g / 2) on average, and the curve after the activation has the
    /// speed sqrt(N g E f'²).
    fn kinks(&self, q: f64, g: f64, width: f64) -> f64 {
        let crossings = match self.activation {
            Activation::Relu => 2.0 * (g / q).sqrt(),
            Activation::Hardtanh => 4.0 * (g / q).sqrt() * math::exp(-0.5 / q),
            _ => return 0.0,
        };
        crossings * (0.5 * PI * width / moments(self.activation, q).slope).sqrt()
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
    /// Squared acceleration over width; none for activations with corners.
    pub acceleration: Option<f64>,
}

/// Theory of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerTheory {
    /// Factor of the squared speed to the next layer.
    pub chi1: f64,
    /// Factor of bending to the next layer; none for activations with corners.
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
    if activation == Activation::Gelu {
        // The slope grows with the variance, so the line starts at variance zero and is no function of the bias.
        return (1.0 / slope(0.0).sqrt(), FixedPoint::Finite(0.0));
    }
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

    /// A fine trapezoid rule on the definitions.
    #[test]
    fn closed_forms_and_the_narrow_rule() {
        for activation in [Activation::Hardtanh, Activation::Gelu, Activation::Sine, Activation::Tanh] {
            for q in [0.1, 1.3, 20.0, 80.0, 3e3] {
                let (step, root) = (2e-4, f64::sqrt(q));
                let mut exact = [0.0; 3];
                for index in -60_000..=60_000 {
                    let z = step * f64::from(index);
                    let weight = step / TAU.sqrt() * math::exp(-0.5 * z * z);
                    for (total, x) in exact.iter_mut().zip(derivatives_of(activation, root * z)) {
                        *total += weight * x * x;
                    }
                }
                let Moments { value, slope, bend } = moments(activation, q);
                let kinks = if activation == Activation::Hardtanh { 4e-3 } else { 1e-12 };
                assert!((value - exact[0]).abs() < kinks * exact[0], "{activation:?} {q}: {value} {exact:?}");
                assert!((slope - exact[1]).abs() < kinks * exact[1], "{activation:?} {q}: {slope} {exact:?}");
                let bend = bend.unwrap_or(exact[2]);
                assert!((bend - exact[2]).abs() < 1e-12 * exact[2].max(1e-3), "{activation:?} {q}: {bend}");
            }
        }
        assert!((moments(Activation::Tanh, 1e200).value - 1.0).abs() < 1e-15);
    }

    /// q* of tanh without bias: sw² (q - 2 q² + 17/3 q³ - ...) = q, by reversion close to the critical line.
    #[test]
    fn fixed_points_close_to_the_critical_line() {
        for excess in [1e-4, 1e-7, 1e-10] {
            let ensemble = Ensemble { activation: Activation::Tanh, sigma_w: 1.0 + excess, sigma_b: 0.0 };
            let FixedPoint::Finite(q) = ensemble.fixed_point() else { panic!() };
            // 1 - 1/sw² = 2 q - 17/3 q² + O(q³).
            let loss = excess * (2.0 + excess) / ((1.0 + excess) * (1.0 + excess));
            let series = 2.0 * q - 17.0 / 3.0 * q * q;
            let allowed = 40.0 * q * q * q + 1e-15 * loss / excess;
            assert!((series - loss).abs() < allowed, "{excess}: {series} {loss}");
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
