//! What a run gives, declared.

use octavo_plugin::ColumnType::{Float, Integer, Text};
use octavo_plugin::{GeometryKind, OutputSchema, TableSchema};

use super::params::RegionsParams;
use crate::draw::{creases_declared, maps_declared, regions_declared};
use crate::measure::{layers_declared, scalars_declared};

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &RegionsParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers_declared());
    if let Some(trained) = params.view().trained() {
        outputs = training(outputs, trained.classifies());
    }
    if params.sampling.is_some() {
        outputs = outputs.table("sampling", sampling());
    }
    if params.maps {
        outputs = outputs.table("maps", maps_declared());
    }
    if params.drawing { drawings(params, outputs) } else { outputs }
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

fn drawings(params: &RegionsParams, outputs: OutputSchema) -> OutputSchema {
    if params.view().dimension() == 1 {
        return outputs.geometry("graph", GeometryKind::Paths, regions_declared());
    }
    let mut outputs = outputs.geometry("partition", GeometryKind::Polygons, regions_declared()).geometry(
        "creases",
        GeometryKind::Paths,
        creases_declared("layer"),
    );
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
    outputs
}

fn by_layer() -> TableSchema {
    TableSchema::new("The regions after each layer")
        .column("layer", Integer, "", "layer")
        .column("active", Integer, "", "neurons that are on")
        .column("pattern", Integer, "", "colour of the activation pattern")
}
