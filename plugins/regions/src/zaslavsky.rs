//! The analysis `zaslavsky`: the most regions of hyperplanes, by the formula, in any dimension.

mod params;
mod table;

use indexmap::IndexMap;
use octavo_plugin::figure::{Dash, Figure, Layer, Mark, Marks, Tone};
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, RunContext, Translation,
};

use crate::figures::categorical;

pub use params::ZaslavskyParams;

/// The analysis `zaslavsky`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zaslavsky;

impl Analysis for Zaslavsky {
    type Params = ZaslavskyParams;

    fn identity(&self) -> Identity {
        Identity::built_in("zaslavsky", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Zaslavsky’s formula"),
            summary: Localized::en(
                "The most regions into which hyperplanes can cut a space of any dimension, as exact integers, beside \
                 the doubling of successive folds.",
            ),
            documentation: include_str!("../docs/zaslavsky.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/zaslavsky.fr.toml"),
                documentation: include_str!("../docs/zaslavsky.fr.md"),
            }],
            example: "folds = 1000\ndimensions = [2, 3, 47]\n".into(),
        }
    }

    fn outputs(&self, _params: &ZaslavskyParams) -> OutputSchema {
        OutputSchema::new().table("formulas", table::columns().schema())
    }

    fn outputs_kind(&self, _params: &ZaslavskyParams) -> Option<u64> {
        Some(0)
    }

    fn figures(&self, _params: &ZaslavskyParams) -> IndexMap<String, Figure> {
        IndexMap::from([("formulas".to_owned(), formulas())])
    }

    fn run(&self, params: &ZaslavskyParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let mut artifacts = Artifacts::new();
        artifacts.table("formulas", table::table(params));
        context.step(1, 1)?;
        Ok(artifacts)
    }
}

fn formulas() -> Figure {
    let mut figure = Figure::new("formulas", Mark::Line, "Regions of n folds, by dimension")
        .xy("n", "log10_regions")
        .color(categorical("dimension"));
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some("log10_doubling".into()),
        tone: Some(Tone::Ink),
        dash: Some(Dash::Dashed),
        label: Localized::en("2ⁿ"),
        ..Layer::default()
    });
    figure
}
