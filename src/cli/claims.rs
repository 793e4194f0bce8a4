//! `octavo claims`: what is promised before data are seen.

use clap::{Args, Subcommand};
use octavo_plugin::counted;

use super::session::{ExitCode, Session};
use crate::build::Loaded;
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::experiment::Experiment;
use crate::experiment::registration;
use crate::ids::ExperimentId;
use crate::lock::Lock;

/// Arguments of `octavo claims`.
#[derive(Args, Debug)]
pub(super) struct Claims {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Register the claims of experiments before their data are seen
    ///
    /// Writes digests of each claim's comparison, level and expectation, and of the experiment's parameters, sweep,
    /// replicates and seed into the experiment's `.lock`. From then on the experiment runs under its own seed, and its
    /// claims have verdicts. What is changed later explores again until it is registered under another seed.
    Register(Register),
}

/// Arguments of `octavo claims register`.
#[derive(Args, Debug)]
struct Register {
    /// Ids of experiments, such as `networks/training`
    #[arg(required = true, value_name = "EXPERIMENT")]
    experiments: Vec<String>,
}

impl Claims {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let Command::Register(register) = &self.command;
        register.run(session).err().unwrap_or(ExitCode::Good)
    }
}

impl Register {
    fn run(&self, session: &Session) -> Result<(), ExitCode> {
        let loaded = session.loaded()?;
        if loaded.project.config.claims.explore_seed.is_none() {
            let message =
                "octavo.toml has no `explore_seed` under `[claims]`, so that nothing need be registered";
            let help =
                "set it, such as `explore_seed = 1`; what is not registered then runs under it and explores";
            return Err(session.refuse(Diagnostic::error("no-exploration", message).help(help)));
        }
        let found = loaded.definitions(&session.choice());
        session.report([loaded.problems.clone(), found.problems].concat())?;
        for id in &self.experiments {
            let experiment = session.experiment(&found.experiments, id)?;
            register(session, &loaded, &experiment)?;
        }
        Ok(())
    }
}

fn register(session: &Session, loaded: &Loaded, experiment: &Experiment) -> Result<(), ExitCode> {
    let id = &experiment.id;
    // The manifest of the definition: an exploring experiment has another seed.
    let written = experiment.written();
    let refuse = |code, message: String, help: String| {
        let place = experiment.node.place_of(&["seed"]);
        Err(session.refuse(Diagnostic::error(code, message).at(place).help(help)))
    };
    if !experiment.stochastic() || written.claims.is_empty() {
        let what = if written.claims.is_empty() { "has no claims" } else { "does not depend on its seed" };
        session.output.line(&format!("{id}: nothing to register, the experiment {what}"));
        return Ok(());
    }
    let level = loaded.project.config.claims.level;
    let run = registration::run(&written);
    let claims = registration::claims(&written, &experiment.definitions, level);
    let mut lock = loaded.project.locks.get(id).cloned().unwrap_or_default();
    if lock.last().is_some_and(|last| last.run == run && last.claims == claims) {
        session.output.line(&format!("{id}: registered already"));
        return Ok(());
    }
    if lock.registered.iter().any(|one| one.seed == written.seed) {
        let message =
            format!("the data under the seed {} were seen when `{id}` was registered before", written.seed);
        let help =
            "what was changed since needs data that nobody has seen: give the experiment another `seed`";
        return refuse("seen-seed", message, help.to_owned());
    }
    lock.register(written.seed, run, claims);
    write(session, loaded, id, &lock)?;
    let claims = counted(written.claims.len(), "claim");
    session.output.line(&format!("{id}: {claims} registered under the seed {}", written.seed));
    Ok(())
}

/// Writes the lock of an experiment.
pub(super) fn write(
    session: &Session,
    loaded: &Loaded,
    id: &ExperimentId,
    lock: &Lock,
) -> Result<(), ExitCode> {
    let path = loaded.project.lock_path(id);
    disk::write_durably(&path, lock.text().as_bytes()).map_err(|error| {
        session.output.problem(Diagnostic::error("lock", error.to_string()));
        ExitCode::Failed
    })
}
