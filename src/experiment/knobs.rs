//! What readers may turn at a figure: its knobs, held against the parameters of the analysis. docs/lab.md says what for.

use std::collections::BTreeSet;

use octavo_plugin::OutputSchema;
use octavo_plugin::figure::{Figure, Knob, Mark};
use octavo_plugin::schema::{Bounds, Schema, SchemaKind, in_words};
use serde_json::Value as Json;

use super::Experiment;
use crate::check;
use crate::diagnostic::nearest;
use crate::ids::ItemRef;
use crate::results::Problem;

/// Most tasks of an experiment whose figures follow knobs: a reader waits for all of them.
pub const MOST_TASKS: u64 = 200;
/// Most knobs of a figure.
const MOST_KNOBS: usize = 8;

/// A knob with all that a page needs to show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The knob as written.
    pub knob: Knob,
    /// What can be set.
    pub kind: ControlKind,
    /// The parameter's unit.
    pub unit: String,
    /// The published value.
    pub value: Json,
}

/// What can be set.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlKind {
    /// A number within the parameter's bounds and the knob's.
    Number {
        /// The narrower of both.
        bounds: Bounds,
        /// Whether only whole numbers are meant.
        whole: bool,
    },
    /// One of these words, each with its meaning in English.
    Choice(Vec<(String, String)>),
    /// Yes or no.
    Bool,
    /// A text.
    Text,
}

impl Experiment {
    /// The knobs of a figure as they can be shown, and what is wrong with them, from the manifest's root.
    pub fn controls(&self, name: &str, figure: &Figure) -> (Vec<Control>, Vec<Problem>) {
        let (mut controls, mut problems) = (Vec::new(), Vec::new());
        if figure.knobs.is_empty() {
            return (controls, problems);
        }
        problems.extend(self.cannot_follow(figure));
        let (schema, published) = (self.analysis.schema(), self.points[0].params.json());
        let mut seen = BTreeSet::new();
        for (index, spec) in figure.knobs.iter().enumerate() {
            let knob = spec.knob();
            let found = match seen.insert(knob.param.clone()) {
                true => self.control(&knob, &schema, &published),
                false => Err(Problem::new("twice", format!("`{}` is turned by two knobs", knob.param))
                    .help(Some("keep one of them"))),
            };
            match found {
                Ok(control) => controls.push(control),
                Err(problem) => problems.push(problem.under(&[&index.to_string()])),
            }
        }
        let problems = problems.into_iter().map(|problem| problem.under(&["figures", name, "knobs"]));
        (controls, problems.collect())
    }

    /// Why a figure cannot follow any knob.
    fn cannot_follow(&self, figure: &Figure) -> Option<Problem> {
        let refused = |message: String, help: &str| Some(Problem::new("no-knobs", message).help(Some(help)));
        let layers = figure.all_layers();
        let other = layers
            .iter()
            .filter_map(|layer| layer.from.as_deref())
            .find(|from| ItemRef::parse(from).experiment.is_some_and(|other| other != self.id.as_str()));
        let pictures = layers
            .iter()
            .any(|layer| layer.mark.as_ref().is_some_and(|mark| mark.each().contains(&Mark::Picture)));
        if self.analysis.identity().program().is_some() {
            let message =
                format!("`{}` is a program of the project, which no browser can run", self.manifest.analysis);
            return refused(message, "remove `knobs`: only figures of built-in analyses follow them");
        }
        if !self.inputs.is_empty() {
            let message =
                "the experiment takes files, or results of others, which a page does not have".to_owned();
            return refused(message, "remove `knobs`, or put the values into `[params]`");
        }
        if let Some(other) = other {
            let message =
                format!("the figure draws `{other}` too, and a knob turns the parameters of one experiment");
            return refused(message, "remove `knobs`, or that layer");
        }
        if pictures {
            let message =
                "the figure shows pictures of the analysis's own, which are not drawn again".to_owned();
            return refused(message, "remove `knobs`, or draw from the tables of the analysis");
        }
        if self.tasks() > MOST_TASKS {
            let message = format!(
                "{} tasks would be computed again at every turn, and the limit is {MOST_TASKS}",
                self.tasks()
            );
            return refused(
                message,
                "give the figure an experiment of its own, with fewer points or replicates",
            );
        }
        if figure.knobs.len() > MOST_KNOBS {
            let message = format!("{} knobs are more than {MOST_KNOBS}", figure.knobs.len());
            return refused(message, "keep those that matter");
        }
        None
    }

    /// A knob with what its parameter allows; problems have paths below it.
    fn control(&self, knob: &Knob, schema: &Schema, published: &Json) -> Result<Control, Problem> {
        let name = &knob.param;
        let path: Vec<&str> = name.split('.').collect();
        let at_param = |code, message: String| Problem::new(code, message).under(&["param"]);
        let Some(own) = parameter(schema, &path) else {
            let message = format!("`{}` has no parameter `{name}`", self.manifest.analysis);
            let known = check::paths(schema);
            let help = nearest(name, known.iter().map(String::as_str));
            return Err(at_param("unknown-parameter", message).help(help));
        };
        if let Some(key) = self.points[0].values.keys().find(|key| is_part(key, name) || is_part(name, key)) {
            let message = format!("`{name}` has several values already: `{key}` is swept");
            let help =
                "turn another parameter, or give the figure an experiment of its own without that sweep";
            return Err(at_param("swept-knob", message).help(Some(help)));
        }
        let value = path.iter().try_fold(published, |at, key| match at {
            Json::Array(items) => items.get(key.parse::<usize>().ok()?),
            other => other.get(key),
        });
        let Some(value) = value.filter(|value| !value.is_null()) else {
            let message = format!("`{name}` has no value in this experiment");
            return Err(at_param("unset-knob", message).help(Some(format!("write `{name}` into `[params]`"))));
        };
        let Some(kind) = kind_of(own, value) else {
            let message =
                format!("`{name}` is {}, and a knob turns one number, word or yes-or-no", own.type_name());
            let help = "name a part of it, such as `network.depth`, or `widths.1` for an item of a list";
            return Err(at_param("unfit-knob", message).help(Some(help)));
        };
        let kind = match kind {
            ControlKind::Number { bounds, whole } => {
                let bounds = narrowed(knob, bounds, whole, value.as_f64().unwrap_or_default())?;
                ControlKind::Number { bounds, whole }
            }
            other => {
                unused(knob)?;
                self.offered(knob, other, &path, published)?
            }
        };
        Ok(Control { knob: knob.clone(), kind, unit: own.unit.clone(), value: value.clone() })
    }

    /// Words and truth values without those that the analysis refuses here, or with which it gives something else than the figure
    /// may draw.
    fn offered(
        &self,
        knob: &Knob,
        kind: ControlKind,
        path: &[&str],
        published: &Json,
    ) -> Result<ControlKind, Problem> {
        let fits = |value: Json| {
            let mut params = published.clone();
            let place = path.iter().try_fold(&mut params, |at, key| match at {
                Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
                other => other.get_mut(key),
            });
            let Some(place) = place else { return false };
            *place = value;
            let same = |outputs: OutputSchema| names(&outputs) == names(&self.declared);
            let prepared = self.analysis.prepare(&params);
            prepared.is_ok_and(|said| said.problems.is_empty() && same(said.outputs))
        };
        let (kind, enough) = match kind {
            ControlKind::Choice(words) => {
                let words: Vec<_> =
                    words.into_iter().filter(|(word, _)| fits(word.as_str().into())).collect();
                let enough = words.len() > 1;
                (ControlKind::Choice(words), enough)
            }
            ControlKind::Bool => (ControlKind::Bool, fits(true.into()) && fits(false.into())),
            other => (other, true),
        };
        if enough {
            return Ok(kind);
        }
        let message = format!("no other value of `{}` gives the tables that the figure draws", knob.param);
        Err(Problem::new("unfit-knob", message).help(Some("remove this knob")).under(&["param"]))
    }
}

/// Whether one dotted path is the other, or leads to it.
fn is_part(above: &str, path: &str) -> bool {
    path == above || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// All that a run gives, by name.
fn names(outputs: &OutputSchema) -> BTreeSet<String> {
    let columns = outputs
        .tables
        .iter()
        .flat_map(|(table, schema)| schema.columns.keys().map(move |column| format!("{table}.{column}")));
    columns.chain(outputs.names()).collect()
}

/// The description of a parameter; as in [`check::schema_at`], and an item of a list is its number.
pub fn parameter<'a>(schema: &'a Schema, path: &[&str]) -> Option<&'a Schema> {
    let Some((first, rest)) = path.split_first() else { return Some(schema) };
    match &schema.kind {
        SchemaKind::Record(fields) => parameter(&fields.get(*first)?.schema, rest),
        SchemaKind::Map(item) => parameter(item, rest),
        SchemaKind::List { item, .. } => first.parse::<usize>().ok().and_then(|_| parameter(item, rest)),
        SchemaKind::OneOf(shapes) => shapes.iter().find_map(|shape| parameter(shape, path)),
        _ => None,
    }
}

/// What can be set of a parameter that has this value; `None` if it is no single number, word, text or truth value.
fn kind_of(schema: &Schema, value: &Json) -> Option<ControlKind> {
    match (&schema.kind, value) {
        (SchemaKind::Integer(bounds), Json::Number(_)) => {
            Some(ControlKind::Number { bounds: *bounds, whole: true })
        }
        (SchemaKind::Number(bounds), Json::Number(_)) => {
            Some(ControlKind::Number { bounds: *bounds, whole: false })
        }
        (SchemaKind::Choice(words), Json::String(_)) => Some(ControlKind::Choice(words.clone())),
        (SchemaKind::Bool, Json::Bool(_)) => Some(ControlKind::Bool),
        (SchemaKind::Text, Json::String(_)) => Some(ControlKind::Text),
        (SchemaKind::OneOf(shapes), _) => shapes.iter().find_map(|shape| kind_of(shape, value)),
        _ => None,
    }
}

/// The bounds of a parameter, narrowed by those of a knob.
fn narrowed(knob: &Knob, bounds: Bounds, whole: bool, value: f64) -> Result<Bounds, Problem> {
    let name = &knob.param;
    let given = [("min", knob.min), ("max", knob.max), ("step", knob.step)];
    for (key, number) in given.into_iter().filter_map(|(key, number)| Some((key, number?))) {
        if whole && number.fract() != 0.0 {
            let message = format!("`{key}` is {}, and `{name}` is a whole number", in_words(number));
            return Err(Problem::new("unfit-knob", message).help(Some("write a whole number")).under(&[key]));
        }
        if key != "step" && !bounds.contain(number) {
            let range = bounds.describe().unwrap_or_default();
            let message = format!("`{key}` is {}, and `{name}` goes {range}", in_words(number));
            let help = format!("write a number that is {range}, or leave `{key}` out");
            return Err(Problem::new("out-of-bounds", message).help(Some(help)).under(&[key]));
        }
    }
    let narrow = Bounds {
        min: knob.min.or(bounds.min),
        max: knob.max.or(bounds.max),
        above: bounds.above && knob.min.is_none(),
        below: bounds.below && knob.max.is_none(),
    };
    if !narrow.contain(value) {
        let range = narrow.describe().unwrap_or_default();
        let message = format!(
            "the published value of `{name}`, {}, does not lie within the knob: {range}",
            in_words(value)
        );
        let key = if narrow.max.is_some_and(|max| value >= max) { "max" } else { "min" };
        return Err(Problem::new("out-of-bounds", message).help(Some("widen the knob")).under(&[key]));
    }
    if knob.log && !(narrow.min.is_some_and(|min| min > 0.0) && narrow.max.is_some()) {
        let message = format!("equal ratios need two bounds above 0, and `{name}` has none such here");
        return Err(Problem::new("unfit-knob", message).help(Some("add `min` and `max`")).under(&["log"]));
    }
    Ok(narrow)
}

/// What of a knob means nothing for words, texts and truth values.
fn unused(knob: &Knob) -> Result<(), Problem> {
    let given = [
        ("min", knob.min.is_some()),
        ("max", knob.max.is_some()),
        ("step", knob.step.is_some()),
        ("log", knob.log),
    ];
    let Some((key, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let message = format!("`{key}` changes nothing: `{}` is no number", knob.param);
    Err(Problem::new("unused-key", message).help(Some("remove it")).under(&[key]))
}
