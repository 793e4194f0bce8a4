//! Bands: a lower and an upper end for a list of numbers.

use super::{mean, mean_interval, quantile, sd};

/// A kind of band, as figures name it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Band {
    /// Between two percentiles, such as `p05-p95`.
    Percentiles(f64, f64),
    /// `min-max`: between the smallest and the largest value.
    MinMax,
    /// `sd`: the mean minus and plus one standard deviation.
    Sd,
    /// `ci95`: the 95 % interval of the mean by Student's t distribution.
    Ci95,
}

impl Band {
    /// The names that [`Band::parse`] reads, for messages.
    pub const NAMES: &'static str = "`p05-p95` (any two percentiles from 0 to 100), `min-max`, `sd`, `ci95`";

    /// Reads a name; `None` if it is none.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "min-max" => return Some(Self::MinMax),
            "sd" => return Some(Self::Sd),
            "ci95" => return Some(Self::Ci95),
            _ => {}
        }
        let (low, high) = name.split_once('-')?;
        let percent = |text: &str| {
            let digits = text.strip_prefix('p').filter(|d| !d.is_empty() && d.len() <= 3)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten()
        };
        let (low, high) = (percent(low)?, percent(high)?);
        (low < high && high <= 100)
            .then(|| Self::Percentiles(f64::from(low) / 100.0, f64::from(high) / 100.0))
    }

    /// The lower and upper end; `None` for too few values (two for `sd` and `ci95`, one for the others).
    pub fn of(self, values: &[f64]) -> Option<(f64, f64)> {
        match self {
            Self::Percentiles(low, high) => Some((quantile(values, low)?, quantile(values, high)?)),
            Self::MinMax => Some((quantile(values, 0.0)?, quantile(values, 1.0)?)),
            Self::Sd => {
                let (mean, sd) = (mean(values)?, sd(values)?);
                Some((mean - sd, mean + sd))
            }
            Self::Ci95 => mean_interval(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, band) in [
            ("p05-p95", Some(Band::Percentiles(0.05, 0.95))),
            ("p0-p100", Some(Band::Percentiles(0.0, 1.0))),
            ("p25-p75", Some(Band::Percentiles(0.25, 0.75))),
            ("min-max", Some(Band::MinMax)),
            ("sd", Some(Band::Sd)),
            ("ci95", Some(Band::Ci95)),
            ("p95-p05", None),
            ("p5-p101", None),
            ("p-p50", None),
            ("05-95", None),
            ("", None),
        ] {
            assert_eq!(Band::parse(name), band, "{name}");
        }
    }

    #[test]
    fn ends() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let near = |name: &str, low: f64, high: f64| {
            let (a, b) = Band::parse(name).unwrap().of(&values).unwrap();
            assert!((a - low).abs() < 1e-9 && (b - high).abs() < 1e-9, "{name}: {a} {b}");
        };
        near("p05-p95", 5.0, 95.0);
        near("min-max", 0.0, 100.0);
        // The variance of 0..=n is (n + 1)(n + 2) / 12.
        let sd = (101.0 * 102.0 / 12.0_f64).sqrt();
        near("sd", 50.0 - sd, 50.0 + sd);
        assert_eq!(Band::Ci95.of(&[1.0]), None);
        assert_eq!(Band::MinMax.of(&[]), None);
    }
}
