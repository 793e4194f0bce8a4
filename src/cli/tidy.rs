//! `octavo clean` and `octavo gc`.

use clap::Args;

use super::session::{ExitCode, Session};
use crate::diagnostic::Diagnostic;
use crate::publish::MARKER;
use crate::store::Store;

/// Number of builds whose results `gc` keeps.
const KEPT_BUILDS: usize = 2;

/// Arguments of `octavo clean`.
#[derive(Args, Debug)]
pub(super) struct Clean {
    /// Remove only the site and keep remembered results
    #[arg(long)]
    site: bool,
}

impl Clean {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.clean(session).err().unwrap_or(ExitCode::Good)
    }

    fn clean(&self, session: &Session) -> Result<(), ExitCode> {
        let (project, _) = session.project()?;
        let fail = |diagnostic: Diagnostic| {
            session.output.problem(diagnostic);
            ExitCode::Failed
        };
        let site = session.site(&project);
        let shown = session
            .global
            .output
            .as_ref()
            .map_or_else(|| project.config.output.clone(), |o| o.display().to_string());
        if site.join(MARKER).is_file() {
            std::fs::remove_dir_all(&site).map_err(|error| {
                fail(Diagnostic::error(
                    "unwritable",
                    format!("`{}` cannot be removed: {error}", site.display()),
                ))
            })?;
            session.output.line(&format!("removed `{shown}`"));
        } else if site.exists() {
            let message = format!("`{shown}` was not written by Octavo and is kept");
            session.output.problem(Diagnostic::warning("not-ours", message));
        }
        if !self.site {
            let report = Store::clean(&project.root, &mut |text| session.output.line(text))
                .map_err(|error| fail(error.diagnostic()))?;
            session.output.line(&format!("removed {} remembered files", report.files));
        }
        Ok(())
    }
}

pub(super) fn gc(session: &Session) -> ExitCode {
    let Ok((project, _)) = session.project() else { return ExitCode::Definition };
    let done = Store::exclusive(&project.root, &mut |text| session.output.line(text))
        .and_then(|store| store.gc(KEPT_BUILDS));
    match done {
        Ok(report) => {
            session.output.line(&format!("removed {} records and {} results", report.actions, report.blobs));
            ExitCode::Good
        }
        Err(error) => {
            session.output.problem(error.diagnostic());
            ExitCode::Failed
        }
    }
}
