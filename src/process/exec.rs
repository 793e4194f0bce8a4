//! `octavo plugin-exec`: sets limits for itself, then becomes the plugin.
//!
//! Limits of a process are inherited and can be lowered without any right, so that no unsafe code between fork and exec is
//! needed: this program starts, lowers its own, and replaces itself.

use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Arguments of the hidden command `octavo plugin-exec`.
#[derive(Args, Debug)]
pub struct PluginExec {
    /// Bytes of memory
    #[arg(long)]
    memory: u64,
    /// Bytes of a file
    #[arg(long)]
    file_size: u64,
    /// The program and its arguments
    #[arg(trailing_var_arg = true, required = true)]
    command: Vec<String>,
}

/// What this command says on standard error before a sentence, if the plugin cannot be started.
pub(super) const NOT_STARTED: &str = "octavo: cannot start ";

impl PluginExec {
    /// Becomes the plugin; comes back only with a sentence that says why it did not.
    pub fn execute(&self) -> String {
        if let Err(error) = self.limit() {
            return format!("{NOT_STARTED}`{}`: its limits cannot be set: {error}", self.command[0]);
        }
        let error = Command::new(&self.command[0]).args(&self.command[1..]).exec();
        format!("{NOT_STARTED}`{}`: {error}", self.command[0])
    }

    fn limit(&self) -> rustix::io::Result<()> {
        let at_most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
        // Memory that is only reserved, as some runtimes do by the gigabyte, is not counted.
        setrlimit(Resource::Data, at_most(self.memory))?;
        setrlimit(Resource::Fsize, at_most(self.file_size))?;
        setrlimit(Resource::Core, at_most(0))?;
        // The plugin ends with the thread that started it, also when the host is killed.
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        Ok(())
    }
}
