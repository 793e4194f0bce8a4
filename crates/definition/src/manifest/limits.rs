//! Limits of an experiment's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a task may use, where that is not what octavo.toml says. What is not there is as there. No key of a task depends on it: a
/// result is the same whatever it might have used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OwnLimits {
    /// Longest time of a task.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-unit" = "s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// Most tasks of the experiment.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<usize>,
    /// What one input of a task may hold.
    pub input: OwnInputLimits,
    /// Of a plugin: most memory of a process.
    #[schemars(range(min = 16, max = 1_000_000_000), extend("x-unit" = "MiB"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Of a plugin: most bytes of messages, log and files of a task together.
    #[schemars(range(min = 1, max = 1_000_000), extend("x-unit" = "MiB"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// Of a plugin: threads that OpenMP and OpenBLAS use.
    #[schemars(range(min = 1, max = 1024))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Of a plugin: most processes in its group.
    #[schemars(range(min = 1, max = 10_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<usize>,
}

/// What one input of a task may hold, where that is not what octavo.toml says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OwnInputLimits {
    /// Most MiB of a file.
    #[schemars(range(min = 1, max = 1_000_000), extend("x-unit" = "MiB"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Most numbers, once it is read.
    #[schemars(range(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<u64>,
}

impl OwnLimits {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The keys that bound the processes of a plugin and mean nothing for what is built in.
    pub fn of_plugins(&self) -> Vec<&'static str> {
        let keys = [
            ("memory", self.memory.is_some()),
            ("output", self.output.is_some()),
            ("threads", self.threads.is_some()),
            ("processes", self.processes.is_some()),
        ];
        keys.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect()
    }
}
