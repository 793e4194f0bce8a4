//! What a folded strip visits on the square lattice, by blocks of edges instead of segments.
//!
//! The box around the curve is cut into tiles. Each tile takes the blocks of 4096 segments whose own boxes meet it, from
//! the top of the tree of blocks down, and puts their pictures ([`Stamp`]) on its own two bit planes. A tile stays in the
//! cache and shares nothing, so threads do not wait for each other; sums of integers do not depend on the order. Cost: a
//! shift and an `or` per 64 points and block, about a hundredth of a visit per segment.

use octavo_plugin::Failure;
use octavo_plugin::simd::{self, Kernel};
use rayon::prelude::*;

use crate::curve::Curve;
use crate::plane::{Lattice, Plane};
use crate::planes::{Planes, Rectangle, Stamp, WORD};
use crate::rule::Rule;
use crate::visits::{Meter, Visits};

/// Side of a tile in points: two planes of 2^20 bits.
const TILE: i64 = 1024;
/// Folds of a block: its box is about a word wide.
const BLOCK: u32 = 12;

/// How many points are visited in each pixel of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The points that the picture shows, made up to whole pixels.
    pub area: Rectangle,
    /// Side of a pixel in points, a power of two.
    pub pixel: i64,
    /// Number of pixels in a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// Distinct visited points, row by row from the bottom.
    pub counts: Vec<u32>,
}

/// What [`survey`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// How many points are visited how often.
    pub visits: Visits,
    /// Where, if a picture was asked for.
    pub coverage: Option<Coverage>,
}

/// Counts the visits of a strip folded in two on the square lattice, or of the closed curve that it makes with its copy
/// turned by a half-turn (`closed`), and draws where they are in at most `pixels` by `pixels` pixels (at least 256).
/// `None` if the curve is of another kind or draws an edge twice: then edges do not tell visits.
///
/// # Errors
/// If the run is to stop.
pub fn survey(
    curve: &Curve<Lattice>,
    closed: bool,
    pixels: Option<usize>,
    meter: &Meter<'_, '_>,
) -> Result<Option<Survey>, Failure> {
    let Some(tree) = Tree::new(curve) else { return Ok(None) };
    let area = tree.strands(closed).map(|strand| tree.area(strand)).reduce(Rectangle::join);
    let area = area.expect("there is a strand");
    let pixel = pixels.map(|most| pixel(area, most));
    let tiles = tiles(area);
    let share = curve.segments() / tiles.len() as u64;
    let counted: Vec<Option<Tile>> = tiles
        .into_par_iter()
        .map_init(paper, |planes, low| {
            meter.advance(share)?;
            planes.reset([low[0] - WORD, low[1] - 1]);
            tree.strands(closed).for_each(|strand| tree.put(strand, planes, low));
            Ok(Tile::count(planes, low, pixel))
        })
        .collect::<Result<_, Failure>>()?;
    let Some(counted) = counted.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let visits = counted.iter().fold(Visits::default(), |sum, tile| sum.join(tile.visits));
    Ok(Some(Survey { visits, coverage: pixel.map(|pixel| Coverage::assemble(area, pixel, &counted)) }))
}

/// Planes for one tile, with a column of words on its left and a row below it.
fn paper() -> Planes {
    Planes::new(Rectangle { low: [-WORD, -1], high: [TILE - 1, TILE - 1] })
}

/// The side of the smallest pixels with which so many cover the area in each direction.
fn pixel(area: Rectangle, most: usize) -> i64 {
    let longest = area.points(0).max(area.points(1));
    let sides = std::iter::successors(Some(1_i64), |side| Some(2 * side));
    sides.take_while(|side| *side <= TILE).find(|side| longest <= side * most as i64).unwrap_or(TILE)
}

/// First points of the tiles that cover an area, row by row.
fn tiles(area: Rectangle) -> Vec<[i64; 2]> {
    let starts = |axis: usize| (area.low[axis]..=area.high[axis]).step_by(TILE as usize);
    starts(1).flat_map(|y| starts(0).map(move |x| [x, y])).collect()
}

/// A block of the curve: everything that its picture depends on, and where it starts.
#[derive(Clone, Copy)]
struct Block {
    level: u32,
    odd: bool,
    direction: usize,
    at: [i64; 2],
}

/// The shapes of the blocks of a curve.
struct Tree {
    folds: u32,
    end: [i64; 2],
    leaf: u32,
    /// Of the blocks of each level, by [`Tree::kind`].
    kinds: Vec<Vec<Kind>>,
    /// The pictures of the blocks of level `leaf`.
    stamps: Vec<Stamp>,
}

/// A block seen from its first vertex.
#[derive(Clone, Copy)]
struct Kind {
    area: Rectangle,
    end: [i64; 2],
    /// Direction of its second half.
    second: usize,
}

impl Tree {
    fn new(curve: &Curve<Lattice>) -> Option<Self> {
        let (rule, plane) = (curve.rule, curve.plane);
        let Rule::Halves(word) = rule else { return None };
        if plane.directions() != 4 {
            return None;
        }
        let leaf = word.folds().min(BLOCK);
        let mut tree =
            Self { folds: word.folds(), end: curve.end(), leaf, kinds: Vec::new(), stamps: vec![] };
        for level in 0..=word.folds() {
            let kinds = (0..8).map(|kind| tree.kind_of(curve, level, kind % 2 == 1, kind / 2)).collect();
            tree.kinds.push(kinds);
        }
        tree.stamps = (0..8).map(|kind| stamp(curve, leaf, kind % 2 == 1, kind / 2)).collect();
        Some(tree)
    }

    fn kind_of(&self, curve: &Curve<Lattice>, level: u32, odd: bool, direction: usize) -> Kind {
        let plane = curve.plane;
        let Some(inner) = level.checked_sub(1) else {
            let end = plane.turned([1, 0], direction);
            let area = Rectangle::point([0, 0]).join(Rectangle::point(end));
            return Kind { area, end, second: direction };
        };
        let rule = curve.rule;
        let start = if odd { rule.power(level) } else { 0 };
        let turns = rule.heading(start + rule.power(inner)) - rule.heading(start);
        let second = (direction + plane.direction(turns)) % 4;
        let halves = &self.kinds[inner as usize];
        let (first, then) = (halves[2 * direction], halves[2 * second + 1]);
        let end = plane.add(first.end, then.end);
        Kind { area: first.area.join(then.area.shift(first.end)), end, second }
    }

    fn kind(&self, block: Block) -> &Kind {
        &self.kinds[block.level as usize][2 * block.direction + usize::from(block.odd)]
    }

    /// The curve, and if it is closed the copy turned by a half-turn that leads back.
    fn strands(&self, closed: bool) -> impl Iterator<Item = Block> {
        let first = Block { level: self.folds, odd: false, direction: 0, at: [0, 0] };
        let back = Block { direction: 2, at: self.end, ..first };
        std::iter::once(first).chain(closed.then_some(back))
    }

    fn area(&self, block: Block) -> Rectangle {
        self.kind(block).area.shift(block.at)
    }

    /// Puts the blocks on the planes of the tile that starts at `low`. Edges that end in the tile may start one point
    /// before it.
    fn put(&self, block: Block, planes: &mut Planes, low: [i64; 2]) {
        let tile = Rectangle { low: low.map(|x| x - 1), high: low.map(|x| x + TILE - 1) };
        if !self.area(block).meets(tile) {
            return;
        }
        if block.level == self.leaf {
            return self.stamps[2 * block.direction + usize::from(block.odd)].put(block.at, planes);
        }
        let level = block.level - 1;
        let first = Block { level, odd: false, ..block };
        let end = self.kind(first).end;
        let at = [block.at[0] + end[0], block.at[1] + end[1]];
        self.put(first, planes, low);
        self.put(Block { level, odd: true, direction: self.kind(block).second, at }, planes, low);
    }
}

/// The picture of a block, from the turns of its segments.
fn stamp(curve: &Curve<Lattice>, level: u32, odd: bool, direction: usize) -> Stamp {
    let (rule, plane) = (curve.rule, curve.plane);
    let start = if odd { rule.power(level) } else { 0 };
    let heading = |segment: u64| rule.heading(segment) - rule.heading(start);
    let step = |segment: u64| plane.turned(plane.rotate(plane.unit(), heading(segment)), direction);
    Stamp::new(&(start..start + rule.power(level)).map(step).collect::<Vec<_>>())
}

/// What a tile holds.
struct Tile {
    low: [i64; 2],
    visits: Visits,
    /// Visited points of its pixels, row by row from the bottom.
    counts: Vec<u32>,
}

impl Tile {
    /// Counts what is on the planes; nothing if an edge was drawn twice.
    fn count(planes: &mut Planes, low: [i64; 2], pixel: Option<i64>) -> Option<Self> {
        if planes.has_repeated_edges() {
            return None;
        }
        let mut counts = pixel.map_or(Vec::new(), |pixel| vec![0; (TILE / pixel * (TILE / pixel)) as usize]);
        let found = planes.count(|column, words| {
            if let Some(pixel) = pixel {
                simd::dispatch(Pixels { column, words, pixel: pixel as usize, counts: &mut counts });
            }
        });
        let most = if found.twice > 0 { 2 } else { u64::from(found.visited > 0) };
        let (distinct, twice) = (found.visited, found.twice);
        let visits = Visits { distinct, twice, full: twice, most, repeated_edges: 0 };
        Some(Self { low, visits, counts })
    }
}

/// Adds the points of a column of words to the pixels of a tile.
struct Pixels<'a> {
    column: usize,
    words: &'a [u64],
    pixel: usize,
    counts: &'a mut [u32],
}

impl Kernel for Pixels<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { column, words, pixel, counts } = self;
        let (across, word) = (TILE as usize / pixel, WORD as usize);
        let bits = pixel.min(word);
        let mask = u64::MAX >> (word - bits);
        for (words, row) in words.chunks(pixel).zip(counts.chunks_exact_mut(across)) {
            let row = &mut row[column * word / pixel..];
            for (part, count) in row.iter_mut().enumerate().take(word / bits) {
                let points = |word: &u64| u64::from((word >> (part * bits) & mask).count_ones());
                *count += words.iter().map(points).sum::<u64>() as u32;
            }
        }
    }
}

impl Coverage {
    fn assemble(area: Rectangle, pixel: i64, tiles: &[Tile]) -> Self {
        let [width, height] = [0, 1].map(|axis| (area.points(axis) + pixel - 1) / pixel);
        let (columns, across) = (width as usize, (TILE / pixel) as usize);
        let mut counts = vec![0; columns * height as usize];
        for tile in tiles {
            let [x, y] = [0, 1].map(|axis| ((tile.low[axis] - area.low[axis]) / pixel) as usize);
            let rows = counts.chunks_exact_mut(columns).skip(y);
            for (row, pixels) in rows.zip(tile.counts.chunks_exact(across)) {
                let row = &mut row[x..(x + across).min(columns)];
                row.copy_from_slice(&pixels[..row.len()]);
            }
        }
        let high = [area.low[0] + width * pixel - 1, area.low[1] + height * pixel - 1];
        let area = Rectangle { low: area.low, high };
        Self { area, pixel, width: columns, height: height as usize, counts }
    }
}
