//! Bytes by their digest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::{Problem, Store, StoreError, sharded};
use crate::disk::{self, DiskError, Temporary};

/// What stands under the name of an entry.
pub(super) enum Entry {
    /// Nothing.
    Missing,
    /// A plain file.
    Read(File, Vec<u8>),
    /// Something else, or a file that cannot be read: its name must become free for one that can.
    Unreadable,
}

/// Reads an entry. What stops a program for the moment, such as too many open files, says nothing against the entry.
pub(super) fn read_entry(path: &Path) -> Result<Entry, DiskError> {
    loop {
        let read = disk::open_plain(path)
            .and_then(|file| file.map(|file| Ok((disk::read_open(&file, path)?, file))).transpose());
        match read {
            Ok(Some((bytes, file))) => return Ok(Entry::Read(file, bytes)),
            Ok(None) => match disk::metadata(path)? {
                None => return Ok(Entry::Missing),
                // It got its name between the two looks: another thread or process has just written it.
                Some(metadata) if metadata.is_file() => {}
                Some(_) => return Ok(Entry::Unreadable),
            },
            Err(error) if error.is_of_the_file() => return Ok(Entry::Unreadable),
            Err(error) => return Err(error),
        }
    }
}

/// A file to be written under a temporary name, synced, and given its name.
pub(super) struct NewEntry<'a> {
    /// Its final name.
    pub(super) path: PathBuf,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// Whether the file is to be read-only.
    pub(super) read_only: bool,
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
            .map(|(digest, bytes)| {
                let there = self.has(&digest, Some(bytes.as_ref().len() as u64))?;
                Ok((!there).then_some((digest, bytes)))
            })
            .collect::<Result<Vec<_>, DiskError>>()?;
        let entries: Vec<_> = missing
            .into_iter()
            .flatten()
            .map(|(digest, bytes)| NewEntry {
                path: self.blob_path(&digest),
                bytes: bytes.as_ref(),
                read_only: true,
                keep: false,
            })
            .collect();
        self.place_all(&entries)?;
        Ok(digests)
    }

    /// The bytes of a digest; `None` if they are not there. What is returned has this digest: damaged bytes are reported,
    /// set aside, and count as missing.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read(digest)?.map(|(_, bytes)| bytes))
    }

    /// The same, with the open file.
    pub fn read(&self, digest: &Digest) -> Result<Option<(File, Vec<u8>)>, DiskError> {
        let path = self.blob_path(digest);
        match read_entry(&path)? {
            Entry::Missing => Ok(None),
            Entry::Read(file, bytes) if Digest::of(&bytes) == *digest => Ok(Some((file, bytes))),
            Entry::Read(..) | Entry::Unreadable => self.set_aside(&path, Problem::CorruptBlob).map(|()| None),
        }
    }

    /// The open file of a digest, for what may be larger than memory. Nobody has compared its bytes with the digest yet.
    pub fn open_blob(&self, digest: &Digest) -> Result<Option<File>, StoreError> {
        Ok(disk::open_plain(&self.blob_path(digest))?)
    }

    /// Whether there is a file for a digest. Whether it holds the right bytes only [`Store::get`] says, which reads them.
    pub fn holds(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.has(digest, None)?)
    }

    pub(super) fn blob_path(&self, digest: &Digest) -> PathBuf {
        sharded(&self.folder.join("blobs"), digest)
    }

    /// Whether there is a plain file for a digest, of the right size where that is known. What else has its name is set aside.
    pub(super) fn has(&self, digest: &Digest, size: Option<u64>) -> Result<bool, DiskError> {
        let path = self.blob_path(digest);
        let Some(metadata) = disk::metadata(&path)? else { return Ok(false) };
        if metadata.is_file() && size.is_none_or(|size| size == metadata.len()) {
            return Ok(true);
        }
        self.set_aside(&path, Problem::CorruptBlob)?;
        Ok(false)
    }

    /// Writes files so that each has its name only once its bytes are on the disk; says which got it.
    pub(super) fn place_all(&self, entries: &[NewEntry<'_>]) -> Result<Vec<bool>, DiskError> {
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

fn fill(folder: &Path, entry: &NewEntry<'_>) -> Result<Temporary, DiskError> {
    let (temporary, file) = Temporary::create(folder, "")?;
    disk::write(&file, temporary.path(), entry.bytes)?;
    if entry.read_only {
        disk::set_read_only(&file, temporary.path())?;
    }
    Ok(temporary)
}

fn place(temporary: Temporary, entry: &NewEntry<'_>) -> Result<bool, DiskError> {
    match entry.keep {
        true => temporary.place_if_free(&entry.path),
        false => temporary.rename(&entry.path).map(|()| true),
    }
}
