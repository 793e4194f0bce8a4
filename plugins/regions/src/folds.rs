//! The analysis `folds`: a sheet of paper is folded again and again, and its facets are counted.

mod figures;
mod outputs;
mod params;
mod sheet;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Geometry, GeometryKind, Identity, Localized, OutputSchema, Problem,
    RunContext, Table,
};

use crate::draw::{self, integers};
use crate::measure;
use crate::space::Space;
use crate::split::Region;
use crate::survey::Survey;

pub use params::{Crease, FoldsParams};

/// The analysis `folds`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folds;

impl Analysis for Folds {
    type Params = FoldsParams;

    fn identity(&self) -> Identity {
        Identity::built_in("folds", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Successive folds"),
            summary: Localized::en(
                "Folds a sheet of paper again and again, counts its facets exactly, and draws the creases and the \
                 folded sheet.",
            ),
            documentation: include_str!("../docs/folds.md").into(),
            translations: &[("fr", include_str!("../labels/folds.fr.toml"))],
            example: "count = 8\ncrease = \"centroid\"\n".into(),
        }
    }

    fn stochastic(&self, params: &FoldsParams) -> bool {
        params.crease == Crease::Centroid
    }

    fn check(&self, params: &FoldsParams) -> Vec<Problem> {
        params.problems()
    }

    fn outputs(&self, params: &FoldsParams) -> OutputSchema {
        outputs::outputs(params)
    }

    fn figures(&self, params: &FoldsParams) -> IndexMap<String, Figure> {
        figures::figures(params)
    }

    fn run(&self, params: &FoldsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let network = sheet::network(params, context)?;
        let space = Space::new(&network, params.domain)?;
        let survey = measure::surveyed(&space, params.drawing, context)?;
        let mut artifacts = Artifacts::new();
        measure::scalars(&mut artifacts, &network, &space, &survey, 2);
        artifacts
            .table("layers", measure::layers(&space, &survey, 0))
            .table("steps", measure::steps(&steps(&survey)));
        if params.maps {
            artifacts.table("maps", draw::maps(&survey.regions));
        }
        if params.drawing {
            artifacts
                .drawing("partition", draw::regions(&space, &survey.regions))
                .drawing("creases", creases(&space, &survey.regions))
                .drawing("folded", folded(&space, &survey.regions, context)?);
        }
        context.step(1, 1)?;
        Ok(artifacts)
    }
}

/// Number of facets after each fold, and how many facets it creases.
fn steps(survey: &Survey) -> Vec<(u64, u64)> {
    let step = |before: &mut u64, (_, after): &(usize, u64)| {
        let crossed = after - *before;
        *before = *after;
        Some((*after, crossed))
    };
    survey.after.iter().scan(1, step).collect()
}

/// The creases of the unfolded sheet, and which of them are valleys.
fn creases(space: &Space, regions: &[Region]) -> Geometry {
    let mut drawing = draw::creases(space, regions, 0);
    let valley = |(region, [from, _]): (&Region, [crate::cell::Corner; 2])| {
        sheet::face_up(space, region, from.side.layer as usize)
    };
    let valleys: Vec<bool> = draw::pieces(space, regions).map(valley).collect();
    drawing.attributes = drawing.attributes.with("valley", valleys);
    drawing
}

/// The facets in their folded places.
///
/// # Errors
/// If the run is stopped.
fn folded(space: &Space, regions: &[Region], context: &RunContext<'_>) -> Result<Geometry, Failure> {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    for region in regions {
        drawing.push(region.cell.iter().map(|corner| sheet::folded(region, [corner.x, corner.y])));
    }
    let folds = space.stages.len() - 1;
    let upper: Vec<bool> = regions.iter().map(|region| sheet::face_up(space, region, folds)).collect();
    drawing.attributes = Table::new()
        .with("facet", integers(1..=regions.len()))
        .with("layers", sheet::layers_of_paper(regions, context)?)
        .with("upper", upper);
    Ok(drawing)
}
