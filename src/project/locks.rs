//! The locks of a project: one beside each experiment, and one for all.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Project;
use crate::diagnostic::Diagnostic;
use crate::file::{self, read_text};
use crate::ids::ExperimentId;
use crate::lock::{Accepting, HISTORY, Lock, ROOT_LOCK, RootLock};

/// How the name of a lock ends.
const ENDING: &str = ".lock";

impl Project {
    /// Files that end in `.lock` and stand beside an experiment of their name are its lock. Without that experiment a file that the program
    /// wrote is told; all others are files like any.
    pub(super) fn read_locks(&mut self, problems: &mut Vec<Diagnostic>) {
        let history = self.root.join(HISTORY);
        if history.exists()
            && let Some(source) = read_text(&history, HISTORY, problems)
        {
            match Accepting::all(&source) {
                Ok(lines) => self.history = lines,
                Err(problem) => problems.push(problem),
            }
        }
        let root = self.root.join(ROOT_LOCK);
        if root.exists()
            && let Some(source) = read_text(&root, ROOT_LOCK, problems)
        {
            match RootLock::parse(&source) {
                Ok(lock) => self.root_lock = Some(lock),
                // Of locks that a later program wrote nothing more is to be said.
                Err(problem) => return problems.push(problem),
            }
        }
        let names: Vec<String> = self.assets.keys().filter(|name| name.ends_with(ENDING)).cloned().collect();
        for name in names {
            let shown = format!("{}/{name}", self.config.experiments);
            let Some(id) = name.strip_suffix(ENDING) else { continue };
            if let Some((id, _)) = self.experiments.get_key_value(id) {
                let Some(path) = self.assets.remove(&name) else { continue };
                let Some(source) = read_text(&path, &shown, problems) else { continue };
                match Lock::parse(&source) {
                    Ok(lock) => drop(self.locks.insert(id.clone(), lock)),
                    Err(problem) => problems.push(problem),
                }
            } else if self.assets.get(&name).is_some_and(|path| is_lock(path)) {
                self.assets.remove(&name);
                problems.push(without_experiment(id, &shown));
            }
        }
    }

    /// Where the lock of an experiment stands.
    pub fn lock_path(&self, id: &ExperimentId) -> PathBuf {
        self.experiments_folder().join(format!("{id}{ENDING}"))
    }

    /// How people are told of it.
    pub fn lock_name(&self, id: &ExperimentId) -> String {
        format!("{}/{id}{ENDING}", self.config.experiments)
    }
}

/// Whether the program wrote this file.
fn is_lock(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = file::open(path).and_then(|file| file.take(100).read_to_end(&mut start));
    read.is_ok() && Lock::is_begun_by(&start)
}

fn without_experiment(id: &str, shown: &str) -> Diagnostic {
    let message = format!("`{shown}` holds what was accepted of an experiment `{id}`, which is not there");
    Diagnostic::warning("lock-without-experiment", message).at(file::place(shown)).help(
        "if the experiment has another name now, give the lock the same; if it is gone, remove the lock, too",
    )
}
