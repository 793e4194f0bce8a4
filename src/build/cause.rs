//! What decides the results of an experiment, by name, as its lock keeps it.

use std::collections::BTreeMap;
use std::ops::Range;

use octavo_plugin::{ContentHasher, Digest, Value};
use serde_json::{Value as Json, json};

use crate::executor::Outcome;
use crate::experiment::Experiment;
use crate::lock::{Cause, Fact};
use crate::manifest::Seeding;
use crate::plan::Plan;

/// The cause of the results of one experiment of a plan, all of whose tasks are finished. `profile` is the one that was chosen, if the
/// experiment has it; `level` that of claims.
pub(super) fn cause(
    plan: &Plan,
    index: usize,
    outcomes: &[Outcome],
    profile: Option<&str>,
    level: f64,
) -> Cause {
    let experiment = &plan.experiments[index];
    let tasks = plan.ranges[index].clone();
    let axes = experiment.points.first().map(|point| point.values.sweep().axes());
    let listed = |values: &[Value]| Json::from_iter(values.iter().map(Value::to_json));
    let sweep: BTreeMap<String, Fact> =
        axes.into_iter().flatten().map(|(key, values)| (key.to_owned(), Fact::of(&listed(values)))).collect();
    let mut params = BTreeMap::new();
    if let Some(first) = plan.tasks.get(tasks.start) {
        flatten("", &first.params.json(), &mut params);
    }
    params.retain(|path, _| !sweep.contains_key(path) && !is_content(experiment, path));
    Cause {
        facts: facts(plan, experiment, &tasks, profile, level),
        params,
        sweep,
        inputs: inputs(plan, &tasks, outcomes),
    }
}

fn facts(
    plan: &Plan,
    experiment: &Experiment,
    tasks: &Range<usize>,
    profile: Option<&str>,
    level: f64,
) -> BTreeMap<String, Fact> {
    let identity = experiment.analysis.identity();
    let mut facts = BTreeMap::from([
        ("analysis", json!(identity.name)),
        ("revision", json!(identity.revision)),
        ("definitions", short(definitions(experiment, level))),
    ]);
    facts.extend(identity.program().map(|digest| ("plugin", short(digest))));
    facts.extend(profile.map(|name| ("profile", json!(name))));
    facts.extend(experiment.wanted.names().map(|names| ("outputs", json!(names))));
    if experiment.stochastic() {
        facts.extend([
            ("seed", json!(experiment.manifest.seed)),
            ("replicates", json!(experiment.replicates)),
        ]);
        if experiment.manifest.seeding == Seeding::Independent {
            facts.insert("seeding", json!("independent"));
        }
    }
    if experiment.points.len() > 1 {
        let mut hasher = ContentHasher::new("octavo points");
        let mut points = tasks.clone().map(|task| &plan.tasks[task]).filter(|task| task.replicate == 0);
        if let Some(mut last) = points.next().map(|task| &task.params) {
            let mut json = last.json();
            hasher.add(&json);
            for task in points {
                task.params.replace(last, &mut json);
                last = &task.params;
                hasher.add(&json);
            }
        }
        facts.insert("points", short(hasher.finish()));
    }
    facts.into_iter().map(|(name, value)| (name.to_owned(), Fact::of(&value))).collect()
}

fn short(digest: Digest) -> Json {
    digest.hex()[..32].into()
}

/// Digest of what makes values and verdicts of results.
fn definitions(experiment: &Experiment, level: f64) -> Digest {
    let manifest = &experiment.manifest;
    // What a value is called for readers, and how far it may drift, is not what it says.
    let values = manifest.values.iter().map(|(name, one)| json!([name, one.from, one.selection, one.expr]));
    let tables = manifest.tables.iter().map(|(name, one)| json!([name, one.derivation()]));
    let claims = manifest.claims.iter().map(|(name, one)| json!([name, one.check]));
    let parts: Vec<Vec<Json>> = vec![values.collect(), tables.collect(), claims.collect()];
    let mut hasher = ContentHasher::new("octavo definitions of an experiment");
    hasher.add(&json!(parts)).add(&json!(level));
    hasher.finish()
}

/// The leaves of parameters by their dotted path; a list is one leaf.
fn flatten(path: &str, json: &Json, leaves: &mut BTreeMap<String, Fact>) {
    match json {
        Json::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&below, value, leaves);
            }
        }
        // What is not given decides nothing.
        Json::Null => {}
        leaf => drop(leaves.insert(path.to_owned(), Fact::of(leaf))),
    }
}

/// Whether a parameter is the address of a file's content, which stands among the inputs.
fn is_content(experiment: &Experiment, path: &str) -> bool {
    experiment.inputs.iter().any(|used| path.strip_suffix(".file") == Some(&used.path.join(".")))
}

/// Digests of the files and results that tasks read, by their names.
fn inputs(plan: &Plan, tasks: &Range<usize>, outcomes: &[Outcome]) -> BTreeMap<String, Fact> {
    let mut found: BTreeMap<&str, ContentHasher> = BTreeMap::new();
    let mut files: BTreeMap<String, Fact> = BTreeMap::new();
    let text = |digest: Digest| Fact::of(&short(digest));
    for task in &plan.tasks[tasks.clone()] {
        let read = task.files.iter().filter_map(|file| Some((file.name().to_owned(), text(file.digest()?))));
        files.extend(read);
        for edge in &task.edges {
            let read = outcomes[edge.task].done().and_then(|done| edge.found(done.outputs.as_ref()));
            let hasher = found.entry(&edge.name).or_insert_with(|| ContentHasher::new("octavo results read"));
            if let Some((_, digest)) = read {
                hasher.add(&digest);
            }
        }
    }
    files.extend(found.into_iter().map(|(name, hasher)| (name.to_owned(), text(hasher.finish()))));
    files
}
