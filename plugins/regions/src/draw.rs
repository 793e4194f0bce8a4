//! What a run draws.

use octavo_plugin::{Failure, Geometry, GeometryKind, Network, Rows, RunContext, Value, math};

use crate::affine::Form;
use crate::cell::Corner;
use crate::space::Space;
use crate::split::{Region, partition};

/// Number of colours for activation patterns.
const COLOURS: u64 = 12;

/// What is known of a region.
pub(crate) struct Facts {
    number: usize,
    active: usize,
    pattern: u64,
    /// The first output.
    form: Form,
    value: f64,
    area: f64,
}

impl Facts {
    fn of(space: &Space, region: &Region, number: usize) -> Self {
        let form = region.map[0];
        Self {
            number,
            active: active(space, region),
            pattern: colour(space, region),
            form,
            value: form.at(region.centre[0], region.centre[1]),
            area: region.area,
        }
    }

    /// What is known of each region, numbered from 1.
    fn all<'a>(space: &Space, regions: impl IntoIterator<Item = &'a Region>) -> Vec<Self> {
        regions.into_iter().zip(1..).map(|(region, number)| Self::of(space, region, number)).collect()
    }
}

/// The attributes of regions as polygons, or as pieces of a graph. Floats may have left their range.
pub(crate) fn region_rows() -> Rows<Facts> {
    Rows::<Facts>::new("The activation regions")
        .integer("region", "region", |facts| facts.number)
        .integer("active", "neurons that are on", |facts| facts.active)
        .integer("pattern", "colour of the activation pattern", |facts| facts.pattern)
        .float("slope", "slope of the first output", |facts| {
            Value::from(math::hypot(facts.form.a, facts.form.b))
        })
        .float("angle", "direction of the slope", |facts| {
            Value::from(math::atan2(facts.form.b, facts.form.a))
        })
        .unit("rad")
        .float("value", "first output in the middle", |facts| Value::from(facts.value))
        .float("area", "area", |facts| facts.area)
}

/// The regions as polygons.
pub(crate) fn regions(space: &Space, regions: &[Region]) -> Geometry {
    let mut drawing = Geometry::new(GeometryKind::Polygons);
    for region in regions {
        drawing.push(region.cell.iter().map(|corner| [corner.x, corner.y]));
    }
    drawing.attributes = region_rows().table(&Facts::all(space, regions));
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
    let regions = sorted.into_iter().map(|(_, region)| region);
    drawing.attributes = region_rows().table(&Facts::all(space, regions));
    Ok(drawing)
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

/// A region after a layer.
pub(crate) struct OfLayer {
    layer: usize,
    active: usize,
    pattern: u64,
}

/// The attributes of the regions after each layer.
pub(crate) fn by_layer_rows() -> Rows<OfLayer> {
    Rows::<OfLayer>::new("The regions after each layer")
        .integer("layer", "layer", |row| row.layer)
        .integer("active", "neurons that are on", |row| row.active)
        .integer("pattern", "colour of the activation pattern", |row| row.pattern)
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
    let mut rows = Vec::new();
    for index in 0..network.layers.len() {
        let space = Space::new(&Network { layers: network.layers[..=index].to_vec() }, domain)?;
        if space.last_split != Some(index) {
            continue;
        }
        for region in partition(&space, context)?.regions {
            drawing.push(region.cell.iter().map(|corner| [corner.x, corner.y]));
            let (active, pattern) = (active(&space, &region), colour(&space, &region));
            rows.push(OfLayer { layer: index + 1 - shift, active, pattern });
        }
    }
    drawing.attributes = by_layer_rows().table(&rows);
    Ok(drawing)
}

/// The affine map of an output on a region, both numbered from 1.
pub(crate) struct Map {
    region: usize,
    output: usize,
    form: Form,
}

impl Map {
    /// The affine map of every output on every region.
    pub(crate) fn all(regions: &[Region]) -> Vec<Self> {
        let of = |(region, number): (&Region, usize)| {
            let forms = region.map.iter().zip(1..);
            forms.map(|(form, output)| Self { region: number, output, form: *form }).collect::<Vec<_>>()
        };
        regions.iter().zip(1..).flat_map(of).collect()
    }
}

/// The table `maps`.
pub(crate) fn maps() -> Rows<Map> {
    Rows::<Map>::new("The affine map of an output on a region")
        .integer("region", "region", |map| map.region)
        .integer("output", "output", |map| map.output)
        .float("slope_x", "slope in x", |map| Value::from(map.form.a))
        .float("slope_y", "slope in y", |map| Value::from(map.form.b))
        .float("constant", "constant", |map| Value::from(map.form.c))
}

/// A piece of a crease, or a whole one: its layer and neuron, from 1, and what an analysis has to say of it.
pub(crate) struct Crease<T> {
    pub(crate) layer: usize,
    pub(crate) neuron: usize,
    pub(crate) more: T,
}

/// The attributes of creases, their layers called `label`.
pub(crate) fn crease_rows<T>(label: &str) -> Rows<Crease<T>> {
    Rows::<Crease<T>>::new("Where neurons change between on and off")
        .integer("layer", label, |crease| crease.layer)
        .integer("neuron", "neuron", |crease| crease.neuron)
}

/// The creases piece by piece: each is a side of one region where its neuron is on, from one corner to the next.
fn pieces<'a>(space: &'a Space, regions: &'a [Region]) -> impl Iterator<Item = (&'a Region, [Corner; 2])> {
    let sides = |region: &'a Region| {
        let next = region.cell.iter().cycle().skip(1);
        region.cell.iter().zip(next).map(move |(from, to)| (region, [*from, *to]))
    };
    let is_piece = |(region, [from, _]): &(&Region, [Corner; 2])| {
        !from.side.is_border() && region.is_on(space, from.side)
    };
    regions.iter().flat_map(sides).filter(is_piece)
}

/// Where neurons change between on and off, and what there is to say of a region's side that begins at a corner. `shift` layers
/// come before those of the network.
pub(crate) fn creases<T>(
    space: &Space,
    regions: &[Region],
    shift: usize,
    columns: &Rows<Crease<T>>,
    more: impl Fn(&Region, Corner) -> T,
) -> Geometry {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let mut rows = Vec::new();
    for (region, [from, to]) in pieces(space, regions) {
        drawing.push([[from.x, from.y], [to.x, to.y]]);
        rows.push(Crease {
            layer: from.side.layer as usize + 1 - shift,
            neuron: from.side.neuron as usize + 1,
            more: more(region, from),
        });
    }
    drawing.attributes = columns.table(&rows);
    drawing
}
