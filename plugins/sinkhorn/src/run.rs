//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Column, ColumnType, Failure, FailureKind, RunContext, Table, Value};

use crate::cost::Ground;
use crate::divergence::divergences;
use crate::entropic::{Solved, solve_all};
use crate::exact;
use crate::interpolation;
use crate::measure::{Measure, Place};
use crate::outputs::{PIXEL_ROWS, PLAN_SHARE, with_coordinates, with_images};
use crate::params::Params;
use crate::problem::{Costs, Problem};

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let steps = 2 + 3 * params.epsilon.len() as u64;
    context.step(0, steps)?;
    let problem = Problem::read(params, context)?;
    let costs = Costs::new(params, &problem, context)?;
    let [source, target] = problem.in_space();
    let mut artifacts = Artifacts::new();
    let cheapest = exact_values(&problem, &costs, (context, steps), &mut artifacts)?;
    compare_in_place(&problem, &mut artifacts);
    let solved = if ["epsilon", "convergence", "plan", "barycentric"].iter().any(|name| context.wants(name)) {
        solve_all(params, &problem, &costs, context)?
    } else {
        Vec::new()
    };
    let mut plan = PlanRows::default();
    for one in &solved {
        if let Some(cells) = &one.plan {
            plan.push(&problem, one.epsilon, cells);
        }
    }
    let with = |table: Table, coordinates| with_coordinates(params, table, coordinates);
    let times = &params.interpolation;
    let displaced = interpolation::displaced(source, target, &cheapest, times);
    let pixels = problem
        .axes
        .as_ref()
        .filter(|axes| !cheapest.is_empty() && axes[0].len() * axes[1].len() * times.len() <= PIXEL_ROWS);
    artifacts
        .table("epsilon", epsilon_table(&solved))
        .table("convergence", convergence_table(&solved))
        .table("plan", plan.table())
        .table("barycentric", barycentric_table(params, &problem, &solved))
        .table("pixels", interpolation::pixels(source, target, &displaced, times, pixels))
        .table("interpolation", displaced.table(with))
        .table("mixture", interpolation::mixed(source, target, times).table(with))
        .table("densities", interpolation::densities(source, target, times))
        .table("source", listing(params, &problem.source, &problem.source_places))
        .table("target", listing(params, &problem.target, &problem.target_places));
    Ok(artifacts)
}

/// Adds the exact values that are asked for, and gives the cheapest plan for |x - y|². Where pairs are too many for the general method, the values
/// are missing and say why.
fn exact_values(
    problem: &Problem,
    costs: &Costs,
    (context, steps): (&RunContext<'_>, u64),
    artifacts: &mut Artifacts,
) -> Result<Vec<(usize, usize, f64)>, Failure> {
    let [from, to] = problem.in_space();
    let found = |from: &Measure, to: &Measure, grounds: &[Ground]| {
        match exact::solve(from, to, grounds, context, (0, steps)) {
            Ok(found) => Ok(found.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(failure) if failure.kind == FailureKind::Resource => {
                // The time limit is no reason to leave a value out.
                context.go_on()?;
                Ok(grounds.iter().map(|_| Err(failure.message.clone())).collect())
            }
            Err(failure) => Err(failure),
        }
    };
    let least = context.wants("least_cost");
    let of_least = |ground: &Ground| least && costs.across == *ground;
    let square = of_least(&Ground::SQUARE)
        || ["w2_squared", "interpolation", "pixels", "densities"].iter().any(|name| context.wants(name));
    let distance = of_least(&Ground::DISTANCE) || context.wants("w1");
    let grounds: Vec<Ground> = [(square, Ground::SQUARE), (distance, Ground::DISTANCE)]
        .into_iter()
        .filter_map(|(wanted, ground)| wanted.then_some(ground))
        .collect();
    let mut solved: Vec<(Ground, Exact)> = grounds.iter().cloned().zip(found(from, to, &grounds)?).collect();
    if least && !grounds.contains(&costs.across) {
        let other = found(&problem.source, &problem.target, std::slice::from_ref(&costs.across))?;
        solved.extend(std::iter::once(costs.across.clone()).zip(other));
    }
    let names = [("w1", &Ground::DISTANCE), ("w2_squared", &Ground::SQUARE), ("least_cost", &costs.across)];
    for (name, ground) in names {
        match solved.iter().find(|(solved, _)| solved == ground) {
            Some((_, Ok(exact))) => artifacts.measured(name, exact.value, exact.uncertainty),
            Some((_, Err(reason))) => artifacts.scalar(name, Value::Missing(reason.clone())),
            None => artifacts,
        };
    }
    let squared = solved.into_iter().find(|(ground, _)| *ground == Ground::SQUARE);
    Ok(squared.and_then(|(_, found)| found.ok()).map(|exact| exact.plan).unwrap_or_default())
}

/// An exact value with its plan, or why there is none.
type Exact = Result<exact::Exact, String>;

fn compare_in_place(problem: &Problem, artifacts: &mut Artifacts) {
    let [source, target] = problem.in_space();
    let found = divergences(source, target);
    artifacts
        .scalar("kl", found.kl)
        .scalar("kl_reverse", found.kl_reverse)
        .scalar("js", found.js)
        .scalar("tv", found.tv)
        .scalar("hellinger_squared", found.hellinger_squared);
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn epsilon_table(rows: &[Solved]) -> Table {
    let divergence = |row: &Solved| {
        let reason = "the cost matrix does not say what mass within one measure costs";
        row.divergence.map_or_else(|| Value::Missing(reason.to_owned()), Value::from)
    };
    let divergences = floats(rows.iter().map(divergence));
    let float = |value: fn(&Solved) -> f64| -> Vec<f64> { rows.iter().map(value).collect() };
    Table::new()
        .with("epsilon", float(|row| row.epsilon))
        .with("transport_cost", float(|row| row.worth.transport_cost))
        .with("kl_plan", float(|row| row.worth.kl_plan))
        .with("ot_eps", float(|row| row.worth.dual.value()))
        .with("sinkhorn_divergence", divergences)
        .with("marginal_error", float(|row| row.worth.marginal_error))
        .with("iterations", rows.iter().map(|row| integer(row.log.iterations)).collect::<Vec<_>>())
        .with("dual_gap", float(|row| row.worth.gap(row.epsilon)))
}

fn convergence_table(rows: &[Solved]) -> Table {
    let each = || {
        rows.iter().flat_map(|row| row.log.errors.iter().map(|(step, error)| (row.epsilon, *step, *error)))
    };
    Table::new()
        .with("epsilon", each().map(|(epsilon, ..)| epsilon).collect::<Vec<_>>())
        .with("iteration", each().map(|(_, step, _)| integer(step)).collect::<Vec<_>>())
        .with("marginal_error", each().map(|(.., error)| error).collect::<Vec<_>>())
}

fn floats(values: impl Iterator<Item = Value>) -> Column {
    let values: Vec<Value> = values.collect();
    Column::from_values(ColumnType::Float, &values).expect("floats and missing values are a column of floats")
}

/// Where the mass of each point of the source goes on average.
fn barycentric_table(params: &Params, problem: &Problem, solved: &[Solved]) -> Table {
    let Problem { source, source_places: places, .. } = problem;
    // There are none where nobody asks for them.
    let mapped = || solved.iter().filter(|one| !one.images.is_empty());
    let each = || mapped().flat_map(|one| places.iter().map(move |place| (one, place)));
    let points = |axis: usize| each().map(|(_, place)| source.point(place.atom)[axis]).collect();
    let dimension = source.dimension;
    let image = |axis: usize| {
        floats(each().map(|(one, place)| Value::from(one.images[place.atom * dimension + axis])))
    };
    let table = Table::new()
        .with("epsilon", each().map(|(one, _)| one.epsilon).collect::<Vec<_>>())
        .with("i", each().map(|(_, place)| number(place)).collect::<Vec<_>>());
    let table = with_coordinates(params, table, (0..dimension).map(points).collect());
    let table = with_images(params, table, (0..dimension).map(image).collect());
    table
        .with("weight", each().map(|(_, place)| source.weights[place.atom] * place.share).collect::<Vec<_>>())
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
