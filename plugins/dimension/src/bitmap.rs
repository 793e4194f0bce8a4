//! Sets of pixels, 64 in a word, and how many boxes of a grid they meet.

use octavo_plugin::simd::{self, Kernel};

/// A set of pixels. Row 0 is the top of a picture; bit `x % 64` of word `x / 64` is the pixel in column `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    /// Words of a row.
    stride: usize,
    words: Vec<u64>,
}

impl Bitmap {
    /// No pixel of a picture of this size.
    pub fn empty(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(64);
        Self { width, height, stride, words: vec![0; stride * height] }
    }

    /// The pixels (x, y) for which `set` holds.
    pub fn from_fn(width: usize, height: usize, set: impl Fn(usize, usize) -> bool) -> Self {
        let mut bitmap = Self::empty(width, height);
        for y in 0..height {
            (0..width).filter(|x| set(*x, y)).for_each(|x| bitmap.insert(x, y));
        }
        bitmap
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The longer side.
    pub fn side(&self) -> usize {
        self.width.max(self.height)
    }

    /// Adds a pixel.
    pub fn insert(&mut self, x: usize, y: usize) {
        self.words[y * self.stride + x / 64] |= 1 << (x % 64);
    }

    /// Whether a pixel belongs to the set; none does beyond the edges.
    pub fn contains(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && self.words[y * self.stride + x / 64] >> (x % 64) & 1 == 1
    }

    /// Number of pixels of the set.
    pub fn len(&self) -> u64 {
        ones(&self.words)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The words of a row.
    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..(y + 1) * self.stride]
    }

    /// The pixels of the set of which one of the four neighbours is none, or lies beyond the edge.
    #[must_use]
    pub fn outline(&self) -> Self {
        let neighbours = |x: usize, y: usize| {
            let left = x > 0 && self.contains(x - 1, y);
            let above = y > 0 && self.contains(x, y - 1);
            left && above && self.contains(x + 1, y) && self.contains(x, y + 1)
        };
        Self::from_fn(self.width, self.height, |x, y| self.contains(x, y) && !neighbours(x, y))
    }

    /// The part between the outermost pixels of the set, with the place of its first pixel; `None` for no pixel.
    pub fn cropped(&self) -> Option<(Self, [usize; 2])> {
        let rows: Vec<usize> =
            (0..self.height).filter(|y| self.row(*y).iter().any(|word| *word != 0)).collect();
        let (top, bottom) = (*rows.first()?, *rows.last()?);
        let mut columns = vec![0; self.stride];
        for y in top..=bottom {
            columns.iter_mut().zip(self.row(y)).for_each(|(all, word)| *all |= word);
        }
        let used = |x: &usize| columns[x / 64] >> (x % 64) & 1 == 1;
        let (left, right) = ((0..self.width).find(used)?, (0..self.width).rev().find(used)?);
        let part = Self::from_fn(right - left + 1, bottom - top + 1, |x, y| self.contains(x + left, y + top));
        Some((part, [left, top]))
    }

    /// Boxes of side 1, 2, 4, ... of the grid through the corner (0, 0) that hold a pixel of the set, up to the first side
    /// at which one box holds all. A pyramid: every level is made from the one before.
    pub fn dyadic_counts(&self) -> Vec<u64> {
        let mut counts = vec![self.len()];
        let mut level = None;
        for _ in 0..self.side().max(1).next_power_of_two().trailing_zeros() {
            let next = level.as_ref().unwrap_or(self).halved([0, 0]);
            counts.push(next.len());
            level = Some(next);
        }
        counts
    }

    /// For every side of [`Bitmap::dyadic_counts`] the smallest count over the four grids that are moved by half a box or
    /// not at all in either direction.
    pub fn half_box_minima(&self) -> Vec<u64> {
        let mut counts = vec![self.len()];
        let mut level = self.clone();
        for _ in 0..self.side().max(1).next_power_of_two().trailing_zeros() {
            let anchored = level.halved([0, 0]);
            let moved = [[0, 1], [1, 0], [1, 1]].map(|shift| level.halved(shift).len());
            counts.push(moved.into_iter().fold(anchored.len(), u64::min));
            level = anchored;
        }
        counts
    }

    /// The boxes of 2 by 2 pixels, of a grid that begins `shift` (0 or 1) pixels before the corner.
    fn halved(&self, shift: [usize; 2]) -> Self {
        let mut half = Self::empty((self.width + shift[0]).div_ceil(2), (self.height + shift[1]).div_ceil(2));
        let (nothing, stride) = (vec![0; self.stride], half.stride.max(1));
        let row = |y: Option<usize>| y.filter(|y| *y < self.height).map_or(&nothing[..], |y| self.row(y));
        for (y, into) in half.words.chunks_exact_mut(stride).enumerate() {
            let (upper, lower) = (row((2 * y).checked_sub(shift[1])), row(Some(2 * y + 1 - shift[1])));
            simd::dispatch(Halve { upper, lower, shift: shift[0], into });
        }
        half
    }

    /// Boxes of this side, of the grid through the corner (0, 0), that hold a pixel of the set.
    ///
    /// # Panics
    /// If the side is 0.
    pub fn anchored_count(&self, side: usize) -> u64 {
        let mut line = vec![0; self.stride];
        let mut count = 0;
        for rows in self.words.chunks(self.stride.max(1) * side) {
            line.fill(0);
            for row in rows.chunks_exact(self.stride) {
                line.iter_mut().zip(row).for_each(|(all, word)| *all |= word);
            }
            let boxes = (0..self.width).step_by(side);
            count += boxes.filter(|x| any(&line, *x, (x + side).min(self.width))).count() as u64;
        }
        count
    }
}

/// Whether a bit from `from` up to `to` (exclusive) is set.
fn any(line: &[u64], from: usize, to: usize) -> bool {
    let (first, last) = (from / 64, (to - 1) / 64);
    let (low, high) = (u64::MAX << (from % 64), u64::MAX >> (63 - (to - 1) % 64));
    if first == last {
        return line[first] & low & high != 0;
    }
    line[first] & low != 0 || line[last] & high != 0 || line[first + 1..last].iter().any(|word| *word != 0)
}

/// Number of bits that are set.
pub(crate) fn ones(words: &[u64]) -> u64 {
    struct Ones<'a>(&'a [u64]);
    impl Kernel for Ones<'_> {
        type Output = u64;

        #[inline(always)]
        fn run(self) -> u64 {
            self.0.iter().map(|word| u64::from(word.count_ones())).sum()
        }
    }
    simd::dispatch(Ones(words))
}

/// Joins two rows, and pairs of their bits, of which the first pair has its second bit at 0 if `shift` is 1.
struct Halve<'a> {
    upper: &'a [u64],
    lower: &'a [u64],
    shift: usize,
    into: &'a mut [u64],
}

impl Kernel for Halve<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { upper, lower, shift, into } = self;
        let words = upper.len();
        if shift == 0 {
            let pairs = upper.chunks(2).zip(lower.chunks(2));
            for (word, (upper, lower)) in into.iter_mut().zip(pairs) {
                let high = if upper.len() == 2 { upper[1] | lower[1] } else { 0 };
                *word = pairs_of(upper[0] | lower[0]) | pairs_of(high) << 32;
            }
            return;
        }
        let joined = |index: usize| if index < words { upper[index] | lower[index] } else { 0 };
        let moved = |index: usize| joined(index) << 1 | if index > 0 { joined(index - 1) >> 63 } else { 0 };
        for (index, word) in into.iter_mut().enumerate() {
            *word = pairs_of(moved(2 * index)) | pairs_of(moved(2 * index + 1)) << 32;
        }
    }
}

/// For each pair of bits whether one is set, in the lower 32 bits.
#[inline(always)]
fn pairs_of(word: u64) -> u64 {
    let mut x = (word | word >> 1) & 0x5555_5555_5555_5555;
    x = (x | x >> 1) & 0x3333_3333_3333_3333;
    x = (x | x >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    x = (x | x >> 4) & 0x00ff_00ff_00ff_00ff;
    x = (x | x >> 8) & 0x0000_ffff_0000_ffff;
    (x | x >> 16) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    fn random(width: usize, height: usize, share: f64) -> Bitmap {
        let mut stream = Seed(9).stream("pixels");
        let drawn: Vec<bool> = (0..width * height).map(|_| stream.uniform() < share).collect();
        Bitmap::from_fn(width, height, |x, y| drawn[y * width + x])
    }

    /// Boxes that hold a pixel, one by one; the grid begins `shift` pixels before the corner.
    fn slow(bitmap: &Bitmap, side: usize, shift: [usize; 2]) -> u64 {
        let (width, height) = (bitmap.width() + shift[0], bitmap.height() + shift[1]);
        let filled = |column: usize, row: usize| {
            (0..side * side).any(|k| {
                let (x, y) = (column * side + k % side, row * side + k / side);
                x >= shift[0] && y >= shift[1] && bitmap.contains(x - shift[0], y - shift[1])
            })
        };
        let boxes =
            (0..height.div_ceil(side)).flat_map(|row| (0..width.div_ceil(side)).map(move |c| (c, row)));
        boxes.filter(|(column, row)| filled(*column, *row)).count() as u64
    }

    #[test]
    fn pyramid_and_lines_count_what_boxes_count() {
        for (width, height, share) in
            [(130, 67, 0.02), (64, 64, 0.001), (1, 9, 0.5), (200, 3, 0.1), (65, 129, 0.3)]
        {
            let bitmap = random(width, height, share);
            for (level, count) in bitmap.dyadic_counts().into_iter().enumerate() {
                assert_eq!(count, slow(&bitmap, 1 << level, [0, 0]), "{width}x{height}, level {level}");
            }
            for (level, count) in bitmap.half_box_minima().into_iter().enumerate().skip(1) {
                let (side, half) = (1 << level, 1 << (level - 1));
                let all =
                    [[0, 0], [0, half], [half, 0], [half, half]].map(|shift| slow(&bitmap, side, shift));
                assert_eq!(Some(count), all.into_iter().min(), "{width}x{height}, level {level}");
            }
            for side in [1, 3, 5, 7, 64, 65, 100] {
                assert_eq!(
                    bitmap.anchored_count(side),
                    slow(&bitmap, side, [0, 0]),
                    "{width}x{height}, {side}"
                );
            }
        }
    }

    #[test]
    fn outline_and_crop() {
        let square = Bitmap::from_fn(9, 8, |x, y| (2..7).contains(&x) && (1..6).contains(&y));
        assert_eq!((square.len(), square.outline().len()), (25, 16));
        let (part, place) = square.cropped().unwrap();
        assert_eq!((part.width(), part.height(), part.len(), place), (5, 5, 25, [2, 1]));
        // Beyond the edge nothing belongs to the set.
        assert_eq!(part.outline().len(), 16);
        assert_eq!(Bitmap::empty(5, 5).cropped(), None);
        assert_eq!(Bitmap::empty(5, 5).dyadic_counts(), [0, 0, 0, 0]);
    }
}
