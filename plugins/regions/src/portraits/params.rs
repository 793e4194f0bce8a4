//! What a definition may say of a look at a network's function.

use octavo_plugin::{Activation, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::{NetworkSource, Slice, View, square};

/// Most points of a portrait along each side of the domain.
const MOST_POINTS: usize = 1024;

/// Parameters of the analysis `portraits`. No regions are counted, so that activations may be smooth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortraitsParams {
    /// The network: from a file, at random, constructed, or trained.
    pub network: NetworkSource,
    /// A plane or line in the space of the network's inputs; the domain is a rectangle of its coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
    /// The rectangle that is looked at: its lower left and upper right corners. On a line only the first coordinates count.
    #[serde(default = "square")]
    pub domain: [[f64; 2]; 2],
    /// Number of points along the line, or along each side of the domain (at most 1024 there).
    #[serde(default = "points")]
    #[schemars(range(min = 2, max = 16384))]
    pub points: usize,
    /// What follows every layer but the last of a random network.
    #[serde(default = "relu")]
    pub activation: Activation,
    /// What the weights of a random network are multiplied by.
    #[serde(default = "one")]
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub gain: f64,
}

fn points() -> usize {
    256
}

fn relu() -> Activation {
    Activation::Relu
}

fn one() -> f64 {
    1.0
}

impl PortraitsParams {
    /// The network, and where it is looked at.
    pub(super) fn view(&self) -> View<'_> {
        View { network: &self.network, slice: self.slice.as_ref(), domain: self.domain }
    }

    /// What the schema cannot say.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = self.view().problems();
        if self.view().dimension() == 2 && self.points > MOST_POINTS {
            let message = format!("{} points a side are more than {MOST_POINTS}", self.points);
            problems.push(Problem::at("points", message).help("take fewer points, or a line"));
        }
        problems
    }
}
