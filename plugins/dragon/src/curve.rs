//! A folded curve in the plane: any vertex from the digits of its index, and boxes around its blocks.
//!
//! A block of level a is a run of `radix^a` segments that starts at a multiple of that number. Blocks of one level are
//! turned copies of at most two shapes (of even and of odd place), so that displacements and boxes of all blocks follow
//! from few, level by level.

use std::collections::BTreeMap;

use crate::plane::Plane;
use crate::rule::Rule;

/// A rule drawn with unit segments, the first along x.
#[derive(Clone, Debug)]
pub struct Curve<P: Plane> {
    /// How it turns.
    pub rule: Rule,
    /// What its points are.
    pub plane: P,
    /// End point of the block of each level that begins the curve.
    displacements: Vec<P::Point>,
}

impl<P: Plane> Curve<P> {
    /// Draws a rule.
    pub fn new(rule: Rule, plane: P) -> Self {
        let mut displacements = vec![plane.unit()];
        for level in 0..rule.folds() {
            let block = displacements[level as usize];
            let sum = (0..rule.radix()).fold(plane.origin(), |sum, index| {
                plane.add(sum, plane.rotate(block, rule.inner_heading(level, index)))
            });
            displacements.push(sum);
        }
        Self { rule, plane, displacements }
    }

    /// Number of segments.
    pub fn segments(&self) -> u64 {
        self.rule.segments()
    }

    /// The last vertex.
    pub fn end(&self) -> P::Point {
        *self.displacements.last().expect("level 0 is there")
    }

    /// A vertex, 0 to the number of segments, in time proportional to the number of folds: for every digit, the blocks
    /// that it skips.
    pub fn vertex(&self, index: u64) -> P::Point {
        let (mut point, mut before, mut rest) = (self.plane.origin(), 0, index);
        for level in (0..=self.rule.folds()).rev() {
            let size = self.rule.power(level);
            point = self.plane.add(point, self.skip(level, before, rest / size));
            before += rest / size * size;
            rest %= size;
        }
        point
    }

    /// The displacement over the first `count` blocks of `level` from the segment `before`, which starts a block of
    /// `level + 1`.
    pub fn skip(&self, level: u32, before: u64, count: u64) -> P::Point {
        let heading = self.rule.heading(before);
        (0..count).fold(self.plane.origin(), |sum, index| {
            let block = self.displacements[level as usize];
            let inner = if level < self.rule.folds() { self.rule.inner_heading(level, index) } else { 0 };
            self.plane.add(sum, self.plane.rotate(block, heading + inner))
        })
    }

    /// Boxes around all blocks, in the coordinates of a linear map.
    pub fn boxes(&self, place: &impl Fn(P::Point) -> [f64; 2]) -> Boxes {
        let mut boxes = Boxes(BTreeMap::new());
        self.gather(self.rule.folds(), 0, place, &mut boxes);
        boxes
    }

    fn gather(
        &self,
        level: u32,
        start: u64,
        place: &impl Fn(P::Point) -> [f64; 2],
        boxes: &mut Boxes,
    ) -> Extent {
        let key = Boxes::key(self.rule, level, start);
        if let Some(known) = boxes.0.get(&key) {
            return *known;
        }
        let origin = Extent::point(place(self.plane.origin()));
        let extent = match level.checked_sub(1) {
            None => origin.join(Extent::point(place(self.plane.rotate(self.plane.unit(), key.2)))),
            Some(inner) => (0..self.rule.radix()).fold(origin, |extent, index| {
                let offset = place(self.skip(inner, start, index));
                let part = self.gather(inner, start + index * self.rule.power(inner), place, boxes);
                extent.join(part.shift(offset))
            }),
        };
        boxes.0.insert(key, extent);
        extent
    }
}

/// A rectangle with sides along the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Smallest coordinates.
    pub low: [f64; 2],
    /// Largest coordinates.
    pub high: [f64; 2],
}

impl Extent {
    /// A single point.
    pub fn point(point: [f64; 2]) -> Self {
        Self { low: point, high: point }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            low: [self.low[0].min(other.low[0]), self.low[1].min(other.low[1])],
            high: [self.high[0].max(other.high[0]), self.high[1].max(other.high[1])],
        }
    }

    /// The rectangle moved.
    #[must_use]
    pub fn shift(self, by: [f64; 2]) -> Self {
        Self {
            low: [self.low[0] + by[0], self.low[1] + by[1]],
            high: [self.high[0] + by[0], self.high[1] + by[1]],
        }
    }

    /// The rectangle turned by a half-turn about the origin.
    #[must_use]
    pub fn opposite(self) -> Self {
        Self { low: self.high.map(|x| 0.0 - x), high: self.low.map(|x| 0.0 - x) }
    }
}

/// The box around every block of a curve, seen from the block's first vertex: by level, shape and heading.
#[derive(Clone, Debug)]
pub struct Boxes(BTreeMap<(u32, bool, i32), Extent>);

impl Boxes {
    fn key(rule: Rule, level: u32, start: u64) -> (u32, bool, i32) {
        (level, rule.is_odd(level, start), rule.heading(start))
    }

    /// The box of the block of this level that starts at a segment.
    ///
    /// # Panics
    /// If no block of this level starts there.
    pub fn of(&self, rule: Rule, level: u32, start: u64) -> Extent {
        self.0[&Self::key(rule, level, start)]
    }

    /// The box of the whole curve.
    pub fn whole(&self) -> Extent {
        *self.0.last_key_value().expect("the whole is there").1
    }
}
