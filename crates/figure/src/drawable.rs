//! Can every figure show something? Its tables, columns, expressions, spreads and marks are held against what an analysis
//! declares, before anything runs: for the figures of experiments and for those that an analysis draws by default.

mod counts;
mod marks;
mod own;
mod times;
mod unused;

use indexmap::IndexMap;
use octavo_plugin::figure::{ChannelSpec, Figure, Layer, Mark, ScaleKind};
use octavo_plugin::{ColumnSchema, ColumnType, DrawingKind, DrawingSchema, Localized, OutputSchema};

pub use self::marks::SourceKind;
pub(crate) use self::unused::mark_name;
use crate::checked::{CheckedChannel, CheckedFigure, CheckedLayer};
use crate::{channels, constant};
use octavo_tables::expr::types;
use octavo_tables::results::{Problem, ResultsSchema};

/// Whether a default figure draws nothing but what is declared.
///
/// # Errors
/// The first thing that it draws and that is not there.
pub fn check_default_figure(outputs: &OutputSchema, name: &str, figure: &Figure) -> Result<(), String> {
    let schema = ResultsSchema {
        outputs,
        point: &IndexMap::new(),
        replicate: &Localized::None,
        tables: &IndexMap::new(),
    };
    let columns = |from: &str| schema.schema_of(from);
    let sources = Sources { schema: &schema, columns: &columns, kind: &|from| kind_of(outputs, from) };
    let (_, problems) = sources.check_figure(name, figure);
    match problems.into_iter().next() {
        None => Ok(()),
        Some(problem) => {
            let help = problem.help.map(|help| format!("; {help}")).unwrap_or_default();
            Err(format!("the figure `{name}`: {}{help}", problem.message))
        }
    }
}

/// The columns of a table, or why there are none.
pub type Columns = Result<IndexMap<String, ColumnSchema>, Problem>;

/// What a figure may draw.
pub struct Sources<'a> {
    /// Tables and columns of the experiment.
    pub schema: &'a ResultsSchema<'a>,
    /// The columns of a table by the name that a figure has for it.
    pub columns: &'a dyn Fn(&str) -> Columns,
    /// What a layer takes its rows from, by the same name.
    pub kind: &'a dyn Fn(&str) -> SourceKind,
}

impl Sources<'_> {
    /// A figure as it can be drawn, and what is wrong with it, below `figures.<name>`.
    pub fn check_figure(&self, name: &str, figure: &Figure) -> (CheckedFigure, Vec<Problem>) {
        let mut problems = Vec::new();
        let checked = CheckedFigure::read(figure, &mut problems);
        let all = || checked.layers.iter().map(|layer| &layer.layer).collect::<Vec<&Layer>>();
        // What a base without a mark says is there for the others to take over.
        if checked.layers.iter().all(|layer| layer.number.is_some()) {
            problems.extend(unused::unused(&figure.base, &all()));
        }
        for layer in &checked.layers {
            // What a layer takes over from the base is told once, at the base.
            let takers = if layer.number.is_none() { all() } else { vec![&layer.layer] };
            let found = self.check_layer(figure, layer).into_iter().chain(marks::unfit(&layer.own));
            let found = found.chain(unused::unused(&layer.own, &takers));
            let number = layer.number.map(|number| number.to_string());
            let path: Vec<&str> = number.iter().flat_map(|number| ["layers", number.as_str()]).collect();
            problems.extend(found.map(|problem| problem.under(&path)));
        }
        problems.extend(idle_panels(figure));
        problems.extend(own::unfit(figure, &all()));
        let problems = problems.into_iter().map(|problem| problem.under(&["figures", name]));
        let problems = problems.collect();
        (checked, problems)
    }

    fn check_layer(&self, figure: &Figure, checked: &CheckedLayer) -> Vec<Problem> {
        let layer = &checked.layer;
        if layer.mark.is_none() {
            let help = Some("choose one, such as `mark = \"line\"`".into());
            return vec![problem("no-mark", "the layer has no `mark`", &[], help)];
        }
        let Some(from) = &layer.from else {
            return without_source(layer);
        };
        let columns = match (self.columns)(from) {
            Ok(columns) => columns,
            Err(found) => return vec![found.under(&["from"])],
        };
        let mut problems = marks::lacking(layer, (self.kind)(from));
        problems.extend(self.schema.check_where(&columns, &layer.selection, &["where"]));
        let kind = (self.kind)(from);
        for (name, channel) in channels(layer) {
            // The colours of a picture are those of its pixels.
            let pixels = name == "color" && kind == SourceKind::Raster;
            let counted = name == "y" && marks::counts(layer);
            problems.extend(nothing_named(name, channel).filter(|_| !pixels && !counted));
            problems.extend(check_channel(name, channel, &checked.channels[name], &columns));
            problems.extend(statistic(layer, name, &checked.channels[name]));
        }
        problems.extend(without_categories(layer, checked, &columns));
        problems.extend(without_numbers(layer, checked, &columns));
        problems.extend(counts::unfit(layer));
        problems.extend(times::unfit(layer, checked, &columns));
        for group in &layer.group {
            problems.extend(unknown_column(group, &columns, &["group"]));
        }
        for (name, panels) in [("facet", &figure.facet), ("frame", &figure.frame)] {
            // Another table may lack the column: its rows then stand in every panel.
            if let Some(panels) = panels.as_ref().filter(|_| layer.from == figure.base.from) {
                problems.extend(unknown_column(&panels.panels().field, &columns, &[name]));
                if let Some(across) = panels.across() {
                    problems.extend(unknown_column(&across.field, &columns, &[name, "column"]));
                }
            }
        }
        problems
    }
}

/// What of panels and frames does nothing.
fn idle_panels(figure: &Figure) -> Option<Problem> {
    let frame = figure.frame.as_ref()?;
    if frame.across().is_some() {
        let help = "name one column, such as `frame = \"step\"`; `facet` takes `row` and `column`";
        return Some(problem(
            "unfit-frame",
            "frames follow each other along one column",
            &["frame"],
            Some(help.to_owned()),
        ));
    }
    let message = "`letters` changes nothing: frames have none";
    let remove = Some("remove it, or letter the panels of `facet`".to_owned());
    frame.panels().letters.then(|| problem("unused-key", message, &["frame", "letters"], remove))
}

/// Points that are strewn over the room of categories, where there are none.
fn without_categories(
    layer: &Layer,
    checked: &CheckedLayer,
    columns: &IndexMap<String, ColumnSchema>,
) -> Option<Problem> {
    layer.jitter?;
    let categorical = |name: &&str| {
        let Some(channel) = checked.channels.get(name) else { return false };
        let field = channel.field.as_ref().and_then(|field| columns.get(field));
        let texts = field.is_none_or(|schema| matches!(schema.kind, ColumnType::Text | ColumnType::Bool));
        channel.scale.map_or(texts, |scale| scale == ScaleKind::Categorical)
    };
    let help =
        "strew over categories, such as `x = { field = \"n\", scale = \"categorical\" }`, or remove it";
    let message = "`jitter` changes nothing: neither `x` nor `y` has categories";
    (!["x", "y"].iter().any(categorical))
        .then(|| problem("unused-key", message, &["jitter"], Some(help.to_owned())))
}

/// Texts where a mark takes numbers together.
fn without_numbers(
    layer: &Layer,
    checked: &CheckedLayer,
    columns: &IndexMap<String, ColumnSchema>,
) -> Option<Problem> {
    let texts = |name: &str| {
        let column = checked.channels.get(name)?.field.as_ref().and_then(|field| columns.get(field))?;
        Some(matches!(column.kind, ColumnType::Text | ColumnType::Bool))
    };
    let (message, help) = match marks::alone(layer)? {
        Mark::Histogram if texts("x") == Some(true) => (
            "a `histogram` counts numbers, and `x` has none",
            "count texts with `mark = \"bar\"` and `y = { field = \"...\", stat = \"count\" }`",
        ),
        Mark::Density if texts("x") == Some(true) => {
            ("a `density` is one of numbers, and `x` has none", "name a column of numbers")
        }
        Mark::Box | Mark::Violin if texts("x") == Some(true) && texts("y") == Some(true) => (
            "a `box` or `violin` takes numbers together, and neither `x` nor `y` has some",
            "name a column of numbers",
        ),
        _ => return None,
    };
    Some(problem("no-numbers", message, &["mark"], Some(help.to_owned())))
}

/// What is wrong with a layer that takes no rows: rules and constant texts need none.
fn without_source(layer: &Layer) -> Vec<Problem> {
    let marks = layer.mark.as_ref().map(|marks| marks.each()).unwrap_or_default();
    if matches!(marks[..], [Mark::Text | Mark::Note]) && constant(layer) {
        return marks::lacking(layer, SourceKind::Table);
    }
    if marks.iter().all(|mark| *mark == Mark::Rule) || layer.is_reference_band() {
        return Vec::new();
    }
    vec![problem("no-source", "the layer has no `from`", &[], Some("name a table or drawing".into()))]
}

/// What a layer takes from the output with this name.
pub fn kind_of(outputs: &OutputSchema, name: &str) -> SourceKind {
    match outputs.drawings.get(name).map(DrawingSchema::kind) {
        None => SourceKind::Table,
        Some(DrawingKind::Geometry(_)) => SourceKind::Geometry,
        Some(DrawingKind::Raster) => SourceKind::Raster,
        Some(DrawingKind::Picture) => SourceKind::Picture,
    }
}

fn check_channel(
    name: &str,
    spec: &ChannelSpec,
    channel: &CheckedChannel,
    columns: &IndexMap<String, ColumnSchema>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let full = matches!(spec, ChannelSpec::Full(_));
    if let Some(field) = &channel.field {
        let path: &[&str] = if full { &[name, "field"] } else { &[name] };
        problems.extend(unknown_column(field, columns, path));
    }
    if let Some(over) = &channel.over {
        problems.extend(unknown_column(over, columns, &[name, "over"]));
    }
    if let Some(expr) = channel.expr.as_ref().filter(|expr| expr.is_read()) {
        let errors = expr.check(&types(columns)).err().unwrap_or_default();
        problems.extend(errors.into_iter().map(|error| Problem::expression(error).under(&[name, "expr"])));
    }
    let sources = [channel.field.is_some(), channel.expr.is_some(), channel.value.is_some()];
    if sources.iter().filter(|given| **given).count() > 1 {
        let message = format!("`{name}` has more than one of `field`, `expr` and `value`");
        problems.push(problem("two-sources", &message, &[name], Some("keep one of them".into())));
    }
    problems
}

/// What is wrong with the statistic of a channel: one that it does not take, or a band of another one.
fn statistic(layer: &Layer, name: &str, channel: &CheckedChannel) -> Option<Problem> {
    let given = |key: &&str| match *key {
        "stat" => channel.stat.is_some(),
        "band" => channel.band.is_some(),
        "over" => channel.over.is_some(),
        _ => channel.skip_missing,
    };
    let first = ["stat", "band", "over", "skip_missing"].into_iter().find(given)?;
    if !matches!(name, "x" | "y") {
        let help =
            "statistics are taken of `y`, or of `x`; for others compute a column in `[tables]` with `group`";
        let message = format!("`{name}` takes no statistic");
        return Some(problem("unused-statistic", &message, &[name, first], Some(help.into())));
    }
    let taken = channel.takes_statistic() || marks::takes_together(layer);
    if channel.skip_missing && !taken {
        let message = format!("`{name}` takes no statistic that could skip missing values");
        let help = "add `stat`, such as `stat = \"mean\"`, or leave `skip_missing` out: a missing value is not drawn";
        return Some(problem("unused-statistic", &message, &[name, first], Some(help.into())));
    }
    let why = channel.band?.unfit(channel.stat?)?;
    let message = format!("the band of `{name}` does not fit its statistic");
    Some(problem("unfit-band", &message, &[name, "band"], Some(why.to_owned())))
}

/// A channel that says how something is shown, and not what.
fn nothing_named(name: &str, spec: &ChannelSpec) -> Option<Problem> {
    let channel = spec.channel();
    let named = channel.field.is_some() || channel.expr.is_some() || channel.value.is_some();
    let message = format!("`{name}` names neither a column nor an expression nor a value");
    let help = "add `field = \"...\"`, the name of a column, or `expr` or `value`".to_owned();
    (!named).then(|| problem("no-source", &message, &[name], Some(help)))
}

fn unknown_column(name: &str, columns: &IndexMap<String, ColumnSchema>, path: &[&str]) -> Option<Problem> {
    if columns.contains_key(name) {
        return None;
    }
    let help = octavo_definition::diagnostic::nearest(name, columns.keys().map(String::as_str));
    Some(problem("unknown-column", &format!("there is no column `{name}`"), path, help))
}

/// A problem with its code, what is wrong, where, and the next step.
pub fn problem(code: &'static str, message: &str, path: &[&str], help: Option<String>) -> Problem {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    Problem { path, help, ..Problem::new(code, message) }
}
