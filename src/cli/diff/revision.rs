//! Files as they were at a revision of Git, which the installed `git` is asked for.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::diagnostic::Diagnostic;
use crate::plain;

/// A revision of the repository that a project lies in.
pub(super) struct Revision<'a> {
    root: &'a Path,
    /// Its commit, 40 or 64 hexadecimal digits.
    pub(super) commit: String,
}

impl<'a> Revision<'a> {
    /// The revision that somebody names.
    ///
    /// # Errors
    /// Without `git`, outside any repository, and where it knows no such revision.
    pub(super) fn find(root: &'a Path, named: &str) -> Result<Self, Diagnostic> {
        let asked = format!("{named}^{{commit}}");
        // What looks like an option is a name.
        let found = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked])?;
        let commit = found.ok().map(|text| String::from_utf8_lossy(&text).trim().to_owned());
        if let Some(commit) = commit.filter(|commit| commit.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Ok(Self { root, commit });
        }
        if let Err(why) = git(root, &["rev-parse", "--is-inside-work-tree"])? {
            let message = format!("Git finds no repository around `{}`: {}", plain::path(root), why);
            let problem = Diagnostic::error("no-repository", message);
            return Err(problem.help("the locks of another revision are read from one"));
        }
        let problem = Diagnostic::error("no-revision", format!("Git knows no revision `{named}` here"));
        Err(problem.help(
            "`git log --oneline` lists some; a shallow clone has few of them (`git fetch --unshallow`)",
        ))
    }

    /// The bytes of a file, by its path from the project's folder; `None` if it was not there.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
        git(self.root, &["cat-file", "blob", &format!("{}:./{path}", self.commit)]).map(Result::ok)
    }

    /// The paths of all files in a folder, from the project's folder.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostic> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let listed = git(self.root, &["ls-tree", "-r", "-z", "--name-only", &self.commit, "--", &folder])?;
        let listed = String::from_utf8_lossy(&listed.unwrap_or_default()).into_owned();
        Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }
}

/// What `git` writes, or why it says no.
fn git(folder: &Path, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, Diagnostic> {
    let asked = Command::new("git").arg("-C").arg(folder).args(arguments).stdin(Stdio::null()).output();
    let done = asked.map_err(|error| {
        let problem = Diagnostic::error("no-git", format!("`git` cannot be run: {error}"));
        problem.help("`octavo diff` reads the locks of a revision with it: install Git")
    })?;
    let why = || plain::line(String::from_utf8_lossy(&done.stderr).trim());
    Ok(if done.status.success() { Ok(done.stdout) } else { Err(why()) })
}
