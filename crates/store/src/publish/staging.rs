//! The next release, complete and on the disk, in a hidden folder beside the target.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::survey::Survey;
use super::target::Target;
use super::{Content, PublishError};
use crate::disk::{self, DiskError, Link};
use crate::store::Store;

/// How a route got its bytes.
enum Placed {
    /// The standing release's file has a second name.
    Carried,
    /// Bytes were written, or blocks shared with a blob.
    Written(PathBuf),
    /// The store does not hold its bytes.
    Missing(String),
}

/// Builds the release and waits until it is on the disk; returns how many files were written.
pub(super) fn build(
    target: &Target,
    files: &BTreeMap<String, Content>,
    store: &Store,
    survey: &Survey,
) -> Result<usize, PublishError> {
    if let Some(parent) = target.next().parent() {
        disk::create_folders(parent)?;
    }
    let next = target.next();
    let mut folders = create_folders(&next, files)?;
    let placed: Vec<_> = files
        .par_iter()
        .map(|(route, content)| {
            let live = survey.standing.contains(route).then(|| target.path.join(route));
            place(store, route, content, &next.join(route), live.as_deref())
        })
        .collect::<Result<_, _>>()?;
    let (mut written, mut routes) = (Vec::new(), Vec::new());
    for one in placed {
        match one {
            Placed::Carried => {}
            Placed::Written(path) => written.push(path),
            Placed::Missing(route) => routes.push(route),
        }
    }
    if !routes.is_empty() {
        return Err(PublishError::MissingBlobs { routes });
    }
    if let Some(live) = disk::metadata(&target.path)? {
        disk::set_permissions(&next, &live.permissions())?;
    }
    let count = written.len();
    folders.extend(written);
    disk::sync_all(&folders)?;
    Ok(count)
}

/// Makes the folders of all routes, parents first; returns them.
fn create_folders<T>(next: &Path, files: &BTreeMap<String, T>) -> Result<Vec<PathBuf>, DiskError> {
    let mut routes = BTreeSet::from([""]);
    for route in files.keys() {
        routes.extend(route.match_indices('/').map(|(at, _)| &route[..at]));
    }
    let folders: Vec<_> = routes.into_iter().map(|route| next.join(route)).collect();
    folders.iter().try_for_each(|folder| disk::create_folder(folder))?;
    Ok(folders)
}

/// Gives a route its content: the file of the standing release where nobody has touched it, else a file of its own. Never a
/// link to a blob: whoever writes into the site must not write into the store.
fn place(
    store: &Store,
    route: &str,
    content: &Content,
    path: &Path,
    live: Option<&Path>,
) -> Result<Placed, PublishError> {
    if let Some(live) = live
        && disk::link(live, path)? == Link::Made
    {
        return Ok(Placed::Carried);
    }
    match content {
        Content::Bytes(bytes) => write(path, None, bytes),
        Content::Stored(digest) => match store.read(digest)? {
            Some((blob, bytes)) => write(path, Some(&blob), &bytes),
            None => Ok(Placed::Missing(route.to_owned())),
        },
    }
}

fn write(path: &Path, blob: Option<&File>, bytes: &[u8]) -> Result<Placed, PublishError> {
    let file = disk::create(path)?;
    let shared = blob.map(|blob| disk::share_blocks(blob, &file, path)).transpose()?.unwrap_or(false);
    if !shared {
        disk::write(&file, path, bytes)?;
    }
    Ok(Placed::Written(path.to_owned()))
}
