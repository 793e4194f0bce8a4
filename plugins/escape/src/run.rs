//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, PointSet, Raster, RunContext, Table};
use sha2::{Digest, Sha256};

use crate::counts::Orbits;
use crate::params::{EscapeParams, Points};
use crate::view::View;

pub(crate) fn run(params: &EscapeParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let mut artifacts = Artifacts::new();
    let orbits = Orbits { c: params.c, limit: params.max_iterations };
    if let Some(points) = &params.points {
        let points = coordinates(points, context)?;
        let counts = orbits.counts_at(&points, context)?;
        sums(&counts, &mut artifacts);
        artifacts.table("points", table(&points, &counts));
    } else {
        let view = View::new(params);
        let counts = orbits.counts(&view, context)?;
        sums(&counts, &mut artifacts);
        let picture = |count: i32| f64::from(count);
        artifacts.drawing("counts", thinned(&counts, &view, params.picture as usize, picture));
    }
    Ok(artifacts)
}

fn coordinates(points: &Points, context: &RunContext<'_>) -> Result<Vec<[f64; 2]>, Failure> {
    let input = match points {
        Points::These(points) => return Ok(points.clone()),
        Points::Input(input) => context.input(input)?,
    };
    let points = PointSet::from_input(input)?;
    if points.dimension != 2 {
        let message = format!("the points of `{}` have {} coordinates", input.name, points.dimension);
        return Err(Failure::user(message).help("give them in two columns, `re` and `im`"));
    }
    Ok(points.coordinates.as_chunks::<2>().0.to_vec())
}

fn table(points: &[[f64; 2]], counts: &[i32]) -> Table {
    let part = |axis: usize| points.iter().map(|point| point[axis]).collect::<Vec<_>>();
    let counts: Vec<i64> = counts.iter().map(|count| i64::from(*count)).collect();
    Table::new().with("re", part(0)).with("im", part(1)).with("count", counts)
}

/// What is the same for pixels and points.
fn sums(counts: &[i32], artifacts: &mut Artifacts) {
    let mut hasher = Sha256::new();
    let (mut interior, mut sum, mut most) = (0_i64, 0_i64, -1_i32);
    for part in counts.chunks(4096) {
        interior += part.iter().filter(|count| **count == 0).count() as i64;
        sum += part.iter().map(|count| i64::from(*count)).sum::<i64>();
        most = part.iter().copied().fold(most, i32::max);
        let bytes: Vec<u8> = part.iter().flat_map(|count| count.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    artifacts.scalar("interior", interior).scalar("count_sum", sum);
    artifacts.scalar("count_max", i64::from(most)).scalar("sha256", digest.as_str());
}

/// A raster of every k-th pixel, with the smallest k for which it has at most `most` columns and rows.
fn thinned<T: Copy>(values: &[T], view: &View, most: usize, value: impl Fn(T) -> f64) -> Raster {
    let every = view.size.map(|size| size.div_ceil(most)).into_iter().fold(1, usize::max);
    let [width, height] = view.size.map(|size| size.div_ceil(every));
    let at = |row: usize, column: usize| value(values[row * every * view.size[0] + column * every]);
    let rows = (0..height).rev();
    let values = rows.flat_map(|row| (0..width).map(move |column| (row, column)));
    let [low, _] = view.extent();
    let end = |axis: usize, count: usize| low[axis] + view.pixel * (count * every) as f64;
    Raster {
        width,
        height,
        extent: [low, [end(0, width), end(1, height)]],
        values: values.map(|(row, column)| at(row, column)).collect(),
    }
}
