//! The visited points as a raster.

use octavo_plugin::Raster;

use crate::occupancy::Coverage;
use crate::plane::length;

/// The share of each pixel's points that are visited, in units of the vertices. With end points held it is turned by the
/// quarter-turns that bring the end nearest to the right.
pub(crate) fn picture(coverage: &Coverage, end: [f64; 2], normalise: bool) -> Raster {
    let (unit, turns) = if normalise { (length(end), quarters(end)) } else { (1.0, 0) };
    let Coverage { area, pixel, width, height, counts } = coverage;
    let points = (pixel * pixel) as f64;
    let shares: Vec<f64> =
        counts.chunks_exact(*width).rev().flatten().map(|n| f64::from(*n) / points).collect();
    // A point stands for the square around it.
    let edge = |x: i64, shift: f64| (x as f64 + shift) / unit;
    let extent = [area.low.map(|x| edge(x, -0.5)), area.high.map(|x| edge(x, 0.5))];
    let raster = Raster { width: *width, height: *height, extent, values: shares };
    (0..turns).fold(raster, |raster, _| turned_left(&raster))
}

/// By how many quarter-turns to the left a vector comes nearest to the direction of x.
fn quarters([x, y]: [f64; 2]) -> usize {
    match () {
        () if x >= y.abs() => 0,
        () if y < 0.0 && -y >= x.abs() => 1,
        () if -x >= y.abs() => 2,
        () => 3,
    }
}

/// The raster turned by 90° to the left about the origin.
fn turned_left(raster: &Raster) -> Raster {
    let Raster { width, height, extent: [[x0, y0], [x1, y1]], values } = raster;
    // What was on the right is now on top.
    let values =
        (0..*width).rev().flat_map(|column| (0..*height).map(move |row| values[row * width + column]));
    let extent = [[0.0 - y1, *x0], [0.0 - y0, *x1]];
    Raster { width: *height, height: *width, extent, values: values.collect() }
}
