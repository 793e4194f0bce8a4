//! Small products, without packing.

use super::Element;
use crate::simd::{Kernel, LANES};

/// Rows of the result that are computed together.
const ROWS: usize = 4;

/// `c` = `a` (m × k) times `b` (k × n).
pub(super) struct Product<'a, T> {
    pub(super) k: usize,
    pub(super) n: usize,
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
    pub(super) c: &'a mut [T],
}

impl<T: Element> Kernel for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Product { k, n, a, b, c } = self;
        for (left, rows) in a.chunks(ROWS * k).zip(c.chunks_mut(ROWS * n)) {
            let mut column = 0;
            while column + LANES <= n {
                columns::<T, LANES>(k, n, left, &b[column..], &mut rows[column..]);
                column += LANES;
            }
            for column in column..n {
                columns::<T, 1>(k, n, left, &b[column..], &mut rows[column..]);
            }
        }
    }
}

/// The first columns of up to [`ROWS`] rows, each entry folded over k in order.
#[inline(always)]
fn columns<T: Element, const COLUMNS: usize>(k: usize, n: usize, left: &[T], right: &[T], rows: &mut [T]) {
    let count = left.len() / k;
    let mut totals = [[T::default(); COLUMNS]; ROWS];
    for inner in 0..k {
        let right = &right[inner * n..][..COLUMNS];
        for (row, totals) in totals.iter_mut().enumerate().take(count) {
            let x = left[row * k + inner];
            for (total, y) in totals.iter_mut().zip(right) {
                *total = x.fused(*y, *total);
            }
        }
    }
    for (row, totals) in totals.iter().enumerate().take(count) {
        rows[row * n..][..COLUMNS].copy_from_slice(totals);
    }
}
