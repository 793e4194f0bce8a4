//! A penalty on slopes, and its own slopes in the parameters: the gradient penalty of Gulrajani et al. (NeurIPS 2017).
//!
//! For one sample let v be the slope of the output in the input, and p = (|v| - 1)². With u = v / |v| held fixed, |v| changes
//! as the directional slope u·v does, so dp = 2 (|v| - 1) d(u·v). The directional slope is a second value that the network
//! carries along (forward mode), and reverse mode through both is exact, with no differences and no second graph.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use octavo_plugin::{Activation, Layer, Network, linalg, math, sum};

use crate::reverse::{FRAC_1_SQRT_TAU, Gradient, Pass, input_slopes, transposed};

/// The penalty over a batch.
#[derive(Clone, Debug)]
pub struct Penalty {
    /// The mean of (|v| - 1)².
    pub value: f64,
    /// The mean of |v|.
    pub slope: f64,
    /// The slopes of `value` in the parameters.
    pub gradient: Gradient,
}

/// The mean over `count` samples of (|v| - 1)², v being the slope of the network's only output in its inputs.
///
/// # Panics
/// If the network has more than one output, or the inputs do not fit.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 samples")]
pub fn slope_penalty(network: &Network, count: usize, inputs: Vec<f64>) -> Penalty {
    assert_eq!(network.outputs(), 1, "the slope of one output");
    let pass = Pass::new(network, count, inputs);
    let mut directions = input_slopes(network, &pass, &vec![1.0; count]);
    let width = network.inputs();
    let (mut value, mut slope, mut pull) = (0.0, 0.0, Vec::with_capacity(count));
    for direction in directions.chunks_mut(width) {
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        value += (length - 1.0) * (length - 1.0);
        slope += length;
        pull.push(2.0 * (length - 1.0) / count as f64);
        // A sample without a slope pulls nowhere.
        direction.iter_mut().for_each(|x| *x = if length > 0.0 { *x / length } else { 0.0 });
    }
    let gradient = directional_slopes(network, &pass, directions, &pull);
    Penalty { value: value / count as f64, slope: slope / count as f64, gradient }
}

/// The slopes in the parameters of the sum over samples of `pull` times the directional slope of the output along
/// `directions` (count × inputs), which are held fixed.
fn directional_slopes(network: &Network, pass: &Pass, directions: Vec<f64>, pull: &[f64]) -> Gradient {
    let count = pass.count();
    let mut moves = vec![directions];
    let mut before = Vec::with_capacity(network.layers.len());
    for (index, layer) in network.layers.iter().enumerate() {
        let weights = transposed(layer.outputs, &layer.weights);
        let sums = linalg::matmul(count, layer.inputs, layer.outputs, &moves[index], &weights);
        moves.push(scaled(&sums, pass.rates(index, layer)));
        before.push(sums);
    }
    // Slopes in the values and in what moves with them.
    let mut of_values = vec![0.0; count];
    let mut of_moves = pull.to_vec();
    let mut layers = Vec::with_capacity(network.layers.len());
    for (index, layer) in network.layers.iter().enumerate().rev() {
        let rates = pass.rates(index, layer);
        of_values = scaled(&of_values, rates.clone());
        if let Some(bends) = bends(pass, index, layer) {
            for ((value, slope), (bend, sum)) in
                of_values.iter_mut().zip(&of_moves).zip(bends.iter().zip(&before[index]))
            {
                *value += slope * bend * sum;
            }
        }
        of_moves = scaled(&of_moves, rates);
        let [values, moved] = [&of_values, &of_moves].map(|slopes| transposed(count, slopes));
        let product = |slopes: &[f64], inputs: &[f64]| {
            linalg::matmul(layer.outputs, count, layer.inputs, slopes, inputs)
        };
        let mut weights = product(&values, &pass.values[index]);
        let other = product(&moved, &moves[index]);
        weights.iter_mut().zip(&other).for_each(|(weight, other)| *weight += other);
        layers.push([weights, values.chunks(count).map(sum::sum).collect()]);
        if index > 0 {
            let back =
                |slopes: &[f64]| linalg::matmul(count, layer.outputs, layer.inputs, slopes, &layer.weights);
            (of_values, of_moves) = (back(&of_values), back(&of_moves));
        }
    }
    layers.reverse();
    Gradient { layers }
}

fn scaled(values: &[f64], rates: Option<Vec<f64>>) -> Vec<f64> {
    match rates {
        None => values.to_vec(),
        Some(rates) => values.iter().zip(rates).map(|(value, rate)| value * rate).collect(),
    }
}

/// The second derivatives of a layer's activation, where they are not zero.
fn bends(pass: &Pass, index: usize, layer: &Layer) -> Option<Vec<f64>> {
    let sums = &pass.sums[index];
    match layer.activation {
        Activation::Identity | Activation::Relu | Activation::Hardtanh => None,
        Activation::Gelu => {
            let bend = |x: &f64| FRAC_1_SQRT_TAU * (2.0 - x * x) * math::gauss(x * FRAC_1_SQRT_2);
            Some(sums.iter().map(bend).collect())
        }
        Activation::Sine => Some(sums.iter().map(|x| -math::sin(*x)).collect()),
        Activation::Tanh => Some(sums.iter().map(|x| -2.0 * math::tanh(*x) * math::sech2(*x)).collect()),
        Activation::Erf => Some(sums.iter().map(|x| -2.0 * x * FRAC_2_SQRT_PI * math::gauss(*x)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reverse::tests::{ACTIVATIONS, assert_close, differences, inputs};
    use octavo_plugin::Seed;
    use octavo_plugin::interchange::Init;

    fn critic(activation: Activation) -> Network {
        Network::random(&[3, 6, 5, 1], activation, Init::Glorot, 0.3, &mut Seed(6).stream("critic"))
    }

    #[test]
    fn the_slope_of_a_plane_is_its_weights() {
        let layer = |weights: Vec<f64>, activation| Layer {
            inputs: 2,
            outputs: 1,
            weights,
            bias: vec![0.5],
            activation,
        };
        let plane = Network { layers: vec![layer(vec![3.0, 4.0], Activation::Identity)] };
        let found = slope_penalty(&plane, 3, vec![0.0; 6]);
        assert_eq!((found.value, found.slope), (16.0, 5.0));
        // (|w| - 1)² has the slope 2 (|w| - 1) w / |w|.
        assert_close(&found.gradient.layers[0][0], &[8.0 * 0.6, 8.0 * 0.8]);
        assert_eq!(found.gradient.layers[0][1], [0.0]);
    }

    #[test]
    fn a_flat_network_is_pulled_nowhere() {
        let mut flat = critic(Activation::Tanh);
        flat.layers[2].weights.fill(0.0);
        let found = slope_penalty(&flat, 7, inputs());
        assert_eq!((found.value, found.slope), (1.0, 0.0));
        assert!(found.gradient.layers.iter().flatten().flatten().all(|slope| *slope == 0.0));
    }

    #[test]
    fn slopes_are_those_of_the_penalty() {
        for activation in ACTIVATIONS {
            let network = critic(activation);
            let found = slope_penalty(&network, 7, inputs());
            let expected = differences(&network, |network| slope_penalty(network, 7, inputs()).value);
            for (found, expected) in
                found.gradient.layers.iter().flatten().zip(expected.layers.iter().flatten())
            {
                assert_close(found, expected);
            }
        }
    }
}
