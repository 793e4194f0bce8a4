//! Can every figure show something? Its tables, columns, expressions, spreads and marks are held against what an analysis
//! declares, before anything runs: for the figures of experiments and for those that an analysis draws by default.

mod marks;
mod unused;

use indexmap::IndexMap;
use octavo_plugin::figure::{Channel, ChannelSpec, Figure, Layer, Mark};
use octavo_plugin::{ColumnSchema, ColumnType, Localized, OutputSchema};

pub use self::marks::Kind;
use crate::{channels, constant, takes_statistic};
use octavo_tables::expr::{Expr, types};
use octavo_tables::results::{Problem, ResultsSchema};
use octavo_tables::statistics::Band;

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
    match sources.check_figure(name, figure).into_iter().next() {
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
    pub kind: &'a dyn Fn(&str) -> Kind,
}

impl Sources<'_> {
    /// What is wrong with a figure, below `figures.<name>`.
    pub fn check_figure(&self, name: &str, figure: &Figure) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (all, written) = (figure.all_layers(), figure.own_layers());
        // What a base without a mark says is there for the others to take over.
        if written.iter().all(|(number, _)| number.is_some()) {
            let takers: Vec<&Layer> = all.iter().collect();
            let found = unused::unused(&figure.base, &takers);
            problems.extend(found.into_iter().map(|problem| problem.under(&["figures", name])));
        }
        for (layer, (number, own)) in all.iter().zip(written) {
            // What a layer takes over from the base is told once, at the base.
            let takers: Vec<&Layer> = if number.is_none() { all.iter().collect() } else { vec![layer] };
            let found = self.check_layer(figure, layer).into_iter().chain(marks::unfit(own));
            let found = found.chain(unused::unused(own, &takers));
            let number = number.map(|number| number.to_string());
            let mut path = vec!["figures", name];
            if let Some(number) = &number {
                path.extend(["layers", number.as_str()]);
            }
            problems.extend(found.map(|problem| problem.under(&path)));
        }
        problems
    }

    fn check_layer(&self, figure: &Figure, layer: &Layer) -> Vec<Problem> {
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
            let pixels = name == "color" && kind == Kind::Raster;
            problems.extend(nothing_named(name, channel).filter(|_| !pixels));
            problems.extend(check_channel(name, channel, &columns));
        }
        for group in &layer.group {
            problems.extend(unknown_column(group, &columns, &["group"]));
        }
        for (name, panels) in [("facet", &figure.facet), ("frame", &figure.frame)] {
            // Another table may lack the column: its rows then stand in every panel.
            if let Some(panels) = panels.as_ref().filter(|_| layer.from == figure.base.from) {
                problems.extend(unknown_column(&panels.panels().field, &columns, &[name]));
            }
        }
        problems
    }
}

/// What is wrong with a layer that takes no rows: rules and constant texts need none.
fn without_source(layer: &Layer) -> Vec<Problem> {
    let marks = layer.mark.as_ref().map(|marks| marks.each()).unwrap_or_default();
    if marks == [Mark::Text] && constant(layer) {
        return marks::lacking(layer, Kind::Table);
    }
    if marks.iter().all(|mark| *mark == Mark::Rule) {
        return Vec::new();
    }
    vec![problem("no-source", "the layer has no `from`", &[], Some("name a table or drawing".into()))]
}

/// What a layer takes from the output with this name.
pub fn kind_of(outputs: &OutputSchema, name: &str) -> Kind {
    match outputs.drawings.get(name).map(|drawing| drawing.geometry) {
        None => Kind::Table,
        Some(Some(_)) => Kind::Geometry,
        Some(None) => Kind::Raster,
    }
}

fn check_channel(name: &str, spec: &ChannelSpec, columns: &IndexMap<String, ColumnSchema>) -> Vec<Problem> {
    let channel = spec.channel();
    let mut problems = Vec::new();
    let full = matches!(spec, ChannelSpec::Full(_));
    if let Some(field) = &channel.field {
        let path: &[&str] = if full { &[name, "field"] } else { &[name] };
        problems.extend(unknown_column(field, columns, path));
    }
    if let Some(over) = &channel.over {
        problems.extend(unknown_column(over, columns, &[name, "over"]));
    }
    if let Some(text) = &channel.expr {
        let kinds: IndexMap<String, ColumnType> = types(columns);
        let errors = match Expr::parse(text) {
            Ok(expr) => expr.check(&kinds).err().unwrap_or_default(),
            Err(error) => vec![error],
        };
        problems.extend(errors.into_iter().map(|error| Problem::expression(error).under(&[name, "expr"])));
    }
    if let Some(band) = channel.band.as_ref().filter(|band| Band::parse(band).is_none()) {
        let help = Some(format!("known spreads: {}", Band::NAMES));
        problems.push(problem("unknown-band", &format!("`{band}` is no spread"), &[name, "band"], help));
    }
    problems.extend(statistic(name, &channel));
    let sources = [channel.field.is_some(), channel.expr.is_some(), channel.value.is_some()];
    if sources.iter().filter(|given| **given).count() > 1 {
        let message = format!("`{name}` has more than one of `field`, `expr` and `value`");
        problems.push(problem("two-sources", &message, &[name], Some("keep one of them".into())));
    }
    problems
}

/// What is wrong with the statistic of a channel: one that it does not take, or a band of another one.
fn statistic(name: &str, channel: &Channel) -> Option<Problem> {
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
    if channel.skip_missing && !takes_statistic(channel) {
        let message = format!("`{name}` takes no statistic that could skip missing values");
        let help = "add `stat`, such as `stat = \"mean\"`, or leave `skip_missing` out: a missing value is not drawn";
        return Some(problem("unused-statistic", &message, &[name, first], Some(help.into())));
    }
    let band = Band::parse(channel.band.as_deref()?)?;
    let why = band.unfit(channel.stat?)?;
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
    Problem { code, path, span: None, message: message.to_owned(), help }
}
