//! The store as the memory of tasks: a record a task, with what is small in it and a blob for each artifact that is not.

mod brought;
mod durations;
mod trusted;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::{ColumnSchema, ContentHasher, Digest, DrawingKind, OutputSchema};
use serde::{Deserialize, Serialize};

use crate::executor::{Cache, Done, Outcome, Ran, Recorded, key_of};
use crate::plan::{Cause, Plan, TaskKey, dependents, in_order};
use crate::results::{Held, Outputs, load_all};
use crate::store::{ActionRecord, Found, Notes, Output, Store, StoreError};

pub use durations::Durations;
use trusted::Trusted;

/// Artifacts of at most so many bytes stand in the record itself: a file of its own costs more than they do.
const SMALL: usize = 4096;
/// So many bytes of them may stand in one record.
const SMALL_IN_ALL: usize = 16 * 1024;

/// Artifacts of at most so many bytes stay in memory: to read them again costs more than to keep them.
const TINY: usize = 256;

/// What is known of a task beside its outputs.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Digest of the names and types that the outputs were held against.
    declared: Digest,
    cause: Cause,
    /// How long the run took.
    seconds: f64,
    /// How many threads the analysis could use.
    threads: usize,
}

/// What of a [`Note`] says whether outputs are known to be good: of a task that is found, nothing else is read.
#[derive(Deserialize)]
struct Declared {
    declared: Digest,
}

/// The results of tasks in a store. Outputs are read when somebody needs them, and verified then.
#[derive(Clone, Debug)]
pub struct TaskCache {
    store: Arc<Store>,
    /// What need not be looked at.
    found: Option<Arc<Found>>,
}

impl TaskCache {
    /// The results in this store.
    pub fn new(store: &Store) -> Self {
        Self { store: Arc::new(store.clone()), found: None }
    }

    /// The same; of results that the last build of this program had, none is looked at before somebody asks for it.
    pub fn trusting(store: &Store, program: &Digest) -> Self {
        // A store elsewhere may have what this one lost.
        let found = store.remote().is_none().then(|| store.found(program)).flatten();
        Self { found: found.map(Arc::new), ..Self::new(store) }
    }

    fn stored(&self, key: TaskKey, record: ActionRecord) -> Stored {
        let keep = |bytes: Vec<u8>| if bytes.len() <= TINY { Inline::Here(bytes) } else { Inline::InRecord };
        let inline = record.inline.into_iter().map(|(name, bytes)| (name, keep(bytes))).collect();
        Stored { store: Arc::clone(&self.store), key, outputs: record.outputs, inline }
    }
}

impl Cache for TaskCache {
    fn trusts(&self) -> bool {
        self.found.is_some()
    }

    fn use_trusted(&self, keys: &[TaskKey]) {
        self.store.trust(keys.iter().copied());
    }

    fn trusted(&self, key: TaskKey) -> Option<Arc<dyn Outputs>> {
        self.found.as_ref()?.has(&key).then(|| Trusted::result(self, key))
    }

    fn lookup(&self, key: TaskKey, declared: &OutputSchema) -> Option<Arc<dyn Outputs>> {
        // A store that cannot be read is as good as none; `record` will say what is wrong with it.
        let mut record = self.store.lookup(&key).ok()?;
        if record.is_none() && !self.store.is_asked_in_vain(&key) {
            self.bring(&[(key, declared)]);
            record = self.store.lookup(&key).ok()?;
        }
        let record = record?;
        let note: Option<Declared> = record.meta.read();
        let stored = self.stored(key, record);
        if note.is_none_or(|note| note.declared != types(declared)) {
            // The analysis declares something else than it did, or did not say: only the outputs themselves tell.
            load_all(&stored, declared).ok()?.check(declared).ok()?;
        }
        Some(Arc::new(stored))
    }

    fn record(&self, ran: Ran<'_>) -> Recorded {
        let note = Note {
            declared: types(ran.declared),
            cause: ran.cause.clone(),
            seconds: ran.duration.as_secs_f64(),
            threads: rayon::current_num_threads(),
        };
        let meta = Notes::of(&note);
        let named = ran.artifacts.each().map(|(name, artifact)| (name, artifact.encode())).collect();
        let (inline, blobs) = apart(named);
        match keep(&self.store, ran.key, &blobs, inline, meta) {
            Ok(record) => {
                self.store.push_later(&ran.key);
                Recorded { outputs: Arc::new(self.stored(ran.key, record)), problem: None }
            }
            Err(error) => {
                Recorded { outputs: Arc::new(Held::new(ran.artifacts)), problem: Some(error.to_string()) }
            }
        }
    }

    fn is_far(&self) -> bool {
        self.store.remote().is_some()
    }

    fn is_worth_asking(&self, key: TaskKey) -> bool {
        self.store.is_worth_asking(&key)
    }

    fn bring(&self, wanted: &[(TaskKey, &OutputSchema)]) {
        brought::bring(&self.store, wanted);
    }
}

/// Named bytes.
type Named = Vec<(String, Vec<u8>)>;

/// What is small enough for the record, and what is not.
fn apart(named: Named) -> (IndexMap<String, Vec<u8>>, Named) {
    let mut room = SMALL_IN_ALL;
    let (small, large): (Named, Named) = named.into_iter().partition(|(_, bytes)| {
        let fits = bytes.len() <= SMALL.min(room);
        room -= if fits { bytes.len() } else { 0 };
        fits
    });
    (small.into_iter().collect(), large)
}

/// The outputs of a task in a store.
#[derive(Debug)]
struct Stored {
    store: Arc<Store>,
    key: TaskKey,
    outputs: IndexMap<String, Output>,
    /// Those whose bytes are in the record.
    inline: BTreeMap<String, Inline>,
}

/// Where the bytes of an artifact are that stand in the record of its task.
#[derive(Debug)]
enum Inline {
    /// In memory, too.
    Here(Vec<u8>),
    /// There alone.
    InRecord,
}

impl Stored {
    fn bytes(&self, name: &str, output: &Output) -> Result<Option<Vec<u8>>, StoreError> {
        match self.inline.get(name) {
            None => self.store.get(&output.digest),
            Some(Inline::Here(bytes)) => Ok(Some(bytes.clone())),
            Some(Inline::InRecord) => {
                Ok(self.store.lookup(&self.key)?.and_then(|mut record| record.inline.swap_remove(name)))
            }
        }
    }
}

impl Outputs for Stored {
    fn digest(&self, name: &str) -> Option<Digest> {
        self.outputs.get(name).map(|output| output.digest)
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.outputs.get(name).map(|output| output.size)
    }

    fn load(&self, name: &str) -> Result<Option<Arc<Artifact>>, String> {
        let Some(output) = self.outputs.get(name) else { return Ok(None) };
        let bytes = self.bytes(name, output).map_err(|error| error.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("the stored result `{name}` was damaged"))?;
        Artifact::decode(&bytes).map(|artifact| Some(Arc::new(artifact))).map_err(|error| error.to_string())
    }
}

/// Digest of what [`octavo_plugin::Artifacts::check`] looks at in a declaration: names and types.
fn types(declared: &OutputSchema) -> Digest {
    let mut hasher = ContentHasher::new("octavo types");
    let mut columns = |of: &str, columns: &IndexMap<String, ColumnSchema>| {
        hasher.text(of).number(columns.len() as u64);
        for (name, column) in columns {
            hasher.text(name).text(&column.kind.to_string());
        }
    };
    columns("scalars", &declared.scalars);
    declared.tables.iter().for_each(|(name, table)| columns(&format!("tables/{name}"), &table.columns));
    for (name, drawing) in &declared.drawings {
        let kind = match drawing.kind() {
            DrawingKind::Geometry(kind) => format!("{kind:?}"),
            DrawingKind::Raster => "raster".to_owned(),
            DrawingKind::Picture => "picture".to_owned(),
        };
        columns(&format!("drawings/{name}/{kind}"), &drawing.attributes);
    }
    hasher.finish()
}

/// All tasks of a plan whose keys can be told, with these, without running anything: a task that takes results of others has one if the
/// store has these.
pub fn known_keys(plan: &Plan, store: &Store) -> Vec<(usize, TaskKey)> {
    let feeds = dependents(plan);
    let cache = TaskCache::new(store);
    let mut outcomes = vec![Outcome::Cancelled; plan.tasks.len()];
    let mut keys = Vec::new();
    for task in in_order(plan) {
        let Some(key) = key_of(plan, task, &outcomes) else { continue };
        keys.push((task, key));
        if feeds.contains_key(&task)
            && let Some(outputs) = cache.lookup(key, &plan.experiment_of(task).outputs)
        {
            outcomes[task] = Outcome::Done(Done { outputs, key, cached: true });
        }
    }
    keys
}

fn keep(
    store: &Store,
    key: Digest,
    blobs: &[(String, Vec<u8>)],
    inline: IndexMap<String, Vec<u8>>,
    meta: Notes,
) -> Result<ActionRecord, StoreError> {
    let contents: Vec<&[u8]> = blobs.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    store.put_all(&contents)?;
    let named = inline.iter().chain(blobs.iter().map(|(name, bytes)| (name, bytes)));
    let outputs = named.map(|(name, bytes)| (name.clone(), Output::of(bytes))).collect();
    store.record(&key, &ActionRecord { outputs, meta, inline })
}
