//! Reading reference files and running parts of the analysis without a host.

#![allow(dead_code, reason = "each test binary uses a part")]

use octavo_curvature::curves::{Curves, Effort, Measured};
use octavo_curvature::jets::Ellipse;
use octavo_curvature::params::Params;
use octavo_curvature::subject::Subject;
use octavo_curvature::{measure, quadrature};
use octavo_plugin::context::Silent;
use octavo_plugin::{Activation, CancelToken, Inputs, Layer, Network, RunContext, Seed};
use serde_json::Value as Json;

/// Runs `what` with a context that nobody stops.
pub(crate) fn with_context<T>(what: impl FnOnce(&RunContext<'_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    what(&RunContext::new(Seed(1), &inputs, &cancel, &Silent))
}

pub(crate) fn measure_network(network: Network, circle: Ellipse, tolerance: f64) -> Measured {
    let params = Params { tolerance, max_points: 1 << 16, ..Params::default() };
    let subject = Subject { network, circle, ensemble: None };
    with_context(|context| measure(&subject, &params, context)).unwrap()
}

pub(crate) fn measure_curves(curves: &dyn Curves, tolerance: f64) -> Measured {
    with_context(|context| quadrature::measure(curves, Effort { tolerance, max_points: 1 << 16 }, context))
        .unwrap()
}

pub(crate) fn floats(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub(crate) fn activation(json: &Json) -> Activation {
    serde_json::from_value(json.clone()).unwrap()
}

/// The network and circle of a reference case.
pub(crate) fn case(json: &Json) -> (Network, Ellipse) {
    let layer = |(weights, bias): (&Json, &Json)| {
        let rows: Vec<Vec<f64>> = weights.as_array().unwrap().iter().map(floats).collect();
        Layer {
            inputs: rows[0].len(),
            outputs: rows.len(),
            weights: rows.concat(),
            bias: floats(bias),
            activation: activation(&json["activation"]),
        }
    };
    let (weights, biases) = (json["weights"].as_array().unwrap(), json["biases"].as_array().unwrap());
    let network = Network { layers: weights.iter().zip(biases).map(layer).collect() };
    let radius = json["radius"].as_f64().unwrap();
    let scaled = |key: &str| floats(&json[key]).into_iter().map(|x| radius * x).collect();
    (network, Ellipse { c: floats(&json["center"]), a: scaled("plane_u0"), b: scaled("plane_u1") })
}

pub(crate) fn close(found: f64, expected: f64, relative: f64, what: &str) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{what}: {found} for {expected}, {:e} off",
        (found / expected - 1.0).abs()
    );
}

/// A random network.
pub(crate) fn network(
    seed: u64,
    widths: &[usize],
    activation: Activation,
    sigma_w: f64,
    sigma_b: f64,
) -> Network {
    let mut stream = Seed(seed).stream("network");
    let layer = |pair: &[usize]| Layer {
        inputs: pair[0],
        outputs: pair[1],
        weights: stream.normals(pair[0] * pair[1], sigma_w / (pair[0] as f64).sqrt()),
        bias: stream.normals(pair[1], sigma_b),
        activation,
    };
    Network { layers: widths.windows(2).map(layer).collect() }
}

/// A circle in the first two coordinates.
pub(crate) fn circle(inputs: usize, radius: f64) -> Ellipse {
    let axis = |axis: usize| (0..inputs).map(|row| if row == axis { radius } else { 0.0 }).collect();
    Ellipse { c: vec![0.0; inputs], a: axis(0), b: axis(1) }
}
