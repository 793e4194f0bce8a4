//! Which difference from an accepted value is a drift.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a value may be from the one that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Drift {
    /// `"exact"`, `"printed"` or `"stat"`.
    Kind(DriftKind),
    /// Up to so many floating-point numbers away.
    Ulp {
        /// Units in the last place.
        ulp: u32,
    },
    /// Up to `rel` times the larger of the two, or up to `abs`.
    Near {
        /// The relative difference.
        #[schemars(extend("minimum" = 0.0))]
        rel: f64,
        /// The absolute difference, in the value's unit.
        #[serde(default)]
        #[schemars(extend("minimum" = 0.0))]
        abs: f64,
    },
    /// As long as a page prints the same.
    Printed {
        /// The format in which pages print it, such as `"%.2f"`.
        printed: String,
    },
}

/// How far a value may be away, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// Not at all.
    Exact,
    /// As long as a page prints the same without a format.
    Printed,
    /// As far as chance explains it, by its interval over replicates.
    Stat,
}

impl Default for Drift {
    fn default() -> Self {
        Self::Kind(DriftKind::Exact)
    }
}

impl Drift {
    /// Whether nothing may differ.
    pub fn is_exact(&self) -> bool {
        *self == Self::default()
    }

    /// Whether intervals decide.
    pub fn is_stat(&self) -> bool {
        *self == Self::Kind(DriftKind::Stat)
    }
}
