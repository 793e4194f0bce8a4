//! Folded strips and the dragon curve.
//!
//! A strip of paper is folded in two `n` times and opened again until every crease has the same interior angle. The
//! mathematics stands in the plugin's `README.md`. The flow: a [`Rule`](rule::Rule) says how the curve turns, a
//! [`Plane`](plane::Plane) what its points are (integers of a lattice where the angle has one), a
//! [`Curve`](curve::Curve) gives any vertex from the digits of its index, [`stream`] all of them in order. [`occupancy`]
//! counts visits on the square lattice by blocks of edges ([`planes`]), [`visits`] on any lattice by walking all segments.
//! [`crossings`] finds where a strip meets itself, [`facts`] measures, and `run` puts the artifacts together.

pub mod crossings;
pub mod curve;
pub mod facts;
mod figures;
pub mod occupancy;
mod outputs;
pub mod params;
mod picture;
pub mod plane;
pub mod planes;
pub mod rule;
mod run;
pub mod stream;
pub mod visits;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{About, Analysis, Artifacts, Failure, Localized, OutputSchema, Problem, RunContext};

pub use params::DragonParams;

/// The analysis `dragon`: curves of repeatedly folded strips.
pub struct Dragon;

impl Analysis for Dragon {
    type Params = DragonParams;

    fn about(&self) -> About {
        About {
            name: "dragon",
            revision: 3,
            title: Localized::en_fr("Dragon curve", "Courbe du dragon"),
            summary: Localized::en_fr(
                "A strip of paper is folded in two again and again, then opened. Its vertices are computed, exactly \
                 where they lie on a lattice, and what the curve visits twice, encloses and converges to is counted.",
                "On plie plusieurs fois de suite une bande de papier en deux, puis on la rouvre. L’analyse calcule ses \
                 sommets, exactement lorsqu’ils tombent sur un réseau, et dénombre ce que la courbe visite deux fois, \
                 ce qu’elle entoure et ce vers quoi elle converge.",
            ),
            documentation: include_str!("../README.md"),
            example: "folds = 10\nangle = 90\n",
        }
    }

    fn stochastic(&self, _params: &DragonParams) -> bool {
        false
    }

    fn check(&self, params: &DragonParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &DragonParams) -> OutputSchema {
        outputs::schema(params)
    }

    fn figures(&self, params: &DragonParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &DragonParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
