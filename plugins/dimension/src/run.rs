//! A run: from parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, RunContext, Value};

use crate::count::Set;
use crate::estimate::{Estimate, crossover, estimate, local_slopes};
use crate::made::Made;
use crate::params::{DimensionParams, SetSpec};
use crate::tables::{self, AtSize};
use crate::{cats, deep, models, picture, read, train};

/// Between the slope of a smooth line and that of a filled plane.
const HALF_WAY: f64 = 1.5;
/// The scalars of an estimate: the dimension, then numbers that are stated without an uncertainty.
const FOUND: [&str; 7] = [
    "dimension",
    "dimension_low",
    "dimension_high",
    "regression_error",
    "window_spread",
    "smallest",
    "largest",
];

/// Computes everything that is declared.
pub(crate) fn run(params: &DimensionParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    context.step(0, 1)?;
    let Made { set, picture, scalars } = made(params, context)?;
    let mut artifacts = Artifacts::new();
    measure(&mut artifacts, &set, params, context)?;
    for (name, value) in scalars {
        artifacts.scalar(name, value);
    }
    artifacts.drawing("picture", picture.unwrap_or_else(|| picture::picture(&set, params.picture)));
    artifacts.drawing("boxes", picture::boxes(&set, &params.boxes));
    Ok(artifacts)
}

fn made(params: &DimensionParams, context: &RunContext<'_>) -> Result<Made, Failure> {
    let made: Made = match &params.set {
        SetSpec::Input(input) => read::read(context.input(input)?, params)?.into(),
        SetSpec::Known(known) => Made {
            scalars: vec![("known_dimension", known.known.dimension())],
            ..known.known.set(known.level()).into()
        },
        SetSpec::Model(model) => models::set(*model, context)?.into(),
        SetSpec::LevelSet { level_set } => deep::made(level_set, params.picture, context)?,
        SetSpec::Trainability { trainability } => train::made(trainability, params.picture, context)?,
        SetSpec::Classifier { classifier } => cats::made(classifier, params.picture, context)?,
    };
    let set = match made.set {
        Set::Shape { shape, unit } => {
            Set::Shape { shape: shape.turned(params.turn), unit: params.unit.unwrap_or(unit) }
        }
        pixels @ Set::Pixels(_) => pixels,
    };
    Ok(Made { set, ..made })
}

/// Counts, slopes and the dimension.
fn measure(
    artifacts: &mut Artifacts,
    set: &Set,
    params: &DimensionParams,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let (counts, unit) = (set.counts(params.offsets, params.smallest, context)?, set.unit());
    let (slopes, most) = (local_slopes(&counts), params.largest * set.side());
    let found = estimate(&counts, params.smallest, most);
    scalars(artifacts, found.as_ref(), params.smallest, most);
    let passes = crossover(&slopes, HALF_WAY).map(|size| size * unit);
    artifacts
        .scalar("unit", unit)
        .scalar("side", set.side())
        .scalar("crossover", Value::or_missing(passes, "the local slope passes 3/2 nowhere"));
    let window = found.map_or([f64::INFINITY; 2], |found| found.window);
    let inside = |size: f64| (window[0]..=window[1]).contains(&size);
    let counts = counts.into_iter().map(|count| AtSize { unit, in_window: inside(count.size), found: count });
    let slopes = slopes.into_iter().map(|slope| AtSize { unit, in_window: inside(slope.size), found: slope });
    artifacts.table("counts", tables::counts().table(&counts.collect::<Vec<_>>()));
    artifacts.table("slopes", tables::slopes().table(&slopes.collect::<Vec<_>>()));
    Ok(())
}

fn scalars(artifacts: &mut Artifacts, found: Option<&Estimate>, least: f64, most: f64) {
    let Some(found) = found else {
        let missing = || {
            Value::Missing(format!(
                "fewer than 4 sizes of boxes lie between {least} and {most:.1} units: the set is too coarse for `smallest` and `largest`"
            ))
        };
        for name in FOUND {
            artifacts.scalar(name, missing());
        }
        return;
    };
    let half = found.uncertainty();
    artifacts.measured("dimension", found.dimension, half);
    let numbers = [
        found.dimension - half,
        found.dimension + half,
        found.regression,
        found.spread,
        found.window[0],
        found.window[1],
    ];
    for (name, number) in FOUND[1..].iter().zip(numbers) {
        artifacts.scalar(name, number);
    }
}
