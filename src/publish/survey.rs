//! What a release changes, compared with what is live.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::target::{State, Target};
use super::{MARKER, SiteManifest};
use crate::disk::{self, DiskError};
use crate::store::seal;

/// What file managers drop into folders; nobody misses it.
const DROPPINGS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// What a release changes.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) unchanged: BTreeSet<String>,
    pub(super) edited: Vec<String>,
    pub(super) strays: Vec<String>,
}

/// What becomes of one route.
enum Fate {
    Added,
    Changed,
    Edited,
    Unchanged,
    /// Somebody else's file is in the way.
    Stray,
}

impl Survey {
    /// Compares the wanted files and manifest with what is live.
    pub(super) fn of(
        target: &Target,
        state: &State,
        files: &BTreeMap<String, Digest>,
        manifest: &[u8],
    ) -> Result<Self, DiskError> {
        let State::Ours(live) = state else {
            let added = files.keys().cloned().chain([MARKER.to_owned()]).collect();
            return Ok(Self { added, ..Self::default() });
        };
        let (old, marker) = &**live;
        let mut present = BTreeMap::new();
        walk(&target.path, "", &mut present)?;
        let mut survey = Self::default();
        survey.compare(target, old, files, &present)?;
        survey.leftovers(target, old, files, &present)?;
        match Digest::of(manifest) == *marker {
            true => survey.unchanged.insert(MARKER.to_owned()),
            false => {
                survey.changed.push(MARKER.to_owned());
                true
            }
        };
        survey.changed.sort();
        survey.edited.sort();
        survey.strays.sort();
        Ok(survey)
    }

    /// Whether the target holds exactly what is wanted.
    pub(super) fn is_unchanged(&self) -> bool {
        [&self.added, &self.changed, &self.removed, &self.strays].iter().all(|routes| routes.is_empty())
    }

    fn compare(
        &mut self,
        target: &Target,
        old: &SiteManifest,
        files: &BTreeMap<String, Digest>,
        present: &BTreeMap<String, bool>,
    ) -> Result<(), DiskError> {
        let fates: Vec<_> = files
            .par_iter()
            .map(|(route, digest)| {
                let fate = match (present.get(route), old.files.get(route)) {
                    (None, _) => Fate::Added,
                    (Some(false), _) | (Some(true), None) => Fate::Stray,
                    (Some(true), Some(before)) => match seal::holds(&target.path.join(route), before)? {
                        true if before == digest => Fate::Unchanged,
                        true => Fate::Changed,
                        false => Fate::Edited,
                    },
                };
                Ok((route, fate))
            })
            .collect::<Result<_, DiskError>>()?;
        for (route, fate) in fates {
            let route = route.clone();
            match fate {
                Fate::Added => self.added.push(route),
                Fate::Changed => self.changed.push(route),
                Fate::Unchanged => {
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
    fn leftovers(
        &mut self,
        target: &Target,
        old: &SiteManifest,
        files: &BTreeMap<String, Digest>,
        present: &BTreeMap<String, bool>,
    ) -> Result<(), DiskError> {
        for (route, plain) in
            present.iter().filter(|(route, _)| !files.contains_key(*route) && *route != MARKER)
        {
            let name = route.rsplit('/').next().unwrap_or(route);
            match old.files.get(route).filter(|_| *plain) {
                Some(before) => {
                    if !seal::holds(&target.path.join(route), before)? {
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

/// All routes below a folder, each with whether it is a plain file.
fn walk(folder: &Path, prefix: &str, routes: &mut BTreeMap<String, bool>) -> Result<(), DiskError> {
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
