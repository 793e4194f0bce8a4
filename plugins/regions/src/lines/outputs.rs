//! What a run gives, declared.

use octavo_plugin::{GeometryKind, OutputSchema};

use super::panels::{cells, labels, panel_lines};
use super::params::LinesParams;
use crate::draw::{crease_rows, region_rows};
use crate::measure::{layers, scalars_declared, steps};

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &LinesParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers().schema()).table("steps", steps().schema());
    if params.has_panels() {
        outputs = outputs.table("labels", labels().schema());
    }
    if params.drawing {
        outputs = outputs.geometry("partition", GeometryKind::Polygons, region_rows().schema()).geometry(
            "creases",
            GeometryKind::Paths,
            crease_rows::<()>("layer").schema(),
        );
    }
    if params.has_panels() {
        outputs = outputs.geometry("panels", GeometryKind::Polygons, cells().schema()).geometry(
            "panel_lines",
            GeometryKind::Paths,
            panel_lines().schema(),
        );
    }
    outputs
}
