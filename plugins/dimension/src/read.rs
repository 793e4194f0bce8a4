//! Sets from files and from results of other experiments.

use octavo_plugin::artifact::Artifact;
use octavo_plugin::input::InputContent;
use octavo_plugin::interchange::{Paths, lightness};
use octavo_plugin::{Drawing, Failure, PointSet, Raster, Reading, math};

use crate::bitmap::Bitmap;
use crate::count::{Pixels, Set};
use crate::params::DimensionParams;
use crate::shape::{Grid, Point, Segment, Shape};

/// Most pixels along a side.
const MOST_PIXELS: usize = 16_384;
/// How many points a box of side 1 holds on average, of those that hold any.
const POINTS: f64 = 2.0;

/// The set in an input.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) if it cannot be read, or is empty.
pub(crate) fn read(input: Reading<'_>, params: &DimensionParams) -> Result<Set, Failure> {
    match &input.content {
        InputContent::File { extension, bytes } if extension == "png" => {
            let image = lightness(input, bytes)?;
            let dark = |x: usize, y: usize| image.pixels[y * image.columns + x] < params.threshold;
            pixels(input, [image.columns, image.rows], dark, ([0.0, image.rows as f64], 1.0), params)
        }
        InputContent::Artifact(Artifact::Drawing(Drawing::Raster(raster))) => {
            let Raster { width, height, extent, values } = raster;
            let set = |x: usize, y: usize| values[y * width + x] >= params.threshold;
            let place = ([extent[0][0], extent[1][1]], (extent[1][0] - extent[0][0]) / *width as f64);
            pixels(input, [*width, *height], set, place, params)
        }
        InputContent::Artifact(Artifact::Drawing(Drawing::Geometry(_))) => of_paths(input, params),
        _ if params.join => of_paths(input, params),
        _ => of_points(input, params),
    }
}

fn pixels(
    input: Reading<'_>,
    [width, height]: [usize; 2],
    set: impl Fn(usize, usize) -> bool,
    (corner, pixel): (Point, f64),
    params: &DimensionParams,
) -> Result<Set, Failure> {
    if width.max(height) > MOST_PIXELS {
        let message =
            format!("`{}` has {width} by {height} pixels, and {MOST_PIXELS} is the most", input.name);
        return Err(Failure::resource(message).help("scale it down"));
    }
    let bitmap = Bitmap::from_fn(width, height, set);
    let bitmap = if params.outline { bitmap.outline() } else { bitmap };
    let Some((bitmap, [left, top])) = bitmap.cropped() else {
        return Err(Failure::user(format!("no pixel of `{}` belongs to the set", input.name))
            .help("change `threshold`: pixels of an image belong to the set if they are darker than it"));
    };
    let corner = [corner[0] + pixel * left as f64, corner[1] - pixel * top as f64];
    Ok(Set::Pixels(Pixels { bitmap, corner, pixel }))
}

fn of_paths(input: Reading<'_>, params: &DimensionParams) -> Result<Set, Failure> {
    let segments: Vec<Segment> = Paths::from_input(input)?.segments().collect();
    let unit = params.unit.or_else(|| median_length(&segments));
    of_parts(input, segments, unit)
}

fn of_points(input: Reading<'_>, params: &DimensionParams) -> Result<Set, Failure> {
    let points = PointSet::from_input(input)?;
    if points.dimension > 2 {
        let message = format!(
            "the points of `{}` have {}",
            input.name,
            octavo_plugin::counted(points.dimension, "coordinate")
        );
        return Err(
            Failure::user(message).help("boxes are counted in the plane: give columns `x` and `y` alone")
        );
    }
    let place = |index: usize| [points.point(index)[0], points.point(index).get(1).copied().unwrap_or(0.0)];
    let parts = (0..points.len()).map(|index| [place(index); 2]).collect();
    of_parts(input, parts, params.unit)
}

fn of_parts(input: Reading<'_>, parts: Vec<Segment>, unit: Option<f64>) -> Result<Set, Failure> {
    let shape = Shape::new(parts).filter(|shape| shape.extent().side() > 0.0);
    let Some(shape) = shape else {
        return Err(Failure::user(format!("all points of `{}` are in one place", input.name)));
    };
    let unit = unit.unwrap_or_else(|| resolved(&shape));
    Ok(Set::Shape { shape, unit })
}

/// The median length of the segments that have one.
fn median_length(segments: &[Segment]) -> Option<f64> {
    let length = |[a, b]: &Segment| math::hypot(b[0] - a[0], b[1] - a[1]);
    let mut lengths: Vec<f64> = segments.iter().map(length).filter(|length| *length > 0.0).collect();
    lengths.sort_by(f64::total_cmp);
    lengths.get(lengths.len() / 2).copied()
}

/// The smallest side, of those that halve the longer side of the shape, at which a box that holds a point holds
/// [`POINTS`] of them on average.
pub(crate) fn resolved(shape: &Shape) -> f64 {
    let extent = shape.extent();
    let sides = std::iter::successors(Some(extent.side()), |side| Some(0.5 * side));
    let parts = shape.segments().len() as f64;
    let full =
        |side: &f64| parts >= POINTS * shape.cells(Grid { origin: extent.low, side: *side }).len() as f64;
    sides.take(16).take_while(full).last().unwrap_or(extent.side())
}
