//! A copy of a project in another place, for a build that must not depend on where it is, nor on what was remembered.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::Project;
use crate::store;

/// What is never copied from a project's own folder: what is remembered there, and the history of version control.
const LEFT_OUT: [&str; 2] = [store::FOLDER, ".git"];

/// Copies a project below a folder, and gives the folder of the copy. `without` are folders, such as that of the site, that are left out. The
/// copy lies as deep as the project does, so that what it reads in the folders of `paths.allow` is found through links.
///
/// # Errors
/// If something cannot be read or written.
pub fn copy(project: &Project, without: &[PathBuf], below: &Path) -> io::Result<PathBuf> {
    let root = project.root.canonicalize()?;
    let to = below.join(inner(&root));
    fs::create_dir_all(&to)?;
    // Who has temporary files in the project would copy the copy.
    let own = below.canonicalize()?;
    let is_left_out = |path: &Path| {
        path == own
            || LEFT_OUT.iter().any(|name| path == root.join(name))
            || without.iter().any(|folder| path == folder)
    };
    // Backwards: where a folder lists files as they were made, the order is another one.
    let entries = WalkDir::new(&root).min_depth(1).sort_by(|a, b| b.file_name().cmp(a.file_name()));
    for entry in entries.into_iter().filter_entry(|entry| !is_left_out(entry.path())) {
        let entry = entry?;
        let place = to.join(entry.path().strip_prefix(&root).map_err(io::Error::other)?);
        let kind = entry.file_type();
        if kind.is_dir() {
            fs::create_dir_all(place)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, place)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), place)?;
        }
    }
    for folder in &project.config.paths.allow {
        let place = plain(&root.join(folder));
        if !Path::new(folder).is_absolute() && !place.starts_with(&root) && !root.starts_with(&place) {
            let link = below.join(inner(&place));
            link.parent().map_or(Ok(()), fs::create_dir_all)?;
            std::os::unix::fs::symlink(&place, link)?;
        }
    }
    Ok(to)
}

/// An absolute path as one that can be put below a folder.
fn inner(path: &Path) -> PathBuf {
    path.components().filter(|part| matches!(part, Component::Normal(_))).collect()
}

/// A path without `.` and `..`, as it is written.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
