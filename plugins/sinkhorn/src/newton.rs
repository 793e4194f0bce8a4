//! Newton's method on the dual with the longer side eliminated, along a path of decreasing epsilon.
//!
//! With g the exact half-step of f, the dual is a concave function of f alone, with gradient a - r (r the plan's row
//! sums) and Hessian -L / epsilon, L the Laplacian of [`laplacian`]. A step is accepted if the dual rises or the
//! error falls; if none is found, Sinkhorn iterations follow, which always descend. The last epsilon is solved beyond
//! the tolerance to the accuracy of floats, which Newton gives in one or two further steps.

use octavo_plugin::{Failure, sum};
use rayon::prelude::*;

use crate::double::Double;
use crate::dual::{Potential, Side, l1_error, surplus};
use crate::laplacian;
use crate::solver::{FLOOR, Log, Settings, Solution, not_converged};

/// Marginal error at which an intermediate epsilon is left.
const COARSE: f64 = 0.02;
/// From one epsilon to the next.
const DESCENT: f64 = 0.25;
/// Longest step of a potential, in units of epsilon.
const LONGEST: f64 = 8.0;

/// A point of the path: columns are always exact, the rest says how good the rows are.
struct State {
    f: Potential,
    g: Potential,
    /// Of the rows, from [`Side::excess`].
    excess: Vec<f64>,
    error: f64,
    dual: Double,
}

impl State {
    /// The state at f, with g improved by the half-step that makes the columns exact.
    fn new(side: Side<'_>, turned: Side<'_>, f: Potential, mut g: Potential) -> Self {
        let columns = turned.excess(&g, &f);
        g.add(-side.epsilon, &columns);
        let excess = side.excess(&f, &g);
        let error = l1_error(side.rows, &excess);
        let dual = f.mean(&side.rows.weights) + g.mean(&side.columns.weights);
        Self { f, g, excess, error, dual }
    }

    /// One iteration of Sinkhorn.
    fn sinkhorn(self, side: Side<'_>, turned: Side<'_>) -> Self {
        let Self { mut f, g, excess, .. } = self;
        f.add(-side.epsilon, &excess);
        Self::new(side, turned, f, g)
    }
}

/// Solves the problem; rows should be the shorter side.
///
/// # Errors
/// As [`solve`](crate::solver::solve).
pub(crate) fn solve(
    side: Side<'_>,
    turned: Side<'_>,
    settings: Settings<'_, '_>,
) -> Result<Solution, Failure> {
    let mut log = Log::new();
    let (mut f, mut g) = (Potential::zero(side.cost.rows), Potential::zero(side.cost.columns));
    for epsilon in path(side.cost.largest, side.epsilon) {
        let (side, turned) = (Side { epsilon, ..side }, Side { epsilon, ..turned });
        log.best = f64::INFINITY;
        (f, g) = descend(side, turned, State::new(side, turned, f, g), settings, &mut log)?;
    }
    log.best = f64::INFINITY;
    finish(side, turned, State::new(side, turned, f, g), settings, &mut log)
}

/// Values of epsilon from the scale of the cost down to, and without, the one wanted.
fn path(largest: f64, wanted: f64) -> Vec<f64> {
    let first = 0.5 * largest;
    std::iter::successors(Some(first), |epsilon| Some(epsilon * DESCENT))
        .take_while(|e| *e > wanted)
        .collect()
}

/// Solves an intermediate epsilon coarsely; running out of steps does no harm here.
fn descend(
    side: Side<'_>,
    turned: Side<'_>,
    mut state: State,
    settings: Settings<'_, '_>,
    log: &mut Log,
) -> Result<(Potential, Potential), Failure> {
    for _ in 0..30 {
        log.note(state.error);
        if state.error <= COARSE {
            break;
        }
        settings.go_on(side, log)?;
        state = advance(side, turned, state, log);
    }
    Ok((state.f, state.g))
}

/// Solves the epsilon wanted to the accuracy of floats.
fn finish(
    side: Side<'_>,
    turned: Side<'_>,
    mut state: State,
    settings: Settings<'_, '_>,
    log: &mut Log,
) -> Result<Solution, Failure> {
    let mut stalled = 0;
    let mut best: Option<(f64, Potential, Potential)> = None;
    loop {
        stalled = if state.error < 0.5 * log.best { 0 } else { stalled + 1 };
        if best.as_ref().is_none_or(|(error, ..)| state.error < *error) {
            best = Some((state.error, state.f.clone(), state.g.clone()));
        }
        log.note(state.error);
        // Far above rounding a pause may be a slow mode, which deserves more patience.
        let patience = if log.best < 1e-13 { 3 } else { 20 };
        if state.error <= FLOOR || (log.best <= settings.tolerance && stalled >= patience) {
            let (_, f, g) = best.expect("a state was just kept");
            return Ok(Solution { f, g, log: log.clone() });
        }
        if !state.error.is_finite() {
            return Err(not_converged(side.epsilon, log.iterations, log.best, settings.tolerance));
        }
        settings.go_on(side, log)?;
        state = advance(side, turned, state, log);
    }
}

/// A Newton step if one is accepted, else ten iterations of Sinkhorn.
fn advance(side: Side<'_>, turned: Side<'_>, state: State, log: &mut Log) -> State {
    let gradient = gradient(side, &state);
    let direction = direction(side, &state, &gradient);
    let center = sum::dot(&direction, &side.rows.weights);
    let direction: Vec<f64> = direction.iter().map(|entry| entry - center).collect();
    let longest = direction.iter().fold(0.0_f64, |longest, entry| longest.max(entry.abs()));
    if longest.is_finite() && longest > 0.0 {
        let slope = sum::dot(&gradient, &direction) * side.epsilon;
        let mut length = (LONGEST / longest).min(1.0);
        for _ in 0..5 {
            let mut f = state.f.clone();
            f.add(length * side.epsilon, &direction);
            let trial = State::new(side, turned, f, state.g.clone());
            if accepted(&state, &trial, length * slope) {
                // A shortened step leaves the small scales as they were; Sinkhorn mends those.
                return if length < 1.0 { trial.sinkhorn(side, turned) } else { trial };
            }
            log.note(state.error);
            length *= 0.25;
        }
    }
    (0..10).fold(state, |state, _| {
        log.note(state.error);
        state.sinkhorn(side, turned)
    })
}

/// Whether the error falls clearly, or the dual rises by a part of what its slope promises.
fn accepted(state: &State, trial: &State, promised: f64) -> bool {
    let rise = (trial.dual - state.dual).value();
    trial.error < 0.7 * state.error || (trial.error.is_finite() && promised > 0.0 && rise >= 0.05 * promised)
}

/// a - r, with its sum, which is rounding, taken out in proportion to the weights.
fn gradient(side: Side<'_>, state: &State) -> Vec<f64> {
    let weights = &side.rows.weights;
    let surplus = surplus(side.rows, &state.excess);
    let share = sum::sum(&surplus) / sum::sum(weights);
    surplus.iter().zip(weights).map(|(entry, weight)| share * weight - entry).collect()
}

/// The Newton direction in units of epsilon. The heaviest atom is the one that stands still: rounding that is left
/// there moves it least.
fn direction(side: Side<'_>, state: &State, gradient: &[f64]) -> Vec<f64> {
    let (rows, columns) = (side.cost.rows, side.cost.columns);
    let mut plan = side.plan(&state.f, &state.g);
    let roots: Vec<f64> = side.columns.weights.iter().map(|weight| 1.0 / weight.sqrt()).collect();
    plan.chunks_exact_mut(columns)
        .for_each(|row| row.iter_mut().zip(&roots).for_each(|(cell, root)| *cell *= root));
    let heaviest = (0..rows)
        .fold(0, |best, row| if side.rows.weights[row] > side.rows.weights[best] { row } else { best });
    let last = rows - 1;
    let mut gradient = gradient.to_vec();
    gradient.swap(heaviest, last);
    if heaviest != last {
        let (before, after) = plan.split_at_mut(last * columns);
        before[heaviest * columns..(heaviest + 1) * columns].swap_with_slice(after);
    }
    let row = |index: usize| &plan[index * columns..(index + 1) * columns];
    let mut edges = vec![0.0; rows * rows];
    edges.par_chunks_mut(rows).enumerate().for_each(|(i, lower)| {
        lower.iter_mut().take(i).enumerate().for_each(|(k, edge)| *edge = sum::dot(row(i), row(k)));
    });
    let mut direction = laplacian::solve(rows, edges, gradient);
    direction.swap(heaviest, last);
    direction
}
