//! What a run draws.

use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::{
    Column, Failure, Geometry, GeometryKind, Network, RunContext, Table, TableSchema, Value, math,
};

use crate::cell::Corner;
use crate::space::Space;
use crate::split::{Region, partition};

/// Number of colours for activation patterns.
const COLOURS: u64 = 12;

/// A count as tables hold it.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).expect("counts are far below 2^63")
}

/// Counts as a column.
pub(crate) fn integers(values: impl Iterator<Item = usize>) -> Vec<i64> {
    values.map(|value| integer(value as u64)).collect()
}

/// The attributes of regions as polygons, or as pieces of a graph.
pub(crate) fn regions_declared() -> TableSchema {
    TableSchema::new("The activation regions")
        .column("region", Integer, "", "region")
        .column("active", Integer, "", "neurons that are on")
        .column("pattern", Integer, "", "colour of the activation pattern")
        .column("slope", Float, "", "slope of the first output")
        .column("angle", Float, "rad", "direction of the slope")
        .column("value", Float, "", "first output in the middle")
        .column("area", Float, "", "area")
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
    Column::from_values(Float, &values).expect("floats and named values")
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

/// The table `maps`.
pub(crate) fn maps_declared() -> TableSchema {
    TableSchema::new("The affine map of an output on a region")
        .column("region", Integer, "", "region")
        .column("output", Integer, "", "output")
        .column("slope_x", Float, "", "slope in x")
        .column("slope_y", Float, "", "slope in y")
        .column("constant", Float, "", "constant")
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

/// The attributes of creases, their layers called `label`.
pub(crate) fn creases_declared(label: &str) -> TableSchema {
    TableSchema::new("Where neurons change between on and off")
        .column("layer", Integer, "", label)
        .column("neuron", Integer, "", "neuron")
}

/// The creases piece by piece: each is a side of one region where its neuron is on, from one corner to the next.
pub(crate) fn pieces<'a>(
    space: &'a Space,
    regions: &'a [Region],
) -> impl Iterator<Item = (&'a Region, [Corner; 2])> {
    let sides = |region: &'a Region| {
        let next = region.cell.iter().cycle().skip(1);
        region.cell.iter().zip(next).map(move |(from, to)| (region, [*from, *to]))
    };
    let is_piece = |(region, [from, _]): &(&Region, [Corner; 2])| {
        !from.side.is_border() && region.is_on(space, from.side)
    };
    regions.iter().flat_map(sides).filter(is_piece)
}

/// Where neurons change between on and off. `shift` layers come before those of the network.
pub(crate) fn creases(space: &Space, regions: &[Region], shift: usize) -> Geometry {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let (mut layers, mut neurons) = (Vec::new(), Vec::new());
    for (_, [from, to]) in pieces(space, regions) {
        drawing.push([[from.x, from.y], [to.x, to.y]]);
        layers.push(integer(u64::from(from.side.layer) + 1 - shift as u64));
        neurons.push(integer(u64::from(from.side.neuron) + 1));
    }
    drawing.attributes = Table::new().with("layer", layers).with("neuron", neurons);
    drawing
}
