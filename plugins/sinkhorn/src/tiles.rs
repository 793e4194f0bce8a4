//! Sinkhorn's half-steps between two clouds, in tiles of [`LANES`] by [`LANES`] pairs of points that are near each other, without those
//! tiles that carry nothing.
//!
//! Points stand in the order of one curve, so that those of a tile are neighbours. E_ij of a tile is at most (largest f + largest g - least
//! cost) / epsilon; where that is below a cut, the tile is left out. Since weights sum up to 1, what a row loses is at most exp(cut), and
//! a pass whose sums are all above exp(-[`TRUST`]) is good to exp(cut + [`TRUST`]); any other pass is taken again with all tiles.
//! Sums have a fixed order, whatever the thread count and the lane width.

use octavo_plugin::simd::{self, LANES};
use octavo_plugin::sum::fold_lanes;
use octavo_plugin::{Failure, math};
use rayon::prelude::*;

use crate::cost::{Power, largest};
use crate::floats::Entropic;
use crate::pairwise::{Pairwise, Points};
use crate::panel::{AddShares, Cells, Count, Means, Moments, Terms, Top};
use crate::stream::{Blocks, SAFE};

/// A sum below exp(-TRUST) may have lost a part to a cut that counts.
pub(crate) const TRUST: f64 = 2.0;
/// The cut at which nothing is lost that a float could tell.
pub(crate) const LOSSLESS: f64 = -46.0;
/// Terms of a tile below which they are kept one by one.
pub(crate) const SCATTERED: usize = 40;
/// Groups of panels with sums of their own.
const GROUPS: usize = 32;
/// Pairs that make a group worth a thread.
const TASK: usize = 1 << 15;
/// Most pairs whose costs, or terms, are kept: 256 MB.
pub(crate) const KEPT: usize = 1 << 25;

/// One side of the pairs: points in the order of the tiles.
pub(crate) struct Side {
    pub(crate) points: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) blocks: Blocks,
    /// For each block of [`LANES`] points the least and the largest coordinates, block × dimension.
    low: Vec<f64>,
    high: Vec<f64>,
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

    pub(crate) fn dimension(&self) -> usize {
        self.blocks.dimension
    }
}

/// Where costs come from.
enum Costs {
    /// Squared distances, from coordinates.
    Near,
    /// Rows × blocks of columns, and the least of each tile, panel by panel.
    Kept { cells: Vec<[f64; LANES]>, least: Vec<f64> },
}

/// The pairs of two sides.
pub(crate) struct Tiles<'a> {
    pub(crate) rows: &'a Side,
    pub(crate) columns: &'a Side,
    costs: Costs,
    /// At least the largest absolute cost.
    pub(crate) largest: f64,
}

/// What one pass finds.
pub(crate) struct Pass {
    /// For each row the logarithm of (its mass under the plan / its weight).
    pub(crate) rows: Vec<f64>,
    /// The same of the columns, after the rows' potential has moved.
    pub(crate) columns: Vec<f64>,
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

    /// Both half-steps: the rows' excess s at these potentials, and the columns' after f has moved by -`factor` epsilon s. Nothing if
    /// masses leave the range of floats. What tiles below `cut` carry is left out where that does no harm.
    pub(crate) fn pass(&self, at: At<'_>, factor: f64, cut: f64) -> Option<Pass> {
        let task = Task { factor: Some(factor), keep: None };
        let found = self.try_pass(at, task, cut).map(|(pass, _)| pass).filter(trusted);
        found.or_else(|| self.try_pass(at, task, f64::NEG_INFINITY).map(|(pass, _)| pass))
    }

    /// The rows' excess alone.
    pub(crate) fn rows_pass(&self, at: At<'_>, cut: f64) -> Option<Vec<f64>> {
        let task = Task { factor: None, keep: None };
        let found = self.try_pass(at, task, cut).map(|(pass, _)| pass).filter(trusted);
        found.or_else(|| self.try_pass(at, task, f64::NEG_INFINITY).map(|(pass, _)| pass)).map(|pass| pass.rows)
    }

    /// As [`pass`](Self::pass) with factor 1, or of the rows alone, keeping all terms that are more than `keep` times their
    /// columns' weights; nothing where a sum does not allow that, or room is short.
    pub(crate) fn kept_pass(&self, at: At<'_>, both: bool, cut: f64, keep: f64) -> Option<(Pass, Vec<Sheet>)> {
        let view = View::new(self, at, cut);
        let mut active = Vec::new();
        let count = |panel: usize| {
            view.choose(panel, &mut active);
            active.len() * LANES * LANES
        };
        if (0..view.shifts.len().div_ceil(LANES)).map(count).sum::<usize>() > KEPT {
            return None;
        }
        let task = Task { factor: both.then_some(1.0), keep: Some(keep) };
        self.try_pass(at, task, cut).filter(|(pass, _)| trusted(pass))
    }

    fn try_pass(&self, at: At<'_>, task: Task, cut: f64) -> Option<(Pass, Vec<Sheet>)> {
        let view = View::new(self, at, cut);
        let group = view.panels_of_a_group();
        let groups: Option<Vec<Group>> = self
            .rows
            .weights
            .par_chunks(group * LANES)
            .enumerate()
            .map(|(index, weights)| view.group(index * group, weights, task))
            .collect();
        self.gathered(groups?, task.factor.is_some(), view.offsets.len())
    }

    /// Adds up the sums of the groups, in order.
    fn gathered(&self, groups: Vec<Group>, both: bool, width: usize) -> Option<(Pass, Vec<Sheet>)> {
        let mut rows = Vec::with_capacity(self.rows.weights.len());
        let (mut masses, mut shares) = (vec![0.0; width * LANES], 0.0);
        let mut sheets = Vec::new();
        for group in groups {
            rows.extend(group.found);
            shares += group.shares;
            masses.iter_mut().zip(group.sums.as_flattened()).for_each(|(mass, sum)| *mass += sum);
            sheets.extend(group.sheets);
        }
        if !both {
            return Some((Pass { rows, columns: Vec::new() }, sheets));
        }
        masses.truncate(self.columns.weights.len());
        let safe = |mass: &f64| *mass > shares / SAFE && *mass > 1.0 / SAFE && *mass < SAFE;
        if !masses.iter().all(safe) {
            return None;
        }
        math::ln_slice(&mut masses);
        let columns = masses.iter().zip(&self.columns.blocks.log_weights).map(|(log, weight)| log - weight);
        Some((Pass { rows, columns: columns.collect() }, sheets))
    }

    /// For each row the sum of (P_ij / a_i) c_ij, and, if they are wanted, the mean of y_j with the weights P_ij, rows × dimension.
    pub(crate) fn means(&self, found: &Entropic, epsilon: f64, images: bool) -> Option<(Vec<f64>, Vec<f64>)> {
        let view = View::new(self, At { f: &found.f, g: &found.g, epsilon }, LOSSLESS);
        let dimension = self.rows.dimension();
        let one = |panel: usize| {
            let rows = LANES.min(self.rows.weights.len() - panel * LANES);
            let (mut room, mut moved) = (Sheet::default(), Vec::new());
            let (tops, logs) = view.terms(panel, &mut room)?;
            if tops.iter().any(|top| *top != 0.0) {
                return None;
            }
            let Sheet { active, terms, .. } = &room;
            let means = view.shaped_means(panel, active, terms);
            for row in (0..rows).filter(|_| images) {
                for axis in 0..dimension {
                    let moments = Moments { row, axis, active, terms, columns: &self.columns.blocks };
                    moved.push(fold_lanes(simd::dispatch(moments)) / math::exp(logs[row]));
                }
            }
            Some((means[..rows].to_vec(), moved))
        };
        let panels = self.rows.weights.len().div_ceil(LANES);
        let parts: Option<Vec<_>> = (0..panels).into_par_iter().map(one).collect();
        let (costs, images): (Vec<_>, Vec<_>) = parts?.into_iter().unzip();
        Some((costs.concat(), images.concat()))
    }
}

/// What a pass does besides the rows' sums.
#[derive(Clone, Copy)]
struct Task {
    /// The factor of the rows' step, if the columns' sums after it are wanted.
    factor: Option<f64>,
    /// The share below which a tile's terms are not kept, if terms are.
    keep: Option<f64>,
}

/// Whether what was left out does no harm.
fn trusted(pass: &Pass) -> bool {
    pass.rows.iter().chain(&pass.columns).all(|excess| *excess >= -TRUST)
}

/// The terms b_j exp(E_ij) of a panel of [`LANES`] rows.
#[derive(Default)]
pub(crate) struct Sheet {
    /// The blocks of columns that are not left out.
    pub(crate) active: Vec<u32>,
    /// For each of them the terms of the panel's rows.
    pub(crate) terms: Vec<[[f64; LANES]; LANES]>,
    /// Terms of tiles with few of them, row after row.
    pub(crate) scattered: Scattered,
}

/// Terms one by one.
#[derive(Default)]
pub(crate) struct Scattered {
    /// Where each row ends.
    pub(crate) ends: [usize; LANES],
    pub(crate) columns: Vec<u32>,
    pub(crate) terms: Vec<f64>,
}

impl Sheet {
    /// The terms alone that are more than these shares of their columns' weights.
    fn above(&self, least: &[[f64; LANES]]) -> Self {
        let mut kept = Self::default();
        let mut few = Vec::new();
        for (block, terms) in self.active.iter().zip(&self.terms) {
            let least = &least[*block as usize];
            match simd::dispatch(Count { terms, least }) {
                0 => (),
                count if count < SCATTERED => few.push((block, terms, least)),
                _ => {
                    kept.active.push(*block);
                    kept.terms.push(*terms);
                }
            }
        }
        for row in 0..LANES {
            for (block, terms, least) in &few {
                for lane in (0..LANES).filter(|lane| terms[row][*lane] >= least[*lane]) {
                    kept.scattered.columns.push(*block * LANES as u32 + lane as u32);
                    kept.scattered.terms.push(terms[row][lane]);
                }
            }
            kept.scattered.ends[row] = kept.scattered.terms.len();
        }
        kept
    }
}

/// What a group of panels finds.
struct Group {
    found: Vec<f64>,
    sums: Vec<[f64; LANES]>,
    shares: f64,
    sheets: Vec<Sheet>,
}

/// The pairs at given potentials.
struct View<'a> {
    tiles: &'a Tiles<'a>,
    offsets: Vec<[f64; LANES]>,
    /// f / epsilon by row.
    shifts: Vec<f64>,
    /// The largest g / epsilon of each block.
    tops: Vec<f64>,
    scale: f64,
    cut: f64,
}

impl<'a> View<'a> {
    fn new(tiles: &'a Tiles<'a>, at: At<'_>, cut: f64) -> Self {
        let scale = 1.0 / at.epsilon;
        let top = |part: &[f64]| part.iter().copied().fold(f64::NEG_INFINITY, f64::max) * scale;
        Self {
            tiles,
            offsets: tiles.columns.blocks.offsets(at.g, scale),
            shifts: at.f.iter().map(|f| f * scale).collect(),
            tops: at.g.chunks(LANES).map(top).collect(),
            scale,
            cut,
        }
    }

    /// Depends on the sizes alone.
    fn panels_of_a_group(&self) -> usize {
        let panels = self.shifts.len().div_ceil(LANES);
        panels.div_ceil(GROUPS).max(1 + TASK / (LANES * LANES * self.offsets.len()))
    }

    /// The panels from one on, with the weights of their rows. Nothing if a sum or a share leaves the range of floats.
    fn group(&self, first: usize, weights: &[f64], task: Task) -> Option<Group> {
        let width = if task.factor.is_some() { self.offsets.len() } else { 0 };
        let (found, sums) = (Vec::with_capacity(weights.len()), vec![[0.0; LANES]; width]);
        let mut group = Group { found, sums, shares: 0.0, sheets: Vec::new() };
        let mut least = vec![[f64::INFINITY; LANES]; if task.keep.is_some() { self.offsets.len() } else { 0 }];
        if let Some(keep) = task.keep {
            let weights = &self.tiles.columns.weights;
            least.as_flattened_mut().iter_mut().zip(weights).for_each(|(least, weight)| *least = keep * weight);
        }
        let mut room = Sheet::default();
        for (panel, weights) in weights.chunks(LANES).enumerate() {
            let (tops, logs) = self.terms(first + panel, &mut room)?;
            if task.keep.is_some() {
                if tops.iter().any(|top| *top != 0.0) {
                    return None;
                }
                room.terms.iter_mut().for_each(|terms| terms[weights.len()..].fill([0.0; LANES]));
                group.sheets.push(room.above(&least));
            }
            for row in 0..weights.len() {
                group.found.push(tops[row] + logs[row]);
            }
            let Some(factor) = task.factor else { continue };
            let mut share = [0.0; LANES];
            for (row, weight) in weights.iter().enumerate() {
                share[row] = weight * math::exp(tops[row] - factor * (tops[row] + logs[row]));
                let lost = share[row] <= 1.0 / SAFE && *weight > 1.0 / SAFE;
                if !(share[row] < SAFE) || lost {
                    return None;
                }
                group.shares += share[row];
            }
            let Sheet { active, terms, .. } = &room;
            simd::dispatch(AddShares { share: &share, active, terms, sums: &mut group.sums });
        }
        Some(group)
    }

    /// The blocks of columns whose tile with this panel is not below the cut.
    fn choose(&self, panel: usize, active: &mut Vec<u32>) {
        active.clear();
        let width = self.offsets.len();
        let blocks = 0..u32::try_from(width).unwrap_or(u32::MAX);
        if self.cut == f64::NEG_INFINITY {
            active.extend(blocks);
            return;
        }
        let shifts = &self.shifts[panel * LANES..];
        let top = shifts[..shifts.len().min(LANES)].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (rows, columns) = (self.tiles.rows, self.tiles.columns);
        let dimension = rows.dimension();
        let own = panel * dimension..(panel + 1) * dimension;
        let (low, high) = (&rows.low[own.clone()], &rows.high[own]);
        let least = |block: usize| match &self.tiles.costs {
            Costs::Kept { least, .. } => least[panel * width + block],
            Costs::Near => (0..dimension).fold(0.0, |sum, axis| {
                let place = block * dimension + axis;
                let gap = (columns.low[place] - high[axis]).max(low[axis] - columns.high[place]).max(0.0);
                gap * gap + sum
            }),
        };
        let counts = |block: &u32| {
            let block = *block as usize;
            // What is no number counts.
            !(top + self.tops[block] - self.scale * least(block) < self.cut)
        };
        active.extend(blocks.filter(counts));
    }

    /// Fills in b_j exp(E_ij - top) for the rows of a panel; gives the tops, which are 0 where sums stay in range, and the logarithms of
    /// the sums. Nothing if a sum is out of range since tiles were left out.
    fn terms(&self, panel: usize, room: &mut Sheet) -> Option<([f64; LANES], [f64; LANES])> {
        self.choose(panel, &mut room.active);
        let rows = LANES.min(self.shifts.len() - panel * LANES);
        room.terms.resize(room.active.len(), [[0.0; LANES]; LANES]);
        let mut shifts = [0.0; LANES];
        shifts[..rows].copy_from_slice(&self.shifts[panel * LANES..][..rows]);
        let mut sums = self.shaped_terms(panel, &shifts, 0..rows, room);
        let mut tops = [0.0; LANES];
        for row in 0..rows {
            if sums[row] > 1.0 / SAFE && sums[row] < SAFE {
                continue;
            }
            if self.cut > f64::NEG_INFINITY {
                return None;
            }
            tops[row] = self.shaped_top(panel, shifts[row], row, &room.active);
            shifts[row] -= tops[row];
            sums[row] = self.shaped_terms(panel, &shifts, row..row + 1, room)[row];
        }
        let mut logs = sums;
        logs[rows..].fill(1.0);
        math::ln_slice(&mut logs);
        Some((tops, logs))
    }

    fn cells(&self, panel: usize) -> Cells<'_> {
        let Side { points, blocks, .. } = self.tiles.rows;
        let dimension = blocks.dimension;
        let from = panel * LANES * dimension;
        let points = &points[from..points.len().min(from + LANES * dimension)];
        let (width, kept) = (self.offsets.len(), &self.tiles.costs);
        let kept = match kept {
            Costs::Near => &[],
            Costs::Kept { cells, .. } => &cells[panel * LANES * width..],
        };
        Cells { points, columns: &self.tiles.columns.blocks, kept, width, offsets: &self.offsets, scale: self.scale }
    }

    /// The dimension that kernels are compiled for; 0 for costs that are kept.
    fn shape(&self) -> usize {
        match self.tiles.costs {
            Costs::Near => self.tiles.rows.dimension(),
            Costs::Kept { .. } => 0,
        }
    }

    fn shaped_terms(
        &self,
        panel: usize,
        shifts: &[f64; LANES],
        rows: std::ops::Range<usize>,
        room: &mut Sheet,
    ) -> [f64; LANES] {
        let (cells, Sheet { active, terms, .. }) = (self.cells(panel), room);
        let mut lanes = [[0.0; LANES]; LANES];
        let sums = &mut lanes;
        match self.shape() {
            1 => simd::dispatch(Terms::<1> { cells, shifts, rows, active, terms, sums }),
            2 => simd::dispatch(Terms::<2> { cells, shifts, rows, active, terms, sums }),
            3 => simd::dispatch(Terms::<3> { cells, shifts, rows, active, terms, sums }),
            _ => simd::dispatch(Terms::<0> { cells, shifts, rows, active, terms, sums }),
        }
        lanes.map(fold_lanes)
    }

    fn shaped_top(&self, panel: usize, shift: f64, row: usize, active: &[u32]) -> f64 {
        let cells = self.cells(panel);
        let lanes = match self.shape() {
            1 => simd::dispatch(Top::<1> { cells, shift, row, active }),
            2 => simd::dispatch(Top::<2> { cells, shift, row, active }),
            3 => simd::dispatch(Top::<3> { cells, shift, row, active }),
            _ => simd::dispatch(Top::<0> { cells, shift, row, active }),
        };
        lanes.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    fn shaped_means(&self, panel: usize, active: &[u32], terms: &[[[f64; LANES]; LANES]]) -> [f64; LANES] {
        let cells = self.cells(panel);
        let mut lanes = [[0.0; LANES]; LANES];
        let rows = LANES.min(self.shifts.len() - panel * LANES);
        let sums = &mut lanes;
        match self.shape() {
            1 => simd::dispatch(Means::<1> { cells, rows, active, terms, sums }),
            2 => simd::dispatch(Means::<2> { cells, rows, active, terms, sums }),
            3 => simd::dispatch(Means::<3> { cells, rows, active, terms, sums }),
            _ => simd::dispatch(Means::<0> { cells, rows, active, terms, sums }),
        }
        lanes.map(fold_lanes)
    }
}
