//! The dual problem in the log domain.
//!
//! For potentials f and g the plan is P_ij = a_i b_j exp(E_ij) with E_ij = (f_i + g_j - c_ij) / epsilon. Everything is
//! written with E, which is small where the plan has mass, and never with exp(-c / epsilon), which underflows. One
//! half-step costs rows × columns exponentials.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::sum::fold_lanes;
use octavo_plugin::{math, sum};
use rayon::prelude::*;

use crate::cost::CostMatrix;
use crate::double::{Double, two_sum};
use crate::exponentials::{LOWEST, exponentials};
use crate::measure::Measure;
use crate::stream::SAFE;

/// Pairs that a task takes at least. Half-steps come by the thousand, and the pool is that of all tasks of a build: with fewer
/// pairs than twice this, waiting until it serves one takes longer than the half-step.
pub(crate) const ALONE: usize = 1 << 17;

/// A potential in double-double, one entry per atom.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Potential {
    pub(crate) hi: Vec<f64>,
    pub(crate) lo: Vec<f64>,
}

impl Potential {
    /// Zero everywhere.
    pub(crate) fn zero(atoms: usize) -> Self {
        Self { hi: vec![0.0; atoms], lo: vec![0.0; atoms] }
    }

    /// Adds `factor` times a vector.
    pub(crate) fn add(&mut self, factor: f64, vector: &[f64]) {
        for ((hi, lo), entry) in self.hi.iter_mut().zip(&mut self.lo).zip(vector) {
            let moved = Double { hi: *hi, lo: *lo } + Double::from(factor * entry);
            (*hi, *lo) = (moved.hi, moved.lo);
        }
    }

    /// One entry.
    pub(crate) fn at(&self, atom: usize) -> Double {
        Double { hi: self.hi[atom], lo: self.lo[atom] }
    }

    /// The integral against weights.
    pub(crate) fn mean(&self, weights: &[f64]) -> Double {
        weights.iter().enumerate().map(|(atom, weight)| self.at(atom).times(*weight)).sum()
    }
}

/// What the exponents E_ij of one row are made of.
#[derive(Clone, Copy)]
struct Row<'a> {
    f: Double,
    g_hi: &'a [f64],
    g_lo: &'a [f64],
    c_hi: &'a [f64],
    c_lo: &'a [f64],
    scale: f64,
}

impl<'a> Row<'a> {
    /// The same row over `count` columns from `first` on.
    #[inline(always)]
    fn part(self, first: usize, count: usize) -> Self {
        let part = |all: &'a [f64]| &all[first..first + count];
        let Self { g_hi, g_lo, c_hi, c_lo, .. } = self;
        Self { g_hi: part(g_hi), g_lo: part(g_lo), c_hi: part(c_hi), c_lo: part(c_lo), ..self }
    }

    /// One exponent.
    #[inline(always)]
    fn at(&self, j: usize) -> f64 {
        let (sum, lost) = two_sum(self.f.hi, self.g_hi[j]);
        let (rest, lost_too) = two_sum(sum, -self.c_hi[j]);
        let low = (self.f.lo + self.g_lo[j]) - self.c_lo[j];
        (rest + ((lost + lost_too) + low)) * self.scale
    }

    /// Writes the exponents of as many columns as there is room for.
    #[inline(always)]
    fn write(self, out: &mut [f64]) {
        let row = self.part(0, out.len());
        for (j, out) in out.iter_mut().enumerate() {
            *out = row.at(j);
        }
    }
}

/// Writes the exponents of one row.
struct Exponents<'a> {
    row: Row<'a>,
    out: &'a mut [f64],
}

impl Kernel for Exponents<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.row.write(self.out);
    }
}

/// The sum of exp(E_ij) b_j over the columns, lane by lane, with clamped exponents. Lanes are folded outside of it.
struct Mass<'a> {
    row: Row<'a>,
    log_weights: &'a [f64],
}

impl Kernel for Mass<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let Self { row, log_weights } = self;
        let mut totals = [0.0; LANES];
        let (blocks, rest) = log_weights.as_chunks::<LANES>();
        for (index, weights) in blocks.iter().enumerate() {
            let part = row.part(index * LANES, LANES);
            // A plain loop: what is called in a closure is not compiled with the kernel.
            let mut exponents = *weights;
            for (lane, exponent) in exponents.iter_mut().enumerate() {
                *exponent += part.at(lane);
            }
            let terms = exponentials(exponents);
            for lane in 0..LANES {
                totals[lane] += terms[lane];
            }
        }
        if !rest.is_empty() {
            let mut exponents = [f64::NEG_INFINITY; LANES];
            row.part(blocks.len() * LANES, rest.len()).write(&mut exponents[..rest.len()]);
            exponents.iter_mut().zip(rest).for_each(|(exponent, weight)| *exponent += weight);
            let terms = exponentials(exponents);
            for lane in 0..LANES {
                totals[lane] += terms[lane];
            }
        }
        totals
    }
}

/// A pair of measures with their costs at one epsilon, seen from the rows.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) cost: &'a CostMatrix,
    pub(crate) rows: &'a Measure,
    pub(crate) columns: &'a Measure,
    pub(crate) epsilon: f64,
}

impl Side<'_> {
    fn row<'a>(&'a self, row: usize, f: &Potential, g: &'a Potential) -> Row<'a> {
        let range = row * self.cost.columns..(row + 1) * self.cost.columns;
        Row {
            f: f.at(row),
            g_hi: &g.hi,
            g_lo: &g.lo,
            c_hi: &self.cost.hi[range.clone()],
            c_lo: &self.cost.lo[range],
            scale: 1.0 / self.epsilon,
        }
    }

    /// Rows that are worth another thread: with fewer, waiting for one takes longer than they do.
    pub(crate) fn rows_alone(&self) -> usize {
        1 + ALONE / self.cost.columns
    }

    /// The exponents of one row.
    pub(crate) fn exponents(&self, row: usize, f: &Potential, g: &Potential, out: &mut [f64]) {
        simd::dispatch(Exponents { row: self.row(row, f, g), out });
    }

    /// For each row the logarithm of (its mass under the plan / its weight): what Sinkhorn's half-step takes from f,
    /// in units of epsilon.
    pub(crate) fn excess(&self, f: &Potential, g: &Potential) -> Vec<f64> {
        let log_weights = &self.columns.log_weights;
        let mut found: Vec<f64> = (0..self.cost.rows)
            .into_par_iter()
            .with_min_len(self.rows_alone())
            .map(|row| fold_lanes(simd::dispatch(Mass { row: self.row(row, f, g), log_weights })))
            .collect();
        let masses = found.clone();
        math::ln_slice(&mut found);
        for (row, (found, mass)) in found.iter_mut().zip(&masses).enumerate() {
            // Outside of this range clamped exponents count; NaN is outside, too.
            if !(*mass > 1.0 / SAFE && *mass < SAFE) {
                *found = self.shifted_excess(row, f, g);
            }
        }
        found
    }

    /// The excess of one row in a second pass that takes the largest exponent as shift.
    fn shifted_excess(&self, row: usize, f: &Potential, g: &Potential) -> f64 {
        let mut exponents = vec![0.0; self.cost.columns];
        self.exponents(row, f, g, &mut exponents);
        exponents.iter_mut().zip(&self.columns.log_weights).for_each(|(e, weight)| *e += weight);
        log_sum_exp(&mut exponents)
    }

    /// The plan, rows × columns.
    pub(crate) fn plan(&self, f: &Potential, g: &Potential) -> Vec<f64> {
        let columns = self.cost.columns;
        let mut plan = vec![0.0; self.cost.rows * columns];
        plan.par_chunks_mut(columns).with_min_len(self.rows_alone()).enumerate().for_each(|(row, cells)| {
            self.exponents(row, f, g, cells);
            self.masses(row, f, g, cells);
        });
        plan
    }
}

impl Side<'_> {
    /// Replaces the exponents of one row by the masses of its pairs.
    fn masses(&self, row: usize, f: &Potential, g: &Potential, cells: &mut [f64]) {
        let (weight, weights) = (self.rows.weights[row], &self.columns.weights[..]);
        if simd::dispatch(Masses { weight, weights, cells: &mut *cells }) {
            return;
        }
        self.exponents(row, f, g, cells);
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = self.mass(row, column, *cell);
        }
    }

    /// The mass of a pair with exponent e. Where the product of the weights leaves the range of floats, or the
    /// exponential does, their logarithms are added.
    fn mass(&self, row: usize, column: usize, e: f64) -> f64 {
        let product = self.rows.weights[row] * self.columns.weights[column];
        if product > 1e-280 && e < 600.0 {
            product * math::exp(e)
        } else {
            math::exp(e + self.rows.log_weights[row] + self.columns.log_weights[column])
        }
    }
}

/// Replaces the exponents of one row by the masses of its pairs; whether all were in the range of floats on the way.
struct Masses<'a> {
    weight: f64,
    weights: &'a [f64],
    cells: &'a mut [f64],
}

impl Kernel for Masses<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut fits = true;
        let (blocks, rest) = self.cells.as_chunks_mut::<LANES>();
        let (weights, rest_weights) = self.weights.as_chunks::<LANES>();
        for (cells, weights) in blocks.iter_mut().zip(weights) {
            fits &= masses(self.weight, weights, cells);
        }
        let (mut cells, mut last) = ([0.0; LANES], [1.0; LANES]);
        cells[..rest.len()].copy_from_slice(rest);
        last[..rest.len()].copy_from_slice(rest_weights);
        fits &= masses(self.weight, &last, &mut cells);
        rest.copy_from_slice(&cells[..rest.len()]);
        fits
    }
}

#[inline(always)]
fn masses(weight: f64, weights: &[f64; LANES], cells: &mut [f64; LANES]) -> bool {
    let mut fits = true;
    let terms = exponentials(*cells);
    for lane in 0..LANES {
        let (product, e) = (weight * weights[lane], cells[lane]);
        fits &= product > 1e-280 && e < 600.0;
        // What is clamped is zero.
        cells[lane] = if e > LOWEST { product * terms[lane] } else { 0.0 };
    }
    fits
}

/// ln of the sum of exponentials; the buffer is used up.
fn log_sum_exp(buffer: &mut [f64]) -> f64 {
    let top = simd::dispatch(Largest(buffer));
    simd::dispatch(Above { values: buffer, top });
    top + math::ln(sum::sum(buffer))
}

/// Replaces values by the exponentials of what they are above the largest.
struct Above<'a> {
    values: &'a mut [f64],
    top: f64,
}

impl Kernel for Above<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for value in self.values {
            *value = math::exp(*value - self.top);
        }
    }
}

struct Largest<'a>(&'a [f64]);

impl Kernel for Largest<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [f64::NEG_INFINITY; LANES];
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                lanes[lane] = if block[lane] > lanes[lane] { block[lane] } else { lanes[lane] };
            }
        }
        lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Mass minus weight of every atom, from [`Side::excess`].
pub(crate) fn surplus(measure: &Measure, excess: &[f64]) -> Vec<f64> {
    let one = |atom: usize, s: f64| {
        if s < 600.0 {
            measure.weights[atom] * math::exp_m1(s)
        } else {
            math::exp(s + measure.log_weights[atom])
        }
    };
    excess.iter().enumerate().map(|(atom, s)| one(atom, *s)).collect()
}

/// The L1 distance between masses and weights, from [`Side::excess`].
pub(crate) fn l1_error(measure: &Measure, excess: &[f64]) -> f64 {
    sum::sum(&surplus(measure, excess).iter().map(|entry| entry.abs()).collect::<Vec<_>>())
}

/// What a plan and its potentials are worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worth {
    /// The integral of the cost against the plan.
    pub(crate) transport_cost: f64,
    /// KL(P | a × b).
    pub(crate) kl_plan: f64,
    /// The value of the dual problem: a lower bound of the minimum for any potentials, with an error of second order.
    pub(crate) dual: Double,
    /// L1 errors of both marginals, added.
    pub(crate) marginal_error: f64,
}

impl Worth {
    /// Primal value of the plan minus dual value of the potentials.
    pub(crate) fn gap(&self, epsilon: f64) -> f64 {
        (Double::from(self.transport_cost) + Double::from(self.kl_plan).times(epsilon) - self.dual).value()
    }
}

/// Evaluates potentials; `turned` is the same side with rows and columns exchanged.
pub(crate) fn worth(side: Side<'_>, turned: Side<'_>, f: &Potential, g: &Potential) -> Worth {
    let columns = side.cost.columns;
    let parts: Vec<[f64; 3]> = (0..side.cost.rows)
        .into_par_iter()
        .with_min_len(side.rows_alone())
        .map_init(
            || vec![0.0; columns],
            |buffer, row| {
                side.exponents(row, f, g, buffer);
                row_worth(side, row, buffer)
            },
        )
        .collect();
    let part = |index: usize| sum::sum(&parts.iter().map(|part| part[index]).collect::<Vec<_>>());
    let dual = f.mean(&side.rows.weights) + g.mean(&side.columns.weights)
        - Double::from(part(2)).times(side.epsilon);
    let marginal_error =
        l1_error(side.rows, &side.excess(f, g)) + l1_error(turned.rows, &turned.excess(g, f));
    Worth { transport_cost: part(0), kl_plan: part(1), dual, marginal_error }
}

/// Cost, divergence and surplus of mass of one row, each a sum of terms without cancellation between large numbers.
fn row_worth(side: Side<'_>, row: usize, exponents: &[f64]) -> [f64; 3] {
    let mut terms = [Double::default(); 3];
    for (j, e) in exponents.iter().enumerate() {
        let product = side.rows.weights[row] * side.columns.weights[j];
        let mass = side.mass(row, j, *e);
        // KL(P|Q) = sum of Q phi(E) with phi(E) = E e^E - (e^E - 1), which is never negative.
        let (kl, surplus) = match e.abs() {
            small if small < 1e-3 => (product * small_phi(*e), product * math::exp_m1(*e)),
            middling if middling < 1.0 => {
                let surplus = product * math::exp_m1(*e);
                (e * mass - surplus, surplus)
            }
            _ => (if mass > 0.0 { e * mass } else { 0.0 } - (mass - product), mass - product),
        };
        let values = [mass * side.cost.at(row, j).hi, kl, surplus];
        for (term, value) in terms.iter_mut().zip(values) {
            *term = *term + Double::from(value);
        }
    }
    terms.map(Double::value)
}

/// E e^E - e^E + 1 near 0 by its series; the next term is below 1e-18 of the value.
fn small_phi(e: f64) -> f64 {
    e * e * (0.5 + e * (1.0 / 3.0 + e * (0.125 + e * (1.0 / 30.0 + e * (1.0 / 144.0 + e / 840.0)))))
}

#[cfg(test)]
mod tests {
    use octavo_plugin::{PointSet, Seed};

    use super::*;
    use crate::cost::Ground;

    /// Clouds whose weights differ by powers of ten, with potentials.
    fn example(rows: usize, columns: usize, spread: f64) -> ([Measure; 2], [Potential; 2]) {
        let mut stream = Seed(31).stream("excess");
        let measures = [rows, columns].map(|count| {
            let coordinates = (0..2 * count).map(|_| stream.uniform()).collect();
            let weights = (0..count).map(|k| math::exp(-0.1 * (k % 100) as f64)).collect();
            Measure::new(&PointSet { dimension: 2, coordinates, weights }).unwrap().0
        });
        let potentials = [rows, columns].map(|count| {
            let mut potential = Potential::zero(count);
            potential.add(spread, &stream.normals(count, 1.0));
            potential
        });
        (measures, potentials)
    }

    /// The definition, with the largest exponent as shift.
    fn expected(side: Side<'_>, row: usize, f: &Potential, g: &Potential) -> f64 {
        let exponent = |j: usize| {
            (f.at(row) + g.at(j) - side.cost.at(row, j)).value() / side.epsilon
                + math::ln(side.columns.weights[j])
        };
        let exponents: Vec<f64> = (0..side.cost.columns).map(exponent).collect();
        let top = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + math::ln(exponents.iter().map(|e| math::exp(e - top)).sum::<f64>())
    }

    #[test]
    fn excesses_are_logarithms_of_sums_of_exponentials() {
        // Sums near 1, far above and far below the range of floats, and columns that fill no block, one block and several.
        for (rows, columns, spread, epsilon) in
            [(9, 7, 0.1, 0.5), (20, 16, 0.3, 0.02), (33, 90, 1.0, 1e-4), (5, 33, 5.0, 1e-3)]
        {
            let ([source, target], [f, g]) = example(rows, columns, spread);
            let cost = CostMatrix::new(&source, &target, &Ground::SQUARE).unwrap();
            let side = Side { cost: &cost, rows: &source, columns: &target, epsilon };
            for (row, found) in side.excess(&f, &g).into_iter().enumerate() {
                let expected = expected(side, row, &f, &g);
                let close = (found - expected).abs() < 1e-14 * (1.0 + expected.abs());
                assert!(close, "{rows} by {columns}, row {row}: {found} and {expected}");
            }
        }
    }

    #[test]
    fn a_plan_is_made_of_the_masses_of_pairs() {
        for (rows, columns, spread, epsilon) in [(9, 7, 0.1, 0.5), (6, 40, 0.2, 0.01), (5, 33, 3.0, 1e-2)] {
            let ([source, target], [f, g]) = example(rows, columns, spread);
            let cost = CostMatrix::new(&source, &target, &Ground::SQUARE).unwrap();
            let side = Side { cost: &cost, rows: &source, columns: &target, epsilon };
            for (index, found) in side.plan(&f, &g).into_iter().enumerate() {
                let (row, column) = (index / columns, index % columns);
                let e = (f.at(row) + g.at(column) - cost.at(row, column)).value() / epsilon;
                let expected = math::exp(e) * source.weights[row] * target.weights[column];
                let close = (found - expected).abs() <= 1e-12 * expected + 1e-300 || !expected.is_finite();
                assert!(close, "{row}, {column}: {found} and {expected}");
            }
        }
    }

    /// Enough pairs for several tasks.
    #[test]
    fn threads_change_no_bit() {
        let ([source, target], [f, g]) = example(700, 1000, 0.2);
        let cost = CostMatrix::new(&source, &target, &Ground::SQUARE).unwrap();
        let side = Side { cost: &cost, rows: &source, columns: &target, epsilon: 0.01 };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (side.excess(&f, &g), side.plan(&f, &g)))
        };
        assert!(run(1) == run(3));
    }
}
