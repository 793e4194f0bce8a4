//! The layers of a network that learns, with all that moves their parameters.

use octavo_plugin::linalg::{Factor, Matrix};
use octavo_plugin::{Activation, Layer, simd};
use rayon::prelude::*;

use crate::real::Real;
use crate::steps::{Decay, Move};

/// Weights or biases with all that moves them.
pub(super) struct Parameters<T> {
    pub(super) values: Vec<T>,
    pub(super) slopes: Vec<T>,
    /// Running means of the slope and of its square.
    means: [Vec<T>; 2],
}

impl<T: Real> Parameters<T> {
    pub(super) fn new(values: &[f64]) -> Self {
        let zeros = || vec![T::default(); values.len()];
        Self {
            values: values.iter().map(|x| T::of(*x)).collect(),
            slopes: zeros(),
            means: [zeros(), zeros()],
        }
    }

    pub(super) fn all(&mut self) -> Part<'_, T> {
        let [means, squares] = &mut self.means;
        Part { values: &mut self.values, slopes: &mut self.slopes, means, squares }
    }

    /// Parts of so many numbers.
    pub(super) fn parts(&mut self, size: usize) -> impl IndexedParallelIterator<Item = Part<'_, T>> {
        let [means, squares] = &mut self.means;
        let means = means.par_chunks_mut(size).zip(squares.par_chunks_mut(size));
        let values = self.values.par_chunks_mut(size).zip(self.slopes.par_chunks_mut(size));
        values.zip(means).map(|((values, slopes), (means, squares))| Part { values, slopes, means, squares })
    }
}

/// Some of the parameters.
pub(super) struct Part<'a, T> {
    pub(super) values: &'a mut [T],
    pub(super) slopes: &'a mut [T],
    means: &'a mut [T],
    squares: &'a mut [T],
}

impl<T: Real> Part<'_, T> {
    pub(super) fn step(self, step: &Step) {
        let Self { values, slopes, means, squares } = self;
        match step {
            Step::None => {}
            Step::Descent(rate) => {
                let rate = T::of(*rate);
                values.iter_mut().zip(slopes).for_each(|(value, slope)| *value -= rate * *slope);
            }
            Step::Adam(decay, rate) => {
                simd::dispatch(Move { values, slopes, means, squares, decay: *decay, rate: *rate });
            }
        }
    }
}

/// What becomes of parameters once their slopes are there.
pub(super) enum Step {
    None,
    Descent(f64),
    Adam(Decay, f64),
}

/// One layer.
pub(super) struct Dense<T> {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) activation: Activation,
    pub(super) weights: Parameters<T>,
    pub(super) bias: Parameters<T>,
    /// The weights for the way forward, and their transpose for the way back.
    pub(super) factors: [Factor<T>; 2],
    /// For how many samples either of them is ready, if it holds the weights as they are now.
    ready: [Option<usize>; 2],
}

impl<T: Real> Dense<T> {
    pub(super) fn new(layer: &Layer) -> Self {
        Self {
            inputs: layer.inputs,
            outputs: layer.outputs,
            activation: layer.activation,
            weights: Parameters::new(&layer.weights),
            bias: Parameters::new(&layer.bias),
            factors: [Factor::default(), Factor::default()],
            ready: [None; 2],
        }
    }

    /// Makes the weights ready for blocks of so many samples on their way forward, and back if that is wanted, where they are not.
    pub(super) fn prepare(&mut self, count: usize, wanted: [bool; 2], alone: bool) {
        let (inputs, outputs, weights) = (self.inputs, self.outputs, &self.weights.values[..]);
        let [forward, back] = &mut self.factors;
        let missing = [0, 1].map(|way| wanted[way] && self.ready[way] != Some(count));
        let mut forward = || {
            if missing[0] {
                forward.set([outputs, inputs, count], Matrix::Rows(weights));
            }
        };
        let mut back = || {
            if missing[1] {
                back.set([inputs, outputs, count], Matrix::Columns(weights));
            }
        };
        if alone {
            forward();
            back();
        } else {
            rayon::join(forward, back);
        }
        (0..2).filter(|way| missing[*way]).for_each(|way| self.ready[way] = Some(count));
    }

    /// Says that the weights are others now.
    pub(super) fn moved(&mut self) {
        self.ready = [None; 2];
    }
}
