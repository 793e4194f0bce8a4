//! What is drawn is where it says, and nothing overlaps.

use std::collections::BTreeMap;

use octavo_plugin::figure::Figure;
use octavo_plugin::{Column, ColumnType, Value};
use serde_json::json;

use super::draw;
use super::{drawn, file, fixtures, marks, scene};
use crate::scene::{Form, Level, Role, Text, Weight, flat};
use crate::{data, svg, text};
use octavo_definition::locale::Locale;

#[test]
fn no_two_texts_overlap_and_none_leaves_the_figure() {
    for (name, figure, tables) in fixtures::all() {
        for language in ["en", "fr"] {
            let drawn = draw(&figure, &tables, &Locale::built_in(language).unwrap()).unwrap();
            for scene in drawn.frames.iter().flat_map(|frame| [&frame.scene, &frame.phone]) {
                let upright: Vec<&Text> = scene.texts().filter(|text| text.rotation == 0.0).collect();
                for (index, a) in upright.iter().enumerate() {
                    let [left, top, right, bottom] = text::bounds(a);
                    let inside = left >= -0.5
                        && top >= -0.5
                        && right <= scene.width + 0.5
                        && bottom <= scene.height + 0.5;
                    assert!(inside, "{name} {language}: {} leaves {:?}", flat(&a.spans), text::bounds(a));
                    for b in &upright[..index] {
                        let [l, t, r, bot] = text::bounds(b);
                        let apart = right <= l || r <= left || bottom <= t || bot <= top;
                        assert!(apart, "{name} {language}: {} over {}", flat(&a.spans), flat(&b.spans));
                    }
                }
            }
        }
    }
}

#[test]
fn long_titles_of_panels_are_whole_and_stand_above_their_panels() {
    for (name, language, whole) in [
        ("titles", "en", "Wasserstein with gradient penalty"),
        ("titles-bare", "en", "Wasserstein with gradient penalty"),
        ("titles", "fr", "Wasserstein avec pénalité de gradient"),
        ("titles-bare", "fr", "Wasserstein avec pénalité de gradient"),
    ] {
        let frame = drawn(name, language).frames.remove(0);
        for scene in [&frame.scene, &frame.phone] {
            let titles = scene.texts().filter(|text| text.weight == Weight::Semibold);
            let lines: Vec<String> = titles.map(|text| flat(&text.spans)).collect();
            let all = lines.join(" ");
            assert!(
                all.starts_with(whole) && lines[0] != whole && !all.contains('…'),
                "{name} {language}: {lines:?}"
            );
            let above = |role: Role, form: fn(&Form) -> Option<f64>| {
                let group = scene.groups.iter().find(|group| group.role == role).unwrap();
                group.elements.iter().filter_map(|element| form(&element.form)).fold(f64::INFINITY, f64::min)
            };
            let marks = above(Role::Marks, |form| match form {
                Form::Path(points) => points.iter().map(|point| point[1]).reduce(f64::min),
                _ => None,
            });
            let lowest = scene.texts().filter(|text| whole.contains(&*text.spans[0].text)).map(|t| t.at[1]);
            assert!(lowest.fold(0.0, f64::max) < marks, "{name} {language}");
        }
    }
}

#[test]
fn texts_are_at_least_twelve_pixels() {
    for (name, figure, tables) in fixtures::all() {
        let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
        assert!(drawn.frames[0].scene.texts().all(|text| text.size >= 12.0), "{name}");
    }
}

#[test]
fn points_outside_are_counted_and_not_drawn() {
    let drawn = drawn("clipped", "en");
    let layers = drawn.data();
    let table = &layers[0].relation;
    let outside = (0..table.rows).filter(|row| match table.value("y", *row) {
        Some(Value::Float(y)) => !(-0.5..=1.2).contains(&y),
        _ => false,
    });
    let outside = outside.count();
    assert!(outside > 10);
    assert_eq!(drawn.clipped, outside);
    let marks = drawn.frames[0].scene.groups.iter().filter(|group| group.role == Role::Marks);
    let circles = marks.flat_map(|g| &g.elements).filter(|e| matches!(e.form, Form::Circle(..))).count();
    assert_eq!(circles, table.rows - outside);
    assert!(drawn.description.contains(&format!("outside the axes: {outside}")));
}

#[test]
fn infinite_values_are_counted_and_missing_ones_are_not() {
    let drawn = drawn("huge", "en");
    assert_eq!(drawn.clipped, 1);
    let texts: Vec<String> = scene("huge").texts().map(|text| flat(&text.spans)).collect();
    assert!(texts.contains(&"10^500".to_owned()), "{texts:?}");
}

#[test]
fn bars_start_at_zero() {
    // Far from zero and near to each other, so that an axis over the values alone would begin elsewhere.
    let heights = [50.0, 51.0, 55.0];
    let relation = fixtures::table(vec![
        ("g", "", "g", "g", ["a", "b", "c"].map(str::to_owned).to_vec().into()),
        ("v", "", "v", "v", heights.to_vec().into()),
    ]);
    let tables = fixtures::Tables(BTreeMap::from([("t".to_owned(), relation)]));
    for (x, y, axis) in [("g", "v", 1), ("v", "g", 0)] {
        let figure = fixtures::figure(json!({"from": "t", "mark": "bar", "x": x, "y": y}));
        let scene = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap().frames.remove(0).scene;
        let lengths: Vec<f64> = marks(&scene)
            .filter_map(|form| match form {
                Form::Polygon(points) => {
                    let ends = || points.iter().map(|point| point[axis]);
                    Some(ends().fold(f64::MIN, f64::max) - ends().fold(f64::MAX, f64::min))
                }
                _ => None,
            })
            .collect();
        assert_eq!(lengths.len(), heights.len());
        for (length, value) in lengths.iter().zip(heights) {
            assert!((length / lengths[0] - value / heights[0]).abs() < 1e-3, "{lengths:?}");
        }
    }
}

#[test]
fn panels_share_their_scales() {
    let scene = scene("growth");
    let titles: Vec<String> =
        scene.texts().map(|text| flat(&text.spans)).filter(|text| text.contains("width =")).collect();
    assert_eq!(titles, ["width = 25", "width = 50", "width = 100", "width = 200"]);
    // The points of the second panel are a hundred times as far apart, and are drawn so, unless panels are free.
    let relation = fixtures::table(vec![
        ("g", "", "g", "g", ["a", "a", "b", "b"].map(str::to_owned).to_vec().into()),
        ("x", "", "x", "x", vec![0.0, 1.0, 0.0, 2.0].into()),
        ("y", "", "y", "y", vec![0.0, 10.0, 0.0, 1000.0].into()),
    ]);
    let tables = fixtures::Tables(BTreeMap::from([("t".to_owned(), relation)]));
    for (free, expected) in [(false, [2.0, 100.0]), (true, [1.0, 1.0])] {
        let facet = json!({"field": "g", "free": free});
        let figure =
            fixtures::figure(json!({"from": "t", "mark": "point", "x": "x", "y": "y", "facet": facet}));
        let scene = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap().frames.remove(0).scene;
        let at: Vec<[f64; 2]> = marks(&scene)
            .filter_map(|form| match form {
                Form::Circle(at, ..) => Some(*at),
                _ => None,
            })
            .collect();
        assert_eq!(at.len(), 4);
        for (axis, expected) in expected.iter().enumerate() {
            let ratio = (at[3][axis] - at[2][axis]) / (at[1][axis] - at[0][axis]);
            assert!((ratio / expected - 1.0).abs() < 0.05, "free {free}: {ratio}, not {expected}");
        }
    }
}

#[test]
fn frames_keep_their_axes() {
    let drawn = drawn("steps", "en");
    assert_eq!(
        drawn.frames.iter().map(|frame| frame.label.as_str()).collect::<Vec<_>>(),
        ["width = 25", "width = 200"]
    );
    let axes = |index: usize| {
        let scene = &drawn.frames[index].scene;
        scene.groups.iter().filter(|group| group.role == Role::Axes).cloned().collect::<Vec<_>>()
    };
    assert_eq!(axes(0), axes(1));
}

#[test]
fn frames_may_have_axes_of_their_own_and_another_first() {
    let (_, mut figure, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "steps").unwrap();
    let english = Locale::built_in("en").unwrap();
    let with = |figure: &mut Figure, frame: serde_json::Value| {
        figure.frame = Some(serde_json::from_value(frame).unwrap());
        draw(figure, &tables, &english)
    };
    let drawn = with(&mut figure, json!({ "field": "width", "free": true, "initial": 200 })).unwrap();
    assert_eq!(drawn.initial, 1);
    assert_eq!(drawn.description, drawn.frames[1].scene.description);
    let axes = |index: usize| {
        let groups = drawn.frames[index].scene.groups.iter().filter(|group| group.role == Role::Axes);
        groups.cloned().collect::<Vec<_>>()
    };
    assert_ne!(axes(0), axes(1));
    let error = with(&mut figure, json!({ "field": "width", "initial": 3 })).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("frames: width = 25, width = 200"));
}

#[test]
fn values_are_called_what_the_author_calls_them() {
    let (_, mut figure, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "errors").unwrap();
    let french = Locale::built_in("fr").unwrap();
    let mut channel = figure.base.x.as_ref().unwrap().channel();
    channel.names = serde_json::from_value(json!({ "plain": { "en": "as is", "fr": "tel quel" } })).unwrap();
    figure.base.x = Some(channel.into());
    let drawn = draw(&figure, &tables, &french).unwrap();
    let texts: Vec<String> = drawn.frames[0].scene.texts().map(|text| flat(&text.spans)).collect();
    assert!(texts.contains(&"tel quel".to_owned()) && !texts.contains(&"plain".to_owned()), "{texts:?}");
}

#[test]
fn units_stand_on_axes_and_languages_differ() {
    let texts = |language: &str| -> Vec<String> {
        drawn("linear", language).frames[0].scene.texts().map(|text| flat(&text.spans)).collect()
    };
    assert!(texts("en").contains(&"time (s)".to_owned()));
    assert!(texts("fr").contains(&"temps (s)".to_owned()));
    assert!(texts("fr").contains(&"borne".to_owned()));
}

#[test]
fn numbers_and_panels_are_called_what_the_author_calls_them() {
    let (_, mut figure, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "growth").unwrap();
    figure.facet = Some(
        serde_json::from_value(json!({ "field": "width", "names": { "25": { "en": "narrow" } } })).unwrap(),
    );
    let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
    let texts: Vec<String> = drawn.frames[0].scene.texts().map(|text| flat(&text.spans)).collect();
    assert!(texts.contains(&"narrow".to_owned()) && texts.contains(&"width = 50".to_owned()), "{texts:?}");
}

#[test]
fn indices_are_lowered_wherever_a_figure_writes_a_name() {
    let (_, _, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "errors").unwrap();
    let names = json!({ "plain": "σ_w", "greedy": "greedy_first" });
    let figure = fixtures::figure(
        json!({"from": "t", "mark": ["point", "text"], "facet": {"field": "method", "names": names},
    "x": {"field": "method", "names": names}, "y": {"field": "time", "label": "t_0"}, "text": {"field": "method", "names": names}}),
    );
    let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
    for scene in [&drawn.frames[0].scene, &drawn.frames[0].phone] {
        let groups = |role: Role| scene.groups.iter().filter(move |group| group.role == role);
        for (role, lowered) in
            [(Role::Axes, "w"), (Role::Labels, "w"), (Role::Marks, "w"), (Role::Labels, "0")]
        {
            let texts = groups(role).flat_map(|group| &group.elements).filter_map(|e| match &e.form {
                Form::Text(text) => Some(text),
                _ => None,
            });
            let mut spans = texts.flat_map(|text| &text.spans);
            assert!(
                spans.any(|span| span.level == Level::Lowered && span.text == lowered),
                "{lowered} in {role:?}"
            );
        }
        let spans = scene.texts().flat_map(|text| &text.spans);
        let raw: Vec<&str> = spans.map(|span| span.text.as_str()).filter(|text| text.contains('_')).collect();
        assert!(!raw.is_empty() && raw.iter().all(|text| text.starts_with("greedy_")), "{raw:?}");
    }
}

#[test]
fn a_rule_is_not_among_the_data_of_a_description() {
    let (_, mut figure, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "linear").unwrap();
    figure.layers = vec![serde_json::from_value(json!({ "mark": "rule", "y": { "value": 900.0 } })).unwrap()];
    let description = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap().description;
    assert!(description.contains("height (m): from") && !description.contains("900"), "{description}");
}

/// A heatmap of three columns at 0, 1 and 2.
fn heatmap(x: &serde_json::Value, color: &serde_json::Value) -> crate::Scene {
    let number = |name: &'static str, cells: &[f64]| {
        let cells: Vec<Value> = cells.iter().copied().map(Value::from).collect();
        (name, "", name, name, fixtures::values(ColumnType::Float, &cells))
    };
    let relation = fixtures::table(vec![
        number("x", &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]),
        number("y", &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]),
        number("v", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ]);
    let tables = fixtures::Tables(BTreeMap::from([("t".to_owned(), relation)]));
    let figure = fixtures::figure(json!({"from": "t", "mark": "cell", "x": x, "y": "y", "color": color}));
    draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap().frames.remove(0).scene
}

#[test]
fn cells_at_the_ends_of_a_domain_stay_within_the_axes() {
    let scene = heatmap(&json!({"field": "x", "domain": [0.0, 2.0]}), &json!("v"));
    let elements = |role: Role| scene.groups.iter().filter(move |g| g.role == role).flat_map(|g| &g.elements);
    let image = elements(Role::Marks).find_map(|element| match &element.form {
        Form::Image(image) => Some(image.frame),
        _ => None,
    });
    let [left, _, wide, _] = image.unwrap();
    let axis = elements(Role::Axes).find_map(|element| match &element.form {
        Form::Path(points) => Some([points[0][0], points[1][0]]),
        _ => None,
    });
    let [start, end] = axis.unwrap();
    assert!((left - start).abs() < 0.01 && (left + wide - end).abs() < 0.01, "{left} {wide} {start} {end}");
}

#[test]
fn the_centre_of_a_diverging_palette_is_zero() {
    let scene = heatmap(&json!("x"), &json!({"field": "v", "palette": "diverging"}));
    let legend = scene.groups.iter().filter(|group| group.role == Role::Legend).flat_map(|g| &g.elements);
    let texts: Vec<String> = legend
        .filter_map(|element| match &element.form {
            Form::Text(text) => Some(flat(&text.spans)),
            _ => None,
        })
        .collect();
    assert!(texts.contains(&"0".to_owned()), "{texts:?}");
    let image = scene.groups.iter().filter(|g| g.role == Role::Marks).flat_map(|g| &g.elements);
    let mut images = image.filter_map(|element| match &element.form {
        Form::Image(image) => Some(image.clone()),
        _ => None,
    });
    let rgba = Vec::clone(&images.next().unwrap().rgba);
    // All values are above zero: the reds, from light to dark.
    assert!(rgba.chunks_exact(4).all(|pixel| pixel[0] >= pixel[2]), "no blue");
}

#[test]
fn markup_in_data_stays_text() {
    for text in [svg::inline(&scene("notes"), "x"), file(&scene("notes"))] {
        assert!(text.contains("&lt;b&gt;bold") && !text.contains("<b>"));
    }
}

#[test]
fn descriptions_tell_the_course() {
    let english = drawn("growth", "en").description;
    assert!(english.contains("4 panels"), "{english}");
    let bars = drawn("errors", "en").description;
    assert!(bars.contains("lowest 2.2 at plain, highest 5.6 at greedy") && !bars.contains("rises"), "{bars}");
    let french = drawn("huge", "fr").description;
    assert!(french.contains("croît de 1 en 0"), "{french}");
}

#[test]
fn the_data_are_the_drawn_rows() {
    let drawn = drawn("errors", "en");
    let layers = drawn.data();
    let [layer] = &layers[..] else { panic!("one layer") };
    let csv = data::csv(&layer.relation);
    assert!(csv.starts_with("method,time,time_low,time_high,rows\nlog-domain,4.1"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
    let json = data::json(&layer.relation);
    assert_eq!(json["columns"]["method"][3], "greedy");
    assert_eq!(json["units"]["time"], "s");
}

#[test]
fn floats_in_data_round_trip() {
    let column = vec![0.1, 1.0 / 3.0, 1e300, 5e-324, -0.0, 3.0];
    let relation = fixtures::table(vec![("x", "", "x", "x", column.clone().into())]);
    let csv = data::csv(&relation);
    let read: Vec<f64> = csv.lines().skip(1).map(|line| line.parse().unwrap()).collect();
    assert_eq!(
        read.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
        column.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    );
}

#[test]
fn blank_cells_let_the_page_show_through() {
    let column = |values: &[f64]| values.iter().copied().map(Value::from).collect::<Vec<_>>();
    let number = |name: &'static str, cells: &[f64]| {
        (name, "", name, name, fixtures::values(ColumnType::Float, &column(cells)))
    };
    let relation = fixtures::table(vec![
        number("x", &[0.0, 1.0, 0.0, 1.0]),
        number("y", &[0.0, 0.0, 1.0, 1.0]),
        number("v", &[0.0, 2.0, 3.0, 0.0]),
    ]);
    let tables = fixtures::Tables(BTreeMap::from([("t".to_owned(), relation)]));
    let clear = |color: serde_json::Value| {
        let figure =
            fixtures::figure(json!({"from": "t", "mark": "cell", "x": "x", "y": "y", "color": color}));
        let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
        let images = drawn.frames[0].scene.groups.iter().flat_map(|group| &group.elements);
        let image = images.filter_map(|element| match &element.form {
            Form::Image(image) if image.height > 1 => Some(image.clone()),
            _ => None,
        });
        let rgba = Vec::clone(&image.max_by_key(|image| image.frame[2] as usize).unwrap().rgba);
        let clear = rgba.chunks_exact(4).filter(|pixel| pixel[3] == 0).count();
        clear as f64 / (rgba.len() / 4) as f64
    };
    assert_eq!(clear(json!({"field": "v", "palette": "sequential"})), 0.0);
    assert_eq!(clear(json!({"field": "v", "palette": "sequential", "blank": 0})), 0.5);
}

#[test]
fn a_set_of_one_value_needs_no_colour_bar() {
    let bars = |values: [f64; 4]| {
        let number =
            |name: &'static str, cells: [f64; 4]| (name, "", name, name, Column::from(cells.to_vec()));
        let places = [number("x", [0.0, 1.0, 0.0, 1.0]), number("y", [0.0, 0.0, 1.0, 1.0])];
        let relation = fixtures::table(places.into_iter().chain([number("v", values)]).collect());
        let tables = fixtures::Tables(BTreeMap::from([("t".to_owned(), relation)]));
        let figure = fixtures::figure(json!({"from": "t", "mark": "cell", "x": "x", "y": "y",
            "color": {"field": "v", "palette": "sequential", "blank": 0}}));
        let drawn = draw(&figure, &tables, &Locale::built_in("en").unwrap()).unwrap();
        let elements = drawn.frames[0].scene.groups.iter().flat_map(|group| &group.elements);
        elements.filter(|element| matches!(&element.form, Form::Image(image) if image.height == 1)).count()
    };
    assert_eq!(bars([0.0, 2.0, 3.0, 0.0]), 1);
    assert_eq!(bars([0.0, 2.0, 2.0, 0.0]), 0);
}
