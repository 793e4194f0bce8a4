//! Edges of a curve on the square lattice as bits, a block of segments at a time.
//!
//! A [`Planes`] holds two bits per point of a rectangle: whether the edge to its right and the one above it are drawn. It
//! is stored in columns of 64 points, row upon row, so that a block of 4096 segments, which is one of 8 pictures
//! ([`Stamp`]), is put on the paper by a shift and an `or` of a few hundred neighbouring words. An edge drawn twice shows
//! as a bit that is already there. What a point is visited follows from its edges: a visit uses two, and the first and
//! the last visit one.

use octavo_plugin::simd::{self, Kernel};

/// Points in a word.
pub const WORD: i64 = 64;

/// A rectangle of points, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// Smallest coordinates.
    pub low: [i64; 2],
    /// Largest coordinates.
    pub high: [i64; 2],
}

impl Rectangle {
    /// A single point.
    pub fn point(point: [i64; 2]) -> Self {
        Self { low: point, high: point }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            low: [0, 1].map(|axis| self.low[axis].min(other.low[axis])),
            high: [0, 1].map(|axis| self.high[axis].max(other.high[axis])),
        }
    }

    /// The rectangle moved.
    #[must_use]
    pub fn shift(self, by: [i64; 2]) -> Self {
        Self {
            low: [0, 1].map(|axis| self.low[axis] + by[axis]),
            high: [0, 1].map(|axis| self.high[axis] + by[axis]),
        }
    }

    /// Whether they have a point in common.
    pub fn meets(self, other: Self) -> bool {
        (0..2).all(|axis| self.low[axis] <= other.high[axis] && other.low[axis] <= self.high[axis])
    }

    /// Number of points along an axis.
    pub fn points(self, axis: usize) -> i64 {
        self.high[axis] - self.low[axis] + 1
    }
}

/// Which edges start at the points of a rectangle, to the right and upwards.
#[derive(Clone, Debug)]
pub struct Planes {
    area: Rectangle,
    rows: usize,
    /// Column of words by column, each from the lowest row up: first the edges to the right, then those upwards.
    words: [Vec<u64>; 2],
    /// Bits of edges that were drawn when they were drawn again.
    again: u64,
}

impl Planes {
    /// No edges on a rectangle, whose width is made up to whole words.
    pub fn new(area: Rectangle) -> Self {
        let rows = area.points(1) as usize;
        let columns = ((area.points(0) + WORD - 1) / WORD) as usize;
        Self { area, rows, words: [vec![0; rows * columns], vec![0; rows * columns]], again: 0 }
    }

    /// No edges on another rectangle of the same size.
    pub fn reset(&mut self, low: [i64; 2]) {
        let by = [0, 1].map(|axis| low[axis] - self.area.low[axis]);
        self.area = self.area.shift(by);
        self.words.iter_mut().for_each(|words| words.fill(0));
        self.again = 0;
    }

    /// Whether an edge was drawn twice.
    pub fn has_repeated_edges(&self) -> bool {
        self.again != 0
    }

    /// Draws the edge from a point of the rectangle to the right (axis 0) or upwards (axis 1).
    pub fn draw(&mut self, point: [i64; 2], axis: usize) {
        let [x, y] = [0, 1].map(|axis| point[axis] - self.area.low[axis]);
        let bit = 1_u64 << (x % WORD);
        let word = &mut self.words[axis][(x / WORD) as usize * self.rows + y as usize];
        self.again |= *word & bit;
        *word |= bit;
    }

    /// Counts the points of the columns of words after the first, in the rows after the first: these have all their
    /// neighbours on the left and below in the planes. `each` gets, for every such column, its number from 0 and a word per
    /// row of the points that have an edge.
    pub fn count(&mut self, each: impl FnMut(usize, &[u64])) -> Counts {
        simd::dispatch(Count { planes: self, each })
    }
}

/// Points with edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// With at least one.
    pub visited: u64,
    /// With three or four: visited twice.
    pub twice: u64,
}

struct Count<'a, F> {
    planes: &'a mut Planes,
    each: F,
}

impl<F: FnMut(usize, &[u64])> Kernel for Count<'_, F> {
    type Output = Counts;

    #[inline(always)]
    fn run(mut self) -> Counts {
        let rows = self.planes.rows;
        let [right, up] = &self.planes.words;
        let mut visited = vec![0_u64; rows - 1];
        let mut counts = Counts::default();
        let columns = right.chunks_exact(rows).zip(right.chunks_exact(rows).skip(1));
        for (column, ((left, right), up)) in columns.zip(up.chunks_exact(rows).skip(1)).enumerate() {
            let edges = left[1..].iter().zip(&right[1..]).zip(up[1..].iter().zip(up));
            for (any, ((left, right), (up, down))) in visited.iter_mut().zip(edges) {
                let left = right << 1 | left >> 63;
                *any = left | right | up | down;
                let thrice = (left & right & (up | down)) | (up & down & (left | right));
                counts.visited += u64::from(any.count_ones());
                counts.twice += u64::from(thrice.count_ones());
            }
            (self.each)(column, &visited);
        }
        counts
    }
}

/// The edges of a block, ready to be put anywhere.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Around its points, seen from the first.
    pub area: Rectangle,
    planes: Planes,
    /// A column of words without edges.
    blank: Vec<u64>,
}

impl Stamp {
    /// The picture of a walk from (0, 0) in these steps.
    pub fn new(steps: &[[i64; 2]]) -> Self {
        let mut point = [0, 0];
        let mut area = Rectangle::point(point);
        for step in steps {
            point = [point[0] + step[0], point[1] + step[1]];
            area = area.join(Rectangle::point(point));
        }
        let mut planes = Planes::new(area);
        let mut from = [0, 0];
        for step in steps {
            let to = [from[0] + step[0], from[1] + step[1]];
            planes.draw([from[0].min(to[0]), from[1].min(to[1])], usize::from(step[0] == 0));
            from = to;
        }
        let blank = vec![0; planes.rows];
        Self { area, planes, blank }
    }

    /// Puts the block that starts at a point on the part of the plane that is there.
    pub fn put(&self, at: [i64; 2], planes: &mut Planes) {
        planes.again |= self.planes.again;
        simd::dispatch(Put { stamp: self, at, planes });
    }
}

struct Put<'a> {
    stamp: &'a Stamp,
    at: [i64; 2],
    planes: &'a mut Planes,
}

impl Kernel for Put<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { stamp, at, planes } = self;
        let [x, y] = [0, 1].map(|axis| at[axis] + stamp.area.low[axis] - planes.area.low[axis]);
        let rows = stamp.planes.rows as i64;
        let (first, last) = ((-y).clamp(0, rows), (planes.rows as i64 - y).clamp(0, rows));
        if first >= last {
            return;
        }
        let (first, last, onto) = (first as usize, last as usize, (first + y) as usize);
        let (column, shift) = (x.div_euclid(WORD), x.rem_euclid(WORD) as u32);
        for (words, stamps) in planes.words.iter_mut().zip(&stamp.planes.words) {
            let columns = stamps.len() / stamp.planes.rows;
            for index in 0..=columns {
                let Ok(target) = usize::try_from(column + index as i64) else { continue };
                let start = target * planes.rows + onto;
                let Some(target) = words.get_mut(start..start + last - first) else { break };
                let part = |index: usize| stamps.chunks_exact(stamp.planes.rows).nth(index);
                let here = part(index).unwrap_or(&stamp.blank);
                let before = index.checked_sub(1).and_then(part).unwrap_or(&stamp.blank);
                planes.again |= overlay(target, &here[first..last], &before[first..last], shift);
            }
        }
    }
}

/// Adds bits moved to the left by `shift`, with those that `before` lacks room for; gives the bits that were there.
#[inline(always)]
fn overlay(target: &mut [u64], here: &[u64], before: &[u64], shift: u32) -> u64 {
    let mut again = 0;
    for (word, (here, before)) in target.iter_mut().zip(here.iter().zip(before)) {
        let bits = here << shift | before >> 1 >> (63 - shift);
        again |= *word & bits;
        *word |= bits;
    }
    again
}
