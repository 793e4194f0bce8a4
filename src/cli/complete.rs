//! What shells complete: commands and options, and what only the project knows: its experiments, analyses and profiles.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::Shells;

use super::session::{ExitCode, Session};
use crate::config::cluster;
use crate::environment;
use crate::project::{self, Project};
use crate::registry::Registry;
use crate::toml_tree;

/// The variable by which the script of a shell asks this program what may follow, instead of running a command.
const VARIABLE: &str = "OCTAVO_COMPLETE";

/// Answers a shell that asks what may follow, and ends the program; otherwise it does nothing. Before it, nothing may be written to
/// standard output.
pub fn complete() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// `octavo completions`: the script that makes a shell ask.
pub(super) fn script(shell: clap_complete::Shell, session: &Session) -> ExitCode {
    let mut script = Vec::new();
    let name = shell.to_string();
    let shells = Shells::builtins();
    let written = shells
        .completer(&name)
        .map(|shell| shell.write_registration(VARIABLE, "octavo", "octavo", "octavo", &mut script));
    match written {
        Some(Ok(())) => {
            session.output.result(String::from_utf8_lossy(&script).trim_end()).err().unwrap_or(ExitCode::Good)
        }
        // Both lists are of one crate, and memory cannot be full.
        _ => ExitCode::Failed,
    }
}

/// The command line, with what completes the values that a project names.
fn command() -> Command {
    let (ids, analyses, own) = (experiments, analyses, plugins);
    let complete = |command: Command, argument: &'static str, names: Names| {
        command.mut_arg(argument, |argument| argument.add(completer(names)))
    };
    let in_each = |command: Command, inner: &'static [&'static str], argument: &'static str, names: Names| {
        inner.iter().fold(command, |command, inner| {
            command.mut_subcommand(inner, |inner| complete(inner, argument, names))
        })
    };
    complete(super::Cli::command(), "profile", profiles)
        .mut_subcommand("run", |run| run.mut_arg("experiment", |argument| argument.add(experiment_or_file())))
        .mut_subcommand("power", |power| complete(power, "experiments", ids))
        .mut_subcommand("export", |export| complete(export, "experiments", ids))
        .mut_subcommand("lock", |lock| complete(lock, "experiments", ids))
        .mut_subcommand("verify", |verify| complete(verify, "experiments", ids))
        .mut_subcommand("explain", |explain| complete(explain, "target", ids))
        .mut_subcommand("replicate", |replicate| complete(replicate, "experiments", ids))
        .mut_subcommand("claims", |claims| in_each(claims, &["register"], "experiments", ids))
        .mut_subcommand("new", |new| in_each(new, &["experiment"], "analysis", analyses))
        .mut_subcommand("submit", |submit| complete(submit, "cluster", clusters))
        .mut_subcommand("schema", |schema| complete(schema, "analysis", analyses))
        .mut_subcommand("plugins", |plugins| {
            let plugins = in_each(plugins, &["describe", "labels"], "name", analyses);
            in_each(plugins, &["check"], "name", own)
        })
}

/// The names of a kind that there are, with a project or without.
type Names = fn(Option<&Project>) -> BTreeSet<String>;

fn completer(names: Names) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| candidates(current, names))
}

/// An experiment's id, or the path of a TOML file.
fn experiment_or_file() -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let is_toml = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
        let mut found = candidates(current, experiments);
        // Paths of files in the folder of experiments look like ids; who wants these writes `./`.
        if found.is_empty() {
            found = PathCompleter::any().filter(is_toml).complete(current);
        }
        found
    })
}

/// The names that begin as what is typed.
fn candidates(current: &OsStr, names: Names) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let project = folder(&environment::arguments()).and_then(|folder| {
        let root = project::find_root(&environment::absolute(Path::new(&folder)).ok()?)?;
        Project::load(&root).0
    });
    let fitting = names(project.as_ref()).into_iter().filter(|name| name.starts_with(current));
    fitting.map(CompletionCandidate::new).collect()
}

/// The folder in which the command that is being typed would run. The shell hands it on behind `--`.
fn folder(arguments: &[OsString]) -> Option<OsString> {
    let typed = arguments.iter().skip_while(|argument| *argument != "--").skip(1);
    let mut folder = OsString::from(".");
    let mut typed = typed.peekable();
    while let Some(argument) = typed.next() {
        if argument == "-C" || argument == "--directory" {
            folder.clone_from(typed.peek()?);
        } else if let Some(text) = argument.to_str()
            && let Some(named) = text.strip_prefix("--directory=").or_else(|| text.strip_prefix("-C"))
        {
            folder = named.strip_prefix('=').unwrap_or(named).into();
        }
    }
    Some(folder)
}

fn experiments(project: Option<&Project>) -> BTreeSet<String> {
    project.into_iter().flat_map(|project| project.experiments.keys().map(ToString::to_string)).collect()
}

fn profiles(project: Option<&Project>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in project.into_iter().flat_map(|project| project.experiments.values()) {
        let (tree, _) = toml_tree::parse(source);
        let entries = tree.get("profiles").and_then(|profiles| profiles.entries());
        found.extend(entries.into_iter().flat_map(|entries| entries.keys().cloned()));
    }
    found
}

/// Built-in analyses and the project's own. No plugin is started.
fn analyses(project: Option<&Project>) -> BTreeSet<String> {
    let registry =
        project.map_or_else(Registry::built_in, |project| Registry::of_project(project, &mut Vec::new()));
    registry.names().map(str::to_owned).collect()
}

fn plugins(project: Option<&Project>) -> BTreeSet<String> {
    project.into_iter().flat_map(|project| project.config.plugins.keys().cloned()).collect()
}

/// Those of the project and those that come with the program.
fn clusters(project: Option<&Project>) -> BTreeSet<String> {
    let own = project.into_iter().flat_map(|project| project.config.cluster.keys());
    own.chain(cluster::shipped().keys()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_that_is_completed_is_there() {
        command().debug_assert();
    }

    #[test]
    fn the_folder_is_the_one_that_is_typed() {
        let of = |typed: &[&str]| {
            let arguments: Vec<OsString> = typed.iter().map(OsString::from).collect();
            folder(&arguments).map(|folder| folder.into_string().unwrap())
        };
        let here = Some(".".to_owned());
        let there = Some("a b".to_owned());
        assert_eq!(of(&["octavo", "--", "octavo", "run", ""]), here);
        assert_eq!(of(&["octavo"]), here);
        for typed in
            [&["-C", "a b"][..], &["-Ca b"], &["-C=a b"], &["--directory", "a b"], &["--directory=a b"]]
        {
            assert_eq!(of(&[&["octavo", "-C", "x", "--", "octavo"], typed, &["run", ""]].concat()), there);
        }
        assert_eq!(of(&["octavo", "--", "octavo", "-C"]), None);
    }
}
