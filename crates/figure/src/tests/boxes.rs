//! Boxes and strewn points of known rows.

use octavo_plugin::{ColumnType, Value};
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table, values};
use super::{draw, marks};
use crate::Drawn;
use crate::scene::Form;
use octavo_definition::locale::Locale;

/// Rows of a place, a colour and a value, drawn as described.
fn drawn(description: Json, rows: &[(&str, &str, Value)]) -> Drawn {
    let text = |pick: fn(&(&str, &str, Value)) -> String| rows.iter().map(pick).collect::<Vec<_>>();
    let v: Vec<Value> = rows.iter().map(|(.., value)| value.clone()).collect();
    let relation = table(vec![
        ("p", "", "p", "p", text(|row| row.0.to_owned()).into()),
        ("c", "", "c", "c", text(|row| row.1.to_owned()).into()),
        ("v", "", "v", "v", values(ColumnType::Float, &v)),
    ]);
    draw(&figure(description), &Tables([("t".to_owned(), relation)].into()), &Locale::built_in("en").unwrap())
        .unwrap()
}

fn sample(values: &[f64]) -> Vec<(&'static str, &'static str, Value)> {
    values.iter().map(|value| ("a", "red", Value::from(*value))).collect()
}

/// Both ends along an axis of each form that `keep` takes.
fn ends(drawn: &Drawn, axis: usize, keep: impl Fn(&Form) -> Option<Vec<[f64; 2]>>) -> Vec<[f64; 2]> {
    let ends = |points: Vec<[f64; 2]>| {
        let along = || points.iter().map(|point| point[axis]);
        [along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max)]
    };
    marks(&drawn.frames[0].scene).filter_map(keep).map(ends).collect()
}

#[test]
fn boxes_stand_where_their_numbers_do() {
    for (x, y, axis) in [("p", "v", 1), ("v", "p", 0)] {
        let found = drawn(
            json!({ "from": "t", "mark": "box", "x": x, "y": y, "layers": [{ "mark": "point" }] }),
            &sample(&[1.0, 2.0, 3.0, 4.0, 7.5]),
        );
        let circles: Vec<f64> = marks(&found.frames[0].scene)
            .filter_map(|form| match form {
                Form::Circle(at, radius) if *radius > 3.0 => Some(at[axis]),
                _ => None,
            })
            .collect();
        let [one, two, three, four, far] = circles[..] else { panic!("five points") };
        let span = |a: f64, b: f64| [a.min(b), a.max(b)];
        let near = |a: &[f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < 1e-9 && (a[1] - b[1]).abs() < 1e-9;
        let polygons = ends(&found, axis, |form| match form {
            Form::Polygon(points) => Some(points.clone()),
            _ => None,
        });
        assert!(polygons.iter().all(|ends| near(ends, span(two, four))), "{polygons:?}");
        let paths = ends(&found, axis, |form| match form {
            Form::Path(points) => Some(points.clone()),
            _ => None,
        });
        // The whisker down with its cap, none upwards, and the median.
        let expected = [span(one, two), span(one, one), span(three, three)];
        assert!(paths.len() == 3 && paths.iter().zip(expected).all(|(a, b)| near(a, b)), "{paths:?}");
        let outliers = ends(&found, axis, |form| match form {
            Form::Circle(at, radius) if *radius < 3.0 => Some(vec![*at]),
            _ => None,
        });
        assert!(near(&outliers[0], [far, far]) && outliers.len() == 1);
    }
}

#[test]
fn the_data_are_the_numbers_that_are_drawn() {
    let mut rows = sample(&[1.0, 2.0, 3.0, 4.0, 7.5, -9.0]);
    rows.push(("b", "red", Value::from(3.0)));
    let found = drawn(json!({ "from": "t", "mark": "box", "x": "p", "y": "v" }), &rows);
    let csv = crate::data::csv(&found.data()[0].relation);
    assert_eq!(
        csv,
        "p,v_low,v_q1,v_median,v_q3,v_high,v_outliers,rows\na,1,1.25,2.5,3.75,7.5,-9,6\nb,3,3,3,3,3,,1\n"
    );
    let description = &found.description;
    assert!(description.contains("v: from −9 to 7.5."), "{description}");
    let told = "a: median 2.5, half between 1.25 and 3.75, whiskers from 1 to 7.5, outliers: 1.";
    assert!(description.contains(told), "{description}");
}

#[test]
fn a_missing_value_leaves_no_box_unless_it_is_skipped() {
    let mut rows = sample(&[1.0, 2.0, 3.0]);
    rows.push(("a", "red", Value::Missing("none".to_owned())));
    rows.push(("b", "red", Value::from(2.0)));
    let boxes = |y: Json| {
        let found = drawn(json!({ "from": "t", "mark": "box", "x": "p", "y": y }), &rows);
        (marks(&found.frames[0].scene).count(), found.notes.lost, found.notes.used)
    };
    // Of a single value there are two outlines of the box and the median.
    assert_eq!(boxes(json!("v")), (3, 1, None));
    // And two whiskers with caps, an outline and a median more.
    assert_eq!(boxes(json!({ "field": "v", "skip_missing": true })), (10, 0, Some([1, 3, 1, 4])));
}

#[test]
fn what_of_a_box_lies_outside_is_counted() {
    let outside = |domain: [f64; 2], outliers: bool| {
        let y = json!({ "field": "v", "domain": domain });
        let description = json!({ "from": "t", "mark": "box", "x": "p", "y": y, "outliers": outliers });
        drawn(description, &sample(&[1.0, 2.0, 3.0, 4.0, 7.5, 90.0, f64::INFINITY])).clipped
    };
    // Quartiles 2.5 and 48.75: the infinite value alone is out of reach.
    assert_eq!(outside([0.0, 100.0], true), 1);
    assert_eq!((outside([0.0, 50.0], true), outside([0.0, 50.0], false)), (2, 1));
}

/// Where points stand, by what they show.
fn strewn(rows: &[(&str, &str, Value)], jitter: Option<f64>) -> Vec<(String, [i64; 2])> {
    let found = drawn(
        json!({ "from": "t", "mark": "point", "x": "p", "y": "v", "color": "c", "dodge": true, "jitter": jitter }),
        rows,
    );
    let scene = &found.frames[0].scene;
    let group = scene.groups.iter().find(|group| group.role == crate::scene::Role::Marks).unwrap();
    let mut all: Vec<(String, [i64; 2])> = group
        .elements
        .iter()
        .filter_map(|element| match element.form {
            Form::Circle(at, _) => {
                Some((format!("{:?}", element.style.fill), at.map(|at| (at * 1e6).round() as i64)))
            }
            _ => None,
        })
        .collect();
    all.sort();
    all
}

#[test]
fn points_are_strewn_by_what_they_show() {
    let mut rows = Vec::new();
    for place in ["a", "b"] {
        for colour in ["red", "blue"] {
            rows.extend((0..30).map(|n| (place, colour, Value::from(f64::from(n / 2)))));
        }
    }
    let whole = strewn(&rows, Some(0.8));
    // The first rows keep their places, so that categories and colours have the same order.
    let mut turned = rows.clone();
    turned[1..].reverse();
    turned.swap(1, 60);
    let first: Vec<&str> = vec!["a", "b"];
    assert_eq!(rows[0].0, first[0]);
    assert_eq!(strewn(&turned, Some(0.8)), whole);
    // Rows that show the same stand apart, too.
    let mut distinct = whole.clone();
    distinct.dedup();
    assert_eq!(distinct.len(), rows.len());
    // Within their part of the room, over most of it.
    let plain = strewn(&rows, None);
    let reach = |all: &[(String, [i64; 2])], paint: &str| {
        let x = || all.iter().filter(|(of, _)| of == paint).map(|(_, at)| at[0]);
        (x().min().unwrap(), x().max().unwrap())
    };
    let paints: std::collections::BTreeSet<&String> = plain.iter().map(|(paint, _)| paint).collect();
    assert_eq!(paints.len(), 2);
    for paint in paints {
        let ((a, b), (c, d)) = (reach(&plain, paint), reach(&whole, paint));
        let moved = [a - c, d - b].map(|by| by as f64 / 1e6);
        assert!(moved.iter().all(|by| *by > 5.0 && *by < 18.0), "{moved:?}");
    }
}
