//! Putting a site live: the folder that readers see is wholly the old release or wholly the new one, at every instant.
//!
//! A complete release is built in a hidden folder beside the target, of hard links to the store's read-only blobs (copies
//! where links fail), and synced. Then target and new release change places in one step, and the old release is
//! removed. A build that is killed, or whose disk is full, has changed nothing or everything; what it left beside the
//! target is removed, or completed, at the start of the next publication ([`Publisher::recover`]).
//!
//! Where a file system cannot exchange two folders, two renames under a journal take its place (swap.rs); between them
//! the target is missing for a moment. [`PublishReport::how`] says which it was.
//!
//! "Every instant" is meant for whoever opens the folder: everything reached from that handle is of one release until it
//! is removed. Whoever resolves the path anew for every file may see the old release in one request and the new one in
//! the next; a request that is being resolved during the exchange itself may have to be repeated.
//!
//! A target that is not ours is never touched: see target.rs. A file that somebody added to a published site is not
//! lost silently: the publication is refused, with the names, unless [`PublishOptions::remove_strays`] is set.

mod error;
mod manifest;
mod route;
mod staging;
mod survey;
mod swap;
mod target;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use serde_json::{Map, Value as Json};

use crate::disk;
use crate::store::Store;

pub use error::{PublishError, RouteProblem, TargetProblem};
pub use manifest::{MARKER, SiteManifest};
pub use route::check_route;
pub use swap::{How, Recovery};

use survey::Survey;
use target::{State, Target};

/// What a publication may do and what it states.
#[derive(Clone, Debug, Default)]
pub struct PublishOptions {
    /// What `octavo.json` says beside the digests of the files, such as pages and claims.
    pub about: Map<String, Json>,
    /// Whether files that somebody added to the published folder may be removed.
    pub remove_strays: bool,
}

/// What a publication changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishReport {
    /// New routes, sorted.
    pub added: Vec<String>,
    /// Routes with other bytes, sorted.
    pub changed: Vec<String>,
    /// Routes that are gone, sorted.
    pub removed: Vec<String>,
    /// The number of routes with the same bytes.
    pub unchanged: usize,
    /// Published files that somebody had edited; they were replaced, and are also listed above.
    pub edited: Vec<String>,
    /// Files that somebody had added to the published folder and that were removed, as the options allowed.
    pub strays: Vec<String>,
    /// The number of files that had to be copied because they could not be linked.
    pub copied: usize,
    /// How the new release took the old one's place.
    pub how: How,
    /// What was found, and done, about an earlier publication that did not come to its end.
    pub recovery: Recovery,
}

impl PublishReport {
    /// Whether another release is live now.
    pub fn swapped(&self) -> bool {
        self.how != How::Unchanged
    }
}

/// Puts releases live.
#[derive(Clone, Copy, Debug)]
pub struct Publisher;

impl Publisher {
    /// Makes the folder `target` hold exactly these files, given as routes with `/` and digests of blobs in the store, and
    /// the marker `octavo.json`. If it holds them already, nothing is written to it. `waiting` is told, once, if
    /// another process is publishing.
    pub fn publish(
        target: &Path,
        files: &BTreeMap<String, Digest>,
        store: &Store,
        options: &PublishOptions,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<PublishReport, PublishError> {
        route::check_all(files.keys())?;
        let target = Target::resolve(target, store)?;
        let _locks = target.lock(store, waiting)?;
        let recovery = swap::recover(&target)?;
        let state = target.state()?;
        let manifest = SiteManifest { about: options.about.clone(), files: files.clone() }.to_bytes();
        let survey = Survey::of(&target, &state, files, &manifest)?;
        if !survey.strays.is_empty() && !options.remove_strays {
            return Err(PublishError::Strays { target: target.path, files: survey.strays });
        }
        let (how, copied) = match survey.is_unchanged() && matches!(state, State::Ours(_)) {
            true => (How::Unchanged, 0),
            false => replace(&target, &state, files, &manifest, store, &survey)?,
        };
        let Survey { added, changed, removed, unchanged, edited, strays } = survey;
        let unchanged = unchanged.len();
        Ok(PublishReport { added, changed, removed, unchanged, edited, strays, copied, how, recovery })
    }

    /// Says before anything is run whether the target can be published to; it must not be in one of the folders that the
    /// site is made from.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(target: &Path, store: &Store, sources: &[PathBuf]) -> Result<(), PublishError> {
        let target = Target::resolve(target, store)?;
        target.refuse_within(sources)?;
        target.state().map(drop)
    }

    /// Completes or undoes a publication that did not come to its end, and removes what it left beside the target. Every
    /// publication begins with this; a command that only reads the site may call it too.
    pub fn recover(target: &Path, store: &Store) -> Result<Recovery, PublishError> {
        if disk::metadata(target.parent().unwrap_or(target))?.is_none() {
            return Ok(Recovery::Nothing);
        }
        let target = Target::resolve(target, store)?;
        let _locks = target.lock(store, &mut |_| {})?;
        Ok(swap::recover(&target)?)
    }
}

/// Builds the release and gives it the target's place; says how, and how many files were copied.
fn replace(
    target: &Target,
    state: &State,
    files: &BTreeMap<String, Digest>,
    manifest: &[u8],
    store: &Store,
    survey: &Survey,
) -> Result<(How, usize), PublishError> {
    let mut all = files.clone();
    all.insert(MARKER.to_owned(), store.put(manifest)?);
    let built = staging::build(target, &all, store, survey)
        .and_then(|copied| Ok((swap::swap(target, matches!(state, State::Ours(_)))?, copied)));
    if built.is_err() {
        // The error that is reported is the first one; what is left is removed by the next publication.
        let _ = swap::recover(target);
    }
    built
}
