//! What a reader may choose.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::known::Known;

mod classifier;
mod level_set;
mod model;
mod trainability;

pub use classifier::{Classifier, Unit};
pub use level_set::{Level, LevelSet, Neuron};
pub use model::{Model, ModelSet};
pub use trainability::{Trainability, Trainee};

/// Parameters of the analysis `dimension`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DimensionParams {
    /// The set whose dimension is estimated: a file or result, or a set that the analysis makes.
    pub set: SetSpec,
    /// Whether the rows of a CSV file or table are vertices of a path and not points alone. Where a column `part` changes, a
    /// path ends. Drawings are paths anyway.
    pub join: bool,
    /// Which pixels belong to the set: those of an image that are darker, where 0 is black and 1 is white, and those of a
    /// raster of results whose value is at least this.
    pub threshold: f64,
    /// Whether pixels inside the set are left out: the dimension is then that of its edge.
    pub outline: bool,
    /// The length that counts as 1, in the set's own coordinates: details below it are not those of the set. By default a
    /// pixel, the median length of a path's segments, or, of points, the side at which a box holds two of them.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub unit: Option<f64>,
    /// By how much the set is turned to the left before boxes are counted. Pixels cannot be turned.
    #[schemars(range(min = -360.0, max = 360.0), extend("x-unit" = "°"))]
    pub turn: f64,
    /// Over how many offsets of the grid counts are averaged. For pixels they are averaged over all of them, and this is not
    /// used.
    #[schemars(range(min = 12, max = 4096))]
    pub offsets: usize,
    /// The smallest size of boxes in the window that gives the dimension, in units.
    #[schemars(range(min = 1.0, max = 1024.0))]
    pub smallest: f64,
    /// The largest size of boxes in the window, as a share of the set's longer side.
    #[schemars(range(max = 0.5), extend("exclusiveMinimum" = 0.0))]
    pub largest: f64,
    /// Sizes of the boxes that the drawing `boxes` shows, as shares of the set's longer side.
    #[schemars(length(max = 8), inner(range(min = 0.005, max = 1.0)))]
    pub boxes: Vec<f64>,
    /// Pixels of the drawing `picture` along its longer side.
    #[schemars(range(min = 64, max = 4096))]
    pub picture: usize,
}

impl Default for DimensionParams {
    fn default() -> Self {
        Self {
            set: SetSpec::Known(KnownSet { known: Known::Koch, level: None }),
            join: false,
            threshold: 0.5,
            outline: false,
            unit: None,
            turn: 0.0,
            offsets: 64,
            smallest: 8.0,
            largest: 1.0 / 32.0,
            boxes: vec![0.125, 0.0625, 0.03125],
            picture: 512,
        }
    }
}

/// Where a set comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SetSpec {
    /// A PNG (dark pixels), a CSV file (columns `x` and `y`), or the result of another experiment: a table with columns `x`
    /// and `y`, a raster, or a drawing of points, paths or polygons.
    Input(Input),
    /// A set whose dimension is known.
    Known(KnownSet),
    /// A model of a set found elsewhere.
    Model(ModelSet),
    /// The level set of a random network.
    LevelSet {
        /// The network, the plane and the level.
        level_set: LevelSet,
    },
    /// The border between training that converges and training that does not.
    Trainability {
        /// What is trained, and with which learning rates.
        trainability: Trainability,
    },
    /// The boundaries between the classes of a classifier.
    Classifier {
        /// The data, the network, its training and the plane.
        classifier: Classifier,
    },
}

/// A set whose dimension is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownSet {
    /// Its name.
    pub known: Known,
    /// How fine it is: generations of a construction, folds, or the logarithm to base 2 of its size in units. By default as
    /// fine as the stated accuracy needs.
    #[serde(default)]
    #[schemars(range(min = 4, max = 24))]
    pub level: Option<u32>,
}

impl KnownSet {
    /// The level that is given or else the default.
    pub fn level(&self) -> u32 {
        self.level.unwrap_or(self.known.levels().0)
    }
}

impl DimensionParams {
    /// Whether the result depends on the seed.
    pub fn stochastic(&self) -> bool {
        match &self.set {
            SetSpec::Input(_) | SetSpec::Known(_) => false,
            SetSpec::Model(model) => model.stochastic(),
            SetSpec::LevelSet { .. } | SetSpec::Classifier { .. } => true,
            SetSpec::Trainability { trainability } => trainability.trainee != Trainee::Waves,
        }
    }

    /// Problems between parameters.
    pub fn problems(&self) -> Vec<Problem> {
        let problem = match &self.set {
            SetSpec::Input(_) | SetSpec::Trainability { .. } => None,
            SetSpec::Known(known) => known_problem(*known),
            SetSpec::Model(model) => model.problem(),
            SetSpec::LevelSet { level_set } => level_set.problem(),
            SetSpec::Classifier { classifier } => classifier.problem(),
        };
        problem.into_iter().collect()
    }
}

fn known_problem(set: KnownSet) -> Option<Problem> {
    let most = set.known.levels().1;
    (set.level() > most).then(|| {
        Problem::at("set.level", format!("level {} is more than {most}", set.level()))
            .help("finer sets take too much memory")
    })
}
