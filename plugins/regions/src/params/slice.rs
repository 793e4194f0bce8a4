//! What a definition may say of a plane or line through the space of inputs.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A plane or line through the space of inputs: `origin` and `directions`, or `points`, or `rows` of `data`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Slice {
    /// The point with the coordinates (0, 0); zero if left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origin: Vec<f64>,
    /// One direction for a line, two for a plane; a coordinate moves by as much of its direction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    pub directions: Vec<Vec<f64>>,
    /// Two points for a line, three for a plane, at the coordinates (0, 0), (1, 0) and (0, 1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub points: Vec<Vec<f64>>,
    /// A table of numbers; a row has a point in its first columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Input>,
    /// Two or three rows of the data, counted from 1, in place of `points`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3), inner(range(min = 1)))]
    pub rows: Vec<usize>,
}

impl Slice {
    /// Number of points, or one more than of directions; 0 if several are given.
    pub(crate) fn points(&self) -> usize {
        match (self.directions.len(), self.points.len(), self.rows.len()) {
            (0, points, 0) => points,
            (0, 0, rows) => rows,
            (directions, 0, 0) => directions + 1,
            _ => 0,
        }
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        let usable = matches!(self.points(), 2 | 3)
            && self.data.is_some() != self.rows.is_empty()
            && (self.origin.is_empty() || !self.directions.is_empty());
        (!usable).then(|| {
            Problem::at("slice", "the slice is neither a line nor a plane").help(
                "give `origin` with one or two `directions`, or two or three `points`, or as many `rows` of `data`",
            )
        })
    }
}
