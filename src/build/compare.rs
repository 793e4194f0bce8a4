//! Where two builds of one project differ, in words of the project: cells, values, verdicts, figures, lines of pages.

mod artifacts;
mod files;

use std::collections::{BTreeMap, BTreeSet};

use octavo_plugin::{OutputSchema, Value};
use schemars::JsonSchema;
use serde::Serialize;

use crate::executor::Outcome;
use crate::ids::ExperimentId;
use crate::plan::Plan;
use crate::relate::relate;
use crate::render::today::stored_names;
use crate::results::Outputs;

pub use files::{Site, sites};

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// Whether a task has a result.
    Result,
    /// A scalar of a task.
    Scalar,
    /// A cell of a table.
    Cell,
    /// The number of rows or parts.
    Rows,
    /// A drawing, in its shapes or pixels.
    Drawing,
    /// A named value.
    Value,
    /// The verdict of a claim.
    Claim,
    /// A published figure.
    Figure,
    /// A line of a page.
    Page,
    /// Another published file.
    File,
}

/// Something that is not the same in two builds.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What it is.
    pub kind: DifferenceKind,
    /// The experiment; none for what belongs to none.
    pub experiment: Option<ExperimentId>,
    /// The task, as builds name it, where it is a result of one.
    pub task: Option<String>,
    /// The scalar, table, drawing, value, claim or figure, or the route of the file.
    pub name: String,
    /// The row of a table or the line of a file, from 1.
    pub row: Option<usize>,
    /// The column of a table.
    pub column: Option<String>,
    /// What stands; `None` if it is not there.
    pub standing: Option<Value>,
    /// What the other build gave; `None` if it gave none.
    pub rebuilt: Option<Value>,
    /// How many more of its kind in the same thing differ and are not named.
    pub more: usize,
    /// Whether the task takes results that differ themselves.
    pub follows: bool,
}

impl Difference {
    /// Something of which nothing more is known yet.
    pub fn new(kind: DifferenceKind, name: &str) -> Self {
        Self {
            kind,
            experiment: None,
            task: None,
            name: name.to_owned(),
            row: None,
            column: None,
            standing: None,
            rebuilt: None,
            more: 0,
            follows: false,
        }
    }

    /// Something of an experiment, of which nothing more is known yet.
    pub fn of(experiment: &ExperimentId, kind: DifferenceKind, name: &str) -> Self {
        Self { experiment: Some(experiment.clone()), ..Self::new(kind, name) }
    }

    /// The same with what stands and what came out.
    #[must_use]
    pub fn between(self, standing: Option<Value>, rebuilt: Option<Value>) -> Self {
        Self { standing, rebuilt, ..self }
    }
}

/// Whether two values are the same to the bit.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

/// Where the results of these tasks differ, and the named values of their experiments.
pub fn results(plan: &Plan, tasks: &[usize], standing: &[Outcome], rebuilt: &[Outcome]) -> Vec<Difference> {
    let tasks: BTreeSet<usize> = tasks.iter().copied().collect();
    let mut found = Vec::new();
    let mut differs = vec![false; plan.tasks.len()];
    let mut changed: BTreeMap<usize, bool> = BTreeMap::new();
    for task in crate::plan::in_order(plan).into_iter().filter(|task| tasks.contains(task)) {
        let (Some(one), other) = (standing[task].done(), rebuilt[task].done()) else { continue };
        let experiment = plan.experiment_of(task);
        let mut own = match other {
            Some(other) => {
                outputs(&experiment.id, &experiment.outputs, one.outputs.as_ref(), other.outputs.as_ref())
            }
            None => {
                let there = Some(Value::Text("there".to_owned()));
                vec![Difference::of(&experiment.id, DifferenceKind::Result, "result").between(there, None)]
            }
        };
        differs[task] = !own.is_empty();
        let follows = plan.tasks[task].edges.iter().any(|edge| differs[edge.task]);
        let name = plan.describe(task);
        for one in &mut own {
            (one.task, one.follows) = (Some(name.clone()), follows);
        }
        if !own.is_empty() {
            *changed.entry(plan.tasks[task].experiment).or_insert(true) &= other.is_some();
        }
        found.extend(own);
    }
    let whole = changed.into_iter().filter(|(_, whole)| *whole);
    found.extend(whole.flat_map(|(index, _)| values(plan, index, standing, rebuilt)));
    found
}

fn outputs(
    experiment: &ExperimentId,
    declared: &OutputSchema,
    one: &dyn Outputs,
    other: &dyn Outputs,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for name in stored_names(declared) {
        if one.digest(&name) == other.digest(&name) {
            continue;
        }
        let [one, other] = [one, other].map(|outputs| outputs.load(&name).ok().flatten());
        match (one, other) {
            (Some(one), Some(other)) => found.extend(artifacts::differences(experiment, &name, &one, &other)),
            (one, other) => {
                let there = |side: bool| side.then(|| Value::Text("there".to_owned()));
                let difference = Difference::of(experiment, DifferenceKind::Result, &name);
                found.push(difference.between(there(one.is_some()), there(other.is_some())));
            }
        }
    }
    found
}

/// The named values of an experiment that differ.
fn values(plan: &Plan, index: usize, standing: &[Outcome], rebuilt: &[Outcome]) -> Vec<Difference> {
    let experiment = &plan.experiments[index];
    let of = |outcomes: &[Outcome]| {
        let found = relate(plan, index, outcomes).results.values(experiment.definitions.values.values());
        found.into_iter().map(|value| value.unwrap_or_else(|problem| Value::Missing(problem.message)))
    };
    let pairs = experiment.definitions.values.keys().zip(of(standing).zip(of(rebuilt)));
    let differing = pairs.filter(|(_, (one, other))| !same(one, other));
    let value = |(name, (one, other)): (&String, (Value, Value))| {
        Difference::of(&experiment.id, DifferenceKind::Value, name).between(Some(one), Some(other))
    };
    differing.map(value).collect()
}
