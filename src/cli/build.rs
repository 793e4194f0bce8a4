//! `octavo build` and `octavo check`.

use clap::Args;

use super::session::{ExitCode, Session};

/// Arguments of `octavo build`.
#[derive(Args, Debug)]
pub(super) struct Build {
    /// Folder to write; by default the one in octavo.toml
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<std::path::PathBuf>,
}

impl Build {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let _ = &self.output;
        check(session)
    }
}

pub(super) fn check(session: &Session) -> ExitCode {
    let result = session.project().and_then(|(project, mut problems)| {
        session.experiments(&project, &[], &mut problems);
        session.report(problems)
    });
    result.err().unwrap_or(ExitCode::Good)
}
