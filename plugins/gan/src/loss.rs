//! What the two sides want, as functions of what an adversary says of each point, and their slopes.
//!
//! An adversary says a number s: of a point that it takes for real a large one. In the games of Goodfellow et al. its probability
//! is 1 / (1 + e^-s), so that -log of it is softplus(-s) = log(1 + e^-s).

use octavo_plugin::math;

use crate::params::Loss;

/// A value with its slope in every score.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sloped {
    pub(crate) value: f64,
    pub(crate) slopes: Vec<f64>,
}

/// What an adversary pays for what it says of real points and of made ones, without a penalty on slopes.
pub(crate) fn adversary(loss: Loss, real: &[f64], made: &[f64]) -> [Sloped; 2] {
    match loss {
        Loss::Wasserstein => [mean(real, |s| [-s, -1.0]), mean(made, |s| [s, 1.0])],
        _ => [mean(real, disbelief), mean(made, belief)],
    }
}

/// What the generator pays for what an adversary says of its points.
pub(crate) fn generator(loss: Loss, made: &[f64]) -> Sloped {
    match loss {
        Loss::Minimax => mean(made, |s| belief(s).map(|x| -x)),
        Loss::NonSaturating => mean(made, disbelief),
        Loss::Wasserstein | Loss::Sinkhorn => mean(made, |s| [-s, -1.0]),
    }
}

/// -log(1 - probability) and its slope.
fn belief(s: f64) -> [f64; 2] {
    [softplus(s), probability(s)]
}

/// -log(probability) and its slope.
fn disbelief(s: f64) -> [f64; 2] {
    [softplus(-s), -probability(-s)]
}

/// log(1 + e^s) without overflow.
fn softplus(s: f64) -> f64 {
    s.max(0.0) + math::ln_1p(math::exp(-s.abs()))
}

/// 1 / (1 + e^-s).
pub(crate) fn probability(s: f64) -> f64 {
    1.0 / (1.0 + math::exp(-s))
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 samples")]
fn mean(scores: &[f64], each: impl Fn(f64) -> [f64; 2]) -> Sloped {
    let count = scores.len() as f64;
    let mut value = 0.0;
    let slopes = scores.iter().map(|score| {
        let [one, slope] = each(*score);
        value += one;
        slope / count
    });
    let slopes = slopes.collect();
    Sloped { value: value / count, slopes }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOSSES: [Loss; 3] = [Loss::Minimax, Loss::NonSaturating, Loss::Wasserstein];

    #[test]
    fn slopes_are_those_of_the_values() {
        let scores = [-3.0, -0.2, 0.0, 1.5, 8.0];
        let check = |value: &dyn Fn(&[f64]) -> Sloped| {
            for (index, slope) in value(&scores).slopes.iter().enumerate() {
                let moved = |by: f64| {
                    let mut scores = scores;
                    scores[index] += by;
                    value(&scores).value
                };
                assert!((slope - (moved(1e-6) - moved(-1e-6)) / 2e-6).abs() < 1e-9);
            }
        };
        for loss in LOSSES {
            check(&|scores| generator(loss, scores));
            check(&|scores| adversary(loss, scores, &[0.0])[0].clone());
            check(&|scores| adversary(loss, &[0.0], scores)[1].clone());
        }
    }

    #[test]
    fn an_adversary_without_an_opinion_pays_log_4() {
        for loss in [Loss::Minimax, Loss::NonSaturating] {
            let [real, made] = adversary(loss, &[0.0; 3], &[0.0; 5]);
            assert!((real.value + made.value - math::ln(4.0)).abs() < 1e-15);
        }
    }

    #[test]
    fn a_sure_adversary_leaves_minimax_no_slope() {
        assert!(generator(Loss::Minimax, &[-40.0]).slopes[0].abs() < 1e-16);
        assert!((generator(Loss::NonSaturating, &[-40.0]).slopes[0] + 1.0).abs() < 1e-16);
        assert_eq!(generator(Loss::Wasserstein, &[-40.0]).slopes, [-1.0]);
    }

    #[test]
    fn large_scores_stay_finite() {
        for score in [-1e4, 1e4] {
            for loss in LOSSES {
                assert!(generator(loss, &[score]).value.is_finite());
            }
        }
    }
}
