//! Entropic transport between weighted pixels of two rectangular grids, for a cost that is a sum over the axes, such as |x - y|².
//!
//! The sum over all pixels of exp((f_i - c_ij) / epsilon) a_i then is one sum along rows after another along columns: n^(3/2)
//! exponentials for a half-step instead of n². Everything stays in the log domain, each sum with its own largest exponent taken
//! out, and memory is of the order of the pixels.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Failure, math};
use rayon::prelude::*;

use crate::cost::Power;
use crate::exponentials::exponentials;
use crate::floats::{self, Entropic, Options, Pairs, Stop};
use crate::measure::shares;

/// Terms that make a task worth a thread.
const TASK: usize = 1 << 14;

/// Weighted pixels: every pair of a column's and a row's coordinate is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The coordinates of the columns, and those of the rows.
    axes: [Vec<f64>; 2],
    /// rows × columns; the sum is 1.
    weights: Vec<f64>,
}

impl Grid {
    /// A grid with `columns` and `rows` as coordinates of its pixels; `weights` are rows × columns, are divided by their sum and
    /// may be 0.
    ///
    /// # Errors
    /// [`FailureKind::User`](octavo_plugin::FailureKind::User) if lengths do not fit, a number is not finite, a weight is
    /// negative or none is above 0.
    pub fn new(columns: Vec<f64>, rows: Vec<f64>, weights: &[f64]) -> Result<Self, Failure> {
        if weights.is_empty() || columns.len() * rows.len() != weights.len() {
            let (across, down, count) = (columns.len(), rows.len(), weights.len());
            return Err(Failure::user(format!("{count} weights are not {down} rows of {across} pixels")));
        }
        let finite = columns.iter().chain(&rows).all(|x| x.is_finite());
        if !finite || !weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) {
            return Err(Failure::user("coordinates are finite, weights are finite and not negative"));
        }
        Ok(Self { axes: [columns, rows], weights: shares(weights)? })
    }
}

/// Solves the problem between two grids for the cost |x - y|², along a path of decreasing epsilon if `options.relaxed` says so,
/// else by Sinkhorn's iteration as it is.
///
/// # Errors
/// As [`transport`](crate::transport).
pub fn grid_transport(source: &Grid, target: &Grid, options: Options) -> Result<Entropic, Failure> {
    let pairs = GridPairs::new(source, target, Power::SQUARE);
    if options.relaxed {
        return floats::scaled(&pairs, options, &mut Stop::alone());
    }
    floats::alternate(&pairs, options, (&[], &[]), &mut Stop::alone())
}

/// Two grids with the cost between them.
pub(crate) struct GridPairs<'a> {
    source: &'a Grid,
    target: &'a Grid,
    log_weights: [Vec<f64>; 2],
    /// By axis: from the source's coordinates to the target's, and back.
    there: [Axis; 2],
    back: [Axis; 2],
}

impl<'a> GridPairs<'a> {
    /// Costs along both axes.
    pub(crate) fn new(source: &'a Grid, target: &'a Grid, cost: Power) -> Self {
        let logs = |grid: &Grid| grid.weights.iter().map(|weight| math::ln(*weight)).collect();
        let axes = |from: &Grid, to: &Grid| [0, 1].map(|k| Axis::new(&from.axes[k], &to.axes[k], cost));
        Self {
            log_weights: [logs(source), logs(target)],
            there: axes(source, target),
            back: axes(target, source),
            source,
            target,
        }
    }

    /// Logarithms of f / epsilon with the weights, the pixels row by row.
    fn levels(&self, side: usize, potential: &[f64], epsilon: f64) -> Vec<f64> {
        potential.iter().zip(&self.log_weights[side]).map(|(f, weight)| f / epsilon + weight).collect()
    }

    /// For each pixel of the source the mean over its share of the plan of `value(axis, x, y)`, added over the axes.
    fn means(&self, g: &[f64], epsilon: f64, value: impl Fn(usize, f64, f64) -> f64 + Sync) -> Vec<f64> {
        let levels = self.levels(1, g, epsilon);
        let [xs, ys] = &self.source.axes;
        let [us, vs] = &self.target.axes;
        // Along the target's rows first: for each of them and each column of the source, log of mass and mean.
        let inner: Vec<(f64, f64)> = levels
            .par_chunks_exact(us.len())
            .flat_map_iter(|row| {
                let value = &value;
                xs.iter().enumerate().map(move |(k, x)| {
                    let exponent = |u: usize| row[u] - self.back[0].cost(u, k) / epsilon;
                    soft_mean(us.len(), exponent, |u| value(0, *x, us[u]))
                })
            })
            .collect();
        ys.par_iter()
            .enumerate()
            .flat_map_iter(|(k, y)| {
                let (value, inner) = (&value, &inner);
                (0..xs.len()).map(move |column| {
                    let entry = |v: usize| inner[v * xs.len() + column];
                    let exponent = |v: usize| entry(v).0 - self.back[1].cost(v, k) / epsilon;
                    soft_mean(vs.len(), exponent, |v| entry(v).1 + value(1, *y, vs[v])).1
                })
            })
            .collect()
    }
}

/// Logarithm of the sum of exponentials, and the mean of values with these weights.
fn soft_mean(count: usize, exponent: impl Fn(usize) -> f64, value: impl Fn(usize) -> f64) -> (f64, f64) {
    let top = (0..count).map(&exponent).fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return (top, 0.0);
    }
    let (mut total, mut moment) = (0.0, 0.0);
    for index in 0..count {
        let term = math::exp(exponent(index) - top);
        total += term;
        moment += term * value(index);
    }
    (top + math::ln(total), moment / total)
}

impl Pairs for GridPairs<'_> {
    fn weights(&self) -> [&[f64]; 2] {
        [&self.source.weights, &self.target.weights]
    }

    fn row_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        half_step(&self.levels(1, g, epsilon), &self.back, f, epsilon)
    }

    fn column_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        half_step(&self.levels(0, f, epsilon), &self.there, g, epsilon)
    }

    fn row_costs(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        let cost = self.back[0].power;
        let means = self.means(g, epsilon, |_, x, y| cost.between(&[x], &[y]).value());
        let excess = self.row_excess(f, g, epsilon);
        means.iter().zip(excess).map(|(mean, excess)| mean * math::exp(excess)).collect()
    }

    fn row_images(&self, _f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        let along =
            |wanted: usize| self.means(g, epsilon, move |axis, _, y| if axis == wanted { y } else { 0.0 });
        let (first, second) = (along(0), along(1));
        first.into_iter().zip(second).flat_map(<[f64; 2]>::from).collect()
    }

    fn largest(&self) -> f64 {
        self.there.iter().map(|axis| axis.costs.iter().flatten().copied().fold(0.0, f64::max)).sum()
    }
}

/// Sums along rows, then along columns, against the potential of the side that moves.
fn half_step(levels: &[f64], axes: &[Axis; 2], potential: &[f64], epsilon: f64) -> Vec<f64> {
    let [across, down] = axes;
    // Each pass turns rows into columns, so that two leave them as they were.
    let turned = across.pass(levels, epsilon);
    let mut excess = down.pass(&turned, epsilon);
    excess.iter_mut().zip(potential).for_each(|(level, f)| *level += f / epsilon);
    excess
}

/// The costs between the coordinates along one axis.
struct Axis {
    from: usize,
    to: usize,
    /// from × blocks of targets; the last block is padded.
    costs: Vec<[f64; LANES]>,
    power: Power,
}

impl Axis {
    fn new(from: &[f64], to: &[f64], power: Power) -> Self {
        let block = |x: f64, targets: &[f64]| {
            let mut costs = [0.0; LANES];
            costs.iter_mut().zip(targets).for_each(|(cost, y)| *cost = power.between(&[x], &[*y]).value());
            costs
        };
        let costs =
            from.iter().flat_map(|x| to.chunks(LANES).map(move |targets| block(*x, targets))).collect();
        Self { from: from.len(), to: to.len(), costs, power }
    }

    fn cost(&self, from: usize, to: usize) -> f64 {
        self.costs[from * self.to.div_ceil(LANES) + to / LANES][to % LANES]
    }

    /// For `levels`, lines × from, the logarithms of the sums over each line of exp(level - cost / epsilon), to × lines.
    fn pass(&self, levels: &[f64], epsilon: f64) -> Vec<f64> {
        let lines = levels.len() / self.from;
        let scaled: Vec<[f64; LANES]> =
            self.costs.iter().map(|block| block.map(|cost| cost / epsilon)).collect();
        let sums: Vec<f64> = levels
            .par_chunks_exact(self.from)
            .with_min_len(1 + TASK / (self.from * self.to))
            .flat_map_iter(|line| {
                let blocks = self.to.div_ceil(LANES);
                (0..blocks).flat_map({
                    let scaled = &scaled;
                    move |block| simd::dispatch(Line { line, scaled, blocks, block })
                })
            })
            .collect();
        let width = self.to.div_ceil(LANES) * LANES;
        (0..self.to)
            .flat_map(|to| {
                (0..lines).map({
                    let sums = &sums;
                    move |line| sums[line * width + to]
                })
            })
            .collect()
    }
}

/// One line against a block of targets.
struct Line<'a> {
    line: &'a [f64],
    scaled: &'a [[f64; LANES]],
    blocks: usize,
    block: usize,
}

impl Kernel for Line<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let Self { line, scaled, blocks, block } = self;
        let mut top = [f64::NEG_INFINITY; LANES];
        for (level, costs) in line.iter().zip(scaled[block..].iter().step_by(blocks)) {
            for lane in 0..LANES {
                let exponent = level - costs[lane];
                top[lane] = if exponent > top[lane] { exponent } else { top[lane] };
            }
        }
        let mut sums = [0.0; LANES];
        for (level, costs) in line.iter().zip(scaled[block..].iter().step_by(blocks)) {
            let mut terms = [0.0; LANES];
            for lane in 0..LANES {
                terms[lane] = level - costs[lane] - top[lane];
            }
            let terms = exponentials(terms);
            for lane in 0..LANES {
                sums[lane] += terms[lane];
            }
        }
        for lane in 0..LANES {
            sums[lane] = top[lane] + math::ln(sums[lane]);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{Cloud, CloudPairs};
    use octavo_plugin::Seed;

    /// A grid, and its pixels as a cloud.
    fn sample(name: &str, columns: usize, rows: usize) -> (Grid, Cloud) {
        let mut stream = Seed(8).stream(name);
        let mut axis = |count: usize| -> Vec<f64> {
            let mut places: Vec<f64> = (0..count).map(|_| stream.uniform()).collect();
            places.sort_by(f64::total_cmp);
            places
        };
        let (xs, ys) = (axis(columns), axis(rows));
        let mut weights: Vec<f64> = (0..columns * rows).map(|_| stream.uniform()).collect();
        weights.iter_mut().step_by(7).for_each(|weight| *weight = 0.0);
        weights[..columns].fill(0.0);
        let points = ys.iter().flat_map(|y| xs.iter().flat_map(|x| [*x, *y])).collect();
        (Grid::new(xs, ys, &weights).unwrap(), Cloud::new(2, points, weights).unwrap())
    }

    #[test]
    fn a_pass_along_each_axis_is_a_pass_over_all_pairs() {
        let ((a, a_cloud), (b, b_cloud)) = (sample("a", 19, 7), sample("b", 5, 23));
        for cost in
            [Power::SQUARE, Power { exponent: 1.0, separate: true }, Power { exponent: 1.5, separate: true }]
        {
            let (grids, clouds) = (GridPairs::new(&a, &b, cost), CloudPairs::new(&a_cloud, &b_cloud, cost));
            let f = Seed(3).stream("f").normals(a.weights.len(), 0.1);
            let g = Seed(3).stream("g").normals(b.weights.len(), 0.1);
            for epsilon in [1.0, 0.02, 1e-3] {
                let close = |found: Vec<f64>, expected: Vec<f64>| {
                    assert_eq!(found.len(), expected.len());
                    for (p, q) in found.iter().zip(expected) {
                        assert!((p - q).abs() < 1e-11 * (1.0 + q.abs()), "{cost:?}, {epsilon}: {p} {q}");
                    }
                };
                close(grids.row_excess(&f, &g, epsilon), clouds.row_excess(&f, &g, epsilon));
                close(grids.column_excess(&f, &g, epsilon), clouds.column_excess(&f, &g, epsilon));
            }
            // Masses are in range of floats where potentials solve the rows.
            let excess = grids.row_excess(&f, &g, 0.1);
            let f: Vec<f64> = f.iter().zip(excess).map(|(f, step)| f - 0.1 * step).collect();
            for (p, q) in grids.row_costs(&f, &g, 0.1).iter().zip(clouds.row_costs(&f, &g, 0.1)) {
                assert!((p - q).abs() < 1e-13 * (1.0 + q), "{cost:?}: {p} {q}");
            }
            for (p, q) in grids.row_images(&f, &g, 0.1).iter().zip(clouds.row_images(&f, &g, 0.1)) {
                assert!((p - q).abs() < 1e-13, "{cost:?}: {p} {q}");
            }
        }
    }

    #[test]
    fn an_image_and_its_copy_elsewhere() {
        let (a, _) = sample("a", 12, 9);
        let moved = |axis: &Vec<f64>, by: f64| axis.iter().map(|x| x + by).collect();
        let b = Grid::new(moved(&a.axes[0], 0.75), moved(&a.axes[1], -0.5), &a.weights).unwrap();
        let options = Options { epsilon: 0.01, tolerance: 1e-11, max_iterations: 20_000, relaxed: true };
        let own = grid_transport(&a, &a, options).unwrap().value;
        let found = grid_transport(&a, &b, options).unwrap().value - own;
        assert!((found - 0.8125).abs() < 1e-11, "{found}");
        assert!(Grid::new(vec![0.0], vec![0.0, 1.0], &[1.0]).is_err());
    }
}
