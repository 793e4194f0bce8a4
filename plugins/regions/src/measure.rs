//! What is measured of every partition, whoever asks for it: what is declared, and what is given.

use num_bigint::BigInt;
use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::{Artifacts, Failure, Network, OutputSchema, Rows, RunContext};

use crate::bounds::{hanin_rolnick, montufar_lower, raghu_upper, serra_upper};
use crate::closed_form::{doubling, zaslavsky};
use crate::networks::parameters;
use crate::space::Space;
use crate::survey::{Survey, counted, survey};

/// Most regions that are drawn.
pub(crate) const MOST_DRAWN: u64 = 200_000;

/// What takes more than counting.
const MEASURED: [&str; 6] =
    ["linear_regions", "affine_functions", "area", "integral", "gradient_energy", "exact_decisions"];

/// Walks through all regions, measures them if anything is asked for but their number, and keeps them if one of these drawings or tables is
/// asked for. More than can be drawn are not kept, which is told.
///
/// # Errors
/// If the run is stopped, or there are too many regions.
pub(crate) fn surveyed(space: &Space, drawn: &[&str], context: &RunContext<'_>) -> Result<Survey, Failure> {
    let wanted = |names: &[&str]| names.iter().any(|name| context.wants(name));
    let drawing = wanted(drawn);
    if !drawing && !wanted(&MEASURED) {
        return counted(space, context);
    }
    let survey = survey(space, context, if drawing { MOST_DRAWN } else { 0 })?;
    if drawing && survey.regions.is_empty() {
        context.warn(&format!("the drawing is left out: {}", too_many(&survey)));
    }
    Ok(survey)
}

/// Why regions are not drawn.
pub(crate) fn too_many(survey: &Survey) -> String {
    format!("{} regions are more than the {MOST_DRAWN} that are drawn at most", survey.count)
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

/// A layer that splits, and what it leaves.
pub(crate) struct AfterLayer {
    layer: usize,
    neurons: usize,
    regions: u64,
}

impl AfterLayer {
    /// All layers that split. `shift` layers come before those of the network.
    pub(crate) fn all(space: &Space, survey: &Survey, shift: usize) -> Vec<Self> {
        let of = |(index, regions): &(usize, u64)| Self {
            layer: index + 1 - shift,
            neurons: space.stages[*index].layer.outputs,
            regions: *regions,
        };
        survey.after.iter().map(of).collect()
    }
}

/// The table `layers`.
pub(crate) fn layers() -> Rows<AfterLayer> {
    Rows::<AfterLayer>::new("A layer that splits, in the order of the network")
        .integer("layer", "layer", |row| row.layer)
        .integer("neurons", "neurons", |row| row.neurons)
        .integer("activation_regions", "activation regions", |row| row.regions)
}

/// The first lines or folds, and what the newest does.
pub(crate) struct Step {
    /// How many.
    pub(crate) n: usize,
    /// Regions after them.
    pub(crate) regions: u64,
    /// Regions of the earlier ones that the newest crosses.
    pub(crate) crossed: u64,
}

/// The table `steps` of lines and folds.
pub(crate) fn steps() -> Rows<Step> {
    Rows::<Step>::new("The first n lines or folds, beside the two formulas")
        .integer("n", "folds", |step| step.n)
        .integer("regions", "regions", |step| step.regions)
        .integer("crossed", "regions crossed by the newest", |step| step.crossed)
        .big("parallel", "n(n+1)/2 + 1", |step| zaslavsky(step.n, 2))
        .big("doubling", "2^n", |step| doubling(step.n))
}
