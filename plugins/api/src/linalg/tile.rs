//! Register tiles: a few rows times a few lanes of columns, all of whose entries stay in registers over a block of k.

use pulp::Simd;

use crate::simd::TileKernel;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// A number that products are made of: f64 or f32.
pub trait Element: Copy + Default + Send + Sync + sealed::Sealed + 'static {
    /// As many of them as a register holds.
    #[doc(hidden)]
    type Lanes<S: Simd>: Copy;
    /// The same number in each lane.
    #[doc(hidden)]
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Lanes<S>;
    /// a b + c with one rounding.
    #[doc(hidden)]
    fn mul_add<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>, c: Self::Lanes<S>) -> Self::Lanes<S>;
    /// self times b plus c with one rounding.
    #[doc(hidden)]
    fn fused(self, b: Self, c: Self) -> Self;
    /// A slice as lanes; what is left over is not seen.
    #[doc(hidden)]
    fn lanes<S: Simd>(slice: &[Self]) -> &[Self::Lanes<S>];
    /// A slice as lanes that may be written.
    #[doc(hidden)]
    fn lanes_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Lanes<S>];
}

macro_rules! element {
    ($type:ty, $lanes:ident, $splat:ident, $mul_add:ident, $as:ident, $as_mut:ident) => {
        impl Element for $type {
            type Lanes<S: Simd> = S::$lanes;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$lanes {
                simd.$splat(x)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes, c: S::$lanes) -> S::$lanes {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn fused(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }

            #[inline(always)]
            fn lanes<S: Simd>(slice: &[Self]) -> &[S::$lanes] {
                S::$as(slice).0
            }

            #[inline(always)]
            fn lanes_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::$lanes] {
                S::$as_mut(slice).0
            }
        }
    };
}

element!(f64, f64s, splat_f64s, mul_add_f64s, as_simd_f64s, as_mut_simd_f64s);
element!(f32, f32s, splat_f32s, mul_add_f32s, as_simd_f32s, as_mut_simd_f32s);

/// Adds `depth` steps of k to a block of the result.
pub(super) struct Block<'a, 'c, T> {
    /// Steps of k.
    pub(super) depth: usize,
    /// Packed panels of the left matrix, for all rows of the block.
    pub(super) left: &'a [T],
    /// Packed panels of the right matrix, for all columns of the block.
    pub(super) right: &'a [T],
    /// The block's part of each row of the result.
    pub(super) rows: &'a mut [&'c mut [T]],
    /// Whether these are the first steps, so that entries start from zero.
    pub(super) first: bool,
}

impl<T: Element> TileKernel for Block<'_, '_, T> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const LANES: usize>(self, simd: S) {
        let lane = size_of::<T::Lanes<S>>() / size_of::<T>();
        let panels = self.left.chunks_exact(ROWS * self.depth).zip(self.rows.chunks_mut(ROWS));
        for (left, rows) in panels {
            for (index, right) in self.right.chunks(LANES * lane * self.depth).enumerate() {
                let target = (&mut *rows, index * LANES * lane);
                // The last panel is only as wide as it must be.
                match right.len() / (lane * self.depth) {
                    1 => panel::<S, T, ROWS, 1>(simd, left, right, target, self.first),
                    2 => panel::<S, T, ROWS, 2>(simd, left, right, target, self.first),
                    3 if LANES > 3 => panel::<S, T, ROWS, 3>(simd, left, right, target, self.first),
                    _ => panel::<S, T, ROWS, LANES>(simd, left, right, target, self.first),
                }
            }
        }
    }
}

/// Most entries of a tile: 8 rows of 48 floats.
const EDGE: usize = 8 * 48;

/// The tile of these rows, of which there may be fewer, from this column on. It may end between the numbers of a register.
#[inline(always)]
fn panel<S: Simd, T: Element, const ROWS: usize, const LANES: usize>(
    simd: S,
    left: &[T],
    right: &[T],
    (rows, column): (&mut [&mut [T]], usize),
    first: bool,
) {
    let width = LANES * size_of::<T::Lanes<S>>() / size_of::<T>();
    let count = width.min(rows[0].len() - column);
    if count == width {
        let entries = rows.iter_mut().map(|row| &mut row[column..column + width]);
        tile::<S, T, ROWS, LANES>(simd, left, right, entries, first);
        return;
    }
    let mut edge = [T::default(); EDGE];
    let edge = &mut edge[..ROWS * width];
    for (row, edge) in rows.iter().zip(edge.chunks_exact_mut(width)) {
        edge[..count].copy_from_slice(&row[column..column + count]);
    }
    tile::<S, T, ROWS, LANES>(simd, left, right, edge.chunks_exact_mut(width), first);
    for (row, edge) in rows.iter_mut().zip(edge.chunks_exact(width)) {
        row[column..column + count].copy_from_slice(&edge[..count]);
    }
}

/// One tile: each entry is continued over the block's steps, in order. Rows that are missing are computed (the left panel has
/// zeros for them) and dropped.
#[inline(always)]
fn tile<'e, S: Simd, T: Element, const ROWS: usize, const LANES: usize>(
    simd: S,
    left: &[T],
    right: &[T],
    entries: impl Iterator<Item = &'e mut [T]>,
    first: bool,
) {
    let mut totals = [[T::splat(simd, T::default()); LANES]; ROWS];
    let mut targets: [&mut [T::Lanes<S>]; ROWS] = std::array::from_fn(|_| Default::default());
    for (target, row) in targets.iter_mut().zip(entries) {
        *target = T::lanes_mut::<S>(row);
    }
    if !first {
        for (totals, target) in totals.iter_mut().zip(&targets) {
            if let Some(target) = target.first_chunk::<LANES>() {
                *totals = *target;
            }
        }
    }
    let (left, _) = left.as_chunks::<ROWS>();
    let (right, _) = T::lanes::<S>(right).as_chunks::<LANES>();
    for (totals, target) in steps::<S, T, ROWS, LANES>(simd, left, right, totals).iter().zip(&mut targets) {
        if let Some(target) = target.first_chunk_mut::<LANES>() {
            *target = *totals;
        }
    }
}

/// The steps of a tile. The totals come and go by value: compilers then keep them in registers, each in its own. Where they were
/// reached through a reference they went through memory between steps, which took twice as long.
#[inline(always)]
fn steps<S: Simd, T: Element, const ROWS: usize, const LANES: usize>(
    simd: S,
    left: &[[T; ROWS]],
    right: &[[T::Lanes<S>; LANES]],
    mut totals: [[T::Lanes<S>; LANES]; ROWS],
) -> [[T::Lanes<S>; LANES]; ROWS] {
    let count = left.len().min(right.len());
    let (left, right) = (&left[..count], &right[..count]);
    let mut index = 0;
    while index < count {
        totals = step::<S, T, ROWS, LANES>(simd, &left[index], &right[index], totals);
        index += 1;
    }
    totals
}

#[inline(always)]
fn step<S: Simd, T: Element, const ROWS: usize, const LANES: usize>(
    simd: S,
    left: &[T; ROWS],
    right: &[T::Lanes<S>; LANES],
    mut totals: [[T::Lanes<S>; LANES]; ROWS],
) -> [[T::Lanes<S>; LANES]; ROWS] {
    for row in 0..ROWS {
        let x = T::splat(simd, left[row]);
        for lane in 0..LANES {
            totals[row][lane] = T::mul_add(simd, x, right[lane], totals[row][lane]);
        }
    }
    totals
}
