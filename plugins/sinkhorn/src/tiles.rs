//! Pairs of points in tiles of [`LANES`] by [`LANES`] that are near each other, and their costs.
//!
//! Points stand in the order of one curve, so that those of a tile are neighbours.

use octavo_plugin::Failure;
use octavo_plugin::simd::LANES;
use rayon::prelude::*;

use crate::cost::{Power, largest};
use crate::pairwise::{Pairwise, Points};
use crate::stream::Blocks;

/// Most pairs whose costs, or terms, are kept: 256 MB.
pub(crate) const KEPT: usize = 1 << 25;

/// One side of the pairs: points in the order of the tiles.
pub(crate) struct Side {
    pub(crate) points: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) blocks: Blocks,
    /// For each block of [`LANES`] points the least and the largest coordinates, block × dimension.
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
}

impl Side {
    /// Points of this dimension in order, row-major.
    pub(crate) fn new(dimension: usize, points: Vec<f64>, weights: Vec<f64>) -> Self {
        let blocks = Blocks::new(dimension, &points, &weights);
        let corner = |pick: fn(f64, f64) -> f64| -> Vec<f64> {
            let of = |block: &[f64]| {
                let first = block[..dimension].to_vec();
                block.chunks_exact(dimension).fold(first, |corner, point| {
                    corner.iter().zip(point).map(|(a, b)| pick(*a, *b)).collect()
                })
            };
            points.chunks(dimension * LANES).flat_map(of).collect()
        };
        let (low, high) = (corner(f64::min), corner(f64::max));
        Self { points, weights, blocks, low, high }
    }

    /// The number of coordinates.
    pub(crate) fn dimension(&self) -> usize {
        self.blocks.dimension
    }
}

/// Where costs come from.
pub(crate) enum Costs {
    /// Squared distances, from coordinates.
    Near,
    /// Rows × blocks of columns, and the least of each tile, panel by panel.
    Kept { cells: Vec<[f64; LANES]>, least: Vec<f64> },
}

/// The pairs of two sides.
pub(crate) struct Tiles<'a> {
    pub(crate) rows: &'a Side,
    pub(crate) columns: &'a Side,
    pub(crate) costs: Costs,
    /// At least the largest absolute cost.
    pub(crate) largest: f64,
}

/// The potentials of a pass.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) f: &'a [f64],
    pub(crate) g: &'a [f64],
    pub(crate) epsilon: f64,
}

impl<'a> Tiles<'a> {
    /// The pairs of two clouds, with their costs where these take long to compute and there is room.
    ///
    /// # Errors
    /// If a cost is out of range.
    pub(crate) fn new(rows: &'a Side, columns: &'a Side, power: Power) -> Result<Self, Failure> {
        let dimension = rows.dimension();
        if power == Power::SQUARE && dimension <= 3 {
            let corner = |pick: fn(f64, f64) -> f64, of: fn(&Side) -> &[f64]| -> Vec<f64> {
                let all = of(rows).chunks_exact(dimension).chain(of(columns).chunks_exact(dimension));
                all.map(<[f64]>::to_vec)
                    .reduce(|a, b| a.iter().zip(b).map(|(a, b)| pick(*a, b)).collect())
                    .unwrap_or_default()
            };
            let (low, high) = (corner(f64::min, |side| &side.low), corner(f64::max, |side| &side.high));
            let largest = largest(&[power.between(&low, &high).value()])?;
            return Ok(Self { rows, columns, costs: Costs::Near, largest });
        }
        let stride = columns.blocks.count.div_ceil(LANES);
        let mut cells = vec![[0.0; LANES]; rows.weights.len() * stride];
        let points = |side: &'a Side| Points { dimension, coordinates: &side.points };
        let pairwise = Pairwise::new(points(rows), points(columns), power, stride * LANES);
        pairwise.fill(0, cells.as_flattened_mut());
        Self::kept(rows, columns, cells)
    }

    /// The pairs with these costs, rows × blocks of columns.
    ///
    /// # Errors
    /// If a cost is out of range.
    pub(crate) fn kept(rows: &'a Side, columns: &'a Side, cells: Vec<[f64; LANES]>) -> Result<Self, Failure> {
        let (stride, count) = (columns.blocks.count.div_ceil(LANES), columns.blocks.count);
        let panel = |rows: &[[f64; LANES]]| {
            let mut least = vec![f64::INFINITY; stride];
            let mut most = vec![0.0; stride];
            for row in rows.chunks_exact(stride) {
                for (block, cells) in row.iter().enumerate() {
                    let cells = &cells[..LANES.min(count - block * LANES)];
                    least[block] = cells.iter().copied().fold(least[block], f64::min);
                    // The negation also finds what is no number.
                    let worse = |most: f64, cost: &f64| if cost.abs() <= most { most } else { cost.abs() };
                    most[block] = cells.iter().fold(most[block], worse);
                }
            }
            (least, most)
        };
        let panels: Vec<(Vec<f64>, Vec<f64>)> = cells.par_chunks(stride * LANES).map(panel).collect();
        let mut most = 0.0;
        for (_, panel) in &panels {
            most = largest(panel)?.max(most);
        }
        let least = panels.into_iter().flat_map(|(least, _)| least).collect();
        Ok(Self { rows, columns, costs: Costs::Kept { cells, least }, largest: most })
    }
}
