//! What a visitor may ask about the cell at hand.

use crate::affine::Form;
use crate::cell::{self, Corner};
use crate::exact::Triple;
use crate::symbolic::Active;

use super::Walk;

impl Walk<'_> {
    pub(crate) fn corners(&self) -> &[Corner] {
        &self.corners[self.cell[0]..self.cell[1]]
    }

    /// An output's affine map.
    pub(crate) fn output(&self, output: usize) -> Form {
        self.path.levels[self.space.stages.len() - 1].forms.get(output)
    }

    /// Area and centroid. The area is off by no more than corners are, times the cell's length.
    pub(crate) fn measure(&self) -> (f64, [f64; 2]) {
        let (area, centre, _) = cell::measure(self.corners());
        (area, centre)
    }

    /// Area, good to six digits at least, and centroid: of slivers by exact arithmetic.
    pub(crate) fn measure_well(&mut self) -> (f64, [f64; 2]) {
        let (area, centre, good) = cell::measure(self.corners());
        if good {
            return (area, centre);
        }
        let exact: Vec<Triple> =
            (0..self.corners().len()).map(|index| self.exact_corner(self.cell, index)).collect();
        cell::measure_exactly(self.corners(), &exact)
    }

    /// The neurons that are on, as bits: the words of each layer as [`Stage::words`](crate::space::Stage::words) says.
    pub(crate) fn pattern(&self) -> Box<[u64]> {
        let mut pattern = vec![0; self.space.words];
        for (layer, stage) in self.space.stages.iter().enumerate().rev().skip(1) {
            let words = &mut pattern[stage.words.clone()];
            for &neuron in self.path.on(layer) {
                words[neuron as usize / 64] |= 1 << (neuron % 64);
            }
        }
        pattern.into()
    }
}
