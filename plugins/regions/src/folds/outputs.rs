//! What a run gives, declared.

use octavo_plugin::{GeometryKind, OutputSchema, Rows};

use super::params::FoldsParams;
use crate::draw::{Crease, crease_rows, maps, region_rows};
use crate::measure::{layers, scalars_declared, steps};

/// All that a run with these parameters gives.
pub(super) fn outputs(params: &FoldsParams) -> OutputSchema {
    let mut outputs = scalars_declared().table("layers", layers().schema()).table("steps", steps().schema());
    if params.maps {
        outputs = outputs.table("maps", maps().schema());
    }
    if !params.drawing {
        return outputs;
    }
    outputs
        .geometry("partition", GeometryKind::Polygons, region_rows().schema())
        .geometry("creases", GeometryKind::Paths, creases().schema())
        .geometry("folded", GeometryKind::Polygons, folded().schema())
}

/// The attributes of creases, of which is known whether they are valleys.
pub(super) fn creases() -> Rows<Crease<bool>> {
    crease_rows("fold").bool("valley", "valley crease", |crease: &Crease<bool>| crease.more)
}

/// A facet in its folded place.
pub(super) struct Facet {
    pub(super) number: usize,
    /// Layers of paper over its middle.
    pub(super) layers: usize,
    /// Whether the upper face shows.
    pub(super) upper: bool,
}

/// The attributes of the folded sheet.
pub(super) fn folded() -> Rows<Facet> {
    Rows::<Facet>::new("The facets in their folded places")
        .integer("facet", "facet", |facet| facet.number)
        .integer("layers", "layers of paper over its middle", |facet| facet.layers)
        .bool("upper", "upper face shows", |facet| facet.upper)
}
