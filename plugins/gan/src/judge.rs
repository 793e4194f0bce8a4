//! What a generator's points are worth, measured in the same way for every game.

use octavo_plugin::Failure;
use octavo_sinkhorn::{Cloud, Options, sinkhorn_divergence};

use crate::target::{DEVIATION, Target};

/// The marginal error at which the measured divergence is read.
const TOLERANCE: f64 = 1e-5;
const ITERATIONS: u64 = 100_000;

/// A piece is covered if it gets this share of what would be fair.
const FAIR: f64 = 0.2;

/// How points cover the pieces of a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Coverage {
    /// Pieces that are nearest to enough points.
    pub(crate) reached: usize,
    /// Pieces that have enough points within three standard deviations.
    pub(crate) modes: usize,
    /// The share of points within three standard deviations of a piece.
    pub(crate) good: f64,
}

/// Points measured against the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Judged {
    /// How the pieces of the target are covered, where it has pieces.
    pub(crate) coverage: Option<Coverage>,
    /// The Sinkhorn divergence to real points.
    pub(crate) divergence: f64,
}

/// Measures points (count × 2) against as many real ones.
///
/// # Errors
/// If a point is not finite, or the iteration does not converge.
pub(crate) fn judge(target: &Target, points: &[f64], real: &[f64], epsilon: f64) -> Result<Judged, Failure> {
    let options = Options { epsilon, tolerance: TOLERANCE, max_iterations: ITERATIONS, relaxed: true };
    let [made, real] = [points, real].map(|points| Cloud::uniform(2, points.to_vec()));
    let divergence = sinkhorn_divergence(&made?, &real?, options, None)?.value;
    Ok(Judged { coverage: coverage(target, points), divergence })
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn coverage(target: &Target, points: &[f64]) -> Option<Coverage> {
    let pieces = target.pieces()?;
    let count = points.len() / 2;
    let (mut nearest, mut within) = (vec![0_usize; pieces], vec![0_usize; pieces]);
    for point in points.chunks_exact(2) {
        let found = target.nearest([point[0], point[1]])?;
        nearest[found.piece] += 1;
        if found.distance <= 3.0 * DEVIATION {
            within[found.piece] += 1;
        }
    }
    let fair = FAIR * count as f64 / pieces as f64;
    let enough = |hits: &[usize]| hits.iter().filter(|hits| **hits as f64 >= fair).count();
    let good = within.iter().sum::<usize>() as f64 / count as f64;
    Some(Coverage { reached: enough(&nearest), modes: enough(&within), good })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Shape;
    use octavo_plugin::Seed;

    #[test]
    fn real_points_are_worth_everything() {
        let target = Target::Shape(Shape::Ring);
        let draw = |name: &str| target.draw(400, &mut Seed(3).stream(name));
        let found = judge(&target, &draw("a"), &draw("b"), 0.1).unwrap();
        let coverage = found.coverage.unwrap();
        assert_eq!((coverage.reached, coverage.modes), (8, 8));
        assert!(coverage.good > 0.97 && found.divergence.abs() < 0.5, "{found:?}");
    }

    #[test]
    fn points_that_miss_a_mode_reach_it_all_the_same() {
        let target = Target::Shape(Shape::Ring);
        // Three points on the mode at the right, and one beyond the mode at the top.
        let points = [2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 0.0, 5.0];
        let found = judge(&target, &points, &points, 1.0).unwrap();
        assert_eq!(found.coverage, Some(Coverage { reached: 2, modes: 1, good: 0.75 }));
        assert_eq!(found.divergence, 0.0);
    }
}
