//! Entropic and exact optimal transport between two weighted point sets.
//!
//! The mathematics stands in the README, which is also the analysis's documentation. The flow: [`params`] name two
//! measures; [`measure`] brings them into canonical form; [`exact`] and [`divergence`] compare them without entropy;
//! [`entropic`] lets [`solver`], which picks between [`alternation`] and [`newton`], solve the [`dual`] of the [`problem`] in
//! double-double, or [`floats`] in memory of the order of the points where pairs are many; all of them share [`iteration`]. The method
//! `auto` is [`chosen`]: a [`descent`] by [`passes`] over [`tiles`], whose kernels are those of a [`panel`] and whose terms may be kept ([`frozen`]), of
//! costs that are written row by row ([`pairwise`]), and over the cells of a [`line`] where points are close together.
//! [`run`] makes the rows of the [`tables`] that [`outputs`] declares. Other crates call [`cloud`], on the half-steps of [`stream`], and
//! [`grid`].

mod alternation;
mod anderson;
mod chosen;
mod cloud;
mod cost;
mod curve;
mod descent;
mod divergence;
mod double;
mod dual;
mod entropic;
mod exact;
mod exponentials;
mod figures;
mod floats;
mod frozen;
mod grid;
mod interpolation;
mod iteration;
mod kept;
mod laplacian;
mod line;
mod measure;
mod measure_params;
mod newton;
mod outputs;
mod pairwise;
mod panel;
mod params;
mod passes;
mod pricing;
mod problem;
mod run;
mod simplex;
mod solver;
mod stream;
mod sweep;
mod tables;
mod tiles;
mod view;

use indexmap::IndexMap;
use octavo_plugin::analysis::Problem;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, RunContext, Translation,
};

pub use cloud::{
    Cloud, Potentials, SinkhornDivergence, sinkhorn_divergence, transport, transport_scaled,
    wasserstein_squared,
};
pub use floats::{Entropic, Options};
pub use grid::{Grid, grid_transport};
pub use measure::blobs;
pub use measure_params::{Blob, Bump, Measured, Rows, Shift};
pub use params::{Cost, CostName, Method, Params};

/// The analysis `sinkhorn`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sinkhorn;

impl Analysis for Sinkhorn {
    type Params = Params;

    fn identity(&self) -> Identity {
        Identity::built_in("sinkhorn", 8)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Optimal transport, with and without entropy"),
            summary: Localized::en(
                "What it costs to turn one distribution into another: Wasserstein distances exactly, entropic transport \
                 and the Sinkhorn divergence to the accuracy of floats, and the divergences that compare place by place.",
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
        params.source.random() || params.target.random()
    }

    fn check(&self, params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &Params) -> OutputSchema {
        outputs::schema(params)
    }

    fn figures(&self, _params: &Params) -> IndexMap<String, Figure> {
        figures::figures()
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        run::run(params, context)
    }
}
