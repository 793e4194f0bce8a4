//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{Aspect, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, Tone};

use super::params::LinesParams;
use crate::figures::{colored, partition, steps};

/// The figures for the outputs of these parameters.
pub(super) fn figures(params: &LinesParams) -> IndexMap<String, Figure> {
    let mut figures = IndexMap::new();
    if params.drawing {
        figures.insert("partition".to_owned(), partition(colored("active", Palette::Sequential)));
    }
    if params.has_panels() {
        figures.insert("panels".to_owned(), panels());
    }
    figures.insert("steps".to_owned(), steps());
    figures
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
