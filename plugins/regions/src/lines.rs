//! Random lines in general position: the parallel folds of one layer.

use octavo_plugin::{
    Activation, Column, Drawing, Failure, Geometry, GeometryKind, Network, RunContext, Stream, Table,
};

use crate::cell::Corner;
use crate::networks::layer;
use crate::params::Lines;
use crate::space::{Side, Space};
use crate::split::{Region, partition};
use crate::survey::Survey;

/// The line a·x + b·y + c = 0, with (a, b) of length 1.
pub(crate) type Line = [f64; 3];

/// Most lines for which every step is drawn in a panel of its own.
pub(crate) const MOST_PANELS: usize = 16;

/// Number of random arrangements from which a legible one is taken, if few lines are drawn.
const CANDIDATES: usize = 64;

/// Random lines. In the whole plane (`plane`) they are moved and scaled until all meeting points lie in the domain, and of
/// several arrangements of few lines the one with the most room between these points is taken; else every line crosses the
/// domain, at a uniform angle and distance.
pub(crate) fn random(lines: &Lines, domain: [[f64; 2]; 2], stream: &mut Stream) -> Vec<Line> {
    if !lines.plane {
        return (0..lines.count).map(|_| through(domain, stream)).collect();
    }
    let candidates = if lines.count <= MOST_PANELS { CANDIDATES } else { 1 };
    let mut best: Option<(f64, Vec<Line>)> = None;
    for _ in 0..candidates {
        let arrangement = fitted(spread(lines.count, stream), domain);
        let room = if candidates > 1 { room(&arrangement) } else { 0.0 };
        if best.as_ref().is_none_or(|(most, _)| room > *most) {
            best = Some((room, arrangement));
        }
    }
    best.expect("there is at least one candidate").1
}

/// A line across the domain.
fn through([low, high]: [[f64; 2]; 2], stream: &mut Stream) -> Line {
    let (b, a) = octavo_plugin::math::sin_cos(stream.between(0.0, std::f64::consts::TAU));
    let corners = [low, [high[0], low[1]], high, [low[0], high[1]]].map(|[x, y]| a * x + b * y);
    let (near, far) =
        corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(n, f), &d| (d.min(n), d.max(f)));
    [a, b, -stream.between(near, far)]
}

/// Lines at angles that are spread over the half circle, each jittered, in random order.
fn spread(count: usize, stream: &mut Stream) -> Vec<Line> {
    #[expect(clippy::cast_precision_loss, reason = "few lines")]
    let step = std::f64::consts::PI / count as f64;
    let turn = stream.uniform();
    #[expect(clippy::cast_precision_loss, reason = "few lines")]
    let mut angles: Vec<f64> =
        (0..count).map(|index| step * (index as f64 + turn + stream.between(-0.3, 0.3))).collect();
    stream.shuffle(&mut angles);
    let line = |angle: f64| {
        let (b, a) = octavo_plugin::math::sin_cos(angle);
        [a, b, stream.between(-1.0, 1.0)]
    };
    angles.into_iter().map(line).collect()
}

/// All points where two of the lines meet.
fn meeting_points(lines: &[Line]) -> Vec<[f64; 2]> {
    let meet = |[a, b, c]: &Line, [d, e, f]: &Line| {
        let determinant = a * e - b * d;
        [(b * f - c * e) / determinant, (c * d - a * f) / determinant]
    };
    lines
        .iter()
        .enumerate()
        .flat_map(|(i, one)| lines[..i].iter().map(move |other| meet(one, other)))
        .collect()
}

/// The lines moved and scaled so that all meeting points, and the point of each line nearest to the origin, lie in the
/// middle four fifths of the domain.
fn fitted(lines: Vec<Line>, [low, high]: [[f64; 2]; 2]) -> Vec<Line> {
    let mut points = meeting_points(&lines);
    points.extend(lines.iter().map(|[a, b, c]| [-a * c, -b * c]));
    let range = |axis: usize| {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        points.iter().fold(start, |(least, most), p| (p[axis].min(least), p[axis].max(most)))
    };
    let ranges = [range(0), range(1)];
    let scale = (0..2).fold(1e-3_f64, |scale, axis| {
        scale.max((ranges[axis].1 - ranges[axis].0) / (0.8 * (high[axis] - low[axis])))
    });
    // A point p' of the domain stands for p = scale · p' + shift.
    let shift = [0, 1].map(|axis| {
        let (middle, centre) = (ranges[axis].0 + ranges[axis].1, low[axis] + high[axis]);
        (middle - scale * centre) / 2.0
    });
    lines.into_iter().map(|[a, b, c]| [a, b, (a * shift[0] + b * shift[1] + c) / scale]).collect()
}

/// The smallest distance between two meeting points.
fn room(lines: &[Line]) -> f64 {
    let points = meeting_points(lines);
    let gap = |p: &[f64; 2], q: &[f64; 2]| octavo_plugin::math::hypot(p[0] - q[0], p[1] - q[1]);
    let gaps = points.iter().enumerate().flat_map(|(i, p)| points[..i].iter().map(move |q| gap(p, q)));
    gaps.fold(f64::INFINITY, f64::min)
}

/// One hidden layer with a neuron a line; the output is the sum of the neurons.
pub(crate) fn network(lines: &[Line]) -> Network {
    let rows: Vec<&[f64]> = lines.iter().map(|line| &line[..2]).collect();
    let bias: Vec<f64> = lines.iter().map(|line| line[2]).collect();
    let ones = vec![1.0; lines.len()];
    Network {
        layers: vec![layer(&rows, &bias, Activation::Relu), layer(&[&ones], &[0.0], Activation::Identity)],
    }
}

/// Number of regions after each line, and how many regions of the earlier lines it crosses.
pub(crate) fn steps(survey: &Survey) -> Vec<(u64, u64)> {
    let count = |regions: &mut u64, cuts: &u64| {
        *regions += cuts;
        Some((*regions, *cuts))
    };
    survey.cuts.iter().scan(1, count).collect()
}

/// The panels of every step: cells with the number of the crossed cell, lines, and places for the numbers.
pub(crate) struct Panels {
    pub(crate) cells: Drawing,
    pub(crate) lines: Drawing,
    pub(crate) labels: Table,
}

/// Draws the arrangement of the first 1, 2, ... lines. Cells that the newest line crosses are numbered along it; both
/// halves of such a cell have its number, and cells left whole have 0.
///
/// # Errors
/// If the run is stopped.
pub(crate) fn panels(
    lines: &[Line],
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<Panels, Failure> {
    let mut panels = Builder::default();
    for step in 1..=lines.len() {
        let space = Space::new(&network(&lines[..step]), domain)?;
        let partition = partition(&space, context)?;
        panels.add_cells(&space, lines[step - 1], &partition.regions);
        for (index, line) in lines[..step].iter().enumerate() {
            panels.add_line(step, index + 1, segment(*line, domain, context)?);
        }
    }
    Ok(panels.finish())
}

/// The part of a line within the domain.
pub(crate) fn segment(
    line: Line,
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<Vec<[f64; 2]>, Failure> {
    let space = Space::new(&network(&[line]), domain)?;
    let partition = partition(&space, context)?;
    let cell = &partition.regions[0].cell;
    let ends = |cell: &[Corner]| {
        let start = cell.iter().position(|corner| !corner.side.is_border())?;
        Some([start, (start + 1) % cell.len()].map(|index| [cell[index].x, cell[index].y]).to_vec())
    };
    Ok(ends(cell).unwrap_or_default())
}

#[derive(Default)]
struct Builder {
    cells: Vec<(i64, i64, Vec<[f64; 2]>)>,
    lines: Vec<(i64, i64, bool, Vec<[f64; 2]>)>,
    labels: Vec<(i64, i64, [f64; 2])>,
}

fn index(value: usize) -> i64 {
    i64::try_from(value).expect("few lines and cells")
}

fn outline(region: &Region) -> Vec<[f64; 2]> {
    region.cell.iter().map(|corner| [corner.x, corner.y]).collect()
}

impl Builder {
    fn add_cells(&mut self, space: &Space, newest: Line, regions: &[Region]) {
        let step = space.stages[0].layer.outputs;
        let is_on = |region: &Region| region.is_on(space, Side::of(0, step - 1));
        // The newest line is the last to cut, so that the two halves of a cell follow each other.
        let halves: Vec<usize> = (0..regions.len().saturating_sub(1))
            .filter(|&i| !is_on(&regions[i]) && is_on(&regions[i + 1]) && same_but_last(space, regions, i))
            .collect();
        // Where the newest line runs through the cell: the side that the half with its neuron on has on it.
        let newest_side = Side::of(0, step - 1);
        let middle = |i: &usize| {
            let cell = &regions[i + 1].cell;
            let start = cell.iter().position(|corner| corner.side == newest_side).unwrap_or(0);
            let [from, to] = [cell[start], cell[(start + 1) % cell.len()]];
            [f64::midpoint(from.x, to.x), f64::midpoint(from.y, to.y)]
        };
        let along = |i: &usize| middle(i)[1] * newest[0] - middle(i)[0] * newest[1];
        let mut order = halves;
        order.sort_by(|one, other| along(one).total_cmp(&along(other)));
        let mut numbers = vec![0; regions.len()];
        for (number, &i) in order.iter().enumerate() {
            numbers[i] = index(number + 1);
            numbers[i + 1] = index(number + 1);
            self.labels.push((index(step), index(number + 1), middle(&i)));
        }
        let step = index(step);
        self.cells
            .extend(regions.iter().zip(numbers).map(|(region, number)| (step, number, outline(region))));
    }

    fn add_line(&mut self, step: usize, line: usize, segment: Vec<[f64; 2]>) {
        self.lines.push((index(step), index(line), line == step, segment));
    }

    fn finish(self) -> Panels {
        let mut cells = Geometry::new(GeometryKind::Polygons);
        let mut lines = Geometry::new(GeometryKind::Paths);
        self.cells.iter().for_each(|cell| cells.push(cell.2.iter().copied()));
        self.lines.iter().for_each(|line| lines.push(line.3.iter().copied()));
        let column = |values: Vec<i64>| Column::from(values);
        cells.attributes = Table::new()
            .with("step", column(self.cells.iter().map(|cell| cell.0).collect()))
            .with("crossed", column(self.cells.iter().map(|cell| cell.1).collect()));
        lines.attributes = Table::new()
            .with("step", column(self.lines.iter().map(|line| line.0).collect()))
            .with("line", column(self.lines.iter().map(|line| line.1).collect()))
            .with("newest", self.lines.iter().map(|line| line.2).collect::<Vec<bool>>());
        let labels = Table::new()
            .with("step", column(self.labels.iter().map(|label| label.0).collect()))
            .with("number", column(self.labels.iter().map(|label| label.1).collect()))
            .with("x", self.labels.iter().map(|label| label.2[0]).collect::<Vec<f64>>())
            .with("y", self.labels.iter().map(|label| label.2[1]).collect::<Vec<f64>>());
        Panels { cells: cells.into(), lines: lines.into(), labels }
    }
}

/// Whether two consecutive regions agree on all lines but the last.
fn same_but_last(space: &Space, regions: &[Region], first: usize) -> bool {
    let is_on = |index: usize, line: usize| regions[index].is_on(space, Side::of(0, line));
    (0..space.stages[0].layer.outputs - 1).all(|line| is_on(first, line) == is_on(first + 1, line))
}
