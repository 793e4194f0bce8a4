//! A store on another machine behind this one. What is missing here is looked for there, and compared with its digests before it is kept; what is
//! new here is brought there, blobs before the record that names them, so that nobody finds a record without them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use octavo_plugin::Digest;

use super::action::{ActionRecord, Output};
use super::item::Item;
use super::{Store, StoreError};
use crate::remote::{Found, Put, Remote, TOGETHER};

/// A record from elsewhere is not larger: what is inline is small, and the rest is names and notes.
const LARGEST_RECORD: u64 = 8 << 20;
/// The results that a record from elsewhere names are not larger together.
const LARGEST_RESULT: u64 = 4 << 30;
/// A blob of so many bytes is kept on the disk at once, and not in memory until others have come.
const LARGE: usize = 1 << 20;
/// What was not there a moment ago is not asked for again. Where it takes long to ask for all that is missing, a moment is longer: [`SHARE`] times that.
const MOMENT: Duration = Duration::from_secs(10);
/// How much longer a moment is than asking takes, so that no more than a small part of the time goes into asking again.
const SHARE: u32 = 5;
/// How often it is told how far asking is.
const NEWS: Duration = Duration::from_secs(2);

/// How much went from one store to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Records that were not there.
    pub records: usize,
    /// Blobs that were not there.
    pub blobs: usize,
    /// Their bytes and those of the records.
    pub bytes: u64,
    /// Records that were there.
    pub known: usize,
}

/// A record from elsewhere, with the bytes of blobs that are not here yet. All have their digests.
#[derive(Debug)]
pub struct Brought {
    /// The key.
    pub key: Digest,
    /// What stands under it.
    pub record: ActionRecord,
    /// The size of the record's file.
    pub size: u64,
    /// Blobs that are not here.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
}

/// Who is told how far it is with asking: of how many results it was asked so far whether they are there, and of how many it will be.
pub type Teller = Arc<dyn Fn(usize, usize) + Send + Sync>;

pub(super) struct Far {
    remote: Remote,
    teller: Option<Teller>,
    /// When somebody was told last.
    told: Mutex<Option<Instant>>,
    /// How long what was not there is not asked for again.
    moment: Mutex<Duration>,
    /// When keys were last asked for in vain.
    absent: Mutex<BTreeMap<Digest, Instant>>,
    /// Keys whose record, or what it names, is no good there.
    damaged: Mutex<BTreeSet<Digest>>,
    fetched: Mutex<Moved>,
    pushed: Mutex<Moved>,
    /// Who brings new results there while others are computed.
    pusher: Mutex<Option<(Sender<Digest>, JoinHandle<()>)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Far").field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl Store {
    /// The same store with one on another machine behind it, and who is told how far it is with asking that one.
    #[must_use]
    pub fn before(self, remote: Remote, teller: Option<Teller>) -> Self {
        let far = Far {
            remote,
            teller,
            told: Mutex::default(),
            moment: Mutex::new(MOMENT),
            absent: Mutex::default(),
            damaged: Mutex::default(),
            fetched: Mutex::default(),
            pushed: Mutex::default(),
            pusher: Mutex::default(),
        };
        Self { far: Some(Arc::new(far)), ..self }
    }

    /// The store behind this one.
    pub fn remote(&self) -> Option<&Remote> {
        self.far.as_ref().map(|far| &far.remote)
    }

    /// What the store behind this one has of a key. It is not kept here yet.
    pub fn bring(&self, key: &Digest) -> Option<Brought> {
        let far = self.far.as_ref()?;
        let name = Item::Record(*key).name();
        let bytes = match far.remote.get(&name, LARGEST_RECORD, 0) {
            Found::Bytes(bytes) => bytes,
            Found::Nothing => {
                locked(&far.absent).insert(*key, Instant::now());
                return None;
            }
            Found::Trouble => return None,
        };
        let found = self.arrived(far, key, &bytes);
        found.map_err(|(item, what)| far.note_damage(key, item, what)).ok()?
    }

    /// Whether the store behind this one had nothing of a key a moment ago, or is not asked any more.
    pub fn is_asked_in_vain(&self, key: &Digest) -> bool {
        self.far.as_ref().is_none_or(|far| far.is_asked_in_vain(key, *locked(&far.moment)))
    }

    /// Whether a key that is not here should be asked for before its task begins: it will be a while ago then that it was.
    pub fn is_worth_asking(&self, key: &Digest) -> bool {
        let far = self.far.as_ref();
        far.is_some_and(|far| !far.is_asked_in_vain(key, *locked(&far.moment) / 2)) && !self.has_record(key)
    }

    /// Notes that of so many results it was asked since then whether they are in the store behind this one, and of how many it will be.
    pub fn note_asked(&self, asked: usize, of: usize, since: Instant) {
        let Some(far) = &self.far else { return };
        if asked == of {
            *locked(&far.moment) = MOMENT.max(since.elapsed() * SHARE);
        }
        let mut told = locked(&far.told);
        if since.elapsed() < NEWS || told.is_some_and(|told| told.elapsed() < NEWS) {
            return;
        }
        *told = Some(Instant::now());
        if let Some(teller) = &far.teller {
            teller(asked, of);
        }
    }

    /// What a record from elsewhere gives; `None` if something of it could not be had, or what is no good, and why.
    fn arrived(
        &self,
        far: &Far,
        key: &Digest,
        bytes: &[u8],
    ) -> Result<Option<Brought>, (Item, &'static str)> {
        let own = Item::Record(*key);
        let record = ActionRecord::decode(key, bytes).ok_or((own, "is no record of its key"))?;
        let is_good =
            |(name, bytes): (&String, &Vec<u8>)| record.outputs.get(name) == Some(&Output::of(bytes));
        if !record.inline.iter().all(is_good) {
            return Err((own, "holds other bytes than it says"));
        }
        let sizes = record.blobs().try_fold(0_u64, |sum, output| sum.checked_add(output.size));
        if sizes.is_none_or(|sum| sum > LARGEST_RESULT) {
            return Err((own, "names results that are larger than they can be"));
        }
        let mut blobs = BTreeMap::new();
        for output in record.blobs() {
            let is_here = self.has(&output.digest, Some(output.size)).unwrap_or(false);
            if is_here || blobs.contains_key(&output.digest) {
                continue;
            }
            let item = Item::Blob(output.digest);
            let bytes = match far.remote.get(&item.name(), output.size, output.size) {
                Found::Bytes(bytes) => bytes,
                Found::Nothing => return Err((item, "is not there, and a record names it")),
                Found::Trouble => {
                    locked(&far.damaged).insert(*key);
                    return Ok(None);
                }
            };
            if Output::of(&bytes) != *output {
                return Err((item, "holds other bytes than its digest says"));
            }
            // What is on the disk under its digest harms nobody, also if no record comes to name it.
            if bytes.len() < LARGE || self.put(&bytes).is_err() {
                blobs.insert(output.digest, bytes);
            } else {
                far.count_fetched(0, 1, output.size);
            }
        }
        Ok(Some(Brought { key: *key, record, size: bytes.len() as u64, blobs }))
    }

    /// Notes that what the store behind this one has of a key is no good, whoever found that out.
    pub fn refuse_brought(&self, key: &Digest, what: &'static str) {
        if let Some(far) = &self.far {
            far.note_damage(key, Item::Record(*key), what);
        }
    }

    /// Keeps what came from elsewhere.
    ///
    /// # Errors
    /// What the disk says.
    pub fn take_up(&self, brought: &[Brought]) -> Result<(), StoreError> {
        let blobs: Vec<&Vec<u8>> = brought.iter().flat_map(|one| one.blobs.values()).collect();
        self.put_all(&blobs)?;
        let records: Vec<_> = brought.iter().map(|one| (one.key, &one.record)).collect();
        self.record_all(&records)?;
        if let Some(far) = &self.far {
            let bytes: u64 = blobs.iter().map(|bytes| bytes.len() as u64).sum();
            let of_records: u64 = brought.iter().map(|one| one.size).sum();
            far.count_fetched(brought.len(), blobs.len(), bytes + of_records);
        }
        Ok(())
    }

    /// Brings a new result to the store behind this one, if that is wanted, while others are computed.
    pub fn push_later(&self, key: &Digest) {
        let Some(far) = self.far.as_ref().filter(|far| far.remote.is_written()) else { return };
        let mut pusher = locked(&far.pusher);
        let (sender, _) = pusher.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let store = self.clone();
            (sender, thread::spawn(move || store.push_as_they_come(&receiver)))
        });
        // A thread that ended early loses nothing: the result is here.
        let _ = sender.send(*key);
    }

    fn push_as_they_come(&self, keys: &Receiver<Digest>) {
        while let Ok(first) = keys.recv() {
            let more = keys.try_iter().take(4 * TOGETHER);
            let together: Vec<Digest> = [first].into_iter().chain(more).collect();
            self.push(&together);
        }
    }

    /// Waits until all that was to be brought to the store behind this one is there.
    pub(super) fn finish_pushing(&self) {
        let pusher = self.far.as_ref().and_then(|far| locked(&far.pusher).take());
        if let Some((sender, thread)) = pusher {
            drop(sender);
            // One that panicked has brought what it could.
            let _ = thread.join();
        }
    }

    /// Brings what is known of keys to the store behind this one; how much was new there. What is damaged here is set aside.
    pub fn push(&self, keys: &[Digest]) -> Moved {
        let Some(far) = &self.far else { return Moved::default() };
        let total = Mutex::new(Moved::default());
        together(keys, |key| {
            let moved = self.push_one(far, key).unwrap_or_default();
            locked(&total).add(moved);
        });
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        locked(&far.pushed).add(total);
        total
    }

    fn push_one(&self, far: &Far, key: &Digest) -> Option<Moved> {
        let record = self.lookup(key).ok()??;
        let (name, replace) = (Item::Record(*key).name(), locked(&far.damaged).contains(key));
        let mut moved = Moved::default();
        if !replace && far.remote.has(&name)? {
            moved.known = 1;
            return Some(moved);
        }
        for output in record.blobs() {
            let name = Item::Blob(output.digest).name();
            if !replace && far.remote.has(&name)? {
                continue;
            }
            let bytes = self.get(&output.digest).ok()??;
            match far.remote.put(&name, &bytes, replace) {
                Put::New => (moved.blobs, moved.bytes) = (moved.blobs + 1, moved.bytes + output.size),
                Put::Known => {}
                Put::Trouble => return None,
            }
        }
        let bytes = record.encode(key);
        match far.remote.put(&name, &bytes, replace) {
            Put::New => (moved.records, moved.bytes) = (1, moved.bytes + bytes.len() as u64),
            Put::Known => moved.known = 1,
            Put::Trouble => return None,
        }
        Some(moved)
    }

    /// How much came from the store behind this one, and how much went there, since this was last asked.
    pub fn take_moved(&self) -> (Moved, Moved) {
        let take = |moved: &Mutex<Moved>| std::mem::take(&mut *locked(moved));
        self.far.as_ref().map_or_else(Default::default, |far| (take(&far.fetched), take(&far.pushed)))
    }
}

impl Far {
    fn is_asked_in_vain(&self, key: &Digest, moment: Duration) -> bool {
        let lately = |at: &Instant| at.elapsed() < moment;
        !self.remote.is_up()
            || locked(&self.absent).get(key).is_some_and(lately)
            || locked(&self.damaged).contains(key)
    }

    fn note_damage(&self, key: &Digest, item: Item, what: &'static str) {
        locked(&self.damaged).insert(*key);
        self.remote.note_damage(&item.name(), what);
    }

    fn count_fetched(&self, records: usize, blobs: usize, bytes: u64) {
        locked(&self.fetched).add(Moved { records, blobs, bytes, known: 0 });
    }
}

impl Moved {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.known += other.known;
    }
}

/// Does the same for each of these, as many together as requests may be under way.
pub fn together<T: Sync>(all: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(one);
        }
    };
    thread::scope(|scope| {
        // A system that gives no more threads leaves the work to those that it gave, or else to this one.
        for _ in 1..TOGETHER.min(all.len()) {
            if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
}
