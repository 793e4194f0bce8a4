//! The folder that is published to: where it is, whether it may be, what is in it.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use octavo_plugin::Digest;

use super::standing::Standing;
use super::{MARKER, PublishError, SiteManifest, TargetProblem};
use crate::disk::{self, DiskError};
use crate::store::{self, Access, acquire, wait_for};

/// Which folder a project publishes to, and what must not be in it.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    /// The folder that readers see.
    pub folder: PathBuf,
    /// The project's folder. Its store is in it.
    pub root: PathBuf,
    /// The project's name, which its published folder states.
    pub project: String,
    /// Folders that the site is made from, whether they are there yet or not.
    pub sources: Vec<PathBuf>,
}

/// A checked target.
#[derive(Debug)]
pub(super) struct Target {
    /// The folder that readers see, without symbolic links.
    pub(super) path: PathBuf,
    /// Its parent.
    pub(super) parent: PathBuf,
    /// The folder of the project's store, which may not be there.
    pub(super) store: PathBuf,
    name: String,
    project: String,
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
    /// Finds the target and refuses what must never be replaced. Nothing is made.
    pub(super) fn resolve(to: &Destination) -> Result<Self, PublishError> {
        let refuse = |problem| PublishError::Target { target: to.folder.clone(), problem };
        let name =
            to.folder.file_name().and_then(|name| name.to_str()).ok_or(refuse(TargetProblem::NoName))?;
        let parent = to.folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = real_or_future(parent.unwrap_or(Path::new(".")))?;
        let path = parent.join(name);
        let store = real_or_future(&to.root.join(store::FOLDER))?;
        // All paths are free of links, so comparing them compares folders.
        if real_or_future(&to.root)?.starts_with(&path) {
            return Err(refuse(TargetProblem::HoldsProject));
        }
        if path.starts_with(&store) || store.starts_with(&path) {
            return Err(refuse(TargetProblem::InStore));
        }
        for source in &to.sources {
            let source = real_or_future(source)?;
            if path.starts_with(&source) {
                return Err(refuse(TargetProblem::InSources));
            }
            if source.starts_with(&path) {
                return Err(refuse(TargetProblem::HoldsSources));
            }
        }
        Ok(Self { path, parent, store, name: name.to_owned(), project: to.project.clone() })
    }

    /// What is in the target, unless it is not ours.
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
        let marker = self.path.join(MARKER);
        let is_file = disk::metadata(&marker)?.is_some_and(|metadata: Metadata| metadata.is_file());
        let bytes = if is_file { disk::read(&marker)? } else { None }.unwrap_or_default();
        let Some(manifest) = SiteManifest::read(&bytes) else { return refuse(TargetProblem::NotOurs) };
        let digest = Digest::of(&bytes);
        if self.is_own(&manifest, &digest)? {
            return Ok(State::Ours(Box::new((manifest, digest))));
        }
        let (target, project) = (self.path.clone(), self.project.clone());
        Err(PublishError::OtherProject { target, other: manifest.project, project })
    }

    /// Whether a site is this project's: by its name, or, if that was changed meanwhile, since this very release was published
    /// from here. Before sites named their project, whoever could publish to one did.
    fn is_own(&self, manifest: &SiteManifest, digest: &Digest) -> Result<bool, DiskError> {
        if manifest.project.is_empty() || manifest.project == self.project {
            return Ok(true);
        }
        Ok(Standing::read(self)?.digest(MARKER) == Some(*digest))
    }

    /// Keeps other publications away: those of the same store, if there is one, by a file in it, and, where the file system
    /// can lock a folder, those of other stores by the target's parent.
    pub(super) fn lock(&self, waiting: &mut dyn FnMut(&str)) -> Result<Vec<File>, DiskError> {
        let mut locks = Vec::new();
        if disk::metadata(&self.store)?.is_some() {
            locks.push(acquire(&self.store.join("publish.lock"), Access::Alone, waiting)?);
        }
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

/// The absolute path of a file or folder without symbolic links, `.` and `..`, also if it, or folders above it, are still to be
/// made.
fn real_or_future(path: &Path) -> Result<PathBuf, DiskError> {
    let mut real = PathBuf::new();
    let mut missing: Vec<OsString> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) if missing.is_empty() && disk::metadata(&real.join(name))?.is_some() => {
                let found = real.join(name);
                // A link to nothing stands for itself.
                real = disk::real_path(&found).unwrap_or(found);
            }
            Component::Normal(name) => missing.push(name.to_owned()),
            Component::ParentDir if missing.pop().is_some() => {}
            Component::ParentDir if real.as_os_str().is_empty() => {
                real = disk::real_path(Path::new(".."))?;
            }
            Component::ParentDir => drop(real.pop()),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => real.push(component),
        }
    }
    if !real.is_absolute() {
        real = disk::real_path(Path::new("."))?.join(real);
    }
    real.extend(missing);
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_are_compared_as_they_are_and_as_they_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        symlink(root.join("a"), root.join("link")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        for (path, real) in [
            ("a/b", "a/b"),
            ("link/b", "a/b"),
            ("link/b/../c/d", "a/c/d"),
            ("x/y/../../a/./b", "a/b"),
            ("x/../link", "a"),
            ("dangling/x", "dangling/x"),
        ] {
            assert_eq!(real_or_future(&root.join(path)).unwrap(), root.join(real), "{path}");
        }
        assert_eq!(real_or_future(Path::new("/")).unwrap(), Path::new("/"));
        assert!(real_or_future(Path::new("no-such-folder")).unwrap().is_absolute());
    }
}
