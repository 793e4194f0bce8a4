//! Ways of telling two images apart, or two sets of images.
//!
//! The mathematics stands in the README, which is also the analysis's documentation. The flow: [`params`] name two things
//! to compare; [`thing`] makes them ([`picture`]s) and [`change`] alters a copy; [`run`] turns both into weighted points, lets the
//! analysis `sinkhorn` compare those, and keeps what [`outputs`] declares.

mod change;
mod figures;
mod outputs;
mod params;
mod picture;
mod read;
mod run;
mod thing;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use octavo_sinkhorn::Blob;
pub use params::{Changes, Params, Thing};

/// The analysis `divergence`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Divergence;

impl Analysis for Divergence {
    type Params = Params;

    fn identity(&self) -> Identity {
        Identity::built_in("divergence", 3)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Telling two images apart"),
            summary: Localized::en(
                "Kullback–Leibler both ways, Jensen–Shannon, total variation, Hellinger, Wasserstein and Sinkhorn between \
                 two histograms, two images or two sets of images, and after defects, noise and shifts.",
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

    fn stochastic(&self, params: &Params) -> bool {
        params.random()
    }

    fn check(&self, params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, _params: &Params) -> OutputSchema {
        outputs::schema()
    }

    fn outputs_kind(&self, _params: &Params) -> Option<u64> {
        Some(0)
    }

    fn figures(&self, _params: &Params) -> IndexMap<String, Figure> {
        figures::figures()
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
