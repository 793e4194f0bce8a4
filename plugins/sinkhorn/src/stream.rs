//! Half-steps of Sinkhorn's iteration without a matrix: costs are computed on the way, in memory of order n.
//!
//! A row's sum of exp(E_ij) b_j is near 1 once potentials are near the solution, so the previous potential is the shift that
//! keeps exponentials in range, and one pass suffices. Where the sum leaves the range, a second pass shifts by the largest
//! exponent: nothing is ever lost to underflow. Sums run over lanes in a fixed order, whatever the thread count.

use octavo_plugin::math;
use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::sum::fold_lanes;
use rayon::prelude::*;

use crate::cost::Power;
use crate::exponentials::exponentials;

/// A sum outside of [1 / SAFE, SAFE] is computed again with the largest exponent as shift: clamped terms are below 1e-57
/// of a sum inside.
pub(crate) const SAFE: f64 = 1e250;
/// Pairs that make a task worth a thread.
pub(crate) const TASK: usize = 1 << 15;

/// Points and weights in blocks of [`LANES`], axis by axis; the last block is padded with atoms of weight 0.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub(crate) dimension: usize,
    pub(crate) count: usize,
    /// blocks × dimension.
    pub(crate) cells: Vec<[f64; LANES]>,
    pub(crate) log_weights: Vec<f64>,
}

impl Blocks {
    /// Lays out row-major `points` of this dimension.
    pub(crate) fn new(dimension: usize, points: &[f64], weights: &[f64]) -> Self {
        let mut cells = vec![[0.0; LANES]; weights.len().div_ceil(LANES) * dimension];
        for (atom, point) in points.chunks_exact(dimension).enumerate() {
            for (axis, x) in point.iter().enumerate() {
                cells[atom / LANES * dimension + axis][atom % LANES] = *x;
            }
        }
        let log_weights = weights.iter().map(|weight| math::ln(*weight)).collect();
        Self { dimension, count: weights.len(), cells, log_weights }
    }

    /// g_j / epsilon + ln b_j in blocks.
    pub(crate) fn offsets(&self, g: &[f64], scale: f64) -> Vec<[f64; LANES]> {
        let mut offsets = vec![[f64::NEG_INFINITY; LANES]; self.count.div_ceil(LANES)];
        for (atom, (g, log_weight)) in g.iter().zip(&self.log_weights).enumerate() {
            offsets[atom / LANES][atom % LANES] = g * scale + log_weight;
        }
        offsets
    }
}

/// Runs a kernel over a row. Sums over lanes are folded outside of it: inside, compilers hold lanes in pairs for the fold's
/// sake. It is compiled for the row's dimension (0 if that is known at run time only) and for squares: without the latter
/// every lane would compute powers, too, and throw them away.
macro_rules! shaped {
    ($row:expr, $kernel:ident, $fields:tt) => {
        match ($row.point.len(), $row.cost.exponent == 2.0) {
            (1, true) => shaped!(@ $kernel, 1, true, $fields),
            (2, true) => shaped!(@ $kernel, 2, true, $fields),
            (3, true) => shaped!(@ $kernel, 3, true, $fields),
            (_, true) => shaped!(@ $kernel, 0, true, $fields),
            _ => shaped!(@ $kernel, 0, false, $fields),
        }
    };
    (@ $kernel:ident, $d:literal, $squared:literal, ($($field:expr),*)) => {
        simd::dispatch($kernel::<$d, $squared>($($field),*))
    };
}

/// Potentials of both sides at one epsilon.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) f: &'a [f64],
    pub(crate) g: &'a [f64],
    pub(crate) epsilon: f64,
    pub(crate) cost: Power,
}

/// For each of the row-major `points` with potential f, the logarithm of (its mass under the plan / its weight), as
/// [`Side::excess`](crate::dual::Side::excess) gives it.
pub(crate) fn excess(points: &[f64], columns: &Blocks, at: At<'_>) -> Vec<f64> {
    rows(points, columns, at, |row, out| out.push(row.log_sum()))
}

/// For each point x_i the sum over j of (P_ij / a_i) (y_j - x_i), row-major.
pub(crate) fn drift(points: &[f64], columns: &Blocks, at: At<'_>) -> Vec<f64> {
    rows(points, columns, at, |row, out| {
        out.extend((0..row.point.len()).map(|axis| fold_lanes(shaped!(row, Moment, (row, axis)))));
    })
}

/// For each point the sum over j of (P_ij / a_i) c_ij.
pub(crate) fn costs(points: &[f64], columns: &Blocks, at: At<'_>) -> Vec<f64> {
    rows(points, columns, at, |row, out| out.push(fold_lanes(shaped!(row, Mean, (row)))))
}

/// Does something with every row, in order.
fn rows(
    points: &[f64],
    columns: &Blocks,
    at: At<'_>,
    task: impl Fn(Row<'_>, &mut Vec<f64>) + Sync,
) -> Vec<f64> {
    let scale = 1.0 / at.epsilon;
    let offsets = columns.offsets(at.g, scale);
    points
        .par_chunks_exact(columns.dimension)
        .zip(at.f)
        .with_min_len(1 + TASK / columns.count)
        .fold(Vec::new, |mut found, (point, f)| {
            let row = Row { point, columns, offsets: &offsets, shift: f / at.epsilon, scale, cost: at.cost };
            task(row, &mut found);
            found
        })
        .collect::<Vec<_>>()
        .concat()
}

/// One row: a point against all columns.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) point: &'a [f64],
    pub(crate) columns: &'a Blocks,
    pub(crate) offsets: &'a [[f64; LANES]],
    pub(crate) shift: f64,
    pub(crate) scale: f64,
    pub(crate) cost: Power,
}

impl Row<'_> {
    fn log_sum(self) -> f64 {
        let sum = self.sum();
        if sum > 1.0 / SAFE && sum < SAFE {
            return math::ln(sum);
        }
        let top = shaped!(self, Top, (self));
        top + math::ln(Self { shift: self.shift - top, ..self }.sum())
    }

    /// Fills in b_j exp(E_ij - top); gives top, which is 0 where the sum stays in range, and the sum.
    pub(crate) fn terms(self, terms: &mut [[f64; LANES]]) -> (f64, f64) {
        let sum = self.kept(terms);
        if sum > 1.0 / SAFE && sum < SAFE {
            return (0.0, sum);
        }
        let top = shaped!(self, Top, (self));
        (top, Self { shift: self.shift - top, ..self }.kept(terms))
    }

    fn kept(self, terms: &mut [[f64; LANES]]) -> f64 {
        fold_lanes(shaped!(self, Kept, (self, terms)))
    }

    fn sum(self) -> f64 {
        fold_lanes(shaped!(self, Sum, (self)))
    }

    /// The costs of one block.
    #[inline(always)]
    fn costs<const D: usize, const SQUARED: bool>(&self, block: usize) -> [f64; LANES] {
        let dimension = if D > 0 { D } else { self.point.len() };
        let axes = &self.columns.cells[block * dimension..(block + 1) * dimension];
        if self.cost.separate && !SQUARED {
            return self.sums_of_powers(axes);
        }
        let mut squares = [0.0; LANES];
        for (y, x) in axes.iter().zip(&self.point[..dimension]) {
            for lane in 0..LANES {
                let difference = y[lane] - x;
                squares[lane] = difference.mul_add(difference, squares[lane]);
            }
        }
        if !SQUARED {
            squares = raised(squares, 0.5 * self.cost.exponent);
        }
        squares
    }

    #[inline(always)]
    fn sums_of_powers(&self, axes: &[[f64; LANES]]) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        for (y, x) in axes.iter().zip(self.point) {
            let mut squares = [0.0; LANES];
            for lane in 0..LANES {
                let difference = y[lane] - x;
                squares[lane] = difference * difference;
            }
            let powers = raised(squares, 0.5 * self.cost.exponent);
            for lane in 0..LANES {
                sums[lane] += powers[lane];
            }
        }
        sums
    }

    /// The exponents of one block.
    #[inline(always)]
    fn exponents<const D: usize, const SQUARED: bool>(&self, block: usize) -> [f64; LANES] {
        let mut costs = self.costs::<D, SQUARED>(block);
        let offset = &self.offsets[block];
        for lane in 0..LANES {
            costs[lane] = costs[lane].mul_add(-self.scale, offset[lane] + self.shift);
        }
        costs
    }
}

/// Squares to a power: of distances, half of theirs.
#[inline(always)]
fn raised(mut squares: [f64; LANES], power: f64) -> [f64; LANES] {
    for value in &mut squares {
        *value = if power == 0.5 {
            value.sqrt()
        } else if *value > 0.0 {
            math::exp(power * math::ln(*value))
        } else {
            0.0
        };
    }
    squares
}

struct Mean<'a, const D: usize, const SQUARED: bool>(Row<'a>);

impl<const D: usize, const SQUARED: bool> Kernel for Mean<'_, D, SQUARED> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        for block in 0..self.0.offsets.len() {
            let costs = self.0.costs::<D, SQUARED>(block);
            let terms = exponentials(self.0.exponents::<D, SQUARED>(block));
            for lane in 0..LANES {
                lanes[lane] = terms[lane].mul_add(costs[lane], lanes[lane]);
            }
        }
        lanes
    }
}

struct Sum<'a, const D: usize, const SQUARED: bool>(Row<'a>);

impl<const D: usize, const SQUARED: bool> Kernel for Sum<'_, D, SQUARED> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        for block in 0..self.0.offsets.len() {
            let terms = exponentials(self.0.exponents::<D, SQUARED>(block));
            for lane in 0..LANES {
                lanes[lane] += terms[lane];
            }
        }
        lanes
    }
}

/// As [`Sum`], keeping the terms.
struct Kept<'a, 'b, const D: usize, const SQUARED: bool>(Row<'a>, &'b mut [[f64; LANES]]);

impl<const D: usize, const SQUARED: bool> Kernel for Kept<'_, '_, D, SQUARED> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        for (block, kept) in self.1.iter_mut().enumerate() {
            let terms = exponentials(self.0.exponents::<D, SQUARED>(block));
            for lane in 0..LANES {
                lanes[lane] += terms[lane];
            }
            *kept = terms;
        }
        lanes
    }
}

struct Top<'a, const D: usize, const SQUARED: bool>(Row<'a>);

impl<const D: usize, const SQUARED: bool> Kernel for Top<'_, D, SQUARED> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [f64::NEG_INFINITY; LANES];
        for block in 0..self.0.offsets.len() {
            let exponents = self.0.exponents::<D, SQUARED>(block);
            for lane in 0..LANES {
                lanes[lane] = if exponents[lane] > lanes[lane] { exponents[lane] } else { lanes[lane] };
            }
        }
        lanes.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// With the axis.
struct Moment<'a, const D: usize, const SQUARED: bool>(Row<'a>, usize);

impl<const D: usize, const SQUARED: bool> Kernel for Moment<'_, D, SQUARED> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let Self(row, axis) = self;
        let (dimension, x) = (row.point.len(), row.point[axis]);
        let mut lanes = [0.0; LANES];
        for block in 0..row.offsets.len() {
            let terms = exponentials(row.exponents::<D, SQUARED>(block));
            let y = &row.columns.cells[block * dimension + axis];
            for lane in 0..LANES {
                lanes[lane] = terms[lane].mul_add(y[lane] - x, lanes[lane]);
            }
        }
        lanes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_out_of_range_costs_a_pass_and_no_digits() {
        // Two columns at distance 1 and 2 with weights 1/4 and 3/4: the sum is known.
        let columns = Blocks::new(1, &[1.0, 2.0], &[0.25, 0.75]);
        let epsilon = 1e-3;
        for f in [0.0, 1.0, 2.5, -30.0] {
            let found =
                excess(&[0.0], &columns, At { f: &[f], g: &[0.0, 3.0], epsilon, cost: Power::SQUARE })[0];
            let expected = f / epsilon - 1000.0 + math::ln(0.25 + 0.75);
            assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{f}: {found} {expected}");
        }
    }

    #[test]
    fn threads_and_dimension_paths_agree() {
        let stream = octavo_plugin::Seed(5).stream("stream").normals(3 * 700, 1.0);
        let (points, weights) = (&stream[..], vec![1.0 / 700.0; 700]);
        let columns = Blocks::new(3, points, &weights);
        let zero = vec![0.0; 700];
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let at = At { f: &zero, g: &zero, epsilon: 0.5, cost: Power::SQUARE };
            pool.install(|| excess(points, &columns, at))
        };
        let one = run(1);
        assert_eq!(one, run(3));
        // The slow reference.
        for (i, found) in one.iter().enumerate().step_by(97) {
            let cost =
                |j: usize| (0..3).map(|k| points[3 * i + k] - points[3 * j + k]).map(|d| d * d).sum::<f64>();
            let sum: f64 = (0..700).map(|j| math::exp(-cost(j) / 0.5) / 700.0).sum();
            assert!((found - math::ln(sum)).abs() < 1e-13, "{i}: {found}");
        }
    }
}
