//! What a caller remembers beside the outputs of some work.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Plain data as JSON, which is read when it is asked for: of most records that are looked up nobody asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notes(Box<RawValue>);

impl Notes {
    /// The notes of some data; none if it has keys that are no text, or numbers that JSON has no word for.
    pub fn of(data: &impl Serialize) -> Self {
        serde_json::value::to_raw_value(data).map_or_else(|_| Self::default(), Self)
    }

    /// The data; `None` if the notes are of other data.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Whether they are an object with this key.
    pub fn has(&self, key: &str) -> bool {
        self.read::<BTreeMap<String, IgnoredAny>>().is_some_and(|keys| keys.contains_key(key))
    }
}

impl Default for Notes {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Notes {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}
