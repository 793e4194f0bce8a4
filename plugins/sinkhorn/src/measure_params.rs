//! The parameters that name a measure.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weighted points: read or generated. Weights are divided by their sum, points of weight 0 are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Measured {
    /// A CSV file or a table of another experiment, with columns `x1`, `x2`, ... and `weight`; or JSON, a list of points or
    /// `{"points": ..., "weights": ...}`.
    Read(Input),
    /// The pixels of an image, weighted by their values.
    Image {
        /// The rows from the top, of one length; or a grey PNG, CSV without a header, JSON, or a raster of another experiment.
        image: Rows,
        /// Distance between the centres of neighbouring pixels.
        #[serde(default = "one")]
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        pixel: f64,
    },
    /// An image of round blobs before a background.
    Blobs {
        /// The blobs.
        #[schemars(length(min = 1, max = 1000))]
        bumps: Vec<Blob>,
        /// Number of columns and of rows.
        #[schemars(inner(range(min = 1, max = 1024)))]
        size: [usize; 2],
        /// What every pixel has besides.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        background: f64,
        /// Distance between the centres of neighbouring pixels.
        #[serde(default = "one")]
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        pixel: f64,
    },
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
        #[schemars(range(min = 1, max = 1000))]
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

/// Rows of numbers, read or listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rows {
    /// From a file or another experiment.
    Read(Input),
    /// These.
    Listed(Vec<Vec<f64>>),
}

/// A round blob.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// Column and row of its centre, from 0 at the top left; fractions are allowed.
    pub center: [f64; 2],
    /// Its standard deviation in pixels.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub deviation: f64,
    /// Its value at the centre.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0))]
    pub height: f64,
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

pub(crate) fn default_bins() -> usize {
    101
}

pub(crate) fn default_domain() -> [f64; 2] {
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
            Self::Ring { .. } | Self::Image { .. } | Self::Blobs { .. } => Some(2),
        }
    }

    pub(crate) fn random(&self) -> bool {
        matches!(self, Self::Uniform { .. } | Self::Gaussian { .. })
    }

    pub(crate) fn check(&self, path: &str) -> Vec<Problem> {
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
            Self::Image { image: Rows::Listed(image), .. } => {
                if image.is_empty() || image.iter().any(|row| row.len() != image[0].len() || row.is_empty()) {
                    problem("image", "the rows of an image have one length");
                } else if !usable_weights(&image.concat()) {
                    problem("image", "pixels are finite and not below 0, and one of them is above 0");
                }
            }
            Self::Blobs { bumps, .. } if !bumps.iter().all(|blob| finite(&blob.center)) => {
                problem("bumps", "centres are finite numbers");
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
