//! From parameters to artifacts.

use octavo_plugin::{Analysis, Artifacts, Failure, FailureKind, Raster, RunContext, Table};
use octavo_sinkhorn::{Measured, Rows, Sinkhorn};

use crate::change::changed;
use crate::outputs::SCALARS;
use crate::params::{Params, Thing};
use crate::picture::Pictures;
use crate::thing::pictures;

/// Images side by side are this many pixels apart.
const GAP: usize = 1;
/// What stands between them: no value of a pixel.
const BLANK: f64 = -1.0;

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let first = pictures(&params.first, "first", context)?;
    let second = match &params.second {
        Thing::Changed { change } => changed(&first, change, context)?,
        thing => pictures(thing, "second", context)?,
    };
    comparable(&first, &second)?;
    let mut artifacts = compare(&first, &second, params, context)?;
    artifacts.drawing("first", sheet(&first)).drawing("second", sheet(&second));
    Ok(artifacts)
}

fn comparable(first: &Pictures, second: &Pictures) -> Result<(), Failure> {
    let size = |pictures: &Pictures| format!("{} by {}", pictures.columns, pictures.rows);
    if first.set != second.set {
        return Err(Failure::user("a set of images and a single image cannot be compared")
            .help("give two images, or two sets"));
    }
    if (first.columns, first.rows) != (second.columns, second.rows) && first.set {
        return Err(Failure::user(format!("the images have {} and {} pixels", size(first), size(second)))
            .help("the distance between two images needs one size"));
    }
    Ok(())
}

/// Lets `sinkhorn` compare the weighted points.
fn compare(
    first: &Pictures,
    second: &Pictures,
    params: &Params,
    context: &RunContext<'_>,
) -> Result<Artifacts, Failure> {
    let transport = octavo_sinkhorn::Params {
        source: measured(first, params),
        target: measured(second, params),
        epsilon: params.epsilon.clone(),
        interpolation: Vec::new(),
        method: octavo_sinkhorn::Method::Newton,
        ..octavo_sinkhorn::Params::default()
    };
    let mut found = Sinkhorn.run(&transport, context).map_err(in_own_words)?;
    let mut artifacts = Artifacts::new();
    // Both give them by the same names, so that what is asked of one is asked of the other.
    for name in SCALARS.into_iter().filter(|name| context.wants(name)) {
        let scalar = found.scalars.swap_remove(name);
        let scalar = scalar.ok_or_else(|| Failure::bug(format!("`sinkhorn` gave no `{name}`")))?;
        artifacts.scalars.insert(name.to_owned(), scalar);
    }
    if context.wants("epsilon") {
        artifacts.table("epsilon", by_epsilon(&found)?);
    }
    Ok(artifacts)
}

/// The columns that are kept of the table of `sinkhorn` with a row for each epsilon.
fn by_epsilon(found: &Artifacts) -> Result<Table, Failure> {
    let column = |name: &str| {
        let column = found.tables.get("epsilon").and_then(|table| table.columns.get(name)).cloned();
        column.ok_or_else(|| Failure::bug(format!("`sinkhorn` gave no column `{name}`")))
    };
    ["epsilon", "ot_eps", "sinkhorn_divergence"]
        .into_iter()
        .try_fold(Table::new(), |table, name| Ok(table.with(name, column(name)?)))
}

/// A failure of transport, with what can be done here about it.
fn in_own_words(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Numeric => {
            let message = format!("the transport between the two was not found: {}", failure.message);
            Failure::numeric(message).help("choose larger values of `epsilon`, or another unit for `pixel`")
        }
        FailureKind::User | FailureKind::Resource => Failure { help: None, ..failure },
        _ => failure,
    }
}

/// The pixels of an image are points with the pixels' values as weights, a single row is a line, on which plans are found by
/// sorting; the points of a set are its images, each a vector of pixels with weight 1.
#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn measured(pictures: &Pictures, params: &Params) -> Measured {
    let Pictures { columns, rows, images, set } = pictures;
    if *set {
        return Measured::Points { points: images.clone(), weights: Vec::new() };
    }
    let floor = params.floor * images[0].iter().sum::<f64>() / images[0].len() as f64;
    let weights: Vec<f64> = images[0].iter().map(|value| value + floor).collect();
    if *rows == 1 {
        let points = (0..*columns).map(|column| vec![params.pixel * column as f64]).collect();
        return Measured::Points { points, weights };
    }
    let image = weights.chunks_exact(*columns).map(<[f64]>::to_vec).collect();
    Measured::Image { image: Rows::Listed(image), pixel: params.pixel }
}

/// All images on one sheet, in rows of nearly as many as there are rows.
#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn sheet(pictures: &Pictures) -> Raster {
    let Pictures { columns, rows, images, .. } = pictures;
    let across = (1..).find(|side| side * side >= images.len()).unwrap_or(1);
    let down = images.len().div_ceil(across);
    let width = across * (columns + GAP) - GAP;
    let height = down * (rows + GAP) - GAP;
    let mut values = vec![BLANK; width * height];
    for (index, image) in images.iter().enumerate() {
        let (left, top) = (index % across * (columns + GAP), index / across * (rows + GAP));
        for (row, line) in image.chunks_exact(*columns).enumerate() {
            values[(top + row) * width + left..][..*columns].copy_from_slice(line);
        }
    }
    Raster { width, height, extent: [[0.0, 0.0], [width as f64, height as f64]], values }
}
