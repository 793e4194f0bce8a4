//! A site in the browser while it is written: built in memory, served to this machine alone, and built anew when a file changes.
//!
//! ```text
//! watch -> builder -> live -> connection -> a browser
//! disk     values     memory  one request   page, events
//! ```
//!
//! [`builder`] calls the build as a value, as `octavo build` does, and never publishes: the site is the list of files that a build gives, each in memory, in the
//! store under its digest, or in the project. So what is published stays what the last `octavo build` made of it, a request names no file
//! on disk, and nothing is written twice. [`live`] is what all threads share. [`connection`] and what it stands on ([`request`], [`address`],
//! [`response`]) know nothing of building. What is added to pages ([`inject`]) is added on their way out.

mod address;
mod builder;
mod compute;
mod connection;
mod inject;
mod listen;
mod live;
mod problems;
mod request;
mod response;
mod sources;
mod watch;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use octavo_plugin::Digest;

use crate::build::Choice;
use crate::diagnostic::Diagnostic;
use crate::environment;
use crate::executor::Stop;
use crate::render::last_good::LastGood;
use crate::render::remembered::PageMemory;
use crate::store::Store;

use builder::Builder;
use compute::Computing;
use connection::Answers;
use listen::Listening;
use live::Live;
use sources::Sources;
use watch::{Reporter, Watching, gather};

/// What is to be served, and how.
pub struct Settings {
    /// The project's folder.
    pub root: PathBuf,
    /// How definitions are read.
    pub choice: Choice,
    /// Whether pages that are drafts are part of the site.
    pub drafts: bool,
    /// Whether warnings are errors.
    pub strict: bool,
    /// Whether files are looked at again and again, rather than waiting for the system to tell.
    pub poll: bool,
    /// The first port that is tried; 0 for any.
    pub port: u16,
    /// Number of tasks at once.
    pub jobs: usize,
    /// The date that outputs may state, in seconds since 1970.
    pub date: Option<u64>,
    /// Set by Ctrl-C.
    pub stop: Arc<Stop>,
}

/// Who is told what happens.
pub trait Tell {
    /// A line of progress.
    fn line(&self, text: &str);
    /// What is wrong.
    fn problems(&self, problems: &[Diagnostic]);
}

/// The number after which sites of this server come. They go on where those of an earlier server ended, so that a page of its knows that it
/// is old, even if it ended within the same second; microseconds are whole numbers for scripts, too.
fn first_number() -> u64 {
    let (seconds, nanoseconds) = environment::now();
    (seconds * 1_000_000 + nanoseconds / 1000).unsigned_abs()
}

/// Serves a project until it is asked to stop. `opened` is told the address as soon as it answers, before anything is built.
///
/// # Errors
/// If this machine does not let it listen or start threads.
pub fn serve(
    settings: &Settings,
    store: &Store,
    program: Digest,
    tell: &dyn Tell,
    opened: &mut dyn FnMut(&str),
) -> Result<(), Diagnostic> {
    let failed = |error: io::Error| {
        let problem = Diagnostic::error("serve", format!("this machine lets nobody listen: {error}"));
        problem.help("choose another port with `--port N`, or any with `--port 0`")
    };
    let live = Arc::new(Live::after(first_number()));
    let sources: Arc<Mutex<Sources>> = Arc::default();
    let (raw, raws) = mpsc::channel();
    let (to_builder, news) = mpsc::channel();
    let reporter = Reporter::new(&live, raw);
    let gathered = to_builder.clone();
    thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || gather(&raws, &gathered))
        .map_err(failed)?;
    let listening = Listening::from_port(settings.port).map_err(failed)?;
    let answers = Answers {
        live: Arc::clone(&live),
        sources: Arc::clone(&sources),
        store: store.clone(),
        reporter: reporter.clone(),
        port: listening.port,
    };
    let accepting =
        listening.accept(move |stream, number, all| answers.answer(stream, number, all)).map_err(failed)?;
    opened(&format!("http://127.0.0.1:{}/", accepting.port));
    let (watching, word) = Watching::new(&settings.root, reporter.clone(), settings.poll);
    word.iter().for_each(|word| tell.line(word));
    let mut builder = Builder {
        settings,
        tell,
        live: Arc::clone(&live),
        sources,
        store: store.clone(),
        program,
        news,
        reporter,
        watching,
        computing: Computing::new(settings.jobs, store, &live, to_builder),
        watched: BTreeSet::new(),
        good: LastGood::default(),
        pages: PageMemory::default(),
        told: Default::default(),
        lost: false,
        pending: BTreeSet::new(),
        seen: 0,
        standing: "[]".to_owned(),
    };
    builder.run();
    live.end();
    accepting.end();
    Ok(())
}
