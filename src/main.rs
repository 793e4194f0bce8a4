//! The `octavo` program: parses arguments, calls the library, maps the outcome to an exit code.

use octavo::cli::Cli;

fn main() -> std::process::ExitCode {
    octavo::cli::complete();
    let words: Vec<_> = std::env::args_os().collect();
    Cli::read(&words).map_or_else(|code| code, Cli::execute).into()
}
