//! The parameters.

use octavo_learning::Precision;
use octavo_plugin::{Activation, Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `gan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// What is real: a built-in distribution, or a CSV of points with columns `x` and `y` (or `x1` and `x2`).
    pub target: TargetSource,
    /// The game that generator and adversaries play.
    pub loss: Loss,
    /// Strength of the entropic term, in units of a squared distance, for the loss `sinkhorn`.
    #[schemars(range(min = 0.001, max = 1e6))]
    pub epsilon: f64,
    /// Number of coordinates of the noise that the generator turns into points.
    #[schemars(range(min = 1, max = 64))]
    pub noise: usize,
    /// The network that makes points of noise.
    pub generator: Dense,
    /// The network that tells real points from made ones; every adversary has one of its own.
    pub critic: Dense,
    /// Number of adversaries. The generator minds the mean of what they say.
    #[schemars(range(min = 1, max = 16))]
    pub critics: usize,
    /// Steps of each adversary before each step of the generator.
    #[schemars(range(min = 1, max = 100))]
    pub critic_steps: usize,
    /// Weight of the gradient penalty, for the loss `wasserstein`.
    #[schemars(range(min = 0.0, max = 1e6))]
    pub penalty: f64,
    /// Number of real points, and of made ones, in a step.
    #[schemars(range(min = 2, max = 4096))]
    pub batch: usize,
    /// Work to be spent, in millions of multiplications (the README says what is counted).
    #[schemars(range(min = 0.1, max = 1e7))]
    pub budget: f64,
    /// Rate of learning of the generator.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub generator_rate: f64,
    /// Rate of learning of the adversaries.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub critic_rate: f64,
    /// The numbers of training, `f64` if left out; whatever is measured is computed in f64 of the networks as they then are.
    #[serde(skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// The share of both rates that is left when the budget is spent; in between they fall linearly.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub last_rate: f64,
    /// How much of its running mean of slopes a step of Adam keeps.
    #[schemars(range(min = 0.0, max = 0.999))]
    pub momentum: f64,
    /// Whom the adversaries meet.
    pub opponent: Opponent,
    /// The share of the budget after which the generator learns no more, while its adversaries go on.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub learning_share: f64,
    /// For the opponent `shifted`: how far the real points are moved to the right to make its fakes.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub shift: f64,
    /// How often everything is measured, beside the start.
    #[schemars(range(min = 1, max = 1000))]
    pub checkpoints: u32,
    /// Number of points that are made, and of real ones that they are compared with, at each checkpoint.
    #[schemars(range(min = 16, max = 4096))]
    pub samples: usize,
    /// Strength of the entropic term of the divergence that is measured, whatever the loss, in units of a squared distance.
    #[schemars(range(min = 0.001, max = 1e6))]
    pub measure_epsilon: f64,
    /// Distances by which real points are moved, each in a direction of its own, to make the subtle fakes of the last exam.
    #[schemars(length(max = 100), inner(range(min = 0.0, max = 1e6)))]
    pub exam: Vec<f64>,
    /// Whether to draw what the adversaries say of each place at the end.
    pub opinion: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            target: TargetSource::Shape(Shape::Ring),
            loss: Loss::NonSaturating,
            epsilon: 0.05,
            noise: 2,
            generator: Dense::default(),
            critic: Dense::default(),
            critics: 1,
            critic_steps: 1,
            penalty: 1.0,
            batch: 128,
            budget: 4000.0,
            generator_rate: 0.001,
            critic_rate: 0.001,
            precision: Precision::F64,
            last_rate: 1.0,
            momentum: 0.5,
            opponent: Opponent::Generator,
            learning_share: 1.0,
            shift: 1.0,
            checkpoints: 8,
            samples: 256,
            measure_epsilon: 0.05,
            exam: vec![0.05, 0.1, 0.2, 0.4, 0.8],
            opinion: false,
        }
    }
}

/// Where real points come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TargetSource {
    /// A built-in distribution.
    Shape(Shape),
    /// Points of a reader's own, drawn with their weights.
    Points(Input),
}

/// The built-in distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Eight normal distributions of standard deviation 0.05 on a circle of radius 2.
    Ring,
    /// Twenty-five of them on a square grid from -2 to 2.
    Grid,
    /// Two half circles of radius 1 that reach into each other, with normal noise of standard deviation 0.05.
    Moons,
    /// The segment from (0, -1) to (0, 1), without any width.
    Line,
}

/// What the two sides want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The generator lowers what its adversary raises (Goodfellow et al. 2014).
    Minimax,
    /// The same adversary; the generator raises the probability of being believed (Goodfellow et al. 2014).
    NonSaturating,
    /// The difference of the means of a critic whose slope is held near 1 (Gulrajani et al. 2017).
    Wasserstein,
    /// No adversary: the Sinkhorn divergence between made and real points (Genevay, Peyré and Cuturi 2018).
    Sinkhorn,
}

impl Loss {
    /// Whether there are adversaries.
    pub(crate) fn has_critics(self) -> bool {
        self != Self::Sinkhorn
    }
}

/// Who makes the fakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Opponent {
    /// The generator.
    Generator,
    /// Nobody: fakes are uniform in a square around the real points.
    Nobody,
    /// Real points, moved to the right by `shift`.
    Shifted,
}

/// The hidden layers of a dense network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dense {
    /// Number of neurons in each hidden layer.
    #[schemars(length(min = 1, max = 16), inner(range(min = 1, max = 1024)))]
    pub hidden: Vec<usize>,
    /// What follows every layer but the last.
    pub activation: Activation,
}

impl Default for Dense {
    fn default() -> Self {
        Self { hidden: vec![64, 64], activation: Activation::Relu }
    }
}

impl Dense {
    /// All widths, between so many inputs and outputs.
    pub(crate) fn widths(&self, inputs: usize, outputs: usize) -> Vec<usize> {
        [&[inputs], self.hidden.as_slice(), &[outputs]].concat()
    }
}

impl Params {
    /// Whether a generator is trained.
    pub(crate) fn has_generator(&self) -> bool {
        self.opponent == Opponent::Generator
    }

    /// What the rates of learning are multiplied by when this share of the budget is spent.
    pub(crate) fn rate_left(&self, spent: f64) -> f64 {
        1.0 + (self.last_rate - 1.0) * spent
    }

    /// Problems between parameters.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if !self.loss.has_critics() && !self.has_generator() {
            let problem =
                Problem::at("opponent", "with the loss `sinkhorn` there is nobody whom it could meet");
            found.push(problem.help("take another `loss`, or leave `opponent` out"));
        }
        if !self.loss.has_critics() && self.opinion {
            let problem = Problem::at("opinion", "with the loss `sinkhorn` there is nobody who has one");
            found.push(problem.help("take another `loss`, or leave `opinion` out"));
        }
        if !self.loss.has_critics() && self.critics > 1 {
            let problem = Problem::at("critics", "the loss `sinkhorn` has no adversaries");
            found.push(problem.help("take another `loss`, or leave `critics` out"));
        }
        found
    }
}
