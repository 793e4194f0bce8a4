//! Networks: read, random, and constructed to reach the most regions.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext};

use crate::params::NetworkSource;
use crate::tensors;

/// The network of a definition. Constructed networks are fitted to the domain.
///
/// # Errors
/// If a file is no network.
pub(crate) fn network(
    source: &NetworkSource,
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<Network, Failure> {
    Ok(match source {
        NetworkSource::File(input) => Network::from_input(context.input(input)?)?,
        NetworkSource::Random(random) => {
            let mut stream = context.stream("network");
            Network::random(&random.widths, Activation::Relu, random.init, random.bias_sd, &mut stream)
        }
        NetworkSource::Tensors(source) => {
            tensors::network(context.input(&source.safetensors)?, &source.layers)?
        }
        NetworkSource::Trained { .. } => return Err(Failure::bug("networks are trained elsewhere")),
        NetworkSource::Fold(network) => fold(network.fold, domain),
        NetworkSource::Tent(network) => tent(network.tent, domain),
    })
}

/// Number of weights and biases.
pub(crate) fn parameters(network: &Network) -> usize {
    network.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum()
}

/// A layer from its rows of weights.
pub(crate) fn layer(rows: &[&[f64]], bias: &[f64], activation: Activation) -> Layer {
    let (inputs, outputs) = (rows[0].len(), rows.len());
    Layer { inputs, outputs, weights: rows.concat(), bias: bias.to_vec(), activation }
}

/// Scale and shift that take an interval to [0, 1].
fn unit(low: f64, high: f64) -> [f64; 2] {
    [1.0 / (high - low), -low / (high - low)]
}

/// Folds in half, in x and y by turns: |x - 1/2| needs two neurons, and a third carries the other coordinate on.
fn fold(folds: usize, [[x0, y0], [x1, y1]]: [[f64; 2]; 2]) -> Network {
    let ([s, p], [t, q]) = (unit(x0, x1), unit(y0, y1));
    let first = layer(&[&[s, 0.0], &[-s, 0.0], &[0.0, t]], &[p - 0.5, 0.5 - p, q], Activation::Relu);
    let next =
        layer(&[&[0.0, 0.0, 1.0], &[0.0, 0.0, -1.0], &[2.0, 2.0, 0.0]], &[-0.5, 0.5, 0.0], Activation::Relu);
    let last = layer(&[&[2.0, 2.0, 1.0]], &[0.0], Activation::Identity);
    let mut layers = vec![first];
    layers.extend(std::iter::repeat_n(next, folds - 1));
    layers.push(last);
    Network { layers }
}

/// The tent map 2 ReLU(x) - 4 ReLU(x - 1/2) of each coordinate, composed `depth` times.
fn tent(depth: usize, [[x0, y0], [x1, y1]]: [[f64; 2]; 2]) -> Network {
    let ([s, p], [t, q]) = (unit(x0, x1), unit(y0, y1));
    let first =
        layer(&[&[s, 0.0], &[s, 0.0], &[0.0, t], &[0.0, t]], &[p, p - 0.5, q, q - 0.5], Activation::Relu);
    let (x, y) = ([2.0, -4.0, 0.0, 0.0], [0.0, 0.0, 2.0, -4.0]);
    let next = layer(&[&x, &x, &y, &y], &[0.0, -0.5, 0.0, -0.5], Activation::Relu);
    let last = layer(&[&[2.0, -4.0, 2.0, -4.0]], &[0.0], Activation::Identity);
    let mut layers = vec![first];
    layers.extend(std::iter::repeat_n(next, depth - 1));
    layers.push(last);
    Network { layers }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(network: &Network, point: [f64; 2]) -> f64 {
        let step = |values: Vec<f64>, layer: &Layer| -> Vec<f64> {
            (0..layer.outputs)
                .map(|i| {
                    let sum: f64 = layer.row(i).iter().zip(&values).map(|(w, x)| w * x).sum();
                    layer.activation.value(sum + layer.bias[i])
                })
                .collect()
        };
        network.layers.iter().fold(point.to_vec(), step)[0]
    }

    #[test]
    fn the_tent_network_is_the_tent_map() {
        let tent = |x: f64| if x < 0.5 { 2.0 * x } else { 2.0 - 2.0 * x };
        let network = super::tent(3, [[-1.0, 0.0], [1.0, 1.0]]);
        for (x, y) in [(0.0, 1.0), (0.3, 0.8), (0.55, 0.1), (0.99, 0.5)] {
            let expected = tent(tent(tent(x))) + tent(tent(tent(y)));
            assert!((output(&network, [2.0 * x - 1.0, y]) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn opposite_points_of_a_fold_meet() {
        let network = fold(1, [[-1.0, -1.0], [1.0, 1.0]]);
        assert_eq!(output(&network, [0.25, 0.5]), output(&network, [-0.25, 0.5]));
        assert_ne!(output(&network, [0.25, 0.5]), output(&network, [0.5, 0.5]));
    }
}
