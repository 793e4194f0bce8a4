//! The next release, complete and on the disk, in a hidden folder beside the target.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::PublishError;
use super::survey::Survey;
use super::target::Target;
use crate::disk::{self, DiskError, Link};
use crate::store::{Store, seal};

/// Builds the release and waits until it is on the disk; returns how many files had to be copied.
pub(super) fn build(
    target: &Target,
    files: &BTreeMap<String, Digest>,
    store: &Store,
    survey: &Survey,
) -> Result<usize, PublishError> {
    let next = target.next();
    let mut folders = create_folders(&next, files)?;
    let copies: Vec<_> = files
        .par_iter()
        .map(|(route, digest)| {
            let live = survey.unchanged.contains(route).then(|| target.path.join(route));
            place(store, route, digest, &next.join(route), live.as_deref())
        })
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    if let Some(live) = disk::metadata(&target.path)? {
        disk::set_permissions(&next, &live.permissions())?;
    }
    let copied = copies.len();
    // Blobs are on the disk already; their names in these folders are not.
    folders.extend(copies);
    disk::sync_all(&folders)?;
    Ok(copied)
}

/// Makes the folders of all routes, parents first; returns them.
fn create_folders(next: &Path, files: &BTreeMap<String, Digest>) -> Result<Vec<PathBuf>, DiskError> {
    let mut routes = BTreeSet::from([""]);
    for route in files.keys() {
        routes.extend(route.match_indices('/').map(|(at, _)| &route[..at]));
    }
    let folders: Vec<_> = routes.into_iter().map(|route| next.join(route)).collect();
    folders.iter().try_for_each(|folder| disk::create_folder(folder))?;
    Ok(folders)
}

/// Gives a route its content: a link to the blob, else to the same file of the live release, else a copy, whose path is
/// returned.
fn place(
    store: &Store,
    route: &str,
    digest: &Digest,
    path: &Path,
    live: Option<&Path>,
) -> Result<Option<PathBuf>, PublishError> {
    let missing = || PublishError::MissingBlob { route: route.to_owned(), digest: *digest };
    let blob = store.sound_blob(digest)?.ok_or_else(missing)?;
    for source in [Some(blob.as_path()), live].into_iter().flatten() {
        if disk::link(source, path)? == Link::Made {
            return Ok(None);
        }
    }
    let bytes = store.get(digest)?.ok_or_else(missing)?;
    let file = disk::create(path)?;
    copy(&file, path, &bytes, digest)?;
    Ok(Some(path.to_owned()))
}

fn copy(file: &File, path: &Path, bytes: &[u8], digest: &Digest) -> Result<(), DiskError> {
    disk::write(file, path, bytes)?;
    disk::set_read_only(file, path)?;
    seal::set(file, path, digest)
}
