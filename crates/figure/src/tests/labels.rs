//! Names of categories, series and axes: each has its room, and different ones stay different.

use std::collections::{BTreeMap, BTreeSet};

use octavo_plugin::Column;
use serde_json::{Value as Json, json};

use super::draw;
use super::fixtures::{Tables, figure, table};
use crate::scene::{Role, Scene, flat};
use crate::{Drawn, FigureError, text};
use octavo_definition::locale::Locale;

/// A table of names and growing numbers.
fn named(names: &[String]) -> Tables {
    let numbers: Vec<f64> = (0..names.len()).map(|number| number as f64).collect();
    let relation = table(vec![
        ("name", "", "name", "nom", names.to_vec().into()),
        ("x", "", "x", "x", numbers.clone().into()),
        ("y", "", "y", "y", numbers.into()),
    ]);
    Tables(BTreeMap::from([("t".to_owned(), relation)]))
}

fn drawn(description: Json, names: &[String]) -> Result<Drawn, FigureError> {
    draw(&figure(description), &named(names), &Locale::built_in("en").unwrap())
}

fn bars(names: &[String]) -> Drawn {
    drawn(json!({"from": "t", "mark": "bar", "x": "name", "y": "y"}), names).unwrap()
}

fn numbered(count: usize, name: &str) -> Vec<String> {
    (0..count).map(|number| format!("{name} {number}")).collect()
}

/// No text leaves the figure, turned ones included.
fn all_inside(scene: &Scene) {
    for text in scene.texts() {
        let [left, top, right, bottom] = text::bounds(text);
        let (sin, cos) = octavo_plugin::math::sin_cos(text.rotation.to_radians());
        for [x, y] in [[left, top], [right, top], [left, bottom], [right, bottom]] {
            let (x, y) = (x - text.at[0], y - text.at[1]);
            let (x, y) = (text.at[0] + x * cos - y * sin, text.at[1] + x * sin + y * cos);
            let inside = x >= -0.5 && y >= -0.5 && x <= scene.width + 0.5 && y <= scene.height + 0.5;
            assert!(inside, "{} leaves the figure at {x} {y}", flat(&text.spans));
        }
    }
}

/// The texts of the axes that are no numbers.
fn names(scene: &Scene) -> Vec<String> {
    let axes = scene.groups.iter().filter(|group| group.role == Role::Axes);
    let forms = axes.flat_map(|group| &group.elements).map(|element| &element.form);
    let texts = forms.filter_map(|form| match form {
        crate::scene::Form::Text(text) => Some(flat(&text.spans)),
        _ => None,
    });
    texts.filter(|text| text.parse::<f64>().is_err()).collect()
}

#[test]
fn turned_names_have_their_room_and_stay_different() {
    for (all, turned) in [
        (numbered(20, "category number"), true),
        (numbered(6, "A very long category label that does not fit under a bar at all number"), true),
        (numbered(3, &"W".repeat(80)), true),
        (numbered(4, "two words"), false),
    ] {
        let frame = bars(&all).frames.remove(0);
        all_inside(&frame.scene);
        all_inside(&frame.phone);
        let shown = names(&frame.scene);
        assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), all.len(), "{shown:?}");
        let rotated = frame.scene.texts().filter(|text| text.rotation != 0.0).count();
        assert_eq!(rotated, if turned { all.len() } else { 0 });
    }
}

#[test]
fn names_of_several_words_stand_on_lines_before_they_are_turned() {
    let all = [
        "the method of least squares",
        "ridge regression",
        "a network of two layers",
        "nearest neighbours",
        "a tree of decisions",
        "nothing at all",
    ];
    let frame = bars(&all.map(str::to_owned)).frames.remove(0);
    all_inside(&frame.scene);
    assert!(frame.scene.texts().all(|text| text.rotation == 0.0));
    let shown = names(&frame.scene);
    assert!(shown.len() > 6 && all.iter().all(|name| shown.join(" ").contains(name)), "{shown:?}");
}

#[test]
fn long_names_beside_lying_bars_are_whole_on_lines() {
    let lying =
        |names: &[String]| drawn(json!({"from": "t", "mark": "bar", "x": "y", "y": "name"}), names).unwrap();
    let all = numbered(5, "a rather long name of a category, number");
    let frame = lying(&all).frames.remove(0);
    all_inside(&frame.scene);
    all_inside(&frame.phone);
    assert!(all.iter().all(|name| names(&frame.scene).join(" ").contains(name)), "{:?}", names(&frame.scene));
    let words = numbered(5, &"long".repeat(20));
    let frame = lying(&words).frames.remove(0);
    assert_eq!(names(&frame.scene).iter().collect::<BTreeSet<_>>().len(), 5, "{:?}", names(&frame.scene));
}

#[test]
fn names_without_room_are_counted() {
    let drawn = bars(&numbered(100, "c"));
    let shown = names(&drawn.frames[0].scene).len();
    assert_eq!(drawn.notes.unnamed, 100 - shown);
    assert!(shown > 30 && drawn.notes.unnamed > 0);
    assert_eq!(bars(&numbered(20, "c")).notes.unnamed, 0);
}

#[test]
fn titles_of_axes_are_whole_and_within() {
    let long = "a title of an axis that says in very many words what could have been said in a few of them";
    let spec = json!({"from": "t", "mark": "point", "x": {"field": "x", "label": long}, "y": {"field": "y", "label": long}});
    let frame = drawn(spec, &numbered(5, "n")).unwrap().frames.remove(0);
    for scene in [&frame.scene, &frame.phone] {
        all_inside(scene);
        let all: Vec<String> = scene.texts().map(|text| flat(&text.spans)).collect();
        assert_eq!(all.join(" ").matches(long).count(), 2, "{all:?}");
    }
}

#[test]
fn every_series_has_a_name() {
    let lines = |count: usize| {
        let mut all = numbered(count, "series");
        all.extend(all.clone());
        drawn(json!({"from": "t", "mark": ["line", "point"], "x": "x", "y": "y", "color": "name"}), &all)
    };
    for count in [2, 10, 17, 30, 60] {
        let frame = lines(count).unwrap().frames.remove(0);
        for scene in [&frame.scene, &frame.phone] {
            all_inside(scene);
            let texts: Vec<String> = scene.texts().map(|text| flat(&text.spans)).collect();
            let names = (0..count).filter(|number| texts.contains(&format!("series {number}"))).count();
            assert_eq!(names, count, "{texts:?}");
        }
    }
    let error = lines(61).unwrap_err();
    assert!(error.message.contains("61 series"), "{error}");
    assert!(error.help.unwrap().contains("facet"));
}

#[test]
fn long_names_of_series_stay_within_and_different() {
    let all = numbered(
        20,
        "a series with a name that is so long that no phone held upright has room for it, number",
    );
    let spec = json!({"from": "t", "mark": "point", "x": "x", "y": "y", "color": {"field": "name", "label": all[0]}});
    let frame = drawn(spec, &all).unwrap().frames.remove(0);
    for scene in [&frame.scene, &frame.phone] {
        all_inside(scene);
        let legend = scene.groups.iter().find(|group| group.role == Role::Legend).unwrap();
        let texts = legend.elements.iter().filter_map(|element| match &element.form {
            crate::scene::Form::Text(text) => Some(flat(&text.spans)),
            _ => None,
        });
        assert!(texts.collect::<BTreeSet<_>>().len() >= 20);
    }
}

#[test]
fn numbers_that_name_categories_have_the_digits_that_make_them_two() {
    let near = [1.0 / 3.0, 0.333_334, 0.5];
    let relation = table(vec![
        ("n", "", "n", "n", near.to_vec().into()),
        ("y", "", "y", "y", vec![1.0, 2.0, 3.0].into()),
    ]);
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation)]));
    for spec in [
        json!({"from": "t", "mark": "bar", "x": {"field": "n", "scale": "categorical"}, "y": "y"}),
        json!({"from": "t", "mark": "point", "x": "y", "y": "y", "color": {"field": "n", "scale": "categorical"}}),
        json!({"from": "t", "mark": "point", "x": "y", "y": "y", "facet": "n"}),
    ] {
        let scene =
            draw(&figure(spec), &tables, &Locale::built_in("en").unwrap()).unwrap().frames.remove(0).scene;
        let all: Vec<String> = scene.texts().map(|text| flat(&text.spans)).collect();
        for name in ["0.3333333333333333", "0.333334", "0.5"] {
            assert!(all.iter().any(|text| text.ends_with(name)), "{name}: {all:?}");
        }
    }
}

#[test]
fn labels_of_the_last_tick_have_their_room() {
    for (domain, format) in [([0.0, 100_000.0], "%d"), ([0.0, 1.0], "%.12f"), ([-2e5, 2e5], "%.3f s")] {
        let x = json!({"field": "x", "domain": domain, "format": format});
        let frame = drawn(json!({"from": "t", "mark": "point", "x": x, "y": "y"}), &numbered(2, "n"))
            .unwrap()
            .frames
            .remove(0);
        all_inside(&frame.scene);
        all_inside(&frame.phone);
    }
}

#[test]
fn letters_that_the_font_lacks_are_known() {
    let letters =
        |names: &[&str]| bars(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).notes.letters;
    assert_eq!(letters(&["日本", "本", "<b>"]), "日本");
    assert_eq!(letters(&["עברית", "a"]), "עברית");
    assert_eq!(letters(&["سلام"]), "سلام");
    assert_eq!(letters(&["α", "é", "→", "a b"]), "");
}

/// East Asian letters are as wide as high, so that they need twice the room of digits.
#[test]
fn wide_letters_have_their_room() {
    let all: Vec<String> = (0..12).map(|number| format!("日本語の名前{number}")).collect();
    let frame = bars(&all).frames.remove(0);
    assert!(frame.scene.texts().filter(|text| text.rotation != 0.0).count() == 12);
}

/// The column is there to make a table of; what is asked is what a figure says of it.
#[test]
fn what_a_statistic_skips_is_counted() {
    let nan = f64::NAN;
    let y = Column::from(vec![1.0, 2.0, nan, 4.0, 5.0, 6.0]);
    let relation =
        table(vec![("x", "", "x", "x", vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0].into()), ("y", "", "y", "y", y)]);
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation)]));
    let draw = |skip: bool| {
        let y = json!({"field": "y", "stat": "mean", "band": "min-max", "skip_missing": skip});
        let spec = figure(json!({"from": "t", "mark": ["line", "band"], "x": "x", "y": y}));
        draw(&spec, &tables, &Locale::built_in("en").unwrap()).unwrap()
    };
    let (with, without) = (draw(true), draw(false));
    assert_eq!((with.notes.used, with.notes.lost), (Some([2, 3, 3, 3]), 0));
    assert_eq!((without.notes.used, without.notes.lost), (None, 1));
    let csv = |drawn: &Drawn| crate::data::csv(&drawn.data()[0].relation);
    assert_eq!(csv(&with), "x,y,y_low,y_high,rows,used\n0,1.5,1,2,3,2\n1,5,4,6,3,3\n");
    assert_eq!(csv(&without), "x,y,y_low,y_high,rows\n0,,,,3\n1,5,4,6,3\n");
    let english = Locale::built_in("en").unwrap();
    assert_eq!(with.notes.lines(&english), ["values used for each statistic: 2–3 of 3"]);
    assert_eq!(without.notes.lines(&english), ["places without a statistic, since a value is missing: 1"]);
}

#[test]
fn a_band_of_another_statistic_is_refused() {
    for (stat, band, good) in [
        ("median", "ci95", false),
        ("median", "sd", false),
        ("sum", "min-max", false),
        ("count", "p05-p95", false),
        ("mean", "ci95", true),
        ("median", "p2.5-p97.5", true),
        ("max", "min-max", true),
    ] {
        let y = json!({"field": "y", "stat": stat, "band": band});
        let spec = json!({"from": "t", "mark": ["line", "band"], "x": "x", "y": y});
        assert_eq!(drawn(spec, &numbered(4, "n")).is_ok(), good, "{stat} {band}");
    }
}

#[test]
fn layers_without_a_mark_are_told() {
    let relation = table(vec![
        ("x", "", "x", "x", vec![0.0, 1.0].into()),
        ("y", "", "y", "y", vec![f64::NAN, f64::NAN].into()),
        ("z", "", "z", "z", vec![1.0, 2.0].into()),
    ]);
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation)]));
    let idle =
        |spec: Json| draw(&figure(spec), &tables, &Locale::built_in("en").unwrap()).unwrap().notes.idle;
    assert_eq!(idle(json!({"from": "t", "mark": "line", "x": "x", "y": "y"})), [0]);
    assert_eq!(idle(json!({"from": "t", "mark": "line", "x": "x", "y": "z"})), [0; 0]);
    let outside = json!({"from": "t", "mark": "point", "x": "x", "y": {"field": "z", "domain": [5.0, 9.0]}});
    assert_eq!(idle(outside), [0]);
    let two =
        json!({"from": "t", "mark": "line", "x": "x", "y": "z", "layers": [{"mark": "point", "y": "y"}]});
    assert_eq!(idle(two), [1]);
}

/// The bundled font, as if it were the project's.
#[test]
fn a_font_of_the_project_gives_what_the_bundled_one_lacks() {
    let own = crate::Fallback::new(include_bytes!("../../../../templates/fonts/sans.otf").to_vec()).unwrap();
    let drawn = bars(&["日".to_owned(), "⟨P⟩".to_owned()]);
    // This font has no more letters than the bundled one, and what it lacks is still told; brackets are drawn without one.
    assert_eq!(crate::notes::letters(&drawn.frames, Some(&own)), "日");
    let outline = |text: &str| {
        let text =
            crate::scene::Text::new([0.0, 0.0], crate::scene::plain(text), 12.0, crate::scene::Anchor::Start);
        let mut pen = Corners(0);
        text::outline(&text, Some(&own), &mut pen);
        pen.0
    };
    assert_eq!((outline("日"), outline("⟨"), outline("⟩⟩")), (0, 6, 12));
    assert!(outline("a") > 6);
}

/// Counts the corners of outlines.
struct Corners(usize);

impl ttf_parser::OutlineBuilder for Corners {
    fn move_to(&mut self, _: f32, _: f32) {
        self.0 += 1;
    }

    fn line_to(&mut self, _: f32, _: f32) {
        self.0 += 1;
    }

    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {
        self.0 += 1;
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        self.0 += 1;
    }

    fn close(&mut self) {}
}
