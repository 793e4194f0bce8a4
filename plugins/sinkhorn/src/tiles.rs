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
use crate::line;
use crate::pairwise::{Pairwise, Points};
use crate::panel::Moments;
use crate::stream::{Blocks, SAFE};
use crate::view::{Group, Sheet, Task, View};

/// A sum below exp(-TRUST) may have lost a part to a cut that counts.
pub(crate) const TRUST: f64 = 2.0;
/// The cut at which nothing is lost that a float could tell.
pub(crate) const LOSSLESS: f64 = -46.0;
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

    /// On a line, with levels of a potential.
    fn row<'a>(&'a self, levels: &'a [f64]) -> line::Row<'a> {
        line::Row { points: &self.points, levels, log_weights: &self.blocks.log_weights }
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
        let rows = line::sums(self.rows.row(&f), self.columns.row(&g), epsilon, cut, false)?.logs;
        let Some(factor) = factor else { return Some(Pass { rows, columns: Vec::new() }) };
        f.iter_mut().zip(&rows).for_each(|(level, excess)| *level -= factor * excess);
        let columns = line::sums(self.columns.row(&g), self.rows.row(&f), epsilon, cut, false)?.logs;
        Some(Pass { rows, columns })
    }

    /// As [`means`](Self::means), over cells.
    fn means_over_cells(&self, found: &Entropic, epsilon: f64) -> Option<(Vec<f64>, Vec<f64>)> {
        let (f, g) = (scaled(&found.f, epsilon), scaled(&found.g, epsilon));
        let found = line::sums(self.rows.row(&f), self.columns.row(&g), epsilon, LOSSLESS, true)?;
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

/// A potential in units of epsilon.
fn scaled(potential: &[f64], epsilon: f64) -> Vec<f64> {
    potential.iter().map(|level| level / epsilon).collect()
}

/// Whether what was left out does no harm.
fn trusted(pass: &Pass) -> bool {
    pass.rows.iter().chain(&pass.columns).all(|excess| *excess >= -TRUST)
}
