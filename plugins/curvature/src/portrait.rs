//! The curve of a layer, projected onto its two principal axes.

use std::f64::consts::TAU;

use octavo_plugin::{Failure, Geometry, GeometryKind, Rows, RunContext, math, sum};

use crate::eigen;
use crate::forward::NetworkCurves;

/// Parts of a drawn curve, each with one angle for its hue.
const PARTS: usize = 240;
/// Vertices of a part at first.
const VERTICES: usize = 4;
/// Chords turn by less than this from one to the next, in radians (3 degrees) ...
const BEND: f64 = 0.052;
/// ... or are shorter than this share of the drawing, so that they do not show.
const SHORT: f64 = 0.004;
/// Rounds of halving chords, and most vertices of a drawing.
const ROUNDS: usize = 12;
const MOST: usize = 60_000;
/// Up to this many dimensions the covariance is diagonalised; above, the Gram matrix of as many points.
const SMALL: usize = 128;

/// A part of a drawn curve.
pub(crate) struct Part {
    layer: usize,
    /// In the middle of the part.
    angle: f64,
}

/// The attributes of the drawing.
pub(crate) fn parts_drawn() -> Rows<Part> {
    Rows::<Part>::new("A stretch of the curve before the activation, on its principal axes")
        .integer("layer", "Layer", |part| part.layer)
        .float("angle", "Angle on the circle", |part| part.angle)
        .unit("rad")
}

/// Draws the layers one after the other: paths with the attributes `layer` and `angle`.
///
/// # Errors
/// If the run should stop.
pub fn draw(
    curves: &NetworkCurves<'_>,
    wanted: &[usize],
    context: &RunContext<'_>,
) -> Result<Geometry, Failure> {
    let mut geometry = Geometry::new(GeometryKind::Paths);
    let mut drawn = Vec::new();
    for layer in wanted {
        let path = trace(curves, *layer, context)?;
        for (part, points) in parts(&path).into_iter().enumerate() {
            geometry.push(points);
            drawn.push(Part { layer: *layer, angle: TAU * (part as f64 + 0.5) / PARTS as f64 });
        }
    }
    geometry.attributes = parts_drawn().table(&drawn);
    Ok(geometry)
}

/// A vertex: its part with the position in it, from 0 to 1, and where it is.
#[derive(Clone, Copy)]
struct Vertex {
    part: usize,
    share: f64,
    at: [f64; 2],
}

impl Vertex {
    fn angle(&self) -> f64 {
        TAU * (self.part as f64 + self.share) / PARTS as f64
    }
}

/// The vertices of a closed curve in order, so dense that no chord shows.
fn trace(curves: &NetworkCurves<'_>, layer: usize, context: &RunContext<'_>) -> Result<Vec<Vertex>, Failure> {
    let place = |index: usize| Vertex {
        part: index / VERTICES,
        share: (index % VERTICES) as f64 / VERTICES as f64,
        at: [0.0; 2],
    };
    let mut path: Vec<Vertex> = (0..PARTS * VERTICES).map(place).collect();
    let angles: Vec<f64> = path.iter().map(Vertex::angle).collect();
    let positions = curves.positions(layer, &angles, context)?;
    let view = View::of(&positions, path.len());
    path.iter_mut().zip(view.project(&positions, angles.len())).for_each(|(vertex, at)| vertex.at = at);
    let size = extent(&path);
    for _ in 0..ROUNDS {
        let halved = visible(&path, SHORT * size);
        if !halved.contains(&true) || path.len() > MOST {
            break;
        }
        let middle = |(index, _): (usize, &bool)| {
            let (here, next) = (path[index], path[(index + 1) % path.len()]);
            let end = if next.part == here.part { next.share } else { 1.0 };
            Vertex { share: 0.5 * (here.share + end), ..here }
        };
        let mut new: Vec<Vertex> =
            halved.iter().enumerate().filter(|(_, halved)| **halved).map(middle).collect();
        let angles: Vec<f64> = new.iter().map(Vertex::angle).collect();
        let positions = curves.positions(layer, &angles, context)?;
        new.iter_mut().zip(view.project(&positions, angles.len())).for_each(|(vertex, at)| vertex.at = at);
        let mut new = new.into_iter();
        path = path
            .into_iter()
            .zip(halved)
            .flat_map(|(vertex, halved)| [Some(vertex), if halved { new.next() } else { None }])
            .flatten()
            .collect();
    }
    Ok(path)
}

/// The wider of the two sides of a drawing.
fn extent(path: &[Vertex]) -> f64 {
    let side = |axis: usize| {
        let range = path.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], vertex| {
            [low.min(vertex.at[axis]), high.max(vertex.at[axis])]
        });
        range[1] - range[0]
    };
    side(0).max(side(1))
}

/// Which chords would show as chords.
fn visible(path: &[Vertex], short: f64) -> Vec<bool> {
    let count = path.len();
    let chord = |index: usize| {
        let (from, to) = (path[index % count].at, path[(index + 1) % count].at);
        [to[0] - from[0], to[1] - from[1]]
    };
    let bends = |index: usize| {
        let ([a, b], [c, d]) = (chord(index + count - 1), chord(index));
        math::atan2(a * d - b * c, a * c + b * d).abs() > BEND
    };
    let bent: Vec<bool> = (0..count).map(bends).collect();
    let long = |index: usize| math::hypot(chord(index)[0], chord(index)[1]) > short;
    (0..count).map(|index| (bent[index] || bent[(index + 1) % count]) && long(index)).collect()
}

/// The vertices of each part, with the first one of the next.
fn parts(path: &[Vertex]) -> Vec<Vec<[f64; 2]>> {
    let mut parts = vec![Vec::new(); PARTS];
    for (vertex, next) in path.iter().zip(path.iter().cycle().skip(1)) {
        parts[vertex.part].push(vertex.at);
        if next.part != vertex.part {
            parts[vertex.part].push(next.at);
        }
    }
    parts
}

/// A projection onto two axes about a mean.
struct View {
    means: Vec<f64>,
    axes: Vec<Vec<f64>>,
}

impl View {
    /// The principal axes of points (rows × count, row-major).
    fn of(positions: &[f64], count: usize) -> Self {
        let means: Vec<f64> = positions.chunks_exact(count).map(|row| sum::sum(row) / count as f64).collect();
        let centred: Vec<Vec<f64>> = positions
            .chunks_exact(count)
            .zip(&means)
            .map(|(row, mean)| row.iter().map(|x| x - mean).collect())
            .collect();
        let axes = if centred.len() <= SMALL { by_covariance(&centred) } else { by_gram(&centred, count) };
        Self { means, axes }
    }

    fn project(&self, positions: &[f64], count: usize) -> Vec<[f64; 2]> {
        let coordinate = |axis: usize| -> Vec<f64> {
            let mut along = vec![0.0; count];
            let rows = positions.chunks_exact(count).zip(&self.means);
            for ((row, mean), weight) in rows.zip(self.axes.get(axis).into_iter().flatten()) {
                along.iter_mut().zip(row).for_each(|(total, x)| *total += weight * (x - mean));
            }
            along
        };
        coordinate(0).into_iter().zip(coordinate(1)).map(|(x, y)| [x, y]).collect()
    }
}

/// Points (rows × count, row-major) on their two principal axes, about their mean.
pub fn project(positions: &[f64], count: usize) -> Vec<[f64; 2]> {
    View::of(positions, count).project(positions, count)
}

/// Where the label of a drawn layer stands: above the middle of its drawing.
pub fn label_places(geometry: &Geometry, wanted: &[usize]) -> Vec<[f64; 2]> {
    let place = |index: usize| {
        let points = (index * PARTS..(index + 1) * PARTS).flat_map(|part| geometry.part(part));
        let bounds = points.fold([[f64::INFINITY, f64::NEG_INFINITY]; 2], |bounds, point| {
            [0, 1].map(|axis| [bounds[axis][0].min(point[axis]), bounds[axis][1].max(point[axis])])
        });
        let [[left, right], [bottom, top]] = bounds;
        [0.5 * (left + right), top + 0.09 * (right - left).max(top - bottom)]
    };
    (0..wanted.len()).map(place).collect()
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
