//! Forgetting: what recent builds did not use (`gc`), or everything (`clean`).
//!
//! Which keys a build used is written at its end to a numbered file in `uses`, unless the newest file has them all
//! already: a rebuild with nothing changed writes nothing. So "unused" is counted in builds that did something
//! new, not in days: a project that rests for a year loses nothing.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use octavo_plugin::Digest;

use super::{Access, FOLDER, Problem, Store, StoreError, acquire, action, create, seal};
use crate::disk::{self, DiskError};

/// So many files in `uses` are kept.
const BUILDS: usize = 64;

/// A store that no other process uses.
#[derive(Debug)]
pub struct ExclusiveStore(Store);

impl Deref for ExclusiveStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

/// What was removed and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GcReport {
    /// Records removed.
    pub actions: usize,
    /// Blobs removed.
    pub blobs: usize,
    /// Their bytes; a blob that is also a page of a site frees its room only with the page.
    pub bytes: u64,
    /// Records kept.
    pub kept_actions: usize,
    /// Blobs kept.
    pub kept_blobs: usize,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanReport {
    /// Files removed.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Opens the store alone, waiting until no other process uses it; `waiting` is told, once, for whom.
    pub fn exclusive(project: &Path, waiting: &mut dyn FnMut(&str)) -> Result<ExclusiveStore, StoreError> {
        Self::open_with(project, Access::Alone, waiting).map(ExclusiveStore)
    }

    /// Removes everything that a project's store holds, of whatever version it is.
    pub fn clean(project: &Path, waiting: &mut dyn FnMut(&str)) -> Result<CleanReport, StoreError> {
        let folder = project.join(FOLDER);
        if disk::metadata(&folder)?.is_none() {
            return Ok(CleanReport::default());
        }
        match disk::read(&folder.join("version"))? {
            Some(version) if version.starts_with(b"octavo store ") => {}
            _ => return Err(StoreError::NotAStore(folder)),
        }
        let _lock = acquire(&folder.join("lock"), Access::Alone, waiting)?;
        // What others wait for must keep its name. The version goes last: until then this can be repeated.
        let kept = |name: &std::ffi::OsStr| name == "lock" || name == "publish.lock" || name == "version";
        let entries: Vec<_> = disk::list(&folder)?.into_iter().filter(|(name, _)| !kept(name)).collect();
        let mut report = CleanReport::default();
        for (name, _) in entries {
            let path = folder.join(name);
            for (_, metadata) in files(&path)? {
                report.files += 1;
                report.bytes += metadata.len();
            }
            disk::remove_tree(&path)?;
        }
        disk::remove_file(&folder.join("version"))?;
        create(&folder)?;
        Ok(report)
    }

    /// Writes down which keys were used since the store was opened. To be called when a build ends, however it ends.
    pub fn finish(&self) -> Result<(), StoreError> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let files = self.uses()?;
        let newest = files.last().map(|(_, path)| read_keys(path)).transpose()?.unwrap_or_default();
        if used.is_subset(&newest) {
            return Ok(());
        }
        let number = files.last().map_or(0, |(number, _)| number + 1);
        let lines: Vec<_> = used.iter().map(Digest::hex).collect();
        let path = self.folder.join("uses").join(format!("{number:08}"));
        disk::write_durably_from(&self.temporary_folder(), &path, (lines.join("\n") + "\n").as_bytes())?;
        let surplus = (files.len() + 1).saturating_sub(BUILDS);
        files[..surplus].iter().try_for_each(|(_, path)| disk::remove_file(path))?;
        Ok(())
    }

    /// The files in `uses`, oldest first.
    fn uses(&self) -> Result<Vec<(u64, PathBuf)>, DiskError> {
        let folder = self.folder.join("uses");
        let number = |name: &std::ffi::OsStr| name.to_str().and_then(|name| name.parse().ok());
        let names = disk::list(&folder)?;
        Ok(names.into_iter().filter_map(|(name, _)| Some((number(&name)?, folder.join(name)))).collect())
    }
}

impl ExclusiveStore {
    /// Removes the records that none of the last `builds` builds used, then all blobs that no record is left for, and
    /// whatever is damaged. Records newer than the last finished build are kept.
    pub fn gc(&self, builds: usize) -> Result<GcReport, StoreError> {
        let uses = self.uses()?;
        let mut keep = BTreeSet::new();
        for (_, path) in uses.iter().rev().take(builds) {
            keep.extend(read_keys(path)?);
        }
        let newest = uses.last().map(|(_, path)| disk::metadata(path)).transpose()?.flatten();
        let mut report = GcReport::default();
        let mut wanted = BTreeSet::new();
        for (path, metadata) in files(&self.folder.join("actions"))? {
            let recent = newest.as_ref().is_none_or(|newest| later(&metadata, newest));
            match self.good_record(&path)?.filter(|(key, _)| recent || keep.contains(key)) {
                Some((_, record)) => {
                    wanted.extend(record.outputs.values().map(|output| output.digest));
                    report.kept_actions += 1;
                }
                None => {
                    disk::remove_file(&path)?;
                    report.actions += 1;
                }
            }
        }
        self.sweep_blobs(&wanted, &mut report)?;
        Ok(report)
    }

    fn good_record(&self, path: &Path) -> Result<Option<(Digest, action::ActionRecord)>, DiskError> {
        let record = match (digest_of_path(path), disk::read(path)?) {
            (Some(key), Some(bytes)) => action::decode(&key, &bytes).map(|record| (key, record)),
            _ => None,
        };
        if record.is_none() {
            self.warn(path, Problem::CorruptAction);
        }
        Ok(record)
    }

    fn sweep_blobs(&self, wanted: &BTreeSet<Digest>, report: &mut GcReport) -> Result<(), DiskError> {
        for (path, metadata) in files(&self.folder.join("blobs"))? {
            let digest = digest_of_path(&path).filter(|digest| wanted.contains(digest));
            let sound = digest.map(|digest| seal::holds(&path, &digest)).transpose()?;
            if sound == Some(true) {
                report.kept_blobs += 1;
                continue;
            }
            if sound == Some(false) {
                self.warn(&path, Problem::CorruptBlob);
            }
            disk::remove_file(&path)?;
            report.blobs += 1;
            report.bytes += metadata.len();
        }
        Ok(())
    }
}

fn later(one: &Metadata, other: &Metadata) -> bool {
    (one.mtime(), one.mtime_nsec()) > (other.mtime(), other.mtime_nsec())
}

/// The inverse of `sharded`.
fn digest_of_path(path: &Path) -> Option<Digest> {
    let folder = path.parent()?.file_name()?.to_str()?;
    format!("{folder}{}", path.file_name()?.to_str()?).parse().ok()
}

/// Keys in a damaged file are lost, which costs time only.
fn read_keys(path: &Path) -> Result<BTreeSet<Digest>, DiskError> {
    let bytes = disk::read(path)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(|line| line.parse().ok()).collect())
}

/// All files below a folder, or the file itself.
fn files(path: &Path) -> Result<Vec<(PathBuf, Metadata)>, DiskError> {
    let Some(metadata) = disk::metadata(path)? else { return Ok(Vec::new()) };
    if !metadata.is_dir() {
        return Ok(vec![(path.to_owned(), metadata)]);
    }
    let mut all = Vec::new();
    for (name, _) in disk::list(path)? {
        all.extend(files(&path.join(name))?);
    }
    Ok(all)
}
