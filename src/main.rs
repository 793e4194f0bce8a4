//! The `octavo` program: parses arguments, calls the library, maps the outcome to an exit code.

use clap::Parser;
use octavo::cli::Cli;

fn main() -> std::process::ExitCode {
    octavo::cli::complete();
    Cli::parse().execute().into()
}
