//! Time axes: proportional to time, in the language of the page, with an error for every row without a date.

use std::collections::BTreeMap;

use octavo_plugin::{Column, ColumnType, Value};
use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table, values};
use super::{draw, marks};
use crate::scene::{Form, Role, Scene, flat};
use crate::{Drawn, FigureError};
use octavo_definition::locale::Locale;

fn dated(dates: Column) -> Tables {
    let y: Vec<f64> = (0..dates.len()).map(|row| row as f64).collect();
    let relation = table(vec![("day", "", "day", "jour", dates), ("y", "", "y", "y", y.into())]);
    Tables(BTreeMap::from([("t".to_owned(), relation)]))
}

fn texts(dates: &[&str]) -> Column {
    dates.iter().map(|date| (*date).to_owned()).collect::<Vec<_>>().into()
}

fn line(dates: &[&str], tag: &str) -> Result<Drawn, FigureError> {
    let description = json!({"from": "t", "mark": "line", "x": {"field": "day", "scale": "time"}, "y": "y"});
    draw(&figure(description), &dated(texts(dates)), &Locale::built_in(tag).unwrap())
}

/// What stands along the horizontal axis, from left to right and from top to bottom.
fn labels(scene: &Scene) -> Vec<String> {
    let axes = scene.groups.iter().filter(|group| group.role == Role::Axes);
    let texts = axes.flat_map(|group| &group.elements).filter_map(|element| match &element.form {
        Form::Text(text) => Some(flat(&text.spans).replace('\u{a0}', " ")),
        _ => None,
    });
    texts.filter(|text| text.parse::<f64>().is_err_and(|_| !text.is_empty()) || text.len() == 4).collect()
}

#[test]
fn places_are_proportional_to_time() {
    let drawn = line(&["2026-01-01", "2026-01-11", "2026-02-10", "2026-04-11"], "en").unwrap();
    let scene = &drawn.frames[0].scene;
    let [Form::Path(points)] = marks(scene).collect::<Vec<_>>()[..] else { panic!("one line") };
    let steps: Vec<f64> = points.windows(2).map(|pair| pair[1][0] - pair[0][0]).collect();
    assert!(
        (steps[1] / steps[0] - 3.0).abs() < 1e-9 && (steps[2] / steps[0] - 6.0).abs() < 1e-9,
        "{steps:?}"
    );
    assert_eq!(labels(scene), ["Jan", "2026", "Feb", "Mar", "Apr", "11 Apr"]);
    assert!(drawn.description.replace('\u{a0}', " ").contains("1 January 2026"), "{}", drawn.description);
}

#[test]
fn dates_are_written_in_the_language_of_the_page() {
    let drawn = line(&["2025-12-01", "2026-03-01"], "fr").unwrap();
    assert_eq!(labels(&drawn.frames[0].scene)[..6], ["déc.", "2025", "janv.", "2026", "févr.", "mars"]);
    assert!(drawn.description.replace('\u{a0}', " ").contains("1er mars 2026"), "{}", drawn.description);
}

#[test]
fn a_row_without_a_date_is_named() {
    let error = line(&["2026-01-01", "2026-02-30", "2026-03-01"], "en").unwrap_err();
    assert_eq!(error.message, "`x` has no date in row 2 of `t`: `2026-02-30`");
    assert!(error.help.unwrap().contains("2026-11-28T10:30+01:00"));
    let missing = values(ColumnType::Text, &[Value::Text("2026".into()), Value::Missing("none".into())]);
    let description =
        json!({"from": "t", "where": {}, "mark": "line", "x": {"field": "day", "scale": "time"}, "y": "y"});
    let error = draw(&figure(description), &dated(missing), &Locale::built_in("en").unwrap()).unwrap_err();
    assert_eq!(error.message, "`x` has no date in row 2 of `t`: no value");
}

#[test]
fn rows_of_a_selection_are_counted_among_those_it_keeps() {
    let description = json!({"from": "t", "where": {"y": 1.0}, "mark": "line", "x": {"field": "day", "scale": "time"}, "y": "y"});
    let error = draw(&figure(description), &dated(texts(&["2026", "now"])), &Locale::built_in("en").unwrap())
        .unwrap_err();
    assert_eq!(error.message, "`x` has no date in row 1 of `t` that `where` keeps: `now`");
}

#[test]
fn times_with_a_zone_are_shown_by_their_clock() {
    let title = |dates: &[&str]| -> String {
        let scene = line(dates, "en").unwrap().frames.remove(0).scene;
        scene.texts().map(|text| flat(&text.spans)).find(|text| text.starts_with("day")).unwrap()
    };
    assert_eq!(title(&["2026-11-28T10:00", "2026-11-28T12:00"]), "day");
    assert_eq!(title(&["2026-11-28T10:00Z", "2026-11-28T12:00Z"]), "day (UTC)");
    assert_eq!(title(&["2026-11-28T10:00+01:00", "2026-11-28T12:00+01:00"]), "day (UTC+1)");
    assert_eq!(title(&["2026-10-24T10:00+02:00", "2026-10-26T10:00+01:00"]), "day (UTC)");
    let clock = |dates: &[&str]| labels(&line(dates, "en").unwrap().frames[0].scene);
    assert_eq!(clock(&["2026-11-28T10:00+01:00", "2026-11-28T12:00+01:00"])[0], "10:00");
    let error = line(&["2026-11-28T10:00Z", "2026-11-28T12:00"], "en").unwrap_err();
    assert!(error.message.contains("row 2 of `t`") && error.message.contains("time zone"), "{error}");
}

/// A rule at a date stands on the axis of the dates of the table.
#[test]
fn constants_are_dates_too() {
    let draw = |at: &str| {
        let description = json!({"from": "t", "mark": "line", "x": {"field": "day", "scale": "time"}, "y": "y",
            "layers": [{"mark": "rule", "x": {"value": at}}]});
        draw(
            &figure(description),
            &dated(texts(&["2026-01-01", "2026-01-11"])),
            &Locale::built_in("en").unwrap(),
        )
    };
    let drawn = draw("2026-01-06").unwrap();
    let forms: Vec<&Form> = marks(&drawn.frames[0].scene).collect();
    let [Form::Path(line), Form::Path(rule)] = forms[..] else { panic!("a line and a rule: {forms:?}") };
    assert!((rule[0][0] - (line[0][0] + line[1][0]) / 2.0).abs() < 1e-9);
    assert_eq!(draw("soon").unwrap_err().message, "`x` is no date: `soon`");
}

#[test]
fn the_data_keep_the_dates() {
    let csv = |x: Json| {
        let description = json!({"from": "t", "mark": "line", "x": x, "y": {"field": "y", "stat": "mean"}});
        let drawn = draw(
            &figure(description),
            &dated(texts(&["2026-01-01", "2026-02"])),
            &Locale::built_in("en").unwrap(),
        );
        crate::data::csv(&drawn.unwrap().data()[0].relation)
    };
    assert_eq!(csv(json!({"field": "day", "scale": "time"})), "day,y,rows\n2026-01-01,0,1\n2026-02,1,1\n");
    let expr = csv(json!({"expr": "if(day == '2026-02', '2026-02', day)", "scale": "time"}));
    assert!(expr.contains("2026-02-01,1,1"), "{expr}");
}
