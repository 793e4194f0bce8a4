//! Changes to a definition: a profile's, and those of the command line.

use super::registration::Promised;
use crate::config::{Claims, Limits};
use crate::diagnostic::Diagnostic;
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::source::{Location, SourceFile};
use crate::toml_tree::{self, Node};

/// Changes from the command line.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The profile's name.
    pub profile: Option<String>,
    /// `params.x=3`, as given.
    pub set: Vec<String>,
    /// What a task may use, unless the experiment says otherwise.
    pub limits: Limits,
    /// How claims are decided, and what they are held to.
    pub policy: Claims,
    /// What was registered, and what fresh replicates said.
    pub lock: Lock,
    /// Another seed than that of the definition, for fresh replicates.
    pub seed: Option<u64>,
}

impl Overrides {
    /// The same with the limits that an experiment has of its own.
    pub(super) fn of(&self, manifest: Option<&Manifest>) -> Self {
        let limits = manifest.map_or_else(|| self.limits.clone(), |own| self.limits.with(own));
        Self { limits, ..self.clone() }
    }

    pub(super) fn promised(&self) -> Promised<'_> {
        Promised { lock: &self.lock, policy: &self.policy, changed: !self.set.is_empty() }
    }
}

/// Puts a profile's changes into the tree.
pub(super) fn apply_profile(node: &mut Node, name: &str) {
    let Some(profile) = node.get("profiles").and_then(|profiles| profiles.get(name)).cloned() else { return };
    for (key, entry) in profile.get("params").and_then(Node::entries).into_iter().flatten() {
        let path: Vec<&str> = std::iter::once("params").chain(key.split('.')).collect();
        node.set_named(&path, entry.node.clone(), &entry.key);
    }
    for (key, entry) in profile.get("sweep").and_then(Node::entries).into_iter().flatten() {
        node.set_named(&["sweep", key], entry.node.clone(), &entry.key);
    }
}

/// Puts a change from the command line, such as `params.folds=12`, into the tree.
pub(super) fn apply_setting(node: &mut Node, setting: &str, problems: &mut Vec<Diagnostic>) {
    let source = SourceFile::new("--set", setting);
    let Some((path, _)) =
        setting.split_once('=').filter(|(path, _)| path.starts_with("params.") || *path == "seed")
    else {
        let problem = Diagnostic::error("bad-setting", format!("`--set {setting}` has another form"));
        problems.push(problem.help("write `--set params.NAME=VALUE`, for example `--set params.folds=12`"));
        return;
    };
    let (value, syntax) = toml_tree::parse_value(&source, path.len() + 1);
    problems.extend(syntax);
    let path = path.trim();
    let (mut keys, mut start) = (path.split('.').collect::<Vec<_>>(), 0);
    if let Some(swept) = path.strip_prefix("params.") {
        // A parameter that is set is no longer swept.
        stop_sweeping(node, swept, &keys[1..]);
        start = path.len() - swept.len();
    }
    let name = Location::new(&source, start..path.len());
    keys.iter_mut().for_each(|key| *key = key.trim());
    node.set_named(&keys, value, &name);
}

/// Takes an axis out of the sweep and out of the groups of axes that advance together.
fn stop_sweeping(node: &mut Node, swept: &str, keys: &[&str]) {
    let zips = match node.get("zip").map(|zip| &zip.kind) {
        Some(toml_tree::TomlValue::List(zips)) => zips.len(),
        _ => 0,
    };
    let numbers: Vec<String> = (0..zips).map(|number| number.to_string()).collect();
    let zips = numbers.iter().map(|number| vec!["zip", number.as_str()]);
    for table in std::iter::once(vec!["sweep"]).chain(zips) {
        node.remove(&[&table[..], &[swept]].concat());
        node.remove(&[&table[..], keys].concat());
    }
}
