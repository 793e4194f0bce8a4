//! From parameters to artifacts.

use num_bigint::BigInt;
use octavo_plugin::{Activation, Artifacts, Failure, FailureKind, Network, RunContext, Table};

use crate::bounds::{hanin_rolnick, montufar_lower, raghu_upper, serra_upper};
use crate::formula::{self, doubling, zaslavsky};
use crate::lines::{self, Line};
use crate::outputs::has_panels;
use crate::params::{NetworkSource, Portrait, RegionsParams};
use crate::space::Space;
use crate::split::count_regions;
use crate::survey::{Survey, survey};
use crate::training::{self, Checkpoint};
use crate::{arrangement, boundary, draw, folds, networks, portrait, samples, sampling, slice};

/// Most regions that are drawn.
const MOST_DRAWN: u64 = 200_000;

/// Runs the analysis.
///
/// # Errors
/// If an input is no network of the kind, the run is stopped, or there are too many regions.
pub(crate) fn run(params: &RegionsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    context.step(0, 1)?;
    let mut artifacts = Artifacts::new();
    if let Some(formula) = &params.formula {
        artifacts.table("formulas", formula::table(formula));
    } else if let Some(arrangement) = &params.arrangement {
        artifacts.table("arrangements", arrangement::table(arrangement, context)?);
    } else if let Some(portrait) = &params.portrait {
        portrayed(&mut artifacts, params, portrait, context)?;
    } else {
        let subject = subject(params, context)?;
        let space = Space::new(&subject.sliced, subject.domain)?;
        let survey = surveyed(&space, params, context)?;
        measure(&mut artifacts, params, &subject, &space, &survey, context)?;
        if params.drawing {
            drawings(&mut artifacts, params, &subject, &space, &survey, context)?;
        }
    }
    context.step(1, 1)?;
    Ok(artifacts)
}

/// A look at a network, its regions not counted.
fn portrayed(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    portrait: &Portrait,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let Subject { mut network, domain, .. } = subject(params, context)?;
    if matches!(params.network, Some(NetworkSource::Random(_))) {
        for layer in &mut network.layers {
            layer.weights.iter_mut().for_each(|weight| *weight *= portrait.gain);
            if layer.activation == Activation::Relu {
                layer.activation = portrait.activation;
            }
        }
    }
    let sliced = sliced(params, &network, context)?;
    let neurons: usize = network.layers.iter().rev().skip(1).map(|layer| layer.outputs).sum();
    artifacts.scalar("neurons", neurons).scalar("parameters", parameters(&network));
    portrait::draw(artifacts, &sliced, domain, params.dimension(), portrait.points, context)
}

/// Number of weights and biases.
fn parameters(network: &Network) -> usize {
    network.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum()
}

/// What is split: always a network, and the lines it was made of if it was.
struct Subject {
    network: Network,
    /// The network on the plane or line where its regions are counted.
    sliced: Network,
    domain: [[f64; 2]; 2],
    lines: Vec<Line>,
    /// The network as it was in training.
    checkpoints: Vec<Checkpoint>,
}

fn subject(params: &RegionsParams, context: &RunContext<'_>) -> Result<Subject, Failure> {
    let mut domain = params.domain;
    if params.dimension() == 1 {
        // A strip of height 1, cut upright: areas are lengths.
        (domain[0][1], domain[1][1]) = (0.0, 1.0);
    }
    let (mut lines, mut checkpoints) = (Vec::new(), Vec::new());
    let network = match (&params.network, &params.folds, &params.lines) {
        (_, _, Some(given)) => {
            lines = lines::random(given, domain, &mut context.stream("lines"));
            lines::network(&lines)
        }
        (_, Some(folds), _) => folds::network(folds, domain, context)?,
        (Some(source), _, _) => match params.trained() {
            Some(trained) => {
                checkpoints =
                    training::train(trained, &samples::sets(trained, params.domain, context)?, context)?;
                checkpoints[checkpoints.len() - 1].network.clone()
            }
            None => networks::network(source, domain, context)?,
        },
        (None, None, None) => {
            return Err(Failure::user("there is no subject").help("give a `network`, `lines` or `folds`"));
        }
    };
    if params.dimension() == 2 && params.slice.is_none() && network.inputs() != 2 {
        return Err(without_slice(network.inputs()));
    }
    let sliced = sliced(params, &network, context)?;
    Ok(Subject { network, sliced, domain, lines, checkpoints })
}

/// The network on the plane or line of `params`. Rows of data reach a network that is trained on data as it takes them:
/// scaled.
fn sliced(params: &RegionsParams, network: &Network, context: &RunContext<'_>) -> Result<Network, Failure> {
    let scale =
        params.trained().filter(|trained| trained.data.is_some()).map_or(1.0, |trained| trained.scale);
    slice::sliced(network, params.slice.as_ref(), scale, context)
}

/// What to do with a network whose inputs are no plane.
fn without_slice(inputs: usize) -> Failure {
    if inputs == 1 {
        return Failure::user("the network takes a single input")
            .help("give `slice = { directions = [[1]] }`: regions are then counted on a line");
    }
    Failure::user(format!("the network takes {inputs} inputs, and regions are counted in the plane or on a line"))
        .help("give a `slice` through the space of inputs: `origin` and one or two `directions`, or two or three `points`")
}

fn surveyed(space: &Space, params: &RegionsParams, context: &RunContext<'_>) -> Result<Survey, Failure> {
    survey(space, context, params.drawing.then_some(MOST_DRAWN)).map_err(|failure| {
        if params.drawing && failure.kind == FailureKind::Resource {
            failure.help("set `drawing = false` to count more regions than can be drawn")
        } else {
            failure
        }
    })
}

/// Scalars and tables.
fn measure(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    subject: &Subject,
    space: &Space,
    survey: &Survey,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let Subject { network, sliced, .. } = subject;
    scalars(artifacts, params, network, space, survey);
    artifacts.table("layers", layers(space, survey, usize::from(params.slice.is_some())));
    if params.lines.is_some() {
        artifacts.table("steps", steps(&lines::steps(survey)));
    } else if params.folds.is_some() {
        artifacts.table("steps", steps(&fold_steps(survey)));
    }
    if let Some(trained) = params.trained() {
        trained_scalars(artifacts, subject, trained.classifies());
        artifacts.table("training", epochs(params, subject, trained.classifies(), context)?);
    }
    if let Some(sampling) = &params.sampling {
        let dimension = params.dimension();
        let table = sampling::table(sampling, sliced, space, dimension, survey.count, context)?;
        artifacts.table("sampling", table);
    }
    if params.maps {
        artifacts.table("maps", draw::maps(&survey.regions));
    }
    Ok(())
}

fn scalars(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    network: &Network,
    space: &Space,
    survey: &Survey,
) {
    let [area, integral, energy] = survey.sums.values();
    let dimension = params.dimension();
    let widths: Vec<usize> =
        space.stages.iter().filter(|stage| stage.splits()).map(|stage| stage.layer.outputs).collect();
    let neurons: usize = widths.iter().sum();
    // An affine layer narrower than the domain leaves too little room for the theorem.
    let before_last = &space.stages[..space.last_split.unwrap_or(0)];
    let narrow = before_last.iter().any(|stage| stage.layer.outputs < dimension);
    let montufar = if narrow { BigInt::from(1) } else { montufar_lower(&widths, dimension) };
    artifacts
        .scalar("activation_regions", survey.count)
        .scalar("linear_regions", survey.linear.linear_regions)
        .scalar("affine_functions", survey.linear.affine_functions)
        .scalar("area", area)
        .scalar("integral", integral)
        .scalar("gradient_energy", energy)
        .scalar("neurons", neurons)
        .scalar("parameters", parameters(network))
        .scalar("zaslavsky", zaslavsky(neurons, dimension))
        .scalar("layered_bound", raghu_upper(&widths, dimension))
        .scalar("serra_upper", serra_upper(&widths, dimension))
        .scalar("montufar_lower", montufar)
        .scalar("hanin_rolnick", hanin_rolnick(neurons, dimension))
        .scalar("exact_decisions", survey.exact_decisions);
}

fn trained_scalars(artifacts: &mut Artifacts, subject: &Subject, classifies: bool) {
    if let Some(last) = subject.checkpoints.last() {
        artifacts.scalar("train_loss", last.train.loss).scalar("test_loss", last.test.loss);
        if classifies {
            artifacts.scalar("misclassified", last.test.wrong);
        }
    }
}

fn integer(value: u64) -> i64 {
    i64::try_from(value).expect("counts are far below 2^63")
}

fn integers(values: impl Iterator<Item = usize>) -> Vec<i64> {
    values.map(|value| integer(value as u64)).collect()
}

/// Errors and regions in the course of training.
fn epochs(
    params: &RegionsParams,
    subject: &Subject,
    classifies: bool,
    context: &RunContext<'_>,
) -> Result<Table, Failure> {
    let checkpoints = &subject.checkpoints;
    let mut regions = Vec::with_capacity(checkpoints.len());
    for checkpoint in checkpoints {
        let sliced = sliced(params, &checkpoint.network, context)?;
        let counts = count_regions(&sliced, subject.domain, context)?;
        regions.push(integer(counts.after.last().copied().unwrap_or(1)));
    }
    let losses = |of: &dyn Fn(&Checkpoint) -> f64| checkpoints.iter().map(of).collect::<Vec<f64>>();
    let table = Table::new()
        .with("epoch", checkpoints.iter().map(|checkpoint| checkpoint.epoch.into()).collect::<Vec<i64>>())
        .with("train_loss", losses(&|checkpoint| checkpoint.train.loss))
        .with("test_loss", losses(&|checkpoint| checkpoint.test.loss))
        .with("regions", regions);
    let wrong = losses(&|checkpoint| checkpoint.test.wrong);
    Ok(if classifies { table.with("misclassified", wrong) } else { table })
}

fn layers(space: &Space, survey: &Survey, shift: usize) -> Table {
    let after = &survey.after;
    Table::new()
        .with("layer", integers(after.iter().map(|(index, _)| index + 1 - shift)))
        .with("neurons", integers(after.iter().map(|(index, _)| space.stages[*index].layer.outputs)))
        .with("activation_regions", after.iter().map(|(_, count)| integer(*count)).collect::<Vec<i64>>())
}

/// Number of facets after each fold, and how many facets it creases.
fn fold_steps(survey: &Survey) -> Vec<(u64, u64)> {
    let step = |before: &mut u64, (_, after): &(usize, u64)| {
        let crossed = after - *before;
        *before = *after;
        Some((*after, crossed))
    };
    survey.after.iter().scan(1, step).collect()
}

fn steps(steps: &[(u64, u64)]) -> Table {
    let numbers = || 1..=steps.len();
    Table::new()
        .with("n", integers(numbers()))
        .with("regions", steps.iter().map(|(regions, _)| integer(*regions)).collect::<Vec<i64>>())
        .with("crossed", steps.iter().map(|(_, crossed)| integer(*crossed)).collect::<Vec<i64>>())
        .with("parallel", numbers().map(|n| zaslavsky(n, 2)).collect::<Vec<BigInt>>())
        .with("doubling", numbers().map(doubling).collect::<Vec<BigInt>>())
}

fn drawings(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    subject: &Subject,
    space: &Space,
    survey: &Survey,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let Subject { sliced, domain, lines, .. } = subject;
    let regions = &survey.regions;
    if params.dimension() == 1 {
        artifacts.drawing("graph", draw::graph(space, regions)?);
        return Ok(());
    }
    artifacts.drawing("partition", draw::regions(space, regions));
    artifacts.drawing("creases", draw::creases(params, space, regions, lines, context)?);
    if params.folds.is_some() {
        artifacts.drawing("folded", draw::folded(space, regions, context)?);
    }
    if params.by_layer {
        let shift = usize::from(params.slice.is_some());
        artifacts.drawing("by_layer", draw::by_layer(sliced, *domain, shift, context)?);
    }
    if let Some(level) = params.boundary {
        let (drawing, length) = boundary::draw(regions, level, *domain);
        artifacts.drawing("boundary", drawing).scalar("boundary_length", length);
    }
    if has_panels(params) {
        let panels = lines::panels(lines, *domain, context)?;
        artifacts.table("labels", panels.labels);
        artifacts.drawing("panels", panels.cells).drawing("panel_lines", panels.lines);
    }
    Ok(())
}
