//! The parameters.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cost::Power;
use crate::measure_params::{Bump, Measured, Rows, default_bins, default_domain};

/// Parameters of the analysis `sinkhorn`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The measure that is moved.
    pub source: Measured,
    /// The measure it is moved onto.
    pub target: Measured,
    /// What it costs to move a unit of mass from one point to another: `"sqeuclidean"`, `"euclidean"`, a power of the distance or
    /// a matrix.
    pub cost: Cost,
    /// Strengths of the entropic term, each above 0, in units of the cost. Every one is solved afresh.
    #[schemars(length(min = 1, max = 1000), inner(range(min = 0.0)))]
    pub epsilon: Vec<f64>,
    /// Largest error of the plan's marginals: the sum over both of the absolute differences.
    #[schemars(range(min = 1e-14, max = 0.1))]
    pub tolerance: f64,
    /// Most iterations for one epsilon; beyond, the run fails and says how far it came.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub max_iterations: u64,
    /// How the plan between source and target is found.
    pub method: Method,
    /// Times between 0 (source) and 1 (target) at which the interpolations are given.
    #[schemars(length(max = 1000), inner(range(min = 0.0, max = 1.0)))]
    pub interpolation: Vec<f64>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            source: Measured::Histogram {
                histogram: vec![Bump { center: 0.2, deviation: 0.05, weight: 1.0 }],
                bins: default_bins(),
                domain: default_domain(),
            },
            target: Measured::Histogram {
                histogram: vec![
                    Bump { center: 0.5, deviation: 0.05, weight: 1.0 },
                    Bump { center: 0.8, deviation: 0.05, weight: 1.0 },
                ],
                bins: default_bins(),
                domain: default_domain(),
            },
            cost: Cost::Named(CostName::Sqeuclidean),
            epsilon: vec![0.05, 0.005],
            tolerance: 1e-9,
            max_iterations: 100_000,
            method: Method::Auto,
            interpolation: vec![0.0, 0.25, 0.5, 0.75, 1.0],
        }
    }
}

/// The cost of moving a unit of mass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Cost {
    /// A cost with a name.
    Named(CostName),
    /// |x - y| to a power.
    Power {
        /// The power.
        #[schemars(range(min = 1.0, max = 100.0))]
        power: f64,
        /// Whether the power is taken of the difference of each coordinate and these are added up.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        separate: bool,
    },
    /// The cost of every pair.
    Matrix {
        /// A row for each point of the source, a column for each of the target; or CSV without a header or JSON.
        matrix: Rows,
    },
}

/// The name of a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CostName {
    /// |x - y|², without a factor 1/2.
    Sqeuclidean,
    /// |x - y|.
    Euclidean,
}

impl Cost {
    /// The power of distances, if it is one.
    pub(crate) fn power(&self) -> Option<Power> {
        let power = |exponent, separate| Some(Power { exponent, separate });
        match self {
            Self::Named(CostName::Sqeuclidean) => Some(Power::SQUARE),
            Self::Named(CostName::Euclidean) => power(1.0, false),
            Self::Power { power: exponent, separate } => power(*exponent, *separate),
            Self::Matrix { .. } => None,
        }
    }
}

/// How the plan is found. All end at the same plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Stops at the tolerance, by the fastest way: Newton's method up to 65,536 pairs, and up to 1,048,576 where the tolerance is below what
    /// floats give at this epsilon; elsewhere a descent from large to small epsilon with iterations that Anderson's method
    /// accelerates, over those pairs alone that may carry mass.
    Auto,
    /// Descends from large to small epsilon and finishes with Newton's method, beyond the tolerance to the accuracy of floats.
    /// Above 1,048,576 pairs it is `scaling`.
    Newton,
    /// Descends from large to small epsilon with iterations that Anderson's method accelerates. It stops at the tolerance.
    Scaling,
    /// Sinkhorn's iteration with over-relaxation; the factor is estimated on the way. It stops at the tolerance.
    Overrelaxed,
    /// Sinkhorn's iteration as it is. It stops at the tolerance.
    Plain,
}

impl Params {
    /// The number of coordinates of both measures if the definition says it.
    pub(crate) fn dimension(&self) -> Option<usize> {
        self.source.dimension().or_else(|| self.target.dimension())
    }

    /// Problems between parameters.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut found = self.source.check("source");
        found.extend(self.target.check("target"));
        if matches!(self.source, Measured::Shifted { .. }) {
            found.push(
                Problem::at("source", "only the target can be a shifted copy")
                    .help("give the source its points"),
            );
        }
        if let (Some(source), Some(target)) = (self.source.dimension(), self.target.dimension())
            && source != target
        {
            let message = format!(
                "the source has {} and the target {target}",
                octavo_plugin::counted(source, "coordinate")
            );
            found.push(Problem::at("target", message).help("transport needs points of one space"));
        }
        for (index, epsilon) in self.epsilon.iter().enumerate() {
            let path = format!("epsilon.{index}");
            if !(epsilon.is_finite() && *epsilon > 0.0) {
                let problem = Problem::at(&path, format!("{epsilon} is not above 0"));
                found.push(
                    problem.help("the limit of epsilon = 0 is among the results: `w1` and `w2_squared`"),
                );
            } else if !(1e-280..=1e280).contains(epsilon) {
                let problem = Problem::at(&path, format!("{epsilon:e} is not between 1e-280 and 1e280"));
                found.push(problem.help("scale the coordinates, so that costs and `epsilon` are near 1"));
            }
        }
        if let Cost::Matrix { matrix: Rows::Listed(matrix) } = &self.cost
            && (matrix.is_empty()
                || matrix.iter().any(|row| row.len() != matrix[0].len() || row.is_empty())
                || !matrix.iter().flatten().all(|entry| entry.is_finite()))
        {
            found.push(Problem::at(
                "cost.matrix",
                "the rows of a cost matrix are finite numbers and have one length",
            ));
        }
        if self.epsilon.is_empty() {
            found.push(Problem::at("epsilon", "at least one value is needed"));
        }
        found
    }
}
