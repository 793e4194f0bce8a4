//! Sinkhorn's iteration in floats, in memory of the order of the points: for pairs of measures that know how to take a half-step,
//! clouds ([`cloud`](crate::cloud)) and grids ([`grid`](crate::grid)).

use octavo_plugin::{Failure, RunContext, math, sum};

use crate::anderson::Anderson;
use crate::double::Double;
use crate::dual::Worth;
use crate::iteration::{COARSE, Log, Relaxation, not_converged, path};

/// When an iteration ends.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Strength of the entropic term, above 0, in units of the cost.
    pub epsilon: f64,
    /// Largest marginal error: L1, both marginals added.
    pub tolerance: f64,
    /// Most iterations of one problem.
    pub max_iterations: u64,
    /// Whether steps are over-relaxed, by a factor that is estimated on the way.
    pub relaxed: bool,
}

/// A solved problem OT_eps = min ⟨P, C⟩ + eps KL(P | a × b).
#[derive(Clone, Debug)]
pub struct Entropic {
    /// The value of the dual problem.
    pub value: f64,
    /// The potential of the source, one entry per atom, in units of the cost.
    pub f: Vec<f64>,
    /// The potential of the target.
    pub g: Vec<f64>,
    /// Iterations, each of two half-steps.
    pub iterations: u64,
    /// L1 errors of both marginals of the plan, added.
    pub marginal_error: f64,
}

/// Two measures with a cost between them.
pub(crate) trait Pairs {
    /// The weights of rows and columns; their sums are 1.
    fn weights(&self) -> [&[f64]; 2];
    /// For each row the logarithm of (its mass under the plan / its weight).
    fn row_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64>;
    /// The same for columns.
    fn column_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64>;
    /// The excess of rows, and that of columns after f has moved by -`factor` epsilon times the former.
    fn both_excesses(&self, f: &[f64], g: &[f64], epsilon: f64, factor: f64) -> [Vec<f64>; 2] {
        let beside = self.row_excess(f, g, epsilon);
        let mut moved = f.to_vec();
        add(&mut moved, -factor * epsilon, &beside);
        let below = self.column_excess(&moved, g, epsilon);
        [beside, below]
    }
    /// For each row the sum of (P_ij / a_i) c_ij.
    fn row_costs(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64>;
    /// For each row the sum of (P_ij / a_i) y_j, rows × dimension.
    fn row_images(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64>;
    /// A bound of the costs.
    fn largest(&self) -> f64;
}

/// Whom to tell of errors and ask whether to go on.
pub(crate) struct Stop<'a, 'b> {
    context: Option<(&'a RunContext<'b>, (u64, u64))>,
    pub(crate) log: Log,
}

impl<'a, 'b> Stop<'a, 'b> {
    /// Nobody.
    pub(crate) fn alone() -> Self {
        Self { context: None, log: Log::new() }
    }

    /// The host, with the number of solved problems and of all.
    pub(crate) fn with(context: &'a RunContext<'b>, progress: (u64, u64)) -> Self {
        Self { context: Some((context, progress)), log: Log::new() }
    }

    pub(crate) fn note(&mut self, error: f64) -> Result<(), Failure> {
        self.log.note(error);
        self.context.map_or(Ok(()), |(context, (done, all))| context.step(done, all))
    }
}

/// Potentials of an earlier call if they fit, else zero.
fn begin(start: &[f64], atoms: usize) -> Vec<f64> {
    let fits = start.len() == atoms && start.iter().all(|entry| entry.is_finite());
    if fits { start.to_vec() } else { vec![0.0; atoms] }
}

/// Sinkhorn's iteration, plain or over-relaxed, from the potentials of `start` where they fit.
///
/// # Errors
/// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) if the tolerance is not reached, with the error that was;
/// what the host says.
pub(crate) fn alternate(
    pairs: &impl Pairs,
    options: Options,
    (f, g): (&[f64], &[f64]),
    stop: &mut Stop<'_, '_>,
) -> Result<Entropic, Failure> {
    let epsilon = options.epsilon;
    let [rows, columns] = pairs.weights();
    let (mut f, mut g) = (begin(f, rows.len()), begin(g, columns.len()));
    let mut relaxation = Relaxation::default();
    let (mut iterations, mut best) = (0, f64::INFINITY);
    let mut below = pairs.column_excess(&f, &g, epsilon);
    loop {
        add(&mut g, -relaxation.factor * epsilon, &below);
        let [beside, next] = pairs.both_excesses(&f, &g, epsilon, relaxation.factor);
        iterations += 1;
        let error = l1_error(rows, &beside) + l1_error(columns, &below);
        best = best.min(error);
        stop.note(error)?;
        if error <= options.tolerance {
            // Rows are known at these potentials; columns are not, unless the step was whole.
            let below = pairs.column_excess(&f, &g, epsilon);
            let marginal_error = l1_error(rows, &beside) + l1_error(columns, &below);
            if marginal_error <= options.tolerance {
                let surplus = sum::sum(&surplus(rows, &beside));
                let value = sum::dot(&f, rows) + sum::dot(&g, columns) - epsilon * surplus;
                return Ok(Entropic { value, f, g, iterations, marginal_error });
            }
        }
        if iterations >= options.max_iterations || error.is_nan() {
            return Err(not_converged(epsilon, iterations, best, options.tolerance));
        }
        add(&mut f, -relaxation.factor * epsilon, &beside);
        below = next;
        if options.relaxed {
            relaxation.learn(error);
        }
    }
}

/// Accelerated iterations along a path of decreasing epsilon. `max_iterations` bounds all of them together.
///
/// # Errors
/// As [`alternate`].
pub(crate) fn scaled(
    pairs: &impl Pairs,
    options: Options,
    stop: &mut Stop<'_, '_>,
) -> Result<Entropic, Failure> {
    let [rows, columns] = pairs.weights();
    let (mut f, mut g) = (vec![0.0; rows.len()], vec![0.0; columns.len()]);
    let mut iterations = 0;
    let epsilons =
        path(pairs.largest(), options.epsilon).into_iter().map(|epsilon| (epsilon, COARSE.0, COARSE.1));
    for (epsilon, tolerance, most) in epsilons.chain([(options.epsilon, options.tolerance, u64::MAX)]) {
        let (mut anderson, mut best) = (Anderson::new(columns), f64::INFINITY);
        for _ in 0..most {
            let [beside, below] = pairs.both_excesses(&f, &g, epsilon, 1.0);
            // The rows are exact after this, and the columns tell the error.
            add(&mut f, -epsilon, &beside);
            let error = l1_error(columns, &below);
            (iterations, best) = (iterations + 1, best.min(error));
            stop.note(error)?;
            let last = epsilon.total_cmp(&options.epsilon).is_eq();
            if error <= tolerance && !last {
                break;
            }
            if error <= tolerance {
                let marginal_error = error + l1_error(rows, &pairs.row_excess(&f, &g, epsilon));
                if marginal_error <= tolerance {
                    let surplus = sum::sum(&surplus(columns, &below));
                    let value = sum::dot(&f, rows) + sum::dot(&g, columns) - epsilon * surplus;
                    return Ok(Entropic { value, f, g, iterations, marginal_error });
                }
            }
            if iterations >= options.max_iterations || error.is_nan() {
                return Err(not_converged(epsilon, iterations, best, options.tolerance));
            }
            let residual: Vec<f64> = below.iter().map(|step| -step).collect();
            let added = anderson.correction(&residual, error);
            add(&mut g, epsilon, &residual);
            add(&mut g, epsilon, &added);
        }
    }
    Err(Failure::bug("the last epsilon ended without a verdict"))
}

/// A measure against itself by the averaged iteration, for which both potentials are one.
///
/// # Errors
/// As [`alternate`].
pub(crate) fn symmetric(
    pairs: &impl Pairs,
    options: Options,
    start: &[f64],
    stop: &mut Stop<'_, '_>,
) -> Result<Entropic, Failure> {
    let weights = pairs.weights()[0];
    let mut f = begin(start, weights.len());
    let (mut iterations, mut best) = (0, f64::INFINITY);
    loop {
        let excess = pairs.row_excess(&f, &f, options.epsilon);
        let marginal_error = 2.0 * l1_error(weights, &excess);
        iterations += 1;
        best = best.min(marginal_error);
        stop.note(marginal_error)?;
        if marginal_error <= options.tolerance {
            let surplus = sum::sum(&surplus(weights, &excess));
            let value = 2.0 * sum::dot(&f, weights) - options.epsilon * surplus;
            return Ok(Entropic { value, g: f.clone(), f, iterations, marginal_error });
        }
        if iterations >= options.max_iterations || marginal_error.is_nan() {
            return Err(not_converged(options.epsilon, iterations, best, options.tolerance));
        }
        add(&mut f, -0.5 * options.epsilon, &excess);
    }
}

/// What the plan of a solution is worth.
pub(crate) fn worth(pairs: &impl Pairs, found: &Entropic, epsilon: f64) -> Worth {
    let Entropic { f, g, .. } = found;
    let [rows, columns] = pairs.weights();
    let mass = |weights: &[f64], excess: &[f64]| -> Vec<f64> {
        weights.iter().zip(surplus(weights, excess)).map(|(weight, surplus)| weight + surplus).collect()
    };
    let beside = mass(rows, &pairs.row_excess(f, g, epsilon));
    let below = mass(columns, &pairs.column_excess(f, g, epsilon));
    let transport_cost = sum::dot(rows, &pairs.row_costs(f, g, epsilon));
    // The sum of P log(P / (a b)) is that of P (f + g - c) / epsilon.
    let logs = (sum::dot(f, &beside) + sum::dot(g, &below) - transport_cost) / epsilon;
    let kl_plan = (logs - (sum::sum(&beside) - 1.0)).max(0.0);
    Worth { transport_cost, kl_plan, dual: Double::from(found.value), marginal_error: found.marginal_error }
}

pub(crate) fn add(potential: &mut [f64], factor: f64, excess: &[f64]) {
    potential.iter_mut().zip(excess).for_each(|(entry, step)| *entry += factor * step);
}

/// Mass minus weight of every atom.
pub(crate) fn surplus(weights: &[f64], excess: &[f64]) -> Vec<f64> {
    // An atom of weight 0 has no mass, however large its excess.
    let one = |weight: &f64, step: &f64| if *weight > 0.0 { weight * math::exp_m1(*step) } else { 0.0 };
    weights.iter().zip(excess).map(|(weight, step)| one(weight, step)).collect()
}

pub(crate) fn l1_error(weights: &[f64], excess: &[f64]) -> f64 {
    sum::sum(&surplus(weights, excess).iter().map(|entry| entry.abs()).collect::<Vec<_>>())
}
