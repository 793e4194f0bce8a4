//! Solvers of the entropic problem: Sinkhorn's iteration, plain, over-relaxed, or accelerated along a path of decreasing
//! epsilon (Anderson 1965), and Newton's method along that path; for a measure against itself the symmetric iteration.
//!
//! An iteration is one pass over the rows and one over the columns. Sources: Cuturi 2013; Knight, Ruiz and Uçar 2014 and
//! Feydy et al. 2019 (symmetric iteration); Thibault, Chizat, Dossal and Papadakis 2017 (over-relaxation); Brauer,
//! Clason, Lorenz and Wirth 2017 (Newton); Schmitzer 2019 (scaling of epsilon).

use octavo_plugin::{Failure, RunContext};

use crate::alternation::Alternation;
use crate::anderson::Anderson;
use crate::dual::{Potential, Side, l1_error};
use crate::floats::COARSE;
use crate::newton;
use crate::params::Method;

/// Error below which the marginals of a plan in floats cannot be told from exact.
pub(crate) const FLOOR: f64 = 2e-15;

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
    if !achieved.is_finite() {
        let message = format!(
            "after {iterations} iterations at epsilon = {epsilon} the plan is out of the range of floats"
        );
        return Failure::numeric(message)
            .help("scale the coordinates, so that costs and `epsilon` are near 1");
    }
    let message = format!(
        "after {iterations} iterations at epsilon = {epsilon} the marginal error is {achieved:.3e}, above the tolerance {tolerance:e}"
    );
    Failure::numeric(message).help("raise `max_iterations`, or choose a larger `tolerance` or `epsilon`")
}

/// The failure with the methods that may go further than this one.
pub(crate) fn with_methods(mut failure: Failure, method: Method) -> Failure {
    let better = match method {
        Method::Newton => return failure,
        Method::Scaling => "`method = \"newton\"`",
        Method::Plain | Method::Overrelaxed => "`method = \"newton\"` or `\"scaling\"`",
    };
    failure.help = failure
        .help
        .map(|help| help.replace("`max_iterations`, or", &format!("`max_iterations`, use {better}, or")));
    failure
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
        Method::Plain => Alternation::new(side, turned).solve(false, settings)?,
        Method::Overrelaxed => Alternation::new(side, turned).solve(true, settings)?,
        Method::Scaling => scaled(side, turned, settings)?,
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

/// Accelerated iterations along a path of decreasing epsilon.
fn scaled(side: Side<'_>, turned: Side<'_>, settings: Settings<'_, '_>) -> Result<Solution, Failure> {
    let (mut f, mut g) = (Potential::zero(side.cost.rows), Potential::zero(side.cost.columns));
    let mut log = Log::new();
    let epsilons = path(side.cost.largest, side.epsilon).into_iter().map(|e| (e, COARSE.0, COARSE.1));
    for (epsilon, tolerance, most) in epsilons.chain([(side.epsilon, settings.tolerance, u64::MAX)]) {
        let (side, turned) = (Side { epsilon, ..side }, Side { epsilon, ..turned });
        let mut anderson = Anderson::new(&side.columns.weights);
        log.best = f64::INFINITY;
        for _ in 0..most {
            let rows = side.excess(&f, &g);
            f.add(-epsilon, &rows);
            // The rows are exact now, and the columns tell the error.
            let columns = turned.excess(&g, &f);
            let error = l1_error(side.columns, &columns);
            log.note(error);
            let last = epsilon.total_cmp(&settings.epsilon).is_eq();
            if error <= tolerance && !last {
                break;
            }
            if error <= tolerance && error + l1_error(side.rows, &side.excess(&f, &g)) <= tolerance {
                return Ok(Solution { f, g, log });
            }
            if error.is_nan() {
                return Err(not_converged(epsilon, log.iterations, error, settings.tolerance));
            }
            settings.go_on(side, &log)?;
            let residual: Vec<f64> = columns.iter().map(|step| -step).collect();
            let added = anderson.correction(&residual, error);
            g.add(epsilon, &residual);
            g.add(epsilon, &added);
        }
    }
    Err(Failure::bug("the last epsilon ended without a verdict"))
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
