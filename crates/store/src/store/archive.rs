//! A store as one file, a tar archive with metadata that never differ, so that the same store gives the same bytes: the file `version`,
//! all good blobs and all good records, each kind in the order of digests. Blobs come first, since a record stands for them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;

use super::action::ActionRecord;
use super::blob::{Entry, NewEntry, read_entry};
use super::item::Item;
use super::ustar::{self, BLOCK, Wrong};
use super::{Store, StoreError, VERSION, with_help};
use crate::disk::{self, DiskError, Temporary};
use octavo_definition::diagnostic::Diagnostic;

/// The first entry.
const FIRST: &str = "version";
/// So many bytes of an archive are put into the store together, as the disk is waited for once.
const TOGETHER: usize = 16 << 20;

/// Why a store is not exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store, or the disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive as a whole.
    #[error("`{}` {what}", path.display())]
    File {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// The next step.
        help: &'static str,
    },
    /// An entry of it.
    #[error("the entry `{}` of `{}` {what}", entry.escape_debug(), path.display())]
    Entry {
        /// The archive.
        path: PathBuf,
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl From<DiskError> for ArchiveError {
    fn from(error: DiskError) -> Self {
        Self::Store(error.into())
    }
}

impl ArchiveError {
    /// The error as all others are shown.
    pub fn diagnostic(&self) -> Diagnostic {
        let help = match self {
            Self::Store(error) => return error.diagnostic(),
            Self::File { help, .. } => help,
            Self::Entry { .. } => {
                "nothing was imported; get the file again from where `octavo store export` wrote it"
            }
        };
        with_help(Diagnostic::error("archive", self.to_string()), Some(help.to_owned()))
    }

    fn foreign(path: &Path, what: impl Into<String>) -> Self {
        let help = "nothing was imported; name a file that `octavo store export` wrote";
        Self::File { path: path.to_owned(), what: what.into(), help }
    }
}

/// What was exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records.
    pub records: usize,
    /// Blobs.
    pub blobs: usize,
    /// Size of the archive.
    pub bytes: u64,
}

/// What was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Records that were not there.
    pub records: usize,
    /// Blobs that were not there.
    pub blobs: usize,
    /// Their bytes and those of the records.
    pub bytes: u64,
    /// Records and blobs that were there.
    pub known: usize,
}

impl Store {
    /// Writes all good records and blobs into a new file. What is damaged is set aside, and among [`Store::take_warnings`].
    ///
    /// # Errors
    /// What has the file's name already, a result that is too large for an archive, and what the disk says.
    pub fn export(&self, to: &Path) -> Result<Exported, ArchiveError> {
        let taken = || ArchiveError::File {
            path: to.to_owned(),
            what: "exists".to_owned(),
            help: "move it away, or name another file; nothing was written",
        };
        if disk::metadata(to)?.is_some() {
            return Err(taken());
        }
        // Whoever adds to the store puts blobs before the record that names them.
        let (keys, blobs) = (self.entries("actions")?, self.entries("blobs")?);
        let (temporary, file) = Temporary::create(disk::folder_of(to), ".octavo-store.")?;
        let mut writer =
            Writer { file, path: temporary.path().to_owned(), to, exported: Exported::default() };
        writer.entry(FIRST, VERSION.as_bytes())?;
        let mut good: BTreeMap<Digest, u64> = BTreeMap::new();
        for digest in blobs {
            if let Some((_, bytes)) = self.read(&digest)? {
                writer.entry(&Item::Blob(digest).name(), &bytes)?;
                good.insert(digest, bytes.len() as u64);
            }
        }
        for key in keys {
            // What was damaged may have been made again since.
            let is_whole = |record: ActionRecord| {
                record.blobs().all(|output| good.get(&output.digest) == Some(&output.size))
            };
            if self.lookup(&key)?.is_some_and(is_whole)
                && let Entry::Read(_, bytes) = read_entry(&self.action_path(&key))?
            {
                writer.entry(&Item::Record(key).name(), &bytes)?;
                writer.exported.records += 1;
            }
        }
        writer.exported.blobs = good.len();
        writer.write(&[0; 2 * BLOCK])?;
        disk::sync(&writer.file, &writer.path)?;
        let exported = writer.exported;
        if !temporary.place_if_free(to)? {
            return Err(taken());
        }
        disk::sync_all(&[disk::folder_of(to).to_owned()])?;
        Ok(exported)
    }

    /// Adds the records and blobs of an archive that are not there; nothing that is there is replaced, unless it is damaged. The whole
    /// archive is looked at before anything is added.
    ///
    /// # Errors
    /// What is wrong with the archive, and where, and what the disk says.
    pub fn import(&self, from: &Path) -> Result<Imported, ArchiveError> {
        read(from, &mut |_, _| Ok(()))?;
        let mut imported = Imported::default();
        let mut batch: Vec<(Item, Vec<u8>)> = Vec::new();
        let mut waiting = 0;
        read(from, &mut |item, bytes| {
            let is_record = |item: &Item| matches!(item, Item::Record(_));
            let ends_a_kind = batch.last().is_some_and(|(last, _)| is_record(last) != is_record(&item));
            if ends_a_kind || waiting > TOGETHER {
                self.add(&std::mem::take(&mut batch), &mut imported)?;
                waiting = 0;
            }
            waiting += bytes.len();
            batch.push((item, bytes));
            Ok(())
        })?;
        self.add(&batch, &mut imported)?;
        Ok(imported)
    }

    /// Puts what is not there into the store.
    fn add(&self, batch: &[(Item, Vec<u8>)], imported: &mut Imported) -> Result<(), StoreError> {
        let mut entries = Vec::new();
        for (item, bytes) in batch {
            let (is_there, path, read_only) = match item {
                Item::Blob(digest) => (self.read(digest)?.is_some(), self.blob_path(digest), true),
                Item::Record(key) => (self.lookup(key)?.is_some(), self.action_path(key), false),
            };
            match is_there {
                true => imported.known += 1,
                false => entries.push((item, NewEntry { path, bytes, read_only, keep: true })),
            }
        }
        let (items, entries): (Vec<&Item>, Vec<NewEntry<'_>>) = entries.into_iter().unzip();
        for ((item, entry), placed) in items.iter().zip(&entries).zip(self.place_all(&entries)?) {
            let count = match (placed, item) {
                // Another process was quicker.
                (false, _) => &mut imported.known,
                (true, Item::Blob(_)) => &mut imported.blobs,
                (true, Item::Record(_)) => &mut imported.records,
            };
            *count += 1;
            imported.bytes += if placed { entry.bytes.len() as u64 } else { 0 };
        }
        Ok(())
    }
}

/// An archive that is being written.
struct Writer<'a> {
    file: File,
    path: PathBuf,
    /// What it will be called.
    to: &'a Path,
    exported: Exported,
}

impl Writer<'_> {
    fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let size = bytes.len() as u64;
        if size > ustar::LARGEST {
            return Err(ArchiveError::File {
                path: self.to.to_owned(),
                what: format!("cannot hold `{name}`, which has more than 8 GB"),
                help: "copy the folder `.octavo` instead; nothing was written",
            });
        }
        self.write(&ustar::header(name, size))?;
        self.write(bytes)?;
        self.write(&[0; BLOCK][..usize::try_from(ustar::padding(size)).unwrap_or_default()])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.exported.bytes += bytes.len() as u64;
        Ok(disk::write(&self.file, &self.path, bytes)?)
    }
}

/// Hands on every entry of an archive whose bytes are those that its name or its record says; ends with the first that is not.
fn read(
    path: &Path,
    visit: &mut dyn FnMut(Item, Vec<u8>) -> Result<(), StoreError>,
) -> Result<(), ArchiveError> {
    let reader = Reader::open(path)?;
    match reader.next()? {
        Some((name, bytes)) if name == FIRST && bytes == VERSION.as_bytes() => {}
        Some((name, bytes)) if name == FIRST && bytes.starts_with(b"octavo store ") => {
            let found = String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned();
            let own = VERSION.trim_end();
            return Err(ArchiveError::foreign(
                path,
                format!("has the format `{}`, this program reads `{own}`", found.escape_debug()),
            ));
        }
        _ => {
            return Err(ArchiveError::foreign(
                path,
                "is no exported store: it does not begin with `version`",
            ));
        }
    }
    let mut last = None;
    let mut blobs: BTreeMap<Digest, u64> = BTreeMap::new();
    while let Some((name, bytes)) = reader.next()? {
        let wrong = |what| ArchiveError::Entry { path: path.to_owned(), entry: name.clone(), what };
        let item = Item::named(&name).map_err(wrong)?;
        if last.is_some_and(|last| last >= item) {
            return Err(wrong("is there twice, or not in its place"));
        }
        match item {
            Item::Blob(digest) if Digest::of(&bytes) == digest => {
                blobs.insert(digest, bytes.len() as u64);
            }
            Item::Blob(_) => return Err(wrong("is damaged: its bytes do not have the digest of its name")),
            Item::Record(key) => {
                let record = ActionRecord::decode(&key, &bytes);
                let record = record.ok_or_else(|| wrong("is damaged: its checksum or key is wrong"))?;
                if !record.blobs().all(|output| blobs.get(&output.digest) == Some(&output.size)) {
                    return Err(wrong("names a result that is not in the file"));
                }
            }
        }
        last = Some(item);
        visit(item, bytes)?;
    }
    Ok(())
}

/// An archive that is being read.
struct Reader<'a> {
    file: File,
    path: &'a Path,
}

impl<'a> Reader<'a> {
    fn open(path: &'a Path) -> Result<Self, ArchiveError> {
        let Some(file) = disk::open(path)? else { return Err(ArchiveError::foreign(path, "is not there")) };
        match disk::metadata_open(&file, path)?.is_file() {
            true => Ok(Self { file, path }),
            false => Err(ArchiveError::foreign(path, "is no file")),
        }
    }

    /// Name and bytes of the next entry; `None` after the last one.
    fn next(&self) -> Result<Option<(String, Vec<u8>)>, ArchiveError> {
        let early = || ArchiveError::foreign(self.path, "ends too early: a part of it is missing");
        let head: [u8; BLOCK] = self.bytes(BLOCK as u64)?.try_into().map_err(|_| early())?;
        if head == [0; BLOCK] {
            let rest = self.bytes(BLOCK as u64 + 1)?;
            let ends = rest == [0; BLOCK];
            return if ends {
                Ok(None)
            } else {
                Err(ArchiveError::foreign(self.path, "does not end where it should"))
            };
        }
        let name = ustar::name(&head);
        let wrong = |what| ArchiveError::Entry { path: self.path.to_owned(), entry: name.clone(), what };
        let size = match (ustar::size(&head), Item::named(&name)) {
            (Err(Wrong::Checksum), _) => return Err(wrong("has a damaged header")),
            (_, Err(why)) if name != FIRST => return Err(wrong(why)),
            (Err(Wrong::Foreign), _) => return Err(wrong("is not as `octavo store export` writes it")),
            (Ok(size), _) => size,
        };
        let mut bytes = self.bytes(size + ustar::padding(size))?;
        if bytes.len() as u64 != size + ustar::padding(size) {
            return Err(wrong("is cut off"));
        }
        let padding = bytes.split_off(usize::try_from(size).unwrap_or(bytes.len()));
        match padding.iter().all(|byte| *byte == 0) {
            true => Ok(Some((name, bytes))),
            false => Err(wrong("is damaged: what fills it up is not empty")),
        }
    }

    fn bytes(&self, size: u64) -> Result<Vec<u8>, ArchiveError> {
        Ok(disk::read_next(&self.file, self.path, size)?)
    }
}

#[cfg(test)]
mod tests;
