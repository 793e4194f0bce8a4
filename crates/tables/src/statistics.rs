//! Statistics of short lists of numbers: location, spread, least squares, intervals, and the rule for missing cells. The one
//! room for them: expressions, intervals of values and claims, and figures all ask here, so that a number in a text and the
//! same number in a figure are one.
//!
//! Sums go through `octavo_plugin::sum`, elementary functions through `octavo_plugin::math`, so that the same values in the
//! same order give the same bits. Every function takes finite values unless it says otherwise; sorting uses the total order of floats.

mod band;
mod beta;
mod interval;
mod missing;
mod power;
mod student;

pub use band::Band;
pub use interval::{is_skewed, mean_interval, pseudo_values, quantile_interval, share_interval};
pub use missing::{Lost, present};
pub use power::{deviation_limit, power, replicates_for};
pub use student::{student_cdf, student_quantile};

use octavo_plugin::sum::sum;

/// Arithmetic mean; `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    octavo_plugin::sum::mean(values)
}

/// Sample variance (divisor n - 1), from the deviations from the mean; `None` below two values.
pub fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean)).collect();
    Some(sum(&squares) / (count(values) - 1.0))
}

/// Sample standard deviation (divisor n - 1); `None` below two values.
pub fn sd(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// Middle value, or the mean of the two middle values; `None` for no values. Infinities are allowed.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996): the value at position
/// (n - 1) q of the sorted list, counted from 0. `None` for no values or q outside 0 to 1. Infinities are allowed; the
/// result is NaN between minus and plus infinity.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_of_sorted(&sorted, q)
}

/// The same for values that are sorted already.
pub fn quantile_of_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let position = (count(sorted) - 1.0) * q;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= position < n")]
    let below = position.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    let share = position - position.floor();
    Some(if share == 0.0 || low == high { low } else { low + share * (high - low) })
}

/// A straight line fitted by ordinary least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Change of y per unit of x.
    pub slope: f64,
    /// y at x = 0.
    pub intercept: f64,
    /// Standard error of the slope; `None` below three points.
    pub slope_error: Option<f64>,
    /// Share of the variance of y that the line explains; `None` if y is constant.
    pub r2: Option<f64>,
}

/// Fits y = intercept + slope x by ordinary least squares, about the means of x and y. `None` below two points or if x
/// is constant.
///
/// # Panics
/// If the lengths differ.
pub fn fit(x: &[f64], y: &[f64]) -> Option<Fit> {
    let Moments { mean_x, mean_y, xx, yy, xy } = Moments::of(x, y)?;
    if xx == 0.0 {
        return None;
    }
    let slope = xy / xx;
    let residual = |(x, y): (&f64, &f64)| (y - mean_y) - slope * (x - mean_x);
    let squares: Vec<f64> = x.iter().zip(y).map(residual).map(|r| r * r).collect();
    let left = sum(&squares);
    Some(Fit {
        slope,
        intercept: mean_y - slope * mean_x,
        slope_error: (x.len() > 2).then(|| (left / (count(x) - 2.0) / xx).sqrt()),
        r2: (yy > 0.0).then(|| 1.0 - left / yy),
    })
}

/// Pearson's correlation coefficient; `None` below two points or if x or y is constant.
///
/// # Panics
/// If the lengths differ.
pub fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let Moments { xx, yy, xy, .. } = Moments::of(x, y)?;
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Means, and sums of products of deviations from them.
struct Moments {
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn of(x: &[f64], y: &[f64]) -> Option<Self> {
        assert_eq!(x.len(), y.len(), "pairs have as many x as y");
        let (mean_x, mean_y) = (mean(x)?, mean(y).filter(|_| x.len() > 1)?);
        let products = |f: &dyn Fn(f64, f64) -> f64| {
            let all: Vec<f64> = x.iter().zip(y).map(|(x, y)| f(x - mean_x, y - mean_y)).collect();
            sum(&all)
        };
        Some(Self {
            mean_x,
            mean_y,
            xx: products(&|x, _| x * x),
            yy: products(&|_, y| y * y),
            xy: products(&|x, y| x * y),
        })
    }
}

/// The lower and upper end of a band such as `p05-p95`; see [`Band`]. `None` for an unknown name or too few values.
pub fn band(values: &[f64], name: &str) -> Option<(f64, f64)> {
    Band::parse(name)?.of(values)
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 values")]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} is not within {tolerance} of {b}");
    }

    #[test]
    fn location_and_spread_of_one_to_n() {
        for n in [2_u32, 5, 100, 5001] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let n = f64::from(n);
            near(mean(&values).unwrap(), (n + 1.0) / 2.0, 1e-12 * n);
            near(median(&values).unwrap(), (n + 1.0) / 2.0, 0.0);
            near(variance(&values).unwrap(), n * (n + 1.0) / 12.0, 1e-12 * n * n);
            near(quantile(&values, 0.25).unwrap(), 1.0 + (n - 1.0) / 4.0, 1e-12 * n);
        }
        assert_eq!((mean(&[]), median(&[]), sd(&[1.0]), quantile(&[1.0], 1.5)), (None, None, None, None));
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 1.0), Some(3.0));
        assert_eq!(median(&[f64::INFINITY, 1.0, f64::INFINITY]), Some(f64::INFINITY));
    }

    #[test]
    fn least_squares_against_worked_sums() {
        // Sxx = 10, Sxy = 8, Syy = 8.8, residual sum 8.8 - 6.4 = 2.4.
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0]);
        let line = fit(&x, &y).unwrap();
        near(line.slope, 0.8, 1e-15);
        near(line.intercept, 0.6, 1e-15);
        near(line.r2.unwrap(), 0.64, 1e-15);
        near(line.slope_error.unwrap(), (3.6_f64 / 3.0 / 10.0).sqrt(), 1e-15);
        near(correlation(&x, &y).unwrap(), 0.8, 1e-15);
        assert_eq!(fit(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(fit(&[1.0], &[1.0]), None);
        assert_eq!(fit(&[0.0, 1.0], &[2.0, 2.0]).unwrap().r2, None);
        assert_eq!(fit(&[0.0, 1.0], &[2.0, 3.0]).unwrap().slope_error, None);
        assert_eq!(correlation(&x, &[1.0; 5]), None);
    }

    proptest! {
        #[test]
        fn quantiles_grow_and_stay_within(values in prop::collection::vec(-1e6..1e6_f64, 1..50), p in 0.0..1.0, q in 0.0..1.0) {
            let (low, high) = (quantile(&values, f64::min(p, q)).unwrap(), quantile(&values, f64::max(p, q)).unwrap());
            prop_assert!(low <= high + 1e-9);
            prop_assert!(quantile(&values, 0.0).unwrap() <= low && high <= quantile(&values, 1.0).unwrap());
        }

        #[test]
        fn a_line_is_found_again(slope in -9.0..9.0_f64, intercept in -9.0..9.0_f64, n in 2_u32..40) {
            let x: Vec<f64> = (0..n).map(f64::from).collect();
            let y: Vec<f64> = x.iter().map(|x| intercept + slope * x).collect();
            let line = fit(&x, &y).unwrap();
            prop_assert!((line.slope - slope).abs() < 1e-9 && (line.intercept - intercept).abs() < 1e-9);
        }
    }
}
