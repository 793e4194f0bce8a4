//! The network simplex method for the transport problem.
//!
//! Bases are spanning trees of the bipartite graph (Dantzig 1951), kept as parents, depths and a thread in preorder (Bradley,
//! Brown and Graves 1977), so that an exchange touches its cycle and the part of the tree that moves, and nothing else.
//! Weights are rounded to multiples of 2^-60 for the choice of the tree alone, and perturbed by Orden's rule (1956): each source
//! gets one further unit of a finer scale, one sink takes them all. In this integer arithmetic every basic flow is positive, each
//! exchange lowers the cost, and the method ends.

use octavo_plugin::Failure;
use octavo_plugin::simd::{self, Kernel, LANES};

use crate::curve;
use crate::double::total;
use crate::measure::Measure;

/// Units of the finest scale in 2^-60 of mass; more than there can be sources.
const FINE: i128 = 1 << 24;
/// Pairs that are priced before the best of them enters.
const BLOCK: usize = 4096;
/// Candidates that are priced before the best of them enters.
const AMONG: usize = 512;
/// No vertex.
const NONE: usize = usize::MAX;

/// A basis: a spanning tree on the sources 0..n and the sinks n..n + m.
pub(crate) struct Tree {
    sources: usize,
    root: usize,
    parent: Vec<usize>,
    depth: Vec<usize>,
    /// Preorder: what is below a vertex follows it.
    next: Vec<usize>,
    before: Vec<usize>,
    /// On the edge to the parent.
    flow: Vec<i128>,
    /// The cost of the edge to the parent.
    edge: Vec<f64>,
    /// u for sources, v for sinks: u + v = c along the tree.
    price: Vec<f64>,
    /// Row at which the next search begins.
    start: usize,
    /// Pairs whose cost was compared with prices, in all searches.
    priced: u64,
    scratch: Scratch,
}

/// A pair of a row's candidates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    pub(crate) column: usize,
    pub(crate) cost: f64,
}

/// Room for an exchange.
#[derive(Default)]
struct Scratch {
    cycle: Vec<(usize, bool)>,
    segment: Vec<usize>,
    moved: Vec<usize>,
    /// Place in the segment by vertex.
    place: Vec<usize>,
}

impl Tree {
    /// The tree of the north-west corner rule, with the atoms of both measures in the order in which one curve through the
    /// plane meets them: neighbours on the curve are neighbours in the plane, so that the first plan is a good one.
    pub(crate) fn along_a_curve(source: &Measure, target: &Measure) -> Self {
        let [rows, columns] = curve::orders(source, target);
        let (n, m) = (rows.len(), columns.len());
        let last = columns[m - 1];
        let (supply, demand) = units(source, target, last);
        let mut tree = Self {
            sources: n,
            root: rows[0],
            parent: vec![NONE; n + m],
            depth: vec![0; n + m],
            next: vec![NONE; n + m],
            before: vec![NONE; n + m],
            flow: vec![0; n + m],
            edge: vec![0.0; n + m],
            price: vec![0.0; n + m],
            start: 0,
            priced: 0,
            scratch: Scratch { place: vec![0; n + m], ..Scratch::default() },
        };
        let mut children = vec![Vec::new(); n + m];
        let (mut i, mut j) = (0, 0);
        let (mut have, mut need) = (supply[rows[0]], demand[columns[0]]);
        let mut came_from_source = true;
        while i < n && j < m {
            let flow = have.min(need);
            let (source, sink) = (rows[i], n + columns[j]);
            let (child, parent) = if came_from_source { (sink, source) } else { (source, sink) };
            (tree.parent[child], tree.flow[child]) = (parent, flow);
            children[parent].push(child);
            have -= flow;
            need -= flow;
            // At the end both are 0 at once; before, by the perturbation, exactly one is.
            if need == 0 {
                j += 1;
                need = columns.get(j).map_or(0, |column| demand[*column]);
                came_from_source = true;
            } else {
                i += 1;
                have = rows.get(i).map_or(0, |row| supply[*row]);
                came_from_source = false;
            }
        }
        tree.thread(&children);
        tree
    }

    /// Preorder and depths from scratch.
    fn thread(&mut self, children: &[Vec<usize>]) {
        let (mut open, mut last) = (vec![self.root], NONE);
        while let Some(vertex) = open.pop() {
            self.before[vertex] = last;
            if last != NONE {
                self.next[last] = vertex;
                self.depth[vertex] = self.depth[self.parent[vertex]] + 1;
            }
            last = vertex;
            open.extend(&children[vertex]);
        }
    }

    /// The vertices in preorder, the root first.
    pub(crate) fn order(&self) -> Vec<usize> {
        let step = |vertex: &usize| Some(self.next[*vertex]).filter(|next| *next != NONE);
        std::iter::successors(Some(self.root), step).collect()
    }

    /// The vertex above one that is not the root.
    pub(crate) fn parent(&self, vertex: usize) -> usize {
        self.parent[vertex]
    }

    /// Pairs whose cost was compared with prices so far.
    pub(crate) fn priced(&self) -> u64 {
        self.priced
    }

    /// Exchanges edges until no pair lowers the cost. `most` is the largest cost.
    ///
    /// # Errors
    /// That of `go_on`.
    pub(crate) fn optimise(
        &mut self,
        costs: &[f64],
        most: f64,
        go_on: impl Fn() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let columns = self.parent.len() - self.sources;
        for vertex in self.order().into_iter().skip(1) {
            let parent = self.parent[vertex];
            self.edge[vertex] = costs[vertex.min(parent) * columns + vertex.max(parent) - self.sources];
            self.price[vertex] = self.edge[vertex] - self.price[parent];
        }
        let mut exchanges = 0_u64;
        // Reduced costs above this are rounding.
        while let Some((row, column)) = self.entering(costs, -2e-15 * most) {
            if exchanges.is_multiple_of(64) {
                go_on()?;
            }
            self.exchange(row, self.sources + column, costs[row * columns + column]);
            exchanges += 1;
        }
        Ok(())
    }

    /// The pairs of the tree, in order.
    pub(crate) fn edges(&self) -> Vec<(usize, usize)> {
        let pair = |vertex: usize| {
            let parent = self.parent[vertex];
            (vertex.min(parent), vertex.max(parent) - self.sources)
        };
        let mut edges: Vec<_> = self.order()[1..].iter().map(|vertex| pair(*vertex)).collect();
        edges.sort_unstable();
        edges
    }

    /// Takes the costs of its [`edges`](Self::edges).
    pub(crate) fn reprice(&mut self, costs: &[f64]) {
        let edges = self.edges();
        for vertex in self.order().into_iter().skip(1) {
            let parent = self.parent[vertex];
            let edge = (vertex.min(parent), vertex.max(parent) - self.sources);
            self.edge[vertex] = costs[edges.partition_point(|known| *known < edge)];
            self.price[vertex] = self.edge[vertex] - self.price[parent];
        }
    }

    /// u of the rows and v of the columns.
    pub(crate) fn prices(&self) -> [&[f64]; 2] {
        self.price.split_at(self.sources).into()
    }

    /// Counts a pass over all pairs.
    pub(crate) fn count(&mut self, rows: usize, columns: usize) {
        self.priced += (rows * columns) as u64;
    }

    /// Exchanges edges until none of these pairs, by rows, lowers the cost by more than -`threshold`.
    ///
    /// # Errors
    /// That of `go_on`.
    pub(crate) fn optimise_among(
        &mut self,
        arcs: &[Vec<Arc>],
        threshold: f64,
        go_on: impl Fn() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut exchanges = 0_u64;
        while let Some((row, arc)) = self.entering_among(arcs, threshold) {
            if exchanges.is_multiple_of(256) {
                go_on()?;
            }
            self.exchange(row, self.sources + arc.column, arc.cost);
            exchanges += 1;
        }
        Ok(())
    }

    /// The best pair of a block of candidates, or none if no candidate lowers the cost.
    fn entering_among(&mut self, arcs: &[Vec<Arc>], threshold: f64) -> Option<(usize, Arc)> {
        let (mut best, mut found, mut looked) = (threshold, None, 0);
        for tried in 1..=self.sources {
            let row = self.start;
            self.start = if row + 1 == self.sources { 0 } else { row + 1 };
            let own = self.price[row];
            for arc in &arcs[row] {
                let reduced = arc.cost - self.price[self.sources + arc.column] - own;
                if reduced < best {
                    (best, found) = (reduced, Some((row, *arc)));
                }
            }
            looked += arcs[row].len();
            if found.is_some() && (looked >= AMONG || tried == self.sources) {
                break;
            }
        }
        self.priced += looked as u64;
        found
    }

    /// A pair whose use lowers the cost: the best of a block of rows, or none if the tree is optimal.
    fn entering(&mut self, costs: &[f64], threshold: f64) -> Option<(usize, usize)> {
        let n = self.sources;
        let prices = &self.price[n..];
        let m = prices.len();
        let block = BLOCK.div_ceil(m);
        let mut best = (threshold, NONE);
        for tried in 1..=n {
            let row = self.start;
            self.priced += m as u64;
            self.start = if row + 1 == n { 0 } else { row + 1 };
            let least =
                simd::dispatch(Least { cells: &costs[row * m..(row + 1) * m], prices }) - self.price[row];
            if least < best.0 {
                best = (least, row);
            }
            if best.1 != NONE && (tried.is_multiple_of(block) || tried == n) {
                let cells = &costs[best.1 * m..(best.1 + 1) * m];
                let lowest = simd::dispatch(Least { cells, prices });
                let column = cells.iter().zip(prices).position(|(cell, price)| cell - price <= lowest);
                return column.map(|column| (best.1, column));
            }
        }
        None
    }

    /// Brings the pair into the tree; the edge of its cycle that empties first leaves.
    fn exchange(&mut self, row: usize, sink: usize, cost: f64) {
        let mut cycle = std::mem::take(&mut self.scratch.cycle);
        cycle.clear();
        let (mut a, mut b) = (row, sink);
        let mut leaving = (i128::MAX, NONE, false);
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
        for (vertex, loses) in &cycle {
            self.flow[*vertex] += if *loses { -amount } else { amount };
        }
        self.scratch.cycle = cycle;
        let (top, anchor) = if on_source_side { (row, sink) } else { (sink, row) };
        self.reorder(top, out);
        self.hang(top, anchor, amount, cost, out);
        self.splice(out, anchor);
    }

    /// Writes what stands below `out` into `moved`, in preorder for `top` as its root.
    fn reorder(&mut self, top: usize, out: usize) {
        let Scratch { segment, moved, place, .. } = &mut self.scratch;
        segment.clear();
        moved.clear();
        let mut vertex = out;
        loop {
            place[vertex] = segment.len();
            segment.push(vertex);
            vertex = self.next[vertex];
            if vertex == NONE || self.depth[vertex] <= self.depth[out] {
                break;
            }
        }
        let (mut stem, mut from, mut to) = (top, 0, 0);
        loop {
            // The subtree of the stem, without that of the stem before, which stands in from..to.
            let begin = place[stem];
            let mut end = if to == 0 { begin + 1 } else { to };
            while end < segment.len() && self.depth[segment[end]] > self.depth[stem] {
                end += 1;
            }
            if to == 0 {
                moved.extend_from_slice(&segment[begin..end]);
            } else {
                moved.extend_from_slice(&segment[begin..from]);
                moved.extend_from_slice(&segment[to..end]);
            }
            if stem == out {
                return;
            }
            (from, to, stem) = (begin, end, self.parent[stem]);
        }
    }

    /// Turns the path from `top` to `out` round, so that `top` hangs below `anchor`.
    fn hang(&mut self, top: usize, anchor: usize, amount: i128, cost: f64, out: usize) {
        let (mut vertex, mut above) = (top, (anchor, amount, cost));
        loop {
            let old = (self.parent[vertex], self.flow[vertex], self.edge[vertex]);
            (self.parent[vertex], self.flow[vertex], self.edge[vertex]) = above;
            if vertex == out {
                return;
            }
            above = (vertex, old.1, old.2);
            vertex = old.0;
        }
    }

    /// Moves the part of the thread that began with `out` behind `anchor`, with new depths and prices.
    fn splice(&mut self, out: usize, anchor: usize) {
        let segment = &self.scratch.segment;
        let (ahead, behind) = (self.before[out], self.next[segment[segment.len() - 1]]);
        self.next[ahead] = behind;
        if behind != NONE {
            self.before[behind] = ahead;
        }
        let (mut last, follower) = (anchor, self.next[anchor]);
        for vertex in &self.scratch.moved {
            let parent = self.parent[*vertex];
            (self.next[last], self.before[*vertex]) = (*vertex, last);
            self.depth[*vertex] = self.depth[parent] + 1;
            self.price[*vertex] = self.edge[*vertex] - self.price[parent];
            last = *vertex;
        }
        self.next[last] = follower;
        if follower != NONE {
            self.before[follower] = last;
        }
    }
}

/// The least cost minus price of a row.
pub(crate) struct Least<'a> {
    pub(crate) cells: &'a [f64],
    pub(crate) prices: &'a [f64],
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

/// Supplies and demands in integer units with one sum, perturbed so that no flow of a tree is 0; `last` is the sink that takes
/// what sources have more.
fn units(source: &Measure, target: &Measure, last: usize) -> (Vec<i128>, Vec<i128>) {
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
    demand[last] += sources;
    (supply, demand)
}
