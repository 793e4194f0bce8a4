//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Mark, Palette, Tone};

use super::params::FoldsParams;
use crate::figures::{colored, partition, steps};

/// The figures for the outputs of these parameters.
pub(super) fn figures(params: &FoldsParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    if params.drawing {
        figures.insert("partition".to_owned(), partition(colored("active", Palette::Sequential)));
        figures.insert("creases".to_owned(), creases());
        figures.insert("folded".to_owned(), folded());
    }
    figures.insert("steps".to_owned(), steps());
    figures
}

fn creases() -> Figure {
    Figure::new("creases", Mark::Path, "Creases of the unfolded sheet")
        .color(colored("layer", Palette::Sequential))
        .geometry()
}

fn folded() -> Figure {
    let mut figure = Figure::new("folded", Mark::Polygon, "The folded sheet").geometry();
    // Faint facets on top of each other: the more layers of paper, the stronger the colour.
    figure.base.tone = Some(Tone::Series1);
    figure.base.opacity = Some(0.12);
    figure
}
