//! Points and segments, and the boxes of a grid that they meet, found exactly.
//!
//! The parts lie in the order of a space-filling curve, under a tree of boxes: the parts 4k to 4k + 3, and so on. Whatever
//! lies in one box of the grid, or in boxes that are known to be met, is not looked at any closer, so that a count takes
//! time in proportion to the boxes that are met and not to the parts.

use octavo_plugin::math;
use rayon::prelude::*;

use crate::cells::Cells;

/// A point of the plane.
pub type Point = [f64; 2];
/// A segment with both its ends; a point is one of length 0.
pub type Segment = [Point; 2];

/// Children of a node of the tree.
const FAN: usize = 4;
/// So many boxes are asked whether all of them are met already.
const ASKED: usize = 8;

/// The corners of a rectangle: least and largest coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The corner with the least coordinates.
    pub low: Point,
    /// The corner with the largest coordinates.
    pub high: Point,
}

impl Extent {
    const NOTHING: Self = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };

    fn of(segment: &Segment) -> Self {
        let [[ax, ay], [bx, by]] = *segment;
        Self { low: [ax.min(bx), ay.min(by)], high: [ax.max(bx), ay.max(by)] }
    }

    fn join(self, other: Self) -> Self {
        let [low, high] = [[self.low, other.low], [self.high, other.high]];
        let (least, most) =
            (|axis: usize| low[0][axis].min(low[1][axis]), |axis: usize| high[0][axis].max(high[1][axis]));
        Self { low: [least(0), least(1)], high: [most(0), most(1)] }
    }

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
    segments: Vec<Segment>,
    /// The extents of `FAN` parts each, of `FAN` of those each, and so on up to a single one.
    levels: Vec<Vec<Extent>>,
}

impl Shape {
    /// The shape of these parts; `None` if there are none. All coordinates must be finite.
    pub fn new(parts: impl IntoIterator<Item = Segment>) -> Option<Self> {
        let segments = in_order(parts.into_iter().collect());
        let mut levels =
            vec![segments.par_chunks(FAN).map(|part| extent(part.iter().map(Extent::of))).collect()];
        loop {
            let last: &Vec<Extent> = &levels[levels.len() - 1];
            match last.len() {
                0 => return None,
                1 => return Some(Self { segments, levels }),
                _ => levels.push(last.chunks(FAN).map(|part| extent(part.iter().copied())).collect()),
            }
        }
    }

    /// The parts, in an order of their own.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The smallest rectangle around everything.
    pub fn extent(&self) -> Extent {
        self.levels[self.levels.len() - 1][0]
    }

    /// The boxes of a grid that are met.
    pub fn cells(&self, grid: Grid) -> Cells {
        let corner = grid.cell(self.extent().high);
        let mut cells = Cells::empty(corner[0].max(corner[1]) + 1);
        self.visit(grid, self.levels.len(), 0, &mut cells);
        cells
    }

    /// Node `index` of level `level`; level 0 are the parts themselves.
    fn visit(&self, grid: Grid, level: usize, index: usize, cells: &mut Cells) {
        let Some(above) = level.checked_sub(1) else {
            return grid.each_cell(&self.segments[index], |cell| cells.insert(cell));
        };
        let extent = self.levels[above][index];
        let ([x0, y0], [x1, y1]) = (grid.cell(extent.low), grid.cell(extent.high));
        if x0 == x1 && y0 == y1 {
            return cells.insert([x0, y0]);
        }
        let few = (x1 - x0 + 1) * (y1 - y0 + 1) <= ASKED;
        if few && (y0..=y1).all(|y| (x0..=x1).all(|x| cells.contains([x, y]))) {
            return;
        }
        let below = if above == 0 { self.segments.len() } else { self.levels[above - 1].len() };
        (FAN * index..(FAN * (index + 1)).min(below)).for_each(|child| self.visit(grid, above, child, cells));
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
        Self::new(self.segments.iter().map(|ends| ends.map(&map))).expect("there are parts, since there were")
    }
}

fn extent(parts: impl Iterator<Item = Extent>) -> Extent {
    parts.fold(Extent::NOTHING, Extent::join)
}

/// The segments in the order of their middles along a curve of Morton (Z-order).
fn in_order(segments: Vec<Segment>) -> Vec<Segment> {
    let all = extent(segments.iter().map(Extent::of));
    let side = all.side();
    let place = |x: f64, axis: usize| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2^24")]
        let place = ((x - all.low[axis]) / side * 16_777_216.0) as u64;
        spread(place)
    };
    if side <= 0.0 {
        return segments;
    }
    let key =
        |[a, b]: &Segment| place(f64::midpoint(a[0], b[0]), 0) | place(f64::midpoint(a[1], b[1]), 1) << 1;
    let mut keyed: Vec<(u64, Segment)> =
        segments.into_iter().map(|segment| (key(&segment), segment)).collect();
    keyed.par_sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, segment)| segment).collect()
}

/// The bits of a number below 2^32 with a zero after each.
fn spread(number: u64) -> u64 {
    let mut x = (number | number << 16) & 0x0000_ffff_0000_ffff;
    x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
    x = (x | x << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    x = (x | x << 2) & 0x3333_3333_3333_3333;
    (x | x << 1) & 0x5555_5555_5555_5555
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
