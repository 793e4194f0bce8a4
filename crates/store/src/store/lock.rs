//! Who may use a file or folder at the same time. The locks are the system's own: they end with the process that holds
//! them, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::disk::{self, DiskError};

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Together with others.
    Shared,
    /// Alone.
    Alone,
}

/// Locks a file, which is made if it is missing. If that takes longer than a moment, `waiting` is told why.
pub fn acquire(path: &Path, access: Access, waiting: &mut dyn FnMut(&str)) -> Result<File, DiskError> {
    let file = disk::open_lock(path)?;
    wait_for(&file, path, access, waiting)?;
    Ok(file)
}

/// Locks a file, which is made if it is missing, unless somebody else holds it.
pub fn acquire_now(path: &Path, access: Access) -> Result<Option<File>, DiskError> {
    let file = disk::open_lock(path)?;
    Ok(attempt(&file, path, access)?.then_some(file))
}

/// Locks an open file or folder.
pub fn wait_for(
    file: &File,
    path: &Path,
    access: Access,
    waiting: &mut dyn FnMut(&str),
) -> Result<(), DiskError> {
    // A process that starts holds the lock alone for a moment; that is not worth a message.
    for _ in 0..20 {
        if attempt(file, path, access)? {
            return Ok(());
        }
        sleep(Duration::from_millis(10));
    }
    waiting(&format!("waiting for another `octavo` that uses `{}`", path.display()));
    failed(
        path,
        match access {
            Access::Shared => file.lock_shared(),
            Access::Alone => file.lock(),
        },
    )
}

fn attempt(file: &File, path: &Path, access: Access) -> Result<bool, DiskError> {
    let result = match access {
        Access::Shared => file.try_lock_shared(),
        Access::Alone => file.try_lock(),
    };
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => failed(path, Err(error)).map(|()| true),
    }
}

/// Turns a shared lock into a lock held alone, if nobody else holds it.
pub(super) fn alone(lock: &File, path: &Path) -> Result<bool, DiskError> {
    if attempt(lock, path, Access::Alone)? {
        return Ok(true);
    }
    // The attempt may have given the shared lock up.
    share(lock, path).map(|()| false)
}

/// Turns a lock held alone into a shared one.
pub(super) fn share(lock: &File, path: &Path) -> Result<(), DiskError> {
    failed(path, lock.lock_shared())
}

fn failed(path: &Path, result: io::Result<()>) -> Result<(), DiskError> {
    result.map_err(|source| DiskError { verb: "lock", path: path.to_owned(), source })
}
