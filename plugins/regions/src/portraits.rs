//! The analysis `portraits`: what the function of a network looks like, whatever its activations.

mod look;
mod params;

use indexmap::IndexMap;
use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::figure::{Figure, Mark, Palette};
use octavo_plugin::{
    About, Activation, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext,
    Translation,
};

use crate::figures::colored;
use crate::networks::parameters;
use crate::params::NetworkSource;
use crate::subject::{Subject, sliced, subject};

pub use params::PortraitsParams;

/// The analysis `portraits`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portraits;

impl Analysis for Portraits {
    type Params = PortraitsParams;

    fn identity(&self) -> Identity {
        Identity::built_in("portraits", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Portraits of networks"),
            summary: Localized::en(
                "Looks at the function of a network with any activation on a grid of points: its graph over a line, a \
                 picture over the plane, and how much it wavers.",
            ),
            documentation: include_str!("../docs/portraits.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/portraits.fr.toml"),
                documentation: include_str!("../docs/portraits.fr.md"),
            }],
            example: "network = { widths = [2, 48, 48, 1] }\npoints = 128\nactivation = \"tanh\"\n".into(),
        }
    }

    fn stochastic(&self, params: &PortraitsParams) -> bool {
        params.view().stochastic()
    }

    fn check(&self, params: &PortraitsParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &PortraitsParams) -> OutputSchema {
        outputs(params)
    }

    fn outputs_kind(&self, params: &PortraitsParams) -> Option<u64> {
        Some((params.view().dimension() == 2).into())
    }

    fn figures(&self, params: &PortraitsParams) -> IndexMap<String, Figure> {
        IndexMap::from([("portrait".to_owned(), portrait(params))])
    }

    fn run(&self, params: &PortraitsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let Subject { mut network, domain, .. } = subject(params.view(), context)?;
        if matches!(params.network, NetworkSource::Random(_)) {
            for layer in &mut network.layers {
                layer.weights.iter_mut().for_each(|weight| *weight *= params.gain);
                if layer.activation == Activation::Relu {
                    layer.activation = params.activation;
                }
            }
        }
        let sliced = sliced(params.view(), &network, context)?;
        let neurons: usize = network.layers.iter().rev().skip(1).map(|layer| layer.outputs).sum();
        let mut artifacts = Artifacts::new();
        artifacts.scalar("neurons", neurons).scalar("parameters", parameters(&network));
        let dimension = params.view().dimension();
        look::draw(&mut artifacts, &sliced, domain, dimension, params.points, context)?;
        context.step(1, 1)?;
        Ok(artifacts)
    }
}

fn outputs(params: &PortraitsParams) -> OutputSchema {
    let outputs = OutputSchema::new()
        .scalar("neurons", Integer, "", "hidden neurons")
        .scalar("parameters", Integer, "", "weights and biases")
        .scalar("crossings", Float, "", "crossings of the median along a line of the grid, mean")
        .scalar(
            "variation",
            Float,
            "",
            "ascents and descents along a line of the grid, over the whole range, mean",
        );
    if params.view().dimension() == 2 {
        let about = "The share of the points at which the first output is smaller";
        return outputs.raster("portrait", about, "", "share of lower points");
    }
    outputs.table("graph", look::graph().schema())
}

/// The first output, as points or as a picture.
fn portrait(params: &PortraitsParams) -> Figure {
    if params.view().dimension() == 1 {
        return Figure::new("graph", Mark::Line, "The output along the line").xy("x", "value");
    }
    Figure::new("portrait", Mark::Image, "The output over the plane")
        .color(colored("value", Palette::Sequential))
        .geometry()
}
