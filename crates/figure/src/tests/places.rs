//! What is written beside marks, what lies on each other, pairs and contours.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::fixtures::{Tables, figure, table};
use super::{draw, drawn, marks, scene};
use crate::scene::{Dash, Element, Form, Role, Scene, flat};
use crate::{Drawn, FigureError, text};
use octavo_definition::locale::Locale;

fn texts_of(scene: &Scene, role: Role) -> Vec<String> {
    let groups = scene.groups.iter().filter(|group| group.role == role);
    let forms = groups.flat_map(|group| &group.elements).filter_map(|element| match &element.form {
        Form::Text(text) => Some(flat(&text.spans)),
        _ => None,
    });
    forms.collect()
}

fn on_grid(description: Json, x: Vec<f64>, y: Vec<f64>, z: Vec<f64>) -> Result<Drawn, FigureError> {
    let relation = table(vec![
        ("x", "", "x", "x", x.into()),
        ("y", "", "y", "y", y.into()),
        ("z", "", "z", "z", z.into()),
    ]);
    draw(
        &figure(description),
        &Tables(BTreeMap::from([("t".to_owned(), relation)])),
        &Locale::built_in("en").unwrap(),
    )
}

#[test]
fn names_of_what_goes_across_stand_within_the_plot() {
    let drawn = drawn("across", "en");
    let scene = &drawn.frames[0].scene;
    let labels = texts_of(scene, Role::Labels);
    for name in ["usual", "summer", "new gauge", "flood"] {
        assert!(labels.iter().any(|text| text == name), "{name}: {labels:?}");
    }
    assert!(texts_of(scene, Role::Legend).is_empty());
    let forms: Vec<&Form> = marks(scene).collect();
    assert!(matches!(forms[..2], [Form::Rect(_), Form::Rect(_)]), "bands lie behind the line");
    let description = drawn.description.replace('\u{a0}', " ");
    for told in
        ["usual: level (cm) from 40 to 60.", "new gauge: day = 1 March 2026.", "flood: level (cm) = 75."]
    {
        assert!(description.contains(told), "{told}: {description}");
    }
}

#[test]
fn a_band_across_covers_the_plot_between_its_edges() {
    let layers = json!([{"mark": "band", "y": {"value": 2.0}, "y2": {"value": 1.0}}]);
    let description = json!({"from": "t", "mark": "point", "x": "x", "y": {"field": "y", "domain": [0.0, 4.0]}, "layers": layers});
    let scene =
        on_grid(description, vec![0.0, 1.0], vec![0.0, 4.0], vec![0.0, 0.0]).unwrap().frames.remove(0).scene;
    let rect = marks(&scene)
        .find_map(|form| if let Form::Rect(frame) = form { Some(*frame) } else { None })
        .unwrap();
    let dots: Vec<[f64; 2]> = marks(&scene)
        .filter_map(|form| if let Form::Circle(at, _) = form { Some(*at) } else { None })
        .collect();
    let unit = (dots[0][1] - dots[1][1]) / 4.0;
    assert!(
        (rect[3] - unit).abs() < 1e-9 && (rect[1] + rect[3] - (dots[0][1] - unit)).abs() < 1e-9,
        "{rect:?}"
    );
    assert!(rect[2] > dots[1][0] - dots[0][0], "from side to side");
}

#[test]
fn notes_cover_no_marks_and_no_other_notes() {
    let drawn = drawn("notes-beside", "en");
    let scene = &drawn.frames[0].scene;
    let labels: Vec<&Element> =
        scene.groups.iter().filter(|g| g.role == Role::Labels).flat_map(|g| &g.elements).collect();
    let notes: Vec<[f64; 4]> = labels
        .iter()
        .filter_map(|element| match &element.form {
            Form::Text(text) if flat(&text.spans).starts_with("sample") => Some(text::bounds(text)),
            _ => None,
        })
        .collect();
    assert_eq!((notes.len(), drawn.notes.crowded), (7, 0));
    let apart = |a: &[f64; 4], b: &[f64; 4]| a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
    for (place, note) in notes.iter().enumerate() {
        assert!(notes[..place].iter().all(|other| apart(note, other)), "{note:?}");
        for form in marks(scene) {
            let Form::Circle([x, y], _) = form else { continue };
            assert!(
                !(note[0]..=note[2]).contains(x) || !(note[1] + 2.0..=note[3] - 2.0).contains(y),
                "{note:?} covers {x} {y}"
            );
        }
    }
    assert!(drawn.description.contains("“sample 0” at "), "{}", drawn.description);
}

#[test]
fn notes_without_room_are_counted() {
    let x: Vec<f64> = (0..400).map(|k| f64::from(k % 20)).collect();
    let y: Vec<f64> = (0..400).map(|k| f64::from(k / 20)).collect();
    let description = json!({"from": "t", "mark": "point", "x": "x", "y": "y", "height": 100.0,
        "layers": [{"mark": "note", "x": {"value": 9.0}, "y": {"value": 9.0}, "text": {"value": "in the middle of all of them"}}]});
    let drawn = on_grid(description, x, y, vec![0.0; 400]).unwrap();
    assert_eq!(drawn.notes.crowded, 1);
    assert_eq!(drawn.notes.lines(&Locale::built_in("en").unwrap()), ["notes that cover something: 1"]);
}

#[test]
fn lines_on_each_other_are_told_and_both_are_seen() {
    let drawn = drawn("coincident", "en");
    assert_eq!(drawn.notes.coincident, [["first".to_owned(), "second".to_owned()]]);
    assert!(
        drawn
            .notes
            .lines(&Locale::built_in("en").unwrap())
            .contains(&"first and second lie on each other".to_owned())
    );
    assert!(drawn.description.contains("first and second lie on each other."));
    let scene = &drawn.frames[0].scene;
    let elements = scene.groups.iter().filter(|g| g.role == Role::Marks).flat_map(|g| &g.elements);
    let dashes: Vec<Dash> =
        elements.filter_map(|element| element.style.stroke.map(|stroke| stroke.dash)).collect();
    assert_eq!(dashes, [Dash::Solid, Dash::Solid, Dash::Dashed], "the dashed one lies above");
    assert!(super::drawn("close-ends", "en").notes.coincident.is_empty());
}

#[test]
fn ends_have_names_wherever_they_are() {
    for name in ["coincident", "close-ends", "early-ends"] {
        let scene = scene(name);
        assert!(texts_of(&scene, Role::Legend).is_empty(), "{name} has a legend");
    }
    let labels = texts_of(&scene("close-ends"), Role::Labels);
    let names: Vec<&String> = labels
        .iter()
        .filter(|text| text.ends_with("th") || text.ends_with("d") || *text == "first")
        .collect();
    assert_eq!(names, ["fifth", "fourth", "third", "second", "first"], "from top to bottom");
}

#[test]
fn crowded_ends_are_named_by_the_legend_in_the_order_of_values() {
    assert_eq!(texts_of(&scene("crowded-ends"), Role::Legend), ["kind", "2", "5", "10", "20", "50"]);
    let labels = texts_of(&scene("numbered-ends"), Role::Labels);
    assert!(labels.contains(&"kind = 50".to_owned()), "{labels:?}");
}

/// Points that are no line stay in the legend, and lines have their names at their ends.
#[test]
fn a_legend_lists_what_has_no_end() {
    let layers = json!([{"mark": "line", "y": "z", "label": "theory"}]);
    let description =
        json!({"from": "t", "mark": "point", "x": "x", "y": "y", "label": "measured", "layers": layers});
    let drawn = on_grid(description, vec![0.0, 1.0, 2.0], vec![0.0, 2.0, 1.0], vec![0.0, 1.0, 2.0]).unwrap();
    let scene = &drawn.frames[0].scene;
    assert_eq!(texts_of(scene, Role::Legend), ["measured"]);
    assert!(texts_of(scene, Role::Labels).contains(&"theory".to_owned()));
}

/// Theory for each of two colours has one name and two ends: it stands in the legend, and the colours at their ends.
#[test]
fn a_name_of_several_lines_stands_in_the_legend_alone() {
    let layers = json!([{"mark": "line", "y": "z", "label": "theory", "tone": "ink", "group": ["g"]}]);
    let description =
        json!({"from": "t", "mark": "line", "x": "x", "y": "y", "color": "g", "layers": layers});
    let relation = table(vec![
        ("x", "", "x", "x", vec![0.0, 1.0, 0.0, 1.0].into()),
        ("y", "", "y", "y", vec![0.0, 1.0, 0.0, 5.0].into()),
        ("z", "", "z", "z", vec![0.0, 1.5, 0.0, 5.5].into()),
        ("g", "", "g", "g", ["a", "a", "b", "b"].map(str::to_owned).to_vec().into()),
    ]);
    let tables = Tables(BTreeMap::from([("t".to_owned(), relation)]));
    let drawn = draw(&figure(description), &tables, &Locale::built_in("en").unwrap()).unwrap();
    let scene = &drawn.frames[0].scene;
    assert_eq!(texts_of(scene, Role::Legend), ["theory"]);
    let labels = texts_of(scene, Role::Labels);
    assert!(["a", "b"].iter().all(|name| labels.contains(&(*name).to_owned())), "{labels:?}");
}

#[test]
fn the_only_name_of_a_legend_is_whole() {
    let long = "a name that is rather long for a phone";
    let description = json!({"from": "t", "mark": "point", "x": "x", "y": "y", "label": long});
    let drawn = on_grid(description, vec![0.0, 1.0], vec![0.0, 1.0], vec![0.0, 0.0]).unwrap();
    assert_eq!(texts_of(&drawn.frames[0].phone, Role::Legend), [long]);
}

#[test]
fn a_pair_joins_the_ends_of_a_place() {
    let scene = scene("pairs");
    let forms: Vec<&Form> = marks(&scene).collect();
    let dots: Vec<[f64; 2]> = forms
        .iter()
        .filter_map(|form| if let Form::Circle(at, _) = form { Some(*at) } else { None })
        .collect();
    let lines: Vec<&Vec<[f64; 2]>> = forms
        .iter()
        .filter_map(|form| if let Form::Path(points) = form { Some(points) } else { None })
        .collect();
    assert_eq!(dots.len(), 2 * lines.len());
    for line in lines {
        assert_eq!(line[0][1], line[1][1], "it lies");
        assert!(line.iter().all(|end| dots.contains(end)), "{line:?} {dots:?}");
    }
    assert!(!drawn("pairs", "en").description.contains("describe"), "{}", drawn("pairs", "en").description);
}

#[test]
fn contours_of_a_plane_are_straight_and_at_their_levels() {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for row in 0..5 {
        for column in 0..5 {
            x.push(f64::from(column));
            y.push(f64::from(row));
        }
    }
    let description =
        json!({"from": "t", "mark": "contour", "levels": [1.0, 2.5], "x": "x", "y": "y", "color": "z"});
    let scene = on_grid(description, x.clone(), y, x).unwrap().frames.remove(0).scene;
    let lines: Vec<&Vec<[f64; 2]>> = marks(&scene)
        .filter_map(|form| if let Form::Path(points) = form { Some(points) } else { None })
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.iter().all(|[px, _]| (px - line[0][0]).abs() < 1e-9)), "{lines:?}");
    let axes: Vec<f64> = scene
        .groups
        .iter()
        .filter(|g| g.role == Role::Grid)
        .flat_map(|g| &g.elements)
        .filter_map(
            |e| if let Form::Path(p) = &e.form { (p[0][0] == p[1][0]).then_some(p[0][0]) } else { None },
        )
        .collect();
    let unit = (axes[axes.len() - 1] - axes[0]) / 4.0;
    assert!((lines[1][0][0] - lines[0][0][0] - 1.5 * unit).abs() < 1e-6);
}

#[test]
fn filled_contours_are_one_area_for_each_level_and_one_below_all() {
    let areas = marks(&scene("contours-filled")).filter(|form| matches!(form, Form::Polygon(_))).count();
    assert_eq!(areas, 1 + 5);
}

#[test]
fn rows_that_are_no_grid_are_refused() {
    let contour = |x: Vec<f64>, y: Vec<f64>| {
        let z = x.clone();
        on_grid(json!({"from": "t", "mark": "contour", "x": "x", "y": "y", "color": "z"}), x, y, z)
            .unwrap_err()
            .message
    };
    let diagonal: Vec<f64> = (0..6).map(f64::from).collect();
    assert_eq!(
        contour(diagonal.clone(), diagonal),
        "the 6 rows of a `contour` form no grid: `x` has 6 values and `y` 6"
    );
    assert_eq!(
        contour(vec![0.0, 1.0, 0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0, 1.0, 0.0]),
        "the rows 1 and 5 of `t` stand at one place of a `contour`"
    );
}
