//! Planes and lines in the space of a network's inputs.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext};

use crate::data;
use crate::params::Slice;

/// A layer that takes the coordinates of a plane or line to its points in the space of inputs. On a line the second
/// coordinate does not count.
///
/// # Errors
/// If vectors do not have the network's number of inputs, or span no plane or line.
fn layer(slice: &Slice, inputs: usize, scale: f64, context: &RunContext<'_>) -> Result<Layer, Failure> {
    let (origin, directions) = span(slice, inputs, scale, context)?;
    for vector in directions.iter().chain([&origin]) {
        if vector.len() != inputs {
            return Err(Failure::user(format!(
                "a vector of the slice has {}, and the network takes {}",
                octavo_plugin::counted(vector.len(), "number"),
                octavo_plugin::counted(inputs, "input")
            ))
            .help("give `origin` and every direction or point one number an input"));
        }
    }
    if flat(&directions) {
        return Err(Failure::user("the slice is no plane or line: its directions are dependent").help(
            "take directions that are not zero and not multiples of each other, or points that are apart",
        ));
    }
    let weight =
        |input: usize| [directions[0][input], directions.get(1).map_or(0.0, |direction| direction[input])];
    let weights = (0..inputs).flat_map(weight).collect();
    Ok(Layer { inputs: 2, outputs: inputs, weights, bias: origin, activation: Activation::Identity })
}

/// The origin, and one or two directions.
fn span(
    slice: &Slice,
    inputs: usize,
    scale: f64,
    context: &RunContext<'_>,
) -> Result<(Vec<f64>, Vec<Vec<f64>>), Failure> {
    if !slice.directions.is_empty() {
        let origin = if slice.origin.is_empty() { vec![0.0; inputs] } else { slice.origin.clone() };
        return Ok((origin, slice.directions.clone()));
    }
    let points = match &slice.data {
        None => slice.points.clone(),
        Some(input) => {
            let table = data::read(context.input(input)?)?;
            let row = |number: &usize| match table.rows.get(number - 1) {
                Some(row) => Ok(row.iter().take(inputs).map(|value| value * scale).collect()),
                None => Err(Failure::user(format!("the data have no row {number}")).help(format!(
                    "it has {}; the first after the names is 1",
                    octavo_plugin::counted(table.rows.len(), "row")
                ))),
            };
            slice.rows.iter().map(row).collect::<Result<Vec<Vec<f64>>, Failure>>()?
        }
    };
    let Some((origin, others)) = points.split_first() else {
        return Err(Failure::user("the slice has no points"));
    };
    let from_origin = |point: &Vec<f64>| point.iter().zip(origin).map(|(x, o)| x - o).collect();
    Ok((origin.clone(), others.iter().map(from_origin).collect()))
}

/// Whether one direction is zero or two are dependent, as floats.
fn flat(directions: &[Vec<f64>]) -> bool {
    let zero = |direction: &Vec<f64>| direction.iter().all(|x| *x == 0.0);
    let dependent = |one: &[f64], other: &[f64]| {
        let pivot = (0..one.len()).find(|&i| one[i] != 0.0).unwrap_or(0);
        let factor = other[pivot] / one[pivot];
        one.iter().zip(other).all(|(x, y)| (factor * x - y).abs() <= 1e-12 * (factor * x).abs().max(y.abs()))
    };
    directions.iter().any(zero) || matches!(directions, [one, other] if dependent(one, other))
}

/// The network on a slice: its inputs are the coordinates of the plane, or of a line and one that does not count. Rows of
/// data are multiplied by `scale`.
///
/// # Errors
/// As for [`layer`], and if there is no slice and the network takes other than one or two inputs.
pub(crate) fn sliced(
    network: &Network,
    slice: Option<&Slice>,
    scale: f64,
    context: &RunContext<'_>,
) -> Result<Network, Failure> {
    let mut layers = network.layers.clone();
    match slice {
        Some(slice) => layers.insert(0, layer(slice, network.inputs(), scale, context)?),
        None if network.inputs() == 1 => {
            let first = &mut layers[0];
            first.inputs = 2;
            first.weights = first.weights.iter().flat_map(|weight| [*weight, 0.0]).collect();
        }
        None => {}
    }
    Ok(Network { layers })
}
