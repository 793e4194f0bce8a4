//! What a run gives, declared.

use octavo_plugin::ColumnType::{Bool, Integer};
use octavo_plugin::{GeometryKind, OutputSchema, TableSchema};

use super::params::FoldsParams;
use crate::draw::{creases_declared, maps_declared, regions_declared};
use crate::measure::{layers_declared, scalars_declared, steps_declared};

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &FoldsParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers_declared()).table("steps", steps_declared());
    if params.maps {
        outputs = outputs.table("maps", maps_declared());
    }
    if !params.drawing {
        return outputs;
    }
    let creases = creases_declared("fold").column("valley", Bool, "", "valley crease");
    outputs
        .geometry("partition", GeometryKind::Polygons, regions_declared())
        .geometry("creases", GeometryKind::Paths, creases)
        .geometry("folded", GeometryKind::Polygons, folded())
}

fn folded() -> TableSchema {
    TableSchema::new("The facets in their folded places")
        .column("facet", Integer, "", "facet")
        .column("layers", Integer, "", "layers of paper over its middle")
        .column("upper", Bool, "", "upper face shows")
}
