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
    /// So many bytes of records and blobs, if they are limited: of more, those that were used least recently are removed, but for what `keys` and
    /// `builds` name.
    pub max_bytes: Option<u64>,
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
    /// Bytes of both.
    pub kept_bytes: u64,
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
        let (mut needed, mut used) = (keep.keys.clone(), BTreeMap::new());
        for (path, uses) in &uses {
            needed.extend(uses.last(if *path == own { keep.builds } else { 0 }));
            uses.add_times(&mut used);
        }
        let mut sweep = Sweep { dry_run: keep.dry_run, report: GcReport::default() };
        let mut records = self.records(&mut sweep, &used)?;
        let mut gone = drain(&mut records, |one| one.used < keep.since && !needed.contains(&one.key));
        if let Some(most) = keep.max_bytes {
            gone.extend(beyond(&mut records, most, &needed));
        }
        if !keep.dry_run {
            self.forget_found()?;
        }
        for one in &gone {
            sweep.remove(&one.path, &one.metadata)?;
            sweep.report.actions += 1;
        }
        sweep.report.kept_actions = records.len();
        sweep.report.kept_bytes = records.iter().map(|one| one.metadata.len()).sum();
        let kept: BTreeSet<Digest> = records.iter().map(|one| one.key).collect();
        let blobs = records.iter().flat_map(|one| one.blobs.iter().copied()).collect();
        self.sweep_blobs(&mut sweep, &blobs)?;
        for (path, metadata) in files(&self.folder.join("damaged"), 1)? {
            sweep.remove(&path, &metadata)?;
        }
        if !keep.dry_run {
            uses.iter_mut().try_for_each(|(path, uses)| self.forget_uses(path, uses, &kept))?;
        }
        Ok(sweep.report)
    }

    /// All good records; the others are removed. `used` says when keys were last used.
    fn records(&self, sweep: &mut Sweep, used: &BTreeMap<Digest, u64>) -> Result<Vec<Remembered>, DiskError> {
        let mut all = Vec::new();
        for (path, metadata) in files(&self.folder.join("actions"), 2)? {
            let Some((key, record)) = self.good_record(&path)? else {
                sweep.remove(&path, &metadata)?;
                sweep.report.actions += 1;
                continue;
            };
            let made = u64::try_from(metadata.mtime()).unwrap_or_default();
            let used = used.get(&key).copied().unwrap_or_default().max(made);
            let blobs = record.blobs().map(|output| (output.digest, output.size)).collect();
            all.push(Remembered { key, path, metadata, used, blobs });
        }
        Ok(all)
    }

    fn sweep_blobs(&self, sweep: &mut Sweep, wanted: &BTreeMap<Digest, u64>) -> Result<(), DiskError> {
        for (path, metadata) in files(&self.folder.join("blobs"), 2)? {
            let size = digest_of_path(&path).and_then(|digest| wanted.get(&digest));
            if metadata.is_file() && size == Some(&metadata.len()) {
                sweep.report.kept_blobs += 1;
                sweep.report.kept_bytes += metadata.len();
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

/// A good record.
struct Remembered {
    key: Digest,
    path: PathBuf,
    metadata: Metadata,
    /// When it was made or last used, in seconds since 1970.
    used: u64,
    /// What it names, with sizes in bytes.
    blobs: Vec<(Digest, u64)>,
}

/// Takes those out of a list that are as `is` says; the others stay, in their order.
fn drain(records: &mut Vec<Remembered>, is: impl Fn(&Remembered) -> bool) -> Vec<Remembered> {
    let (out, stay) = std::mem::take(records).into_iter().partition(is);
    *records = stay;
    out
}

/// Takes those out of a list that were used least recently, until the others, with the blobs that they name, have at most so many bytes, or
/// all that are left are needed.
fn beyond(records: &mut Vec<Remembered>, most: u64, needed: &BTreeSet<Digest>) -> Vec<Remembered> {
    let mut named: BTreeMap<Digest, (usize, u64)> = BTreeMap::new();
    for (digest, size) in records.iter().flat_map(|one| &one.blobs) {
        named.entry(*digest).or_insert((0, *size)).0 += 1;
    }
    let of_records: u64 = records.iter().map(|one| one.metadata.len()).sum();
    let mut bytes = of_records + named.values().map(|(_, size)| size).sum::<u64>();
    records.sort_by_key(|one| (one.used, one.key));
    let mut gone = BTreeSet::new();
    for one in records.iter().filter(|one| !needed.contains(&one.key)) {
        if bytes <= most {
            break;
        }
        bytes -= one.metadata.len();
        for (digest, size) in &one.blobs {
            let Some((count, _)) = named.get_mut(digest) else { continue };
            *count -= 1;
            // A blob goes with the last record that names it.
            bytes -= if *count == 0 { *size } else { 0 };
        }
        gone.insert(one.key);
    }
    drain(records, |one| gone.contains(&one.key))
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
