//! The analysis `folds`: a sheet of paper is folded again and again, and its facets are counted.

mod figures;
mod outputs;
mod params;
mod sheet;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Geometry, GeometryKind, Identity, Localized, OutputSchema, Problem,
    RunContext, Translation,
};

use crate::cell::Corner;
use crate::draw::{self, Map};
use crate::measure::{self, AfterLayer, Step};
use crate::space::Space;
use crate::split::Region;
use crate::survey::Survey;

use outputs::Facet;
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
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/folds.fr.toml"),
                documentation: include_str!("../docs/folds.fr.md"),
            }],
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
        let survey = measure::surveyed(&space, if params.drawing { &DRAWN } else { &[] }, context)?;
        let mut artifacts = Artifacts::new();
        measure::scalars(&mut artifacts, &network, &space, &survey, 2);
        artifacts
            .table("layers", measure::layers().table(&AfterLayer::all(&space, &survey, 0)))
            .table("steps", measure::steps().table(&steps(&survey)));
        if params.maps {
            artifacts.table("maps", draw::maps().table(&Map::all(&survey.regions)));
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

/// What facets are kept for.
const DRAWN: [&str; 4] = ["partition", "creases", "folded", "maps"];

/// Number of facets after each fold, and how many facets it creases.
fn steps(survey: &Survey) -> Vec<Step> {
    let step = |before: &mut u64, (n, (_, after)): (usize, &(usize, u64))| {
        let crossed = after - *before;
        *before = *after;
        Some(Step { n, regions: *after, crossed })
    };
    (1..).zip(&survey.after).scan(1, step).collect()
}

/// The creases of the unfolded sheet, and which of them are valleys.
fn creases(space: &Space, regions: &[Region]) -> Geometry {
    let valley = |region: &Region, from: Corner| sheet::face_up(space, region, from.side.layer as usize);
    draw::creases(space, regions, 0, &outputs::creases(), valley)
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
    let layers = sheet::layers_of_paper(regions, context)?;
    let facet = |((region, layers), number): ((&Region, usize), usize)| Facet {
        number,
        layers,
        upper: sheet::face_up(space, region, folds),
    };
    let facets: Vec<Facet> = regions.iter().zip(layers).zip(1..).map(facet).collect();
    drawing.attributes = outputs::folded().table(&facets);
    Ok(drawing)
}
