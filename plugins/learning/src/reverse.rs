//! Reverse mode: from the slopes of a loss in the outputs to those in the parameters or in the inputs.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use octavo_plugin::{Activation, Layer, Network, linalg, math, sum};

/// A batch on its way through a network.
#[derive(Clone, Debug)]
pub struct Pass {
    count: usize,
    /// The inputs, and the outputs of every layer.
    pub(crate) values: Vec<Vec<f64>>,
    /// What every layer gives before its activation; empty where that is not needed to go back.
    pub(crate) sums: Vec<Vec<f64>>,
}

impl Pass {
    /// Sends `count` samples through; `inputs` is count × inputs.
    ///
    /// # Panics
    /// If the number of inputs does not fit.
    pub fn new(network: &Network, count: usize, inputs: Vec<f64>) -> Self {
        assert_eq!(inputs.len(), count * network.inputs(), "a row of inputs for each sample");
        let mut pass = Self { count, values: vec![inputs], sums: Vec::new() };
        for layer in &network.layers {
            let weights = transposed(layer.outputs, &layer.weights);
            let inputs = &pass.values[pass.values.len() - 1];
            let mut sums = linalg::matmul(count, layer.inputs, layer.outputs, inputs, &weights);
            for row in sums.chunks_mut(layer.outputs) {
                row.iter_mut().zip(&layer.bias).for_each(|(sum, bias)| *sum += bias);
            }
            let kept = if needs_sums(layer.activation) { sums.clone() } else { Vec::new() };
            activate(layer.activation, &mut sums);
            pass.values.push(sums);
            pass.sums.push(kept);
        }
        pass
    }

    /// Number of samples.
    pub fn count(&self) -> usize {
        self.count
    }

    /// What the last layer gives, count × outputs.
    pub fn outputs(&self) -> &[f64] {
        &self.values[self.values.len() - 1]
    }

    /// The slopes of a layer's activation, where it was.
    pub(crate) fn rates(&self, index: usize, layer: &Layer) -> Option<Vec<f64>> {
        let slope = |value: f64| if value > 0.0 { 1.0 } else { 0.0 };
        match layer.activation {
            Activation::Identity => None,
            Activation::Relu => Some(self.values[index + 1].iter().map(|value| slope(*value)).collect()),
            Activation::Hardtanh => {
                let slope = |x: &f64| if x.abs() < 1.0 { 1.0 } else { 0.0 };
                Some(self.sums[index].iter().map(slope).collect())
            }
            Activation::Gelu => {
                let slope =
                    |x: &f64| math::normal_cdf(*x) + x * FRAC_1_SQRT_TAU * math::gauss(x * FRAC_1_SQRT_2);
                Some(self.sums[index].iter().map(slope).collect())
            }
            Activation::Sine => Some(self.sums[index].iter().map(|x| math::cos(*x)).collect()),
            Activation::Tanh => {
                let mut rates = self.sums[index].clone();
                math::sech2_slice(&mut rates);
                Some(rates)
            }
            Activation::Erf => {
                let mut rates = self.sums[index].clone();
                math::gauss_slice(&mut rates);
                rates.iter_mut().for_each(|rate| *rate *= FRAC_2_SQRT_PI);
                Some(rates)
            }
        }
    }
}

/// 1 / sqrt(2 pi).
pub(crate) const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// Whether the slopes do not follow from what the activation gives.
fn needs_sums(activation: Activation) -> bool {
    !matches!(activation, Activation::Identity | Activation::Relu)
}

fn activate(activation: Activation, values: &mut [f64]) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => values.iter_mut().for_each(|value| *value = value.max(0.0)),
        Activation::Tanh => math::tanh_slice(values),
        Activation::Erf => math::erf_slice(values),
        other => values.iter_mut().for_each(|value| *value = other.value(*value)),
    }
}

/// The columns of a row-major matrix of so many rows, one after another.
pub(crate) fn transposed(rows: usize, matrix: &[f64]) -> Vec<f64> {
    let width = matrix.len() / rows.max(1);
    let mut found = vec![0.0; matrix.len()];
    for (row, entries) in matrix.chunks_exact(width.max(1)).enumerate() {
        for (column, entry) in entries.iter().enumerate() {
            found[column * rows + row] = *entry;
        }
    }
    found
}

/// For each layer the slopes of a loss in its weights (outputs × inputs) and in its biases.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// In the order of the layers.
    pub layers: Vec<[Vec<f64>; 2]>,
}

impl Gradient {
    /// Adds another gradient of the same network.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.layers.iter_mut().flatten().zip(other.layers.iter().flatten()) {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        }
    }
}

/// Goes back through the layers: `visit` sees each layer's number, the slopes in what it gives before its activation (count ×
/// outputs), and answers whether to go on to the layer before. Gives the slopes in the inputs of the last layer visited.
fn back(
    network: &Network,
    pass: &Pass,
    slopes: &[f64],
    mut visit: impl FnMut(usize, &[f64]) -> bool,
) -> Vec<f64> {
    let mut slopes = slopes.to_vec();
    for (index, layer) in network.layers.iter().enumerate().rev() {
        if layer.activation == Activation::Relu {
            for (slope, value) in slopes.iter_mut().zip(&pass.values[index + 1]) {
                *slope = if *value > 0.0 { *slope } else { 0.0 };
            }
        } else if let Some(rates) = pass.rates(index, layer) {
            slopes.iter_mut().zip(&rates).for_each(|(slope, rate)| *slope *= rate);
        }
        if !visit(index, &slopes) {
            break;
        }
        slopes = linalg::matmul(pass.count, layer.outputs, layer.inputs, &slopes, &layer.weights);
    }
    slopes
}

/// The slopes of a loss in all parameters, from its `slopes` in the outputs (count × outputs).
pub fn parameter_slopes(network: &Network, pass: &Pass, slopes: &[f64]) -> Gradient {
    let mut layers = Vec::with_capacity(network.layers.len());
    back(network, pass, slopes, |index, slopes| {
        let layer = &network.layers[index];
        let columns = transposed(pass.count, slopes);
        let inputs = &pass.values[index];
        let weights = linalg::matmul(layer.outputs, pass.count, layer.inputs, &columns, inputs);
        let bias = columns.chunks(pass.count).map(sum::sum).collect();
        layers.push([weights, bias]);
        index > 0
    });
    layers.reverse();
    Gradient { layers }
}

/// The slopes of a loss in all inputs (count × inputs), from its `slopes` in the outputs (count × outputs).
pub fn input_slopes(network: &Network, pass: &Pass, slopes: &[f64]) -> Vec<f64> {
    back(network, pass, slopes, |_, _| true)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use octavo_plugin::Seed;
    use octavo_plugin::interchange::Init;

    pub(crate) fn network(activation: Activation) -> Network {
        Network::random(&[3, 5, 4, 2], activation, Init::He, 0.3, &mut Seed(4).stream("net"))
    }

    pub(crate) const ACTIVATIONS: [Activation; 7] = [
        Activation::Identity,
        Activation::Relu,
        Activation::Tanh,
        Activation::Erf,
        Activation::Hardtanh,
        Activation::Gelu,
        Activation::Sine,
    ];

    pub(crate) fn inputs() -> Vec<f64> {
        Seed(5).stream("inputs").normals(3 * 7, 1.0)
    }

    /// The slope of `loss` in every parameter by central differences.
    pub(crate) fn differences(network: &Network, loss: impl Fn(&Network) -> f64) -> Gradient {
        let step = 1e-6;
        let layers = (0..network.layers.len()).map(|layer| {
            let slope = |bias: bool, index: usize| {
                let moved = |by: f64| {
                    let mut network = network.clone();
                    let layer = &mut network.layers[layer];
                    *(if bias { &mut layer.bias[index] } else { &mut layer.weights[index] }) += by;
                    loss(&network)
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            };
            let Layer { weights, bias, .. } = &network.layers[layer];
            [
                (0..weights.len()).map(|index| slope(false, index)).collect(),
                (0..bias.len()).map(|index| slope(true, index)).collect(),
            ]
        });
        Gradient { layers: layers.collect() }
    }

    pub(crate) fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-7 * (1.0 + expected.abs()), "{found} and {expected}");
        }
    }

    /// Some scalar of the outputs, and its slopes.
    fn loss(outputs: &[f64]) -> f64 {
        outputs.iter().enumerate().map(|(index, x)| (1.0 + index as f64 / 7.0) * x * x).sum()
    }

    fn slopes(outputs: &[f64]) -> Vec<f64> {
        outputs.iter().enumerate().map(|(index, x)| 2.0 * (1.0 + index as f64 / 7.0) * x).collect()
    }

    #[test]
    fn slopes_are_those_of_the_loss() {
        for activation in ACTIVATIONS {
            let network = network(activation);
            let pass = Pass::new(&network, 7, inputs());
            let slopes = slopes(pass.outputs());
            let found = parameter_slopes(&network, &pass, &slopes);
            let value = |network: &Network| loss(Pass::new(network, 7, inputs()).outputs());
            let expected = differences(&network, value);
            for (found, expected) in found.layers.iter().flatten().zip(expected.layers.iter().flatten()) {
                assert_close(found, expected);
            }
            let found = input_slopes(&network, &pass, &slopes);
            let moved = |index: usize, by: f64| {
                let mut inputs = inputs();
                inputs[index] += by;
                loss(Pass::new(&network, 7, inputs).outputs())
            };
            let expected = (0..3 * 7).map(|index| (moved(index, 1e-6) - moved(index, -1e-6)) / 2e-6);
            assert_close(&found, &expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_pass_gives_what_each_sample_gives_alone() {
        for activation in ACTIVATIONS {
            let network = network(activation);
            let pass = Pass::new(&network, 7, inputs());
            for (row, sample) in inputs().chunks(3).enumerate() {
                let mut values = sample.to_vec();
                for layer in &network.layers {
                    let sum = |output: usize| {
                        layer.row(output).iter().zip(&values).fold(0.0, |sum: f64, (w, x)| x.mul_add(*w, sum))
                    };
                    values = (0..layer.outputs)
                        .map(|output| layer.activation.value(sum(output) + layer.bias[output]))
                        .collect();
                }
                assert_eq!(pass.outputs()[row * 2..][..2], values);
            }
        }
    }
}
