//! Escape counts of z² + c.
//!
//! The orbit of a point under z² + c goes to infinity or it does not; how many steps it takes until |z| > 2 is its count. The
//! mathematics stands in the plugin's `README.md`. The flow: a [`View`](view::View) says where pixels lie,
//! [`Orbits`](counts::Orbits) counts all of them on the lanes of `kernel`, which knows from `interior` what need not be
//! followed, `tables` says what the rows and columns of tables are, and `run` puts the artifacts together.

pub mod area;
pub mod atlas;
pub mod bilinear;
pub mod centres;
mod complex;
pub mod counts;
pub mod deep;
pub mod distance;
mod drawn;
pub mod exterior;
mod extras;
pub mod fate;
mod figures;
pub mod fixed;
mod follow;
pub mod interior;
mod kernel;
pub mod land;
pub mod nucleus;
mod outputs;
pub mod params;
pub mod rays;
pub mod reference;
mod run;
mod tables;
mod tiny;
pub mod view;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use params::EscapeParams;

/// The analysis `escape`: orbits of z² + c.
pub struct Escape;

impl Analysis for Escape {
    type Params = EscapeParams;

    fn identity(&self) -> Identity {
        Identity::built_in("escape", 3)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Escape counts"),
            summary: Localized::en(
                "How many steps orbits of z² + c take to escape: Julia sets, the Mandelbrot set that is the map of them, and \
                 what lies deep in it.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: "kind = \"mandelbrot\"\nsize = [64, 64]\nmax_iterations = 100\n".into(),
        }
    }

    fn check(&self, params: &EscapeParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &EscapeParams) -> OutputSchema {
        outputs::schema(params)
    }

    fn figures(&self, params: &EscapeParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &EscapeParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
