//! Gauss-Legendre rules: exact for polynomials of degree 2n - 1.

use std::f64::consts::PI;
use std::sync::LazyLock;

use octavo_plugin::math;

/// Nodes and weights on [-1, 1], nodes in ascending order.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The nodes.
    pub nodes: Vec<f64>,
    /// The weights; their sum is 2.
    pub weights: Vec<f64>,
}

/// The rule with 8 nodes.
pub static EIGHT: LazyLock<Rule> = LazyLock::new(|| Rule::new(8));
/// The rule with 16 nodes.
pub static SIXTEEN: LazyLock<Rule> = LazyLock::new(|| Rule::new(16));

impl Rule {
    /// The rule with `n` nodes: the zeros of the Legendre polynomial by Newton's method from Tricomi's estimate, good to
    /// the last bit or two for n up to a few hundred.
    pub fn new(n: usize) -> Self {
        let node = |index: usize| {
            let mut x = -math::cos(PI * (index as f64 + 0.75) / (n as f64 + 0.5));
            for _ in 0..8 {
                let (value, slope) = legendre(n, x);
                x -= value / slope;
            }
            x
        };
        let nodes: Vec<f64> = (0..n).map(node).collect();
        let weight = |x: &f64| {
            let slope = legendre(n, *x).1;
            2.0 / ((1.0 - x * x) * slope * slope)
        };
        Self { weights: nodes.iter().map(weight).collect(), nodes }
    }

    /// The nodes moved to [low, high].
    pub fn nodes_on(&self, low: f64, high: f64) -> impl Iterator<Item = f64> + '_ {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        self.nodes.iter().map(move |x| middle + half * x)
    }

    /// The integral over [low, high] from the values at the moved nodes.
    pub fn integral(&self, low: f64, high: f64, values: impl Iterator<Item = f64>) -> f64 {
        let total =
            self.weights.iter().zip(values).fold(0.0, |total, (weight, value)| total + weight * value);
        0.5 * (high - low) * total
    }
}

/// The Legendre polynomial of degree n >= 1 and its derivative, |x| < 1.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_for_polynomials_up_to_degree_2n_minus_1() {
        for n in [8, 16] {
            let rule = Rule::new(n);
            for degree in 0..2 * n {
                let powers = rule.nodes_on(0.0, 2.0).map(|x| math::powi(x, i32::try_from(degree).unwrap()));
                let exact = math::powi(2.0, i32::try_from(degree).unwrap() + 1) / (degree + 1) as f64;
                let value = rule.integral(0.0, 2.0, powers);
                assert!((value - exact).abs() <= 4e-15 * exact, "{n}, degree {degree}: {value} for {exact}");
            }
        }
    }
}
