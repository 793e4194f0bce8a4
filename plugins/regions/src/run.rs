//! From parameters to artifacts.

use num_bigint::BigInt;
use octavo_plugin::{
    Artifacts, Failure, FailureKind, Geometry, GeometryKind, Network, RunContext, Table, math,
};

use crate::folds;
use crate::formula::{self, doubling, layered_bound, zaslavsky};
use crate::lines::{self, Line};
use crate::networks;
use crate::outputs::has_panels;
use crate::params::RegionsParams;
use crate::space::Space;
use crate::split::Region;
use crate::survey::{Survey, survey};

/// Most regions that are drawn.
const MOST_DRAWN: u64 = 200_000;

/// Number of colours for activation patterns.
const COLOURS: u64 = 12;

/// Runs the analysis.
///
/// # Errors
/// If an input is no network of the kind, the run is stopped, or there are too many regions.
pub(crate) fn run(params: &RegionsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    context.step(0, 1)?;
    let mut artifacts = Artifacts::new();
    if let Some(formula) = &params.formula {
        artifacts.table("formulas", formula::table(formula));
        context.step(1, 1)?;
        return Ok(artifacts);
    }
    let Subject { network, lines } = subject(params, context)?;
    let space = Space::new(&network, params.domain)?;
    let survey = survey(&space, context, params.drawing.then_some(MOST_DRAWN)).map_err(|failure| {
        if params.drawing && failure.kind == FailureKind::Resource {
            failure.help("set `drawing = false` to count more regions than can be drawn")
        } else {
            failure
        }
    })?;
    scalars(&mut artifacts, &network, &space, &survey);
    artifacts.table("layers", layers(&space, &survey));
    if params.lines.is_some() {
        artifacts.table("steps", steps(&lines::steps(&survey)));
    } else if params.folds.is_some() {
        artifacts.table("steps", steps(&fold_steps(&survey)));
    }
    if params.drawing {
        artifacts.drawing("partition", draw_partition(&space, &survey.regions));
        artifacts.drawing("creases", draw_creases(params, &space, &survey.regions, &lines, context)?);
    }
    if params.drawing && params.folds.is_some() {
        artifacts.drawing("folded", draw_folded(&space, &survey.regions, context)?);
    }
    if has_panels(params) {
        let panels = lines::panels(&lines, params.domain, context)?;
        artifacts.table("labels", panels.labels);
        artifacts.drawing("panels", panels.cells).drawing("panel_lines", panels.lines);
    }
    Ok(artifacts)
}

/// What is split: always a network, and the lines it was made of if it was.
struct Subject {
    network: Network,
    lines: Vec<Line>,
}

fn subject(params: &RegionsParams, context: &RunContext<'_>) -> Result<Subject, Failure> {
    let domain = params.domain;
    if let Some(lines) = &params.lines {
        let lines = lines::random(lines, domain, &mut context.stream("lines"));
        return Ok(Subject { network: lines::network(&lines), lines });
    }
    let network = match (&params.network, &params.folds) {
        (Some(source), _) => networks::network(source, domain, context)?,
        (None, Some(folds)) => folds::network(folds, domain, context)?,
        (None, None) => {
            return Err(Failure::user("there is no subject")
                .help("give exactly one of `network`, `lines`, `folds` and `formula`"));
        }
    };
    Ok(Subject { network, lines: Vec::new() })
}

fn scalars(artifacts: &mut Artifacts, network: &Network, space: &Space, survey: &Survey) {
    let [area, integral, energy] = survey.sums.values();
    let widths: Vec<usize> =
        space.stages.iter().filter(|stage| stage.splits()).map(|stage| stage.layer.outputs).collect();
    let neurons: usize = widths.iter().sum();
    let parameters: usize = network.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum();
    artifacts
        .scalar("activation_regions", survey.count)
        .scalar("linear_regions", survey.linear.linear_regions)
        .scalar("affine_functions", survey.linear.affine_functions)
        .scalar("area", area)
        .scalar("integral", integral)
        .scalar("gradient_energy", energy)
        .scalar("neurons", neurons)
        .scalar("parameters", parameters)
        .scalar("zaslavsky", zaslavsky(neurons, 2))
        .scalar("layered_bound", layered_bound(&widths))
        .scalar("exact_decisions", survey.exact_decisions);
}

fn integer(value: u64) -> i64 {
    i64::try_from(value).expect("counts are far below 2^63")
}

fn integers(values: impl Iterator<Item = usize>) -> Vec<i64> {
    values.map(|value| integer(value as u64)).collect()
}

fn layers(space: &Space, survey: &Survey) -> Table {
    let after = &survey.after;
    Table::new()
        .with("layer", integers(after.iter().map(|(index, _)| index + 1)))
        .with("neurons", integers(after.iter().map(|(index, _)| space.stages[*index].layer.outputs)))
        .with("activation_regions", after.iter().map(|(_, count)| integer(*count)).collect::<Vec<i64>>())
}

/// Number of facets after each fold, and how many facets it creases.
fn fold_steps(survey: &Survey) -> Vec<(u64, u64)> {
    let step = |before: &mut u64, (_, after): &(usize, u64)| {
        let crossed = after - *before;
        *before = *after;
        Some((*after, crossed))
    };
    survey.after.iter().scan(1, step).collect()
}

fn steps(steps: &[(u64, u64)]) -> Table {
    let numbers = || 1..=steps.len();
    Table::new()
        .with("n", integers(numbers()))
        .with("regions", steps.iter().map(|(regions, _)| integer(*regions)).collect::<Vec<i64>>())
        .with("crossed", steps.iter().map(|(_, crossed)| integer(*crossed)).collect::<Vec<i64>>())
        .with("parallel", numbers().map(|n| zaslavsky(n, 2)).collect::<Vec<BigInt>>())
        .with("doubling", numbers().map(doubling).collect::<Vec<BigInt>>())
}

fn draw_partition(space: &Space, regions: &[Region]) -> Geometry {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    for region in regions {
        drawing.push(region.cell.iter().map(|corner| [corner.x, corner.y]));
    }
    let first = |part: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        regions.iter().map(|region| part(region.map[0].a, region.map[0].b)).collect()
    };
    let value = |region: &Region| region.map[0].at(region.centre[0], region.centre[1]);
    drawing.attributes = Table::new()
        .with("region", integers(1..=regions.len()))
        .with("active", integers(regions.iter().map(|region| active(space, region))))
        .with("pattern", regions.iter().map(|region| integer(colour(space, region))).collect::<Vec<i64>>())
        .with("slope", first(&math::hypot))
        .with("angle", first(&|a, b| math::atan2(b, a)))
        .with("value", regions.iter().map(value).collect::<Vec<f64>>())
        .with("area", regions.iter().map(|region| region.area).collect::<Vec<f64>>());
    drawing
}

/// The patterns of the splitting layers, the last first.
fn patterns<'a>(space: &'a Space, region: &'a Region) -> impl Iterator<Item = &'a [u64]> {
    let splitting = space.stages.iter().rev().filter(|stage| stage.splits());
    splitting.map(|stage| &region.pattern[stage.words.clone()])
}

fn active(space: &Space, region: &Region) -> usize {
    patterns(space, region).flatten().map(|word| word.count_ones() as usize).sum()
}

/// A number below [`COLOURS`] that depends on the pattern alone and looks random.
fn colour(space: &Space, region: &Region) -> u64 {
    // FNV-1a over the words, folded once more so that high bits count.
    let hash = patterns(space, region).flatten().fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
        (hash ^ word ^ (word >> 29)).wrapping_mul(0x100_0000_01b3)
    });
    ((hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % COLOURS
}

fn draw_creases(
    params: &RegionsParams,
    space: &Space,
    regions: &[Region],
    lines: &[Line],
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let (mut layers, mut neurons, mut valleys) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let segment = lines::segment(*line, params.domain, context)?;
        drawing.push(segment);
        layers.push(1);
        neurons.push(integer(index as u64 + 1));
    }
    for region in regions.iter().filter(|_| lines.is_empty()) {
        for (index, corner) in region.cell.iter().enumerate() {
            // Each piece of a crease is a side of one region where its neuron is on.
            if !corner.side.is_border() && region.is_on(space, corner.side) {
                let end = region.cell[(index + 1) % region.cell.len()];
                drawing.push([[corner.x, corner.y], [end.x, end.y]]);
                layers.push(i64::from(corner.side.layer) + 1);
                neurons.push(i64::from(corner.side.neuron) + 1);
                valleys.push(folds::face_up(space, region, corner.side.layer as usize));
            }
        }
    }
    drawing.attributes = Table::new().with("layer", layers).with("neuron", neurons);
    if params.folds.is_some() {
        drawing.attributes = drawing.attributes.with("valley", valleys);
    }
    Ok(drawing)
}

fn draw_folded(space: &Space, regions: &[Region], context: &RunContext<'_>) -> Result<Geometry, Failure> {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    for region in regions {
        drawing.push(region.cell.iter().map(|corner| folds::folded(region, [corner.x, corner.y])));
    }
    let folds = space.stages.len() - 1;
    drawing.attributes = Table::new()
        .with("facet", integers(1..=regions.len()))
        .with("layers", folds::layers_of_paper(regions, context)?)
        .with(
            "upper",
            regions.iter().map(|region| folds::face_up(space, region, folds)).collect::<Vec<bool>>(),
        );
    Ok(drawing)
}
