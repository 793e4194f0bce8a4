//! Panels in rows and columns, letters, and ticks of an author's own.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table};
use super::{draw, drawn, scene};
use crate::scene::{Form, Role, Scene, flat};
use octavo_definition::locale::Locale;

/// The number of points in each panel, in order.
fn points(scene: &Scene) -> Vec<usize> {
    let marks = scene.groups.iter().filter(|group| group.role == Role::Marks);
    let is_point = |element: &&crate::scene::Element| matches!(element.form, Form::Circle(..));
    marks.map(|group| group.elements.iter().filter(is_point).count()).collect()
}

fn bold(scene: &Scene) -> Vec<(String, f64)> {
    let bold = scene.texts().filter(|text| text.weight == crate::scene::Weight::Semibold);
    bold.map(|text| (flat(&text.spans), text.rotation)).collect()
}

#[test]
fn panels_stand_in_rows_and_columns() {
    let relation = || {
        table(vec![
            ("r", "", "r", "r", ["b", "b", "a", "b", "b"].map(str::to_owned).to_vec().into()),
            ("c", "", "c", "c", vec![2.0, 1.0, 1.0, 2.0, 3.0].into()),
            ("v", "", "v", "v", vec![1.0, 2.0, 3.0, 4.0, 5.0].into()),
        ])
    };
    let open = table(vec![
        ("r", "", "r", "r", ["a"].map(str::to_owned).to_vec().into()),
        ("v", "", "v", "v", vec![1.0].into()),
    ]);
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation()), ("open".to_owned(), open)]));
    let english = Locale::built_in("en").unwrap();
    let of = |layers: Json| {
        let facet = json!({ "row": "r", "column": { "field": "c", "label": "number" } });
        let figure = figure(
            json!({ "from": "t", "mark": "point", "x": "v", "y": "v", "facet": facet, "layers": layers }),
        );
        draw(&figure, &tables, &english).unwrap()
    };
    let plain = of(json!([]));
    // Rows in order of appearance, columns ascending; a panel without rows is there.
    assert_eq!(points(&plain.frames[0].scene), [1, 2, 1, 1, 0, 0]);
    let titles = bold(&plain.frames[0].scene);
    let column = |number: u8| (format!("number = {number}"), 0.0);
    let expected = [column(1), column(2), column(3), ("b".to_owned(), 90.0), ("a".to_owned(), 90.0)];
    assert!(titles.len() == 5 && expected.iter().all(|title| titles.contains(title)), "{titles:?}");
    // Three columns keep their rows on a phone.
    let phone = bold(&plain.frames[0].phone);
    assert!(phone.len() == 5 && expected.iter().all(|title| phone.contains(title)), "{phone:?}");
    assert!(plain.description.contains("6 panels: b, number = 1, b, number = 2"), "{}", plain.description);
    let data = crate::data::csv(&plain.data()[0].relation);
    assert!(data.starts_with("r,c,v\n"), "{data}");
    // What has one of the columns alone stands in all panels of its row.
    let both = of(json!([{ "from": "open", "mark": "point" }]));
    assert_eq!(points(&both.frames[0].scene), [1, 2, 1, 2, 1, 1]);
}

#[test]
fn panels_have_letters_if_asked() {
    let titles: Vec<String> = bold(&scene("grid-letters")).into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["(a) north", "(b) east", "(c) south", "(d) west"]);
}

#[test]
fn ticks_stand_where_the_author_wants_them() {
    let drawn = drawn("ticks", "fr");
    let labels = |scene: &Scene| -> Vec<String> {
        let axes = scene.groups.iter().find(|group| group.role == Role::Axes).unwrap();
        let text = |element: &crate::scene::Element| match &element.form {
            Form::Text(text) => Some(flat(&text.spans)),
            _ => None,
        };
        axes.elements.iter().filter_map(text).collect()
    };
    // 1999 has a tick and no room for its label; 2050 is beyond the axis.
    assert_eq!(labels(&drawn.frames[0].scene), ["1990", "1998", "2006", "2020", "0", "12,5", "25", "50"]);
    let grid = drawn.frames[0].scene.groups.iter().find(|group| group.role == Role::Grid).unwrap();
    assert_eq!(grid.elements.len(), 9);
}
