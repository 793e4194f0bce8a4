//! Escape counts of z² + c.
//!
//! The orbit of a point under z² + c goes to infinity or it does not; how many steps it takes until |z| > 2 is its count. The
//! mathematics stands in the plugin's `README.md`. The flow: a [`View`](view::View) says where pixels lie,
//! [`Orbits`](counts::Orbits) counts all of them on the lanes of `kernel`, which knows from `interior` what need not be
//! followed, and `run` puts the artifacts together.

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
mod tiny;
pub mod view;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{About, Analysis, Artifacts, Failure, Localized, OutputSchema, Problem, RunContext};

pub use params::EscapeParams;

/// The analysis `escape`: orbits of z² + c.
pub struct Escape;

impl Analysis for Escape {
    type Params = EscapeParams;

    fn about(&self) -> About {
        About {
            name: "escape",
            revision: 3,
            title: Localized::en_fr("Escape counts", "Temps d’échappement"),
            summary: Localized::en_fr(
                "How many steps orbits of z² + c take to escape: Julia sets, the Mandelbrot set that is the map of them, and \
                 what lies deep in it.",
                "En combien de pas les orbites de z² + c s’échappent : les ensembles de Julia, l’ensemble de Mandelbrot qui en \
                 est la carte, et ce qui s’y trouve en profondeur.",
            ),
            documentation: include_str!("../README.md"),
            example: "kind = \"mandelbrot\"\nsize = [64, 64]\nmax_iterations = 100\n",
        }
    }

    fn stochastic(&self, _params: &EscapeParams) -> bool {
        false
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
