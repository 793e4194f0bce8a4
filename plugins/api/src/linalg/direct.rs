//! Small products, without packing.

use super::Element;
use crate::simd::Kernel;

/// Rows of the result that are computed together.
const ROWS: usize = 4;
/// Bytes of a row of totals: four rows of them are half of the registers of a processor with 16 of 32 bytes.
const WIDTH: usize = 64;

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
        let whole = a.len() / (ROWS * k) * ROWS;
        let (left, last_left) = a.split_at(whole * k);
        let (rows, last_rows) = c.split_at_mut(whole * n);
        for (left, rows) in left.chunks_exact(ROWS * k).zip(rows.chunks_exact_mut(ROWS * n)) {
            some_rows::<T, ROWS>(k, n, left, b, rows);
        }
        for (left, rows) in last_left.chunks_exact(k).zip(last_rows.chunks_exact_mut(n)) {
            some_rows::<T, 1>(k, n, left, b, rows);
        }
    }
}

/// Rows in as many columns as registers have room for; those left over in halves, quarters and so on.
#[inline(always)]
fn some_rows<T: Element, const COUNT: usize>(k: usize, n: usize, left: &[T], right: &[T], rows: &mut [T]) {
    let mut column = 0;
    while size_of::<T>() * 16 <= WIDTH && column + 16 <= n {
        columns::<T, COUNT, 16>(k, n, left, &right[column..], &mut rows[column..]);
        column += 16;
    }
    while n - column >= 8 {
        columns::<T, COUNT, 8>(k, n, left, &right[column..], &mut rows[column..]);
        column += 8;
    }
    if n - column >= 4 {
        columns::<T, COUNT, 4>(k, n, left, &right[column..], &mut rows[column..]);
        column += 4;
    }
    if n - column >= 2 {
        columns::<T, COUNT, 2>(k, n, left, &right[column..], &mut rows[column..]);
        column += 2;
    }
    if n > column {
        columns::<T, COUNT, 1>(k, n, left, &right[column..], &mut rows[column..]);
    }
}

/// The first columns of some rows, each entry folded over k in order. How many there are of both is known when this is
/// compiled, so that the totals stay in registers.
#[inline(always)]
fn columns<T: Element, const COUNT: usize, const COLUMNS: usize>(
    k: usize,
    n: usize,
    left: &[T],
    right: &[T],
    rows: &mut [T],
) {
    let mut totals = [[T::default(); COLUMNS]; COUNT];
    for inner in 0..k {
        let right: &[T; COLUMNS] = right[inner * n..].first_chunk().expect("a row has the columns");
        for (row, totals) in totals.iter_mut().enumerate() {
            let x = left[row * k + inner];
            for (total, y) in totals.iter_mut().zip(right) {
                *total = x.fused(*y, *total);
            }
        }
    }
    for (row, totals) in totals.iter().enumerate() {
        rows[row * n..][..COLUMNS].copy_from_slice(totals);
    }
}
