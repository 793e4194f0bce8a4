//! Why a publication was refused or failed.

use octavo_definition::ids::RouteProblem;
use octavo_plugin::counted;
use std::fmt;
use std::path::PathBuf;

use crate::disk::DiskError;
use crate::store::{StoreError, with_help};
use octavo_definition::diagnostic::Diagnostic;

/// A publication was refused or failed; the live site is what it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A route cannot be a file's name everywhere.
    #[error("the route `{}` cannot be published: {problem}", route.escape_debug())]
    Route {
        /// The route.
        route: String,
        /// What is wrong with it.
        problem: RouteProblem,
    },
    /// Two routes would be one file, or a file and a folder of one name, at least where case does not count.
    #[error("the routes `{one}` and `{other}` cannot both be published")]
    Collision {
        /// The route that comes first.
        one: String,
        /// The other one.
        other: String,
    },
    /// The target cannot be published to.
    #[error("cannot publish to `{}`: {problem}", target.display())]
    Target {
        /// The target.
        target: PathBuf,
        /// Why not.
        problem: TargetProblem,
    },
    /// Somebody added files to the published folder.
    #[error("the published folder `{}` holds {}", target.display(), some(files))]
    Strays {
        /// The target.
        target: PathBuf,
        /// The routes of the files.
        files: Vec<String>,
    },
    /// The target is another project's site.
    #[error("the folder `{}` was published by the project `{}`, and this is `{}`", target.display(), other.escape_debug(), project.escape_debug())]
    OtherProject {
        /// The target.
        target: PathBuf,
        /// The project that published it.
        other: String,
        /// The one that wanted to.
        project: String,
    },
    /// Blobs are not in the store, or are damaged.
    #[error("what the store holds of {} is missing or damaged, first of `{}`", counted(routes.len(), "file"), routes[0])]
    MissingBlobs {
        /// The routes that need them, sorted; at least one.
        routes: Vec<String>,
    },
}

/// Why a folder cannot be published to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetProblem {
    /// It has no name of its own, such as `/` or `..`.
    NoName,
    /// It is the project's folder or one above it.
    HoldsProject,
    /// It is in the store.
    InStore,
    /// It is in a folder that the site is made from.
    InSources,
    /// A folder that the site is made from is in it.
    HoldsSources,
    /// It is a symbolic link.
    Link,
    /// It is a file.
    NotAFolder,
    /// It is where another file system is mounted.
    MountPoint,
    /// It is not empty and was not made by this program.
    NotOurs,
}

impl fmt::Display for TargetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoName => "it has no name of its own",
            Self::HoldsProject => "it holds the project itself",
            Self::InStore => "it is in the store or holds it",
            Self::InSources => "it is in a folder that the site is made from",
            Self::HoldsSources => "it holds a folder that the site is made from",
            Self::Link => "it is a symbolic link",
            Self::NotAFolder => "it is not a folder",
            Self::MountPoint => "it is the root of a mounted file system, which cannot be exchanged",
            Self::NotOurs => "it is not empty and was not published by `octavo`",
        })
    }
}

impl TargetProblem {
    fn help(self) -> &'static str {
        match self {
            Self::NoName | Self::HoldsProject | Self::InStore | Self::InSources | Self::HoldsSources => {
                "choose another folder, such as `site`"
            }
            Self::Link => "name the folder that it points to",
            Self::NotAFolder => "choose another name, or move the file away",
            Self::MountPoint => "choose a folder inside it",
            Self::NotOurs => "choose an empty or new folder, or move its content away",
        }
    }
}

impl PublishError {
    /// The next step, where there is an obvious one.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Disk(error) => error.help().map(str::to_owned),
            Self::Store(error) => error.help(),
            Self::Route { .. } => Some("rename the file or page it comes from".into()),
            Self::Collision { .. } => Some("rename one of them; on some systems case does not count".into()),
            Self::Target { problem, .. } => Some(problem.help().into()),
            Self::Strays { .. } => {
                Some("move what you need into the project, then remove it from there".into())
            }
            Self::OtherProject { other, .. } => Some(format!(
                "choose another folder; or, if this project had that name, set `name = {other:?}` in octavo.toml"
            )),
            Self::MissingBlobs { .. } => Some("run the command again; what is missing is made again".into()),
        }
    }

    /// The error as all others are shown.
    pub fn diagnostic(&self) -> Diagnostic {
        with_help(Diagnostic::error("publish", self.to_string()), self.help())
    }
}

fn some(files: &[String]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<_> = files.iter().take(SHOWN).map(|name| format!("`{}`", name.escape_debug())).collect();
    let more = files.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}, which `octavo` did not put there", names.join(", "))
}
