//! Boundaries between the classes of a classifier, on a plane through three samples.

use octavo_learning::Precision;
use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::View;

/// What a neuron of a classifier does with its sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// max(x, 0).
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// Error function.
    Erf,
    /// x times the probability that a standard normal number is below x.
    Gelu,
}

/// A classifier, trained by Adam on batches (cross entropy after softmax) or left as it is drawn, and the boundaries between
/// its classes on the plane through three samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classifier {
    /// A CSV file with a first line of names; the last column is the class, from 0 on.
    pub data: Input,
    /// Numbers of neurons in the hidden layers.
    #[serde(default = "hidden")]
    #[schemars(length(min = 1, max = 64), inner(range(min = 1, max = 2048)))]
    pub hidden: Vec<usize>,
    /// What a neuron does with its sum.
    #[serde(default)]
    pub activation: Unit,
    /// Standard deviation of the weights at the start, times the square root of the number of inputs of their layer.
    #[serde(default = "sigma_w")]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub sigma_w: f64,
    /// Standard deviation of the biases at the start.
    #[serde(default = "sigma_b")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub sigma_b: f64,
    /// What data are multiplied by, so that they are of the size of 1.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub scale: f64,
    /// How many rows, drawn at random, are learnt; the others test.
    #[serde(default = "samples")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub samples: usize,
    /// How often all of them are shown; 0 leaves the network as it is drawn.
    #[serde(default = "epochs")]
    #[schemars(range(min = 0, max = 10_000))]
    pub epochs: u32,
    /// Rows of a batch.
    #[serde(default = "batch")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch: usize,
    /// The numbers of training, `f64` if left out; what is measured is the trained network in f64 either way.
    #[serde(default, skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// The learning rate of Adam.
    #[serde(default = "rate")]
    #[schemars(range(max = 10.0), extend("exclusiveMinimum" = 0.0))]
    pub rate: f64,
    /// Three rows of the data, from 1: they are the points (0, 0), (1, 0) and (0, 1) of the plane.
    #[serde(default = "rows")]
    pub rows: [usize; 3],
    /// The one class whose boundary is taken; by default boundaries are those between any two classes.
    #[serde(default)]
    pub class: Option<usize>,
    /// Points of the grid along a side of the view.
    #[serde(default = "resolution")]
    #[schemars(range(min = 16, max = 4096))]
    pub resolution: usize,
    /// The middle of the view.
    #[serde(default = "center")]
    pub center: [f64; 2],
    /// The side of the view.
    #[serde(default = "view")]
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub view: f64,
}

fn hidden() -> Vec<usize> {
    vec![32, 32]
}

fn sigma_w() -> f64 {
    std::f64::consts::SQRT_2
}

fn sigma_b() -> f64 {
    0.1
}

fn one() -> f64 {
    1.0
}

fn samples() -> usize {
    1200
}

fn epochs() -> u32 {
    30
}

fn batch() -> usize {
    32
}

fn rate() -> f64 {
    0.003
}

fn rows() -> [usize; 3] {
    [1, 2, 3]
}

fn resolution() -> usize {
    512
}

fn center() -> [f64; 2] {
    [0.5, 0.5]
}

fn view() -> f64 {
    2.0
}

impl Classifier {
    /// The points that are looked at.
    pub(crate) fn view(&self) -> View {
        View { center: self.center, width: self.view, resolution: self.resolution }
    }

    /// What the schema cannot say.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let [a, b, c] = self.rows;
        if a == b || b == c || a == c {
            return Some(Problem::at("set.classifier.rows", "the rows are not three different ones"));
        }
        self.rows
            .contains(&0)
            .then(|| Problem::at("set.classifier.rows", "there is no row 0").help("rows count from 1"))
    }
}
