//! The border between training that converges and training that does not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::View;

/// What is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Trainee {
    /// A network with one hidden layer of hyperbolic tangents.
    #[default]
    Tanh,
    /// A network with one hidden layer of ReLU.
    Relu,
    /// A network with one hidden layer of linear neurons.
    Linear,
    /// No network: two numbers x and y on the loss (x² + y²) (1 + amplitude cos(2π (x + y) / wavelength)), from (1, 1): a
    /// bowl, made non-convex by waves.
    Waves,
}

/// Training by full-batch gradient descent for every pair of two learning rates: of the first layer (x) and of the second
/// (y), or of the two numbers. A training converges if the mean loss of its last 20 steps is below the loss at its start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Trainability {
    /// What is trained.
    pub trainee: Trainee,
    /// Inputs and hidden neurons of the network.
    #[schemars(range(min = 1, max = 32))]
    pub width: usize,
    /// Samples: normal inputs and targets.
    #[schemars(range(min = 1, max = 64))]
    pub samples: usize,
    /// Steps of training.
    #[schemars(range(min = 20, max = 100_000))]
    pub steps: u32,
    /// Learning rates along a side of the view.
    #[schemars(range(min = 16, max = 4096))]
    pub resolution: usize,
    /// The middle of the view: logarithms to base 10 of the two learning rates.
    pub center: [f64; 2],
    /// Whether the middle of the view is moved to the border, along the line on which both learning rates grow alike, to where
    /// it is nearest within a power of ten. A smaller view then shows a part of the same border, however small it is.
    pub on_border: bool,
    /// The side of the view, in powers of ten.
    #[schemars(range(max = 12.0), extend("exclusiveMinimum" = 0.0))]
    pub view: f64,
    /// Height of the waves, as a share of the bowl.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub amplitude: f64,
    /// Length of the waves.
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub wavelength: f64,
}

impl Default for Trainability {
    fn default() -> Self {
        Self {
            trainee: Trainee::Tanh,
            width: 8,
            samples: 8,
            steps: 200,
            resolution: 256,
            center: [2.4, 0.5],
            on_border: false,
            view: 1.2,
            amplitude: 0.1,
            wavelength: 1.0,
        }
    }
}

impl Trainability {
    /// The learning rates that are tried.
    pub(crate) fn view(&self) -> View {
        View { center: self.center, width: self.view, resolution: self.resolution }
    }
}
