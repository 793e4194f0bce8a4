//! Forgetting: what no definition needs and nobody used for a while (`gc`), or everything (`clean`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;

use super::blob::{Entry, read_entry};
use super::uses::Uses;
use super::{
    Access, FOLDER, Problem, Store, StoreError, VERSION, acquire, action, create, read_version,
    refuse_strangers,
};
use crate::disk::{self, DiskError};

/// A store that no other process uses.
#[derive(Debug)]
pub struct ExclusiveStore(Store);

impl Deref for ExclusiveStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

/// What [`ExclusiveStore::gc`] keeps. All else is removed.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// Records of these keys.
    pub keys: BTreeSet<Digest>,
    /// Records that any checkout made or used at this time or later, in seconds since 1970.
    pub since: u64,
    /// Records that the last so many builds of this checkout used.
    pub builds: usize,
    /// Whether nothing is removed and the report says what would be.
    pub dry_run: bool,
}

/// What was removed and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GcReport {
    /// Records removed.
    pub actions: usize,
    /// Blobs removed.
    pub blobs: usize,
    /// Bytes of what was removed, records and blobs and what had been set aside as damaged.
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
        let version = read_version(&folder)?.unwrap_or_default();
        // Another version may have other names in its store.
        if version == VERSION.as_bytes() || !version.starts_with(b"octavo store ") {
            refuse_strangers(&folder)?;
        }
        let _lock = acquire(&folder.join("lock"), Access::Alone, waiting)?;
        // What others wait for must keep its name. The version goes last: until then this can be repeated.
        let kept = |name: &std::ffi::OsStr| {
            ["lock", "publish.lock", "uses.lock", "version"].iter().any(|kept| name == *kept)
        };
        let entries: Vec<_> = disk::list(&folder)?.into_iter().filter(|(name, _)| !kept(name)).collect();
        let mut report = CleanReport::default();
        for (name, _) in entries {
            let path = folder.join(name);
            for (_, metadata) in files(&path, usize::MAX)? {
                report.files += 1;
                report.bytes += metadata.len();
            }
            disk::remove_tree(&path)?;
        }
        disk::remove_file(&folder.join("version"))?;
        create(&folder)?;
        Ok(report)
    }

    /// The record in a file, with its key; `None`, told, if it is damaged.
    pub(super) fn good_record(
        &self,
        path: &Path,
    ) -> Result<Option<(Digest, action::ActionRecord)>, DiskError> {
        let record = match (digest_of_path(path), read_entry(path)?) {
            (Some(key), Entry::Read(_, bytes)) => {
                action::ActionRecord::decode(&key, &bytes).map(|record| (key, record))
            }
            _ => None,
        };
        if record.is_none() {
            self.warn(path, Problem::CorruptAction);
        }
        Ok(record)
    }
}

impl ExclusiveStore {
    /// Removes all records but those that [`Keep`] names, then all blobs that no record is left for, and whatever is damaged.
    pub fn gc(&self, keep: &Keep) -> Result<GcReport, StoreError> {
        let mut uses = self.all_uses()?;
        let own = self.own_uses()?;
        let mut wanted = keep.keys.clone();
        for (path, uses) in &uses {
            wanted.extend(uses.since(keep.since));
            wanted.extend(uses.last(if *path == own { keep.builds } else { 0 }));
        }
        let mut sweep = Sweep { dry_run: keep.dry_run, report: GcReport::default() };
        let (kept, blobs) = self.sweep_records(&mut sweep, &wanted, keep.since)?;
        self.sweep_blobs(&mut sweep, &blobs)?;
        for (path, metadata) in files(&self.folder.join("damaged"), 1)? {
            sweep.remove(&path, &metadata)?;
        }
        if !keep.dry_run {
            uses.iter_mut().try_for_each(|(path, uses)| self.forget_uses(path, uses, &kept))?;
        }
        Ok(sweep.report)
    }

    /// The keys that are kept, and the blobs that their records name, with their sizes.
    fn sweep_records(
        &self,
        sweep: &mut Sweep,
        wanted: &BTreeSet<Digest>,
        since: u64,
    ) -> Result<(BTreeSet<Digest>, BTreeMap<Digest, u64>), DiskError> {
        let (mut kept, mut blobs) = (BTreeSet::new(), BTreeMap::new());
        for (path, metadata) in files(&self.folder.join("actions"), 2)? {
            let recent = u64::try_from(metadata.mtime()).is_ok_and(|time| time >= since);
            match self.good_record(&path)?.filter(|(key, _)| recent || wanted.contains(key)) {
                Some((key, record)) => {
                    kept.insert(key);
                    blobs.extend(record.blobs().map(|output| (output.digest, output.size)));
                    sweep.report.kept_actions += 1;
                }
                None => {
                    sweep.remove(&path, &metadata)?;
                    sweep.report.actions += 1;
                }
            }
        }
        Ok((kept, blobs))
    }

    fn sweep_blobs(&self, sweep: &mut Sweep, wanted: &BTreeMap<Digest, u64>) -> Result<(), DiskError> {
        for (path, metadata) in files(&self.folder.join("blobs"), 2)? {
            let size = digest_of_path(&path).and_then(|digest| wanted.get(&digest));
            if metadata.is_file() && size == Some(&metadata.len()) {
                sweep.report.kept_blobs += 1;
                continue;
            }
            if size.is_some() {
                self.warn(&path, Problem::CorruptBlob);
            }
            sweep.remove(&path, &metadata)?;
            sweep.report.blobs += 1;
        }
        Ok(())
    }

    fn forget_uses(&self, path: &Path, uses: &mut Uses, kept: &BTreeSet<Digest>) -> Result<(), DiskError> {
        if uses.retain(kept) { self.write_uses(path, uses) } else { Ok(()) }
    }
}

/// A removal that may be a rehearsal.
struct Sweep {
    dry_run: bool,
    report: GcReport,
}

impl Sweep {
    fn remove(&mut self, path: &Path, metadata: &Metadata) -> Result<(), DiskError> {
        self.report.bytes += if metadata.is_file() { metadata.len() } else { 0 };
        if self.dry_run { Ok(()) } else { disk::remove_tree(path) }
    }
}

/// The inverse of `sharded`.
pub(super) fn digest_of_path(path: &Path) -> Option<Digest> {
    let folder = path.parent()?.file_name()?.to_str()?;
    format!("{folder}{}", path.file_name()?.to_str()?).parse().ok()
}

/// All entries so many folders deep, or less deep where there is no folder; none if there is nothing at the path.
pub(super) fn files(path: &Path, depth: usize) -> Result<Vec<(PathBuf, Metadata)>, DiskError> {
    let Some(metadata) = disk::metadata(path)? else { return Ok(Vec::new()) };
    if depth == 0 || !metadata.is_dir() {
        return Ok(vec![(path.to_owned(), metadata)]);
    }
    let mut all = Vec::new();
    for (name, _) in disk::list(path)? {
        all.extend(files(&path.join(name), depth - 1)?);
    }
    Ok(all)
}
