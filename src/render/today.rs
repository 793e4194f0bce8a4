//! Today's results as a lock would hold them.

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::{ContentHasher, OutputSchema, Value};
use rayon::prelude::*;
use serde_json::json;

use super::claims::Judged;
use super::{Material, memory};
use crate::definitions::CheckedValue;
use crate::drift::Allowed;
use crate::experiment::Experiment;
use crate::ids::{ClaimRef, ExperimentId};
use crate::lock::{Accepted, Interval, Quantity};
use crate::relate::Related;
use crate::results::{Problem, Results};

/// The results of all experiments whose tasks are all finished, by id.
pub fn results(
    material: &Material<'_>,
    judged: &BTreeMap<ClaimRef, Judged>,
) -> BTreeMap<ExperimentId, Accepted> {
    let of = |(id, experiment): (&ExperimentId, &Arc<Experiment>)| {
        let related = &material.related[id];
        if !related.results.failed.is_empty() || related.results.runs.is_empty() {
            return None;
        }
        let mut today = values_and_outputs(material, experiment, related);
        for name in experiment.manifest.claims.keys() {
            let judged = judged.get(&ClaimRef::new(id, name));
            today.claims.extend(judged.map(|one| (name.clone(), one.decision.verdict.clone())));
        }
        Some((id.clone(), today))
    };
    material.experiments.par_iter().filter_map(of).collect()
}

/// All but the claims; remembered.
pub(super) fn values_and_outputs(
    material: &Material<'_>,
    experiment: &Experiment,
    related: &Related,
) -> Accepted {
    let find = || found(experiment, &related.results).text();
    let asked = json!([experiment.manifest.values, experiment.manifest.drift]);
    let text = memory::recall(material, related, "octavo results of today", &asked, find);
    Accepted::parse(&text).unwrap_or_else(|_| found(experiment, &related.results))
}

fn found(experiment: &Experiment, results: &Results) -> Accepted {
    let outputs = stored_names(&experiment.outputs).map(|name| {
        let mut hasher = ContentHasher::new("octavo output of all tasks");
        for run in &results.runs {
            hasher.number(run.replicate.into());
            if let Some(digest) = run.outputs.digest(&name) {
                hasher.add(&digest);
            }
        }
        let digest = hasher.finish().hex()[..32].to_owned();
        (name, digest)
    });
    let outputs = outputs.collect();
    let by_interval = |name: &str| experiment.definitions.drift.get(name) == Some(&Allowed::Stat);
    let (spread, plain): (Vec<_>, Vec<_>) =
        experiment.definitions.values.iter().partition(|(name, _)| by_interval(name));
    let found = results.values(plain.iter().map(|(_, value)| *value));
    let found = found.into_iter().map(|value| value.unwrap_or_else(missing).into());
    let mut values: BTreeMap<String, Quantity> =
        plain.iter().map(|(name, _)| (*name).clone()).zip(found).collect();
    values.extend(spread.into_iter().map(|(name, value)| (name.clone(), with_interval(results, value))));
    Accepted { values, outputs, ..Accepted::default() }
}

fn missing(problem: Problem) -> Value {
    Value::Missing(problem.message)
}

/// The names under which the outputs of a task are stored.
pub fn stored_names(outputs: &OutputSchema) -> impl Iterator<Item = String> {
    let scalars = (!outputs.scalars.is_empty()).then(|| "scalars".to_owned());
    let tables = outputs.tables.keys().map(|name| format!("tables/{name}"));
    scalars.into_iter().chain(tables).chain(outputs.drawings.keys().map(|name| format!("drawings/{name}")))
}

/// A value with its interval.
fn with_interval(results: &Results, value: &CheckedValue) -> Quantity {
    let estimate = match results.estimate(value) {
        Ok(estimate) => estimate,
        Err(problem) => return missing(problem).into(),
    };
    let replicates = u32::try_from(estimate.per_replicate.len()).unwrap_or(u32::MAX);
    let wide = estimate.interval.filter(|(low, high)| low < high);
    let interval = wide.map(|(low, high)| Interval { low, high, replicates });
    Quantity { value: estimate.value, interval }
}
