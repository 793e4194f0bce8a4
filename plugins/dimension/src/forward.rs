//! What a network gives at many points, in room that is used again.

use octavo_plugin::linalg::{Packed, Right};
use octavo_plugin::{Activation, Layer, Network, math};
use rayon::prelude::*;

/// Points that pass through a network together: as many columns as a product works on at once.
pub(crate) const BATCH: usize = 192;

/// A network whose weights lie ready for many products.
pub(crate) struct Forward<'a> {
    layers: Vec<(Packed<f64>, &'a Layer)>,
}

/// What a batch needs room for.
#[derive(Default)]
struct Room {
    inputs: Right<f64>,
    /// What the neurons of a layer sum and then give, a row a neuron.
    sums: Vec<f64>,
}

impl<'a> Forward<'a> {
    /// Packs the weights.
    pub(crate) fn new(network: &'a Network) -> Self {
        let packed = |layer: &'a Layer| (Packed::new(layer.outputs, layer.inputs, &layer.weights), layer);
        Self { layers: network.layers.iter().map(packed).collect() }
    }

    /// The outputs, points × outputs, with the bits of [`Pass`](octavo_learning::Pass). `row` writes input `k` of all points
    /// of a batch.
    ///
    /// # Errors
    /// What `go_on` gives, which is asked before every batch.
    pub(crate) fn outputs<P: Sync, E: Send>(
        &self,
        points: &[P],
        row: impl Fn(usize, &[P], &mut Vec<f64>) + Sync,
        go_on: impl Fn() -> Result<(), E> + Sync,
    ) -> Result<Vec<f64>, E> {
        let batch = |room: &mut Room, points: &[P]| {
            go_on()?;
            Ok(self.batch(points, &row, room))
        };
        let parts: Vec<Vec<f64>> =
            points.par_chunks(BATCH).map_init(Room::default, batch).collect::<Result<_, E>>()?;
        Ok(parts.concat())
    }

    fn batch<P>(&self, points: &[P], row: impl Fn(usize, &[P], &mut Vec<f64>), room: &mut Room) -> Vec<f64> {
        let Room { inputs, sums } = room;
        let (count, mut last) = (points.len(), 0);
        for (index, (weights, layer)) in self.layers.iter().enumerate() {
            inputs.resize(layer.inputs, count);
            for k in 0..layer.inputs {
                if index == 0 {
                    sums.clear();
                    row(k, points, sums);
                    inputs.set_rows(k, sums);
                } else {
                    inputs.set_rows(k, &sums[k * count..][..count]);
                }
            }
            sums.resize(layer.outputs * count, 0.0);
            weights.times(inputs, sums);
            for (sums, bias) in sums.chunks_exact_mut(count).zip(&layer.bias) {
                sums.iter_mut().for_each(|sum| *sum += bias);
                activate(layer.activation, sums);
            }
            last = layer.outputs;
        }
        (0..count)
            .flat_map(|point| (0..last).map(move |k| (k, point)))
            .map(|(k, point)| sums[k * count + point])
            .collect()
    }
}

fn activate(activation: Activation, values: &mut [f64]) {
    match activation {
        Activation::Identity => {}
        Activation::Tanh => math::tanh_slice(values),
        Activation::Erf => math::erf_slice(values),
        Activation::Relu => values.iter_mut().for_each(|value| *value = value.max(0.0)),
        Activation::Hardtanh => values.iter_mut().for_each(|value| *value = value.clamp(-1.0, 1.0)),
        Activation::Gelu | Activation::Sine => {
            values.iter_mut().for_each(|value| *value = activation.value(*value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_learning::Pass;
    use octavo_plugin::Seed;
    use octavo_plugin::interchange::Init;

    #[test]
    fn outputs_have_the_bits_of_a_pass() {
        let points: Vec<[f64; 3]> =
            Seed(3).stream("points").normals(3 * 1000, 2.0).as_chunks::<3>().0.to_vec();
        for activation in
            [Activation::Tanh, Activation::Erf, Activation::Relu, Activation::Hardtanh, Activation::Gelu]
        {
            let mut stream = Seed(4).stream("network");
            let network = Network::random(&[3, 17, 9, 4], activation, Init::Glorot, 0.3, &mut stream);
            let row = |k: usize, points: &[[f64; 3]], row: &mut Vec<f64>| {
                row.extend(points.iter().map(|point| point[k]));
            };
            let found = Forward::new(&network).outputs(&points, row, || Ok::<(), ()>(())).unwrap();
            let expected = Pass::new(&network, points.len(), points.as_flattened().to_vec());
            assert_eq!(found, expected.outputs(), "{activation:?}");
        }
    }
}
