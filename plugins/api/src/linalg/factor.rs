//! Products that are made again and again at one size, in room of their own: nothing is allocated, nothing leaves the thread that
//! asks, and every entry is the fold of [`matmul`](super::matmul).

use super::tile::Block;
use super::{DIRECT, Element, Matrix, block_width, direct, pack, padded, steps};
use crate::simd;

/// Most rows of a register tile.
const MOST_ROWS: usize = 8;

/// A left matrix for products with right ones of so many columns.
pub struct Factor<T> {
    m: usize,
    k: usize,
    /// Row after row, for products so small that packing does not pay.
    plain: Vec<T>,
    packed: pack::Left<T>,
}

impl<T: Element> Default for Factor<T> {
    fn default() -> Self {
        Self { m: 0, k: 0, plain: Vec::new(), packed: pack::Left::empty() }
    }
}

/// Room for what a product packs.
pub struct Room<T>(pack::Aligned<T>);

impl<T: Element> Default for Room<T> {
    fn default() -> Self {
        Self(pack::Aligned::new(0))
    }
}

impl<T: Element> Factor<T> {
    /// Makes it this m × k matrix, for products with n columns.
    ///
    /// # Panics
    /// If the matrix is not as large as its shape says.
    pub fn set(&mut self, [m, k, n]: [usize; 3], a: Matrix<'_, T>) {
        assert_eq!(a.numbers().len(), m * k, "the left matrix is m by k");
        (self.m, self.k) = (m, k);
        if m * k * n <= DIRECT {
            a.write_rows(m, k, &mut self.plain);
        } else {
            self.plain.clear();
            self.packed.set(m, k, a, simd::tile_shape(size_of::<T>()).rows);
        }
    }

    /// The matrix times `b` (k × n, row-major) into `c` (m × n), whose numbers do not matter.
    ///
    /// # Panics
    /// If a slice is not as long as its shape says.
    pub fn times(&self, n: usize, b: &[T], c: &mut [T], room: &mut Room<T>) {
        let (m, k) = (self.m, self.k);
        assert_eq!(b.len(), k * n, "the right matrix is k by n");
        assert_eq!(c.len(), m * n, "the result is m by n");
        if m * k * n == 0 {
            c.fill(T::default());
            return;
        }
        if !self.plain.is_empty() {
            simd::dispatch(direct::Product { k, n, a: &self.plain, b, c });
            return;
        }
        let shape = simd::tile_shape(size_of::<T>());
        let width = block_width::<T>(n);
        for column in (0..n).step_by(width) {
            let columns = column..n.min(column + width);
            for start in (0..k).step_by(steps::<T>()) {
                let depth = steps::<T>().min(k - start);
                room.0.make_room(depth * padded::<T>(columns.len()));
                let right = room.0.slice(depth * padded::<T>(columns.len()));
                pack::right(&b[start * n..(start + depth) * n], n, columns.clone(), shape.columns, right);
                for (group, rows) in c.chunks_mut(shape.rows * n).enumerate() {
                    let first = group * shape.rows;
                    let left = self.packed.panels(start, depth, first..first + rows.len() / n);
                    let rows = rows.chunks_mut(n).map(|row| &mut row[columns.clone()]);
                    add(depth, left, right, rows, start == 0);
                }
            }
        }
    }
}

/// Both matrices of one summand of a sum of products, packed: k steps of all entries.
pub struct Summand<T> {
    shape: [usize; 3],
    /// Row after row, if the whole sum is so small that packing does not pay.
    plain: [Vec<T>; 2],
    left: pack::Left<T>,
    right: pack::Aligned<T>,
}

impl<T: Element> Default for Summand<T> {
    fn default() -> Self {
        Self {
            shape: [0; 3],
            plain: [Vec::new(), Vec::new()],
            left: pack::Left::empty(),
            right: pack::Aligned::new(0),
        }
    }
}

impl<T: Element> Summand<T> {
    /// Makes it the product of `a` (m × k) and `b` (k × n). `alone` says that it will be the only one of its sum.
    ///
    /// # Panics
    /// If a matrix is not as large as its shape says.
    pub fn set(&mut self, shape: [usize; 3], [a, b]: [Matrix<'_, T>; 2], alone: bool) {
        let [m, k, n] = shape;
        assert_eq!(a.numbers().len(), m * k, "the left matrix is m by k");
        assert_eq!(b.numbers().len(), k * n, "the right matrix is k by n");
        self.shape = shape;
        self.plain.iter_mut().for_each(Vec::clear);
        if alone && m * k * n <= DIRECT {
            a.write_rows(m, k, &mut self.plain[0]);
            b.write_rows(k, n, &mut self.plain[1]);
            return;
        }
        let tile = simd::tile_shape(size_of::<T>());
        self.left.set(m, k, a, tile.rows);
        let padded = padded::<T>(n);
        self.right.make_room(k * padded);
        for start in (0..k).step_by(steps::<T>()) {
            let depth = steps::<T>().min(k - start);
            let packed = &mut self.right.slice(k * padded)[start * padded..(start + depth) * padded];
            match b {
                Matrix::Rows(b) => {
                    pack::right(&b[start * n..(start + depth) * n], n, 0..n, tile.columns, packed);
                }
                Matrix::Columns(b) => pack::right_of_columns(b, k, start, tile.columns, packed),
            }
        }
    }

    /// Rows of a register tile: sums are made of groups of so many rows.
    pub fn rows() -> usize {
        simd::tile_shape(size_of::<T>()).rows
    }

    /// The sum of products in the order given into `c`, some of its rows from `first` on, a multiple of [`rows`](Self::rows). The
    /// numbers in `c` do not matter.
    ///
    /// # Panics
    /// If `c` has no whole rows, or more than there are.
    pub fn add_up<'a>(summands: impl Iterator<Item = &'a Self>, first: usize, c: &mut [T])
    where
        T: 'a,
    {
        let mut begun = false;
        for Self { shape: [m, k, n], plain, left, right } in summands {
            let (m, k, n) = (*m, *k, *n);
            if m * k * n == 0 {
                continue;
            }
            if !plain[0].is_empty() {
                let a = &plain[0][first * k..][..c.len() / n * k];
                simd::dispatch(direct::Product { k, n, a, b: &plain[1], c });
                return;
            }
            let padded = padded::<T>(n);
            for start in (0..k).step_by(steps::<T>()) {
                let depth = steps::<T>().min(k - start);
                let right = &right.numbers()[start * padded..(start + depth) * padded];
                let height = Self::rows();
                for (group, rows) in c.chunks_mut(height * n).enumerate() {
                    let first = first + group * height;
                    let left = left.panels(start, depth, first..m.min(first + height));
                    add(depth, left, right, rows.chunks_mut(n), !begun);
                }
                begun = true;
            }
        }
        if !begun {
            c.fill(T::default());
        }
    }
}

/// Adds steps of k to a few rows, at most as many as a register tile has.
fn add<'a, T: Element>(
    depth: usize,
    left: &[T],
    right: &[T],
    rows: impl Iterator<Item = &'a mut [T]>,
    first: bool,
) {
    let mut found: [&mut [T]; MOST_ROWS] = Default::default();
    let mut count = 0;
    for (place, row) in found.iter_mut().zip(rows) {
        *place = row;
        count += 1;
    }
    simd::dispatch_tiles(Block { depth, left, right, rows: &mut found[..count], first });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;
    use crate::linalg::matmul;

    const SHAPES: [[usize; 3]; 10] = [
        [1, 1, 1],
        [3, 7, 5],
        [17, 1100, 30],
        [40, 520, 401],
        [130, 9, 200],
        [33, 700, 3],
        [9, 600, 195],
        [256, 64, 256],
        [2, 0, 3],
        [50, 40, 33],
    ];

    fn transposed(rows: usize, matrix: &[f64]) -> Vec<f64> {
        let columns = matrix.len() / rows.max(1);
        (0..columns).flat_map(|j| (0..rows).map(move |i| matrix[i * columns + j])).collect()
    }

    /// However the matrices are stored and whatever was in the room before, the bits are those of the product.
    #[test]
    fn factors_and_summands_give_the_bits_of_the_product() {
        let mut stream = Seed(8).stream("factor");
        let (mut factor, mut room) = (Factor::default(), Room::default());
        let mut summands = [Summand::default(), Summand::default(), Summand::default()];
        for [m, k, n] in SHAPES {
            let (a, b) = (stream.normals(m * k, 1.0), stream.normals(k * n, 1.0));
            let expected = matmul(m, k, n, &a, &b);
            let (a_turned, b_turned) = (transposed(m, &a), transposed(k, &b));
            let mut found = vec![f64::NAN; m * n];
            for left in [Matrix::Rows(&a), Matrix::Columns(&a_turned)] {
                factor.set([m, k, n], left);
                found.fill(f64::NAN);
                factor.times(n, &b, &mut found, &mut room);
                assert_eq!(found, expected, "a factor, {m} by {k} by {n}");
                for right in [Matrix::Rows(&b), Matrix::Columns(&b_turned)] {
                    for alone in [true, false] {
                        summands[0].set([m, k, n], [left, right], alone);
                        found.fill(f64::NAN);
                        Summand::add_up(summands[..1].iter(), 0, &mut found);
                        assert_eq!(found, expected, "a summand, {m} by {k} by {n}");
                    }
                }
            }
            // Rows of k in three parts, and the result in two.
            let cuts = [0, k / 3, k / 3 + k / 2, k];
            for (part, summand) in summands.iter_mut().enumerate() {
                let (from, to) = (cuts[part], cuts[part + 1]);
                let left = &a_turned[from * m..to * m];
                let right = &b[from * n..to * n];
                summand.set([m, to - from, n], [Matrix::Columns(left), Matrix::Rows(right)], false);
            }
            found.fill(f64::NAN);
            let middle = (Summand::<f64>::rows() * (m / 2 / Summand::<f64>::rows())).min(m);
            let (top, bottom) = found.split_at_mut(middle * n);
            Summand::add_up(summands.iter(), 0, top);
            Summand::add_up(summands.iter(), middle, bottom);
            assert_eq!(found, expected, "a sum, {m} by {k} by {n}");
        }
    }

    #[test]
    fn every_lane_width_gives_the_bits_of_the_product() {
        octavo_plugin_test::same_bits_on_every_simd_level(
            "linalg::factor::tests::factors_and_summands_give_the_bits_of_the_product",
        );
    }
}
