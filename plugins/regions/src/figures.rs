//! What default figures have in common.

use octavo_plugin::Localized;
use octavo_plugin::figure::{Channel, Dash, Figure, Layer, Mark, Marks, Palette, ScaleKind, Tone};

/// A channel on a logarithmic scale.
pub(crate) fn log(field: &str) -> Channel {
    Channel { field: Some(field.to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() }
}

/// A channel of colours.
pub(crate) fn colored(field: &str, palette: Palette) -> Channel {
    Channel { field: Some(field.to_owned()), palette: Some(palette), ..Channel::default() }
}

/// A channel of colours that stand for names.
pub(crate) fn categorical(field: &str) -> Channel {
    Channel { scale: Some(ScaleKind::Categorical), ..colored(field, Palette::Categorical) }
}

/// The regions, coloured, and the creases above.
pub(crate) fn partition(color: Channel) -> Figure {
    let mut figure = Figure::new("partition", Mark::Polygon, "Regions of the plane").color(color).geometry();
    figure.layers.push(Layer {
        from: Some("creases".to_owned()),
        mark: Some(Marks::One(Mark::Path)),
        tone: Some(Tone::Ink),
        stroke: Some(0.4),
        opacity: Some(0.6),
        ..Layer::default()
    });
    figure
}

/// Measured counts beside the formulas for parallel and successive folds.
pub(crate) fn steps() -> Figure {
    let mut figure = Figure::new("steps", Mark::Point, "Regions after n folds").xy("n", log("regions"));
    figure.base.label = Localized::en("measured");
    figure.base.tone = Some(Tone::Series1);
    let theory = |field: &str, tone: Tone, label: Localized| Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some(log(field).into()),
        tone: Some(tone),
        dash: Some(Dash::Dashed),
        label,
        ..Layer::default()
    };
    figure.layers = vec![
        theory("parallel", Tone::Series2, Localized::en("n(n+1)/2 + 1")),
        theory("doubling", Tone::Series3, Localized::en("2ⁿ")),
    ];
    figure
}
