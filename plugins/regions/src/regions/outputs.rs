//! What a run gives, declared.

use octavo_plugin::ColumnType::Float;
use octavo_plugin::{GeometryKind, OutputSchema, Rows};

use super::boundary::boundary;
use super::params::RegionsParams;
use super::sampling::sampling;
use crate::draw::{by_layer_rows, crease_rows, maps, region_rows};
use crate::measure::{layers, scalars_declared};
use crate::training::Errors;

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &RegionsParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers().schema());
    if let Some(trained) = params.view().trained() {
        outputs = trained_scalars(outputs, trained.classifies())
            .table("training", training(trained.classifies()).schema());
    }
    if params.sampling.is_some() {
        outputs = outputs.table("sampling", sampling().schema());
    }
    if params.maps {
        outputs = outputs.table("maps", maps().schema());
    }
    if params.drawing { drawings(params, outputs) } else { outputs }
}

const TRAIN: &str = "error on the training samples";
const TEST: &str = "error on the test samples";
const WRONG: &str = "share of test samples on the wrong side";

fn trained_scalars(outputs: OutputSchema, classifies: bool) -> OutputSchema {
    let outputs = outputs.scalar("train_loss", Float, "", TRAIN).scalar("test_loss", Float, "", TEST);
    if classifies { outputs.scalar("misclassified", Float, "", WRONG) } else { outputs }
}

/// The network after a number of passes.
pub(super) struct Trained {
    pub(super) epoch: u32,
    pub(super) train: Errors,
    pub(super) test: Errors,
    pub(super) regions: u64,
}

/// The table `training`, of a network that classifies or not.
pub(super) fn training(classifies: bool) -> Rows<Trained> {
    let rows = Rows::<Trained>::new("The network after a number of passes through the samples")
        .integer("epoch", "epoch", |row| row.epoch)
        .float("train_loss", TRAIN, |row| row.train.loss)
        .float("test_loss", TEST, |row| row.test.loss)
        .integer("regions", "activation regions", |row| row.regions);
    if classifies { rows.float("misclassified", WRONG, |row| row.test.wrong) } else { rows }
}

fn drawings(params: &RegionsParams, outputs: OutputSchema) -> OutputSchema {
    if params.view().dimension() == 1 {
        return outputs.geometry("graph", GeometryKind::Paths, region_rows().schema());
    }
    let mut outputs = outputs.geometry("partition", GeometryKind::Polygons, region_rows().schema()).geometry(
        "creases",
        GeometryKind::Paths,
        crease_rows::<()>("layer").schema(),
    );
    if params.by_layer {
        outputs = outputs.geometry("by_layer", GeometryKind::Polygons, by_layer_rows().schema());
    }
    if params.boundary.is_some() {
        outputs = outputs.scalar("boundary_length", Float, "", "length of the decision boundary").geometry(
            "boundary",
            GeometryKind::Paths,
            boundary().schema(),
        );
    }
    outputs
}
