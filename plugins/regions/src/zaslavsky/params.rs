//! What a definition may say of the closed formulas.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `zaslavsky`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ZaslavskyParams {
    /// Largest number of folds, each a hyperplane.
    #[schemars(range(min = 1, max = 10_000))]
    pub folds: u32,
    /// Dimensions of the space.
    #[schemars(length(min = 1, max = 32), inner(range(min = 1, max = 1_000_000)))]
    pub dimensions: Vec<u32>,
}

impl Default for ZaslavskyParams {
    fn default() -> Self {
        Self { folds: 1000, dimensions: vec![2, 3, 10, 47, 300, 1000] }
    }
}
