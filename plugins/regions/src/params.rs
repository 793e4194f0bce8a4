//! What a definition may say.

use octavo_plugin::interchange::Init;
use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `regions`: exactly one of `network`, `lines`, `folds` and `formula`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegionsParams {
    /// A network of ReLU layers with two inputs: from a file, at random, or constructed.
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
    /// The rectangle in which regions are counted: its lower left and upper right corners.
    pub domain: [[f64; 2]; 2],
    /// Whether to draw the partition; without it, more regions can be counted.
    pub drawing: bool,
}

impl Default for RegionsParams {
    fn default() -> Self {
        let domain = [[-1.0, -1.0], [1.0, 1.0]];
        Self { network: None, lines: None, folds: None, formula: None, domain, drawing: true }
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
}

/// A random network with ReLU after every layer but the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomNetwork {
    /// Numbers of inputs (2), of neurons in each hidden layer, and of outputs.
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

impl RandomNetwork {
    fn problem(&self) -> Option<Problem> {
        if self.widths.first() != Some(&2) {
            return Some(
                Problem::at("network.widths", "the first width is not 2")
                    .help("regions are counted in the plane: a network takes two inputs"),
            );
        }
        let weights: usize = self.widths.windows(2).map(|pair| pair[0].saturating_mul(pair[1])).sum();
        (weights > MOST_WEIGHTS).then(|| {
            Problem::at(
                "network.widths",
                format!("the network has {weights} weights, and {MOST_WEIGHTS} are allowed"),
            )
            .help("take fewer or narrower layers")
        })
    }
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
        let network = matches!(self.network, Some(NetworkSource::Random(_)));
        let folds = self.folds.as_ref().is_some_and(|folds| folds.crease == Crease::Centroid);
        network || folds || self.lines.is_some()
    }

    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let subjects =
            [self.network.is_some(), self.lines.is_some(), self.folds.is_some(), self.formula.is_some()];
        let given = subjects.iter().filter(|given| **given).count();
        if given != 1 {
            problems.push(
                Problem::at("", format!("there are {given} subjects, and one is needed"))
                    .help("give exactly one of `network`, `lines`, `folds` and `formula`"),
            );
        }
        problems.extend(self.domain_problem());
        if let Some(NetworkSource::Random(random)) = &self.network {
            problems.extend(random.problem());
        }
        problems
    }

    fn domain_problem(&self) -> Option<Problem> {
        let [[x0, y0], [x1, y1]] = self.domain;
        let sides = [x1 - x0, y1 - y0];
        let usable = |side: &f64| (1e-6..=1e9).contains(side);
        if !self.domain.as_flattened().iter().all(|x| x.abs() <= 1e9) || !sides.iter().all(usable) {
            return Some(Problem::at("domain", "the domain is no rectangle of a usable size").help(
                "give the lower left and upper right corners, within 1e9 and at least 1e-6 apart in x and y",
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
