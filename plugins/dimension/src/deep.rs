//! Level sets of random deep networks on a plane.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext, Seed};

use crate::count::Set;
use crate::forward::Forward;
use crate::made::Made;
use crate::params::{Level, LevelSet, Neuron};
use crate::shape::{Point, Shape};
use octavo_plugin::order::{median, ranks_among};

/// Points along a side of the grid that gives the median.
const COARSE: usize = 128;
/// A hard-tanh of this many times x is the sign of x.
const STEEP: f64 = 1e150;

/// The level set, and the ranks of the network's values.
///
/// # Errors
/// If the run is stopped, or no level set passes through the view.
pub(crate) fn made(spec: &LevelSet, pixels: usize, context: &RunContext<'_>) -> Result<Made, Failure> {
    let network = network(spec, context.seed());
    let view = spec.view();
    let level = match spec.level {
        Level::Median => median(&values(&network, &spec.whole(COARSE).points(), context)?),
        Level::Center => values(&network, &[spec.center], context)?[0],
    };
    let values = values(&network, &view.points(), context)?;
    let Some(shape) = Shape::new(view.contour(&values, level)) else {
        return Err(Failure::numeric("the level set does not pass through the view").help(
            "take a larger `view`, or `level = \"center\"` for the level set through the middle of the view",
        ));
    };
    // Ranks among all values, of those alone that are drawn.
    let mut picture = view.raster(&values, pixels);
    picture.values = ranks_among(&picture.values, &values);
    Ok(Made { set: Set::Shape { shape, unit: view.step() }, picture: Some(picture), scalars: Vec::new() })
}

/// The network as a function of the plane's coordinates u and v: its inputs are sqrt(width) (u, v, distance, 0, ..., 0), so
/// that the first layer has variance sigma_w² (u² + v² + distance²) + sigma_b² whatever the width. The output is linear.
fn network(spec: &LevelSet, seed: Seed) -> Network {
    let (width, size) = (spec.width, (spec.width as f64).sqrt());
    let activation = match spec.activation {
        Neuron::Tanh => Activation::Tanh,
        Neuron::Erf => Activation::Erf,
        Neuron::Relu => Activation::Relu,
        Neuron::Sign => Activation::Hardtanh,
    };
    let steep = if spec.activation == Neuron::Sign { STEEP } else { 1.0 };
    let layer = |index: usize| {
        let mut layer = Layer::random(index, [width; 2], [spec.sigma_w, spec.sigma_b], activation, seed);
        if index == 0 {
            let away = layer.weights.chunks(width).map(|row| row[2] * size * spec.distance);
            layer.bias.iter_mut().zip(away).for_each(|(bias, away)| *bias += away);
            layer.weights =
                layer.weights.chunks(width).flat_map(|row| [row[0] * size, row[1] * size]).collect();
            layer.inputs = 2;
        }
        layer.weights.iter_mut().chain(&mut layer.bias).for_each(|x| *x *= steep);
        layer
    };
    let output = Layer::random(spec.depth, [width, 1], [1.0, 0.0], Activation::Identity, seed);
    Network { layers: (0..spec.depth).map(layer).chain([output]).collect() }
}

/// The network's values at points.
fn values(network: &Network, points: &[Point], context: &RunContext<'_>) -> Result<Vec<f64>, Failure> {
    let row = |axis: usize, points: &[Point], row: &mut Vec<f64>| {
        row.extend(points.iter().map(|point| point[axis]));
    };
    Forward::new(network).outputs(points, row, || context.go_on())
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_learning::Pass;

    fn spec(activation: Neuron, depth: usize) -> LevelSet {
        LevelSet { activation, depth, width: 30, ..LevelSet::default() }
    }

    fn output(spec: &LevelSet, point: Point) -> f64 {
        Pass::new(&network(spec, Seed(5)), 1, point.to_vec()).outputs()[0]
    }

    #[test]
    fn a_sign_network_takes_few_values() {
        // Two layers of signs: the output is a sum of 30 signed weights, constant where no neuron changes.
        let spec = spec(Neuron::Sign, 2);
        assert_eq!(output(&spec, [0.3, 0.2]), output(&spec, [0.3 + 1e-9, 0.2]));
        let values: Vec<f64> = (0..50).map(|k| output(&spec, [0.02 * f64::from(k), 0.1])).collect();
        assert!(values.iter().any(|value| *value != values[0]));
    }

    #[test]
    fn networks_without_biases_are_odd() {
        for activation in [Neuron::Tanh, Neuron::Erf, Neuron::Sign] {
            let spec = LevelSet { sigma_b: 0.0, distance: 0.0, ..spec(activation, 3) };
            let [a, b] = [[0.4, -0.7], [-0.4, 0.7]].map(|point| output(&spec, point));
            assert!((a + b).abs() < 1e-12 && a != 0.0, "{activation:?}: {a}, {b}");
        }
    }

    #[test]
    fn a_relu_network_without_biases_is_homogeneous() {
        let spec = LevelSet { sigma_b: 0.0, distance: 0.0, ..spec(Neuron::Relu, 4) };
        let [a, b] = [[0.1, 0.3], [0.2, 0.6]].map(|point| output(&spec, point));
        assert!((b - 2.0 * a).abs() < 1e-12 * a.abs().max(1.0));
    }
}
