//! What is measured of every partition, whoever asks for it: what is declared, and what is given.

use num_bigint::BigInt;
use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::{Artifacts, Failure, FailureKind, Network, OutputSchema, RunContext, Table, TableSchema};

use crate::bounds::{hanin_rolnick, montufar_lower, raghu_upper, serra_upper};
use crate::draw::{integer, integers};
use crate::formula::{doubling, zaslavsky};
use crate::networks::parameters;
use crate::space::Space;
use crate::survey::{Survey, survey};

/// Most regions that are drawn.
const MOST_DRAWN: u64 = 200_000;

/// Walks through all regions, and keeps them if they are to be drawn.
///
/// # Errors
/// If the run is stopped, or there are too many regions.
pub(crate) fn surveyed(space: &Space, drawing: bool, context: &RunContext<'_>) -> Result<Survey, Failure> {
    survey(space, context, drawing.then_some(MOST_DRAWN)).map_err(|failure| {
        if drawing && failure.kind == FailureKind::Resource {
            failure.help("set `drawing = false` to count more regions than can be drawn")
        } else {
            failure
        }
    })
}

/// The scalars of every partition.
pub(crate) fn scalars_declared() -> OutputSchema {
    OutputSchema::new()
        .scalar("activation_regions", Integer, "", "activation regions")
        .scalar("linear_regions", Integer, "", "linear regions")
        .scalar("affine_functions", Integer, "", "distinct affine functions")
        .scalar("area", Float, "", "sum of the regions’ areas")
        .scalar("integral", Float, "", "integral of the first output")
        .scalar("gradient_energy", Float, "", "integral of the first output’s squared slope")
        .scalar("neurons", Integer, "", "hidden neurons")
        .scalar("parameters", Integer, "", "weights and biases")
        .scalar("zaslavsky", Integer, "", "most regions of as many neurons in one layer")
        .scalar("layered_bound", Integer, "", "upper bound for these layers")
        .scalar("serra_upper", Integer, "", "upper bound of Serra et al. for these layers")
        .scalar("montufar_lower", Integer, "", "what the right weights reach, at least")
        .scalar("hanin_rolnick", Float, "", "scale of the mean over random networks")
        .scalar("exact_decisions", Integer, "", "signs decided by exact arithmetic")
}

/// Counts and sums over the regions, and bounds from the widths.
pub(crate) fn scalars(
    artifacts: &mut Artifacts,
    network: &Network,
    space: &Space,
    survey: &Survey,
    dimension: usize,
) {
    let [area, integral, energy] = survey.sums.values();
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

/// The table `layers`.
pub(crate) fn layers_declared() -> TableSchema {
    TableSchema::new("A layer that splits, in the order of the network")
        .column("layer", Integer, "", "layer")
        .column("neurons", Integer, "", "neurons")
        .column("activation_regions", Integer, "", "activation regions")
}

/// Regions after each layer that splits. `shift` layers come before those of the network.
pub(crate) fn layers(space: &Space, survey: &Survey, shift: usize) -> Table {
    let after = &survey.after;
    Table::new()
        .with("layer", integers(after.iter().map(|(index, _)| index + 1 - shift)))
        .with("neurons", integers(after.iter().map(|(index, _)| space.stages[*index].layer.outputs)))
        .with("activation_regions", after.iter().map(|(_, count)| integer(*count)).collect::<Vec<i64>>())
}

/// The table `steps` of lines and folds.
pub(crate) fn steps_declared() -> TableSchema {
    TableSchema::new("The first n lines or folds, beside the two formulas")
        .column("n", Integer, "", "folds")
        .column("regions", Integer, "", "regions")
        .column("crossed", Integer, "", "regions crossed by the newest")
        .column("parallel", Integer, "", "n(n+1)/2 + 1")
        .column("doubling", Integer, "", "2^n")
}

/// After each line or fold the regions, and how many it crossed.
pub(crate) fn steps(steps: &[(u64, u64)]) -> Table {
    let numbers = || 1..=steps.len();
    Table::new()
        .with("n", integers(numbers()))
        .with("regions", steps.iter().map(|(regions, _)| integer(*regions)).collect::<Vec<i64>>())
        .with("crossed", steps.iter().map(|(_, crossed)| integer(*crossed)).collect::<Vec<i64>>())
        .with("parallel", numbers().map(|n| zaslavsky(n, 2)).collect::<Vec<BigInt>>())
        .with("doubling", numbers().map(doubling).collect::<Vec<BigInt>>())
}
