//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{
    Aspect, Channel, Dash, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, ScaleKind, Tone,
};

use crate::outputs::has_panels;
use crate::params::RegionsParams;

/// The figures for the outputs of these parameters.
pub(crate) fn figures(params: &RegionsParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    let mut add = |name: &str, figure: Figure| {
        figures.insert(name.to_owned(), figure);
    };
    if params.formula.is_some() {
        add("formulas", formulas());
        return figures;
    }
    if params.arrangement.is_some() {
        add("arrangements", arrangements());
        return figures;
    }
    if params.portrait.is_some() {
        add("portrait", portrait(params));
        return figures;
    }
    if params.drawing && params.dimension() == 1 {
        add("graph", graph());
    } else if params.drawing {
        add("partition", partition(params));
    }
    if params.by_layer {
        add("by_layer", by_layer());
    }
    if params.boundary.is_some() {
        add("boundary", boundary());
    }
    if params.trained().is_some() {
        add("training", training());
        add("regions", regions_in_training());
    }
    if params.sampling.is_some() {
        add("sampling", sampling());
    }
    if params.drawing && params.folds.is_some() {
        add("creases", creases());
        add("folded", folded());
    }
    if has_panels(params) {
        add("panels", panels());
    }
    if params.network.is_some() {
        add("layers", layers());
    } else {
        add("steps", steps());
    }
    figures
}

fn log(field: &str) -> Channel {
    Channel { field: Some(field.to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() }
}

fn colored(field: &str, palette: Palette) -> Channel {
    Channel { field: Some(field.to_owned()), palette: Some(palette), ..Channel::default() }
}

fn categorical(field: &str) -> Channel {
    Channel { scale: Some(ScaleKind::Categorical), ..colored(field, Palette::Categorical) }
}

/// The regions coloured by the direction of the slope (a circle of angles), lines by pattern; creases above.
fn partition(params: &RegionsParams) -> Figure {
    let color = if params.network.is_some() {
        let domain = Some([-std::f64::consts::PI, std::f64::consts::PI]);
        Channel { domain, ..colored("angle", Palette::Cyclic) }
    } else {
        colored("active", Palette::Sequential)
    };
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

/// The first output, as points or as a picture.
fn portrait(params: &RegionsParams) -> Figure {
    if params.dimension() == 1 {
        return Figure::new("graph", Mark::Line, "The output along the line").xy("x", "value");
    }
    Figure::new("portrait", Mark::Image, "The output over the plane")
        .color(colored("value", Palette::Sequential))
        .geometry()
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

/// Regions counted, and the formula.
fn arrangements() -> Figure {
    let mut figure = Figure::new("arrangements", Mark::Point, "Regions of random hyperplanes")
        .xy("n", log("counted"))
        .color(categorical("dimension"));
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some(log("zaslavsky").into()),
        ..Layer::default()
    });
    figure
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

/// One panel a line: crossed cells coloured and numbered, the newest line in colour.
fn panels() -> Figure {
    let mut figure = Figure::new("panels", Mark::Polygon, "Each new line and the regions that it crosses");
    figure.base.tone = Some(Tone::Muted);
    figure.base.opacity = Some(0.15);
    figure.aspect = Aspect::Equal;
    figure.axes = Some(false);
    let label = Localized::en("lines: ");
    figure.facet = Some(PanelSpec::Full(Panels { field: "step".to_owned(), label, ..Panels::default() }));
    let layer = |from: &str, mark: Mark, tone: Tone| Layer {
        from: Some(from.to_owned()),
        mark: Some(Marks::One(mark)),
        tone: Some(tone),
        ..Layer::default()
    };
    let crossed = Layer {
        selection: [("crossed".to_owned(), ">=1".into())].into_iter().collect(),
        opacity: Some(0.35),
        ..layer("panels", Mark::Polygon, Tone::Series1)
    };
    let newest = |newest: bool| [("newest".to_owned(), newest.into())].into_iter().collect();
    let earlier =
        Layer { selection: newest(false), stroke: Some(1.0), ..layer("panel_lines", Mark::Path, Tone::Ink) };
    let last = Layer {
        selection: newest(true),
        stroke: Some(2.5),
        ..layer("panel_lines", Mark::Path, Tone::Series2)
    };
    let numbers = Layer {
        x: Some("x".into()),
        y: Some("y".into()),
        text: Some("number".into()),
        ..layer("labels", Mark::Text, Tone::Ink)
    };
    figure.layers = vec![crossed, earlier, last, numbers];
    figure
}

fn layers() -> Figure {
    let mut figure =
        Figure::new("layers", Mark::Line, "Regions after each layer").xy("layer", log("activation_regions"));
    figure.base.mark = Some(Marks::Several(vec![Mark::Line, Mark::Point]));
    figure
}

/// Measured counts beside the formulas for parallel and successive folds.
fn steps() -> Figure {
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

fn formulas() -> Figure {
    let mut figure = Figure::new("formulas", Mark::Line, "Regions of n folds, by dimension")
        .xy("n", "log10_regions")
        .color(categorical("dimension"));
    figure.layers.push(Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some("log10_doubling".into()),
        tone: Some(Tone::Ink),
        dash: Some(Dash::Dashed),
        label: Localized::en("2ⁿ"),
        ..Layer::default()
    });
    figure
}
