//! What a task of an experiment may use.

use std::sync::Arc;
use std::time::Duration;

use octavo_plugin::{DynAnalysis, InputLimits};

use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::registry::Registry;
use crate::toml_tree::Node;

/// What a task of an experiment may use. It is no part of a task's key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskLimits {
    /// Longest time, reading its inputs included.
    pub time: Duration,
    /// What one input may hold.
    pub input: InputLimits,
    /// How often it is tried again after a failure that another try may mend.
    pub retries: u32,
    /// How many threads a plugin may use; what is built in uses those of the program.
    pub threads: Option<usize>,
}

impl TaskLimits {
    pub(super) fn new(limits: &Limits, threads: Option<usize>) -> Self {
        Self { time: limits.duration(), input: limits.input, retries: limits.retries, threads }
    }
}

/// The analysis under the limits of an experiment, and how many threads it has if a plugin computes it. A limit that would bound
/// nothing is an error.
pub(super) fn limited(
    analysis: Arc<dyn DynAnalysis>,
    manifest: &Manifest,
    registry: &Registry,
    node: &Node,
    problems: &mut Vec<Diagnostic>,
) -> (Arc<dyn DynAnalysis>, Option<usize>) {
    let name = &manifest.analysis;
    match registry.limited(name, &manifest.limits) {
        Some((analysis, threads)) => (analysis, Some(threads)),
        None => {
            for key in manifest.limits.of_plugins() {
                let message = format!("`{key}` bounds the processes of a plugin, and `{name}` is built in");
                let place = node.place_of(&["limits", key]);
                let help = "leave it out; `time` and `input` bound every task";
                problems.push(Diagnostic::error("idle-limit", message).at(place).help(help));
            }
            (analysis, None)
        }
    }
}
