//! Statistics over the rows that share a place. Values may be integers beyond the range of floats: all are divided by one
//! power of ten first, which these statistics follow.

use octavo_plugin::figure::Stat;
use octavo_plugin::{math, sum};

use super::cell::Cell;

/// The spread that a band shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spread {
    /// Between two quantiles.
    Quantiles(f64, f64),
    /// Mean plus and minus one standard deviation.
    Deviation,
    /// The 95 % interval of the mean (Student t).
    Interval,
}

impl Spread {
    /// Reads `p05-p95`, `min-max`, `sd` or `ci95`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "min-max" => return Some(Self::Quantiles(0.0, 1.0)),
            "sd" => return Some(Self::Deviation),
            "ci95" => return Some(Self::Interval),
            _ => {}
        }
        let (low, high) = text.split_once('-')?;
        let percent =
            |side: &str| side.strip_prefix('p')?.parse::<f64>().ok().filter(|p| (0.0..=100.0).contains(p));
        let (low, high) = (percent(low)?, percent(high)?);
        (low < high).then_some(Self::Quantiles(low / 100.0, high / 100.0))
    }
}

/// Mean, median and so on of cells; cells without a number are left out.
pub(crate) fn stat(stat: Stat, cells: &[Cell]) -> Cell {
    if stat == Stat::Count {
        return Cell::Number(cells.iter().filter(|cell| cell.is_number()).count() as f64);
    }
    scaled(cells, |values| match stat {
        Stat::Mean => sum::mean(values).unwrap_or(f64::NAN),
        Stat::Median => quantile(values, 0.5),
        Stat::Min => quantile(values, 0.0),
        Stat::Max => quantile(values, 1.0),
        Stat::Sum => sum::sum(values),
        Stat::Count => f64::NAN,
    })
}

/// The lower and upper end of a spread.
pub(crate) fn spread(spread: Spread, cells: &[Cell]) -> (Cell, Cell) {
    let end = |side: f64| {
        scaled(cells, |values| match spread {
            Spread::Quantiles(low, high) => quantile(values, if side < 0.0 { low } else { high }),
            Spread::Deviation => sum::mean(values).unwrap_or(f64::NAN) + side * deviation(values),
            Spread::Interval => {
                let n = values.len() as f64;
                let half = if n > 1.0 { student_95(n - 1.0) * deviation(values) / n.sqrt() } else { 0.0 };
                sum::mean(values).unwrap_or(f64::NAN) + side * half
            }
        })
    };
    (end(-1.0), end(1.0))
}

/// Applies a function that scales with its values to cells of any size.
fn scaled(cells: &[Cell], function: impl Fn(&[f64]) -> f64) -> Cell {
    let huge = cells.iter().filter_map(|cell| match cell {
        Cell::Huge { log10, .. } => Some(*log10),
        _ => None,
    });
    let exponent = huge.fold(0.0_f64, f64::max).floor();
    let reduce = |cell: &Cell| match cell {
        Cell::Number(value) if exponent > 0.0 => Some(value * math::powf(10.0, -exponent)),
        Cell::Number(value) => Some(*value),
        Cell::Huge { negative, log10 } => {
            let size = math::powf(10.0, log10 - exponent);
            Some(if *negative { -size } else { size })
        }
        Cell::Infinite { negative } => Some(if *negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        Cell::Text(_) | Cell::Missing => None,
    };
    let values: Vec<f64> = cells.iter().filter_map(reduce).collect();
    if values.is_empty() {
        return Cell::Missing;
    }
    let result = function(&values);
    if exponent > 0.0 && result.is_finite() && result != 0.0 {
        return Cell::Huge { negative: result < 0.0, log10: math::log10(result.abs()) + exponent };
    }
    Cell::from(result)
}

/// Linear interpolation between order statistics (Hyndman and Fan's type 7).
pub(crate) fn quantile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = p * last as f64;
    let (left, part) = (at.floor() as usize, at.fract());
    let (a, b) = (sorted[left.min(last)], sorted[(left + 1).min(last)]);
    if part == 0.0 || a == b { a } else { a + (b - a) * part }
}

/// Standard deviation with n - 1; 0 for one value.
fn deviation(values: &[f64]) -> f64 {
    let Some(mean) = sum::mean(values) else { return f64::NAN };
    let squares: Vec<f64> = values.iter().map(|value| (value - mean) * (value - mean)).collect();
    if values.len() < 2 { 0.0 } else { (sum::sum(&squares) / (values.len() - 1) as f64).sqrt() }
}

/// The 97.5 % point of Student's t by a Cornish-Fisher expansion; exact values for few degrees of freedom. Error below
/// 0.1 %.
fn student_95(freedom: f64) -> f64 {
    const FEW: [f64; 6] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447];
    if freedom <= FEW.len() as f64 {
        return FEW[(freedom as usize).max(1) - 1];
    }
    let z: f64 = 1.959_964;
    let z3 = z * z * z;
    let (z5, z7) = (z3 * z * z, z3 * z3 * z);
    let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0;
    let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
    z + ((z3 + z) / 4.0 + (second + third / freedom) / freedom) / freedom
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Vec<Cell> {
        values.iter().map(|value| Cell::Number(*value)).collect()
    }

    #[test]
    fn closed_forms() {
        let cells = numbers(&[4.0, 1.0, 3.0, 2.0]);
        let cases = [
            (Stat::Mean, 2.5),
            (Stat::Median, 2.5),
            (Stat::Min, 1.0),
            (Stat::Max, 4.0),
            (Stat::Sum, 10.0),
            (Stat::Count, 4.0),
        ];
        for (kind, expected) in cases {
            assert_eq!(stat(kind, &cells), Cell::Number(expected), "{kind:?}");
        }
        assert_eq!(spread(Spread::Quantiles(0.0, 1.0), &cells), (Cell::Number(1.0), Cell::Number(4.0)));
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(stat(Stat::Mean, &[Cell::Missing]), Cell::Missing);
    }

    #[test]
    fn huge_integers_keep_their_size() {
        let huge = |log10: f64| Cell::Huge { negative: false, log10 };
        let Cell::Huge { log10, .. } = stat(Stat::Median, &[huge(400.0), huge(500.0), Cell::Number(3.0)])
        else {
            panic!("a median beyond floats");
        };
        assert!((log10 - 400.0).abs() < 1e-9);
    }

    #[test]
    fn spreads_are_read() {
        assert_eq!(Spread::parse("p05-p95"), Some(Spread::Quantiles(0.05, 0.95)));
        assert_eq!(Spread::parse("ci95"), Some(Spread::Interval));
        assert_eq!(Spread::parse("p95-p05"), None);
        assert_eq!(Spread::parse("wide"), None);
    }

    #[test]
    fn student_approaches_the_table() {
        for (freedom, expected) in [(1.0, 12.706), (7.0, 2.3646), (19.0, 2.0930), (1000.0, 1.9623)] {
            assert!((student_95(freedom) - expected).abs() < 2e-3 * expected, "{freedom}");
        }
    }
}
