//! The folder of a process, and the folders that were left behind by a program that was killed.
//!
//! Each folder holds a file `lock` that its program keeps locked. A lock ends with whoever holds it, however that one
//! ended, so that a folder with a lock that can be taken is nobody's any more.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Once;

use rustix::fs::{FlockOperation, OFlags, flock};
use tempfile::TempDir;

const PREFIX: &str = "octavo-plugin-";
const LOCK: &str = "lock";

/// The folder of a process, removed at its end.
#[derive(Debug)]
pub(super) struct PluginFolder {
    folder: TempDir,
    _lock: File,
}

impl PluginFolder {
    /// Makes a folder. The first time, what was left behind is removed.
    pub(super) fn make() -> io::Result<Self> {
        static SWEPT: Once = Once::new();
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = locked(folder.path())?;
        SWEPT.call_once(|| folder.path().parent().into_iter().for_each(sweep));
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A lock is taken before the file has its name: nobody finds it free.
fn locked(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("lock.new");
    let file = File::create_new(&unnamed)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(file)
}

/// Removes the folders of programs that are gone. What cannot be removed stays.
fn sweep(temporary: &Path) {
    let Ok(own) = fs::metadata("/proc/self").map(|about| about.uid()) else { return };
    for entry in fs::read_dir(temporary).into_iter().flatten().filter_map(Result::ok) {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let is_own = || entry.metadata().is_ok_and(|about| about.is_dir() && about.uid() == own);
        if ours && is_own() && is_left(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds the folder's lock. One without a lock is being made just now.
fn is_left(folder: &Path) -> bool {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(folder.join(OsStr::new(LOCK)));
    file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_programs_that_are_gone_are_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        for name in ["octavo-plugin-held", "octavo-plugin-left", "octavo-plugin-new", "other"] {
            fs::create_dir(at(name)).unwrap();
        }
        let held = locked(&at("octavo-plugin-held")).unwrap();
        drop(locked(&at("octavo-plugin-left")).unwrap());
        drop(locked(&at("other")).unwrap());
        fs::create_dir(at("octavo-plugin-left/run-1")).unwrap();
        sweep(temporary.path());
        for (name, stays) in [
            ("octavo-plugin-held", true),
            ("octavo-plugin-left", false),
            ("octavo-plugin-new", true),
            ("other", true),
        ] {
            assert_eq!(at(name).exists(), stays, "{name}");
        }
        drop(held);
    }
}
