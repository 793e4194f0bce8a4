//! What a store holds, by kind: how much, and how old.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use octavo_plugin::Digest;

use super::action::ActionRecord;
use super::gc::{digest_of_path, files};
use super::{Store, StoreError};
use crate::disk;

/// So many entries, and how large and old they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Their number.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest and the newest were written, in seconds since 1970; `None` if there are none.
    pub written: Option<(u64, u64)>,
}

impl Tally {
    fn add(&mut self, bytes: u64, written: u64) {
        self.count += 1;
        self.bytes += bytes;
        let (oldest, newest) = self.written.unwrap_or((written, written));
        self.written = Some((oldest.min(written), newest.max(written)));
    }
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents<G> {
    /// Good records.
    pub records: Tally,
    /// Results: the bytes that records name, and what no record names any more.
    pub blobs: Tally,
    /// Small things that are remembered in files beside.
    pub lines: Tally,
    /// What was found damaged and set aside.
    pub damaged: Tally,
    /// By group: its records, and the bytes of these and of their results.
    pub groups: BTreeMap<G, Tally>,
}

impl Store {
    /// Hands on good records with their keys, and when they were written, in seconds since 1970; all, or of more than `most` about so many, which are as
    /// good as drawn by lot: keys are digests. No blob is read.
    ///
    /// # Errors
    /// What the disk says.
    pub fn each_record(
        &self,
        most: usize,
        mut told: impl FnMut(Digest, ActionRecord, u64),
    ) -> Result<(), StoreError> {
        let folder = self.folder.join("actions");
        let mut seen = 0;
        for (name, _) in disk::list(&folder)? {
            if seen >= most {
                break;
            }
            for (path, metadata) in files(&folder.join(name), 1)? {
                seen += 1;
                if let Some((key, record)) = self.good_record(&path)? {
                    told(key, record, written(&metadata));
                }
            }
        }
        Ok(())
    }

    /// What the store holds, with records in the groups that `groups_of` names. No blob is read.
    ///
    /// # Errors
    /// What the disk says.
    pub fn contents<G: Ord + Clone>(
        &self,
        groups_of: impl Fn(&Digest, &ActionRecord) -> Vec<G>,
    ) -> Result<Contents<G>, StoreError> {
        let (mut records, mut groups) = (Tally::default(), BTreeMap::<G, Tally>::new());
        let mut counted: BTreeSet<(G, Digest)> = BTreeSet::new();
        for (path, metadata) in files(&self.folder.join("actions"), 2)? {
            let Some((key, record)) = self.good_record(&path)? else { continue };
            records.add(metadata.len(), written(&metadata));
            for group in groups_of(&key, &record) {
                let mut bytes = metadata.len();
                for output in record.blobs() {
                    let is_new = counted.insert((group.clone(), output.digest));
                    bytes += if is_new { output.size } else { 0 };
                }
                groups.entry(group).or_default().add(bytes, written(&metadata));
            }
        }
        let mut blobs = Tally::default();
        for (path, metadata) in files(&self.folder.join("blobs"), 2)? {
            if digest_of_path(&path).is_some() && metadata.is_file() {
                blobs.add(metadata.len(), written(&metadata));
            }
        }
        let (mut lines, mut damaged) = (Tally::default(), Tally::default());
        for (name, _) in disk::list(&self.folder)? {
            let tally = match name.to_str() {
                Some("actions" | "blobs" | "tmp" | "lock" | "publish.lock" | "uses.lock" | "version") => {
                    continue;
                }
                Some(".gitignore" | "CACHEDIR.TAG") => continue,
                Some("damaged") => &mut damaged,
                _ => &mut lines,
            };
            for (_, metadata) in files(&self.folder.join(name), usize::MAX)? {
                tally.add(metadata.len(), written(&metadata));
            }
        }
        Ok(Contents { records, blobs, lines, damaged, groups })
    }
}

fn written(metadata: &Metadata) -> u64 {
    u64::try_from(metadata.mtime()).unwrap_or_default()
}
