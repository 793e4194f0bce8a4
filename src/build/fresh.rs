//! An experiment under other seeds than the published one: fresh sets of replicates, and what they say of its claims together.

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::{ContentHasher, FailureKind, Input};

use super::run::{Pace, run};
use super::{Choice, Loaded};
use crate::claim::{Judgement, Part, Reason, judge};
use crate::diagnostic::Diagnostic;
use crate::executor::{Cache, Outcome};
use crate::experiment::Experiment;
use crate::ids::ExperimentId;
use crate::lock::{Replicated, Replication};
use crate::plan::Plan;
use crate::relate::relate;
use crate::results::{Failed, Method, Problem, Results, Run};

/// An experiment as it ran under one seed.
#[derive(Debug)]
pub struct Set {
    /// The experiment.
    pub experiment: Arc<Experiment>,
    /// What it gave.
    pub results: Results,
    /// Whether each of the finished tasks, and each of the failed ones, draws random numbers.
    varies: [Vec<bool>; 2],
}

impl Set {
    /// The set, if all of its tasks have a result.
    ///
    /// # Errors
    /// Why the first one has none.
    pub fn whole(self) -> Result<Self, Vec<Diagnostic>> {
        match self.results.failed.first() {
            Some(failed) => Err(vec![self.without_result(&failed.why)]),
            None => Ok(self),
        }
    }

    fn without_result(&self, why: &str) -> Diagnostic {
        let (id, seed) = (&self.experiment.id, self.experiment.manifest.seed);
        Diagnostic::error("no-result", format!("`{id}` has no result under the seed {seed}: {why}"))
    }
}

/// The seeds of the fresh sets of a registration, which nobody can have looked at before it was made: each is drawn from its digest, so
/// that a changed claim gets others.
pub fn seeds(chain: &str, sets: u32) -> Vec<u64> {
    let seed = |set: u32| {
        let digest = ContentHasher::new("octavo fresh seed").text(chain).number(set.into()).finish();
        let bytes: [u8; 8] = digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes");
        // TOML and JSON readers agree on integers below 2^53.
        u64::from_le_bytes(bytes) >> 11
    };
    (0..sets).map(seed).collect()
}

/// An experiment and those that it takes results of: what others take of it does not matter to a single run.
pub fn needed(experiments: Vec<Arc<Experiment>>, id: &ExperimentId) -> Vec<Arc<Experiment>> {
    let mut ids = vec![id.clone()];
    let mut next = 0;
    while let Some(id) = ids.get(next).cloned() {
        let inputs = experiments.iter().filter(|one| one.id == id).flat_map(|one| &one.inputs);
        for used in inputs {
            if let Input::Result { from, .. } = &used.input
                && let Ok(from) = ExperimentId::parse(from)
                && !ids.contains(&from)
            {
                ids.push(from);
            }
        }
        next += 1;
    }
    experiments.into_iter().filter(|one| ids.contains(&one.id)).collect()
}

/// Runs an experiment, or finds its results in the cache, under another seed if one is given. That a task fails for its numbers, such as a
/// boundary that is not there, is a finding and stays in the results.
///
/// # Errors
/// What is wrong with its definition, or why a task has no result that may have one on another day: it was stopped, or lacks memory.
pub fn set(
    loaded: &Loaded,
    choice: &Choice,
    id: &ExperimentId,
    seed: Option<u64>,
    cache: &dyn Cache,
    pace: Pace<'_>,
) -> Result<Set, Vec<Diagnostic>> {
    let choice = Choice { seed: seed.map(|seed| (id.clone(), seed)), ..choice.clone() };
    let found = loaded.under(&choice);
    let project = &loaded.project;
    let read =
        |source: &crate::source::SourceFile, file: &str, limits| project.read_input(source, file, limits);
    let (plan, problems) = Plan::new(needed(found.experiments, id), &read);
    let Some(index) = plan.experiments.iter().position(|one| one.id == *id) else {
        return Err([found.problems, problems].concat());
    };
    let tasks = plan.restricted_to(&[index]);
    let ran = run(&plan, &tasks, cache, pace);
    let results = relate(&plan, index, &ran.outcomes).results;
    let (failed, finished): (Vec<usize>, Vec<usize>) =
        plan.ranges[index].clone().partition(|task| !matches!(ran.outcomes[*task], Outcome::Done(_)));
    let experiment = Arc::clone(&plan.experiments[index]);
    let varies = [&finished, &failed].map(|tasks| {
        tasks.iter().map(|task| experiment.points[plan.tasks[*task].point].stochastic).collect()
    });
    let set = Set { experiment, results, varies };
    match failed.iter().position(|task| !is_finding(&ran.outcomes[*task])) {
        Some(other) => Err(vec![set.without_result(&set.results.failed[other].why)]),
        None => Ok(set),
    }
}

/// Whether a task would end so on every machine and every day.
fn is_finding(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(failure) if failure.kind == FailureKind::Numeric)
}

/// All replicates of some sets as one; what is deterministic is there once.
///
/// # Panics
/// Without a set.
pub fn pooled(sets: &[Set]) -> Results {
    let first = &sets[0];
    let mut pooled = Results { runs: Vec::new(), failed: Vec::new(), ..first.results.clone() };
    for (number, set) in (0_u32..).zip(sets) {
        let of = |replicate: u32| replicate + number * first.experiment.replicates;
        let [finished, failed] = &set.varies;
        let runs = set.results.runs.iter().zip(finished).filter(|(_, varies)| **varies || number == 0);
        pooled.runs.extend(runs.map(|(run, _)| Run { replicate: of(run.replicate), ..run.clone() }));
        let failed = set.results.failed.iter().zip(failed).filter(|(_, varies)| **varies || number == 0);
        pooled
            .failed
            .extend(failed.map(|(task, _)| Failed { replicate: of(task.replicate), ..task.clone() }));
    }
    pooled
}

/// Judges a claim of an experiment over some results of it.
///
/// # Errors
/// As [`judge`].
pub fn judged(set: &Set, results: &Results, claim: &str, level: f64) -> Result<Judgement, Problem> {
    let definitions = &set.experiment.definitions;
    judge(results, &definitions.values, &definitions.claims[claim], level)
}

/// What fresh sets say of the claims of an experiment whose published set is given.
///
/// # Errors
/// As [`judge`].
pub fn replication(
    published: &Set,
    fresh: &[Set],
    chain: &str,
    profile: Option<String>,
    level: f64,
) -> Result<Replication, Problem> {
    let experiment = &published.experiment;
    let all = pooled(fresh);
    let claim = |name: &String| {
        let of = |results: &Results| judged(published, results, name, level);
        let (was, is) = (of(&published.results)?, of(&all)?);
        let votes = fresh.iter().map(|set| Ok(of(&set.results)?.verdict.name().to_owned()));
        let effect = |judgement: &Judgement| judgement.parts[was.deciding].difference.as_f64();
        let ratio = effect(&was).zip(effect(&is)).map(|(was, is)| is / was).filter(|ratio| ratio.is_finite());
        let replicated = Replicated {
            published: was.verdict.name().to_owned(),
            pooled: is.verdict.name().to_owned(),
            by_interval: by_interval(&was),
            failed: without_result(&is),
            votes: votes.collect::<Result<_, Problem>>()?,
            // Three digits: the rest is noise, and a lock is read by people.
            ratio: ratio.map(|ratio| format!("{ratio:.2e}").parse().expect("a float")),
        };
        Ok((name.clone(), replicated))
    };
    let claims =
        experiment.definitions.claims.keys().map(claim).collect::<Result<IndexMap<_, _>, Problem>>()?;
    Ok(Replication {
        of: chain.to_owned(),
        analysis: experiment.revision(),
        profile,
        seeds: fresh.iter().map(|set| set.experiment.manifest.seed).collect(),
        replicates: all.replicates().len(),
        claims,
    })
}

/// Fresh runs that the claim needs and that have no result.
fn without_result(judgement: &Judgement) -> usize {
    let of = |part: &Part| if let Reason::FailedTasks(count) = part.reason { count } else { 0 };
    judgement.parts.iter().map(of).max().unwrap_or(0)
}

fn by_interval(judgement: &Judgement) -> bool {
    let part = judgement.part();
    let of_width = part.decisive.is_some_and(|(low, high)| low < high);
    let by = |method: &Method| {
        matches!(method, Method::Student | Method::Jackknife | Method::Share | Method::Bounds)
    };
    of_width && matches!(&part.reason, Reason::Interval { method, .. } if by(method))
}
