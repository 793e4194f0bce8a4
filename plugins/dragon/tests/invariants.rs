//! Closed forms and invariants, and slow counts that share no code with the analysis.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

use std::collections::BTreeMap;

use octavo_dragon::Dragon;
use octavo_dragon::curve::Curve;
use octavo_dragon::plane::{Lattice, Plane, Turned};
use octavo_dragon::rule::{Rule, Word};
use octavo_plugin::math::{hypot, powi};
use octavo_plugin::{Artifacts, Drawing, Inputs, PointSet, Value};
use octavo_plugin_test::run;
use proptest::prelude::*;
use serde_json::json;

fn dragon(params: serde_json::Value) -> Artifacts {
    run(&Dragon, &params, &Inputs::default()).unwrap()
}

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap_or_else(|| panic!("`{name}` is missing"))
}

fn column(artifacts: &Artifacts, table: &str, name: &str) -> Vec<f64> {
    let column = &artifacts.tables[table].columns[name];
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

fn points(artifacts: &Artifacts) -> Vec<[f64; 2]> {
    column(artifacts, "vertices", "x")
        .into_iter()
        .zip(column(artifacts, "vertices", "y"))
        .map(|(x, y)| [x, y])
        .collect()
}

/// Distinct points, points visited twice, most visits and repeated edges of a polyline, by rounding to a fine grid.
fn slow_count(points: &[[f64; 2]], closed: bool) -> [f64; 4] {
    let key = |p: [f64; 2]| p.map(|x| (x * 1024.0).round() as i64);
    let mut visits = BTreeMap::new();
    for point in &points[..points.len() - usize::from(closed)] {
        *visits.entry(key(*point)).or_insert(0_u64) += 1;
    }
    let mut edges = BTreeMap::new();
    for pair in points.windows(2) {
        let (a, b) = (key(pair[0]), key(pair[1]));
        *edges.entry((a.min(b), a.max(b))).or_insert(0_u64) += 1;
    }
    let twice = visits.values().filter(|times| **times == 2).count();
    let repeated: u64 = edges.values().map(|times| times - 1).sum();
    [visits.len() as f64, twice as f64, *visits.values().max().unwrap() as f64, repeated as f64]
}

fn counted(artifacts: &Artifacts) -> [f64; 4] {
    ["distinct_points", "double_points", "max_visits", "repeated_edges"].map(|name| scalar(artifacts, name))
}

#[test]
fn visits_agree_with_a_slow_count() {
    for params in [
        json!({"folds": 11}),
        json!({"word": "UUDUDDDUDU"}),
        json!({"word": "DUDUDUDUDUD"}),
        json!({"folds": 10, "angle": 60}),
        json!({"folds": 10, "angle": 120}),
        json!({"folds": 10, "angle": 180}),
        json!({"word": "UDDUUDUD", "angle": 60}),
        json!({"kind": "terdragon", "folds": 0}),
        json!({"kind": "terdragon", "folds": 8}),
        json!({"kind": "twindragon", "folds": 0}),
        json!({"kind": "twindragon", "folds": 10}),
        json!({"kind": "twindragon", "word": "UDUUDUD"}),
    ] {
        let artifacts = dragon(params.clone());
        let points = points(&artifacts);
        assert_eq!(points.len() as f64, scalar(&artifacts, "segments") + 1.0);
        assert_eq!(counted(&artifacts), slow_count(&points, params["kind"] == "twindragon"), "{params}");
        let bound =
            |pick: fn(f64, f64) -> f64, axis: usize| points.iter().map(|p| p[axis]).reduce(pick).unwrap();
        for (name, value) in [
            ("min_x", bound(f64::min, 0)),
            ("min_y", bound(f64::min, 1)),
            ("max_x", bound(f64::max, 0)),
            ("max_y", bound(f64::max, 1)),
        ] {
            assert!((scalar(&artifacts, name) - value).abs() < 1e-12, "{params}: {name}");
        }
    }
}

#[test]
fn the_dragon_over_many_tiles_follows_its_recurrence() {
    let artifacts = dragon(json!({"folds": 23}));
    let distinct = column(&artifacts, "levels", "distinct_points");
    let doubles = column(&artifacts, "levels", "double_points");
    let boundary = column(&artifacts, "levels", "boundary_points");
    let repeated = column(&artifacts, "levels", "repeated_edges");
    // Points visited once: s(n) = s(n-1) + 2 s(n-3), the growth of which is the root of x³ - x² - 2.
    let mut once = vec![2.0, 3.0, 5.0];
    for n in 3..=23 {
        once.push(once[n - 1] + 2.0 * once[n - 3]);
    }
    for n in 0..=23 {
        let vertices = f64::from((1 << n) + 1);
        assert_eq!(boundary[n], once[n], "{n}");
        assert_eq!(
            (distinct[n], doubles[n]),
            ((vertices + once[n]) / 2.0, (vertices - once[n]) / 2.0),
            "{n}"
        );
        assert_eq!(repeated[n], 0.0);
    }
    let area = column(&artifacts, "levels", "area");
    assert!((area[10] - 0.3271).abs() < 1e-4 && (area[20] - 0.4668).abs() < 1e-4);
    assert!(area.windows(2).all(|pair| pair[0] <= pair[1]) && area[23] < 0.5);
}

#[test]
fn the_end_is_a_power_of_one_plus_i() {
    let artifacts = dragon(json!({"folds": 20}));
    let ends = column(&artifacts, "levels", "end_x").into_iter().zip(column(&artifacts, "levels", "end_y"));
    let mut power = (1.0, 0.0);
    for end in ends {
        assert_eq!(end, power);
        power = (power.0 - power.1, power.0 + power.1);
    }
}

#[test]
fn one_fold_more_adds_a_turned_copy() {
    for folds in 0..10 {
        let (short, long) =
            (points(&dragon(json!({"folds": folds}))), points(&dragon(json!({"folds": folds + 1}))));
        let [a, b] = *short.last().unwrap();
        assert_eq!(long[..short.len()], short);
        for (index, [x, y]) in short.iter().rev().enumerate() {
            // The copy runs backwards from the hinge, turned by a quarter to the right about it.
            assert_eq!(long[short.len() - 1 + index], [a + (y - b), b - (x - a)], "{folds}, {index}");
        }
    }
}

#[test]
fn held_ends_and_new_vertices() {
    for folds in 0..=16 {
        let artifacts = dragon(json!({"folds": folds, "normalise": true}));
        assert_eq!(scalar(&artifacts, "old_vertex_shift"), 0.0);
        let expected = 0.5 * powi(0.5_f64.sqrt(), folds);
        assert!((scalar(&artifacts, "convergence_distance") - expected).abs() < 1e-15, "{folds}");
        assert!(scalar(&artifacts, "tent_identity_error") < 1e-15);
        assert_eq!((scalar(&artifacts, "end_x"), scalar(&artifacts, "end_y")), (1.0, 0.0));
        let finer = points(&dragon(json!({"folds": folds + 1, "normalise": true})));
        if folds <= 12 {
            let kept: Vec<_> = finer.into_iter().step_by(2).collect();
            assert_eq!(kept, points(&artifacts));
        }
    }
}

#[test]
fn the_box_of_the_limit() {
    // [-1/3, 7/6] x [-1/3, 2/3], mirrored since the turns go left.
    let artifacts = dragon(json!({"folds": 30, "angle": 90.000_000_000_000_01, "normalise": true}));
    let bounds = ["min_x", "max_x", "min_y", "max_y"].map(|name| scalar(&artifacts, name));
    for (found, limit) in bounds.into_iter().zip([-1.0 / 3.0, 7.0 / 6.0, -2.0 / 3.0, 1.0 / 3.0]) {
        assert!((found - limit).abs() < 1e-4, "{bounds:?}");
    }
}

#[test]
fn tent_maps_give_every_word_and_angle() {
    for (word, angle) in
        [("UUDUDDUUUD", 90.0), ("DDDDUD", 60.0), ("UUUUUUUUUUUU", 117.0), ("UDUUD", 180.0), ("UUUDUU", 75.5)]
    {
        let artifacts = dragon(json!({"word": word, "angle": angle}));
        assert!(scalar(&artifacts, "tent_identity_error") < 2e-14, "{word} {angle}");
        assert!(scalar(&artifacts, "old_vertex_shift") < 1e-15, "{word} {angle}");
    }
}

#[test]
fn terdragon_and_twindragon() {
    let ter = dragon(json!({"kind": "terdragon", "folds": 9}));
    assert_eq!(scalar(&ter, "segments"), 19_683.0);
    assert_eq!(scalar(&ter, "max_visits"), 3.0);
    assert_eq!(scalar(&ter, "repeated_edges"), 0.0);
    let length = hypot(scalar(&ter, "end_x"), scalar(&ter, "end_y"));
    assert!((length - 81.0 * 3.0_f64.sqrt()).abs() < 1e-10);
    assert!((scalar(&ter, "convergence_distance") - 0.5 / 243.0).abs() < 1e-16);
    assert!(matches!(ter.scalars["tent_identity_error"].value, Value::Missing(_)));
    let area = column(&ter, "levels", "area");
    let limit = 3.0_f64.sqrt() / 6.0;
    assert!(area[9] < limit && limit - area[9] < 0.35 * (limit - area[5]), "{area:?}");

    let twin = dragon(json!({"kind": "twindragon", "folds": 14}));
    assert_eq!(scalar(&twin, "segments"), 32_768.0);
    assert_eq!((scalar(&twin, "max_visits"), scalar(&twin, "repeated_edges")), (2.0, 0.0));
    let area = scalar(&twin, "area");
    assert!(area > 0.8 && area < 1.0, "{area}");
    let outline = points(&twin);
    assert_eq!(outline.first(), outline.last());
}

#[test]
fn counts_off_the_lattice_are_missing_with_a_reason() {
    let artifacts = dragon(json!({"folds": 6, "angle": 100}));
    for name in
        ["distinct_points", "double_points", "max_visits", "repeated_edges", "area", "boundary_points"]
    {
        let Value::Missing(reason) = &artifacts.scalars[name].value else { panic!("{name}") };
        assert!(reason.contains("90°"), "{reason}");
    }
    assert!(matches!(dragon(json!({"angle": 60})).scalars["area"].value, Value::Missing(_)));
}

#[test]
fn long_curves_are_given_by_fewer_vertices() {
    let all = points(&dragon(json!({"folds": 12, "normalise": true})));
    let artifacts = dragon(json!({"folds": 12, "normalise": true, "max_vertices": 1000}));
    assert_eq!(points(&artifacts), all.iter().copied().step_by(8).collect::<Vec<_>>());
    assert_eq!(column(&artifacts, "vertices", "index")[1], 8.0);
    let Drawing::Geometry(curve) = &artifacts.drawings["curve"] else { panic!() };
    assert_eq!(curve.parts(), 256);
    let joined: Vec<_> = (0..curve.parts()).flat_map(|part| curve.part(part)[1..].to_vec()).collect();
    assert_eq!(joined, points(&artifacts)[1..]);
}

#[test]
fn levels_are_curves_of_fewer_folds() {
    let artifacts = dragon(json!({"word": "UDUUD", "levels": [1, 4]}));
    let levels = column(&artifacts, "vertices", "level");
    assert_eq!(levels.iter().filter(|level| **level == 4.0).count(), 17);
    assert_eq!(points(&artifacts)[3..], points(&dragon(json!({"word": "UDUU"}))));
}

#[test]
fn vertices_are_a_set_of_points_for_other_experiments() {
    use octavo_plugin::artifact::Artifact;
    use octavo_plugin::input::{InputContent, InputData};
    let artifacts = dragon(json!({"folds": 5}));
    let content = InputContent::Artifact(Artifact::Table(artifacts.tables["vertices"].clone()));
    let set = PointSet::from_input(&InputData { name: "vertices".to_owned(), content }).unwrap();
    assert_eq!((set.dimension, set.len()), (2, 33));
    assert_eq!(set.point(32), [-4.0, -4.0]);
}

#[test]
fn the_crease_table_of_a_long_strip_holds_its_first_folds() {
    let long = dragon(json!({"folds": 15}));
    let short = dragon(json!({"folds": 12}));
    let word = |artifacts: &Artifacts| -> Vec<Value> {
        let turns = &artifacts.tables["turns"];
        (0..turns.rows()).map(|row| turns.columns["turn"].value(row)).collect()
    };
    assert_eq!(word(&long), word(&short));
    assert_eq!(column(&long, "turns", "index")[2], 24.0);
    assert_eq!(column(&short, "turns", "fold")[..4], [12.0, 11.0, 12.0, 10.0]);
}

#[test]
fn partly_unfolded_strips_cross_at_some_angles_above_90_degrees() {
    let crossings = |folds: u32, angle: f64| {
        let artifacts =
            dragon(json!({"folds": folds, "angle": angle, "crossings": true, "max_vertices": 64}));
        (scalar(&artifacts, "crossings"), scalar(&artifacts, "touches"))
    };
    for angle in [95.66, 95.69, 95.73, 100.0, 110.0, 150.0] {
        assert_eq!(crossings(18, angle), (0.0, 0.0), "{angle}");
    }
    for angle in [95.75, 95.80] {
        let (crossings, doubtful) = crossings(18, angle);
        assert!(crossings > 0.0 && doubtful == 0.0, "{angle}: {crossings} and {doubtful}");
    }
    // Below 90° some vertices lie exactly on other segments, whatever the angle: vertex 22 on segment 13.
    let (crossed, touched) = crossings(6, 81.37);
    assert_eq!((crossed, touched), (16.0, 6.0));
    // At 90° each double point is touched by two pairs of segments on either side.
    let artifacts = dragon(json!({"folds": 14, "crossings": true}));
    assert_eq!(scalar(&artifacts, "crossings"), 0.0);
    assert_eq!(scalar(&artifacts, "touches"), 4.0 * scalar(&artifacts, "double_points"));
    assert!(matches!(dragon(json!({})).scalars["crossings"].value, Value::Missing(_)));
}

#[test]
fn crease_words_and_the_folds_that_made_them() {
    let artifacts = dragon(json!({"word": "UDDUUDU"}));
    let text = |table: &str, column: &str, row: usize| artifacts.tables[table].columns[column].value(row);
    assert_eq!(text("levels", "crease_word", 3), Value::Text("RRLLRLL".to_owned()));
    assert!(matches!(text("levels", "crease_word", 7), Value::Text(word) if word.len() == 127));
    for row in 0..artifacts.tables["turns"].rows() {
        let fold = column(&artifacts, "turns", "fold")[row] as usize;
        assert_eq!(text("turns", "direction", row), Value::Text("UDDUUDU"[fold - 1..fold].to_owned()));
    }
}

#[test]
fn turns_add_up_to_the_ones_of_the_gray_code() {
    let artifacts = dragon(json!({"folds": 9}));
    let [heading, gray] = ["heading", "gray_ones"].map(|name| column(&artifacts, "turns", name));
    assert_eq!(
        (&heading[..7], &gray[..7]),
        (&[1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0][..], &[1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0][..])
    );
    assert!(heading.iter().zip(&gray).all(|(turned, ones)| (turned - ones) % 4.0 == 0.0));
}

#[test]
fn relatives_touch_and_do_not_cross() {
    for params in [
        json!({"kind": "terdragon", "folds": 7, "crossings": true}),
        json!({"kind": "twindragon", "folds": 11, "crossings": true}),
        json!({"folds": 12, "angle": 120, "crossings": true}),
    ] {
        assert_eq!(scalar(&dragon(params.clone()), "crossings"), 0.0, "{params}");
    }
}

#[test]
fn sixty_folds() {
    let artifacts = dragon(json!({"folds": 60, "normalise": true, "max_vertices": 4096}));
    let coarse = dragon(json!({"folds": 12, "normalise": true}));
    assert_eq!(points(&artifacts), points(&coarse));
    assert_eq!(artifacts.scalars["segments"].value, Value::from(1_u64 << 60));
    assert_eq!(scalar(&artifacts, "old_vertex_shift"), 0.0);
    assert_eq!(scalar(&artifacts, "convergence_distance"), 0.5 * powi(0.5, 30));
    assert!(scalar(&artifacts, "tent_identity_error") < 1e-15);
    assert!(
        matches!(&artifacts.scalars["distinct_points"].value, Value::Missing(reason) if reason.contains("60 folds"))
    );
    let distinct = &artifacts.tables["levels"].columns["distinct_points"];
    assert_eq!(distinct.number(10), Some(690.0));
    assert_eq!(distinct.number(23), None);

    let ter = dragon(json!({"kind": "terdragon", "folds": 37, "normalise": true, "max_vertices": 2187}));
    let coarse = points(&dragon(json!({"kind": "terdragon", "folds": 7, "normalise": true})));
    for (a, b) in points(&ter).iter().zip(&coarse) {
        assert!(hypot(a[0] - b[0], a[1] - b[1]) < 1e-14);
    }
}

#[test]
fn the_picture_holds_every_visited_point_where_it_is() {
    // Ends to the right, up, to the left and down; without `normalise` the picture stays as it is.
    for (folds, normalise) in [(8, true), (10, true), (12, true), (14, true), (9, false), (14, false)] {
        let artifacts = dragon(json!({"folds": folds, "pixels": 512, "normalise": normalise}));
        let Drawing::Raster(picture) = &artifacts.drawings["coverage"] else { panic!() };
        let unit = if normalise { powi(2.0, folds / 2) } else { 1.0 };
        let [low, high] = picture.extent;
        let mut visited = vec![0.0; picture.width * picture.height];
        for [x, y] in points(&artifacts) {
            let (column, row) = (((x - low[0]) * unit) as usize, ((high[1] - y) * unit) as usize);
            visited[row * picture.width + column] = 1.0;
        }
        assert_eq!(picture.values, visited, "{folds} folds");
        assert_eq!((high[0] - low[0]) * unit, picture.width as f64);
        assert_eq!((high[1] - low[1]) * unit, picture.height as f64);
    }
    let artifacts = dragon(json!({"folds": 16, "pixels": 256, "normalise": true}));
    let Drawing::Raster(picture) = &artifacts.drawings["coverage"] else { panic!() };
    let visited: f64 = picture.values.iter().map(|share| 4.0 * share).sum();
    assert_eq!(visited, scalar(&artifacts, "distinct_points"));
}

proptest! {
    #[test]
    fn any_vertex_is_the_sum_of_the_segments_before(word in "[UD]{1,10}", angle in 30.0..180.0_f64) {
        let rule = Rule::Halves(Word::parse(&word));
        let exact = Curve::new(rule, Lattice::of_angle(90.0).unwrap());
        let float = Curve::new(rule, Turned::new(angle, rule.folds() + 4));
        let (mut sum, mut place) = ([0, 0], [0.0, 0.0]);
        for k in 0..rule.segments() {
            prop_assert_eq!(exact.vertex(k), sum);
            let [x, y] = float.vertex(k);
            prop_assert!((x - place[0]).abs() + (y - place[1]).abs() < 1e-9);
            sum = exact.plane.add(sum, exact.plane.rotate([1, 0], rule.heading(k)));
            place = float.plane.add(place, float.plane.rotate([1.0, 0.0], rule.heading(k)));
        }
        prop_assert_eq!(exact.end(), sum);
    }

    #[test]
    fn no_word_draws_an_edge_twice_at_90_degrees(word in "[UD]{0,12}") {
        let artifacts = dragon(json!({"word": word}));
        prop_assert_eq!(scalar(&artifacts, "repeated_edges"), 0.0);
        prop_assert!(scalar(&artifacts, "max_visits") <= 2.0);
    }
}
