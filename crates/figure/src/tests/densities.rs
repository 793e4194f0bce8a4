//! Violins, densities and steps of known rows.

use octavo_plugin::{ColumnType, Value};
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table, values};
use super::{draw, marks};
use crate::Drawn;
use crate::scene::Form;
use octavo_definition::locale::Locale;

/// Rows of a place and a value, drawn as described.
fn drawn(description: Json, rows: &[(&str, Value)]) -> Drawn {
    let p: Vec<String> = rows.iter().map(|(place, _)| (*place).to_owned()).collect();
    let v: Vec<Value> = rows.iter().map(|(_, value)| value.clone()).collect();
    let n: Vec<f64> = (0..rows.len()).map(|n| n as f64).collect();
    let relation = table(vec![
        ("p", "", "p", "p", p.into()),
        ("v", "mm", "v", "v", values(ColumnType::Float, &v)),
        ("n", "", "n", "n", n.into()),
    ]);
    let tables = Tables([("t".to_owned(), relation)].into());
    draw(&figure(description), &tables, &Locale::built_in("en").unwrap()).unwrap()
}

fn rows(place: &'static str, values: &[f64]) -> Vec<(&'static str, Value)> {
    values.iter().map(|value| (place, Value::from_f64(*value))).collect()
}

/// Both ends along an axis of each outline.
fn spans(drawn: &Drawn, axis: usize) -> Vec<f64> {
    let span = |points: &Vec<[f64; 2]>| {
        let along = || points.iter().map(|point| point[axis]);
        along().fold(f64::NEG_INFINITY, f64::max) - along().fold(f64::INFINITY, f64::min)
    };
    let outlines = marks(&drawn.frames[0].scene).filter_map(|form| match form {
        Form::Polygon(points) => Some(span(points)),
        _ => None,
    });
    // An area and its outline are one.
    outlines.step_by(2).collect()
}

#[test]
fn violins_have_one_area_and_end_with_their_values() {
    let mut all = rows("a", &[0.0, 1.0, 2.0, 3.0]);
    all.extend(rows("b", &[0.0, 2.0, 4.0, 6.0]));
    for (x, y, along) in [("p", "v", 1), ("v", "p", 0)] {
        let found = drawn(json!({ "from": "t", "mark": "violin", "x": x, "y": y }), &all);
        let (lengths, widths) = (spans(&found, along), spans(&found, 1 - along));
        assert!(
            (lengths[1] / lengths[0] - 2.0).abs() < 1e-6 && (widths[0] / widths[1] - 2.0).abs() < 1e-6,
            "{lengths:?} {widths:?}"
        );
    }
}

#[test]
fn violins_of_all_panels_have_one_area() {
    let mut all = rows("a", &[0.0, 1.0, 2.0, 3.0]);
    all.extend(rows("b", &[0.0, 2.0, 4.0, 6.0]));
    let found = drawn(json!({ "from": "t", "mark": "violin", "x": "p", "y": "v", "facet": "p" }), &all);
    let widths = spans(&found, 0);
    assert!((widths[0] / widths[1] - 2.0).abs() < 1e-6, "{widths:?}");
}

#[test]
fn the_data_are_places_and_densities() {
    let found = drawn(
        json!({ "from": "t", "mark": "violin", "x": "p", "y": "v", "bandwidth": 0.5 }),
        &rows("a", &[-1.0, 1.0]),
    );
    let data = &found.data()[0].relation;
    assert_eq!(data.fields.keys().collect::<Vec<_>>(), ["p", "v", "density", "rows"]);
    assert_eq!((data.rows, data.value("v", 50)), (101, Some(Value::Float(0.0))));
    // The mean of two normal densities, two deviations away.
    let expected = octavo_plugin::math::exp(-2.0) / (0.5 * std::f64::consts::TAU.sqrt());
    let density = data.value("density", 50).unwrap().as_f64().unwrap();
    assert!((density - expected).abs() < 1e-15);
    assert!(found.description.contains("a: 2 values, densest at −1."), "{}", found.description);
    let line = drawn(
        json!({ "from": "t", "mark": "density", "x": "v", "bandwidth": 0.5 }),
        &rows("a", &[-1.0, 1.0]),
    );
    let line = &line.data()[0].relation;
    assert_eq!(line.fields.keys().collect::<Vec<_>>(), ["v", "density"]);
    assert_eq!(line.value("density", 50).unwrap().as_f64(), Some(density));
}

#[test]
fn what_has_no_density_is_told() {
    let told = |mark: &str, skip: bool, values: Vec<(&str, Value)>| {
        let value = json!({ "field": "v", "skip_missing": skip });
        let description = match mark {
            "violin" => json!({ "from": "t", "mark": mark, "x": "p", "y": value }),
            _ => json!({ "from": "t", "mark": mark, "x": value }),
        };
        let found = drawn(description, &values);
        (
            marks(&found.frames[0].scene).filter(|form| !matches!(form, Form::Text(_))).count(),
            found.notes.flat,
            found.notes.lost,
            found.clipped,
        )
    };
    let lost =
        || [rows("a", &[1.0, 2.0, f64::INFINITY]), vec![("a", Value::Missing("none".to_owned()))]].concat();
    for (mark, forms) in [("violin", 2), ("density", 1)] {
        assert_eq!(told(mark, false, rows("a", &[1.0, 2.0, f64::INFINITY])), (forms, 0, 0, 1), "{mark}");
        assert_eq!(told(mark, false, lost()), (0, 0, 1, 0), "{mark}");
        assert_eq!(told(mark, true, lost()), (forms, 0, 0, 1), "{mark}");
    }
    // All values are one: a stroke across, and no line.
    assert_eq!(told("violin", false, rows("a", &[3.0, 3.0])), (1, 1, 0, 0));
    assert_eq!(told("density", false, rows("a", &[3.0, 3.0])), (0, 1, 0, 0));
}

#[test]
fn steps_stand_where_they_are_asked_to() {
    let corners = |step: Json| -> Vec<[i64; 2]> {
        let found = drawn(
            json!({ "from": "t", "mark": "step", "x": "n", "y": "v", "step": step }),
            &rows("a", &[1.0, 2.0, 4.0]),
        );
        let paths: Vec<_> = marks(&found.frames[0].scene).collect();
        let [Form::Path(points)] = paths[..] else { panic!("one line") };
        let ([x0, y0], [x1, _]) = (points[0], points[points.len() - 1]);
        let unit = (y0 - points[points.len() - 1][1]) / 3.0;
        points
            .iter()
            .map(|[x, y]| [((x - x0) / (x1 - x0) * 4.0).round() as i64, ((y0 - y) / unit).round() as i64])
            .collect()
    };
    let after = [[0, 0], [2, 0], [2, 1], [4, 1], [4, 3]];
    assert_eq!((corners(json!(null)), corners(json!("after"))), (after.to_vec(), after.to_vec()));
    assert_eq!(corners(json!("before")), [[0, 0], [0, 1], [2, 1], [2, 3], [4, 3]]);
    assert_eq!(corners(json!("middle")), [[0, 0], [1, 0], [1, 1], [2, 1], [3, 1], [3, 3], [4, 3]]);
}
