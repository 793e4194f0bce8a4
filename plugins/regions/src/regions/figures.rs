//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{Channel, Dash, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, Tone};

use super::params::RegionsParams;
use crate::figures::{categorical, colored, log};

/// The figures for the outputs of these parameters.
pub(super) fn figures(params: &RegionsParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    let mut add = |name: &str, figure: Figure| {
        figures.insert(name.to_owned(), figure);
    };
    if params.drawing && params.view().dimension() == 1 {
        add("graph", graph());
    } else if params.drawing {
        add("partition", partition());
    }
    if params.by_layer {
        add("by_layer", by_layer());
    }
    if params.boundary.is_some() {
        add("boundary", boundary());
    }
    if params.view().trained().is_some() {
        add("training", training());
        add("regions", regions_in_training());
    }
    if params.sampling.is_some() {
        add("sampling", sampling());
    }
    add("layers", layers());
    figures
}

/// The regions coloured by the direction of the slope, a circle of angles.
fn partition() -> Figure {
    let domain = Some([-std::f64::consts::PI, std::f64::consts::PI]);
    crate::figures::partition(Channel { domain, ..colored("angle", Palette::Cyclic) })
}

/// The first output over a line.
fn graph() -> Figure {
    Figure::new("graph", Mark::Path, "The output along the line").color(categorical("pattern")).geometry()
}

/// The partition after each layer, in panels.
fn by_layer() -> Figure {
    let mut figure =
        Figure::new("by_layer", Mark::Polygon, "Layer by layer").color(categorical("pattern")).geometry();
    let label = Localized::en("layer ");
    figure.facet = Some(PanelSpec::Full(Panels { field: "layer".to_owned(), label, ..Panels::default() }));
    figure
}

/// The boundary over the regions.
fn boundary() -> Figure {
    let mut figure = Figure::new("partition", Mark::Polygon, "The decision boundary")
        .color(colored("value", Palette::Sequential))
        .geometry();
    figure.layers.push(Layer {
        from: Some("boundary".to_owned()),
        mark: Some(Marks::One(Mark::Path)),
        tone: Some(Tone::Ink),
        stroke: Some(2.0),
        ..Layer::default()
    });
    figure
}

/// Errors on both sets of samples.
fn training() -> Figure {
    let mut figure = Figure::new("training", Mark::Line, "Error in training").xy("epoch", log("test_loss"));
    figure.base.label = Localized::en("test");
    figure.base.tone = Some(Tone::Series1);
    figure.layers = vec![Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some(log("train_loss").into()),
        tone: Some(Tone::Series2),
        dash: Some(Dash::Dashed),
        label: Localized::en("training"),
        ..Layer::default()
    }];
    figure
}

fn regions_in_training() -> Figure {
    let mut figure = Figure::new("training", Mark::Line, "Regions in training").xy("epoch", "regions");
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure
}

fn sampling() -> Figure {
    let mut figure = Figure::new("sampling", Mark::Line, "Share of the regions that a sample sees")
        .xy(log("samples"), "share")
        .color(categorical("kind"));
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure
}

fn layers() -> Figure {
    let mut figure =
        Figure::new("layers", Mark::Line, "Regions after each layer").xy("layer", log("activation_regions"));
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure
}
