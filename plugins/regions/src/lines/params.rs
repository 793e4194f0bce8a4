//! What a definition may say of random lines.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::{domain_problem, square};

/// Most lines for which every step is drawn in a panel of its own.
pub(super) const MOST_PANELS: usize = 16;

/// Parameters of the analysis `lines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinesParams {
    /// Number of lines.
    #[schemars(range(min = 1, max = 1024))]
    pub count: usize,
    /// Whether all points where two lines meet lie in the domain, as seen in the whole plane.
    pub plane: bool,
    /// The rectangle in which regions are counted: its lower left and upper right corners.
    pub domain: [[f64; 2]; 2],
    /// Whether to draw the regions; 200,000 are drawn at most.
    pub drawing: bool,
}

impl Default for LinesParams {
    fn default() -> Self {
        Self { count: 5, plane: false, domain: square(), drawing: true }
    }
}

impl LinesParams {
    /// What the schema cannot say.
    pub(super) fn problems(&self) -> Vec<Problem> {
        domain_problem(self.domain, 2).into_iter().collect()
    }

    /// Whether every step is drawn.
    pub(super) fn has_panels(&self) -> bool {
        self.drawing && self.count <= MOST_PANELS
    }
}
