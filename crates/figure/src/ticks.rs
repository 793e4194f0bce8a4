//! Where ticks stand and what they say.
//!
//! Steps are 1, 2 or 5 times a power of ten, as a person would choose; positions are exact decimals, so that labels never
//! show rounding. On logarithmic axes powers of ten come first, then 2 and 5 between them.

use octavo_plugin::math;

use octavo_definition::locale::Locale;

use super::scene::{Level, Span, number, plain};
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

/// Ticks of a logarithmic axis; `low` and `high` are decimal logarithms.
pub(crate) fn log(low: f64, high: f64, most: usize, locale: &Locale) -> Ticks {
    let most = most.max(2);
    let slack = 1e-9 * (high - low).abs();
    let (first, last) = ((low - slack).ceil() as i64, (high + slack).floor() as i64);
    let decades = usize::try_from(last - first + 1).unwrap_or(0);
    if decades >= 2 && (decades > 2 || most <= 4 || high - low > 1.7) {
        return decade_ticks(low, high, first, last, most, locale);
    }
    let between = |digits: &[i64]| -> Vec<(i64, i64)> {
        let all = (first - 1..=last).flat_map(|e| digits.iter().map(move |units| (*units, e)));
        let inside = |at: f64| at >= low - slack && at <= high + slack;
        all.filter(|(units, e)| inside(coordinate(*units, *e))).collect()
    };
    let sets: [&[i64]; 3] = [&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[1, 2, 5], &[1, 3]];
    let fitting = sets.iter().map(|digits| between(digits)).find(|set| set.len() <= most && set.len() >= 2);
    let Some(chosen) = fitting else {
        return narrow_log(low, high, most, locale);
    };
    let minor = between(sets[0]).iter().map(|(units, e)| coordinate(*units, *e)).collect();
    // All of an axis with a power of ten, or none.
    let scientific = chosen.iter().any(|(_, e)| is_scientific(*e));
    let label = |units: i64, e: i64| match Decimal::new(units, e) {
        decimal if scientific => Written::scientific(&decimal, locale),
        decimal => Written::positional(&decimal, 0, locale),
    };
    let tick = |(units, e): (i64, i64)| Tick { at: coordinate(units, e), label: number(&label(units, e)) };
    let major = chosen.into_iter().map(tick).collect();
    Ticks { major, minor }
}

/// Ticks of a logarithmic axis of small integers: at the data where they are few, else at powers of two. `None` if neither
/// fits.
pub(crate) fn small_integers(
    low: f64,
    high: f64,
    most: usize,
    integer: bool,
    places: &[u32],
    locale: &Locale,
) -> Option<Ticks> {
    const LARGEST: f64 = 2.11;
    if !integer || high > LARGEST && places.is_empty() {
        return None;
    }
    let inside = |number: &u32| {
        let at = math::log10(f64::from(*number));
        at >= low - 1e-9 && at <= high + 1e-9
    };
    let powers = |stride: usize| (0..8).step_by(stride).map(|power| 1_u32 << power).filter(inside).collect();
    let data: Vec<u32> = places.iter().copied().filter(inside).collect();
    let small = high <= LARGEST;
    let candidates: [Vec<u32>; 4] =
        if small { [data, powers(1), powers(2), powers(3)] } else { [data, vec![], vec![], vec![]] };
    let fits = |ticks: &&Vec<u32>| (2..=most).contains(&ticks.len());
    let chosen = candidates.iter().find(fits)?;
    let tick = |number: &u32| Tick {
        at: math::log10(f64::from(*number)),
        label: plain(locale.number(&number.to_string())),
    };
    Some(Ticks { major: chosen.iter().map(tick).collect(), minor: Vec::new() })
}

fn coordinate(units: i64, exponent: i64) -> f64 {
    exponent as f64 + math::log10(units as f64)
}

/// A power of ten: written out where all of an axis are, and 1 and 10 always.
fn decade(exponent: i64, out: bool, locale: &Locale) -> Vec<Span> {
    let decimal = Decimal::new(1, exponent);
    number(&if out || (0..=1).contains(&exponent) {
        Written::positional(&decimal, 0, locale)
    } else {
        Written::scientific(&decimal, locale)
    })
}

fn decade_ticks(low: f64, high: f64, first: i64, last: i64, most: usize, locale: &Locale) -> Ticks {
    const STRIDES: [i64; 18] = [1, 2, 3, 4, 5, 6, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000];
    let count = |stride: &i64| (last.div_euclid(*stride) - (first - 1).div_euclid(*stride)) as usize;
    let stride = STRIDES.into_iter().find(|stride| count(stride) <= most).unwrap_or((last - first).max(1));
    let major = (first..=last)
        .filter(|e| e.rem_euclid(stride) == 0)
        .map(|e| Tick { at: e as f64, label: decade(e, first >= -3 && last <= 5, locale) })
        .collect();
    let minor = if stride == 1 && last - first <= 4 {
        let all = (first - 1..=last).flat_map(|e| (2..10).map(move |units| coordinate(units, e)));
        all.filter(|at| *at > low && *at < high).collect()
    } else if stride > 1 && last - first <= 24 {
        (first..=last).filter(|e| e.rem_euclid(stride) != 0).map(|e| e as f64).collect()
    } else {
        Vec::new()
    };
    Ticks { major, minor }
}

/// Less than a third of a decade: evenly spaced values, at their logarithms.
fn narrow_log(low: f64, high: f64, most: usize, locale: &Locale) -> Ticks {
    if low.abs().max(high.abs()) > 300.0 {
        let ticks = linear(low, high, most, false, locale);
        let raise = |tick: Tick| Tick {
            label: vec![
                Span { text: "10".to_owned(), level: Level::Base },
                Span { text: super::scene::flat(&tick.label), level: Level::Raised },
            ],
            ..tick
        };
        return Ticks { major: ticks.major.into_iter().map(raise).collect(), minor: Vec::new() };
    }
    let ticks = linear(math::powf(10.0, low), math::powf(10.0, high), most, false, locale);
    let place = |tick: Tick| (tick.at > 0.0).then(|| Tick { at: math::log10(tick.at), ..tick });
    Ticks { major: ticks.major.into_iter().filter_map(place).collect(), minor: Vec::new() }
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
    side(-low, most).into_iter().for_each(|exponent| add(-1.0, exponent));
    side(high, most).into_iter().rev().for_each(|exponent| add(1.0, exponent));
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
mod tests {
    use super::*;
    use crate::scene::flat;

    fn labels(ticks: &Ticks) -> Vec<String> {
        ticks.major.iter().map(|tick| flat(&tick.label)).collect()
    }

    fn check_linear(low: f64, high: f64, most: usize, integer: bool, expected: &[&str]) {
        let ticks = linear(low, high, most, integer, &Locale::built_in("en").unwrap());
        assert_eq!(labels(&ticks), expected, "[{low}, {high}] with {most}");
    }

    fn check_log(low: f64, high: f64, most: usize, expected: &[&str]) {
        let ticks = log(low, high, most, &Locale::built_in("en").unwrap());
        assert_eq!(labels(&ticks), expected, "10^[{low}, {high}] with {most}");
        assert!(ticks.major.iter().all(|tick| tick.at >= low - 1e-6 && tick.at <= high + 1e-6));
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
        check_linear(0.0, 3e7, 3, false, &["0", "1×10^7", "2×10^7", "3×10^7"]);
        check_linear(0.0, 1e6, 5, false, &["0", "2×10^5", "4×10^5", "6×10^5", "8×10^5", "10×10^5"]);
        check_linear(0.0, 2e6, 4, false, &["0", "0.5×10^6", "1.0×10^6", "1.5×10^6", "2.0×10^6"]);
        check_linear(-1e6, 1e6, 4, false, &["−1.0×10^6", "−0.5×10^6", "0", "0.5×10^6", "1.0×10^6"]);
        check_linear(1e-6, 1.2e-6, 2, false, &["1.0×10^−6", "1.1×10^−6", "1.2×10^−6"]);
        check_linear(0.0, 4e-7, 2, false, &["0", "2×10^−7", "4×10^−7"]);
        check_linear(99.995, 100.005, 2, false, &["99.995", "100.000", "100.005"]);
    }

    /// Whatever the range: labels with powers of ten share one, and keep their mantissa.
    #[test]
    fn ticks_share_one_power_of_ten() {
        let english = Locale::built_in("en").unwrap();
        for exponent in -12..14 {
            for (low, high) in [(0.0, 1.0), (0.0, 2.0), (-1.0, 1.0), (0.3, 0.9), (1.0, 9.9), (0.0, 3.1)] {
                let size = Decimal::new(1, exponent).value();
                let ticks = linear(low * size, high * size, 6, false, &english);
                let powers: Vec<String> = ticks
                    .major
                    .iter()
                    .map(|tick| {
                        let raised = tick.label.iter().filter(|span| span.level == Level::Raised);
                        raised.map(|span| span.text.clone()).collect()
                    })
                    .collect();
                let own =
                    |(tick, power): &(&Tick, &String)| tick.at != 0.0 && **power != powers[powers.len() - 1];
                assert!(!ticks.major.iter().zip(&powers).any(|pair| own(&pair)), "{:?}", labels(&ticks));
                let bare = |label: &String| label.starts_with("10^") || label.starts_with("−10^");
                assert!(!labels(&ticks).iter().any(bare), "{:?}", labels(&ticks));
            }
        }
    }

    #[test]
    fn linear_ticks_never_run_away() {
        for (low, high) in [(1e299, 2e299), (-1e-300, 1e-300), (1.0, 1.0 + 1e-11), (0.0, f64::MIN_POSITIVE)] {
            let ticks = linear(low, high, 6, false, &Locale::built_in("en").unwrap());
            assert!(ticks.major.len() <= 12, "{low} {high}: {}", ticks.major.len());
        }
    }

    #[test]
    fn log_ticks_are_powers_of_ten() {
        check_log(0.0, 4.0, 6, &["1", "10", "100", "1000", "10,000"]);
        check_log(-2.0, 0.0, 6, &["0.01", "0.1", "1"]);
        check_log(0.0, 8.0, 12, &["1", "10", "10^2", "10^3", "10^4", "10^5", "10^6", "10^7", "10^8"]);
        check_log(-9.0, 0.0, 5, &["10^−8", "10^−6", "10^−4", "10^−2", "1"]);
        check_log(0.0, 301.03, 5, &["1", "10^100", "10^200", "10^300"]);
        check_log(1.39, 2.31, 6, &["50", "100", "200"]);
        check_log(-0.3, 1.2, 6, &["1", "2", "5", "10"]);
        check_log(2.0, 2.1, 3, &["100", "110", "120"]);
        check_log(5.2, 6.8, 6, &["2×10^5", "5×10^5", "10^6", "2×10^6", "5×10^6"]);
    }

    #[test]
    fn ticks_of_small_integers_are_those_of_the_data_or_powers_of_two() {
        let english = Locale::built_in("en").unwrap();
        let shown = |high: f64, most: usize, places: &[u32]| {
            small_integers(0.0, high, most, true, places, &english).map(|ticks| labels(&ticks))
        };
        let words = |all: &[&str]| Some(all.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert_eq!(shown(1.21, 6, &[]), words(&["1", "2", "4", "8", "16"]));
        assert_eq!(shown(1.21, 4, &[1, 2, 3, 5, 16]), words(&["1", "4", "16"]));
        assert_eq!(shown(2.4, 6, &[25, 50, 100, 200]), words(&["25", "50", "100", "200"]));
        assert_eq!(shown(2.4, 3, &[25, 50, 100, 200]), None);
        assert_eq!(shown(4.0, 6, &[]), None);
        assert_eq!(small_integers(0.0, 1.0, 6, false, &[], &english), None);
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
