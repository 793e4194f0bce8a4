//! What a run gives, declared.

use octavo_plugin::ColumnType::{Bool, Float, Integer, Text};
use octavo_plugin::{GeometryKind, OutputSchema, TableSchema};

use crate::lines::MOST_PANELS;
use crate::params::RegionsParams;

/// Whether every step of the lines is drawn.
pub(crate) fn has_panels(params: &RegionsParams) -> bool {
    params.drawing && params.lines.as_ref().is_some_and(|lines| lines.count <= MOST_PANELS)
}

/// All that a run with these parameters gives.
pub(crate) fn outputs(params: &RegionsParams) -> OutputSchema {
    if params.formula.is_some() {
        return OutputSchema::new().table("formulas", formulas());
    }
    if params.arrangement.is_some() {
        return OutputSchema::new().table("arrangements", arrangements());
    }
    if params.portrait.is_some() {
        return portrait(params);
    }
    let mut outputs = scalars().table("layers", layers());
    if params.lines.is_some() || params.folds.is_some() {
        outputs = outputs.table("steps", steps());
    }
    if let Some(trained) = params.trained() {
        outputs = training(outputs, trained.classifies());
    }
    if params.sampling.is_some() {
        outputs = outputs.table("sampling", sampling());
    }
    if params.maps {
        outputs = outputs.table("maps", maps());
    }
    if has_panels(params) {
        outputs = outputs.table("labels", labels());
    }
    if params.drawing { drawings(params, outputs) } else { outputs }
}

fn scalars() -> OutputSchema {
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

fn portrait(params: &RegionsParams) -> OutputSchema {
    let outputs = OutputSchema::new()
        .scalar("neurons", Integer, "", "hidden neurons")
        .scalar("parameters", Integer, "", "weights and biases")
        .scalar("crossings", Float, "", "crossings of the median along a line of the grid, mean")
        .scalar(
            "variation",
            Float,
            "",
            "ascents and descents along a line of the grid, over the whole range, mean",
        );
    if params.dimension() == 2 {
        let about = "The share of the points at which the first output is smaller";
        return outputs.raster("portrait", about, "", "share of lower points");
    }
    let graph = TableSchema::new("A point of the line and the first output there")
        .column("x", Float, "", "x")
        .column("level", Float, "", "output, from lowest to highest")
        .column("value", Float, "", "first output");
    outputs.table("graph", graph)
}

fn layers() -> TableSchema {
    TableSchema::new("A layer that splits, in the order of the network")
        .column("layer", Integer, "", "layer")
        .column("neurons", Integer, "", "neurons")
        .column("activation_regions", Integer, "", "activation regions")
}

fn steps() -> TableSchema {
    TableSchema::new("The first n lines or folds, beside the two formulas")
        .column("n", Integer, "", "folds")
        .column("regions", Integer, "", "regions")
        .column("crossed", Integer, "", "regions crossed by the newest")
        .column("parallel", Integer, "", "n(n+1)/2 + 1")
        .column("doubling", Integer, "", "2^n")
}

fn formulas() -> TableSchema {
    TableSchema::new("A number of hyperplanes in general position in a space of some dimension")
        .column("n", Integer, "", "folds")
        .column("dimension", Integer, "", "dimension")
        .column("regions", Integer, "", "regions of parallel folds")
        .column("doubling", Integer, "", "regions of successive folds, 2^n")
        .column("digits", Integer, "", "digits of the number of regions")
        .column("log10_regions", Float, "", "log10 of the regions")
        .column("log10_doubling", Float, "", "log10 of 2^n")
}

fn arrangements() -> TableSchema {
    TableSchema::new("A number of random hyperplanes in a space of some dimension")
        .column("n", Integer, "", "hyperplanes")
        .column("dimension", Integer, "", "dimension")
        .column("counted", Integer, "", "regions counted")
        .column("zaslavsky", Integer, "", "regions by the formula")
}

fn training(outputs: OutputSchema, classifies: bool) -> OutputSchema {
    let (train, test) = ("error on the training samples", "error on the test samples");
    let wrong = "share of test samples on the wrong side";
    let mut table = TableSchema::new("The network after a number of passes through the samples")
        .column("epoch", Integer, "", "epoch")
        .column("train_loss", Float, "", train)
        .column("test_loss", Float, "", test)
        .column("regions", Integer, "", "activation regions");
    let mut outputs = outputs.scalar("train_loss", Float, "", train).scalar("test_loss", Float, "", test);
    if classifies {
        table = table.column("misclassified", Float, "", wrong);
        outputs = outputs.scalar("misclassified", Float, "", wrong);
    }
    outputs.table("training", table)
}

fn sampling() -> TableSchema {
    TableSchema::new("A sample of points and the regions that it sees")
        .column("kind", Text, "", "sample")
        .column("samples", Integer, "", "points")
        .column("seen", Integer, "", "regions seen")
        .column("share", Float, "", "share of the regions")
}

fn maps() -> TableSchema {
    TableSchema::new("The affine map of an output on a region")
        .column("region", Integer, "", "region")
        .column("output", Integer, "", "output")
        .column("slope_x", Float, "", "slope in x")
        .column("slope_y", Float, "", "slope in y")
        .column("constant", Float, "", "constant")
}

fn labels() -> TableSchema {
    TableSchema::new("The middle of the newest line’s stretch in a region that it crosses, numbered along it")
        .column("step", Integer, "", "lines")
        .column("number", Integer, "", "number")
        .column("x", Float, "", "x")
        .column("y", Float, "", "y")
}

fn drawings(params: &RegionsParams, outputs: OutputSchema) -> OutputSchema {
    if params.dimension() == 1 {
        return outputs.geometry("graph", GeometryKind::Paths, partition());
    }
    let label = if params.folds.is_some() { "fold" } else { "layer" };
    let mut creases = TableSchema::new("Where neurons change between on and off")
        .column("layer", Integer, "", label)
        .column("neuron", Integer, "", "neuron");
    if params.folds.is_some() {
        creases = creases.column("valley", Bool, "", "valley crease");
    }
    let mut outputs = outputs.geometry("partition", GeometryKind::Polygons, partition()).geometry(
        "creases",
        GeometryKind::Paths,
        creases,
    );
    if params.folds.is_some() {
        outputs = outputs.geometry("folded", GeometryKind::Polygons, folded());
    }
    if params.by_layer {
        outputs = outputs.geometry("by_layer", GeometryKind::Polygons, by_layer());
    }
    if params.boundary.is_some() {
        let pieces = TableSchema::new("The decision boundary").column("region", Integer, "", "region");
        outputs = outputs.scalar("boundary_length", Float, "", "length of the decision boundary").geometry(
            "boundary",
            GeometryKind::Paths,
            pieces,
        );
    }
    if has_panels(params) {
        outputs = outputs.geometry("panels", GeometryKind::Polygons, panels()).geometry(
            "panel_lines",
            GeometryKind::Paths,
            panel_lines(),
        );
    }
    outputs
}

fn partition() -> TableSchema {
    TableSchema::new("The activation regions")
        .column("region", Integer, "", "region")
        .column("active", Integer, "", "neurons that are on")
        .column("pattern", Integer, "", "colour of the activation pattern")
        .column("slope", Float, "", "slope of the first output")
        .column("angle", Float, "rad", "direction of the slope")
        .column("value", Float, "", "first output in the middle")
        .column("area", Float, "", "area")
}

fn by_layer() -> TableSchema {
    TableSchema::new("The regions after each layer")
        .column("layer", Integer, "", "layer")
        .column("active", Integer, "", "neurons that are on")
        .column("pattern", Integer, "", "colour of the activation pattern")
}

fn folded() -> TableSchema {
    TableSchema::new("The facets in their folded places")
        .column("facet", Integer, "", "facet")
        .column("layers", Integer, "", "layers of paper over its middle")
        .column("upper", Bool, "", "upper face shows")
}

fn panels() -> TableSchema {
    TableSchema::new("The regions of the first lines").column("step", Integer, "", "lines").column(
        "crossed",
        Integer,
        "",
        "number along the newest line",
    )
}

fn panel_lines() -> TableSchema {
    TableSchema::new("The first lines within the domain")
        .column("step", Integer, "", "lines")
        .column("line", Integer, "", "line")
        .column("newest", Bool, "", "the newest")
}
