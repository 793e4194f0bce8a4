//! How many replicates a claim needs: the power of Student's t against an effect that is stated before the data are seen, never one
//! that was seen in them.

use octavo_plugin::math;

use super::student_quantile;

/// Most replicates that are considered.
const MOST: u32 = 1_000_000;

/// Steps of the integral over the estimated deviation.
const STEPS: u32 = 400;

/// The upper `confidence` limit of a standard deviation that was estimated as `sd` from `n` normal values: sd sqrt((n - 1) / q), where
/// q is the lower (1 - confidence) quantile of chi-square with n - 1 degrees of freedom. `None` below two values.
pub fn deviation_limit(sd: f64, n: usize, confidence: f64) -> Option<f64> {
    if n < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "few replicates")]
    let df = (n - 1) as f64;
    Some(sd * (df / chi_square_quantile(1.0 - confidence, df)).sqrt())
}

/// Probability that the interval of a mean over `n` normal values, at a two-sided level, lies on the right side of a threshold from
/// which the true mean is `effect` standard deviations away: the upper tail of the noncentral t distribution with n - 1 degrees of
/// freedom and noncentrality effect sqrt(n) beyond Student's quantile, integrated over the estimated deviation by Simpson's rule.
pub fn power(effect: f64, n: u32, level: f64) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let (n, df) = (f64::from(n), f64::from(n - 1));
    let critical = student_quantile(f64::midpoint(1.0, level), df);
    // s = sqrt(chi-square / df), whose density is 2 (df/2)^(df/2) s^(df - 1) exp(-df s²/2) / Γ(df/2).
    let constant = math::ln(2.0) + df / 2.0 * math::ln(df / 2.0) - math::ln_gamma(df / 2.0);
    let density = |s: f64| match s > 0.0 {
        true => math::exp(constant + (df - 1.0) * math::ln(s) - df * s * s / 2.0),
        false if df == 1.0 => math::exp(constant),
        false => 0.0,
    };
    let spread = 1.0 / (2.0 * df).sqrt();
    let (low, high) = ((1.0 - 9.0 * spread).max(0.0), 1.0 + 9.0 * spread);
    let step = (high - low) / f64::from(STEPS);
    let at = |index: u32| {
        let s = low + f64::from(index) * step;
        density(s) * math::normal_cdf(effect * n.sqrt() - critical * s)
    };
    let weight = |index: u32| if index == 0 || index == STEPS { 1.0 } else { f64::from(2 + 2 * (index % 2)) };
    let sum: f64 = (0..=STEPS).map(|index| weight(index) * at(index)).sum();
    (sum * step / 3.0).clamp(0.0, 1.0)
}

/// The fewest replicates, from `fewest` on, with which `power` is at least `wanted` at a true effect of so many standard deviations;
/// `None` if even a million are not enough.
pub fn replicates_for(effect: f64, level: f64, wanted: f64, fewest: u32) -> Option<u32> {
    let enough = |n: u32| power(effect, n, level) >= wanted;
    let mut high = fewest.max(2);
    while !enough(high) {
        high = high.checked_mul(2).filter(|n| *n <= MOST)?;
    }
    let mut low = (high / 2).max(fewest.max(2));
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

/// The value that chi-square with `df` degrees of freedom stays below with probability `p`, by bisection.
fn chi_square_quantile(p: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, df + 10.0 * (2.0 * df).sqrt() + 10.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if lower_gamma(df / 2.0, middle / 2.0) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised lower incomplete gamma function P(a, x) by its power series (Abramowitz and Stegun 6.5.29).
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
    while term > sum * 1e-17 {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    (sum * math::exp(a * math::ln(x) - x - math::ln_gamma(a))).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::mean_interval;
    use octavo_plugin::Seed;

    #[test]
    fn closed_forms_and_printed_values() {
        // With two degrees of freedom chi-square is exponential: -2 ln(1 - p).
        for p in [0.05, 0.2, 0.5, 0.9] {
            assert!((chi_square_quantile(p, 2.0) + 2.0 * math::ln(1.0 - p)).abs() < 1e-10, "{p}");
        }
        // A printed table: the lower fifth of chi-square with 9 degrees of freedom is 5.380.
        assert!((chi_square_quantile(0.2, 9.0) - 5.380).abs() < 5e-4);
        assert!((deviation_limit(2.0, 10, 0.8).unwrap() - 2.0 * (9.0_f64 / 5.380).sqrt()).abs() < 1e-3);
        assert_eq!(deviation_limit(1.0, 1, 0.8), None);
        // Without an effect the power is the error at one end.
        for n in [3, 5, 20, 200] {
            assert!((power(0.0, n, 0.95) - 0.025).abs() < 1e-6, "{n}: {}", power(0.0, n, 0.95));
        }
        // Cohen (1988) by the exact distribution: half a deviation, 34 values, two-sided 5 %: power 0.81.
        assert!((power(0.5, 34, 0.95) - 0.808).abs() < 2e-3, "{}", power(0.5, 34, 0.95));
        assert_eq!(replicates_for(0.5, 0.95, 0.8, 5), Some(34));
        assert_eq!(replicates_for(100.0, 0.95, 0.8, 5), Some(5));
        assert_eq!(replicates_for(0.0, 0.95, 0.8, 5), None);
    }

    /// A planted effect is found as often as is said, to within 3 points in 1,000 runs.
    #[test]
    fn a_planted_effect_is_found_as_often_as_promised() {
        let mut stream = Seed(6).stream("power");
        for (effect, wanted) in [(0.4, 0.8), (0.8, 0.9), (1.5, 0.95)] {
            let n = replicates_for(effect, 0.995, wanted, 5).unwrap();
            let expected = power(effect, n, 0.995);
            let found = (0..1000).filter(|_| {
                let values: Vec<f64> =
                    stream.normals(n as usize, 3.0).iter().map(|x| x + 3.0 * effect).collect();
                mean_interval(&values, 0.995).unwrap().0 > 0.0
            });
            let found = f64::from(u32::try_from(found.count()).unwrap()) / 1000.0;
            assert!((found - expected).abs() <= 0.03, "{effect}: {found}, {expected} expected with {n}");
        }
    }
}
