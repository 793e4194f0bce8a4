//! Putting a site live: the folder that readers see is wholly the old release or wholly the new one, at every instant.
//!
//! A complete release is built in a hidden folder beside the target and synced: files that nobody has touched since they
//! were published are carried over as hard links to the standing release (standing.rs), all others are written anew, from
//! memory or from a blob whose digest is checked as it is read. A published file is never a link into the store, so it is its
//! owner's to write, and writing into the site changes no result. Then target and new release change places in one step, and
//! the old release is removed. A build that is killed, or whose disk is full, has changed nothing or everything; what it left beside the
//! target is removed, or completed, at the start of the next publication ([`Publisher::recover`]).
//!
//! Where a file system cannot exchange two folders, two renames under a journal take its place (swap.rs); between them
//! the target is missing for a moment. [`PublishReport::how`] says which it was.
//!
//! "Every instant" is meant for whoever opens the folder: everything reached from that handle is of one release until it
//! is removed. Whoever resolves the path anew for every file may see the old release in one request and the new one in
//! the next; a request that is being resolved during the exchange itself may have to be repeated.
//!
//! A target that is not this project's is never touched, neither by a publication nor by [`Publisher::remove`]: see target.rs. A
//! file that somebody added to a published site is not lost silently: both are refused, with the names, unless the caller allows
//! it.

mod error;
mod manifest;
mod route;
mod staging;
mod standing;
mod survey;
mod swap;
mod target;

use octavo_definition::ids::Route;
use octavo_plugin::Digest;
use rayon::prelude::*;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

use crate::disk;
use crate::store::Store;

pub use error::{PublishError, TargetProblem};
pub use manifest::{MARKER, SiteManifest};
pub use swap::{How, Recovery};
pub use target::Destination;

use standing::Standing;
use survey::Survey;
use target::{State, Target};

/// The bytes of a file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These.
    Bytes(Vec<u8>),
    /// A blob of the store. It is read, and checked, only if the standing release does not have it.
    Stored(Digest),
}

impl Content {
    /// The digest of the bytes.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::of(bytes),
            Self::Stored(digest) => *digest,
        }
    }
}

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
    /// The number of files that were written; the others were carried over from the standing release.
    pub written: usize,
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

/// What a removal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoveReport {
    /// The number of files of the site that was removed; none if there was no site.
    pub files: usize,
    /// Published files that somebody had edited and that are gone, sorted.
    pub edited: Vec<String>,
    /// Files that somebody had added and that are gone, as the caller allowed, sorted.
    pub strays: Vec<String>,
}

/// Puts releases live.
#[derive(Clone, Copy, Debug)]
pub struct Publisher;

impl Publisher {
    /// Makes the target hold exactly these files, given by route with `/`, and the marker `octavo.json`. If it holds them
    /// already, nothing is written to it. `waiting` is told, once, if another process is publishing.
    ///
    /// # Errors
    /// Why nothing was published; the live site is what it was.
    pub fn publish(
        to: &Destination,
        files: BTreeMap<Route, Content>,
        store: &Store,
        options: &PublishOptions,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<PublishReport, PublishError> {
        route::check_all(files.keys())?;
        let mut files: BTreeMap<String, Content> =
            files.into_iter().map(|(route, content)| (route.into(), content)).collect();
        let target = Target::resolve(to)?;
        disk::create_folders(&target.parent)?;
        let _locks = target.lock(waiting)?;
        let recovery = swap::recover(&target)?;
        let state = target.state()?;
        let digests = add_marker(to, &mut files, options);
        let survey = Survey::of(&target, &state, &digests)?;
        if !survey.strays.is_empty() && !options.remove_strays {
            return Err(PublishError::Strays { target: target.path, files: survey.strays });
        }
        let is_unchanged =
            survey.is_unchanged() && survey.linked.is_empty() && matches!(state, State::Ours(_));
        let (how, written) = match is_unchanged {
            true => (How::Unchanged, 0),
            false => replace(&target, &state, &files, store, &survey)?,
        };
        if !is_unchanged || survey.standing.len() < digests.len() {
            // The release is live whatever becomes of this: without it the next publication reads every file.
            let _ = Standing::remember(&target, &digests);
        }
        let Survey { added, changed, removed, unchanged, edited, strays, .. } = survey;
        let unchanged = unchanged.len();
        Ok(PublishReport { added, changed, removed, unchanged, edited, strays, written, how, recovery })
    }

    /// The release that stands: a name for it, and the number of its files but for the list of them. `None` if none does, or if anybody
    /// has touched, added or removed a file since it was published.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn standing(to: &Destination) -> Result<Option<(Digest, usize)>, PublishError> {
        let target = Target::resolve(to)?;
        let standing = Standing::read(&target)?;
        let folder = disk::metadata(&target.path)?;
        let Some(id) = standing.id().filter(|_| folder.is_some_and(|folder| folder.is_dir())) else {
            return Ok(None);
        };
        let mut present = BTreeMap::new();
        survey::walk(&target.path, "", &mut present)?;
        Ok(standing.is_whole(&target, &present)?.then(|| (id, standing.files())))
    }

    /// Says before anything is run whether the target can be published to.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(to: &Destination) -> Result<(), PublishError> {
        Target::resolve(to)?.state().map(drop)
    }

    /// Completes or undoes a publication that did not come to its end, and removes what it left beside the target. Every
    /// publication begins with this; a command that only reads the site may call it too.
    pub fn recover(to: &Destination) -> Result<Recovery, PublishError> {
        let target = Target::resolve(to)?;
        if disk::metadata(&target.parent)?.is_none() {
            return Ok(Recovery::Nothing);
        }
        let _locks = target.lock(&mut |_| {})?;
        Ok(swap::recover(&target)?)
    }

    /// Removes the site, in one step for whoever looks at it. What [`Publisher::publish`] refuses to replace, this refuses to
    /// remove; where there is no site, nothing is done.
    ///
    /// # Errors
    /// Why nothing was removed.
    pub fn remove(
        to: &Destination,
        remove_strays: bool,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<RemoveReport, PublishError> {
        let target = Target::resolve(to)?;
        if disk::metadata(&target.parent)?.is_none() {
            return Ok(RemoveReport::default());
        }
        let _locks = target.lock(waiting)?;
        swap::recover(&target)?;
        let state = target.state()?;
        if !matches!(state, State::Ours(_)) {
            return Ok(RemoveReport::default());
        }
        let Survey { removed, edited, strays, .. } = Survey::of(&target, &state, &BTreeMap::new())?;
        if !strays.is_empty() && !remove_strays {
            return Err(PublishError::Strays { target: target.path, files: strays });
        }
        swap::withdraw(&target)?;
        Standing::forget(&target)?;
        Ok(RemoveReport { files: removed.len(), edited, strays })
    }
}

/// Adds the manifest, which lists all files; returns their digests and its own.
fn add_marker(
    to: &Destination,
    files: &mut BTreeMap<String, Content>,
    options: &PublishOptions,
) -> BTreeMap<String, Digest> {
    let mut digests: BTreeMap<String, Digest> =
        files.par_iter().map(|(route, content)| (route.clone(), content.digest())).collect();
    let (project, about) = (to.project.clone(), options.about.clone());
    let bytes = SiteManifest { project, about, files: digests.clone() }.to_bytes();
    digests.insert(MARKER.to_owned(), Digest::of(&bytes));
    files.insert(MARKER.to_owned(), Content::Bytes(bytes));
    digests
}

/// Builds the release and gives it the target's place; says how, and how many files were written.
fn replace(
    target: &Target,
    state: &State,
    files: &BTreeMap<String, Content>,
    store: &Store,
    survey: &Survey,
) -> Result<(How, usize), PublishError> {
    let built = staging::build(target, files, store, survey)
        .and_then(|written| Ok((swap::swap(target, matches!(state, State::Ours(_)))?, written)));
    if built.is_err() {
        // The error that is reported is the first one; what is left is removed by the next publication.
        let _ = swap::recover(target);
    }
    built
}
