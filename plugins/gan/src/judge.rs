//! What a generator's points are worth, measured in the same way for every game.

use octavo_plugin::Failure;
use octavo_sinkhorn::{Cloud, Options, sinkhorn_divergence};

use crate::target::{DEVIATION, Target};

/// The marginal error at which the measured divergence is read.
const TOLERANCE: f64 = 1e-5;
const ITERATIONS: u64 = 100_000;

/// A piece is covered if it gets this share of what would be fair.
const FAIR: f64 = 0.2;

/// Points measured against the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Judged {
    /// Pieces of the target that are covered, where the target has pieces.
    pub(crate) modes: Option<usize>,
    /// The share of points within three standard deviations of a piece.
    pub(crate) good: Option<f64>,
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
    let covered = covered(target, points);
    Ok(Judged { modes: covered.map(|(modes, _)| modes), good: covered.map(|(_, good)| good), divergence })
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn covered(target: &Target, points: &[f64]) -> Option<(usize, f64)> {
    let pieces = target.pieces()?;
    let count = points.len() / 2;
    let mut hits = vec![0_usize; pieces];
    for point in points.chunks_exact(2) {
        let nearest = target.nearest([point[0], point[1]])?;
        if nearest.distance <= 3.0 * DEVIATION {
            hits[nearest.piece] += 1;
        }
    }
    let enough = FAIR * count as f64 / pieces as f64;
    let modes = hits.iter().filter(|hits| **hits as f64 >= enough).count();
    Some((modes, hits.iter().sum::<usize>() as f64 / count as f64))
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
        assert_eq!(found.modes, Some(8));
        assert!(found.good.unwrap() > 0.97 && found.divergence.abs() < 0.5, "{found:?}");
    }

    #[test]
    fn half_of_the_ring_is_half_of_its_modes() {
        let target = Target::Shape(Shape::Ring);
        let right = |k: usize| [2.0, if k == 0 { 0.0 } else { 5.0 }];
        // Three points on one mode and one far away.
        let points: Vec<f64> = [0, 0, 0, 1].into_iter().flat_map(right).collect();
        let found = judge(&target, &points, &points, 1.0).unwrap();
        assert_eq!((found.modes, found.good, found.divergence), (Some(1), Some(0.75), 0.0));
    }
}
