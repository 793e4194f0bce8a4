//! A cheap check that a file still holds the bytes it was made with.
//!
//! Reading ten thousand pages to compare digests would cost more than the rest of a rebuild. A site's files are hard links
//! to blobs, so an editor that writes into a published page also writes into the blob. Whoever writes into a file changes its
//! time of last change; so, when a file is made, the part of that time below the second is set to a number that follows
//! from the digest. While the number stands, nobody has written. The seconds stay true, which web servers and copying
//! programs rely on.
//!
//! The seal has 10^7 values (100 ns steps, which NTFS and all finer file systems keep). It shows writing; it does not show
//! a failing disk, which only reading does. Where it does not stand, because a file system keeps coarser times or a copy
//! lost them, the bytes are read and their digest decides.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use octavo_plugin::Digest;

use crate::disk::{self, DiskError};

const STEP: u32 = 100;
const VALUES: u32 = 10_000_000;

fn number(digest: &Digest) -> u32 {
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_le_bytes([a, b, c, d]) % VALUES * STEP
}

/// Whether the seal for these bytes stands on a plain file.
pub(crate) fn stands(metadata: &Metadata, digest: &Digest) -> bool {
    metadata.is_file() && metadata.mtime_nsec() == i64::from(number(digest))
}

/// Seals a file whose bytes have this digest.
pub(crate) fn set(file: &File, path: &Path, digest: &Digest) -> Result<(), DiskError> {
    disk::stamp(file, path, number(digest))
}

/// Breaks the seal of a file that was found damaged. This goes through the open file, so a good file that another
/// process has meanwhile put under the same name is left alone.
pub(crate) fn break_off(file: &File, path: &Path, digest: &Digest) -> Result<(), DiskError> {
    disk::stamp(file, path, (number(digest) + STEP) % (VALUES * STEP))
}

/// Whether a file holds the bytes of this digest: by its seal or, where that does not stand, by reading. A file found
/// good by reading is sealed, so that the next look is cheap.
pub(crate) fn holds(path: &Path, digest: &Digest) -> Result<bool, DiskError> {
    let Some(metadata) = disk::metadata(path)? else { return Ok(false) };
    if stands(&metadata, digest) {
        return Ok(true);
    }
    if !metadata.is_file() {
        return Ok(false);
    }
    let Some(file) = disk::open(path)? else { return Ok(false) };
    let good = Digest::of(&disk::read_open(&file, path)?) == *digest;
    if good {
        // Somebody else's file cannot be sealed; then it is read again next time.
        let _ = set(&file, path, digest);
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn writing_breaks_the_seal_and_reading_restores_it_only_for_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        fs::write(&path, b"one").unwrap();
        let digest = Digest::of(b"one");
        set(&File::open(&path).unwrap(), &path, &digest).unwrap();
        assert!(stands(&fs::metadata(&path).unwrap(), &digest));
        fs::write(&path, b"two").unwrap();
        assert!(!stands(&fs::metadata(&path).unwrap(), &digest));
        assert!(!holds(&path, &digest).unwrap());
        fs::write(&path, b"one").unwrap();
        assert!(holds(&path, &digest).unwrap());
        assert!(stands(&fs::metadata(&path).unwrap(), &digest));
        break_off(&File::open(&path).unwrap(), &path, &digest).unwrap();
        assert!(!stands(&fs::metadata(&path).unwrap(), &digest));
    }

    #[test]
    fn a_folder_or_a_link_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let digest = Digest::of(b"one");
        assert!(!holds(folder.path(), &digest).unwrap());
        fs::write(folder.path().join("one"), b"one").unwrap();
        std::os::unix::fs::symlink("one", folder.path().join("link")).unwrap();
        assert!(!holds(&folder.path().join("link"), &digest).unwrap());
        assert!(!holds(&folder.path().join("none"), &digest).unwrap());
    }
}
