//! Sinkhorn's half-steps on a line for |x - y|² where points are close together: in time of the order of the points.
//!
//! Both sides are cut into cells of at most sqrt(epsilon). Between a point x = X + ξ and a point y = Y + η of two cells with the middles
//! X and Y, D = X - Y, the cost is D² + ξ² + 2Dξ + η² - 2Dη - 2ξη. Only the last term knows both, and 2ξη / epsilon is at most 1/2, so
//! that exp of it is [`TERMS`] terms of its series, to the last digit: a cell's part in a row's sum is a polynomial in ξ, whose coefficients are
//! moments of the cell. Cells are left out as tiles are ([`passes`](crate::passes)).

use octavo_plugin::math;
use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::sum::fold_lanes;
use rayon::prelude::*;

use crate::exponentials::swift;
use crate::stream::SAFE;

/// Terms of the series of exp(t) for |t| <= 1/2; the next is below 2^-55.
const TERMS: usize = 15;
/// Moments for sums of 1, η and η².
const MOMENTS: usize = TERMS + 2;
/// Points of a cell, on average, below which cells do not pay.
const CROWD: usize = 100;
/// Exponents above this are out of range.
const HIGHEST: f64 = 600.0;

/// Consecutive points at most sqrt(epsilon) apart.
#[derive(Clone, Copy, Debug)]
struct Cell {
    from: usize,
    to: usize,
    low: f64,
    high: f64,
}

impl Cell {
    fn middle(&self) -> f64 {
        0.5 * (self.low + self.high)
    }
}

/// One side: points in order, with g / epsilon or f / epsilon, and logarithms of weights.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) points: &'a [f64],
    pub(crate) levels: &'a [f64],
    pub(crate) log_weights: &'a [f64],
}

/// For each point of a side: the logarithm of the sum of b_j exp(E_ij) over the other side, and, if they are wanted, the means of
/// the cost and of the other's coordinate, with these terms as weights.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) logs: Vec<f64>,
    pub(crate) costs: Vec<f64>,
    pub(crate) images: Vec<f64>,
}

/// Whether cells pay at this epsilon.
pub(crate) fn pays(sides: [&[f64]; 2], epsilon: f64) -> bool {
    let crowded = |points: &[f64]| {
        // With more cells than that, there is no need to count them.
        let most = points.len() / CROWD;
        cells(points, epsilon).take(most + 1).count() <= most
    };
    sides.into_iter().all(crowded)
}

fn cells(points: &[f64], epsilon: f64) -> impl Iterator<Item = Cell> + '_ {
    let width = epsilon.sqrt();
    let mut from = 0;
    std::iter::from_fn(move || {
        let low = *points.get(from)?;
        let to = from + points[from..].partition_point(|x| x - low <= width);
        let cell = Cell { from, to, low, high: points[to - 1] };
        from = to;
        Some(cell)
    })
}

/// The sums over `columns` for each of `rows`; nothing where an exponent or a sum leaves the range of floats.
pub(crate) fn sums(rows: Row<'_>, columns: Row<'_>, epsilon: f64, cut: f64, means: bool) -> Option<Found> {
    let others: Vec<(Cell, f64)> = cells(columns.points, epsilon)
        .map(|cell| {
            let levels = &columns.levels[cell.from..cell.to];
            (cell, levels.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        })
        .collect();
    let scale = 1.0 / epsilon;
    let own: Vec<Cell> = cells(rows.points, epsilon).collect();
    let one = |cell: &Cell| {
        let mut sums = vec![[0.0; 3]; cell.to - cell.from];
        let levels = &rows.levels[cell.from..cell.to];
        let top = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (other, other_top) in &others {
            let gap = (cell.low - other.high).max(other.low - cell.high).max(0.0);
            if top + other_top - scale * gap * gap < cut {
                continue;
            }
            let shift = cell.middle() - other.middle();
            let (most, moments) = moments(columns, *other, shift, scale);
            if !add_up(rows, *cell, [shift, most, scale], &moments, &mut sums) {
                return None;
            }
        }
        Some(sums)
    };
    let parts: Option<Vec<Vec<[f64; 3]>>> = own.par_iter().map(one).collect();
    let all = parts?.concat();
    if !all.iter().all(|[sum, ..]| *sum > 1.0 / SAFE && *sum < SAFE) {
        return None;
    }
    let mut found = Found { logs: all.iter().map(|[sum, ..]| *sum).collect(), ..Found::default() };
    math::ln_slice(&mut found.logs);
    if means {
        found.costs = all.iter().map(|[sum, _, square]| square / sum).collect();
        found.images = all.iter().zip(rows.points).map(|([sum, first, _], x)| x - first / sum).collect();
    }
    Some(found)
}

/// The largest exponent of a cell's part, and its moments after that is taken out: sums of exp(e_j) (sqrt(2 / epsilon) η_j)^k.
fn moments(columns: Row<'_>, cell: Cell, shift: f64, scale: f64) -> (f64, [f64; MOMENTS]) {
    let middle = cell.middle();
    let exponent = |j: usize| {
        let eta = columns.points[j] - middle;
        columns.levels[j] + columns.log_weights[j] + scale * eta * (2.0 * shift - eta)
    };
    let most = (cell.from..cell.to).map(exponent).fold(f64::NEG_INFINITY, f64::max);
    let mut lanes = [[0.0; LANES]; MOMENTS];
    let unit = (2.0 * scale).sqrt();
    for first in (cell.from..cell.to).step_by(LANES) {
        let (mut exponents, mut etas) = ([f64::NEG_INFINITY; LANES], [0.0; LANES]);
        for (lane, j) in (first..cell.to.min(first + LANES)).enumerate() {
            exponents[lane] = exponent(j) - most;
            etas[lane] = unit * (columns.points[j] - middle);
        }
        simd::dispatch(Powers { exponents, etas, lanes: &mut lanes });
    }
    (most, lanes.map(fold_lanes))
}

struct Powers<'a> {
    exponents: [f64; LANES],
    etas: [f64; LANES],
    lanes: &'a mut [[f64; LANES]; MOMENTS],
}

impl Kernel for Powers<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut terms = swift(self.exponents);
        for sums in self.lanes {
            for lane in 0..LANES {
                sums[lane] += terms[lane];
                terms[lane] *= self.etas[lane];
            }
        }
    }
}

/// Adds a cell's part to the sums of 1, of x - y and of (x - y)² of the rows of another; whether all stays in range.
fn add_up(
    rows: Row<'_>,
    cell: Cell,
    [shift, most, scale]: [f64; 3],
    moments: &[f64; MOMENTS],
    sums: &mut [[f64; 3]],
) -> bool {
    let (middle, unit) = (cell.middle(), (2.0 * scale).sqrt());
    let mut factorial = 1.0;
    let mut coefficients = [[0.0; 3]; TERMS];
    for (k, coefficients) in coefficients.iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        if k > 0 {
            factorial *= k as f64;
        }
        *coefficients = [0, 1, 2].map(|power| moments[k + power] / factorial);
    }
    let mut fits = true;
    for (first, sums) in (cell.from..cell.to).step_by(LANES).zip(sums.chunks_mut(LANES)) {
        let (mut exponents, mut xis) = ([f64::NEG_INFINITY; LANES], [0.0; LANES]);
        for lane in 0..sums.len() {
            let xi = rows.points[first + lane] - middle;
            let gone = scale * (shift * shift + xi * (xi + 2.0 * shift));
            exponents[lane] = rows.levels[first + lane] - gone + most;
            // The negation also catches what is no number.
            fits &= exponents[lane] < HIGHEST;
            xis[lane] = unit * xi;
        }
        let found = simd::dispatch(Series { exponents, xis, coefficients: &coefficients });
        for (lane, sums) in sums.iter_mut().enumerate() {
            let [whole, first, second] = [0, 1, 2].map(|power| found[power][lane]);
            // Seen from x, η is at x - y = shift + ξ - η.
            let away = shift + xis[lane] / unit;
            let (first, second) = (first / unit, second / (unit * unit));
            sums[0] += whole;
            sums[1] += away * whole - first;
            sums[2] += (away * away * whole - 2.0 * away * first) + second;
        }
    }
    fits
}

struct Series<'a> {
    exponents: [f64; LANES],
    xis: [f64; LANES],
    coefficients: &'a [[f64; 3]; TERMS],
}

impl Kernel for Series<'_> {
    type Output = [[f64; LANES]; 3];

    #[inline(always)]
    fn run(self) -> [[f64; LANES]; 3] {
        let Self { exponents, xis, coefficients } = self;
        let factors = swift(exponents);
        let mut totals = [[0.0_f64; LANES]; 3];
        for coefficients in coefficients.iter().rev() {
            for (totals, coefficient) in totals.iter_mut().zip(coefficients) {
                for lane in 0..LANES {
                    totals[lane] = totals[lane].mul_add(xis[lane], *coefficient);
                }
            }
        }
        for totals in &mut totals {
            for lane in 0..LANES {
                totals[lane] *= factors[lane];
            }
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use octavo_plugin::Seed;

    use super::*;

    #[test]
    fn sums_are_those_of_the_definition() {
        let mut stream = Seed(31).stream("line");
        let mut side = |count: usize, from: f64| {
            let mut points: Vec<f64> = (0..count).map(|_| from + stream.uniform()).collect();
            points.sort_by(f64::total_cmp);
            let levels: Vec<f64> = points.iter().map(|x| 3.0 * x * x).collect();
            let log_weights: Vec<f64> =
                (0..count).map(|_| math::ln(stream.uniform() / count as f64)).collect();
            (points, levels, log_weights)
        };
        let (a, b) = (side(1500, 0.0), side(1300, 0.4));
        for epsilon in [0.5, 0.01] {
            assert!(pays([&a.0, &b.0], epsilon) && !pays([&a.0, &b.0], 1e-4));
            let row = |side: &'_ (Vec<f64>, Vec<f64>, Vec<f64>)| -> [Vec<f64>; 3] {
                [side.0.clone(), side.1.clone(), side.2.clone()]
            };
            let ([xs, fs, la], [ys, gs, lb]) = (row(&a), row(&b));
            let rows = Row { points: &xs, levels: &fs, log_weights: &la };
            let columns = Row { points: &ys, levels: &gs, log_weights: &lb };
            let found = sums(rows, columns, epsilon, f64::NEG_INFINITY, true).unwrap();
            for i in (0..xs.len()).step_by(71) {
                let mut expected = [0.0; 3];
                for j in 0..ys.len() {
                    let cost = (xs[i] - ys[j]) * (xs[i] - ys[j]);
                    let term = math::exp(lb[j] + fs[i] + gs[j] - cost / epsilon);
                    expected.iter_mut().zip([1.0, cost, ys[j]]).for_each(|(sum, value)| *sum += term * value);
                }
                let close = |found: f64, expected: f64| {
                    assert!(
                        (found - expected).abs() <= 2e-13 * (1.0 + expected.abs()),
                        "{epsilon} {i}: {found} {expected}"
                    );
                };
                close(found.logs[i], math::ln(expected[0]));
                close(found.costs[i], expected[1] / expected[0]);
                close(found.images[i], expected[2] / expected[0]);
            }
        }
    }
}
