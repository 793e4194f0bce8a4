//! The network and the domain, prepared for splitting.

use octavo_plugin::{Activation, Failure, Layer, Network};

use crate::affine::{Form, Reach};
use crate::exact::{self, Triple};
use crate::layer_forms::{Columns, Forms};

/// The line that a side of a cell lies on: where a neuron's input is zero, or a border of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Side {
    pub(crate) layer: u32,
    pub(crate) neuron: u32,
}

impl Side {
    const BORDER: u32 = u32::MAX;

    pub(crate) fn of(layer: usize, neuron: usize) -> Self {
        let index = |index: usize| u32::try_from(index).expect("fewer than 2^32 layers and neurons");
        Self { layer: index(layer), neuron: index(neuron) }
    }

    /// Borders 0 to 3: bottom, right, top, left.
    pub(crate) fn border(number: u32) -> Self {
        Self { layer: Self::BORDER, neuron: number }
    }

    pub(crate) fn is_border(self) -> bool {
        self.layer == Self::BORDER
    }
}

/// The neurons of a layer whose weights and bias are those of an earlier one, or their opposites: they have its line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mates {
    pub(crate) same: Vec<u32>,
    pub(crate) opposite: Vec<u32>,
}

/// A layer with what is known before anything is split.
pub(crate) struct Stage {
    pub(crate) layer: Layer,
    /// The neurons that have a line of their own, as bits, sixteen a word.
    pub(crate) line_bits: Vec<u16>,
    /// For each neuron with a line of its own, those that share it.
    pub(crate) mates: Vec<Mates>,
    /// Whether some neurons share a line.
    pub(crate) has_mates: bool,
    pub(crate) columns: Columns,
    /// The biases, with which sums begin.
    pub(crate) start: Forms,
    /// Where this layer's words stand in a region's pattern.
    pub(crate) words: std::ops::Range<usize>,
}

impl Stage {
    fn new(layer: Layer, word: usize) -> Self {
        let mut mates = vec![Mates::default(); layer.outputs];
        let mut lines: Vec<u32> = Vec::new();
        let mut line_bits = vec![0_u16; layer.outputs.div_ceil(16)];
        for (neuron, number) in (0..layer.outputs).zip(0..) {
            match lines.iter().find_map(|&of| Some((of, twin(&layer, neuron, of as usize)?))) {
                None => {
                    lines.push(number);
                    line_bits[neuron / 16] |= 1 << (neuron % 16);
                }
                Some((of, true)) => mates[of as usize].opposite.push(number),
                Some((of, false)) => mates[of as usize].same.push(number),
            }
        }
        let columns = Columns::new(&layer.weights, layer.inputs, layer.outputs);
        let start = Forms::start(&layer.bias);
        let words = word..word + layer.outputs.div_ceil(64);
        let has_mates = lines.len() < layer.outputs;
        Self { layer, line_bits, mates, has_mates, columns, start, words }
    }

    /// Whether this layer splits cells.
    pub(crate) fn splits(&self) -> bool {
        self.layer.activation == Activation::Relu
    }
}

/// Whether a neuron is a copy of another (`false`) or its opposite (`true`).
fn twin(layer: &Layer, neuron: usize, of: usize) -> Option<bool> {
    let same = |sign: f64| {
        layer.bias[neuron] == sign * layer.bias[of]
            && layer.row(neuron).iter().zip(layer.row(of)).all(|(x, y)| *x == sign * y)
    };
    if same(1.0) { Some(false) } else { same(-1.0).then_some(true) }
}

/// Everything that stays the same while a domain is split.
pub(crate) struct Space {
    /// ReLU and identity layers; the last is an identity.
    pub(crate) stages: Vec<Stage>,
    pub(crate) reach: Reach,
    /// The forms of the first layer's neurons.
    pub(crate) root: Forms,
    /// The last layer that splits.
    pub(crate) last_split: Option<usize>,
    /// Number of words of a region's pattern.
    pub(crate) words: usize,
    borders: [Form; 4],
    domain: [[f64; 2]; 2],
}

impl Space {
    /// # Errors
    /// [`FailureKind::User`](octavo_plugin::FailureKind::User) for a network that does not take two inputs or has other
    /// activations than ReLU and identity.
    pub(crate) fn new(network: &Network, domain: [[f64; 2]; 2]) -> Result<Self, Failure> {
        if network.inputs() != 2 {
            return Err(Failure::user(format!(
                "the network takes {}, not 2",
                octavo_plugin::counted(network.inputs(), "input")
            ))
            .help("regions are counted in the plane: the first layer must have two columns of weights"));
        }
        let curved = |layer: &Layer| !matches!(layer.activation, Activation::Relu | Activation::Identity);
        if let Some(index) = network.layers.iter().position(curved) {
            let message = if network.layers[index].activation == Activation::Hardtanh {
                format!("layer {} bends at two places, and regions are counted for one", index + 1)
            } else {
                format!("layer {} is not piecewise linear", index + 1)
            };
            return Err(Failure::user(message).help("use the activations `relu` and `identity`"));
        }
        let mut layers = network.layers.clone();
        let width = network.outputs();
        if layers.last().is_some_and(|last| last.activation == Activation::Relu) {
            layers.push(identity(width));
        }
        let [[x0, y0], [x1, y1]] = domain;
        let borders = [
            Form::exactly(0.0, 1.0, -y0),
            Form::exactly(-1.0, 0.0, x1),
            Form::exactly(0.0, -1.0, y1),
            Form::exactly(1.0, 0.0, -x0),
        ];
        let reach = Reach::new(domain);
        let mut stages: Vec<Stage> = Vec::new();
        for layer in layers {
            let word = stages.last().map_or(0, |stage| stage.words.end);
            stages.push(Stage::new(layer, word));
        }
        let first = &stages[0].layer;
        let form = |neuron: usize| {
            let row = first.row(neuron);
            Form::exactly(row[0], row[1], first.bias[neuron])
        };
        let root = Forms::exactly((0..first.outputs).map(form), &reach);
        let last_split = stages.iter().rposition(Stage::splits);
        let words = stages.last().map_or(0, |stage| stage.words.end);
        Ok(Self { stages, reach, root, last_split, words, borders, domain })
    }

    /// Number of affine outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.stages.last().map_or(0, |stage| stage.layer.outputs)
    }

    /// Its lower left and upper right corners.
    pub(crate) fn domain(&self) -> [[f64; 2]; 2] {
        self.domain
    }

    pub(crate) fn border(&self, side: Side) -> Form {
        self.borders[side.neuron as usize]
    }

    pub(crate) fn exact_border(&self, side: Side) -> Triple {
        let Form { a, b, c, .. } = self.border(side);
        exact::form(a, b, c)
    }
}

fn identity(width: usize) -> Layer {
    let weights = (0..width * width).map(|entry| if entry % (width + 1) == 0 { 1.0 } else { 0.0 }).collect();
    Layer { inputs: width, outputs: width, weights, bias: vec![0.0; width], activation: Activation::Identity }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_found() {
        let rows = vec![1.0, 2.0, -1.0, -2.0, 1.0, 2.0, 1.0, 2.0, 0.0, 0.0];
        let layer = Layer {
            inputs: 2,
            outputs: 5,
            weights: rows,
            bias: vec![0.5, -0.5, 0.5, 0.25, 0.0],
            activation: Activation::Relu,
        };
        let stage = Stage::new(layer, 3);
        assert_eq!((stage.line_bits, stage.words), (vec![0b11001], 3..4));
        assert_eq!((&stage.mates[0].opposite, &stage.mates[0].same), (&vec![1], &vec![2]));
    }
}
