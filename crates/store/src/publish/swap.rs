//! The moment at which another release goes live, and what to do if it was cut short.
//!
//! With an exchange there is one state before it and one after it; in both, `.NAME.octavo-next` is rubbish. With two renames,
//! the journal is written before the first and removed after the second, so its presence says that a complete release is
//! in `next` or in place. (It is an empty folder: its name says all, and making it is one step.)
//!
//! | journal | target | next | old | state | recovery |
//! | --- | --- | --- | --- | --- | --- |
//! | no | any | any | no | not begun, or all done | remove `next` |
//! | yes | yes | yes | no | before the first rename | remove the journal, then `next` |
//! | yes | no | yes | yes | between the renames | rename `next`, then as below |
//! | any | yes | no | yes | after the second rename | remove the journal, then `old` |
//! | any | no | no | yes | `next` was lost by hand | rename `old` back |

use std::path::Path;

use super::target::Target;
use crate::disk::{self, DiskError};

/// How a release took the old one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was live already.
    Unchanged,
    /// There was nothing, or an empty folder, and one rename.
    Created,
    /// The two folders changed places in one step.
    Exchange,
    /// Two renames, between which there was no site, since the file system cannot exchange folders.
    Renames,
}

/// What was found of an earlier publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing.
    Nothing,
    /// Files of a release that was not put live, or of an old one; they were removed.
    Tidied,
    /// The new release was complete; it was put live.
    Completed,
    /// The old release was put back.
    RolledBack,
}

/// Puts the built release live.
pub(super) fn swap(target: &Target, replaces: bool) -> Result<How, DiskError> {
    let next = target.next();
    let how = if !replaces {
        disk::rename(&next, &target.path)?;
        How::Created
    } else if disk::exchange(&next, &target.path)? {
        How::Exchange
    } else {
        disk::create_folder(&target.journal())?;
        disk::sync_all(std::slice::from_ref(&target.parent))?;
        disk::rename(&target.path, &target.old())?;
        disk::rename(&next, &target.path)?;
        How::Renames
    };
    disk::sync_all(std::slice::from_ref(&target.parent))?;
    // The new release is live and durable. What cannot be removed now is removed by the next publication.
    let _ = tidy(target);
    Ok(how)
}

/// Takes the live release away in one step, and then removes it. If this is cut short, the next publication removes the rest.
pub(super) fn withdraw(target: &Target) -> Result<(), DiskError> {
    disk::rename(&target.path, &target.next())?;
    disk::sync_all(std::slice::from_ref(&target.parent))?;
    tidy(target)
}

fn tidy(target: &Target) -> Result<(), DiskError> {
    disk::remove_tree(&target.journal())?;
    disk::remove_tree(&target.next())?;
    disk::remove_tree(&target.old())
}

/// Completes or undoes a swap that was cut short, and removes what is left of it.
pub(super) fn recover(target: &Target) -> Result<Recovery, DiskError> {
    let is_there = |path: &Path| disk::metadata(path).map(|metadata| metadata.is_some());
    let journal = is_there(&target.journal())?;
    let (live, next, old) = (is_there(&target.path)?, is_there(&target.next())?, is_there(&target.old())?);
    let recovery = match (journal, live, next, old) {
        (false, _, false, false) => return Ok(Recovery::Nothing),
        (true, false, true, true) => {
            disk::rename(&target.next(), &target.path)?;
            Recovery::Completed
        }
        (_, false, _, true) => {
            disk::rename(&target.old(), &target.path)?;
            Recovery::RolledBack
        }
        _ => Recovery::Tidied,
    };
    disk::sync_all(std::slice::from_ref(&target.parent))?;
    tidy(target)?;
    Ok(recovery)
}
