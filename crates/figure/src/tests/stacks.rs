//! Stacked pieces stand on each other, and their data are what they are worth.

use octavo_plugin::{ColumnType, Value};
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table, values};
use super::{draw, marks};
use crate::scene::Form;
use crate::{Drawn, FigureError, data};
use octavo_definition::locale::Locale;

type Row = (&'static str, &'static str, Option<f64>);

const ROWS: [Row; 4] =
    [("a", "red", Some(1.0)), ("a", "blue", Some(3.0)), ("b", "blue", Some(2.0)), ("b", "red", Some(6.0))];

fn drawn(description: Json, rows: &[Row]) -> Result<Drawn, FigureError> {
    let text =
        |pick: fn(&Row) -> &'static str| rows.iter().map(|row| pick(row).to_owned()).collect::<Vec<_>>();
    let v: Vec<Value> =
        rows.iter().map(|(.., v)| v.map_or_else(|| Value::Missing("none".to_owned()), Value::from)).collect();
    let relation = table(vec![
        ("p", "", "p", "p", text(|row| row.0).into()),
        ("c", "", "c", "c", text(|row| row.1).into()),
        ("v", "", "v", "v", values(ColumnType::Float, &v)),
    ]);
    let tables = Tables([("t".to_owned(), relation)].into());
    draw(&figure(description), &tables, &Locale::built_in("en").unwrap())
}

/// The ends of each bar along an axis, by the length of the first.
fn pieces(drawn: &Drawn, axis: usize) -> Vec<[i64; 2]> {
    let ends: Vec<[f64; 2]> = marks(&drawn.frames[0].scene)
        .filter_map(|form| match form {
            Form::Polygon(points) => {
                let along = || points.iter().map(|point| point[axis]);
                Some([along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max)])
            }
            _ => None,
        })
        .collect();
    let unit = ends[0][1] - ends[0][0];
    let foot = if axis == 1 { ends[0][1] } else { ends[0][0] };
    let number = |at: f64| (if axis == 1 { foot - at } else { at - foot } / unit).round() as i64;
    ends.into_iter().map(|[a, b]| [number(a).min(number(b)), number(a).max(number(b))]).collect()
}

#[test]
fn pieces_stand_in_the_order_of_the_legend() {
    for (x, y, axis) in [("p", "v", 1), ("v", "p", 0)] {
        let stacked = |stack: Json| {
            drawn(json!({ "from": "t", "mark": "bar", "x": x, "y": y, "color": "c", "stack": stack }), &ROWS)
                .unwrap()
        };
        let plain = stacked(json!(true));
        assert_eq!(pieces(&plain, axis), [[0, 1], [1, 4], [6, 8], [0, 6]]);
        assert_eq!(
            data::csv(&plain.data()[0].relation).lines().nth(3),
            Some(if axis == 1 { "blue,b,2" } else { "blue,2,b" })
        );
        assert!(plain.notes.overlaid.is_empty());
        // Quarters: 1 and 3 of 4, 6 and 2 of 8.
        assert_eq!(pieces(&stacked(json!("share")), axis), [[0, 1], [1, 4], [3, 4], [0, 3]]);
    }
}

#[test]
fn a_statistic_is_stacked_and_stands_in_the_data() {
    let rows: Vec<Row> = ROWS.iter().flat_map(|row| [*row, *row]).collect();
    let y = json!({ "field": "v", "stat": "sum" });
    let found =
        drawn(json!({ "from": "t", "mark": "bar", "x": "p", "y": y, "color": "c", "stack": "share" }), &rows)
            .unwrap();
    assert_eq!(
        data::csv(&found.data()[0].relation),
        "c,p,v,rows\nred,a,2,2\nblue,a,6,2\nblue,b,4,2\nred,b,12,2\n"
    );
    assert!(
        found.description.contains("c = red") || found.description.contains("red: "),
        "{}",
        found.description
    );
}

#[test]
fn a_place_that_lacks_a_value_is_not_drawn() {
    let mut rows = ROWS;
    rows[2].2 = None;
    let found =
        drawn(json!({ "from": "t", "mark": "bar", "x": "p", "y": "v", "color": "c", "stack": true }), &rows)
            .unwrap();
    assert_eq!(pieces(&found, 1), [[0, 1], [1, 4]]);
    assert_eq!(found.notes.missing, 2);
}

#[test]
fn what_does_not_add_up_is_refused() {
    let refused = |mark: &str, stack: Json, rows: &[Row]| {
        drawn(json!({ "from": "t", "mark": mark, "x": "p", "y": "v", "color": "c", "stack": stack }), rows)
            .err()
            .map(|error| error.message)
    };
    let mut below = ROWS;
    below[1].2 = Some(-3.0);
    assert_eq!(refused("bar", json!(true), &below), None);
    assert!(refused("bar", json!("share"), &below).unwrap().contains("no share of a whole"));
    assert!(refused("area", json!(true), &below).unwrap().contains("above and below zero"));
    assert!(refused("area", json!(true), &ROWS[..3]).unwrap().contains("every colour at every place"));
    assert_eq!(refused("bar", json!(true), &ROWS[..3]), None);
    assert_eq!(refused("area", json!("share"), &ROWS), None);
}
