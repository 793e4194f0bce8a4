//! `octavo serve`.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use clap::Args;

use super::events::Event;
use super::session::{ExitCode, Session};
use crate::build;
use crate::diagnostic::Diagnostic;
use crate::environment;
use crate::serve::{Settings, Tell, serve};

/// Arguments of `octavo serve`.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Port to listen on, or the next one that is free; 0 for any
    #[arg(short, long, value_name = "N", default_value_t = 4000)]
    port: u16,
    /// Open the site in a browser
    #[arg(long)]
    open: bool,
    /// Show pages that say `draft = true`, too, each with a mark
    #[arg(long)]
    drafts: bool,
    /// Look at files again and again: for folders of other machines, of whose changes the system does not tell
    #[arg(long)]
    poll: bool,
}

impl Serve {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.serve(session).err().unwrap_or(ExitCode::Good)
    }

    fn serve(&self, session: &Session) -> Result<(), ExitCode> {
        if session.global.output.is_some() {
            let problem =
                Diagnostic::error("usage", "`octavo serve` writes no site, so that `--output` means nothing");
            return Err(
                session.refuse(problem.help("leave it out; `octavo build --output FOLDER` writes one"))
            );
        }
        let root = session.root()?;
        let date = environment::source_date_epoch()
            .map_err(|error| session.refuse(Diagnostic::error("environment", error.to_string())))?;
        let fail = |problem: Diagnostic| {
            session.output.problem(problem);
            ExitCode::Failed
        };
        let store = session.store_at(&root)?;
        let program = build::program_digest(&store).map_err(|error| {
            fail(Diagnostic::error("program", format!("this program's file cannot be read: {error}")))
        })?;
        session.catch_interrupts();
        let settings = Settings {
            // The system tells of changes by real paths.
            root: std::fs::canonicalize(&root).unwrap_or(root),
            choice: session.choice(),
            drafts: self.drafts,
            strict: session.global.strict,
            poll: self.poll,
            port: self.port,
            jobs: session.jobs_beside(),
            date,
            stop: std::sync::Arc::clone(&session.stop),
        };
        let mut opened = |address: &str| {
            session.output.line(&format!("serving {address} (end with Ctrl-C)"));
            session.output.event(&Event::Serving { address: address.to_owned() });
            if self.open {
                open(address, session);
            }
        };
        let done = serve(&settings, &store, program, &Terminal(session), &mut opened);
        if let Err(error) = store.finish() {
            session.output.problem(error.diagnostic());
        }
        done.map_err(fail)
    }
}

/// What happens, told on the terminal.
struct Terminal<'a>(&'a Session);

impl Tell for Terminal<'_> {
    fn line(&self, text: &str) {
        self.0.output.line(text);
    }

    fn problems(&self, problems: &[Diagnostic]) {
        self.0.output.diagnostics(problems);
    }
}

/// Opens an address by the system's own program for that. It ends by itself, and nobody waits for it.
fn open(address: &str, session: &Session) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = Command::new(program)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let told = match started {
        Ok(mut child) => {
            let ended = std::thread::Builder::new().spawn(move || child.wait());
            return drop(ended);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => format!("there is no `{program}`"),
        Err(error) => error.to_string(),
    };
    session.output.line(&format!("warning: no browser was opened: {told}; open {address} yourself"));
}
