//! Dense feed-forward networks.
//!
//! File form: `{"layers": [{"weights": [[...]], "bias": [...], "activation": "relu"}]}`; a row of `weights` is an output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::Rows;
use crate::{Failure, Reading, Seed, Stream, counted, math};

/// An activation function, applied to each neuron of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// x.
    Identity,
    /// max(x, 0).
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// Error function, 2/sqrt(pi) times the integral of exp(-t²).
    Erf,
    /// x cut off at -1 and 1.
    Hardtanh,
    /// x times the probability that a standard normal number is below x (Hendrycks and Gimpel 2016).
    Gelu,
    /// sin(x).
    Sine,
}

impl Activation {
    /// The function's value.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::Tanh => math::tanh(x),
            Self::Erf => math::erf(x),
            Self::Hardtanh => x.clamp(-1.0, 1.0),
            Self::Gelu => x * math::normal_cdf(x),
            Self::Sine => math::sin(x),
        }
    }
}

/// How random weights are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// Normal with variance 2 / fan-in (He et al. 2015).
    He,
    /// Normal with variance 1 / fan-in (LeCun et al. 1998).
    Lecun,
    /// Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010).
    Glorot,
}

impl Init {
    /// Standard deviation of a weight between layers of these widths.
    pub fn deviation(self, fan_in: usize, fan_out: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
        let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
        match self {
            Self::He => (2.0 / fan_in).sqrt(),
            Self::Lecun => (1.0 / fan_in).sqrt(),
            Self::Glorot => (2.0 / (fan_in + fan_out)).sqrt(),
        }
    }
}

/// One layer: `activation(weights · x + bias)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// outputs × inputs, row-major.
    pub weights: Vec<f64>,
    /// One per output.
    pub bias: Vec<f64>,
    /// Applied to every output.
    pub activation: Activation,
}

impl Layer {
    /// A random layer from streams of its own, `weights/NUMBER` and `biases/NUMBER`, so that a deeper network begins like a
    /// shallower one, and other standard deviations scale the same draws. `index` counts from 0 and the number from 1; a
    /// weight has variance `sigma_w`² / inputs, a bias `sigma_b`².
    pub fn random(
        index: usize,
        [inputs, outputs]: [usize; 2],
        [sigma_w, sigma_b]: [f64; 2],
        activation: Activation,
        seed: Seed,
    ) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
        let deviation = sigma_w / (inputs as f64).sqrt();
        let stream = |what: &str| seed.stream(&format!("{what}/{}", index + 1));
        let weights = stream("weights").normals(outputs * inputs, deviation);
        Self { inputs, outputs, weights, bias: stream("biases").normals(outputs, sigma_b), activation }
    }

    /// The weights of one output.
    pub fn row(&self, output: usize) -> &[f64] {
        &self.weights[output * self.inputs..(output + 1) * self.inputs]
    }
}

/// Layers in order; the outputs of one are the inputs of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// At least one layer.
    pub layers: Vec<Layer>,
}

#[derive(Serialize, Deserialize)]
struct LayerFile {
    weights: Rows,
    bias: Vec<f64>,
    activation: Activation,
}

#[derive(Serialize, Deserialize)]
struct NetworkFile {
    layers: Vec<LayerFile>,
}

impl Network {
    /// Number of inputs of the first layer.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// Number of outputs of the last layer.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }

    /// A random network. All layers but the last have `activation`, the last has none. Each layer draws its weights row
    /// by row, then its biases, from one stream.
    ///
    /// # Panics
    /// If fewer than two widths are given.
    pub fn random(
        widths: &[usize],
        activation: Activation,
        init: Init,
        bias_sd: f64,
        stream: &mut Stream,
    ) -> Self {
        assert!(widths.len() >= 2, "a network has an input and an output width");
        let last = widths.len() - 2;
        let layer = |(index, pair): (usize, &[usize])| Layer {
            inputs: pair[0],
            outputs: pair[1],
            weights: stream.normals(pair[0] * pair[1], init.deviation(pair[0], pair[1])),
            bias: stream.normals(pair[1], bias_sd),
            activation: if index == last { Activation::Identity } else { activation },
        };
        Self { layers: widths.windows(2).enumerate().map(layer).collect() }
    }

    /// Reads the file form.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) that names the layer and what does not fit; as [`Reading::admit`]
    /// and [`Reading::go_on`].
    pub fn from_input<'a>(input: impl Into<Reading<'a>>) -> Result<Self, Failure> {
        let input = input.into();
        let name = &input.name;
        let file: NetworkFile = input
            .json()?
            .map_err(|error| Failure::user(format!("`{name}` is no network: {error}")).help(FORM))?;
        Self::from_file(file).map_err(|message| Failure::user(format!("`{name}`: {message}")).help(FORM))
    }

    fn from_file(file: NetworkFile) -> Result<Self, String> {
        let mut layers: Vec<Layer> = Vec::new();
        for (index, layer) in file.layers.into_iter().enumerate() {
            let number = index + 1;
            let outputs = layer.weights.len();
            let inputs = layer.weights.get(0).map_or(0, <[f64]>::len);
            if outputs == 0 || inputs == 0 {
                return Err(format!("layer {number} has no weights"));
            }
            if let Some(row) = layer.weights.iter().position(|row| row.len() != inputs) {
                return Err(format!(
                    "layer {number}: row {} of the weights has another length than the first",
                    row + 1
                ));
            }
            if layer.bias.len() != outputs {
                return Err(format!(
                    "layer {number} has {} of weights and {}",
                    counted(outputs, "row"),
                    counted(layer.bias.len(), "bias")
                ));
            }
            if let Some(before) = layers.last().filter(|before| before.outputs != inputs) {
                return Err(format!(
                    "layer {number} takes {} and the layer before gives {}",
                    counted(inputs, "input"),
                    before.outputs
                ));
            }
            if layer.weights.values().iter().chain(&layer.bias).any(|x| !x.is_finite()) {
                return Err(format!("layer {number} holds a number that is not finite"));
            }
            let weights = layer.weights.into_values();
            layers.push(Layer { inputs, outputs, weights, bias: layer.bias, activation: layer.activation });
        }
        if layers.is_empty() { Err("there is no layer".into()) } else { Ok(Self { layers }) }
    }

    /// The file form.
    pub fn to_json(&self) -> String {
        let layer = |layer: &Layer| LayerFile {
            weights: Rows::of_width(layer.weights.clone(), layer.inputs),
            bias: layer.bias.clone(),
            activation: layer.activation,
        };
        let file = NetworkFile { layers: self.layers.iter().map(layer).collect() };
        serde_json::to_string(&file).expect("finite numbers and plain keys are JSON")
    }
}

const FORM: &str = r#"a network file is {"layers": [{"weights": [[...]], "bias": [...], "activation": "relu"}]}, one row of weights per output"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InputContent;
    use crate::{InputData, Seed};

    fn read(text: &str) -> Result<Network, Failure> {
        let content = InputContent::File { extension: "json".into(), bytes: text.as_bytes().to_vec() };
        Network::from_input(&InputData { name: "net.json".into(), content })
    }

    #[test]
    fn the_file_form_round_trips_bit_for_bit() {
        let net = Network::random(&[2, 5, 1], Activation::Relu, Init::He, 0.1, &mut Seed(6).stream("net"));
        assert_eq!(read(&net.to_json()), Ok(net));
    }

    #[test]
    fn activations_have_their_names_and_values() {
        for (name, activation, x, value) in [
            ("hardtanh", Activation::Hardtanh, 3.0, 1.0),
            ("hardtanh", Activation::Hardtanh, -0.25, -0.25),
            ("gelu", Activation::Gelu, 1.0, 0.841_344_746_068_542_9),
            ("sine", Activation::Sine, 0.5, 0.479_425_538_604_203),
        ] {
            assert_eq!(serde_json::from_str::<Activation>(&format!("\"{name}\"")).unwrap(), activation);
            assert!((activation.value(x) - value).abs() < 1e-15, "{name}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let cases = [
            ("{}", "missing field `layers`"),
            (r#"{"layers":[]}"#, "there is no layer"),
            (r#"{"layers":[{"weights":[[1],[1,2]],"bias":[0,0],"activation":"relu"}]}"#, "layer 1: row 2"),
            (
                r#"{"layers":[{"weights":[[1]],"bias":[],"activation":"relu"}]}"#,
                "layer 1 has 1 row of weights and 0 biases",
            ),
            (r#"{"layers":[{"weights":[[1]],"bias":[0],"activation":"swish"}]}"#, "unknown variant `swish`"),
        ];
        for (text, expected) in cases {
            let message = read(text).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }
}
