//! Histograms and stacks: what counts by itself, into what, and what adds up.

use octavo_plugin::figure::{Bins, Channel, Layer, Mark, ScaleKind};
use octavo_tables::results::Problem;

use super::marks::marks_of;
use super::problem;
use crate::stack::is_stacked;

/// What is wrong with the counting and the stacking of a completed layer.
pub(super) fn unfit(layer: &Layer) -> Vec<Problem> {
    [intervals(layer), scale(layer), stack(layer)].into_iter().flatten().collect()
}

/// Ends of intervals that are none.
fn intervals(layer: &Layer) -> Option<Problem> {
    let Some(Bins::Edges { edges }) = &layer.bins else { return None };
    let ascending =
        edges.windows(2).all(|pair| pair[0] < pair[1]) && edges.iter().all(|edge| edge.is_finite());
    let message = match () {
        () if edges.len() < 2 => "the edges of `bins` enclose nothing",
        () if !ascending => "the edges of `bins` do not ascend",
        () => return None,
    };
    let help = "give two or more ascending numbers, such as `bins = { edges = [0, 1, 2, 5] }`";
    Some(problem("bad-bins", message, &["bins"], Some(help.to_owned())))
}

fn kind(channel: Option<Channel>) -> ScaleKind {
    channel.and_then(|channel| channel.scale).unwrap_or(ScaleKind::Linear)
}

/// Intervals have a width on linear and logarithmic axes alone.
fn scale(layer: &Layer) -> Option<Problem> {
    let x = layer.x.as_ref().map(|spec| spec.channel());
    let fits = matches!(kind(x), ScaleKind::Linear | ScaleKind::Log);
    let mark = match marks_of(layer)[..] {
        [mark @ (Mark::Histogram | Mark::Density)] if !fits => super::mark_name(mark),
        _ => return None,
    };
    let help = "choose `linear` or `log`; to count categories draw `bar` with `y = { field = \"...\", stat = \"count\" }`";
    let message = format!("a `{mark}` stands on a linear or logarithmic axis alone");
    Some(problem("unfit-scale", &message, &["x", "scale"], Some(help.to_owned())))
}

/// Pieces that do not add up to a height that an axis shows.
fn stack(layer: &Layer) -> Option<Problem> {
    if !is_stacked(layer) {
        return None;
    }
    let marks = marks_of(layer);
    let alone = matches!(marks[..], [Mark::Bar | Mark::Area | Mark::Histogram]);
    let log = [&layer.x, &layer.y].into_iter().flatten().any(|spec| {
        let histogram = marks == [Mark::Histogram] && layer.x.as_ref() == Some(spec);
        spec.channel().scale == Some(ScaleKind::Log)
            && !histogram
            && (marks != [Mark::Area] || layer.y.as_ref() == Some(spec))
    });
    let (message, help) = match () {
        () if !alone => (
            "bars, areas or a histogram are stacked, and no other mark of their layer",
            "draw other marks in a layer of their own",
        ),
        () if layer.color.is_none() => ("`stack` has no colours to stack", "give `color`, or remove it"),
        () if layer.x2.is_some() || layer.y2.is_some() => {
            ("what is stacked has its other end from the piece below", "remove `x2` and `y2`, or `stack`")
        }
        () if layer.dodge == Some(true) => {
            ("colours are stacked or side by side, not both", "keep `stack` or `dodge`")
        }
        () if log => (
            "heights on a logarithmic axis do not add up",
            "choose a linear one, or draw them side by side, without `stack`",
        ),
        () => return None,
    };
    Some(problem("unfit-stack", message, &["stack"], Some(help.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(json: serde_json::Value) -> Vec<String> {
        let layer = serde_json::from_value(json).unwrap();
        unfit(&layer).into_iter().map(|problem| problem.path.join(".")).collect()
    }

    #[test]
    fn intervals_ascend_and_enclose_something() {
        let bins = |bins: serde_json::Value| wrong(json!({ "mark": "histogram", "x": "a", "bins": bins }));
        for edges in [json!([]), json!([1]), json!([1, 1]), json!([2, 1])] {
            assert_eq!(bins(json!({ "edges": edges })), ["bins"], "{edges}");
        }
        for good in [json!({ "edges": [0, 1] }), json!(7), json!({ "rule": "sturges" })] {
            assert_eq!(bins(good), [""; 0]);
        }
        let scale =
            |scale: &str| wrong(json!({ "mark": "histogram", "x": { "field": "a", "scale": scale } }));
        assert_eq!((scale("symlog"), scale("log")), (vec!["x.scale".to_owned()], vec![]));
    }

    #[test]
    fn stacks_add_up() {
        let stack = |more: serde_json::Value| {
            let mut json = json!({ "mark": "bar", "x": "a", "y": "b", "color": "c", "stack": true });
            json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            wrong(json).len()
        };
        for more in [
            json!({ "mark": ["bar", "errorbar"] }),
            json!({ "mark": "line" }),
            json!({ "color": null }),
            json!({ "y2": "d" }),
            json!({ "dodge": true }),
            json!({ "y": { "field": "b", "scale": "log" } }),
        ] {
            assert_eq!(stack(more.clone()), 1, "{more}");
        }
        for more in [
            json!({}),
            json!({ "stack": "share" }),
            json!({ "mark": "area", "x": { "field": "a", "scale": "log" } }),
            json!({ "stack": false, "color": null }),
        ] {
            assert_eq!(stack(more.clone()), 0, "{more}");
        }
    }
}
