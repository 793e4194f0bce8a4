//! What drawing a figure costs, from rows to a scene and from a scene to SVG and PNG: `cargo bench -p octavo-figure --bench draw`.
//!
//! The line has a median and a band over replicates; the points are so many that they become a picture; the cells are a grid.

#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement may panic")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use octavo_definition::locale::Locale;
use octavo_figure::{CheckedFigure, Drawn, Source, draw, png, svg};
use octavo_plugin::figure::Where;
use octavo_plugin::{Column, ColumnSchema, Localized, math};
use octavo_tables::relation::{Field, Relation};
use serde_json::json;

const KINDS: [&str; 3] = ["line", "points", "cells"];

fn main() {
    divan::main();
}

/// One table, whatever is asked for.
struct Table(Arc<Relation>);

impl Source for Table {
    fn relation(&self, _from: &str, _selection: &Where) -> Result<Arc<Relation>, String> {
        Ok(self.0.clone())
    }
}

fn table(columns: Vec<(&str, Vec<f64>)>) -> Table {
    let rows = columns[0].1.len();
    let field = |(name, cells): (&str, Vec<f64>)| {
        let column = Column::from(cells);
        let schema = ColumnSchema { kind: column.kind(), unit: String::new(), label: Localized::en(name) };
        (name.to_owned(), Field { column, schema })
    };
    Table(Arc::new(Relation { fields: columns.into_iter().map(field).collect(), rows, shapes: Vec::new() }))
}

fn numbers(count: u32, value: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..count).map(f64::from).map(value).collect()
}

fn figure(kind: &str) -> (CheckedFigure, Table) {
    let (description, table) = match kind {
        "line" => (
            json!({"from": "t", "mark": ["line", "band"], "x": "x",
            "y": {"field": "y", "scale": "log", "stat": "median", "band": "p05-p95"}}),
            table(vec![
                ("x", numbers(4_000, |i| (i / 40.0).floor())),
                ("y", numbers(4_000, |i| 2.0 + math::sin(i))),
            ]),
        ),
        "points" => (
            json!({"from": "t", "mark": "point", "x": "x", "y": "y", "color": "c"}),
            table(vec![
                ("x", numbers(30_000, |i| math::sin(i * 1.7))),
                ("y", numbers(30_000, |i| math::cos(i * 2.3))),
                ("c", numbers(30_000, |i| i)),
            ]),
        ),
        _ => (
            json!({"from": "t", "mark": "cell", "x": "x", "y": "y", "color": "c"}),
            table(vec![
                ("x", numbers(10_000, |i| i % 100.0)),
                ("y", numbers(10_000, |i| (i / 100.0).floor())),
                ("c", numbers(10_000, |i| math::sin(i / 300.0))),
            ]),
        ),
    };
    let description = serde_json::from_value(description).unwrap();
    (CheckedFigure::read(&description, &mut Vec::new()), table)
}

fn drawn(kind: &str) -> Drawn {
    let (figure, table) = figure(kind);
    draw(&figure, &table, &Locale::built_in("en").unwrap()).unwrap()
}

#[divan::bench(args = KINDS)]
fn scene(bencher: Bencher<'_, '_>, kind: &str) {
    let ((figure, table), locale) = (figure(kind), Locale::built_in("en").unwrap());
    bencher.bench_local(|| draw(black_box(&figure), &table, &locale).unwrap());
}

#[divan::bench(args = KINDS)]
fn inline_svg(bencher: Bencher<'_, '_>, kind: &str) {
    let drawn = drawn(kind);
    bencher.bench_local(|| svg::inline(black_box(&drawn.frames[0].scene), "f"));
}

#[divan::bench(args = KINDS, sample_count = 20)]
fn png_of_two_pixels_a_point(bencher: Bencher<'_, '_>, kind: &str) {
    let drawn = drawn(kind);
    bencher.bench_local(|| png::encode(black_box(&drawn.frames[0].scene), 2.0, None));
}
