//! Generators against their adversaries, in the plane.
//!
//! The mathematics stands in the README, which is also the analysis's documentation. The flow: [`params`] name a target and a
//! game; [`target`] draws what is real; [`duel`] plays the game, with the [`loss`]es of both sides and the adversaries of
//! [`critics`], until its [`budget`] of work is spent; [`judge`] holds what the generator makes against the target, and [`exam`]
//! the adversaries against subtle fakes; [`run`] makes the rows of the [`tables`] that [`outputs`] declares.

mod budget;
mod critics;
mod duel;
mod exam;
mod figures;
mod judge;
mod loss;
mod outputs;
mod params;
mod run;
mod tables;
mod target;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use params::{Dense, Loss, Opponent, Params, Shape, TargetSource};

/// The analysis `gan`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gan;

impl Analysis for Gan {
    type Params = Params;

    fn identity(&self) -> Identity {
        Identity::built_in("gan", 3)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("A generator and its adversaries"),
            summary: Localized::en(
                "Trains a small generator against one or several adversaries, or down the Sinkhorn divergence, on points of \
                 the plane, within a budget of counted work, and measures what it covers and what it misses.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: include_str!("../example.toml").into(),
        }
    }

    fn stochastic(&self, _params: &Params) -> bool {
        true
    }

    fn check(&self, params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &Params) -> OutputSchema {
        outputs::schema(params)
    }

    fn figures(&self, params: &Params) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
