//! Which folders a project may read: its own, and those that `octavo.toml` allows.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::PROJECT_FILE;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::file;
use crate::plain;
use crate::toml_tree::Node;

/// Where files may lie. All folders are real: without links, and as the system names them.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The project's folder; `None` for an experiment outside any project, which may read any file.
    root: Option<PathBuf>,
    allowed: Vec<PathBuf>,
}

/// Why a file cannot be reached.
#[derive(Debug)]
pub(super) enum Unreachable {
    /// It is not there, or the system does not show it.
    Unknown(io::Error),
    /// It is neither in the project nor in an allowed folder; where it is, as far as that was looked up.
    Outside(Option<PathBuf>),
}

impl Reach {
    /// Everything.
    pub(super) fn any() -> Self {
        Self { root: None, allowed: Vec::new() }
    }

    /// The project and what it allows. Allowed folders that are none are problems, with their places.
    pub(super) fn of(root: &Path, config: &Config, node: &Node, problems: &mut Vec<Diagnostic>) -> Self {
        let mut allowed = Vec::new();
        for (index, folder) in config.paths.allow.iter().enumerate() {
            let found = root.join(folder).canonicalize().and_then(|real| match real.is_dir() {
                true => Ok(real),
                false => Err(io::ErrorKind::NotADirectory.into()),
            });
            match found {
                Ok(real) => allowed.push(real),
                Err(error) => {
                    let message = match error.kind() {
                        io::ErrorKind::NotFound => format!("there is no folder `{folder}`"),
                        io::ErrorKind::NotADirectory => format!("`{folder}` is no folder"),
                        _ => format!("`{folder}` cannot be looked at: {error}"),
                    };
                    let place = node.place_of(&["paths", "allow", &index.to_string()]);
                    let help = "name a folder, relative to the project's own";
                    problems.push(Diagnostic::error("bad-path", message).at(place).help(help));
                }
            }
        }
        // A root that cannot be looked up holds nothing that could be read.
        Self { root: Some(root.canonicalize().unwrap_or_else(|_| root.to_path_buf())), allowed }
    }

    /// The real path of what a file or link of the project leads to.
    pub(super) fn follow(&self, path: &Path) -> Result<PathBuf, Unreachable> {
        let real = path.canonicalize().map_err(Unreachable::Unknown)?;
        match self.holds(&real) {
            true => Ok(real),
            false => Err(Unreachable::Outside(Some(real))),
        }
    }

    /// The real path of a file that is named in a text, relative to `folder`, which is itself relative to the project.
    /// A name that leads out of the project is good only in an allowed folder, also if it comes back by another way: it
    /// would lead elsewhere as soon as the project lies elsewhere.
    pub(super) fn named(&self, root: &Path, folder: &Path, file: &str) -> Result<PathBuf, Unreachable> {
        if let Some(inside) = inside(folder, file) {
            return self.follow(&root.join(inside));
        }
        let path = root.join(folder).join(file);
        if self.root.is_some() && self.allowed.is_empty() {
            return Err(Unreachable::Outside(None));
        }
        let real = path.canonicalize().map_err(Unreachable::Unknown)?;
        let good = self.root.is_none() || self.allowed.iter().any(|allowed| real.starts_with(allowed));
        if good { Ok(real) } else { Err(Unreachable::Outside(Some(real))) }
    }

    fn holds(&self, real: &Path) -> bool {
        let Some(root) = &self.root else { return true };
        real.starts_with(root) || self.allowed.iter().any(|allowed| real.starts_with(allowed))
    }
}

impl Unreachable {
    /// The kind of problem.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unreadable",
            Self::Outside(_) => "outside",
        }
    }

    /// What is wrong, in one sentence.
    pub(super) fn sentence(&self, shown: &str) -> String {
        match self {
            Self::Unknown(error) => file::unreadable(shown, error),
            Self::Outside(None) => format!("`{shown}` leads out of the project"),
            Self::Outside(Some(real)) => {
                format!("`{shown}` leads out of the project, to `{}`", plain::path(real))
            }
        }
    }

    /// The next step.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Unknown(_) => "mend the path, or make what it names".to_owned(),
            Self::Outside(_) => {
                format!("copy it into the project, or allow its folder in {PROJECT_FILE}: {ALLOW}")
            }
        }
    }
}

/// How a folder is allowed.
pub(super) const ALLOW: &str = "`[paths]` with `allow = [\"../FOLDER\"]`";

/// The path relative to the project, if it stays in it without being looked up.
fn inside(folder: &Path, file: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in folder.components().chain(Path::new(file).components()) {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_inside_only_if_it_never_leaves() {
        let inside = |file: &str| inside(Path::new("experiments/a"), file);
        assert_eq!(inside("x.csv"), Some("experiments/a/x.csv".into()));
        assert_eq!(inside("../../x.csv"), Some("x.csv".into()));
        assert_eq!(inside("./b/../x.csv"), Some("experiments/a/x.csv".into()));
        for out in ["../../../x.csv", "../../../project/x.csv", "/etc/passwd", "../../../../.."] {
            assert_eq!(inside(out), None, "{out}");
        }
    }
}
