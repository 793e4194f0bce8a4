//! The figures that stand unless an author defines others.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{Channel, Figure, Layer, Mark, Marks, Palette, ScaleKind, Tone, Width};

use crate::params::{EscapeParams, Kind, Show};

/// All figures over the outputs of these parameters.
pub(crate) fn figures(params: &EscapeParams) -> IndexMap<String, Figure> {
    let wanted = [
        (params.points.is_none(), "picture", picture as fn(&EscapeParams) -> Figure),
        (params.shows(Show::Distance), "distance", distance),
        (params.shows(Show::Period), "period", period),
        (params.shows(Show::Orbits), "orbits", orbits),
        (params.shows(Show::Fold), "fold", fold),
        (params.nuclei.is_some(), "nuclei", nuclei),
        (params.likeness.is_some(), "map", |_| likeness("map", "The map")),
        (params.likeness.is_some(), "land", |_| likeness("land", "The land")),
        (!params.rays.is_empty(), "rays", rays),
        (params.atlas.is_some(), "atlas", atlas),
    ];
    let asked = wanted.into_iter().filter(|(asked, ..)| *asked);
    asked.map(|(_, name, figure)| (name.to_owned(), figure(params))).collect()
}

fn image(from: &str, title: &str, value: Channel) -> Figure {
    let value = Channel { field: Some("value".to_owned()), ..value };
    Figure::new(from, Mark::Image, title).color(value).geometry()
}

fn dark_to_light() -> Channel {
    Channel { palette: Some(Palette::Sequential), domain: Some([0.0, 1.0]), ..Channel::default() }
}

fn picture(params: &EscapeParams) -> Figure {
    let title = match params.kind {
        Kind::Mandelbrot => "The Mandelbrot set",
        Kind::Julia => "A Julia set",
    };
    let mut figure = image("picture", title, dark_to_light());
    figure.caption = Localized::en(
        "Darkest: points that stay. The others are the lighter the longer they take to escape, each shade as often as any other.",
    );
    figure
}

fn distance(_: &EscapeParams) -> Figure {
    // What is nearer than a hundredth of a pixel looks alike.
    let value = Channel {
        scale: Some(ScaleKind::Log),
        domain: Some([0.01, 100.0]),
        blank: Some(0.0),
        ..Channel::default()
    };
    let mut figure = image("distance", "How far the set is", value);
    figure.caption = Localized::en("Estimated distance to the set, right within a factor of two.");
    figure
}

fn period(_: &EscapeParams) -> Figure {
    let value = Channel {
        palette: Some(Palette::Cyclic),
        domain: Some([0.0, 1.0]),
        blank: Some(-1.0),
        ..Channel::default()
    };
    let mut figure = image("component", "Periods of the components", value);
    figure.caption = Localized::en(
        "Each c of the set, coloured by the period of the cycle that the orbit of 0 comes to: turns of the golden angle.",
    );
    figure
}

fn orbits(_: &EscapeParams) -> Figure {
    let mut figure = Figure::new("orbits", Mark::Path, "Orbits").xy("re", "im").color("point");
    figure.base.mark = Some(Marks::Several(vec![Mark::Path, Mark::Point]));
    figure.aspect = octavo_plugin::figure::Aspect::Equal;
    figure.caption = Localized::en("Steps of z² + c from each starting point.");
    figure
}

fn fold(_: &EscapeParams) -> Figure {
    let mut figure = Figure::new("fold", Mark::Line, "A step of z² − 2 is a fold").xy("t", "z");
    figure.facet = Some(octavo_plugin::figure::PanelSpec::Field("step".to_owned()));
    figure.caption =
        Localized::en("2 cos(π t) after several steps of z² − 2: as many folds of the interval.");
    figure
}

fn nuclei(_: &EscapeParams) -> Figure {
    let mut figure =
        Figure::new("nuclei", Mark::Point, "Centres of components").xy("re", "im").color("period");
    figure.aspect = octavo_plugin::figure::Aspect::Equal;
    figure.caption = Localized::en("The c for which 0 lies on its own cycle, coloured by its period.");
    figure
}

fn likeness(from: &str, title: &str) -> Figure {
    let value =
        Channel { scale: Some(ScaleKind::Log), palette: Some(Palette::Sequential), ..Channel::default() };
    image(from, title, value)
}

fn rays(params: &EscapeParams) -> Figure {
    let mut figure = Figure::new("rays", Mark::Path, "External rays").geometry();
    let ray = Layer { color: Some("angle".into()), ..figure.base.clone() };
    if params.points.is_none() && params.kind == Kind::Mandelbrot && params.center.is_none() {
        figure.base.from = Some("picture".to_owned());
        figure.base.mark = Some(Marks::One(Mark::Image));
        figure.base.color = Some(Channel { field: Some("value".to_owned()), ..dark_to_light() }.into());
        figure.layers.push(Layer { tone: Some(Tone::Ink), color: None, ..ray });
    } else {
        figure.base = ray;
    }
    figure.caption =
        Localized::en("Lines along which the potential around the set falls, by their angle in turns.");
    figure
}

fn atlas(_: &EscapeParams) -> Figure {
    let mut figure = image("atlas", "The atlas of Julia sets", dark_to_light());
    figure.width = Width::Wide;
    figure.caption = Localized::en(
        "Each thumbnail is the Julia set of the c in its middle; behind them, darker, the Mandelbrot set.",
    );
    figure
}
