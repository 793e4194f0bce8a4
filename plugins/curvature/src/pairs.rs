//! Correlations between pairs of points of the circle, layer by layer, with theory.

use std::f64::consts::TAU;

use octavo_plugin::{Failure, RunContext, math, sum};

use crate::correlation::{CorrelationMap, LARGEST};
use crate::curves::START;
use crate::forward::NetworkCurves;
use crate::meanfield::Ensemble;
use crate::subject::{self, Subject};

/// Pairs averaged for each angle.
const PAIRS: usize = 32;

/// The correlation of the inputs of a layer's neurons for points this far apart on the circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// The layer, from 1.
    pub layer: usize,
    /// The angle between the two points, in radians.
    pub angle: f64,
    /// The mean over pairs of h·h' / |h| |h'|.
    pub measured: f64,
    /// Mean-field theory; for random networks only, and while the variance is moderate.
    pub theory: Option<f64>,
}

/// The correlations of all layers before the activation, angle after angle.
///
/// # Errors
/// If the run should stop.
pub fn measure(
    subject: &Subject,
    angles: &[f64],
    context: &RunContext<'_>,
) -> Result<Vec<Correlation>, Failure> {
    let curves = NetworkCurves::new(&subject.network, &subject.circle);
    let start = |pair: usize| START + TAU * pair as f64 / PAIRS as f64;
    let sides = std::iter::once(0.0).chain(angles.iter().copied());
    let points: Vec<f64> = sides.flat_map(|angle| (0..PAIRS).map(move |pair| start(pair) + angle)).collect();
    let depth = subject.network.layers.len();
    let theory =
        subject.ensemble.map(|ensemble| theories(&ensemble, subject, angles, context)).transpose()?;
    let mut found = Vec::with_capacity(depth * angles.len());
    for layer in 1..=depth {
        let positions = curves.positions(layer, &points, context)?;
        for (index, angle) in angles.iter().enumerate() {
            let means = mean_cosine(&positions, points.len(), (index + 1) * PAIRS);
            let theory = theory.as_ref().and_then(|theory| theory[index][layer - 1]);
            found.push(Correlation { layer, angle: *angle, measured: means, theory });
        }
    }
    Ok(found)
}

/// The mean cosine between the first [`PAIRS`] columns and those from `other` on.
fn mean_cosine(positions: &[f64], points: usize, other: usize) -> f64 {
    let product =
        |x: usize, y: usize| positions.chunks_exact(points).fold(0.0, |total, row| total + row[x] * row[y]);
    let cosine = |pair: usize| {
        let (x, y) = (pair, other + pair);
        product(x, y) / (product(x, x).sqrt() * product(y, y).sqrt())
    };
    let cosines: Vec<f64> = (0..PAIRS).map(cosine).collect();
    sum::sum(&cosines) / PAIRS as f64
}

/// Theory for each angle, layer by layer; the variance follows its own recursion. None from where it is too large.
fn theories(
    ensemble: &Ensemble,
    subject: &Subject,
    angles: &[f64],
    context: &RunContext<'_>,
) -> Result<Vec<Vec<Option<f64>>>, Failure> {
    let start = subject::start(ensemble, &subject.circle);
    let mut q = start.q;
    // Only the part of the variance that turns with the angle loses its correlation.
    let mut here: Vec<Option<f64>> =
        angles.iter().map(|angle| Some(1.0 - start.g * (1.0 - math::cos(*angle)) / q)).collect();
    let mut all: Vec<Vec<Option<f64>>> = here.iter().map(|c| vec![*c]).collect();
    for _ in 1..subject.network.layers.len() {
        let (map, next) = (CorrelationMap::new(*ensemble, q), ensemble.next_variance(q));
        for (c, all) in here.iter_mut().zip(&mut all) {
            context.go_on()?;
            *c = c.filter(|_| q <= LARGEST).map(|c| map.next(c) * (q / next));
            all.push(*c);
        }
        q = next;
    }
    Ok(all)
}
