//! The map with its Julia sets: a grid of thumbnails over the Mandelbrot set, each the Julia set of the c in its middle.

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::counts::Orbits;
use crate::fate::fate;
use crate::params::AtlasParams;
use crate::view::View;

/// What the thumbnails lie over.
const MIDDLE: [f64; 2] = [-0.6, 0.0];
/// The width of the map.
const WIDTH: f64 = 3.2;
/// The half-width of a thumbnail in its own plane.
const HALF: f64 = 1.75;
/// Steps by which the darkness of a thumbnail halves its distance to black.
const DEPTH: f64 = 12.0;

/// One thumbnail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thumbnail {
    /// Column from the left and row from below.
    pub place: [usize; 2],
    /// Its c.
    pub c: [f64; 2],
    /// Whether the Julia set is in one piece, if its critical orbit says so.
    pub connected: Option<bool>,
}

/// The thumbnails and the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Atlas {
    /// All thumbnails, row by row from the lowest.
    pub thumbnails: Vec<Thumbnail>,
    /// The pixels.
    pub view: View,
    /// From 0, a point of a Julia set, to 1; row by row from the lowest.
    pub values: Vec<f64>,
}

/// Draws the atlas.
///
/// # Errors
/// If the run is cancelled.
pub fn atlas(params: &AtlasParams, limit: u32, context: &RunContext<'_>) -> Result<Atlas, Failure> {
    let (columns, side) = (params.columns as usize, params.thumbnail as usize);
    let rows = params.rows() as usize;
    let pixel = WIDTH / (columns * side) as f64;
    let size = [columns * side, rows * side];
    let origin = [0, 1].map(|axis| MIDDLE[axis] - 0.5 * pixel * size[axis] as f64);
    let view = View { origin, pixel, size };
    let map = Orbits { c: None, limit }.counts(&view, context)?;
    let cell = |row: usize, column: usize| {
        let step = pixel * side as f64;
        let c = [origin[0] + step * (column as f64 + 0.5), origin[1] + step * (row as f64 + 0.5)];
        Thumbnail { place: [column, row], c, connected: fate(c, limit).connected() }
    };
    let places = |row| (0..columns).map(move |column| (row, column));
    let thumbnails: Vec<Thumbnail> = (0..rows)
        .flat_map(places)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(row, column)| cell(row, column))
        .collect();
    let mut values = vec![0.0; view.pixels()];
    values.par_chunks_mut(side * size[0]).zip(map.par_chunks(side * size[0])).enumerate().try_for_each(
        |(row, (out, map))| strip(&thumbnails[row * columns..][..columns], side, map, limit, out, context),
    )?;
    Ok(Atlas { thumbnails, view, values })
}

/// A row of thumbnails.
fn strip(
    thumbnails: &[Thumbnail],
    side: usize,
    map: &[i32],
    limit: u32,
    out: &mut [f64],
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let width = thumbnails.len() * side;
    let pixel = 2.0 * HALF / side as f64;
    let view = View { origin: [-HALF, -HALF], pixel, size: [side; 2] };
    for (column, thumbnail) in thumbnails.iter().enumerate() {
        let counts = Orbits { c: Some(thumbnail.c), limit }.counts(&view, context)?;
        for (index, count) in counts.into_iter().enumerate() {
            let place = index / side * width + column * side + index % side;
            out[place] = shade(map[place]) * light(count);
        }
    }
    Ok(())
}

/// The map as a light ground: lighter outside, and the set itself darker.
fn shade(count: i32) -> f64 {
    if count == 0 { 0.55 } else { 0.75 + 0.25 / (1.0 + 0.15 * f64::from(count)) }
}

/// How much of the ground shows through a Julia set's point.
fn light(count: i32) -> f64 {
    let steps = f64::from(count.max(1) - 1);
    if count == 0 { 0.0 } else { DEPTH / (DEPTH + steps * steps) }
}
