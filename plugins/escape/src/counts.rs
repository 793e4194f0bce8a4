//! Counts of all pixels of a view, or of points.

use octavo_plugin::simd::{self, Kernel};
use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::kernel::{FIRST, GROUP, Lanes, OUTSIDE, Row, first_steps};
use crate::view::View;

/// Rows whose orbits are gathered together.
const BAND: usize = 8;
/// The most steps between two looks at which orbits have ended.
const MOST: u64 = 512;
/// Steps after which attracting cycles are first looked for.
const LOOK: u64 = 200;
/// Points whose orbits are gathered together.
const CHUNK: usize = 4096;

/// The map whose orbits are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbits {
    /// Of a Julia set its c; of the Mandelbrot set nothing, since there every pixel is one.
    pub c: Option<[f64; 2]>,
    /// The most steps.
    pub limit: u32,
}

impl Orbits {
    /// The exact counts of the pixels of a view, row by row from the lowest, all columns of a row together: the smallest k >= 1
    /// with |z_k|² > 4, 0 if there is none up to the limit, -1 for a point of a Julia set that starts there.
    ///
    /// # Errors
    /// If the run is cancelled.
    pub fn counts(&self, view: &View, context: &RunContext<'_>) -> Result<Vec<i32>, Failure> {
        let mirrors = if self.c.is_none() { view.mirrors() } else { vec![None; view.size[1]] };
        let (columns, xs) = (view.size[0], columns(view));
        let mut counts = vec![0; view.pixels()];
        counts.par_chunks_mut(BAND * columns).enumerate().try_for_each_init(
            Lanes::default,
            |lanes, (band, out)| {
                context.step((band * BAND) as u64, view.size[1] as u64)?;
                let rows = (band * BAND..view.size[1]).take(BAND);
                let rows = rows.map(|row| mirrors[row].is_none().then(|| view.coordinate(1, row)));
                self.band((&xs, columns), rows, lanes, out, context)
            },
        )?;
        copy_mirrored(&mut counts, columns, &mirrors);
        Ok(counts)
    }

    /// Which pixels have a count of 0, a bit for each from the lowest row up, the first of eight in the highest bit; a row of
    /// a width that is no multiple of eight is made up to whole bytes.
    ///
    /// # Errors
    /// If the run is cancelled.
    pub fn members(&self, view: &View, context: &RunContext<'_>) -> Result<Vec<u8>, Failure> {
        let (columns, xs) = (view.size[0], columns(view));
        let bytes = columns.div_ceil(8);
        let mut bits = vec![0; bytes * view.size[1]];
        let scratch = || (Lanes::default(), vec![0; BAND * columns]);
        bits.par_chunks_mut(BAND * bytes).enumerate().try_for_each_init(
            scratch,
            |(lanes, counts), (band, out)| {
                context.step((band * BAND) as u64, view.size[1] as u64)?;
                let rows = (band * BAND..view.size[1]).take(BAND);
                self.band(
                    (&xs, columns),
                    rows.map(|row| Some(view.coordinate(1, row))),
                    lanes,
                    counts,
                    context,
                )?;
                for (counts, out) in counts.chunks_exact(columns).zip(out.chunks_exact_mut(bytes)) {
                    simd::dispatch(Bits { counts, out });
                }
                Ok(())
            },
        )?;
        Ok(bits)
    }

    /// Counts rows at these imaginary parts into `out`; a row without one is left as it is.
    fn band(
        &self,
        (xs, columns): (&[f64], usize),
        rows: impl Iterator<Item = Option<f64>>,
        lanes: &mut Lanes,
        out: &mut [i32],
        context: &RunContext<'_>,
    ) -> Result<(), Failure> {
        let steps = u64::from(self.limit.min(FIRST));
        lanes.clear();
        for (index, (y, out)) in rows.zip(out.chunks_mut(columns)).enumerate() {
            if let Some(y) = y {
                first_steps(Row { x: xs, y, c: self.c }, steps, out, (index * columns) as u32, lanes);
            }
        }
        self.rounds(steps, lanes, out, context)
    }

    /// The exact counts of points, as of pixels.
    ///
    /// # Errors
    /// If the run is cancelled.
    pub fn counts_at(&self, points: &[[f64; 2]], context: &RunContext<'_>) -> Result<Vec<i32>, Failure> {
        let mut counts = vec![0; points.len()];
        let chunks = counts.par_chunks_mut(CHUNK).zip(points.par_chunks(CHUNK));
        chunks.try_for_each_init(Lanes::default, |lanes, (out, points)| {
            context.step(0, 1)?;
            lanes.clear();
            for (place, point) in (0..).zip(points) {
                let z = if self.c.is_some() { *point } else { [0.0; 2] };
                if z[0] * z[0] + z[1] * z[1] > 4.0 {
                    out[place as usize] = crate::kernel::settled(OUTSIDE, 0);
                } else {
                    lanes.push(z, self.c.unwrap_or(*point), 0, place);
                }
            }
            self.rounds(0, lanes, out, context)
        })?;
        Ok(counts)
    }

    /// Follows gathered orbits to their end or to the limit.
    fn rounds(
        &self,
        mut done: u64,
        lanes: &mut Lanes,
        out: &mut [i32],
        context: &RunContext<'_>,
    ) -> Result<(), Failure> {
        let limit = u64::from(self.limit);
        let mut look = LOOK;
        while done < limit && lanes.len() > 0 {
            let next = (done + (done / 2).clamp(8, MOST)).min(limit);
            lanes.advance(done, next, out);
            done = next;
            context.go_on()?;
            // A look costs about as much as following an orbit for as many steps again.
            if done >= look && limit - done > 4 * done {
                lanes.drop_trapped((done / 4).min(1 << 16) as u32);
                look = 3 * done;
            }
        }
        Ok(())
    }
}

/// Which counts are 0, a bit each.
struct Bits<'a> {
    counts: &'a [i32],
    out: &'a mut [u8],
}

impl Kernel for Bits<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (whole, rest) = self.counts.as_chunks::<8>();
        for (counts, byte) in whole.iter().zip(self.out.iter_mut()) {
            let mut bits = 0;
            for (place, count) in counts.iter().enumerate() {
                bits |= i32::from(*count == 0) << (7 - place);
            }
            *byte = bits as u8;
        }
        if let Some(last) = self.out.get_mut(whole.len()) {
            *last =
                (0..).zip(rest).fold(0, |byte, (place, count)| byte | u8::from(*count == 0) << (7 - place));
        }
    }
}

/// The real parts of the columns, made up to a multiple of [`GROUP`].
fn columns(view: &View) -> Vec<f64> {
    let padded = view.size[0].next_multiple_of(GROUP);
    (0..padded).map(|column| view.coordinate(0, column.min(view.size[0] - 1))).collect()
}

fn copy_mirrored(counts: &mut [i32], columns: usize, mirrors: &[Option<usize>]) {
    for (row, mirror) in mirrors.iter().enumerate() {
        if let Some(mirror) = mirror {
            let (below, rest) = counts.split_at_mut(row * columns);
            rest[..columns].copy_from_slice(&below[mirror * columns..(mirror + 1) * columns]);
        }
    }
}
