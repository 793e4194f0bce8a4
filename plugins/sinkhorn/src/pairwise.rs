//! The costs of all pairs of two clouds in floats, many at a time.
//!
//! Of few coordinates their differences are squared. Of many, |x - y|² = |x|² + |y|² - 2 x·y is a product of matrices with fixed
//! bits ([`octavo_plugin::linalg`]), of points moved so that the middle of both clouds is the origin. What remains of the
//! sum after the difference is off by at most about 2 d roundings of |x|² + |y|²; where less than a [`BITE`] of that sum remains,
//! differences are squared after all, so that near points, and equal ones, lose nothing.

use octavo_plugin::linalg::matmul_into;
use octavo_plugin::math;
use octavo_plugin::simd::{self, Kernel};
use rayon::prelude::*;

use crate::cost::Power;

/// Coordinates above which a product of matrices is faster than differences.
const FEW: usize = 8;
/// Share of |x|² + |y|² below which |x - y|² is computed from differences: at most six bits are lost to cancellation.
const BITE: f64 = 1.0 / 64.0;
/// Pairs that make a task worth a thread.
const TASK: usize = 1 << 15;

/// The points of one side, row-major, and how many coordinates each has.
#[derive(Clone, Copy)]
pub(crate) struct Points<'a> {
    pub(crate) dimension: usize,
    pub(crate) coordinates: &'a [f64],
}

impl Points<'_> {
    fn len(self) -> usize {
        self.coordinates.len() / self.dimension
    }

    fn at(&self, index: usize) -> &[f64] {
        &self.coordinates[index * self.dimension..][..self.dimension]
    }
}

/// The costs between two sides, ready to be written row by row.
pub(crate) struct Pairwise<'a> {
    rows: Points<'a>,
    columns: Points<'a>,
    power: Power,
    stride: usize,
    /// What coordinates are seen from: 0, or the middle of both sides where there are many.
    middle: Vec<f64>,
    /// The columns' coordinates, axis after axis, and |y|² where there are many.
    axes: Vec<f64>,
    norms: Vec<f64>,
}

impl<'a> Pairwise<'a> {
    /// Rows of costs will be `stride` numbers long.
    pub(crate) fn new(rows: Points<'a>, columns: Points<'a>, power: Power, stride: usize) -> Self {
        let many = rows.dimension > FEW && (!power.separate || is_square(power));
        let middle = if many { middle(rows, columns) } else { vec![0.0; rows.dimension] };
        let axes = turned(columns, stride, &middle);
        let mut norms = Vec::new();
        if many {
            let points = columns.coordinates.chunks_exact(columns.dimension);
            norms.extend(points.map(|point| norm(&seen(point, &middle))));
            norms.resize(stride, 0.0);
        }
        Self { rows, columns, power, stride, middle, axes, norms }
    }

    /// Writes the costs of as many rows from `first` on as there is room for; entries behind the last column are any finite
    /// numbers. Costs that leave the range of floats are infinite or no numbers.
    pub(crate) fn fill(&self, first: usize, out: &mut [f64]) {
        let exponent = self.power.exponent;
        if self.power.separate && !is_square(self.power) {
            self.by_axes(first, out, |row| raise(row, exponent));
            return;
        }
        if self.norms.is_empty() {
            self.by_axes(first, out, |_| ());
        } else {
            self.by_product(first, out);
        }
        if !is_square(self.power) {
            let rows = out.par_chunks_mut(self.stride).with_min_len(1 + TASK / self.stride);
            rows.for_each(|row| raise(row, exponent));
        }
    }

    /// How far a cost may be off, if the largest is `most`.
    pub(crate) fn error(&self, most: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of coordinates are below 2^53")]
        let roundings = if self.norms.is_empty() { 8.0 } else { 4.0 * self.rows.dimension as f64 };
        roundings * f64::EPSILON * most
    }

    /// Axis after axis: the sum of what `change` makes of the squared differences along each.
    fn by_axes(&self, first: usize, out: &mut [f64], change: impl Fn(&mut [f64]) + Sync) {
        let Self { rows, stride, axes, .. } = self;
        let stride = *stride;
        out.par_chunks_mut(stride).enumerate().with_min_len(1 + TASK / stride).for_each_init(
            || vec![0.0; stride],
            |squares, (row, out)| {
                for (axis, (x, ys)) in rows.at(first + row).iter().zip(axes.chunks_exact(stride)).enumerate()
                {
                    if axis == 0 {
                        simd::dispatch(Square { x: *x, ys, squares: out });
                        change(out);
                        continue;
                    }
                    simd::dispatch(Square { x: *x, ys, squares });
                    change(squares);
                    simd::dispatch(Add { terms: squares, sums: out });
                }
            },
        );
    }

    fn by_product(&self, first: usize, out: &mut [f64]) {
        let Self { rows, columns, stride, middle, axes, norms, .. } = self;
        let (stride, dimension, count) = (*stride, rows.dimension, columns.len());
        let own = &rows.coordinates[first * dimension..][..out.len() / stride * dimension];
        let moved: Vec<f64> = own.chunks_exact(dimension).flat_map(|point| seen(point, middle)).collect();
        matmul_into(out.len() / stride, dimension, stride, &moved, axes, out);
        out.par_chunks_mut(stride).enumerate().with_min_len(1 + TASK / stride).for_each(|(row, out)| {
            let own = norm(&moved[row * dimension..][..dimension]);
            simd::dispatch(Expand { own, norms, out });
            for (column, cost) in out[..count].iter_mut().enumerate() {
                // A comparison with what is no number is false, and such costs are refused later.
                if *cost < BITE * (own + norms[column]) {
                    let pairs = rows.at(first + row).iter().zip(columns.at(column));
                    *cost = pairs.map(|(x, y)| x - y).fold(0.0, |sum, gap| gap.mul_add(gap, sum));
                }
            }
        });
    }
}

/// The sum of squares, in the order of a product's sums, so that a point is at distance 0 from itself.
fn norm(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |sum, x| x.mul_add(*x, sum))
}

/// A point as seen from the middle.
fn seen(point: &[f64], middle: &[f64]) -> Vec<f64> {
    point.iter().zip(middle).map(|(x, middle)| x - middle).collect()
}

fn is_square(power: Power) -> bool {
    power.exponent.total_cmp(&2.0).is_eq()
}

/// Squares to half the exponent.
fn raise(squares: &mut [f64], exponent: f64) {
    if exponent.total_cmp(&1.0).is_eq() {
        simd::dispatch(Roots(squares));
        return;
    }
    math::ln_slice(squares);
    squares.iter_mut().for_each(|log| *log *= 0.5 * exponent);
    math::exp_slice(squares);
}

struct Roots<'a>(&'a mut [f64]);

impl Kernel for Roots<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for value in self.0 {
            *value = value.sqrt();
        }
    }
}

struct Square<'a> {
    x: f64,
    ys: &'a [f64],
    squares: &'a mut [f64],
}

impl Kernel for Square<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (square, y) in self.squares.iter_mut().zip(self.ys) {
            let difference = y - self.x;
            *square = difference * difference;
        }
    }
}

struct Add<'a> {
    terms: &'a [f64],
    sums: &'a mut [f64],
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (sum, term) in self.sums.iter_mut().zip(self.terms) {
            *sum += term;
        }
    }
}

/// Coordinates, axis after axis, each padded with zeros, seen from `middle`.
fn turned(points: Points<'_>, stride: usize, middle: &[f64]) -> Vec<f64> {
    let mut axes = vec![0.0; points.dimension * stride];
    for (index, point) in points.coordinates.chunks_exact(points.dimension).enumerate() {
        for (axis, x) in point.iter().enumerate() {
            axes[axis * stride + index] = x - middle[axis];
        }
    }
    axes
}

/// |x|² + |y|² - 2 x·y from the products.
struct Expand<'a> {
    own: f64,
    norms: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Expand<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (cost, norm) in self.out.iter_mut().zip(self.norms) {
            *cost = (-2.0_f64).mul_add(*cost, self.own + norm);
        }
    }
}

/// The mean of the points of both sides.
fn middle(rows: Points<'_>, columns: Points<'_>) -> Vec<f64> {
    let mut middle = vec![0.0; rows.dimension];
    for point in [rows, columns].iter().flat_map(|side| side.coordinates.chunks_exact(side.dimension)) {
        middle.iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of points are below 2^53")]
    let count = (rows.len() + columns.len()) as f64;
    middle.iter_mut().for_each(|sum| *sum /= count);
    middle
}

#[cfg(test)]
mod tests {
    use octavo_plugin::Seed;

    use super::*;
    use crate::double::Double;

    /// Clouds with three points in common, at a distance from the origin.
    fn clouds(dimension: usize) -> [Vec<f64>; 2] {
        let mut stream = Seed(14).stream("pairwise");
        let mut cloud = |count: usize| -> Vec<f64> {
            (0..count * dimension).map(|_| 1000.0 + stream.uniform()).collect()
        };
        let (rows, mut columns) = (cloud(40), cloud(53));
        columns[..3 * dimension].copy_from_slice(&rows[dimension..4 * dimension]);
        // And one that is a hair's breadth away from another.
        columns[3 * dimension..4 * dimension].copy_from_slice(&rows[..dimension]);
        columns[3 * dimension] += 1e-7;
        [rows, columns]
    }

    #[test]
    fn costs_are_those_of_the_definition() {
        let powers = [(2.0, false), (1.0, false), (1.5, false), (1.0, true), (1.5, true), (2.0, true)];
        for dimension in [1, 2, 8, 9, 50] {
            let [rows, columns] = clouds(dimension);
            let points = |coordinates| Points { dimension, coordinates };
            for (exponent, separate) in powers {
                let power = Power { exponent, separate };
                let mut out = vec![0.0; 40 * 64];
                Pairwise::new(points(&rows), points(&columns), power, 64).fill(0, &mut out);
                let mut part = vec![0.0; 5 * 64];
                Pairwise::new(points(&rows), points(&columns), power, 64).fill(7, &mut part);
                assert_eq!(part, out[7 * 64..12 * 64], "{dimension} {power:?}");
                for (i, x) in rows.chunks_exact(dimension).enumerate() {
                    for (j, y) in columns.chunks_exact(dimension).enumerate() {
                        let (found, expected) = (out[64 * i + j], Double::value(power.between(x, y)));
                        let near = (found - expected).abs() <= 1e-13 * expected;
                        assert!(near, "{dimension} {power:?} {i} {j}: {found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let [rows, columns] = clouds(50);
        let points = |coordinates| Points { dimension: 50, coordinates };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut out = vec![0.0; 40 * 64];
            pool.install(|| {
                Pairwise::new(points(&rows), points(&columns), Power::SQUARE, 64).fill(0, &mut out);
            });
            out
        };
        assert_eq!(run(1), run(3));
    }
}
