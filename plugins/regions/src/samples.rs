//! What networks are trained and tested on: samples of a target, or a reader's data.

use octavo_plugin::{Failure, RunContext, Stream};

use crate::data;
use crate::params::{Target, Trained};
use crate::targets;

/// Samples with their targets.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    pub(crate) count: usize,
    /// A row a sample.
    pub(crate) inputs: Vec<f64>,
    /// A row a sample; with classes, 1 for its class and 0 for the others.
    pub(crate) targets: Vec<f64>,
    pub(crate) classes: bool,
}

impl Samples {
    /// Some of the samples.
    pub(crate) fn pick(&self, indices: &[usize]) -> Self {
        let rows = |values: &[f64]| {
            let width = values.len() / self.count;
            indices.iter().flat_map(|&row| values[row * width..(row + 1) * width].to_vec()).collect()
        };
        Self {
            count: indices.len(),
            inputs: rows(&self.inputs),
            targets: rows(&self.targets),
            classes: self.classes,
        }
    }
}

/// Samples to train on, and others to test on.
pub(crate) struct Sets {
    pub(crate) train: Samples,
    pub(crate) test: Samples,
}

/// The samples of a definition.
///
/// # Errors
/// If the data are no table of numbers, or do not fit the network.
pub(crate) fn sets(
    trained: &Trained,
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<Sets, Failure> {
    if let Some(input) = &trained.data {
        return split(trained, &data::read(context.input(input)?)?, context);
    }
    let target = trained.target.unwrap_or_default();
    let draw = |count: usize, stream: &mut Stream| drawn(trained, target, domain, count, stream);
    let mut train = draw(trained.samples, &mut context.stream("samples"));
    let mut noise = context.stream("noise");
    train.targets.iter_mut().for_each(|target| *target += trained.noise * noise.normal());
    Ok(Sets { train, test: draw(trained.test_samples, &mut context.stream("test samples")) })
}

/// Uniform samples of the domain.
fn drawn(
    trained: &Trained,
    target: Target,
    [low, high]: [[f64; 2]; 2],
    count: usize,
    stream: &mut Stream,
) -> Samples {
    let dimension = trained.widths[0];
    let mut inputs = Vec::with_capacity(count * dimension);
    let mut targets = Vec::with_capacity(count);
    for _ in 0..count {
        let point: Vec<f64> = (0..dimension).map(|_| stream.uniform()).collect();
        inputs.extend((0..dimension).map(|axis| low[axis] + (high[axis] - low[axis]) * point[axis]));
        targets.push(targets::value(target, trained.teeth, &point));
    }
    Samples { count, inputs, targets, classes: false }
}

/// A reader's data in random order, cut in two. The last column is the target, or the number of the class from 0.
fn split(trained: &Trained, data: &data::Data, context: &RunContext<'_>) -> Result<Sets, Failure> {
    let inputs = trained.widths[0];
    if data.names.len() != inputs + 1 {
        return Err(Failure::user(format!(
            "the data have {}, and the network takes {}",
            octavo_plugin::counted(data.names.len(), "column"),
            octavo_plugin::counted(inputs, "input")
        ))
        .help("give one column an input, and the target as the last"));
    }
    let mut order: Vec<usize> = (0..data.rows.len()).collect();
    context.stream("split").shuffle(&mut order);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of rows"
    )]
    let tested = (trained.test_share * order.len() as f64).round() as usize;
    if tested == 0 || tested == order.len() {
        return Err(Failure::user(format!(
            "the data have {}, too few to train and test on",
            octavo_plugin::counted(order.len(), "row")
        ))
        .help("give more rows, or another `test_share`"));
    }
    let (test, train) = order.split_at(tested);
    let train = &train[..train.len().min(trained.samples)];
    Ok(Sets { train: rows(trained, data, train)?, test: rows(trained, data, test)? })
}

fn rows(trained: &Trained, data: &data::Data, order: &[usize]) -> Result<Samples, Failure> {
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for &row in order {
        let (target, values) = data.rows[row].split_last().expect("a row has a target");
        inputs.extend(values.iter().map(|value| value * trained.scale));
        if trained.classes == 0 {
            targets.push(*target);
            continue;
        }
        let class = (0..trained.classes).zip(0_u32..).find(|(_, number)| f64::from(*number) == *target);
        let Some((class, _)) = class else {
            return Err(Failure::user(format!("row {} of the data has the class {target}", row + 1))
                .help(format!("classes are numbered from 0 to {}", trained.classes - 1)));
        };
        targets.extend((0..trained.classes).map(|other| f64::from(u8::from(other == class))));
    }
    Ok(Samples { count: order.len(), inputs, targets, classes: trained.classes > 0 })
}
