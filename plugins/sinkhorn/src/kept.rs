//! Sinkhorn's iteration with a kernel that is kept: one exponential a pair for many iterations.
//!
//! At absorbed potentials (F, G) the kernel is K_ij = exp((F_i + G_j - c_ij) / epsilon). While potentials are
//! f = F + epsilon ln u and g = G + epsilon ln v, both half-steps are products of K with vectors, in one pass over it: a panel
//! of rows is read for its sums, and again, from the first-level cache, for what it adds to the columns. A scaling that
//! leaves [1 / RANGE, RANGE] ends this; whoever holds the potentials then absorbs the scalings and begins anew (Schmitzer 2019,
//! section 3.1). Sums have a fixed order, whatever the thread count and the lane width.

use octavo_plugin::simd::{self, Kernel, LANES, RegisterKernel, Simd};
use octavo_plugin::{math, sum};
use rayon::prelude::*;

use crate::exponentials::exponentials;

/// What scalings must stay below, and their reciprocals: about exp(115).
const RANGE: f64 = 1e50;
/// Entries of the kernel below this are zero: scaled, they are less than 1e-100 of a sum.
const LEAST: f64 = 1e-200;
/// Rows whose scalings are found together.
const QUADS: usize = LANES / 4;
/// Entries of a group of rows, whose sums over columns are its own: below, waking another thread takes longer.
const GROUP: usize = 1 << 17;

/// Lanes of numbers.
type Block = [f64; LANES];

/// A block of each of four rows, from the start of a cache line on, so that no lane straddles two.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Quad([Block; 4]);

/// Weights of atoms with their scalings, padded with atoms of weight 0.
struct Scaled {
    count: usize,
    weights: Vec<Block>,
    scalings: Vec<Block>,
    /// The scalings before the last step.
    before: Vec<Block>,
}

impl Scaled {
    fn new(weights: &[f64]) -> Self {
        let ones = vec![[1.0; LANES]; weights.len().div_ceil(LANES)];
        Self { count: weights.len(), weights: blocks(weights), before: ones.clone(), scalings: ones }
    }

    /// The logarithms of the scalings.
    fn logs(&self) -> Vec<f64> {
        let mut logs = self.scalings.concat();
        logs.truncate(self.count);
        math::ln_slice(&mut logs);
        logs
    }
}

/// Numbers in blocks, padded with zeros.
fn blocks(numbers: &[f64]) -> Vec<Block> {
    let padded = |part: &[f64]| {
        let mut block = [0.0; LANES];
        block[..part.len()].copy_from_slice(part);
        block
    };
    numbers.chunks(LANES).map(padded).collect()
}

/// Some panels of [`LANES`] rows.
struct Group {
    /// Four rows, block by block of their columns, side by side.
    kernel: Vec<Quad>,
    rows: Scaled,
    /// For each column the sum over the group's rows of a_i u_i K_ij.
    sums: Vec<Block>,
}

/// A kernel with the scalings of its rows and columns.
pub(crate) struct Kept {
    groups: Vec<Group>,
    columns: Scaled,
    /// b_j v_j.
    shares: Vec<Block>,
    /// For each column the sum of a_i u_i K_ij.
    sums: Vec<Block>,
    /// Completed steps.
    pub(crate) steps: u64,
}

impl Kept {
    /// The kernel at potentials whose exponents E_ij, of a row, `fill` writes; scalings are 1. Nothing if an entry is too
    /// large.
    pub(crate) fn new([rows, columns]: [&[f64]; 2], fill: impl Fn(usize, &mut [f64]) + Sync) -> Option<Self> {
        let columns = Scaled::new(columns);
        let width = columns.weights.len();
        let height = LANES * (GROUP / (LANES * LANES * width)).max(1);
        let group = |(index, weights): (usize, &[f64])| {
            let rows = Scaled::new(weights);
            let mut kernel = vec![Quad([[0.0; LANES]; 4]); rows.weights.len() * QUADS * width];
            let mut row = vec![[0.0; LANES]; width];
            for place in 0..weights.len() {
                fill(index * height + place, &mut row.as_flattened_mut()[..columns.count]);
                let quad = &mut kernel[place / 4 * width..][..width];
                if !simd::dispatch(Entries { row: &row, quad, place: place % 4 }) {
                    return None;
                }
            }
            let mut group = Group { kernel, rows, sums: vec![[0.0; LANES]; width] };
            group.add_up();
            Some(group)
        };
        let groups: Option<Vec<Group>> = rows
            .par_chunks(height)
            .enumerate()
            .with_min_len(GROUP / (height * LANES * width) + 1)
            .map(group)
            .collect();
        let zeros = vec![[0.0; LANES]; width];
        let mut kept = Self { groups: groups?, columns, shares: zeros.clone(), sums: zeros, steps: 0 };
        kept.gather();
        Some(kept)
    }

    /// One iteration, first the columns and then the rows, each lengthened by `factor`: the L1 errors of both marginals, each
    /// before its half-step. Nothing, and nothing moved, if a scaling would leave its range.
    pub(crate) fn step(&mut self, factor: f64) -> Option<f64> {
        let Self { groups, columns, shares, sums, .. } = self;
        let mut errors = [0.0; LANES];
        let mut safe = simd::dispatch(Columns { columns, shares, sums, factor, errors: &mut errors });
        let pass = |group: &mut Group| group.step(shares, factor);
        let found: Vec<(Block, bool)> = if let [group] = &mut groups[..] {
            vec![pass(group)]
        } else {
            groups.par_iter_mut().map(pass).collect()
        };
        let mut error = sum::fold_lanes(errors);
        for (errors, fits) in found {
            error += sum::fold_lanes(errors);
            safe &= fits;
        }
        if !safe {
            let scaled = self.groups.iter_mut().map(|group| &mut group.rows);
            scaled.chain([&mut self.columns]).for_each(|scaled| scaled.scalings.clone_from(&scaled.before));
            return None;
        }
        self.gather();
        self.steps += 1;
        Some(error)
    }

    /// ln u and ln v.
    pub(crate) fn logs(&self) -> [Vec<f64>; 2] {
        let rows: Vec<Vec<f64>> = self.groups.iter().map(|group| group.rows.logs()).collect();
        [rows.concat(), self.columns.logs()]
    }

    /// Adds up the sums of the groups, in order.
    fn gather(&mut self) {
        let (first, others) = self.groups.split_first().expect("a measure has atoms");
        self.sums.copy_from_slice(&first.sums);
        for group in others {
            let parts = group.sums.as_flattened();
            self.sums.as_flattened_mut().iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
    }
}

/// Kept entries of one row from its exponents; whether none is too large.
struct Entries<'a> {
    row: &'a [Block],
    quad: &'a mut [Quad],
    place: usize,
}

impl Kernel for Entries<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut fits = true;
        for (exponents, entries) in self.row.iter().zip(self.quad) {
            let mut found = exponentials(*exponents);
            for entry in &mut found {
                fits &= *entry < RANGE;
                *entry = if *entry < LEAST { 0.0 } else { *entry };
            }
            entries.0[self.place] = found;
        }
        fits
    }
}

/// Scalings of one block from the sums that they are to make 1: what a half-step leaves, and whether it stays in range.
#[inline(always)]
fn rescaled(scalings: &mut Block, sums: &Block, weights: &Block, factor: f64, errors: &mut Block) -> bool {
    let mut masses = [0.0; LANES];
    for lane in 0..LANES {
        masses[lane] = scalings[lane] * sums[lane];
        errors[lane] = weights[lane].mul_add((masses[lane] - 1.0).abs(), errors[lane]);
    }
    if factor == 1.0 {
        for lane in 0..LANES {
            scalings[lane] = 1.0 / sums[lane];
        }
    } else {
        let steps = exponentials(masses.map(|mass| -factor * math::ln(mass)));
        for lane in 0..LANES {
            scalings[lane] *= steps[lane];
        }
    }
    let mut fits = true;
    for scaling in scalings {
        fits &= *scaling < RANGE && *scaling > 1.0 / RANGE;
    }
    fits
}

/// Sums over lanes that are no atoms become 1.
fn pad(sums: &mut Block, atoms: usize) {
    sums[atoms.min(LANES)..].fill(1.0);
}

/// The half-step of the columns.
struct Columns<'a> {
    columns: &'a mut Scaled,
    shares: &'a mut [Block],
    sums: &'a mut [Block],
    factor: f64,
    errors: &'a mut Block,
}

impl Kernel for Columns<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Scaled { count, weights, scalings, before } = self.columns;
        before.copy_from_slice(scalings);
        let mut fits = true;
        for (block, sums) in self.sums.iter_mut().enumerate() {
            pad(sums, *count - block * LANES);
            fits &= rescaled(&mut scalings[block], sums, &weights[block], self.factor, self.errors);
            for lane in 0..LANES {
                self.shares[block][lane] = weights[block][lane] * scalings[block][lane];
            }
        }
        fits
    }
}

impl Group {
    /// The half-step of the rows, and the sums of the columns after it.
    fn step(&mut self, shares: &[Block], factor: f64) -> (Block, bool) {
        let Self { kernel, rows, sums } = self;
        let (mut errors, mut fits, width) = ([0.0; LANES], true, shares.len());
        rows.before.copy_from_slice(&rows.scalings);
        sums.fill([0.0; LANES]);
        for (panel, kernel) in kernel.chunks_exact(QUADS * width).enumerate() {
            let mut lanes = [[0.0; LANES]; LANES];
            simd::dispatch(RowSums { kernel, shares, lanes: &mut lanes });
            let mut masses = lanes.map(sum::fold_lanes);
            pad(&mut masses, rows.count - panel * LANES);
            let (scalings, weights) = (&mut rows.scalings[panel], &rows.weights[panel]);
            fits &= simd::dispatch(Rows { scalings, masses: &masses, weights, factor, errors: &mut errors });
            simd::dispatch_registers(AddRows { kernel, shares: products(weights, scalings), sums });
        }
        (errors, fits)
    }

    /// The sums of the columns with the scalings that there are.
    fn add_up(&mut self) {
        let width = self.sums.len();
        for (panel, kernel) in self.kernel.chunks_exact(QUADS * width).enumerate() {
            let shares = products(&self.rows.weights[panel], &self.rows.scalings[panel]);
            simd::dispatch_registers(AddRows { kernel, shares, sums: &mut self.sums });
        }
    }
}

fn products(weights: &Block, scalings: &Block) -> Block {
    std::array::from_fn(|lane| weights[lane] * scalings[lane])
}

/// The half-step of one panel.
struct Rows<'a> {
    scalings: &'a mut Block,
    masses: &'a Block,
    weights: &'a Block,
    factor: f64,
    errors: &'a mut Block,
}

impl Kernel for Rows<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        rescaled(self.scalings, self.masses, self.weights, self.factor, self.errors)
    }
}

/// For each row of a panel the sum over its columns of K_ij b_j v_j, lane by lane. Lanes are folded outside of it: inside,
/// compilers hold them in pairs for the fold's sake.
struct RowSums<'a> {
    kernel: &'a [Quad],
    shares: &'a [Block],
    lanes: &'a mut [Block; LANES],
}

impl Kernel for RowSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let quads = self.kernel.chunks_exact(self.shares.len()).zip(self.lanes.as_chunks_mut::<4>().0);
        for (quad, lanes) in quads {
            let mut totals = [[0.0; LANES]; 4];
            for (rows, shares) in quad.iter().zip(self.shares) {
                for (row, totals) in rows.0.iter().zip(&mut totals) {
                    for lane in 0..LANES {
                        totals[lane] = row[lane].mul_add(shares[lane], totals[lane]);
                    }
                }
            }
            *lanes = totals;
        }
    }
}

/// Adds the rows of a panel, each with its share, to the sums of the columns.
struct AddRows<'a> {
    kernel: &'a [Quad],
    shares: Block,
    sums: &'a mut [Block],
}

// Over registers: given arrays, compilers take blocks side by side and gather their lanes.
impl RegisterKernel for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (quad, shares) in self.kernel.chunks_exact(self.sums.len()).zip(self.shares.as_chunks::<4>().0) {
            let shares = shares.map(|share| simd.splat_f64s(share));
            for (rows, sums) in quad.iter().zip(&mut *self.sums) {
                let rows = rows.0.each_ref().map(|row| S::as_simd_f64s(row).0);
                for (index, sums) in S::as_mut_simd_f64s(sums).0.iter_mut().enumerate() {
                    let mut totals = *sums;
                    for row in 0..4 {
                        totals = simd.mul_add_f64s(rows[row][index], shares[row], totals);
                    }
                    *sums = totals;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use octavo_plugin::Seed;

    use super::*;

    /// Exponents of rows × columns, weights with zeros among them, and the kernel.
    fn example(rows: usize, columns: usize) -> (Vec<f64>, [Vec<f64>; 2], Kept) {
        let mut stream = Seed(12).stream("kernel");
        let exponents = stream.normals(rows * columns, 3.0);
        let weights = [rows, columns].map(|count| -> Vec<f64> {
            (0..count).map(|k| if k % 11 == 3 { 0.0 } else { stream.uniform() / count as f64 }).collect()
        });
        let fill = |row: usize, out: &mut [f64]| out.copy_from_slice(&exponents[row * columns..][..columns]);
        let kept = Kept::new([&weights[0], &weights[1]], fill).unwrap();
        (exponents, weights, kept)
    }

    /// The definition, number by number.
    fn step(exponents: &[f64], weights: &[Vec<f64>; 2], [u, v]: [&mut Vec<f64>; 2], factor: f64) -> f64 {
        let columns = v.len();
        let entry = |i: usize, j: usize| math::exp(exponents[i * columns + j]);
        let mut error = 0.0;
        for j in 0..columns {
            let mass = v[j] * (0..u.len()).map(|i| weights[0][i] * u[i] * entry(i, j)).sum::<f64>();
            error += weights[1][j] * (mass - 1.0).abs();
            v[j] *= math::powf(mass, -factor);
        }
        for i in 0..u.len() {
            let mass = u[i] * (0..columns).map(|j| weights[1][j] * v[j] * entry(i, j)).sum::<f64>();
            error += weights[0][i] * (mass - 1.0).abs();
            u[i] *= math::powf(mass, -factor);
        }
        error
    }

    #[test]
    fn steps_are_those_of_the_definition() {
        // The last of these has three groups of rows.
        for (rows, columns) in [(1, 1), (16, 16), (17, 5), (33, 90), (700, 500)] {
            let (exponents, weights, mut kept) = example(rows, columns);
            let (mut u, mut v) = (vec![1.0; rows], vec![1.0; columns]);
            for factor in [1.0, 1.0, 1.4, 1.0, 1.7] {
                let expected = step(&exponents, &weights, [&mut u, &mut v], factor);
                let found = kept.step(factor).unwrap();
                assert!((found - expected).abs() < 1e-12 * (1.0 + expected), "{found} {expected}");
                for (found, expected) in kept.logs().concat().iter().zip(u.iter().chain(&v)) {
                    assert!((found - math::ln(*expected)).abs() < 1e-12, "{rows} by {columns}, {factor}");
                }
            }
        }
    }

    #[test]
    fn a_scaling_out_of_range_moves_nothing() {
        // Scalings have to make up for exp(±80), and in the second step for exp(±160).
        let exponents = [80.0, -160.0];
        let weights = [[1.0], [1.0]];
        let mut kept =
            Kept::new([&weights[0], &weights[1]], |_, out| out.copy_from_slice(&exponents[..1])).unwrap();
        assert!(kept.step(1.0).is_some());
        let before = kept.logs();
        assert!(kept.step(3.0).is_some_and(|error| error < 1e-12), "the step is none: {before:?}");
        let far = |_: usize, out: &mut [f64]| out.copy_from_slice(&exponents[1..]);
        let mut kept = Kept::new([&weights[0], &weights[1]], far).unwrap();
        assert!(kept.step(1.0).is_none());
        assert_eq!((kept.logs(), kept.steps), ([vec![0.0], vec![0.0]], 0));
        let large = |_: usize, out: &mut [f64]| out.fill(120.0);
        assert!(Kept::new([&weights[0], &weights[1]], large).is_none());
    }

    #[test]
    fn threads_change_no_bit() {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut kept = example(700, 500).2;
                let errors = [1.0, 1.3].map(|factor| kept.step(factor));
                (errors, kept.logs())
            })
        };
        assert_eq!(run(1), run(3));
    }
}
