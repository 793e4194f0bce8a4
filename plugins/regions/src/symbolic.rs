//! The exact forms of neurons on a cell, computed when floats cannot decide.

use std::rc::Rc;

use crate::exact::{self, Dyadic, Triple};
use crate::space::{Side, Space};

/// Which neurons of earlier layers are on.
pub(crate) trait Active {
    /// The neurons of a layer that are on.
    fn on(&self, layer: usize) -> &[u32];
}

/// Exact forms of the neurons of each layer, before activation, kept until the cell changes.
pub(crate) struct Symbolic {
    /// One list a layer; empty as long as nothing was asked.
    forms: Vec<Vec<Option<Rc<Triple>>>>,
}

impl Symbolic {
    pub(crate) fn new(layers: usize) -> Self {
        Self { forms: vec![Vec::new(); layers] }
    }

    /// Forgets the forms of a layer: patterns before it have changed.
    pub(crate) fn forget(&mut self, layer: usize) {
        self.forms[layer].clear();
    }

    /// The exact form of a neuron.
    pub(crate) fn form(
        &mut self,
        space: &Space,
        active: &impl Active,
        layer: usize,
        neuron: usize,
    ) -> Rc<Triple> {
        if let Some(Some(form)) = self.forms[layer].get(neuron) {
            return Rc::clone(form);
        }
        let form = Rc::new(self.compose(space, active, layer, neuron));
        if self.forms[layer].is_empty() {
            self.forms[layer] = vec![None; space.stages[layer].layer.outputs];
        }
        self.forms[layer][neuron] = Some(Rc::clone(&form));
        form
    }

    fn compose(&mut self, space: &Space, active: &impl Active, layer: usize, neuron: usize) -> Triple {
        let (row, bias) = {
            let layer = &space.stages[layer].layer;
            (layer.row(neuron), layer.bias[neuron])
        };
        let Some(before) = layer.checked_sub(1) else { return exact::form(row[0], row[1], bias) };
        let mut sum = exact::form(0.0, 0.0, bias);
        for &input in active.on(before) {
            let weight = row[input as usize];
            if weight != 0.0 {
                let weight = Dyadic::from_f64(weight);
                let form = self.form(space, active, before, input as usize);
                for (total, part) in sum.iter_mut().zip(form.iter()) {
                    *total = total.add(&weight.mul(part));
                }
            }
        }
        sum
    }

    /// The exact line of a side.
    pub(crate) fn line(&mut self, space: &Space, active: &impl Active, side: Side) -> Rc<Triple> {
        if side.is_border() {
            return Rc::new(space.exact_border(side));
        }
        self.form(space, active, side.layer as usize, side.neuron as usize)
    }
}
