//! Results from a store on another machine. Their bytes have their digests; whether they are results of their tasks is looked at here, before they
//! are remembered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Digest, OutputSchema};

use super::Note;
use crate::plan::TaskKey;
use crate::results::{Outputs, load_all};
use crate::store::{Brought, Store, together};

/// So many results are kept together, as the disk is waited for once.
const TOGETHER: usize = 64;

/// Brings the results of these tasks that the store does not have.
pub(super) fn bring(store: &Store, wanted: &[(TaskKey, &OutputSchema)]) {
    let missing: Vec<_> = wanted.iter().filter(|(key, _)| !store.has_record(key)).collect();
    let (began, mut asked) = (Instant::now(), 0);
    for some in missing.chunks(TOGETHER) {
        let all = Mutex::new(Vec::new());
        together(some, |(key, declared)| {
            let Some(brought) = store.bring(key) else { return };
            match refused(store, &brought, declared) {
                Some(why) => store.refuse_brought(key, why),
                None => all.lock().unwrap_or_else(PoisonError::into_inner).push(brought),
            }
        });
        let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        // What cannot be kept is computed, and then whoever keeps that says why.
        let _ = store.take_up(&all);
        asked += some.len();
        store.note_asked(asked, missing.len(), began);
    }
}

/// Why something is no result of a task that declares this.
fn refused(store: &Store, brought: &Brought, declared: &OutputSchema) -> Option<&'static str> {
    let note: Option<Note> = brought.record.meta.read();
    if note.is_none_or(|note| note.cause.key() != brought.key) {
        return Some("is not of a task with this key");
    }
    let arrived = Arrived { store, brought };
    let is_good = load_all(&arrived, declared).is_ok_and(|all| all.check(declared).is_ok());
    (!is_good).then_some("does not hold what its task gives")
}

/// The outputs of a result that is not remembered yet.
#[derive(Debug)]
struct Arrived<'a> {
    store: &'a Store,
    brought: &'a Brought,
}

impl Arrived<'_> {
    fn bytes(&self, name: &str, digest: &Digest) -> Result<Option<Vec<u8>>, String> {
        let Brought { record, blobs, .. } = self.brought;
        match record.inline.get(name).or_else(|| blobs.get(digest)) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.store.get(digest).map_err(|error| error.to_string()),
        }
    }
}

impl Outputs for Arrived<'_> {
    fn digest(&self, name: &str) -> Option<Digest> {
        self.brought.record.outputs.get(name).map(|output| output.digest)
    }

    fn load(&self, name: &str) -> Result<Option<Arc<Artifact>>, String> {
        let Some(digest) = self.digest(name) else { return Ok(None) };
        let bytes = self.bytes(name, &digest)?.ok_or("it is not there")?;
        Artifact::decode(&bytes).map(|artifact| Some(Arc::new(artifact))).map_err(|error| error.to_string())
    }
}
