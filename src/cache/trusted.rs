//! Results that the last build had, and that are looked at when somebody asks for them.

use std::sync::{Arc, OnceLock};

use octavo_plugin::Digest;
use octavo_plugin::artifact::Artifact;

use super::{Stored, TaskCache};
use crate::plan::TaskKey;
use crate::results::Outputs;

/// The outputs of a task whose record was not opened yet. The program and all that the key is made of are those of the build that had
/// them, and so is what the analysis declares.
#[derive(Debug)]
pub(super) struct Trusted {
    cache: TaskCache,
    key: TaskKey,
    found: OnceLock<Option<Stored>>,
}

impl Trusted {
    pub(super) fn result(cache: &TaskCache, key: TaskKey) -> Arc<dyn Outputs> {
        Arc::new(Self { cache: cache.clone(), key, found: OnceLock::new() })
    }

    /// What the record says. That it is gone is told, so that the task is computed and whoever asked asks again.
    fn found(&self) -> Option<&Stored> {
        let look = || {
            let record = self.cache.store.lookup(&self.key).ok().flatten();
            record.map(|record| self.cache.stored(self.key, record))
        };
        let found = self.found.get_or_init(look);
        if found.is_none() {
            // Each time: an answer that was made without it is not to be remembered.
            self.cache.store.lost(&self.key);
        }
        found.as_ref()
    }
}

impl Outputs for Trusted {
    fn digest(&self, name: &str) -> Option<Digest> {
        self.found()?.digest(name)
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.found()?.size(name)
    }

    fn load(&self, name: &str) -> Result<Option<Arc<Artifact>>, String> {
        self.found().ok_or("the stored result is gone")?.load(name)
    }
}
