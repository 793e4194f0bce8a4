//! Products of matrices with a fixed order of summation, at the speed of the machine.
//!
//! Every entry of a product is the fold over k, in order, of `mul_add`: one rounding a step, from zero. Lanes and threads
//! only compute different entries side by side, and a block of k continues from the entries that the block before it left
//! in memory, which rounds nothing. So the result depends on neither blocking, cache, threads nor lane width.
//!
//! The method is that of Goto and van de Geijn (ACM TOMS 34, 2008): the left matrix is packed once into panels of a few
//! rows; each task packs its block of columns of the right matrix, so that it stays in the second-level cache, and runs
//! register tiles over both ([`tile`]). 2 m k n operations; m k + O(1) numbers of memory besides the result.

mod direct;
mod factor;
mod pack;
mod tile;

use std::ops::Range;

use rayon::prelude::*;

pub use factor::{Factor, Room, Summand};
pub use pack::Matrix;
pub use tile::Element;

use crate::simd;
use tile::Block;

/// Bytes of the steps of k that are packed together.
const DEPTH: usize = 4096;
/// Bytes of a row in a block of columns, whole panels on every level: with [`DEPTH`] three quarters of a second-level cache
/// of 1 MB.
const WIDTH: usize = 8 * 3 * 64;
/// So many bytes more are no reason for another block.
const SLACK: usize = 64;
/// Tasks for each thread, where there are rows enough.
const TASKS: usize = 4;
/// Products of at most this many multiplications are not packed.
const DIRECT: usize = 1 << 16;
/// Products of at most this many multiplications stay on the thread that asks: waking others takes longer.
const ALONE: usize = 1 << 20;

/// `a` (m × k) times `b` (k × n), all row-major, f64 or f32. Runs on the shared thread pool.
///
/// # Panics
/// If a slice is not as long as its shape says.
pub fn matmul<T: Element>(m: usize, k: usize, n: usize, a: &[T], b: &[T]) -> Vec<T> {
    let mut c = vec![T::default(); m * n];
    matmul_into(m, k, n, a, b, &mut c);
    c
}

/// As [`matmul`], into `c` (m × n), whose numbers do not matter: for products in a row, without memory in between.
///
/// # Panics
/// If a slice is not as long as its shape says.
pub fn matmul_into<T: Element>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    assert_eq!(a.len(), m * k, "the left matrix is m by k");
    assert_eq!(b.len(), k * n, "the right matrix is k by n");
    assert_eq!(c.len(), m * n, "the result is m by n");
    let operations = m.saturating_mul(k).saturating_mul(n);
    if operations == 0 {
        c.fill(T::default());
    } else if operations <= DIRECT {
        simd::dispatch(direct::Product { k, n, a, b, c });
    } else if operations <= ALONE {
        Packed::new(m, k, a).times_into(n, b, c);
    } else {
        in_tasks(&Packed::new(m, k, a), n, b, c);
    }
}

/// A right matrix in the order in which products read it, filled row by row where its numbers come into being.
pub struct Right<T> {
    k: usize,
    n: usize,
    packed: pack::Aligned<T>,
}

impl<T: Element> Default for Right<T> {
    fn default() -> Self {
        Self { k: 0, n: 0, packed: pack::Aligned::new(0) }
    }
}

impl<T: Element> Right<T> {
    /// Makes it a k × n matrix of any numbers.
    pub fn resize(&mut self, k: usize, n: usize) {
        (self.k, self.n) = (k, n);
        self.packed.make_room(k * padded::<T>(n));
    }

    /// Sets the rows from `first` on.
    ///
    /// # Panics
    /// If they are no rows of n numbers, or too many.
    pub fn set_rows(&mut self, first: usize, rows: &[T]) {
        let (panel, width) = (simd::tile_shape(size_of::<T>()).columns, block_width::<T>(self.n));
        assert_eq!(rows.len() % self.n.max(1), 0, "the rows have n numbers");
        for (index, row) in rows.chunks_exact(self.n.max(1)).enumerate() {
            let step = (first + index) % steps::<T>();
            let start = first + index - step;
            let depth = steps::<T>().min(self.k - start);
            for (block, part) in row.chunks(width).enumerate() {
                let range = self.range(block * width, start);
                let packed = &mut self.packed.numbers_mut()[range];
                for (entries, part) in packed.chunks_mut(depth * panel).zip(part.chunks(panel)) {
                    let stride = entries.len() / depth;
                    pack::copy(part, &mut entries[step * stride..][..part.len()]);
                }
            }
        }
    }

    /// The panels over [`steps`] of k from `start` on, of the block of columns from `column` on.
    fn block(&self, column: usize, start: usize) -> &[T] {
        &self.packed.numbers()[self.range(column, start)]
    }

    fn range(&self, column: usize, start: usize) -> Range<usize> {
        let padded = padded::<T>(block_width::<T>(self.n).min(self.n - column));
        let from = self.k * column + start * padded;
        from..from + steps::<T>().min(self.k - start) * padded
    }
}

/// A left matrix ready for many products, each on the thread that asks for it.
pub struct Packed<T> {
    m: usize,
    k: usize,
    left: pack::Left<T>,
}

impl<T: Element> Packed<T> {
    /// Packs an m × k matrix, row-major. A copy of it in another order.
    ///
    /// # Panics
    /// If the slice is not as long as its shape says.
    pub fn new(m: usize, k: usize, a: &[T]) -> Self {
        Self::converted(m, k, a, |x| x)
    }

    /// As [`Packed::new`], from other numbers.
    ///
    /// # Panics
    /// If the slice is not as long as its shape says.
    pub fn converted<S: Copy + Sync>(m: usize, k: usize, a: &[S], of: impl Fn(S) -> T + Sync) -> Self {
        assert_eq!(a.len(), m * k, "the left matrix is m by k");
        Self { m, k, left: pack::left(m, k, a, simd::tile_shape(size_of::<T>()).rows, of) }
    }

    /// The matrix times `b` (k × n) into `c` (m × n), whose numbers do not matter: the bits of [`matmul`].
    ///
    /// # Panics
    /// If `b` has not k rows, or `c` is not as long as its shape says.
    pub fn times(&self, b: &Right<T>, c: &mut [T]) {
        assert_eq!(b.k, self.k, "the right matrix has k rows");
        assert_eq!(c.len(), self.m * b.n, "the result is m by n");
        if self.k == 0 || self.m == 0 || b.n == 0 {
            c.fill(T::default());
            return;
        }
        for column in (0..b.n).step_by(block_width::<T>(b.n)) {
            let columns = column..b.n.min(column + block_width::<T>(b.n));
            let mut rows: Vec<&mut [T]> =
                c.chunks_exact_mut(b.n).map(|row| &mut row[columns.clone()]).collect();
            for start in (0..self.k).step_by(steps::<T>()) {
                let depth = steps::<T>().min(self.k - start);
                let (left, right) = (self.left.panels(start, depth, 0..self.m), b.block(column, start));
                simd::dispatch_tiles(Block { depth, left, right, rows: &mut rows, first: start == 0 });
            }
        }
    }

    /// The matrix times `b` (k × n) into `c` (m × n), whose numbers do not matter: the bits of [`matmul`].
    ///
    /// # Panics
    /// If a slice is not as long as its shape says.
    pub fn times_into(&self, n: usize, b: &[T], c: &mut [T]) {
        assert_eq!(b.len(), self.k * n, "the right matrix is k by n");
        assert_eq!(c.len(), self.m * n, "the result is m by n");
        if self.k == 0 || self.m == 0 || n == 0 {
            c.fill(T::default());
            return;
        }
        let width = block_width::<T>(n);
        for column in (0..n).step_by(width) {
            let columns = column..n.min(column + width);
            let mut rows: Vec<&mut [T]> =
                c.chunks_exact_mut(n).map(|row| &mut row[columns.clone()]).collect();
            self.block(n, b, column, 0, &mut rows);
        }
    }

    /// A block of the result: `rows` are parts of its rows from `first` on, of the columns from `column` on.
    fn block(&self, n: usize, b: &[T], column: usize, first: usize, rows: &mut [&mut [T]]) {
        let shape = simd::tile_shape(size_of::<T>());
        let columns = rows[0].len();
        let padded = padded::<T>(columns);
        let mut right = pack::Aligned::new(steps::<T>().min(self.k) * padded);
        for start in (0..self.k).step_by(steps::<T>()) {
            let depth = steps::<T>().min(self.k - start);
            let right = right.slice(depth * padded);
            let part = &b[start * n..(start + depth) * n];
            pack::right(part, n, column..column + columns, shape.columns, right);
            let left = self.left.panels(start, depth, first..first + rows.len());
            simd::dispatch_tiles(Block { depth, left, right, rows, first: start == 0 });
        }
    }
}

/// Steps of k that are packed together.
const fn steps<T>() -> usize {
    DEPTH / size_of::<T>()
}

/// Columns of a block, where there are `n` in all.
fn block_width<T>(n: usize) -> usize {
    if n * size_of::<T>() <= WIDTH + SLACK { n.max(1) } else { WIDTH / size_of::<T>() }
}

/// Columns with those that fill up the last register.
fn padded<T>(columns: usize) -> usize {
    columns.next_multiple_of(simd::tile_shape(size_of::<T>()).lane)
}

/// The product in blocks of rows and columns on the shared pool.
fn in_tasks<T: Element>(left: &Packed<T>, n: usize, b: &[T], c: &mut [T]) {
    let rows = simd::tile_shape(size_of::<T>()).rows;
    let width = block_width::<T>(n);
    let blocks = n.div_ceil(width);
    let groups = (TASKS * rayon::current_num_threads()).div_ceil(blocks).min(left.m.div_ceil(rows));
    let height = left.m.div_ceil(groups).next_multiple_of(rows);
    let mut tasks: Vec<Vec<&mut [T]>> = Vec::new();
    tasks.resize_with(left.m.div_ceil(height) * blocks, || Vec::with_capacity(height));
    for (row, entries) in c.chunks_mut(n).enumerate() {
        for (block, part) in entries.chunks_mut(width).enumerate() {
            tasks[row / height * blocks + block].push(part);
        }
    }
    tasks.into_par_iter().enumerate().for_each(|(task, mut rows)| {
        left.block(n, b, task % blocks * width, task / blocks * height, &mut rows);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    const SHAPES: [(usize, usize, usize); 15] = [
        (1, 1, 1),
        (3, 7, 5),
        (4, 16, 16),
        (9, 33, 50),
        (2, 0, 3),
        (5, 4, 0),
        (0, 3, 2),
        (17, 1100, 30),
        (40, 520, 401),
        (130, 9, 200),
        (100, 100, 200),
        (33, 700, 1),
        (9, 600, 195),
        (17, 1030, 203),
        (6, 11, 31),
    ];

    #[test]
    fn equals_the_defining_fold_bit_for_bit() {
        let mut stream = Seed(5).stream("matmul");
        for (m, k, n) in SHAPES {
            let a = stream.normals(m * k, 1.0);
            let b = stream.normals(k * n, 1.0);
            let c = matmul(m, k, n, &a, &b);
            let mut packed = vec![f64::NAN; m * n];
            Packed::new(m, k, &a).times_into(n, &b, &mut packed);
            assert_eq!(packed, c, "packed once: {m}x{k}x{n}");
            let mut right = Right::default();
            right.resize(k, n);
            for (index, rows) in b.chunks(3 * n.max(1)).enumerate() {
                right.set_rows(3 * index, rows);
            }
            packed.fill(f64::NAN);
            Packed::new(m, k, &a).times(&right, &mut packed);
            assert_eq!(packed, c, "the right matrix filled by rows: {m}x{k}x{n}");
            let [a32, b32] = [&a, &b].map(|matrix| matrix.iter().map(|x| *x as f32).collect::<Vec<f32>>());
            let c32 = matmul(m, k, n, &a32, &b32);
            for i in 0..m {
                for j in 0..n {
                    let fold = (0..k).fold(0.0_f64, |total, x| a[i * k + x].mul_add(b[x * n + j], total));
                    assert_eq!(c[i * n + j].to_bits(), fold.to_bits(), "{m}x{k}x{n} at {i},{j}");
                    let fold = (0..k).fold(0.0_f32, |total, x| a32[i * k + x].mul_add(b32[x * n + j], total));
                    assert_eq!(c32[i * n + j].to_bits(), fold.to_bits(), "f32 {m}x{k}x{n} at {i},{j}");
                }
            }
        }
    }

    #[test]
    fn every_lane_width_gives_the_fold() {
        octavo_plugin_test::same_bits_on_every_simd_level(
            "linalg::tests::equals_the_defining_fold_bit_for_bit",
        );
    }

    #[test]
    fn threads_and_what_was_there_do_not_change_a_bit() {
        let (m, k, n) = (70, 600, 500);
        let mut stream = Seed(6).stream("matmul");
        let (a, b) = (stream.normals(m * k, 1.0), stream.normals(k * n, 1.0));
        let expected = matmul(m, k, n, &a, &b);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut c = vec![f64::NAN; m * n];
            pool.install(|| matmul_into(m, k, n, &a, &b, &mut c));
            assert!(c.iter().zip(&expected).all(|(found, expected)| found.to_bits() == expected.to_bits()));
        }
    }

    /// Padding must not spread what is not finite.
    #[test]
    fn infinities_stay_where_they_belong() {
        let a = [1.0, 2.0, f64::INFINITY, 1.0];
        let c = matmul(2, 2, 3, &a, &[1.0, 1.0, -1.0, 0.5, f64::NAN, 0.0]);
        assert_eq!(c[0], 2.0);
        assert!(c[1].is_nan() && c[4].is_nan());
        assert_eq!((c[2], c[3], c[5]), (-1.0, f64::INFINITY, f64::NEG_INFINITY));
    }
}
