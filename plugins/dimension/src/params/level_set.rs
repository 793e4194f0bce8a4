//! Level sets of random deep networks.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::View;

/// What a neuron does with its sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Neuron {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// Error function.
    Erf,
    /// max(x, 0).
    Relu,
    /// -1 or 1.
    Sign,
}

/// Which level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The median over the square from -1 to 1, whatever the view, so that a smaller view shows a part of the same set.
    #[default]
    Median,
    /// The value in the middle of the view, so that the set goes through it however small the view is.
    Center,
}

/// The level set of a random network's output on a plane through its inputs. Weights are normal with variance `sigma_w`² /
/// width, biases with variance `sigma_b`²; a point (u, v) of the plane is the input sqrt(width) (u, v, `distance`, 0, ...).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LevelSet {
    /// What a neuron does with its sum.
    pub activation: Neuron,
    /// Neurons in each layer, and inputs.
    #[schemars(range(min = 3, max = 8192))]
    pub width: usize,
    /// Number of layers of neurons; a linear output follows.
    #[schemars(range(min = 1, max = 200))]
    pub depth: usize,
    /// Standard deviation of the weights times the square root of the width.
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub sigma_w: f64,
    /// Standard deviation of the biases.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub sigma_b: f64,
    /// Points of the grid along a side of the view. Between them the output is interpolated.
    #[schemars(range(min = 16, max = 4096))]
    pub resolution: usize,
    /// How far the plane passes from the origin. In a plane through it all lines run towards the origin, where directions
    /// change fastest; at distance 1 points nearby are about equally long.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub distance: f64,
    /// The middle of the view.
    pub center: [f64; 2],
    /// The side of the view.
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub view: f64,
    /// The level.
    pub level: Level,
}

impl Default for LevelSet {
    fn default() -> Self {
        Self {
            activation: Neuron::Tanh,
            width: 100,
            depth: 8,
            sigma_w: 4.0,
            sigma_b: 0.3,
            resolution: 512,
            distance: 1.0,
            center: [0.0, 0.0],
            view: 2.0,
            level: Level::Median,
        }
    }
}

/// Most multiplications of a run.
const MOST_WORK: f64 = 2e12;

impl LevelSet {
    /// The points that are looked at.
    pub(crate) fn view(&self) -> View {
        View { center: self.center, width: self.view, resolution: self.resolution }
    }

    /// So many points a side in the square from -1 to 1.
    pub(crate) fn whole(&self, resolution: usize) -> View {
        View { center: [0.0, 0.0], width: 2.0, resolution }
    }

    /// What the schema cannot say.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let [width, depth, points] = [self.width, self.depth, self.resolution].map(|number| number as f64);
        let work = points * points * width * (2.0 + (depth - 1.0) * width);
        (work > MOST_WORK).then(|| {
            Problem::at("set.level_set", format!("{work:.0e} multiplications are more than {MOST_WORK:.0e}"))
                .help("take a smaller `width`, `depth` or `resolution`")
        })
    }
}
