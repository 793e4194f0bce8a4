//! Error bars end where their spread does, beside the bars and points that they belong to.

use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table};
use super::{draw, drawn, marks};
use crate::Drawn;
use crate::scene::Form;
use octavo_definition::locale::Locale;

/// Two colours at each of two places, three rows each: 1, 2, 3 and 11, 12, 13.
fn pairs(description: Json) -> Drawn {
    let (mut place, mut colour, mut v) = (vec![], vec![], vec![]);
    for p in ["a", "b"] {
        for (c, from) in [("red", 0.0), ("blue", 10.0)] {
            for step in [1.0, 2.0, 3.0] {
                place.push(p);
                colour.push(c);
                v.push(from + step);
            }
        }
    }
    let relation = table(vec![
        ("p", "", "p", "p", place.into()),
        ("c", "", "c", "c", colour.into()),
        ("v", "", "v", "v", v.into()),
    ]);
    let tables = Tables([("t".to_owned(), relation)].into());
    draw(&figure(description), &tables, &Locale::built_in("en").unwrap()).unwrap()
}

/// The middles of bars, points and long strokes along an axis, each once.
fn middles(drawn: &Drawn, axis: usize) -> Vec<Vec<i64>> {
    let mut found = vec![Vec::new(); 3];
    for form in marks(&drawn.frames[0].scene) {
        let (kind, at) = match form {
            Form::Polygon(points) => (0, points.iter().map(|point| point[axis]).sum::<f64>() / 4.0),
            Form::Circle(at, _) => (1, at[axis]),
            Form::Path(points) if points[0][axis] == points[1][axis] => (2, points[0][axis]),
            _ => continue,
        };
        found[kind].push((at * 10.0).round() as i64);
    }
    found.iter_mut().for_each(|kind| kind.sort_unstable());
    found
}

#[test]
fn error_bars_stand_beside_each_other_as_bars_and_points_do() {
    for (x, y, axis) in [("p", "v", 0), ("v", "p", 1)] {
        let of = |channel: &str| match channel {
            "v" => json!({ "field": "v", "stat": "mean", "band": "sd" }),
            other => json!(other),
        };
        let one_layer = json!({ "from": "t", "mark": ["bar", "point", "errorbar"], "x": of(x), "y": of(y), "color": "c" });
        let several = json!({ "from": "t", "mark": "bar", "x": x, "y": y, "color": "c",
            "layers": [{ "mark": ["point", "errorbar"], "x": of(x), "y": of(y) }] });
        for description in [one_layer, several] {
            let [bars, points, strokes] = &middles(&pairs(description.clone()), axis)[..] else {
                panic!("three kinds")
            };
            let mut distinct = bars.clone();
            distinct.dedup();
            assert_eq!(distinct.len(), 4, "{description}");
            assert_eq!((&distinct, &distinct), (points, strokes), "{description}");
        }
    }
}

#[test]
fn points_stand_beside_each_other_if_they_are_asked_to() {
    let places = |dodge: Json| {
        let found = middles(
            &pairs(json!({ "from": "t", "mark": "point", "x": "p", "y": "v", "color": "c", "dodge": dodge })),
            0,
        );
        let mut distinct = found[1].clone();
        distinct.dedup();
        distinct.len()
    };
    assert_eq!([json!(null), json!(true), json!(false)].map(places), [2, 4, 2]);
    // What the axis parts already stands at its place.
    let own = pairs(json!({ "from": "t", "mark": "point", "x": "p", "y": "v", "color": "p", "dodge": true }));
    let mut distinct = middles(&own, 0)[1].clone();
    distinct.dedup();
    assert_eq!(distinct.len(), 2);
}

#[test]
fn ends_are_those_of_the_spread_and_stand_in_the_data() {
    for (channel, other) in [("y", "x"), ("x", "y")] {
        let mut description = json!({ "from": "t", "mark": "errorbar", "color": "c" });
        description[channel] = json!({ "field": "v", "stat": "mean", "band": "min-max" });
        description[other] = json!("p");
        let drawn = pairs(description);
        let data = &drawn.data()[0].relation;
        let ends =
            |row| ["v_low", "v", "v_high"].map(|name| data.value(name, row).unwrap().as_f64().unwrap());
        assert_eq!((ends(0), ends(1)), ([1.0, 2.0, 3.0], [11.0, 12.0, 13.0]));
        // A stroke and two caps each.
        assert_eq!(marks(&drawn.frames[0].scene).count(), 12);
    }
}

#[test]
fn an_end_without_a_place_has_no_cap_and_is_counted() {
    // The largest distance has its lower end below zero on a logarithmic axis.
    let drawn = drawn("errorbars-columns", "en");
    let caps = marks(&drawn.frames[0].scene).filter(
        |form| matches!(form, Form::Path(points) if points.len() == 2 && points[0][1] == points[1][1]),
    );
    assert_eq!((caps.count(), drawn.clipped), (15, 1));
}
