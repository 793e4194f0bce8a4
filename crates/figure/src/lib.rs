//! From a figure's description and results to scenes, and from scenes to SVG and PNG.
//!
//! [`draw`] reads each layer's rows from a [`Source`], takes statistics, settles scales, ticks and colours, lays panels out
//! and draws marks as plain forms in pixels: a [`Scene`] per frame, in one language. [`svg`] and [`png`] write scenes
//! through plotters. Everything is pure: the same rows give the same bytes.

mod axes;
mod cell;
mod checked;
mod clip;
mod coincide;
mod colour;
mod compose;
mod contour;
pub mod data;
mod describe;
mod distinct;
mod domains;
pub mod drawable;
mod embedded;
mod fallback;
pub mod files;
mod gather;
mod indexed;
mod labels;
mod layout;
mod legend;
mod marks;
mod moments;
pub mod notes;
pub mod own;
mod paint;
pub mod palette;
pub mod pdf;
mod plan;
mod plot;
pub mod png;
mod room;
mod rows;
mod scale;
pub mod scene;
mod stack;
mod stamps;
mod statistics;
mod summary;
pub mod svg;
pub mod text;
pub mod thumbnail;
mod ticks;
mod time;
pub mod weight;
mod wrap;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use octavo_definition::locale::Locale;

use layout::Screen;

pub use checked::CheckedFigure;
pub(crate) use checked::channels;
pub use data::LayerData;
pub use fallback::Fallback;
use notes::Notes;
pub use rows::{FigureError, Source};
pub(crate) use rows::{constant, counts};
pub use scene::{Frame, Scene};
pub(crate) use summary::takes_together;

/// A figure with its rows read and its scales settled, to be drawn.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    checked: &'a CheckedFigure,
    locale: &'a Locale,
    plan: Arc<plan::Plan>,
}

/// A drawn figure.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The frames; one with an empty label if the figure has none.
    pub frames: Vec<Frame>,
    /// The place of the frame that is shown first.
    pub initial: usize,
    /// Rows outside the axes over all frames, infinite ones included.
    pub clipped: usize,
    /// What else is to be known of it.
    pub notes: Notes,
    /// What a reader who cannot see the frame shown first is told.
    pub description: String,
    plan: Arc<plan::Plan>,
}

impl Drawn {
    /// The drawn rows of each layer, over all frames; the same in every language.
    pub fn data(&self) -> Vec<LayerData> {
        data::drawn(&self.plan.layers)
    }
}

/// Plans a figure over the rows of a source in a language.
///
/// Infinite values have no place on an axis: they are clipped and counted. Missing values are left out.
///
/// # Errors
/// A layer without marks or rows to read, a column that its rows lack, what the source reports.
pub fn plan<'a>(
    checked: &'a CheckedFigure,
    source: &dyn Source,
    locale: &'a Locale,
) -> Result<Planned<'a>, FigureError> {
    Ok(Planned { checked, locale, plan: Arc::new(plan::Plan::new(checked, source, locale)?) })
}

/// Plans a figure and draws it.
///
/// # Errors
/// As [`plan()`].
pub fn draw(checked: &CheckedFigure, source: &dyn Source, locale: &Locale) -> Result<Drawn, FigureError> {
    Ok(plan(checked, source, locale)?.draw())
}

impl Planned<'_> {
    /// As [`Drawn::data`].
    pub fn data(&self) -> Vec<LayerData> {
        data::drawn(&self.plan.layers)
    }

    /// Draws all frames.
    pub fn draw(&self) -> Drawn {
        let Self { checked, locale, plan } = self;
        let figure = checked.figure();
        let mut tallies = Vec::new();
        let on = |index: usize, screen: Screen| compose::compose(figure, plan, index, screen, locale);
        let compose = |(index, (_, label)): (usize, &(Option<String>, String))| {
            let (scene, tally) = on(index, Screen::Page);
            let (phone, _) = on(index, Screen::Phone);
            tallies.push(tally);
            let file =
                checked.file_width.map(|width| on(index, Screen::Paper(width - 2.0 * Scene::MARGIN)).0);
            Frame { label: label.clone(), scene, phone, file }
        };
        let frames: Vec<Frame> = plan.frames.iter().enumerate().map(compose).collect();
        let description = frames[plan.initial].scene.description.clone();
        let clipped = tallies.iter().map(|tally| tally.clipped).sum();
        let notes = Notes::new(&plan.layers, &frames, &tallies);
        Drawn { frames, initial: plan.initial, clipped, notes, description, plan: Arc::clone(plan) }
    }
}
