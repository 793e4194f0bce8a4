//! From a figure's description and results to scenes, and from scenes to SVG and PNG.
//!
//! [`draw`] reads each layer's rows from a [`Source`], takes statistics, settles scales, ticks and colours, lays panels out
//! and draws marks as plain forms in pixels: a [`Scene`] per frame, in one language. [`svg`] and [`png`] write scenes
//! through plotters. Everything is pure: the same rows give the same bytes.

mod axes;
mod cell;
mod clip;
mod colour;
mod compose;
pub mod data;
mod describe;
mod domains;
mod layout;
mod legend;
mod marks;
mod number;
mod paint;
pub mod palette;
mod plan;
mod plot;
pub mod png;
mod rows;
mod scale;
pub mod scene;
mod statistics;
pub mod svg;
pub mod text;
mod ticks;

#[cfg(test)]
mod tests;

use octavo_plugin::figure::Figure;

use crate::locale::Locale;

pub use data::LayerData;
pub use rows::{FigureError, Source};
pub use scene::Scene;

/// A drawn figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The frames with their labels; one with an empty label if the figure has no frames.
    pub frames: Vec<(String, Scene)>,
    /// The drawn rows of each layer, over all frames.
    pub data: Vec<LayerData>,
    /// Rows outside the axes over all frames, infinite ones included.
    pub clipped: usize,
    /// What a reader who cannot see the first frame is told.
    pub description: String,
}

/// Draws a figure over the rows of a source in a language.
///
/// Infinite values have no place on an axis: they are clipped and counted. Missing values are left out.
///
/// # Errors
/// An unknown column, a layer without marks or rows to read, a spread that cannot be read, what the source reports.
pub fn draw(figure: &Figure, source: &dyn Source, locale: &Locale) -> Result<Drawn, FigureError> {
    let plan = plan::Plan::new(figure, source, locale)?;
    let composed: Vec<(String, Scene, usize)> = plan
        .frames
        .iter()
        .enumerate()
        .map(|(index, (_, label))| {
            let (scene, clipped) = compose::compose(figure, &plan, index, locale);
            (label.clone(), scene, clipped)
        })
        .collect();
    Ok(Drawn {
        clipped: composed.iter().map(|(_, _, clipped)| clipped).sum(),
        description: composed.first().map_or_else(String::new, |(_, scene, _)| scene.description.clone()),
        data: data::drawn(&plan.layers),
        frames: composed.into_iter().map(|(label, scene, _)| (label, scene)).collect(),
    })
}
