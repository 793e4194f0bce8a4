//! How rows are drawn, and what some marks do with them first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Rows joined in the order of x, one line per group.
    Line,
    /// A dot per row.
    Point,
    /// A filled band between y and y2, or of the y channel's `band`.
    Band,
    /// A bar per row, from zero.
    Bar,
    /// Filled down to zero.
    Area,
    /// A straight line across the whole plot at x or y.
    Rule,
    /// Text at x, y.
    Text,
    /// A cell of a heatmap.
    Cell,
    /// Filled polygons of a drawing.
    Polygon,
    /// Rows joined in their own order, or the paths of a drawing.
    Path,
    /// A raster drawing.
    Image,
    /// An arrow from x, y to x2, y2.
    Arrow,
    /// A box from the lower to the upper quartile of the rows of a place, with its median, whiskers and outliers.
    Box,
    /// Bars over intervals of x, as high as the number of rows in them.
    Histogram,
    /// Rows joined in the order of x by steps: a value holds until the next one.
    Step,
    /// The density of the rows of a place, on both sides of it.
    Violin,
    /// The density of the rows along x, as a line.
    Density,
    /// A thin bar with caps from y to y2 or from x to x2, or of the `band` of a channel.
    Errorbar,
    /// Text beside x, y where it covers no marks and no other notes, with a line to its place.
    Note,
    /// The points of a place, one for each colour, joined by a thin line.
    Pair,
    /// Lines along which `color` has one value, over rows that form a grid; with `filled` the areas between them.
    Contour,
    /// A picture that the analysis drew with a library of its own, as it is.
    Picture,
}

/// One mark or several on the same channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Marks {
    /// One mark.
    One(Mark),
    /// Several, drawn in this order.
    Several(Vec<Mark>),
}

impl Marks {
    /// The marks in order.
    pub fn each(&self) -> Vec<Mark> {
        match self {
            Self::One(mark) => vec![*mark],
            Self::Several(marks) => marks.clone(),
        }
    }
}

/// A rule for the number of intervals of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BinRule {
    /// Intervals of twice the distance of the quartiles, divided by the cube root of the number of rows.
    FreedmanDiaconis,
    /// The binary logarithm of the number of rows, and one more.
    Sturges,
}

/// The intervals of a histogram. A value on an edge belongs to the interval above; on the last one, to the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Bins {
    /// So many intervals of one width, from the smallest to the largest value.
    Count(#[schemars(range(min = 1, max = 1000))] usize),
    /// Intervals of one width by a rule.
    Rule {
        /// The rule.
        rule: BinRule,
    },
    /// Between these values, ascending.
    Edges {
        /// The ends of the intervals.
        edges: Vec<f64>,
    },
}

/// The values of contour lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Levels {
    /// About so many, at round values.
    Count(#[schemars(range(min = 1, max = 100))] usize),
    /// These, ascending.
    Values(Vec<f64>),
}

/// What the heights of a histogram are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// The number of rows.
    #[default]
    Count,
    /// The share of the rows, by the width of the interval: areas add up to 1.
    Density,
    /// The share of the rows: heights add up to 1.
    Share,
}

/// Where the steps between two values stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepAt {
    /// A value holds until the next one.
    #[default]
    After,
    /// A value holds since the one before.
    Before,
    /// A value holds half-way to both neighbours.
    Middle,
}

/// How colours are stacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Stack {
    /// Whether they are, as they are.
    Plain(bool),
    /// As shares of their place.
    Of(StackOf),
}

/// What a stack adds up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StackOf {
    /// Each place to 1.
    Share,
}
