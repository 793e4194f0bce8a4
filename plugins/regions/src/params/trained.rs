//! What a definition may say of training.

use octavo_learning::Precision;
use octavo_plugin::interchange::Init;
use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A function to fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A triangle wave with `teeth` teeth.
    #[default]
    Sawtooth,
    /// One period of a sine wave.
    Smooth,
    /// The Takagi function, continuous and nowhere differentiable.
    Takagi,
    /// 1 in the dragon, 0 outside.
    Dragon,
    /// 1 in the Mandelbrot set, 0 outside.
    Mandelbrot,
}

impl Target {
    /// Whether it says what belongs to a set.
    pub(crate) fn is_membership(self) -> bool {
        matches!(self, Self::Dragon | Self::Mandelbrot)
    }
}

/// How weights are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// Adam (Kingma and Ba 2015), with its usual constants.
    #[default]
    Adam,
    /// Plain gradient descent.
    Gradient,
}

/// A network with ReLU after every layer but the last, trained on samples of a target or on data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trained {
    /// Numbers of inputs, of neurons in each hidden layer, and of outputs.
    #[schemars(length(min = 2, max = 65), inner(range(min = 1, max = 4096)))]
    pub widths: Vec<usize>,
    /// The function to fit on the domain, stretched to the unit interval or square.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Data in place of a target: a table of numbers with one column an input and, last, the target or class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Input>,
    /// Number of classes, numbered from 0 in the last column of the data; 0 if that is a number to fit.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub classes: usize,
    /// What inputs from data are multiplied by.
    #[serde(default = "one")]
    #[schemars(range(min = 1e-9, max = 1e9))]
    pub scale: f64,
    /// The share of the data that is kept for the test.
    #[serde(default = "quarter")]
    #[schemars(range(min = 0.01, max = 0.99))]
    pub test_share: f64,
    /// Number of teeth of the sawtooth.
    #[serde(default = "teeth")]
    #[schemars(range(min = 1, max = 10_000))]
    pub teeth: u32,
    /// Number of samples to train on; of data, at most.
    #[serde(default = "samples")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub samples: usize,
    /// Number of samples to test on.
    #[serde(default = "test_samples")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub test_samples: usize,
    /// Standard deviation of normal noise that is added to the targets of the training samples.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub noise: f64,
    /// Number of passes through the samples.
    #[serde(default = "epochs")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// Number of samples a step, in random order; 0 for all of them.
    #[serde(default = "batch")]
    pub batch: usize,
    /// How weights are moved.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// The numbers of training, `f64` if left out; errors and regions are those of the trained network in f64 either way.
    #[serde(default, skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// Rate of learning at the start.
    #[serde(default = "rate")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub rate: f64,
    /// Rate of learning at the end; in between it changes linearly.
    #[serde(default = "last_rate")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub last_rate: f64,
    /// How weights are drawn at the start.
    #[serde(default = "he")]
    pub init: Init,
    /// Standard deviation of the normally distributed biases at the start.
    #[serde(default = "bias_sd")]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub bias_sd: f64,
    /// How often errors and regions are measured, beside the start.
    #[serde(default = "checkpoints")]
    #[schemars(range(min = 1, max = 1000))]
    pub checkpoints: u32,
}

fn one() -> f64 {
    1.0
}

fn quarter() -> f64 {
    0.25
}

fn teeth() -> u32 {
    8
}

fn samples() -> usize {
    1024
}

fn test_samples() -> usize {
    4096
}

fn epochs() -> u32 {
    200
}

fn batch() -> usize {
    64
}

fn rate() -> f64 {
    0.01
}

fn last_rate() -> f64 {
    0.0001
}

fn he() -> Init {
    Init::He
}

fn bias_sd() -> f64 {
    0.1
}

fn checkpoints() -> u32 {
    20
}

impl Trained {
    /// Whether outputs name a class or a side, so that some samples are wrong.
    pub(crate) fn classifies(&self) -> bool {
        self.classes > 0 || self.target.is_some_and(Target::is_membership)
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        let at = |key: &str, message: String| Problem::at(&format!("network.trained.{key}"), message);
        if self.target.is_some() == self.data.is_some() {
            return Some(
                at("target", "there is no single thing to fit".to_owned())
                    .help("give either a `target` or `data`"),
            );
        }
        let [inputs, outputs] = [self.widths.first(), self.widths.last()].map(|width| *width.unwrap_or(&0));
        let wanted = self.classes.max(1);
        if outputs != wanted {
            return Some(
                at("widths", format!("the last width is {outputs}, and {wanted} is needed"))
                    .help("a network has one output to fit a number, or one for each class"),
            );
        }
        if self.classes == 1 || (self.classes > 0 && self.data.is_none()) {
            return Some(
                at("classes", "there are no classes to tell apart".to_owned())
                    .help("classes take `data` and at least two numbers in its last column"),
            );
        }
        if self.target.is_some_and(Target::is_membership) && inputs != 2 {
            return Some(
                at("widths", format!("the first width is {inputs}, and the target is a set in the plane"))
                    .help("take a first width of 2"),
            );
        }
        (self.target.is_some() && !(1..=2).contains(&inputs)).then(|| {
            at("widths", format!("the first width is {inputs}, and the target takes 1 or 2 inputs"))
                .help("take a first width of 1 or 2")
        })
    }
}
