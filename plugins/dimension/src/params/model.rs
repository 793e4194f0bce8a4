//! Sets that stand for those found elsewhere.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model of a set found in nature, in markets, or among dynamical systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// The path of a random walk in the plane with normal steps: 2.
    Walk,
    /// The graph of a sum of random steps over time, fitted into a square: 3/2.
    Graph,
    /// The same with steps whose size itself wanders and now and then jumps, as prices do: near 3/2.
    Price,
    /// Diffusion-limited aggregation: particles walk on a lattice until they touch the cluster (Witten and Sander 1981):
    /// about 1.71.
    Aggregation,
    /// Clusters of clusters of points, as a model of galaxies: 1.2 below a two-hundredth of the side, and evenly spread above
    /// (Soneira and Peebles 1978).
    Clusters,
    /// The attractor of Hénon's map, a = 1.4, b = 0.3: about 1.26.
    Henon,
    /// The attractor of the logistic map where doubling of periods ends, on a line: 0.538.
    Logistic,
}

/// A model and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSet {
    /// The model.
    pub model: Model,
    /// Steps, particles or points.
    #[serde(default)]
    #[schemars(range(min = 256, max = 16_777_216))]
    pub size: Option<usize>,
}

impl ModelSet {
    /// The size that is given or else the default.
    pub(crate) fn size(&self) -> usize {
        self.size.unwrap_or(match self.model {
            Model::Walk => 1 << 20,
            Model::Graph | Model::Price => 1 << 18,
            Model::Aggregation => 20_000,
            Model::Clusters => 1 << 19,
            Model::Logistic => 1 << 18,
            Model::Henon => 1 << 21,
        })
    }

    /// Whether the set depends on the seed.
    pub(crate) fn stochastic(&self) -> bool {
        !matches!(self.model, Model::Henon | Model::Logistic)
    }

    /// What the schema cannot say.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let most = if self.model == Model::Aggregation { 200_000 } else { 1 << 24 };
        (self.size() > most).then(|| {
            Problem::at("set.size", format!("{} particles are more than {most}", self.size()))
                .help("larger clusters take too long to grow")
        })
    }
}
