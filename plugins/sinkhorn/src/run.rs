//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, RunContext, Table};

use crate::cost::CostMatrix;
use crate::divergence::divergences;
use crate::dual::{Side, Worth, worth};
use crate::measure::{Measure, Place, points};
use crate::outputs::{PLAN_CELLS, PLAN_SHARE, with_coordinates};
use crate::params::{Cost, Params};
use crate::solver::{Log, Settings, Solution, not_converged, solve, solve_symmetric};
use crate::{exact, interpolation};

/// Both measures and where their points went.
struct Problem {
    source: Measure,
    target: Measure,
    source_places: Vec<Place>,
    target_places: Vec<Place>,
}

impl Problem {
    fn read(params: &Params, context: &RunContext<'_>) -> Result<Self, Failure> {
        let first = points(&params.source, "source", None, context)?;
        let second = points(&params.target, "target", Some(&first), context)?;
        if first.dimension != second.dimension {
            let (a, b) = (first.dimension, second.dimension);
            return Err(Failure::user(format!("the source has {a} coordinates and the target {b}"))
                .help("transport needs points of one space"));
        }
        let (source, source_places) = Measure::new(&first)?;
        let (target, target_places) = Measure::new(&second)?;
        Ok(Self { source, target, source_places, target_places })
    }
}

/// The costs that every epsilon needs.
struct Costs {
    across: CostMatrix,
    turned: CostMatrix,
    within: [CostMatrix; 2],
}

impl Costs {
    fn new(problem: &Problem, cost: Cost) -> Result<Self, Failure> {
        let Problem { source, target, .. } = problem;
        let across = CostMatrix::new(source, target, cost)?;
        let turned = across.transposed();
        let within = [CostMatrix::new(source, source, cost)?, CostMatrix::new(target, target, cost)?];
        Ok(Self { across, turned, within })
    }
}

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let steps = 2 + 3 * params.epsilon.len() as u64;
    context.step(0, steps)?;
    let problem = Problem::read(params, context)?;
    let Problem { source, target, .. } = &problem;
    let first = exact::solve(source, target, Cost::Euclidean, context, (0, steps))?;
    let second = exact::solve(source, target, Cost::Sqeuclidean, context, (1, steps))?;
    let mut artifacts = Artifacts::new();
    artifacts.measured("w1", first.value, first.uncertainty);
    artifacts.measured("w2_squared", second.value, second.uncertainty);
    compare_in_place(&problem, &mut artifacts);
    entropic(params, &problem, context, &mut artifacts)?;
    let with = |table: Table, coordinates| with_coordinates(params, table, coordinates);
    let times = &params.interpolation;
    artifacts
        .table("interpolation", interpolation::displaced(source, target, &second.plan, times).table(with))
        .table("mixture", interpolation::mixed(source, target, times).table(with))
        .table("densities", interpolation::densities(source, target, times))
        .table("source", listing(params, source, &problem.source_places))
        .table("target", listing(params, target, &problem.target_places));
    Ok(artifacts)
}

fn compare_in_place(problem: &Problem, artifacts: &mut Artifacts) {
    let found = divergences(&problem.source, &problem.target);
    artifacts
        .scalar("kl", found.kl)
        .scalar("kl_reverse", found.kl_reverse)
        .scalar("js", found.js)
        .scalar("tv", found.tv)
        .scalar("hellinger_squared", found.hellinger_squared);
}

/// One row of the table `epsilon`.
struct Row {
    epsilon: f64,
    worth: Worth,
    divergence: f64,
    log: Log,
}

fn entropic(
    params: &Params,
    problem: &Problem,
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    let costs = Costs::new(problem, params.cost)?;
    let mut rows = Vec::new();
    let mut plan = PlanRows::default();
    for (index, epsilon) in params.epsilon.iter().enumerate() {
        let solved = 2 + 3 * index as u64;
        let settings = Settings {
            epsilon: *epsilon,
            tolerance: params.tolerance,
            max_iterations: params.max_iterations,
            context,
            progress: (solved, 2 + 3 * params.epsilon.len() as u64),
        };
        let (row, solution) = one_epsilon(params, problem, &costs, *epsilon, settings)?;
        if problem.source.len() * problem.target.len() <= PLAN_CELLS {
            let side = Side {
                cost: &costs.across,
                rows: &problem.source,
                columns: &problem.target,
                epsilon: *epsilon,
            };
            plan.push(problem, *epsilon, &side.plan(&solution.f, &solution.g));
        }
        rows.push(row);
    }
    artifacts
        .table("epsilon", epsilon_table(&rows))
        .table("convergence", convergence_table(&rows))
        .table("plan", plan.table());
    Ok(())
}

/// Solves the problem between the measures and those of each with itself.
fn one_epsilon(
    params: &Params,
    problem: &Problem,
    costs: &Costs,
    epsilon: f64,
    settings: Settings<'_, '_>,
) -> Result<(Row, Solution), Failure> {
    let Problem { source, target, .. } = problem;
    let within = |index: usize, measure| -> Result<(Worth, Solution), Failure> {
        let side = Side { cost: &costs.within[index], rows: measure, columns: measure, epsilon };
        let progress = (settings.progress.0 + 1 + index as u64, settings.progress.1);
        let solution = solve_symmetric(side, Settings { progress, ..settings })?;
        let worth = worth(side, side, &solution.f, &solution.g);
        reached(&worth, &solution.log, epsilon, params.tolerance)?;
        Ok((worth, solution))
    };
    if source == target {
        let (worth, solution) = within(0, source)?;
        return Ok((Row { epsilon, worth, divergence: 0.0, log: solution.log.clone() }, solution));
    }
    let side = Side { cost: &costs.across, rows: source, columns: target, epsilon };
    let turned = Side { cost: &costs.turned, rows: target, columns: source, epsilon };
    let solution = solve(side, turned, params.method, settings)?;
    let worth = worth(side, turned, &solution.f, &solution.g);
    reached(&worth, &solution.log, epsilon, params.tolerance)?;
    let (own, others) = (within(0, source)?.0, within(1, target)?.0);
    let divergence = (worth.dual - (own.dual + others.dual).times(0.5)).value();
    Ok((Row { epsilon, worth, divergence, log: solution.log.clone() }, solution))
}

/// The last word on convergence: the marginals of the very plan whose values are given.
fn reached(worth: &Worth, log: &Log, epsilon: f64, tolerance: f64) -> Result<(), Failure> {
    // The negation also catches what is no number.
    if worth.marginal_error.is_finite() && worth.marginal_error <= tolerance {
        return Ok(());
    }
    Err(not_converged(epsilon, log.iterations, worth.marginal_error, tolerance))
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn epsilon_table(rows: &[Row]) -> Table {
    let float = |value: fn(&Row) -> f64| -> Vec<f64> { rows.iter().map(value).collect() };
    Table::new()
        .with("epsilon", float(|row| row.epsilon))
        .with("transport_cost", float(|row| row.worth.transport_cost))
        .with("kl_plan", float(|row| row.worth.kl_plan))
        .with("ot_eps", float(|row| row.worth.dual.value()))
        .with("sinkhorn_divergence", float(|row| row.divergence))
        .with("marginal_error", float(|row| row.worth.marginal_error))
        .with("iterations", rows.iter().map(|row| integer(row.log.iterations)).collect::<Vec<_>>())
        .with("dual_gap", float(|row| row.worth.gap(row.epsilon)))
}

fn convergence_table(rows: &[Row]) -> Table {
    let each = || {
        rows.iter().flat_map(|row| row.log.errors.iter().map(|(step, error)| (row.epsilon, *step, *error)))
    };
    Table::new()
        .with("epsilon", each().map(|(epsilon, ..)| epsilon).collect::<Vec<_>>())
        .with("iteration", each().map(|(_, step, _)| integer(step)).collect::<Vec<_>>())
        .with("marginal_error", each().map(|(.., error)| error).collect::<Vec<_>>())
}

/// The point's number from 1, as in the input.
fn number(place: &Place) -> i64 {
    integer(place.row as u64 + 1)
}

fn listing(params: &Params, measure: &Measure, places: &[Place]) -> Table {
    let coordinates = (0..measure.dimension)
        .map(|axis| places.iter().map(|place| measure.point(place.atom)[axis]).collect())
        .collect();
    let numbers: Vec<i64> = places.iter().map(number).collect();
    let weights: Vec<f64> = places.iter().map(|place| measure.weights[place.atom] * place.share).collect();
    with_coordinates(params, Table::new().with("i", numbers), coordinates).with("weight", weights)
}

#[derive(Default)]
struct PlanRows {
    epsilon: Vec<f64>,
    i: Vec<i64>,
    j: Vec<i64>,
    mass: Vec<f64>,
}

impl PlanRows {
    /// Adds the pairs of one plan that carry mass, in the order of the points as given.
    fn push(&mut self, problem: &Problem, epsilon: f64, plan: &[f64]) {
        let columns = problem.target.len();
        let least = PLAN_SHARE * plan.iter().copied().fold(0.0, f64::max);
        for from in &problem.source_places {
            for to in &problem.target_places {
                let mass = plan[from.atom * columns + to.atom] * from.share * to.share;
                if mass >= least {
                    self.epsilon.push(epsilon);
                    self.i.push(number(from));
                    self.j.push(number(to));
                    self.mass.push(mass);
                }
            }
        }
    }

    fn table(self) -> Table {
        Table::new().with("epsilon", self.epsilon).with("i", self.i).with("j", self.j).with("mass", self.mass)
    }
}
