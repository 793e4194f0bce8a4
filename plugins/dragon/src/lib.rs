//! Folded strips and the dragon curve.
//!
//! A strip of paper is folded in two `n` times and opened again until every crease has the same interior angle. The
//! mathematics stands in the plugin's `README.md`. The flow: a [`Rule`](rule::Rule) says how the curve turns, a
//! [`Plane`](plane::Plane) what its points are (integers of a lattice where the angle has one), a
//! [`Curve`](curve::Curve) gives any vertex from the digits of its index, [`stream`] all of them in order. [`occupancy`]
//! counts visits on the square lattice by blocks of edges ([`planes`]), [`visits`] on any lattice by walking all segments.
//! [`crossings`] finds where a strip meets itself, [`facts`] measures, [`level`] knows what there is of a strip after some of
//! its folds, [`tables`] says what the rows and columns of tables are, and `run` puts the artifacts together.

pub mod crossings;
pub mod curve;
pub mod facts;
mod figures;
mod level;
pub mod occupancy;
mod outputs;
pub mod params;
mod picture;
pub mod plane;
pub mod planes;
pub mod rule;
mod run;
pub mod stream;
mod tables;
pub mod visits;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use params::DragonParams;

/// The analysis `dragon`: curves of repeatedly folded strips.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dragon;

impl Analysis for Dragon {
    type Params = DragonParams;

    fn identity(&self) -> Identity {
        Identity::built_in("dragon", 3)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Dragon curve"),
            summary: Localized::en(
                "A strip of paper is folded in two again and again, then opened. Its vertices are computed, exactly \
                 where they lie on a lattice, and what the curve visits twice, encloses and converges to is counted.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: "folds = 10\nangle = 90\n".into(),
        }
    }

    fn check(&self, params: &DragonParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &DragonParams) -> OutputSchema {
        outputs::schema(params)
    }

    fn outputs_kind(&self, params: &DragonParams) -> Option<u64> {
        Some(params.pixels.is_some().into())
    }

    fn figures(&self, params: &DragonParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &DragonParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
