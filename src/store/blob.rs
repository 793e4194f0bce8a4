//! Bytes by their digest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::{Problem, Store, StoreError, seal, sharded};
use crate::disk::{self, DiskError, Temporary};

/// A file to be written under a temporary name, synced, and given its name.
pub(super) struct Entry<'a> {
    /// Its final name.
    pub(super) path: PathBuf,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// Their digest, if the file is to be read-only and sealed.
    pub(super) seal: Option<Digest>,
    /// Whether a file that has the name already is kept.
    pub(super) keep: bool,
}

impl Store {
    /// Keeps bytes; returns their digest. Bytes that are there already are not written again.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        Ok(self.put_all(&[bytes])?[0])
    }

    /// Keeps many byte strings; returns their digests in the same order. Many at once are much quicker than one by one, as
    /// the disk is waited for once.
    pub fn put_all(&self, contents: &[impl AsRef<[u8]> + Sync]) -> Result<Vec<Digest>, StoreError> {
        let digests: Vec<_> = contents.par_iter().map(|bytes| Digest::of(bytes.as_ref())).collect();
        let distinct: BTreeMap<_, _> = digests.iter().copied().zip(contents).collect();
        let missing: Vec<_> = distinct
            .into_par_iter()
            .map(|(digest, bytes)| Ok((!self.sound(&digest)?).then_some((digest, bytes))))
            .collect::<Result<Vec<_>, DiskError>>()?;
        let entries: Vec<_> = missing
            .into_iter()
            .flatten()
            .map(|(digest, bytes)| Entry {
                path: self.blob_path(&digest),
                bytes: bytes.as_ref(),
                seal: Some(digest),
                keep: false,
            })
            .collect();
        self.place_all(&entries)?;
        Ok(digests)
    }

    /// The bytes of a digest; `None` if they are not there. What is returned has this digest: damaged bytes are reported
    /// and count as missing.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.blob_path(digest);
        let Some(file) = disk::open(&path)? else { return Ok(None) };
        let bytes = disk::read_open(&file, &path)?;
        if Digest::of(&bytes) == *digest {
            return Ok(Some(bytes));
        }
        self.warn(&path, Problem::CorruptBlob);
        // With its seal broken the blob is written anew by the next `put`. Where that is not allowed, neither is writing.
        let _ = seal::break_off(&file, &path, digest);
        Ok(None)
    }

    /// Whether the bytes of a digest are there and nobody has written into them. Only [`Store::get`] reads them.
    pub fn holds(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.sound(digest)?)
    }

    /// The file with the bytes of a digest, if it is sound.
    pub(crate) fn sound_blob(&self, digest: &Digest) -> Result<Option<PathBuf>, StoreError> {
        Ok(self.sound(digest)?.then(|| self.blob_path(digest)))
    }

    pub(super) fn blob_path(&self, digest: &Digest) -> PathBuf {
        sharded(&self.folder.join("blobs"), digest)
    }

    /// Reports a blob that is there and is not sound.
    fn sound(&self, digest: &Digest) -> Result<bool, DiskError> {
        let path = self.blob_path(digest);
        let sound = seal::holds(&path, digest)?;
        if !sound && disk::metadata(&path)?.is_some() {
            self.warn(&path, Problem::CorruptBlob);
        }
        Ok(sound)
    }

    /// Writes files so that each has its name only once its bytes are on the disk; says which got it.
    pub(super) fn place_all(&self, entries: &[Entry<'_>]) -> Result<Vec<bool>, DiskError> {
        let folders: BTreeSet<_> = entries.iter().filter_map(|entry| entry.path.parent()).collect();
        folders.into_iter().try_for_each(create_if_missing)?;
        let folder = self.temporary_folder();
        let temporaries: Vec<_> =
            entries.par_iter().map(|entry| fill(&folder, entry)).collect::<Result<_, _>>()?;
        let paths: Vec<_> = temporaries.iter().map(|temporary| temporary.path().to_owned()).collect();
        disk::sync_all(&paths)?;
        temporaries.into_par_iter().zip(entries).map(|(temporary, entry)| place(temporary, entry)).collect()
    }
}

fn create_if_missing(folder: &Path) -> Result<(), DiskError> {
    match disk::metadata(folder)? {
        Some(_) => Ok(()),
        None => disk::create_folders(folder),
    }
}

fn fill(folder: &Path, entry: &Entry<'_>) -> Result<Temporary, DiskError> {
    let (temporary, file) = Temporary::create(folder, "")?;
    disk::write(&file, temporary.path(), entry.bytes)?;
    if let Some(digest) = &entry.seal {
        disk::set_read_only(&file, temporary.path())?;
        seal::set(&file, temporary.path(), digest)?;
    }
    Ok(temporary)
}

fn place(temporary: Temporary, entry: &Entry<'_>) -> Result<bool, DiskError> {
    match entry.keep {
        true => temporary.place_if_free(&entry.path),
        false => temporary.rename(&entry.path).map(|()| true),
    }
}
