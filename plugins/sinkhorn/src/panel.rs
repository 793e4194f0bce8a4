//! The kernels of a panel: [`LANES`] rows against blocks of [`LANES`] columns.

use std::ops::Range;

use octavo_plugin::simd::{Kernel, LANES, RegisterKernel, Simd};

use crate::exponentials::swift;
use crate::stream::Blocks;

/// A block of one row.
type Block = [f64; LANES];

/// Terms one by one.
#[derive(Default)]
pub(crate) struct Scattered {
    /// Where each row ends.
    pub(crate) ends: [usize; LANES],
    pub(crate) columns: Vec<u32>,
    pub(crate) terms: Vec<f64>,
}

/// What the exponents of a panel are made of.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a> {
    /// The coordinates of the panel's rows.
    pub(crate) points: &'a [f64],
    pub(crate) columns: &'a Blocks,
    /// The costs of the panel, rows × `width`, where they are kept.
    pub(crate) kept: &'a [Block],
    pub(crate) width: usize,
    /// g_j / epsilon + ln b_j.
    pub(crate) offsets: &'a [Block],
    pub(crate) scale: f64,
}

impl Cells<'_> {
    /// The costs of one row and block: squared distances in D coordinates, or what is kept if D is 0.
    #[inline(always)]
    fn costs<const D: usize>(&self, row: usize, block: usize) -> Block {
        if D == 0 {
            return self.kept[row * self.width + block];
        }
        let axes = &self.columns.cells[block * D..][..D];
        let point = &self.points[row * D..][..D];
        let mut squares = [0.0; LANES];
        for axis in 0..D {
            for lane in 0..LANES {
                let difference = axes[axis][lane] - point[axis];
                squares[lane] = difference.mul_add(difference, squares[lane]);
            }
        }
        squares
    }

    /// The exponents of one row and block.
    #[inline(always)]
    fn exponents<const D: usize>(&self, row: usize, block: usize, shift: f64) -> Block {
        let mut costs = self.costs::<D>(row, block);
        let offsets = &self.offsets[block];
        for lane in 0..LANES {
            costs[lane] = costs[lane].mul_add(-self.scale, offsets[lane] + shift);
        }
        costs
    }
}

/// Writes the terms of some rows and adds them to the rows' sums, lane by lane. Lanes are folded outside of it: inside, compilers
/// hold them in pairs for the fold's sake.
pub(crate) struct Terms<'a, const D: usize> {
    pub(crate) cells: Cells<'a>,
    pub(crate) shifts: &'a Block,
    pub(crate) rows: Range<usize>,
    pub(crate) active: &'a [u32],
    pub(crate) terms: &'a mut [[Block; LANES]],
    pub(crate) sums: &'a mut [Block; LANES],
}

impl<const D: usize> Kernel for Terms<'_, D> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { cells, shifts, rows, active, terms, sums } = self;
        for row in rows {
            let (shift, mut total) = (shifts[row], [0.0; LANES]);
            for (block, terms) in active.iter().zip(&mut *terms) {
                let found = swift(cells.exponents::<D>(row, *block as usize, shift));
                for lane in 0..LANES {
                    total[lane] += found[lane];
                }
                terms[row] = found;
            }
            sums[row] = total;
        }
    }
}

/// The largest exponents of a row, lane by lane.
pub(crate) struct Top<'a, const D: usize> {
    pub(crate) cells: Cells<'a>,
    pub(crate) shift: f64,
    pub(crate) row: usize,
    pub(crate) active: &'a [u32],
}

impl<const D: usize> Kernel for Top<'_, D> {
    type Output = Block;

    #[inline(always)]
    fn run(self) -> Block {
        let mut lanes = [f64::NEG_INFINITY; LANES];
        for block in self.active {
            let exponents = self.cells.exponents::<D>(self.row, *block as usize, self.shift);
            for lane in 0..LANES {
                lanes[lane] = if exponents[lane] > lanes[lane] { exponents[lane] } else { lanes[lane] };
            }
        }
        lanes
    }
}

/// Adds the terms of a panel, each row with its share, to the sums of the columns.
pub(crate) struct AddShares<'a> {
    pub(crate) share: &'a Block,
    pub(crate) active: &'a [u32],
    pub(crate) terms: &'a [[Block; LANES]],
    pub(crate) sums: &'a mut [Block],
}

impl Kernel for AddShares<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (block, terms) in self.active.iter().zip(self.terms) {
            let sums = &mut self.sums[*block as usize];
            let mut totals = *sums;
            for (terms, share) in terms.iter().zip(self.share) {
                for lane in 0..LANES {
                    totals[lane] = terms[lane].mul_add(*share, totals[lane]);
                }
            }
            *sums = totals;
        }
    }
}

/// For each row the sum of its terms times their costs.
pub(crate) struct Means<'a, const D: usize> {
    pub(crate) cells: Cells<'a>,
    pub(crate) rows: usize,
    pub(crate) active: &'a [u32],
    pub(crate) terms: &'a [[Block; LANES]],
    pub(crate) sums: &'a mut [Block; LANES],
}

impl<const D: usize> Kernel for Means<'_, D> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for row in 0..self.rows {
            let mut totals = [0.0; LANES];
            for (block, terms) in self.active.iter().zip(self.terms) {
                let costs = self.cells.costs::<D>(row, *block as usize);
                for lane in 0..LANES {
                    totals[lane] = terms[row][lane].mul_add(costs[lane], totals[lane]);
                }
            }
            self.sums[row] = totals;
        }
    }
}

/// The sum of the terms of one row times one coordinate of the columns.
pub(crate) struct Moments<'a> {
    pub(crate) row: usize,
    pub(crate) axis: usize,
    pub(crate) active: &'a [u32],
    pub(crate) terms: &'a [[Block; LANES]],
    pub(crate) columns: &'a Blocks,
}

impl Kernel for Moments<'_> {
    type Output = Block;

    #[inline(always)]
    fn run(self) -> Block {
        let mut totals = [0.0; LANES];
        for (block, terms) in self.active.iter().zip(self.terms) {
            let ys = &self.columns.cells[*block as usize * self.columns.dimension + self.axis];
            for lane in 0..LANES {
                totals[lane] = terms[self.row][lane].mul_add(ys[lane], totals[lane]);
            }
        }
        totals
    }
}

/// How many terms of a tile are at least these.
pub(crate) struct Count<'a> {
    pub(crate) terms: &'a [Block; LANES],
    pub(crate) least: &'a Block,
}

impl Kernel for Count<'_> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let mut lanes = [0_u64; LANES];
        for row in self.terms {
            for lane in 0..LANES {
                lanes[lane] += u64::from(row[lane] >= self.least[lane]);
            }
        }
        lanes.into_iter().sum::<u64>() as usize
    }
}

/// The sums of a panel's rows over terms one by one, each with its column's scaling, added to what there is.
pub(crate) struct ScatteredSums<'a> {
    pub(crate) scattered: &'a Scattered,
    pub(crate) scalings: &'a [f64],
    pub(crate) sums: &'a mut Block,
}

impl Kernel for ScatteredSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Scattered { ends, columns, terms } = self.scattered;
        let mut from = 0;
        for row in 0..LANES {
            // Two chains, so that each addition need not wait for the one before.
            let mut totals = [0.0; 2];
            for (columns, terms) in columns[from..ends[row]].chunks(2).zip(terms[from..ends[row]].chunks(2)) {
                for (total, (column, term)) in totals.iter_mut().zip(columns.iter().zip(terms)) {
                    *total = term.mul_add(self.scalings[*column as usize], *total);
                }
            }
            self.sums[row] += totals[0] + totals[1];
            from = ends[row];
        }
    }
}

/// Adds terms one by one, each row with its share, to the sums of the columns.
pub(crate) struct AddScattered<'a> {
    pub(crate) scattered: &'a Scattered,
    pub(crate) share: &'a Block,
    pub(crate) sums: &'a mut [f64],
}

impl Kernel for AddScattered<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Scattered { ends, columns, terms } = self.scattered;
        let mut from = 0;
        for row in 0..LANES {
            for (column, term) in columns[from..ends[row]].iter().zip(&terms[from..ends[row]]) {
                let sum = &mut self.sums[*column as usize];
                *sum = term.mul_add(self.share[row], *sum);
            }
            from = ends[row];
        }
    }
}

/// Adds the terms of a panel, each column with its scaling, to the sums of the rows, lane by lane.
pub(crate) struct RowSums<'a> {
    pub(crate) active: &'a [u32],
    pub(crate) terms: &'a [[Block; LANES]],
    pub(crate) scalings: &'a [Block],
    pub(crate) sums: &'a mut [Block; LANES],
}

// Over registers: given arrays, compilers take lanes one by one.
impl RegisterKernel for RowSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (block, terms) in self.active.iter().zip(self.terms) {
            let scalings = S::as_simd_f64s(&self.scalings[*block as usize]).0;
            for (terms, sums) in terms.iter().zip(&mut *self.sums) {
                let terms = S::as_simd_f64s(terms).0;
                let sums = S::as_mut_simd_f64s(sums).0;
                for ((sum, term), scaling) in sums.iter_mut().zip(terms).zip(scalings) {
                    *sum = simd.mul_add_f64s(*term, *scaling, *sum);
                }
            }
        }
    }
}
