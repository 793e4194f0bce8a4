//! Ticks of logarithmic axes: powers of ten, 1-2-5 between them where a few decades are shown, and both ends labelled.

use octavo_plugin::math;

use octavo_definition::locale::Locale;

use super::{Tick, Ticks, is_scientific, linear};
use crate::scene::{self, Level, Span, number, plain};
use octavo_tables::number::{Decimal, Written};

/// The most decades whose 2 and 5 have labels.
const FEW: f64 = 2.05;
/// Fewer decades than these have no powers of ten to speak of.
const NARROW: f64 = 0.7;
/// The most decades that show what lies between their powers.
const DIVIDED: i64 = 6;
/// The least distance of two labels, as a part of the room that each has: they are lower than wide.
const LEAST: f64 = 0.45;
/// The same for a label at an end, which is one more.
const END: f64 = 0.6;

const DIGITS: [i64; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const ROUND: [i64; 3] = [1, 2, 5];

/// A digit and its power of ten.
type Place = (i64, i64);

/// Ticks of a logarithmic axis; `low` and `high` are decimal logarithms.
pub(crate) fn log(low: f64, high: f64, most: usize, locale: &Locale) -> Ticks {
    let axis = Interval { low, high, room: (high - low) / most.max(2) as f64 };
    if high - low <= FEW
        && let Some(labels) = axis.digits()
    {
        return axis.ticks(&labels, &axis.between(&DIGITS), locale);
    }
    match axis.powers() {
        Some((first, last)) if high - low >= NARROW && last > first => {
            axis.decades(first, last, most.max(2), locale)
        }
        _ => narrow(low, high, most.max(2), locale),
    }
}

/// What an axis shows, in decimal logarithms, and the room for one label.
struct Interval {
    low: f64,
    high: f64,
    room: f64,
}

impl Interval {
    fn slack(&self) -> f64 {
        1e-9 * (self.high - self.low).abs()
    }

    /// The first and the last power of ten.
    fn powers(&self) -> Option<(i64, i64)> {
        let (first, last) =
            ((self.low - self.slack()).ceil() as i64, (self.high + self.slack()).floor() as i64);
        (first <= last).then_some((first, last))
    }

    /// The places with these digits, ascending.
    fn between(&self, digits: &[i64]) -> Vec<Place> {
        let (first, last) =
            ((self.low - self.slack()).floor() as i64, (self.high + self.slack()).floor() as i64);
        let all = (first..=last).flat_map(|e| digits.iter().map(move |units| (*units, e)));
        let inside = |at: f64| at >= self.low - self.slack() && at <= self.high + self.slack();
        all.filter(|place| inside(coordinate(*place))).collect()
    }

    /// The labels of a few decades: as many as stand apart.
    fn digits(&self) -> Option<Vec<Place>> {
        let apart = |places: &Vec<Place>| {
            places.windows(2).all(|pair| coordinate(pair[1]) - coordinate(pair[0]) >= LEAST * self.room)
        };
        let enough = |places: &Vec<Place>| places.len() >= if self.high - self.low < NARROW { 3 } else { 2 };
        let sets: [&[i64]; 4] = [&DIGITS, &ROUND, &[1, 3], &[1]];
        let mut chosen =
            sets.iter().map(|digits| self.between(digits)).find(|set| apart(set) && enough(set))?;
        self.label_ends(&mut chosen);
        Some(chosen)
    }

    /// Adds the outermost round values where they have room.
    fn label_ends(&self, labels: &mut Vec<Place>) {
        let round = self.between(&ROUND);
        let (Some(lowest), Some(highest)) = (round.first(), round.last()) else { return };
        if labels.first().is_some_and(|first| coordinate(*first) - coordinate(*lowest) >= END * self.room) {
            labels.insert(0, *lowest);
        }
        if labels.last().is_some_and(|last| coordinate(*highest) - coordinate(*last) >= END * self.room) {
            labels.push(*highest);
        }
    }

    /// All labels have a power of ten, or none has.
    fn ticks(&self, labels: &[Place], all: &[Place], locale: &Locale) -> Ticks {
        let scientific = labels.iter().any(|(_, e)| is_scientific(*e));
        let label = |(units, e): Place| match Decimal::new(units, e) {
            decimal if scientific && e == 0 => Written::positional(&decimal, 0, locale),
            decimal if scientific => Written::scientific(&decimal, locale),
            decimal => Written::positional(&decimal, 0, locale),
        };
        let major = labels.iter().map(|place| Tick { at: coordinate(*place), label: number(&label(*place)) });
        let minor = all.iter().filter(|place| !labels.contains(place)).map(|place| coordinate(*place));
        Ticks { major: major.collect(), minor: minor.collect() }
    }

    fn decades(&self, first: i64, last: i64, most: usize, locale: &Locale) -> Ticks {
        let (stride, phase) = stride(first, last, most);
        let powers = || (first..=last).filter(|e| (e - phase).rem_euclid(stride) == 0);
        if stride > 1 {
            let out = first >= -3 && last <= 5;
            let major = powers().map(|e| Tick { at: e as f64, label: decade(e, out, locale) }).collect();
            let minor = (first..=last).filter(|e| last - first <= 24 && (e - phase).rem_euclid(stride) != 0);
            return Ticks { major, minor: minor.map(|e| e as f64).collect() };
        }
        let mut labels: Vec<Place> = powers().map(|e| (1, e)).collect();
        if last - first > DIVIDED {
            let major = labels.iter().map(|(_, e)| Tick { at: *e as f64, label: decade(*e, false, locale) });
            return Ticks { major: major.collect(), minor: Vec::new() };
        }
        self.label_ends(&mut labels);
        let out = first >= -3 && last <= 5;
        let label = |(units, e): Place| match units {
            1 => decade(e, out, locale),
            _ if out || e == 0 => number(&Written::positional(&Decimal::new(units, e), 0, locale)),
            _ => number(&Written::scientific(&Decimal::new(units, e), locale)),
        };
        let minor = self.between(&DIGITS).into_iter().filter(|place| !labels.contains(place));
        let minor = minor.map(coordinate).collect();
        let major =
            labels.iter().map(|place| Tick { at: coordinate(*place), label: label(*place) }).collect();
        Ticks { major, minor }
    }
}

/// How many decades lie between two labels, and one of the labels: both ends have one where that takes no more than half
/// of the labels away.
fn stride(first: i64, last: i64, most: usize) -> (i64, i64) {
    const STRIDES: [i64; 18] = [1, 2, 3, 4, 5, 6, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000];
    let count = |stride: &i64| (last.div_euclid(*stride) - (first - 1).div_euclid(*stride)) as usize;
    let stride = STRIDES.into_iter().find(|stride| count(stride) <= most).unwrap_or((last - first).max(1));
    let whole = |wide: &i64| {
        (stride..=2 * stride).contains(wide) && (last - first) % wide == 0 && (last - first) / wide >= 2
    };
    let fits = |wide: &i64| whole(wide) && ((last - first) / wide) < most as i64;
    STRIDES.into_iter().find(fits).map_or((stride, 0), |wide| (wide, first))
}

fn coordinate((units, exponent): Place) -> f64 {
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

/// Less than a decade: evenly spaced values, at their logarithms.
fn narrow(low: f64, high: f64, most: usize, locale: &Locale) -> Ticks {
    if low.abs().max(high.abs()) > 300.0 {
        let ticks = linear(low, high, most, false, locale);
        let raise = |tick: Tick| Tick {
            label: vec![
                Span { text: "10".to_owned(), level: Level::Base },
                Span { text: scene::flat(&tick.label), level: Level::Raised },
            ],
            ..tick
        };
        return Ticks { major: ticks.major.into_iter().map(raise).collect(), minor: Vec::new() };
    }
    let ticks = linear(math::powf(10.0, low), math::powf(10.0, high), most, false, locale);
    let place = |tick: Tick| (tick.at > 0.0).then(|| Tick { at: math::log10(tick.at), ..tick });
    Ticks { major: ticks.major.into_iter().filter_map(place).collect(), minor: Vec::new() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticks::tests::labels;

    fn check_log(low: f64, high: f64, most: usize, expected: &[&str]) {
        let ticks = log(low, high, most, &Locale::built_in("en").unwrap());
        assert_eq!(labels(&ticks), expected, "10^[{low}, {high}] with {most}");
        assert!(ticks.major.iter().all(|tick| tick.at >= low - 1e-6 && tick.at <= high + 1e-6));
        let both = ticks.minor.iter().filter(|at| ticks.major.iter().any(|tick| tick.at == **at));
        assert_eq!(both.count(), 0, "a tick is labelled or not");
    }

    #[test]
    fn log_ticks_are_powers_of_ten() {
        check_log(0.0, 4.0, 6, &["1", "10", "100", "1000", "10,000"]);
        check_log(0.0, 8.0, 12, &["1", "10", "10^2", "10^3", "10^4", "10^5", "10^6", "10^7", "10^8"]);
        check_log(0.0, 301.03, 5, &["1", "10^100", "10^200", "10^300"]);
    }

    #[test]
    fn few_decades_have_labels_at_one_two_and_five() {
        check_log(-2.0, 0.0, 6, &["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
        check_log(1.39, 2.31, 6, &["50", "100", "200"]);
        check_log(-0.3, 1.2, 6, &["1", "2", "5", "10"]);
        check_log(5.2, 6.8, 6, &["2×10^5", "5×10^5", "10^6", "2×10^6", "5×10^6"]);
        check_log(0.2, 0.9, 9, &["2", "3", "4", "5", "6", "7"]);
        check_log(2.0, 2.1, 3, &["100", "110", "120"]);
    }

    #[test]
    fn the_ends_have_labels_where_there_is_room() {
        check_log(-9.0, 0.0, 5, &["10^−9", "10^−6", "10^−3", "1"]);
        check_log(-0.45, 1.8, 6, &["0.5", "1", "10", "50"]);
        check_log(-0.2, 2.1, 4, &["1", "10", "100"]);
        check_log(
            -8.7,
            0.3,
            9,
            &["10^−8", "10^−7", "10^−6", "10^−5", "10^−4", "10^−3", "10^−2", "10^−1", "1"],
        );
    }

    #[test]
    fn what_lies_between_powers_has_ticks_without_labels() {
        let english = Locale::built_in("en").unwrap();
        let minor = |low: f64, high: f64, most: usize| log(low, high, most, &english).minor.len();
        assert_eq!((minor(0.0, 3.0, 5), minor(0.0, 6.0, 7), minor(0.0, 7.0, 8)), (24, 48, 0));
        assert_eq!(minor(0.0, 12.0, 7), 6, "every other power has no label");
        let ticks = log(0.0, 2.0, 7, &english);
        assert_eq!((ticks.major.len(), ticks.minor.len()), (7, 12));
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
}
