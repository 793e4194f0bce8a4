//! The dual problem in the log domain.
//!
//! For potentials f and g the plan is P_ij = a_i b_j exp(E_ij) with E_ij = (f_i + g_j - c_ij) / epsilon. Everything is
//! written with E, which is small where the plan has mass, and never with exp(-c / epsilon), which underflows. One
//! half-step costs rows × columns exponentials.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{math, sum};
use rayon::prelude::*;

use crate::cost::CostMatrix;
use crate::double::{Double, two_sum};
use crate::measure::Measure;

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

/// The exponents E_ij of one row.
struct Exponents<'a> {
    f: Double,
    g_hi: &'a [f64],
    g_lo: &'a [f64],
    c_hi: &'a [f64],
    c_lo: &'a [f64],
    scale: f64,
    out: &'a mut [f64],
}

impl Kernel for Exponents<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Exponents { f, g_hi, g_lo, c_hi, c_lo, scale, out } = self;
        let count = out.len();
        let (g_hi, g_lo, c_hi, c_lo) = (&g_hi[..count], &g_lo[..count], &c_hi[..count], &c_lo[..count]);
        for j in 0..count {
            let (sum, lost) = two_sum(f.hi, g_hi[j]);
            let (rest, lost_too) = two_sum(sum, -c_hi[j]);
            let low = (f.lo + g_lo[j]) - c_lo[j];
            out[j] = (rest + ((lost + lost_too) + low)) * scale;
        }
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
    /// The exponents of one row.
    pub(crate) fn exponents(&self, row: usize, f: &Potential, g: &Potential, out: &mut [f64]) {
        let range = row * self.cost.columns..(row + 1) * self.cost.columns;
        simd::dispatch(Exponents {
            f: f.at(row),
            g_hi: &g.hi,
            g_lo: &g.lo,
            c_hi: &self.cost.hi[range.clone()],
            c_lo: &self.cost.lo[range],
            scale: 1.0 / self.epsilon,
            out,
        });
    }

    /// For each row the logarithm of (its mass under the plan / its weight): what Sinkhorn's half-step takes from f,
    /// in units of epsilon.
    pub(crate) fn excess(&self, f: &Potential, g: &Potential) -> Vec<f64> {
        let columns = self.cost.columns;
        (0..self.cost.rows)
            .into_par_iter()
            .with_min_len(1 + 4096 / columns)
            .map_init(
                || vec![0.0; columns],
                |buffer, row| {
                    self.exponents(row, f, g, buffer);
                    buffer.iter_mut().zip(&self.columns.log_weights).for_each(|(e, weight)| *e += weight);
                    log_sum_exp(buffer)
                },
            )
            .collect()
    }

    /// The plan, rows × columns.
    pub(crate) fn plan(&self, f: &Potential, g: &Potential) -> Vec<f64> {
        let columns = self.cost.columns;
        let mut plan = vec![0.0; self.cost.rows * columns];
        plan.par_chunks_mut(columns).enumerate().for_each(|(row, cells)| {
            self.exponents(row, f, g, cells);
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = self.mass(row, column, *cell);
            }
        });
        plan
    }
}

impl Side<'_> {
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
