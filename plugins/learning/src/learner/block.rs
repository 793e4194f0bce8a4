//! Samples on their way through a network and back, columns side by side.

use octavo_plugin::linalg::{Matrix, Room, Summand};
use octavo_plugin::simd;

use super::layer::Dense;
use crate::real::{Activate, Real, Through, keeps_slopes};

/// Some samples on their way.
pub(super) struct Block<T> {
    pub(super) first: usize,
    pub(super) count: usize,
    /// The inputs and what each layer gives: numbers × samples.
    pub(super) values: Vec<Vec<T>>,
    /// For each layer the slopes of its activation, where they are kept.
    slopes: Vec<Vec<T>>,
    /// For each layer the slopes of the loss in what it gives before its activation.
    pub(super) of_loss: Vec<Vec<T>>,
    /// For each layer its share of the slopes in the weights.
    pub(super) summands: Vec<Summand<T>>,
    /// The slopes of the loss in the inputs, where they are asked for.
    pub(super) of_inputs: Vec<T>,
    room: Room<T>,
}

impl<T: Real> Block<T> {
    pub(super) fn new(layers: usize) -> Self {
        let mut summands = Vec::new();
        summands.resize_with(layers, Summand::default);
        Self {
            first: 0,
            count: 0,
            values: vec![Vec::new(); layers + 1],
            slopes: vec![Vec::new(); layers],
            of_loss: vec![Vec::new(); layers],
            summands,
            of_inputs: Vec::new(),
            room: Room::default(),
        }
    }

    /// Makes room for these samples.
    pub(super) fn resize(&mut self, layers: &[Dense<T>], first: usize, count: usize) {
        (self.first, self.count) = (first, count);
        self.values[0].resize(layers[0].inputs * count, T::default());
        for (index, layer) in layers.iter().enumerate() {
            let numbers = layer.outputs * count;
            let kept = if keeps_slopes(layer.activation) { numbers } else { 0 };
            self.values[index + 1].resize(numbers, T::default());
            self.of_loss[index].resize(numbers, T::default());
            self.slopes[index].resize(kept, T::default());
        }
    }

    /// Sends its samples through, of `inputs` of all samples.
    pub(super) fn forward(&mut self, layers: &[Dense<T>], inputs: &[f64]) {
        let count = self.count;
        turn(layers[0].inputs, &inputs[self.first * layers[0].inputs..], &mut self.values[0]);
        for (index, layer) in layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(index + 1);
            let (inputs, values) = (&before[index], &mut after[0]);
            layer.factors[0].times(count, inputs, values, &mut self.room);
            let slopes = &mut self.slopes[index];
            let (activation, bias) = (layer.activation, &layer.bias.values[..]);
            simd::dispatch(Activate { activation, count, bias, values, slopes });
        }
    }

    /// Goes back from the slopes of the loss in the outputs of all samples to those that are wanted.
    pub(super) fn back(&mut self, layers: &[Dense<T>], of_outputs: &[f64], wanted: Wanted) {
        let (count, outputs) = (self.count, layers[layers.len() - 1].outputs);
        turn(outputs, &of_outputs[self.first * outputs..], &mut self.of_loss[layers.len() - 1]);
        for (index, layer) in layers.iter().enumerate().rev() {
            let (before, after) = self.of_loss.split_at_mut(index);
            let (values, slopes, of_loss) = (&self.values[index + 1], &self.slopes[index], &mut after[0]);
            simd::dispatch(Through { activation: layer.activation, values, slopes, of_loss });
            if let Wanted::Parameters { alone } = wanted {
                let matrices = [Matrix::Rows(&of_loss[..]), Matrix::Columns(&self.values[index][..])];
                self.summands[index].set([layer.outputs, count, layer.inputs], matrices, alone);
            }
            if let Some(before) = before.last_mut() {
                layer.factors[1].times(count, of_loss, before, &mut self.room);
            } else if wanted == Wanted::Inputs {
                self.of_inputs.resize(layer.inputs * count, T::default());
                layer.factors[1].times(count, of_loss, &mut self.of_inputs, &mut self.room);
            }
        }
    }
}

/// Which slopes a way back is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    /// Those in the parameters; whether there is one block alone.
    Parameters { alone: bool },
    /// Those in the inputs.
    Inputs,
}

/// Writes rows of so many numbers as columns, as many as there is room for.
pub(super) fn turn<T: Real>(width: usize, rows: &[f64], columns: &mut [T]) {
    let count = columns.len() / width;
    for (index, row) in rows.chunks_exact(width).take(count).enumerate() {
        for (number, x) in row.iter().enumerate() {
            columns[number * count + index] = T::of(*x);
        }
    }
}

/// Writes columns of samples as rows of so many numbers: what [`turn`] turned.
pub(super) fn turn_back<T: Real>(width: usize, columns: &[T], rows: &mut [f64]) {
    for (number, column) in columns.chunks_exact((columns.len() / width).max(1)).enumerate() {
        for (sample, value) in column.iter().enumerate() {
            rows[sample * width + number] = value.wide();
        }
    }
}

/// The slopes in some biases from `first` on: sums over all samples.
pub(super) fn bias_slopes<T: Real>(index: usize, blocks: &[Block<T>], first: usize, slopes: &mut [T]) {
    let part = |block: &Block<T>, row: usize| {
        let range = (first + row) * block.count..(first + row + 1) * block.count;
        T::sum(&block.of_loss[index][range])
    };
    if let [block] = blocks {
        slopes.iter_mut().enumerate().for_each(|(row, slope)| *slope = part(block, row));
        return;
    }
    let mut samples = Vec::with_capacity(blocks.iter().map(|block| block.count).sum());
    for (row, slope) in slopes.iter_mut().enumerate() {
        samples.clear();
        for block in blocks {
            samples.extend_from_slice(&block.of_loss[index][(first + row) * block.count..][..block.count]);
        }
        *slope = T::sum(&samples);
    }
}
