//! The analysis `lines`: random lines cut a rectangle, or the plane, one after another.

mod figures;
mod outputs;
mod panels;
mod params;
mod random;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Geometry, GeometryKind, Identity, Localized, OutputSchema, Problem,
    RunContext, Translation,
};

use crate::draw::{self, Crease, crease_rows};
use crate::measure::{self, AfterLayer, Step};
use crate::space::Space;
use crate::survey::Survey;

pub use params::LinesParams;

/// The analysis `lines`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines;

impl Analysis for Lines {
    type Params = LinesParams;

    fn identity(&self) -> Identity {
        Identity::built_in("lines", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Random lines"),
            summary: Localized::en(
                "Counts exactly, and draws, the regions into which random lines cut a rectangle or the whole plane, \
                 one line at a time: the parallel folds of one layer.",
            ),
            documentation: include_str!("../docs/lines.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/lines.fr.toml"),
                documentation: include_str!("../docs/lines.fr.md"),
            }],
            example: "count = 5\nplane = true\n".into(),
        }
    }

    fn stochastic(&self, _params: &LinesParams) -> bool {
        true
    }

    fn check(&self, params: &LinesParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &LinesParams) -> OutputSchema {
        outputs::outputs(params)
    }

    fn outputs_kind(&self, params: &LinesParams) -> Option<u64> {
        Some(u64::from(params.has_panels()) + 2 * u64::from(params.drawing))
    }

    fn figures(&self, params: &LinesParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &LinesParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let lines = random::random(params, &mut context.stream("lines"));
        let network = random::network(&lines);
        let space = Space::new(&network, params.domain)?;
        let survey = measure::surveyed(&space, if params.drawing { &["partition"] } else { &[] }, context)?;
        let mut artifacts = Artifacts::new();
        measure::scalars(&mut artifacts, &network, &space, &survey, 2);
        artifacts
            .table("layers", measure::layers().table(&AfterLayer::all(&space, &survey, 0)))
            .table("steps", measure::steps().table(&steps(&survey)));
        if params.drawing {
            artifacts
                .drawing("partition", draw::regions(&space, &survey.regions))
                .drawing("creases", whole(&lines, params, context)?);
        }
        if params.has_panels() {
            let panels = panels::panels(&lines, params.domain, context)?;
            artifacts.table("labels", panels.labels);
            artifacts.drawing("panels", panels.cells).drawing("panel_lines", panels.lines);
        }
        context.step(1, 1)?;
        Ok(artifacts)
    }
}

/// The lines within the domain, each as a whole.
///
/// # Errors
/// If the run is stopped.
fn whole(
    lines: &[random::Line],
    params: &LinesParams,
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    for line in lines {
        drawing.push(panels::segment(*line, params.domain, context)?);
    }
    let creases: Vec<Crease<()>> =
        (1..=lines.len()).map(|neuron| Crease { layer: 1, neuron, more: () }).collect();
    drawing.attributes = crease_rows("layer").table(&creases);
    Ok(drawing)
}

/// Number of regions after each line, and how many regions of the earlier lines it crosses.
fn steps(survey: &Survey) -> Vec<Step> {
    let count = |regions: &mut u64, (n, cuts): (usize, &u64)| {
        *regions += cuts;
        Some(Step { n, regions: *regions, crossed: *cuts })
    };
    (1..).zip(&survey.cuts).scan(1, count).collect()
}
