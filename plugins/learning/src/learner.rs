//! Training in room of its own: the steps of one network, in f64 or f32.
//!
//! A sample is a column: a layer's values are outputs × samples, so that every product of a step but one reads its matrices as they
//! lie. Samples go through the network in blocks of columns, side by side on the shared pool; the slopes in the weights are sums
//! over the blocks, in order, and rows of them move their parameters as soon as they are there. Every entry of a product is the
//! fold of [`linalg`](octavo_plugin::linalg) over all of k, however samples are cut, so that neither threads nor lanes change a
//! bit, and in f64 the bits are those of [`Pass`](crate::Pass), [`parameter_slopes`](crate::parameter_slopes) and
//! [`Adam`](crate::Adam).

mod block;
mod layer;

use octavo_plugin::linalg::Summand;
use octavo_plugin::{Layer, Network};
use rayon::prelude::*;

use crate::Gradient;
use crate::real::{Precision, Real};
use crate::steps::Decay;
use block::{Block, Wanted, bias_slopes, turn_back};
use layer::{Dense, Step};

/// Products of a step of at most this many multiplications stay on the thread that asks: waking others takes longer.
const ALONE: usize = 1 << 20;
/// Blocks of samples for each thread.
const BLOCKS: usize = 2;
/// Samples of a block are a multiple of this, so that registers are full.
const WHOLE: usize = 16;
/// Entries of a layer's weights that make a task.
const TASK: usize = 1 << 13;

/// How parameters are moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Plain descent: by the rate against the slope.
    Descent,
    /// Adam, with what its means keep, usually [`ADAM`](crate::ADAM).
    Adam([f64; 2]),
}

/// From what a network gives (samples × outputs) to the slopes of a loss in it, which it writes.
pub type Loss<'a> = dyn FnMut(&[f64], &mut [f64]) + Send + 'a;

/// A network that learns.
pub trait Learner: Send {
    /// One step of so many samples (count × inputs, row-major) down the slope of a loss.
    fn learn(&mut self, count: usize, inputs: &[f64], rate: f64, loss: &mut Loss<'_>);
    /// The slopes of the loss in all parameters, and no step.
    fn slopes(&mut self, count: usize, inputs: &[f64], loss: &mut Loss<'_>) -> Gradient;
    /// What the network gives for so many samples, samples × outputs. They are on their way until others come.
    fn outputs(&mut self, count: usize, inputs: &[f64]) -> Vec<f64>;
    /// The slopes of a loss in the inputs of the samples on their way, from its slopes in their outputs.
    fn input_slopes(&mut self, of_outputs: &[f64]) -> Vec<f64>;
    /// One step with the samples on their way, from the slopes of a loss in their outputs; `more` is added to the slopes in the parameters.
    fn step(&mut self, of_outputs: &[f64], more: Option<&Gradient>, rate: f64);
    /// The network as it is now.
    fn network(&self) -> Network;
}

/// The learner of a network, which starts from its parameters as numbers of this precision.
pub fn learner(network: &Network, precision: Precision, rule: Rule) -> Box<dyn Learner> {
    match precision {
        Precision::F64 => Box::new(Workspace::<f64>::new(network, rule)),
        Precision::F32 => Box::new(Workspace::<f32>::new(network, rule)),
    }
}

/// Adds up the slopes of the blocks, and moves the parameters of a layer.
fn move_along<T: Real>(layer: &mut Dense<T>, index: usize, blocks: &[Block<T>], step: &Step) {
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    if !matches!(step, Step::None) {
        layer.moved();
    }
    let summands = || blocks.iter().map(|block| &block.summands[index]);
    if blocks.len() == 1 {
        Summand::add_up(summands(), 0, &mut layer.weights.slopes);
        bias_slopes(index, blocks, 0, &mut layer.bias.slopes);
        layer.weights.all().step(step);
        layer.bias.all().step(step);
        return;
    }
    let whole = Summand::<T>::rows();
    let height = (TASK / inputs).max(1).next_multiple_of(whole).min(outputs.next_multiple_of(whole));
    let weights = layer.weights.parts(height * inputs);
    weights.zip(layer.bias.parts(height)).enumerate().for_each(|(task, (weights, bias))| {
        Summand::add_up(summands(), task * height, weights.slopes);
        bias_slopes(index, blocks, task * height, bias.slopes);
        weights.step(step);
        bias.step(step);
    });
}

/// A network with the room that its steps take.
struct Workspace<T> {
    layers: Vec<Dense<T>>,
    /// Room; the first `used` of them hold samples on their way.
    blocks: Vec<Block<T>>,
    used: usize,
    /// What the network gives, samples × outputs, and the slopes of the loss in it.
    outputs: Vec<f64>,
    of_outputs: Vec<f64>,
    rule: Rule,
    decay: Decay,
}

impl<T: Real> Workspace<T> {
    fn new(network: &Network, rule: Rule) -> Self {
        let decay = Decay::new(if let Rule::Adam(kept) = rule { kept } else { [0.0; 2] });
        Self {
            layers: network.layers.iter().map(Dense::new).collect(),
            blocks: Vec::new(),
            used: 0,
            outputs: Vec::new(),
            of_outputs: Vec::new(),
            rule,
            decay,
        }
    }

    /// The step that is next.
    fn next(&mut self, rate: f64) -> Step {
        match self.rule {
            Rule::Descent => Step::Descent(rate),
            Rule::Adam(_) => {
                self.decay.step();
                Step::Adam(self.decay, rate)
            }
        }
    }

    /// Does something with so many samples: on the shared pool, if that is worth it, as one piece of work.
    fn pooled<R: Send>(&mut self, count: usize, of: impl FnOnce(&mut Self) -> R + Send) -> R {
        if self.is_small(count) { of(self) } else { rayon::scope(|_| of(self)) }
    }

    fn is_small(&self, count: usize) -> bool {
        count * self.layers.iter().map(|layer| layer.inputs * layer.outputs).sum::<usize>() <= ALONE
    }

    /// The whole way of a step.
    fn run(&mut self, count: usize, inputs: &[f64], loss: &mut Loss<'_>, step: &Step) {
        self.pooled(count, |this| {
            this.forward(count, inputs);
            loss(&this.outputs, &mut this.of_outputs);
            this.back(step);
        });
    }

    /// Sends samples through, in blocks.
    fn forward(&mut self, count: usize, inputs: &[f64]) {
        assert_eq!(inputs.len(), count * self.layers[0].inputs, "a row of inputs for each sample");
        let size = if self.is_small(count) {
            count
        } else {
            count.div_ceil(BLOCKS * rayon::current_num_threads()).next_multiple_of(WHOLE)
        };
        self.used = count.div_ceil(size.max(1)).max(1);
        let Self { layers, blocks, used, outputs, of_outputs, .. } = self;
        if blocks.len() < *used {
            blocks.resize_with(*used, || Block::new(layers.len()));
        }
        let (blocks, alone) = (&mut blocks[..*used], *used == 1);
        for (index, block) in blocks.iter_mut().enumerate() {
            block.resize(layers, index * size, size.min(count - index * size));
        }
        // On one thread the way back is prepared when it is gone; on several in one go.
        each(layers, alone, |_, layer| layer.prepare(size, [true, !alone], alone));
        each(blocks, alone, |_, block| block.forward(layers, inputs));
        let width = layers[layers.len() - 1].outputs;
        outputs.resize(count * width, 0.0);
        of_outputs.resize(count * width, 0.0);
        for block in blocks {
            turn_back(width, &block.values[layers.len()], &mut outputs[block.first * width..]);
        }
    }

    /// Goes back from the slopes in the outputs, and moves the parameters.
    fn back(&mut self, step: &Step) {
        let Self { layers, blocks, used, of_outputs, .. } = self;
        let (blocks, alone) = (&mut blocks[..*used], *used == 1);
        if alone {
            // The first layer's inputs are given: nothing goes back to them.
            let count = blocks[0].count;
            layers[1..].iter_mut().for_each(|layer| layer.prepare(count, [false, true], true));
        }
        each(blocks, alone, |_, block| block.back(layers, of_outputs, Wanted::Parameters { alone }));
        each(layers, alone, |index, layer| move_along(layer, index, blocks, step));
    }

    /// How many samples are on their way.
    fn samples(&self) -> usize {
        self.blocks[..self.used].iter().map(|block| block.count).sum()
    }

    /// Sets the slopes in the outputs.
    fn set_slopes(&mut self, of_outputs: &[f64]) {
        assert_eq!(
            of_outputs.len(),
            self.outputs.len(),
            "a slope for each output of the samples on their way"
        );
        self.of_outputs.copy_from_slice(of_outputs);
    }
}

/// Does something with each, side by side unless alone.
fn each<T: Send>(items: &mut [T], alone: bool, of: impl Fn(usize, &mut T) + Sync + Send) {
    if alone {
        items.iter_mut().enumerate().for_each(|(index, item)| of(index, item));
    } else {
        items.par_iter_mut().enumerate().for_each(|(index, item)| of(index, item));
    }
}

impl<T: Real> Learner for Workspace<T> {
    fn learn(&mut self, count: usize, inputs: &[f64], rate: f64, loss: &mut Loss<'_>) {
        let step = self.next(rate);
        self.run(count, inputs, loss, &step);
    }

    fn outputs(&mut self, count: usize, inputs: &[f64]) -> Vec<f64> {
        self.pooled(count, |this| this.forward(count, inputs));
        self.outputs.clone()
    }

    fn input_slopes(&mut self, of_outputs: &[f64]) -> Vec<f64> {
        self.set_slopes(of_outputs);
        let (inputs, count) = (self.layers[0].inputs, self.samples());
        self.pooled(count, |this| {
            let Self { layers, blocks, used, of_outputs, .. } = this;
            let (blocks, alone) = (&mut blocks[..*used], *used == 1);
            if alone {
                let count = blocks[0].count;
                layers.iter_mut().for_each(|layer| layer.prepare(count, [false, true], true));
            }
            each(blocks, alone, |_, block| block.back(layers, of_outputs, Wanted::Inputs));
        });
        let mut found = vec![0.0; inputs * count];
        for block in &self.blocks[..self.used] {
            turn_back(inputs, &block.of_inputs, &mut found[block.first * inputs..]);
        }
        found
    }

    fn step(&mut self, of_outputs: &[f64], more: Option<&Gradient>, rate: f64) {
        self.set_slopes(of_outputs);
        let (step, count) = (self.next(rate), self.samples());
        let Some(more) = more else { return self.pooled(count, |this| this.back(&step)) };
        self.pooled(count, |this| this.back(&Step::None));
        for (layer, more) in self.layers.iter_mut().zip(&more.layers) {
            layer.moved();
            for (parameters, more) in [&mut layer.weights, &mut layer.bias].into_iter().zip(more) {
                parameters.slopes.iter_mut().zip(more).for_each(|(slope, more)| *slope += T::of(*more));
                parameters.all().step(&step);
            }
        }
    }

    fn slopes(&mut self, count: usize, inputs: &[f64], loss: &mut Loss<'_>) -> Gradient {
        self.run(count, inputs, loss, &Step::None);
        let wide = |slopes: &Vec<T>| slopes.iter().map(|x| x.wide()).collect();
        let layer = |layer: &Dense<T>| [&layer.weights.slopes, &layer.bias.slopes].map(wide);
        Gradient { layers: self.layers.iter().map(layer).collect() }
    }

    fn network(&self) -> Network {
        let wide = |values: &[T]| values.iter().map(|x| x.wide()).collect();
        let layer = |layer: &Dense<T>| Layer {
            inputs: layer.inputs,
            outputs: layer.outputs,
            weights: wide(&layer.weights.values),
            bias: wide(&layer.bias.values),
            activation: layer.activation,
        };
        Network { layers: self.layers.iter().map(layer).collect() }
    }
}

#[cfg(test)]
mod tests;
