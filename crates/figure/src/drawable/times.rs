//! Time: texts that are dates, along x or y or as colours.

use indexmap::IndexMap;
use octavo_plugin::figure::{Layer, ScaleKind};
use octavo_plugin::{ColumnSchema, ColumnType};
use octavo_tables::expr::types;
use octavo_tables::results::Problem;

use super::problem;
use crate::checked::{CheckedChannel, CheckedLayer};
use crate::{channels, time};

/// What is wrong with the channels of a completed layer that ask for time.
pub(super) fn unfit(
    layer: &Layer,
    checked: &CheckedLayer,
    columns: &IndexMap<String, ColumnSchema>,
) -> Vec<Problem> {
    let asked = channels(layer).into_iter().map(|(name, _)| (name, &checked.channels[name]));
    let asked = asked.filter(|(_, channel)| channel.scale == Some(ScaleKind::Time));
    asked.filter_map(|(name, channel)| one(name, channel, columns)).collect()
}

fn one(name: &str, channel: &CheckedChannel, columns: &IndexMap<String, ColumnSchema>) -> Option<Problem> {
    if !matches!(name, "x" | "y" | "color") {
        let message = format!("`{name}` has no time scale");
        let help = "times stand along `x` or `y`, or on the ramp of `color`; choose `scale = \"categorical\"`, or leave it out";
        return Some(problem("unfit-scale", &message, &[name, "scale"], Some(help.to_owned())));
    }
    if channel.takes_statistic() {
        let message = format!("`{name}`: a statistic is taken of numbers, and its axis is one of dates");
        let help = "take it of the other axis".to_owned();
        return Some(problem("unfit-scale", &message, &[name, "scale"], Some(help)));
    }
    if let Some(value) = &channel.value {
        let wrong = value.as_str().and_then(time::parse).is_none();
        let message = format!("`{name}` is no date: {value}");
        return wrong.then(|| problem("bad-date", &message, &[name, "value"], Some(time::FORMS.to_owned())));
    }
    let field = channel.field.as_ref().and_then(|field| columns.get(field)).map(|schema| schema.kind);
    let kind =
        field.or_else(|| channel.expr.as_ref().filter(|expr| expr.is_read())?.check(&types(columns)).ok())?;
    let message = format!("`{name}` has a time scale, and no texts that could be dates");
    let help = format!("name a column of texts, or remove `scale`; {}", time::FORMS);
    (kind != ColumnType::Text).then(|| problem("unfit-scale", &message, &[name, "scale"], Some(help)))
}

#[cfg(test)]
mod tests {
    use octavo_plugin::Localized;
    use octavo_plugin::figure::Figure;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::checked::CheckedFigure;

    fn found(x: &Json, color: &Json) -> Vec<String> {
        let json = json!({ "from": "t", "mark": "line", "x": x, "y": "n", "color": color });
        let figure: Figure = serde_json::from_value(json).unwrap();
        let checked = CheckedFigure::read(&figure, &mut Vec::new());
        let column = |kind: ColumnType| ColumnSchema { kind, unit: String::new(), label: Localized::None };
        let columns = [("day", ColumnType::Text), ("n", ColumnType::Integer)];
        let columns = columns.map(|(name, kind)| (name.to_owned(), column(kind))).into_iter().collect();
        let problems = unfit(&checked.layers[0].layer, &checked.layers[0], &columns);
        problems.into_iter().map(|problem| problem.path.join(".")).collect()
    }

    #[test]
    fn times_are_texts_along_an_axis() {
        let time = |field: &str| json!({ "field": field, "scale": "time" });
        assert_eq!(found(&time("day"), &Json::Null), [""; 0]);
        assert_eq!(found(&time("n"), &Json::Null), ["x.scale"]);
        assert_eq!(found(&json!({ "expr": "n + 1", "scale": "time" }), &Json::Null), ["x.scale"]);
        assert_eq!(found(&json!("day"), &time("day")), [""; 0]);
        assert_eq!(found(&json!({ "value": "2026-02-30", "scale": "time" }), &Json::Null), ["x.value"]);
        assert_eq!(
            found(&json!({ "field": "day", "scale": "time", "stat": "mean" }), &Json::Null),
            ["x.scale"]
        );
    }
}
