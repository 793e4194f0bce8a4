//! Files and results of other experiments.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod common;

use common::{column, file, png, run_on, scalar};
use octavo_plugin::artifact::Artifact;
use octavo_plugin::input::InputContent;
use octavo_plugin::{Drawing, FailureKind, Geometry, GeometryKind, Raster, Table, Value};
use serde_json::json;

/// Points of a spiral staircase: x = t cos t, y = t sin t.
fn spiral(count: u32) -> Vec<[f64; 2]> {
    let at = |k: u32| {
        let t = 30.0 * f64::from(k) / f64::from(count);
        let (sin, cos) = octavo_plugin::math::sin_cos(t);
        [t * cos, t * sin]
    };
    (0..count).map(at).collect()
}

fn csv(points: &[[f64; 2]]) -> Vec<u8> {
    let rows: String = points.iter().map(|[x, y]| format!("{x},{y}\n")).collect();
    format!("x,y\n{rows}").into_bytes()
}

fn artifact(drawing: impl Into<Drawing>) -> InputContent {
    InputContent::Artifact(Artifact::Drawing(drawing.into()))
}

#[test]
fn the_dark_pixels_of_an_image_are_the_set() {
    // A slanted line of 2000 pixels, once black on white, once by a higher threshold on grey.
    let image = png(2000, 1000, |x, y| y == x / 2);
    let found = run_on(file("png", &image), json!({})).unwrap();
    let dimension = &found.scalars["dimension"];
    let error = dimension.value.as_f64().unwrap() - 1.0;
    assert!(error.abs() <= dimension.uncertainty.unwrap() && error.abs() < 0.02, "{dimension:?}");
    assert_eq!((scalar(&found, "side"), scalar(&found, "unit")), (2000.0, 1.0));
    assert_eq!(column(&found, "counts", "anchored")[0], 2000.0);
}

#[test]
fn an_outline_is_an_edge_and_not_a_filled_set() {
    let disc = |x: usize, y: usize| x.abs_diff(600).pow(2) + y.abs_diff(600).pow(2) < 550 * 550;
    let image = png(1200, 1200, disc);
    let filled = scalar(&run_on(file("png", &image), json!({})).unwrap(), "dimension");
    let edge = scalar(&run_on(file("png", &image), json!({"outline": true})).unwrap(), "dimension");
    assert!((filled - 2.0).abs() < 0.05 && (edge - 1.0).abs() < 0.02, "{filled}, {edge}");
}

#[test]
fn rows_are_points_or_the_vertices_of_a_path() {
    let content = || file("csv", &csv(&spiral(4000)));
    let path = run_on(content(), json!({"join": true})).unwrap();
    assert!((scalar(&path, "dimension") - 1.0).abs() < 0.12, "{:?}", path.scalars["dimension"]);
    let points = run_on(content(), json!({"unit": 0.05})).unwrap();
    // Below the distance of the points nothing is joined: single points have dimension 0.
    let [of_points, of_path] = [&points, &path].map(|found| column(found, "slopes", "slope")[0]);
    assert!(of_points < 0.6 && of_path > 0.95, "{of_points}, {of_path}");
}

#[test]
fn a_drawing_is_traversed_between_its_vertices() {
    let mut square = Geometry::new(GeometryKind::Polygons);
    square.push([[0.0, 0.0], [1000.0, 0.0], [1000.0, 1000.0], [0.0, 1000.0]]);
    let found = run_on(artifact(square), json!({"unit": 1.0})).unwrap();
    assert!((scalar(&found, "dimension") - 1.0).abs() < 0.02, "{:?}", found.scalars["dimension"]);
    // Four sides of 1000, of which the ends belong to two, and boxes that hold the upper ends.
    assert_eq!(column(&found, "counts", "anchored")[0], 4000.0);
}

#[test]
fn tables_and_rasters_of_results_are_sets() {
    let (x, y): (Vec<f64>, Vec<f64>) = spiral(3000).into_iter().map(|[x, y]| (x, y)).unzip();
    let names: Vec<String> = x.iter().map(|_| "name".to_owned()).collect();
    let table = Table::new().with("label", names).with("x", x).with("y", y);
    let content = InputContent::Artifact(Artifact::Table(table));
    let found =
        run_on(content, json!({"join": true, "picture": 100, "smallest": 4.0, "largest": 0.06})).unwrap();
    assert!((scalar(&found, "dimension") - 1.0).abs() < 0.2, "{:?}", found.scalars["dimension"]);
    let values = (0..600 * 400).map(|k| if k % 600 == k / 600 { 0.7 } else { 0.2 }).collect();
    let raster = Raster { width: 600, height: 400, extent: [[-3.0, -2.0], [3.0, 2.0]], values };
    let found = run_on(artifact(raster), json!({"smallest": 4.0, "largest": 0.125})).unwrap();
    assert!((scalar(&found, "dimension") - 1.0).abs() < 0.03, "{:?}", found.scalars["dimension"]);
    assert!((scalar(&found, "unit") - 0.01).abs() < 1e-12);
    let Drawing::Raster(picture) = &found.drawings["picture"] else { panic!("a raster") };
    assert_eq!(picture.values.iter().filter(|value| **value == 1.0).count(), 400);
    assert!((picture.extent[0][0] + 3.0).abs() < 1e-9 && (picture.extent[1][1] - 2.0).abs() < 1e-9);
}

#[test]
fn a_set_that_is_too_coarse_has_counts_and_no_dimension() {
    let found = run_on(file("png", &png(100, 100, |x, y| x == y)), json!({})).unwrap();
    assert!(matches!(&found.scalars["dimension"].value, Value::Missing(why) if why.contains("too coarse")));
    assert_eq!(column(&found, "counts", "anchored")[0], 100.0);
}

#[test]
fn what_is_no_set_is_refused_with_the_next_step() {
    let refused = |content: InputContent| {
        let failure = run_on(content, json!({})).unwrap_err();
        assert_eq!(failure.kind, FailureKind::User);
        (failure.message, failure.help.unwrap_or_default())
    };
    let (message, help) = refused(file("png", &png(10, 10, |_, _| false)));
    assert_eq!(message, "no pixel of `the input` belongs to the set");
    assert!(help.contains("`threshold`"));
    assert_eq!(refused(file("csv", b"x,y\n1,2\n1,2\n")).0, "all points of `the input` are in one place");
    assert!(refused(file("csv", b"x,y,z\n1,2,3\n2,3,4\n")).1.contains("columns `x` and `y` alone"));
    assert!(refused(file("png", b"GIF89a")).0.contains("is no PNG"));
}
