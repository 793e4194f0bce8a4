//! Where the time of a build goes: what was done, on which thread, from when to when. Nothing is written down unless somebody asks for it, and
//! nothing of it reaches what is built.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// What kind of thing takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimedKind {
    /// A step of the build, or of another step; the others are parts of one.
    Step,
    /// A task that was computed.
    Task,
    /// A figure in all languages, drawn or remembered.
    Figure,
    /// A page in one language, written or remembered.
    Page,
    /// The index of a language for searches.
    Index,
}

/// Something that took time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its kind.
    pub kind: TimedKind,
    /// What it was.
    pub name: String,
    /// The number of its thread, in the order in which threads first took time.
    pub thread: usize,
    /// When it began, after the beginning of all.
    pub start: Duration,
    /// How long it took.
    pub length: Duration,
}

/// The beginning of all; not there if nobody asked.
static BEGAN: OnceLock<Instant> = OnceLock::new();
static SPANS: Mutex<Vec<Span>> = Mutex::new(Vec::new());
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static THREAD: Cell<Option<usize>> = const { Cell::new(None) };
}

/// From now on, what is timed is written down.
pub fn begin() {
    BEGAN.get_or_init(Instant::now);
}

/// Does some work, and writes down how long it took if somebody asked.
pub fn timed<T>(kind: TimedKind, name: impl FnOnce() -> String, work: impl FnOnce() -> T) -> T {
    let Some(began) = BEGAN.get() else { return work() };
    let start = began.elapsed();
    let done = work();
    let span =
        Span { kind, name: name(), thread: thread(), start, length: began.elapsed().saturating_sub(start) };
    SPANS.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    done
}

/// What was written down so far, in the order in which it began.
pub fn spans() -> Vec<Span> {
    let mut spans = SPANS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    spans.sort_by_key(|span| (span.start, span.kind));
    spans
}

fn thread() -> usize {
    THREAD.get().unwrap_or_else(|| {
        let number = THREADS.fetch_add(1, Ordering::Relaxed);
        THREAD.set(Some(number));
        number
    })
}
