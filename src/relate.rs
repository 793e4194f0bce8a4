//! From outcomes of tasks to the results of experiments.

use std::ops::Range;

use indexmap::IndexMap;
use octavo_plugin::{ColumnSchema, ColumnType, ContentHasher, Digest, Localized, Value};
use serde_json::json;

use crate::check;
use crate::executor::Outcome;
use crate::experiment::Experiment;
use crate::plan::Plan;
use crate::results::{Failed, Results, Run};

/// The results of an experiment.
#[derive(Debug)]
pub struct Related {
    /// The finished tasks and the failed ones.
    pub results: Results,
    /// Digest of everything in `results` but the failures.
    pub digest: Digest,
}

/// The sweep's columns of an experiment, as they stand in every table.
pub fn point_schema(experiment: &Experiment) -> IndexMap<String, ColumnSchema> {
    let Some(first) = experiment.points.first() else { return IndexMap::new() };
    let parameters = experiment.analysis.schema();
    let column = |(key, values): (&str, &[Value])| {
        let path: Vec<&str> = key.split('.').collect();
        let unit = check::schema_at(&parameters, &path).map_or(String::new(), |schema| schema.unit.clone());
        let label = path.last().copied().unwrap_or(key).replace('_', " ");
        (key.to_owned(), ColumnSchema { kind: kind_of(values.iter()), unit, label: Localized::All(label) })
    };
    first.values.sweep().axes().map(column).collect()
}

/// The narrowest type that holds all values.
fn kind_of<'a>(values: impl Iterator<Item = &'a Value>) -> ColumnType {
    let kinds = values.map(|value| match value {
        Value::Integer(_) => ColumnType::Integer,
        Value::Float(_) => ColumnType::Float,
        Value::Bool(_) => ColumnType::Bool,
        Value::Text(_) | Value::Missing(_) | Value::Named(_) => ColumnType::Text,
    });
    let number = |kind| matches!(kind, ColumnType::Integer | ColumnType::Float);
    kinds
        .reduce(|one, other| match (one, other) {
            _ if one == other => one,
            _ if number(one) && number(other) => ColumnType::Float,
            _ => ColumnType::Text,
        })
        .unwrap_or(ColumnType::Text)
}

fn as_kind(value: &Value, kind: ColumnType) -> Value {
    match (value, kind) {
        (Value::Integer(_), ColumnType::Float) => value.as_f64().map_or(value.clone(), Value::Float),
        (Value::Text(_), ColumnType::Text) => value.clone(),
        (_, ColumnType::Text) => Value::Text(value.to_string()),
        _ => value.clone(),
    }
}

/// The results of one experiment of the plan.
pub fn relate(plan: &Plan, index: usize, outcomes: &[Outcome]) -> Related {
    let experiment = &plan.experiments[index];
    let point_schema = point_schema(experiment);
    let tasks: Range<usize> = plan.ranges[index].clone();
    let mut hasher = ContentHasher::new("octavo results");
    hasher.add(&json!({ "tables": experiment.manifest.tables, "outputs": experiment.outputs, "points": point_schema }));
    let mut runs = Vec::new();
    let mut failed = Vec::new();
    for task in tasks {
        let planned = &plan.tasks[task];
        let values = &experiment.points[planned.point].values;
        let point: IndexMap<String, Value> = values
            .iter()
            .map(|(key, value)| (key.to_owned(), as_kind(value, point_schema[key].kind)))
            .collect();
        match &outcomes[task] {
            Outcome::Done(done) => {
                let shown: Vec<_> = point.iter().map(|(key, value)| json!([key, value.to_json()])).collect();
                hasher.add(&json!(shown)).number(planned.replicate.into()).add(&done.key);
                runs.push(Run { point, replicate: planned.replicate, artifacts: done.artifacts.clone() });
            }
            outcome => {
                let why = explain(plan, task, outcome);
                failed.push(Failed { point, replicate: planned.replicate, why });
            }
        }
    }
    let results = Results {
        experiment: experiment.id.clone(),
        stochastic: experiment.stochastic(),
        outputs: experiment.outputs.clone(),
        point_schema,
        failed,
        runs,
        tables: experiment.manifest.tables.clone(),
    };
    Related { results, digest: hasher.finish() }
}

fn explain(plan: &Plan, task: usize, outcome: &Outcome) -> String {
    let name = plan.describe(task);
    match outcome {
        Outcome::Done(_) => name,
        Outcome::Failed(failure) => format!("{name}: {}", failure.message),
        Outcome::Blocked(by) => format!("{name} needs a result of {}", plan.describe(*by)),
        Outcome::Cancelled => format!("{name}: stopped before it was run"),
    }
}
