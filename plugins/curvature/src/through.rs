//! Closed polygons pushed through a network.
//!
//! A smooth network bends each side; the jets of a straight side are exact, so the sides are integrated like any curve,
//! with panels that end at the corners, and the angles at the corners are added. A piecewise linear network makes
//! polygons of polygons: sides are cut where a neuron bends.

use octavo_plugin::{Failure, Network, RunContext};

use crate::activations;
use crate::closed::{Closed, itself};
use crate::curves::{Curves, Effort, Measured};
use crate::forward::{LastLayer, NetworkCurves};
use crate::params::Layers;
use crate::quadrature;
use crate::real::Real;

/// Measures the image of the polygon before and after the activation of every layer.
///
/// # Errors
/// Those of [`quadrature::through_corners`]; [`octavo_plugin::FailureKind::Resource`] above `max_points` corners.
pub fn measure<T: Real>(
    network: &Network,
    closed: &Closed,
    layers: Layers,
    effort: Effort,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    if network.layers.iter().all(|layer| activations::piecewise_linear(layer.activation)) {
        return linear(network, closed, layers, effort, context);
    }
    let curves = NetworkCurves::<T>::of_polygon(network, closed);
    let last = LastLayer(&curves);
    let curves: &dyn Curves = if layers == Layers::Last { &last } else { &curves };
    quadrature::through_corners(curves, &closed.corners(), effort, context)
}

fn linear(
    network: &Network,
    closed: &Closed,
    layers: Layers,
    effort: Effort,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    let mut closed = closed.clone();
    let mut curves = Vec::new();
    let mut keep = |closed: &Closed, layer: usize| {
        if layers == Layers::All || layer == network.layers.len() {
            curves.push(itself(closed, effort));
        }
    };
    for (index, layer) in network.layers.iter().enumerate() {
        context.step(index as u64, network.layers.len() as u64)?;
        closed = closed.through(layer);
        keep(&closed, index + 1);
        closed = closed.bend(layer.activation);
        keep(&closed, index + 1);
        if closed.points.len() > effort.max_points {
            let (count, most) = (closed.points.len(), effort.max_points);
            return Err(Failure::resource(format!(
                "the curve has {}, and `max_points` is {most}",
                octavo_plugin::counted(count, "corner")
            ))
            .help("raise `max_points`, or take fewer or narrower layers"));
        }
        if closed.points.iter().flatten().any(|x| !x.is_finite()) {
            return Err(Failure::numeric(format!(
                "the curve leaves the range of floats at layer {}",
                index + 1
            ))
            .help("take smaller weights or fewer layers"));
        }
    }
    Ok(Measured { curves, points: closed.points.len() })
}
