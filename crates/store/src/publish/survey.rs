//! What a release changes, compared with what is live.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::standing::Standing;
use super::target::{State, Target};
use super::{MARKER, SiteManifest};
use crate::disk::{self, DiskError};

/// What file managers drop into folders; nobody misses it.
const DROPPINGS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// What a release changes.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
    /// Routes with the wanted bytes.
    pub(super) unchanged: BTreeSet<String>,
    /// Those of them that nobody has touched since they were published.
    pub(super) standing: BTreeSet<String>,
    /// Routes with the wanted bytes in a file that is also the store's, as earlier versions published them.
    pub(super) linked: BTreeSet<String>,
    pub(super) edited: Vec<String>,
    pub(super) strays: Vec<String>,
}

/// What becomes of one route.
enum Fate {
    Added,
    Changed,
    Edited,
    Unchanged(Found),
    /// Somebody else's file is in the way.
    Stray,
}

/// A live file with the bytes that it was published with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// As it was published.
    Standing,
    /// Touched, and read.
    Same,
    /// The same, and a link to a blob.
    Linked,
}

/// What is live.
struct Live<'a> {
    target: &'a Target,
    files: BTreeMap<String, Digest>,
    /// All routes below the target, each with whether it is a plain file.
    present: BTreeMap<String, bool>,
    standing: Standing,
}

impl Survey {
    /// Compares the wanted files, among them the manifest, with what is live.
    pub(super) fn of(
        target: &Target,
        state: &State,
        files: &BTreeMap<String, Digest>,
    ) -> Result<Self, DiskError> {
        let State::Ours(manifest) = state else {
            return Ok(Self { added: files.keys().cloned().collect(), ..Self::default() });
        };
        let (manifest, marker) = &**manifest;
        let live = Live::of(target, manifest, marker)?;
        let mut survey = Self::default();
        survey.compare(&live, files)?;
        survey.leftovers(&live, files)?;
        survey.changed.sort();
        survey.edited.sort();
        survey.strays.sort();
        Ok(survey)
    }

    /// Whether the target holds exactly what is wanted.
    pub(super) fn is_unchanged(&self) -> bool {
        [&self.added, &self.changed, &self.removed, &self.strays].iter().all(|routes| routes.is_empty())
    }

    fn compare(&mut self, live: &Live<'_>, files: &BTreeMap<String, Digest>) -> Result<(), DiskError> {
        let fates: Vec<_> = files
            .par_iter()
            .map(|(route, digest)| Ok((route, live.fate(route, digest)?)))
            .collect::<Result<_, DiskError>>()?;
        for (route, fate) in fates {
            let route = route.clone();
            match fate {
                Fate::Added => self.added.push(route),
                Fate::Changed => self.changed.push(route),
                Fate::Unchanged(found) => {
                    match found {
                        Found::Standing => drop(self.standing.insert(route.clone())),
                        Found::Linked => drop(self.linked.insert(route.clone())),
                        Found::Same => {}
                    }
                    self.unchanged.insert(route);
                }
                Fate::Edited => {
                    self.edited.push(route.clone());
                    self.changed.push(route);
                }
                Fate::Stray => {
                    self.strays.push(route.clone());
                    self.changed.push(route);
                }
            }
        }
        Ok(())
    }

    /// What is live and no longer wanted.
    fn leftovers(&mut self, live: &Live<'_>, files: &BTreeMap<String, Digest>) -> Result<(), DiskError> {
        for (route, plain) in live.present.iter().filter(|(route, _)| !files.contains_key(*route)) {
            let name = route.rsplit('/').next().unwrap_or(route);
            match live.files.get(route).filter(|_| *plain) {
                Some(before) => {
                    if live.found(route, before)?.is_none() {
                        self.edited.push(route.clone());
                    }
                    self.removed.push(route.clone());
                }
                None if DROPPINGS.contains(&name) => {}
                None => self.strays.push(route.clone()),
            }
        }
        Ok(())
    }
}

impl<'a> Live<'a> {
    fn of(target: &'a Target, manifest: &SiteManifest, marker: &Digest) -> Result<Self, DiskError> {
        let mut files = manifest.files.clone();
        files.insert(MARKER.to_owned(), *marker);
        let mut present = BTreeMap::new();
        walk(&target.path, "", &mut present)?;
        Ok(Self { target, files, present, standing: Standing::read(target)? })
    }

    fn fate(&self, route: &str, wanted: &Digest) -> Result<Fate, DiskError> {
        let (Some(plain), published) = (self.present.get(route), self.files.get(route)) else {
            return Ok(Fate::Added);
        };
        let Some(before) = published.filter(|_| *plain) else { return Ok(Fate::Stray) };
        Ok(match self.found(route, before)? {
            Some(found) if before == wanted => Fate::Unchanged(found),
            Some(_) => Fate::Changed,
            None => Fate::Edited,
        })
    }

    /// How a live file holds the bytes that it was published with; `None` if it does not.
    fn found(&self, route: &str, before: &Digest) -> Result<Option<Found>, DiskError> {
        let path = self.target.path.join(route);
        let Some(metadata) = disk::metadata(&path)? else { return Ok(None) };
        if self.standing.holds(route, before, &metadata) {
            return Ok(Some(Found::Standing));
        }
        let file = disk::open_plain(&path)?;
        let bytes = file.map(|file| disk::read_open(&file, &path)).transpose()?;
        let same = bytes.is_some_and(|bytes| Digest::of(&bytes) == *before);
        let found = if is_link_to_blob(&metadata) { Found::Linked } else { Found::Same };
        Ok(same.then_some(found))
    }
}

/// Earlier versions published links to their read-only blobs; what this one publishes is its owner's to write.
fn is_link_to_blob(metadata: &Metadata) -> bool {
    metadata.nlink() > 1 && metadata.mode() & 0o222 == 0
}

/// All routes below a folder, each with whether it is a plain file.
pub(super) fn walk(
    folder: &Path,
    prefix: &str,
    routes: &mut BTreeMap<String, bool>,
) -> Result<(), DiskError> {
    for (name, kind) in disk::list(folder)? {
        // A name that is not Unicode is not ours, so it matters only as a name to show.
        let route = format!("{prefix}{}", name.to_string_lossy());
        match kind.is_dir() {
            true => walk(&folder.join(&name), &format!("{route}/"), routes)?,
            false => {
                let plain = kind.is_file() && name.to_str().is_some();
                routes.insert(route, plain);
            }
        }
    }
    Ok(())
}
