//! Newton's method on the dual with the longer side eliminated, along a path of decreasing epsilon.
//!
//! With g the exact half-step of f, the dual is a concave function of f alone, with gradient a - r (r the plan's row
//! sums) and Hessian -L / epsilon, L the Laplacian of [`laplacian`]. A step is accepted if the dual rises or the
//! error falls; if none is found, Sinkhorn iterations follow, which always descend. The last epsilon is solved beyond
//! the tolerance to the accuracy of floats, which Newton gives in one or two further steps.

use octavo_plugin::{Failure, linalg, sum};

use crate::double::Double;
use crate::dual::{ALONE, Potential, Side, l1_error, surplus};
use crate::iteration::{FLOOR, Log, Settings, Solution, not_converged, path};
use crate::laplacian;

/// Marginal error at which an intermediate epsilon is left.
const COARSE: f64 = 0.02;
/// Longest step of a potential, in units of epsilon.
const LONGEST: f64 = 8.0;

/// Conductance of an atom to the ground, relative to its weight: far above rounding, far below any flow that matters.
const LEAK: f64 = 1e-13;

/// Entries of the plan below this carry nothing beside the leak, and products of theirs are below what processors multiply at full speed.
const LEAST: f64 = 1e-150;

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
        let patience = if log.best < 1e-13 { 3 } else { 200 };
        let enough = stalled >= patience || log.iterations >= settings.max_iterations;
        if state.error <= FLOOR || (enough && log.best <= settings.tolerance) {
            let (_, f, g) = best.expect("a state was just kept");
            return Ok(Solution { f, g, log: log.clone() });
        }
        if !state.error.is_finite() {
            return Err(not_converged(side.epsilon, log.iterations, state.error, settings.tolerance));
        }
        settings.go_on(side, log)?;
        state = advance(side, turned, state, log);
    }
}

/// A Newton step if one is accepted, else ten iterations of Sinkhorn.
fn advance(side: Side<'_>, turned: Side<'_>, state: State, log: &mut Log) -> State {
    let gradient = gradient(side, &state);
    let direction = direction(side, &state, &gradient);
    let center = weighted_median(&direction, &side.rows.weights);
    let direction: Vec<f64> = direction.iter().map(|entry| entry - center).collect();
    let longest = direction.iter().fold(0.0_f64, |longest, entry| longest.max(entry.abs()));
    if longest.is_finite() {
        for candidate in candidates(&direction, longest) {
            let slope = sum::dot(&gradient, &candidate) * side.epsilon;
            let mut f = state.f.clone();
            f.add(side.epsilon, &candidate);
            let trial = State::new(side, turned, f, state.g.clone());
            if accepted(&state, &trial, slope) {
                // A shortened step leaves the small scales as they were; Sinkhorn mends those.
                if candidate == direction {
                    return trial;
                }
                log.count(trial.error);
                return trial.sinkhorn(side, turned);
            }
            log.note(state.error);
        }
    }
    (0..10).fold(state, |state, _| {
        log.note(state.error);
        state.sinkhorn(side, turned)
    })
}

/// Steps to try, none longer than [`LONGEST`]. At small epsilon the plan falls into parts that exchange next to no mass,
/// and the direction moves some of them by far too much: cutting each entry off by itself keeps what the others need.
/// Shortening all entries alike keeps the direction.
fn candidates(direction: &[f64], longest: f64) -> impl Iterator<Item = Vec<f64>> {
    let scaled = |factor: f64| direction.iter().map(|entry| factor * entry).collect::<Vec<_>>();
    let cut = move |limit: f64| direction.iter().map(|entry| entry.clamp(-limit, limit)).collect::<Vec<_>>();
    let whole = (LONGEST / longest).min(1.0);
    let cuts = [LONGEST, 1.0].into_iter().filter(move |limit| *limit < longest).map(cut);
    cuts.chain([whole, 0.25 * whole, 0.0625 * whole].map(scaled))
}

/// The value below which, with itself, lies half of the weight.
fn weighted_median(values: &[f64], weights: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut below = 0.0;
    let middle = order.iter().find(|index| {
        below += weights[**index];
        below >= 0.5
    });
    middle.or(order.last()).map_or(0.0, |index| values[*index])
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

/// A matrix (rows × columns) times itself transposed. A product of moderate size stays on this thread: those of a build's other tasks may keep
/// the shared ones busy for longer.
fn squared(rows: usize, columns: usize, matrix: &[f64]) -> Vec<f64> {
    let turned: Vec<f64> =
        (0..columns).flat_map(|j| (0..rows).map(move |i| matrix[i * columns + j])).collect();
    if rows * rows * columns > ALONE * 512 {
        return linalg::matmul(rows, columns, rows, matrix, &turned);
    }
    let mut product = vec![0.0; rows * rows];
    linalg::Packed::new(rows, columns, matrix).times_into(rows, &turned, &mut product);
    product
}

/// The Newton direction in units of epsilon. Every atom is also tied to a ground by [`LEAK`] of its weight: parts of the
/// plan that exchange less than that would otherwise be moved by rounding errors, so far that everything else is lost.
fn direction(side: Side<'_>, state: &State, gradient: &[f64]) -> Vec<f64> {
    let (rows, columns) = (side.cost.rows, side.cost.columns);
    let mut plan = side.plan(&state.f, &state.g);
    let roots: Vec<f64> = side.columns.weights.iter().map(|weight| 1.0 / weight.sqrt()).collect();
    for row in plan.chunks_mut(columns) {
        for (cell, root) in row.iter_mut().zip(&roots) {
            let scaled = *cell * root;
            *cell = if scaled > LEAST { scaled } else { 0.0 };
        }
    }
    let order = rows + 1;
    let mut edges = vec![0.0; order * order];
    for (edges, products) in edges.chunks_mut(order).zip(squared(rows, columns, &plan).chunks(rows)) {
        edges[..rows].copy_from_slice(products);
    }
    let ground = &mut edges[rows * order..rows * order + rows];
    ground.iter_mut().zip(&side.rows.weights).for_each(|(edge, weight)| *edge = LEAK * weight);
    let mut flows = gradient.to_vec();
    flows.push(0.0);
    let mut direction = laplacian::solve(order, edges, flows);
    direction.truncate(rows);
    direction
}
