//! The figures that stand unless an author defines others.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{
    Channel, ChannelSpec, Dash, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, ScaleKind, Tone,
};

use crate::params::{DimensionParams, SetSpec};

/// `counts`, `slopes`, `picture` and `boxes`.
pub(crate) fn figures(params: &DimensionParams) -> IndexMap<String, Figure> {
    let figures = [
        ("counts", counts()),
        ("slopes", slopes(params)),
        ("picture", picture(params)),
        ("boxes", boxes(params)),
    ];
    figures.into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect()
}

fn log(field: &str) -> ChannelSpec {
    Channel { field: Some(field.to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() }.into()
}

fn counts() -> Figure {
    let mut figure = Figure::new("counts", Mark::Line, "Boxes that the set meets")
        .xy(log("size"), log("mean_over_offsets"));
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure.base.label = Localized::en("mean over offsets");
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Point)),
        y: Some(log("anchored")),
        label: Localized::en("grid through the corner"),
        tone: Some(Tone::Muted),
        ..Layer::default()
    });
    figure.caption = Localized::en(
        "Numbers of boxes against their size. A straight line is a power law; its slope is minus the dimension.",
    );
    figure
}

fn slopes(params: &DimensionParams) -> Figure {
    let mut figure =
        Figure::new("slopes", Mark::Line, "The local slope at every scale").xy(log("size"), "slope");
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure.base.label = Localized::en("local slope");
    if let SetSpec::Known(known) = &params.set {
        figure.layers.push(Layer {
            mark: Some(Marks::One(Mark::Rule)),
            y: Some(Channel { value: Some(known.known.dimension().into()), ..Channel::default() }.into()),
            label: Localized::en("known dimension"),
            tone: Some(Tone::Muted),
            dash: Some(Dash::Dashed),
            ..Layer::default()
        });
    }
    figure.caption = Localized::en(
        "By how much the number of boxes grows when their size is halved, in powers of two. A fractal has a plateau; where \
         there is none, one number says little.",
    );
    figure
}

/// The colour of the pixels that belong to the set; the others are left out.
fn itself() -> Channel {
    Channel {
        field: Some("value".to_owned()),
        palette: Some(Palette::Sequential),
        blank: Some(0.0),
        ..Channel::default()
    }
}

/// The set itself, or where it comes from.
fn picture(params: &DimensionParams) -> Figure {
    let value = |palette: Palette| Channel {
        field: Some("value".to_owned()),
        palette: Some(palette),
        ..Channel::default()
    };
    let (color, caption) = match &params.set {
        SetSpec::LevelSet { .. } => (
            Channel { domain: Some([0.0, 1.0]), ..value(Palette::Diverging) },
            "What the network gives, as the share of points where it gives less. The level set lies where colours change.",
        ),
        SetSpec::Trainability { .. } => (
            Channel { domain: Some([-1.0, 1.0]), ..value(Palette::Diverging) },
            "Below 0 training converges, the slower the nearer to -1; above it does not, and leaves the later the nearer \
                 to 1.",
        ),
        SetSpec::Classifier { .. } => {
            (value(Palette::Categorical), "Which class the network names at every point.")
        }
        SetSpec::Input(_) | SetSpec::Known(_) | SetSpec::Model(_) => {
            (itself(), "The set whose boxes are counted.")
        }
    };
    let mut figure = Figure::new("picture", Mark::Image, "The set").color(color).geometry();
    figure.caption = Localized::en(caption);
    figure
}

/// The boxes, and the set above them where the picture shows it alone.
fn boxes(params: &DimensionParams) -> Figure {
    let mut figure = Figure::new("boxes", Mark::Polygon, "Boxes that the set meets").geometry();
    figure.base.opacity = Some(0.5);
    if matches!(params.set, SetSpec::Input(_) | SetSpec::Known(_) | SetSpec::Model(_)) {
        figure.layers.push(Layer {
            from: Some("picture".to_owned()),
            mark: Some(Marks::One(Mark::Image)),
            color: Some(itself().into()),
            ..Layer::default()
        });
    }
    figure.facet = Some(PanelSpec::Full(Panels {
        field: "size".to_owned(),
        label: Localized::en("Size"),
        columns: Some(3),
        ..Panels::default()
    }));
    figure.caption = Localized::en("The set covered by boxes of several sizes, in units.");
    figure
}
