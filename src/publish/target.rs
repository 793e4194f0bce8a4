//! The folder that is published to: where it is, whether it may be, what is in it.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;

use super::{MARKER, PublishError, SiteManifest, TargetProblem};
use crate::disk::{self, DiskError};
use crate::store::{Access, Store, acquire, wait_for};

/// A checked target. Its parent is there, and has no symbolic link on its path.
#[derive(Debug)]
pub(super) struct Target {
    /// The folder that readers see.
    pub(super) path: PathBuf,
    /// Its parent.
    pub(super) parent: PathBuf,
    name: String,
}

/// What the target is now.
#[derive(Debug)]
pub(super) enum State {
    /// There is none.
    Missing,
    /// An empty folder.
    Empty,
    /// A site of ours, with its manifest and the manifest's digest.
    Ours(Box<(SiteManifest, Digest)>),
}

impl Target {
    /// Finds the target and refuses what must never be replaced. Missing parents are made.
    pub(super) fn resolve(path: &Path, store: &Store) -> Result<Self, PublishError> {
        let refuse = |problem| PublishError::Target { target: path.to_owned(), problem };
        let name = path.file_name().and_then(|name| name.to_str()).ok_or(refuse(TargetProblem::NoName))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        disk::create_folders(parent)?;
        let parent = disk::real_path(parent)?;
        let target = Self { path: parent.join(name), name: name.to_owned(), parent };
        // Both sides are free of links, so comparing paths compares folders.
        if disk::real_path(store.project())?.starts_with(&target.path) {
            return Err(refuse(TargetProblem::HoldsProject));
        }
        if target.path.starts_with(disk::real_path(store.folder())?) {
            return Err(refuse(TargetProblem::InStore));
        }
        Ok(target)
    }

    /// Refuses a target in one of these folders: what is published there would be read by the next build.
    pub(super) fn refuse_within(&self, sources: &[PathBuf]) -> Result<(), PublishError> {
        for source in sources {
            if disk::metadata(source)?.is_some() && self.path.starts_with(disk::real_path(source)?) {
                let problem = TargetProblem::InSources;
                return Err(PublishError::Target { target: self.path.clone(), problem });
            }
        }
        Ok(())
    }

    /// What the target is now; refuses what is not ours.
    pub(super) fn state(&self) -> Result<State, PublishError> {
        let refuse = |problem| Err(PublishError::Target { target: self.path.clone(), problem });
        let Some(metadata) = disk::metadata(&self.path)? else { return Ok(State::Missing) };
        if metadata.is_symlink() {
            return refuse(TargetProblem::Link);
        }
        if !metadata.is_dir() {
            return refuse(TargetProblem::NotAFolder);
        }
        if disk::metadata(&self.parent)?.is_none_or(|parent| parent.dev() != metadata.dev()) {
            return refuse(TargetProblem::MountPoint);
        }
        if disk::list(&self.path)?.is_empty() {
            return Ok(State::Empty);
        }
        let marker = disk::metadata(&self.path.join(MARKER))?.filter(Metadata::is_file);
        let bytes = marker.map(|_| disk::read(&self.path.join(MARKER))).transpose()?.flatten();
        let bytes = bytes.unwrap_or_default();
        match SiteManifest::read(&bytes) {
            Some(manifest) => Ok(State::Ours(Box::new((manifest, Digest::of(&bytes))))),
            None => refuse(TargetProblem::NotOurs),
        }
    }

    /// Keeps other publications away: those of the same store by a file in it, and, where the file system can lock a
    /// folder, those of other stores by the target's parent.
    pub(super) fn lock(&self, store: &Store, waiting: &mut dyn FnMut(&str)) -> Result<Vec<File>, DiskError> {
        let mut locks = vec![acquire(&store.folder().join("publish.lock"), Access::Alone, waiting)?];
        if let Some(parent) = disk::open(&self.parent)?
            && wait_for(&parent, &self.parent, Access::Alone, waiting).is_ok()
        {
            locks.push(parent);
        }
        Ok(locks)
    }

    /// Where the next release is built.
    pub(super) fn next(&self) -> PathBuf {
        self.beside("next")
    }

    /// Where the old release waits while two renames are needed.
    pub(super) fn old(&self) -> PathBuf {
        self.beside("old")
    }

    /// The journal of two renames.
    pub(super) fn journal(&self) -> PathBuf {
        self.beside("journal")
    }

    fn beside(&self, what: &str) -> PathBuf {
        self.parent.join(format!(".{}.octavo-{what}", self.name))
    }
}
