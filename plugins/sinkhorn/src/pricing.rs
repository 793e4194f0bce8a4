//! The network simplex method where pairs are many: among candidates, with passes over all pairs that name new ones.
//!
//! Most pairs carry nothing in any plan worth looking at. So the tree is optimised among some pairs a row ([`Arcs`]), then a pass over
//! all pairs finds those that would lower the cost at these prices, for each row the best and for each column the best, and they
//! become candidates. When there is none, the plan is optimal (column generation; Ford and Fulkerson 1958). A pass keeps rows
//! apart, so that its result does not depend on threads. Costs stay in memory up to [`KEPT`] pairs and are computed again for each
//! pass beyond.

use octavo_plugin::Failure;
use octavo_plugin::simd::{self, Kernel};
use rayon::prelude::*;

use crate::cost::{Ground, Power, largest};
use crate::measure::Measure;
use crate::pairwise::{Pairwise, Points};
use crate::simplex::{Arc, Least, Tree};
use crate::tiles::KEPT;

/// Numbers of a chunk of rows: one in a second-level cache.
const CHUNK: usize = 1 << 16;
/// Most new candidates of a row in one pass.
const NEW: usize = 6;

/// Where rows of costs come from.
enum Rows<'a> {
    Kept(Vec<f64>),
    Given(&'a [f64]),
    Computed(Pairwise<'a>),
}

/// The costs of all pairs, by rows.
pub(crate) struct Pricing<'a> {
    rows: usize,
    columns: usize,
    source: Rows<'a>,
    /// The largest cost.
    pub(crate) most: f64,
    /// How far a cost may be off.
    pub(crate) error: f64,
}

impl<'a> Pricing<'a> {
    /// The costs between two measures.
    ///
    /// # Errors
    /// If one is out of range.
    pub(crate) fn new(source: &'a Measure, target: &'a Measure, ground: &'a Ground) -> Result<Self, Failure> {
        let (rows, columns) = (source.len(), target.len());
        let mut pricing = match ground {
            Ground::Matrix { entries, .. } => {
                Self { rows, columns, source: Rows::Given(entries), most: 0.0, error: 0.0 }
            }
            Ground::Power(power) => Self::of_points([source, target], *power),
        };
        let parts = pricing.scan(|_, costs| largest(costs));
        for part in parts {
            pricing.most = part?.max(pricing.most);
        }
        pricing.error *= pricing.most;
        Ok(pricing)
    }

    fn of_points([source, target]: [&'a Measure; 2], power: Power) -> Self {
        let (rows, columns) = (source.len(), target.len());
        let points =
            |measure: &'a Measure| Points { dimension: measure.dimension, coordinates: &measure.coordinates };
        let pairwise = Pairwise::new(points(source), points(target), power, columns);
        let error = pairwise.error(1.0);
        let source = if rows.saturating_mul(columns) <= KEPT {
            let mut costs = vec![0.0; rows * columns];
            pairwise.fill(0, &mut costs);
            Rows::Kept(costs)
        } else {
            Rows::Computed(pairwise)
        };
        Self { rows, columns, source, most: 0.0, error }
    }

    /// What a task makes of each chunk of rows, in order; it is given the number of the first row.
    pub(crate) fn scan<T: Send>(&self, task: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
        let height = (CHUNK / self.columns).max(1);
        let kept = match &self.source {
            Rows::Kept(costs) => costs,
            Rows::Given(costs) => *costs,
            Rows::Computed(pairwise) => {
                let chunks = (0..self.rows.div_ceil(height)).into_par_iter();
                let one = |room: &mut Vec<f64>, chunk: usize| {
                    let first = chunk * height;
                    room.resize(height.min(self.rows - first) * self.columns, 0.0);
                    pairwise.fill(first, room);
                    task(first, room)
                };
                return chunks.map_init(Vec::new, one).collect();
            }
        };
        let chunks = kept.par_chunks(height * self.columns).enumerate();
        chunks.map(|(chunk, costs)| task(chunk * height, costs)).collect()
    }

    /// The costs of some pairs, which are in order of their rows.
    fn pick(&self, pairs: &[(usize, usize)]) -> Vec<f64> {
        let parts = self.scan(|first, costs| {
            let rows = costs.len() / self.columns;
            let from = pairs.partition_point(|(row, _)| *row < first);
            let own = pairs[from..].iter().take_while(|(row, _)| *row < first + rows);
            own.map(|(row, column)| costs[(row - first) * self.columns + column]).collect::<Vec<_>>()
        });
        parts.concat()
    }

    /// The pairs that would lower the cost at these prices by more than `threshold`: of each row the best [`NEW`], and the best of each
    /// column.
    fn violators(&self, [u, v]: [&[f64]; 2], threshold: f64) -> Vec<(usize, Arc)> {
        let parts = self.scan(|first, costs| {
            let (mut found, mut below) = (Vec::new(), Vec::new());
            let mut best = Bests::new(self.columns, -threshold);
            for (place, cells) in costs.chunks_exact(self.columns).enumerate() {
                let row = first + place;
                if simd::dispatch(Least { cells, prices: v }) - u[row] >= -threshold {
                    continue;
                }
                #[expect(clippy::cast_precision_loss, reason = "a row's number is below 2^53")]
                simd::dispatch(Best { cells, prices: v, own: u[row], row: row as f64, best: &mut best });
                below.clear();
                below.extend(cells.iter().zip(v).enumerate().filter_map(|(column, (cost, price))| {
                    let reduced = cost - price - u[row];
                    (reduced < -threshold).then_some((reduced, column, *cost))
                }));
                if below.len() > NEW {
                    below.select_nth_unstable_by(NEW - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                    below.truncate(NEW);
                }
                found.extend(
                    below.iter().map(|(_, column, cost)| (row, Arc { column: *column, cost: *cost })),
                );
            }
            (found, best)
        });
        let (mut all, mut best) = (Vec::new(), Bests::new(self.columns, -threshold));
        for (found, part) in parts {
            all.extend(found);
            best.take(&part);
        }
        all.extend(best.pairs());
        all.sort_unstable_by_key(|(row, arc)| (*row, arc.column));
        all.dedup_by_key(|(row, arc)| (*row, arc.column));
        all
    }
}

/// For each column the least reduced cost, below a threshold, with its row and cost.
struct Bests {
    reduced: Vec<f64>,
    rows: Vec<f64>,
    costs: Vec<f64>,
    threshold: f64,
}

impl Bests {
    fn new(columns: usize, threshold: f64) -> Self {
        let zeros = vec![0.0; columns];
        Self { reduced: vec![threshold; columns], rows: zeros.clone(), costs: zeros, threshold }
    }

    fn take(&mut self, other: &Self) {
        for column in 0..self.reduced.len() {
            if other.reduced[column] < self.reduced[column] {
                self.reduced[column] = other.reduced[column];
                (self.rows[column], self.costs[column]) = (other.rows[column], other.costs[column]);
            }
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, Arc)> + '_ {
        let found = (0..self.reduced.len()).filter(|column| self.reduced[*column] < self.threshold);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row's number")]
        found.map(|column| (self.rows[column] as usize, Arc { column, cost: self.costs[column] }))
    }
}

/// Takes a row into the best of each column.
struct Best<'a> {
    cells: &'a [f64],
    prices: &'a [f64],
    own: f64,
    row: f64,
    best: &'a mut Bests,
}

impl Kernel for Best<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Bests { reduced, rows, costs, .. } = self.best;
        let best = reduced.iter_mut().zip(rows.iter_mut().zip(costs));
        for ((cost, price), (least, (row, kept))) in self.cells.iter().zip(self.prices).zip(best) {
            let reduced = cost - price - self.own;
            let better = reduced < *least;
            *row = if better { self.row } else { *row };
            *kept = if better { *cost } else { *kept };
            *least = if better { reduced } else { *least };
        }
    }
}

/// Optimises a tree over all pairs; adds to `priced` how often the cost of a pair was compared with prices.
///
/// # Errors
/// That of `go_on`.
pub(crate) fn optimise(
    tree: &mut Tree,
    pricing: &Pricing<'_>,
    go_on: impl Fn() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let edges = tree.edges();
    tree.reprice(&pricing.pick(&edges));
    // Reduced costs above this are rounding.
    let threshold = 2e-15 * pricing.most;
    let mut arcs: Vec<Vec<Arc>> = vec![Vec::new(); pricing.rows];
    loop {
        go_on()?;
        let found = pricing.violators(tree.prices(), threshold);
        tree.count(pricing.rows, pricing.columns);
        if found.is_empty() {
            return Ok(());
        }
        for (row, arc) in found {
            arcs[row].push(arc);
        }
        tree.optimise_among(&arcs, -threshold, &go_on)?;
    }
}
