//! The declaration of what a run gives.

use octavo_plugin::{ColumnType, GeometryKind, OutputSchema, TableSchema};

use ColumnType::{Bool, Float, Integer};

use crate::params::{DimensionParams, SetSpec};

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
        .table("counts", counts())
        .table("slopes", slopes())
        .raster("picture", "the set", "", "Set")
        .geometry("boxes", GeometryKind::Polygons, boxes())
}

fn errors(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("dimension_low", Float, "", "Low end of the interval")
        .scalar("dimension_high", Float, "", "High end of the interval")
        .scalar("regression_error", Float, "", "Two standard errors of the regression")
        .scalar("window_spread", Float, "", "Largest change of the slope over parts of the window")
}

fn counts() -> TableSchema {
    TableSchema::new("a size of boxes, in ratio 2^(1/4); whole numbers of pixels")
        .column("size", Float, "", "Size of boxes, in units")
        .column("length", Float, "", "Size of boxes")
        .column("anchored", Integer, "", "Boxes met, grid through the corner")
        .column("mean_over_offsets", Float, "", "Boxes met, mean over offsets")
        .column("in_window", Bool, "", "In the window")
}

fn slopes() -> TableSchema {
    TableSchema::new(
        "the slope between a size and the first that is at least twice as large, at their geometric mean",
    )
    .column("size", Float, "", "Size of boxes, in units")
    .column("length", Float, "", "Size of boxes")
    .column("slope", Float, "", "Local slope")
    .column("in_window", Bool, "", "In the window")
}

fn boxes() -> TableSchema {
    TableSchema::new(
        "a box that the set meets, of the grid through its corner, for each of the sizes asked for",
    )
    .column("step", Integer, "", "Size")
    .column("size", Float, "", "Size of boxes, in units")
}
