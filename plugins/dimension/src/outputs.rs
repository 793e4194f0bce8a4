//! The declaration of what a run gives.

use octavo_plugin::{ColumnType, GeometryKind, OutputSchema, TableSchema};

use ColumnType::{Bool, Float, Integer};

use crate::params::{DimensionParams, SetSpec};

/// All outputs.
pub(crate) fn schema(params: &DimensionParams) -> OutputSchema {
    let schema = always();
    match &params.set {
        SetSpec::Trainability { .. } => {
            schema.scalar("converging", Float, "", "Share that converges", "Part qui converge")
        }
        SetSpec::Classifier { .. } => schema
            .scalar(
                "misclassified_training",
                Float,
                "",
                "Share of training samples misread",
                "Part mal lue de l’apprentissage",
            )
            .scalar("misclassified", Float, "", "Share of test samples misread", "Part mal lue du test"),
        SetSpec::Known(_) => {
            schema.scalar("known_dimension", Float, "", "Known dimension", "Dimension connue")
        }
        SetSpec::Input(_) | SetSpec::Model(_) | SetSpec::LevelSet { .. } => schema,
    }
}

fn always() -> OutputSchema {
    errors(OutputSchema::new().scalar(
        "dimension",
        Float,
        "",
        "Box-counting dimension",
        "Dimension par comptage de boîtes",
    ))
    .scalar(
        "smallest",
        Float,
        "",
        "Smallest size in the window, in units",
        "Plus petite taille de la fenêtre, en unités",
    )
    .scalar(
        "largest",
        Float,
        "",
        "Largest size in the window, in units",
        "Plus grande taille de la fenêtre, en unités",
    )
    .scalar("unit", Float, "", "Length of a unit of size", "Longueur d’une unité de taille")
    .scalar("side", Float, "", "Longer side of the set, in units", "Plus grand côté de l’ensemble, en unités")
    .scalar(
        "crossover",
        Float,
        "",
        "Length at which the local slope passes 3/2",
        "Longueur où la pente locale dépasse 3/2",
    )
    .table("counts", counts())
    .table("slopes", slopes())
    .raster("picture", "the set", "", "Set", "Ensemble")
    .geometry("boxes", GeometryKind::Polygons, boxes())
}

fn errors(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("dimension_low", Float, "", "Low end of the interval", "Borne inférieure de l’intervalle")
        .scalar("dimension_high", Float, "", "High end of the interval", "Borne supérieure de l’intervalle")
        .scalar(
            "regression_error",
            Float,
            "",
            "Two standard errors of the regression",
            "Deux erreurs types de la régression",
        )
        .scalar(
            "window_spread",
            Float,
            "",
            "Largest change of the slope over parts of the window",
            "Plus grand écart de pente sur des parties de la fenêtre",
        )
}

fn counts() -> TableSchema {
    TableSchema::new("a size of boxes, in ratio 2^(1/4); whole numbers of pixels")
        .column("size", Float, "", "Size of boxes, in units", "Taille des boîtes, en unités")
        .column("length", Float, "", "Size of boxes", "Taille des boîtes")
        .column(
            "anchored",
            Integer,
            "",
            "Boxes met, grid through the corner",
            "Boîtes touchées, grille calée au coin",
        )
        .column(
            "mean_over_offsets",
            Float,
            "",
            "Boxes met, mean over offsets",
            "Boîtes touchées, moyenne sur les décalages",
        )
        .column("in_window", Bool, "", "In the window", "Dans la fenêtre")
}

fn slopes() -> TableSchema {
    TableSchema::new(
        "the slope between a size and the first that is at least twice as large, at their geometric mean",
    )
    .column("size", Float, "", "Size of boxes, in units", "Taille des boîtes, en unités")
    .column("length", Float, "", "Size of boxes", "Taille des boîtes")
    .column("slope", Float, "", "Local slope", "Pente locale")
    .column("in_window", Bool, "", "In the window", "Dans la fenêtre")
}

fn boxes() -> TableSchema {
    TableSchema::new(
        "a box that the set meets, of the grid through its corner, for each of the sizes asked for",
    )
    .column("step", Integer, "", "Size", "Taille")
    .column("size", Float, "", "Size of boxes, in units", "Taille des boîtes, en unités")
}
