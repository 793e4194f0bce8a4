//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, FailureKind, RunContext, Table, Value};

use crate::chosen::solve_all;
use crate::cost::Ground;
use crate::divergence::divergences;
use crate::entropic::Solved;
use crate::exact;
use crate::interpolation;
use crate::measure::{Measure, Place};
use crate::params::Params;
use crate::problem::{Costs, Problem};
use crate::tables::{self, Image, Listed, Pair, Step};

/// The tables, in the order in which they come out.
const TABLES: [&str; 10] = [
    "epsilon",
    "convergence",
    "plan",
    "barycentric",
    "pixels",
    "interpolation",
    "mixture",
    "densities",
    "source",
    "target",
];
/// Pixels times instants up to which the table `pixels` has rows.
const PIXEL_ROWS: usize = 200_000;
/// Share of the largest mass of a plan below which a pair is left out of the table `plan`.
const PLAN_SHARE: f64 = 1e-6;

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let steps = 2 + 3 * params.epsilon.len() as u64;
    context.step(0, steps)?;
    let problem = Problem::read(params, context)?;
    let costs = Costs::new(params, &problem, context)?;
    let mut artifacts = Artifacts::new();
    let cheapest = exact_values(&problem, &costs, (context, steps), &mut artifacts)?;
    compare_in_place(&problem, &mut artifacts);
    let solved = if ["epsilon", "convergence", "plan", "barycentric"].iter().any(|name| context.wants(name)) {
        solve_all(params, &problem, &costs, context)?
    } else {
        Vec::new()
    };
    for name in TABLES.into_iter().filter(|name| context.wants(name)) {
        artifacts.table(name, table(name, params, &problem, &solved, &cheapest)?);
    }
    Ok(artifacts)
}

/// One table, from what was solved and the cheapest plan for |x - y|².
fn table(
    name: &str,
    params: &Params,
    problem: &Problem,
    solved: &[Solved],
    cheapest: &[(usize, usize, f64)],
) -> Result<Table, Failure> {
    let [source, target] = problem.in_space();
    let times = &params.interpolation;
    let displaced = || interpolation::displaced(source, target, cheapest, times);
    let few = |axes: &&[Vec<f64>; 2]| {
        !cheapest.is_empty() && axes[0].len() * axes[1].len() * times.len() <= PIXEL_ROWS
    };
    Ok(match name {
        "epsilon" => tables::epsilon().table(solved),
        "convergence" => tables::convergence().table(&steps_of(solved)),
        "plan" => tables::plan().table(&pairs(problem, solved)),
        "barycentric" => tables::barycentric(params).table(&images(problem, solved)),
        "pixels" => {
            let axes = problem.axes.as_ref().filter(few);
            tables::pixels().table(&interpolation::pixels(source, target, &displaced(), times, axes))
        }
        "interpolation" => tables::interpolation(params).table(&displaced()),
        "mixture" => tables::mixture(params).table(&interpolation::mixed(source, target, times)),
        "densities" => tables::densities().table(&interpolation::densities(source, target, times)),
        "source" => tables::source(params).table(&listed(&problem.source, &problem.source_places)),
        "target" => tables::target(params).table(&listed(&problem.target, &problem.target_places)),
        _ => return Err(Failure::bug(format!("there is no table `{name}`"))),
    })
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
        || ["w2_squared", "priced_pairs", "interpolation", "pixels", "densities"]
            .iter()
            .any(|name| context.wants(name));
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
    let priced = solved.iter().find(|(solved, _)| *solved == Ground::SQUARE);
    artifacts.scalar(
        "priced_pairs",
        match priced.map(|(_, found)| found.as_ref().map(|exact| exact.priced)) {
            Some(Ok(Some(priced))) => Value::Integer(priced.into()),
            Some(Ok(None)) => Value::Missing("on a line, sorting is enough".to_owned()),
            Some(Err(reason)) => Value::Missing(reason.clone()),
            None => Value::Missing("W₂² was not asked for".to_owned()),
        },
    );
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

/// The iterations of all epsilons.
fn steps_of(solved: &[Solved]) -> Vec<Step> {
    let of = |one: &Solved| {
        let epsilon = one.epsilon;
        let step =
            move |(iteration, error): &(u64, f64)| Step { epsilon, iteration: *iteration, error: *error };
        one.log.errors.iter().map(step).collect::<Vec<_>>()
    };
    solved.iter().flat_map(of).collect()
}

/// The pairs of all plans that carry mass, in the order of the points as given.
fn pairs(problem: &Problem, solved: &[Solved]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for one in solved {
        let Some(plan) = &one.plan else { continue };
        let least = PLAN_SHARE * plan.iter().copied().fold(0.0, f64::max);
        for from in &problem.source_places {
            for to in &problem.target_places {
                let mass = plan[from.atom * problem.target.len() + to.atom] * from.share * to.share;
                if mass >= least {
                    let (from, to) = (number(from), number(to));
                    pairs.push(Pair { epsilon: one.epsilon, from, to, mass });
                }
            }
        }
    }
    pairs
}

/// Where the mass of each point of the source goes on average; nowhere where nobody asks.
fn images<'a>(problem: &'a Problem, solved: &'a [Solved]) -> Vec<Image<'a>> {
    let Problem { source, source_places, .. } = problem;
    let mut rows = Vec::new();
    for one in solved.iter().filter(|one| !one.images.is_empty()) {
        rows.extend(source_places.iter().map(|place| Image {
            epsilon: one.epsilon,
            number: number(place),
            point: source.point(place.atom),
            image: &one.images[place.atom * source.dimension..][..source.dimension],
            weight: source.weights[place.atom] * place.share,
        }));
    }
    rows
}

/// The point's number from 1, as in the input.
fn number(place: &Place) -> usize {
    place.row + 1
}

fn listed<'a>(measure: &'a Measure, places: &[Place]) -> Vec<Listed<'a>> {
    let row = |place: &Place| Listed {
        number: number(place),
        point: measure.point(place.atom),
        weight: measure.weights[place.atom] * place.share,
    };
    places.iter().map(row).collect()
}
