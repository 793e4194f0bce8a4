//! The figures that stand unless an author defines others.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{Channel, Figure, Mark, Palette, ScaleKind};

use crate::params::EscapeParams;

/// All figures over the outputs of these parameters.
pub(crate) fn figures(params: &EscapeParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    if params.points.is_some() {
        return figures;
    }
    figures.insert("counts".to_owned(), counts());
    figures
}

fn counts() -> Figure {
    let count = Channel {
        field: Some("value".to_owned()),
        palette: Some(Palette::Sequential),
        scale: Some(ScaleKind::Log),
        ..Channel::default()
    };
    let mut figure =
        Figure::new("counts", Mark::Image, "Escape counts", "Temps d’échappement").color(count).geometry();
    figure.caption = Localized::en_fr(
        "How many steps the orbit of each point takes until it is farther than 2 from 0.",
        "En combien de pas l’orbite de chaque point s’éloigne de 0 de plus de 2.",
    );
    figure
}
