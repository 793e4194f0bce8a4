//! Which program, under which limits; and what it may say about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::process::Describe;
use octavo_plugin::{Digest, Failure, OutputSchema, Schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::files;
use crate::environment;
use crate::manifest::OwnLimits;

/// Most files that are told to be missing in `inputs`.
const MOST_UNNAMED: usize = 20;

/// A plugin as `octavo.toml` has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PluginConfig {
    /// The program and its arguments. It is started in the project's folder, without a shell.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Files that decide what it computes, such as `plugins/*.py`: when one changes, its tasks run again. Files of the project
    /// that `command` names are among them.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Longest time until it answers the first line: what it imports is loaded until then.
    #[serde(default = "start_limit")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-unit" = "s"))]
    pub start_limit: f64,
    /// What it may use.
    #[serde(default)]
    pub limits: PluginLimits,
}

fn start_limit() -> f64 {
    120.0
}

/// What the processes of a plugin may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PluginLimits {
    /// Longest time of a task; by default, and at most, `limits.time` of the project.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-unit" = "s"))]
    pub time: Option<f64>,
    /// Most memory of a process.
    #[schemars(range(min = 16, max = 1_000_000_000), extend("x-unit" = "MiB"))]
    pub memory: u64,
    /// Most bytes of messages, log and files of a task together. Its values take at most eight times as much memory.
    #[schemars(range(min = 1, max = 1_000_000), extend("x-unit" = "MiB"))]
    pub output: u64,
    /// Threads that OpenMP and OpenBLAS use.
    #[schemars(range(min = 1, max = 1024))]
    pub threads: usize,
    /// Most processes in its group.
    #[schemars(range(min = 1, max = 10_000))]
    pub processes: usize,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self { time: None, memory: 4096, output: 64, threads: 1, processes: 32 }
    }
}

/// Limits in units of the system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Longest time until it answers the first line.
    pub start: Duration,
    /// Longest time of a task.
    pub time: Duration,
    /// Bytes of memory of a process.
    pub memory: u64,
    /// Bytes of messages, log and files of a task.
    pub output: u64,
    /// Threads of OpenMP and OpenBLAS.
    pub threads: usize,
    /// Processes in the group.
    pub processes: usize,
}

impl Limits {
    /// How many threads its processes are told to use. Results are the same on any number, which `octavo verify` tries.
    pub(super) fn told_threads(&self) -> usize {
        self.threads + usize::from(environment::is_elsewhere())
    }

    /// Those of the tasks of an experiment that has limits of its own.
    #[must_use]
    pub(super) fn with(self, own: &OwnLimits) -> Self {
        Self {
            start: self.start,
            time: own.time.map_or(self.time, |time| Duration::from_secs_f64(time.min(1e9))),
            memory: own.memory.map_or(self.memory, |memory| memory << 20),
            output: own.output.map_or(self.output, |output| output << 20),
            threads: own.threads.unwrap_or(self.threads),
            processes: own.processes.unwrap_or(self.processes),
        }
    }
}

/// A program that computes an analysis.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its name in `octavo.toml`.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The project's folder.
    pub root: PathBuf,
    /// What it may use.
    pub limits: Limits,
    /// Digest of its command and files.
    pub digest: Digest,
    /// These files, by their paths from the project's folder.
    pub files: BTreeSet<String>,
    /// The patterns of `inputs`.
    pub inputs: Vec<String>,
    /// This program, which sets limits for itself before it becomes the plugin.
    pub octavo: PathBuf,
}

impl Plugin {
    /// A plugin of a project. `time` is the project's limit.
    ///
    /// # Errors
    /// A sentence that says which file of `inputs` cannot be used.
    pub fn new(
        name: &str,
        config: &PluginConfig,
        root: &Path,
        time: f64,
        octavo: PathBuf,
    ) -> Result<Self, String> {
        let files = files::files(root, &config.command, &config.inputs)?;
        let digest = files::digest(root, &config.command, &files)?;
        let limits = Limits {
            start: Duration::from_secs_f64(config.start_limit.min(1e9)),
            time: Duration::from_secs_f64(config.limits.time.unwrap_or(time).min(1e9)),
            memory: config.limits.memory << 20,
            output: config.limits.output << 20,
            threads: config.limits.threads,
            processes: config.limits.processes,
        };
        let (name, command, root) = (name.to_owned(), config.command.clone(), root.to_path_buf());
        Ok(Self { name, command, root, limits, digest, files, inputs: config.inputs.clone(), octavo })
    }

    /// Of the files that it says it has loaded, those of the project that do not decide its digest: an edit of one leaves old
    /// results.
    pub(super) fn unnamed(&self, loaded: &[String]) -> Vec<String> {
        let plain = |path: &str| path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        let of_project = |path: &&String| {
            plain(path) && !self.files.contains(path.as_str()) && self.root.join(path.as_str()).is_file()
        };
        loaded.iter().filter(of_project).take(MOST_UNNAMED).cloned().collect()
    }

    /// The line that names these files, too.
    pub(super) fn inputs_with(&self, files: &[String]) -> String {
        let all = self.inputs.iter().chain(files).map(|file| format!("\"{file}\""));
        format!("inputs = [{}]", all.collect::<Vec<_>>().join(", "))
    }
}

/// The project's files that decide what a plugin computes, and the folders that they lie in.
pub fn files_of(config: &PluginConfig, root: &Path) -> BTreeSet<PathBuf> {
    let files = files::files(root, &config.command, &config.inputs).unwrap_or_default();
    let files = files.into_iter().map(|file| root.join(file));
    files.flat_map(|file| [file.parent().map(Path::to_owned), Some(file)]).flatten().collect()
}

/// The contents of the files that decide what a plugin computes, by their paths from the project's folder.
///
/// # Errors
/// A sentence that says which one cannot be read.
pub fn sources(config: &PluginConfig, root: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    files::contents(root, files::files(root, &config.command, &config.inputs)?)
}

/// Whether any file of the project is known to decide what a plugin computes.
pub fn has_files(config: &PluginConfig, root: &Path) -> bool {
    !config.inputs.is_empty() || config.command.iter().any(|word| files::named(root, word).is_some())
}

/// Whether a plugin may have this name.
pub fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(good)
}

/// Reads what a plugin says about itself.
pub(super) fn accept(plugin: &Plugin, value: Json) -> Result<(Describe, Schema), Failure> {
    read(plugin, value).map_err(|message| {
        Failure::bug(format!(
            "the plugin `{}` describes itself in a way that cannot be used: {message}",
            plugin.name
        ))
        .help(format!("`octavo plugins check {}` says more", plugin.name))
    })
}

fn read(plugin: &Plugin, value: Json) -> Result<(Describe, Schema), String> {
    let about: Describe = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if about.name != plugin.name {
        let shown: String = about.name.chars().take(64).flat_map(char::escape_default).collect();
        return Err(format!("it calls itself `{shown}`, and octavo.toml calls it `{}`", plugin.name));
    }
    if about.revision == 0 {
        return Err("its `revision` is 0; revisions begin at 1".to_owned());
    }
    if about.examples.is_empty() {
        return Err("its list `examples` is empty; give at least `\"\"`".to_owned());
    }
    let schema = Schema::parse(&about.schema).map_err(|error| error.to_string())?;
    if !matches!(schema.kind, octavo_plugin::SchemaKind::Record(_)) {
        return Err("its `schema` is not that of an object with `properties`".to_owned());
    }
    accept_outputs(&about.outputs)?;
    accept_figures(&about.figures)?;
    Ok((about, schema))
}

/// Names of outputs become columns, files and addresses.
pub(super) fn accept_outputs(outputs: &OutputSchema) -> Result<(), String> {
    let scalars = outputs.scalars.keys();
    let tables =
        outputs.tables.iter().flat_map(|(name, table)| std::iter::once(name).chain(table.columns.keys()));
    let drawings = outputs
        .drawings
        .iter()
        .flat_map(|(name, drawing)| std::iter::once(name).chain(drawing.attributes.keys()));
    for (name, drawing) in &outputs.drawings {
        if let Some(why) = drawing.contradiction() {
            return Err(format!("the drawing `{name}`: {why}"));
        }
    }
    for name in scalars.chain(tables).chain(drawings) {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.len() > 64 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(good)
        {
            let shown: String = name.chars().take(64).flat_map(char::escape_default).collect();
            return Err(format!(
                "`{shown}` is no name of an output; use letters, digits and `_`, a letter first"
            ));
        }
    }
    if outputs.tables.contains_key("scalars") || outputs.drawings.contains_key("scalars") {
        return Err("`scalars` is the table of all scalars; give the output another name".to_owned());
    }
    match outputs.tables.keys().find(|name| outputs.drawings.contains_key(*name)) {
        Some(name) => Err(format!("`{name}` is a table and a drawing")),
        None => Ok(()),
    }
}

pub(super) fn accept_figures(figures: &IndexMap<String, Figure>) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let bad = figures.keys().find(|name| {
        name.len() > 64 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(good)
    });
    match bad {
        Some(name) => {
            let shown: String = name.chars().take(64).flat_map(char::escape_default).collect();
            Err(format!("`{shown}` is no name of a figure; use letters, digits, `_` and `-`, a letter first"))
        }
        None => Ok(()),
    }
}
