//! The commands of a cluster: they are given to `sh`, and asked for nothing but what they print and how they end.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::config::cluster::Cluster;
use crate::diagnostic::Diagnostic;
use crate::disk::{self, DiskError};
use crate::process::Group;

/// A cluster, and what its commands find in variables.
pub(super) struct Engine<'a> {
    pub(super) name: &'a str,
    pub(super) cluster: &'a Cluster,
    /// The project's folder, in which commands are started.
    pub(super) root: &'a Path,
    /// The program as jobs find it.
    pub(super) program: PathBuf,
    /// The profile of the tasks, if one is chosen.
    pub(super) profile: Option<&'a str>,
}

/// The file of a batch with what the command `submit` printed.
const ID: &str = "id";

/// Of what a command said to people, so many bytes at the end are told.
const TOLD: u64 = 2000;

/// By what the engine knows the jobs of a batch, if it said so.
pub(super) fn id(folder: &Path) -> Option<String> {
    let bytes = disk::read(&folder.join(ID)).ok().flatten()?;
    let words = String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// What commands are told of a batch.
#[derive(Clone, Debug)]
pub(super) struct About<'a> {
    pub(super) folder: &'a Path,
    pub(super) script: &'a Path,
    pub(super) jobs: usize,
    /// What `submit` printed; empty before.
    pub(super) id: &'a str,
}

impl Engine<'_> {
    /// Starts the jobs of a batch. By what they are known is written into a file of the batch by the command itself, so that it is known, too,
    /// if this program is killed meanwhile.
    ///
    /// # Errors
    /// Why the engine took none.
    pub(super) fn submit(&self, about: &About<'_>) -> Result<String, Diagnostic> {
        let submit = self.cluster.submit.as_deref().unwrap_or_default();
        let mut command = self.command(submit, about);
        let file = disk::create(&about.folder.join(ID))
            .map_err(|error| Diagnostic::error("store", error.to_string()))?;
        let said = self.done("submit", command.stdout(file), about)?;
        let why = || format!("it printed nothing by which jobs are known; {}", said.trim());
        id(about.folder).ok_or_else(|| self.refuse("submit", why().trim_end_matches("; ")))
    }

    /// Ends the jobs of a batch.
    ///
    /// # Errors
    /// What the engine says.
    pub(super) fn cancel(&self, about: &About<'_>) -> Result<(), Diagnostic> {
        let Some(cancel) = &self.cluster.cancel else {
            let message = format!("the cluster `{}` does not say how to cancel", self.name);
            return Err(Diagnostic::error("cluster", message).help(format!("end {} by hand", about.id)));
        };
        self.done("cancel", &mut self.command(cancel, about), about).map(drop)
    }

    /// Brings results into the store, where jobs have stores of their own.
    ///
    /// # Errors
    /// What the engine says.
    pub(super) fn fetch(&self, about: &About<'_>) -> Result<(), Diagnostic> {
        self.cluster
            .fetch
            .as_ref()
            .map_or(Ok(()), |fetch| self.done("fetch", &mut self.command(fetch, about), about).map(drop))
    }

    /// Starts what ends when the batch does.
    ///
    /// # Errors
    /// If there is no `sh`.
    pub(super) fn wait(&self, about: &About<'_>) -> Result<Waiting, Diagnostic> {
        let mut command = self.command(self.cluster.wait.as_deref().unwrap_or_default(), about);
        let said = self.heard("wait", &mut command, about)?;
        let child = command.spawn().map_err(|error| self.refuse("wait", &error.to_string()))?;
        Ok(Waiting { group: Group::of(&child), child, said })
    }

    /// Whether the jobs of a batch are over.
    ///
    /// # Errors
    /// What the command said that waits for them, if it failed: then nobody knows.
    pub(super) fn is_over(&self, waiting: &mut Waiting) -> Result<bool, Diagnostic> {
        let ended = waiting.child.try_wait().map_err(|error| self.refuse("wait", &error.to_string()))?;
        match ended {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => {
                let said = format!("{status}; {}", ending(&waiting.said).trim());
                let help = format!("jobs may go on: `octavo submit {}` takes up where it was", self.name);
                Err(self.refuse("wait", said.trim_end_matches("; ")).help(help))
            }
        }
    }

    /// What a command said to people.
    fn done(&self, verb: &str, command: &mut Command, about: &About<'_>) -> Result<String, Diagnostic> {
        let said = self.heard(verb, command, about)?;
        let ended = command.spawn().and_then(|mut child| child.wait());
        let status = ended.map_err(|error| self.refuse(verb, &error.to_string()))?;
        let said = ending(&said);
        if status.success() {
            return Ok(said);
        }
        Err(self.refuse(verb, format!("{status}; {}", said.trim()).trim_end_matches("; ")))
    }

    /// The file in which a command leaves what it says to people. It is no pipe: whatever the command says, and leaves running, it is waited for alone.
    fn heard(&self, verb: &str, command: &mut Command, about: &About<'_>) -> Result<PathBuf, Diagnostic> {
        let said = about.folder.join(format!("{verb}.err"));
        let made = disk::remove_file(&said).and_then(|()| disk::create(&said));
        let file = made.map_err(|error| Diagnostic::error("store", error.to_string()))?;
        command.stderr(file);
        Ok(said)
    }

    fn refuse(&self, verb: &str, why: &str) -> Diagnostic {
        let message = format!("the command `{verb}` of the cluster `{}` failed: {why}", self.name);
        Diagnostic::error("cluster", message)
            .help("what it is stands in `octavo.toml`, or in docs/clusters.md")
    }

    /// A command in a group of its own: what it starts does not end with a Ctrl-C that is meant for this program.
    fn command(&self, text: &str, about: &About<'_>) -> Command {
        let mut command = Command::new("sh");
        command.args(["-ec", text]).current_dir(self.root).process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::null());
        command.env("OCTAVO_NAME", format!("octavo-{}", self.name));
        command.env("OCTAVO_PROGRAM", &self.program);
        command.env("OCTAVO_BATCH", about.folder).env("OCTAVO_SCRIPT", about.script);
        command.env("OCTAVO_JOBS", about.jobs.to_string()).env("OCTAVO_ID", about.id);
        command.env("OCTAVO_THREADS", self.cluster.threads.unwrap_or(1).to_string());
        command.env("OCTAVO_PROFILE", self.profile.unwrap_or_default());
        command.env("OCTAVO_OPTIONS", self.cluster.options.as_deref().unwrap_or_default());
        command
    }
}

/// The end of what a file says; nothing if it cannot be read.
fn ending(path: &Path) -> String {
    let read = || -> Result<Vec<u8>, DiskError> {
        let file = disk::open_plain(path)?;
        file.map_or(Ok(Vec::new()), |file| disk::read_last(&file, path, TOLD + 1))
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if bytes.len() as u64 > TOLD { format!("... {text}") } else { text.into_owned() }
}

/// A command that runs as long as a batch does. It ends with this value, and with it whatever it has started; the jobs are of other groups.
pub(super) struct Waiting {
    child: Child,
    group: Option<Group>,
    /// The file with what it says to people.
    said: PathBuf,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // One that ended was waited for, and its number may be another one's by now.
        if matches!(self.child.try_wait(), Ok(None))
            && let Some(group) = self.group
        {
            group.kill();
        }
        let _ = self.child.wait();
    }
}
