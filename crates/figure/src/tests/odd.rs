//! Data that are empty, constant, missing or beyond all bounds give a picture or an error, never a panic.

use std::collections::BTreeMap;

use octavo_plugin::{ColumnType, Named, Value};
use serde_json::json;

use super::draw;
use super::file;
use super::fixtures::{Tables, figure, table, values};
use crate::Scene;
use octavo_definition::locale::Locale;
use octavo_tables::relation::Relation;

fn columns() -> Vec<Vec<Value>> {
    let float = |values: &[f64]| values.iter().map(|value| Value::from(*value)).collect::<Vec<_>>();
    vec![
        vec![],
        float(&[1.0]),
        float(&[0.0, 0.0, 0.0]),
        float(&[7.5, 7.5]),
        float(&[-1e300, 1e300]),
        float(&[f64::MAX, f64::MIN]),
        float(&[5e-324, 1e-320]),
        float(&[1.0, 1.0 + f64::EPSILON]),
        float(&[-1.0, 0.0, -5.0]),
        float(&[1e15, 1e15 + 1.0]),
        vec![Value::Missing("no".into()); 3],
        vec![Value::Named(Named::Infinity), Value::Named(Named::NegativeInfinity), Value::Float(1.0)],
        vec![Value::Named(Named::Infinity); 2],
    ]
}

fn relation(column: &[Value]) -> Relation {
    let n: Vec<i64> = (0..column.len() as i64).collect();
    let group: Vec<String> = n.iter().map(|n| format!("g{}", n % 2)).collect();
    table(vec![
        ("n", "", "n", "n", n.into()),
        ("g", "", "g", "g", group.into()),
        ("v", "", "v", "v", values(ColumnType::Float, column)),
    ])
}

/// Whether no number of a scene is infinite or none. A written picture does not show it: there, NaN is 0.
fn all_finite(scene: &Scene) -> bool {
    let shown = format!("{scene:?}").replace("\\\"", "");
    let outside_texts = shown.split('"').step_by(2);
    outside_texts
        .flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()))
        .all(|word| word != "NaN" && word != "inf")
}

#[test]
fn every_mark_and_scale_takes_every_column() {
    let locale = Locale::built_in("en").unwrap();
    for column in columns() {
        let tables = Tables(BTreeMap::from([("t".to_owned(), relation(&column))]));
        for mark in [
            "line",
            "point",
            "band",
            "bar",
            "area",
            "rule",
            "text",
            "cell",
            "polygon",
            "path",
            "image",
            "arrow",
            "errorbar",
            "box",
            "histogram",
            "violin",
            "density",
            "step",
            "note",
            "pair",
        ] {
            for scale in ["linear", "log", "symlog", "categorical"] {
                for (x, y) in [("n", "v"), ("v", "n"), ("g", "v"), ("v", "v")] {
                    let figure = figure(
                        json!({"from": "t", "mark": mark, "x": {"field": x, "scale": if x == "v" { scale } else { "linear" }},
                        "y": {"field": y, "scale": scale}, "color": "v", "size": "v", "text": "v"}),
                    );
                    let figure = if x == "g" {
                        octavo_plugin::figure::Figure {
                            base: octavo_plugin::figure::Layer { x: Some("g".into()), ..figure.base.clone() },
                            ..figure
                        }
                    } else {
                        figure
                    };
                    let drawn = draw(&figure, &tables, &locale).unwrap();
                    let scene = &drawn.frames[0].scene;
                    let text = file(scene);
                    assert!(
                        all_finite(scene) && text.len() < 200_000,
                        "{mark} {scale} {x} {y} {column:?}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn statistics_take_every_column() {
    let locale = Locale::built_in("fr").unwrap();
    for column in columns() {
        let tables = Tables(BTreeMap::from([("t".to_owned(), relation(&column))]));
        for stat in ["mean", "median", "min", "max", "sum", "count"] {
            for band in ["p05-p95", "min-max", "sd", "ci95"] {
                let figure = figure(json!({"from": "t", "mark": ["line", "band"], "x": "g", "facet": "g",
                    "y": {"field": "v", "stat": stat, "band": band}}));
                let drawn = draw(&figure, &tables, &locale);
                let fits =
                    matches!((stat, band), ("mean", _) | ("median" | "min" | "max", "p05-p95" | "min-max"));
                assert_eq!(drawn.is_ok(), fits, "{stat} {band}");
                let scenes = drawn.iter().flat_map(|drawn| &drawn.frames).map(|frame| &frame.scene);
                assert!(scenes.into_iter().all(all_finite), "{stat} {band} {column:?}");
            }
        }
    }
}

fn check_error(description: serde_json::Value, message: &str, help: &str) {
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation(&[Value::Float(1.0)]))]));
    let error = draw(&figure(description), &tables, &Locale::built_in("en").unwrap()).unwrap_err();
    assert_eq!(error.message, message);
    assert_eq!(error.help.unwrap_or_default(), help);
}

#[test]
fn errors_say_what_to_do() {
    check_error(
        json!({"from": "t", "x": "n"}),
        "a layer has no mark",
        "add `mark`, such as `mark = \"line\"`",
    );
    check_error(
        json!({"mark": "line", "x": "n"}),
        "a layer has no table",
        "add `from`, the name of a table or drawing",
    );
    check_error(json!({"from": "u", "mark": "line"}), "there is no table `u`", "");
    check_error(
        json!({"from": "t", "mark": "line", "x": "m"}),
        "`x` names the column `m`, which is not there",
        "columns are n, g, v",
    );
    check_error(
        json!({"from": "t", "mark": "line", "facet": "no"}),
        "no layer has the column `no` of the panels",
        "",
    );
}

#[test]
fn expressions_come_from_the_source() {
    let tables =
        Tables(BTreeMap::from([("t".to_owned(), relation(&[Value::Float(1.0), Value::Float(4.0)]))]));
    let figure =
        figure(json!({"from": "t", "mark": "point", "x": "n", "y": {"expr": "-v", "label": "minus v"}}));
    let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
    assert_eq!(drawn.data()[0].relation.value("-v", 1), Some(Value::Float(-4.0)));
    assert!(drawn.frames[0].scene.texts().any(|text| text.spans[0].text == "minus v"));
}
