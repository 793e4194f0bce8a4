//! Channels and keys that change nothing in the drawing. A figure that says more than it shows is refused where it says so.

use octavo_plugin::figure::{Channel, ChannelSpec, Layer, Mark, Palette, ScaleKind};
use octavo_tables::results::Problem;

use super::{channels, problem};

/// What is idle among the channels and keys that a layer gives itself. `takers` are the completed layers in which they could
/// do something: the layer itself, or for a base all layers.
pub(super) fn unused(own: &Layer, takers: &[&Layer]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, spec) in channels(own) {
        let with_it: Vec<&Layer> =
            takers.iter().copied().filter(|layer| channels(layer).contains(&(name, spec))).collect();
        if let Some(first) = with_it.first().filter(|_| with_it.iter().all(|layer| !is_drawn(layer, name))) {
            let message = format!("`{name}` changes nothing: {}", why_not_drawn(first, name));
            problems.push(problem("unused-channel", &message, &[name], Some("remove it".to_owned())));
            continue;
        }
        let channel = spec.channel();
        for Idle { key, why, help } in
            with_it.first().map(|layer| idle(layer, name, &channel)).into_iter().flatten()
        {
            if with_it.iter().all(|layer| idle(layer, name, &channel).iter().any(|other| other.key == key)) {
                let message = format!("`{key}` of `{name}` changes nothing: {why}");
                problems.push(problem("unused-key", &message, &[name, key], Some(help.to_owned())));
            }
        }
    }
    problems.extend(own_keys(own, takers));
    problems
}

fn marks(layer: &Layer) -> Vec<Mark> {
    layer.mark.as_ref().map(|marks| marks.each()).unwrap_or_default()
}

/// Whether a mark of the layer draws what a channel says.
fn is_drawn(layer: &Layer, name: &str) -> bool {
    let marks = marks(layer);
    match name {
        "x2" => has(&marks, &[Mark::Arrow, Mark::Bar, Mark::Errorbar]) || layer.is_reference_band(),
        "y2" => has(&marks, &[Mark::Arrow, Mark::Bar, Mark::Band, Mark::Errorbar]),
        "size" => has(&marks, &[Mark::Point]),
        "text" => has(&marks, &[Mark::Text, Mark::Note]),
        "x" | "y" if marks == [Mark::Rule] => place_of_rule(layer) == name,
        _ => true,
    }
}

/// The channel at which the lines across the plot stand: the constant one of two.
fn place_of_rule(layer: &Layer) -> &'static str {
    let constant =
        |spec: &Option<ChannelSpec>| spec.as_ref().is_some_and(|spec| spec.channel().value.is_some());
    let vertical = constant(&layer.x) && !constant(&layer.y);
    if layer.y.is_none() || vertical { "x" } else { "y" }
}

fn why_not_drawn(layer: &Layer, name: &str) -> String {
    let names: Vec<String> = marks(layer).iter().map(|mark| format!("`{}`", mark_name(*mark))).collect();
    let marks = names.join(", ");
    match name {
        "x2" => format!("`arrow`, `bar` and `errorbar` have another end, and this layer draws {marks}"),
        "y2" => {
            format!("`arrow`, `bar`, `band` and `errorbar` have another end, and this layer draws {marks}")
        }
        "size" => {
            format!("points have a size, and this layer draws {marks} (the width of lines is `stroke`)")
        }
        "text" => format!("the marks `text` and `note` write it, and this layer draws {marks}"),
        _ => "a `rule` stands at an `x` or at a `y`, not at both".to_owned(),
    }
}

/// A key that does nothing, why, and the next step.
struct Idle {
    key: &'static str,
    why: &'static str,
    help: &'static str,
}

/// The keys of a channel that do nothing in this layer.
fn idle(layer: &Layer, name: &str, channel: &Channel) -> Vec<Idle> {
    let all =
        [of_scales(layer, name, channel), of_statistics(layer, name, channel), counted(layer, name, channel)];
    let found = all.into_iter().flatten().filter(|(given, ..)| *given);
    found.map(|(_, key, why, help)| Idle { key, why, help }).collect()
}

/// Whether a key does nothing, its name, why, and the next step.
type Found = (bool, &'static str, &'static str, &'static str);

const REMOVE: &str = "remove it";

/// Scales, ticks and what is written.
fn of_scales(layer: &Layer, name: &str, channel: &Channel) -> Vec<Found> {
    let position = matches!(name, "x" | "y");
    let scaled = position || name == "color";
    let end = matches!(name, "x2" | "y2");
    let ticks = !channel.ticks.is_empty();
    let categorical = channel.scale == Some(ScaleKind::Categorical);
    let log = channel.scale == Some(ScaleKind::Log);
    let time = channel.scale == Some(ScaleKind::Time) && position;
    let (dates, choose) = ("it has numbers, and the axis dates", "choose rows with `where`");
    let bars = has(&marks(layer), &[Mark::Bar]) && name == "y" && channel.zero == Some(false);
    let unnamed = !channel.names.is_empty() && !scaled && name != "text";
    let (none, other) = ("it has no scale of its own", "its axis is that of the other end");
    vec![
        (channel.palette.is_some() && name != "color", "palette", "only `color` has one", REMOVE),
        (channel.blank.is_some() && name != "color", "blank", "only `color` has one", REMOVE),
        (channel.scale.is_some() && !scaled, "scale", none, REMOVE),
        (
            categorical && name == "color" && has(&marks(layer), &[Mark::Image]),
            "scale",
            "the pixels of an image are numbers on one scale",
            "for colours that stand apart write `palette = \"categorical\"`",
        ),
        (
            categorical && channel.palette.is_some_and(|palette| palette != Palette::Categorical),
            "palette",
            "colours of categories stand apart, in no order",
            "remove it, or the `scale`",
        ),
        (channel.domain.is_some() && !scaled, "domain", none, REMOVE),
        (ticks && !position, "ticks", "it has no axis of its own", REMOVE),
        (ticks && categorical, "ticks", "an axis of categories has one for each of them", REMOVE),
        (channel.zero.is_some() && !scaled, "zero", none, REMOVE),
        (channel.zero == Some(true) && log, "zero", "a logarithmic scale has no zero", REMOVE),
        (
            bars,
            "zero",
            "bars begin at zero, or their lengths would lie",
            "remove it, or draw the mark `point`",
        ),
        (channel.format.is_some() && end, "format", other, "give it there"),
        (!channel.label.is_none() && end, "label", other, "give it there"),
        (unnamed, "names", "it writes no texts", REMOVE),
        (channel.domain.is_some() && time, "domain", dates, choose),
        (ticks && time, "ticks", dates, REMOVE),
        (channel.zero.is_some() && time, "zero", "a time axis has no zero", REMOVE),
        (channel.format.is_some() && time, "format", "dates are written as the language has them", REMOVE),
    ]
}

/// Statistics and spreads.
fn of_statistics(layer: &Layer, name: &str, channel: &Channel) -> Vec<Found> {
    let marks = marks(layer);
    let position = matches!(name, "x" | "y");
    let of_y = layer.y.as_ref().is_some_and(|y| {
        let y = y.channel();
        y.stat.is_some() || y.band.is_some() || y.over.is_some()
    });
    let by_itself = super::marks::alone(layer).is_some_and(crate::takes_together);
    let mut all = Vec::new();
    for (given, key) in
        [(channel.stat.is_some(), "stat"), (channel.over.is_some(), "over"), (channel.band.is_some(), "band")]
    {
        let itself = "the mark takes its values together by itself";
        all.push((given && position && by_itself, key, itself, REMOVE));
        all.push((given && !position, key, "statistics are taken of `y`, or of `x`", "give it there"));
        let both = "`y` has a statistic, and a layer takes one";
        all.push((given && name == "x" && of_y && !by_itself, key, both, REMOVE));
    }
    let other = has(&marks, &[Mark::Errorbar]) || by_itself;
    let band = channel.band.is_some() && !other;
    all.push((
        band && name == "y" && !has(&marks, &[Mark::Band]) && channel.stat.is_some(),
        "band",
        "no `band` is drawn",
        "draw one, such as `mark = [\"line\", \"band\"]`",
    ));
    all.push((band && name == "x" && !of_y, "band", "a spread is drawn along `y`", REMOVE));
    all
}

/// What is given for an axis that counts by itself.
fn counted(layer: &Layer, name: &str, channel: &Channel) -> Vec<Found> {
    let counted = name == "y" && super::marks::counts(layer);
    let sources = [
        (channel.field.is_some(), "field"),
        (channel.expr.is_some(), "expr"),
        (channel.value.is_some(), "value"),
    ];
    sources.map(|(given, key)| (given && counted, key, "the mark counts by itself", REMOVE)).to_vec()
}

/// Keys of the layer itself that do nothing.
fn own_keys(own: &Layer, takers: &[&Layer]) -> Vec<Problem> {
    const LINES: [Mark; 14] = [
        Mark::Line,
        Mark::Path,
        Mark::Band,
        Mark::Area,
        Mark::Rule,
        Mark::Arrow,
        Mark::Errorbar,
        Mark::Box,
        Mark::Histogram,
        Mark::Step,
        Mark::Violin,
        Mark::Density,
        Mark::Contour,
        Mark::Pair,
    ];
    const SIDES: [Mark; 7] =
        [Mark::Violin, Mark::Step, Mark::Bar, Mark::Errorbar, Mark::Point, Mark::Line, Mark::Box];
    let none = |marked: &[Mark]| takers.iter().all(|layer| !has(&marks(layer), marked));
    let mut problems = Vec::new();
    let mut add = |given: bool, key: &str, why: &str| {
        if given {
            let message = format!("`{key}` changes nothing: {why}");
            problems.push(problem("unused-key", &message, &[key], Some("remove it".to_owned())));
        }
    };
    add(own.dash.is_some() && none(&LINES), "dash", "the layer draws no line");
    let stroked = none(&LINES) && none(&[Mark::Polygon]);
    add(own.stroke.is_some() && stroked, "stroke", "the layer draws no line");
    add(
        own.dodge.is_some() && none(&SIDES),
        "dodge",
        "the layer draws nothing that could stand side by side",
    );
    add(own.jitter.is_some() && none(&[Mark::Point]), "jitter", "the layer draws no points");
    add(own.outliers.is_some() && none(&[Mark::Box]), "outliers", "the layer draws no boxes");
    let histogram = none(&[Mark::Histogram]);
    add(own.bins.is_some() && histogram, "bins", "the layer draws no histogram");
    add(own.measure.is_some() && histogram, "measure", "the layer draws no histogram");
    let densities = none(&[Mark::Violin, Mark::Density]);
    add(own.bandwidth.is_some() && densities, "bandwidth", "the layer draws no density");
    add(own.step.is_some() && none(&[Mark::Step]), "step", "the layer draws no steps");
    let contours = none(&[Mark::Contour]);
    add(own.levels.is_some() && contours, "levels", "the layer draws no contours");
    add(own.filled.is_some() && contours, "filled", "the layer draws no contours");
    let parted = takers.iter().any(|layer| layer.color.is_some());
    add(own.dodge.is_some() && !none(&SIDES) && !parted, "dodge", "no `color` parts the places");
    problems
}

fn has(marks: &[Mark], any: &[Mark]) -> bool {
    marks.iter().any(|mark| any.contains(mark))
}

/// A mark as an author writes it.
pub(crate) fn mark_name(mark: Mark) -> String {
    serde_json::to_value(mark).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(json: serde_json::Value) -> Vec<String> {
        let layer: Layer = serde_json::from_value(json).unwrap();
        unused(&layer, &[&layer]).into_iter().map(|problem| problem.path.join(".")).collect()
    }

    #[test]
    fn channels_that_no_mark_draws_are_told() {
        let with = |mark: &str, channel: &str| {
            let mut json = json!({ "mark": mark, "x": "a", "y": "b" });
            json[channel] = "c".into();
            found(json)
        };
        for (mark, channel) in [
            ("line", "x2"),
            ("line", "y2"),
            ("line", "size"),
            ("point", "text"),
            ("band", "x2"),
            ("cell", "size"),
            ("bar", "text"),
        ] {
            assert_eq!(with(mark, channel), [channel], "{mark}");
        }
        for (mark, channel) in [
            ("arrow", "x2"),
            ("bar", "x2"),
            ("bar", "y2"),
            ("band", "y2"),
            ("point", "size"),
            ("text", "text"),
        ] {
            assert_eq!(with(mark, channel), [""; 0], "{mark}");
        }
        assert_eq!(found(json!({ "mark": ["line", "text"], "x": "a", "y": "b", "text": "c" })), [""; 0]);
        assert_eq!(found(json!({ "mark": "rule", "x": "a", "y": "b" })), ["x"]);
        assert_eq!(found(json!({ "mark": "rule", "x": { "value": 1 }, "y": "b" })), ["y"]);
        assert_eq!(found(json!({ "mark": "rule", "x": "a", "y": { "value": 1 } })), ["x"]);
        assert_eq!(found(json!({ "mark": "rule", "y": "b" })), [""; 0]);
    }

    #[test]
    fn keys_that_change_nothing_are_told() {
        let y = |mark: &str, y: serde_json::Value| found(json!({ "mark": mark, "x": "a", "y": y }));
        assert_eq!(y("bar", json!({ "field": "b", "zero": false })), ["y.zero"]);
        assert_eq!(y("point", json!({ "field": "b", "zero": false })), [""; 0]);
        assert_eq!(y("line", json!({ "field": "b", "zero": true, "scale": "log" })), ["y.zero"]);
        assert_eq!(y("line", json!({ "field": "b", "palette": "diverging" })), ["y.palette"]);
        assert_eq!(y("line", json!({ "field": "b", "stat": "mean", "band": "sd" })), ["y.band"]);
        assert_eq!(y("band", json!({ "field": "b", "stat": "mean", "band": "sd" })), [""; 0]);
        let x = json!({ "mark": "line", "x": { "field": "a", "stat": "mean" }, "y": { "field": "b", "stat": "mean" } });
        assert_eq!(found(x), ["x.stat"]);
        let ticks = |scale: &str| json!({ "field": "b", "scale": scale, "ticks": [1.0, 2.0] });
        assert_eq!(
            (y("line", ticks("categorical")), y("line", ticks("log"))),
            (vec!["y.ticks".to_owned()], vec![])
        );
        let size =
            json!({ "mark": "point", "x": "a", "y": "b", "size": { "field": "c", "domain": [0.0, 1.0] } });
        assert_eq!(found(size), ["size.domain"]);
        let color = json!({ "mark": "line", "x": "a", "y": "b", "color": { "field": "c", "stat": "mean" } });
        assert_eq!(found(color), ["color.stat"]);
        let color = |mark: &str, palette: Option<&str>| {
            let color = json!({ "field": "c", "scale": "categorical", "palette": palette });
            found(json!({ "mark": mark, "x": "a", "y": "b", "color": color }))
        };
        assert_eq!(color("line", Some("sequential")), ["color.palette"]);
        assert_eq!(color("line", Some("categorical")), [""; 0]);
        assert_eq!(color("image", None), ["color.scale"]);
        assert_eq!(found(json!({ "mark": "point", "x": "a", "y": "b", "dash": "dashed" })), ["dash"]);
        assert_eq!(found(json!({ "mark": "cell", "x": "a", "y": "b", "stroke": 2.0 })), ["stroke"]);
        assert_eq!(found(json!({ "mark": "polygon", "stroke": 2.0 })), [""; 0]);
        assert_eq!(y("box", json!({ "field": "b", "stat": "mean", "band": "sd" })), ["y.stat", "y.band"]);
        assert_eq!(y("box", json!({ "field": "b", "skip_missing": true })), [""; 0]);
        assert_eq!(
            found(json!({ "mark": "line", "x": "a", "y": "b", "jitter": 0.5, "outliers": false })),
            ["jitter", "outliers"]
        );
        assert_eq!(found(json!({ "mark": "point", "x": "a", "y": "b", "jitter": 0.5 })), [""; 0]);
        let own = json!({ "mark": "line", "x": "a", "y": "b", "bandwidth": 0.5, "step": "after" });
        assert_eq!(found(own), ["bandwidth", "step"]);
        assert_eq!(found(json!({ "mark": "density", "x": "a", "bandwidth": 0.5 })), [""; 0]);
        let histogram =
            json!({ "mark": "histogram", "x": "a", "y": { "field": "b", "label": "c" }, "bins": 5 });
        assert_eq!(found(histogram), ["y.field"]);
        let histogram = json!({ "mark": "histogram", "x": { "field": "a", "stat": "mean" }, "y": { "label": "c" }, "y2": "d" });
        assert_eq!(found(histogram), ["x.stat", "y2"]);
        assert_eq!(
            found(json!({ "mark": "bar", "x": "a", "y": "b", "bins": 5, "measure": "share" })),
            ["bins", "measure"]
        );
        let dodge = |mark: &str, color: Option<&str>| {
            found(json!({ "mark": mark, "x": "a", "y": "b", "color": color, "dodge": true }))
        };
        assert_eq!(
            (dodge("cell", Some("c")), dodge("point", None)),
            (vec!["dodge".to_owned()], vec!["dodge".to_owned()])
        );
        assert_eq!((dodge("point", Some("c")), dodge("bar", Some("c"))), (vec![], vec![]));
    }

    #[test]
    fn what_one_layer_of_many_uses_is_used() {
        let base: Layer =
            serde_json::from_value(json!({ "x": "a", "y": "b", "size": "c", "dash": "dashed" })).unwrap();
        let layer = |mark: &str| {
            let json = json!({ "mark": mark, "x": "a", "y": "b", "size": "c" });
            serde_json::from_value::<Layer>(json).unwrap()
        };
        let (line, point) = (layer("line"), layer("point"));
        assert!(unused(&base, &[&line, &point]).is_empty());
        assert_eq!(unused(&base, &[&line, &line]).len(), 1);
        assert_eq!(unused(&base, &[&point]).len(), 1, "no line has the dash");
    }
}
