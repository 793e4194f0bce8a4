//! Figures that could only come out empty: marks that lack what they draw, scales and formats that nothing fits.

use octavo_plugin::figure::{ChannelSpec, Layer, Levels, Mark, ScaleKind};

use super::{channels, problem};
use octavo_tables::results::Problem;

/// What a layer takes its rows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Rows without a shape.
    Table,
    /// Points, paths or polygons.
    Geometry,
    /// Pixels.
    Raster,
    /// Pictures of the analysis's own.
    Picture,
}

/// What the marks of a completed layer need and it does not have.
pub(super) fn lacking(layer: &Layer, kind: SourceKind) -> Vec<Problem> {
    let lack = |mark| lack_of_picture(mark, kind).unwrap_or_else(|| lack(layer, mark, kind));
    marks_of(layer).into_iter().filter_map(lack).collect()
}

/// Whether the mark of a layer takes a statistic of the rows of a place by itself.
pub(super) fn takes_together(layer: &Layer) -> bool {
    matches!(alone(layer), Some(Mark::Box | Mark::Violin | Mark::Density))
}

/// Whether its mark counts by itself, so that `y` says how that axis looks and no more.
pub(super) fn counts(layer: &Layer) -> bool {
    crate::counts(&marks_of(layer))
}

/// The mark of a layer that has one.
pub(super) fn alone(layer: &Layer) -> Option<Mark> {
    if let [mark] = marks_of(layer)[..] { Some(mark) } else { None }
}

pub(super) fn marks_of(layer: &Layer) -> Vec<Mark> {
    layer.mark.as_ref().map(|marks| marks.each()).unwrap_or_default()
}

/// How a band gets its edges.
const EDGES: &str = "give `y2`, or `y` a spread, such as `y = { field = \"size\", band = \"p05-p95\" }`, or both edges as constants, such \
                     as `y = { value = 1 }` and `y2 = { value = 2 }`";

fn lack(layer: &Layer, mark: Mark, kind: SourceKind) -> Option<Problem> {
    let spread = |spec: &Option<ChannelSpec>| spec.as_ref().is_some_and(|spec| spec.channel().band.is_some());
    let both = layer.x.is_some() && layer.y.is_some();
    let (lacks, message, help) = match mark {
        Mark::Line => {
            (!both && kind == SourceKind::Table, "a `line` has no `x` or no `y`", "name a column for each")
        }
        Mark::Band => (
            layer.y2.is_none() && !spread(&layer.y) && !layer.is_reference_band(),
            "a `band` has one edge alone",
            EDGES,
        ),
        Mark::Errorbar => return errorbar(layer),
        Mark::Box | Mark::Violin | Mark::Density | Mark::Histogram if marks_of(layer).len() > 1 => (
            true,
            "the mark takes its rows together, and other marks of its layer do not",
            "draw the others in a layer of their own, such as `[[figures.NAME.layers]]` with `mark = \"point\"`",
        ),
        Mark::Histogram => (layer.x.is_none(), "a `histogram` has no `x`", "name a column of numbers"),
        Mark::Violin => {
            (!both, "a `violin` has no `x` or no `y`", "name a column of categories and one of values")
        }
        Mark::Density => (layer.x.is_none(), "a `density` has no `x`", "name a column of numbers"),
        Mark::Step => (!both, "a `step` has no `x` or no `y`", "name a column for each"),
        Mark::Box => (!both, "a `box` has no `x` or no `y`", "name a column of categories and one of values"),
        Mark::Arrow => (
            layer.x2.is_none() && layer.y2.is_none(),
            "an `arrow` has no end",
            "give `x2` or `y2`, the place of its tip",
        ),
        Mark::Text => (
            layer.text.is_none(),
            "the mark `text` has nothing to write",
            "give `text`, such as `text = \"name\"` or `text = { value = \"here\" }`",
        ),
        Mark::Note => (
            layer.text.is_none() || !both,
            "a `note` has no place or nothing to write",
            "give `x`, `y` and `text`, such as `text = { value = \"here\" }`",
        ),
        Mark::Pair => (
            !both || layer.color.is_none(),
            "a `pair` joins the colours of a place, and has no `x`, no `y` or no `color`",
            "name a column of categories, one of values, and in `color` one that says which of them a row is",
        ),
        Mark::Contour => return contour(layer, kind),
        Mark::Polygon => (
            kind != SourceKind::Geometry,
            "the mark `polygon` needs a drawing of outlines",
            "name one in `from`; for a table choose `cell` or `point`",
        ),
        Mark::Image => (
            kind != SourceKind::Raster,
            "the mark `image` needs a drawing of pixels",
            "name one in `from`; for a table choose `cell`",
        ),
        _ => return None,
    };
    lacks.then(|| problem("incomplete-mark", message, &["mark"], Some(help.to_owned())))
}

/// What a mark lacks to draw a picture, or a picture to be drawn by it; nothing if there is none.
fn lack_of_picture(mark: Mark, kind: SourceKind) -> Option<Option<Problem>> {
    let (message, help) = match (mark, kind) {
        (Mark::Picture, SourceKind::Picture) => return Some(None),
        (Mark::Picture, _) => (
            "the mark `picture` needs a picture that the analysis draws itself",
            "name one in `from`; for numbers choose another mark",
        ),
        (_, SourceKind::Picture) => (
            "a picture that the analysis draws itself has no numbers that a mark could draw",
            "write `mark = \"picture\"`",
        ),
        _ => return None,
    };
    Some(Some(problem("incomplete-mark", message, &["mark"], Some(help.to_owned()))))
}

/// Contours need rows with a place and a value, and levels that ascend.
fn contour(layer: &Layer, kind: SourceKind) -> Option<Problem> {
    if let Some(Levels::Values(values)) = &layer.levels
        && (values.is_empty() || !values.windows(2).all(|pair| pair[0] < pair[1]))
    {
        let help = "give ascending numbers, such as `levels = [0.1, 0.2, 0.5]`, or how many".to_owned();
        return Some(problem("bad-levels", "the `levels` do not ascend", &["levels"], Some(help)));
    }
    let lacks = layer.x.is_none() || layer.y.is_none() || layer.color.is_none();
    let (message, help) = match kind {
        SourceKind::Table if !lacks => return None,
        SourceKind::Table => (
            "a `contour` has no `x`, no `y` or no `color`",
            "name the columns of a grid, and in `color` that of its values",
        ),
        _ => (
            "a `contour` needs rows with a place and a value",
            "name a table in `from`; for a drawing choose `image`",
        ),
    };
    Some(problem("incomplete-mark", message, &["mark"], Some(help.to_owned())))
}

/// An error bar runs along one axis, between two ends that are given in one way.
fn errorbar(layer: &Layer) -> Option<Problem> {
    let band = |spec: &Option<ChannelSpec>| spec.as_ref().is_some_and(|spec| spec.channel().band.is_some());
    let ends = [layer.y2.is_some(), layer.x2.is_some(), band(&layer.y), band(&layer.x)];
    let given = ends.iter().filter(|given| **given).count();
    let (message, help) = match given {
        _ if layer.x.is_none() || layer.y.is_none() => {
            ("an `errorbar` has no `x` or no `y`", "name a column for each")
        }
        0 => (
            "an `errorbar` has one end alone",
            "give `y2` or `x2`, or `y` or `x` a spread, such as `y = { field = \"size\", stat = \"mean\", band = \"sd\" }`",
        ),
        1 => return None,
        _ => (
            "an `errorbar` has more than two ends",
            "keep one of `y2`, `x2` and the `band` of `y` or `x`; draw the others in a layer of their own",
        ),
    };
    Some(problem("incomplete-mark", message, &["mark"], Some(help.to_owned())))
}

/// What is wrong with the ranges that a layer gives itself.
pub(super) fn unfit(layer: &Layer) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, spec) in channels(layer) {
        let channel = spec.channel();
        let placeless =
            |tick: &f64| !tick.is_finite() || channel.scale == Some(ScaleKind::Log) && *tick <= 0.0;
        if let Some(tick) = channel.ticks.iter().find(|tick| placeless(tick)) {
            let message = format!("`{name}`: its axis has no place for a tick at {tick}");
            let help = "leave it out, or choose another `scale`".to_owned();
            problems.push(problem("bad-ticks", &message, &[name, "ticks"], Some(help)));
        }
        if let Some([low, high]) = channel.domain {
            let log = channel.scale == Some(ScaleKind::Log);
            let wrong = if low == high {
                Some(("the range has no width", "give two different ends"))
            } else if log && (low <= 0.0 || high <= 0.0) {
                Some(("a logarithmic range lies above 0", "choose ends above 0, or `scale = \"symlog\"`"))
            } else {
                None
            };
            problems.extend(wrong.map(|(message, help)| {
                let message = format!("`{name}`: {message}");
                problem("bad-domain", &message, &[name, "domain"], Some(help.to_owned()))
            }));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_what_they_need() {
        let layer = |json: serde_json::Value| serde_json::from_value::<Layer>(json).unwrap();
        let count = |json: serde_json::Value, kind: SourceKind| lacking(&layer(json), kind).len();
        for (mark, channels) in [
            ("band", "y2"),
            ("arrow", "x2"),
            ("text", "text"),
            ("note", "text"),
            ("pair", "color"),
            ("contour", "color"),
        ] {
            let mut json = serde_json::json!({ "mark": mark, "x": "a", "y": "b" });
            assert_eq!(count(json.clone(), SourceKind::Table), 1, "{mark}");
            json[channels] = "c".into();
            assert_eq!(count(json, SourceKind::Table), 0, "{mark}");
        }
        let spread =
            serde_json::json!({ "mark": ["band", "line"], "x": "a", "y": { "field": "b", "band": "sd" } });
        assert_eq!(count(spread, SourceKind::Table), 0);
        assert_eq!(count(serde_json::json!({ "mark": "line", "x": "a" }), SourceKind::Table), 1);
        for (mark, kind) in [("polygon", SourceKind::Geometry), ("image", SourceKind::Raster)] {
            let json = serde_json::json!({ "mark": mark });
            assert_eq!((count(json.clone(), kind), count(json, SourceKind::Table)), (0, 1));
        }
    }

    #[test]
    fn an_error_bar_has_two_ends_that_are_given_once() {
        let wrong = |ends: serde_json::Value| {
            let mut json = serde_json::json!({ "mark": "errorbar", "x": "a", "y": "b" });
            json.as_object_mut().unwrap().extend(ends.as_object().unwrap().clone());
            lacking(&serde_json::from_value(json).unwrap(), SourceKind::Table).len()
        };
        let spread = serde_json::json!({ "field": "b", "stat": "mean", "band": "sd" });
        assert_eq!(wrong(serde_json::json!({})), 1);
        assert_eq!(wrong(serde_json::json!({ "y": { "field": "b", "stat": "mean" } })), 1);
        assert_eq!(wrong(serde_json::json!({ "x2": "c", "y2": "c" })), 1);
        assert_eq!(wrong(serde_json::json!({ "x2": "c", "y": spread })), 1);
        for ends in [
            serde_json::json!({ "x2": "c" }),
            serde_json::json!({ "y2": "c" }),
            serde_json::json!({ "x": spread }),
            serde_json::json!({ "y": spread }),
        ] {
            assert_eq!(wrong(ends), 0);
        }
    }

    #[test]
    fn a_box_stands_alone_in_its_layer() {
        let wrong = |json: serde_json::Value| {
            lacking(&serde_json::from_value(json).unwrap(), SourceKind::Table).len()
        };
        assert_eq!(wrong(serde_json::json!({ "mark": ["box", "point"], "x": "a", "y": "b" })), 1);
        assert_eq!(wrong(serde_json::json!({ "mark": "box", "y": "b" })), 1);
        assert_eq!(wrong(serde_json::json!({ "mark": "box", "x": "a", "y": "b" })), 0);
    }

    #[test]
    fn ticks_have_a_place() {
        let count = |scale: &str, ticks: [f64; 2]| {
            let json = serde_json::json!({ "x": { "field": "a", "scale": scale, "ticks": ticks } });
            unfit(&serde_json::from_value::<Layer>(json).unwrap()).len()
        };
        assert_eq!(
            (count("log", [0.0, 1.0]), count("log", [1.0, 2.0]), count("linear", [0.0, -1.0])),
            (1, 0, 0)
        );
    }

    #[test]
    fn ranges() {
        let count = |scale: &str, domain: [f64; 2]| {
            let json = serde_json::json!({ "x": { "field": "a", "scale": scale, "domain": domain } });
            unfit(&serde_json::from_value::<Layer>(json).unwrap()).len()
        };
        assert_eq!(count("log", [0.0, 1.0]) + count("linear", [2.0, 2.0]), 2);
        assert_eq!(count("log", [0.1, 1.0]) + count("linear", [1.0, -1.0]) + count("symlog", [0.0, 1.0]), 0);
    }
}
