//! The mean over all offsets of a grid: the area of a dilated bitmap.
//!
//! A box of side s meets a set if its corner lies in the set dilated by a box. So the number of boxes that are met, averaged
//! over all s² offsets of the grid, is the number of pixels of the dilated set divided by s²: what an average over random
//! offsets estimates, without its noise. A dilation by t <= 2s follows from the one by s with one shift in each direction.

use octavo_plugin::simd::{self, Kernel};

use crate::bitmap::{Bitmap, ones};

/// A bitmap dilated by boxes that grow.
pub struct Dilation {
    /// Of the undilated set.
    width: usize,
    height: usize,
    stride: usize,
    words: Vec<u64>,
    side: usize,
}

impl Dilation {
    /// The set itself, with room for boxes of side up to `most`.
    pub fn new(bitmap: &Bitmap, most: usize) -> Self {
        let (width, height) = (bitmap.width(), bitmap.height());
        let stride = (width + most).div_ceil(64);
        let mut words = vec![0; stride * (height + most)];
        for (y, row) in words.chunks_exact_mut(stride).take(height).enumerate() {
            row[..bitmap.row(y).len()].copy_from_slice(bitmap.row(y));
        }
        Self { width, height, stride, words, side: 1 }
    }

    /// The mean over all offsets of the number of boxes of this side that are met. Sides must not fall from call to call.
    ///
    /// # Panics
    /// If the side is smaller than the last, or beyond the room.
    pub fn mean_count(&mut self, side: usize) -> f64 {
        assert!(side >= self.side, "boxes grow");
        while self.side < side {
            self.grow(side.min(2 * self.side) - self.side);
        }
        let rows = &self.words[..self.stride * (self.height + side - 1)];
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 pixels")]
        let mean = ones(rows) as f64 / (side * side) as f64;
        mean
    }

    /// Dilates by boxes that are larger by `by`, at most as much as they are large.
    fn grow(&mut self, by: usize) {
        let (rows, stride) = (self.height + self.side - 1, self.stride);
        let used = (self.width + self.side + by).div_ceil(64).min(stride);
        for row in self.words.chunks_exact_mut(stride).take(rows) {
            simd::dispatch(Spread { row: &mut row[..used], by });
        }
        // From the end, so that what is read has not moved yet.
        for y in (by..rows + by).rev() {
            let (above, below) = self.words.split_at_mut(y * stride);
            let source = &above[(y - by) * stride..][..used];
            simd::dispatch(Join { into: &mut below[..used], source });
        }
        self.side += by;
    }
}

/// Adds to a row its bits moved by `by` places.
struct Spread<'a> {
    row: &'a mut [u64],
    by: usize,
}

impl Kernel for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (words, bits) = (self.by / 64, self.by % 64);
        for index in (words..self.row.len()).rev() {
            let low = self.row[index - words];
            let before = if index > words { self.row[index - words - 1] } else { 0 };
            let carried = if bits == 0 { 0 } else { before >> (64 - bits) };
            self.row[index] |= low << bits | carried;
        }
    }
}

/// Adds the bits of another row.
struct Join<'a> {
    into: &'a mut [u64],
    source: &'a [u64],
}

impl Kernel for Join<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.into.iter_mut().zip(self.source).for_each(|(word, other)| *word |= other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    #[test]
    fn the_area_is_the_mean_over_all_offsets() {
        let mut stream = Seed(4).stream("pixels");
        let drawn: Vec<bool> = (0..100 * 70).map(|_| stream.uniform() < 0.01).collect();
        let bitmap = Bitmap::from_fn(100, 70, |x, y| drawn[y * 100 + x]);
        let mut dilation = Dilation::new(&bitmap, 100);
        for side in [1, 2, 3, 5, 8, 13, 70, 100] {
            let boxes = |shift: [usize; 2]| {
                let mut met: Vec<_> = (0..drawn.len())
                    .filter(|k| drawn[*k])
                    .map(|k| [(k % 100 + shift[0]) / side, (k / 100 + shift[1]) / side])
                    .collect();
                met.sort_unstable();
                met.dedup();
                met.len()
            };
            let total: usize = (0..side * side).map(|k| boxes([k % side, k / side])).sum();
            let mean = total as f64 / (side * side) as f64;
            assert_eq!(dilation.mean_count(side), mean, "{side}");
        }
    }

    #[test]
    fn one_pixel_meets_one_box_on_average() {
        let bitmap = Bitmap::from_fn(200, 1, |x, _| x == 3);
        let mut dilation = Dilation::new(&bitmap, 200);
        assert!([1, 2, 7, 64, 65, 130, 200].into_iter().all(|side| dilation.mean_count(side) == 1.0));
    }
}
