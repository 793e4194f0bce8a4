//! `octavo man`: pages for `man`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man as Page;

use super::session::{ExitCode, Session};
use crate::diagnostic::Diagnostic;
use crate::plain;

/// Arguments of `octavo man`.
#[derive(Args, Debug)]
pub(super) struct Man {
    /// Of this command, such as `claims register`; by default of the program
    #[arg(value_name = "COMMAND", conflicts_with = "to")]
    command: Vec<String>,
    /// Write all pages into this folder instead, such as `~/.local/share/man/man1`
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

impl Man {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let pages = pages();
        let told = match &self.to {
            Some(folder) => write_all(&pages, &session.folder.join(folder)).map(|()| {
                session.output.line(&format!("wrote {} pages", pages.len()));
                ExitCode::Good
            }),
            None => self.print(session, &pages),
        };
        told.unwrap_or_else(|problem| session.refuse(problem))
    }

    fn print(&self, session: &Session, pages: &[(String, String)]) -> Result<ExitCode, Diagnostic> {
        let asked = self.command.join(" ");
        // As they are typed after the program's name, which all have in common.
        let words = |name: &str| name.trim_start_matches("octavo").trim_start_matches('-').replace('-', " ");
        let Some((_, text)) = pages.iter().find(|(name, _)| words(name) == asked) else {
            let known: Vec<String> = pages.iter().map(|(name, _)| words(name)).collect();
            let message = format!("there is no command `{asked}`");
            return Err(Diagnostic::error("usage", message).nearest(&asked, known.iter().map(String::as_str)));
        };
        Ok(session.output.result(text.trim_end()).err().unwrap_or(ExitCode::Good))
    }
}

/// The page of every command that is not hidden, by name: `octavo`, `octavo-build`, `octavo-claims-register`.
fn pages() -> Vec<(String, String)> {
    let mut command = super::Cli::command().disable_help_subcommand(true);
    command.build();
    let mut found = Vec::new();
    collect(&command, "octavo", &mut found);
    found
}

fn collect(command: &Command, name: &str, found: &mut Vec<(String, String)>) {
    let mut roff = Vec::new();
    if Page::new(command.clone())
        .source(format!("octavo {}", env!("CARGO_PKG_VERSION")))
        .render(&mut roff)
        .is_ok()
    {
        found.push((name.to_owned(), String::from_utf8_lossy(&roff).into_owned()));
    }
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), found);
    }
}

fn write_all(pages: &[(String, String)], folder: &std::path::Path) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| {
        let message = format!("pages cannot be written to `{}`: {error}", plain::path(folder));
        Diagnostic::error("unwritable", message)
    };
    fs::create_dir_all(folder).map_err(failed)?;
    pages
        .iter()
        .try_for_each(|(name, text)| fs::write(folder.join(format!("{name}.1")), text))
        .map_err(failed)
}
