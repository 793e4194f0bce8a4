//! What is written on contours, ramps of time and legends of boxes, and what is told of many boxes.

use std::collections::BTreeMap;

use octavo_plugin::Column;
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table};
use super::{draw, marks};
use crate::Drawn;
use crate::scene::{Form, Role, flat};
use octavo_definition::locale::Locale;

fn texts(texts: impl Iterator<Item = String>) -> Column {
    texts.collect::<Vec<_>>().into()
}

fn drawn(description: Json, columns: Vec<(&str, Column)>, tag: &str) -> Drawn {
    let columns = columns.into_iter().map(|(name, column)| (name, "", name, name, column)).collect();
    let tables = Tables(BTreeMap::from([("t".to_owned(), table(columns))]));
    draw(&figure(description), &tables, &Locale::built_in(tag).unwrap()).unwrap()
}

fn written(drawn: &Drawn, role: Role) -> Vec<String> {
    let groups = drawn.frames[0].scene.groups.iter().filter(|group| group.role == role);
    let texts = groups.flat_map(|group| &group.elements).filter_map(|element| match &element.form {
        Form::Text(text) => Some(flat(&text.spans).replace('\u{a0}', " ")),
        _ => None,
    });
    texts.collect()
}

#[test]
fn each_level_is_written_on_its_line() {
    // A slope along x, over a grid of five by five.
    let cell = |place: fn(usize) -> usize| (0..25).map(|row| place(row) as f64).collect::<Vec<_>>().into();
    let columns =
        || vec![("x", cell(|row| row % 5)), ("y", cell(|row| row / 5)), ("v", cell(|row| 10 * (row % 5)))];
    let contours = |levels: Json| {
        let color = json!({ "field": "v", "format": "%.1f" });
        let figure =
            json!({ "from": "t", "mark": "contour", "x": "x", "y": "y", "color": color, "levels": levels });
        written(&drawn(figure, columns(), "fr"), Role::Marks)
    };
    assert_eq!(contours(json!([12.5, 25])), ["12,5", "25,0"]);
    assert_eq!(contours(json!(4)), ["10,0", "20,0", "30,0"]);
}

#[test]
fn names_on_contours_stand_apart() {
    let cell = |place: fn(usize) -> usize| (0..25).map(|row| place(row) as f64).collect::<Vec<_>>().into();
    let columns =
        vec![("x", cell(|row| row % 5)), ("y", cell(|row| row / 5)), ("v", cell(|row| 10 * (row / 5)))];
    let levels: Vec<f64> = (0..40).map(|level| 19.5 + 0.02 * f64::from(level)).collect();
    let figure =
        json!({ "from": "t", "mark": "contour", "x": "x", "y": "y", "color": "v", "levels": levels });
    let found = drawn(figure, columns, "en");
    let boxes: Vec<[f64; 2]> = marks(&found.frames[0].scene)
        .filter_map(|form| match form {
            Form::Text(text) => Some(text.at),
            _ => None,
        })
        .collect();
    assert!(boxes.len() > 3 && boxes.len() < 40, "{}", boxes.len());
    for (index, one) in boxes.iter().enumerate() {
        let apart = |other: &[f64; 2]| (one[0] - other[0]).abs() > 20.0 || (one[1] - other[1]).abs() >= 16.0;
        assert!(boxes[..index].iter().all(apart), "{boxes:?}");
    }
}

#[test]
fn a_ramp_of_time_has_dates() {
    let days = ["2026-03-02", "2026-06-20", "2026-09-14"];
    let columns = || {
        let places = || Column::from(vec![1.0, 2.0, 3.0]);
        vec![("x", places()), ("y", places()), ("day", texts(days.iter().map(|day| (*day).to_owned())))]
    };
    let color = json!({ "field": "day", "scale": "time" });
    let figure = json!({ "from": "t", "mark": "point", "x": "x", "y": "y", "color": color });
    let found = drawn(figure.clone(), columns(), "en");
    let legend = written(&found, Role::Legend);
    assert!(legend.contains(&"Apr".to_owned()) && legend.contains(&"Jul".to_owned()), "{legend:?}");
    let legend = written(&drawn(figure, columns(), "fr"), Role::Legend);
    assert!(legend.contains(&"juil.".to_owned()), "{legend:?}");
    // The data have what the table has.
    assert!(crate::data::csv(&found.data()[0].relation).contains("2026-06-20"));
}

#[test]
fn of_many_boxes_the_ends_are_told() {
    let rows =
        || (0..36).map(|row| (row / 3, f64::from(row % 3) + f64::from(if row / 3 == 4 { 100 } else { row })));
    let columns = vec![
        ("p", texts(rows().map(|(place, _)| format!("place {place}")))),
        ("v", rows().map(|(_, value)| value).collect::<Vec<_>>().into()),
    ];
    let found = drawn(json!({ "from": "t", "mark": "box", "x": "p", "y": "v" }), columns, "en").description;
    for part in ["12 boxes.", "place 0: median 2,", "place 4: median 101,"] {
        assert!(found.contains(part), "{part} in {found}");
    }
    assert!(!found.contains("place 5: median"), "{found}");
}

#[test]
fn boxes_are_as_pale_in_the_legend_as_in_the_plot() {
    let columns = vec![
        ("p", texts((0..12).map(|row| format!("p{}", row % 2)))),
        ("c", texts((0..12).map(|row| format!("c{}", row / 6)))),
        ("v", (0..12).map(f64::from).collect::<Vec<_>>().into()),
    ];
    let found = drawn(json!({ "from": "t", "mark": "box", "x": "p", "y": "v", "color": "c" }), columns, "en");
    let groups = found.frames[0].scene.groups.iter();
    let fills = |role: Role| -> Vec<f64> {
        let of = groups.clone().filter(|group| group.role == role).flat_map(|group| &group.elements);
        of.filter(|element| element.style.fill.is_some() && !matches!(element.form, Form::Text(_)))
            .map(|element| element.style.opacity)
            .collect()
    };
    assert_eq!(fills(Role::Legend), [crate::marks::PALE; 2]);
    assert!(fills(Role::Marks).contains(&crate::marks::PALE));
}

#[test]
fn an_axis_with_one_label_gets_a_second() {
    let of = |columns: u8| {
        let facet = json!({ "field": "c", "columns": columns });
        let description = json!({ "from": "t", "mark": "point", "x": "v", "y": "v", "facet": facet });
        let columns = vec![
            ("c", texts((0..9).map(|row| format!("c{}", row % 3)))),
            ("v", (0..9).map(|row| 60.0 + 36.0 * f64::from(row)).collect::<Vec<_>>().into()),
        ];
        written(&drawn(description, columns, "en"), Role::Axes)
    };
    let labels = of(3);
    assert!(["100", "200", "300"].iter().all(|label| labels.contains(&(*label).to_owned())), "{labels:?}");
}
