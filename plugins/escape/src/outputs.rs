//! The declaration of what a run gives.

use octavo_plugin::ColumnType::{Bool, Float, Integer, Text};
use octavo_plugin::{GeometryKind, OutputSchema};

use crate::params::{EscapeParams, Kind, Show};
use crate::tables;

/// All outputs of these parameters.
pub(crate) fn schema(params: &EscapeParams) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("interior", Integer, "", "Points that stay")
        .scalar("count_sum", Integer, "", "Sum of the counts")
        .scalar("count_max", Integer, "", "Largest count")
        .scalar("sha256", Text, "", "Digest of the counts");
    let schema = julia(params, schema);
    let schema = if params.points.is_some() {
        schema.table("points", tables::points().schema())
    } else {
        pictures(params, schema)
    };
    let schema = nucleus(params, areas(params, schema));
    let schema = of_points(params, schema);
    places(params, likeness(params, schema))
}

fn nucleus(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if !params.shows(Show::Nucleus) {
        return schema;
    }
    schema.table("nucleus", tables::nucleus().schema())
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

fn areas(params: &EscapeParams, schema: OutputSchema) -> OutputSchema {
    if !params.shows(Show::Area) {
        return schema;
    }
    schema.scalar("area", Float, "", "Area").table("areas", tables::areas().schema())
}

fn of_points(params: &EscapeParams, mut schema: OutputSchema) -> OutputSchema {
    if params.shows(Show::Orbits) {
        schema = schema.table("orbits", tables::orbits().schema());
    }
    if params.shows(Show::Cycles) {
        schema = schema.table("cycles", tables::cycles().schema());
    }
    if params.shows(Show::Fold) {
        schema = schema.table("fold", tables::fold().schema());
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
    if params.nuclei.is_some() {
        schema = schema.table("nuclei", tables::nuclei().schema());
    }
    if !params.misiurewicz.is_empty() {
        schema = schema.table("misiurewicz", tables::misiurewicz().schema());
    }
    if !params.rays.is_empty() {
        schema = schema
            .geometry("rays", GeometryKind::Paths, tables::rays().schema())
            .table("landings", tables::landings().schema());
    }
    if params.atlas.is_some() {
        let about =
            "Julia sets, each at its own c, over the Mandelbrot set: 0 on a Julia set, up to 1 far from it";
        schema = schema
            .raster("atlas", about, "", "Distance from the Julia set")
            .table("thumbnails", tables::thumbnails().schema());
    }
    schema
}
