//! The analysis `arrangement`: random hyperplanes in any dimension, their regions counted beside the formula.

mod count;
mod params;

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Layer, Mark, Marks};
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, RunContext, Translation,
};

use crate::figures::{categorical, log};

pub use params::ArrangementParams;

/// The analysis `arrangement`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrangement;

impl Analysis for Arrangement {
    type Params = ArrangementParams;

    fn identity(&self) -> Identity {
        Identity::built_in("arrangement", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Arrangements of hyperplanes"),
            summary: Localized::en(
                "Counts exactly the regions of random hyperplanes in any dimension, beside Zaslavsky’s formula.",
            ),
            documentation: include_str!("../docs/arrangement.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/arrangement.fr.toml"),
                documentation: include_str!("../docs/arrangement.fr.md"),
            }],
            example: "hyperplanes = 12\ndimensions = [2, 3, 1000]\n".into(),
        }
    }

    fn stochastic(&self, _params: &ArrangementParams) -> bool {
        true
    }

    fn outputs(&self, _params: &ArrangementParams) -> OutputSchema {
        OutputSchema::new().table("arrangements", count::columns().schema())
    }

    fn figures(&self, _params: &ArrangementParams) -> IndexMap<String, Figure> {
        IndexMap::from([("arrangements".to_owned(), arrangements())])
    }

    fn run(&self, params: &ArrangementParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let mut artifacts = Artifacts::new();
        artifacts.table("arrangements", count::columns().table(&count::counted(params, context)?));
        context.step(1, 1)?;
        Ok(artifacts)
    }
}

/// Regions counted, and the formula.
fn arrangements() -> Figure {
    let mut figure = Figure::new("arrangements", Mark::Point, "Regions of random hyperplanes")
        .xy("n", log("counted"))
        .color(categorical("dimension"));
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some(log("zaslavsky").into()),
        ..Layer::default()
    });
    figure
}
