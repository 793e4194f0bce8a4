//! Exact optimal transport: by sorting on a line, by the network simplex method in general.
//!
//! On a line the cheapest plan for any convex cost joins equal quantiles. In general the transport problem is a linear
//! program whose bases are spanning trees of the bipartite graph (Dantzig 1951). Weights are rounded to multiples of
//! 2^-60 for the choice of the tree alone, and perturbed by Orden's rule (1956): each source gets one further unit of a
//! finer scale, the last sink takes them all. In this integer arithmetic every basic flow is positive, each exchange
//! lowers the cost, and the method ends. The flows of the final tree are then computed from the weights as they are, and
//! a feasible dual gives a lower bound: the difference is stated as the uncertainty.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Failure, RunContext};

use crate::cost::{CostMatrix, between};
use crate::double::{Double, total};
use crate::measure::Measure;
use crate::params::Cost;

/// An optimal plan with its value.
#[derive(Clone, Debug)]
pub(crate) struct Exact {
    /// The least cost.
    pub(crate) value: f64,
    /// Value of the plan minus a lower bound from the dual, at least a few roundings.
    pub(crate) uncertainty: f64,
    /// (row, column, mass above 0), fewer than rows + columns of them, ordered.
    pub(crate) plan: Vec<(usize, usize, f64)>,
}

/// The cheapest plan between two measures.
///
/// # Errors
/// [`Failure::resource`] if there are too many pairs, [`Failure::numeric`] if the certificate shows an error above 1e-9 of
/// the largest cost.
pub(crate) fn solve(
    source: &Measure,
    target: &Measure,
    cost: Cost,
    context: &RunContext<'_>,
    progress: (u64, u64),
) -> Result<Exact, Failure> {
    if source.dimension == 1 {
        context.step(progress.0, progress.1)?;
        return Ok(on_a_line(source, target, cost));
    }
    let costs = CostMatrix::new(source, target, cost)?;
    let mut tree = Tree::north_west(&costs, source, target);
    let mut pivots = 0_u64;
    while let Some((row, column)) = tree.entering(&costs) {
        if pivots.is_multiple_of(64) {
            context.step(progress.0, progress.1)?;
        }
        tree.exchange(row, column, &costs);
        pivots += 1;
    }
    let exact = tree.result(&costs, source, target);
    if exact.uncertainty > 1e-9 * costs.largest {
        let message = format!("the exact plan is certain only up to {:e} of cost", exact.uncertainty);
        return Err(Failure::numeric(message).help("scale the coordinates, or remove far outliers"));
    }
    Ok(exact)
}

/// The monotone plan. Atoms are sorted already.
fn on_a_line(source: &Measure, target: &Measure, cost: Cost) -> Exact {
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
    let terms =
        plan.iter().map(|(i, j, mass)| between(source.point(*i), target.point(*j), cost).times(*mass));
    let value = terms.sum::<Double>().value();
    Exact { value, uncertainty: 8.0 * f64::EPSILON * value, plan }
}

/// Units of the finest scale in 2^-60 of mass; more than there can be sources.
const FINE: i128 = 1 << 24;

/// A basis: a spanning tree on the sources 0..n and the sinks n..n + m, rooted at source 0.
struct Tree {
    sources: usize,
    neighbours: Vec<Vec<usize>>,
    parent: Vec<usize>,
    depth: Vec<usize>,
    /// On the edge to the parent.
    flow: Vec<i128>,
    /// u for sources, v for sinks: u + v = c along the tree.
    potential: Vec<Double>,
    /// The potentials rounded, for pricing.
    price: Vec<f64>,
    /// Row at which the next search begins.
    next: usize,
    /// Reduced costs above this are rounding.
    threshold: f64,
}

impl Tree {
    /// The tree of the north-west corner rule.
    fn north_west(costs: &CostMatrix, source: &Measure, target: &Measure) -> Self {
        let (n, m) = (costs.rows, costs.columns);
        let (supply, demand) = units(source, target);
        let mut tree = Self {
            sources: n,
            neighbours: vec![Vec::new(); n + m],
            parent: vec![usize::MAX; n + m],
            depth: vec![0; n + m],
            flow: vec![0; n + m],
            potential: vec![Double::default(); n + m],
            price: vec![0.0; n + m],
            next: 0,
            threshold: -2e-15 * costs.largest,
        };
        let (mut i, mut j) = (0, 0);
        let (mut have, mut need) = (supply[0], demand[0]);
        let mut came_from_source = true;
        while i < n && j < m {
            let flow = have.min(need);
            tree.join(i, n + j);
            let (child, parent) = if came_from_source { (n + j, i) } else { (i, n + j) };
            tree.parent[child] = parent;
            tree.flow[child] = flow;
            have -= flow;
            need -= flow;
            // At the end both are 0 at once; before, by the perturbation, exactly one is.
            if need == 0 {
                j += 1;
                need = demand.get(j).copied().unwrap_or(0);
                came_from_source = true;
            } else {
                i += 1;
                have = supply.get(i).copied().unwrap_or(0);
                came_from_source = false;
            }
        }
        tree.settle(0, costs);
        tree
    }

    fn join(&mut self, a: usize, b: usize) {
        self.neighbours[a].push(b);
        self.neighbours[b].push(a);
    }

    /// Depth and potential of everything below a vertex, whose parent is right.
    fn settle(&mut self, top: usize, costs: &CostMatrix) {
        let mut open = vec![top];
        while let Some(vertex) = open.pop() {
            let parent = self.parent[vertex];
            if parent != usize::MAX {
                let edge = costs.at(vertex.min(parent), vertex.max(parent) - self.sources);
                self.potential[vertex] = edge - self.potential[parent];
                self.price[vertex] = self.potential[vertex].value();
                self.depth[vertex] = self.depth[parent] + 1;
            }
            open.extend(self.neighbours[vertex].iter().filter(|other| **other != parent));
        }
    }

    /// A pair whose use lowers the cost: the best of a block of rows, or none if the tree is optimal.
    fn entering(&mut self, costs: &CostMatrix) -> Option<(usize, usize)> {
        let (n, m) = (costs.rows, costs.columns);
        let block = (n / 16).max(1 + 256 / m);
        let mut best = (self.threshold, 0);
        for tried in 0..n {
            let row = (self.next + tried) % n;
            let cells = &costs.hi[row * m..(row + 1) * m];
            let least = simd::dispatch(Least { cells, prices: &self.price[n..] }) - self.price[row];
            if least < best.0 {
                best = (least, row);
            }
            if (tried + 1) % block == 0 && best.0 < self.threshold {
                self.next = (row + 1) % n;
                return Some(self.cheapest(best.1, costs));
            }
        }
        (best.0 < self.threshold).then(|| self.cheapest(best.1, costs))
    }

    /// The column of least reduced cost in a row.
    fn cheapest(&self, row: usize, costs: &CostMatrix) -> (usize, usize) {
        let cells = &costs.hi[row * costs.columns..(row + 1) * costs.columns];
        let reduced = cells.iter().zip(&self.price[costs.rows..]).map(|(cell, price)| cell - price);
        let (column, _) =
            reduced.enumerate().fold(
                (0, f64::INFINITY),
                |best, (column, value)| {
                    if value < best.1 { (column, value) } else { best }
                },
            );
        (row, column)
    }

    /// Brings the pair into the tree; the edge of its cycle that empties first leaves.
    fn exchange(&mut self, row: usize, column: usize, costs: &CostMatrix) {
        let sink = self.sources + column;
        let (mut a, mut b) = (row, sink);
        let mut leaving = (i128::MAX, usize::MAX, false);
        let mut cycle = Vec::new();
        while a != b {
            let on_source_side = self.depth[a] >= self.depth[b];
            let vertex = if on_source_side { &mut a } else { &mut b };
            // New mass runs from the row to the column and back along the tree: edges that carry it against their
            // direction lose flow.
            let loses = (*vertex < self.sources) == on_source_side;
            if loses && self.flow[*vertex] < leaving.0 {
                leaving = (self.flow[*vertex], *vertex, on_source_side);
            }
            cycle.push((*vertex, loses));
            *vertex = self.parent[*vertex];
        }
        let (amount, out, on_source_side) = leaving;
        for (vertex, loses) in cycle {
            self.flow[vertex] += if loses { -amount } else { amount };
        }
        let old = self.parent[out];
        self.neighbours[out].retain(|other| *other != old);
        self.neighbours[old].retain(|other| *other != out);
        self.join(row, sink);
        let (top, anchor) = if on_source_side { (row, sink) } else { (sink, row) };
        self.hang(top, anchor, amount, out);
        self.settle(top, costs);
    }

    /// Turns the path from `top` to `out` round, so that `top` hangs below `anchor`.
    fn hang(&mut self, top: usize, anchor: usize, amount: i128, out: usize) {
        let (mut vertex, mut parent, mut flow) = (top, anchor, amount);
        loop {
            let (old_parent, old_flow) = (self.parent[vertex], self.flow[vertex]);
            (self.parent[vertex], self.flow[vertex]) = (parent, flow);
            if vertex == out {
                return;
            }
            (parent, flow, vertex) = (vertex, old_flow, old_parent);
        }
    }

    /// The plan of this tree with the weights as they are, and the certificate.
    fn result(&self, costs: &CostMatrix, source: &Measure, target: &Measure) -> Exact {
        let (n, m) = (costs.rows, costs.columns);
        let mut left: Vec<Double> =
            source.weights.iter().chain(&target.weights).map(|weight| Double::from(*weight)).collect();
        let mut order: Vec<usize> = (1..n + m).collect();
        order.sort_by_key(|vertex| (std::cmp::Reverse(self.depth[*vertex]), *vertex));
        let mut plan = Vec::with_capacity(n + m);
        for vertex in order {
            let parent = self.parent[vertex];
            left[parent] = left[parent] - left[vertex];
            let mass = left[vertex].value();
            if mass > 0.0 {
                plan.push((vertex.min(parent), vertex.max(parent) - n, mass));
            }
        }
        plan.sort_by_key(|(row, column, _)| (*row, *column));
        let value = plan.iter().map(|(i, j, mass)| costs.at(*i, *j).times(*mass)).sum::<Double>().value();
        let bound = self.lower_bound(costs, source, target);
        let uncertainty = (value - bound).max(8.0 * f64::EPSILON * value);
        Exact { value, uncertainty, plan }
    }

    /// The dual value of the row potentials with the best column potentials for them.
    fn lower_bound(&self, costs: &CostMatrix, source: &Measure, target: &Measure) -> f64 {
        let n = costs.rows;
        let rows = (0..n).map(|i| self.potential[i].times(source.weights[i])).sum::<Double>();
        let columns = (0..costs.columns).map(|j| {
            let slack = (0..n).map(|i| costs.at(i, j) - self.potential[i]);
            let least = slack.reduce(|a, b| if (b - a).value() < 0.0 { b } else { a });
            least.unwrap_or_default().times(target.weights[j])
        });
        (rows + columns.sum::<Double>()).value()
    }
}

/// The least cost minus price of a row.
struct Least<'a> {
    cells: &'a [f64],
    prices: &'a [f64],
}

impl Kernel for Least<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [f64::INFINITY; LANES];
        let (cells, cells_rest) = self.cells.as_chunks::<LANES>();
        let (prices, prices_rest) = self.prices.as_chunks::<LANES>();
        for (cell, price) in cells.iter().zip(prices) {
            for lane in 0..LANES {
                let reduced = cell[lane] - price[lane];
                lanes[lane] = if reduced < lanes[lane] { reduced } else { lanes[lane] };
            }
        }
        let rest = cells_rest.iter().zip(prices_rest).map(|(cell, price)| cell - price);
        lanes.into_iter().chain(rest).fold(f64::INFINITY, f64::min)
    }
}

/// Supplies and demands in integer units with one sum, perturbed so that no flow of a tree is 0.
fn units(source: &Measure, target: &Measure) -> (Vec<i128>, Vec<i128>) {
    let scale = |weights: &[f64]| -> Vec<i128> {
        let whole = total(weights.iter().copied()).value();
        #[expect(clippy::cast_possible_truncation, reason = "weights are at most 1")]
        let unit = |weight: &f64| ((weight / whole * 1_152_921_504_606_846_976.0).round() as i128).max(1);
        weights.iter().map(unit).collect()
    };
    let (mut supply, mut demand) = (scale(&source.weights), scale(&target.weights));
    let surplus = supply.iter().sum::<i128>() - demand.iter().sum::<i128>();
    // The heavier of the lighter side's atoms takes the difference: at most one unit per atom.
    let lighter = if surplus > 0 { &mut demand } else { &mut supply };
    if let Some(heaviest) = lighter.iter_mut().max() {
        *heaviest += surplus.abs();
    }
    let sources = i128::try_from(supply.len()).expect("a count fits");
    supply.iter_mut().for_each(|units| *units = *units * FINE + 1);
    demand.iter_mut().for_each(|units| *units *= FINE);
    if let Some(last) = demand.last_mut() {
        *last += sources;
    }
    (supply, demand)
}
