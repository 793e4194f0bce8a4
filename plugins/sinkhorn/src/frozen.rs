//! Half-steps with terms that are kept: one exponential a pair for many iterations.
//!
//! At potentials (F, G) the terms are K_ij = b_j exp((F_i + G_j - c_ij) / epsilon). Potentials nearby are F + epsilon ln p and
//! G + epsilon ln q, and a row's sum is p_i times the sum of K_ij q_j: half-steps are products with K. Terms that are less than
//! exp(cut) of their column's weight even if both potentials move by [`DRIFT`] epsilon are not kept; beyond that, terms are computed anew.

use octavo_plugin::math;
use octavo_plugin::simd::{self, LANES};
use octavo_plugin::sum::fold_lanes;
use rayon::prelude::*;

use crate::panel::{AddScattered, AddShares, RowSums, ScatteredSums};
use crate::passes::Pass;
use crate::tiles::{At, Tiles};
use crate::view::{SCATTERED, Sheet};

/// How far each potential may move, in units of epsilon.
const DRIFT: f64 = 3.0;
/// Steps below this, in units of epsilon, are the beginning of the end of the way.
const CALM: f64 = 1.0;
/// Groups of panels with sums of their own.
const GROUPS: usize = 32;
/// Tiles that make a group worth a thread.
const TASK: usize = 1 << 9;

/// Half-steps at one epsilon.
pub(crate) struct Steps<'a> {
    tiles: &'a Tiles<'a>,
    epsilon: f64,
    cut: f64,
    kept: Option<Kept>,
    calm: bool,
}

/// Terms, with the potentials that they belong to.
struct Kept {
    f: Vec<f64>,
    g: Vec<f64>,
    sheets: Vec<Sheet>,
    panels: usize,
}

impl<'a> Steps<'a> {
    /// Nothing is kept yet.
    pub(crate) fn new(tiles: &'a Tiles<'a>, epsilon: f64, cut: f64) -> Self {
        Self { tiles, epsilon, cut, kept: None, calm: false }
    }

    /// The half-step of the rows, which moves f, and the columns' excess after it. Nothing if masses leave the range of floats.
    pub(crate) fn both(&mut self, f: &mut [f64], g: &[f64]) -> Option<Vec<f64>> {
        if let Some(kept) = &self.kept {
            if let Some((moved, columns)) = kept.both(self.tiles, g, self.epsilon) {
                f.copy_from_slice(&moved);
                return Some(columns);
            }
            (self.kept, self.calm) = (None, true);
        }
        let Pass { rows, columns } = self.pass(f, g, true)?;
        f.iter_mut().zip(&rows).for_each(|(f, excess)| *f -= self.epsilon * excess);
        self.calm = rows.iter().chain(&columns).all(|step| step.abs() < CALM);
        Some(columns)
    }

    /// The excess of the rows where both potentials are one.
    pub(crate) fn rows(&mut self, f: &[f64]) -> Option<Vec<f64>> {
        if let Some(kept) = &self.kept {
            if let Some(rows) = kept.rows(f, self.epsilon) {
                return Some(rows);
            }
            (self.kept, self.calm) = (None, true);
        }
        let rows = self.pass(f, f, false)?.rows;
        self.calm = rows.iter().all(|step| step.abs() < CALM);
        Some(rows)
    }

    /// A pass over the costs, which keeps terms if the last step was a small one.
    fn pass(&mut self, f: &[f64], g: &[f64], both: bool) -> Option<Pass> {
        let at = At { f, g, epsilon: self.epsilon };
        if self.calm
            && let Some((pass, sheets)) =
                self.tiles.kept_pass(at, both, self.cut - 2.0 * DRIFT, math::exp(self.cut - 2.0 * DRIFT))
        {
            let panels = sheets.len().div_ceil(GROUPS);
            let size = |sheet: &Sheet| sheet.active.len() + sheet.scattered.terms.len() / SCATTERED;
            let tiles: usize = sheets.iter().map(size).sum();
            let panels = panels.max(TASK * sheets.len() / tiles.max(1));
            self.kept = Some(Kept { f: f.to_vec(), g: g.to_vec(), sheets, panels });
            return Some(pass);
        }
        match both {
            true => self.tiles.pass(at, 1.0, self.cut),
            false => self.tiles.rows_pass(at, self.cut).map(|rows| Pass { rows, columns: Vec::new() }),
        }
    }
}

impl Kept {
    /// f after the half-step of the rows, and the columns' excess after it; nothing if a potential has moved too far.
    fn both(&self, tiles: &Tiles<'_>, g: &[f64], epsilon: f64) -> Option<(Vec<f64>, Vec<f64>)> {
        let scalings = scalings(g, &self.g, epsilon)?;
        let weights = &tiles.rows.weights;
        let one = |(sheets, weights): (&[Sheet], &[f64])| {
            let (mut found, mut masses) =
                (Vec::with_capacity(weights.len()), vec![[0.0; LANES]; scalings.len()]);
            for (sheet, weights) in sheets.iter().zip(weights.chunks(LANES)) {
                let sums = sheet.sums(&scalings);
                found.extend_from_slice(&sums[..weights.len()]);
                let mut share = [0.0; LANES];
                for (row, weight) in weights.iter().enumerate() {
                    share[row] = weight / sums[row];
                }
                let Sheet { active, terms, scattered } = sheet;
                simd::dispatch(AddShares { share: &share, active, terms, sums: &mut masses });
                let sums = masses.as_flattened_mut();
                simd::dispatch(AddScattered { scattered, share: &share, sums });
            }
            (found, masses)
        };
        let parts: Vec<_> = self
            .sheets
            .par_chunks(self.panels)
            .zip(weights.par_chunks(self.panels * LANES))
            .map(one)
            .collect();
        let (mut rows, mut masses) = (Vec::with_capacity(weights.len()), vec![0.0; scalings.len() * LANES]);
        for (found, part) in parts {
            rows.extend(found);
            masses.iter_mut().zip(part.as_flattened()).for_each(|(mass, part)| *mass += part);
        }
        math::ln_slice(&mut rows);
        if !near(&rows) {
            return None;
        }
        let moved = rows.iter().zip(&self.f).map(|(log, f)| f - epsilon * log).collect();
        masses.iter_mut().zip(scalings.as_flattened()).for_each(|(mass, scaling)| *mass *= scaling);
        masses.truncate(tiles.columns.weights.len());
        math::ln_slice(&mut masses);
        let logs = masses.iter().zip(&tiles.columns.blocks.log_weights);
        Some((moved, logs.map(|(log, weight)| log - weight).collect()))
    }

    /// The excess of the rows; nothing if the potential has moved too far.
    fn rows(&self, f: &[f64], epsilon: f64) -> Option<Vec<f64>> {
        let scalings = scalings(f, &self.f, epsilon)?;
        let one = |sheets: &[Sheet]| -> Vec<f64> {
            sheets.iter().flat_map(|sheet| sheet.sums(&scalings)).collect()
        };
        let mut rows = self.sheets.par_chunks(self.panels).map(one).collect::<Vec<_>>().concat();
        rows.truncate(f.len());
        math::ln_slice(&mut rows);
        let found = rows.iter().zip(f.iter().zip(&self.f)).map(|(log, (f, base))| log + (f - base) / epsilon);
        Some(found.collect())
    }
}

/// Whether logarithms of scalings are within the drift.
fn near(logs: &[f64]) -> bool {
    logs.iter().all(|log| log.abs() <= DRIFT)
}

/// exp of how far a potential has moved, in blocks.
fn scalings(now: &[f64], base: &[f64], epsilon: f64) -> Option<Vec<[f64; LANES]>> {
    let mut moved: Vec<f64> = now.iter().zip(base).map(|(now, base)| (now - base) / epsilon).collect();
    if !near(&moved) {
        return None;
    }
    math::exp_slice(&mut moved);
    let mut blocks = vec![[0.0; LANES]; moved.len().div_ceil(LANES)];
    blocks.as_flattened_mut()[..moved.len()].copy_from_slice(&moved);
    Some(blocks)
}

impl Sheet {
    /// The sums of the rows.
    fn sums(&self, scalings: &[[f64; LANES]]) -> [f64; LANES] {
        let mut lanes = [[0.0; LANES]; LANES];
        let Self { active, terms, scattered } = self;
        simd::dispatch_registers(RowSums { active, terms, scalings, sums: &mut lanes });
        let mut sums = lanes.map(fold_lanes);
        simd::dispatch(ScatteredSums { scattered, scalings: scalings.as_flattened(), sums: &mut sums });
        sums
    }
}
