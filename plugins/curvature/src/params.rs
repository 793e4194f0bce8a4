//! The parameters: defaults, bounds and texts in one place.

use octavo_plugin::{Activation, Input};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured and how exactly. Give `network` or `phase`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The network through which the circle is pushed: a file, or a random one.
    pub network: Option<NetworkSpec>,
    /// The circle in the space of inputs.
    pub circle: CircleSpec,
    /// Instead of the circle: the corners of a closed polygon in the space of inputs.
    pub polygon: Option<Vec<Vec<f64>>>,
    /// Instead of the circle: a closed curve from a CSV file, a polygon with a row per corner and a column per coordinate.
    pub curve: Option<Input>,
    /// The largest relative error of length and total curvature at which refinement stops.
    #[schemars(range(min = 1e-13, max = 0.01))]
    pub tolerance: f64,
    /// The most angles at which a smooth network is evaluated, for the trapezoid rule and again for the panels; for a
    /// piecewise linear network the most arcs.
    #[schemars(range(min = 256, max = 16_777_216))]
    pub max_points: usize,
    /// In what numbers a smooth network is evaluated. `"f32"` takes half the time and is for sweeps: relative errors below
    /// 1e-4, and no tolerance below that.
    pub precision: Precision,
    /// Which layers are measured. `"last"` is for sweeps: it asks for as many angles as the last layer needs, and measures
    /// nothing on the way there.
    pub layers: Layers,
    /// The layers (from 1) whose curve is drawn, projected onto its two principal axes.
    pub portraits: Vec<usize>,
    /// Angles (in radians) between two points of the circle whose correlation is followed through the layers.
    #[schemars(inner(range(min = 0.0, max = 6.284)))]
    pub correlations: Vec<f64>,
    /// Instead of a network: the mean-field phase diagram over two ranges of weights and biases.
    pub phase: Option<PhaseSpec>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            network: None,
            circle: CircleSpec::default(),
            polygon: None,
            curve: None,
            tolerance: 1e-8,
            max_points: 65_536,
            precision: Precision::F64,
            layers: Layers::All,
            portraits: Vec::new(),
            correlations: Vec::new(),
            phase: None,
        }
    }
}

impl Params {
    /// Whether a polygon or curve stands in place of the circle.
    pub fn closed(&self) -> bool {
        self.polygon.is_some() || self.curve.is_some()
    }

    /// The random network, if the network is one (also the default one, if neither subject is given).
    pub fn random(&self) -> Option<RandomNetwork> {
        match &self.network {
            Some(NetworkSpec::Random(random)) => Some(random.clone()),
            Some(NetworkSpec::Input(_)) => None,
            None => Some(RandomNetwork::default()),
        }
    }
}

/// Numbers of 64 or 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Double precision.
    #[default]
    F64,
    /// Single precision.
    F32,
}

/// All layers, or one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layers {
    /// Every layer.
    #[default]
    All,
    /// The last layer only.
    Last,
}

/// A network from a file, or a random one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NetworkSpec {
    /// A network file.
    Input(Input),
    /// A random network of equal widths.
    Random(RandomNetwork),
}

/// A random network: every layer has `width` inputs and outputs, weights are normal with variance `sigma_w`² / width,
/// biases with variance `sigma_b`².
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomNetwork {
    /// Neurons in each layer, and the dimension of the input.
    #[schemars(range(min = 2, max = 4096))]
    pub width: usize,
    /// Number of layers.
    #[schemars(range(min = 1, max = 1000))]
    pub depth: usize,
    /// The activation after every layer.
    pub activation: Activation,
    /// Standard deviation of the weights times the square root of the width.
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub sigma_w: f64,
    /// Standard deviation of the biases.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub sigma_b: f64,
}

impl Default for RandomNetwork {
    fn default() -> Self {
        Self { width: 100, depth: 10, activation: Activation::Tanh, sigma_w: 2.5, sigma_b: 0.3 }
    }
}

/// The circle `center + radius (cos t u0 + sin t u1)`, 0 <= t < 2 pi.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CircleSpec {
    /// The radius, or `"fixed-point"`: the radius at which the first layer has the variance q* that the layers tend to
    /// (`sqrt(width)` where q* is zero or infinite). By default `"fixed-point"` for a random network and 1 for a file.
    pub radius: Option<RadiusSpec>,
    /// The centre; by default the origin.
    pub center: Option<Vec<f64>>,
    /// The first vector of the plane; by default the first coordinate axis. It is taken as it is: vectors that are not
    /// orthonormal make an ellipse.
    pub u0: Option<Vec<f64>>,
    /// The second vector of the plane; by default the second coordinate axis.
    pub u1: Option<Vec<f64>>,
}

/// A radius.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RadiusSpec {
    /// A length.
    Length(#[schemars(extend("exclusiveMinimum" = 0.0))] f64),
    /// A word that stands for a length.
    Word(RadiusWord),
}

/// A word that stands for a radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RadiusWord {
    /// The first layer has the variance q* that the layers tend to.
    FixedPoint,
}

/// A mean-field phase diagram: variance and slope at the fixed point over a grid, and the critical line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PhaseSpec {
    /// The activation.
    pub activation: Activation,
    /// The range of `sigma_w`.
    pub sigma_w: Range,
    /// The range of `sigma_b`. The critical line has twice as many points over it, denser towards its lower end, where it
    /// is steep.
    pub sigma_b: Range,
}

impl Default for PhaseSpec {
    fn default() -> Self {
        Self {
            activation: Activation::Tanh,
            sigma_w: Range { from: 0.5, to: 4.0, steps: 71 },
            sigma_b: Range { from: 0.0, to: 2.0, steps: 41 },
        }
    }
}

impl PhaseSpec {
    /// The values of `sigma_b` at which the critical line is computed.
    pub fn line(&self) -> Vec<f64> {
        let Range { from, to, steps } = self.sigma_b;
        let last = (2 * steps).saturating_sub(1).max(1) as f64;
        let at = |step: usize| {
            let share = step as f64 / last;
            from + (to - from) * share * share
        };
        (0..2 * steps).map(at).collect()
    }
}

/// Evenly spaced values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first value.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub from: f64,
    /// The last value.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub to: f64,
    /// Number of values.
    #[schemars(range(min = 1, max = 2000))]
    pub steps: usize,
}

impl Range {
    /// The values in order.
    pub fn values(&self) -> Vec<f64> {
        let last = self.steps.saturating_sub(1).max(1) as f64;
        (0..self.steps).map(|step| self.from + (self.to - self.from) * (step as f64 / last)).collect()
    }
}
