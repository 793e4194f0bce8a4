//! What is measured: the network and the circle that the parameters name.

use octavo_plugin::{Activation, Failure, Layer, Network, Problem, RunContext};

use crate::activations;
use crate::jets::Ellipse;
use crate::meanfield::{Ensemble, FixedPoint, Start};
use crate::params::{CircleSpec, Layers, NetworkSpec, Params, RadiusSpec, RandomNetwork};

/// A network, a circle in its inputs, and the ensemble that a random network comes from.
pub struct Subject {
    /// The network.
    pub network: Network,
    /// The circle.
    pub circle: Ellipse,
    /// For a random network only.
    pub ensemble: Option<Ensemble>,
}

/// Problems between parameters.
pub fn check(params: &Params) -> Vec<Problem> {
    let mut problems = Vec::new();
    match (&params.network, &params.phase) {
        (None, None) => problems.push(
            Problem::at("", "there is nothing to measure")
                .help("give `network`, such as `{ width = 100, depth = 10 }`, or `phase`"),
        ),
        (Some(_), Some(_)) => problems.push(Problem::at("phase", "`network` and `phase` exclude each other")),
        _ => {}
    }
    let random = match &params.network {
        Some(NetworkSpec::Random(random)) => Some(random),
        _ => None,
    };
    if random.is_none() && matches!(params.circle.radius, Some(RadiusSpec::Word(_))) {
        problems.push(
            Problem::at("circle.radius", "a network from a file has no fixed point").help("give a number"),
        );
    }
    problems.extend(beside_a_closed_curve(params));
    problems.extend(without_direction(&params.circle));
    let depth = random.map_or(usize::MAX, |random| random.depth);
    if let Some(layer) = params.portraits.iter().find(|layer| **layer == 0 || **layer > depth) {
        problems.push(Problem::at("portraits", format!("there is no layer {layer}")));
    }
    if params.layers == Layers::Last && !params.portraits.is_empty() {
        problems.push(
            Problem::at("layers", "the portrait of a layer prints its curvature, so all layers are measured")
                .help("leave out `layers` or `portraits`"),
        );
    }
    if let Some(random) = random {
        problems.extend(
            wrong_length(&params.circle, random.width)
                .map(|(name, message)| Problem::at(&format!("circle.{name}"), message)),
        );
    }
    problems
}

/// What stands beside a polygon or curve and is of circles alone.
fn beside_a_closed_curve(params: &Params) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !params.closed() {
        return problems;
    }
    if params.polygon.is_some() && params.curve.is_some() {
        problems.push(Problem::at("curve", "`polygon` and `curve` exclude each other"));
    }
    if params.circle != CircleSpec::default() {
        problems.push(
            Problem::at("circle", "a polygon or curve stands in place of the circle")
                .help("give one of them"),
        );
    }
    for (name, given) in
        [("portraits", !params.portraits.is_empty()), ("correlations", !params.correlations.is_empty())]
    {
        if given {
            problems.push(Problem::at(name, "only circles are drawn and correlated").help("leave it out"));
        }
    }
    problems
}

/// The vectors of a circle's plane that are zero.
fn without_direction(circle: &CircleSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, vector) in [("u0", &circle.u0), ("u1", &circle.u1)] {
        if vector.as_ref().is_some_and(|vector| vector.iter().all(|x| *x == 0.0)) {
            problems.push(
                Problem::at(
                    &format!("circle.{name}"),
                    "the vector is zero, and a circle needs two directions",
                )
                .help("give a vector with a number other than 0"),
            );
        }
    }
    problems
}

/// Makes the subject.
///
/// # Errors
/// Of the network file, or if the circle does not fit its inputs.
pub fn prepare(params: &Params, context: &RunContext<'_>) -> Result<Subject, Failure> {
    let (network, ensemble) = match &params.network {
        Some(NetworkSpec::Input(input)) => (Network::from_input(context.input(input)?)?, None),
        _ => {
            let random = params.random().unwrap_or_default();
            (draw(&random, context)?, Some(ensemble(&random)))
        }
    };
    let inputs = network.inputs();
    if let Some((name, message)) = wrong_length(&params.circle, inputs) {
        return Err(Failure::user(format!("`circle.{name}`: {message}")));
    }
    if inputs < 2 && params.circle.u1.is_none() && !params.closed() {
        return Err(Failure::user("a circle needs a network with at least 2 inputs, and this one has 1"));
    }
    if let Some(layer) = params.portraits.iter().find(|layer| **layer == 0 || **layer > network.layers.len())
    {
        return Err(Failure::user(format!(
            "`portraits` asks for layer {layer}, and the network has {}",
            network.layers.len()
        )));
    }
    let radius = radius(params.circle.radius, ensemble, inputs);
    Ok(Subject { circle: circle(&params.circle, inputs, radius), network, ensemble })
}

/// The ensemble of a random network.
pub fn ensemble(random: &RandomNetwork) -> Ensemble {
    Ensemble { activation: random.activation, sigma_w: random.sigma_w, sigma_b: random.sigma_b }
}

/// Variance and speed of the first layer in theory.
pub fn start(ensemble: &Ensemble, circle: &Ellipse) -> Start {
    let square = |vector: &[f64]| vector.iter().fold(0.0, |total, x| total + x * x);
    let weight = ensemble.sigma_w * ensemble.sigma_w / circle.c.len() as f64;
    let mean = 0.5 * (square(&circle.a) + square(&circle.b));
    let bias = ensemble.sigma_b * ensemble.sigma_b;
    Start { q: weight * (square(&circle.c) + mean) + bias, g: weight * mean }
}

/// The radius at which the first layer has variance q*; sqrt(width) where q* is no use.
pub fn fixed_point_radius(ensemble: &Ensemble, inputs: usize) -> f64 {
    let inputs = inputs as f64;
    let bias = ensemble.sigma_b * ensemble.sigma_b;
    match ensemble.fixed_point() {
        FixedPoint::Finite(q) if q > bias => (inputs * (q - bias)).sqrt() / ensemble.sigma_w,
        _ => inputs.sqrt(),
    }
}

fn radius(spec: Option<RadiusSpec>, ensemble: Option<Ensemble>, inputs: usize) -> f64 {
    match (spec, ensemble) {
        (Some(RadiusSpec::Length(length)), _) => length,
        (_, Some(ensemble)) => fixed_point_radius(&ensemble, inputs),
        (_, None) => 1.0,
    }
}

fn circle(spec: &CircleSpec, inputs: usize, radius: f64) -> Ellipse {
    let axis = |given: &Option<Vec<f64>>, axis: usize| -> Vec<f64> {
        let unit = || (0..inputs).map(|row| f64::from(u8::from(row == axis))).collect();
        given.clone().unwrap_or_else(unit).into_iter().map(|x| radius * x).collect()
    };
    let c = spec.center.clone().unwrap_or_else(|| vec![0.0; inputs]);
    Ellipse { c, a: axis(&spec.u0, 0), b: axis(&spec.u1, 1) }
}

fn wrong_length(spec: &CircleSpec, inputs: usize) -> Option<(&'static str, String)> {
    [("center", &spec.center), ("u0", &spec.u0), ("u1", &spec.u1)].into_iter().find_map(|(name, vector)| {
        let given = vector.as_ref()?.len();
        let message = format!(
            "the vector has {} and the network {}",
            octavo_plugin::counted(given, "number"),
            octavo_plugin::counted(inputs, "input")
        );
        (given != inputs).then_some((name, message))
    })
}

/// A network of equal layers.
fn draw(random: &RandomNetwork, context: &RunContext<'_>) -> Result<Network, Failure> {
    let RandomNetwork { width, depth, activation, sigma_w, sigma_b } = *random;
    let layer = |index: usize| {
        context.go_on()?;
        Ok(Layer::random(index, [width; 2], [sigma_w, sigma_b], activation, context.seed()))
    };
    let layers = (0..depth).map(layer).collect::<Result<_, Failure>>()?;
    Ok(Network { layers })
}

/// Whether a network mixes smooth activations with piecewise linear ones, which no method here treats exactly.
pub fn mixed(network: &Network) -> bool {
    let has = |wanted: fn(Activation) -> bool| network.layers.iter().any(|layer| wanted(layer.activation));
    has(|activation| matches!(activation, Activation::Relu | Activation::Hardtanh))
        && has(|activation| !activations::piecewise_linear(activation))
}
