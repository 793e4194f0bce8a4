//! Networks trained by the analysis itself: gradient descent or Adam (Kingma and Ba 2015) on batches.
//!
//! The loss is the mean squared error, or the cross entropy after softmax where there are classes. All sums are in a fixed
//! order (products by [`linalg::matmul`]), so that one seed gives one network on any number of threads.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext, linalg, math};

use crate::params::{Optimizer, Trained};
use crate::samples::{Samples, Sets};
use crate::sampling::transposed;

/// Errors of a network on samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Errors {
    pub(crate) loss: f64,
    /// The share of samples on the wrong side of 1/2, or in the wrong class.
    pub(crate) wrong: f64,
}

/// Errors after some epochs.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) epoch: u32,
    pub(crate) train: Errors,
    pub(crate) test: Errors,
    pub(crate) network: Network,
}

/// Trains a network and returns it as it was at each checkpoint; the last is the trained one.
///
/// # Errors
/// If the run is stopped, or the loss does not stay finite.
pub(crate) fn train(
    trained: &Trained,
    sets: &Sets,
    context: &RunContext<'_>,
) -> Result<Vec<Checkpoint>, Failure> {
    let mut stream = context.stream("network");
    let network =
        Network::random(&trained.widths, Activation::Relu, trained.init, trained.bias_sd, &mut stream);
    let mut state = Training::new(network, trained);
    let mut batches = context.stream("batches");
    let mut order: Vec<usize> = (0..sets.train.count).collect();
    let whole = trained.batch == 0 || trained.batch >= order.len();
    let size = if whole { order.len() } else { trained.batch };
    let steps = u64::from(trained.epochs) * order.len().div_ceil(size) as u64;
    let mut step = 0;
    let mut found = vec![checkpoint(0, &state.network, sets)];
    for epoch in 1..=trained.epochs {
        context.step(epoch.into(), u64::from(trained.epochs) + 1)?;
        if !whole {
            batches.shuffle(&mut order);
        }
        for batch in order.chunks(size) {
            #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 steps")]
            let progress = step as f64 / steps as f64;
            let rate = trained.rate + (trained.last_rate - trained.rate) * progress;
            if whole {
                state.step(&sets.train, rate);
            } else {
                state.step(&sets.train.pick(batch), rate);
            }
            step += 1;
        }
        if is_checkpoint(epoch, trained) {
            let checkpoint = checkpoint(epoch, &state.network, sets);
            if !checkpoint.train.loss.is_finite() {
                return Err(Failure::numeric(format!("the loss is not finite after {epoch} epochs"))
                    .help("take a smaller `rate`"));
            }
            found.push(checkpoint);
        }
    }
    Ok(found)
}

/// Whether the checkpoints, spread evenly, have one after this epoch.
fn is_checkpoint(epoch: u32, trained: &Trained) -> bool {
    let place = |epoch: u32| u64::from(epoch) * u64::from(trained.checkpoints) / u64::from(trained.epochs);
    place(epoch) > place(epoch - 1)
}

fn checkpoint(epoch: u32, network: &Network, sets: &Sets) -> Checkpoint {
    let [train, test] = [&sets.train, &sets.test].map(|samples| errors(network, samples));
    Checkpoint { epoch, train, test, network: network.clone() }
}

/// The outputs of all layers, after activation, for all samples; a row is a sample.
fn forward(network: &Network, samples: &Samples) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = Vec::with_capacity(network.layers.len());
    for layer in &network.layers {
        let inputs = values.last().unwrap_or(&samples.inputs);
        let weights = transposed(layer);
        let mut outputs = linalg::matmul(samples.count, layer.inputs, layer.outputs, inputs, &weights);
        for row in outputs.chunks_mut(layer.outputs) {
            for (value, bias) in row.iter_mut().zip(&layer.bias) {
                *value = layer.activation.value(*value + bias);
            }
        }
        values.push(outputs);
    }
    values
}

/// Loss, share of wrong samples, and the loss's slope in each output.
fn judge(outputs: &[f64], samples: &Samples) -> (Errors, Vec<f64>) {
    let width = samples.targets.len() / samples.count;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 samples")]
    let count = samples.count as f64;
    let (mut loss, mut wrong) = (0.0, 0.0);
    let mut slopes = vec![0.0; outputs.len()];
    let rows = outputs.chunks(width).zip(samples.targets.chunks(width)).zip(slopes.chunks_mut(width));
    for ((outputs, targets), slopes) in rows {
        if samples.classes {
            let most = outputs.iter().fold(f64::NEG_INFINITY, |most, x| most.max(*x));
            let powers: Vec<f64> = outputs.iter().map(|x| math::exp(x - most)).collect();
            let total: f64 = powers.iter().sum();
            let class = targets.iter().position(|x| *x == 1.0).unwrap_or(0);
            loss += math::ln(total) - (outputs[class] - most);
            let best = outputs.iter().position(|x| *x == most);
            wrong += f64::from(u8::from(best != Some(class)));
            for ((slope, power), target) in slopes.iter_mut().zip(&powers).zip(targets) {
                *slope = (power / total - target) / count;
            }
        } else {
            for ((slope, output), target) in slopes.iter_mut().zip(outputs).zip(targets) {
                loss += (output - target) * (output - target);
                wrong += f64::from(u8::from((*output > 0.5) != (*target > 0.5)));
                *slope = 2.0 * (output - target) / count;
            }
        }
    }
    (Errors { loss: loss / count, wrong: wrong / count }, slopes)
}

fn errors(network: &Network, samples: &Samples) -> Errors {
    let values = forward(network, samples);
    judge(&values[values.len() - 1], samples).0
}

/// The slopes of the loss: for each layer those of the weights and of the biases.
fn gradient(network: &Network, samples: &Samples) -> Vec<[Vec<f64>; 2]> {
    let values = forward(network, samples);
    let mut slopes = judge(&values[values.len() - 1], samples).1;
    let mut found = Vec::with_capacity(network.layers.len());
    for (index, layer) in network.layers.iter().enumerate().rev() {
        if layer.activation == Activation::Relu {
            for (slope, value) in slopes.iter_mut().zip(&values[index]) {
                *slope = if *value > 0.0 { *slope } else { 0.0 };
            }
        }
        let inputs = if index == 0 { &samples.inputs } else { &values[index - 1] };
        let columns = columns(&slopes, layer.outputs);
        let weights = linalg::matmul(layer.outputs, samples.count, layer.inputs, &columns, inputs);
        let bias = columns.chunks(samples.count).map(octavo_plugin::sum::sum).collect();
        found.push([weights, bias]);
        if index > 0 {
            slopes = linalg::matmul(samples.count, layer.outputs, layer.inputs, &slopes, &layer.weights);
        }
    }
    found.reverse();
    found
}

/// A row-major matrix, column after column.
fn columns(matrix: &[f64], width: usize) -> Vec<f64> {
    (0..width).flat_map(|column| matrix.iter().skip(column).step_by(width).copied()).collect()
}

/// A network in training.
struct Training {
    network: Network,
    optimizer: Optimizer,
    /// For each weight and bias of each layer, running means of the slope and of its square.
    means: Vec<[Vec<[f64; 2]>; 2]>,
    /// 0.9 and 0.999 to the power of the number of steps.
    decay: [f64; 2],
}

/// How much of the running means a step keeps, and what keeps their quotient finite (Adam's usual values).
const KEPT: [f64; 2] = [0.9, 0.999];
const LEAST: f64 = 1e-8;

impl Training {
    fn new(network: Network, trained: &Trained) -> Self {
        let zeros = |layer: &Layer| [vec![[0.0; 2]; layer.weights.len()], vec![[0.0; 2]; layer.outputs]];
        let means = network.layers.iter().map(zeros).collect();
        Self { network, optimizer: trained.optimizer, means, decay: [1.0; 2] }
    }

    /// One step down the slope of these samples' loss.
    fn step(&mut self, samples: &Samples, rate: f64) {
        let slopes = gradient(&self.network, samples);
        self.decay = [self.decay[0] * KEPT[0], self.decay[1] * KEPT[1]];
        for ((layer, slopes), means) in self.network.layers.iter_mut().zip(&slopes).zip(&mut self.means) {
            for ((values, slopes), means) in
                [&mut layer.weights, &mut layer.bias].into_iter().zip(slopes).zip(means)
            {
                for ((value, slope), means) in values.iter_mut().zip(slopes).zip(means) {
                    *value -= rate
                        * match self.optimizer {
                            Optimizer::Gradient => *slope,
                            Optimizer::Adam => adam(*slope, means, self.decay),
                        };
                }
            }
        }
    }
}

/// The direction of a step.
fn adam(slope: f64, means: &mut [f64; 2], decay: [f64; 2]) -> f64 {
    means[0] = KEPT[0] * means[0] + (1.0 - KEPT[0]) * slope;
    means[1] = KEPT[1] * means[1] + (1.0 - KEPT[1]) * slope * slope;
    let [mean, square] = [means[0] / (1.0 - decay[0]), means[1] / (1.0 - decay[1])];
    mean / (square.sqrt() + LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;
    use octavo_plugin::interchange::Init;

    fn samples(classes: bool, outputs: usize) -> Samples {
        let mut stream = Seed(3).stream("samples");
        let inputs = stream.normals(2 * 7, 1.0);
        let target =
            |k: usize| if classes { f64::from(u8::from(k % outputs == k / outputs % outputs)) } else { 0.3 };
        let targets = (0..7 * outputs).map(target).collect();
        Samples { count: 7, inputs, targets, classes }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        for classes in [false, true] {
            let samples = samples(classes, 3);
            let net =
                Network::random(&[2, 5, 4, 3], Activation::Relu, Init::He, 0.3, &mut Seed(4).stream("net"));
            let slopes = gradient(&net, &samples);
            for (layer, [weights, bias]) in slopes.iter().enumerate() {
                let loss = |change: &dyn Fn(&mut Layer)| {
                    let mut net = net.clone();
                    change(&mut net.layers[layer]);
                    errors(&net, &samples).loss
                };
                for (index, found) in weights.iter().enumerate() {
                    let moved = |by: f64| loss(&|layer: &mut Layer| layer.weights[index] += by);
                    let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    assert!((found - slope).abs() < 1e-7, "layer {layer}, weight {index}");
                }
                for (index, found) in bias.iter().enumerate() {
                    let moved = |by: f64| loss(&|layer: &mut Layer| layer.bias[index] += by);
                    let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    assert!((found - slope).abs() < 1e-7, "layer {layer}, bias {index}");
                }
            }
        }
    }

    #[test]
    fn errors_are_what_they_say() {
        let samples = Samples { count: 2, inputs: vec![1.0, 2.0], targets: vec![1.0, 0.0], classes: false };
        let layer = Layer {
            inputs: 1,
            outputs: 1,
            weights: vec![1.0],
            bias: vec![-1.0],
            activation: Activation::Identity,
        };
        // Outputs 0 and 1 where 1 and 0 are wanted.
        let net = Network { layers: vec![layer] };
        assert_eq!(errors(&net, &samples), Errors { loss: 1.0, wrong: 1.0 });
        assert_eq!(gradient(&net, &samples)[0], [vec![-1.0 + 2.0], vec![-1.0 + 1.0]]);
    }
}
