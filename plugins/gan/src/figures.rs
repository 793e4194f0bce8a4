//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Mark};

use crate::params::Params;

/// What was made at the end, the divergence on the way, and the adversaries' opinion where there are any.
pub(crate) fn figures(params: &Params) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    let made = Figure::new("samples", Mark::Point, "Made points").xy("x", "y");
    figures.insert("samples".to_owned(), made.geometry());
    let way = Figure::new("history", Mark::Line, "The distance to the target on the way");
    figures.insert("history".to_owned(), way.xy("spent", "divergence"));
    if params.opinion {
        let opinion = Figure::new("opinion", Mark::Image, "What the adversary says");
        figures.insert("opinion".to_owned(), opinion.geometry());
    }
    figures
}
