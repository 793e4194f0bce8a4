//! What is served at this moment: the files of the last good site, what is wrong, and what is being computed. One lock holds all of it; nothing is
//! rendered, read or sent while it is held.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use octavo_plugin::Digest;

use crate::disk::Look;
use crate::ids::Route;
use crate::publish::Content;

/// So many changes of the site are known one by one; who saw an older one is told that anything may have changed.
const REMEMBERED: usize = 256;
/// A change of more routes than these is one of anything.
const MOST_ROUTES: usize = 100;

/// Where the bytes of a file of the site are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {
    /// Here.
    Bytes(Arc<[u8]>),
    /// In the store.
    Stored(Digest),
    /// In the project: a file that looked so when it was found good.
    File(PathBuf, Look),
}

impl From<Content> for Held {
    fn from(content: Content) -> Self {
        match content {
            Content::Bytes(bytes) => Self::Bytes(bytes.into()),
            Content::Stored(digest) => Self::Stored(digest),
        }
    }
}

impl Held {
    /// Whether both are the same bytes, as far as that is known without reading a file.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            // A page that was edited is in memory until the site is rendered as a whole.
            (Self::Bytes(bytes), Self::Stored(digest)) | (Self::Stored(digest), Self::Bytes(bytes)) => {
                Digest::of(bytes) == *digest
            }
            _ => self == other,
        }
    }
}

/// The files of a site by route.
pub(super) type Served = BTreeMap<Route, Held>;

/// Which files of the site changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// These routes, new and old ones.
    Routes(Arc<[Route]>),
    /// Whatever there is.
    Anything,
}

impl Changed {
    /// What differs between two sites.
    fn between(old: &Served, new: &Served) -> Self {
        let differs = |(route, held): &(&Route, &Held)| !old.get(*route).is_some_and(|old| old.is_like(held));
        let gone = old.keys().filter(|route| !new.contains_key(*route));
        let routes: Vec<Route> = new
            .iter()
            .filter(differs)
            .map(|(route, _)| route)
            .chain(gone)
            .take(MOST_ROUTES + 1)
            .cloned()
            .collect();
        if routes.len() > MOST_ROUTES { Self::Anything } else { Self::Routes(routes.into()) }
    }
}

#[derive(Default)]
struct State {
    files: Served,
    /// Sites have numbers after this one.
    base: u64,
    /// The number of the site; 0 before the first one.
    version: u64,
    /// The last changes, the newest last, each with the number of the site that it led to.
    changes: VecDeque<(u64, Changed)>,
    /// Number of events on disk that were seen.
    seen: u64,
    /// Number of those that what is served takes in, or cannot.
    settled: u64,
    /// What is wrong, as a JSON array, and how often that was said.
    problems: (u64, Arc<str>),
    /// What is being computed, as JSON, and how often that was said.
    progress: (u64, Arc<str>),
    ended: bool,
}

/// What is served at this moment, for all threads.
#[derive(Default)]
pub(super) struct Live {
    state: Mutex<State>,
    changed: Condvar,
}

/// What a browser was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) version: u64,
    problems: u64,
    progress: u64,
}

impl Told {
    /// Of somebody who has a page of the site of this number, and was told nothing else.
    pub(super) fn of_site(version: u64) -> Self {
        Self { version, ..Self::default() }
    }
}

/// What a browser is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// The site changed.
    pub(super) site: Option<Changed>,
    /// Other things are wrong now: a JSON array.
    pub(super) problems: Option<Arc<str>>,
    /// Something else is being computed now: JSON.
    pub(super) progress: Option<Arc<str>>,
    /// Nothing will follow.
    pub(super) ended: bool,
}

impl Live {
    /// Nothing yet. The first site has a number after this one.
    pub(super) fn after(number: u64) -> Self {
        let live = Self::default();
        live.state().base = number;
        live
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.state());
        self.changed.notify_all();
        done
    }

    /// Waits until something is so; whether it is.
    fn wait_until(&self, within: Duration, is_so: impl Fn(&State) -> bool) -> bool {
        let end = Instant::now() + within;
        let mut state = self.state();
        while !is_so(&state) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Something happened on disk: what is served may be old from now on. Its number.
    pub(super) fn arrived(&self) -> u64 {
        self.change(|state| {
            state.seen += 1;
            state.seen
        })
    }

    /// The number of the last thing that happened on disk.
    pub(super) fn seen(&self) -> u64 {
        self.state().seen
    }

    /// All that happened on disk up to this number is taken in, or is wrong and told.
    pub(super) fn settle(&self, seen: u64) {
        self.change(|state| state.settled = state.settled.max(seen));
    }

    /// Waits until there is a site and it takes in all that has happened on disk; whether that is so.
    pub(super) fn wait_settled(&self, within: Duration) -> bool {
        let seen = self.seen();
        self.wait_until(within, |state| state.settled >= seen && (state.version > 0 || state.problems.0 > 0))
    }

    /// Waits until there is a site, or something is wrong with the first one.
    pub(super) fn wait_first(&self, within: Duration) {
        self.wait_until(within, |state| state.version > 0 || state.problems.0 > 0);
    }

    /// Another site.
    pub(super) fn publish(&self, files: Served) {
        // The old files go when the lock is free.
        let _old = self.change(|state| {
            let changed = Changed::between(&state.files, &files);
            let none = matches!(&changed, Changed::Routes(routes) if routes.is_empty());
            if state.version == 0 || !none {
                remember(state, changed);
            }
            std::mem::replace(&mut state.files, files)
        });
    }

    /// Other bytes for some routes; nothing else changed.
    pub(super) fn replace(&self, files: Vec<(Route, Held)>) {
        let _old = self.change(|state| {
            let differs = |(route, held): &&(Route, Held)| state.files.get(route) != Some(held);
            let routes: Arc<[Route]> = files.iter().filter(differs).map(|(route, _)| route.clone()).collect();
            if !routes.is_empty() {
                remember(state, Changed::Routes(routes));
            }
            let put = |(route, held)| state.files.insert(route, held);
            files.into_iter().map(put).collect::<Vec<_>>()
        });
    }

    /// What is wrong, as a JSON array.
    pub(super) fn tell_problems(&self, json: &str) {
        self.change(|state| tell(&mut state.problems, json));
    }

    /// What is wrong, as it was told last.
    pub(super) fn problems(&self) -> Arc<str> {
        Arc::clone(&self.state().problems.1)
    }

    /// What is being computed, as JSON.
    pub(super) fn tell_progress(&self, json: &str) {
        self.change(|state| tell(&mut state.progress, json));
    }

    /// Nothing will change any more, and nobody is to wait.
    pub(super) fn end(&self) {
        self.change(|state| state.ended = true);
    }

    /// A file, and the number of the site that has it.
    pub(super) fn file(&self, route: &str) -> (Option<Held>, u64) {
        let state = self.state();
        (state.files.get(route).cloned(), state.version)
    }

    /// Whether there is a page or file at a route.
    pub(super) fn has(&self, route: &str) -> bool {
        self.state().files.contains_key(route)
    }

    /// What is new to somebody; waits for it.
    pub(super) fn news(&self, told: &mut Told, within: Duration) -> News {
        let known = told.clone();
        let is_new = |state: &State| {
            state.ended
                || state.version != known.version
                || state.problems.0 != known.problems
                || state.progress.0 != known.progress
        };
        self.wait_until(within, is_new);
        let state = self.state();
        let news = News {
            site: (state.version != known.version).then(|| since(&state, known.version)),
            problems: (state.problems.0 != known.problems).then(|| Arc::clone(&state.problems.1)),
            progress: (state.progress.0 != known.progress).then(|| Arc::clone(&state.progress.1)),
            ended: state.ended,
        };
        *told = Told { version: state.version, problems: state.problems.0, progress: state.progress.0 };
        news
    }
}

fn remember(state: &mut State, changed: Changed) {
    state.version = state.version.max(state.base) + 1;
    state.changes.push_back((state.version, changed));
    if state.changes.len() > REMEMBERED {
        state.changes.pop_front();
    }
}

fn tell((count, told): &mut (u64, Arc<str>), json: &str) {
    if **told != *json {
        *count += 1;
        *told = json.into();
    }
}

/// All that changed since a site of this number.
fn since(state: &State, version: u64) -> Changed {
    let known =
        state.changes.front().is_some_and(|(first, _)| *first <= version + 1) && version < state.version;
    let mut routes = Vec::new();
    for (_, changed) in state.changes.iter().filter(|(number, _)| known && *number > version) {
        let Changed::Routes(some) = changed else { return Changed::Anything };
        routes.extend(some.iter().cloned());
    }
    if known && routes.len() <= MOST_ROUTES { Changed::Routes(routes.into()) } else { Changed::Anything }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn held(text: &str) -> Held {
        Held::Bytes(text.as_bytes().into())
    }

    fn site(files: &[(&str, &str)]) -> Served {
        files.iter().map(|(route, text)| (Route::new(*route), held(text))).collect()
    }

    fn routes(routes: &[&str]) -> Option<Changed> {
        Some(Changed::Routes(routes.iter().map(|route| Route::new(*route)).collect()))
    }

    #[test]
    fn everybody_is_told_what_changed_since_they_looked() {
        let live = Live::default();
        let mut early = Told::default();
        assert_eq!(live.news(&mut early, NOW), News::default());
        live.publish(site(&[("a.html", "1"), ("b.html", "1")]));
        assert_eq!(live.news(&mut early, NOW).site, routes(&["a.html", "b.html"]));
        live.publish(site(&[("a.html", "1"), ("b.html", "1")]));
        assert_eq!(live.news(&mut early, NOW).site, None, "nothing changed");
        let mut stored = site(&[("a.html", "1")]);
        stored.insert(Route::new("b.html"), Held::Stored(Digest::of(b"1")));
        live.publish(stored);
        assert_eq!(live.news(&mut early, NOW).site, None, "the same bytes in another place");
        live.publish(site(&[("a.html", "2"), ("c.html", "1")]));
        live.replace(vec![(Route::new("c.html"), held("2"))]);
        live.replace(vec![(Route::new("c.html"), held("2"))]);
        assert_eq!(live.news(&mut early, NOW).site, routes(&["a.html", "c.html", "b.html", "c.html"]));
        assert_eq!(early.version, 3);
        assert_eq!(live.file("c.html"), (Some(held("2")), 3));
        // Who comes from another server knows a number that was never given.
        let mut foreign = Told { version: 17, ..Told::default() };
        assert_eq!(live.news(&mut foreign, NOW).site, Some(Changed::Anything));
        for number in 0..2 * REMEMBERED {
            live.replace(vec![(Route::new("c.html"), held(&format!("x{number}")))]);
        }
        assert_eq!(live.news(&mut early, NOW).site, Some(Changed::Anything), "too long ago");
        assert_eq!(live.state().changes.len(), REMEMBERED);
    }

    #[test]
    fn problems_and_progress_are_told_when_they_change() {
        let live = Live::default();
        let mut told = Told::default();
        live.tell_problems("[1]");
        live.tell_problems("[1]");
        assert_eq!(live.news(&mut told, NOW).problems.as_deref(), Some("[1]"));
        live.tell_progress("null");
        let news = live.news(&mut told, NOW);
        assert_eq!((news.problems, news.progress.as_deref()), (None, Some("null")));
        live.end();
        assert!(live.news(&mut told, Duration::from_secs(60)).ended);
    }

    #[test]
    fn a_reader_waits_until_what_happened_is_taken_in() {
        let live = Live::default();
        assert!(!live.wait_settled(NOW), "there is no site");
        live.publish(site(&[("a.html", "1")]));
        assert!(live.wait_settled(NOW));
        let (one, two) = (live.arrived(), live.arrived());
        live.settle(one);
        assert!(!live.wait_settled(NOW));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| live.wait_settled(Duration::from_secs(60)));
            live.settle(two);
            assert!(waiting.join().unwrap());
        });
    }
}
