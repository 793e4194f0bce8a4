//! The curves of a network: the circle's image before and after the activation of every layer.

use std::sync::Mutex;

use octavo_plugin::linalg::Packed;
use octavo_plugin::{Failure, Network, RunContext};
use rayon::prelude::*;

use crate::activations;
use crate::closed::Closed;
use crate::curves::Curves;
use crate::jets::{Ellipse, Images, Jets, Rates, packed};
use crate::real::Real;

/// The image of an ellipse in the inputs of a network. Curves are in the order layer 1 pre, layer 1 post, layer 2 pre...
pub struct NetworkCurves<'a, T = f64> {
    network: &'a Network,
    first: First,
    /// The weights of the layers from the second on, packed once for all batches.
    weights: Vec<Packed<T>>,
    /// Memory of batches that are done.
    spare: Mutex<Vec<(Jets<T>, Images<T>)>>,
}

/// What goes into the first activation.
enum First {
    Ellipse(Ellipse),
    Polygon(Closed),
}

impl First {
    fn jets<T: Real>(&self, angles: &[f64], memory: Jets<T>) -> Jets<T> {
        match self {
            Self::Ellipse(ellipse) => Jets::of_ellipse(ellipse, angles, memory),
            Self::Polygon(closed) => Jets::of_sides(&closed.sides(angles)),
        }
    }

    fn positions(&self, angles: &[f64]) -> Vec<f64> {
        match self {
            Self::Ellipse(ellipse) => ellipse.positions(angles),
            Self::Polygon(closed) => {
                let sides = closed.sides(angles);
                let row = |row: usize| sides.iter().map(move |(position, _)| position[row]);
                (0..closed.points[0].len()).flat_map(row).collect()
            }
        }
    }
}

impl<'a, T: Real> NetworkCurves<'a, T> {
    /// The curves; layer 1 is prepared in closed form.
    pub fn new(network: &'a Network, circle: &Ellipse) -> Self {
        Self::of(network, First::Ellipse(circle.through(&network.layers[0])))
    }

    /// The curves that a polygon makes, over parameters from [`crate::curves::START`] once around.
    pub fn of_polygon(network: &'a Network, closed: &Closed) -> Self {
        Self::of(network, First::Polygon(closed.through(&network.layers[0])))
    }

    fn of(network: &'a Network, first: First) -> Self {
        let weights = network.layers[1..].par_iter().map(packed).collect();
        Self { network, first, weights, spare: Mutex::default() }
    }
}

impl<T: Real> NetworkCurves<'_, T> {
    /// The rates of the curves of the layers from this one (from 0) on.
    fn sample_from(&self, first: usize, angles: &[f64]) -> Result<Vec<Rates>, Failure> {
        let spare = self.spare.lock().expect("nothing panics with it").pop();
        let (memory, mut images) = spare.unwrap_or_else(|| (Jets::none(), Images::none()));
        let mut jets = self.first.jets::<T>(angles, memory);
        let mut all = Vec::with_capacity(2 * self.network.layers.len());
        for (index, layer) in self.network.layers.iter().enumerate() {
            if index > 0 {
                jets.become_image(&self.weights[index - 1], &layer.bias, &images);
            }
            if index == first {
                jets.foresee();
            }
            if index < first {
                jets.activate_unmeasured(layer.activation, &mut images);
                continue;
            }
            for rates in jets.activate_into(layer.activation, &mut images) {
                all.push(finite(rates, index + 1)?);
            }
        }
        self.spare.lock().expect("nothing panics with it").push((jets, images));
        Ok(all)
    }
}

impl NetworkCurves<'_> {
    /// The positions before the activation of a layer (from 1), in batches: outputs × points, row-major.
    ///
    /// # Errors
    /// If the run should stop.
    pub fn positions(
        &self,
        layer: usize,
        angles: &[f64],
        context: &RunContext<'_>,
    ) -> Result<Vec<f64>, Failure> {
        let parts: Vec<Vec<f64>> = angles
            .par_chunks(192)
            .map(|angles| {
                context.go_on()?;
                let mut x = self.first.positions(angles);
                for (pair, weights) in self.network.layers[..layer].windows(2).zip(&self.weights) {
                    activations::values(pair[0].activation, &mut x);
                    let mut image = vec![0.0; pair[1].outputs * angles.len()];
                    weights.times_into(angles.len(), &x, &mut image);
                    for (row, bias) in image.chunks_exact_mut(angles.len()).zip(&pair[1].bias) {
                        row.iter_mut().for_each(|x| *x += bias);
                    }
                    x = image;
                }
                Ok(x)
            })
            .collect::<Result<_, Failure>>()?;
        let rows = self.network.layers[layer - 1].outputs;
        let row = |row: usize| {
            parts.iter().flat_map(move |part| {
                let points = part.len() / rows;
                part[row * points..(row + 1) * points].iter().copied()
            })
        };
        Ok((0..rows).flat_map(row).collect())
    }
}

impl<T: Real> Curves for NetworkCurves<'_, T> {
    fn dimensions(&self) -> Vec<usize> {
        self.network.layers.iter().flat_map(|layer| [layer.outputs; 2]).collect()
    }

    fn epsilon(&self) -> f64 {
        T::EPSILON
    }

    fn sample(&self, angles: &[f64]) -> Result<Vec<Rates>, Failure> {
        self.sample_from(0, angles)
    }
}

/// Only the curves before and after the last activation, without measuring those on the way.
pub struct LastLayer<'a, T>(pub &'a NetworkCurves<'a, T>);

impl<T: Real> Curves for LastLayer<'_, T> {
    fn dimensions(&self) -> Vec<usize> {
        self.0.dimensions().split_off(self.skipped())
    }

    fn epsilon(&self) -> f64 {
        T::EPSILON
    }

    fn skipped(&self) -> usize {
        2 * self.0.network.layers.len() - 2
    }

    fn sample(&self, angles: &[f64]) -> Result<Vec<Rates>, Failure> {
        self.0.sample_from(self.0.network.layers.len() - 1, angles)
    }
}

fn finite(rates: Rates, layer: usize) -> Result<Rates, Failure> {
    if rates.speed.iter().chain(&rates.turning).all(|rate| rate.is_finite()) {
        Ok(rates)
    } else {
        Err(Failure::numeric(format!("the curve leaves the range of floats at layer {layer}"))
            .help("take smaller weights or fewer layers"))
    }
}
