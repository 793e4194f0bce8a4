//! Values on a grid of points, and the lines between points on different sides.

use octavo_plugin::Raster;

use crate::shape::{Point, Segment};

/// A square grid of points in a square of the plane: the middles of its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Its middle.
    pub center: Point,
    /// Its side.
    pub width: f64,
    /// Points along a side.
    pub resolution: usize,
}

impl View {
    /// The distance of neighbouring points.
    pub fn step(&self) -> f64 {
        self.width / self.resolution as f64
    }

    /// The point with these numbers of columns and rows before it, from the lower left.
    pub fn place(&self, column: f64, row: f64) -> Point {
        let along =
            |x: f64, axis: usize| self.center[axis] + self.step() * (x + 0.5 - 0.5 * self.resolution as f64);
        [along(column, 0), along(row, 1)]
    }

    /// All points, row by row from the lowest.
    pub fn points(&self) -> Vec<Point> {
        let columns = self.resolution;
        (0..columns * columns).map(|k| self.place((k % columns) as f64, (k / columns) as f64)).collect()
    }

    /// Lines between points on different sides, in the plane's coordinates. `crossing` tells of the points with two indices
    /// whether a line passes between them, and at what share of the way. In each square of four points, two crossings are
    /// joined to each other, more of them to their mean (marching squares; Lorensen and Cline 1987 in space).
    pub fn border(&self, crossing: impl Fn(usize, usize) -> Option<f64>) -> Vec<Segment> {
        let columns = self.resolution;
        let mut segments = Vec::new();
        for (row, column) in
            (0..columns - 1).flat_map(|row| (0..columns - 1).map(move |column| (row, column)))
        {
            let k = row * columns + column;
            let [x, y] = [column as f64, row as f64];
            let met: Vec<Point> = [
                crossing(k, k + 1).map(|t| [x + t, y]),
                crossing(k + 1, k + 1 + columns).map(|t| [x + 1.0, y + t]),
                crossing(k + columns, k + 1 + columns).map(|t| [x + t, y + 1.0]),
                crossing(k, k + columns).map(|t| [x, y + t]),
            ]
            .into_iter()
            .flatten()
            .map(|[x, y]| self.place(x, y))
            .collect();
            match met[..] {
                [] | [_] => {}
                [a, b] => segments.push([a, b]),
                _ => {
                    let mean =
                        |axis: usize| met.iter().map(|point| point[axis]).sum::<f64>() / met.len() as f64;
                    segments.extend(met.iter().map(|point| [*point, [mean(0), mean(1)]]));
                }
            }
        }
        segments
    }

    /// The lines on which values, interpolated, are this one.
    pub fn contour(&self, values: &[f64], level: f64) -> Vec<Segment> {
        self.border(|a, b| {
            let [from, to] = [values[a] - level, values[b] - level];
            ((from > 0.0) != (to > 0.0)).then(|| (from / (from - to)).clamp(0.0, 1.0))
        })
    }

    /// Values (row by row from the lowest) as a raster of at most so many pixels along a side; others are left out.
    pub fn raster(&self, values: &[f64], pixels: usize) -> Raster {
        let step = self.resolution.div_ceil(pixels);
        let kept: Vec<usize> = (0..self.resolution).step_by(step).collect();
        let row = |row: usize| kept.iter().map(move |column| values[row * self.resolution + column]);
        let [[x0, y0], _] = [self.place(-0.5, -0.5), self.place(0.0, 0.0)];
        let side = self.step() * (step * kept.len()) as f64;
        Raster {
            width: kept.len(),
            height: kept.len(),
            extent: [[x0, y0], [x0 + side, y0 + side]],
            values: kept.iter().rev().flat_map(|index| row(*index)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::math;

    const VIEW: View = View { center: [1.0, 2.0], width: 4.0, resolution: 4 };

    #[test]
    fn points_are_middles_of_pixels() {
        let points = VIEW.points();
        assert_eq!((points[0], points[3], points[15]), ([-0.5, 0.5], [2.5, 0.5], [2.5, 3.5]));
    }

    #[test]
    fn the_contour_of_a_plane_is_a_straight_line() {
        let values: Vec<f64> = VIEW.points().iter().map(|[x, y]| 2.0 * x + y).collect();
        let segments = VIEW.contour(&values, 3.25);
        assert!(segments.iter().flatten().all(|[x, y]| (2.0 * x + y - 3.25).abs() < 1e-12));
        let length: f64 = segments.iter().map(|[a, b]| math::hypot(a[0] - b[0], a[1] - b[1])).sum();
        // From y = 0.5 (x = 1.375) to y = 3.5 (x = -0.125).
        assert!((length - (1.5_f64 * 1.5 + 9.0).sqrt()).abs() < 1e-12, "{length}");
    }

    #[test]
    fn three_sides_meet_in_the_middle() {
        let view = View { center: [0.0, 0.0], width: 2.0, resolution: 2 };
        let labels = [0, 1, 2, 2];
        let found = view.border(|a, b| (labels[a] != labels[b]).then_some(0.5));
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|[_, end]| *end == found[0][1]));
    }

    #[test]
    fn rasters_have_their_top_row_first() {
        let values: Vec<f64> = (0..16).map(f64::from).collect();
        let raster = VIEW.raster(&values, 4);
        assert_eq!((raster.values[0], raster.values[15]), (12.0, 3.0));
        assert_eq!(raster.extent, [[-1.0, 0.0], [3.0, 4.0]]);
        assert_eq!(VIEW.raster(&values, 2).values, [8.0, 10.0, 0.0, 2.0]);
    }
}
