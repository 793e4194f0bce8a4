//! The build that `octavo verify` starts in a copy of the project, where all that must not matter is otherwise.

use clap::Args;
use rustix::fs::Mode;

use super::{Steps, checked, refused, remembered, remembering};
use crate::build::{self, Pace, Place};
use crate::cache::TaskCache;
use crate::cli::progress::Watcher;
use crate::cli::session::{ExitCode, Session};
use crate::environment;
use crate::publish::Publisher;

/// Arguments of the hidden command `octavo elsewhere`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Elsewhere {
    /// Publish drafts, too
    #[arg(long)]
    drafts: bool,
    /// Only compute these experiments, and publish nothing
    #[arg(long = "experiment", value_name = "ID")]
    experiments: Vec<String>,
}

impl Elsewhere {
    pub(in crate::cli) fn execute(&self, session: &Session) -> ExitCode {
        // Files of this build are nobody else's.
        rustix::process::umask(Mode::from_raw_mode(0o077));
        self.build(session).unwrap_or_else(|code| code)
    }

    fn build(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let (loaded, checked, problems) = checked(session, self.drafts)?;
        session.report_but_plugins(problems)?;
        if checked.theme.is_none() {
            return Err(ExitCode::Definition);
        }
        let destination = session.destination(&loaded.project);
        Publisher::check(&destination).map_err(refused(session))?;
        let (store, program) = remembering(session, &loaded)?;
        let date = environment::source_date_epoch().ok().flatten();
        let place = Place { store: &store, program, date };
        let steps = Steps {
            session,
            loaded: &loaded,
            checked: &checked,
            place,
            locked: true,
            from_store: false,
            summary: None,
        };
        let code = steps.elsewhere(&self.experiments, &destination);
        remembered(session, &store, program, &checked);
        code
    }
}

impl Steps<'_> {
    /// Computes these experiments, or computes and publishes everything. No lock is looked at or written.
    fn elsewhere(
        &self,
        experiments: &[String],
        to: &crate::publish::Destination,
    ) -> Result<ExitCode, ExitCode> {
        let (session, plan) = (self.session, &self.checked.plan);
        let mut tasks = plan.tasks_of(experiments);
        shuffle(&mut tasks);
        let watcher = Watcher::new(plan, &tasks, &session.output);
        let pace = Pace { jobs: session.jobs, observer: &watcher, stop: &session.stop };
        let mut ran = build::run(plan, &tasks, &TaskCache::new(self.place.store), pace);
        watcher.finish();
        self.go_on(&ran)?;
        let stopped = session.tell_stopped_plugins(&self.loaded.registry);
        if !experiments.is_empty() {
            let good = stopped == 0 && tasks.iter().all(|task| ran.outcomes[*task].done().is_some());
            return Ok(if good { ExitCode::Good } else { ExitCode::Failed });
        }
        let mut rendered = self.render(&mut ran)?;
        let good = self.is_good(&ran, &rendered) && stopped == 0;
        self.publish(&ran, &mut rendered, to, false)?;
        Ok(if good { ExitCode::Good } else { ExitCode::Failed })
    }
}

/// Another order, the same each time: no difference may come and go.
fn shuffle(tasks: &mut [usize]) {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for last in (1..tasks.len()).rev() {
        // The numbers of a linear congruence are good enough in their upper half.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap_or_default() % (last + 1);
        tasks.swap(last, at);
    }
}

#[cfg(test)]
mod tests {
    use super::shuffle;

    #[test]
    fn another_order_has_all_tasks_and_is_another() {
        let mut tasks: Vec<usize> = (0..50).collect();
        shuffle(&mut tasks);
        assert!(tasks != (0..50).collect::<Vec<_>>());
        tasks.sort_unstable();
        assert_eq!(tasks, (0..50).collect::<Vec<_>>());
        shuffle(&mut []);
    }
}
