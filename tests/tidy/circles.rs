//! Which modules of a crate use which, and whether one uses itself by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::reader::{arrows, module};

/// What the root of a crate is called among its modules.
const ROOT: &str = "the root";

/// Which modules at the root of a crate each of them uses, from its files below `src` with their blanked texts. A name that
/// the root passes on is an arrow to where it comes from, any other that is no module one to the root itself.
pub(super) fn uses(files: &[(PathBuf, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let room = |path: &Path| module(path).first().cloned().unwrap_or_else(|| ROOT.to_owned());
    let modules: BTreeSet<String> = files.iter().map(|(path, _)| room(path)).collect();
    let passed_on: BTreeMap<String, String> = files
        .iter()
        .filter(|(path, _)| room(path) == ROOT)
        .flat_map(|(_, text)| passed_on(text))
        .filter(|(_, from)| modules.contains(from))
        .collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files {
        let own = room(path);
        let used =
            if own == ROOT { passed_on.values().cloned().collect() } else { arrows(text, &module(path)) };
        let place = |name: String| match passed_on.get(&name) {
            _ if modules.contains(&name) => name,
            Some(from) => from.clone(),
            None => ROOT.to_owned(),
        };
        let used = used.into_iter().map(place).filter(|name| *name != own);
        uses.entry(own.clone()).or_default().extend(used);
    }
    uses
}

/// The names that `use` brings into a blanked root, each with the module that it comes from.
fn passed_on(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in text.split(';').filter_map(|part| part.rsplit_once("use ").map(|(_, path)| path.trim()))
    {
        let path = statement.trim_start_matches("crate::").trim_start_matches("self::");
        let Some((from, names)) = path.split_once("::") else { continue };
        let words = names.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        found.extend(words.filter(|word| !word.is_empty()).map(|name| (name.to_owned(), from.to_owned())));
    }
    found
}

/// A way from a module back to itself, if there is one.
pub(super) fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn from<'a>(
        name: &'a String,
        uses: &'a BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<&'a String>,
        done: &mut BTreeSet<&'a String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = way.iter().position(|before| *before == name) {
            return Some(way[begin..].iter().copied().chain([name]).cloned().collect());
        }
        if !done.insert(name) {
            return None;
        }
        way.push(name);
        let found = uses.get(name).into_iter().flatten().find_map(|next| from(next, uses, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|name| from(name, uses, &mut Vec::new(), &mut done))
}
