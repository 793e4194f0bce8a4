//! Matrices laid out as register tiles read them.

use std::ops::Range;

use rayon::prelude::*;

use super::{DEPTH, Element};

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

    /// The first numbers.
    pub(super) fn slice(&mut self, count: usize) -> &mut [T] {
        &mut self.numbers[self.offset..][..count]
    }
}

/// The left matrix in blocks of [`DEPTH`] steps of k; a block holds panels of rows, each with its rows side by side for
/// every k. The last panel is padded with zeros.
pub(super) struct Left<T> {
    rows: usize,
    panels: usize,
    packed: Aligned<T>,
}

/// Packs an m × k matrix into panels of `rows` rows.
pub(super) fn left<T: Element>(m: usize, k: usize, a: &[T], rows: usize) -> Left<T> {
    let panels = m.div_ceil(rows);
    let mut packed = Aligned::new(panels * rows * k);
    for (index, block) in
        packed.slice(panels * rows * k).chunks_mut((panels * rows * DEPTH).max(1)).enumerate()
    {
        let depth = block.len() / (panels * rows);
        let least = SHARED.div_ceil(rows * depth.max(1)).max(1);
        block.par_chunks_mut(rows * depth).with_min_len(least).enumerate().for_each(|(panel, packed)| {
            for row in panel * rows..m.min((panel + 1) * rows) {
                let source = &a[row * k + index * DEPTH..][..depth];
                let lane = packed[row - panel * rows..].iter_mut().step_by(rows);
                lane.zip(source).for_each(|(packed, value)| *packed = *value);
            }
        });
    }
    Left { rows, panels, packed }
}

impl<T: Element> Left<T> {
    /// The panels that hold these rows (the first is a multiple of a panel's), for the block of k that starts here.
    pub(super) fn panels(&self, start: usize, depth: usize, rows: Range<usize>) -> &[T] {
        let block = self.packed.offset + start * self.panels * self.rows;
        let (first, last) = (rows.start / self.rows, rows.end.div_ceil(self.rows));
        let panel = self.rows * depth;
        &self.packed.numbers[block + first * panel..block + last * panel]
    }
}

/// Packs the columns of a block of rows of the right matrix (rows of length n) into panels of `width` columns, each with
/// its columns side by side for every row. The last panel's padding keeps what was there: its results are not used.
pub(super) fn right<T: Element>(b: &[T], n: usize, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let depth = b.len() / n;
    for (row, entries) in b.chunks_exact(n).enumerate() {
        for (panel, part) in entries[columns.clone()].chunks(width).enumerate() {
            packed[(panel * depth + row) * width..][..part.len()].copy_from_slice(part);
        }
    }
}
