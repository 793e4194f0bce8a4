//! Points and segments, and the boxes of a grid that they meet, found exactly.
//!
//! The parts lie under a tree of rectangles, so that a count takes time in proportion to the boxes that are met and not to
//! the parts.

use octavo_plugin::math;

use crate::cells::Cells;

mod tree;

use tree::Tree;
pub(crate) use tree::Walk;

/// A point of the plane.
pub type Point = [f64; 2];
/// A segment with both its ends; a point is one of length 0.
pub type Segment = [Point; 2];

/// The corners of a rectangle: least and largest coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The corner with the least coordinates.
    pub low: Point,
    /// The corner with the largest coordinates.
    pub high: Point,
}

impl Extent {
    /// The longer side.
    pub fn side(&self) -> f64 {
        (self.high[0] - self.low[0]).max(self.high[1] - self.low[1])
    }
}

/// A grid of boxes, half open, that has a corner at `origin`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Below and left of everything that is looked up.
    pub origin: Point,
    /// The side of a box.
    pub side: f64,
}

impl Grid {
    /// The column or row of a coordinate.
    #[inline(always)]
    fn index(&self, x: f64, axis: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number that is not negative"
        )]
        let index = ((x - self.origin[axis]) / self.side) as usize;
        index
    }

    fn cell(&self, point: Point) -> [usize; 2] {
        [self.index(point[0], 0), self.index(point[1], 1)]
    }

    /// The cells that a segment meets, column by column.
    #[inline(always)]
    fn each_cell(&self, segment: &Segment, mut visit: impl FnMut([usize; 2])) {
        let [mut a, mut b] = *segment;
        if a[0] > b[0] {
            (a, b) = (b, a);
        }
        let [first, last] = [a[0], b[0]].map(|x| self.index(x, 0));
        let mut y = a[1];
        for column in first..=last {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let edge = self.origin[0] + self.side * (column + 1) as f64;
            let next =
                if column == last { b[1] } else { a[1] + (b[1] - a[1]) * ((edge - a[0]) / (b[0] - a[0])) };
            let [low, high] = [y.min(next), y.max(next)].map(|y| self.index(y, 1));
            (low..=high).for_each(|row| visit([column, row]));
            y = next;
        }
    }
}

/// A set of segments and points.
#[derive(Clone, Debug)]
pub struct Shape {
    tree: Tree,
}

impl Shape {
    /// The shape of these parts; `None` if there are none. All coordinates must be finite.
    pub fn new(parts: impl IntoIterator<Item = Segment>) -> Option<Self> {
        Tree::new(parts.into_iter().collect()).map(|tree| Self { tree })
    }

    /// The parts, in an order of their own.
    pub fn segments(&self) -> &[Segment] {
        self.tree.parts()
    }

    /// The smallest rectangle around everything.
    pub fn extent(&self) -> Extent {
        self.tree.extent()
    }

    /// The boxes of a grid that are met.
    pub fn cells(&self, grid: Grid) -> Cells {
        let mut walk = Walk::default();
        self.count(grid, &mut walk);
        walk.cells
    }

    /// How many boxes of a grid are met, with room that is used again.
    pub(crate) fn count(&self, grid: Grid, walk: &mut Walk) -> u64 {
        let corner = grid.cell(self.extent().high);
        walk.cells.clear(corner[0].max(corner[1]) + 1);
        self.tree.visit(grid, walk);
        walk.cells.len()
    }

    /// The shape turned to the left around the origin.
    #[must_use]
    pub fn turned(self, degrees: f64) -> Self {
        if degrees == 0.0 {
            return self;
        }
        let (sin, cos) = math::sin_cos(degrees.to_radians());
        self.mapped(|[x, y]| [cos * x - sin * y, sin * x + cos * y])
    }

    /// The same shape with every point moved by `map`.
    #[must_use]
    pub fn mapped(&self, map: impl Fn(Point) -> Point) -> Self {
        Self::new(self.segments().iter().map(|ends| ends.map(&map)))
            .expect("there are parts, since there were")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    fn met(parts: Vec<Segment>, grid: Grid) -> Vec<[usize; 2]> {
        let mut cells: Vec<_> = Shape::new(parts).unwrap().cells(grid).each().collect();
        cells.sort_unstable();
        cells
    }

    #[test]
    fn a_segment_meets_the_boxes_that_it_passes_through() {
        let grid = Grid { origin: [0.0, 0.0], side: 1.0 };
        assert_eq!(met(vec![[[0.5, 0.5], [2.5, 0.5]]], grid), [[0, 0], [1, 0], [2, 0]]);
        assert_eq!(met(vec![[[0.5, 2.5], [0.5, 0.5]]], grid), [[0, 0], [0, 1], [0, 2]]);
        // From (0.2, 0.6) with slope 1/2: y reaches 1 at x = 1.
        assert_eq!(met(vec![[[2.2, 1.6], [0.2, 0.6]]], grid), [[0, 0], [0, 1], [1, 1], [2, 1]]);
        // Boxes are half open: what lies on an edge belongs to the box above or to the right.
        assert_eq!(met(vec![[[1.0, 2.0]; 2]], grid), [[1, 2]]);
    }

    #[test]
    fn the_tree_loses_and_invents_no_box() {
        let mut stream = Seed(8).stream("segments");
        for (count, length) in [(1, 3.0), (7, 0.0), (500, 0.2), (3000, 0.0), (64, 9.0)] {
            let mut part = || {
                let a = [stream.between(0.0, 40.0), stream.between(0.0, 30.0)];
                [a, [a[0] + length * stream.uniform(), a[1] + length * (stream.uniform() - 0.5)]]
            };
            let parts: Vec<Segment> = (0..count).map(|_| part()).collect();
            for side in [0.3, 1.0, 6.5, 100.0] {
                let grid = Grid { origin: [-1.25, -9.0], side };
                let mut slow = Vec::new();
                parts.iter().for_each(|part| grid.each_cell(part, |cell| slow.push(cell)));
                slow.sort_unstable();
                slow.dedup();
                assert_eq!(met(parts.clone(), grid), slow, "{count} parts, side {side}");
            }
        }
    }

    #[test]
    fn no_parts_are_no_shape() {
        assert!(Shape::new([]).is_none());
    }
}
