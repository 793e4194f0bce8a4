//! Known sets lie in the stated intervals, and these are narrow.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod common;

use common::published;
use octavo_dimension::count::Set;
use octavo_dimension::estimate::Estimate;
use octavo_dimension::known::Known;
use octavo_dimension::shape::{Point, Shape};
use octavo_plugin::math;

/// The shape with every point moved by `map`, lengths multiplied by `scale`.
fn moved(set: &Set, scale: f64, map: impl Fn(Point) -> Point) -> Set {
    let Set::Shape { shape, unit } = set else { panic!("known sets are shapes") };
    Set::Shape { shape: shape.mapped(map), unit: unit * scale }
}

fn holds(known: Known, level: u32, widest: f64, nearest: f64) -> Estimate {
    let found = published(&known.set(level), 64);
    let error = found.dimension - known.dimension();
    assert!(error.abs() <= found.uncertainty(), "{known:?}: off by {error}, {found:?}");
    assert!(found.uncertainty() <= widest, "{known:?}: {found:?}");
    assert!(error.abs() <= nearest, "{known:?}: off by {error}");
    found
}

#[test]
fn koch_and_a_circle() {
    holds(Known::Koch, 9, 0.015, 0.01);
    holds(Known::Circle, 12, 0.03, 0.001);
}

#[test]
fn the_boundary_of_a_dragon() {
    holds(Known::DragonBoundary, 20, 0.03, 0.015);
}

#[test]
fn sierpinski_and_the_dust_of_cantor() {
    holds(Known::Sierpinski, 12, 0.03, 0.03);
    holds(Known::CantorDust, 10, 0.03, 0.03);
}

#[test]
fn apollonius_and_the_rabbit() {
    holds(Known::Apollonian, 10, 0.03, 0.03);
    holds(Known::Rabbit, 10, 0.03, 0.03);
}

#[test]
fn turned_mirrored_and_scaled_sets_have_the_same_dimension() {
    for (known, level) in [(Known::Koch, 8), (Known::Apollonian, 9), (Known::Rabbit, 10)] {
        let set = known.set(level);
        let [sin, cos] = [0.6, 0.8];
        let turned = moved(&set, 1.0, |[x, y]| [cos * x - sin * y, sin * x + cos * y]);
        let mirrored = moved(&set, 1.0, |[x, y]| [-x, y]);
        let scaled = moved(&set, 8.0, |[x, y]| [8.0 * x - 640.0, 8.0 * y + 64.0]);
        let [plain, turned, mirrored, scaled] =
            [&set, &turned, &mirrored, &scaled].map(|set| published(set, 64));
        for other in [turned, mirrored] {
            let width = plain.uncertainty() + other.uncertainty();
            assert!((plain.dimension - other.dimension).abs() < width, "{known:?}: {plain:?}, {other:?}");
            assert!(
                (other.dimension - known.dimension()).abs() <= other.uncertainty(),
                "{known:?}: {other:?}"
            );
        }
        assert!((plain.dimension - scaled.dimension).abs() < 1e-3, "{known:?}: {plain:?}, {scaled:?}");
    }
}

/// The interval is a statement with a record: every known set, at angles of which none suits it, lies in its own.
#[test]
fn sets_at_several_angles_lie_in_their_intervals() {
    let sets = [
        (Known::Koch, 8),
        (Known::DragonBoundary, 19),
        (Known::Sierpinski, 11),
        (Known::Circle, 11),
        (Known::CantorDust, 9),
        (Known::Apollonian, 9),
        (Known::Rabbit, 9),
    ];
    for (known, level) in sets {
        let set = known.set(level);
        for angle in [0.0, 0.2_f64, 0.55, 1.0, 1.3] {
            let (sin, cos) = (math::sin(angle), math::cos(angle));
            let found = published(&moved(&set, 1.0, |[x, y]| [cos * x - sin * y, sin * x + cos * y]), 64);
            let error = found.dimension - known.dimension();
            assert!(error.abs() <= found.uncertainty(), "{known:?} at {angle}: off by {error}, {found:?}");
        }
    }
}

#[test]
fn lines_squares_and_points_have_whole_dimensions() {
    let shape = |parts: Vec<[Point; 2]>| Set::Shape { shape: Shape::new(parts).unwrap(), unit: 1.0 };
    let line = published(&shape(vec![[[0.0, 0.0], [3000.0, 1100.0]]]), 64);
    assert!((line.dimension - 1.0).abs() <= line.uncertainty() && line.uncertainty() < 0.03, "{line:?}");
    let rows = (0..1024).map(|y| [[0.0, f64::from(y)], [1024.0, f64::from(y)]]).collect();
    let square = published(&shape(rows), 64);
    // A filled set reads low, by what its edge adds.
    assert!((square.dimension - 2.0).abs() < 0.05, "{square:?}");
    let points = published(&shape(vec![[[0.0, 0.0]; 2], [[4096.0, 4096.0]; 2]]), 64);
    assert!(points.dimension.abs() <= points.uncertainty(), "{points:?}");
}
