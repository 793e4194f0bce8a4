//! What was computed before and is found again: plain data and files under a key, which is the digest of all that the answer depends on.
//!
//! There is one idiom: [`Memo::get_or_make`]. Where many answers are made at once, [`Memo::find`] and [`Memo::keep`] are its two
//! halves, so that the disk is waited for once.

use indexmap::IndexMap;
use octavo_plugin::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::publish::Content;
use crate::store::{ActionRecord, Notes, Output, Store, StoreError};

/// An answer: plain data, and files by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// The data.
    pub data: T,
    /// The files: blobs, or their bytes if the store could not be written.
    pub files: IndexMap<String, Content>,
    /// Whether it is found again under its key.
    pub remembered: bool,
}

/// An answer that was made now: its data and its files.
pub type Made<T> = (T, Vec<(String, Vec<u8>)>);

/// Answers in a store.
#[derive(Clone, Copy, Debug)]
pub struct Memo<'a>(&'a Store);

impl<'a> Memo<'a> {
    /// Those in this store.
    pub fn new(store: &'a Store) -> Self {
        Self(store)
    }

    /// The answer under a key, if there is one. Its files are there; whether they hold the right bytes says who reads them.
    pub fn find<T: DeserializeOwned>(self, key: &Digest) -> Option<Answer<T>> {
        let ActionRecord { outputs, meta, .. } = self.0.lookup(key).ok().flatten()?;
        Some(Answer { data: meta.read()?, files: stored(&outputs), remembered: true })
    }

    /// The answer under a key, or the one that `make` gives, which is remembered. What was made while the store lost something may
    /// lack it, and is not remembered; what the store cannot write is given all the same, and told among its warnings.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get_or_make<T: Serialize + DeserializeOwned, E>(
        self,
        key: &Digest,
        make: impl FnOnce() -> Result<Made<T>, E>,
    ) -> Result<Answer<T>, E> {
        if let Some(answer) = self.find(key) {
            return Ok(answer);
        }
        let losses = self.0.losses();
        let made = make()?;
        if self.0.losses() > losses {
            return Ok(in_memory(made));
        }
        Ok(self.keep(vec![(*key, made)]).remove(0))
    }

    /// Remembers answers that were made now, and gives them in their order.
    pub fn keep<T: Serialize>(self, made: Vec<(Digest, Made<T>)>) -> Vec<Answer<T>> {
        match self.write(&made) {
            Ok(records) => made
                .into_iter()
                .zip(records)
                .map(|((_, (data, _)), outputs)| Answer { data, files: stored(&outputs), remembered: true })
                .collect(),
            Err(error) => {
                self.0.warn_of(&error);
                made.into_iter().map(|(_, made)| in_memory(made)).collect()
            }
        }
    }

    fn write<T: Serialize>(
        self,
        made: &[(Digest, Made<T>)],
    ) -> Result<Vec<IndexMap<String, Output>>, StoreError> {
        let files = made.iter().flat_map(|(_, (_, files))| files);
        let contents: Vec<&[u8]> = files.map(|(_, bytes)| bytes.as_slice()).collect();
        let mut digests = self.0.put_all(&contents)?.into_iter();
        let mut output = |(name, bytes): &(String, Vec<u8>)| {
            let digest = digests.next().unwrap_or_else(|| Digest::of(bytes));
            (name.clone(), Output { digest, size: bytes.len() as u64 })
        };
        let record = |(_, (data, files)): &(Digest, Made<T>)| ActionRecord {
            outputs: files.iter().map(&mut output).collect(),
            meta: Notes::of(data),
            ..ActionRecord::default()
        };
        let records: Vec<ActionRecord> = made.iter().map(record).collect();
        let keyed: Vec<_> = made.iter().zip(&records).map(|((key, _), record)| (*key, record)).collect();
        // What another process has remembered meanwhile stands, and is as good.
        self.0.record_all(&keyed)?;
        Ok(records.into_iter().map(|record| record.outputs).collect())
    }

    /// The bytes of a file of an answer.
    ///
    /// # Errors
    /// Why they cannot be had: what is damaged is set aside, and counts among the store's losses.
    pub fn bytes(self, content: &Content) -> Result<Vec<u8>, String> {
        match content {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::Stored(digest) => {
                let found = self.0.get(digest).map_err(|error| error.to_string())?;
                found.ok_or_else(|| "what was remembered is damaged".to_owned())
            }
        }
    }

    /// A file of an answer as text.
    ///
    /// # Errors
    /// As [`Memo::bytes`].
    pub fn text(self, content: &Content) -> Result<String, String> {
        String::from_utf8(self.bytes(content)?).map_err(|error| error.to_string())
    }
}

fn stored(outputs: &IndexMap<String, Output>) -> IndexMap<String, Content> {
    outputs.iter().map(|(name, output)| (name.clone(), Content::Stored(output.digest))).collect()
}

fn in_memory<T>((data, files): Made<T>) -> Answer<T> {
    let files = files.into_iter().map(|(name, bytes)| (name, Content::Bytes(bytes))).collect();
    Answer { data, files, remembered: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Result = std::result::Result<Answer<Vec<u32>>, String>;

    fn ask(memo: Memo<'_>, key: &str, made: Made<Vec<u32>>) -> Result {
        memo.get_or_make(&Digest::of(key.as_bytes()), || Ok(made))
    }

    #[test]
    fn an_answer_is_made_once_and_an_error_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let memo = Memo::new(&store);
        let key = Digest::of(b"a");
        let failed: Result = memo.get_or_make(&key, || Err("no".to_owned()));
        assert_eq!((failed, memo.find::<Vec<u32>>(&key)), (Err("no".to_owned()), None));
        let first = ask(memo, "a", (vec![1, 2], vec![("x.txt".to_owned(), b"text".to_vec())])).unwrap();
        let again = ask(memo, "a", (vec![3], Vec::new())).unwrap();
        assert_eq!(first, again);
        assert_eq!((again.data, again.remembered), (vec![1, 2], true));
        assert_eq!(memo.text(&again.files["x.txt"]), Ok("text".to_owned()));
    }

    #[test]
    fn what_is_made_while_something_is_lost_is_given_and_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let memo = Memo::new(&store);
        let lost = ask(memo, "lost", (vec![1], vec![("x".to_owned(), b"x".to_vec())])).unwrap();
        let Content::Stored(digest) = lost.files["x"] else { panic!("it is in the store") };
        let path = store.folder().join("blobs").join(&digest.hex()[..2]);
        let blob = std::fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
        std::fs::remove_file(&blob).unwrap();
        std::fs::write(&blob, "y").unwrap();
        let key = Digest::of(b"b");
        let answer = memo.get_or_make(&key, || {
            let read = memo.text(&lost.files["x"]);
            Ok::<_, String>((read, vec![("z".to_owned(), b"z".to_vec())]))
        });
        let answer = answer.unwrap();
        assert_eq!(answer.data, Err("what was remembered is damaged".to_owned()));
        assert_eq!((answer.remembered, &answer.files["z"]), (false, &Content::Bytes(b"z".to_vec())));
        assert_eq!(memo.find::<std::result::Result<String, String>>(&key), None);
    }
}
