//! What a figure cannot show is not drawn as something else, and is counted.

use octavo_plugin::figure::Figure;
use octavo_plugin::{ColumnType, Value};
use serde_json::{Value as Json, json};

use super::draw;
use super::fixtures::{Tables, figure, table, values};
use crate::Drawn;
use crate::scene::{Form, Role, Scene};
use octavo_definition::locale::Locale;

/// Rows of x, y, drawn as described.
fn drawn(description: Json, rows: &[(f64, Option<f64>)]) -> Drawn {
    let cell = |value: &Option<f64>| value.map_or_else(|| Value::Missing("none".to_owned()), Value::from);
    let x: Vec<Value> = rows.iter().map(|(x, _)| Value::from(*x)).collect();
    let y: Vec<Value> = rows.iter().map(|(_, y)| cell(y)).collect();
    let relation = table(vec![
        ("x", "", "x", "x", values(ColumnType::Float, &x)),
        ("y", "", "y", "y", values(ColumnType::Float, &y)),
    ]);
    let figure: Figure = figure(description);
    draw(&figure, &Tables([("t".to_owned(), relation)].into()), &Locale::built_in("en").unwrap()).unwrap()
}

fn forms(scene: &Scene) -> Vec<&Form> {
    let marks = scene.groups.iter().filter(|group| group.role == Role::Marks);
    marks.flat_map(|group| &group.elements).map(|element| &element.form).collect()
}

fn polygons(drawn: &Drawn) -> usize {
    forms(&drawn.frames[0].scene).iter().filter(|form| matches!(form, Form::Polygon(_))).count()
}

fn paths(drawn: &Drawn) -> usize {
    forms(&drawn.frames[0].scene).iter().filter(|form| matches!(form, Form::Path(_))).count()
}

const REPEATED: &[(f64, Option<f64>)] = &[
    (0.0, Some(1.0)),
    (0.0, Some(2.0)),
    (1.0, Some(5.0)),
    (2.0, Some(2.0)),
    (2.0, Some(4.0)),
    (3.0, Some(1.0)),
    (3.0, Some(2.0)),
];

#[test]
fn a_spread_without_neighbours_is_a_whisker_and_one_of_a_single_value_is_told() {
    let spread =
        json!({ "from": "t", "mark": "band", "x": "x", "y": { "field": "y", "stat": "mean", "band": "sd" } });
    // 0 alone, nothing at 1, 2 and 3 beside each other: one whisker of three strokes and one area.
    let found = drawn(spread.clone(), REPEATED);
    assert_eq!((paths(&found), polygons(&found), found.notes.alone), (3, 1, 1));
    let whole = drawn(spread, &REPEATED[3..]);
    assert_eq!((paths(&whole), polygons(&whole), whole.notes.alone), (0, 1, 0));
}

#[test]
fn a_bar_that_does_not_fit_is_left_out_and_counted() {
    let bars = |domain: Json, scale: &str| {
        let y = json!({ "field": "y", "domain": domain, "scale": scale });
        let x = json!({ "field": "x", "scale": "categorical" });
        let found = drawn(
            json!({ "from": "t", "mark": "bar", "x": x, "y": y }),
            &[(1.0, Some(2.0)), (2.0, Some(5.0)), (3.0, None)],
        );
        (polygons(&found), found.clipped)
    };
    assert_eq!(bars(json!([0, 3]), "linear"), (1, 1));
    assert_eq!(bars(json!([0, 5]), "linear"), (2, 0));
    // Without zero a bar has no length.
    assert_eq!(bars(json!([1, 6]), "linear"), (0, 2));
    assert_eq!(bars(json!([-1, 6]), "linear"), (2, 0));
    // A logarithmic axis has no zero: its bars rise from its end.
    assert_eq!(bars(json!([1, 6]), "log"), (2, 0));
    assert_eq!(bars(json!([1, 3]), "log"), (1, 1));
}

#[test]
fn bars_at_one_place_are_told_unless_something_divides_them() {
    let overlaid = |rest: Json| {
        let mut description =
            json!({ "from": "t", "mark": "bar", "x": { "field": "x", "scale": "categorical" }, "y": "y" });
        description.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        drawn(description, REPEATED).notes.overlaid
    };
    assert_eq!(overlaid(json!({})), [0]);
    assert_eq!(overlaid(json!({ "y": { "field": "y", "stat": "mean" } })), Vec::<usize>::new());
    assert_eq!(overlaid(json!({ "color": { "field": "y", "scale": "categorical" } })), Vec::<usize>::new());
    assert_eq!(overlaid(json!({ "facet": "y" })), Vec::<usize>::new());
    assert_eq!(overlaid(json!({ "y2": { "expr": "-y" } })), Vec::<usize>::new());
}

#[test]
fn rows_without_a_place_are_counted_once() {
    let rows = &[(0.0, Some(1.0)), (1.0, None), (2.0, Some(0.0)), (3.0, None)];
    for mark in [json!("line"), json!(["line", "point"]), json!("bar"), json!("area")] {
        let found = drawn(json!({ "from": "t", "mark": mark, "x": "x", "y": "y" }), rows);
        assert_eq!(found.notes.missing, 2, "{mark}");
        let shown = found.notes.lines(&Locale::built_in("fr").unwrap());
        assert_eq!(shown, ["lignes sans valeur, qui ne sont pas tracées : 2"]);
    }
    let layers = json!([{ "mark": "point" }, { "mark": "point", "x": "y", "y": "x" }]);
    let several = drawn(json!({ "from": "t", "mark": "line", "x": "x", "y": "y", "layers": layers }), rows);
    assert_eq!(several.notes.missing, 4, "the second layer's rows are others");
    // With a statistic they are told as places.
    let places =
        drawn(json!({ "from": "t", "mark": "line", "x": "x", "y": { "field": "y", "stat": "mean" } }), rows);
    assert_eq!((places.notes.missing, places.notes.lost), (0, 2));
}
