//! Intervals at a level that is chosen: two-sided, with half of the error at each end. An end that the values cannot give is infinite.

use super::beta::incomplete_beta;
use super::{count, mean, sd, student_quantile};
use octavo_plugin::sum::sum;

/// Interval of a mean by Student's t distribution: mean ± t sd / sqrt(n). Exact for normal values. `None` below two values.
pub fn mean_interval(values: &[f64], level: f64) -> Option<(f64, f64)> {
    let (mean, sd) = (mean(values)?, sd(values)?);
    let half = student_quantile(f64::midpoint(1.0, level), count(values) - 1.0) * sd / count(values).sqrt();
    Some((mean - half, mean + half))
}

/// Whether values are skewed beyond what chance makes of normal ones: their sample skewness is more than 2.33 standard errors from 0,
/// which of normal values about one sample in fifty is. Over few values even a skewed one seldom shows.
pub fn is_skewed(values: &[f64]) -> bool {
    let n = count(values);
    let Some(mean) = mean(values).filter(|_| n > 2.0) else { return false };
    let moment = |of: &dyn Fn(f64) -> f64| {
        let all: Vec<f64> = values.iter().map(|x| of(x - mean)).collect();
        sum(&all) / n
    };
    let (second, third) = (moment(&|x| x * x), moment(&|x| x * x * x));
    let skewness = third / (second * second.sqrt()) * (n * (n - 1.0)).sqrt() / (n - 2.0);
    let error = (6.0 * n * (n - 1.0) / ((n - 2.0) * (n + 1.0) * (n + 3.0))).sqrt();
    skewness.abs() > 2.33 * error
}

/// Tukey's pseudo-values n Q - (n - 1) Q(without i) of a statistic Q over `n` units (Quenouille 1956, Tukey 1958). Their mean estimates
/// what Q estimates, with less bias, and their [`mean_interval`] is an interval of it where Q is a smooth function of means.
/// `without` gives Q without the unit of an index. `None` if Q has no finite value somewhere.
pub fn pseudo_values(
    whole: f64,
    n: usize,
    mut without: impl FnMut(usize) -> Option<f64>,
) -> Option<Vec<f64>> {
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 units")]
    let size = n as f64;
    let value = |index| Some(size * whole - (size - 1.0) * without(index)?).filter(|x: &f64| x.is_finite());
    (0..n).map(value).collect()
}

/// Interval of a share by the binomial distribution (Clopper and Pearson 1934): it covers at least as often as its level says, for
/// every share and number of trials. `None` for no trials.
pub fn share_interval(successes: usize, trials: usize, level: f64) -> Option<(f64, f64)> {
    if trials == 0 || successes > trials {
        return None;
    }
    let error = (1.0 - level) / 2.0;
    // At least k of n, as a function of the share, is I(share; k, n - k + 1).
    let at_least =
        |k: usize, share: f64| incomplete_beta(share, 1.0 - share, float(k), float(trials - k + 1));
    let low = if successes == 0 { 0.0 } else { root(|share| at_least(successes, share) > error) };
    let high =
        if successes == trials { 1.0 } else { root(|share| at_least(successes + 1, share) > 1.0 - error) };
    Some((low, high))
}

/// Interval of the quantile `q` between two of the sorted values, which covers at least as often as its level says, whatever the
/// distribution (Thompson 1936). An end is infinite where even the outermost value is no bound at this level. `None` for no values
/// or q outside 0 to 1.
pub fn quantile_interval(sorted: &[f64], q: f64, level: f64) -> Option<(f64, f64)> {
    let n = sorted.len();
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let error = (1.0 - level) / 2.0;
    // The number of values below the quantile is binomial, so that the k-th value lies above it if fewer than k are below.
    let low = (1..=n).rev().find(|k| fewer_than(*k, n, q) <= error);
    let high = (1..=n).find(|k| 1.0 - fewer_than(*k, n, q) <= error);
    Some((low.map_or(f64::NEG_INFINITY, |k| sorted[k - 1]), high.map_or(f64::INFINITY, |k| sorted[k - 1])))
}

/// Probability of fewer than k successes, k from 1 to n, in n trials of share q.
fn fewer_than(k: usize, n: usize, q: f64) -> f64 {
    incomplete_beta(1.0 - q, q, float(n - k + 1), float(k))
}

/// The least share from 0 to 1 beyond which `above` is true, to the last bit.
fn root(above: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if above(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of replicates are below 2^53")]
fn float(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    fn near(found: (f64, f64), expected: (f64, f64), tolerance: f64) {
        let far = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
        assert!(far <= tolerance, "{found:?} is not within {tolerance} of {expected:?}");
    }

    #[test]
    fn means() {
        // Mean 3, sd sqrt(2.5), t(0.975, 4) = 2.776445105198, t(0.9975, 4) = 5.597568367.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let half = 0.5_f64.sqrt();
        near(
            mean_interval(&values, 0.95).unwrap(),
            (3.0 - 2.776_445_105 * half, 3.0 + 2.776_445_105 * half),
            1e-9,
        );
        near(
            mean_interval(&values, 0.995).unwrap(),
            (3.0 - 5.597_568_367 * half, 3.0 + 5.597_568_367 * half),
            1e-8,
        );
        assert_eq!(mean_interval(&[2.0; 6], 0.95), Some((2.0, 2.0)));
        assert_eq!(mean_interval(&[2.0], 0.95), None);
    }

    #[test]
    fn shares() {
        // All of n: the lower end is the n-th root of the error at that end.
        for (n, level) in [(5, 0.95), (5, 0.995), (20, 0.995), (100, 0.995)] {
            let low = octavo_plugin::math::powf((1.0 - level) / 2.0, 1.0 / float(n));
            near(share_interval(n, n, level).unwrap(), (low, 1.0), 1e-12);
            near(share_interval(0, n, level).unwrap(), (0.0, 1.0 - low), 1e-12);
        }
        // One of two: both ends from a quadratic, 1 - sqrt(1 - e) and sqrt(1 - e).
        near(share_interval(1, 2, 0.9).unwrap(), (1.0 - 0.95_f64.sqrt(), 0.95_f64.sqrt()), 1e-12);
        // A printed table (Clopper and Pearson 1934): 3 of 10 at 95 %.
        near(share_interval(3, 10, 0.95).unwrap(), (0.0667, 0.6525), 5e-5);
        assert_eq!((share_interval(0, 0, 0.95), share_interval(3, 2, 0.95)), (None, None));
    }

    #[test]
    fn quantiles() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        // Binomial(20, 1/2): P(B <= 5) = .0207, P(B <= 3) = .0013, P(B <= 4) = .0059.
        assert_eq!(quantile_interval(&values, 0.5, 0.95), Some((6.0, 15.0)));
        assert_eq!(quantile_interval(&values, 0.5, 0.995), Some((4.0, 17.0)));
        // The least of 8 lies above the median once in 256, of 9 once in 512.
        assert_eq!(quantile_interval(&values[..8], 0.5, 0.995), Some((f64::NEG_INFINITY, f64::INFINITY)));
        assert_eq!(quantile_interval(&values[..9], 0.5, 0.995), Some((1.0, 9.0)));
        // 0.1 is bounded above by the 7th of 20 (P(B >= 7) = .0024) and not below (P(B = 0) = .12).
        assert_eq!(quantile_interval(&values, 0.1, 0.995), Some((f64::NEG_INFINITY, 7.0)));
        assert_eq!(quantile_interval(&[], 0.5, 0.95), None);
        assert_eq!(quantile_interval(&values, 1.5, 0.95), None);
    }

    #[test]
    fn skewness() {
        let mut stream = Seed(8).stream("skewness");
        let skewed = |stream: &mut octavo_plugin::Stream, exponential: bool| {
            let values = stream.normals(20, 1.0).into_iter();
            is_skewed(
                &values
                    .map(|x| if exponential { octavo_plugin::math::exp(x) } else { x })
                    .collect::<Vec<_>>(),
            )
        };
        let normal = (0..1000).filter(|_| skewed(&mut stream, false)).count();
        let lognormal = (0..1000).filter(|_| skewed(&mut stream, true)).count();
        assert!(normal <= 45, "{normal} of 1000");
        assert!(lognormal >= 750, "{lognormal} of 1000");
        assert!(!is_skewed(&[]) && !is_skewed(&[1.0, 5.0]) && !is_skewed(&[2.0; 9]));
        assert!(is_skewed(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0]));
    }

    /// The ratio of two means: 2,000 samples of 30 pairs, of which the interval misses about 5 %; the Monte Carlo error is half a point.
    #[test]
    fn pseudo_values_of_a_ratio_cover_it() {
        let mut stream = Seed(3).stream("ratio");
        let (mut missed, samples) = (0, 2000);
        for _ in 0..samples {
            let (above, below) = (stream.normals(30, 1.0), stream.normals(30, 0.5));
            let above: Vec<f64> = above.iter().map(|x| x + 6.0).collect();
            let below: Vec<f64> = below.iter().map(|x| x + 2.0).collect();
            let ratio = |skip: Option<usize>| {
                let kept = |values: &[f64]| -> f64 {
                    let kept = values.iter().enumerate().filter(|(index, _)| Some(*index) != skip);
                    kept.map(|(_, x)| x).sum()
                };
                kept(&above) / kept(&below)
            };
            let pseudo = pseudo_values(ratio(None), 30, |index| Some(ratio(Some(index)))).unwrap();
            let (low, high) = mean_interval(&pseudo, 0.95).unwrap();
            missed += i32::from(!(low..=high).contains(&3.0));
        }
        assert!((60..=150).contains(&missed), "{missed} of {samples}");
        // Of a mean they are the values themselves.
        let values = [1.0, 4.0, 9.0];
        let without = |index: usize| Some((14.0 - values[index]) / 2.0);
        assert_eq!(pseudo_values(14.0 / 3.0, 3, without).map(|all| all.len()), Some(3));
        assert_eq!(pseudo_values(1.0, 2, |_| None), None);
    }
}
