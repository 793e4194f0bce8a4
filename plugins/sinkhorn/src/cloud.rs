//! Entropic transport and the Sinkhorn divergence between clouds of points with cost |x - y|², as functions to be called
//! again and again: values, gradients with respect to the points, warm starts, memory of order n.
//!
//! In floats and without a matrix, see [`stream`](crate::stream); the analysis itself works in double-double. The gradient
//! holds the optimal potentials fixed, which is exact at the optimum (the envelope theorem; Feydy et al. 2019).

use octavo_plugin::{Failure, PointSet, RunContext, sum};

use crate::exact;
use crate::measure::Measure;
use crate::params::Cost;
use crate::solver::{Relaxation, not_converged};
use crate::stream::{self, Blocks};

/// Weighted points, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    dimension: usize,
    points: Vec<f64>,
    weights: Vec<f64>,
}

impl Cloud {
    /// A cloud of `points` (atoms × dimension, row-major); weights are divided by their sum and may be 0.
    ///
    /// # Errors
    /// [`FailureKind::User`](octavo_plugin::FailureKind::User) if lengths do not fit, a number is not finite, a weight is
    /// negative or none is above 0.
    pub fn new(dimension: usize, points: Vec<f64>, mut weights: Vec<f64>) -> Result<Self, Failure> {
        if dimension == 0 || points.len() != dimension * weights.len() {
            let (numbers, atoms) = (points.len(), weights.len());
            let message = format!("{numbers} coordinates are not {atoms} points of dimension {dimension}");
            return Err(Failure::user(message));
        }
        let total = sum::sum(&weights);
        let usable = weights.iter().all(|weight| *weight >= 0.0) && total > 0.0 && total.is_finite();
        if !usable || !points.iter().all(|x| x.is_finite()) {
            let message = "coordinates are finite, weights are finite and not negative, and one is above 0";
            return Err(Failure::user(message));
        }
        weights.iter_mut().for_each(|weight| *weight /= total);
        Ok(Self { dimension, points, weights })
    }

    /// A cloud with equal weights.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn uniform(dimension: usize, points: Vec<f64>) -> Result<Self, Failure> {
        let atoms = points.len() / dimension.max(1);
        Self::new(dimension, points, vec![1.0; atoms])
    }

    fn blocks(&self) -> Blocks {
        Blocks::new(self.dimension, &self.points, &self.weights)
    }
}

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

/// Where a later call may begin.
#[derive(Clone, Debug, Default)]
pub struct Potentials {
    across: [Vec<f64>; 2],
    within: [Vec<f64>; 2],
}

/// The divergence S_eps(a, b) = OT_eps(a, b) - OT_eps(a, a) / 2 - OT_eps(b, b) / 2.
#[derive(Clone, Debug)]
pub struct SinkhornDivergence {
    /// Its value.
    pub value: f64,
    /// Its gradient with respect to the source's points, atoms × dimension, row-major.
    pub gradient: Vec<f64>,
    /// The optimal potentials, for the next call with points nearby.
    pub potentials: Potentials,
    /// Iterations between source and target.
    pub iterations: u64,
}

/// The Sinkhorn divergence between two clouds for the cost |x - y|², with its gradient. `start` may hold the potentials of
/// an earlier call with as many points; they change the way, and the result within the tolerance only.
///
/// # Errors
/// As [`transport`].
pub fn sinkhorn_divergence(
    source: &Cloud,
    target: &Cloud,
    options: Options,
    start: Option<&Potentials>,
) -> Result<SinkhornDivergence, Failure> {
    check(source, target, options)?;
    let empty = Potentials::default();
    let start = start.unwrap_or(&empty);
    let own = symmetric(source, options, &start.within[0])?;
    let blocks = source.blocks();
    let pull = stream::drift(&source.points, &own.f, &blocks, &own.f, options.epsilon);
    if source == target {
        let gradient = vec![0.0; source.points.len()];
        let potentials =
            Potentials { across: [own.f.clone(), own.f.clone()], within: [own.f.clone(), own.f] };
        return Ok(SinkhornDivergence { value: 0.0, gradient, potentials, iterations: own.iterations });
    }
    let other = symmetric(target, options, &start.within[1])?;
    let found = transport(source, target, options, Some((&start.across[0], &start.across[1])))?;
    let push = stream::drift(&source.points, &found.f, &target.blocks(), &found.g, options.epsilon);
    let entry = |index: usize| {
        // Both arguments of OT(a, a) move, which cancels its factor 1/2.
        2.0 * source.weights[index / source.dimension] * (pull[index] - push[index])
    };
    Ok(SinkhornDivergence {
        value: found.value - 0.5 * (own.value + other.value),
        gradient: (0..pull.len()).map(entry).collect(),
        potentials: Potentials { across: [found.f, found.g], within: [own.f, other.f] },
        iterations: found.iterations,
    })
}

fn same_space(source: &Cloud, target: &Cloud) -> Result<(), Failure> {
    if source.dimension != target.dimension {
        let (a, b) = (source.dimension, target.dimension);
        return Err(Failure::user(format!("the source has {a} coordinates and the target {b}")));
    }
    Ok(())
}

fn check(source: &Cloud, target: &Cloud, options: Options) -> Result<(), Failure> {
    same_space(source, target)?;
    if !(options.epsilon.is_finite() && options.epsilon > 0.0) {
        return Err(Failure::user(format!("epsilon = {} is not above 0", options.epsilon)));
    }
    Ok(())
}

/// The squared Wasserstein distance between two clouds, exactly: by sorting on a line, else by the network simplex method.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) for dimensions that differ;
/// [`FailureKind::Resource`](octavo_plugin::FailureKind::Resource) for more than 4,000,000 pairs of points.
pub fn wasserstein_squared(source: &Cloud, target: &Cloud, context: &RunContext<'_>) -> Result<f64, Failure> {
    same_space(source, target)?;
    let measure = |cloud: &Cloud| {
        let Cloud { dimension, points, weights } = cloud.clone();
        Ok::<_, Failure>(Measure::new(&PointSet { dimension, coordinates: points, weights })?.0)
    };
    let found = exact::solve(&measure(source)?, &measure(target)?, Cost::Sqeuclidean, context, (0, 1))?;
    Ok(found.value)
}

/// Potentials of an earlier call if they fit, else zero.
fn begin(start: &[f64], atoms: usize) -> Vec<f64> {
    let fits = start.len() == atoms && start.iter().all(|entry| entry.is_finite());
    if fits { start.to_vec() } else { vec![0.0; atoms] }
}

/// Solves the problem between two clouds by Sinkhorn's iteration, from the potentials of `start` where they fit.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) for dimensions that differ or an epsilon that is not above 0;
/// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) with the marginal error that was reached if it is above
/// the tolerance after `max_iterations`.
pub fn transport(
    source: &Cloud,
    target: &Cloud,
    options: Options,
    start: Option<(&[f64], &[f64])>,
) -> Result<Entropic, Failure> {
    check(source, target, options)?;
    let epsilon = options.epsilon;
    let (rows, columns) = (source.blocks(), target.blocks());
    let (f, g) = start.unwrap_or_default();
    let (mut f, mut g) = (begin(f, source.weights.len()), begin(g, target.weights.len()));
    let mut relaxation = Relaxation::default();
    let (mut iterations, mut best) = (0, f64::INFINITY);
    loop {
        let below = stream::excess(&target.points, &g, &rows, &f, epsilon);
        add(&mut g, -relaxation.factor * epsilon, &below);
        let beside = stream::excess(&source.points, &f, &columns, &g, epsilon);
        iterations += 1;
        let error = l1_error(&source.weights, &beside) + l1_error(&target.weights, &below);
        best = best.min(error);
        if error <= options.tolerance {
            // Rows are known at these potentials; columns are not, unless the step was whole.
            let below = stream::excess(&target.points, &g, &rows, &f, epsilon);
            let marginal_error = l1_error(&source.weights, &beside) + l1_error(&target.weights, &below);
            if marginal_error <= options.tolerance {
                let surplus = sum::sum(&surplus(&source.weights, &beside));
                let value = sum::dot(&f, &source.weights) + sum::dot(&g, &target.weights) - epsilon * surplus;
                return Ok(Entropic { value, f, g, iterations, marginal_error });
            }
        }
        if iterations >= options.max_iterations || error.is_nan() {
            return Err(not_converged(epsilon, iterations, best, options.tolerance));
        }
        add(&mut f, -relaxation.factor * epsilon, &beside);
        if options.relaxed {
            relaxation.learn(error);
        }
    }
}

/// A cloud against itself by the averaged iteration, for which both potentials are one.
fn symmetric(cloud: &Cloud, options: Options, start: &[f64]) -> Result<Entropic, Failure> {
    let blocks = cloud.blocks();
    let mut f = begin(start, cloud.weights.len());
    let (mut iterations, mut best) = (0, f64::INFINITY);
    loop {
        let excess = stream::excess(&cloud.points, &f, &blocks, &f, options.epsilon);
        let marginal_error = 2.0 * l1_error(&cloud.weights, &excess);
        iterations += 1;
        best = best.min(marginal_error);
        if marginal_error <= options.tolerance {
            let surplus = sum::sum(&surplus(&cloud.weights, &excess));
            let value = 2.0 * sum::dot(&f, &cloud.weights) - options.epsilon * surplus;
            return Ok(Entropic { value, g: f.clone(), f, iterations, marginal_error });
        }
        if iterations >= options.max_iterations || marginal_error.is_nan() {
            return Err(not_converged(options.epsilon, iterations, best, options.tolerance));
        }
        add(&mut f, -0.5 * options.epsilon, &excess);
    }
}

fn add(potential: &mut [f64], factor: f64, excess: &[f64]) {
    potential.iter_mut().zip(excess).for_each(|(entry, step)| *entry += factor * step);
}

/// Mass minus weight of every atom.
fn surplus(weights: &[f64], excess: &[f64]) -> Vec<f64> {
    // An atom of weight 0 has no mass, however large its excess.
    let one = |weight: &f64, step: &f64| {
        if *weight > 0.0 { weight * octavo_plugin::math::exp_m1(*step) } else { 0.0 }
    };
    weights.iter().zip(excess).map(|(weight, step)| one(weight, step)).collect()
}

fn l1_error(weights: &[f64], excess: &[f64]) -> f64 {
    sum::sum(&surplus(weights, excess).iter().map(|entry| entry.abs()).collect::<Vec<_>>())
}
