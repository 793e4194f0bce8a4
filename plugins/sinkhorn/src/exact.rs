//! Exact optimal transport: by sorting on a line, by the network simplex method in general.
//!
//! On a line the cheapest plan for any convex cost joins equal quantiles. In general the transport problem is a linear
//! programme, see [`simplex`](crate::simplex); where pairs are many, most of them are looked at a few times only, see
//! [`pricing`](crate::pricing). The flows of its last tree are computed from the weights as they are, and a
//! feasible dual gives a lower bound: the difference is stated as the uncertainty.

use octavo_plugin::simd::{self, Kernel};
use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::cost::{Ground, largest};
use crate::double::Double;
use crate::measure::Measure;
use crate::pricing::{self, Pricing};
use crate::simplex::{Least, Tree};

/// Pairs of atoms times coordinates up to which the simplex method looks at all pairs, with costs in double-double.
const FEW: usize = 1 << 22;
/// Most pairs of atoms for which the simplex method is tried.
const MOST_PAIRS: usize = 1 << 27;

/// An optimal plan with its value.
#[derive(Clone, Debug)]
pub(crate) struct Exact {
    /// The least cost.
    pub(crate) value: f64,
    /// Value of the plan minus a lower bound from the dual, at least a few roundings.
    pub(crate) uncertainty: f64,
    /// (row, column, mass above 0), fewer than rows + columns of them, ordered.
    pub(crate) plan: Vec<(usize, usize, f64)>,
    /// How often the cost of a pair was compared with prices on the way; none where sorting was enough.
    pub(crate) priced: Option<u64>,
}

/// The cheapest plans between two measures, one for each cost. Each search begins at the plan of the one before.
///
/// # Errors
/// [`Failure::resource`] if there are too many pairs, [`Failure::numeric`] if a cost is out of range or the certificate shows
/// an error above 1e-9 of the largest cost.
pub(crate) fn solve(
    source: &Measure,
    target: &Measure,
    grounds: &[Ground],
    context: &RunContext<'_>,
    progress: (u64, u64),
) -> Result<Vec<Exact>, Failure> {
    let on_line = |ground: &&Ground| source.dimension == 1 && matches!(ground, Ground::Power(_));
    let pairs = source.len().saturating_mul(target.len());
    if pairs > MOST_PAIRS && !grounds.iter().all(|ground| on_line(&ground)) {
        let message =
            format!("{} by {} points make more than {MOST_PAIRS} pairs", source.len(), target.len());
        return Err(Failure::resource(message).help("take fewer points"));
    }
    let mut tree = None;
    let mut found = Vec::with_capacity(grounds.len());
    for (done, ground) in (progress.0..).zip(grounds) {
        context.step(done, progress.1)?;
        found.push(if on_line(&ground) {
            on_a_line(source, target, ground)?
        } else {
            general(Pair { source, target, ground }, &mut tree, || context.step(done, progress.1))?
        });
    }
    Ok(found)
}

fn general(
    pair: Pair<'_>,
    tree: &mut Option<Tree>,
    go_on: impl Fn() -> Result<(), Failure>,
) -> Result<Exact, Failure> {
    if pair.source.len() * pair.target.len() * pair.source.dimension > FEW {
        return among_many(pair, tree, go_on);
    }
    let costs = pair.floats();
    let most = largest(&costs)?;
    let tree = tree.get_or_insert_with(|| Tree::along_a_curve(pair.source, pair.target));
    let before = tree.priced();
    tree.optimise(&costs, most, go_on)?;
    let bound = |potentials: &[Double]| pair.lower_bound(potentials, &costs, most);
    let exact = Exact { priced: Some(tree.priced() - before), ..pair.certified(tree, bound) };
    checked(exact, most)
}

/// As [`general`], among candidates.
fn among_many(
    pair: Pair<'_>,
    tree: &mut Option<Tree>,
    go_on: impl Fn() -> Result<(), Failure>,
) -> Result<Exact, Failure> {
    let pricing = Pricing::new(pair.source, pair.target, pair.ground)?;
    let tree = tree.get_or_insert_with(|| Tree::along_a_curve(pair.source, pair.target));
    let before = tree.priced();
    pricing::optimise(tree, &pricing, go_on)?;
    let exact = pair.certified(tree, |potentials| pair.bound_by(&pricing, potentials));
    checked(Exact { priced: Some(tree.priced() - before), ..exact }, pricing.most)
}

fn checked(exact: Exact, most: f64) -> Result<Exact, Failure> {
    if exact.uncertainty > 1e-9 * most {
        let message = format!("the exact plan is certain only up to {:e} of cost", exact.uncertainty);
        return Err(Failure::numeric(message).help("scale the coordinates, or remove far outliers"));
    }
    Ok(exact)
}

/// The monotone plan. Atoms are sorted already.
fn on_a_line(source: &Measure, target: &Measure, ground: &Ground) -> Result<Exact, Failure> {
    let (mut i, mut j) = (0, 0);
    let (mut above, mut below) = (Double::from(source.weights[0]), Double::from(target.weights[0]));
    let mut reached = Double::default();
    let mut plan = Vec::with_capacity(source.len() + target.len());
    loop {
        // `above` and `below` are the cumulative weights up to and with atoms i and j.
        let source_first = (above - below).value() <= 0.0;
        let next = if source_first { above } else { below };
        let mass = (next - reached).value();
        if mass > 0.0 {
            plan.push((i, j, mass));
        }
        reached = next;
        if source_first && i + 1 < source.len() {
            i += 1;
            above = above + Double::from(source.weights[i]);
        } else if j + 1 < target.len() {
            j += 1;
            below = below + Double::from(target.weights[j]);
        } else if i + 1 < source.len() {
            i += 1;
            above = above + Double::from(source.weights[i]);
        } else {
            break;
        }
    }
    let costs: Vec<Double> = plan.iter().map(|(i, j, _)| ground.between(source, *i, target, *j)).collect();
    largest(&costs.iter().map(|cost| cost.hi).collect::<Vec<_>>())?;
    let value = costs.iter().zip(&plan).map(|(cost, (.., mass))| cost.times(*mass)).sum::<Double>().value();
    Ok(Exact { value, uncertainty: 8.0 * f64::EPSILON * value, plan, priced: None })
}

/// Two measures with the cost between them.
#[derive(Clone, Copy)]
struct Pair<'a> {
    source: &'a Measure,
    target: &'a Measure,
    ground: &'a Ground,
}

impl Pair<'_> {
    fn at(&self, i: usize, j: usize) -> Double {
        self.ground.between(self.source, i, self.target, j)
    }

    /// All costs, rounded.
    fn floats(&self) -> Vec<f64> {
        let columns = self.target.len();
        (0..self.source.len())
            .into_par_iter()
            .flat_map_iter(|i| (0..columns).map(move |j| self.at(i, j).value()))
            .collect()
    }

    /// The plan of a tree with the weights as they are, and the certificate.
    fn certified(&self, tree: &Tree, bound: impl Fn(&[Double]) -> f64) -> Exact {
        let n = self.source.len();
        let weights = self.source.weights.iter().chain(&self.target.weights);
        let mut left: Vec<Double> = weights.map(|weight| Double::from(*weight)).collect();
        let order = tree.order();
        let mut plan = Vec::with_capacity(left.len());
        for vertex in order[1..].iter().rev() {
            let parent = tree.parent(*vertex);
            left[parent] = left[parent] - left[*vertex];
            let mass = left[*vertex].value();
            if mass > 0.0 {
                plan.push((*vertex.min(&parent), *vertex.max(&parent) - n, mass));
            }
        }
        plan.sort_by_key(|(row, column, _)| (*row, *column));
        let value = plan.iter().map(|(i, j, mass)| self.at(*i, *j).times(*mass)).sum::<Double>().value();
        let bound = bound(&self.potentials(tree, &order));
        let uncertainty = (value - bound).max(8.0 * f64::EPSILON * value.abs());
        Exact { value, uncertainty, plan, priced: None }
    }

    /// u for sources, then v for sinks: u + v = c along the tree.
    fn potentials(&self, tree: &Tree, order: &[usize]) -> Vec<Double> {
        let n = self.source.len();
        let mut potentials = vec![Double::default(); order.len()];
        for vertex in &order[1..] {
            let parent = tree.parent(*vertex);
            let edge = self.at(*vertex.min(&parent), *vertex.max(&parent) - n);
            potentials[*vertex] = edge - potentials[parent];
        }
        potentials
    }

    /// The dual value of the row potentials with the best column potentials for them. Floats say which rows may be the best
    /// of a column; those are compared in double-double.
    fn lower_bound(&self, potentials: &[Double], costs: &[f64], most: f64) -> f64 {
        let (n, m) = (self.source.len(), self.target.len());
        let rounded: Vec<f64> = potentials[..n].iter().map(|u| u.value()).collect();
        let mut least = vec![f64::INFINITY; m];
        for (row, u) in costs.chunks_exact(m).zip(&rounded) {
            least.iter_mut().zip(row).for_each(|(least, cost)| *least = least.min(cost - u));
        }
        let room = 2e-15 * rounded.iter().fold(most, |most, u| most.max(u.abs()));
        let mut best: Vec<Option<Double>> = vec![None; m];
        for (i, (row, u)) in costs.chunks_exact(m).zip(&rounded).enumerate() {
            for j in 0..m {
                if row[j] - u <= least[j] + room {
                    let slack = self.at(i, j) - potentials[i];
                    best[j] = Some(match best[j] {
                        Some(known) if (slack - known).value() >= 0.0 => known,
                        _ => slack,
                    });
                }
            }
        }
        self.dual(potentials, &best)
    }

    fn dual(&self, potentials: &[Double], best: &[Option<Double>]) -> f64 {
        let rows = potentials.iter().zip(&self.source.weights).map(|(u, weight)| u.times(*weight));
        let columns = best.iter().zip(&self.target.weights);
        let columns = columns.map(|(v, weight)| v.unwrap_or_default().times(*weight));
        (rows.sum::<Double>() + columns.sum::<Double>()).value()
    }

    /// As [`lower_bound`](Self::lower_bound), in passes over rows of costs that may be off.
    fn bound_by(&self, pricing: &Pricing<'_>, potentials: &[Double]) -> f64 {
        let (n, m) = (self.source.len(), self.target.len());
        let rounded: Vec<f64> = potentials[..n].iter().map(|u| u.value()).collect();
        let parts = pricing.scan(|first, costs| {
            let mut least = vec![f64::INFINITY; m];
            for (row, u) in costs.chunks_exact(m).zip(&rounded[first..]) {
                simd::dispatch(Lower { row, price: *u, least: &mut least });
            }
            least
        });
        let mut least = vec![f64::INFINITY; m];
        for part in parts {
            least.iter_mut().zip(part).for_each(|(least, other)| *least = least.min(other));
        }
        let largest = rounded.iter().fold(pricing.most, |most, u| most.max(u.abs()));
        let room = 2.0 * pricing.error + 2e-15 * largest;
        least.iter_mut().for_each(|least| *least += room);
        let near = pricing.scan(|first, costs| {
            let mut found = Vec::new();
            for (place, (row, u)) in costs.chunks_exact(m).zip(&rounded[first..]).enumerate() {
                if simd::dispatch(Least { cells: row, prices: &least }) <= *u {
                    let below = (0..m).filter(|j| row[*j] - u <= least[*j]);
                    found.extend(below.map(|j| (first + place, j)));
                }
            }
            found
        });
        let mut best: Vec<Option<Double>> = vec![None; m];
        for (i, j) in near.into_iter().flatten() {
            let slack = self.at(i, j) - potentials[i];
            best[j] = Some(match best[j] {
                Some(known) if (slack - known).value() >= 0.0 => known,
                _ => slack,
            });
        }
        self.dual(potentials, &best)
    }
}

/// Takes a row less its price into the least of each column.
struct Lower<'a> {
    row: &'a [f64],
    price: f64,
    least: &'a mut [f64],
}

impl Kernel for Lower<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (least, cost) in self.least.iter_mut().zip(self.row) {
            let reduced = cost - self.price;
            *least = if reduced < *least { reduced } else { *least };
        }
    }
}
