//! What a plugin said about itself and about parameters, kept beside the store: a build with nothing changed starts no
//! process at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use octavo_plugin::{ContentHasher, Digest};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Plugin;
use crate::disk;
use crate::store;

/// Most answers that are kept.
const MOST: usize = 20_000;

/// The answers of one plugin.
#[derive(Debug)]
pub(super) struct Answers {
    file: PathBuf,
    known: Known,
    /// Answers that this command needed; only these are kept.
    used: BTreeMap<String, Json>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    /// Digest of the plugin's files, of this program's protocol, and of nothing else.
    plugin: String,
    describe: Option<Json>,
    checks: BTreeMap<String, Json>,
}

impl Answers {
    /// The answers of a plugin whose files are the same as when it gave them; a missing or damaged file is an empty memory.
    pub(super) fn read(project: &Path, plugin: &Plugin) -> Self {
        let file = project.join(store::FOLDER).join("plugins").join(format!("{}.json", plugin.name));
        let known: Option<Known> =
            std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let digest = plugin.digest.hex();
        let known = known.filter(|known| known.plugin == digest);
        let known = known.unwrap_or_else(|| Known { plugin: digest, ..Known::default() });
        Self { file, known, used: BTreeMap::new() }
    }

    pub(super) fn describe(&self) -> Option<Json> {
        self.known.describe.clone()
    }

    pub(super) fn set_describe(&mut self, value: Json) {
        self.known.describe = Some(value);
    }

    pub(super) fn check(&mut self, params: &Json) -> Option<Json> {
        let key = key(params);
        if let Some(answer) = self.used.get(&key) {
            return Some(answer.clone());
        }
        let answer = self.known.checks.get(&key)?.clone();
        self.used.insert(key, answer.clone());
        Some(answer)
    }

    pub(super) fn set_check(&mut self, params: &Json, answer: Json) {
        if self.used.len() < MOST {
            self.used.insert(key(params), answer);
        }
    }

    /// Writes the answers down, if there is a store and something is new.
    pub(super) fn write(&mut self) -> Result<(), String> {
        let store = self.file.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        let wanted = Known { checks: self.used.clone(), ..self.known.clone() };
        if !store.join("version").is_file() || (wanted == self.known && self.file.is_file()) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&wanted).expect("answers are plain data");
        let folder = self.file.parent().unwrap_or(Path::new(""));
        disk::create_folders(folder).map_err(|error| error.to_string())?;
        disk::write_durably(&self.file, &bytes).map_err(|error| error.to_string())?;
        self.known = wanted;
        Ok(())
    }
}

fn key(params: &Json) -> String {
    let digest: Digest = ContentHasher::new("octavo plugin check").add(params).finish();
    digest.short() + &digest.hex()[12..32]
}
