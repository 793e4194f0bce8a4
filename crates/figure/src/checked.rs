//! Figures with what they mean read: expressions, spreads and formats are parsed once, here. The checks of [`drawable`] hold this form
//! against what there is to draw, and it is the only one that [`draw`] takes.
//!
//! [`drawable`]: crate::drawable
//! [`draw`]: crate::draw

use std::collections::BTreeMap;

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{Channel, ChannelSpec, Figure, Layer, Palette, ScaleKind, Stat};
use octavo_tables::definitions::expression;
use octavo_tables::expr::Expr;
use octavo_tables::number::Format;
use octavo_tables::results::Problem;
use octavo_tables::statistics::Band;
use serde_json::Value as Json;

/// A figure whose texts were read.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFigure {
    pub(crate) figure: Figure,
    pub(crate) layers: Vec<CheckedLayer>,
    /// The width of its files in pixels of CSS, if the author says so.
    pub(crate) file_width: Option<f64>,
}

/// A layer of a figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedLayer {
    /// Its number among the figure's `layers`; the base has none.
    pub(crate) number: Option<usize>,
    /// As written, to see what is its own.
    pub(crate) own: Layer,
    /// Completed from the base.
    pub(crate) layer: Layer,
    /// The channels of the completed layer by name.
    pub(crate) channels: BTreeMap<&'static str, CheckedChannel>,
}

/// What decides a place, a colour, a size or a text. A channel has one of `field`, `expr` and `value`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CheckedChannel {
    /// A column, sweep parameter or `replicate`.
    pub(crate) field: Option<String>,
    /// An expression over columns.
    pub(crate) expr: Option<Expr>,
    /// A constant.
    pub(crate) value: Option<Json>,
    /// The kind of scale.
    pub(crate) scale: Option<ScaleKind>,
    /// Smallest and largest value shown.
    pub(crate) domain: Option<[f64; 2]>,
    /// Where its ticks stand, if the author says so.
    pub(crate) ticks: Vec<f64>,
    /// Whether the scale must include zero.
    pub(crate) zero: Option<bool>,
    /// Axis or legend title.
    pub(crate) label: Localized,
    /// How a number is written.
    pub(crate) format: Option<Format>,
    /// The statistic of the rows that agree in all other channels.
    pub(crate) stat: Option<Stat>,
    /// The spread of these rows.
    pub(crate) band: Option<Band>,
    /// The column over which they are taken together.
    pub(crate) over: Option<String>,
    /// Whether a statistic leaves missing values out.
    pub(crate) skip_missing: bool,
    /// The palette of a colour channel.
    pub(crate) palette: Option<Palette>,
    /// The colour channel's value for nothing there.
    pub(crate) blank: Option<f64>,
    /// What texts among the values are called, per language.
    pub(crate) names: IndexMap<String, Localized>,
}

impl CheckedFigure {
    /// Reads a figure; problems have paths below it.
    pub fn read(figure: &Figure, problems: &mut Vec<Problem>) -> Self {
        let base = read_all(&figure.base, &[], problems);
        let layers = figure.all_layers().into_iter().zip(figure.own_layers());
        let layers = layers.map(|(layer, (number, own))| {
            let written = match number {
                None => base.clone(),
                Some(number) => read_all(own, &["layers", &number.to_string()], problems),
            };
            // A layer has a channel of its own, or else that of the base.
            let found = |name| written.get(name).or_else(|| base.get(name)).cloned();
            let channels = channels(&layer).into_iter().filter_map(|(name, _)| Some((name, found(name)?)));
            CheckedLayer { number, own: own.clone(), channels: channels.collect(), layer }
        });
        let layers = layers.collect();
        let width = figure.file.as_ref().and_then(|file| file.width.as_deref());
        let file_width =
            width.and_then(|text| file_width(text).map_err(|problem| problems.push(problem)).ok());
        Self { figure: figure.clone(), layers, file_width }
    }

    /// The figure as written.
    pub fn figure(&self) -> &Figure {
        &self.figure
    }
}

/// Narrowest and widest that files are, in millimetres.
const WIDTHS: [f64; 2] = [40.0, 400.0];

/// The width of files in pixels of CSS, of which 96 are an inch.
fn file_width(text: &str) -> Result<f64, Problem> {
    let units = [("mm", 1.0), ("cm", 10.0), ("in", 25.4), ("pt", 25.4 / 72.0)];
    let length = units.iter().find_map(|(unit, millimetres)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(number * millimetres)
    });
    let [least, most] = WIDTHS;
    length.filter(|length| (least..=most).contains(length)).map(|length| length / 25.4 * 96.0).ok_or_else(
        || {
            let help = format!(
                "write a length between {least}mm and {most}mm, such as `85mm`, `8.5cm`, `3.3in` or `240pt`"
            );
            let message = format!("`{text}` is no width of a file");
            Problem::new("bad-width", message).help(Some(help)).under(&["file", "width"])
        },
    )
}

fn read_all(
    layer: &Layer,
    path: &[&str],
    problems: &mut Vec<Problem>,
) -> BTreeMap<&'static str, CheckedChannel> {
    let mut found = Vec::new();
    let all = channels(layer);
    let read = all.into_iter().map(|(name, spec)| (name, CheckedChannel::read(name, spec, &mut found)));
    let read = read.collect();
    problems.extend(found.into_iter().map(|problem| problem.under(path)));
    read
}

impl CheckedChannel {
    /// Reads a channel of this name; problems have paths below its layer.
    fn read(name: &str, spec: &ChannelSpec, problems: &mut Vec<Problem>) -> Self {
        let Channel {
            field,
            expr,
            value,
            scale,
            domain,
            ticks,
            zero,
            label,
            format,
            stat,
            band,
            over,
            skip_missing,
            palette,
            blank,
            names,
        } = spec.channel();
        let expr = expr.map(|text| expression(&text, &[name, "expr"], problems));
        let band = band.and_then(|band| {
            let read = Band::parse(&band);
            if read.is_none() {
                let problem = Problem::new("unknown-band", format!("`{band}` is no spread"));
                let help = Some(format!("known spreads: {}", Band::NAMES));
                problems.push(problem.help(help).under(&[name, "band"]));
            }
            read
        });
        let format = format.and_then(|format| {
            let read = Format::parse(&format);
            read.map_err(|message| {
                problems.push(Problem::new("bad-format", message).under(&[name, "format"]));
            })
            .ok()
        });
        Self {
            field,
            expr,
            value,
            scale,
            domain,
            ticks,
            zero,
            label,
            format,
            stat,
            band,
            over,
            skip_missing,
            palette,
            blank,
            names,
        }
    }

    /// Whether it asks for a statistic.
    pub(crate) fn takes_statistic(&self) -> bool {
        self.stat.is_some() || self.band.is_some() || self.over.is_some()
    }
}

/// The channels that a layer gives, by name.
pub(crate) fn channels(layer: &Layer) -> Vec<(&'static str, &ChannelSpec)> {
    let all = [
        ("x", &layer.x),
        ("y", &layer.y),
        ("x2", &layer.x2),
        ("y2", &layer.y2),
        ("color", &layer.color),
        ("size", &layer.size),
        ("text", &layer.text),
    ];
    all.into_iter().filter_map(|(name, channel)| channel.as_ref().map(|channel| (name, channel))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A figure and what is wrong with its texts, by place.
    fn read(json: Json) -> (CheckedFigure, Vec<String>) {
        let mut problems = Vec::new();
        let figure = CheckedFigure::read(&serde_json::from_value(json).unwrap(), &mut problems);
        (figure, problems.iter().map(|problem| problem.path.join(".")).collect())
    }

    #[test]
    fn what_a_layer_takes_over_is_read_and_told_once_at_the_base() {
        let (figure, problems) = read(json!({
            "from": "t", "x": { "expr": "a +" }, "y": { "field": "b", "format": "%q" },
            "layers": [{ "mark": "line" }, { "mark": "point", "y": { "field": "b", "band": "p9" } }]
        }));
        assert_eq!(problems, ["x.expr", "y.format", "layers.1.y.band"]);
        let [line, point] = figure.layers.as_slice() else { panic!("two layers") };
        assert_eq!((line.number, point.number), (Some(0), Some(1)));
        assert!(!line.channels["x"].expr.as_ref().unwrap().is_read());
        assert_eq!(line.channels["x"], point.channels["x"]);
    }

    #[test]
    fn the_width_of_files_is_a_length() {
        let width = |text: &str| {
            let (figure, problems) = read(json!({ "from": "t", "file": { "width": text } }));
            (figure.file_width.map(f64::round), problems)
        };
        for text in ["85mm", "8.5 cm", "240.945pt"] {
            assert_eq!(width(text), (Some(321.0), vec![]), "{text}");
        }
        for text in ["85", "wide", "1mm", "50in", "-85mm", "NaNmm"] {
            assert_eq!(width(text), (None, vec!["file.width".to_owned()]), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_can() {
        let mut problems = Vec::new();
        let figure = json!({ "from": "t", "mark": "band", "y": { "field": "v", "band": "wide" } });
        CheckedFigure::read(&serde_json::from_value(figure).unwrap(), &mut problems);
        let [problem] = problems.as_slice() else { panic!("one problem") };
        assert_eq!(problem.message, "`wide` is no spread");
        assert_eq!(
            problem.help.as_deref(),
            Some(
                "known spreads: `p05-p95` (any two percentiles from 0 to 100, such as `p2.5-p97.5`), `min-max`, `sd`, `ci95`"
            )
        );
    }

    #[test]
    fn texts_are_read() {
        let (figure, problems) = read(json!({
            "from": "t", "mark": "band", "x": { "expr": "2 * a", "format": "%.1f" },
            "y": { "field": "b", "stat": "mean", "band": "ci95" }, "color": "c"
        }));
        assert!(problems.is_empty());
        let channels = &figure.layers[0].channels;
        assert_eq!(channels["x"].expr.as_ref().unwrap().text(), "2 * a");
        assert_eq!(channels["x"].format, Some(Format::parse("%.1f").unwrap()));
        assert_eq!((channels["y"].band, channels["y"].takes_statistic()), (Some(Band::Ci95), true));
        assert_eq!(
            channels["color"],
            CheckedChannel { field: Some("c".into()), ..CheckedChannel::default() }
        );
    }
}
