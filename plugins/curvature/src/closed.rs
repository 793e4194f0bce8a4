//! Closed polygons in place of the circle: read, measured, and bent by the layers that make polygons of polygons.

use std::f64::consts::TAU;

use octavo_plugin::interchange::{Head, numbers};
use octavo_plugin::{Activation, Failure, Layer, Reading, RunContext, linalg};

use crate::curves::{Effort, Measure, START, judge};
use crate::params::Params;
use crate::polygon;

/// Turning angles above this count as kinks.
const KINK: f64 = 1e-13;

/// The corners of a closed polygon, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// One point per corner, all of the same dimension.
    pub points: Vec<Vec<f64>>,
}

impl Closed {
    /// The polygon that the parameters name, if any, in the inputs of a network.
    ///
    /// # Errors
    /// If it has fewer than two corners, or another dimension.
    pub fn named(params: &Params, inputs: usize, context: &RunContext<'_>) -> Result<Option<Self>, Failure> {
        let points = match (&params.polygon, &params.curve) {
            (Some(points), _) => points.clone(),
            (None, Some(input)) => read(context.input(input)?)?,
            (None, None) => return Ok(None),
        };
        if let Some(row) = points.iter().position(|point| point.len() != inputs) {
            let has = points[row].len();
            return Err(Failure::user(format!(
                "point {} has {} and the network {}",
                row + 1,
                octavo_plugin::counted(has, "number"),
                octavo_plugin::counted(inputs, "input")
            ))
            .help("give every point one number per input"));
        }
        Self::of(points).map(Some)
    }

    /// Leaves out points that repeat the one before, the last one too if it closes the curve.
    fn of(mut points: Vec<Vec<f64>>) -> Result<Self, Failure> {
        points.dedup();
        while points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        if points.len() < 2 {
            return Err(Failure::user("a closed curve has at least two different points"));
        }
        Ok(Self { points })
    }

    /// The parameters of the corners, from [`START`] once around, both ends included.
    pub fn corners(&self) -> Vec<f64> {
        let sides = self.points.len();
        (0..=sides).map(|corner| START + TAU * (corner as f64 / sides as f64)).collect()
    }

    /// The image under the affine map of a layer.
    #[must_use]
    pub fn through(&self, layer: &Layer) -> Self {
        let count = self.points.len();
        let columns: Vec<f64> =
            (0..layer.inputs).flat_map(|row| self.points.iter().map(move |point| point[row])).collect();
        let image = linalg::matmul(layer.outputs, layer.inputs, count, &layer.weights, &columns);
        let point = |corner: usize| {
            let rows = layer.bias.iter().enumerate();
            rows.map(|(row, bias)| image[row * count + corner] + bias).collect()
        };
        Self { points: (0..count).map(point).collect() }
    }

    /// Point and velocity on the side that starts at or before each parameter.
    pub(crate) fn sides(&self, parameters: &[f64]) -> Vec<(Vec<f64>, Vec<f64>)> {
        let (corners, sides) = (self.corners(), self.points.len());
        let at = |t: &f64| {
            let side = corners.partition_point(|corner| corner <= t).clamp(1, sides) - 1;
            let (from, to) = (&self.points[side], &self.points[(side + 1) % sides]);
            let share = (t - corners[side]) / (corners[side + 1] - corners[side]);
            let rate = sides as f64 / TAU;
            let position = from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect();
            (position, from.iter().zip(to).map(|(from, to)| (to - from) * rate).collect())
        };
        parameters.iter().map(at).collect()
    }

    fn measure(&self) -> Measure {
        let exact = |value: f64| 4.0 * f64::EPSILON * value * (self.points.len() as f64).sqrt();
        match polygon::measure(&self.points) {
            Some((length, curvature)) => Measure {
                length,
                length_error: exact(length),
                curvature,
                curvature_error: exact(curvature),
                kinks: polygon::angles(&self.points).into_iter().filter(|angle| *angle > KINK).count(),
                moves: true,
                ..Measure::default()
            },
            None => Measure { dead: 1.0, ..Measure::default() },
        }
    }

    /// Applies ReLU or hard-tanh: cuts sides where a coordinate reaches a kink.
    pub(crate) fn bend(&self, activation: Activation) -> Self {
        let levels: &[f64] = match activation {
            Activation::Relu => &[0.0],
            Activation::Hardtanh => &[-1.0, 1.0],
            _ => return self.clone(),
        };
        let mut points = Vec::new();
        for (from, to) in self.points.iter().zip(self.points.iter().cycle().skip(1)) {
            points.push(from.clone());
            let mut cuts: Vec<f64> = Vec::new();
            for (from, to) in from.iter().zip(to) {
                for level in levels {
                    if (from < level) != (to < level) {
                        cuts.push((level - from) / (to - from));
                    }
                }
            }
            cuts.sort_by(f64::total_cmp);
            cuts.dedup();
            let inner = cuts.into_iter().filter(|share| *share > 0.0 && *share < 1.0);
            points.extend(inner.map(|share| {
                from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect::<Vec<f64>>()
            }));
        }
        points.iter_mut().flatten().for_each(|x| *x = activation.value(*x));
        Self { points }
    }
}

/// Reads rows of numbers, one point each; a first row that is no numbers names the columns.
fn read(input: Reading<'_>) -> Result<Vec<Vec<f64>>, Failure> {
    let help = "a curve is a CSV file with a column per coordinate and a row per point";
    let read = numbers(input, Head::Either).map_err(|failure| failure.help_if_none(help))?;
    Ok(read.rows.iter().map(<[f64]>::to_vec).collect())
}

/// Measures the polygon itself.
pub fn itself(closed: &Closed, effort: Effort) -> Measure {
    judge(closed.measure(), effort)
}
