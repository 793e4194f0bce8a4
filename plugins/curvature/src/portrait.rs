//! The curve of a layer, projected onto its two principal axes.

use std::f64::consts::TAU;

use octavo_plugin::{Column, ColumnData, Failure, Geometry, GeometryKind, RunContext, Table, sum};

use crate::eigen;
use crate::forward::NetworkCurves;

/// Parts of a drawn curve, each with one angle for its hue.
const PARTS: usize = 240;
/// Up to this many dimensions the covariance is diagonalised; above, the Gram matrix of as many points.
const SMALL: usize = 128;

/// A layer to be drawn and its total curvature, which says how dense the vertices must be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The layer, from 1.
    pub layer: usize,
    /// Total curvature before its activation.
    pub curvature: f64,
}

/// Draws the layers one after the other: paths with the attributes `layer` and `angle`.
///
/// # Errors
/// If the run should stop.
pub fn draw(
    curves: &NetworkCurves<'_>,
    wanted: &[Wanted],
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let mut geometry = Geometry::new(GeometryKind::Paths);
    let (mut layers, mut hues) = (Vec::new(), Vec::new());
    for Wanted { layer, curvature } in wanted {
        let count = PARTS * vertices_per_part(*curvature);
        let angles: Vec<f64> = (0..count).map(|index| TAU * index as f64 / count as f64).collect();
        let positions = curves.positions(*layer, &angles, context)?;
        let planar = project(&positions, count);
        let each = count / PARTS;
        for part in 0..PARTS {
            geometry.push((part * each..=(part + 1) * each).map(|index| planar[index % count]));
            layers.push(*layer as i64);
            hues.push(TAU * (part as f64 + 0.5) / PARTS as f64);
        }
    }
    let layers = Column { data: ColumnData::Integer(layers), exceptions: Default::default() };
    geometry.attributes = Table::new().with("layer", layers).with("angle", hues);
    Ok(geometry)
}

/// Chords that turn by less than 3 degrees on average, within reason.
fn vertices_per_part(curvature: f64) -> usize {
    ((20.0 * curvature / PARTS as f64).ceil() as usize).clamp(4, 40)
}

/// Points (rows × count, row-major) on their two principal axes, about their mean.
pub fn project(positions: &[f64], count: usize) -> Vec<[f64; 2]> {
    let centred: Vec<Vec<f64>> = positions
        .chunks_exact(count)
        .map(|row| {
            let mean = sum::sum(row) / count as f64;
            row.iter().map(|x| x - mean).collect()
        })
        .collect();
    let axes = if centred.len() <= SMALL { by_covariance(&centred) } else { by_gram(&centred, count) };
    let coordinate = |axis: usize| -> Vec<f64> {
        let mut along = vec![0.0; count];
        for (row, weight) in centred.iter().zip(axes.get(axis).into_iter().flatten()) {
            along.iter_mut().zip(row).for_each(|(total, x)| *total += weight * x);
        }
        along
    };
    coordinate(0).into_iter().zip(coordinate(1)).map(|(x, y)| [x, y]).collect()
}

fn by_covariance(centred: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let rows = centred.len();
    let matrix: Vec<f64> = (0..rows * rows)
        .map(|k| sum::dot(&centred[(k / rows).min(k % rows)], &centred[(k / rows).max(k % rows)]))
        .collect();
    eigen::symmetric(rows, &matrix).into_iter().take(2).map(|(_, vector)| vector).collect()
}

/// Axes of [`SMALL`] evenly spaced points: eigenvectors of their products, carried back to the space.
fn by_gram(centred: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let point = |k: usize| -> Vec<f64> { centred.iter().map(|row| row[k * count / SMALL]).collect() };
    let points: Vec<Vec<f64>> = (0..SMALL).map(point).collect();
    let product =
        |k: usize| sum::dot(&points[(k / SMALL).min(k % SMALL)], &points[(k / SMALL).max(k % SMALL)]);
    let matrix: Vec<f64> = (0..SMALL * SMALL).map(product).collect();
    let back = |(_, weights): (f64, Vec<f64>)| {
        let mut axis = vec![0.0; centred.len()];
        for (point, weight) in points.iter().zip(&weights) {
            axis.iter_mut().zip(point).for_each(|(total, x)| *total += weight * x);
        }
        let norm = sum::dot(&axis, &axis).sqrt();
        axis.iter_mut().for_each(|x| *x = if norm > 0.0 { *x / norm } else { 0.0 });
        eigen::with_sign(&axis)
    };
    eigen::symmetric(SMALL, &matrix).into_iter().take(2).map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::math;

    /// An ellipse in a tilted plane of R^n comes out with its own axes.
    #[test]
    fn an_ellipse_is_seen_from_the_front() {
        for rows in [3, 200] {
            let count = 960;
            let (u, w) = (1.0 / (rows as f64).sqrt(), (2.0 / rows as f64).sqrt());
            let positions: Vec<f64> = (0..rows * count)
                .map(|k| {
                    let (sin, cos) = math::sin_cos(TAU * (k % count) as f64 / count as f64);
                    // The second direction is orthogonal to the first: half of it has either sign, or is zero.
                    let sign = [1.0, -1.0, 0.0][(k / count) % 3];
                    let sign = if rows == 200 { [1.0, -1.0][(k / count) % 2] } else { sign };
                    7.0 + 3.0 * u * cos + w * sign * sin
                })
                .collect();
            let planar = project(&positions, count);
            let widest = planar.iter().fold(0.0, |best: f64, [x, _]| best.max(x.abs()));
            let highest = planar.iter().fold(0.0, |best: f64, [_, y]| best.max(y.abs()));
            let second = if rows == 200 { 2.0_f64.sqrt() } else { 2.0 / 3.0_f64.sqrt() };
            assert!((widest - 3.0).abs() < 1e-9, "{rows}: {widest}");
            assert!((highest - second).abs() < 1e-3, "{rows}: {highest}");
        }
    }
}
