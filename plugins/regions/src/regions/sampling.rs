//! How many regions a sample of points sees: a count that misses all regions between its points.
//!
//! A point on a crease may have a pattern that no region has: only patterns of regions count.

use std::collections::BTreeSet;

use octavo_plugin::{Activation, Failure, Layer, Network, Rows, RunContext, Stream, linalg};

use super::params::Sampling;
use crate::space::Space;
use crate::split::Frontier;
use crate::walk::{Visitor, Walk};

/// Number of points that pass through the network together.
const BATCH: usize = 1024;

/// A sample of points and the regions that it sees.
pub(super) struct Sample {
    kind: &'static str,
    points: usize,
    seen: usize,
    /// Of all regions.
    share: f64,
}

/// The table `sampling`.
pub(super) fn sampling() -> Rows<Sample> {
    Rows::<Sample>::new("A sample of points and the regions that it sees")
        .text("kind", "sample", |sample| sample.kind)
        .integer("samples", "points", |sample| sample.points)
        .integer("seen", "regions seen", |sample| sample.seen)
        .float("share", "share of the regions", |sample| sample.share)
}

/// For each grid and random sample, how many of the `regions` it sees.
///
/// # Errors
/// If the run is stopped.
pub(super) fn samples(
    sampling: &Sampling,
    network: &Network,
    space: &Space,
    dimension: usize,
    regions: u64,
    context: &RunContext<'_>,
) -> Result<Vec<Sample>, Failure> {
    let sampler = Sampler::new(network);
    let domain = space.domain();
    let (mut kinds, mut sets) = (Vec::new(), Vec::new());
    for &side in &sampling.grid {
        let points = grid(side, domain, dimension);
        kinds.push(("grid", points.len()));
        sets.push(sampler.patterns(&points, context)?);
    }
    for &count in &sampling.random {
        let points = random(count, domain, &mut context.stream("sampling"));
        kinds.push(("random", count));
        sets.push(sampler.patterns(&points, context)?);
    }
    let seen = met(&sets, space, context)?;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 regions")]
    let sample = |((kind, points), seen): ((&'static str, usize), usize)| Sample {
        kind,
        points,
        seen,
        share: seen as f64 / regions as f64,
    };
    Ok(kinds.into_iter().zip(seen).map(sample).collect())
}

/// The middles of the cells of a grid of `side` by `side`, or of `side` intervals.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn grid(side: usize, [[x0, y0], [x1, y1]]: [[f64; 2]; 2], dimension: usize) -> Vec<[f64; 2]> {
    let place = |low: f64, high: f64, index: usize, count: usize| {
        low + (high - low) * ((index as f64 + 0.5) / count as f64)
    };
    let rows = if dimension == 1 { 1 } else { side };
    (0..rows * side).map(|k| [place(x0, x1, k % side, side), place(y0, y1, k / side, rows)]).collect()
}

fn random(count: usize, [[x0, y0], [x1, y1]]: [[f64; 2]; 2], stream: &mut Stream) -> Vec<[f64; 2]> {
    (0..count).map(|_| [stream.between(x0, x1), stream.between(y0, y1)]).collect()
}

/// Words of the layers that split, one layer after another.
type Patterns = BTreeSet<Box<[u64]>>;

/// Of each of several sets, how many patterns are those of regions.
///
/// # Errors
/// If the run is stopped.
fn met(sets: &[Patterns], space: &Space, context: &RunContext<'_>) -> Result<Vec<usize>, Failure> {
    let frontier = Frontier::new::<true>(space, context)?;
    let make = |_| Meet { sets, seen: vec![0; sets.len()] };
    let (parts, _) = frontier.walk(space, context, false, make)?;
    Ok((0..sets.len()).map(|index| parts.iter().map(|part| part.seen[index]).sum()).collect())
}

/// Looks every region up in the sets.
struct Meet<'a> {
    sets: &'a [Patterns],
    seen: Vec<usize>,
}

impl Visitor for Meet<'_> {
    const LOOKS: bool = true;

    fn visit(&mut self, walk: &mut Walk<'_>) -> Result<(), Failure> {
        let pattern = walk.pattern();
        let splitting = walk.space.stages.iter().filter(|stage| stage.splits());
        let words: Vec<u64> = splitting.flat_map(|stage| &pattern[stage.words.clone()]).copied().collect();
        for (seen, set) in self.seen.iter_mut().zip(self.sets) {
            *seen += usize::from(set.contains(&*words));
        }
        Ok(())
    }
}

/// A network with the weights of each layer one row an input.
struct Sampler<'a> {
    layers: Vec<(&'a Layer, Vec<f64>)>,
}

impl<'a> Sampler<'a> {
    fn new(network: &'a Network) -> Self {
        Self { layers: network.layers.iter().map(|layer| (layer, transposed(layer))).collect() }
    }

    /// The distinct activation patterns at these points.
    fn patterns(&self, points: &[[f64; 2]], context: &RunContext<'_>) -> Result<Patterns, Failure> {
        let mut patterns = Patterns::new();
        for batch in points.chunks(BATCH) {
            context.go_on()?;
            let mut found = vec![Vec::new(); batch.len()];
            let mut values = batch.as_flattened().to_vec();
            for (layer, weights) in &self.layers {
                values = linalg::matmul(batch.len(), layer.inputs, layer.outputs, &values, weights);
                for (row, pattern) in values.chunks_mut(layer.outputs).zip(&mut found) {
                    row.iter_mut().zip(&layer.bias).for_each(|(value, bias)| *value += bias);
                    if layer.activation == Activation::Relu {
                        activate(row, pattern);
                    }
                }
            }
            patterns.extend(found.into_iter().map(Vec::into_boxed_slice));
        }
        Ok(patterns)
    }
}

/// Applies ReLU and adds which values are positive.
fn activate(row: &mut [f64], pattern: &mut Vec<u64>) {
    for values in row.chunks_mut(64) {
        let mut word = 0;
        for (bit, value) in values.iter_mut().enumerate() {
            word |= u64::from(*value > 0.0) << bit;
            *value = value.max(0.0);
        }
        pattern.push(word);
    }
}

/// A layer's weights, one row an input.
fn transposed(layer: &Layer) -> Vec<f64> {
    let column =
        |input: usize| (0..layer.outputs).map(move |output| layer.weights[output * layer.inputs + input]);
    (0..layer.inputs).flat_map(column).collect()
}
