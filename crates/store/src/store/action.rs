//! What a key's work gave.
//!
//! A record is a file: a first line `octavo action 2 CHECKSUM`, a line of JSON with the key, the outputs and the caller's notes, and
//! the bytes of those outputs that `here` lists, one after the other. The checksum is the BLAKE3 digest of all after the first line.
//! Records of format 1 end after the JSON.

use std::path::PathBuf;
use std::sync::PoisonError;

use indexmap::IndexMap;
use octavo_plugin::Digest;
use serde::{Deserialize, Serialize};

use super::blob::{Entry, NewEntry, read_entry};
use super::notes::Notes;
use super::{Problem, Store, StoreError, sharded};
use crate::disk;

/// What the first line begins with, the format that is written last.
const HEADERS: [&str; 2] = ["octavo action 1 ", "octavo action 2 "];

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

/// What some work gave: named outputs, whose bytes are blobs or in the record itself, and whatever else the caller wants to remember.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionRecord {
    /// The outputs.
    pub outputs: IndexMap<String, Output>,
    /// The caller's notes.
    pub meta: Notes,
    /// Bytes of outputs that are too small for blobs of their own.
    pub inline: IndexMap<String, Vec<u8>>,
}

/// The line of JSON. (A record in a record, flattened, would be read into a tree first, which takes longer than all the rest.)
#[derive(Deserialize)]
struct Stored {
    key: Digest,
    outputs: IndexMap<String, Output>,
    #[serde(default)]
    meta: Notes,
    /// The outputs whose bytes follow.
    #[serde(default)]
    here: Vec<String>,
}

/// The same as it is written.
#[derive(Serialize)]
struct Written<'a> {
    key: &'a Digest,
    outputs: &'a IndexMap<String, Output>,
    meta: &'a Notes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    here: Vec<&'a String>,
}

impl ActionRecord {
    /// The outputs that are blobs.
    pub fn blobs(&self) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter(|(name, _)| !self.inline.contains_key(*name)).map(|(_, output)| output)
    }

    /// The file of the record.
    pub fn encode(&self, key: &Digest) -> Vec<u8> {
        let Self { outputs, meta, inline } = self;
        let written = Written { key, outputs, meta, here: inline.keys().collect() };
        let mut body = serde_json::to_vec(&written).expect("a record has text keys and finite numbers");
        body.push(b'\n');
        self.inline.values().for_each(|bytes| body.extend(bytes));
        let mut file = format!("{}{}\n", HEADERS[1], Digest::of(&body)).into_bytes();
        file.extend(body);
        file
    }

    /// The record in a file; `None` if anything is not as it was written.
    pub fn decode(key: &Digest, bytes: &[u8]) -> Option<Self> {
        let (header, body) = split_line(bytes)?;
        let header = std::str::from_utf8(header).ok()?;
        let (format, checksum) =
            HEADERS.iter().find_map(|start| Some((start, header.strip_prefix(start)?)))?;
        let (json, mut rest) = split_line(body)?;
        // Format 1 had the checksum of the JSON without its line's end.
        let checked = if *format == HEADERS[0] { json } else { body };
        (checksum == Digest::of(checked).hex()).then_some(())?;
        let Stored { key: own, outputs, meta, here } = serde_json::from_slice(json).ok()?;
        (own == *key).then_some(())?;
        let mut record = Self { outputs, meta, inline: IndexMap::new() };
        for name in here {
            let size = usize::try_from(record.outputs.get(&name)?.size).ok()?;
            let (bytes, after) = rest.split_at_checked(size)?;
            record.inline.insert(name, bytes.to_vec());
            rest = after;
        }
        rest.is_empty().then_some(record)
    }
}

impl Store {
    /// What is remembered for a key: only if every output's blob is there, with the right size. A damaged record, or
    /// one that lacks a blob, is reported and set aside; so is whatever else has its name.
    pub fn lookup(&self, key: &Digest) -> Result<Option<ActionRecord>, StoreError> {
        let path = self.action_path(key);
        let record = match read_entry(&path)? {
            Entry::Missing => return Ok(None),
            Entry::Read(_, bytes) => ActionRecord::decode(key, &bytes),
            Entry::Unreadable => None,
        };
        let Some(record) = record else {
            self.set_aside(&path, Problem::CorruptAction)?;
            return Ok(None);
        };
        for output in record.blobs() {
            if !self.has(&output.digest, Some(output.size))? {
                self.warn(&self.blob_path(&output.digest), Problem::MissingBlob);
                disk::remove_file(&path)?;
                self.forget_found()?;
                return Ok(None);
            }
        }
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(*key);
        Ok(Some(record))
    }

    /// Whether there is a record for a key, without a look into it.
    pub fn has_record(&self, key: &Digest) -> bool {
        disk::metadata(&self.action_path(key)).is_ok_and(|found| found.is_some_and(|about| about.is_file()))
    }

    /// Remembers a key's outputs, whose bytes were put before. The first result stands: if another process has meanwhile
    /// remembered one for the same key, that one is returned and kept.
    pub fn record(&self, key: &Digest, record: &ActionRecord) -> Result<ActionRecord, StoreError> {
        Ok(self.record_all(&[(*key, record)])?.remove(0))
    }

    /// Remembers many; returns what stands, in the same order.
    pub fn record_all(&self, records: &[(Digest, &ActionRecord)]) -> Result<Vec<ActionRecord>, StoreError> {
        let files: Vec<_> = records.iter().map(|(key, record)| record.encode(key)).collect();
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

    pub(super) fn action_path(&self, key: &Digest) -> PathBuf {
        sharded(&self.folder.join("actions"), key)
    }
}

/// The first line without its end, and what follows.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_inline() -> ActionRecord {
        let small = b"1\n2".to_vec();
        ActionRecord {
            outputs: [
                ("table.bin".to_owned(), Output::of(b"bytes")),
                ("scalars".to_owned(), Output::of(&small)),
            ]
            .into(),
            meta: Notes::of(&json!({"seconds": 1.5, "log": ["a", "b"]})),
            inline: [("scalars".to_owned(), small)].into(),
        }
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let (key, record) = (Digest::of(b"key"), with_inline());
        let good = record.encode(&key);
        assert!(good.ends_with(b"}\n1\n2"));
        assert_eq!(ActionRecord::decode(&key, &good), Some(record));
        assert_eq!(ActionRecord::decode(&Digest::of(b"other"), &good), None);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(ActionRecord::decode(&key, &bad), None, "byte {at}");
            assert_eq!(ActionRecord::decode(&key, &good[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn what_a_record_holds_itself_is_no_blob() {
        let digests: Vec<Digest> = with_inline().blobs().map(|output| output.digest).collect();
        assert_eq!(digests, [Digest::of(b"bytes")]);
    }

    #[test]
    fn records_of_format_1_are_read() {
        let key = Digest::of(b"key");
        let out = Output::of(b"bytes");
        let json = format!(
            r#"{{"key":"{key}","outputs":{{"out":{{"digest":"{}","size":5}}}},"meta":{{"note":1}}}}"#,
            out.digest
        );
        let file = format!("octavo action 1 {}\n{json}\n", Digest::of(json.as_bytes()));
        let expected = ActionRecord {
            outputs: [("out".to_owned(), out)].into(),
            meta: Notes::of(&json!({"note": 1})),
            ..ActionRecord::default()
        };
        assert_eq!(ActionRecord::decode(&key, file.as_bytes()), Some(expected));
    }
}
