//! `octavo power`: how many replicates do claims need?

use octavo_plugin::counted;
use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;

use super::replicate::Silent;
use super::session::{ExitCode, Session};
use crate::build::fresh::{self, Set};
use crate::build::{Loaded, Pace};
use crate::cache::TaskCache;
use crate::claim::Part;
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::manifest::Claim;
use crate::statistics::{deviation_limit, power, replicates_for};

/// How surely the spread is not larger than it is taken to be.
const CONFIDENCE: f64 = 0.8;

/// Fewest replicates that are ever advised.
const FEWEST: u32 = 5;

/// Arguments of `octavo power`.
#[derive(Args, Debug)]
pub(super) struct Power {
    /// Ids of experiments; by default all with a claim that states its smallest `effect` of interest
    #[arg(value_name = "EXPERIMENT")]
    experiments: Vec<String>,
}

impl Power {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.run(session).unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let loaded = session.loaded()?;
        let Some(explore) = loaded.project.config.claims.explore_seed else {
            let message =
                "octavo.toml has no `explore_seed` under `[claims]`, under which the spread is measured";
            let help = "set it: the data under published seeds must not decide how many replicates there are";
            return Err(session.refuse(Diagnostic::error("no-exploration", message).help(help)));
        };
        let found = loaded.definitions(&session.choice());
        session.report([loaded.problems.clone(), found.problems].concat())?;
        let wanted = self.wanted(session, &found.experiments)?;
        session.catch_interrupts();
        let store = session.store(&loaded.project)?;
        let cache = TaskCache::new(&store);
        let mut text = String::new();
        for experiment in wanted {
            let pace = Pace { jobs: session.jobs, observer: &Silent, stop: &session.stop };
            let pilot = fresh::set(&loaded, &session.choice(), &experiment.id, Some(explore), &cache, pace)
                .and_then(Set::whole);
            let pilot = pilot.map_err(|problems| {
                session.output.diagnostics(&problems);
                ExitCode::Failed
            })?;
            text += &table(&loaded, &experiment, &pilot);
        }
        store.finish().unwrap_or_else(|error| session.output.problem(error.diagnostic()));
        session.output.result(text.trim_end())?;
        Ok(ExitCode::Good)
    }

    fn wanted(&self, session: &Session, all: &[Arc<Experiment>]) -> Result<Vec<Arc<Experiment>>, ExitCode> {
        if self.experiments.is_empty() {
            let states = |one: &Experiment| one.manifest.claims.values().any(|claim| claim.effect.is_some());
            let found: Vec<_> = all.iter().filter(|one| one.stochastic() && states(one)).cloned().collect();
            if found.is_empty() {
                session.output.line("no claim states the smallest `effect` that it is to find");
            }
            return Ok(found);
        }
        self.experiments.iter().map(|id| session.experiment(all, id)).collect()
    }
}

/// What the claims of an experiment need, a line for each comparison.
fn table(loaded: &Loaded, experiment: &Experiment, pilot: &Set) -> String {
    let policy = &loaded.project.config.claims;
    let mut text = format!("{}: {}\n", experiment.id, counted(experiment.replicates, "replicate"));
    for (name, claim) in &experiment.manifest.claims {
        let judged = fresh::judged(pilot, &pilot.results, name, policy.level);
        let parts = judged.map(|judgement| judgement.parts).unwrap_or_default();
        for part in &parts {
            let check = claim.check.get(part.span.clone()).unwrap_or(&claim.check);
            let needs = needs(claim, part, pilot, policy.level, policy.power);
            let _ = writeln!(text, "  {name}: {check}: {}", needs.unwrap_or_else(|why| why.to_owned()));
        }
    }
    text
}

/// How many replicates a comparison needs, or why that cannot be said.
fn needs(claim: &Claim, part: &Part, pilot: &Set, level: f64, wanted: f64) -> Result<String, &'static str> {
    let effect = claim.effect.ok_or("states no `effect`")?;
    let deviation = part.deviation.ok_or("is not decided by an interval of means")?;
    let limit = deviation_limit(deviation, pilot.results.replicates().len(), CONFIDENCE);
    let limit = limit.filter(|limit| *limit > 0.0).ok_or("does not vary")?;
    // Both ends of the interval must lie within the margin, so that each has half of what may be missed.
    let (distance, each) = match part.tolerance {
        Some(tolerance) => (tolerance - effect, f64::midpoint(wanted, 1.0)),
        None => (effect, wanted),
    };
    let distance = distance / limit;
    let spread = format!("an effect of {effect} against a spread of at most {limit:.3e}");
    let Some(count) = replicates_for(distance, level, each, FEWEST).filter(|_| distance > 0.0) else {
        return Ok(format!("{spread} is not found with any number of replicates"));
    };
    let have = pilot.experiment.replicates;
    let now = 100.0 * power(distance, have, level);
    Ok(format!("{spread} needs {count} replicates; with {have} it is found in {now:.0} % of cases"))
}
