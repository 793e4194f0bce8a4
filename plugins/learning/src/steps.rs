//! Steps along a gradient: plain descent, and Adam (Kingma and Ba, ICLR 2015, algorithm 1).

use octavo_plugin::simd::{self, Kernel};
use octavo_plugin::{Layer, Network};

use crate::Gradient;
use crate::real::Real;

/// How much of the running means of the slope and of its square a step of Adam usually keeps.
pub const ADAM: [f64; 2] = [0.9, 0.999];

/// What keeps the quotient of the running means finite.
const LEAST: f64 = 1e-8;

/// One step of plain descent: every parameter moves by `rate` against its slope.
pub fn descend(network: &mut Network, gradient: &Gradient, rate: f64) {
    for (values, slopes) in parameters(network).zip(gradient.layers.iter().flatten()) {
        values.iter_mut().zip(slopes).for_each(|(value, slope)| *value -= rate * slope);
    }
}

/// Weights and biases, layer by layer.
fn parameters(network: &mut Network) -> impl Iterator<Item = &mut Vec<f64>> {
    network.layers.iter_mut().flat_map(|layer| [&mut layer.weights, &mut layer.bias])
}

/// What the running means of Adam keep, and how much of them is there after some steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decay {
    kept: [f64; 2],
    /// `kept` to the power of the number of steps.
    left: [f64; 2],
}

impl Decay {
    /// Before the first step.
    pub(crate) fn new(kept: [f64; 2]) -> Self {
        Self { kept, left: [1.0; 2] }
    }

    /// One step more.
    pub(crate) fn step(&mut self) {
        self.left = [self.left[0] * self.kept[0], self.left[1] * self.kept[1]];
    }
}

/// The state of Adam for one network.
#[derive(Clone, Debug)]
pub struct Adam {
    /// For the weights and biases of each layer, running means of the slope and of its square.
    means: Vec<[Vec<f64>; 2]>,
    decay: Decay,
}

impl Adam {
    /// Before the first step. `kept` is usually [`ADAM`]; both are at least 0 and below 1.
    pub fn new(network: &Network, kept: [f64; 2]) -> Self {
        let zeros = |layer: &Layer| {
            [layer.weights.len(), layer.bias.len()].map(|length| [vec![0.0; length], vec![0.0; length]])
        };
        Self { means: network.layers.iter().flat_map(zeros).collect(), decay: Decay::new(kept) }
    }

    /// One step: every parameter moves by about `rate` against the running mean of its slope.
    pub fn step(&mut self, network: &mut Network, gradient: &Gradient, rate: f64) {
        self.decay.step();
        for ((values, slopes), [means, squares]) in
            parameters(network).zip(gradient.layers.iter().flatten()).zip(&mut self.means)
        {
            simd::dispatch(Move { values, slopes, means, squares, decay: self.decay, rate });
        }
    }
}

/// A step of Adam of some parameters.
pub(crate) struct Move<'a, T> {
    pub(crate) values: &'a mut [T],
    pub(crate) slopes: &'a [T],
    pub(crate) means: &'a mut [T],
    pub(crate) squares: &'a mut [T],
    pub(crate) decay: Decay,
    pub(crate) rate: f64,
}

impl<T: Real> Kernel for Move<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { values, slopes, means, squares, decay: Decay { kept, left }, rate } = self;
        let count = values.len();
        let (slopes, means, squares) = (&slopes[..count], &mut means[..count], &mut squares[..count]);
        let (keep, add) = (kept.map(T::of), kept.map(|kept| T::of(1.0 - kept)));
        let (there, rate, least) = (left.map(|left| T::of(1.0 - left)), T::of(rate), T::of(LEAST));
        for index in 0..count {
            let slope = slopes[index];
            means[index] = keep[0] * means[index] + add[0] * slope;
            squares[index] = keep[1] * squares[index] + add[1] * slope * slope;
            let [mean, square] = [means[index] / there[0], squares[index] / there[1]];
            values[index] -= rate * (mean / (square.root() + least));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Activation;

    fn number(weight: f64) -> Network {
        let activation = Activation::Identity;
        Network {
            layers: vec![Layer { inputs: 1, outputs: 1, weights: vec![weight], bias: vec![0.0], activation }],
        }
    }

    fn slope(slope: f64) -> Gradient {
        Gradient { layers: vec![[vec![slope], vec![0.0]]] }
    }

    #[test]
    fn a_constant_slope_moves_by_the_rate_at_every_step() {
        // Both corrected means are exact: g and g², so that each step is rate · g / (|g| + 1e-8).
        for g in [3.0, -0.01] {
            let mut network = number(1.0);
            let mut adam = Adam::new(&network, ADAM);
            for step in 1..=50 {
                adam.step(&mut network, &slope(g), 0.1);
                let expected = 1.0 - 0.1 * f64::from(step) * g / (f64::abs(g) + 1e-8);
                assert!((network.layers[0].weights[0] - expected).abs() < 1e-12, "{g}, {step}");
            }
            assert_eq!(network.layers[0].bias, [0.0]);
        }
    }

    #[test]
    fn two_steps_by_hand() {
        // Slopes 1 and then 0: means 0.1 and 0.001, then 0.09 and 0.000999; corrected by 0.19 and 0.001999.
        let mut network = number(0.0);
        let mut adam = Adam::new(&network, ADAM);
        adam.step(&mut network, &slope(1.0), 1.0);
        adam.step(&mut network, &slope(0.0), 1.0);
        let second = (0.09 / 0.19) / ((0.000_999_f64 / 0.001_999).sqrt() + 1e-8);
        let expected = -1.0 / (1.0 + 1e-8) - second;
        assert!((network.layers[0].weights[0] - expected).abs() < 1e-12);
    }

    #[test]
    fn plain_descent_moves_by_the_slope() {
        let mut network = number(2.0);
        descend(&mut network, &slope(0.5), 0.1);
        assert_eq!(network.layers[0].weights, [1.95]);
    }
}
