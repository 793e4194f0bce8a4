//! Box-counting dimension with its uncertainty.
//!
//! A set is a [`Bitmap`](bitmap::Bitmap) or a [`Shape`](shape::Shape) of points and segments, both behind
//! [`Set`](count::Set). Pixels are counted by a pyramid, lines and [`dilation`], shapes by a tree of boxes over the
//! [`cells`] of a grid; [`estimate`] makes a dimension of the counts. Sets are read (`read`) or made: [`known`] ones, to
//! hold the estimator against; `models` of what is found elsewhere; the level sets of random networks (`deep`), the border of
//! trainability (`train`) and the boundaries of a classifier (`cats`), all three lines in a [`field`] of values; networks are
//! evaluated on it by `forward`. What the rows and columns of tables are stands in `tables`, the mathematics stands in the plugin's `README.md`.

pub mod bitmap;
mod cats;
pub mod cells;
pub mod count;
mod deep;
pub mod dilation;
pub mod estimate;
pub mod field;
mod figures;
mod forward;
pub mod known;
mod made;
mod models;
mod outputs;
pub mod params;
mod picture;
mod read;
mod run;
pub mod shape;
mod tables;
mod train;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use params::DimensionParams;

/// The analysis `dimension`: boxes that a set meets, at every size.
pub struct Dimension;

impl Analysis for Dimension {
    type Params = DimensionParams;

    fn identity(&self) -> Identity {
        Identity::built_in("dimension", 2)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Box-counting dimension"),
            summary: Localized::en(
                "Counts the boxes that a set meets at every size, and estimates its dimension with an interval that known \
                 sets confirm: of images, points and paths, and of sets that random and trained networks make.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: "set = { known = \"koch\", level = 7 }\n".into(),
        }
    }

    fn stochastic(&self, params: &DimensionParams) -> bool {
        params.stochastic()
    }

    fn check(&self, params: &DimensionParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &DimensionParams) -> OutputSchema {
        outputs::schema(params)
    }

    fn figures(&self, params: &DimensionParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &DimensionParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
