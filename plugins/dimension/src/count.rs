//! A set in either form, and its numbers of boxes at all sizes.

use octavo_plugin::{Failure, RunContext, Seed, math};
use rayon::prelude::*;

use crate::bitmap::Bitmap;
use crate::dilation::Dilation;
use crate::estimate::{Count, STEPS_PER_OCTAVE};
use crate::shape::{Grid, Point, Shape, Walk};

/// Most boxes along the side of a shape. Below the size that this gives, nothing is counted.
const MOST_BOXES: f64 = 65_536.0;
/// Fewest offsets over which is averaged.
const FEWEST_OFFSETS: usize = 12;

/// What boxes are counted of.
pub enum Set {
    /// Pixels. Whether a pixel is the point in its middle or all of its square is left open.
    Pixels(Pixels),
    /// Points and segments.
    Shape {
        /// In units of its own.
        shape: Shape,
        /// The length that counts as 1: what the set is resolved to.
        unit: f64,
    },
}

/// Pixels and where they lie.
pub struct Pixels {
    /// The pixels.
    pub bitmap: Bitmap,
    /// The upper left corner.
    pub corner: Point,
    /// The side of a pixel.
    pub pixel: f64,
}

impl Pixels {
    /// Pixels of side 1 below the x axis.
    pub fn new(bitmap: Bitmap) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
        let top = bitmap.height() as f64;
        Self { bitmap, corner: [0.0, top], pixel: 1.0 }
    }
}

impl Set {
    /// The length of a unit of size.
    pub fn unit(&self) -> f64 {
        match self {
            Self::Pixels(pixels) => pixels.pixel,
            Self::Shape { unit, .. } => *unit,
        }
    }

    /// The longer side, in units.
    pub fn side(&self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
            Self::Pixels(pixels) => pixels.bitmap.side() as f64,
            Self::Shape { shape, unit } => shape.extent().side() / unit,
        }
    }

    /// Numbers of boxes at sizes in ratio 2^(1/4), in units, from 1 to the longer side. Sizes of pixels are rounded, and
    /// averages over all offsets. A shape's are averages over `offsets` of them from size `smallest` on, and over
    /// twelve below, where boxes are many.
    ///
    /// # Errors
    /// If the run should stop.
    pub fn counts(
        &self,
        offsets: usize,
        smallest: f64,
        context: &RunContext<'_>,
    ) -> Result<Vec<Count>, Failure> {
        let sizes = sizes(self.side());
        match self {
            Self::Pixels(pixels) => pixel_counts(&pixels.bitmap, &sizes, context),
            Self::Shape { shape, unit } => {
                let offsets = |size: f64| if size < smallest { FEWEST_OFFSETS } else { offsets };
                shape_counts(shape, *unit, &sizes, offsets, context)
            }
        }
    }
}

/// Powers of 2^(1/4) from 1 to `side`.
fn sizes(side: f64) -> Vec<f64> {
    let size = |k: usize| {
        #[expect(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "below 100")]
        let octave = math::powi(2.0, (k / STEPS_PER_OCTAVE) as i32);
        octave
            * [1.0, 1.189_207_115_002_721, std::f64::consts::SQRT_2, 1.681_792_830_507_429]
                [k % STEPS_PER_OCTAVE]
    };
    (0..).map(size).take_while(|size| *size <= side * (1.0 + 1e-9)).collect()
}

fn pixel_counts(bitmap: &Bitmap, sizes: &[f64], context: &RunContext<'_>) -> Result<Vec<Count>, Failure> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as many as pixels at most")]
    let mut sides: Vec<usize> = sizes.iter().map(|size| size.round() as usize).collect();
    sides.dedup();
    let most = sides.last().copied().unwrap_or(1);
    let (mut dilation, dyadic) = (Dilation::new(bitmap, most + 1), bitmap.dyadic_counts());
    let count = |(done, side): (usize, &usize)| {
        context.step(done as u64, sides.len() as u64)?;
        let power = side.is_power_of_two().then(|| dyadic[side.trailing_zeros() as usize]);
        let anchored = power.unwrap_or_else(|| bitmap.anchored_count(*side));
        #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
        let size = *side as f64;
        // Pixels as points, and as closed squares: their boxes are larger by a pixel.
        let points = dilation.mean_count(*side);
        let larger = (size + 1.0) / size;
        let squares = dilation.mean_count(side + 1) * larger * larger;
        Ok(Count { size, anchored, mean: (points * squares).sqrt(), doubt: (squares / points).sqrt() })
    };
    sides.iter().enumerate().map(count).collect()
}

fn shape_counts(
    shape: &Shape,
    unit: f64,
    sizes: &[f64],
    offsets: impl Fn(f64) -> usize,
    context: &RunContext<'_>,
) -> Result<Vec<Count>, Failure> {
    let (low, side) = (shape.extent().low, shape.extent().side());
    let mut stream = Seed(0).stream("offsets");
    let counted = sizes.iter().filter(|size| side / (*size * unit) <= MOST_BOXES);
    let counted: Vec<(f64, Point)> =
        counted.map(|size| (*size, [stream.uniform(), stream.uniform()])).collect();
    counted
        .iter()
        .enumerate()
        .map(|(done, (size, start))| {
            context.step(done as u64, counted.len() as u64)?;
            let boxes = |walk: &mut Walk, offset: Point| {
                let origin = [low[0] - offset[0] * size * unit, low[1] - offset[1] * size * unit];
                shape.count(Grid { origin, side: size * unit }, walk)
            };
            let offsets = offsets(*size);
            let total: u64 = (0..offsets)
                .into_par_iter()
                .map_init(Walk::default, |walk, index| boxes(walk, offset(*start, index)))
                .sum();
            #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 boxes")]
            let mean = total as f64 / offsets as f64;
            Ok(Count { size: *size, anchored: boxes(&mut Walk::default(), [0.0; 2]), mean, doubt: 1.0 })
        })
        .collect()
}

/// Random offsets that fill the square evenly: the additive sequence of Roberts (2018) from a random start. Each alone is
/// uniform, so the mean over them has no bias.
fn offset(start: Point, index: usize) -> Point {
    // 1/g and 1/g² for the real root g of x³ = x + 1.
    const STEPS: Point = [0.754_877_666_246_692_8, 0.569_840_290_998_053_2];
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let place = |axis: usize| (start[axis] + index as f64 * STEPS[axis]).fract();
    [place(0), place(1)]
}
