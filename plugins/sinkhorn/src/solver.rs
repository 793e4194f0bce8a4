//! Solvers of the entropic problem: Sinkhorn's iteration, plain, over-relaxed, or accelerated along a path of decreasing
//! epsilon (Anderson 1965), and Newton's method along that path; for a measure against itself the symmetric iteration.
//!
//! An iteration is one pass over the rows and one over the columns. Sources: Cuturi 2013; Knight, Ruiz and Uçar 2014 and
//! Feydy et al. 2019 (symmetric iteration); Thibault, Chizat, Dossal and Papadakis 2017 (over-relaxation); Brauer,
//! Clason, Lorenz and Wirth 2017 (Newton); Schmitzer 2019 (scaling of epsilon).

use octavo_plugin::Failure;

use crate::alternation::Alternation;
use crate::anderson::Anderson;
use crate::dual::{Potential, Side, l1_error};
use crate::iteration::{COARSE, FLOOR, Log, Settings, Solution, not_converged, path};
use crate::newton;
use crate::params::Method;

/// The failure with the methods that may go further than this one.
pub(crate) fn with_methods(mut failure: Failure, method: Method) -> Failure {
    let better = match method {
        Method::Auto | Method::Newton => return failure,
        Method::Scaling => "`method = \"newton\"`",
        Method::Plain | Method::Overrelaxed => "`method = \"newton\"` or `\"scaling\"`",
    };
    failure.help = failure
        .help
        .map(|help| help.replace("`max_iterations`, or", &format!("`max_iterations`, use {better}, or")));
    failure
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
        Method::Auto | Method::Newton => newton::solve(side, turned, settings)?,
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
