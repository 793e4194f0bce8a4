//! The way of the method `auto` where points are many: accelerated iterations along a path of decreasing epsilon, over
//! [`tiles`](crate::tiles), or over terms that are kept ([`frozen`](crate::frozen)), that stop at the tolerance.
//!
//! On the way tiles are left out that carry less than a thousandth of the tolerance; whether the tolerance is met, and all values, are
//! read off a pass that loses nothing.

use octavo_plugin::{Failure, math, sum};

use crate::anderson::Anderson;
use crate::double::Double;
use crate::dual::Worth;
use crate::floats::{Entropic, Options, Stop, add, l1_error, surplus};
use crate::frozen::Steps;
use crate::iteration::{COARSE, not_converged};
use crate::passes::{LOSSLESS, TRUST};
use crate::tiles::{At, Tiles};

/// The first epsilon on the way, as a share of the largest cost: from here on, potentials of zero are a fair beginning.
const FIRST: f64 = 1.0 / 16.0;
/// From one epsilon to the next, at most.
const DESCENT: f64 = 5.0;
/// Roundings of an exponent, in units of the largest cost over epsilon, below which marginals in floats are noise.
const NOISE: f64 = 4e-15;
/// Steps without a good deal better error after which there will be none, where the tolerance is below the noise.
const PATIENCE: u64 = 500;
/// Share of the tolerance that what is left out may have.
const LEFT_OUT: f64 = 1e-3;

/// The cut on the way to a marginal error.
fn cut(tolerance: f64) -> f64 {
    (math::ln(LEFT_OUT * tolerance) - TRUST).max(LOSSLESS)
}

/// Whether floats can tell plans with this marginal error apart.
pub(crate) fn within_floats(tiles: &Tiles<'_>, epsilon: f64, tolerance: f64) -> bool {
    tolerance >= NOISE * tiles.largest / epsilon
}

/// The best error, and when one came that was a good deal better.
struct Best {
    error: f64,
    at: u64,
    /// Whether errors may stay above the tolerance for good.
    noisy: bool,
}

impl Best {
    fn new(tiles: &Tiles<'_>, options: Options) -> Self {
        let noisy = !within_floats(tiles, options.epsilon, options.tolerance);
        Self { error: f64::INFINITY, at: 0, noisy }
    }

    /// Takes an error in; a failure if nothing better is to be expected.
    fn note(&mut self, error: f64, options: Options, iterations: u64) -> Result<(), Failure> {
        if error < 0.9 * self.error {
            self.at = iterations;
        }
        self.error = self.error.min(error);
        let stuck = self.noisy && iterations > self.at + PATIENCE;
        if stuck || iterations >= options.max_iterations || error.is_nan() {
            return Err(not_converged(options.epsilon, iterations, self.error, options.tolerance));
        }
        Ok(())
    }
}

/// Values of epsilon from [`FIRST`] of the largest cost down to, and without, the one wanted, in equal steps.
fn path(largest: f64, wanted: f64) -> Vec<f64> {
    let first = FIRST * largest;
    if first <= wanted || !first.is_finite() {
        return Vec::new();
    }
    let whole = math::ln(first / wanted);
    let steps = (whole / math::ln(DESCENT)).ceil().max(1.0);
    let ratio = math::exp(-whole / steps);
    std::iter::successors(Some(first), |epsilon| Some(epsilon * ratio))
        .take_while(|epsilon| *epsilon > wanted / ratio.sqrt())
        .collect()
}

/// The plan between two measures, with its worth; nothing where masses leave the range of floats.
///
/// # Errors
/// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) if the tolerance is not reached, with the error that was; what the
/// host says.
pub(crate) fn solve(
    tiles: &Tiles<'_>,
    options: Options,
    stop: &mut Stop<'_, '_>,
) -> Result<Option<Entropic>, Failure> {
    let [rows, columns] = [&tiles.rows.weights[..], &tiles.columns.weights];
    let (mut f, mut g) = (vec![0.0; rows.len()], vec![0.0; columns.len()]);
    for epsilon in path(tiles.largest, options.epsilon).into_iter().chain([options.epsilon]) {
        let last = epsilon.total_cmp(&options.epsilon).is_eq();
        let tolerance = if last { options.tolerance } else { COARSE.0.max(options.tolerance) };
        let (mut anderson, mut best) = (Anderson::new(columns), Best::new(tiles, options));
        let mut steps = Steps::new(tiles, epsilon, cut(tolerance));
        for step in 1.. {
            // The rows are exact after this, and the columns tell the error.
            let Some(below) = steps.both(&mut f, &g) else { return Ok(None) };
            let error = l1_error(columns, &below);
            stop.note(error)?;
            if !last && (error <= tolerance || step >= COARSE.1) {
                break;
            }
            if error <= tolerance {
                let Some(found) = judged(tiles, &f, &g, options, stop) else { return Ok(None) };
                if found.marginal_error <= tolerance {
                    return Ok(Some(found));
                }
            }
            best.note(error, Options { epsilon, ..options }, stop.log.iterations)?;
            let residual: Vec<f64> = below.iter().map(|step| -step).collect();
            let added = anderson.correction(&residual, error);
            add(&mut g, epsilon, &residual);
            add(&mut g, epsilon, &added);
        }
    }
    Err(Failure::bug("the last epsilon ended without a verdict"))
}

/// Value and error at these potentials, with all tiles.
fn judged(
    tiles: &Tiles<'_>,
    f: &[f64],
    g: &[f64],
    options: Options,
    stop: &Stop<'_, '_>,
) -> Option<Entropic> {
    let [rows, columns] = [&tiles.rows.weights[..], &tiles.columns.weights];
    let pass = tiles.pass(At { f, g, epsilon: options.epsilon }, 0.0, LOSSLESS)?;
    let marginal_error = l1_error(rows, &pass.rows) + l1_error(columns, &pass.columns);
    let surplus = sum::sum(&surplus(columns, &pass.columns));
    let value = sum::dot(f, rows) + sum::dot(g, columns) - options.epsilon * surplus;
    let iterations = stop.log.iterations;
    Some(Entropic { value, f: f.to_vec(), g: g.to_vec(), iterations, marginal_error })
}

/// A measure against itself by the averaged iteration, for which both potentials are one; `start` is where it begins.
///
/// # Errors
/// As [`solve`].
pub(crate) fn symmetric(
    tiles: &Tiles<'_>,
    options: Options,
    stop: &mut Stop<'_, '_>,
) -> Result<Option<Entropic>, Failure> {
    let (weights, epsilon) = (&tiles.rows.weights, options.epsilon);
    let mut f = vec![0.0; weights.len()];
    let (mut best, mut judged) = (Best::new(tiles, options), false);
    let mut steps = Steps::new(tiles, epsilon, cut(options.tolerance));
    loop {
        let excess = match judged {
            true => tiles.rows_pass(At { f: &f, g: &f, epsilon }, LOSSLESS),
            false => steps.rows(&f),
        };
        let Some(excess) = excess else { return Ok(None) };
        let marginal_error = 2.0 * l1_error(weights, &excess);
        stop.note(marginal_error)?;
        if marginal_error <= options.tolerance && judged {
            let surplus = sum::sum(&surplus(weights, &excess));
            let value = 2.0 * sum::dot(&f, weights) - epsilon * surplus;
            let iterations = stop.log.iterations;
            return Ok(Some(Entropic { value, g: f.clone(), f, iterations, marginal_error }));
        }
        best.note(marginal_error, options, stop.log.iterations)?;
        // The next step at least halves the error.
        judged = marginal_error <= 1.9 * options.tolerance;
        add(&mut f, -0.5 * epsilon, &excess);
    }
}

/// What the plan of a solution is worth, and where the mass of each row goes on average if that is wanted.
pub(crate) fn worth(
    tiles: &Tiles<'_>,
    found: &Entropic,
    epsilon: f64,
    images: bool,
) -> Option<(Worth, Vec<f64>)> {
    let Entropic { f, g, .. } = found;
    let [rows, columns] = [&tiles.rows.weights[..], &tiles.columns.weights];
    let mass = |weights: &[f64], excess: &[f64]| -> Vec<f64> {
        weights.iter().zip(surplus(weights, excess)).map(|(weight, surplus)| weight + surplus).collect()
    };
    let pass = tiles.pass(At { f, g, epsilon }, 0.0, LOSSLESS)?;
    let (beside, below) = (mass(rows, &pass.rows), mass(columns, &pass.columns));
    let (costs, images) = tiles.means(found, epsilon, images)?;
    let transport_cost = sum::dot(rows, &costs);
    // The sum of P log(P / (a b)) is that of P (f + g - c) / epsilon.
    let logs = (sum::dot(f, &beside) + sum::dot(g, &below) - transport_cost) / epsilon;
    let kl_plan = (logs - (sum::sum(&beside) - 1.0)).max(0.0);
    let (dual, marginal_error) = (Double::from(found.value), found.marginal_error);
    Some((Worth { transport_cost, kl_plan, dual, marginal_error }, images))
}
