//! Histograms of known rows: their heights, their data, and what is in no interval.

use octavo_plugin::{ColumnType, Value};
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table, values};
use super::{draw, marks};
use crate::scene::{Form, flat};
use crate::{Drawn, data};
use octavo_definition::locale::Locale;

/// Rows of a value and a colour, drawn as described.
fn drawn(description: Json, rows: &[(Value, &str)], language: &str) -> Drawn {
    let v: Vec<Value> = rows.iter().map(|(value, _)| value.clone()).collect();
    let c: Vec<String> = rows.iter().map(|(_, colour)| (*colour).to_owned()).collect();
    let relation =
        table(vec![("v", "mm", "v", "v", values(ColumnType::Float, &v)), ("c", "", "c", "c", c.into())]);
    let tables = Tables([("t".to_owned(), relation)].into());
    draw(&figure(description), &tables, &Locale::built_in(language).unwrap()).unwrap()
}

fn red(values: &[f64]) -> Vec<(Value, &'static str)> {
    values.iter().map(|value| (Value::from_f64(*value), "red")).collect()
}

fn csv(drawn: &Drawn) -> String {
    data::csv(&drawn.data()[0].relation)
}

#[test]
fn heights_are_numbers_of_rows() {
    let mut rows = red(&[0.0, 0.5, 1.0, 1.0, 2.0, 4.0, 4.5, -1.0, f64::INFINITY]);
    rows.push((Value::Missing("none".to_owned()), "red"));
    let bins = json!({ "edges": [0, 1, 2, 4] });
    let found = drawn(json!({ "from": "t", "mark": "histogram", "x": "v", "bins": bins }), &rows, "en");
    // A value on an edge is above it, on the last one below it.
    assert_eq!(csv(&found), "v_from,v_to,count\n0,1,2\n1,2,2\n2,4,2\n");
    assert_eq!((found.clipped, found.notes.missing), (3, 1));
    let heights: Vec<f64> = marks(&found.frames[0].scene)
        .map(|form| match form {
            Form::Polygon(points) => points[0][1] - points[1][1],
            _ => panic!("bars alone"),
        })
        .collect();
    assert!(heights.len() == 3 && heights.iter().all(|height| (height - heights[0]).abs() < 1e-9));
    let told = "v (mm): 6 values in 3 intervals, highest (2) from 0 to 1.";
    assert!(
        found.description.contains(told) && found.description.contains("v (mm): from 0 to 4."),
        "{}",
        found.description
    );
}

#[test]
fn densities_and_shares_add_up_to_one() {
    let rows: Vec<(Value, &str)> =
        [(0.5, "red"), (0.6, "red"), (1.5, "red"), (3.0, "red"), (3.5, "blue"), (9.0, "blue")]
            .map(|(value, colour)| (Value::from(value), colour))
            .to_vec();
    let table = |measure: &str, stack: Json| {
        let bins = json!({ "edges": [0, 1, 4] });
        let description = json!({ "from": "t", "mark": "histogram", "x": "v", "color": "c", "bins": bins, "measure": measure, "stack": stack });
        csv(&drawn(description, &rows, "en"))
    };
    let head = |name: &str| format!("c,v_from,v_to,count,{name}\n");
    assert_eq!(
        table("share", json!(null)),
        head("share") + "red,0,1,2,0.5\nred,1,4,2,0.5\nblue,0,1,0,0\nblue,1,4,1,1\n"
    );
    assert_eq!(table("density", json!(null)).lines().nth(2), Some("red,1,4,2,0.16666666666666666"));
    // What is stacked is one distribution.
    assert_eq!(
        table("share", json!(true)),
        head("share") + "red,0,1,2,0.4\nred,1,4,2,0.4\nblue,0,1,0,0\nblue,1,4,1,0.2\n"
    );
}

#[test]
fn an_axis_that_counts_is_called_so() {
    let titles = |description: Json, language: &str| -> Vec<String> {
        let found = drawn(description, &red(&[1.0, 2.0, 3.0]), language);
        found.frames[0].scene.texts().filter(|text| text.size == 13.0).map(|text| flat(&text.spans)).collect()
    };
    let histogram = |rest: Json| {
        let mut all = json!({ "from": "t", "mark": "histogram", "x": "v" });
        all.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        all
    };
    assert_eq!(titles(histogram(json!({})), "en"), ["count", "v (mm)"]);
    assert_eq!(titles(histogram(json!({})), "fr"), ["effectif", "v (mm)"]);
    assert_eq!(titles(histogram(json!({ "measure": "density" })), "en"), ["density (1/mm)", "v (mm)"]);
    assert_eq!(titles(histogram(json!({ "y": { "label": "stars" } })), "en"), ["stars", "v (mm)"]);
    let bars = json!({ "from": "t", "mark": "bar", "x": "c", "y": { "expr": "1", "stat": "count" } });
    assert_eq!(titles(bars, "fr"), ["effectif", "c"]);
}

#[test]
fn odd_rows_have_a_histogram_or_none() {
    let count = |values: &[f64], bins: Json| {
        let found =
            drawn(json!({ "from": "t", "mark": "histogram", "x": "v", "bins": bins }), &red(values), "en");
        csv(&found)
            .lines()
            .skip(1)
            .map(|line| line.rsplit(',').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(count(&[], json!(4)), "");
    assert_eq!(count(&[f64::INFINITY], json!(4)), "");
    assert_eq!(count(&[7.0], json!(null)), "1");
    assert_eq!(count(&[7.0; 5], json!(2)), "0 5");
    assert_eq!(count(&[0.0, 0.1, 0.2, 0.3, 1.0], json!(10)), "1 1 1 1 0 0 0 0 0 1");
}
