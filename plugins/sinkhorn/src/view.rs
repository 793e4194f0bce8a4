//! The pairs at given potentials, panel by panel.

use octavo_plugin::math;
use octavo_plugin::simd::{self, LANES};
use octavo_plugin::sum::fold_lanes;

use crate::panel::{AddShares, Cells, Count, Means, Scattered, Terms, Top};
use crate::stream::SAFE;
use crate::tiles::{At, Costs, Side, Tiles};

/// Terms of a tile below which they are kept one by one.
pub(crate) const SCATTERED: usize = 40;
/// Groups of panels with sums of their own.
const GROUPS: usize = 32;
/// Pairs that make a group worth a thread.
const TASK: usize = 1 << 15;

/// What a pass does besides the rows' sums.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    /// The factor of the rows' step, if the columns' sums after it are wanted.
    pub(crate) factor: Option<f64>,
    /// The share below which a tile's terms are not kept, if terms are.
    pub(crate) keep: Option<f64>,
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
pub(crate) struct Group {
    pub(crate) found: Vec<f64>,
    pub(crate) sums: Vec<[f64; LANES]>,
    pub(crate) shares: f64,
    pub(crate) sheets: Vec<Sheet>,
}

/// The pairs at given potentials.
pub(crate) struct View<'a> {
    tiles: &'a Tiles<'a>,
    pub(crate) offsets: Vec<[f64; LANES]>,
    /// f / epsilon by row.
    pub(crate) shifts: Vec<f64>,
    /// The largest g / epsilon of each block.
    tops: Vec<f64>,
    scale: f64,
    cut: f64,
}

impl<'a> View<'a> {
    /// What all panels share.
    pub(crate) fn new(tiles: &'a Tiles<'a>, at: At<'_>, cut: f64) -> Self {
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
    pub(crate) fn panels_of_a_group(&self) -> usize {
        let panels = self.shifts.len().div_ceil(LANES);
        panels.div_ceil(GROUPS).max(1 + TASK / (LANES * LANES * self.offsets.len()))
    }

    /// The panels from one on, with the weights of their rows. Nothing if a sum or a share leaves the range of floats.
    pub(crate) fn group(&self, first: usize, weights: &[f64], task: Task) -> Option<Group> {
        let width = if task.factor.is_some() { self.offsets.len() } else { 0 };
        let (found, sums) = (Vec::with_capacity(weights.len()), vec![[0.0; LANES]; width]);
        let mut group = Group { found, sums, shares: 0.0, sheets: Vec::new() };
        let mut least =
            vec![[f64::INFINITY; LANES]; if task.keep.is_some() { self.offsets.len() } else { 0 }];
        if let Some(keep) = task.keep {
            let weights = &self.tiles.columns.weights;
            least
                .as_flattened_mut()
                .iter_mut()
                .zip(weights)
                .for_each(|(least, weight)| *least = keep * weight);
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
                if lost || share[row] >= SAFE || share[row].is_nan() {
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
    pub(crate) fn choose(&self, panel: usize, active: &mut Vec<u32>) {
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
            let bound = top + self.tops[block] - self.scale * least(block);
            bound >= self.cut || bound.is_nan()
        };
        active.extend(blocks.filter(counts));
    }

    /// Fills in b_j exp(E_ij - top) for the rows of a panel; gives the tops, which are 0 where sums stay in range, and the logarithms of
    /// the sums. Nothing if a sum is out of range since tiles were left out.
    pub(crate) fn terms(&self, panel: usize, room: &mut Sheet) -> Option<([f64; LANES], [f64; LANES])> {
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
        Cells {
            points,
            columns: &self.tiles.columns.blocks,
            kept,
            width,
            offsets: &self.offsets,
            scale: self.scale,
        }
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

    /// For each row of a panel the sum of its terms times their costs.
    pub(crate) fn shaped_means(
        &self,
        panel: usize,
        active: &[u32],
        terms: &[[[f64; LANES]; LANES]],
    ) -> [f64; LANES] {
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
