//! The only walk over a project's folders. It follows links as far as a project may read, and leaves nothing out without a
//! word but hidden files and projects within the project.

use std::path::{Path, PathBuf};

use rustix::io::Errno;
use walkdir::{DirEntry, WalkDir};

use super::PROJECT_FILE;
use super::overrides::TEMPLATES;
use super::reach::{Reach, Unreachable};
use super::statics::STATIC;
use crate::diagnostic::Diagnostic;
use crate::file;
use crate::lock::{HISTORY, ROOT_LOCK};
use crate::plain;
use crate::{glossary, statements};

/// Most links that are found through links: links to folders with links multiply.
const NESTED: usize = 1000;

/// A file below the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its path relative to the folder, with `/`.
    pub(super) relative: String,
    /// Where it can be opened.
    pub(super) path: PathBuf,
}

/// What is walked over.
pub(super) struct Walk<'a> {
    /// The folder's real path.
    pub(super) folder: &'a Path,
    /// How people are told of it.
    pub(super) shown: &'a str,
    /// Whether hidden files and projects within are left out.
    pub(super) leave_out: bool,
    /// Where links may lead.
    pub(super) reach: &'a Reach,
}

impl Walk<'_> {
    /// Regular files, sorted by name within each folder. All that was looked at, folders and what is left out, too, is added to `seen`.
    pub(super) fn files(&self, seen: &mut Vec<PathBuf>, problems: &mut Vec<Diagnostic>) -> Vec<Found> {
        let mut files = Vec::new();
        let mut entries = WalkDir::new(self.folder).follow_links(true).sort_by_file_name().into_iter();
        // The depth of the link through which the walk has gone, and how many were found below such links.
        let (mut link, mut nested) = (usize::MAX, 0);
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    problems.extend(self.failed(&error));
                    continue;
                }
            };
            seen.push(entry.path().to_path_buf());
            if entry.depth() <= link {
                link = if entry.path_is_symlink() && entry.depth() > 0 { entry.depth() } else { usize::MAX };
            }
            nested += usize::from(entry.depth() > link && entry.path_is_symlink());
            if nested > NESTED {
                problems.push(self.too_many());
                return files;
            }
            match self.look_at(&entry) {
                Look::Take(found) => files.push(found),
                Look::Enter => continue,
                Look::LeaveOut => {}
                Look::Refuse(problem) => problems.push(problem),
            }
            // Of a file this would leave out the rest of its folder.
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
        }
        files
    }

    fn look_at(&self, entry: &DirEntry) -> Look {
        let kind = entry.file_type();
        if entry.depth() == 0 {
            return Look::Enter;
        }
        if self.is_hidden(entry.path()) || self.is_of_the_project(entry) {
            return Look::LeaveOut;
        }
        let shown = self.shown(entry.path());
        let Some(relative) = self.relative(entry.path()) else { return Look::Refuse(bad_name(&shown)) };
        if entry.path_is_symlink()
            && let Some(problem) = self.bad_link(entry.path(), &shown)
        {
            return Look::Refuse(problem);
        }
        if kind.is_dir() {
            // A nested project is another project.
            let nested = self.leave_out && entry.path().join(PROJECT_FILE).is_file();
            return match (nested, entry.path_is_symlink()) {
                (false, _) => Look::Enter,
                (true, false) => Look::LeaveOut,
                (true, true) => Look::Refuse(another_project(&shown)),
            };
        }
        if kind.is_file() {
            return Look::Take(Found { relative, path: entry.path().to_path_buf() });
        }
        let message = format!("`{shown}` is {}, and only regular files are read", file::name_of(kind));
        let problem = Diagnostic::error("not-regular", message).at(file::place(&shown));
        Look::Refuse(problem.help("move it out of the project"))
    }

    fn is_hidden(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        self.leave_out && path != self.folder && name.starts_with(b".")
    }

    /// What is no page, experiment or picture, where these lie in the project's own folder: the project file, the templates, and what is copied.
    fn is_of_the_project(&self, entry: &DirEntry) -> bool {
        let named = [PROJECT_FILE, ROOT_LOCK, HISTORY, statements::FILE, glossary::FILE, TEMPLATES, STATIC]
            .iter()
            .any(|name| entry.file_name() == *name);
        self.leave_out && entry.depth() == 1 && named && self.folder.join(PROJECT_FILE).is_file()
    }

    /// A link that leads where the project may not read, or to a folder that holds what is walked over.
    fn bad_link(&self, path: &Path, shown: &str) -> Option<Diagnostic> {
        match self.reach.follow(path) {
            Ok(real) => self.folder.starts_with(&real).then(|| leads_back(shown)),
            Err(why) => Some(unreachable(&why, shown)),
        }
    }

    /// A link that leads nowhere or round in a circle, or something that the system does not show.
    fn failed(&self, error: &walkdir::Error) -> Option<Diagnostic> {
        let path = error.path().unwrap_or(self.folder);
        if self.is_hidden(path) {
            return None;
        }
        let shown = self.shown(path);
        let circle = error.io_error().is_some_and(|e| e.raw_os_error() == Some(Errno::LOOP.raw_os_error()));
        if error.loop_ancestor().is_some() || circle {
            return Some(leads_back(&shown));
        }
        if let Ok(target) = path.read_link() {
            let message =
                format!("the link `{shown}` leads to `{}`, which is not there", plain::path(&target));
            let problem = Diagnostic::error("dangling-link", message).at(file::place(&shown));
            return Some(problem.help("make what it leads to, or remove the link"));
        }
        let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        let message = format!("`{shown}` cannot be read: {why}");
        Some(Diagnostic::error("unreadable", message).at(file::place(&shown)))
    }

    fn too_many(&self) -> Diagnostic {
        let message = format!("more than {NESTED} links are found through links below `{}`", self.shown);
        Diagnostic::error("too-many-links", message)
            .at(file::place(self.shown))
            .help("let links to folders lead to folders without such links")
    }

    /// The path below the folder, if it is UTF-8.
    fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(self.folder).expect("the walk stays below its folder");
        let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        match relative.as_os_str().is_empty() {
            true => self.shown.to_owned(),
            false => format!("{}/{}", self.shown, plain::path(relative)),
        }
    }
}

/// What becomes of an entry.
enum Look {
    Take(Found),
    Enter,
    LeaveOut,
    Refuse(Diagnostic),
}

fn bad_name(shown: &str) -> Diagnostic {
    Diagnostic::error("bad-name", format!("the name of `{shown}` is not UTF-8"))
        .at(file::place(shown))
        .help("give it another name; bytes that are no text are shown as `\\x` and two digits")
}

fn leads_back(shown: &str) -> Diagnostic {
    Diagnostic::error("link-loop", format!("the link `{shown}` leads back to where it lies"))
        .at(file::place(shown))
        .help("remove the link")
}

fn another_project(shown: &str) -> Diagnostic {
    let message = format!("the link `{shown}` leads to another project, which is not entered");
    let help = "let it lead to that project's folder of experiments, or remove it";
    Diagnostic::warning("another-project", message).at(file::place(shown)).help(help)
}

fn unreachable(why: &Unreachable, shown: &str) -> Diagnostic {
    Diagnostic::error(why.code(), why.sentence(shown)).at(file::place(shown)).help(why.help())
}
