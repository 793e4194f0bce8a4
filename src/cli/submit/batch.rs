//! What is written down of work that was submitted: `.octavo/clusters/NAME/state.json`, and a folder a batch with the list of its tasks, the
//! script of its jobs and what these said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use octavo_plugin::{Digest, Failure, FailureKind};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::engine::{About, Engine};
use crate::disk::{self, DiskError};

/// What is known of work on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The number of the last batch.
    pub(super) batch: u64,
    /// The batch that was submitted and is not known to be over.
    pub(super) running: Option<Batch>,
    /// How tasks failed, by origin.
    pub(super) failed: BTreeMap<Digest, Failed>,
    /// Batches in a row that brought nothing.
    pub(super) fruitless: u32,
}

impl State {
    /// What is written in a folder; nothing if that cannot be read.
    pub(super) fn read(folder: &Path) -> Self {
        let bytes = disk::read(&folder.join("state.json")).ok().flatten();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), DiskError> {
        let bytes = serde_json::to_vec(self).expect("a state is plain data");
        disk::write_durably(&folder.join("state.json"), &bytes)
    }
}

/// How a task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Failed {
    /// How often.
    pub(super) times: u32,
    /// The last batch in which it did.
    pub(super) batch: u64,
    /// Why, in that batch.
    pub(super) failure: Failure,
}

impl Failed {
    /// Whether it fails the same on every machine, as it does for its numbers and parameters.
    pub(super) fn is_the_same_everywhere(&self) -> bool {
        matches!(self.failure.kind, FailureKind::Numeric | FailureKind::User)
    }

    /// What is told of it.
    pub(super) fn words(&self) -> String {
        let Self { times, failure, .. } = self;
        if self.is_the_same_everywhere() {
            return format!("it fails the same on every machine ({}): {failure}", failure.kind);
        }
        format!("it failed {times} times, last ({}): {failure}", failure.kind)
    }
}

/// Jobs that were submitted together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Batch {
    /// Its number.
    pub(super) number: u64,
    /// How many jobs it has.
    pub(super) jobs: usize,
    /// By what the engine knows them.
    pub(super) id: String,
    /// The keys and origins of its tasks.
    pub(super) tasks: Vec<(Digest, Digest)>,
}

impl Batch {
    /// Its folder.
    pub(super) fn folder(&self, of: &Path) -> PathBuf {
        folder_of(of, self.number)
    }
}

/// The folder of a batch by its number.
pub(super) fn folder_of(of: &Path, batch: u64) -> PathBuf {
    of.join(format!("batch-{batch}"))
}

/// What a batch is about, with the paths in its folder.
pub(super) fn about<'a>(batch: &'a Batch, folder: &'a Path, script: &'a Path) -> About<'a> {
    About { folder, script, jobs: batch.jobs, id: &batch.id }
}

/// Writes the files of a batch; the path of the script of its jobs.
pub(super) fn write(
    folder: &Path,
    engine: &Engine<'_>,
    (tasks, probe): (&str, &str),
    jobs: usize,
    profile: Option<&str>,
) -> Result<PathBuf, DiskError> {
    disk::create_folders(folder)?;
    let path = |name: &str| folder.join(name);
    disk::write_durably(&path("tasks.jsonl"), tasks.as_bytes())?;
    disk::write_durably(&path("probe.json"), probe.as_bytes())?;
    let script = path("job.sh");
    disk::write_durably(&script, job(folder, engine, jobs, profile).as_bytes())?;
    Ok(script)
}

/// The script of a job: the node is looked at, and then it computes its shard.
fn job(folder: &Path, engine: &Engine<'_>, jobs: usize, profile: Option<&str>) -> String {
    let (program, root) = (quoted(&engine.program.to_string_lossy()), quoted(&engine.root.to_string_lossy()));
    let folder = quoted(&folder.to_string_lossy());
    let threads = engine.cluster.threads.unwrap_or(1);
    let number = match &engine.cluster.index {
        Some(index) => format!("${{1:-${index}}}"),
        None => "$1".to_owned(),
    };
    let profile = profile.map(|name| format!(" --profile {}", quoted(name))).unwrap_or_default();
    let mut text = String::from("#!/bin/sh\n# A job of `octavo submit`: its number is the first argument");
    if let Some(index) = &engine.cluster.index {
        let _ = write!(text, ", or else in {index}");
    }
    let _ = write!(
        text,
        ".\njob={number}\nbatch={folder}\nexec 2>> \"$batch/$job.log\"\n\
         octavo() {{ {program} -C {root} --log-format json --jobs {threads}{profile} \"$@\"; }}\n\
         octavo probe --against \"$batch/probe.json\" || exit 1\n\
         exec {program} -C {root} --log-format json --jobs {threads}{profile} run --shard \"$job/{jobs}\" --tasks \"$batch/tasks.jsonl\"\n"
    );
    text
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What jobs said of what went wrong.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Why tasks failed, by what messages call them.
    pub(super) failed: BTreeMap<String, Failure>,
    /// Problems of whole jobs, such as a node that cannot be used: the message, and the first job that told it.
    pub(super) problems: BTreeMap<String, usize>,
}

/// Reads what the jobs of a batch said. What is cut off, or was never written, says nothing.
pub(super) fn said(folder: &Path, jobs: usize) -> Said {
    let mut said = Said::default();
    for job in 1..=jobs {
        let Ok(Some(bytes)) = disk::read(&folder.join(format!("{job}.log"))) else { continue };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Ok(event) = serde_json::from_str::<Json>(line) else {
                // What is no event comes from a shell or the system.
                said.problems.entry(line.to_owned()).or_insert(job);
                continue;
            };
            if event["event"] == "task"
                && let Some(task) = event["task"].as_str()
                && let Ok(failure) = serde_json::from_value(event["outcome"]["failure"].clone())
            {
                said.failed.insert(task.to_owned(), failure);
            } else if event["event"] == "problem"
                && event["severity"] == "error"
                && let Some(message) = event["message"].as_str()
            {
                said.problems.entry(message.to_owned()).or_insert(job);
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_and_a_damaged_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(State::read(folder.path()), State::default());
        let digest = Digest::of(b"a");
        let batch = Batch { number: 3, jobs: 2, id: "7 8".to_owned(), tasks: vec![(digest, digest)] };
        let failed = Failed { times: 2, batch: 1, failure: Failure::resource("too long").help("wait") };
        let state = State { batch: 3, running: Some(batch), failed: [(digest, failed)].into(), fruitless: 1 };
        state.write(folder.path()).unwrap();
        assert_eq!(State::read(folder.path()), state);
        std::fs::write(folder.path().join("state.json"), "{\"batch\": 3, \"runn").unwrap();
        assert_eq!(State::read(folder.path()), State::default());
    }

    #[test]
    fn a_word_for_a_shell_is_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    #[test]
    fn what_jobs_said_is_read_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let failed = r#"{"event":"task","task":"a n=1","outcome":{"state":"failed","failure":{"kind":"resource","message":"too long"}}}"#;
        let problem =
            r#"{"event":"problem","severity":"error","code":"other-program","message":"another program"}"#;
        std::fs::write(
            folder.path().join("2.log"),
            format!("{failed}\n{problem}\nsh: octavo: not found\n{{\"event\":\"ta"),
        )
        .unwrap();
        let said = said(folder.path(), 2);
        assert_eq!(said.failed["a n=1"].message, "too long");
        assert_eq!(said.problems["another program"], 2);
        assert!(said.problems.contains_key("sh: octavo: not found"));
    }
}
