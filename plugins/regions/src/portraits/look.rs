//! What a network's function looks like, on a grid of points: for any activation, nothing is counted.

use octavo_learning::Pass;
use octavo_plugin::order::{median, ranks};
use octavo_plugin::{Artifacts, Failure, Network, Raster, Rows, RunContext, sum};
use rayon::prelude::*;

/// Number of points that pass through the network together.
const BATCH: usize = 512;

/// A point of a line.
pub(super) struct GraphPoint {
    x: f64,
    /// The output, 0 at its lowest and 1 at its highest.
    level: f64,
    value: f64,
}

/// The table `graph`.
pub(super) fn graph() -> Rows<GraphPoint> {
    Rows::<GraphPoint>::new("A point of the line and the first output there")
        .float("x", "x", |point| point.x)
        .float("level", "output, from lowest to highest", |point| point.level)
        .float("value", "first output", |point| point.value)
}

/// Draws the first output: over a line as the table `graph`, over the plane as the raster `portrait`.
///
/// # Errors
/// If the run is stopped, or the output is not finite somewhere.
pub(super) fn draw(
    artifacts: &mut Artifacts,
    network: &Network,
    domain: [[f64; 2]; 2],
    dimension: usize,
    points: usize,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let rows = if dimension == 1 { 1 } else { points };
    let places = grid(points, rows, domain);
    let values = outputs(network, &places, context)?;
    let lines = lines(&values, points, rows);
    let median = median(&values);
    let of_lines = |of: &dyn Fn(&[f64]) -> f64| {
        let found: Vec<f64> = lines.iter().map(|line| of(line)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand lines")]
        let count = found.len() as f64;
        sum::sum(&found) / count
    };
    let [low, high] = range(&values);
    let variation = |line: &[f64]| if high > low { variation(line) / (high - low) } else { 0.0 };
    artifacts
        .scalar("crossings", of_lines(&|line| crossings(line, median)))
        .scalar("variation", of_lines(&variation));
    if dimension == 1 {
        let level = |value: f64| if high > low { (value - low) / (high - low) } else { 0.5 };
        let point = |(place, value): (&[f64; 2], &f64)| GraphPoint {
            x: place[0],
            level: level(*value),
            value: *value,
        };
        let points: Vec<GraphPoint> = places.iter().zip(&values).map(point).collect();
        artifacts.table("graph", graph().table(&points));
    } else {
        let values = ranks(&values).chunks(points).rev().flatten().copied().collect();
        artifacts.drawing("portrait", Raster { width: points, height: rows, extent: domain, values });
    }
    Ok(())
}

/// The middles of the cells of a grid, row by row from the lowest.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn grid(columns: usize, rows: usize, [[x0, y0], [x1, y1]]: [[f64; 2]; 2]) -> Vec<[f64; 2]> {
    let place = |low: f64, high: f64, index: usize, count: usize| {
        low + (high - low) * ((index as f64 + 0.5) / count as f64)
    };
    (0..rows * columns)
        .map(|k| [place(x0, x1, k % columns, columns), place(y0, y1, k / columns, rows)])
        .collect()
}

/// The first output at every point.
fn outputs(network: &Network, places: &[[f64; 2]], context: &RunContext<'_>) -> Result<Vec<f64>, Failure> {
    let batch = |places: &[[f64; 2]]| -> Result<Vec<f64>, Failure> {
        context.go_on()?;
        let pass = Pass::new(network, places.len(), places.as_flattened().to_vec());
        Ok(pass.outputs().iter().step_by(network.outputs()).copied().collect())
    };
    let values: Vec<f64> = places
        .par_chunks(BATCH)
        .map(batch)
        .collect::<Result<Vec<_>, Failure>>()?
        .into_iter()
        .flatten()
        .collect();
    if values.iter().all(|value| value.is_finite()) {
        return Ok(values);
    }
    Err(Failure::numeric("the output is not finite at some points").help("take smaller weights"))
}

/// The rows and columns of the grid; of a line the one row.
fn lines(values: &[f64], columns: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut found: Vec<Vec<f64>> = values.chunks(columns).map(<[f64]>::to_vec).collect();
    if rows > 1 {
        let column = |column: usize| values.iter().skip(column).step_by(columns).copied().collect();
        found.extend((0..columns).map(column));
    }
    found
}

fn range(values: &[f64]) -> [f64; 2] {
    let start = [f64::INFINITY, f64::NEG_INFINITY];
    values.iter().fold(start, |[low, high], value| [low.min(*value), high.max(*value)])
}

/// How often neighbours lie on different sides of a level.
#[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
fn crossings(line: &[f64], level: f64) -> f64 {
    line.windows(2).filter(|pair| (pair[0] > level) != (pair[1] > level)).count() as f64
}

/// The sum of all ascents and descents.
fn variation(line: &[f64]) -> f64 {
    sum::sum(&line.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_of_a_line() {
        let line = [0.0, 1.0, 3.0, 1.0, 2.0];
        assert_eq!((crossings(&line, 1.0), variation(&line)), (3.0, 6.0));
        assert_eq!(lines(&[1.0, 2.0, 3.0, 4.0], 2, 2), [[1.0, 2.0], [3.0, 4.0], [1.0, 3.0], [2.0, 4.0]]);
    }
}
