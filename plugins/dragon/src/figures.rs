//! The figures that stand unless an author defines others.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{
    Channel, ChannelSpec, Dash, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, ScaleKind, Tone,
    Width,
};

use crate::params::{DragonParams, Kind};

/// `curve`, `creases` and `convergence` always, `area` where it is counted.
pub(crate) fn figures(params: &DragonParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    figures.insert("curve".to_owned(), curve(params));
    figures.insert("creases".to_owned(), creases());
    figures.insert("convergence".to_owned(), convergence());
    if params.encloses_area() {
        figures.insert("area".to_owned(), area(params));
    }
    figures
}

fn curve(params: &DragonParams) -> Figure {
    let position = Channel {
        field: Some("position".to_owned()),
        palette: Some(Palette::Sequential),
        domain: Some([0.0, 1.0]),
        ..Channel::default()
    };
    let mut figure =
        Figure::new("curve", Mark::Path, "The curve, coloured along the strip").color(position).geometry();
    figure.caption = Localized::en("The opened strip. Colour runs from its start to its end.");
    if params.drawn_levels().len() > 1 {
        figure.frame = Some(PanelSpec::Full(Panels {
            field: "level".to_owned(),
            label: Localized::en("Folds"),
            free: !params.normalise,
            ..Panels::default()
        }));
    }
    figure
}

fn creases() -> Figure {
    let mut figure =
        Figure::new("turns", Mark::Point, "The crease word").xy("position", "fold").color("crease");
    figure.caption = Localized::en(
        "Every crease at its place along the strip, in the row of the fold that made it: the creases of one fold \
         alternate between valley and mountain.",
    );
    figure.width = Width::Wide;
    figure.height = Some(220.0);
    figure
}

fn convergence() -> Figure {
    let distance =
        Channel { field: Some("convergence".to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() };
    let mut figure =
        Figure::new("levels", Mark::Line, "How far the next fold moves the curve").xy("n", distance);
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure.caption =
        Localized::en("Largest distance of a new vertex from the curve before, for end points at 0 and 1.");
    figure
}

fn area(params: &DragonParams) -> Figure {
    let limit = match params.kind {
        Kind::Dragon => 0.5,
        Kind::Twindragon => 1.0,
        Kind::Terdragon => 3.0_f64.sqrt() / 6.0,
    };
    let mut figure = Figure::new("levels", Mark::Line, "The area that the curve fills").xy("n", "area");
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Rule)),
        y: Some(ChannelSpec::from(Channel { value: Some(limit.into()), ..Channel::default() })),
        label: Localized::en("limit of the dragon"),
        tone: Some(Tone::Muted),
        dash: Some(Dash::Dashed),
        ..Layer::default()
    });
    figure.caption = Localized::en(
        "Cells around the points of which every edge is drawn, for end points at distance 1; dashed: the area of the limit \
         when every fold goes the same way.",
    );
    figure
}
