//! What a definition may say of random hyperplanes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `arrangement`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ArrangementParams {
    /// Largest number of hyperplanes.
    #[schemars(range(min = 1, max = 16))]
    pub hyperplanes: usize,
    /// Dimensions of the space.
    #[schemars(length(min = 1, max = 32), inner(range(min = 1, max = 1000)))]
    pub dimensions: Vec<usize>,
}

impl Default for ArrangementParams {
    fn default() -> Self {
        Self { hyperplanes: 12, dimensions: vec![2, 3, 10, 1000] }
    }
}
