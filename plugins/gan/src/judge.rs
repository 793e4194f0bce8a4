//! What a generator's points are worth, measured in the same way for every game.

use octavo_plugin::Failure;
use octavo_sinkhorn::{Cloud, Options, sinkhorn_divergence};

use crate::target::{DEVIATION, Target};

/// The marginal error at which the measured divergence is read.
const TOLERANCE: f64 = 1e-5;
const ITERATIONS: u64 = 100_000;

/// A piece is covered if it gets this share of what would be fair.
const FAIR: f64 = 0.2;

/// A piece is balanced if its share of good points lies within these multiples of what would be fair.
const BALANCED: std::ops::RangeInclusive<f64> = 0.5..=2.0;

/// How points cover the pieces of a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Coverage {
    /// Pieces that are nearest to enough points.
    pub(crate) reached: usize,
    /// Pieces that have enough points within three standard deviations.
    pub(crate) modes: usize,
    /// Pieces whose number of points within three standard deviations is between half and twice the fair one.
    pub(crate) balanced: usize,
    /// The share of points within three standard deviations of a piece.
    pub(crate) good: f64,
    /// The total variation distance, from 0 to 1, between the shares of good points in the pieces, the others being in none, and
    /// equal shares of all points. No game lowers it, and it asks for mass and for quality at once.
    pub(crate) variation: f64,
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
    let fair = count as f64 / pieces as f64;
    let enough = |hits: &[usize]| hits.iter().filter(|hits| **hits as f64 >= FAIR * fair).count();
    let good = within.iter().sum::<usize>();
    let unfair = within.iter().map(|hits| (*hits as f64 - fair).abs()).sum::<f64>();
    Some(Coverage {
        reached: enough(&nearest),
        modes: enough(&within),
        balanced: within.iter().filter(|hits| BALANCED.contains(&(**hits as f64 / fair))).count(),
        good: good as f64 / count as f64,
        variation: 0.5 * (unfair + (count - good) as f64) / count as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Shape;
    use crate::target::centres;
    use octavo_plugin::Seed;

    #[test]
    fn real_points_are_worth_everything() {
        let target = Target::Shape(Shape::Ring);
        let draw = |name: &str| target.draw(400, &mut Seed(3).stream(name));
        let found = judge(&target, &draw("a"), &draw("b"), 0.1).unwrap();
        let coverage = found.coverage.unwrap();
        assert_eq!((coverage.reached, coverage.modes, coverage.balanced), (8, 8, 8));
        assert!(coverage.good > 0.97 && found.divergence.abs() < 0.5, "{found:?}");
        // Half the mean of eight |binomial(400, 1/8) - 50| / 400 is 0.053, with a standard deviation of 0.014.
        assert!(coverage.variation > 0.01 && coverage.variation < 0.12, "{found:?}");
    }

    #[test]
    fn points_that_miss_a_mode_reach_it_all_the_same() {
        let target = Target::Shape(Shape::Ring);
        // Three points on the mode at the right, and one beyond the mode at the top.
        let points = [2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 0.0, 5.0];
        let found = judge(&target, &points, &points, 1.0).unwrap();
        // All but an eighth of the points would have to move: the three quarters on one mode keep an eighth there.
        let expected = Coverage { reached: 2, modes: 1, balanced: 0, good: 0.75, variation: 0.875 };
        assert_eq!(found.coverage, Some(expected));
        assert_eq!(found.divergence, 0.0);
    }

    #[test]
    fn a_mode_is_balanced_from_half_to_twice_its_share() {
        // Of sixteen points, two would be fair for each of the eight modes: five, four, three, two, one and one, none, none.
        let hits = [5, 4, 3, 2, 1, 1, 0, 0];
        let points: Vec<f64> =
            hits.iter().zip(centres(Shape::Ring)).flat_map(|(count, centre)| centre.repeat(*count)).collect();
        let found = coverage(&Target::Shape(Shape::Ring), &points).unwrap();
        assert_eq!((found.modes, found.balanced, found.good), (6, 5, 1.0));
        // Too many: 3 + 2 + 1 of sixteen.
        assert_eq!(found.variation, 6.0 / 16.0);
    }
}
