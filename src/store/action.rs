//! What a key's work gave.
//!
//! A record is a file of two parts: a first line `octavo action 1 CHECKSUM`, and JSON with the key, the outputs and the
//! caller's notes, whose BLAKE3 digest is the checksum.

use std::path::PathBuf;
use std::sync::PoisonError;

use indexmap::IndexMap;
use octavo_plugin::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::blob::{Entry, NewEntry, read_entry};
use super::{Problem, Store, StoreError, sharded};
use crate::disk;

const HEADER: &str = "octavo action 1 ";

/// One output of some work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Digest of its bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
}

impl Output {
    /// What describes these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { digest: Digest::of(bytes), size: bytes.len() as u64 }
    }
}

/// What some work gave: named outputs, whose bytes are blobs, and whatever else the caller wants to remember.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// The outputs.
    pub outputs: IndexMap<String, Output>,
    /// The caller's notes.
    #[serde(default)]
    pub meta: Json,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    key: Digest,
    #[serde(flatten)]
    record: ActionRecord,
}

impl Store {
    /// What is remembered for a key: only if every output's blob is there, with the right size. A damaged record, or
    /// one that lacks a blob, is reported and set aside; so is whatever else has its name.
    pub fn lookup(&self, key: &Digest) -> Result<Option<ActionRecord>, StoreError> {
        let path = self.action_path(key);
        let record = match read_entry(&path)? {
            Entry::Missing => return Ok(None),
            Entry::Read(_, bytes) => decode(key, &bytes),
            Entry::Unreadable => None,
        };
        let Some(record) = record else {
            self.set_aside(&path, Problem::CorruptAction)?;
            return Ok(None);
        };
        for output in record.outputs.values() {
            if !self.has(&output.digest, Some(output.size))? {
                self.warn(&self.blob_path(&output.digest), Problem::MissingBlob);
                disk::remove_file(&path)?;
                return Ok(None);
            }
        }
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(*key);
        Ok(Some(record))
    }

    /// Remembers a key's outputs, whose bytes were put before. The first result stands: if another process has meanwhile
    /// remembered one for the same key, that one is returned and kept.
    pub fn record(&self, key: &Digest, record: &ActionRecord) -> Result<ActionRecord, StoreError> {
        Ok(self.record_all(&[(*key, record)])?.remove(0))
    }

    /// Remembers many; returns what stands, in the same order.
    pub fn record_all(&self, records: &[(Digest, &ActionRecord)]) -> Result<Vec<ActionRecord>, StoreError> {
        let files: Vec<_> = records.iter().map(|(key, record)| encode(key, record)).collect();
        let entry = |keep: bool, (key, _): &(Digest, &ActionRecord), bytes| NewEntry {
            path: self.action_path(key),
            bytes,
            read_only: false,
            keep,
        };
        let entries: Vec<_> =
            records.iter().zip(&files).map(|(one, bytes)| entry(true, one, bytes)).collect();
        let placed = self.place_all(&entries)?;
        let mut standing = Vec::with_capacity(records.len());
        for ((one, bytes), placed) in records.iter().zip(&files).zip(placed) {
            let earlier = if placed { None } else { self.lookup(&one.0)? };
            if !placed && earlier.is_none() {
                // What had the name is no good, and the lookup has removed it.
                self.place_all(&[entry(false, one, bytes)])?;
            }
            self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(one.0);
            standing.push(earlier.unwrap_or_else(|| one.1.clone()));
        }
        Ok(standing)
    }

    fn action_path(&self, key: &Digest) -> PathBuf {
        sharded(&self.folder.join("actions"), key)
    }
}

fn encode(key: &Digest, record: &ActionRecord) -> Vec<u8> {
    let stored = Stored { key: *key, record: record.clone() };
    let body = serde_json::to_string(&stored).expect("a record has text keys and finite numbers");
    format!("{HEADER}{}\n{body}\n", Digest::of(body.as_bytes())).into_bytes()
}

/// `None` if anything is not as it was written.
pub(super) fn decode(key: &Digest, bytes: &[u8]) -> Option<ActionRecord> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (checksum, body) = text.strip_prefix(HEADER)?.split_once('\n')?;
    let body = body.strip_suffix('\n')?;
    (checksum == Digest::of(body.as_bytes()).hex()).then_some(())?;
    let stored: Stored = serde_json::from_str(body).ok()?;
    (stored.key == *key).then_some(stored.record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_changed_byte_is_noticed() {
        let key = Digest::of(b"key");
        let record = ActionRecord {
            outputs: [("table.bin".to_owned(), Output::of(b"bytes"))].into(),
            meta: json!({"seconds": 1.5, "log": ["a", "b"]}),
        };
        let good = encode(&key, &record);
        assert_eq!(decode(&key, &good), Some(record));
        assert_eq!(decode(&Digest::of(b"other"), &good), None);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(decode(&key, &bad), None, "byte {at}");
            assert_eq!(decode(&key, &good[..at]), None, "cut at {at}");
        }
    }
}
