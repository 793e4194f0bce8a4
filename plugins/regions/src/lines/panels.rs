//! The partition after each line, a panel a step: cells, lines, and the numbers of crossed cells along the newest line.

use octavo_plugin::{Drawing, Failure, Geometry, GeometryKind, Rows, RunContext, Table};

use super::random::{Line, network};
use crate::cell::Corner;
use crate::space::{Side, Space};
use crate::split::{Region, partition};

/// The panels of every step: cells with the number of the crossed cell, lines, and places for the numbers.
pub(super) struct Panels {
    pub(super) cells: Drawing,
    pub(super) lines: Drawing,
    pub(super) labels: Table,
}

/// Draws the arrangement of the first 1, 2, ... lines. Cells that the newest line crosses are numbered along it; both
/// halves of such a cell have its number, and cells left whole have 0.
///
/// # Errors
/// If the run is stopped.
pub(super) fn panels(
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
            let line = (PanelLine { step, line: index + 1 }, segment(*line, domain, context)?);
            panels.lines.push(line);
        }
    }
    Ok(panels.finish())
}

/// The part of a line within the domain.
pub(super) fn segment(
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

/// A cell after so many lines.
pub(super) struct Cell {
    step: usize,
    /// Its number along the newest line, 0 if that does not cross it.
    crossed: usize,
}

/// The attributes of the drawing `panels`.
pub(super) fn cells() -> Rows<Cell> {
    Rows::<Cell>::new("The regions of the first lines").integer("step", "lines", |cell| cell.step).integer(
        "crossed",
        "number along the newest line",
        |cell| cell.crossed,
    )
}

/// One of the first so many lines.
pub(super) struct PanelLine {
    step: usize,
    line: usize,
}

/// The attributes of the drawing `panel_lines`.
pub(super) fn panel_lines() -> Rows<PanelLine> {
    Rows::<PanelLine>::new("The first lines within the domain")
        .integer("step", "lines", |line| line.step)
        .integer("line", "line", |line| line.line)
        .bool("newest", "the newest", |line| line.line == line.step)
}

/// The number of a crossed cell, and its place.
pub(super) struct Label {
    step: usize,
    number: usize,
    place: [f64; 2],
}

/// The table `labels`.
pub(super) fn labels() -> Rows<Label> {
    Rows::<Label>::new(
        "The middle of the newest line’s stretch in a region that it crosses, numbered along it",
    )
    .integer("step", "lines", |label| label.step)
    .integer("number", "number", |label| label.number)
    .float("x", "x", |label| label.place[0])
    .float("y", "y", |label| label.place[1])
}

#[derive(Default)]
struct Builder {
    cells: Vec<(Cell, Vec<[f64; 2]>)>,
    lines: Vec<(PanelLine, Vec<[f64; 2]>)>,
    labels: Vec<Label>,
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
        for (number, &i) in (1..).zip(&order) {
            numbers[i] = number;
            numbers[i + 1] = number;
            self.labels.push(Label { step, number, place: middle(&i) });
        }
        let cells = regions.iter().zip(numbers);
        self.cells.extend(cells.map(|(region, crossed)| (Cell { step, crossed }, outline(region))));
    }

    fn finish(self) -> Panels {
        let (rows, outlines): (Vec<Cell>, Vec<_>) = self.cells.into_iter().unzip();
        let mut panels = Geometry::new(GeometryKind::Polygons);
        outlines.into_iter().for_each(|outline| panels.push(outline));
        panels.attributes = cells().table(&rows);
        let (rows, segments): (Vec<PanelLine>, Vec<_>) = self.lines.into_iter().unzip();
        let mut lines = Geometry::new(GeometryKind::Paths);
        segments.into_iter().for_each(|segment| lines.push(segment));
        lines.attributes = panel_lines().table(&rows);
        Panels { cells: panels.into(), lines: lines.into(), labels: labels().table(&self.labels) }
    }
}

/// Whether two consecutive regions agree on all lines but the last.
fn same_but_last(space: &Space, regions: &[Region], first: usize) -> bool {
    let is_on = |index: usize, line: usize| regions[index].is_on(space, Side::of(0, line));
    (0..space.stages[0].layer.outputs - 1).all(|line| is_on(first, line) == is_on(first + 1, line))
}
