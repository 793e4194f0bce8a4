//! `octavo replicate`: do claims come back on data that nobody has seen?

use octavo_plugin::counted;
use std::sync::Arc;

use clap::Args;

use super::claims;
use super::session::{ExitCode, Session};
use crate::build::fresh::{self, Set};
use crate::build::{Loaded, Pace};
use crate::cache::TaskCache;
use crate::diagnostic::Diagnostic;
use crate::executor::{Cache, Event, Observer};
use crate::experiment::Experiment;
use crate::lock::{Replicated, Replication};

/// Arguments of `octavo replicate`.
#[derive(Args, Debug)]
pub(super) struct Replicate {
    /// Ids of experiments; by default all whose claims are registered
    #[arg(value_name = "EXPERIMENT")]
    experiments: Vec<String>,
    /// How many fresh sets of replicates are run, each as large as the published one
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    sets: u32,
}

impl Replicate {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.run(session).unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let loaded = session.loaded()?;
        let found = loaded.definitions(&session.choice());
        session.report([loaded.problems.clone(), found.problems].concat())?;
        let wanted = self.wanted(session, &found.experiments)?;
        session.catch_interrupts();
        let store = session.store(&loaded.project)?;
        let cache = TaskCache::new(&store);
        let (mut fragile, mut failed) = (0, 0);
        for experiment in wanted {
            match self.replicate(session, &loaded, &experiment, &cache) {
                Ok(replication) => {
                    fragile += tell(session, &experiment.id, &replication);
                    let mut lock = loaded.project.locks.get(&experiment.id).cloned().unwrap_or_default();
                    lock.replication = Some(replication);
                    claims::write(session, &loaded, &experiment.id, &lock)?;
                }
                Err(problems) => {
                    session.output.diagnostics(&problems);
                    failed += 1;
                }
            }
            if session.stop.stopped() {
                session.output.trouble("stopped; what is finished is kept");
                return Err(ExitCode::Failed);
            }
        }
        store.finish().unwrap_or_else(|error| session.output.problem(error.diagnostic()));
        session.tell_damage(&store);
        Ok(match (failed, fragile) {
            (0, 0) => ExitCode::Good,
            (0, _) => ExitCode::Claim,
            _ => ExitCode::Failed,
        })
    }

    /// The experiments that are asked for, or all whose claims are registered.
    fn wanted(
        &self,
        session: &Session,
        experiments: &[Arc<Experiment>],
    ) -> Result<Vec<Arc<Experiment>>, ExitCode> {
        let registered = |one: &Experiment| one.stochastic() && one.registered.runs;
        if self.experiments.is_empty() {
            let all: Vec<_> = experiments.iter().filter(|one| registered(one)).cloned().collect();
            if all.is_empty() {
                session
                    .output
                    .line("nothing to replicate: no claims are registered (`octavo claims register`)");
            }
            return Ok(all);
        }
        let find = |id: &String| {
            let found = session.experiment(experiments, id)?;
            if !registered(&found) {
                let message = format!("the claims of `{id}` are not registered as they stand");
                let help = format!("`octavo claims register {id}` registers them");
                let place = found.node.place_of(&["claims"]);
                return Err(session.refuse(Diagnostic::error("not-registered", message).at(place).help(help)));
            }
            Ok(found)
        };
        self.experiments.iter().map(find).collect()
    }

    fn replicate(
        &self,
        session: &Session,
        loaded: &Loaded,
        experiment: &Experiment,
        cache: &dyn Cache,
    ) -> Result<Replication, Vec<Diagnostic>> {
        let id = &experiment.id;
        let chain = &loaded.project.locks[id].last().expect("the experiment is registered").chain;
        let choice = session.choice();
        let run = |seed: Option<u64>| {
            let pace = Pace { jobs: session.jobs, observer: &Silent, stop: &session.stop };
            fresh::set(loaded, &choice, id, seed, cache, pace)
        };
        let published = run(None)?.whole()?;
        let seeds = fresh::seeds(chain, self.sets);
        let mut sets: Vec<Set> = Vec::new();
        for (number, seed) in (1..).zip(seeds) {
            session.output.line(&format!("{id}: fresh set {number} of {} under the seed {seed}", self.sets));
            sets.push(run(Some(seed))?);
        }
        let level = loaded.project.config.claims.level;
        let told = fresh::replication(&published, &sets, chain, choice.profile, level);
        told.map_err(|problem| vec![experiment.diagnostic(&problem)])
    }
}

/// Nobody reads about single tasks of fresh sets.
pub(super) struct Silent;

impl Observer for Silent {
    fn event(&self, _: &Event<'_>) {}
}

/// Tells which claims came back; the number of those that did not.
fn tell(session: &Session, id: &str, replication: &Replication) -> usize {
    let decided = |one: &&Replicated| one.published != "undecided";
    let all: Vec<(&String, &Replicated)> =
        replication.claims.iter().filter(|(_, one)| decided(one)).collect();
    let fragile: Vec<_> = all.iter().filter(|(_, one)| one.published != one.pooled).collect();
    session.output.line(&format!(
        "{id}: {} of {} confirmed on {}",
        all.len() - fragile.len(),
        counted(all.len(), "decided claim"),
        counted(replication.replicates, "fresh replicate"),
    ));
    for (name, one) in &fragile {
        let why = match one.failed {
            0 => String::new(),
            1 => ": a fresh run has no result".to_owned(),
            count => format!(": {count} fresh runs have no result"),
        };
        session
            .output
            .trouble(&format!("  {name}: {} as published, {} on fresh data{why}", one.published, one.pooled));
    }
    fragile.len()
}
