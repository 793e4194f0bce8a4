//! From outcomes of tasks to the results of experiments.

use std::ops::Range;

use indexmap::IndexMap;
use octavo_plugin::{ColumnType, ContentHasher, Digest, Value};
use rayon::prelude::*;
use serde_json::json;

use crate::executor::Outcome;
use crate::manifest::DerivedTable;
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
    let point_schema = experiment.point_schema();
    let tasks: Range<usize> = plan.ranges[index].clone();
    let mut hasher = ContentHasher::new("octavo results");
    let tables: IndexMap<&String, DerivedTable> =
        experiment.manifest.tables.iter().map(|(name, table)| (name, table.derivation())).collect();
    hasher.add(&json!({ "tables": tables, "outputs": experiment.outputs, "points": point_schema }));
    let point = |task: usize| {
        let values = experiment.points[plan.tasks[task].point].values.iter();
        values.map(|(key, value)| (key.to_owned(), as_kind(value, point_schema[key].kind))).collect()
    };
    let points: Vec<IndexMap<String, Value>> = tasks.clone().into_par_iter().map(point).collect();
    let mut runs = Vec::with_capacity(points.len());
    let mut failed = Vec::new();
    for (task, point) in tasks.zip(points) {
        let planned = &plan.tasks[task];
        match &outcomes[task] {
            Outcome::Done(done) => {
                for (name, value) in &point {
                    hasher.text(name);
                    match value {
                        // Of floats that are written alike, there are thousands.
                        Value::Float(float) => hasher.number(1).number(float.to_bits()),
                        other => hasher.number(2).add(&other.to_json()),
                    };
                }
                hasher.number(planned.replicate.into()).add(&done.key);
                runs.push(Run { point, replicate: planned.replicate, outputs: done.outputs.clone() });
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
        replicate: experiment.replicate.clone(),
        failed,
        runs,
        tables: experiment.definitions.tables.clone(),
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
