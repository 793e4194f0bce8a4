//! The declaration of what a run gives.

use octavo_plugin::{ColumnType, GeometryKind, OutputSchema, TableSchema};

use ColumnType::{Float, Integer, Text};

use crate::params::DragonParams;

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
    measures(schema).table("vertices", vertices()).table("turns", turns()).table("levels", levels()).geometry(
        "curve",
        GeometryKind::Paths,
        curve(),
    )
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

fn vertices() -> TableSchema {
    TableSchema::new("a vertex of a drawn level, every 2^k-th (3^k-th) where a level has more than `max_vertices` segments")
        .column("level", Integer, "", "Folds")
        .column("index", Integer, "", "Vertex")
        .column("x", Float, "", "x")
        .column("y", Float, "", "y")
}

fn turns() -> TableSchema {
    TableSchema::new(
        "a crease of the strip, in order; of a longer strip the creases of its first 12 folds (7 levels)",
    )
    .column("index", Integer, "", "Vertex")
    .column("position", Float, "", "Place along the strip")
    .column("fold", Integer, "", "Fold that made it")
    .column("direction", Text, "", "Direction of that fold")
    .column("turn", Text, "", "Turn")
    .column("crease", Text, "", "Crease")
    .column("heading", Integer, "", "Left turns minus right turns, up to this one")
    .column("gray_ones", Integer, "", "Ones in the Gray code of the crease’s number")
}

fn levels() -> TableSchema {
    TableSchema::new("the strip after its first n folds, n from 0 to `folds`, in units of a segment")
        .column("n", Integer, "", "Folds")
        .column("segments", Integer, "", "Segments")
        .column("creases", Integer, "", "Creases")
        .column("crease_word", Text, "", "Crease word")
        .column("distinct_points", Integer, "", "Distinct points")
        .column("double_points", Integer, "", "Points visited exactly twice")
        .column("boundary_points", Integer, "", "Points with a free edge")
        .column("max_visits", Integer, "", "Most visits to one point")
        .column("repeated_edges", Integer, "", "Edges drawn again")
        .column("area", Float, "", "Area for end points at distance 1")
        .column("end_x", Float, "", "x of the end point")
        .column("end_y", Float, "", "y of the end point")
        .column("convergence", Float, "", "Distance to the vertices of the next fold")
}

fn curve() -> TableSchema {
    TableSchema::new("the drawn levels, each cut into at most 256 pieces of equal length")
        .column("level", Integer, "", "Folds")
        .column("position", Float, "", "Place along the strip")
}
