//! Pictures that an analysis drew itself, as figures: one of them, or one a frame.

use std::sync::Arc;

use octavo_definition::locale::Locale;
use octavo_plugin::Picture;
use octavo_plugin::figure::{Mark, Marks};
use octavo_tables::relation::Shape;

use super::checked::CheckedFigure;
use super::data::{self, LayerData};
use super::plan::Plan;
use super::rows::{FigureError, Source, belongs};

/// A figure of pictures in a language.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// What each frame shows, and its picture; one with an empty label if the figure has no frames.
    pub frames: Vec<(String, Arc<Picture>)>,
    /// The place of the frame that is shown first.
    pub initial: usize,
    plan: Plan,
}

impl Pictures {
    /// Which pictures they are, over all frames; the same in every language.
    pub fn data(&self) -> Vec<LayerData> {
        data::drawn(&self.plan.layers)
    }
}

impl CheckedFigure {
    /// Whether it shows what an analysis drew itself.
    pub fn shows_pictures(&self) -> bool {
        self.layers.iter().any(|layer| layer.layer.mark == Some(Marks::One(Mark::Picture)))
    }
}

/// The pictures of a figure.
///
/// # Errors
/// A frame, or the figure, that has none or several; what the source reports.
pub fn pictures(
    checked: &CheckedFigure,
    source: &dyn Source,
    locale: &Locale,
) -> Result<Pictures, FigureError> {
    let plan = Plan::new(checked, source, locale)?;
    let mut frames = Vec::with_capacity(plan.frames.len());
    for (key, label) in &plan.frames {
        let shapes = plan.layers.iter().flat_map(|rows| &rows.data);
        let shapes = shapes.filter(|datum| belongs(datum.more().frame.as_deref(), key.as_deref()));
        let found: Vec<&Arc<Picture>> = shapes
            .filter_map(|datum| {
                if let Some(Shape::Picture(picture)) = &datum.more().shape { Some(picture) } else { None }
            })
            .collect();
        let [picture] = found[..] else {
            let at = if label.is_empty() { String::new() } else { format!(" at {label}") };
            let message = format!("it has {} pictures{at}, and one is shown", found.len());
            let help = "choose one with `where`, such as `where = { n = 3, replicate = 1 }`, or step through them with `frame`";
            return Err(FigureError::new(message).help(help));
        };
        frames.push((label.clone(), Arc::clone(picture)));
    }
    Ok(Pictures { frames, initial: plan.initial, plan })
}
