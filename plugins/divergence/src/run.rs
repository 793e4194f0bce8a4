//! From parameters to artifacts.

use octavo_plugin::{Analysis, Artifacts, Failure, PointSet, Raster, RunContext, Table};
use octavo_sinkhorn::{Measured, Sinkhorn};

use crate::change::changed;
use crate::outputs::SCALARS;
use crate::params::{Params, Thing};
use crate::picture::{Pictures, pictures};

/// Images side by side are this many pixels apart.
const GAP: usize = 1;

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
    let listed = |pictures: &Pictures| {
        let points = points(pictures, params);
        let rows = points.coordinates.chunks_exact(points.dimension).map(<[f64]>::to_vec);
        Measured::Points { points: rows.collect(), weights: points.weights }
    };
    let transport = octavo_sinkhorn::Params {
        source: listed(first),
        target: listed(second),
        epsilon: params.epsilon.clone(),
        interpolation: Vec::new(),
        ..octavo_sinkhorn::Params::default()
    };
    let mut found = Sinkhorn.run(&transport, context)?;
    let mut artifacts = Artifacts::new();
    for name in SCALARS {
        let scalar = found.scalars.swap_remove(name);
        let scalar = scalar.ok_or_else(|| Failure::bug(format!("`sinkhorn` gave no `{name}`")))?;
        artifacts.scalars.insert(name.to_owned(), scalar);
    }
    let epsilon = found.tables.swap_remove("epsilon").unwrap_or_default();
    let column = |name: &str| {
        let column = epsilon.columns.get(name).cloned();
        column.ok_or_else(|| Failure::bug(format!("`sinkhorn` gave no column `{name}`")))
    };
    let table = ["epsilon", "ot_eps", "sinkhorn_divergence"]
        .into_iter()
        .try_fold(Table::new(), |table, name| Ok::<_, Failure>(table.with(name, column(name)?)))?;
    artifacts.table("epsilon", table);
    Ok(artifacts)
}

/// The points of an image are the centres of its pixels, with the pixels' values as weights; those of a set are its images,
/// each a vector of pixels with weight 1.
#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn points(pictures: &Pictures, params: &Params) -> PointSet {
    let Pictures { columns, rows, images, set } = pictures;
    if *set {
        let (dimension, weights) = (columns * rows, vec![1.0; images.len()]);
        return PointSet { dimension, coordinates: images.concat(), weights };
    }
    let floor = params.floor * images[0].iter().sum::<f64>() / images[0].len() as f64;
    let centre = |index: usize| {
        let [x, y] = [index % columns, index / columns].map(|place| params.pixel * place as f64);
        // A single row is a line, on which plans are found by sorting.
        if *rows == 1 { vec![x] } else { vec![x, y] }
    };
    PointSet {
        dimension: if *rows == 1 { 1 } else { 2 },
        coordinates: (0..columns * rows).flat_map(centre).collect(),
        weights: images[0].iter().map(|value| value + floor).collect(),
    }
}

/// All images on one sheet, in rows of nearly as many as there are rows.
#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn sheet(pictures: &Pictures) -> Raster {
    let Pictures { columns, rows, images, .. } = pictures;
    let across = (1..).find(|side| side * side >= images.len()).unwrap_or(1);
    let down = images.len().div_ceil(across);
    let width = across * (columns + GAP) - GAP;
    let height = down * (rows + GAP) - GAP;
    let mut values = vec![0.0; width * height];
    for (index, image) in images.iter().enumerate() {
        let (left, top) = (index % across * (columns + GAP), index / across * (rows + GAP));
        for (row, line) in image.chunks_exact(*columns).enumerate() {
            values[(top + row) * width + left..][..*columns].copy_from_slice(line);
        }
    }
    Raster { width, height, extent: [[0.0, 0.0], [width as f64, height as f64]], values }
}
