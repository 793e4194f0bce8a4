//! A tree of rectangles over segments, and its nodes that a grid cuts.
//!
//! Nodes 4k to 4k + 3 of a level are the children of node k above. What lies in one box of the grid meets that box. What
//! does not is looked at a level further down, unless all boxes that its rectangle meets are met already: those that its
//! neighbours on the same level lie in are known by then.

use octavo_plugin::simd::{self, Kernel};

use super::{Extent, Grid, Segment};
use crate::cells::Cells;

/// Children of a node.
const FAN: usize = 4;
/// So many boxes are asked whether all of them are met already.
const ASKED: u32 = 8;
/// Below so many parts another thread is not worth while.
const SHARED: usize = 4096;

/// Segments under a tree.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    parts: usize,
    /// The parts, then the lower left and upper right corners of the rectangles around `FAN` of them each, and so on up to a
    /// single block. The last of a level is repeated to fill its block.
    levels: Vec<Vec<Segment>>,
}

/// What a walk down the tree needs room for.
#[derive(Default)]
pub(crate) struct Walk {
    /// The boxes that are met.
    pub(super) cells: Cells,
    /// Nodes of this level whose children are looked at.
    nodes: Vec<u32>,
    /// Children that lie in several boxes, with the first and last columns and rows.
    cut: Vec<(u32, [u32; 4])>,
}

impl Tree {
    /// The tree over these parts; `None` if there are none.
    pub(super) fn new(mut parts: Vec<Segment>) -> Option<Self> {
        let count = parts.len();
        halve(&mut parts, count.max(1).next_power_of_two());
        let mut levels = vec![filled(parts)?];
        while let last = &levels[levels.len() - 1]
            && last.len() > FAN
        {
            let above = last.as_chunks::<FAN>().0.iter().map(around).collect();
            levels.push(filled(above)?);
        }
        Some(Self { parts: count, levels })
    }

    pub(super) fn parts(&self) -> &[Segment] {
        &self.levels[0][..self.parts]
    }

    /// The rectangle around everything.
    pub(super) fn extent(&self) -> Extent {
        let top = &self.levels[self.levels.len() - 1];
        let [low, high] = top.as_chunks::<FAN>().0.first().map_or([[0.0; 2]; 2], around);
        Extent { low, high }
    }

    /// Adds the boxes that are met.
    pub(super) fn visit(&self, grid: Grid, walk: &mut Walk) {
        walk.nodes.clear();
        walk.nodes.push(0);
        for (level, nodes) in self.levels.iter().enumerate().rev() {
            simd::dispatch(Look { grid, nodes, walk });
            if level == 0 {
                break;
            }
            let Walk { cells, nodes, cut } = &mut *walk;
            // Repeated nodes have no children of their own.
            let real = (self.levels[level - 1].len() / FAN) as u32;
            let open = |(node, boxes): &&(u32, [u32; 4])| *node < real && !all_met(cells, *boxes);
            nodes.clear();
            nodes.extend(cut.iter().filter(open).map(|(node, _)| *node));
        }
        let Walk { cells, cut, .. } = walk;
        for (part, [ax, ay, bx, by]) in cut {
            if !all_met(cells, [*ax.min(bx), *ay.min(by), *ax.max(bx), *ay.max(by)]) {
                grid.each_cell(&self.levels[0][*part as usize], |cell| cells.insert(cell));
            }
        }
    }
}

/// Whether all of a few boxes are met already.
#[inline(always)]
fn all_met(cells: &Cells, [x0, y0, x1, y1]: [u32; 4]) -> bool {
    let few = (x1 - x0 + 1).saturating_mul(y1 - y0 + 1) <= ASKED;
    few && cells.contains_all([x0 as usize, y0 as usize], [x1 as usize, y1 as usize])
}

/// Looks at the children of nodes: those in one box are added to those that are met, the others are kept.
struct Look<'a> {
    grid: Grid,
    nodes: &'a [Segment],
    walk: &'a mut Walk,
}

impl Kernel for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { grid, nodes, walk } = self;
        let (blocks, _) = nodes.as_flattened().as_flattened().as_chunks::<{ 4 * FAN }>();
        let origin: [f64; 4 * FAN] = std::array::from_fn(|k| grid.origin[k % 2]);
        walk.cut.clear();
        for node in &walk.nodes {
            let block = &blocks[*node as usize];
            let mut places = [0_u32; 4 * FAN];
            for k in 0..4 * FAN {
                places[k] = whole((block[k] - origin[k]) / grid.side);
            }
            let (children, _) = places.as_chunks::<4>();
            for (child, [ax, ay, bx, by]) in children.iter().enumerate() {
                if ax == bx && ay == by {
                    walk.cells.insert([*ax as usize, *ay as usize]);
                } else {
                    walk.cut.push((FAN as u32 * node + child as u32, [*ax, *ay, *bx, *by]));
                }
            }
        }
    }
}

/// A number from 0 to 2^31 without what follows the point, in operations that lanes have.
#[inline(always)]
fn whole(x: f64) -> u32 {
    // Added to this, a number is rounded, and stands in the lowest bits.
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let near = (x + SHIFT) - SHIFT;
    let below = if near > x { near - 1.0 } else { near };
    (below + SHIFT).to_bits() as u32
}

/// Repeats the last of them up to a whole block.
fn filled(mut nodes: Vec<Segment>) -> Option<Vec<Segment>> {
    let last = *nodes.last()?;
    nodes.resize(nodes.len().next_multiple_of(FAN), last);
    Some(nodes)
}

/// The lower left and upper right corners of the rectangle around segments or rectangles.
fn around(parts: &[Segment; FAN]) -> Segment {
    let nothing = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
    parts.as_flattened().iter().fold(nothing, |[low, high], point| {
        [[low[0].min(point[0]), low[1].min(point[1])], [high[0].max(point[0]), high[1].max(point[1])]]
    })
}

/// Orders the parts of a tree with room for `capacity` of them, a power of two: its first half, which is filled first, and
/// its second lie beside each other along the longer side of what they share, so that nodes end where there are gaps.
fn halve(parts: &mut [Segment], capacity: usize) {
    let half = capacity / 2;
    if capacity <= FAN {
        return;
    }
    if parts.len() <= half {
        return halve(parts, half);
    }
    let axis = longer(parts);
    parts.select_nth_unstable_by(half, |a, b| middle(a, axis).total_cmp(&middle(b, axis)));
    let (first, second) = parts.split_at_mut(half);
    if capacity > SHARED {
        rayon::join(|| halve(first, half), || halve(second, half));
    } else {
        halve(first, half);
        halve(second, half);
    }
}

/// Twice the coordinate of a segment's middle.
#[inline(always)]
fn middle(segment: &Segment, axis: usize) -> f64 {
    segment[0][axis] + segment[1][axis]
}

/// The axis along which the middles of segments lie farther apart.
fn longer(parts: &[Segment]) -> usize {
    let nothing = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
    let [low, high] = parts.iter().fold(nothing, |[low, high], part| {
        let [x, y] = [middle(part, 0), middle(part, 1)];
        [[low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]]
    });
    usize::from(high[1] - low[1] > high[0] - low[0])
}
