//! What happens to the files that a site is made from: seen by the system's own events, or by looking at them again and again where there
//! are none; gathered until it is quiet for a moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use rayon::prelude::*;

use super::builder::News;
use super::live::Live;
use crate::disk::{self, Look};

/// Files are looked at so often where the system tells of no changes.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(300);
/// Editors write a file in several steps, which come together.
const QUIET: Duration = Duration::from_millis(3);
/// What comes so soon after what was gathered last is one of many saves, such as of a program that writes all the time.
const SOON: Duration = Duration::from_millis(100);
/// Of these it is waited for the end.
const QUIET_OF_MANY: Duration = Duration::from_millis(40);
/// But not longer than this.
const LONGEST: Duration = Duration::from_secs(1);
/// A file that is empty is most likely about to be written.
const EMPTY: Duration = Duration::from_millis(50);

/// What happened on disk, gathered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// Where something happened.
    pub(super) paths: BTreeSet<PathBuf>,
    /// The number of the last thing that happened.
    pub(super) seen: u64,
}

/// Told by whoever sees that something happened on disk.
#[derive(Clone)]
pub(super) struct Reporter {
    live: Arc<Live>,
    /// Locked while a number is given and told, so that numbers are told in their order.
    raw: Arc<Mutex<Sender<(PathBuf, u64)>>>,
}

impl Reporter {
    pub(super) fn new(live: &Arc<Live>, raw: Sender<(PathBuf, u64)>) -> Self {
        Self { live: Arc::clone(live), raw: Arc::new(Mutex::new(raw)) }
    }

    /// Something happened to this file or folder.
    pub(super) fn report(&self, path: PathBuf) {
        let raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens any more when all is over.
        let _ = raw.send((path, self.live.arrived()));
    }
}

/// Gathers what is reported, and hands it on when it is quiet.
pub(super) fn gather(raw: &Receiver<(PathBuf, u64)>, news: &Sender<News>) {
    let mut last: Option<Instant> = None;
    while let Ok((path, seen)) = raw.recv() {
        let began = Instant::now();
        let many = last.is_some_and(|last| began.duration_since(last) < SOON);
        let quiet = if many { QUIET_OF_MANY } else { QUIET };
        let mut batch = Batch { paths: BTreeSet::from([path]), seen };
        collect(raw, &mut batch, quiet, began);
        if batch.paths.iter().any(|path| is_empty(path)) {
            collect(raw, &mut batch, EMPTY, began);
        }
        last = Some(Instant::now());
        if news.send(News::Changed(batch)).is_err() {
            return;
        }
    }
}

/// Adds what comes until nothing has come for a while.
fn collect(raw: &Receiver<(PathBuf, u64)>, batch: &mut Batch, quiet: Duration, began: Instant) {
    while began.elapsed() < LONGEST {
        match raw.recv_timeout(quiet) {
            Ok((path, seen)) => {
                batch.paths.insert(path);
                batch.seen = batch.seen.max(seen);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == 0)
}

/// How files looked when they were looked at last.
type Looks = BTreeMap<PathBuf, Option<Look>>;

/// Watches what a site is made from.
pub(super) struct Watching {
    root: PathBuf,
    reporter: Reporter,
    watcher: Option<RecommendedWatcher>,
    /// Folders that are watched.
    folders: BTreeSet<PathBuf>,
    /// What is looked at again and again, if that is how it is watched.
    looks: Arc<Mutex<Looks>>,
}

impl Watching {
    /// A watcher of a project's files; by looking at them if that is wanted, or if there is no other way, which the second value says.
    pub(super) fn new(root: &Path, reporter: Reporter, poll: bool) -> (Self, Option<String>) {
        let found =
            if poll { Err(None) } else { watcher(root, &reporter).map_err(|error| Some(error.to_string())) };
        let mut watching = Self {
            root: root.to_owned(),
            reporter,
            watcher: None,
            folders: BTreeSet::new(),
            looks: Arc::default(),
        };
        let why = match found {
            Ok(watcher) => {
                watching.watcher = Some(watcher);
                None
            }
            Err(why) => {
                watching.poll();
                why.map(|why| word(&why))
            }
        };
        (watching, why)
    }

    /// Watches what these files and folders are, or will be; whether anything was not watched before, and a word if it can be watched no
    /// more but by looking.
    pub(super) fn follow(&mut self, sources: &BTreeSet<PathBuf>) -> (bool, Option<String>) {
        let mut why = None;
        let mut added = false;
        if let Some(watcher) = &mut self.watcher {
            let folders = folders(sources);
            for gone in self.folders.difference(&folders) {
                // A folder that was removed is not watched any more as it is.
                let _ = watcher.unwatch(gone);
            }
            for folder in folders.difference(&self.folders) {
                added = true;
                match watcher.watch(folder, RecursiveMode::NonRecursive) {
                    Ok(()) => {}
                    // It went away meanwhile, which its parent tells.
                    Err(_) if !folder.is_dir() => {}
                    Err(error) => why = Some(word(&error.to_string())),
                }
            }
            self.folders = folders;
        }
        if why.is_some() {
            self.watcher = None;
            self.poll();
        }
        if self.watcher.is_none() {
            let looks: Looks = sources.par_iter().map(|path| (path.clone(), look(path))).collect();
            let old =
                std::mem::replace(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner), looks);
            added = sources.iter().any(|path| !old.contains_key(path));
        }
        (added, why)
    }

    /// The same folder may have been removed and made again under its name: it is watched anew.
    pub(super) fn forget(&mut self, path: &Path) {
        let watched: Vec<PathBuf> =
            self.folders.iter().filter(|folder| folder.starts_with(path)).cloned().collect();
        for folder in watched.iter().filter(|folder| **folder != self.root) {
            self.folders.remove(folder);
            self.watcher.iter_mut().for_each(|watcher| drop(watcher.unwatch(folder)));
        }
    }

    fn poll(&self) {
        let (looks, reporter) = (Arc::clone(&self.looks), self.reporter.clone());
        let poll = move || {
            while Arc::strong_count(&looks) > 1 {
                thread::sleep(POLL_EVERY);
                changed(&looks).into_iter().for_each(|path| reporter.report(path));
            }
        };
        // A system without a thread to spare has a page that is not kept up to date, and says so when it builds.
        let _ = thread::Builder::new().name("poll".to_owned()).spawn(poll);
    }
}

fn word(why: &str) -> String {
    format!(
        "warning: the system tells of no changes ({why}); files are looked at every {} ms instead",
        POLL_EVERY.as_millis()
    )
}

fn look(path: &Path) -> Option<Look> {
    disk::look(path).ok().flatten()
}

/// What looks otherwise than before.
fn changed(looks: &Mutex<Looks>) -> Vec<PathBuf> {
    let old = looks.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let new: Vec<(PathBuf, Option<Look>)> = old
        .into_par_iter()
        .filter_map(|(path, old)| Some(look(&path)).filter(|new| *new != old).map(|new| (path, new)))
        .collect();
    let mut looks = looks.lock().unwrap_or_else(PoisonError::into_inner);
    let known = new.into_iter().filter(|(path, _)| looks.contains_key(path)).collect::<Vec<_>>();
    looks.extend(known.iter().cloned());
    known.into_iter().map(|(path, _)| path).collect()
}

/// Folders in which something can happen to these: themselves, and those that they lie in.
fn folders(sources: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let own = sources.par_iter().filter(|path| path.is_dir()).cloned();
    let mut all: BTreeSet<PathBuf> = own.collect();
    let parents: BTreeSet<&Path> = sources.iter().filter_map(|path| path.parent()).collect();
    all.extend(
        parents
            .into_iter()
            .filter_map(|folder| folder.ancestors().find(|one| one.is_dir()))
            .map(Path::to_owned),
    );
    all
}

/// The system's own watcher.
fn watcher(root: &Path, reporter: &Reporter) -> notify::Result<RecommendedWatcher> {
    let (root, reporter) = (root.to_owned(), reporter.clone());
    notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
        Ok(event) if event.need_rescan() => reporter.report(root.clone()),
        Ok(event) if matters(event.kind) => {
            let seen = event.paths.into_iter().filter(|path| !is_hidden(&root, path));
            seen.for_each(|path| reporter.report(path));
        }
        Ok(_) => {}
        // Something may have been missed.
        Err(_) => reporter.report(root.clone()),
    })
}

/// Whether a file may have other bytes after this.
fn matters(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => false,
        _ => true,
    }
}

/// What is hidden in a project is none of its sources: the store, and what editors leave for a moment.
fn is_hidden(root: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn batch(news: &Receiver<News>) -> Batch {
        match news.recv_timeout(Duration::from_secs(20)).unwrap() {
            News::Changed(batch) => batch,
            _ => panic!("something else happened"),
        }
    }

    #[test]
    fn many_saves_at_once_are_one_change() {
        let (raw, raws) = channel();
        let (news, all) = channel();
        let reporter = Reporter::new(&Arc::default(), raw);
        (0..50).for_each(|number| reporter.report(PathBuf::from(format!("/p/{}", number % 3))));
        drop(reporter);
        gather(&raws, &news);
        let batch = batch(&all);
        assert_eq!((batch.paths.len(), batch.seen), (3, 50));
        assert!(all.try_recv().is_err());
    }

    #[test]
    fn the_store_and_passing_files_of_editors_are_none_of_the_sources() {
        let hidden = |path: &str| is_hidden(Path::new("/a/.b/p"), Path::new(path));
        assert!(hidden("/a/.b/p/.octavo/blobs/x") && hidden("/a/.b/p/experiments/.a.md.swp"));
        assert!(!hidden("/a/.b/p/experiments/a.md") && !hidden("/a/.b/p/a.b"));
    }

    /// What is reported after some work on files, until a path of this name is among it.
    fn reported(poll: bool, work: impl Fn(&Path), name: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("a.md"), "one").unwrap();
        let (raw, raws) = channel();
        let (mut watching, _) = Watching::new(&root, Reporter::new(&Arc::default(), raw), poll);
        let sources = BTreeSet::from([root.clone(), root.join("a.md")]);
        assert!(watching.follow(&sources).0 && !watching.follow(&sources).0);
        work(&root);
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            let Ok((path, _)) = raws.recv_timeout(Duration::from_millis(100)) else { continue };
            if path.ends_with(name) || (poll && path == root) {
                return true;
            }
        }
        false
    }

    #[test]
    fn editors_that_write_rename_and_remove_are_seen_in_either_way() {
        for poll in [false, true] {
            assert!(reported(poll, |root| std::fs::write(root.join("a.md"), "three").unwrap(), "a.md"));
            let renames = |root: &Path| {
                std::fs::write(root.join("a.md.new"), "two").unwrap();
                std::fs::rename(root.join("a.md.new"), root.join("a.md")).unwrap();
            };
            assert!(reported(poll, renames, "a.md"));
            assert!(reported(poll, |root| std::fs::remove_file(root.join("a.md")).unwrap(), "a.md"));
            assert!(reported(poll, |root| std::fs::write(root.join("b.md"), "new").unwrap(), "b.md"));
        }
    }
}
