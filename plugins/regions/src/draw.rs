//! What a run draws.

use octavo_plugin::{
    Column, ColumnType, Failure, Geometry, GeometryKind, Network, RunContext, Table, Value, math,
};

use crate::folds;
use crate::lines::{self, Line};
use crate::params::RegionsParams;
use crate::space::Space;
use crate::split::{Region, partition};

/// Number of colours for activation patterns.
const COLOURS: u64 = 12;

fn integer(value: u64) -> i64 {
    i64::try_from(value).expect("counts are far below 2^63")
}

fn integers(values: impl Iterator<Item = usize>) -> Vec<i64> {
    values.map(|value| integer(value as u64)).collect()
}

/// The regions as polygons.
pub(crate) fn regions(space: &Space, regions: &[Region]) -> Geometry {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    for region in regions {
        drawing.push(region.cell.iter().map(|corner| [corner.x, corner.y]));
    }
    drawing.attributes = attributes(space, regions);
    drawing
}

/// The first output over a line: a piece for each region, from left to right.
///
/// # Errors
/// If the output is not finite somewhere.
pub(crate) fn graph(space: &Space, regions: &[Region]) -> Result<Geometry, Failure> {
    let ends = |region: &Region| {
        let corners = region.cell.iter().map(|corner| corner.x);
        corners.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)])
    };
    let mut sorted: Vec<([f64; 2], &Region)> = regions.iter().map(|region| (ends(region), region)).collect();
    sorted.sort_by(|(one, _), (other, _)| (one[0] + one[1]).total_cmp(&(other[0] + other[1])));
    let mut drawing = Geometry::new(GeometryKind::Paths);
    for (ends, region) in &sorted {
        let points = ends.map(|x| [x, region.map[0].at(x, 0.0)]);
        if points.iter().any(|point| !point[1].is_finite()) {
            return Err(Failure::numeric("the output is too large for floats, so its graph cannot be drawn")
                .help("set `drawing = false`, or take smaller weights"));
        }
        drawing.push(points);
    }
    let regions: Vec<Region> = sorted.into_iter().map(|(_, region)| region.clone()).collect();
    drawing.attributes = attributes(space, &regions);
    Ok(drawing)
}

/// Floats that may have left their range.
fn floats(values: impl Iterator<Item = f64>) -> Column {
    let values: Vec<Value> = values.map(Value::from_f64).collect();
    Column::from_values(ColumnType::Float, &values).expect("floats and named values")
}

/// What is known of each region.
fn attributes(space: &Space, regions: &[Region]) -> Table {
    let first = |part: &dyn Fn(f64, f64) -> f64| {
        floats(regions.iter().map(|region| part(region.map[0].a, region.map[0].b)))
    };
    let value = |region: &Region| region.map[0].at(region.centre[0], region.centre[1]);
    Table::new()
        .with("region", integers(1..=regions.len()))
        .with("active", integers(regions.iter().map(|region| active(space, region))))
        .with("pattern", regions.iter().map(|region| integer(colour(space, region))).collect::<Vec<i64>>())
        .with("slope", first(&math::hypot))
        .with("angle", first(&|a, b| math::atan2(b, a)))
        .with("value", floats(regions.iter().map(value)))
        .with("area", regions.iter().map(|region| region.area).collect::<Vec<f64>>())
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

/// The partition after each layer that splits. `shift` layers come before those of the network.
///
/// # Errors
/// If the run is stopped, or there are too many regions.
pub(crate) fn by_layer(
    network: &Network,
    domain: [[f64; 2]; 2],
    shift: usize,
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    let (mut layers, mut actives, mut colours) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..network.layers.len() {
        let space = Space::new(&Network { layers: network.layers[..=index].to_vec() }, domain)?;
        if space.last_split != Some(index) {
            continue;
        }
        for region in partition(&space, context)?.regions {
            drawing.push(region.cell.iter().map(|corner| [corner.x, corner.y]));
            layers.push(integer((index + 1 - shift) as u64));
            actives.push(integer(active(&space, &region) as u64));
            colours.push(integer(colour(&space, &region)));
        }
    }
    drawing.attributes = Table::new().with("layer", layers).with("active", actives).with("pattern", colours);
    Ok(drawing)
}

/// The affine map of every output on every region.
pub(crate) fn maps(regions: &[Region]) -> Table {
    let each = || {
        regions
            .iter()
            .zip(1..)
            .flat_map(|(region, number)| region.map.iter().zip(1..).map(move |of| (number, of)))
    };
    let float = |part: &dyn Fn(&crate::form::Form) -> f64| floats(each().map(|(_, (form, _))| part(form)));
    Table::new()
        .with("region", integers(each().map(|(region, _)| region)))
        .with("output", integers(each().map(|(_, (_, output))| output)))
        .with("slope_x", float(&|form| form.a))
        .with("slope_y", float(&|form| form.b))
        .with("constant", float(&|form| form.c))
}

/// Where neurons change between on and off: lines as a whole, creases of networks piece by piece.
///
/// # Errors
/// If the run is stopped.
pub(crate) fn creases(
    params: &RegionsParams,
    space: &Space,
    regions: &[Region],
    lines: &[Line],
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let shift = i64::from(params.slice.is_some());
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
                layers.push(i64::from(corner.side.layer) + 1 - shift);
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

/// The facets in their folded places.
///
/// # Errors
/// If the run is stopped.
pub(crate) fn folded(
    space: &Space,
    regions: &[Region],
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
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
