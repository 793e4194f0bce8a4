//! Bands: a lower and an upper end for a list of numbers.

use octavo_plugin::figure::Stat;

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
    pub const NAMES: &'static str =
        "`p05-p95` (any two percentiles from 0 to 100, such as `p2.5-p97.5`), `min-max`, `sd`, `ci95`";

    /// Reads a name; `None` if it is none.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "min-max" => return Some(Self::MinMax),
            "sd" => return Some(Self::Sd),
            "ci95" => return Some(Self::Ci95),
            _ => {}
        }
        let (low, high) = name.split_once('-')?;
        let (low, high) = (percent(low)?, percent(high)?);
        (low < high && high <= 1.0).then_some(Self::Percentiles(low, high))
    }

    /// Why this band is not one of that statistic, if it is not: deviation and interval are those of the mean, and around a
    /// total or a number of rows there is no band at all.
    pub fn unfit(self, stat: Stat) -> Option<&'static str> {
        match (self, stat) {
            (_, Stat::Sum | Stat::Count) => {
                Some("a total or a number of rows has no spread; choose `mean` or `median`")
            }
            (Self::Sd, Stat::Median | Stat::Min | Stat::Max) => Some(
                "`sd` is the deviation from the mean; choose `stat = \"mean\"`, or a band such as `p25-p75`",
            ),
            (Self::Ci95, Stat::Median | Stat::Min | Stat::Max) => Some(
                "`ci95` is the interval of the mean; choose `stat = \"mean\"`, or a band such as `p2.5-p97.5`",
            ),
            _ => None,
        }
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
            Self::Ci95 => mean_interval(values, 0.95),
        }
    }
}

/// The share that `p2.5` names: up to three digits, and as many decimals.
fn percent(text: &str) -> Option<f64> {
    let number = text.strip_prefix('p')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| format!("{number}e-2").parse().ok()).flatten()
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
            ("p2.5-p97.5", Some(Band::Percentiles(0.025, 0.975))),
            ("p0.1-p99.9", Some(Band::Percentiles(0.001, 0.999))),
            ("p2.-p97", None),
            ("p.5-p97", None),
            ("p2.5.5-p97", None),
            ("p2,5-p97,5", None),
            ("p1e1-p97", None),
            ("p5-p5.0", None),
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
        near("p2.5-p97.5", 2.5, 97.5);
        near("min-max", 0.0, 100.0);
        // The variance of 0..=n is (n + 1)(n + 2) / 12.
        let sd = (101.0 * 102.0 / 12.0_f64).sqrt();
        near("sd", 50.0 - sd, 50.0 + sd);
        assert_eq!(Band::Ci95.of(&[1.0]), None);
        assert_eq!(Band::MinMax.of(&[]), None);
    }

    #[test]
    fn bands_belong_to_statistics() {
        let all = [Stat::Mean, Stat::Median, Stat::Min, Stat::Max, Stat::Sum, Stat::Count];
        let fitting =
            |band: Band| all.into_iter().filter(|stat| band.unfit(*stat).is_none()).collect::<Vec<_>>();
        assert_eq!(fitting(Band::Ci95), [Stat::Mean]);
        assert_eq!(fitting(Band::Sd), [Stat::Mean]);
        let spreads = [Stat::Mean, Stat::Median, Stat::Min, Stat::Max];
        assert_eq!(fitting(Band::MinMax), spreads);
        assert_eq!(fitting(Band::Percentiles(0.25, 0.75)), spreads);
    }

    /// Exact values: t with one degree of freedom is Cauchy's distribution, tan(0.475 π); with two it is
    /// 0.95 √(2 / (1 - 0.95²)); with four it follows from a cubic.
    #[test]
    fn intervals_of_the_mean_are_exact() {
        let cauchy = 12.706_204_736_174_698;
        let two = 4.302_652_729_749_464;
        let four = 2.776_445_105_197_799;
        for (values, mean, half) in [
            (&[0.0, 1.0][..], 0.5, cauchy / 2.0),
            (&[1.0, 2.0, 3.0], 2.0, two / 3.0_f64.sqrt()),
            (&[2.0, 4.0, 4.0, 4.0, 6.0], 4.0, four * 2.0_f64.sqrt() / 5.0_f64.sqrt()),
        ] {
            let (low, high) = Band::Ci95.of(values).unwrap();
            assert!((high - mean - half).abs() < 1e-12 && (mean - low - half).abs() < 1e-12, "{low} {high}");
        }
        // Deviations of 0 and 2 from 1: the divisor is n - 1.
        assert_eq!(Band::Sd.of(&[0.0, 2.0]), Some((1.0 - 2.0_f64.sqrt(), 1.0 + 2.0_f64.sqrt())));
        assert_eq!((Band::Sd.of(&[3.0]), Band::Ci95.of(&[3.0]), Band::Ci95.of(&[])), (None, None, None));
    }
}
