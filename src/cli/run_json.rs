//! Results for other programs: what `octavo run EXPERIMENT --format json` prints.
//!
//! Floats round-trip; text is a string; integers above 2^53 are decimal strings; a named value is its name as a string;
//! a missing value is null, and `missing` beside it says why. A task without a result has an `error`, empty `scalars` and `tables`, and its `key` if the
//! results that it takes are there.

use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Column, OutputSchema, Scalar, Table, Value};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::executor::{Outcome, key_of};
use crate::ids::ExperimentId;
use crate::plan::Plan;
use crate::results::Outputs;

/// The results of one experiment of a plan. A table is loaded when it is written, and its cells are made one by one: a million rows take no
/// more memory than the table itself.
pub(super) struct Results<'a> {
    pub(super) plan: &'a Plan,
    pub(super) index: usize,
    pub(super) outcomes: &'a [Outcome],
}

impl Results<'_> {
    /// Reads everything once. After that it can be written without a surprise.
    ///
    /// # Errors
    /// Why the result of a task that was found good cannot be read any more.
    pub(super) fn read(&self) -> Result<(), String> {
        let declared = &self.plan.experiments[self.index].outputs;
        for task in self.plan.ranges[self.index].clone() {
            let Some(done) = self.outcomes[task].done() else { continue };
            done.outputs.load(SCALARS)?;
            for name in declared.tables.keys() {
                done.outputs.load(&of_table(name))?;
            }
        }
        Ok(())
    }
}

const SCALARS: &str = "scalars";

fn of_table(name: &str) -> String {
    format!("tables/{name}")
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let experiment: &ExperimentId = &self.plan.experiments[self.index].id;
        let mut object = serializer.serialize_map(Some(2))?;
        object.serialize_entry("experiment", experiment)?;
        object.serialize_entry("tasks", &Tasks(self))?;
        object.end()
    }
}

struct Tasks<'a>(&'a Results<'a>);

impl Serialize for Tasks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Results { plan, index, .. } = self.0;
        serializer.collect_seq(plan.ranges[*index].clone().map(|task| Task { of: self.0, task }))
    }
}

struct Task<'a> {
    of: &'a Results<'a>,
    task: usize,
}

impl Serialize for Task<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Results { plan, index, outcomes } = self.of;
        let experiment = &plan.experiments[*index];
        let (planned, outcome) = (&plan.tasks[self.task], &outcomes[self.task]);
        let error = match outcome {
            Outcome::Done(_) => Json::Null,
            Outcome::Failed(failure) => json!(failure),
            Outcome::Blocked(by) => {
                json!({ "kind": "blocked", "message": format!("`{}` has no result", plan.describe(*by)) })
            }
            Outcome::Cancelled => json!({ "kind": "cancelled", "message": "the run was stopped" }),
        };
        let key = outcome.done().map(|done| done.key).or_else(|| key_of(plan, self.task, outcomes));
        // A task without a result has the same keys, so that nobody needs to ask first.
        let outputs = outcome.done().map(|done| done.outputs.as_ref());
        let found = outputs.map(|outputs| outputs.load(SCALARS)).transpose().map_err(S::Error::custom)?;
        let scalars = match found.flatten().as_deref() {
            Some(Artifact::Scalars(found)) => scalars(found, &experiment.outputs),
            _ => Map::new(),
        };
        let mut object = serializer.serialize_map(Some(7))?;
        object.serialize_entry("key", &key.map(|key| key.hex()))?;
        object.serialize_entry("params", &experiment.points[planned.point].params.json())?;
        object.serialize_entry("replicate", &planned.replicate)?;
        object.serialize_entry("seed", &Value::from(planned.seed.0).to_json())?;
        object.serialize_entry("error", &error)?;
        object.serialize_entry("scalars", &scalars)?;
        object.serialize_entry("tables", &Tables { outputs, declared: &experiment.outputs })?;
        object.end()
    }
}

fn scalars<'a>(
    found: impl IntoIterator<Item = (&'a String, &'a Scalar)>,
    outputs: &OutputSchema,
) -> Map<String, Json> {
    let scalar = |(name, scalar): (&String, &Scalar)| {
        let unit = outputs.scalars.get(name).map_or("", |schema| schema.unit.as_str());
        let mut value =
            json!({ "value": scalar.value.to_json(), "unit": unit, "uncertainty": scalar.uncertainty });
        if let Value::Missing(reason) = &scalar.value {
            value["missing"] = json!(reason);
        }
        (name.clone(), value)
    };
    found.into_iter().map(scalar).collect()
}

/// The tables of a task, in the order in which they are declared.
struct Tables<'a> {
    outputs: Option<&'a dyn Outputs>,
    declared: &'a OutputSchema,
}

impl Serialize for Tables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        if let Some(outputs) = self.outputs {
            for name in self.declared.tables.keys() {
                let found = outputs.load(&of_table(name)).map_err(S::Error::custom)?;
                if let Some(Artifact::Table(table)) = found.as_deref() {
                    object.serialize_entry(name, &Columns(table))?;
                }
            }
        }
        object.end()
    }
}

struct Columns<'a>(&'a Table);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = &self.0.columns;
        let missing: Map<String, Json> = columns.iter().filter_map(reasons).collect();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("columns", &AllCells(self.0))?;
        if !missing.is_empty() {
            object.serialize_entry("missing", &missing)?;
        }
        object.end()
    }
}

struct AllCells<'a>(&'a Table);

impl Serialize for AllCells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.columns.iter().map(|(name, column)| (name, Cells(column))))
    }
}

struct Cells<'a>(&'a Column);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.0.len()).map(|row| self.0.value(row).to_json()))
    }
}

/// Why values of a column are missing, each reason once; nothing if none is.
fn reasons((name, column): (&String, &Column)) -> Option<(String, Json)> {
    let mut found: Vec<String> = Vec::new();
    for row in 0..column.len() {
        match column.value(row) {
            Value::Missing(reason) if !found.contains(&reason) => found.push(reason),
            _ => {}
        }
    }
    (!found.is_empty()).then(|| (name.clone(), found.into()))
}
