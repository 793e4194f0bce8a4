//! Ticks of a time axis: at whole years, months, weeks, days, hours, minutes or seconds, as a calendar or clock has them.

use octavo_definition::locale::Locale;

use super::{Tick, Ticks, step};
use crate::scene::plain;
use crate::time::{self, DAY, Day};

/// What lies between two ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Seconds(i64),
    /// Weeks begin on Mondays.
    Days(i64),
    Months(i64),
}

/// The steps below a year that a person would choose, the shortest first.
const STEPS: [Step; 21] = [
    Step::Seconds(1),
    Step::Seconds(2),
    Step::Seconds(5),
    Step::Seconds(15),
    Step::Seconds(30),
    Step::Seconds(60),
    Step::Seconds(2 * 60),
    Step::Seconds(5 * 60),
    Step::Seconds(15 * 60),
    Step::Seconds(30 * 60),
    Step::Seconds(3600),
    Step::Seconds(2 * 3600),
    Step::Seconds(3 * 3600),
    Step::Seconds(6 * 3600),
    Step::Seconds(12 * 3600),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
];
/// The first Monday since 1970, in days.
const MONDAY: i64 = 4;
/// The most ticks without a label.
const MOST: usize = 60;
/// The least distance of a label at an end of the axis from its neighbour, as a part of the room of one label.
const END: f64 = 0.7;

/// A moment with what stands at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dated {
    /// Seconds since 1970.
    pub(crate) at: f64,
    /// Its month, day or time.
    pub(crate) label: String,
    /// What the label leaves open, at the first tick and wherever it changes; else empty.
    pub(crate) context: String,
}

/// Labelled ticks of an axis in seconds since 1970, at most about `most`, and those without a label.
pub(crate) fn dates(low: f64, high: f64, most: usize, locale: &Locale) -> (Vec<Dated>, Vec<f64>) {
    let most = most.max(2);
    let step = chosen(low, high, most);
    let mut places: Vec<(i64, Step)> = step.between(low, high).into_iter().map(|at| (at, step)).collect();
    let room = END * (high - low) / most as f64;
    let [first, last] = step.ends(low, high);
    // The ends of the axis have their own dates where no tick stands near.
    if places.first().is_none_or(|(at, _)| (*at - first) as f64 >= room) {
        places.insert(0, (first, step.at_end(first)));
    }
    if places.last().is_some_and(|(at, _)| (last - *at) as f64 >= room) {
        places.push((last, step.at_end(last)));
    }
    let mut before = String::new();
    let mut labelled = Vec::new();
    for (at, step) in places {
        let (label, context) = step.label(at, locale);
        let shown = step.shown(at, &before, &context, locale);
        before = context;
        labelled.push(Dated { at: at as f64, label, context: shown });
    }
    let minor = step
        .finer()
        .map(|finer| finer.between(low, high))
        .filter(|all| all.len() <= MOST)
        .unwrap_or_default();
    let bare = minor.into_iter().map(|at| at as f64).filter(|at| !labelled.iter().any(|tick| tick.at == *at));
    let bare = bare.collect();
    (labelled, bare)
}

/// The same on one line each, for an axis that stands.
pub(crate) fn standing(low: f64, high: f64, most: usize, locale: &Locale) -> Ticks {
    let (labelled, minor) = dates(low, high, most, locale);
    let line = |tick: Dated| {
        let words = [tick.label.as_str(), tick.context.as_str()];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        Tick { at: tick.at, label: plain(words.join(" ")) }
    };
    Ticks { major: labelled.into_iter().map(line).collect(), minor }
}

/// A moment in words: the date, and the time of day where there is one.
pub(crate) fn moment(seconds: f64, locale: &Locale) -> String {
    let seconds = seconds.round() as i64;
    let date = locale.date(&time::iso((seconds.div_euclid(DAY) * DAY) as f64));
    match seconds.rem_euclid(DAY) {
        0 => date,
        second => format!("{date}, {}", clock(second, second % 60 != 0, locale)),
    }
}

/// The shortest step of which no more ticks stand on the axis than there is room for.
fn chosen(low: f64, high: f64, most: usize) -> Step {
    let fits = |step: &Step| (high - low) / step.seconds() <= most as f64;
    STEPS.into_iter().find(fits).unwrap_or_else(|| {
        let span = (high - low) / Step::Months(12).seconds();
        Step::Months(12 * step(span, most, true).value() as i64)
    })
}

impl Step {
    /// About how long it is.
    fn seconds(self) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds as f64,
            Self::Days(days) => (days * DAY) as f64,
            Self::Months(months) => months as f64 * 30.436_875 * DAY as f64,
        }
    }

    /// Its multiples on an axis, in seconds since 1970.
    fn between(self, low: f64, high: f64) -> Vec<i64> {
        let slack = 1e-9 * (high - low);
        let inside = |at: &i64| (*at as f64) >= low - slack && (*at as f64) <= high + slack;
        let multiples = |size: i64, first: f64, last: f64, shift: i64| {
            let (first, last) =
                ((first as i64 - shift).div_euclid(size), (last as i64 - shift).div_euclid(size) + 1);
            (first..=last.min(first + 1000)).map(move |k| k * size + shift)
        };
        let days = |at: f64| at / DAY as f64;
        let months = |at: f64| Day::from_number(days(at).floor() as i64).months() as f64;
        match self {
            Self::Seconds(size) => multiples(size, low.floor(), high, 0).filter(inside).collect(),
            Self::Days(size) => {
                let shift = if size % 7 == 0 { MONDAY } else { 0 };
                multiples(size, days(low).floor(), days(high), shift)
                    .map(|day| day * DAY)
                    .filter(inside)
                    .collect()
            }
            Self::Months(size) => {
                let all = multiples(size, months(low), months(high), 0);
                all.map(|month| Day::of_month(month).number() * DAY).filter(inside).collect()
            }
        }
    }

    /// The step of ticks without a label between two of this.
    fn finer(self) -> Option<Self> {
        Some(match self {
            Self::Seconds(15..=59) => Self::Seconds(5),
            Self::Seconds(120..=900) => Self::Seconds(60),
            Self::Seconds(1800 | 3600) => Self::Seconds(900),
            Self::Seconds(7200..) | Self::Days(1) => Self::Seconds(3600),
            Self::Days(2..) => Self::Days(1),
            Self::Months(3 | 6) => Self::Months(1),
            Self::Months(12) => Self::Months(3),
            Self::Months(24 | 60) => Self::Months(12),
            Self::Months(size @ 120..) => Self::Months(size / 10),
            _ => return None,
        })
    }

    /// The first and the last moment of an axis that can have a date: the midnights where ticks are those of days.
    fn ends(self, low: f64, high: f64) -> [i64; 2] {
        let unit = if matches!(self, Self::Seconds(_)) { 1.0 } else { DAY as f64 };
        [(low / unit).ceil() * unit, (high / unit).floor() * unit].map(|end| end as i64)
    }

    /// What of the context is written after another one: of a day in the same year its year is known.
    fn shown(self, at: i64, before: &str, context: &str, locale: &Locale) -> String {
        let year = Day::from_number(at.div_euclid(DAY)).year.to_string();
        match self {
            _ if context == before => String::new(),
            Self::Seconds(_) if before.ends_with(&year) => {
                day_and_month(Day::from_number(at.div_euclid(DAY)), locale)
            }
            _ => context.to_owned(),
        }
    }

    /// What a date at an end of the axis is written by.
    fn at_end(self, at: i64) -> Self {
        let day = Day::from_number(at.div_euclid(DAY));
        match self {
            Self::Months(12..) if day.month != 1 => Self::Months(1),
            Self::Months(1..12) if day.day != 1 => Self::Days(1),
            other => other,
        }
    }

    /// What stands at a tick, and what that leaves open.
    fn label(self, at: i64, locale: &Locale) -> (String, String) {
        let day = Day::from_number(at.div_euclid(DAY));
        let second = at.rem_euclid(DAY);
        let year = day.year.to_string();
        match self {
            Self::Seconds(size) => (clock(second, size < 60, locale), date(at.div_euclid(DAY), locale)),
            Self::Days(_) => (day_and_month(day, locale), year),
            Self::Months(size) if size % 12 == 0 => (year, String::new()),
            Self::Months(_) => (month(day, "months-short", locale), year),
        }
    }
}

/// A month's name in a list of the language; its number if the list has fewer.
fn month(day: Day, list: &str, locale: &Locale) -> String {
    let number = usize::try_from(day.month - 1).unwrap_or(0);
    let name = locale.word(list).split(' ').filter(|_| locale.word(list) != list).nth(number);
    name.map_or_else(|| format!("{:02}", day.month), str::to_owned)
}

fn day_and_month(day: Day, locale: &Locale) -> String {
    let first = locale.words.get("first-day").filter(|_| day.day == 1);
    let number = first.cloned().unwrap_or_else(|| day.day.to_string());
    locale.fill("day-pattern", &[("day", &number), ("month", &month(day, "months-short", locale))])
}

/// A day with its year, as short as the language has it.
fn date(number: i64, locale: &Locale) -> String {
    let day = Day::from_number(number);
    format!("{} {}", day_and_month(day, locale), day.year).replace(' ', "\u{a0}")
}

fn clock(second: i64, seconds: bool, locale: &Locale) -> String {
    let [hour, minute, rest] =
        [second / 3600, second / 60 % 60, second % 60].map(|number| format!("{number:02}"));
    let key = if seconds { "clock-seconds" } else { "clock" };
    locale.fill(key, &[("hour", &hour), ("minute", &minute), ("second", &rest)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(low: &str, high: &str, most: usize, tag: &str) -> Vec<String> {
        let [low, high] = [low, high].map(|text| time::parse(text).unwrap().seconds);
        let (labelled, bare) = dates(low, high, most, &Locale::built_in(tag).unwrap());
        assert!(labelled.iter().map(|tick| tick.at).chain(bare).all(|at| (low..=high).contains(&at)));
        let text = |tick: Dated| format!("{}|{}", tick.label, tick.context).replace('\u{a0}', " ");
        labelled.into_iter().map(text).collect()
    }

    #[test]
    fn steps_are_those_of_calendars_and_clocks() {
        assert_eq!(
            axis("1871-01-01", "1970-01-01", 8, "en"),
            ["1871|", "1880|", "1900|", "1920|", "1940|", "1960|", "1970|"]
        );
        assert_eq!(
            axis("2025-11-01", "2026-04-01", 8, "en"),
            ["Nov|2025", "Dec|", "Jan|2026", "Feb|", "Mar|", "Apr|"]
        );
        assert_eq!(
            axis("2024-01-01", "2025-10-01", 8, "fr"),
            ["janv.|2024", "avr.|", "juil.|", "oct.|", "janv.|2025", "avr.|", "juil.|", "oct.|"]
        );
        assert_eq!(
            axis("2026-11-02", "2026-11-30", 5, "en"),
            ["2 Nov|2026", "9 Nov|", "16 Nov|", "23 Nov|", "30 Nov|"]
        );
        assert_eq!(
            axis("2026-11-28", "2026-12-01", 5, "fr"),
            ["28 nov.|2026", "29 nov.|", "30 nov.|", "1er déc.|"]
        );
        assert_eq!(
            axis("2026-11-28T22:00", "2026-11-29T02:00", 5, "en"),
            ["22:00|28 Nov 2026", "23:00|", "00:00|29 Nov", "01:00|", "02:00|"]
        );
        assert_eq!(
            axis("2026-11-28T10:00", "2026-11-28T10:30", 3, "fr"),
            ["10 h 00|28 nov. 2026", "10 h 15|", "10 h 30|"]
        );
        assert_eq!(axis("2026-11-28T10:00:00", "2026-11-28T10:00:10", 3, "en")[1], "10:00:05|");
    }

    #[test]
    fn ends_away_from_a_tick_have_their_own_date() {
        assert_eq!(
            axis("2026-01-10", "2026-06-20", 6, "en"),
            ["10 Jan|2026", "Feb|", "Mar|", "Apr|", "May|", "Jun|", "20 Jun|"]
        );
        assert_eq!(axis("2026-01-31", "2026-05-02", 6, "en"), ["Feb|2026", "Mar|", "Apr|", "May|"]);
        assert_eq!(axis("1875-07-01", "1970-01-01", 6, "en")[0], "1880|");
        let days = axis("2026-11-27T13:00", "2026-12-04T20:00", 4, "en");
        assert_eq!(days, ["29 Nov|2026", "1 Dec|", "3 Dec|"], "no date stands beside its midnight");
    }

    /// February has no 30th day, and the ticks of months stand at their first days, not evenly.
    #[test]
    fn months_are_as_long_as_they_are() {
        let [low, high] = ["2026-01-01", "2026-04-01"].map(|text| time::parse(text).unwrap().seconds);
        let (ticks, _) = dates(low, high, 4, &Locale::built_in("en").unwrap());
        let days: Vec<f64> = ticks.windows(2).map(|pair| (pair[1].at - pair[0].at) / DAY as f64).collect();
        assert_eq!(days, [31.0, 28.0, 31.0]);
    }

    #[test]
    fn axes_of_any_length_have_some_ticks_and_not_too_many() {
        let english = Locale::built_in("en").unwrap();
        for size in 0..40 {
            let span = octavo_plugin::math::powi(1.6, size);
            for low in [-2.1e9, 0.0, 1.795e9] {
                let (ticks, bare) = dates(low, low + span, 8, &english);
                assert!((1..=11).contains(&ticks.len()) && bare.len() <= MOST, "{span}: {ticks:?}");
                assert!(ticks.windows(2).all(|pair| pair[0].at < pair[1].at), "{span}: {ticks:?}");
            }
        }
    }

    #[test]
    fn a_language_without_months_has_their_numbers() {
        let mut locale = Locale::built_in("en").unwrap();
        locale.words.remove("months-short");
        let day = Day { year: 2026, month: 3, day: 5 };
        assert_eq!(month(day, "months-short", &locale), "03");
    }

    #[test]
    fn moments_are_told_in_words() {
        let english = Locale::built_in("en").unwrap();
        let tell = |text: &str| moment(time::parse(text).unwrap().seconds, &english).replace('\u{a0}', " ");
        assert_eq!(tell("2026-11-28"), "28 November 2026");
        assert_eq!(tell("2026-11-28T10:30"), "28 November 2026, 10:30");
    }
}
