//! The declaration of what a run gives.

use octavo_plugin::ColumnType::Float;
use octavo_plugin::{GeometryKind, OutputSchema};

use crate::params::{DimensionParams, SetSpec};
use crate::tables::{boxes, counts, slopes};

/// All outputs.
pub(crate) fn schema(params: &DimensionParams) -> OutputSchema {
    let schema = always();
    match &params.set {
        SetSpec::Trainability { .. } => schema.scalar("converging", Float, "", "Share that converges"),
        SetSpec::Classifier { .. } => schema
            .scalar("misclassified_training", Float, "", "Share of training samples misread")
            .scalar("misclassified", Float, "", "Share of test samples misread"),
        SetSpec::Known(_) => schema.scalar("known_dimension", Float, "", "Known dimension"),
        SetSpec::Input(_) | SetSpec::Model(_) | SetSpec::LevelSet { .. } => schema,
    }
}

fn always() -> OutputSchema {
    errors(OutputSchema::new().scalar("dimension", Float, "", "Box-counting dimension"))
        .scalar("smallest", Float, "", "Smallest size in the window, in units")
        .scalar("largest", Float, "", "Largest size in the window, in units")
        .scalar("unit", Float, "", "Length of a unit of size")
        .scalar("side", Float, "", "Longer side of the set, in units")
        .scalar("crossover", Float, "", "Length at which the local slope passes 3/2")
        .table("counts", counts().schema())
        .table("slopes", slopes().schema())
        .raster("picture", "the set", "", "Set")
        .geometry("boxes", GeometryKind::Polygons, boxes().schema())
}

fn errors(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("dimension_low", Float, "", "Low end of the interval")
        .scalar("dimension_high", Float, "", "High end of the interval")
        .scalar("regression_error", Float, "", "Two standard errors of the regression")
        .scalar("window_spread", Float, "", "Largest change of the slope over parts of the window")
}
