//! The partition after each line, a panel a step: cells, lines, and the numbers of crossed cells along the newest line.

use octavo_plugin::{Column, Drawing, Failure, Geometry, GeometryKind, RunContext, Table};

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
            panels.add_line(step, index + 1, segment(*line, domain, context)?);
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
