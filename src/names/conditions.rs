//! Conditions of `where` on a swept parameter that no value of its axis meets: what they choose is empty, and that is known before
//! anything runs. A warning and no error, since another profile may have the value.

use octavo_plugin::Value;
use octavo_plugin::figure::{Figure, Where};
use serde_json::Value as Json;

use super::{Names, is_of_plugin};
use crate::diagnostic::Diagnostic;
use crate::figure::drawable::problem;
use crate::ids::ItemRef;
use crate::results::{Problem, REPLICATE, admits};

/// Most tables that are followed from one to the next: a circle is an error elsewhere.
const DEEPEST: usize = 32;
/// Most values of an axis that a message names.
const NAMED: usize = 12;
/// Most points that are looked through for conditions that are met one by one and never together.
const MOST_POINTS: usize = 100_000;

impl Names<'_> {
    /// Every condition of tables, values and figures that no point of a sweep meets.
    pub fn check_conditions(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for (id, (experiment, _)) in &self.experiments {
            let manifest = &experiment.manifest;
            let mut found: Vec<Problem> = Vec::new();
            for (name, table) in &manifest.tables {
                found.extend(self.unmet(id, &table.from, &table.selection, &["tables", name, "where"]));
                if let Some(join) = &table.join {
                    let path = ["tables", name, "join", "where"];
                    found.extend(self.unmet(id, &join.from, &join.selection, &path));
                }
            }
            for (name, value) in &manifest.values {
                found.extend(self.unmet(id, &value.from, &value.selection, &["values", name, "where"]));
            }
            for (name, figure) in manifest.figures.iter().filter(|(name, _)| !is_of_plugin(experiment, name))
            {
                found.extend(self.unmet_in_figure(id, name, figure));
            }
            let warning = |problem: &Problem| {
                let found = experiment.diagnostic(problem);
                Diagnostic { severity: crate::diagnostic::Severity::Warning, ..found }
            };
            problems.extend(found.iter().map(warning));
        }
        problems
    }

    fn unmet_in_figure(&self, id: &str, name: &str, figure: &Figure) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (layer, (number, own)) in figure.all_layers().iter().zip(figure.own_layers()) {
            // A condition that a layer takes over from the base is told there.
            let Some(from) = layer.from.as_ref().filter(|_| !own.selection.is_empty()) else { continue };
            let number = number.map(|number| number.to_string());
            let mut path = vec!["figures", name];
            path.extend(number.as_ref().into_iter().flat_map(|number| ["layers", number.as_str()]));
            path.push("where");
            problems.extend(self.unmet(id, from, &own.selection, &path));
        }
        problems
    }

    /// The conditions on axes that no value meets, and those that no point meets together.
    fn unmet(&self, id: &str, from: &str, selection: &Where, path: &[&str]) -> Vec<Problem> {
        let (owner, table) = ItemRef::parse(from).from(id);
        let mut problems = Vec::new();
        let mut met: Vec<(&str, &Json)> = Vec::new();
        for (column, condition) in selection {
            let Some(values) = self.values(owner, table, column, 0) else { continue };
            if values.iter().any(|value| admits(column, condition, value)) {
                met.push((column, condition));
                continue;
            }
            let message = format!("no value of the axis `{column}` meets `{}`", shown(condition));
            let path: Vec<&str> = path.iter().copied().chain([column.as_str()]).collect();
            problems.push(problem("unmet-condition", &message, &path, Some(known(column, &values))));
        }
        if problems.is_empty() && met.len() > 1 && !self.meet_together(owner, table, &met) {
            let all: Vec<String> =
                met.iter().map(|(column, condition)| format!("`{column} = {}`", shown(condition))).collect();
            let message = format!("no point of the sweep meets {} together", all.join(" and "));
            let help = "each is met alone; axes under `[[zip]]` advance together".to_owned();
            problems.push(problem("unmet-condition", &message, path, Some(help)));
        }
        problems
    }

    /// The values that a swept parameter, or `replicate`, has in a table; `None` if the column is something else there.
    fn values(&self, id: &str, table: &str, column: &str, depth: usize) -> Option<Vec<Value>> {
        let (experiment, point) = self.experiments.get(id)?;
        let schema = self.schema(id)?;
        let swept = point.contains_key(column) || column == REPLICATE;
        if !swept || depth > DEEPEST || !schema.has(table) {
            return None;
        }
        let given = schema.outputs.tables.contains_key(table) || schema.outputs.drawings.contains_key(table);
        if let Some(derived) = experiment.manifest.tables.get(table).filter(|_| !given) {
            let grouped = !derived.group.is_empty() || !derived.stats.is_empty();
            let computed = derived.computed().iter().any(|other| other.name == column);
            let made = derived.stats.contains_key(column) || computed;
            if made || grouped && !derived.group.iter().any(|name| name == column) {
                return None;
            }
            let mut values = self.values(id, &derived.from, column, depth + 1)?;
            if let Some(condition) = derived.selection.get(column) {
                values.retain(|value| admits(column, condition, value));
            }
            return Some(values);
        }
        let first = experiment.points.first()?;
        if column == REPLICATE && !point.contains_key(column) {
            let stochastic = experiment.points.iter().any(|point| point.stochastic);
            let count = if stochastic { experiment.manifest.replicates } else { 1 };
            return Some((0..count).map(Value::from).collect());
        }
        first.values.sweep().axes().find(|(key, _)| *key == column).map(|(_, values)| values.to_vec())
    }

    /// Whether a point meets all these conditions on axes. A derived table may have rows of several points in one.
    fn meet_together(&self, id: &str, table: &str, conditions: &[(&str, &Json)]) -> bool {
        let Some((experiment, _)) = self.experiments.get(id) else { return true };
        if experiment.manifest.tables.contains_key(table) || experiment.points.len() > MOST_POINTS {
            return true;
        }
        experiment.points.iter().any(|point| {
            conditions.iter().all(|(column, condition)| {
                point.values.get(column).is_none_or(|value| admits(column, condition, value))
            })
        })
    }
}

fn shown(condition: &Json) -> String {
    condition.as_str().map_or_else(|| condition.to_string(), str::to_owned)
}

/// What values there are.
fn known(column: &str, values: &[Value]) -> String {
    if values.is_empty() {
        return format!("the table that the rows come from has no `{column}` left after its own `where`");
    }
    let mut distinct: Vec<String> = Vec::new();
    for value in values.iter().map(Value::to_string) {
        if !distinct.contains(&value) && distinct.len() <= NAMED {
            distinct.push(value);
        }
    }
    let more = distinct.len() > NAMED;
    distinct.truncate(NAMED);
    let last = values.last().map(Value::to_string).unwrap_or_default();
    let end = if more { format!(", ... up to {last}") } else { String::new() };
    format!("values of `{column}`: {}{end}", distinct.join(", "))
}
