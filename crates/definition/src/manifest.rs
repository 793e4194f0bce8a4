//! An experiment's TOML file as its author writes it. The types are the one source of what keys there are: the checker
//! (`check.rs`) reads their JSON Schema, reports what does not fit, and only then are they deserialised.

mod drift;
mod limits;
mod table;

use std::sync::LazyLock;

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Where};
use octavo_plugin::schema::Schema;
use octavo_plugin::value::Localized;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub use drift::{Drift, DriftKind};
pub use limits::{OwnInputLimits, OwnLimits};
pub use table::{ColumnSpec, Columns, Computed, DerivedTable, Join, Names, Pivot, ShownColumn};

/// An experiment as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// What the experiment is about, per language.
    pub title: Localized,
    /// One or two sentences, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub summary: Localized,
    /// The analysis that runs; `octavo list` shows all.
    pub analysis: String,
    /// The outputs that are wanted, such as `["w2_squared", "epsilon.transport_cost"]`: scalars, tables, drawings and columns of
    /// tables. The others are not computed. All by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub outputs: Option<Vec<String>>,
    /// Seed of every random stream.
    #[serde(default)]
    pub seed: u64,
    /// How often each sweep point is run with a seed of its own.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100_000))]
    pub replicates: u32,
    /// Whether sweep points share random numbers.
    #[serde(default)]
    pub seeding: Seeding,
    /// How often a task is tried again when it ran out of time or a plugin broke off; by default `limits.retries` of octavo.toml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub retries: Option<u32>,
    /// What a task may use, where that is not what octavo.toml says.
    #[serde(default, skip_serializing_if = "OwnLimits::is_empty")]
    pub limits: OwnLimits,
    /// The analysis's parameters.
    #[serde(default)]
    pub params: Map<String, Json>,
    /// Parameters that take several values; all combinations are run. Keys may be dotted.
    #[serde(default)]
    pub sweep: IndexMap<String, Json>,
    /// Groups of parameters that advance together.
    #[serde(default)]
    pub zip: Vec<IndexMap<String, Json>>,
    /// Changes for `--profile NAME`.
    #[serde(default)]
    pub profiles: IndexMap<String, Profile>,
    /// Which difference from an accepted result is a drift: `"exact"` (any, also of an output that no value shows), or, of named values
    /// alone, `"printed"`, `"stat"`, `{ ulp = 4 }`, `{ rel = 1e-9 }`, `{ printed = "%.2f" }`.
    #[serde(default, skip_serializing_if = "Drift::is_exact")]
    pub drift: Drift,
    /// Tables derived from others.
    #[serde(default)]
    pub tables: IndexMap<String, DerivedTable>,
    /// Named numbers for prose and claims.
    #[serde(default)]
    pub values: IndexMap<String, DerivedValue>,
    /// Figures.
    #[serde(default)]
    pub figures: IndexMap<String, Figure>,
    /// Statements that the results bear out or refute.
    #[serde(default)]
    pub claims: IndexMap<String, Claim>,
}

/// What an experiment's file may hold.
pub fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::of::<Manifest>);
    &SCHEMA
}

fn one() -> u32 {
    1
}

/// Whether sweep points share random numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Seeding {
    /// The same random numbers at every point: differences between points are not blurred by luck.
    #[default]
    Common,
    /// Random numbers of its own for every point.
    Independent,
}

/// What a profile changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Profile {
    /// Another number of replicates.
    #[schemars(range(min = 1, max = 100_000))]
    pub replicates: Option<u32>,
    /// Parameters to replace; keys may be dotted.
    pub params: Map<String, Json>,
    /// Sweep axes to add or replace.
    pub sweep: IndexMap<String, Json>,
}

/// A number with a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DerivedValue {
    /// The table it is computed from; `scalars` has one row per task.
    pub from: String,
    /// Which rows.
    #[serde(default, rename = "where")]
    pub selection: Where,
    /// An expression that gives one value, such as `fit(log(length) ~ layer).slope`.
    pub expr: String,
    /// Its unit; empty for pure numbers.
    #[serde(default)]
    pub unit: String,
    /// What it is, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// Which difference from the accepted value is a drift; by default what the experiment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

impl Manifest {
    /// Which difference of a named value is a drift.
    pub fn drift_of(&self, value: &DerivedValue) -> Drift {
        value.drift.clone().unwrap_or_else(|| self.drift.clone())
    }
}

/// What a claim is expected to turn out as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// The results bear it out.
    #[default]
    Holds,
    /// A popular statement that the results contradict.
    Refuted,
    /// The results do not decide it.
    Undecided,
}

impl Expect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
        }
    }
}

/// A statement with the comparison that decides it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// The statement, per language.
    pub text: Localized,
    /// A comparison of values, such as `rate > 0.3` or `end_x within 1e-12 of 0`.
    pub check: String,
    /// What it is expected to turn out as.
    #[serde(default)]
    pub expect: Expect,
    /// The statements of `statements.toml` that it answers, by their ids.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub statement: Names,
    /// Whether it states a condition that these statements lack: what holds under it is then refined and not plainly true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub condition: bool,
    /// The smallest effect of interest, for `octavo power`: how far beyond the threshold the left side is then, in its unit. For
    /// `within`, how far apart the sides may be and still be found close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0.0))]
    pub effect: Option<f64>,
}
