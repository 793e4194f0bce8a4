//! The figures that stand for a run unless its author defines others.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{
    Channel, ChannelSpec, Dash, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, ScaleKind, Tone,
};

use crate::params::Params;

/// Growth of length and total curvature with theory, portraits; or the phase diagram.
pub(crate) fn defaults(params: &Params) -> IndexMap<String, Figure> {
    if params.phase.is_some() {
        return IndexMap::from([("phase".to_owned(), phase())]);
    }
    let theory = params.random().is_some() && !params.closed();
    let mut figures = IndexMap::from([
        ("curvature".to_owned(), growth("total_curvature", theory, &CURVATURE)),
        ("length".to_owned(), growth("length", theory, &LENGTH)),
    ]);
    if !params.portraits.is_empty() {
        figures.insert("circle".to_owned(), portraits());
    }
    figures
}

struct Texts {
    title: &'static str,
    caption: &'static str,
}

const CURVATURE: Texts = Texts {
    title: "Total curvature against depth",
    caption: "Total curvature of the circle's image before the activation of each layer; dashed: mean-field theory, where there is one.",
};

const LENGTH: Texts = Texts {
    title: "Length against depth",
    caption: "Length of the circle's image before the activation of each layer; dashed: mean-field theory, where there is one.",
};

fn log(field: &str) -> ChannelSpec {
    Channel { field: Some(field.to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() }.into()
}

fn growth(field: &str, theory: bool, texts: &Texts) -> Figure {
    let mut figure = Figure::new("layers", Mark::Line, texts.title).xy("layer", log(field));
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure.base.selection.insert("stage".to_owned(), "pre".into());
    figure.base.group = vec!["replicate".to_owned()];
    figure.caption = Localized::en(texts.caption);
    if theory {
        let mut dashed = Layer {
            from: Some("theory".to_owned()),
            mark: Some(Marks::One(Mark::Line)),
            dash: Some(Dash::Dashed),
            tone: Some(Tone::Ink),
            label: Localized::en("theory"),
            ..Layer::default()
        };
        dashed.selection.insert("stage".to_owned(), "pre".into());
        figure.layers.push(dashed);
    }
    figure
}

fn portraits() -> Figure {
    let hue = Channel {
        field: Some("angle".to_owned()),
        palette: Some(Palette::Cyclic),
        domain: Some([0.0, std::f64::consts::TAU]),
        ..Channel::default()
    };
    let mut figure = Figure::new("circle", Mark::Path, "The circle's image").color(hue).geometry();
    figure.caption = Localized::en(
        "The circle's image before the activation of each chosen layer, on its two principal axes. The hue is the angle on the circle.",
    );
    figure.facet =
        Some(PanelSpec::Full(Panels { field: "layer".to_owned(), free: true, ..Panels::default() }));
    figure
}

fn phase() -> Figure {
    let slope = Channel {
        field: Some("chi1".to_owned()),
        palette: Some(Palette::Sequential),
        scale: Some(ScaleKind::Log),
        ..Channel::default()
    };
    let mut figure =
        Figure::new("phase", Mark::Cell, "Order and chaos").xy("sigma_w", "sigma_b").color(slope);
    figure.caption = Localized::en(
        "Growth of squared distances per layer, χ₁, at the fixed point; the line is χ₁ = 1: to its right small differences grow.",
    );
    figure.layers.push(Layer {
        from: Some("critical".to_owned()),
        mark: Some(Marks::One(Mark::Path)),
        tone: Some(Tone::Ink),
        label: Localized::en("χ₁ = 1"),
        ..Layer::default()
    });
    figure
}
