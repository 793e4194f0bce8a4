//! Sinkhorn's half-steps between two clouds over tiles, without those that carry nothing.
//!
//! E_ij of a tile is at most (largest f + largest g - least cost) / epsilon; where that is below a cut, the tile is left out. Since weights
//! sum up to 1, what a row loses is at most exp(cut), and a pass whose sums are all above exp(-[`TRUST`]) is good to
//! exp(cut + [`TRUST`]); any other pass is taken again with all tiles. Sums have a fixed order, whatever the thread count and the lane width.

use octavo_plugin::math;
use octavo_plugin::simd::{self, LANES};
use octavo_plugin::sum::fold_lanes;
use rayon::prelude::*;

use crate::floats::Entropic;
use crate::line;
use crate::panel::Moments;
use crate::stream::SAFE;
use crate::tiles::{At, Costs, KEPT, Side, Tiles};
use crate::view::{Group, Sheet, Task, View};

/// A sum below exp(-TRUST) may have lost a part to a cut that counts.
pub(crate) const TRUST: f64 = 2.0;
/// The cut at which nothing is lost that a float could tell.
pub(crate) const LOSSLESS: f64 = -46.0;
/// What one pass finds.
pub(crate) struct Pass {
    /// For each row the logarithm of (its mass under the plan / its weight).
    pub(crate) rows: Vec<f64>,
    /// The same of the columns, after the rows' potential has moved.
    pub(crate) columns: Vec<f64>,
}

impl Tiles<'_> {
    /// Both half-steps: the rows' excess s at these potentials, and the columns' after f has moved by -`factor` epsilon s. Nothing if
    /// masses leave the range of floats. What tiles below `cut` carry is left out where that does no harm.
    pub(crate) fn pass(&self, at: At<'_>, factor: f64, cut: f64) -> Option<Pass> {
        if let Some(pass) = self.on_a_line(at, Some(factor), cut) {
            return Some(pass);
        }
        let task = Task { factor: Some(factor), keep: None };
        let found = self.try_pass(at, task, cut).map(|(pass, _)| pass).filter(trusted);
        found.or_else(|| self.try_pass(at, task, f64::NEG_INFINITY).map(|(pass, _)| pass))
    }

    /// The rows' excess alone.
    pub(crate) fn rows_pass(&self, at: At<'_>, cut: f64) -> Option<Vec<f64>> {
        if let Some(pass) = self.on_a_line(at, None, cut) {
            return Some(pass.rows);
        }
        let task = Task { factor: None, keep: None };
        let found = self.try_pass(at, task, cut).map(|(pass, _)| pass).filter(trusted);
        found
            .or_else(|| self.try_pass(at, task, f64::NEG_INFINITY).map(|(pass, _)| pass))
            .map(|pass| pass.rows)
    }

    /// As [`pass`](Self::pass) with factor 1, or of the rows alone, keeping all terms that are more than `keep` times their
    /// columns' weights; nothing where a sum does not allow that, or room is short.
    pub(crate) fn kept_pass(
        &self,
        at: At<'_>,
        both: bool,
        cut: f64,
        keep: f64,
    ) -> Option<(Pass, Vec<Sheet>)> {
        if self.crowded(at.epsilon) {
            return None;
        }
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

    /// Whether points of a line are so close together that cells take the place of tiles.
    fn crowded(&self, epsilon: f64) -> bool {
        let near = matches!(self.costs, Costs::Near) && self.rows.dimension() == 1;
        near && line::pays([&self.rows.points, &self.columns.points], epsilon)
    }

    /// A pass over cells, where there are any.
    fn on_a_line(&self, at: At<'_>, factor: Option<f64>, cut: f64) -> Option<Pass> {
        if !self.crowded(at.epsilon) {
            return None;
        }
        let found = self.over_cells(at, factor, cut).filter(trusted);
        found.or_else(|| self.over_cells(at, factor, f64::NEG_INFINITY))
    }

    fn over_cells(&self, at: At<'_>, factor: Option<f64>, cut: f64) -> Option<Pass> {
        let At { epsilon, .. } = at;
        let (mut f, g) = (scaled(at.f, epsilon), scaled(at.g, epsilon));
        let rows = line::sums(row(self.rows, &f), row(self.columns, &g), epsilon, cut, false)?.logs;
        let Some(factor) = factor else { return Some(Pass { rows, columns: Vec::new() }) };
        f.iter_mut().zip(&rows).for_each(|(level, excess)| *level -= factor * excess);
        let columns = line::sums(row(self.columns, &g), row(self.rows, &f), epsilon, cut, false)?.logs;
        Some(Pass { rows, columns })
    }

    /// As [`means`](Self::means), over cells.
    fn means_over_cells(&self, found: &Entropic, epsilon: f64) -> Option<(Vec<f64>, Vec<f64>)> {
        let (f, g) = (scaled(&found.f, epsilon), scaled(&found.g, epsilon));
        let found = line::sums(row(self.rows, &f), row(self.columns, &g), epsilon, LOSSLESS, true)?;
        let masses = found.logs.iter().map(|log| math::exp(*log));
        Some((masses.zip(&found.costs).map(|(mass, cost)| mass * cost).collect(), found.images))
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
        if self.crowded(epsilon)
            && let Some(found) = self.means_over_cells(found, epsilon)
        {
            return Some(found);
        }
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

/// A side on a line, with levels of a potential.
fn row<'a>(side: &'a Side, levels: &'a [f64]) -> line::Row<'a> {
    line::Row { points: &side.points, levels, log_weights: &side.blocks.log_weights }
}

/// A potential in units of epsilon.
fn scaled(potential: &[f64], epsilon: f64) -> Vec<f64> {
    potential.iter().map(|level| level / epsilon).collect()
}

/// Whether what was left out does no harm.
fn trusted(pass: &Pass) -> bool {
    pass.rows.iter().chain(&pass.columns).all(|excess| *excess >= -TRUST)
}
