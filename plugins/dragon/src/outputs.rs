//! The declaration of what a run gives.

use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::{GeometryKind, OutputSchema};

use crate::params::DragonParams;
use crate::plane::Lattice;
use crate::tables::{curve, levels, turns, vertices};

/// All outputs; they are the same for all parameters, but for the picture that `pixels` asks for.
pub(crate) fn schema(params: &DragonParams) -> OutputSchema {
    let schema = always();
    if params.pixels.is_none() {
        return schema;
    }
    schema.raster(
        "coverage",
        "share of the lattice points in a pixel that the curve visits",
        "",
        "Share visited",
    )
}

fn always() -> OutputSchema {
    let schema = coordinates(counts(OutputSchema::new()));
    measures(schema)
        .table("vertices", vertices().schema())
        .table("turns", turns().schema())
        .table("levels", levels::<Lattice>().schema())
        .geometry("curve", GeometryKind::Paths, curve().schema())
}

fn counts(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("segments", Integer, "", "Segments")
        .scalar("creases", Integer, "", "Creases")
        .scalar("left_turns", Integer, "", "Left turns")
        .scalar("right_turns", Integer, "", "Right turns")
        .scalar("distinct_points", Integer, "", "Distinct points")
        .scalar("double_points", Integer, "", "Points visited exactly twice")
        .scalar("boundary_points", Integer, "", "Points with a free edge")
        .scalar("max_visits", Integer, "", "Most visits to one point")
        .scalar("repeated_edges", Integer, "", "Edges drawn again")
        .scalar("crossings", Integer, "", "Pairs of segments that cross")
        .scalar("touches", Integer, "", "Pairs of segments that touch without crossing")
}

fn coordinates(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("end_x", Float, "", "x of the end point")
        .scalar("end_y", Float, "", "y of the end point")
        .scalar("min_x", Float, "", "Smallest x")
        .scalar("min_y", Float, "", "Smallest y")
        .scalar("max_x", Float, "", "Largest x")
        .scalar("max_y", Float, "", "Largest y")
}

fn measures(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("area", Float, "", "Area for end points at distance 1")
        .scalar("convergence_distance", Float, "", "Distance to the vertices of the next fold")
        .scalar("old_vertex_shift", Float, "", "Shift of old vertices at the next fold")
        .scalar("tent_identity_error", Float, "", "Distance from the curve made by tent maps")
}
