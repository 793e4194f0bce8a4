//! Small figures of every kind, for goldens and for looking at.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use octavo_plugin::figure::{Figure, Where};
use octavo_plugin::{
    Column, ColumnSchema, ColumnType, Geometry, GeometryKind, Localized, Named, Raster, Seed, Value, math,
};
use serde_json::{Value as Json, json};

mod distributions;
mod places;

use crate::Source;
use octavo_tables::relation::{Field, Relation, Shape};

/// Tables by name.
pub(super) struct Tables(pub(super) BTreeMap<String, Relation>);

impl Source for Tables {
    fn relation(&self, from: &str, selection: &Where) -> Result<Arc<Relation>, String> {
        let all = self.0.get(from).ok_or_else(|| format!("there is no table `{from}`"))?;
        let keeps = |row: &usize| {
            selection.iter().all(|(name, want)| all.value(name, *row).is_some_and(|v| v.to_json() == *want))
        };
        Ok(Arc::new(all.take(&(0..all.rows).filter(keeps).collect::<Vec<_>>())))
    }
}

/// A relation of columns: name, unit, English and French label, cells.
pub(super) fn table(columns: Vec<(&str, &str, &str, &str, Column)>) -> Relation {
    let rows = columns.first().map_or(0, |(.., column)| column.len());
    let field = |(name, unit, en, fr, column): (&str, &str, &str, &str, Column)| {
        let schema = ColumnSchema {
            kind: column.kind(),
            unit: unit.to_owned(),
            label: Localized::en(en).with("fr", fr),
        };
        (name.to_owned(), Field { column, schema })
    };
    Relation { fields: columns.into_iter().map(field).collect(), rows, shapes: Vec::new() }
}

pub(super) fn values(kind: ColumnType, values: &[Value]) -> Column {
    Column::from_values(kind, values).unwrap()
}

pub(super) fn figure(description: Json) -> Figure {
    serde_json::from_value(description).unwrap()
}

/// All figures: name, description, tables.
pub(super) fn all() -> Vec<Fixture> {
    [lines_and_points(), bars_and_cells(), drawings(), the_rest(), distributions::all(), places::all()]
        .into_iter()
        .flatten()
        .collect()
}

/// Name, figure and tables.
type Fixture = (&'static str, Figure, Tables);

fn one(name: &'static str, description: Json, relation: Relation) -> Fixture {
    (name, figure(description), Tables(BTreeMap::from([("t".to_owned(), relation)])))
}

/// Lines and points.
fn lines_and_points() -> Vec<Fixture> {
    vec![
        one(
            "growth",
            json!({"title": "Growth", "from": "t", "mark": ["line", "band"], "x": "layer",
            "y": {"field": "curvature", "scale": "log", "stat": "median", "band": "p05-p95", "over": "replicate"},
            "color": "sigma", "facet": "width"}),
            growth(&[25, 50, 100, 200]),
        ),
        one(
            "lines",
            json!({"title": "Growth", "from": "t", "mark": ["line", "band", "point"], "x": "layer",
            "y": {"field": "curvature", "scale": "log", "stat": "median", "band": "p05-p95"}, "color": "sigma"}),
            growth(&[100]),
        ),
        one(
            "linear",
            json!({"title": "Waves", "from": "t", "mark": "line", "x": "t", "y": "y", "color": "wave",
            "layers": [{"mark": "rule", "y": {"value": 0.5}, "label": {"en": "bound", "fr": "borne"}}]}),
            waves(),
        ),
        one(
            "scatter",
            json!({"title": "Scatter", "from": "t", "mark": "point", "x": "a", "y": "b", "color": "kind", "size": "mass"}),
            scatter(160),
        ),
        one(
            "continuous",
            json!({"title": "Scatter", "from": "t", "mark": "point", "x": "a", "y": "b", "color": "mass"}),
            scatter(300),
        ),
        one(
            "many",
            json!({"title": "Many points", "from": "t", "mark": "point", "x": "a", "y": "b"}),
            scatter(30_000),
        ),
    ]
}

/// Bars, cells and polygons.
fn bars_and_cells() -> Vec<Fixture> {
    vec![
        one(
            "bars",
            json!({"title": "Bars", "from": "t", "mark": "bar", "x": "method", "y": {"field": "time", "stat": "mean", "band": "ci95"},
            "color": "machine"}),
            timings(),
        ),
        one(
            "errors",
            json!({"title": "Mean times", "from": "t", "mark": ["bar", "band"], "x": "method",
            "y": {"field": "time", "stat": "mean", "band": "sd"}, "where": {"machine": "old"}}),
            timings(),
        ),
        one(
            "lying",
            json!({"title": "Lying bars", "from": "t", "mark": "bar", "y": "method", "x": {"field": "time", "stat": "mean"}}),
            timings(),
        ),
        one(
            "heatmap",
            json!({"title": "Heatmap", "from": "t", "mark": "cell", "x": "i", "y": "j", "color": "value"}),
            grid(),
        ),
        one(
            "diverging",
            json!({"title": "Signs", "from": "t", "mark": "cell", "x": "i", "y": "j",
            "color": {"field": "value", "palette": "diverging", "label": "difference"}, "aspect": "equal"}),
            grid(),
        ),
        one(
            "regions",
            json!({"title": "Regions", "from": "t", "mark": "polygon", "color": "count", "aspect": "equal"}),
            regions(),
        ),
        one(
            "parts",
            json!({"title": "Pieces", "from": "t", "mark": "polygon", "color": {"field": "count", "palette": "categorical"},
            "aspect": "equal", "axes": false, "stroke": 1.0}),
            regions(),
        ),
    ]
}

/// Curves and pictures.
fn drawings() -> Vec<Fixture> {
    vec![
        one(
            "dragon",
            json!({"title": "Dragon curves", "from": "t", "mark": "path", "aspect": "equal", "axes": false,
            "facet": {"field": "folds", "free": true, "columns": 4}}),
            dragons(&[2, 4, 8, 10]),
        ),
        one(
            "titles",
            json!({"title": "Long titles over axes", "from": "t", "mark": "line", "x": "layer",
            "y": {"field": "curvature", "scale": "log", "stat": "median"}, "color": "sigma",
            "facet": {"field": "width", "columns": 4, "free": true, "names": long_names(&["25", "50", "100", "200"])}}),
            growth(&[25, 50, 100, 200]),
        ),
        one(
            "titles-bare",
            json!({"title": "Long titles without axes", "from": "t", "mark": "path", "aspect": "equal", "axes": false,
            "facet": {"field": "folds", "free": true, "columns": 5, "names": long_names(&["2", "3", "6", "7", "8"])}}),
            dragons(&[2, 3, 6, 7, 8]),
        ),
        one(
            "dragon-large",
            json!({"title": "A dragon curve", "from": "t", "mark": "path", "tone": "series1", "aspect": "equal", "axes": false}),
            dragons(&[16]),
        ),
        one(
            "image",
            json!({"title": "An angle", "from": "t", "mark": "image", "color": {"field": "value", "palette": "cyclic"}, "aspect": "equal"}),
            raster(),
        ),
    ]
}

/// Odd scales, texts, frames, and what does not fit.
fn the_rest() -> Vec<Fixture> {
    vec![
        one(
            "symlog",
            json!({"title": "Both signs", "from": "t", "mark": ["line", "point"], "x": "n", "y": {"field": "signed", "scale": "symlog"}}),
            signed(),
        ),
        one(
            "notes",
            json!({"title": "Annotations", "from": "t", "mark": ["point", "text"], "x": "x", "y": "y", "text": "name",
            "layers": [{"mark": "arrow", "x2": "x2", "y2": "y2", "tone": "series2"}, {"mark": "rule", "x": {"value": 2.0}, "dash": "dotted"}]}),
            notes(),
        ),
        one(
            "huge",
            json!({"title": "Powers of two", "from": "t", "mark": ["line", "point"], "x": "n", "y": {"field": "power", "scale": "log"}}),
            powers(),
        ),
        one(
            "area",
            json!({"title": "Area", "from": "t", "mark": "area", "x": "t", "y": "y", "where": {"wave": "slow"}}),
            waves(),
        ),
        one(
            "spiral",
            json!({"title": "A spiral", "from": "t", "mark": "path", "x": "px", "y": "py", "color": "t", "aspect": "equal", "where": {"wave": "slow"}}),
            waves(),
        ),
        one(
            "empty",
            json!({"title": "Nothing", "from": "t", "mark": "line", "x": "t", "y": "y", "where": {"wave": "none"}}),
            waves(),
        ),
        one(
            "steps",
            json!({"title": "Steps", "from": "t", "mark": "line", "x": "layer", "y": {"field": "curvature", "scale": "log", "stat": "median"},
            "color": "sigma", "frame": "width"}),
            growth(&[25, 200]),
        ),
        one(
            "clipped",
            json!({"title": "Clipped", "from": "t", "mark": ["line", "point"], "x": "t", "y": {"field": "y", "domain": [-0.5, 1.2]}, "color": "wave"}),
            waves(),
        ),
        one(
            "long",
            json!({"title": "Long names", "from": "t", "mark": "point", "x": "name", "y": "y"}),
            notes(),
        ),
    ]
}

/// Names of panels that need one line or several, in both languages.
fn long_names(values: &[&str]) -> Json {
    let names = [
        ("Wasserstein with gradient penalty", "Wasserstein avec pénalité de gradient"),
        ("narrow", "étroit"),
        ("Sinkhorn, σ_w = 0.05", "Sinkhorn, σ_w = 0,05"),
        ("minimax", "minimax"),
        ("non-saturating after one thousand steps", "non saturant après un millier de pas"),
    ];
    values
        .iter()
        .zip(names)
        .map(|(value, (en, fr))| ((*value).to_owned(), json!({"en": en, "fr": fr})))
        .collect()
}

fn growth(widths: &[i64]) -> Relation {
    let (mut layer, mut sigma, mut width, mut replicate, mut curvature) =
        (vec![], vec![], vec![], vec![], vec![]);
    for w in widths {
        for s in [0.8, 2.0, 4.0] {
            for r in 0..9_i64 {
                let noise = Seed(7).stream(&format!("{w}/{s}/{r}")).normals(15, 0.25);
                for l in 1..=15_i64 {
                    layer.push(l);
                    sigma.push(s);
                    width.push(*w);
                    replicate.push(r);
                    let rate = 0.35 * math::ln(s * 0.7) * math::ln(*w as f64) / 4.0;
                    let wander: f64 = noise[..l as usize].iter().sum();
                    curvature.push(6.0 * math::exp(rate * l as f64 + 0.35 * wander));
                }
            }
        }
    }
    table(vec![
        ("layer", "", "layer", "couche", layer.into()),
        ("sigma", "", "σ_w", "σ_w", sigma.into()),
        ("width", "", "width", "largeur", width.into()),
        ("replicate", "", "replicate", "répétition", replicate.into()),
        ("curvature", "rad", "total curvature", "courbure totale", curvature.into()),
    ])
}

fn waves() -> Relation {
    let (mut t, mut y, mut wave, mut px, mut py) = (vec![], vec![], vec![], vec![], vec![]);
    for (name, speed) in [("slow", 1.0), ("fast", 2.5), ("damped", 4.0)] {
        for step in 0..=120 {
            let at = f64::from(step) / 12.0;
            t.push(at);
            let size = if name == "damped" { math::exp(-at / 3.0) } else { 1.0 };
            y.push(1.6 * size * math::sin(speed * at) + 0.2 * speed);
            wave.push(name);
            px.push(at * math::cos(2.0 * at));
            py.push(at * math::sin(2.0 * at));
        }
    }
    table(vec![
        ("t", "s", "time", "temps", t.into()),
        ("y", "m", "height", "hauteur", y.into()),
        ("wave", "", "wave", "onde", wave.into()),
        ("px", "", "x", "x", px.into()),
        ("py", "", "y", "y", py.into()),
    ])
}

fn scatter(n: usize) -> Relation {
    let mut stream = Seed(11).stream("scatter");
    let (noise, other) = (stream.normals(n, 1.0), stream.normals(n, 1.0));
    let kinds = ["copper", "iron", "zinc", "tin"];
    let kind: Vec<&str> = (0..n).map(|i| kinds[i % 4]).collect();
    let a: Vec<f64> = (0..n).map(|i| noise[i] + (i % 4) as f64).collect();
    let b: Vec<f64> = (0..n).map(|i| 0.6 * a[i] + other[i] * 0.7 + 3.0).collect();
    let mass: Vec<f64> = (0..n).map(|i| 1.0 + 4.0 * (noise[i] * other[i]).abs()).collect();
    table(vec![
        ("a", "mm", "length", "longueur", a.into()),
        ("b", "mm", "breadth", "largeur", b.into()),
        ("kind", "", "metal", "métal", kind.into()),
        ("mass", "g", "mass", "masse", mass.into()),
    ])
}

fn timings() -> Relation {
    let (mut method, mut machine, mut time) = (vec![], vec![], vec![]);
    for (m, base) in [("log-domain", 4.1), ("plain", 2.2), ("stabilised", 3.0), ("greedy", 5.6)] {
        for (name, factor) in [("old", 1.0), ("new", 0.55)] {
            for r in 0..5 {
                method.push(m);
                machine.push(name);
                time.push(base * factor * (1.0 + 0.08 * f64::from(r - 2)));
            }
        }
    }
    table(vec![
        ("method", "", "method", "méthode", method.into()),
        ("machine", "", "machine", "machine", machine.into()),
        ("time", "s", "time", "durée", time.into()),
    ])
}

fn grid() -> Relation {
    let (mut i, mut j, mut value) = (vec![], vec![], vec![]);
    for a in 0..24_i64 {
        for b in 0..14_i64 {
            i.push(a);
            j.push(b);
            value.push(math::sin(a as f64 / 4.0) * math::cos(b as f64 / 3.0) * (a as f64 + 3.0) / 6.0);
        }
    }
    table(vec![
        ("i", "", "column", "colonne", i.into()),
        ("j", "", "row", "ligne", j.into()),
        ("value", "", "value", "valeur", value.into()),
    ])
}

fn with_shapes(geometry: Geometry, mut relation: Relation) -> Relation {
    let geometry = Arc::new(geometry);
    relation.rows = geometry.parts();
    relation.shapes = (0..geometry.parts()).map(|part| Shape::Part(Arc::clone(&geometry), part)).collect();
    relation
}

fn regions() -> Relation {
    let mut geometry = Geometry::new(GeometryKind::Polygons);
    let mut count = Vec::new();
    let bend = |i: usize, j: usize| {
        let (x, y) = (i as f64 / 6.0 - 1.0, j as f64 / 6.0 - 1.0);
        let edge = i == 0 || j == 0 || i == 12 || j == 12;
        if edge { [x, y] } else { [x + 0.06 * math::sin(7.0 * y + x), y + 0.06 * math::cos(9.0 * x)] }
    };
    for i in 0..12 {
        for j in 0..12 {
            let [a, b, c, d] = [bend(i, j), bend(i + 1, j), bend(i + 1, j + 1), bend(i, j + 1)];
            geometry.push([a, b, c]);
            geometry.push([a, c, d]);
            count.extend([(i + j) as i64 / 2, (i * j) as i64 % 11]);
        }
    }
    with_shapes(geometry, table(vec![("count", "", "active units", "unités actives", count.into())]))
}

fn dragons(folds: &[usize]) -> Relation {
    let mut geometry = Geometry::new(GeometryKind::Paths);
    for n in folds {
        let mut vertices = vec![[0.0, 0.0], [1.0, 0.0]];
        let mut direction = 0_i64;
        for k in 1..1_u64 << n {
            direction += if (k >> (k.trailing_zeros() + 1)) & 1 == 0 { 1 } else { -1 };
            let [dx, dy] =
                [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]][direction.rem_euclid(4) as usize];
            let [x, y] = vertices[vertices.len() - 1];
            vertices.push([x + dx, y + dy]);
        }
        geometry.push(vertices);
    }
    let folds: Vec<i64> = folds.iter().map(|n| *n as i64).collect();
    with_shapes(geometry, table(vec![("folds", "", "folds", "plis", folds.into())]))
}

fn raster() -> Relation {
    let (width, height) = (90, 60);
    let at = |index: usize| ((index % width) as f64 / 15.0 - 3.0, 2.0 - (index / width) as f64 / 15.0);
    let values = (0..width * height).map(|i| math::atan2(at(i).1, at(i).0)).collect();
    let raster = Raster { width, height, extent: [[-3.0, -2.0], [3.0, 2.0]], values };
    let fields = IndexMap::from([(
        "value".to_owned(),
        Field {
            column: values_missing(1),
            schema: ColumnSchema {
                kind: ColumnType::Float,
                unit: "rad".into(),
                label: Localized::en("angle"),
            },
        },
    )]);
    Relation { fields, rows: 1, shapes: vec![Shape::Raster(Arc::new(raster))] }
}

fn values_missing(rows: usize) -> Column {
    values(ColumnType::Float, &vec![Value::Missing("in the raster".into()); rows])
}

fn signed() -> Relation {
    let n: Vec<i64> = (-12..=12).collect();
    let cubes: Vec<f64> = n.iter().map(|n| (*n as f64) * (*n as f64) * (*n as f64) * 0.8).collect();
    table(vec![("n", "", "n", "n", n.into()), ("signed", "", "signed cube", "cube signé", cubes.into())])
}

fn notes() -> Relation {
    table(vec![
        ("x", "", "x", "x", vec![1.0, 2.5, 3.2].into()),
        ("y", "", "y", "y", vec![2.0, 3.5, 1.2].into()),
        ("x2", "", "x", "x", vec![1.6, 2.9, 2.6].into()),
        ("y2", "", "y", "y", vec![2.8, 2.6, 1.9].into()),
        (
            "name",
            "",
            "name",
            "nom",
            vec!["the first of all places", "a <b>bold</b> second place", "the third & last of the places"]
                .into(),
        ),
    ])
}

fn powers() -> Relation {
    let n: Vec<i64> = (0..=20).map(|k| 100 * k).collect();
    let mut powers: Vec<Value> = n.iter().map(|n| Value::Integer(BigInt::from(1) << *n as u64)).collect();
    powers[3] = Value::Missing("not computed".into());
    powers[20] = Value::Named(Named::Infinity);
    table(vec![
        ("n", "", "n", "n", n.into()),
        ("power", "", "regions", "régions", values(ColumnType::Integer, &powers)),
    ])
}
