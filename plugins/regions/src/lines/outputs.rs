//! What a run gives, declared.

use octavo_plugin::ColumnType::{Bool, Float, Integer};
use octavo_plugin::{GeometryKind, OutputSchema, TableSchema};

use super::params::LinesParams;
use crate::draw::{creases_declared, regions_declared};
use crate::measure::{layers_declared, scalars_declared, steps_declared};

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &LinesParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers_declared()).table("steps", steps_declared());
    if params.has_panels() {
        outputs = outputs.table("labels", labels());
    }
    if params.drawing {
        outputs = outputs.geometry("partition", GeometryKind::Polygons, regions_declared()).geometry(
            "creases",
            GeometryKind::Paths,
            creases_declared("layer"),
        );
    }
    if params.has_panels() {
        outputs = outputs.geometry("panels", GeometryKind::Polygons, panels()).geometry(
            "panel_lines",
            GeometryKind::Paths,
            panel_lines(),
        );
    }
    outputs
}

fn labels() -> TableSchema {
    TableSchema::new("The middle of the newest line’s stretch in a region that it crosses, numbered along it")
        .column("step", Integer, "", "lines")
        .column("number", Integer, "", "number")
        .column("x", Float, "", "x")
        .column("y", Float, "", "y")
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
