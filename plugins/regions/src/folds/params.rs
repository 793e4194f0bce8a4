//! What a definition may say of successive folds.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::{domain_problem, square};

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

/// Parameters of the analysis `folds`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FoldsParams {
    /// Number of folds.
    #[schemars(range(min = 1, max = 12))]
    pub count: usize,
    /// How creases are chosen.
    pub crease: Crease,
    /// The sheet of paper, a rectangle: its lower left and upper right corners.
    pub domain: [[f64; 2]; 2],
    /// Whether to draw the sheet, unfolded and folded.
    pub drawing: bool,
    /// Whether to list the affine maps that take each facet to its folded place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub maps: bool,
}

impl Default for FoldsParams {
    fn default() -> Self {
        Self { count: 8, crease: Crease::Centroid, domain: square(), drawing: true, maps: false }
    }
}

impl FoldsParams {
    /// What the schema cannot say.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let maps = (self.maps && !self.drawing).then(|| {
            Problem::at("maps", "maps are listed of facets that are drawn").help("set `drawing = true`")
        });
        domain_problem(self.domain, 2).into_iter().chain(maps).collect()
    }
}
