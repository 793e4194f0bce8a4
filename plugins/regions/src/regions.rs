//! The analysis `regions`: the linear regions of a ReLU network.

mod boundary;
mod figures;
mod outputs;
mod params;
mod run;
mod sampling;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

pub use params::{RegionsParams, Sampling};

/// The analysis `regions`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Regions;

impl Analysis for Regions {
    type Params = RegionsParams;

    fn identity(&self) -> Identity {
        Identity::built_in("regions", 3)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Linear regions"),
            summary: Localized::en(
                "Counts exactly, and draws, the regions on which a ReLU network is affine: random, constructed and \
                 trained networks, and networks from files.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/regions.fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: "network = { widths = [2, 16, 16, 1], init = \"he\", bias_sd = 0.1 }\n\
                      domain = [[-1, -1], [1, 1]]\n"
                .into(),
        }
    }

    fn stochastic(&self, params: &RegionsParams) -> bool {
        params.stochastic()
    }

    fn check(&self, params: &RegionsParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &RegionsParams) -> OutputSchema {
        outputs::outputs(params)
    }

    fn figures(&self, params: &RegionsParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &RegionsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
