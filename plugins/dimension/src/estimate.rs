//! From counts to a dimension with its uncertainty.

use octavo_plugin::{math, sum};

/// Sizes of boxes grow by a factor of 2^(1/4).
pub const STEPS_PER_OCTAVE: usize = 4;
/// Fewest sizes in a window that gives a dimension: three quarters of an octave.
const FEWEST: usize = 4;

/// By so many boxes a count of a finite set may differ from the power law: where a curve ends, and where copies of a set
/// meet, boxes are shared or added. Two, the ends of a curve, also cover the known sets at every angle (README).
const OPEN_BOXES: f64 = 2.0;

/// Numbers of boxes of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Side of a box, in units of the set.
    pub size: f64,
    /// Boxes that are met, of the grid through the corner of the set.
    pub anchored: u64,
    /// The same, averaged over offsets of the grid.
    pub mean: f64,
    /// By which factor the mean is in doubt, up or down, because pixels are points or squares; else 1.
    pub doubt: f64,
}

/// As what the numbers of a finite set may be read: as they are, with boxes fewer and more, of pixels as points and as squares.
const READINGS: [fn(&Count) -> f64; 5] = [
    |count| count.mean,
    // Below one box there is nothing.
    |count| (count.mean - OPEN_BOXES).max(1.0),
    |count| count.mean + OPEN_BOXES,
    |count| count.mean / count.doubt,
    |count| count.mean * count.doubt,
];

/// The slope near a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The geometric mean of the sizes between which the slope is taken.
    pub size: f64,
    /// By how much ln N grows for ln(1/s).
    pub slope: f64,
}

/// A dimension and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The slope of ln N in ln(1/s) over all sizes of the window.
    pub dimension: f64,
    /// Two standard errors of the regression.
    pub regression: f64,
    /// The largest difference to the slope over a part of the window, in any reading of the numbers (README).
    pub spread: f64,
    /// Smallest and largest size of the window.
    pub window: [f64; 2],
}

impl Estimate {
    /// The half-width of the stated interval.
    pub fn uncertainty(&self) -> f64 {
        self.regression.max(self.spread)
    }
}

/// The dimension from the counts of sizes from `least` to `most`; `None` if they are fewer than four.
pub fn estimate(counts: &[Count], least: f64, most: f64) -> Option<Estimate> {
    let (least, most) = (least * (1.0 - 1e-9), most * (1.0 + 1e-9));
    let counts: Vec<&Count> = counts.iter().filter(|count| (least..=most).contains(&count.size)).collect();
    if counts.len() < FEWEST {
        return None;
    }
    let points = READINGS.map(|number| -> Vec<[f64; 2]> {
        counts.iter().map(|count| [-math::ln(count.size), math::ln(number(count))]).collect()
    });
    let (dimension, error) = regression(&points[0]);
    Some(Estimate {
        dimension,
        regression: 2.0 * error,
        spread: points.iter().map(|points| spread(points, dimension)).fold(0.0, f64::max),
        window: [counts[0].size, counts[counts.len() - 1].size],
    })
}

/// Slope of the least-squares line and its standard error.
#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
fn regression(points: &[[f64; 2]]) -> (f64, f64) {
    let column = |axis: usize| points.iter().map(|point| point[axis]).collect::<Vec<f64>>();
    let [x, y] = [column(0), column(1)].map(|values| {
        let mean = sum::sum(&values) / values.len() as f64;
        values.iter().map(|value| value - mean).collect::<Vec<f64>>()
    });
    let width = sum::dot(&x, &x);
    let slope = sum::dot(&x, &y) / width;
    let left: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - slope * x).collect();
    (slope, (sum::dot(&left, &left) / (points.len() as f64 - 2.0) / width).sqrt())
}

/// The largest difference between `slope` and that over half of the points or more, and at least 3, in a row.
fn spread(points: &[[f64; 2]], slope: f64) -> f64 {
    let shortest = points.len().div_ceil(2).max(3);
    let windows = (shortest..=points.len()).flat_map(|length| points.windows(length));
    windows.map(|window| (regression(window).0 - slope).abs()).fold(0.0, f64::max)
}

/// The slope from every size to the first that is at least twice as large.
pub fn local_slopes(counts: &[Count]) -> Vec<Slope> {
    let of = |(index, first): (usize, &Count)| {
        let last = counts[index..].iter().find(|other| other.size >= first.size * (2.0 - 1e-9))?;
        let octaves = math::ln(last.size / first.size);
        let slope = math::ln(first.mean / last.mean) / octaves;
        Some(Slope { size: (first.size * last.size).sqrt(), slope })
    };
    counts.iter().enumerate().filter_map(of).collect()
}

/// The size at which the local slope first passes `level` upwards, interpolated; `None` if it never does.
pub fn crossover(slopes: &[Slope], level: f64) -> Option<f64> {
    let pair = slopes.windows(2).find(|pair| pair[0].slope < level && pair[1].slope >= level)?;
    let share = (level - pair[0].slope) / (pair[1].slope - pair[0].slope);
    let [a, b] = [pair[0].size, pair[1].size].map(math::ln);
    Some(math::exp(a + (b - a) * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power_law(dimension: f64, wave: f64) -> Vec<Count> {
        let size = |k: i32| math::exp2(f64::from(k) / 4.0);
        let mean = |s: f64| 1e12 * math::powf(s, -dimension) * math::exp(wave * math::sin(6.0 * math::ln(s)));
        (0..40).map(|k| Count { size: size(k), anchored: 1, mean: mean(size(k)), doubt: 1.0 }).collect()
    }

    #[test]
    fn a_power_law_has_its_exponent_and_no_error() {
        for dimension in [0.0, 0.63, 1.5, 2.0] {
            let found = estimate(&power_law(dimension, 0.0), 8.0, 128.0).unwrap();
            assert!((found.dimension - dimension).abs() < 1e-13 && found.uncertainty() < 1e-7, "{found:?}");
            assert_eq!(found.window, [8.0, 128.0]);
            let slopes = local_slopes(&power_law(dimension, 0.0));
            assert!(slopes.iter().all(|slope| (slope.slope - dimension).abs() < 1e-13));
        }
    }

    /// Counts of a line at sizes 1, 2, 4, 8, where `doubt` is how far the first may be off, as a factor.
    fn line(first: f64, doubt: f64) -> Vec<Count> {
        let doubts = [doubt, 1.0, 1.0, 1.0];
        let count = |k: usize| {
            let size = f64::from(1 << k);
            Count { size, anchored: 1, mean: first / size, doubt: doubts[k] }
        };
        (0..4).map(count).collect()
    }

    #[test]
    fn two_boxes_more_or_fewer_are_part_of_the_spread() {
        // The last three of 64, 32, 16, 8, with two fewer each: 30, 14, 6.
        let found = estimate(&line(64.0, 1.0), 1.0, 8.0).unwrap();
        let expected = math::log2(30.0 / 6.0) / 2.0 - 1.0;
        assert!((found.dimension - 1.0).abs() < 1e-14 && found.regression < 1e-14, "{found:?}");
        assert!((found.uncertainty() - expected).abs() < 1e-14, "{found:?}");
        // Of 8, 4, 2, 1 two fewer are 6, 2, 1, 1: nothing is below a box. The first three fall by 6, the last by 2.
        let few = estimate(&line(8.0, 1.0), 1.0, 8.0).unwrap();
        let expected = 1.0 - math::log2(2.0) / 2.0;
        assert!((few.uncertainty() - expected).abs() < 1e-14, "{few:?}");
    }

    #[test]
    fn what_pixels_leave_open_is_part_of_the_spread() {
        // Twice as many boxes of the first size: over three sizes the slope is larger by log2(2) / 2.
        let found = estimate(&line(1e15, 2.0), 1.0, 8.0).unwrap();
        assert!((found.uncertainty() - 0.5).abs() < 1e-12, "{found:?}");
        let sure = estimate(&line(1e15, 1.0), 1.0, 8.0).unwrap();
        assert!(sure.uncertainty() < 1e-12, "{sure:?}");
    }

    #[test]
    fn waves_around_a_power_law_widen_the_interval() {
        let [calm, rough] = [0.01, 0.05].map(|wave| estimate(&power_law(1.5, wave), 8.0, 128.0).unwrap());
        assert!(calm.uncertainty() < rough.uncertainty());
        assert!((rough.dimension - 1.5).abs() < rough.uncertainty());
    }

    #[test]
    fn too_few_sizes_give_nothing() {
        assert_eq!(estimate(&power_law(1.0, 0.0), 8.0, 11.5), None);
        assert!(estimate(&power_law(1.0, 0.0), 8.0, 13.5).is_some());
    }

    #[test]
    fn a_crossover_is_interpolated() {
        let slope = |size: f64, slope: f64| Slope { size, slope };
        let slopes = [slope(1.0, 1.0), slope(2.0, 1.25), slope(8.0, 1.75), slope(16.0, 2.0)];
        assert!((crossover(&slopes, 1.5).unwrap() - 4.0).abs() < 1e-12);
        assert_eq!(crossover(&slopes, 2.5), None);
        assert_eq!(crossover(&slopes, 0.5), None);
    }
}
