//! `octavo list`: what there is.

use clap::{Args, ValueEnum};

use super::session::{ExitCode, Session};
use crate::build::Definitions;

/// Arguments of `octavo list`.
#[derive(Args, Debug)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value_t = What::Experiments)]
    what: What,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Experiments with their analysis and number of tasks.
    Experiments,
    /// Markdown pages.
    Pages,
    /// Analyses with their revision.
    Analyses,
}

impl List {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.lines(session)
            .and_then(|lines| session.output.result(&lines.join("\n")))
            .err()
            .unwrap_or(ExitCode::Good)
    }

    fn lines(&self, session: &Session) -> Result<Vec<String>, ExitCode> {
        if self.what == What::Analyses {
            return super::plugins::lines(session).map(|(lines, _)| lines);
        }
        if self.what == What::Pages {
            let (project, problems) = session.project()?;
            session.report(problems)?;
            return Ok(project.pages.keys().cloned().collect());
        }
        let loaded = session.loaded()?;
        let Definitions { experiments, problems, .. } = loaded.definitions(&session.choice());
        session.output.diagnostics(&[loaded.problems, problems].concat());
        let line = |experiment: &std::sync::Arc<crate::experiment::Experiment>| {
            let tasks: u32 = experiment
                .points
                .iter()
                .map(|point| if point.stochastic { experiment.replicates } else { 1 })
                .sum();
            let title = experiment.manifest.title.get("en").unwrap_or_default();
            format!("{:<28} {:<12} {tasks:>5} tasks  {title}", experiment.id, experiment.manifest.analysis)
        };
        Ok(experiments.iter().map(line).collect())
    }
}
