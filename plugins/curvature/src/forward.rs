//! The curves of a network: the circle's image before and after the activation of every layer.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext, linalg};
use rayon::prelude::*;

use crate::jets::{Ellipse, Jets, Rates};
use crate::quadrature::Curves;

/// The image of an ellipse in the inputs of a network. Curves are in the order layer 1 pre, layer 1 post, layer 2 pre...
pub struct NetworkCurves<'a> {
    network: &'a Network,
    first: Ellipse,
}

impl<'a> NetworkCurves<'a> {
    /// The curves; layer 1 is prepared in closed form.
    pub fn new(network: &'a Network, circle: &Ellipse) -> Self {
        Self { network, first: circle.through(&network.layers[0]) }
    }

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
                for pair in self.network.layers[..layer].windows(2) {
                    x.iter_mut().for_each(|x| *x = pair[0].activation.value(*x));
                    x = affine(&pair[1], &x, angles.len());
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

impl Curves for NetworkCurves<'_> {
    fn dimensions(&self) -> Vec<usize> {
        self.network.layers.iter().flat_map(|layer| [layer.outputs; 2]).collect()
    }

    fn sample(&self, angles: &[f64]) -> Result<Vec<Rates>, Failure> {
        let mut jets = Jets::of_ellipse(&self.first, angles);
        let mut all = Vec::with_capacity(2 * self.network.layers.len());
        for (index, layer) in self.network.layers.iter().enumerate() {
            if index > 0 {
                jets = jets.through(layer);
            }
            let rates = finite(jets.rates(), index + 1)?;
            let after = if layer.activation == Activation::Identity {
                rates.clone()
            } else {
                jets.activate(layer.activation);
                finite(jets.rates(), index + 1)?
            };
            all.extend([rates, after]);
        }
        Ok(all)
    }
}

/// W x + b for `points` columns.
fn affine(layer: &Layer, x: &[f64], points: usize) -> Vec<f64> {
    let mut image = linalg::matmul(layer.outputs, layer.inputs, points, &layer.weights, x);
    for (row, bias) in image.chunks_exact_mut(points).zip(&layer.bias) {
        row.iter_mut().for_each(|x| *x += bias);
    }
    image
}

fn finite(rates: Rates, layer: usize) -> Result<Rates, Failure> {
    if rates.speed.iter().chain(&rates.turning).all(|rate| rate.is_finite()) {
        Ok(rates)
    } else {
        Err(Failure::numeric(format!("the curve leaves the range of floats at layer {layer}"))
            .help("take smaller weights or fewer layers"))
    }
}
