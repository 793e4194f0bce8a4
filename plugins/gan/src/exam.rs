//! Subtle fakes: can an adversary tell real points from real points that were moved a little?

use std::f64::consts::TAU;

use octavo_plugin::{RunContext, math};

use crate::critics::Critic;
use crate::target::Target;

/// Number of real points and of fakes at each distance.
const POINTS: usize = 1024;

/// The probability that the adversaries, together, give a real point more than one that was moved by `distance`; a half is
/// guessing. It is the area under the curve of Hanley and McNeil (1982), that is the statistic of Mann and Whitney.
pub(crate) fn exam(critics: &[Critic], target: &Target, distance: f64, context: &RunContext<'_>) -> f64 {
    let mut stream = context.stream("exam");
    let real = target.draw(POINTS, &mut stream);
    let mut fakes = target.draw(POINTS, &mut stream);
    for point in fakes.chunks_exact_mut(2) {
        let (sin, cos) = math::sin_cos(TAU * stream.uniform());
        point[0] += distance * cos;
        point[1] += distance * sin;
    }
    let [real, fakes] = [&real, &fakes].map(|points| together(critics, points));
    right_order(&real, &fakes)
}

/// The mean of what the adversaries say of each point.
#[expect(clippy::cast_precision_loss, reason = "a few adversaries")]
pub(crate) fn together(critics: &[Critic], points: &[f64]) -> Vec<f64> {
    let mut total = vec![0.0; points.len() / 2];
    for critic in critics {
        total.iter_mut().zip(critic.scores(points)).for_each(|(total, score)| *total += score);
    }
    total.iter_mut().for_each(|score| *score /= critics.len() as f64);
    total
}

/// The share of pairs of which the first is larger; equal ones count half.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn right_order(first: &[f64], second: &[f64]) -> f64 {
    let mut sorted = second.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |x: f64| {
        let [smaller, not_larger] = [sorted.partition_point(|y| *y < x), sorted.partition_point(|y| *y <= x)];
        (smaller + not_larger) as f64 / 2.0
    };
    first.iter().map(|x| below(*x)).sum::<f64>() / (first.len() * second.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_pairs_in_order() {
        assert_eq!(right_order(&[2.0, 3.0], &[0.0, 1.0]), 1.0);
        assert_eq!(right_order(&[0.0], &[1.0, 2.0]), 0.0);
        assert_eq!(right_order(&[1.0, 1.0], &[1.0, 1.0]), 0.5);
        assert_eq!(right_order(&[1.0, 3.0], &[0.0, 2.0]), 0.75);
    }
}
