//! The boundaries between the classes of a classifier, on the plane through three samples.

use octavo_learning::{ADAM, Pass, Rule, cross_entropy, learner};
use octavo_plugin::interchange::named_columns;
use octavo_plugin::{Activation, Failure, Layer, Network, RunContext};
use rayon::prelude::*;

use crate::count::Set;
use crate::field::View;
use crate::forward::Forward;
use crate::made::Made;
use crate::params::{Classifier, Unit};
use crate::shape::{Point, Shape};

/// Rows of numbers, each with its class.
struct Data {
    inputs: usize,
    classes: usize,
    rows: Vec<(Vec<f64>, usize)>,
}

/// The boundaries, a picture of the classes, and the share of test samples that are misread.
///
/// # Errors
/// If the data cannot be used, the run is stopped, training leaves the range of floats, or no boundary is in view.
pub(crate) fn made(spec: &Classifier, pixels: usize, context: &RunContext<'_>) -> Result<Made, Failure> {
    let data = data(spec, context)?;
    let mut order: Vec<usize> = (0..data.rows.len()).collect();
    context.stream("samples").shuffle(&mut order);
    let (learnt, tested) = order.split_at(spec.samples.min(order.len()));
    let network = trained(spec, &data, learnt, context)?;
    let view = spec.view();
    let outputs = on_plane(spec, &data, &network, &view, context)?;
    let classes: Vec<usize> = outputs.par_chunks(data.classes).map(best).collect();
    let picked =
        |index: usize| spec.class.map_or(classes[index], |class| usize::from(classes[index] == class));
    let shape = Shape::new(view.border(|a, b| {
        let row = |point: usize| &outputs[point * data.classes..(point + 1) * data.classes];
        (picked(a) != picked(b)).then(|| meeting(row(a), row(b), classes[a], classes[b]))
    }));
    let Some(shape) = shape else {
        return Err(Failure::numeric("all of the view belongs to one class, so there is no boundary")
            .help("take a larger `view`, other `rows` or no `class`"));
    };
    let values: Vec<f64> = (0..classes.len()).map(|index| picked(index) as f64).collect();
    let mut scalars = vec![("misclassified_training", misread(&network, &data, learnt))];
    scalars
        .push(("misclassified", if tested.is_empty() { f64::NAN } else { misread(&network, &data, tested) }));
    Ok(Made {
        set: Set::Shape { shape, unit: view.step() },
        picture: Some(view.raster(&values, pixels)),
        scalars,
    })
}

fn data(spec: &Classifier, context: &RunContext<'_>) -> Result<Data, Failure> {
    let input = context.input(&spec.data)?;
    let bad = |message: String| {
        Failure::user(format!("`{}`: {message}", input.name))
            .help("data are a CSV file with a first line of names, whose last column is the class, a whole number from 0")
    };
    let mut columns = named_columns(input)?;
    let classes = columns.pop().filter(|_| !columns.is_empty());
    let classes = classes.ok_or_else(|| bad("there are fewer than two columns".to_owned()))?.values;
    let sample = |(row, class): (usize, &f64)| {
        if class.fract() != 0.0 || !(0.0..1000.0).contains(class) {
            return Err(bad(format!("row {}: `{class}` is no class", row + 1)));
        }
        Ok((columns.iter().map(|column| column.values[row] * spec.scale).collect(), *class as usize))
    };
    let rows = classes.iter().enumerate().map(sample).collect::<Result<Vec<(Vec<f64>, usize)>, Failure>>()?;
    let classes = rows.iter().map(|(_, class)| class + 1).max().unwrap_or(0);
    if classes < 2 {
        return Err(bad("there are fewer than two classes".to_owned()));
    }
    if let Some(row) = spec.rows.iter().find(|row| **row > rows.len()) {
        return Err(bad(format!("there is no row {row}; there are {}", rows.len())));
    }
    if let Some(class) = spec.class.filter(|class| *class >= classes) {
        return Err(bad(format!("there is no class {class}; there are {classes}")));
    }
    Ok(Data { inputs: columns.len(), classes, rows })
}

fn trained(
    spec: &Classifier,
    data: &Data,
    learnt: &[usize],
    context: &RunContext<'_>,
) -> Result<Network, Failure> {
    let mut learner = learner(&drawn(spec, data, context), spec.precision, Rule::Adam(ADAM));
    let (mut order, mut stream) = (learnt.to_vec(), context.stream("batches"));
    for epoch in 0..spec.epochs {
        context.step(epoch.into(), spec.epochs.into())?;
        stream.shuffle(&mut order);
        for batch in order.chunks(spec.batch) {
            context.go_on()?;
            learner.learn(batch.len(), &inputs(data, batch), spec.rate, &mut |outputs, slopes| {
                let rows = outputs.chunks(data.classes).zip(slopes.chunks_mut(data.classes)).zip(batch);
                for ((outputs, slopes), sample) in rows {
                    cross_entropy(outputs, data.rows[*sample].1, batch.len() as f64, slopes);
                }
            });
        }
    }
    let network = learner.network();
    if network.layers.iter().flat_map(|layer| &layer.weights).all(|weight| weight.is_finite()) {
        return Ok(network);
    }
    Err(Failure::numeric("the weights do not stay finite").help("take a smaller `rate`"))
}

fn drawn(spec: &Classifier, data: &Data, context: &RunContext<'_>) -> Network {
    let widths: Vec<usize> =
        [data.inputs].iter().chain(&spec.hidden).chain(&[data.classes]).copied().collect();
    let activation = match spec.activation {
        Unit::Relu => Activation::Relu,
        Unit::Tanh => Activation::Tanh,
        Unit::Erf => Activation::Erf,
        Unit::Gelu => Activation::Gelu,
    };
    let layer = |(index, pair): (usize, &[usize])| {
        let activation = if index == spec.hidden.len() { Activation::Identity } else { activation };
        Layer::random(index, [pair[0], pair[1]], [spec.sigma_w, spec.sigma_b], activation, context.seed())
    };
    Network { layers: widths.windows(2).enumerate().map(layer).collect() }
}

fn inputs(data: &Data, samples: &[usize]) -> Vec<f64> {
    samples.iter().flat_map(|sample| data.rows[*sample].0.iter().copied()).collect()
}

/// What the network gives at the points of the plane, points × classes.
fn on_plane(
    spec: &Classifier,
    data: &Data,
    network: &Network,
    view: &View,
    context: &RunContext<'_>,
) -> Result<Vec<f64>, Failure> {
    let [origin, first, second] = spec.rows.map(|row| &data.rows[row - 1].0);
    let row = |k: usize, points: &[Point], row: &mut Vec<f64>| {
        let [origin, first, second] = [origin[k], first[k], second[k]];
        row.extend(points.iter().map(|[u, v]| origin + u * (first - origin) + v * (second - origin)));
    };
    Forward::new(network).outputs(&view.points(), row, || context.go_on())
}

/// The class with the largest output, the first of several.
fn best(outputs: &[f64]) -> usize {
    (1..outputs.len()).fold(0, |best, class| if outputs[class] > outputs[best] { class } else { best })
}

/// At what share of the way two classes have the same output, each largest at its own end.
fn meeting(from: &[f64], to: &[f64], one: usize, other: usize) -> f64 {
    let [ahead, behind] = [from[one] - from[other], to[other] - to[one]];
    if ahead + behind > 0.0 { ahead / (ahead + behind) } else { 0.5 }
}

fn misread(network: &Network, data: &Data, samples: &[usize]) -> f64 {
    let pass = Pass::new(network, samples.len(), inputs(data, samples));
    let wrong = |(outputs, sample): (&[f64], &usize)| best(outputs) != data.rows[*sample].1;
    let count = pass.outputs().chunks(data.classes).zip(samples).filter(|pair| wrong(*pair)).count();
    count as f64 / samples.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_meet_where_they_are_equal() {
        assert_eq!(best(&[0.0, 2.0, 2.0]), 1);
        // At a share t the outputs are 3 - 2t and 1 + 4t: equal at 1/3.
        assert!((meeting(&[3.0, 1.0], &[1.0, 5.0], 0, 1) - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(meeting(&[1.0, 1.0], &[1.0, 1.0], 0, 1), 0.5);
    }
}
