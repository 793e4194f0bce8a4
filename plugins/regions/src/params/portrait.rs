//! What a definition may say of a look at a network's function.

use octavo_plugin::{Activation, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RegionsParams;

/// A look at a network's function. No regions are counted, so that activations may be smooth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Portrait {
    /// Number of points along the line, or along each side of the domain (at most 1024 there).
    #[schemars(range(min = 2, max = 16384))]
    pub points: usize,
    /// What follows every layer but the last of a random network.
    pub activation: Activation,
    /// What the weights of a random network are multiplied by.
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub gain: f64,
}

impl Default for Portrait {
    fn default() -> Self {
        Self { points: 256, activation: Activation::Relu, gain: 1.0 }
    }
}

/// Most points of a portrait along each side of the domain.
const MOST_POINTS: usize = 1024;

impl RegionsParams {
    pub(super) fn portrait_problem(&self) -> Option<Problem> {
        let portrait = self.portrait.as_ref()?;
        let counted = self.sampling.is_some() || self.boundary.is_some() || self.by_layer || self.maps;
        if self.network.is_none() || counted {
            return Some(
                Problem::at("portrait", "a portrait shows a network, and none of its regions")
                    .help("give a `network`, and leave out `sampling`, `boundary`, `by_layer` and `maps`"),
            );
        }
        (self.dimension() == 2 && portrait.points > MOST_POINTS).then(|| {
            let message = format!("{} points a side are more than {MOST_POINTS}", portrait.points);
            Problem::at("portrait.points", message).help("take fewer points, or a line")
        })
    }
}
