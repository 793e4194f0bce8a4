//! What touches the disk, and stores on other machines: the store of remembered work, and the publishing of a site in one step.

#[cfg(not(unix))]
compile_error!(
    "Octavo needs the files, locks and processes of Unix: it runs on Linux and macOS, and in Windows' Linux subsystem"
);

pub mod date;
pub mod disk;
pub mod environment;
pub mod lines;
pub mod memo;
pub mod publish;
pub mod remote;
pub mod store;
