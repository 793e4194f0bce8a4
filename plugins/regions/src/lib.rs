//! Exact linear regions of ReLU networks, line arrangements and folded sheets in the plane.
//!
//! The flow: [`params`](RegionsParams) name a subject; `networks`, `lines` and `folds` make a network of it; `space`
//! prepares it; `split` makes tasks of the domain and `walk` cuts each into the cells on which every neuron is on or off,
//! with signs from `form` and `forms` (floats with a bound) or `symbolic` and `exact` (dyadic numbers); `survey` measures
//! cells as they come and `linear` joins those with one affine map; `run` writes artifacts, with `draw`, `boundary` and
//! `sampling`. Networks are read (`tensors`), trained (`training` on `samples` of `targets`), cut by a `slice` and
//! looked at (`portrait`).
//! `formula`, `bounds` and `arrangement` count without geometry, in any dimension.

mod arrangement;
mod boundary;
mod bounds;
mod cell;
mod data;
mod draw;
mod exact;
mod figures;
mod folds;
mod form;
mod forms;
mod formula;
mod linear;
mod lines;
mod networks;
mod outputs;
mod params;
mod portrait;
mod run;
mod samples;
mod sampling;
mod slice;
mod space;
mod split;
mod survey;
mod symbolic;
mod targets;
mod tensors;
mod training;
mod walk;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext,
};

pub use bounds::{hanin_rolnick, montufar_lower, raghu_upper, serra_upper};
pub use formula::{doubling, zaslavsky};
pub use params::{
    Arrangement, Crease, FoldNetwork, Folds, Formula, Lines, NetworkSource, Optimizer, Portrait,
    RandomNetwork, RegionsParams, Sampling, Slice, Target, TensorNetwork, TentNetwork, Trained,
};
pub use split::{RegionCounts, count_regions};

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
                 trained networks, lines in general position, and successive folds of a sheet.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[("fr", include_str!("../labels/fr.toml"))],
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
