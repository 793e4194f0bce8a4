//! Solvers of the entropic problem: Sinkhorn's iteration, plain or over-relaxed, and Newton's method along a path of
//! decreasing epsilon; for a measure against itself the symmetric iteration.
//!
//! An iteration is one pass over the rows and one over the columns. Sources: Cuturi 2013; Knight, Ruiz and Uçar 2014 and
//! Feydy et al. 2019 (symmetric iteration); Thibault, Chizat, Dossal and Papadakis 2017 (over-relaxation); Brauer,
//! Clason, Lorenz and Wirth 2017 (Newton); Schmitzer 2019 (scaling of epsilon).

use octavo_plugin::{Failure, RunContext};

use crate::dual::{Potential, Side, l1_error};
use crate::newton;
use crate::params::Method;

/// Error below which the marginals of a plan in floats cannot be told from exact.
pub(crate) const FLOOR: f64 = 2e-15;

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
    let message = format!(
        "after {iterations} iterations at epsilon = {epsilon} the marginal error is {achieved:.3e}, above the tolerance {tolerance:e}"
    );
    Failure::numeric(message).help(
        "raise `max_iterations`, use `method = \"newton\"`, or choose a larger `tolerance` or `epsilon`",
    )
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
        self.iterations += 1;
        self.best = self.best.min(error);
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

/// Solves the problem between two measures; `turned` is `side` with rows and columns exchanged.
///
/// # Errors
/// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) if the tolerance is not reached, with the error that was.
pub(crate) fn solve(
    side: Side<'_>,
    turned: Side<'_>,
    method: Method,
    settings: Settings<'_, '_>,
) -> Result<Solution, Failure> {
    let mut solution = match method {
        Method::Plain => alternate(side, turned, false, settings)?,
        Method::Overrelaxed => alternate(side, turned, true, settings)?,
        // Newton eliminates the longer side.
        Method::Newton if side.cost.rows > side.cost.columns => {
            let Solution { f, g, log } = newton::solve(turned, side, settings)?;
            Solution { f: g, g: f, log }
        }
        Method::Newton => newton::solve(side, turned, settings)?,
    };
    balance(side, &mut solution);
    Ok(solution)
}

/// Moves a constant between the potentials so that both have one mean: the value does not change, and rounding errors
/// of the weights' sums cancel.
fn balance(side: Side<'_>, solution: &mut Solution) {
    let difference = solution.f.mean(&side.rows.weights) - solution.g.mean(&side.columns.weights);
    let half = difference.value() / 2.0;
    solution.f.add(-half, &vec![1.0; side.cost.rows]);
    solution.g.add(half, &vec![1.0; side.cost.columns]);
}

/// The symmetric iteration for a measure against itself: half of Sinkhorn's step for both sides at once. Near the
/// solution the error at least halves each time, whatever epsilon is.
///
/// # Errors
/// As [`solve`].
pub(crate) fn solve_symmetric(side: Side<'_>, settings: Settings<'_, '_>) -> Result<Solution, Failure> {
    let mut f = Potential::zero(side.cost.rows);
    let mut log = Log::new();
    let mut stalled = 0;
    loop {
        let excess = side.excess(&f, &f);
        let error = 2.0 * l1_error(side.rows, &excess);
        stalled = if error < 0.9 * log.best { 0 } else { stalled + 1 };
        log.note(error);
        let enough = stalled >= 3 || log.iterations >= settings.max_iterations;
        if error <= FLOOR || (enough && error <= settings.tolerance) {
            return Ok(Solution { g: f.clone(), f, log });
        }
        settings.go_on(side, &log)?;
        f.add(-0.5 * side.epsilon, &excess);
    }
}

/// Sinkhorn's iteration from zero, plain or over-relaxed.
fn alternate(
    side: Side<'_>,
    turned: Side<'_>,
    relaxed: bool,
    settings: Settings<'_, '_>,
) -> Result<Solution, Failure> {
    let (mut f, mut g) = (Potential::zero(side.cost.rows), Potential::zero(side.cost.columns));
    let mut log = Log::new();
    let mut relaxation = Relaxation::default();
    loop {
        let columns = turned.excess(&g, &f);
        g.add(-relaxation.factor * side.epsilon, &columns);
        let rows = side.excess(&f, &g);
        f.add(-relaxation.factor * side.epsilon, &rows);
        let error = l1_error(side.rows, &rows) + l1_error(side.columns, &columns);
        log.note(error);
        if error <= settings.tolerance {
            let exact =
                l1_error(side.rows, &side.excess(&f, &g)) + l1_error(side.columns, &turned.excess(&g, &f));
            if exact <= settings.tolerance {
                return Ok(Solution { f, g, log });
            }
        }
        settings.go_on(side, &log)?;
        if relaxed {
            relaxation.learn(error);
        }
    }
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
        let rate = octavo_plugin::math::powf(error / self.start, 1.0 / f64::from(Self::WINDOW));
        self.start = error;
        if rate.is_finite() && rate < 1.0 && rate > self.factor - 1.0 + 1e-3 {
            let numerator = rate + self.factor - 1.0;
            let eta = (numerator * numerator / (self.factor * self.factor * rate)).min(1.0);
            let best = 2.0 / (1.0 + (1.0 - eta).sqrt());
            self.factor = best.clamp(self.factor, Self::MOST);
        }
    }
}
