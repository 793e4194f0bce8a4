//! Closed curves given by their rates over one angle, and what is measured of them.

use std::f64::consts::TAU;

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::jets::Rates;

/// Where angles start. No special angle of a hand-made network falls on a node.
pub const START: f64 = 0.754_877_666_246_692_7;
/// Curves shorter than this have collapsed to a point.
pub(crate) const SHORTEST: f64 = 1e-280;

/// Several closed curves over one angle.
pub trait Curves: Sync {
    /// The dimension of the space of each curve.
    fn dimensions(&self) -> Vec<usize>;

    /// The spacing at 1 of the numbers that the curves are computed in.
    fn epsilon(&self) -> f64 {
        f64::EPSILON
    }

    /// The curves that came before the first of these, whose rounding it inherits.
    fn skipped(&self) -> usize {
        0
    }

    /// The rates of each curve at these angles.
    ///
    /// # Errors
    /// If a number leaves the range of floats.
    fn sample(&self, angles: &[f64]) -> Result<Vec<Rates>, Failure>;
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Relative error asked for.
    pub tolerance: f64,
    /// Most angles for each of the two methods.
    pub max_points: usize,
}

/// The measure of one curve.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    /// Euclidean length.
    pub length: f64,
    /// Bound estimated for the error of the length.
    pub length_error: f64,
    /// Total curvature in radians.
    pub curvature: f64,
    /// Bound estimated for the error of the total curvature.
    pub curvature_error: f64,
    /// Number of corners, with turning angles above 1e-13.
    pub kinks: usize,
    /// The share of the circle on which the curve stands still, 0 to 1. Where the speed is zero the direction is not
    /// known, so a smooth curve that stands still anywhere has no total curvature.
    pub dead: f64,
    /// Whether the curve has a total curvature.
    pub moves: bool,
    /// Whether both errors are below the tolerance (or below rounding), and what Fenchel's theorem asks for holds.
    pub resolved: bool,
}

impl Measure {
    /// Fenchel's theorem: a closed curve turns by 2 pi at least. What turns less, beyond its error, was not seen.
    pub fn closes(&self) -> bool {
        self.curvature + 2.0 * self.curvature_error >= TAU * (1.0 - 1e-9)
    }
}

/// The measures of all curves.
#[derive(Clone, Debug)]
pub struct Measured {
    /// One per curve, before and after the activation of each layer that is measured, up to the last.
    pub curves: Vec<Measure>,
    /// Number of angles evaluated.
    pub points: usize,
}

/// The rates of each curve in each batch of angles, computed on the shared pool.
///
/// # Errors
/// Those of [`Curves::sample`], and a request to stop.
pub fn sample(
    curves: &dyn Curves,
    batches: &[Vec<f64>],
    context: &RunContext<'_>,
) -> Result<Vec<Vec<Rates>>, Failure> {
    let one = |batch: &Vec<f64>| {
        context.go_on()?;
        curves.sample(batch)
    };
    batches.par_iter().map(one).collect()
}

/// What rounding may do to the angle between two tangents.
pub(crate) fn noise(epsilon: f64) -> f64 {
    1e3 * epsilon
}

/// Says whether a measure is as exact as was asked for; rounding alone is no reason against it.
pub(crate) fn judge(mut measure: Measure, effort: Effort) -> Measure {
    let good = |error: f64, value: f64| error <= effort.tolerance.max(1e-11) * value;
    measure.resolved = good(measure.length_error, measure.length)
        && (!measure.moves || (measure.closes() && good(measure.curvature_error, measure.curvature)));
    measure
}
