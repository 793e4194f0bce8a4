//! The entropic problems of a run: in double-double while pairs are few, else in floats and memory of the order of the points.

use octavo_plugin::{Failure, RunContext};

use crate::cloud::{Cloud, CloudPairs};
use crate::cost::{CostMatrix, Ground, MOST_CELLS, Power};
use crate::dual::{Side, Worth, worth};
use crate::floats::{self, Options, Pairs, Stop};
use crate::grid::{Grid, GridPairs};
use crate::iteration::{Log, Settings, Solution, not_converged};
use crate::measure::Measure;
use crate::params::{Method, Params};
use crate::problem::{Costs, Problem};
use crate::solver::{solve, solve_symmetric, with_methods};

/// Pairs of atoms up to which there is a plan.
const PLAN_CELLS: usize = 20_000;

/// What is known at one epsilon.
pub(crate) struct Solved {
    pub(crate) epsilon: f64,
    pub(crate) worth: Worth,
    /// `None` if the cost does not say what mass within a measure costs, or nobody asks for it.
    pub(crate) divergence: Option<f64>,
    pub(crate) log: Log,
    /// atoms × atoms, if there are few and somebody asks.
    pub(crate) plan: Option<Vec<f64>>,
    /// Where the mass of each atom of the source goes on average, atoms × dimension; empty if nobody asks for it.
    pub(crate) images: Vec<f64>,
}

/// Solves every epsilon.
///
/// # Errors
/// If a tolerance is not reached, a cost is out of range, or the pairs of a cost matrix are too many.
pub(crate) fn solve_all(
    params: &Params,
    problem: &Problem,
    costs: &Costs,
    context: &RunContext<'_>,
) -> Result<Vec<Solved>, Failure> {
    let most = problem.source.len().max(problem.target.len());
    if most * most <= MOST_CELLS {
        return Dense::new(problem, costs)?.solve_all(params, context);
    }
    let Ground::Power(cost) = costs.across else {
        let message = format!("a cost matrix is used for measures of at most {} points", 1 << 10);
        return Err(Failure::resource(message).help("take fewer points"));
    };
    match (&problem.source_grid, &problem.target_grid) {
        (Some(source), Some(target)) if cost.is_sum() => {
            on_grids(params, problem, [source, target], cost, context)
        }
        _ => on_clouds(params, problem, cost, context),
    }
}

/// The way in double-double.
pub(crate) struct Dense<'a> {
    problem: &'a Problem,
    across: CostMatrix,
    turned: CostMatrix,
    within: Option<[CostMatrix; 2]>,
    /// Both measures are one, and so are the costs.
    same: bool,
}

impl<'a> Dense<'a> {
    /// Costs in both directions, and within each measure.
    ///
    /// # Errors
    /// If a cost is out of range.
    pub(crate) fn new(problem: &'a Problem, costs: &Costs) -> Result<Self, Failure> {
        let Problem { source, target, .. } = problem;
        let across = CostMatrix::new(source, target, &costs.across)?;
        let turned = across.transposed();
        let within = match &costs.within {
            Some([first, second]) => {
                Some([CostMatrix::new(source, source, first)?, CostMatrix::new(target, target, second)?])
            }
            None => None,
        };
        let same = source == target && matches!(costs.across, Ground::Power(_));
        Ok(Self { problem, across, turned, within, same })
    }

    /// As [`solve_all`].
    pub(crate) fn solve_all(
        &self,
        params: &Params,
        context: &RunContext<'_>,
    ) -> Result<Vec<Solved>, Failure> {
        let all = 2 + 3 * params.epsilon.len() as u64;
        let one = |(index, epsilon): (usize, &f64)| {
            let settings = Settings {
                epsilon: *epsilon,
                tolerance: params.tolerance,
                max_iterations: params.max_iterations,
                context,
                progress: (2 + 3 * index as u64, all),
            };
            self.one_epsilon(params.method, settings).map_err(|failure| with_methods(failure, params.method))
        };
        params.epsilon.iter().enumerate().map(one).collect()
    }

    /// Solves the problem between the measures and those of each with itself.
    fn one_epsilon(&self, method: Method, settings: Settings<'_, '_>) -> Result<Solved, Failure> {
        let Problem { source, target, .. } = self.problem;
        let epsilon = settings.epsilon;
        let side = Side { cost: &self.across, rows: source, columns: target, epsilon };
        let turned = Side { cost: &self.turned, rows: target, columns: source, epsilon };
        let (solution, worth, divergence) = if self.same {
            let (worth, solution) = within(&self.across, source, settings)?;
            (solution, worth, Some(0.0))
        } else {
            let solution = solve(side, turned, method, settings)?;
            let worth = worth(side, turned, &solution.f, &solution.g);
            reached(&worth, &solution.log, epsilon, settings.tolerance)?;
            let divergence =
                if wants_divergence(settings.context) { self.divergence(&worth, settings)? } else { None };
            (solution, worth, divergence)
        };
        let cells = side.cost.rows * side.cost.columns;
        let context = settings.context;
        let wants_plan = cells <= PLAN_CELLS && context.wants("plan");
        let wants_images = context.wants("barycentric");
        let plan = (wants_plan || wants_images).then(|| side.plan(&solution.f, &solution.g));
        let images =
            plan.as_ref().filter(|_| wants_images).map_or_else(Vec::new, |plan| images(plan, target));
        let plan = plan.filter(|_| wants_plan);
        Ok(Solved { epsilon, worth, divergence, log: solution.log, plan, images })
    }

    fn divergence(&self, worth: &Worth, settings: Settings<'_, '_>) -> Result<Option<f64>, Failure> {
        let Some([first, second]) = &self.within else { return Ok(None) };
        let at = |step| Settings { progress: (settings.progress.0 + step, settings.progress.1), ..settings };
        let own = within(first, &self.problem.source, at(1))?.0;
        let others = within(second, &self.problem.target, at(2))?.0;
        Ok(Some((worth.dual - (own.dual + others.dual).times(0.5)).value()))
    }
}

/// Whether anybody asks for what the problems of each measure with itself are solved for.
pub(crate) fn wants_divergence(context: &RunContext<'_>) -> bool {
    context.wants_column("epsilon", "sinkhorn_divergence")
}

/// A measure against itself.
fn within(
    cost: &CostMatrix,
    measure: &Measure,
    settings: Settings<'_, '_>,
) -> Result<(Worth, Solution), Failure> {
    let side = Side { cost, rows: measure, columns: measure, epsilon: settings.epsilon };
    let solution = solve_symmetric(side, settings)?;
    let worth = worth(side, side, &solution.f, &solution.g);
    reached(&worth, &solution.log, settings.epsilon, settings.tolerance)?;
    Ok((worth, solution))
}

/// The last word on convergence: the marginals of the very plan whose values are given.
pub(crate) fn reached(worth: &Worth, log: &Log, epsilon: f64, tolerance: f64) -> Result<(), Failure> {
    // The negation also catches what is no number.
    let values = [worth.marginal_error, worth.transport_cost, worth.kl_plan, worth.dual.value()];
    if values.iter().all(|value| value.is_finite()) && worth.marginal_error <= tolerance {
        return Ok(());
    }
    let finite = values.iter().all(|value| value.is_finite());
    let achieved = if finite { worth.marginal_error } else { f64::NAN };
    Err(not_converged(epsilon, log.iterations, achieved, tolerance))
}

/// The barycentric map of a plan.
fn images(plan: &[f64], target: &Measure) -> Vec<f64> {
    let mut images = Vec::with_capacity(plan.len() / target.len() * target.dimension);
    for row in plan.chunks_exact(target.len()) {
        let mass: f64 = row.iter().sum();
        for axis in 0..target.dimension {
            let moment: f64 = row.iter().enumerate().map(|(j, mass)| mass * target.point(j)[axis]).sum();
            images.push(moment / mass);
        }
    }
    images
}

/// Between clouds, in floats.
pub(crate) fn on_clouds(
    params: &Params,
    problem: &Problem,
    cost: Power,
    context: &RunContext<'_>,
) -> Result<Vec<Solved>, Failure> {
    let cloud = |measure: &Measure| {
        Cloud::new(measure.dimension, measure.coordinates.clone(), measure.weights.clone())
    };
    let (source, target) = (cloud(&problem.source)?, cloud(&problem.target)?);
    let pairs = |a, b| CloudPairs::new(a, b, cost);
    let all = [pairs(&source, &target), pairs(&source, &source), pairs(&target, &target)];
    in_floats(params, &all, problem.source == problem.target, context)
}

/// Between images, in floats.
pub(crate) fn on_grids(
    params: &Params,
    problem: &Problem,
    [source, target]: [&Grid; 2],
    cost: Power,
    context: &RunContext<'_>,
) -> Result<Vec<Solved>, Failure> {
    let pairs = |a, b| GridPairs::new(a, b, cost);
    let all = [pairs(source, target), pairs(source, source), pairs(target, target)];
    let mut found = in_floats(params, &all, source == target, context)?;
    for solved in &mut found {
        // From pixels to atoms, which are those of positive weight in another order.
        let mut images = vec![0.0; 2 * problem.source.len()];
        let asked = !solved.images.is_empty();
        for place in problem.source_places.iter().filter(|_| asked) {
            images[2 * place.atom..][..2].copy_from_slice(&solved.images[2 * place.row..][..2]);
        }
        solved.images = images;
    }
    Ok(found)
}

/// Source against target, and each against itself.
fn in_floats<P: Pairs>(
    params: &Params,
    [across, own, others]: &[P; 3],
    same: bool,
    context: &RunContext<'_>,
) -> Result<Vec<Solved>, Failure> {
    let all = 2 + 3 * params.epsilon.len() as u64;
    let one = |(index, epsilon): (usize, &f64)| {
        let options = Options {
            epsilon: *epsilon,
            tolerance: params.tolerance,
            max_iterations: params.max_iterations,
            relaxed: params.method == Method::Overrelaxed,
        };
        let stop = |step: u64| Stop::with(context, (2 + 3 * index as u64 + step, all));
        let mut at = stop(0);
        let found = match params.method {
            _ if same => floats::symmetric(across, options, &[], &mut at)?,
            Method::Plain | Method::Overrelaxed => floats::alternate(across, options, (&[], &[]), &mut at)?,
            Method::Auto | Method::Newton | Method::Scaling => floats::scaled(across, options, &mut at)?,
        };
        let divergence = if same {
            Some(0.0)
        } else if wants_divergence(context) {
            let own = floats::symmetric(own, options, &[], &mut stop(1))?.value;
            Some(found.value - 0.5 * (own + floats::symmetric(others, options, &[], &mut stop(2))?.value))
        } else {
            None
        };
        let worth = floats::worth(across, &found, *epsilon);
        let images = if context.wants("barycentric") {
            across.row_images(&found.f, &found.g, *epsilon)
        } else {
            Vec::new()
        };
        reached(&worth, &at.log, *epsilon, params.tolerance)?;
        Ok(Solved { epsilon: *epsilon, worth, divergence, log: at.log, plan: None, images })
    };
    params.epsilon.iter().enumerate().map(one).collect()
}
