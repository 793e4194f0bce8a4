//! Counts on a lattice: how many points a curve visits and how often, and whether it draws an edge twice.
//!
//! The box around the curve is cut into tiles; each tile walks the blocks whose own box meets it and counts in a grid of
//! its own. Memory is one tile a thread whatever the number of segments, and sums of integers do not depend on the
//! order. Cost: about one visit per segment, plus the segments in blocks that straddle tiles.

use std::sync::atomic::{AtomicU64, Ordering};

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::curve::{Boxes, Curve, Extent};
use crate::plane::{Lattice, Plane};

/// Side of a tile in points of the lattice.
const TILE: i64 = 1024;
/// Largest number of segments of a block that is walked without asking for boxes.
const LEAF: u64 = 256;
/// The lowest bit that marks an edge in a cell; the bits below count visits. A point is left and reached on segments of
/// unlike direction, so at most every second index visits it: fewer than 2^29 of 2^30.
const EDGE: u32 = 29;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// Points visited at all.
    pub distinct: u64,
    /// Points visited exactly twice.
    pub twice: u64,
    /// Points visited as often as the lattice has pairs of directions: all their edges are drawn if none is drawn twice.
    pub full: u64,
    /// The largest number of visits to one point.
    pub most: u64,
    /// Segments that lie on an edge drawn before.
    pub repeated_edges: u64,
}

impl Visits {
    /// What two parts of the plane hold together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            distinct: self.distinct + other.distinct,
            twice: self.twice + other.twice,
            full: self.full + other.full,
            most: self.most.max(other.most),
            repeated_edges: self.repeated_edges + other.repeated_edges,
        }
    }
}

/// Reports work from several threads.
pub struct Meter<'a, 'b> {
    context: &'a RunContext<'b>,
    done: AtomicU64,
    total: u64,
}

impl<'a, 'b> Meter<'a, 'b> {
    /// A meter for this many segments. Reports at once.
    ///
    /// # Errors
    /// As [`RunContext::step`].
    pub fn new(context: &'a RunContext<'b>, total: u64) -> Result<Self, Failure> {
        context.step(0, total)?;
        Ok(Self { context, done: AtomicU64::new(0), total })
    }

    pub(crate) fn advance(&self, by: u64) -> Result<(), Failure> {
        let done = self.done.fetch_add(by, Ordering::Relaxed) + by;
        self.context.step(done.min(self.total), self.total)
    }
}

/// Counts the visits of a curve, or of the closed curve that it makes with its copy turned by a half-turn (`closed`).
///
/// # Errors
/// If the run is to stop.
pub fn count(curve: &Curve<Lattice>, closed: bool, meter: &Meter<'_, '_>) -> Result<Visits, Failure> {
    let walk = Walk::new(curve);
    let strands = if closed { vec![Strand::first(), Strand::turned(curve)] } else { vec![Strand::first()] };
    let whole = walk.boxes.whole();
    let all = strands.iter().map(|strand| strand.see(whole)).reduce(Extent::join).expect("there is a strand");
    let tiles = tiles(all);
    let share = curve.segments() / tiles.len() as u64;
    let counts: Vec<Visits> = tiles
        .into_par_iter()
        .map(|tile| {
            meter.advance(share)?;
            Ok(walk.count(tile, &strands, closed))
        })
        .collect::<Result<_, Failure>>()?;
    Ok(counts.into_iter().fold(Visits::default(), Visits::join))
}

/// The curve, or its copy turned by a half-turn so that it runs from the end back to the start.
#[derive(Clone, Copy)]
struct Strand {
    origin: [i64; 2],
    turned: bool,
}

impl Strand {
    fn first() -> Self {
        Self { origin: [0, 0], turned: false }
    }

    fn turned(curve: &Curve<Lattice>) -> Self {
        Self { origin: curve.end(), turned: true }
    }

    fn place(self, [x, y]: [i64; 2]) -> [i64; 2] {
        let [a, b] = self.origin;
        if self.turned { [a - x, b - y] } else { [a + x, b + y] }
    }

    fn see(self, extent: Extent) -> Extent {
        let extent = if self.turned { extent.opposite() } else { extent };
        extent.shift(self.origin.map(|x| x as f64))
    }
}

struct Tile {
    low: [i64; 2],
    high: [i64; 2],
}

/// Tiles that cover an extent of whole numbers; the last of a row or column is cut to size.
fn tiles(extent: Extent) -> Vec<Tile> {
    let (low, high) = (extent.low.map(|x| x as i64), extent.high.map(|x| x as i64));
    let starts = |axis: usize| (low[axis]..=high[axis]).step_by(TILE as usize);
    starts(1)
        .flat_map(|y| starts(0).map(move |x| [x, y]))
        .map(|start| Tile { low: start, high: [0, 1].map(|axis| (start[axis] + TILE - 1).min(high[axis])) })
        .collect()
}

/// What all tiles share.
struct Walk<'a> {
    curve: &'a Curve<Lattice>,
    boxes: Boxes,
    leaf: u32,
    /// For leaves of even and of odd place: the direction of each segment, seen from the first.
    directions: [Vec<u8>; 2],
    /// The vector of each direction of the lattice, twice over.
    units: Vec<[i64; 2]>,
}

impl<'a> Walk<'a> {
    fn new(curve: &'a Curve<Lattice>) -> Self {
        let (rule, plane) = (curve.rule, curve.plane);
        let leaf =
            (0..=rule.folds()).take_while(|level| rule.power(*level) <= LEAF).last().expect("1 is small");
        let size = rule.power(leaf);
        let directions = [0, size].map(|start| {
            let heading = |i: u64| rule.heading(start + i) - rule.heading(start);
            (0..size).map(|i| plane.direction(heading(i)) as u8).collect()
        });
        let count = plane.directions();
        let units = (0..2 * count).map(|direction| plane.turned([1, 0], direction % count)).collect();
        let boxes = curve.boxes(&|[a, b]| [a as f64, b as f64]);
        Self { curve, boxes, leaf, directions, units }
    }

    fn count(&self, tile: Tile, strands: &[Strand], closed: bool) -> Visits {
        let mut grid = Grid::new(tile, self.curve.plane.directions() / 2);
        for strand in strands {
            self.blocks(self.curve.rule.folds(), 0, [0, 0], *strand, &mut grid);
        }
        if !closed {
            grid.visit(self.curve.end());
        }
        grid.visits()
    }

    fn blocks(&self, level: u32, start: u64, at: [i64; 2], strand: Strand, grid: &mut Grid) {
        let rule = self.curve.rule;
        let here = self.boxes.of(rule, level, start).shift(at.map(|x| x as f64));
        if !grid.meets(strand.see(here)) {
            return;
        }
        if level == self.leaf {
            return self.segments(start, at, strand, grid);
        }
        for index in 0..rule.radix() {
            let from = self.curve.plane.add(at, self.curve.skip(level - 1, start, index));
            self.blocks(level - 1, start + index * rule.power(level - 1), from, strand, grid);
        }
    }

    fn segments(&self, start: u64, at: [i64; 2], strand: Strand, grid: &mut Grid) {
        let rule = self.curve.rule;
        let half = self.units.len() / 4;
        let first = self.curve.plane.direction(rule.heading(start)) + if strand.turned { half } else { 0 };
        let mut point = strand.place(at);
        for relative in &self.directions[usize::from(rule.is_odd(self.leaf, start))] {
            let direction = (first % (2 * half)) + usize::from(*relative);
            let direction = if direction >= 2 * half { direction - 2 * half } else { direction };
            let unit = self.units[direction];
            let next = [point[0] + unit[0], point[1] + unit[1]];
            grid.visit(point);
            if direction < half {
                grid.draw(point, direction);
            } else {
                grid.draw(next, direction - half);
            }
            point = next;
        }
    }
}

/// The cells of a tile. An edge belongs to the end from which it has one of the first half of the directions.
struct Grid {
    tile: Tile,
    width: usize,
    cells: Vec<u32>,
    pairs: usize,
    repeated: u64,
}

impl Grid {
    fn new(tile: Tile, pairs: usize) -> Self {
        let width = (tile.high[0] - tile.low[0] + 1) as usize;
        let height = (tile.high[1] - tile.low[1] + 1) as usize;
        Self { tile, width, cells: vec![0; width * height], pairs, repeated: 0 }
    }

    fn meets(&self, extent: Extent) -> bool {
        (0..2).all(|axis| {
            extent.low[axis] <= self.tile.high[axis] as f64 && extent.high[axis] >= self.tile.low[axis] as f64
        })
    }

    #[inline]
    fn cell(&mut self, [x, y]: [i64; 2]) -> Option<&mut u32> {
        let Tile { low, high } = self.tile;
        let inside = x >= low[0] && x <= high[0] && y >= low[1] && y <= high[1];
        inside.then(|| &mut self.cells[(y - low[1]) as usize * self.width + (x - low[0]) as usize])
    }

    #[inline]
    fn visit(&mut self, point: [i64; 2]) {
        if let Some(cell) = self.cell(point) {
            *cell += 1;
        }
    }

    #[inline]
    fn draw(&mut self, owner: [i64; 2], direction: usize) {
        let bit = 1 << (EDGE as usize + direction);
        if let Some(cell) = self.cell(owner) {
            let again = *cell & bit != 0;
            *cell |= bit;
            self.repeated += u64::from(again);
        }
    }

    fn visits(&self) -> Visits {
        let mut visits = Visits { repeated_edges: self.repeated, ..Visits::default() };
        for cell in &self.cells {
            let times = u64::from(cell & ((1 << EDGE) - 1));
            visits.distinct += u64::from(times > 0);
            visits.twice += u64::from(times == 2);
            visits.full += u64::from(times == self.pairs as u64);
            visits.most = visits.most.max(times);
        }
        visits
    }
}
