//! What all iterations share: when they stop, whom they tell, the path of decreasing epsilon, and over-relaxation.

use octavo_plugin::{Failure, RunContext, math};

use crate::dual::{Potential, Side};

/// Error below which the marginals of a plan in floats cannot be told from exact.
pub(crate) const FLOOR: f64 = 2e-15;

/// Marginal error at which an intermediate epsilon is left, and the most iterations spent on it.
pub(crate) const COARSE: (f64, u64) = (0.01, 100);

/// From one epsilon to the next.
const DESCENT: f64 = 0.25;

/// When to stop and whom to tell.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a, 'b> {
    /// The epsilon wanted; on the way to it a side may have another.
    pub(crate) epsilon: f64,
    pub(crate) tolerance: f64,
    pub(crate) max_iterations: u64,
    pub(crate) context: &'a RunContext<'b>,
    /// Number of solved problems before this one, and of all.
    pub(crate) progress: (u64, u64),
}

impl Settings<'_, '_> {
    /// Reports progress; an error if the run should stop or the iterations are used up.
    pub(crate) fn go_on(&self, side: Side<'_>, log: &Log) -> Result<(), Failure> {
        self.context.step(self.progress.0, self.progress.1)?;
        if log.iterations < self.max_iterations {
            return Ok(());
        }
        let mut failure = not_converged(side.epsilon, log.iterations, log.best, self.tolerance);
        if side.epsilon != self.epsilon {
            failure.message.push_str(&format!(", on the way to epsilon = {}", self.epsilon));
        }
        Err(failure)
    }
}

/// The failure of a solver that did not reach its tolerance.
pub(crate) fn not_converged(epsilon: f64, iterations: u64, achieved: f64, tolerance: f64) -> Failure {
    let iterations = octavo_plugin::counted(iterations, "iteration");
    if !achieved.is_finite() {
        let message =
            format!("after {iterations} at epsilon = {epsilon} the plan is out of the range of floats");
        return Failure::numeric(message)
            .help("scale the coordinates, so that costs and `epsilon` are near 1");
    }
    let message = format!(
        "after {iterations} at epsilon = {epsilon} the marginal error is {achieved:.3e}, above the tolerance {tolerance:e}"
    );
    Failure::numeric(message).help("raise `max_iterations`, or choose a larger `tolerance` or `epsilon`")
}

/// Values of epsilon from the scale of the cost down to, and without, the one wanted.
pub(crate) fn path(largest: f64, wanted: f64) -> Vec<f64> {
    let first = 0.5 * largest;
    std::iter::successors(Some(first), |epsilon| Some(epsilon * DESCENT))
        .take_while(|e| *e > wanted)
        .collect()
}

/// The errors along the way.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) iterations: u64,
    /// (iteration, marginal error), thinned to about 5 % steps beyond the hundredth.
    pub(crate) errors: Vec<(u64, f64)>,
    /// The smallest error so far.
    pub(crate) best: f64,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { iterations: 0, errors: Vec::new(), best: f64::INFINITY }
    }

    /// Counts an iteration that found this error.
    pub(crate) fn note(&mut self, error: f64) {
        self.best = self.best.min(error);
        self.count(error);
    }

    /// Counts an iteration within a step, whose error does not stay.
    pub(crate) fn count(&mut self, error: f64) {
        self.iterations += 1;
        let last = self.errors.last().map_or(0, |(iteration, _)| *iteration);
        if self.iterations <= 100 || self.iterations >= last + last / 20 {
            self.errors.push((self.iterations, error));
        }
    }
}

/// Potentials of both sides and the way to them.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    pub(crate) f: Potential,
    pub(crate) g: Potential,
    pub(crate) log: Log,
}

/// The factor of over-relaxation, learned from the rate at which errors fall.
///
/// Near the solution an iteration multiplies the error by eta with factor 1; the best factor is
/// 2 / (1 + sqrt(1 - eta)) and then the rate is factor - 1. While the factor is below the best, the observed rate r tells
/// eta = (r + factor - 1)² / (factor² r) (Young 1954).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relaxation {
    pub(crate) factor: f64,
    count: u32,
    start: f64,
    best: f64,
}

impl Default for Relaxation {
    fn default() -> Self {
        Self { factor: 1.0, count: 0, start: f64::INFINITY, best: f64::INFINITY }
    }
}

impl Relaxation {
    const WINDOW: u32 = 16;
    const MOST: f64 = 1.995;

    /// Takes the error of an iteration into account.
    pub(crate) fn learn(&mut self, error: f64) {
        self.best = self.best.min(error);
        if error > 100.0 * self.best {
            // The safeguard: factor 1 always descends.
            *self = Self { best: error, ..Self::default() };
            return;
        }
        self.count += 1;
        if !self.count.is_multiple_of(Self::WINDOW) {
            return;
        }
        let rate = math::powf(error / self.start, 1.0 / f64::from(Self::WINDOW));
        self.start = error;
        if rate.is_finite() && rate < 1.0 && rate > self.factor - 1.0 + 1e-3 {
            let numerator = rate + self.factor - 1.0;
            let eta = (numerator * numerator / (self.factor * self.factor * rate)).min(1.0);
            let best = 2.0 / (1.0 + (1.0 - eta).sqrt());
            self.factor = best.clamp(self.factor, Self::MOST);
        }
    }
}
