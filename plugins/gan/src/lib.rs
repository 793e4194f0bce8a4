//! Generators against their adversaries, in the plane.
//!
//! The mathematics stands in the README, which is also the analysis's documentation. The flow: [`params`] name a target and a
//! game; [`target`] draws what is real; [`duel`] plays the game, with the [`loss`]es of both sides and the adversaries of
//! [`critics`], until its [`budget`] of work is spent; [`judge`] holds what the generator makes against the target, and [`exam`]
//! the adversaries against subtle fakes; [`run`] writes what [`outputs`] declares.

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
mod target;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{About, Analysis, Artifacts, Failure, Localized, OutputSchema, Problem, RunContext};

pub use params::{Dense, Loss, Opponent, Params, Shape, TargetSource};

/// The analysis `gan`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gan;

impl Analysis for Gan {
    type Params = Params;

    fn about(&self) -> About {
        About {
            name: "gan",
            revision: 2,
            title: Localized::en_fr("A generator and its adversaries", "Un générateur et ses adversaires"),
            summary: Localized::en_fr(
                "Trains a small generator against one or several adversaries, or down the Sinkhorn divergence, on points of \
                 the plane, within a budget of counted work, and measures what it covers and what it misses.",
                "Entraîne un petit générateur contre un ou plusieurs adversaires, ou selon la divergence de Sinkhorn, sur des \
                 points du plan, dans un budget de travail compté, et mesure ce qu’il couvre et ce qui lui échappe.",
            ),
            documentation: include_str!("../README.md"),
            example: include_str!("../example.toml"),
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
