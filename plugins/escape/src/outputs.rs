//! The declaration of what a run gives.

use octavo_plugin::{ColumnType, GeometryKind, OutputSchema, TableSchema};

use ColumnType::{Bool, Float, Integer, Text};

use crate::params::{EscapeParams, Kind, Show};

/// All outputs of these parameters.
pub(crate) fn schema(params: &EscapeParams) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("interior", Integer, "", "Points that stay")
        .scalar("count_sum", Integer, "", "Sum of the counts")
        .scalar("count_max", Integer, "", "Largest count")
        .scalar("sha256", Text, "", "Digest of the counts");
    let schema = julia(params, schema);
    let schema =
        if params.points.is_some() { schema.table("points", points()) } else { pictures(params, schema) };
    let schema = nucleus(params, areas(params, schema));
    let schema = of_points(params, schema);
    places(params, likeness(params, schema))
}

fn nucleus(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if !params.shows(Show::Nucleus) {
        return schema;
    }
    let table = TableSchema::new("the centre of a component in the picture; none if no period shows")
        .column("period", Integer, "", "Period")
        .column("re", Text, "", "Real part")
        .column("im", Text, "", "Imaginary part")
        .column("size", Float, "", "Size")
        .column("direction", Float, "°", "Direction");
    schema.table("nucleus", table)
}

fn julia(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if params.kind != Kind::Julia {
        return schema;
    }
    schema
        .scalar("connected", Bool, "", "In one piece")
        .scalar("critical_count", Integer, "", "Count of the critical orbit")
        .scalar("period", Integer, "", "Period")
        .scalar("multiplier", Float, "", "|Multiplier|")
}

fn pictures(params: &EscapeParams, mut schema: OutputSchema) -> OutputSchema {
    if params.is_deep() {
        schema = schema.scalar("redone", Integer, "", "Pixels done in fixed point").scalar(
            "steps",
            Integer,
            "",
            "Steps taken for all pixels",
        );
    }
    schema = schema
        .raster("counts", "escape count of each pixel, 0 for those that stay", "", "Steps until |z| > 2")
        .raster(
            "picture",
            "rank of each pixel's smooth count among all, 0 for those that stay",
            "",
            "Rank of the escape time",
        );
    if params.shows(Show::Smooth) {
        schema = schema.raster("smooth", "count without jumps, 0 for those that stay", "", "Escape time");
    }
    if params.shows(Show::Distance) {
        schema = schema.raster(
            "distance",
            "estimated distance to the set, right within a factor of 2; 0 for those that stay",
            "px",
            "Distance to the set",
        );
    }
    if params.shows(Show::Period) {
        let about = "period of the attracting cycle; 0 where there is none or none was found";
        schema = schema.raster("period", about, "", "Period").raster(
            "component",
            "a hue for each period, in turns; -1 where there is none",
            "",
            "Hue of the period",
        );
    }
    schema
}

fn points() -> TableSchema {
    TableSchema::new("a point and its count")
        .column("re", Float, "", "Real part")
        .column("im", Float, "", "Imaginary part")
        .column("count", Integer, "", "Steps until |z| > 2")
}

fn areas(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if !params.shows(Show::Area) {
        return schema;
    }
    let table = TableSchema::new("a shifted grid and the area of its pixels that stay")
        .column("shift_x", Float, "px", "Shift to the right")
        .column("shift_y", Float, "px", "Shift upwards")
        .column("area", Float, "", "Area")
        .column("area_half", Float, "", "Area after half as many steps");
    schema.scalar("area", Float, "", "Area").table("areas", table)
}

fn of_points(params: &EscapeParams, mut schema: OutputSchema) -> OutputSchema {
    if params.shows(Show::Orbits) {
        let table = TableSchema::new("a step of a point's orbit, as long as |z| is below a million")
            .column("point", Integer, "", "Point")
            .column("step", Integer, "", "Step")
            .column("re", Float, "", "Real part")
            .column("im", Float, "", "Imaginary part")
            .column("size", Float, "", "|z|");
        schema = schema.table("orbits", table);
    }
    if params.shows(Show::Cycles) {
        let table = TableSchema::new("a c and what becomes of the orbit of 0")
            .column("re", Float, "", "Real part of c")
            .column("im", Float, "", "Imaginary part of c")
            .column("connected", Bool, "", "Julia set in one piece")
            .column("preperiod", Integer, "", "Steps before the cycle")
            .column("period", Integer, "", "Period")
            .column("multiplier_re", Float, "", "Multiplier, real part")
            .column("multiplier_im", Float, "", "Multiplier, imaginary part")
            .column("multiplier", Float, "", "|Multiplier|");
        schema = schema.table("cycles", table);
    }
    if params.shows(Show::Fold) {
        let table = TableSchema::new("2 cos(π t) after some steps of z² - 2, and of the tent map on t")
            .column("t", Float, "", "t")
            .column("step", Integer, "", "Steps")
            .column("z", Float, "", "z after as many steps of z² − 2")
            .column("folded", Float, "", "2 cos(π T(…T(t)))");
        schema = schema.table("fold", table);
    }
    schema
}

fn likeness(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if params.likeness.is_none() {
        return schema;
    }
    let label = "Steps until |z| > 2";
    schema
        .scalar("agreement", Float, "", "Pixels that agree")
        .scalar("shift", Integer, "", "Steps that the map takes longer")
        .raster("map", "counts of c about the point, in units of the radius", "", label)
        .raster("land", "counts about the point in its own Julia set", "", label)
}

fn places(params: &EscapeParams, mut schema: OutputSchema) -> OutputSchema {
    let place = |about: &str| {
        TableSchema::new(about)
            .column("period", Integer, "", "Period")
            .column("re", Float, "", "Real part")
            .column("im", Float, "", "Imaginary part")
    };
    if params.nuclei.is_some() {
        let table = place("a component of the Mandelbrot set")
            .column("size", Float, "", "Size")
            .column("direction", Float, "°", "Direction")
            .column("copy", Bool, "", "Body of a copy of the whole");
        schema = schema.table("nuclei", table);
    }
    if !params.misiurewicz.is_empty() {
        let table = place("a point whose critical orbit falls on a repelling cycle")
            .column("preperiod", Integer, "", "Steps before the cycle")
            .column("multiplier", Float, "", "|Multiplier|")
            .column("turn", Float, "°", "Angle of the multiplier")
            .column("factor_re", Float, "", "Map to land, real part")
            .column("factor_im", Float, "", "Map to land, imaginary part");
        schema = schema.table("misiurewicz", table);
    }
    if !params.rays.is_empty() {
        let ray = TableSchema::new("an external ray").column("angle", Text, "", "Angle").column(
            "turns",
            Float,
            "",
            "Angle in turns",
        );
        let landing = TableSchema::new("an external ray and the last point of it that was computed")
            .column("angle", Text, "", "Angle")
            .column("turns", Float, "", "Angle in turns")
            .column("re", Float, "", "Real part")
            .column("im", Float, "", "Imaginary part");
        schema = schema.geometry("rays", GeometryKind::Paths, ray).table("landings", landing);
    }
    if params.atlas.is_some() {
        let table = TableSchema::new("a thumbnail of the atlas")
            .column("column", Integer, "", "Column")
            .column("row", Integer, "", "Row from below")
            .column("re", Float, "", "Real part of c")
            .column("im", Float, "", "Imaginary part of c")
            .column("connected", Bool, "", "In one piece");
        let about =
            "Julia sets, each at its own c, over the Mandelbrot set: 0 on a Julia set, up to 1 far from it";
        schema = schema.raster("atlas", about, "", "Distance from the Julia set").table("thumbnails", table);
    }
    schema
}
