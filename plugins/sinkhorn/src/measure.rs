//! Probability measures with finite support, in a canonical form.

use octavo_plugin::{Failure, Image, PointSet, RunContext, Stream, math};

use crate::double::{scale_of, total};
use crate::measure_params::{Blob, Bump, Measured, Rows, Shift};

/// A probability measure: distinct points in lexicographic order with weights above 0.
///
/// The canonical form makes every result independent, to the bit, of the order in which points were given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) dimension: usize,
    /// atoms × dimension, row-major.
    pub(crate) coordinates: Vec<f64>,
    /// One per atom; the sum is 1 up to rounding.
    pub(crate) weights: Vec<f64>,
    /// Natural logarithms of the weights.
    pub(crate) log_weights: Vec<f64>,
}

/// Where a given point went: which atom, and which share of the atom's weight is its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The row of the point as given.
    pub(crate) row: usize,
    pub(crate) atom: usize,
    pub(crate) share: f64,
}

impl Measure {
    /// Number of atoms.
    pub(crate) fn len(&self) -> usize {
        self.weights.len()
    }

    /// The coordinates of an atom.
    pub(crate) fn point(&self, atom: usize) -> &[f64] {
        &self.coordinates[atom * self.dimension..(atom + 1) * self.dimension]
    }

    /// The canonical form of weighted points, and where each point of positive weight went, by row.
    ///
    /// # Errors
    /// If no weight is above 0 or one is no finite number.
    pub(crate) fn new(points: &PointSet) -> Result<(Self, Vec<Place>), Failure> {
        Self::of(points, true)
    }

    /// The points of positive weight in the order given, equal ones side by side: for a cost that does not follow from
    /// coordinates.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn as_given(points: &PointSet) -> Result<(Self, Vec<Place>), Failure> {
        Self::of(points, false)
    }

    fn of(points: &PointSet, canonical: bool) -> Result<(Self, Vec<Place>), Failure> {
        let shares = shares(&points.weights)?;
        let mut rows: Vec<usize> = (0..points.len()).filter(|row| shares[*row] > 0.0).collect();
        if canonical {
            rows.sort_by(|a, b| {
                compare(points.point(*a), points.point(*b))
                    .then(points.weights[*a].total_cmp(&points.weights[*b]))
            });
        }
        let mut measure = Self {
            dimension: points.dimension,
            coordinates: Vec::new(),
            weights: Vec::new(),
            log_weights: Vec::new(),
        };
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let point = points.point(row);
            let last = measure
                .len()
                .checked_sub(1)
                .filter(|last| canonical && compare(measure.point(*last), point).is_eq());
            let atom = last.unwrap_or_else(|| {
                // -0 and 0 are one place.
                measure.coordinates.extend(point.iter().map(|x| x + 0.0));
                measure.weights.push(0.0);
                measure.len() - 1
            });
            measure.weights[atom] += shares[row];
            places.push(Place { row, atom, share: shares[row] });
        }
        places.iter_mut().for_each(|place| place.share /= measure.weights[place.atom]);
        places.sort_by_key(|place| place.row);
        measure.log_weights = measure.weights.iter().map(|weight| math::ln(*weight)).collect();
        Ok((measure, places))
    }
}

/// Weights divided by their sum; a power of two is taken out first, so that the sum stays in the range of floats.
///
/// # Errors
/// If no weight is above 0 or one is no finite number.
pub(crate) fn shares(weights: &[f64]) -> Result<Vec<f64>, Failure> {
    // A power of two costs no digit, and the sum of what is left is in range.
    let scale = 1.0 / scale_of(weights);
    let sum = total(weights.iter().map(|weight| weight * scale)).value();
    if !(sum.is_finite() && sum > 0.0) {
        return Err(Failure::user(format!("the weights add up to {sum}"))
            .help("weights are finite and one is above 0"));
    }
    Ok(weights.iter().map(|weight| weight * scale / sum).collect())
}

/// Lexicographic order of points; -0 and 0 are equal.
pub(crate) fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

/// Points with weights and, of an image, the coordinates of its columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) points: PointSet,
    pub(crate) axes: Option<[Vec<f64>; 2]>,
}

/// What a definition names. `source` is given for the target, which may be a copy of it.
///
/// # Errors
/// For an input that cannot be read, or a shift of another dimension.
pub(crate) fn given(
    spec: &Measured,
    stream: &str,
    source: Option<&Given>,
    context: &RunContext<'_>,
) -> Result<Given, Failure> {
    let (image, pixel) = match spec {
        Measured::Shifted { shift } => {
            let source = source.ok_or_else(|| Failure::user("only the target can be a shifted copy"))?;
            return shifted(source, shift);
        }
        Measured::Image { image: Rows::Read(input), pixel } => {
            (Image::from_input(context.input(input)?)?, pixel)
        }
        Measured::Image { image: Rows::Listed(image), pixel } => {
            (Image { columns: image[0].len(), rows: image.len(), pixels: image.concat() }, pixel)
        }
        Measured::Blobs { bumps, size, background, pixel } => (blobs(bumps, *size, *background), pixel),
        _ => return Ok(Given { points: points(spec, stream, context)?, axes: None }),
    };
    let axes =
        [image.columns, image.rows].map(|count| (0..count).map(|k| pixel * ratio(k, 1)).collect::<Vec<_>>());
    let [xs, ys] = &axes;
    let coordinates = ys.iter().flat_map(|y| xs.iter().flat_map(|x| [*x, *y])).collect();
    let points = PointSet { dimension: 2, coordinates, weights: image.pixels };
    Ok(Given { points, axes: Some(axes) })
}

/// An image of round blobs before a background, of so many columns and rows.
pub fn blobs(bumps: &[Blob], [columns, rows]: [usize; 2], background: f64) -> Image {
    let value = |index: usize| {
        let at = [ratio(index % columns, 1), ratio(index / columns, 1)];
        let blob = |blob: &Blob| {
            let [x, y] = [0, 1].map(|axis| (at[axis] - blob.center[axis]) / blob.deviation);
            blob.height * math::exp(-0.5 * (x * x + y * y))
        };
        background + bumps.iter().map(blob).sum::<f64>()
    };
    Image { columns, rows, pixels: (0..columns * rows).map(value).collect() }
}

fn points(spec: &Measured, stream: &str, context: &RunContext<'_>) -> Result<PointSet, Failure> {
    match spec {
        Measured::Read(input) => PointSet::from_input(context.input(input)?),
        Measured::Points { points, weights } => Ok(listed(points, weights)),
        Measured::Uniform { uniform, dimension } => {
            let mut stream: Stream = context.stream(stream);
            Ok(equal(*dimension, (0..uniform * dimension).map(|_| stream.uniform()).collect()))
        }
        Measured::Gaussian { gaussian, center, deviation } => {
            let normals = context.stream(stream).normals(gaussian * center.len(), *deviation);
            let moved = normals.iter().zip(center.iter().cycle()).map(|(offset, center)| center + offset);
            Ok(equal(center.len(), moved.collect()))
        }
        Measured::Histogram { histogram, bins, domain } => Ok(mixture(histogram, *bins, *domain)),
        Measured::Line { line, start, end } => {
            let point = |k: usize| {
                let t = ratio(k, line - 1);
                start.iter().zip(end).map(move |(a, b)| (1.0 - t) * a + t * b)
            };
            Ok(equal(start.len(), (0..*line).flat_map(point).collect()))
        }
        Measured::Ring { ring, radius, center } => {
            let point = |k: usize| {
                let (sin, cos) = math::sin_cos(std::f64::consts::TAU * ratio(k, *ring));
                [center[0] + radius * cos, center[1] + radius * sin]
            };
            Ok(equal(2, (0..*ring).flat_map(point).collect()))
        }
        _ => Err(Failure::bug("an image or a copy is no list of points")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of points are below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn equal(dimension: usize, coordinates: Vec<f64>) -> PointSet {
    let count = coordinates.len() / dimension;
    PointSet { dimension, coordinates, weights: vec![1.0; count] }
}

fn listed(points: &[Vec<f64>], weights: &[f64]) -> PointSet {
    let mut set = equal(points[0].len(), points.concat());
    if !weights.is_empty() {
        set.weights = weights.to_vec();
    }
    set
}

fn shifted(source: &Given, shift: &Shift) -> Result<Given, Failure> {
    let dimension = source.points.dimension;
    let vector = match shift {
        Shift::By(vector) => vector.clone(),
        Shift::Along(first) => {
            let mut vector = vec![0.0; dimension];
            vector[0] = *first;
            vector
        }
    };
    if vector.len() != dimension {
        let message = format!(
            "`target.shift` has {} and the source {}",
            octavo_plugin::counted(vector.len(), "entry"),
            octavo_plugin::counted(dimension, "coordinate")
        );
        return Err(
            Failure::user(message).help("give one entry per coordinate, or a single number for the first")
        );
    }
    let mut moved = source.clone();
    let points = moved.points.coordinates.iter_mut().zip(vector.iter().cycle());
    points.for_each(|(x, shift)| *x += shift);
    let axes = moved.axes.iter_mut().flatten().zip(&vector);
    axes.for_each(|(axis, shift)| axis.iter_mut().for_each(|x| *x += shift));
    Ok(moved)
}

fn mixture(bumps: &[Bump], bins: usize, [low, high]: [f64; 2]) -> PointSet {
    let coordinates: Vec<f64> = (0..bins)
        .map(|k| {
            let t = ratio(k, bins - 1);
            (1.0 - t) * low + t * high
        })
        .collect();
    let density = |x: f64| -> f64 {
        let bump = |bump: &Bump| {
            let scaled = (x - bump.center) / bump.deviation;
            bump.weight / bump.deviation * math::exp(-0.5 * scaled * scaled)
        };
        bumps.iter().map(bump).sum()
    };
    let weights = coordinates.iter().map(|x| density(*x)).collect();
    PointSet { dimension: 1, coordinates, weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_points_are_one_atom_and_zero_weights_none() {
        let set = PointSet {
            dimension: 1,
            coordinates: vec![2.0, -0.0, 5.0, 0.0],
            weights: vec![1.0, 1.0, 0.0, 2.0],
        };
        let (measure, places) = Measure::new(&set).unwrap();
        assert_eq!(measure.coordinates, [0.0, 2.0]);
        assert_eq!(measure.weights, [0.75, 0.25]);
        let found: Vec<_> = places.iter().map(|place| (place.row, place.atom, place.share)).collect();
        assert_eq!(found, [(0, 1, 1.0), (1, 0, 1.0 / 3.0), (3, 0, 2.0 / 3.0)]);
    }
}
