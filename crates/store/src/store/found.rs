//! The keys of which the last build of a checkout had the results, in one file: where there are thousands of them, the next build of the same
//! program need not open each record to know that it is there.
//!
//! The file is forgotten as soon as an entry turns out to be damaged or missing, and with what `gc` removes. What somebody else took away meanwhile
//! is noticed when it is read, as damage is.

use std::path::PathBuf;
use std::sync::PoisonError;

use octavo_plugin::Digest;

use super::{Problem, Store, StoreError};
use crate::disk::{self, DiskError};

/// The folder of these files in a store.
pub(super) const FOLDER: &str = "found";
/// Fewer records are opened.
const MANY: usize = 1000;
/// So many bytes of a key tell it from all others.
const SHORT: usize = 16;

/// Keys that the last build had the results of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(Vec<[u8; SHORT]>);

impl Found {
    /// Whether this one is among them.
    pub fn has(&self, key: &Digest) -> bool {
        self.0.binary_search(&short(key)).is_ok()
    }
}

fn short(key: &Digest) -> [u8; SHORT] {
    key.as_bytes().first_chunk().copied().unwrap_or_default()
}

impl Store {
    /// What the last build of this program in this checkout had the results of, if that was written down.
    pub fn found(&self, program: &Digest) -> Option<Found> {
        let bytes = disk::read(&self.found_path().ok()?).ok().flatten()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, keys) = (&bytes[..end], &bytes[end + 1..]);
        (head == header(program, keys).as_bytes()).then_some(())?;
        let (keys, rest) = keys.as_chunks::<SHORT>();
        rest.is_empty().then(|| Found(keys.to_vec()))
    }

    /// Writes down what a build had the results of, if they are many and others than the last one had.
    ///
    /// # Errors
    /// Why the file cannot be written.
    pub fn note_found(&self, program: &Digest, keys: impl Iterator<Item = Digest>) -> Result<(), StoreError> {
        let mut keys: Vec<[u8; SHORT]> = keys.map(|key| short(&key)).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < MANY {
            return Ok(self.forget_found()?);
        }
        if self.found(program).is_some_and(|found| found.0 == keys) {
            return Ok(());
        }
        let bytes = keys.concat();
        let file = [header(program, &bytes).as_bytes(), b"\n", &bytes].concat();
        disk::create_folders(&self.folder.join(FOLDER))?;
        disk::write_durably_from(&self.temporary_folder(), &self.found_path()?, &file)?;
        Ok(())
    }

    /// Every record is opened again from now on.
    pub(super) fn forget_found(&self) -> Result<(), DiskError> {
        disk::remove_tree(&self.folder.join(FOLDER))
    }

    /// Notes that results were used without a look at their records.
    pub fn trust(&self, keys: impl Iterator<Item = Digest>) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).append(&mut keys.collect());
    }

    /// Notes that a result which was trusted to be there is not.
    pub fn lost(&self, key: &Digest) {
        self.warn(&self.action_path(key), Problem::MissingBlob);
        // A file that cannot be removed costs the same again.
        let _ = self.forget_found();
    }

    /// The file of this checkout, as for uses.
    fn found_path(&self) -> Result<PathBuf, DiskError> {
        let own = self.own_uses()?;
        Ok(self.folder.join(FOLDER).join(own.file_name().unwrap_or_default()))
    }
}

fn header(program: &Digest, keys: &[u8]) -> String {
    format!("octavo found 1 {program} {}", Digest::of(keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ActionRecord;

    fn keys(from: u32) -> impl Iterator<Item = Digest> {
        (from..from + 1200).map(|n| Digest::of(&n.to_le_bytes()))
    }

    #[test]
    fn what_a_build_found_is_known_to_the_next_one_of_the_same_program() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let [program, other] = [b"one", b"two"].map(|name| Digest::of(name));
        assert_eq!(store.found(&program), None);
        store.note_found(&program, keys(0)).unwrap();
        let found = store.found(&program).unwrap();
        assert!(keys(0).all(|key| found.has(&key)) && !keys(2000).any(|key| found.has(&key)));
        assert_eq!(store.found(&other), None, "another program may declare something else");
        let path = store.found_path().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(store.found(&program), None, "a damaged file says nothing");
        store.note_found(&program, keys(0).take(10)).unwrap();
        assert!(!path.exists(), "few records are opened");
    }

    #[test]
    fn a_lost_entry_ends_the_trust() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (program, key) = (Digest::of(b"program"), Digest::of(b"key"));
        for lose in [0, 1] {
            store.note_found(&program, keys(0)).unwrap();
            store.record(&key, &ActionRecord::default()).unwrap();
            match lose {
                0 => store.set_aside(&store.action_path(&key), Problem::CorruptAction).unwrap(),
                _ => {
                    std::fs::remove_file(store.action_path(&key)).unwrap();
                    assert_eq!(store.lookup(&key).unwrap(), None);
                    store.lost(&key);
                }
            }
            assert_eq!(store.found(&program), None);
        }
    }
}
