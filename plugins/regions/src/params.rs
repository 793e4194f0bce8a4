//! What a definition may say of networks and of where they are looked at; what is one analysis's own stands beside it.

mod domain;
mod slice;
mod trained;
mod view;

use octavo_plugin::Input;
use octavo_plugin::interchange::Init;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use domain::{Domain, problem as domain_problem, square};
pub use slice::Slice;
pub use trained::{Optimizer, Target, Trained};
pub(crate) use view::View;

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NetworkSource {
    /// A file, or another experiment's result.
    File(Input),
    /// Random weights and biases.
    Random(RandomNetwork),
    /// Layers that fold the domain in half.
    Fold(FoldNetwork),
    /// Tent maps of both coordinates.
    Tent(TentNetwork),
    /// A `.safetensors` file.
    Tensors(TensorNetwork),
    /// Trained by the analysis.
    Trained {
        /// What is trained, and how.
        trained: Trained,
    },
}

/// A random network with ReLU after every layer but the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomNetwork {
    /// Numbers of inputs (2, or 1 for a line, or any with a `slice`), of neurons in each hidden layer, and of outputs.
    #[schemars(length(min = 3, max = 65), inner(range(min = 1, max = 4096)))]
    pub widths: Vec<usize>,
    /// How weights are drawn.
    #[serde(default = "he")]
    pub init: Init,
    /// Standard deviation of the normally distributed biases.
    #[serde(default = "bias_sd")]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub bias_sd: f64,
}

/// A `.safetensors` file and the order of its layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TensorNetwork {
    /// The file.
    pub safetensors: Input,
    /// The names of the layers in order: the tensors of `fc1` are `fc1.weight`, one row an output, and `fc1.bias`. ReLU
    /// follows all layers but the last.
    #[schemars(length(min = 1, max = 64))]
    pub layers: Vec<String>,
}

fn he() -> Init {
    Init::He
}

fn bias_sd() -> f64 {
    0.1
}

/// A network that folds the domain in half again and again, in x and y by turns, with 3 neurons a layer: 2^n regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldNetwork {
    /// Number of folds.
    #[schemars(range(min = 1, max = 16))]
    pub fold: usize,
}

/// The tent map composed with itself on both coordinates (Telgarsky 2016), with 4 neurons a layer: 4^n regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TentNetwork {
    /// Number of layers.
    #[schemars(range(min = 1, max = 8))]
    pub tent: usize,
}
