//! What a definition may say.

mod portrait;
mod slice;
mod trained;

use octavo_plugin::interchange::Init;
use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use portrait::Portrait;
pub use slice::Slice;
pub use trained::{Optimizer, Target, Trained};

/// Parameters of the analysis `regions`: exactly one of `network`, `lines`, `folds`, `formula` and `arrangement`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegionsParams {
    /// A network of ReLU layers: from a file, at random, constructed, or trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSource>,
    /// Random lines: the parallel folds of one layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// Successive folds of a sheet of paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folds: Option<Folds>,
    /// Numbers of regions from closed formulas, in any dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// Hyperplanes in any dimension, their regions counted beside the formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrangement: Option<Arrangement>,
    /// A plane or line in the space of a network's inputs; the domain is a rectangle of its coordinates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
    /// Samples of points, to see how few regions they see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// What the function of a network looks like, on a grid of points, in place of its regions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portrait: Option<Portrait>,
    /// The level at which a single output decides; of several outputs the largest does, whatever the level. Draws the
    /// decision boundary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<f64>,
    /// The rectangle in which regions are counted: its lower left and upper right corners. On a line only the first
    /// coordinates count.
    pub domain: [[f64; 2]; 2],
    /// Whether to draw the partition; without it, more regions can be counted.
    pub drawing: bool,
    /// Whether to draw the partition after each layer too.
    #[serde(skip_serializing_if = "is_false")]
    pub by_layer: bool,
    /// Whether to list the affine map of every region.
    #[serde(skip_serializing_if = "is_false")]
    pub maps: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Default for RegionsParams {
    fn default() -> Self {
        let domain = [[-1.0, -1.0], [1.0, 1.0]];
        Self {
            network: None,
            lines: None,
            folds: None,
            formula: None,
            arrangement: None,
            slice: None,
            sampling: None,
            portrait: None,
            boundary: None,
            domain,
            drawing: true,
            by_layer: false,
            maps: false,
        }
    }
}

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NetworkSource {
    /// A file, or another experiment's result.
    File(Input),
    /// Random weights and biases.
    Random(RandomNetwork),
    /// Layers that fold the domain in half.
    Fold(FoldNetwork),
    /// Tent maps of both coordinates.
    Tent(TentNetwork),
    /// A `.safetensors` file.
    Tensors(TensorNetwork),
    /// Trained by the analysis.
    Trained {
        /// What is trained, and how.
        trained: Trained,
    },
}

/// A random network with ReLU after every layer but the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomNetwork {
    /// Numbers of inputs (2, or 1 for a line, or any with a `slice`), of neurons in each hidden layer, and of outputs.
    #[schemars(length(min = 3, max = 65), inner(range(min = 1, max = 4096)))]
    pub widths: Vec<usize>,
    /// How weights are drawn.
    #[serde(default = "he")]
    pub init: Init,
    /// Standard deviation of the normally distributed biases.
    #[serde(default = "bias_sd")]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub bias_sd: f64,
}

/// Most weights of a random network.
const MOST_WEIGHTS: usize = 10_000_000;

/// Number of weights between layers of these widths.
fn weights(widths: &[usize]) -> usize {
    widths.windows(2).map(|pair| pair[0].saturating_mul(pair[1])).sum()
}

/// A `.safetensors` file and the order of its layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TensorNetwork {
    /// The file.
    pub safetensors: Input,
    /// The names of the layers in order: the tensors of `fc1` are `fc1.weight`, one row an output, and `fc1.bias`. ReLU
    /// follows all layers but the last.
    #[schemars(length(min = 1, max = 64))]
    pub layers: Vec<String>,
}

fn he() -> Init {
    Init::He
}

fn bias_sd() -> f64 {
    0.1
}

/// A network that folds the domain in half again and again, in x and y by turns, with 3 neurons a layer: 2^n regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldNetwork {
    /// Number of folds.
    #[schemars(range(min = 1, max = 16))]
    pub fold: usize,
}

/// The tent map composed with itself on both coordinates (Telgarsky 2016), with 4 neurons a layer: 4^n regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TentNetwork {
    /// Number of layers.
    #[schemars(range(min = 1, max = 8))]
    pub tent: usize,
}

/// Random lines in general position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// Number of lines.
    #[schemars(range(min = 1, max = 1024))]
    pub count: usize,
    /// Whether all points where two lines meet lie in the domain, as seen in the whole plane.
    #[serde(default)]
    pub plane: bool,
}

/// Samples of points of the domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Sides of square grids: the middles of side · side cells, on a line of `side` intervals.
    #[schemars(length(max = 16), inner(range(min = 1, max = 2000)))]
    pub grid: Vec<usize>,
    /// Numbers of random points.
    #[schemars(length(max = 16), inner(range(min = 1, max = 4_000_000)))]
    pub random: Vec<usize>,
}

/// Random hyperplanes with whole coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrangement {
    /// Largest number of hyperplanes.
    #[schemars(range(min = 1, max = 16))]
    pub hyperplanes: usize,
    /// Dimensions of the space.
    #[schemars(length(min = 1, max = 32), inner(range(min = 1, max = 1000)))]
    pub dimensions: Vec<usize>,
}

/// How the creases of successive folds are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Crease {
    /// At a random angle through the centroid of the folded sheet.
    #[default]
    Centroid,
    /// Across the middle of the folded sheet, upright and level by turns.
    Halving,
}

/// Successive folds of the domain, taken as a sheet of paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// Number of folds.
    #[schemars(range(min = 1, max = 12))]
    pub count: usize,
    /// How creases are chosen.
    #[serde(default)]
    pub crease: Crease,
}

/// Numbers of regions of hyperplanes in general position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Largest number of folds.
    #[schemars(range(min = 1, max = 10_000))]
    pub folds: u32,
    /// Dimensions of the space.
    #[serde(default = "dimensions")]
    #[schemars(length(min = 1, max = 32), inner(range(min = 1, max = 1_000_000)))]
    pub dimensions: Vec<u32>,
}

fn dimensions() -> Vec<u32> {
    vec![2, 3, 10, 47, 300, 1000]
}

impl RegionsParams {
    /// Whether the result depends on the seed.
    pub(crate) fn stochastic(&self) -> bool {
        let network = matches!(self.network, Some(NetworkSource::Random(_) | NetworkSource::Trained { .. }));
        let folds = self.folds.as_ref().is_some_and(|folds| folds.crease == Crease::Centroid);
        let sampling = self.sampling.as_ref().is_some_and(|sampling| !sampling.random.is_empty());
        network || folds || sampling || self.lines.is_some() || self.arrangement.is_some()
    }

    /// Number of inputs of a random or trained network.
    fn inputs(&self) -> Option<usize> {
        match self.network.as_ref()? {
            NetworkSource::Random(random) => random.widths.first().copied(),
            NetworkSource::Trained { trained } => trained.widths.first().copied(),
            _ => None,
        }
    }

    /// 1 if regions are counted on a line, 2 in the plane.
    pub(crate) fn dimension(&self) -> usize {
        match &self.slice {
            Some(slice) => slice.points().clamp(2, 3) - 1,
            None if self.inputs() == Some(1) => 1,
            None => 2,
        }
    }

    /// How the network is trained, if it is.
    pub(crate) fn trained(&self) -> Option<&Trained> {
        match self.network.as_ref()? {
            NetworkSource::Trained { trained } => Some(trained),
            _ => None,
        }
    }

    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let subjects = [
            self.network.is_some(),
            self.lines.is_some(),
            self.folds.is_some(),
            self.formula.is_some(),
            self.arrangement.is_some(),
        ];
        let given = subjects.iter().filter(|given| **given).count();
        if given != 1 {
            problems.push(
                Problem::at("", format!("there are {given} subjects, and one is needed"))
                    .help("give exactly one of `network`, `lines`, `folds`, `formula` and `arrangement`"),
            );
        }
        problems.extend(self.domain_problem());
        problems.extend(self.slice.as_ref().and_then(Slice::problem));
        problems.extend(self.widths_problem());
        problems.extend(self.trained().and_then(Trained::problem));
        problems.extend(self.drawing_problem());
        problems.extend(self.portrait_problem());
        problems
    }

    fn widths_problem(&self) -> Option<Problem> {
        let (path, widths) = match self.network.as_ref()? {
            NetworkSource::Random(random) => ("network.widths", &random.widths),
            NetworkSource::Trained { trained } => ("network.trained.widths", &trained.widths),
            _ => return None,
        };
        if self.slice.is_none() && !matches!(widths.first(), Some(1 | 2)) {
            return Some(
                Problem::at(path, "the first width is neither 1 nor 2").help(
                    "regions are counted in the plane or on a line: with more inputs, give a `slice` through them",
                ),
            );
        }
        let weights = weights(widths);
        (weights > MOST_WEIGHTS).then(|| {
            Problem::at(path, format!("the network has {weights} weights, and {MOST_WEIGHTS} are allowed"))
                .help("take fewer or narrower layers")
        })
    }

    fn drawing_problem(&self) -> Option<Problem> {
        let plane = self.network.is_some() && self.dimension() == 2 && self.drawing;
        if self.boundary.is_some() && !plane {
            return Some(
                Problem::at("boundary", "there is no decision boundary to draw")
                    .help("it takes a `network` in the plane and `drawing = true`"),
            );
        }
        if self.by_layer && !plane {
            return Some(
                Problem::at("by_layer", "there are no layers to draw")
                    .help("it takes a `network` in the plane and `drawing = true`"),
            );
        }
        let counted = self.formula.is_none() && self.arrangement.is_none();
        (self.slice.is_some() && self.network.is_none()
            || (self.sampling.is_some() && self.network.is_none())
            || (self.maps && !(counted && self.drawing)))
            .then(|| {
                Problem::at("", "`slice`, `sampling` and `maps` do not fit the subject")
                    .help("`slice` and `sampling` take a `network`, `maps` regions and `drawing = true`")
            })
    }

    fn domain_problem(&self) -> Option<Problem> {
        let [[x0, y0], [x1, y1]] = self.domain;
        let sides = [x1 - x0, if self.dimension() == 1 { 1.0 } else { y1 - y0 }];
        let usable = |side: &f64| (1e-6..=1e9).contains(side);
        if !self.domain.as_flattened().iter().all(|x| x.abs() <= 1e9) || !sides.iter().all(usable) {
            return Some(Problem::at("domain", "the domain is no rectangle of a usable size").help(
                "give the lower left corner, then the upper right one, within 1e9 of zero: x and y must each grow by 1e-6 to 1e9",
            ));
        }
        let constructed = matches!(self.network, Some(NetworkSource::Fold(_) | NetworkSource::Tent(_)));
        let exact = |(low, side): (f64, f64)| {
            let start = low / side;
            side.to_bits() << 12 == 0 && start.fract() * 4096.0 % 1.0 == 0.0
        };
        (constructed && ![(x0, sides[0]), (y0, sides[1])].into_iter().all(exact)).then(|| {
            Problem::at("domain", "the constructed networks need a domain with sides that are powers of two")
                .help("take `[[0, 0], [1, 1]]` or `[[-1, -1], [1, 1]]`")
        })
    }
}
