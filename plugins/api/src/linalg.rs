//! Products of matrices with a fixed order of summation.

use rayon::prelude::*;

use crate::simd::{self, Kernel, LANES};

/// Rows of the result that one kernel call computes together.
const ROWS: usize = 4;

/// `a` (m × k) times `b` (k × n), all row-major. Every entry is the fold over k, in order, of `mul_add`, so that the
/// result depends on neither blocking, threads nor lane width. Runs on the shared thread pool.
///
/// # Panics
/// If a slice is not as long as its shape says.
pub fn matmul(m: usize, k: usize, n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), m * k, "the left matrix is m by k");
    assert_eq!(b.len(), k * n, "the right matrix is k by n");
    let mut c = vec![0.0; m * n];
    if n == 0 {
        return c;
    }
    c.par_chunks_mut(ROWS * n).enumerate().for_each(|(block, rows)| {
        let first = block * ROWS;
        let count = rows.len() / n;
        simd::dispatch(Block { k, n, a: &a[first * k..(first + count) * k], b, c: rows });
    });
    c
}

struct Block<'a> {
    k: usize,
    n: usize,
    a: &'a [f64],
    b: &'a [f64],
    c: &'a mut [f64],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Block { k, n, a, b, c } = self;
        let rows = c.len() / n;
        let mut column = 0;
        while column + LANES <= n {
            let mut totals = [[0.0_f64; LANES]; ROWS];
            for inner in 0..k {
                let right: &[f64; LANES] =
                    b[inner * n + column..][..LANES].try_into().expect("sixteen lanes were taken");
                for (row, total) in totals.iter_mut().enumerate().take(rows) {
                    let left = a[row * k + inner];
                    for lane in 0..LANES {
                        total[lane] = left.mul_add(right[lane], total[lane]);
                    }
                }
            }
            for row in 0..rows {
                c[row * n + column..][..LANES].copy_from_slice(&totals[row]);
            }
            column += LANES;
        }
        for column in column..n {
            for row in 0..rows {
                let mut total = 0.0_f64;
                for inner in 0..k {
                    total = a[row * k + inner].mul_add(b[inner * n + column], total);
                }
                c[row * n + column] = total;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn equals_the_defining_fold_bit_for_bit() {
        let mut stream = Seed(5).stream("matmul");
        for (m, k, n) in [(1, 1, 1), (3, 7, 5), (4, 16, 16), (9, 33, 50), (2, 0, 3), (5, 4, 0)] {
            let a = stream.normals(m * k, 1.0);
            let b = stream.normals(k * n, 1.0);
            let c = matmul(m, k, n, &a, &b);
            for i in 0..m {
                for j in 0..n {
                    let fold = (0..k).fold(0.0_f64, |total, x| a[i * k + x].mul_add(b[x * n + j], total));
                    assert_eq!(c[i * n + j].to_bits(), fold.to_bits(), "{m}x{k}x{n} at {i},{j}");
                }
            }
        }
    }
}
