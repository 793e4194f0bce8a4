//! What is real: where points come from, and what counts as covered.

use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

use octavo_plugin::{Failure, PointSet, RunContext, Stream, math};

use crate::params::{Shape, TargetSource};

/// Standard deviation of the noise about the built-in targets.
pub(crate) const DEVIATION: f64 = 0.05;

/// Pieces of each moon, and of the line.
const PIECES: usize = 8;

/// A distribution on the plane.
pub(crate) enum Target {
    Shape(Shape),
    /// Points, and the running sums of their weights, of which the last is their total.
    Points {
        points: Vec<[f64; 2]>,
        sums: Vec<f64>,
    },
}

/// The piece of a target that is nearest to a point, and how far away it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nearest {
    pub(crate) piece: usize,
    pub(crate) distance: f64,
}

impl Target {
    /// The target of a definition.
    ///
    /// # Errors
    /// If an input holds no points of the plane.
    pub(crate) fn new(source: &TargetSource, context: &RunContext<'_>) -> Result<Self, Failure> {
        let input = match source {
            TargetSource::Shape(shape) => return Ok(Self::Shape(*shape)),
            TargetSource::Points(input) => context.input(input)?,
        };
        let set = PointSet::from_input(input)?;
        if set.dimension != 2 {
            let message = format!("`{}` has points of dimension {}", input.name, set.dimension);
            return Err(Failure::user(message).help("give points of the plane: columns `x` and `y`"));
        }
        let mut total = 0.0;
        let sums = set.weights.iter().map(|weight| {
            total += weight;
            total
        });
        let sums: Vec<f64> = sums.collect();
        let points = set.coordinates.chunks_exact(2).map(|point| [point[0], point[1]]).collect();
        Ok(Self::Points { points, sums })
    }

    /// `count` points, count × 2.
    pub(crate) fn draw(&self, count: usize, stream: &mut Stream) -> Vec<f64> {
        (0..count).flat_map(|_| self.point(stream)).collect()
    }

    fn point(&self, stream: &mut Stream) -> [f64; 2] {
        match self {
            Self::Shape(Shape::Line) => [0.0, stream.between(-1.0, 1.0)],
            Self::Shape(Shape::Moons) => {
                let (moon, angle) = (stream.below(2), stream.between(0.0, PI));
                noisy(moon_point(moon == 1, angle), stream)
            }
            Self::Shape(shape) => {
                let centres = centres(*shape);
                let place = stream.below(centres.len() as u64);
                noisy(centres[usize::try_from(place).expect("a small number")], stream)
            }
            Self::Points { points, sums } => {
                let place = stream.uniform() * sums[sums.len() - 1];
                points[sums.partition_point(|sum| *sum <= place).min(points.len() - 1)]
            }
        }
    }

    /// Number of pieces that a generator should cover; none is known of a reader's points.
    pub(crate) fn pieces(&self) -> Option<usize> {
        match self {
            Self::Shape(Shape::Line) => Some(PIECES),
            Self::Shape(Shape::Moons) => Some(2 * PIECES),
            Self::Shape(shape) => Some(centres(*shape).len()),
            Self::Points { .. } => None,
        }
    }

    /// The nearest piece.
    pub(crate) fn nearest(&self, point: [f64; 2]) -> Option<Nearest> {
        match self {
            Self::Shape(Shape::Line) => Some(near_line(point)),
            Self::Shape(Shape::Moons) => {
                let [first, second] = [false, true].map(|moon| near_moon(moon, point));
                Some(if second.distance < first.distance { second } else { first })
            }
            Self::Shape(shape) => {
                let measured =
                    centres(*shape).iter().map(|centre| length([0, 1].map(|i| point[i] - centre[i])));
                let nearest = measured.enumerate().map(|(piece, distance)| Nearest { piece, distance });
                nearest.reduce(|best, next| if next.distance < best.distance { next } else { best })
            }
            Self::Points { .. } => None,
        }
    }
}

fn length([x, y]: [f64; 2]) -> f64 {
    (x * x + y * y).sqrt()
}

fn noisy(point: [f64; 2], stream: &mut Stream) -> [f64; 2] {
    point.map(|x| x + DEVIATION * stream.normal())
}

/// The middles of the modes. They are found once: a game draws millions of points about them.
pub(crate) fn centres(shape: Shape) -> &'static [[f64; 2]] {
    static RING: LazyLock<[[f64; 2]; 8]> = LazyLock::new(|| {
        [0, 1, 2, 3, 4, 5, 6, 7].map(|k| on_circle(TAU * f64::from(k) / 8.0).map(|x| 2.0 * x))
    });
    static GRID: LazyLock<Vec<[f64; 2]>> =
        LazyLock::new(|| (0..25).map(|k| [k % 5, k / 5].map(|place| f64::from(place) - 2.0)).collect());
    match shape {
        Shape::Ring => &*RING,
        Shape::Grid => &GRID,
        Shape::Moons | Shape::Line => &[],
    }
}

fn on_circle(angle: f64) -> [f64; 2] {
    let (sin, cos) = math::sin_cos(angle);
    [cos, sin]
}

/// A point of the upper moon, about (-1/2, -1/4), or of the lower one, about (1/2, 1/4).
fn moon_point(lower: bool, angle: f64) -> [f64; 2] {
    let [x, y] = on_circle(angle);
    if lower { [0.5 - x, 0.25 - y] } else { [x - 0.5, y - 0.25] }
}

fn near_moon(lower: bool, [x, y]: [f64; 2]) -> Nearest {
    // The point as the upper moon sees it, about 0.
    let [x, y] = if lower { [0.5 - x, 0.25 - y] } else { [x + 0.5, y + 0.25] };
    let angle = math::atan2(y, x);
    let (angle, distance) = if angle >= 0.0 {
        (angle, (length([x, y]) - 1.0).abs())
    } else if x > 0.0 {
        (0.0, length([x - 1.0, y]))
    } else {
        (PI, length([x + 1.0, y]))
    };
    let piece = place(angle / PI) + if lower { PIECES } else { 0 };
    Nearest { piece, distance }
}

fn near_line([x, y]: [f64; 2]) -> Nearest {
    let along = y.clamp(-1.0, 1.0);
    Nearest { piece: place(0.5 + 0.5 * along), distance: length([x, y - along]) }
}

/// The piece at a share of the way.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a small number"
)]
fn place(share: f64) -> usize {
    ((share * PIECES as f64) as usize).min(PIECES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    const SHAPES: [Shape; 4] = [Shape::Ring, Shape::Grid, Shape::Moons, Shape::Line];

    #[test]
    fn real_points_are_near_and_cover_everything() {
        for shape in SHAPES {
            let target = Target::Shape(shape);
            let points = target.draw(20_000, &mut Seed(1).stream("points"));
            let pieces = target.pieces().unwrap();
            let mut hits = vec![0_u32; pieces];
            let mut near = 0_u32;
            for point in points.chunks_exact(2) {
                let found = target.nearest([point[0], point[1]]).unwrap();
                hits[found.piece] += 1;
                near += u32::from(found.distance <= 3.0 * DEVIATION);
            }
            // In the plane 1.1 % lie beyond three deviations, about a line 0.27 %.
            assert!(near > 19_700, "{shape:?}: {near}");
            let fair = 20_000 / u32::try_from(pieces).unwrap();
            assert!(hits.iter().all(|hits| hits.abs_diff(fair) < fair / 5), "{shape:?}: {hits:?}");
        }
    }

    #[test]
    fn distances_to_the_pieces() {
        let nearest = |shape, point| Target::Shape(shape).nearest(point).unwrap();
        assert_eq!(nearest(Shape::Line, [0.5, 0.0]).distance, 0.5);
        assert_eq!(nearest(Shape::Line, [3.0, 5.0]).distance, 5.0);
        assert_eq!(nearest(Shape::Ring, [2.5, 0.0]), Nearest { piece: 0, distance: 0.5 });
        assert_eq!(nearest(Shape::Grid, [1.0, -2.0]), Nearest { piece: 3, distance: 0.0 });
        assert!((nearest(Shape::Moons, [-0.5, 0.75]).distance).abs() < 1e-15);
        assert!((nearest(Shape::Moons, [-0.5, 1.25]).distance - 0.5).abs() < 1e-15);
        // Below the ends of the upper moon the nearest point is an end.
        assert!((nearest(Shape::Moons, [-1.5, -1.25]).distance - 1.0).abs() < 1e-15);
    }

    #[test]
    fn points_are_drawn_with_their_weights() {
        let target =
            Target::Points { points: vec![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], sums: vec![1.0, 1.0, 4.0] };
        let drawn = target.draw(40_000, &mut Seed(2).stream("points"));
        let count = |x: f64| drawn.chunks_exact(2).filter(|point| point[0] == x).count();
        assert_eq!(count(1.0), 0);
        // A quarter of 40,000; five standard deviations are 433.
        assert!(count(0.0).abs_diff(10_000) < 433, "{}", count(0.0));
    }
}
