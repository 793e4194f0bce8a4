//! Parameters that a reader may turn at a figure (docs/lab.md).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Localized;

/// A parameter that readers may change, in full.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Knob {
    /// The parameter; keys may be dotted, and an item of a list is its number: `network.widths.1`.
    pub param: String,
    /// The smallest value; by default the parameter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest value; by default the parameter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// How far apart two neighbouring values are; by default 1 for whole numbers, and a round part of the range for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub step: Option<f64>,
    /// Whether the slider goes in equal ratios and not in equal steps, for numbers above 0 over several powers of ten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    /// What it is called, per language; by default the parameter's name.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
}

/// A knob in its short form (the name of a parameter) or in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum KnobSpec {
    /// The name of a parameter.
    Param(String),
    /// All properties.
    Full(Box<Knob>),
}

impl KnobSpec {
    /// The full form.
    pub fn knob(&self) -> Knob {
        match self {
            Self::Param(param) => Knob { param: param.clone(), ..Knob::default() },
            Self::Full(knob) => (**knob).clone(),
        }
    }
}
