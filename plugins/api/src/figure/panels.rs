//! Small multiples, in a row or in rows and columns, and frames.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::value::Localized;

/// Small multiples or frames: the column whose values make the panels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PanelSpec {
    /// The name of a column.
    Field(String),
    /// Two columns: one for the rows of panels, one for their columns. Frames have one.
    Grid(PanelGrid),
    /// The column and how its panels are laid out and named.
    Full(Panels),
}

/// Panels in rows and columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PanelGrid {
    /// The column whose values make the rows.
    pub row: GridSide,
    /// The column whose values make the columns.
    pub column: GridSide,
    /// Whether panels are lettered: (a), (b) and so on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub letters: bool,
}

/// What makes the rows or the columns of a grid of panels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GridSide {
    /// The name of a column.
    Field(String),
    /// The column and how its values are named.
    Full(NamedSide),
}

/// What makes the rows or the columns of a grid of panels, in full.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedSide {
    /// The column.
    pub field: String,
    /// What stands before the value; by default the column's label.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// What texts among the values are called, per language.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub names: IndexMap<String, Localized>,
}

impl GridSide {
    /// The panels of this side alone.
    pub fn panels(&self) -> Panels {
        match self {
            Self::Field(field) => Panels { field: field.clone(), ..Panels::default() },
            Self::Full(NamedSide { field, label, names }) => Panels {
                field: field.clone(),
                label: label.clone(),
                names: names.clone(),
                ..Panels::default()
            },
        }
    }
}

/// Small multiples or frames in full.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Panels {
    /// The column.
    pub field: String,
    /// Number of panels in a row; by default as many as fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 12))]
    pub columns: Option<usize>,
    /// What stands before the value in a panel's title; by default the column's label.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// Whether every panel has its own ranges of x and y (for drawings of unlike size).
    #[serde(default)]
    pub free: bool,
    /// What texts among the values are called, per language.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub names: IndexMap<String, Localized>,
    /// Whether panels are lettered: (a), (b) and so on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub letters: bool,
    /// Of frames: the value of the one that is shown first and in print; by default the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<Json>,
}

impl PanelSpec {
    /// The full form; of a grid that of its rows.
    pub fn panels(&self) -> Panels {
        match self {
            Self::Field(field) => Panels { field: field.clone(), ..Panels::default() },
            Self::Grid(grid) => Panels { letters: grid.letters, ..grid.row.panels() },
            Self::Full(panels) => panels.clone(),
        }
    }

    /// What makes the columns of a grid.
    pub fn across(&self) -> Option<Panels> {
        match self {
            Self::Grid(grid) => Some(grid.column.panels()),
            Self::Field(_) | Self::Full(_) => None,
        }
    }
}
