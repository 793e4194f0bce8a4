//! The parameters.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `sinkhorn`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The measure that is moved.
    pub source: Measured,
    /// The measure it is moved onto.
    pub target: Measured,
    /// What it costs to move a unit of mass from one point to another.
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
            cost: Cost::Sqeuclidean,
            epsilon: vec![0.05, 0.005],
            tolerance: 1e-9,
            max_iterations: 100_000,
            method: Method::Newton,
            interpolation: vec![0.0, 0.25, 0.5, 0.75, 1.0],
        }
    }
}

/// The cost of moving a unit of mass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cost {
    /// |x - y|², without a factor 1/2.
    Sqeuclidean,
    /// |x - y|.
    Euclidean,
}

/// How the plan is found. All three end at the same plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Descends from large to small epsilon and finishes with Newton's method, beyond the tolerance to the accuracy of floats.
    Newton,
    /// Sinkhorn's iteration with over-relaxation; the factor is estimated on the way. It stops at the tolerance.
    Overrelaxed,
    /// Sinkhorn's iteration as it is. It stops at the tolerance.
    Plain,
}

/// Weighted points: read or generated. Weights are divided by their sum, points of weight 0 are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Measured {
    /// A CSV file or a table of another experiment, with columns `x1`, `x2`, ... and `weight`.
    Read(Input),
    /// These points.
    Points {
        /// The coordinates of each point.
        #[schemars(length(min = 1))]
        points: Vec<Vec<f64>>,
        /// A weight for each; equal weights if left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weights: Vec<f64>,
    },
    /// A copy of the source, moved; for the target only.
    Shifted {
        /// How far: a vector, or a number for the first coordinate.
        shift: Shift,
    },
    /// A random cloud, uniform in the unit cube.
    Uniform {
        /// Number of points.
        #[schemars(range(min = 1, max = 20_000))]
        uniform: usize,
        /// Number of coordinates.
        #[serde(default = "default_dimension")]
        #[schemars(range(min = 1, max = 100))]
        dimension: usize,
    },
    /// A random cloud with a normal distribution of one deviation in every direction.
    Gaussian {
        /// Number of points.
        #[schemars(range(min = 1, max = 20_000))]
        gaussian: usize,
        /// The centre; its length is the number of coordinates.
        #[serde(default = "origin")]
        #[schemars(length(min = 1, max = 100))]
        center: Vec<f64>,
        /// Standard deviation of each coordinate.
        #[serde(default = "one")]
        #[schemars(range(min = 0.0))]
        deviation: f64,
    },
    /// A histogram on a line: a mixture of normal densities at evenly spaced points.
    Histogram {
        /// The bumps.
        #[schemars(length(min = 1))]
        histogram: Vec<Bump>,
        /// Number of points.
        #[serde(default = "default_bins")]
        #[schemars(range(min = 2, max = 20_000))]
        bins: usize,
        /// The first and the last point.
        #[serde(default = "default_domain")]
        domain: [f64; 2],
    },
    /// Evenly spaced points on a segment, both ends included.
    Line {
        /// Number of points.
        #[schemars(range(min = 2, max = 20_000))]
        line: usize,
        /// The first point.
        #[schemars(length(min = 1, max = 100))]
        start: Vec<f64>,
        /// The last point.
        #[schemars(length(min = 1, max = 100))]
        end: Vec<f64>,
    },
    /// Evenly spaced points on a circle in the plane.
    Ring {
        /// Number of points.
        #[schemars(range(min = 1, max = 20_000))]
        ring: usize,
        /// The radius.
        #[serde(default = "one")]
        #[schemars(range(min = 0.0))]
        radius: f64,
        /// The centre.
        #[serde(default)]
        center: [f64; 2],
    },
}

/// One normal density of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bump {
    /// Where it is highest.
    pub center: f64,
    /// Its standard deviation.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub deviation: f64,
    /// Its mass before all are divided by their sum.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0))]
    pub weight: f64,
}

/// How far a copy is moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Shift {
    /// Along the first coordinate.
    Along(f64),
    /// A vector with as many entries as the source has coordinates.
    By(Vec<f64>),
}

fn default_bins() -> usize {
    101
}

fn default_domain() -> [f64; 2] {
    [0.0, 1.0]
}

fn default_dimension() -> usize {
    2
}

fn origin() -> Vec<f64> {
    vec![0.0, 0.0]
}

fn one() -> f64 {
    1.0
}

impl Measured {
    /// The number of coordinates if the definition says it.
    pub(crate) fn dimension(&self) -> Option<usize> {
        match self {
            Self::Read(_) | Self::Shifted { shift: Shift::Along(_) } => None,
            Self::Points { points, .. } => points.first().map(Vec::len),
            Self::Shifted { shift: Shift::By(vector) } => Some(vector.len()),
            Self::Uniform { dimension, .. } => Some(*dimension),
            Self::Gaussian { center, .. } => Some(center.len()),
            Self::Histogram { .. } => Some(1),
            Self::Line { start, .. } => Some(start.len()),
            Self::Ring { .. } => Some(2),
        }
    }

    pub(crate) fn random(&self) -> bool {
        matches!(self, Self::Uniform { .. } | Self::Gaussian { .. })
    }

    fn check(&self, path: &str) -> Vec<Problem> {
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let mut found = Vec::new();
        let mut problem =
            |key: &str, message: &str| found.push(Problem::at(&format!("{path}.{key}"), message));
        match self {
            Self::Points { points, weights } => {
                let dimension = points.first().map_or(0, Vec::len);
                if dimension == 0 || points.iter().any(|point| point.len() != dimension) {
                    problem("points", "every point needs the same number of coordinates, at least one");
                }
                if points.iter().any(|point| !finite(point)) {
                    problem("points", "every coordinate is a finite number");
                }
                if !weights.is_empty() && weights.len() != points.len() {
                    problem("weights", "there are not as many weights as points");
                }
                if !weights.is_empty() && !usable_weights(weights) {
                    problem("weights", "weights are not negative, and one of them is above 0");
                }
            }
            Self::Histogram { histogram, domain, .. } => {
                let weights: Vec<f64> = histogram.iter().map(|bump| bump.weight).collect();
                if !usable_weights(&weights) {
                    problem("histogram", "weights are not negative, and one of them is above 0");
                }
                if !(finite(domain) && domain[0] < domain[1]) {
                    problem("domain", "the first point lies below the last");
                }
            }
            Self::Line { start, end, .. } if start.len() != end.len() => {
                problem("end", "both ends need the same number of coordinates");
            }
            _ => {}
        }
        found
    }
}

fn usable_weights(weights: &[f64]) -> bool {
    weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) && weights.iter().any(|w| *w > 0.0)
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
            let message = format!("the source has {source} coordinates and the target {target}");
            found.push(Problem::at("target", message).help("transport needs points of one space"));
        }
        for (index, epsilon) in self.epsilon.iter().enumerate() {
            if !(epsilon.is_finite() && *epsilon > 0.0) {
                let problem = Problem::at(&format!("epsilon.{index}"), format!("{epsilon} is not above 0"));
                found.push(
                    problem.help("the limit of epsilon = 0 is among the results: `w1` and `w2_squared`"),
                );
            }
        }
        if self.epsilon.is_empty() {
            found.push(Problem::at("epsilon", "at least one value is needed"));
        }
        found
    }
}
