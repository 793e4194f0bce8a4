//! `octavo clean` and `octavo gc`.

use clap::Args;

use super::session::{ExitCode, Session};

/// Arguments of `octavo clean`.
#[derive(Args, Debug)]
pub(super) struct Clean {
    /// Remove only the site and keep remembered results
    #[arg(long)]
    site: bool,
}

impl Clean {
    pub(super) fn execute(&self, _session: &Session) -> ExitCode {
        let _ = self.site;
        ExitCode::Good
    }
}

pub(super) fn gc(_session: &Session) -> ExitCode {
    ExitCode::Good
}
