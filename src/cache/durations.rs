//! How long tasks took that are remembered, for a guess of how long others will take.

use std::collections::BTreeMap;

use octavo_plugin::{ContentHasher, Digest};
use serde_json::Value as Json;

use super::Note;
use crate::plan::Cause;
use crate::statistics::median;
use crate::store::{Store, StoreError};

/// In a store with more records than this, about so many of them are read: what is missing decides no result, and takes no time of every process that begins.
const MOST: usize = 20_000;

/// How long remembered tasks took.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    /// When a task of an analysis and of these parameters was last computed, in seconds since 1970, and how many seconds it took.
    last: BTreeMap<Digest, (u64, f64)>,
    /// The median of an analysis, in seconds.
    medians: BTreeMap<String, f64>,
}

impl Durations {
    /// Those in a store. All of its records are read, or as many as give a good guess.
    ///
    /// # Errors
    /// What the disk says.
    pub fn in_store(store: &Store) -> Result<Self, StoreError> {
        let mut notes = Vec::new();
        store.each_record(MOST, |_, record, written| {
            // Figures and pages are remembered, too: their notes are no tasks'.
            if let Some(Note { cause, seconds, .. }) = record.meta.read() {
                notes.push((cause, seconds, written));
            }
        })?;
        Ok(Self::of(notes))
    }

    /// Those of tasks with these causes, each with its seconds and when it was computed.
    fn of(notes: Vec<(Cause, f64, u64)>) -> Self {
        let mut found = Self::default();
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (cause, seconds, written) in notes {
            let last = found.last.entry(place(&cause.analysis, &cause.params)).or_insert((written, seconds));
            if last.0 < written {
                *last = (written, seconds);
            }
            all.entry(cause.analysis).or_default().push(seconds);
        }
        found.medians =
            all.into_iter().filter_map(|(name, seconds)| Some((name, median(&seconds)?))).collect();
        found
    }

    /// How many seconds a task will take by what is remembered: as long as the last one of its analysis and parameters, under whatever seed
    /// and revision, or else the median of its analysis; `None` if none of that is remembered.
    pub fn estimate(&self, analysis: &str, params: &Json) -> Option<f64> {
        let last = self.last.get(&place(analysis, params)).map(|(_, seconds)| *seconds);
        last.or_else(|| self.medians.get(analysis).copied())
    }
}

fn place(analysis: &str, params: &Json) -> Digest {
    ContentHasher::new("octavo duration").text(analysis).add(params).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_duration_of_the_same_parameters_comes_before_the_median() {
        let note = |a: i64, seed: u64, seconds: f64, written: u64| {
            let cause = Cause {
                analysis: "sample".to_owned(),
                revision: 1,
                numerics: 1,
                code: None,
                params: json!({ "a": a }),
                seed: Some(seed),
                outputs: None,
            };
            (cause, seconds, written)
        };
        let known = Durations::of(vec![note(1, 1, 4.0, 20), note(1, 2, 3.0, 10), note(2, 1, 9.0, 10)]);
        assert_eq!(known.estimate("sample", &json!({ "a": 1 })), Some(4.0));
        assert_eq!(known.estimate("sample", &json!({ "a": 2 })), Some(9.0));
        assert_eq!(known.estimate("sample", &json!({ "a": 3 })), Some(4.0), "the median of 3, 4 and 9");
        assert_eq!(known.estimate("other", &json!({ "a": 1 })), None);
    }
}
