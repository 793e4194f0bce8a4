//! Networks trained by the analysis itself: gradient descent or Adam (Kingma and Ba 2015) on batches.
//!
//! The loss is the mean squared error, or the cross entropy after softmax where there are classes. Gradients and steps are
//! those of `octavo-learning`, in a fixed order, so that one seed gives one network on any number of threads. Errors are those of
//! the network as it is, in f64, whatever the precision of its training.

use octavo_learning::{ADAM, Learner, Pass, Rule, cross_entropy, learner};
use octavo_plugin::{Activation, Failure, Network, RunContext};

use crate::params::{Optimizer, Trained};
use crate::samples::{Samples, Sets};

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
    let mut learner = learner(&network, trained.precision, rule(trained.optimizer));
    let mut batches = context.stream("batches");
    let mut order: Vec<usize> = (0..sets.train.count).collect();
    let whole = trained.batch == 0 || trained.batch >= order.len();
    let size = if whole { order.len() } else { trained.batch };
    let steps = u64::from(trained.epochs) * order.len().div_ceil(size) as u64;
    let mut step = 0;
    let mut found = vec![checkpoint(0, learner.network(), sets)];
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
                learn(&mut *learner, &sets.train, rate);
            } else {
                learn(&mut *learner, &sets.train.pick(batch), rate);
            }
            step += 1;
        }
        if is_checkpoint(epoch, trained) {
            let checkpoint = checkpoint(epoch, learner.network(), sets);
            if !checkpoint.train.loss.is_finite() {
                return Err(Failure::numeric(format!(
                    "the loss is not finite after {}",
                    octavo_plugin::counted(epoch, "epoch")
                ))
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

fn checkpoint(epoch: u32, network: Network, sets: &Sets) -> Checkpoint {
    let [train, test] = [&sets.train, &sets.test].map(|samples| errors(&network, samples));
    Checkpoint { epoch, train, test, network }
}

/// Loss and share of wrong samples; writes the loss's slope in each output.
fn judge(outputs: &[f64], samples: &Samples, slopes: &mut [f64]) -> Errors {
    let width = samples.targets.len() / samples.count;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 samples")]
    let count = samples.count as f64;
    let (mut loss, mut wrong) = (0.0, 0.0);
    let rows = outputs.chunks(width).zip(samples.targets.chunks(width)).zip(slopes.chunks_mut(width));
    for ((outputs, targets), slopes) in rows {
        if samples.classes {
            let class = targets.iter().position(|x| *x == 1.0).unwrap_or(0);
            let (sample, missed) = cross_entropy(outputs, class, count, slopes);
            loss += sample;
            wrong += f64::from(u8::from(missed));
        } else {
            for ((slope, output), target) in slopes.iter_mut().zip(outputs).zip(targets) {
                loss += (output - target) * (output - target);
                wrong += f64::from(u8::from((*output > 0.5) != (*target > 0.5)));
                *slope = 2.0 * (output - target) / count;
            }
        }
    }
    Errors { loss: loss / count, wrong: wrong / count }
}

fn errors(network: &Network, samples: &Samples) -> Errors {
    let pass = Pass::new(network, samples.count, samples.inputs.clone());
    judge(pass.outputs(), samples, &mut vec![0.0; pass.outputs().len()])
}

fn rule(optimizer: Optimizer) -> Rule {
    match optimizer {
        Optimizer::Adam => Rule::Adam(ADAM),
        Optimizer::Gradient => Rule::Descent,
    }
}

/// One step down the slope of these samples' loss.
fn learn(learner: &mut dyn Learner, samples: &Samples, rate: f64) {
    learner.learn(samples.count, &samples.inputs, rate, &mut |outputs, slopes| {
        judge(outputs, samples, slopes);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_learning::{Gradient, Precision};
    use octavo_plugin::interchange::Init;
    use octavo_plugin::{Layer, Seed};

    /// The slopes of the loss in all parameters.
    fn gradient(network: &Network, samples: &Samples) -> Gradient {
        let mut learner = learner(network, Precision::F64, Rule::Descent);
        learner.slopes(samples.count, &samples.inputs, &mut |outputs, slopes| {
            judge(outputs, samples, slopes);
        })
    }

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
            for (layer, [weights, bias]) in slopes.layers.iter().enumerate() {
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
        assert_eq!(gradient(&net, &samples).layers[0], [vec![-1.0 + 2.0], vec![-1.0 + 1.0]]);
    }
}
