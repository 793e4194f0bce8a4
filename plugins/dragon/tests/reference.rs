//! Values of independent programs: `reference/dragon_90.json` and `reference/fold_angles.json`.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

mod sha256;

use octavo_dragon::Dragon;
use octavo_dragon::curve::Curve;
use octavo_dragon::plane::Lattice;
use octavo_dragon::rule::{Rule, Word};
use octavo_dragon::stream::Stream;
use octavo_plugin::{Artifacts, Inputs};
use octavo_plugin_test::run;
use serde_json::{Value, json};

fn reference(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn dragon(params: Value) -> Artifacts {
    run(&Dragon, &params, &Inputs::default()).unwrap()
}

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn word(artifacts: &Artifacts) -> String {
    let turns = &artifacts.tables["turns"];
    (0..turns.rows()).map(|row| turns.columns["turn"].value(row).to_string()).collect()
}

/// The largest distance in a coordinate between the first vertices and these.
fn deviation(artifacts: &Artifacts, points: &Value) -> f64 {
    let vertices = &artifacts.tables["vertices"].columns;
    let rows = points.as_array().unwrap().iter().enumerate();
    rows.flat_map(|(row, point)| {
        let point = numbers(point);
        ["x", "y"]
            .into_iter()
            .zip(point)
            .map(move |(axis, value)| (vertices[axis].number(row).unwrap() - value).abs())
    })
    .fold(0.0, f64::max)
}

/// The digest of all vertices as pairs of little-endian 32-bit integers, from the stream.
fn digest(word: Word) -> String {
    let curve = Curve::new(Rule::Halves(word), Lattice::of_angle(90.0).unwrap());
    let mut points = vec![[0; 2]; curve.segments() as usize + 1];
    assert_eq!(Stream::new(&curve).unwrap().fill(&mut points), points.len());
    let bytes: Vec<u8> = points.as_flattened().iter().flat_map(|x: &i32| x.to_le_bytes()).collect();
    sha256::sha256(&bytes)
}

#[test]
fn digests_are_those_of_the_standard() {
    assert_eq!(sha256::sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

fn ends(artifacts: &Artifacts) -> Vec<f64> {
    ["end_x", "end_y"].map(|name| scalar(artifacts, name)).to_vec()
}

fn bounds(artifacts: &Artifacts) -> Vec<f64> {
    ["min_x", "min_y", "max_x", "max_y"].map(|name| scalar(artifacts, name)).to_vec()
}

#[test]
fn the_dragon_at_90_degrees_exactly() {
    let reference = reference(include_str!("reference/dragon_90.json"));
    for (folds, expected) in reference["n"].as_object().unwrap() {
        let found = dragon(json!({"folds": folds.parse::<u32>().unwrap(), "angle": 90}));
        for (ours, theirs) in [
            ("segments", "segments"),
            ("creases", "creases"),
            ("left_turns", "left_turns"),
            ("right_turns", "right_turns"),
            ("distinct_points", "distinct_points"),
            ("double_points", "points_visited_twice"),
            ("max_visits", "max_multiplicity"),
        ] {
            assert_eq!(Some(scalar(&found, ours)), expected[theirs].as_f64(), "{folds} folds: {ours}");
        }
        let edges = scalar(&found, "segments") - scalar(&found, "repeated_edges");
        assert_eq!(Some(edges), expected["distinct_edges"].as_f64());
        assert_eq!(ends(&found), numbers(&expected["end"]), "{folds} folds");
        assert_eq!(bounds(&found), numbers(&expected["bbox"]), "{folds} folds");
        assert_eq!(deviation(&found, &expected["first20"]), 0.0, "{folds} folds");
        assert_eq!(Some(digest(Word::all_up(folds.parse().unwrap())).as_str()), expected["sha256"].as_str());
        assert_eq!(expected["end_eq_(1+i)^n"], true);
        if let Some(turns) = expected["turns"].as_str() {
            assert_eq!(word(&found), turns);
        }
    }
}

#[test]
fn general_fold_words_exactly() {
    let reference = reference(include_str!("reference/dragon_90.json"));
    for (letters, expected) in reference["generalized_n10"]["patterns"].as_object().unwrap() {
        assert_eq!(Some(digest(Word::parse(letters)).as_str()), expected["sha256"].as_str(), "{letters}");
        let found = dragon(json!({"word": letters}));
        assert_eq!(&word(&found)[..40], expected["turns_first40"].as_str().unwrap(), "{letters}");
        assert_eq!(ends(&found), numbers(&expected["end"]), "{letters}");
        assert_eq!(bounds(&found), numbers(&expected["bbox"]), "{letters}");
        assert_eq!(Some(scalar(&found, "distinct_points")), expected["distinct_points"].as_f64());
        assert_eq!(Some(scalar(&found, "max_visits")), expected["max_multiplicity"].as_f64());
    }
}

#[test]
fn other_angles() {
    let reference = reference(include_str!("reference/fold_angles.json"));
    let mut cases = 0;
    for (angle, levels) in reference["angles"].as_object().unwrap() {
        for (folds, expected) in levels.as_object().unwrap() {
            let (angle, folds): (f64, u32) = (angle.parse().unwrap(), folds.parse().unwrap());
            let found = dragon(json!({"folds": folds, "angle": angle}));
            let scale = expected["abs_end"].as_f64().unwrap().max(1.0);
            for (ours, theirs) in [(ends(&found), &expected["end"]), (bounds(&found), &expected["bbox"])] {
                for (x, y) in ours.into_iter().zip(numbers(theirs)) {
                    assert!((x - y).abs() < 1e-11 * scale, "{angle}°, {folds} folds: {x} and {y}");
                }
            }
            for points in [&expected["points"], &expected["first20"]] {
                if points.is_array() {
                    assert!(deviation(&found, points) < 1e-12 * scale, "{angle}°, {folds} folds");
                    cases += 1;
                }
            }
        }
    }
    assert!(cases >= 15, "the reference has points for {cases} cases");
}
