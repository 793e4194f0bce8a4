//! Results for other programs: what `octavo run EXPERIMENT --format json` prints.
//!
//! Floats round-trip; text is a string; integers above 2^53 are decimal strings; a named value is its name as a string;
//! a missing value is null, and `missing` beside it says why. A task without a result has an `error`, empty `scalars` and `tables`, and its `key` if the
//! results that it takes are there.

use octavo_plugin::{Artifacts, OutputSchema, Value};
use serde_json::{Map, Value as Json, json};

use crate::executor::{Done, Outcome, key_of};
use crate::plan::Plan;
use crate::results::load_all;

/// The results of one experiment of the plan.
///
/// # Errors
/// Why the result of a task that was found good cannot be read any more.
pub(super) fn experiment(plan: &Plan, index: usize, outcomes: &[Outcome]) -> Result<Json, String> {
    let tasks = plan.ranges[index].clone().map(|task| self::task(plan, index, outcomes, task));
    let tasks: Vec<Json> = tasks.collect::<Result<_, String>>()?;
    Ok(json!({ "experiment": plan.experiments[index].id, "tasks": tasks }))
}

fn task(plan: &Plan, index: usize, outcomes: &[Outcome], task: usize) -> Result<Json, String> {
    let experiment = &plan.experiments[index];
    let (planned, outcome) = (&plan.tasks[task], &outcomes[task]);
    let error = match outcome {
        Outcome::Done(_) => Json::Null,
        Outcome::Failed(failure) => json!(failure),
        Outcome::Blocked(by) => {
            json!({ "kind": "blocked", "message": format!("`{}` has no result", plan.describe(*by)) })
        }
        Outcome::Cancelled => json!({ "kind": "cancelled", "message": "the run was stopped" }),
    };
    let mut object = Map::new();
    let key = outcome.done().map(|done| done.key).or_else(|| key_of(plan, task, outcomes));
    object.insert("key".into(), key.map(|key| key.hex()).into());
    object.insert("params".into(), experiment.points[planned.point].params.json());
    object.insert("replicate".into(), planned.replicate.into());
    object.insert("seed".into(), Value::from(planned.seed.0).to_json());
    object.insert("error".into(), error);
    // A task without a result has the same keys, so that nobody needs to ask first.
    let load = |done: &Done| load_all(done.outputs.as_ref(), &experiment.outputs);
    let artifacts = outcome.done().map_or(Ok(Artifacts::new()), load)?;
    object.insert("scalars".into(), scalars(&artifacts, &experiment.outputs));
    object.insert("tables".into(), tables(&artifacts));
    Ok(Json::Object(object))
}

fn scalars(artifacts: &Artifacts, outputs: &OutputSchema) -> Json {
    let scalar = |(name, scalar): (&String, &octavo_plugin::Scalar)| {
        let unit = outputs.scalars.get(name).map_or("", |schema| schema.unit.as_str());
        let mut value =
            json!({ "value": scalar.value.to_json(), "unit": unit, "uncertainty": scalar.uncertainty });
        if let Value::Missing(reason) = &scalar.value {
            value["missing"] = json!(reason);
        }
        (name.clone(), value)
    };
    artifacts.scalars.iter().map(scalar).collect::<Map<_, _>>().into()
}

fn tables(artifacts: &Artifacts) -> Json {
    let table = |(name, table): (&String, &octavo_plugin::Table)| {
        let column = |(name, column): (&String, &octavo_plugin::Column)| {
            let cells: Vec<Json> = (0..column.len()).map(|row| column.value(row).to_json()).collect();
            (name.clone(), Json::Array(cells))
        };
        let columns: Map<String, Json> = table.columns.iter().map(column).collect();
        let mut object = json!({ "columns": columns });
        let missing: Map<String, Json> = table.columns.iter().filter_map(reasons).collect();
        if !missing.is_empty() {
            object["missing"] = missing.into();
        }
        (name.clone(), object)
    };
    artifacts.tables.iter().map(table).collect::<Map<_, _>>().into()
}

/// Why values of a column are missing, each reason once; nothing if none is.
fn reasons((name, column): (&String, &octavo_plugin::Column)) -> Option<(String, Json)> {
    let mut found: Vec<String> = Vec::new();
    for row in 0..column.len() {
        match column.value(row) {
            Value::Missing(reason) if !found.contains(&reason) => found.push(reason),
            _ => {}
        }
    }
    (!found.is_empty()).then(|| (name.clone(), found.into()))
}
