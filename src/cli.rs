//! The command line: one struct per subcommand.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commit;

mod build;
mod chosen;
mod claims;
mod complete;
mod diff;
mod events;
mod export;
mod list;
mod lock;
mod man;
mod new;
mod new_ci;
mod new_plugin;
mod news;
mod pdf;
mod plugins;
mod power;
mod probe;
mod progress;
mod replicate;
mod reproduce;
mod run;
mod run_json;
mod schema;
mod serve;
mod session;
mod status;
mod store;
mod submit;
mod summary;
mod tasks;
mod tidy;
mod timings;
mod verify;

pub use complete::complete;
pub use session::ExitCode;

/// What stands below the list of commands.
const EXIT_CODES: &str = "Exit codes: 0 all is good, 1 something failed, 2 the command line or a definition is wrong, 3 results differ \
                          from a lock or from those of another build, 4 a claim turned out other than expected, 130 stopped by Ctrl-C.";

/// Builds sites of computed results: TOML defines experiments, plugins run them, Markdown explains them.
#[derive(Parser, Debug)]
#[command(name = "octavo", version = version(), max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The version, and the commit if it is known.
fn version() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    let number = env!("CARGO_PKG_VERSION");
    TEXT.get_or_init(|| match commit::commit() {
        Some(commit) => format!("{number} (commit {commit})"),
        None => number.to_owned(),
    })
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Run as if started in this folder
    #[arg(short = 'C', long = "directory", global = true, value_name = "FOLDER", default_value = ".")]
    directory: PathBuf,
    /// Tasks and threads at once; by default one per processor
    #[arg(short, long, global = true, value_name = "N")]
    jobs: Option<usize>,
    /// Say only what went wrong
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more: every task, also those that were remembered
    #[arg(short, long, global = true)]
    verbose: bool,
    /// How progress and problems are written to standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// When to use colour; the environment variable `NO_COLOR` says never
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Use the changes of this profile, where experiments define it
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Folder of the site; by default the one in octavo.toml
    #[arg(short, long, global = true, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Treat warnings as errors, and publish nothing unless everything is good
    #[arg(long, global = true)]
    strict: bool,
}

/// How progress and problems are written.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum LogFormat {
    /// For people: progress bars on a terminal, elsewhere a line an experiment.
    Text,
    /// One JSON object per line.
    Json,
}

/// When to use colour.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Check and run all experiments and publish the site
    Build(build::Build),
    /// Show the site in a browser while it is written
    Serve(serve::Serve),
    /// Check all definitions and pages without running anything
    Check(build::Check),
    /// Say what a build would run, and why
    Status(status::Status),
    /// Say which input made something what it is
    ///
    /// It compares what decides the tasks of an experiment now with what decided those that were computed last, and these with the
    /// ones before: parameters, sweep, seed, inputs, revisions, files of plugins.
    Explain(status::Explain),
    /// Run one experiment and print its results, or a share of the tasks of a whole project
    Run(run::Run),
    /// List the tasks of the project, with what each of them will take
    Tasks(tasks::Tasks),
    /// Compute what is missing on a cluster, or in several processes here, and build
    ///
    /// Jobs share the store of the project. It alone says how far they are, so that this command may end at any moment: started again, it
    /// takes up where it was. What has no result is submitted again a few times. docs/clusters.md has the whole way.
    Submit(submit::Submit),
    /// Say what must be the same on all machines that compute for the project, or compare this one with that
    Probe(probe::Probe),
    /// Register what is claimed before data are seen
    Claims(claims::Claims),
    /// Say how many replicates claims need for the smallest effect that they are to find
    Power(power::Power),
    /// Run registered claims again on fresh seeds, and write down whether they come back
    Replicate(replicate::Replicate),
    /// Say which results are not as they were accepted, and accept them
    ///
    /// Each experiment has a `.lock` beside it, which `octavo build` writes and you commit. It holds named values, verdicts of
    /// claims and digests of what was computed. Without `--accept` nothing is written, and the exit code is 3 if results drifted.
    Lock(lock::LockCommand),
    /// Say in what results differ from those of another revision
    ///
    /// Named values, verdicts, outputs and figures are compared with those that the locks of a revision of Git hold. What is not computed yet is
    /// computed, unless `--locks` compares the locks as they stand.
    Diff(diff::Diff),
    /// Write all values, claims and tables as CSV files with a dictionary of their columns
    ///
    /// The folder is a data package (datapackage.org) that libraries for many languages read; `datapackage.json` says what each column
    /// is, its type and its unit. What is not computed yet is computed.
    Export(export::ExportCommand),
    /// Print pages of the published site into PDF files
    ///
    /// A Chromium that is installed prints each page into a file of its own, as its own window would: with page numbers, and an appendix of
    /// seeds, digests, numbers behind verdicts, and addresses of data and links.
    Pdf(pdf::Pdf),
    /// Compute a downloaded figure again, from the file alone
    ///
    /// Figures that Octavo draws carry their recipe: definitions, seeds, digests of inputs, files of plugins, and digests of what came
    /// out. It is followed in a fresh folder, without the project. The exit code is 3 if something else comes out, 1 if it cannot
    /// be followed, of which it says what is missing. Where a plugin computed it, the plugin's code is run only with `--trust-plugin`.
    Reproduce(reproduce::Reproduce),
    /// List experiments, pages and analyses
    List(list::List),
    /// Make a new project, experiment or plugin
    New(new::New),
    /// Remove the site and everything that was remembered
    Clean(tidy::Clean),
    /// Remove remembered results that no definition needs and nobody used for a while
    Gc(tidy::Gc),
    /// Say how much is remembered, how old it is and whose; write it into a file, or take it up from one
    ///
    /// Results of tasks are told by experiment, as it is defined today under any profile; what none of them names is told as such.
    Store(store::StoreCommand),
    /// Build once more elsewhere, and compare all bytes with those that stand
    ///
    /// The project is copied into a fresh folder that remembers nothing, and built with another number of threads, another lane width,
    /// shuffled tasks, another time zone, locale and mask of permissions. Each difference is told as what it is: a cell of a table,
    /// a value, a verdict, a figure, a line of a page. The exit code is 3 if there are any.
    Verify(verify::Verify),
    /// List plugins, describe one, or try one out
    Plugins(plugins::Plugins),
    /// Print the JSON Schema of a kind of file, for editors
    Schema(schema::Schema),
    /// Set limits and become a plugin; for Octavo itself
    #[command(hide = true)]
    PluginExec(crate::process::PluginExec),
    /// Build what `octavo verify` compares; for Octavo itself
    #[command(hide = true)]
    Elsewhere(build::Elsewhere),
    /// Print a page for `man`
    Man(man::Man),
    /// Print a completion script for a shell
    ///
    /// It also completes experiments, analyses and profiles of the project. Read it when the shell starts, so that it fits the
    /// program: `source <(octavo completions bash)` in ~/.bashrc, or the same for zsh; `octavo completions fish | source`.
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Reads the words of a command line, the program's name first. One that cannot be read is told in the form that it asks for.
    ///
    /// # Errors
    /// How the program ends where there is no command: well if help was asked for.
    pub fn read(words: &[OsString]) -> Result<Self, ExitCode> {
        Self::try_parse_from(words).map_err(|error| session::tell_usage(&error, words))
    }

    /// Does what was asked and says how it went.
    pub fn execute(self) -> ExitCode {
        if let Command::PluginExec(exec) = &self.command {
            return session::fail_to_start(&exec.execute());
        }
        let session = match session::Session::new(self.global) {
            Ok(session) => session,
            Err(code) => return code,
        };
        let code = match self.command {
            Command::Build(build) => build.execute(&session),
            Command::Serve(serve) => serve.execute(&session),
            Command::Check(check) => check.execute(&session),
            Command::Status(status) => status.execute(&session),
            Command::Explain(explain) => explain.execute(&session),
            Command::Run(run) => run.execute(&session),
            Command::Tasks(tasks) => tasks.execute(&session),
            Command::Submit(submit) => submit.execute(&session),
            Command::Probe(probe) => probe.execute(&session),
            Command::Claims(claims) => claims.execute(&session),
            Command::Power(power) => power.execute(&session),
            Command::Replicate(replicate) => replicate.execute(&session),
            Command::Lock(lock) => lock.execute(&session),
            Command::Diff(diff) => diff.execute(&session),
            Command::Export(export) => export.execute(&session),
            Command::Pdf(pdf) => pdf.execute(&session),
            Command::Reproduce(reproduce) => reproduce.execute(&session),
            Command::List(list) => list.execute(&session),
            Command::New(new) => new.execute(&session),
            Command::Clean(clean) => clean.execute(&session),
            Command::Gc(gc) => gc.execute(&session),
            Command::Store(store) => store.execute(&session),
            Command::Verify(verify) => verify.execute(&session),
            Command::Plugins(plugins) => plugins.execute(&session),
            Command::Schema(schema) => schema.execute(&session),
            Command::PluginExec(exec) => session::fail_to_start(&exec.execute()),
            Command::Elsewhere(elsewhere) => elsewhere.execute(&session),
            Command::Man(man) => man.execute(&session),
            Command::Completions { shell } => complete::script(shell, &session),
        };
        session.ended(code)
    }
}
