//! The area of the Mandelbrot set by counting pixels of shifted grids.

use octavo_plugin::{Failure, RunContext};

use crate::counts::Orbits;
use crate::view::View;

/// Shifted grids.
const GRIDS: usize = 16;
/// A low-discrepancy sequence in the square: powers of the plastic number (M. Roberts).
const SHIFT: [f64; 2] = [0.754_877_666_246_692_8, 0.569_840_290_998_053_2];

/// One grid: its shift as a part of a pixel, the area of pixels that stay to the limit, and to half of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Parts of a pixel to the right and upwards.
    pub shift: [f64; 2],
    /// Area of the pixels that stay for all steps.
    pub area: f64,
    /// Area of those that stay for half as many.
    pub half: f64,
}

/// The grids over a view.
///
/// # Errors
/// If the run is cancelled.
pub fn grids(view: &View, limit: u32, context: &RunContext<'_>) -> Result<Vec<Grid>, Failure> {
    let grid = |index: usize| {
        let shift = [0, 1].map(|axis| (0.5 + SHIFT[axis] * index as f64).fract() - 0.5);
        let origin = [0, 1].map(|axis| view.origin[axis] + shift[axis] * view.pixel);
        let counts = Orbits { c: None, limit }.counts(&View { origin, ..*view }, context)?;
        let late = counts.iter().filter(|count| **count as u32 > limit / 2).count();
        let stay = counts.iter().filter(|count| **count == 0).count();
        let area = |pixels: usize| pixels as f64 * view.pixel * view.pixel;
        Ok(Grid { shift, area: area(stay), half: area(stay + late) })
    };
    (0..GRIDS).map(grid).collect()
}

/// The area, and how far it may be off: pixels that would escape later make it too large by about as much as the second half of
/// the steps took away, which is subtracted; half of that, and twice the standard error over the grids, is the error stated.
pub fn estimate(grids: &[Grid]) -> (f64, f64) {
    let count = grids.len() as f64;
    let mean = |of: &dyn Fn(&Grid) -> f64| grids.iter().map(of).sum::<f64>() / count;
    let late = mean(&|grid| grid.half - grid.area);
    let area = mean(&|grid| grid.area) - late;
    let spread = mean(&|grid| (2.0 * grid.area - grid.half - area) * (2.0 * grid.area - grid.half - area));
    (area, 2.0 * (spread / (count - 1.0)).sqrt() + 0.5 * late)
}
