//! A build of which nothing can have changed: after a good one, what it looked at is written down, and how that looked. The next
//! one that is asked for the same and finds all of it as it was reads no definition and no result.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use octavo_plugin::{ContentHasher, Digest, Input};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::check::Checked;
use crate::disk::{self, DiskError, Look};
use crate::environment;
use crate::project::Project;
use crate::publish::{Destination, Publisher};
use crate::store::{self, Store};

/// Where builds are written down in the store.
const FOLDER: &str = "builds";
/// What a file begins with, before the digest of the JSON below.
const HEADER: &str = "octavo build 2 ";
/// So long before a build began a file must have been changed for the last time. What is changed later may have been read before it was,
/// and the clock of files goes in steps of some milliseconds.
const SLACK: i64 = 100_000_000;

/// What is asked of a build, beside the project.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Where it is to be published, if the command line says so.
    pub output: Option<&'a Path>,
    /// The profile.
    pub profile: Option<&'a str>,
    /// Whether drafts are published, too.
    pub drafts: bool,
    /// The date that `octavo.json` states.
    pub date: Option<u64>,
    /// Whether results must be those that locks hold.
    pub locked: bool,
}

impl Asked<'_> {
    fn file(&self) -> PathBuf {
        let mut hasher = ContentHasher::new("octavo build");
        for path in [self.root, self.output.unwrap_or(Path::new(""))] {
            // Two names that are no text may look alike as one.
            hasher.add(&Digest::of(path.as_os_str().as_encoded_bytes()));
        }
        hasher.text(&format!("{:?} {} {:?}", self.profile, self.drafts, self.date));
        self.root.join(store::FOLDER).join(FOLDER).join(&hasher.finish().hex()[..32])
    }
}

/// A good build, as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it was published.
    pub folder: PathBuf,
    /// The project's name.
    project: String,
    /// Folders that the site was made from.
    sources: Vec<PathBuf>,
    /// The release.
    release: Digest,
    /// The number of its tasks.
    pub tasks: usize,
    /// Whether its results are those that locks hold.
    kept: bool,
    /// How each file and folder looked that it was made from; `None` for what was not there.
    looks: BTreeMap<PathBuf, Option<Look>>,
}

/// The build that was asked for, if one stands and nothing that decides it was touched.
pub fn standing(asked: &Asked<'_>) -> Option<Standing> {
    let bytes = disk::read(&asked.file()).ok().flatten()?;
    let (checksum, json) = std::str::from_utf8(&bytes).ok()?.strip_prefix(HEADER)?.split_once('\n')?;
    (checksum == Digest::of(json.as_bytes()).hex()).then_some(())?;
    let standing: Standing = serde_json::from_str(json).ok()?;
    (standing.kept || !asked.locked).then_some(())?;
    // Another copy of the program, of another version perhaps, leaves this one's file as it was.
    standing.looks.contains_key(&environment::program().ok()?).then_some(())?;
    let same = standing.looks.par_iter().all(|(path, look)| disk::look(path).is_ok_and(|now| now == *look));
    same.then_some(())?;
    let to = Destination {
        folder: standing.folder.clone(),
        root: asked.root.to_path_buf(),
        project: standing.project.clone(),
        sources: standing.sources.clone(),
    };
    let (release, _) = Publisher::standing(&to).ok().flatten()?;
    (release == standing.release).then_some(standing)
}

/// Writes a good build down that began at this time, if nothing that decides it was touched meanwhile, and whether its results are those
/// that locks hold. It is worth nothing but time:
/// what goes wrong is no trouble.
pub fn remember(
    asked: &Asked<'_>,
    project: &Project,
    checked: &Checked,
    to: &Destination,
    store: &Store,
    (began, kept): ((i64, i64), bool),
) {
    // What decides what a plugin computes is not all among the project's files.
    if project.config.plugins.is_empty() {
        let _ = write(asked, project, checked, to, store, (began, kept));
    }
}

/// Whether what looks so was changed for the last time long enough before this time that what is read after it is what looks so.
pub fn is_settled(look: &Look, (seconds, nanoseconds): (i64, i64)) -> bool {
    let before = (seconds, nanoseconds - SLACK);
    look.changed < if before.1 < 0 { (seconds - 1, before.1 + 1_000_000_000) } else { before }
}

/// All that a build reads of the project but the files of plugins: files and folders, whether they are there or not.
pub fn sources(project: &Project, checked: &Checked) -> BTreeSet<PathBuf> {
    let experiments = checked.plan.experiments.iter();
    let inputs = experiments.flat_map(|experiment| {
        experiment.inputs.iter().filter_map(|used| match &used.input {
            Input::File { file, .. } => Some((experiment.source.as_ref(), file.as_str())),
            Input::Result { .. } => None,
        })
    });
    project.sources(inputs)
}

fn write(
    asked: &Asked<'_>,
    project: &Project,
    checked: &Checked,
    to: &Destination,
    store: &Store,
    (began, kept): ((i64, i64), bool),
) -> Result<(), DiskError> {
    let mut paths = sources(project, checked);
    paths.extend(environment::program().ok());
    let looks = paths.into_iter().map(|path| Ok((path.clone(), disk::look(&path)?)));
    let looks = looks.collect::<Result<BTreeMap<_, _>, DiskError>>()?;
    let Ok(Some((release, _))) = Publisher::standing(to) else { return Ok(()) };
    if looks.values().flatten().any(|look| !is_settled(look, began)) {
        return Ok(());
    }
    let standing = Standing {
        folder: to.folder.clone(),
        project: to.project.clone(),
        sources: to.sources.clone(),
        release,
        tasks: checked.plan.tasks.len(),
        kept,
        looks,
    };
    let path = asked.file();
    disk::create_folders(&store.folder().join(FOLDER))?;
    // A path that is no text cannot be written down.
    let Ok(json) = serde_json::to_string(&standing) else { return Ok(()) };
    let text = format!("{HEADER}{}\n{json}", Digest::of(json.as_bytes()).hex());
    disk::write_durably_from(&store.folder().join("tmp"), &path, text.as_bytes())
}
