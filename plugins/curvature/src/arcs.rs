//! The image of a circle in a piecewise linear network: a closed chain of elliptic arcs, exactly.
//!
//! An affine map sends every arc C + A cos t + B sin t to such an arc. ReLU cuts an arc at the zeros of each of its
//! coordinates, c + a cos t + b sin t = 0, which are atan2(b, a) ± acos(-c / |(a, b)|), and sets to zero the coordinates
//! that are negative within a piece; hard-tanh cuts at -1 and 1, and sets to these what is beyond. Between arcs the curve has corners; the turning angle there is the angle between
//! the velocities on both sides.

use std::f64::consts::{PI, TAU};

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext, linalg, math, sum};

use crate::activations;
use crate::curves::{Effort, Measure, Measured, START, judge};
use crate::ellipse::Axes;
use crate::jets::Ellipse;
use crate::params::Layers;

/// Arcs shorter than this (in t) are not made: a few units in the last place of 2 pi.
const SHORTEST: f64 = 4e-15;
/// Arcs whose vectors are shorter than this stand still.
const SLOWEST: f64 = 1e-290;
/// Turning angles above this count as kinks.
const KINK: f64 = 1e-13;

/// A closed chain of arcs over t from [`START`] once around.
#[derive(Clone, Debug)]
struct Chain {
    rows: usize,
    /// Arc j runs from `edges[j]` to `edges[j + 1]`.
    edges: Vec<f64>,
    /// rows × 3 arcs, row-major: C, A, B.
    data: Vec<f64>,
}

/// Whether every activation is piecewise linear, so that the chain is exact.
pub fn piecewise_linear(network: &Network) -> bool {
    network.layers.iter().all(|layer| activations::piecewise_linear(layer.activation))
}

/// Measures the curve before and after the activation of these layers. `points` is the number of arcs at the end.
///
/// # Errors
/// [`octavo_plugin::FailureKind::Resource`] above `max_points` arcs; if the run should stop; if numbers leave the range.
pub fn measure(
    network: &Network,
    circle: &Ellipse,
    layers: Layers,
    effort: Effort,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    let depth = network.layers.len() as u64;
    let mut curves = Vec::new();
    let mut keep = |chain: &Chain, layer: usize| {
        if layers == Layers::All || layer == network.layers.len() {
            curves.push(judge(chain.measure(layer)?, effort));
        }
        Ok(())
    };
    let mut chain = Chain::of(circle);
    for (index, layer) in network.layers.iter().enumerate() {
        context.step(index as u64, depth)?;
        chain = chain.through(layer);
        keep(&chain, index + 1)?;
        if layer.activation != Activation::Identity {
            chain = chain.bend(layer.activation, context)?;
            if chain.arcs() > effort.max_points {
                return Err(Failure::resource(format!(
                    "the curve has {} after layer {}, and `max_points` is {}",
                    octavo_plugin::counted(chain.arcs(), "arc"),
                    index + 1,
                    effort.max_points
                ))
                .help("raise `max_points`, or take fewer or narrower layers"));
            }
        }
        keep(&chain, index + 1)?;
    }
    context.step(depth, depth)?;
    Ok(Measured { curves, points: chain.arcs() })
}

impl Chain {
    fn of(ellipse: &Ellipse) -> Self {
        let rows = ellipse.c.len();
        let data = (0..rows).flat_map(|row| [ellipse.c[row], ellipse.a[row], ellipse.b[row]]).collect();
        Self { rows, edges: vec![START, START + TAU], data }
    }

    fn arcs(&self) -> usize {
        self.edges.len() - 1
    }

    /// C, A and B of one coordinate, one value per arc.
    fn row(&self, row: usize) -> [&[f64]; 3] {
        let arcs = self.arcs();
        [0, 1, 2].map(|part| &self.data[(row * 3 + part) * arcs..][..arcs])
    }

    /// The affine map of a layer.
    fn through(&self, layer: &Layer) -> Self {
        let width = 3 * self.arcs();
        let mut data = linalg::matmul(layer.outputs, layer.inputs, width, &layer.weights, &self.data);
        for (row, bias) in data.chunks_exact_mut(width).zip(&layer.bias) {
            row[..width / 3].iter_mut().for_each(|c| *c += bias);
        }
        Self { rows: layer.outputs, edges: self.edges.clone(), data }
    }

    /// Applies ReLU or hard-tanh.
    fn bend(&self, activation: Activation, context: &RunContext<'_>) -> Result<Self, Failure> {
        let levels: &[f64] = if activation == Activation::Relu { &[0.0] } else { &[-1.0, 1.0] };
        let (edges, parents) = self.cut(levels, context)?;
        let middles: Vec<(f64, f64)> =
            edges.windows(2).map(|pair| math::sin_cos(0.5 * (pair[0] + pair[1]))).collect();
        let mut data = Vec::with_capacity(self.rows * 3 * parents.len());
        for row in 0..self.rows {
            let [c, a, b] = self.row(row);
            let value = |(arc, (sin, cos)): (&usize, &(f64, f64))| c[*arc] + (a[*arc] * cos + b[*arc] * sin);
            // The value that the coordinate stays at within a piece, if it does.
            let rest: Vec<Option<f64>> = parents
                .iter()
                .zip(&middles)
                .map(value)
                .map(|x| match activation {
                    Activation::Relu => (x <= 0.0).then_some(0.0),
                    _ => (x.abs() >= 1.0).then_some(x.clamp(-1.0, 1.0)),
                })
                .collect();
            data.extend(parents.iter().zip(&rest).map(|(arc, rest)| rest.unwrap_or(c[*arc])));
            for part in [a, b] {
                let moving =
                    |(arc, rest): (&usize, &Option<f64>)| if rest.is_some() { 0.0 } else { part[*arc] };
                data.extend(parents.iter().zip(&rest).map(moving));
            }
        }
        Ok(Self { rows: self.rows, edges, data })
    }

    /// New edges with those where coordinates reach one of the levels, and the arc that each new arc is part of.
    fn cut(&self, levels: &[f64], context: &RunContext<'_>) -> Result<(Vec<f64>, Vec<usize>), Failure> {
        let ends: Vec<(f64, f64)> = self.edges.iter().map(|edge| math::sin_cos(*edge)).collect();
        let mut cuts: Vec<Vec<f64>> = vec![Vec::new(); self.arcs()];
        for row in 0..self.rows {
            context.go_on()?;
            let [c, a, b] = self.row(row);
            for (arc, cuts) in cuts.iter_mut().enumerate() {
                let range = [self.edges[arc], self.edges[arc + 1]];
                for level in levels {
                    let coordinate = [c[arc] - level, a[arc], b[arc]];
                    if may_vanish(coordinate, range, [ends[arc], ends[arc + 1]]) {
                        cuts.extend(zeros(coordinate, range));
                    }
                }
            }
        }
        let (mut edges, mut parents) = (vec![self.edges[0]], Vec::new());
        for (arc, mut cuts) in cuts.into_iter().enumerate() {
            let end = self.edges[arc + 1];
            cuts.sort_by(f64::total_cmp);
            for cut in cuts {
                if cut - edges[edges.len() - 1] > SHORTEST && end - cut > SHORTEST {
                    edges.push(cut);
                    parents.push(arc);
                }
            }
            edges.push(end);
            parents.push(arc);
        }
        Ok((edges, parents))
    }

    /// Folds two columns over the coordinates in order.
    fn over_rows(&self, fold: impl Fn(f64, usize, [&[f64]; 3]) -> f64) -> Vec<f64> {
        let mut totals = vec![0.0; self.arcs()];
        for row in 0..self.rows {
            let parts = self.row(row);
            totals.iter_mut().enumerate().for_each(|(arc, total)| *total = fold(*total, arc, parts));
        }
        totals
    }

    fn measure(&self, layer: usize) -> Result<Measure, Failure> {
        let scales = self.over_rows(|most, arc, [_, a, b]| most.max(a[arc].abs()).max(b[arc].abs()));
        if self.data.iter().any(|part| !part.is_finite()) {
            return Err(Failure::numeric(format!("the curve leaves the range of floats at layer {layer}"))
                .help("take smaller weights or fewer layers"));
        }
        // Squares of vectors whose longest coordinate is 1 stay in the range of floats.
        let unit: Vec<f64> =
            scales.iter().map(|scale| if *scale > SLOWEST { scale.recip() } else { 0.0 }).collect();
        let aa = self.over_rows(|total, arc, [_, a, _]| {
            let a = a[arc] * unit[arc];
            total + a * a
        });
        let bb = self.over_rows(|total, arc, [_, _, b]| {
            let b = b[arc] * unit[arc];
            total + b * b
        });
        let ab = self.over_rows(|total, arc, [_, a, b]| total + (a[arc] * unit[arc]) * (b[arc] * unit[arc]));
        // The part of the shorter vector that is normal to the longer one, without cancellation.
        let normal = self.over_rows(|total, arc, [_, a, b]| {
            let (long, short, square) =
                if aa[arc] >= bb[arc] { (a[arc], b[arc], aa[arc]) } else { (b[arc], a[arc], bb[arc]) };
            let part = if square > 0.0 { (short - ab[arc] / square * long) * unit[arc] } else { 0.0 };
            total + part * part
        });
        let axes = |arc: usize| {
            let longest = aa[arc].max(bb[arc]);
            Axes::new(aa[arc], bb[arc], ab[arc], (longest * normal[arc]).sqrt())
        };
        let alive: Vec<usize> = (0..self.arcs()).filter(|arc| aa[*arc] + bb[*arc] > 0.0).collect();
        let axes: Vec<Axes> = alive.iter().map(|arc| axes(*arc)).collect();
        let span: Vec<f64> = alive.iter().map(|arc| self.edges[arc + 1] - self.edges[*arc]).collect();
        let on = |(axes, arc): (&Axes, &usize)| {
            let (length, error) = axes.length(self.edges[*arc], self.edges[arc + 1]);
            (scales[*arc] * length, scales[*arc] * error)
        };
        let (lengths, errors): (Vec<f64>, Vec<f64>) = axes.iter().zip(&alive).map(on).unzip();
        let turn = |(axes, arc): (&Axes, &usize)| axes.turning(self.edges[*arc], self.edges[arc + 1]);
        let smooth: Vec<f64> = axes.iter().zip(&alive).map(turn).collect();
        let kinks = self.kinks(&alive, &axes, &unit);
        let curvature = sum::sum(&smooth) + sum::sum(&kinks);
        let rounding = 4.0 * f64::EPSILON * (layer as f64) * (alive.len() as f64).sqrt();
        let length = sum::sum(&lengths);
        Ok(Measure {
            length,
            length_error: sum::sum(&errors) + rounding * length,
            curvature,
            curvature_error: rounding * TAU.max(curvature),
            kinks: kinks.iter().filter(|angle| **angle > KINK).count(),
            dead: if alive.len() == self.arcs() {
                0.0
            } else {
                (1.0 - sum::sum(&span) / TAU).clamp(0.0, 1.0)
            },
            moves: !alive.is_empty(),
            resolved: false,
        })
    }

    /// The turning angle from each arc that moves to the next one that does; the last is followed by the first.
    fn kinks(&self, alive: &[usize], axes: &[Axes], unit: &[f64]) -> Vec<f64> {
        let next = |index: usize| (index + 1) % alive.len();
        let end = |index: usize| tangent(&axes[index], self.edges[alive[index] + 1], -1.0);
        let start = |index: usize| tangent(&axes[index], self.edges[alive[index]], 1.0);
        let pairs: Vec<_> = (0..alive.len()).map(|index| (end(index), start(next(index)))).collect();
        let mut squares = vec![[0.0; 2]; alive.len()];
        let mut both = vec![[0.0; 2]; alive.len()];
        let vectors = |row: usize, index: usize| {
            let [_, a, b] = self.row(row);
            let (here, there) = (alive[index], alive[next(index)]);
            let (end, start) = pairs[index];
            [
                (a[here] * end[0] + b[here] * end[1]) * unit[here],
                (a[there] * start[0] + b[there] * start[1]) * unit[there],
            ]
        };
        for row in 0..self.rows {
            for (index, squares) in squares.iter_mut().enumerate() {
                let pair = vectors(row, index);
                squares[0] += pair[0] * pair[0];
                squares[1] += pair[1] * pair[1];
            }
        }
        let scales: Vec<[f64; 2]> = squares.iter().map(|pair| pair.map(f64::sqrt)).collect();
        for row in 0..self.rows {
            for (index, both) in both.iter_mut().enumerate() {
                let pair = vectors(row, index);
                let unit = [0, 1].map(|side| {
                    if scales[index][side] > 0.0 { pair[side] / scales[index][side] } else { 0.0 }
                });
                both[0] += (unit[0] - unit[1]) * (unit[0] - unit[1]);
                both[1] += (unit[0] + unit[1]) * (unit[0] + unit[1]);
            }
        }
        // Kahan's angle between unit vectors, exact for small and for large angles.
        both.iter().map(|[difference, total]| 2.0 * math::atan2(difference.sqrt(), total.sqrt())).collect()
    }
}

/// The coefficients of A and B in the direction of the curve at t; at the end of a flat ellipse, where the speed is
/// zero, the direction in which it arrives (`side` -1) or leaves (`side` 1).
fn tangent(axes: &Axes, t: f64, side: f64) -> [f64; 2] {
    let (sin, cos) = math::sin_cos(t);
    let (sine, cosine) = math::sin_cos(t - axes.phase);
    if math::hypot(axes.long * sine, axes.short * cosine) > 1e-14 * axes.long {
        [-sin, cos]
    } else {
        [-side * cos, -side * sin]
    }
}

/// Whether c + a cos t + b sin t can vanish inside the range; `ends` are sine and cosine at its ends.
fn may_vanish([c, a, b]: [f64; 3], [low, high]: [f64; 2], ends: [(f64, f64); 2]) -> bool {
    if a == 0.0 && b == 0.0 {
        return false;
    }
    let positive = ends.map(|(sin, cos)| c + (a * cos + b * sin) > 0.0);
    let rising = ends.map(|(sin, cos)| b * cos - a * sin > 0.0);
    high - low >= PI || positive[0] != positive[1] || rising[0] != rising[1]
}

/// The zeros of c + a cos t + b sin t inside the range.
fn zeros([c, a, b]: [f64; 3], [low, high]: [f64; 2]) -> impl Iterator<Item = f64> {
    let radius = math::hypot(a, b);
    let crosses = c.abs() < radius;
    let (middle, half) = if crosses { (math::atan2(b, a), math::acos(-c / radius)) } else { (0.0, 0.0) };
    [middle - half, middle + half]
        .into_iter()
        .map(move |t| t + TAU * ((low - t) / TAU).ceil())
        .filter(move |t| crosses && *t > low && *t < high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_zeros() {
        let range = [START, START + TAU];
        for coordinate in
            [[0.2, 1.0, 0.0], [0.0, -0.3, 0.4], [-0.49, 0.3, -0.4], [0.51, 0.3, 0.4], [1.0, 0.0, 0.0]]
        {
            let found: Vec<f64> = zeros(coordinate, range).collect();
            let [c, a, b] = coordinate;
            assert_eq!(found.len(), if c.abs() < math::hypot(a, b) { 2 } else { 0 }, "{coordinate:?}");
            for t in found {
                let (sin, cos) = math::sin_cos(t);
                assert!((c + a * cos + b * sin).abs() < 1e-15);
            }
        }
    }
}
