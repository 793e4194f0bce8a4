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
        "Part visitée",
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
        .scalar("segments", Integer, "", "Segments", "Segments")
        .scalar("creases", Integer, "", "Creases", "Plis marqués")
        .scalar("left_turns", Integer, "", "Left turns", "Virages à gauche")
        .scalar("right_turns", Integer, "", "Right turns", "Virages à droite")
        .scalar("distinct_points", Integer, "", "Distinct points", "Points distincts")
        .scalar(
            "double_points",
            Integer,
            "",
            "Points visited exactly twice",
            "Points visités exactement deux fois",
        )
        .scalar(
            "boundary_points",
            Integer,
            "",
            "Points with a free edge",
            "Points dont une arête reste libre",
        )
        .scalar("max_visits", Integer, "", "Most visits to one point", "Visites du point le plus visité")
        .scalar("repeated_edges", Integer, "", "Edges drawn again", "Arêtes retracées")
        .scalar(
            "crossings",
            Integer,
            "",
            "Pairs of segments that cross",
            "Paires de segments qui se croisent",
        )
        .scalar(
            "touches",
            Integer,
            "",
            "Pairs of segments that touch without crossing",
            "Paires de segments qui se touchent sans se croiser",
        )
}

fn coordinates(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("end_x", Float, "", "x of the end point", "x de l’extrémité")
        .scalar("end_y", Float, "", "y of the end point", "y de l’extrémité")
        .scalar("min_x", Float, "", "Smallest x", "Plus petit x")
        .scalar("min_y", Float, "", "Smallest y", "Plus petit y")
        .scalar("max_x", Float, "", "Largest x", "Plus grand x")
        .scalar("max_y", Float, "", "Largest y", "Plus grand y")
}

fn measures(schema: OutputSchema) -> OutputSchema {
    schema
        .scalar("area", Float, "", "Area for end points at distance 1", "Aire, extrémités à distance 1")
        .scalar(
            "convergence_distance",
            Float,
            "",
            "Distance to the vertices of the next fold",
            "Distance aux sommets du pli suivant",
        )
        .scalar(
            "old_vertex_shift",
            Float,
            "",
            "Shift of old vertices at the next fold",
            "Déplacement des anciens sommets au pli suivant",
        )
        .scalar(
            "tent_identity_error",
            Float,
            "",
            "Distance from the curve made by tent maps",
            "Écart à la courbe obtenue par applications tente",
        )
}

fn vertices() -> TableSchema {
    TableSchema::new("a vertex of a drawn level, every 2^k-th (3^k-th) where a level has more than `max_vertices` segments")
        .column("level", Integer, "", "Folds", "Plis")
        .column("index", Integer, "", "Vertex", "Sommet")
        .column("x", Float, "", "x", "x")
        .column("y", Float, "", "y", "y")
}

fn turns() -> TableSchema {
    TableSchema::new(
        "a crease of the strip, in order; of a longer strip the creases of its first 12 folds (7 levels)",
    )
    .column("index", Integer, "", "Vertex", "Sommet")
    .column("position", Float, "", "Place along the strip", "Position le long de la bande")
    .column("fold", Integer, "", "Fold that made it", "Numéro du pli")
    .column("direction", Text, "", "Direction of that fold", "Sens de ce pli")
    .column("turn", Text, "", "Turn", "Virage")
    .column("crease", Text, "", "Crease", "Type de pli")
    .column(
        "heading",
        Integer,
        "",
        "Left turns minus right turns, up to this one",
        "Virages à gauche moins virages à droite, jusqu’à celui-ci",
    )
    .column(
        "gray_ones",
        Integer,
        "",
        "Ones in the Gray code of the crease’s number",
        "Nombre de 1 dans le code de Gray du numéro du pli",
    )
}

fn levels() -> TableSchema {
    TableSchema::new("the strip after its first n folds, n from 0 to `folds`, in units of a segment")
        .column("n", Integer, "", "Folds", "Plis")
        .column("segments", Integer, "", "Segments", "Segments")
        .column("creases", Integer, "", "Creases", "Plis marqués")
        .column("crease_word", Text, "", "Crease word", "Mot des plis")
        .column("distinct_points", Integer, "", "Distinct points", "Points distincts")
        .column(
            "double_points",
            Integer,
            "",
            "Points visited exactly twice",
            "Points visités exactement deux fois",
        )
        .column(
            "boundary_points",
            Integer,
            "",
            "Points with a free edge",
            "Points dont une arête reste libre",
        )
        .column("max_visits", Integer, "", "Most visits to one point", "Visites du point le plus visité")
        .column("repeated_edges", Integer, "", "Edges drawn again", "Arêtes retracées")
        .column("area", Float, "", "Area for end points at distance 1", "Aire, extrémités à distance 1")
        .column("end_x", Float, "", "x of the end point", "x de l’extrémité")
        .column("end_y", Float, "", "y of the end point", "y de l’extrémité")
        .column(
            "convergence",
            Float,
            "",
            "Distance to the vertices of the next fold",
            "Distance aux sommets du pli suivant",
        )
}

fn curve() -> TableSchema {
    TableSchema::new("the drawn levels, each cut into at most 256 pieces of equal length")
        .column("level", Integer, "", "Folds", "Plis")
        .column("position", Float, "", "Place along the strip", "Position le long de la bande")
}
