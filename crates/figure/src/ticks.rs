//! Where ticks stand and what they say.
//!
//! Steps are 1, 2 or 5 times a power of ten, as a person would choose; positions are exact decimals, so that labels never
//! show rounding.

pub(crate) mod dates;
mod logarithmic;

pub(crate) use logarithmic::{log, small_integers};
use octavo_plugin::math;

use octavo_definition::locale::Locale;

use super::scene::{Span, number, plain};
use octavo_tables::number::{Decimal, Written};

/// A labelled tick.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Its coordinate in the space of the scale.
    pub(crate) at: f64,
    /// What it says.
    pub(crate) label: Vec<Span>,
}

/// Labelled ticks, and unlabelled ones between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    /// With labels, ascending.
    pub(crate) major: Vec<Tick>,
    /// Without.
    pub(crate) minor: Vec<f64>,
}

impl Ticks {
    /// Those of an axis of this span and length in pixels: without the unlabelled ones where they would run together.
    pub(crate) fn with_room(mut self, span: f64, length: f64) -> Self {
        const APART: f64 = 2.0;
        if self.minor.windows(2).any(|pair| (pair[1] - pair[0]) / span * length < APART) {
            self.minor.clear();
        }
        self
    }
}

/// The step for an interval of this length with at most `most` steps: 1, 2 or 5 times a power of ten, at least 1 for
/// integers.
pub(crate) fn step(span: f64, most: usize, integer: bool) -> Decimal {
    let rough = (span / most.max(1) as f64).min(1e300);
    let exponent = math::log10(rough.max(f64::MIN_POSITIVE)).floor() as i64;
    let candidates = (exponent - 1..=exponent + 1)
        .flat_map(|exponent| [1, 2, 5].map(|units| Decimal::new(units, exponent)))
        .filter(|step| !integer || step.exponent() >= 0);
    let fits = |step: &Decimal| step.value() >= rough * (1.0 - 1e-9);
    candidates.into_iter().find(fits).unwrap_or(Decimal::new(1, (exponent + 1).max(0)))
}

/// Multiples of a nice step in `[low, high]`, at most about `most`.
pub(crate) fn multiples(low: f64, high: f64, most: usize, integer: bool) -> Vec<Decimal> {
    let step = step(high - low, most, integer);
    let size = step.value();
    let slack = 1e-9 * (high - low) / size;
    let (first, last) = ((low / size - slack).ceil() as i64, (high / size + slack).floor() as i64);
    (first..=last.min(first.saturating_add(1000))).map(|k| step.clone().times(k)).collect()
}

/// Whether a number whose leading digit has this power of ten is written with a power of ten on an axis.
fn is_scientific(magnitude: i64) -> bool {
    !(-4..6).contains(&magnitude)
}

/// Ticks of a linear axis. All labels have the same number of decimals, and the same power of ten where they have one.
pub(crate) fn linear(low: f64, high: f64, most: usize, integer: bool, locale: &Locale) -> Ticks {
    let decimals = multiples(low, high, most, integer);
    let nonzero: Vec<&Decimal> = decimals.iter().filter(|d| !d.is_zero()).collect();
    let magnitude = nonzero.iter().map(|d| d.magnitude()).max().unwrap_or(0);
    let finest = nonzero.iter().map(|d| (*d).clone().trimmed().exponent()).min().unwrap_or(0);
    // With the last tick alone as large as this power, the one below it spares the others a `0.`.
    let reaching = nonzero.iter().filter(|d| d.magnitude() == magnitude).count();
    let power = if reaching == 1 && finest < magnitude { magnitude - 1 } else { magnitude };
    let scientific = is_scientific(magnitude) && magnitude - finest < 4;
    let places = |below: i64| usize::try_from(below - finest).unwrap_or(0);
    let label = |decimal: &Decimal| match () {
        () if decimal.is_zero() => Written::plain("0"),
        () if scientific => Written::multiple(decimal, power, places(power), locale),
        () => Written::positional(&decimal.clone().trimmed(), places(0), locale),
    };
    let major = decimals.iter().map(|d| Tick { at: d.value(), label: number(&label(d)) }).collect();
    Ticks { major, minor: Vec::new() }
}

/// Ticks of a symmetric logarithmic axis that is linear below 10^`threshold`: zero and powers of ten on both sides.
/// `low` and `high` are coordinates of [`symlog_coordinate`].
pub(crate) fn symlog(low: f64, high: f64, threshold: i32, most: usize, locale: &Locale) -> Ticks {
    let side = |reach: f64, most: usize| -> Vec<i32> {
        let decades = (reach - math::log10(9.0) + 1e-9).floor() as i32;
        let stride = (decades + 1).max(1) as usize;
        (threshold..=threshold + decades).rev().step_by(stride.div_ceil(most)).collect()
    };
    let both = low < 0.0 && high > 0.0;
    let most = if both { most / 2 } else { most }.max(1);
    let mut major = Vec::new();
    let mut add = |sign: f64, exponent: i32| {
        let at = symlog_coordinate(sign * number_of(exponent), threshold);
        if at >= low - 1e-9 && at <= high + 1e-9 {
            let decimal = Decimal::new(sign as i64, exponent.into());
            let label = if (-3..=3).contains(&exponent) {
                Written::positional(&decimal, 0, locale)
            } else {
                Written::scientific(&decimal, locale)
            };
            major.push(Tick { at, label: number(&label) });
        }
    };
    // Both sides have the same powers, as far as they reach.
    let powers = side(high.max(-low), most);
    powers.iter().for_each(|exponent| add(-1.0, *exponent));
    powers.iter().rev().for_each(|exponent| add(1.0, *exponent));
    let zero = Tick { at: 0.0, label: plain("0") };
    if low <= 0.0 && high >= 0.0 {
        let place = major.iter().position(|tick| tick.at > 0.0).unwrap_or(major.len());
        major.insert(place, zero);
    }
    Ticks { major, minor: Vec::new() }
}

fn number_of(exponent: i32) -> f64 {
    Decimal::new(1, exponent.into()).value()
}

/// The coordinate of a value on a symmetric logarithmic axis: linear up to 10^`threshold`, where it is 1, then one more
/// per decade; rounded off by log10(1 + 9 v), so that it is smooth.
pub(crate) fn symlog_coordinate(value: f64, threshold: i32) -> f64 {
    let scaled = value.abs() / number_of(threshold);
    let size = if scaled > 1e200 {
        math::log10(value.abs()) - f64::from(threshold) + math::log10(9.0)
    } else {
        math::log10(1.0 + 9.0 * scaled)
    };
    if value < 0.0 { -size } else { size }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scene::{Level, flat};

    pub(crate) fn labels(ticks: &Ticks) -> Vec<String> {
        ticks.major.iter().map(|tick| flat(&tick.label)).collect()
    }

    fn check_linear(low: f64, high: f64, most: usize, integer: bool, expected: &[&str]) {
        let ticks = linear(low, high, most, integer, &Locale::built_in("en").unwrap());
        assert_eq!(labels(&ticks), expected, "[{low}, {high}] with {most}");
    }

    #[test]
    fn linear_ticks_are_those_a_person_would_choose() {
        check_linear(0.0, 1.0, 5, false, &["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        check_linear(0.0, 1.0, 4, false, &["0", "0.5", "1.0"]);
        check_linear(-3.2, 3.2, 7, false, &["−3", "−2", "−1", "0", "1", "2", "3"]);
        check_linear(1.0, 15.0, 7, true, &["2", "4", "6", "8", "10", "12", "14"]);
        check_linear(0.0, 3.0, 9, true, &["0", "1", "2", "3"]);
        check_linear(0.0, 3.0, 6, false, &["0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"]);
        check_linear(0.0, 50_000.0, 5, false, &["0", "10,000", "20,000", "30,000", "40,000", "50,000"]);
        check_linear(0.0, 3e7, 3, false, &["0", "10^7", "2×10^7", "3×10^7"]);
        check_linear(0.0, 1e6, 5, false, &["0", "2×10^5", "4×10^5", "6×10^5", "8×10^5", "10^6"]);
        check_linear(0.0, 2e6, 4, false, &["0", "0.5×10^6", "10^6", "1.5×10^6", "2.0×10^6"]);
        check_linear(-1e6, 1e6, 4, false, &["−10^6", "−0.5×10^6", "0", "0.5×10^6", "10^6"]);
        check_linear(1e-6, 1.2e-6, 2, false, &["10^−6", "1.1×10^−6", "1.2×10^−6"]);
        check_linear(0.0, 4e-7, 2, false, &["0", "2×10^−7", "4×10^−7"]);
        check_linear(99.995, 100.005, 2, false, &["99.995", "100.000", "100.005"]);
    }

    /// Whatever the range: labels share one power of ten, but for those that are one themselves.
    #[test]
    fn ticks_share_one_power_of_ten() {
        let english = Locale::built_in("en").unwrap();
        for exponent in -12..14 {
            for (low, high) in [(0.0, 1.0), (0.0, 2.0), (-1.0, 1.0), (0.3, 0.9), (1.0, 9.9), (0.0, 3.1)] {
                let size = Decimal::new(1, exponent).value();
                let ticks = linear(low * size, high * size, 6, false, &english);
                let power = |tick: &Tick| -> String {
                    let raised = tick.label.iter().filter(|span| span.level == Level::Raised);
                    raised.map(|span| span.text.clone()).collect()
                };
                let of_ten = |tick: &&Tick| {
                    tick.at == 0.0 || flat(&tick.label).trim_start_matches('−').starts_with("10^")
                };
                let powers: std::collections::BTreeSet<String> =
                    ticks.major.iter().filter(|tick| !of_ten(tick)).map(power).collect();
                assert!(powers.len() <= 1, "{:?}", labels(&ticks));
                let twice = |label: &String| {
                    label.contains("1×10^") || label.contains("10×10^") || label.contains("1.0×10^")
                };
                assert!(
                    !labels(&ticks).iter().any(|label| twice(label) && !label.contains(".1×")),
                    "{:?}",
                    labels(&ticks)
                );
            }
        }
    }

    #[test]
    fn ticks_without_labels_do_not_run_together() {
        let ticks = Ticks { major: Vec::new(), minor: vec![0.1, 0.2, 0.9] };
        assert_eq!(ticks.clone().with_room(1.0, 20.1).minor.len(), 3);
        assert_eq!(ticks.with_room(1.0, 19.0).minor.len(), 0);
    }

    #[test]
    fn linear_ticks_never_run_away() {
        for (low, high) in [(1e299, 2e299), (-1e-300, 1e-300), (1.0, 1.0 + 1e-11), (0.0, f64::MIN_POSITIVE)] {
            let ticks = linear(low, high, 6, false, &Locale::built_in("en").unwrap());
            assert!(ticks.major.len() <= 12, "{low} {high}: {}", ticks.major.len());
        }
    }

    #[test]
    fn symlog_ticks_stand_on_both_sides() {
        let ticks = symlog(-3.0, 3.0, 0, 8, &Locale::built_in("en").unwrap());
        assert_eq!(labels(&ticks), ["−100", "−10", "−1", "0", "1", "10", "100"]);
        assert_eq!(symlog_coordinate(0.0, 0), 0.0);
        assert!((symlog_coordinate(1.0, 0) - 1.0).abs() < 1e-15);
        assert!((symlog_coordinate(-1000.0, 0) + 3.954).abs() < 1e-3);
    }

    #[test]
    fn french_ticks_have_a_comma() {
        let ticks = linear(0.0, 1.0, 2, false, &Locale::built_in("fr").unwrap());
        assert_eq!(labels(&ticks), ["0", "0,5", "1,0"]);
    }
}
