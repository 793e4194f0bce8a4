//! The network and the domain, prepared for splitting, and the exact forms of its neurons on a cell.

use std::sync::{Arc, OnceLock};

use octavo_plugin::{Activation, Failure, Layer, Network};

use crate::exact::{self, Dyadic, Triple};
use crate::form::{Form, Reach};

/// A set of neurons of one layer, as bits.
pub(crate) type Pattern = Box<[u64]>;

pub(crate) fn empty_pattern(width: usize) -> Pattern {
    vec![0; width.div_ceil(64)].into()
}

pub(crate) fn insert(pattern: &mut Pattern, neuron: usize) {
    pattern[neuron / 64] |= 1 << (neuron % 64);
}

pub(crate) fn contains(pattern: &Pattern, neuron: usize) -> bool {
    pattern[neuron / 64] >> (neuron % 64) & 1 == 1
}

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

/// A neuron whose weights and bias are those of an earlier one of its layer, or their opposites: it has the same line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Twin {
    pub(crate) of: usize,
    pub(crate) opposite: bool,
}

/// A layer with what is known before anything is split.
pub(crate) struct Stage {
    pub(crate) layer: Layer,
    /// For each neuron, the earlier one with the same line.
    pub(crate) twins: Vec<Option<Twin>>,
}

impl Stage {
    fn new(layer: Layer) -> Self {
        let twins = (0..layer.outputs).map(|neuron| twin(&layer, neuron)).collect();
        Self { layer, twins }
    }

    /// Whether this layer splits cells.
    pub(crate) fn splits(&self) -> bool {
        self.layer.activation == Activation::Relu
    }
}

fn twin(layer: &Layer, neuron: usize) -> Option<Twin> {
    let same = |other: usize, sign: f64| {
        layer.bias[neuron] == sign * layer.bias[other]
            && layer.row(neuron).iter().zip(layer.row(other)).all(|(x, y)| *x == sign * y)
    };
    (0..neuron).find_map(|of| match (same(of, 1.0), same(of, -1.0)) {
        (true, _) => Some(Twin { of, opposite: false }),
        (_, true) => Some(Twin { of, opposite: true }),
        _ => None,
    })
}

/// Everything that stays the same while a domain is split.
pub(crate) struct Space {
    /// ReLU and identity layers; the last is an identity.
    pub(crate) stages: Vec<Stage>,
    pub(crate) reach: Reach,
    borders: [Form; 4],
}

impl Space {
    /// # Errors
    /// [`FailureKind::User`](octavo_plugin::FailureKind::User) for a network that does not take two inputs or has other
    /// activations than ReLU and identity.
    pub(crate) fn new(network: &Network, domain: [[f64; 2]; 2]) -> Result<Self, Failure> {
        if network.inputs() != 2 {
            return Err(Failure::user(format!("the network takes {} inputs, not 2", network.inputs()))
                .help("regions are counted in the plane: the first layer must have two columns of weights"));
        }
        let curved = |layer: &Layer| !matches!(layer.activation, Activation::Relu | Activation::Identity);
        if let Some(index) = network.layers.iter().position(curved) {
            return Err(Failure::user(format!("layer {} is not piecewise linear", index + 1))
                .help("use the activations `relu` and `identity`"));
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
        Ok(Self { stages: layers.into_iter().map(Stage::new).collect(), reach: Reach::new(domain), borders })
    }

    pub(crate) fn border(&self, side: Side) -> Form {
        self.borders[side.neuron as usize]
    }

    fn exact_border(&self, side: Side) -> Triple {
        let Form { a, b, c, .. } = self.border(side);
        exact::form(a, b, c)
    }
}

fn identity(width: usize) -> Layer {
    let weights = (0..width * width).map(|entry| if entry % (width + 1) == 0 { 1.0 } else { 0.0 }).collect();
    Layer { inputs: width, outputs: width, weights, bias: vec![0.0; width], activation: Activation::Identity }
}

type Slots = Box<[OnceLock<Box<Triple>>]>;

/// A cell on which the patterns of all layers before `layer` are known, and the exact forms that the neurons of `layer`
/// have on it before activation, computed when floats cannot decide.
pub(crate) struct Node {
    pub(crate) parent: Option<Arc<Node>>,
    pub(crate) layer: usize,
    /// Which outputs of the layer before are on; empty for the first layer.
    pub(crate) active: Pattern,
    slots: OnceLock<Slots>,
}

impl Node {
    pub(crate) fn root() -> Arc<Self> {
        Arc::new(Self { parent: None, layer: 0, active: Pattern::default(), slots: OnceLock::new() })
    }

    pub(crate) fn child(self: &Arc<Self>, active: Pattern) -> Arc<Self> {
        let parent = Some(Arc::clone(self));
        Arc::new(Self { parent, layer: self.layer + 1, active, slots: OnceLock::new() })
    }

    /// The nodes of earlier layers, this one first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |node| node.parent.as_deref())
    }

    /// The exact form of a neuron of this node's layer.
    pub(crate) fn form(&self, space: &Space, neuron: usize) -> &Triple {
        let layer = &space.stages[self.layer].layer;
        let slots = self.slots.get_or_init(|| (0..layer.outputs).map(|_| OnceLock::new()).collect());
        slots[neuron].get_or_init(|| Box::new(self.compose(space, layer, neuron)))
    }

    fn compose(&self, space: &Space, layer: &Layer, neuron: usize) -> Triple {
        let row = layer.row(neuron);
        let bias = layer.bias[neuron];
        let Some(parent) = &self.parent else { return exact::form(row[0], row[1], bias) };
        let mut sum = exact::form(0.0, 0.0, bias);
        for (input, weight) in row.iter().enumerate() {
            if *weight != 0.0 && contains(&self.active, input) {
                let weight = Dyadic::from_f64(*weight);
                let form = parent.form(space, input);
                for (total, part) in sum.iter_mut().zip(form) {
                    *total = total.add(&weight.mul(part));
                }
            }
        }
        sum
    }

    /// The exact line of a side of this node's cell.
    ///
    /// # Panics
    /// If the side belongs to a later layer.
    pub(crate) fn line(&self, space: &Space, side: Side) -> Triple {
        if side.is_border() {
            return space.exact_border(side);
        }
        let node = self.chain().find(|node| node.layer == side.layer as usize);
        node.expect("a side's layer was split before").form(space, side.neuron as usize).clone()
    }

    /// Whether a neuron of an earlier layer is on.
    pub(crate) fn is_on(&self, side: Side) -> bool {
        self.chain()
            .find(|node| node.layer == side.layer as usize + 1)
            .is_some_and(|node| contains(&node.active, side.neuron as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_what_was_put_in() {
        let mut pattern = empty_pattern(130);
        insert(&mut pattern, 129);
        insert(&mut pattern, 0);
        assert!(contains(&pattern, 129) && contains(&pattern, 0) && !contains(&pattern, 128));
    }

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
        let stage = Stage::new(layer);
        let twins: Vec<_> =
            stage.twins.iter().map(|twin| twin.map(|twin| (twin.of, twin.opposite))).collect();
        assert_eq!(twins, [None, Some((0, true)), Some((0, false)), None, None]);
    }
}
