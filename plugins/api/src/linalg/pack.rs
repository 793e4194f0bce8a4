//! Matrices laid out as register tiles read them.

use std::ops::Range;

use rayon::prelude::*;

use super::{Element, steps};

/// Numbers whose first one lies at the start of a cache line, so that no lane straddles two.
pub(super) struct Aligned<T> {
    numbers: Vec<T>,
    offset: usize,
}

const LINE: usize = 64;

/// Numbers that make a copy worth waking another thread.
const SHARED: usize = 1 << 16;

impl<T: Element> Aligned<T> {
    /// Zeros.
    pub(super) fn new(count: usize) -> Self {
        let spare = LINE / size_of::<T>();
        let numbers = vec![T::default(); count + spare];
        let offset = numbers.as_ptr().align_offset(LINE).min(spare);
        Self { numbers, offset }
    }

    /// Makes room for so many numbers, whatever they are.
    pub(super) fn make_room(&mut self, count: usize) {
        if self.numbers.len() - self.offset < count {
            *self = Self::new(count);
        }
    }

    /// All of them.
    pub(super) fn numbers(&self) -> &[T] {
        &self.numbers[self.offset..]
    }

    /// All of them.
    pub(super) fn numbers_mut(&mut self) -> &mut [T] {
        &mut self.numbers[self.offset..]
    }

    /// The first numbers.
    pub(super) fn slice(&mut self, count: usize) -> &mut [T] {
        &mut self.numbers[self.offset..][..count]
    }
}

/// A matrix as it is stored.
#[derive(Clone, Copy)]
pub enum Matrix<'a, T> {
    /// Row after row.
    Rows(&'a [T]),
    /// Column after column: the rows of its transpose.
    Columns(&'a [T]),
}

impl<'a, T: Element> Matrix<'a, T> {
    /// All numbers, as they are stored.
    pub(super) fn numbers(self) -> &'a [T] {
        match self {
            Self::Rows(numbers) | Self::Columns(numbers) => numbers,
        }
    }

    /// Writes it row after row.
    pub(super) fn write_rows(self, rows: usize, columns: usize, out: &mut Vec<T>) {
        out.clear();
        match self {
            Self::Rows(numbers) => out.extend_from_slice(numbers),
            Self::Columns(numbers) => {
                out.resize(rows * columns, T::default());
                for (column, entries) in numbers.chunks_exact(rows.max(1)).enumerate() {
                    for (row, entry) in entries.iter().enumerate() {
                        out[row * columns + column] = *entry;
                    }
                }
            }
        }
    }
}

/// The left matrix in blocks of [`steps`] steps of k; a block holds panels of rows, each with its rows side by side for
/// every k. The last panel is padded with zeros.
pub(super) struct Left<T> {
    rows: usize,
    panels: usize,
    packed: Aligned<T>,
}

/// Packs an m × k matrix into panels of `rows` rows.
pub(super) fn left<S: Copy + Sync, T: Element>(
    m: usize,
    k: usize,
    a: &[S],
    rows: usize,
    of: impl Fn(S) -> T + Sync,
) -> Left<T> {
    let panels = m.div_ceil(rows);
    let mut packed = Aligned::new(panels * rows * k);
    for (index, block) in
        packed.slice(panels * rows * k).chunks_mut((panels * rows * steps::<T>()).max(1)).enumerate()
    {
        let depth = block.len() / (panels * rows);
        let least = SHARED.div_ceil(rows * depth.max(1)).max(1);
        block.par_chunks_mut(rows * depth).with_min_len(least).enumerate().for_each(|(panel, packed)| {
            let sources: Vec<&[S]> = (panel * rows..m.min((panel + 1) * rows))
                .map(|row| &a[row * k + index * steps::<T>()..][..depth])
                .collect();
            for (step, packed) in packed.chunks_exact_mut(rows).enumerate() {
                packed.iter_mut().zip(&sources).for_each(|(packed, source)| *packed = of(source[step]));
            }
        });
    }
    Left { rows, panels, packed }
}

impl<T: Element> Left<T> {
    /// No matrix.
    pub(super) fn empty() -> Self {
        Self { rows: 1, panels: 0, packed: Aligned::new(0) }
    }

    /// Packs an m × k matrix into panels of `rows` rows in the room that there is.
    pub(super) fn set(&mut self, m: usize, k: usize, a: Matrix<'_, T>, rows: usize) {
        let panels = m.div_ceil(rows);
        (self.rows, self.panels) = (rows, panels);
        self.packed.make_room(panels * rows * k);
        let packed = self.packed.slice(panels * rows * k);
        for (index, block) in packed.chunks_mut((panels * rows * steps::<T>()).max(1)).enumerate() {
            let (start, depth) = (index * steps::<T>(), block.len() / (panels * rows));
            for (panel, packed) in block.chunks_exact_mut(rows * depth).enumerate() {
                let (first, count) = (panel * rows, rows.min(m - panel * rows));
                match a {
                    Matrix::Rows(a) => {
                        let row = |row: usize| &a[(first + row.min(count - 1)) * k + start..][..depth];
                        interleave(row, count, rows, packed);
                    }
                    Matrix::Columns(a) => {
                        for (step, packed) in packed.chunks_exact_mut(rows).enumerate() {
                            copy(&a[(start + step) * m + first..][..count], &mut packed[..count]);
                            packed[count..].fill(T::default());
                        }
                    }
                }
            }
        }
    }

    /// The panels that hold these rows (the first is a multiple of a panel's), for the block of k that starts here.
    pub(super) fn panels(&self, start: usize, depth: usize, rows: Range<usize>) -> &[T] {
        let block = self.packed.offset + start * self.panels * self.rows;
        let (first, last) = (rows.start / self.rows, rows.end.div_ceil(self.rows));
        let panel = self.rows * depth;
        &self.packed.numbers[block + first * panel..block + last * panel]
    }
}

/// Packs the columns of a block of rows of the right matrix (rows of length n) into panels of `width` columns, each with
/// its columns side by side for every row; the last panel only has the registers that it needs. Padding keeps what was
/// there: its results are not used.
pub(super) fn right<T: Element>(b: &[T], n: usize, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let depth = b.len() / n;
    for (row, entries) in b.chunks_exact(n).enumerate() {
        let parts = entries[columns.clone()].chunks(width);
        for (packed, part) in packed.chunks_mut(depth * width).zip(parts) {
            let stride = packed.len() / depth;
            copy(part, &mut packed[row * stride..][..part.len()]);
        }
    }
}

/// Copies a few numbers, a few at a time: they are too few for a call.
pub(super) fn copy<T: Copy>(source: &[T], target: &mut [T]) {
    let (whole, rest) = source.as_chunks::<8>();
    let (targets, last) = target.as_chunks_mut::<8>();
    targets.iter_mut().zip(whole).for_each(|(target, source)| *target = *source);
    // Compilers make a call of what follows, and mostly there is nothing left over.
    if rest.is_empty() {
        return;
    }
    last.iter_mut().zip(rest).for_each(|(target, source)| *target = *source);
}

/// As [`right`], for all columns and `packed.len() / padded width` rows from `start` on, of a matrix of k rows that is stored column
/// after column.
pub(super) fn right_of_columns<T: Element>(b: &[T], k: usize, start: usize, width: usize, packed: &mut [T]) {
    let n = b.len() / k;
    let depth = packed.len() / super::padded::<T>(n);
    for (panel, packed) in packed.chunks_mut(depth * width).enumerate() {
        let (first, stride) = (panel * width, packed.len() / depth);
        let count = stride.min(n - first);
        let column = |column: usize| &b[(first + column.min(count - 1)) * k + start..][..depth];
        interleave(column, count, stride, packed);
    }
}

/// Writes the first numbers of all slices, then their second numbers, and so on; zeros for those beyond the count.
fn interleave<'a, T: Element>(
    slice: impl Fn(usize) -> &'a [T],
    count: usize,
    stride: usize,
    packed: &mut [T],
) {
    const SIDE: usize = 8;
    let mut first = 0;
    while first + SIDE <= count {
        let slices: [&[T]; SIDE] = std::array::from_fn(|index| slice(first + index));
        for (step, packed) in packed.chunks_exact_mut(stride).enumerate() {
            let target: &mut [T; SIDE] = packed[first..].first_chunk_mut().expect("the stride has room");
            for (target, slice) in target.iter_mut().zip(&slices) {
                *target = slice[step];
            }
        }
        first += SIDE;
    }
    for index in first..stride {
        let slice = slice(index);
        for (packed, number) in packed.chunks_exact_mut(stride).zip(slice) {
            packed[index] = if index < count { *number } else { T::default() };
        }
    }
}
