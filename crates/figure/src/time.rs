//! Dates and times of ISO 8601 as seconds since 1970, and back. The calendar is the Gregorian one for all years.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// How dates are written, for help.
pub(crate) const FORMS: &str = "write dates and times as `2026-11-28`, `2026-11`, `2026`, `2026-11-28T10:30`, `2026-11-28T10:30:05`, and with a time \
                                zone as `2026-11-28T10:30Z` or `2026-11-28T10:30+01:00`";

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) year: i64,
    /// From 1 to 12.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
}

impl Day {
    /// The first day of a month, which is counted from that of January of the year 0.
    pub(crate) fn of_month(months: i64) -> Self {
        Self { year: months.div_euclid(12), month: months.rem_euclid(12) + 1, day: 1 }
    }

    /// Days since 1970. Years begin in March here, so that the day of a leap year is the last one.
    pub(crate) fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let month = (self.month + 9) % 12;
        let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        365 * year + leaps + (153 * month + 2) / 5 + self.day - 1 - 719_468
    }

    /// The day with this number.
    pub(crate) fn from_number(number: i64) -> Self {
        let days = number + 719_468;
        let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self { year: 400 * cycle + year + next, month, day }
    }

    /// Months since January of the year 0.
    pub(crate) fn months(self) -> i64 {
        12 * self.year + self.month - 1
    }
}

/// A date or time that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Seconds since 1970 by the clock that the text names.
    pub(crate) seconds: f64,
    /// Seconds by which that clock is ahead of UTC, if the text says so.
    pub(crate) offset: Option<i64>,
}

/// Reads a date, or a date and a time. `None` if it is none, such as the 30th of February.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|part| digits(part, 2));
    let day = parts.next().map(|part| digits(part, 2));
    let whole = day.is_some();
    let (month, day) = (month.unwrap_or(Some(1))?, day.unwrap_or(Some(1))?);
    let date = Day { year, month, day };
    let good = parts.next().is_none() && (1..=12).contains(&month) && day >= 1;
    if !good || Day::from_number(date.number()) != date || (time.is_some() && !whole) {
        return None;
    }
    let (second, offset) = time.map_or(Some((0.0, None)), clock)?;
    Some(Moment { seconds: (date.number() * DAY) as f64 + second, offset })
}

/// So many digits as a number.
fn digits(text: &str, count: usize) -> Option<i64> {
    let good = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok()).flatten()
}

/// A time of the day in seconds, and how far its clock is ahead of UTC.
fn clock(text: &str) -> Option<(f64, Option<i64>)> {
    let at = text.find(['Z', 'z', '+', '-', '\u{2212}']).unwrap_or(text.len());
    let (time, zone) = text.split_at(at);
    let mut parts = time.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0.0), |part| {
        let (whole, fraction) = part.split_once(['.', ',']).unwrap_or((part, "0"));
        let good = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let fraction: f64 = good.then(|| format!("0.{fraction}").parse().ok()).flatten()?;
        Some(digits(whole, 2).filter(|whole| *whole < 60)? as f64 + fraction)
    })?;
    // Midnight at the end of a day is 24:00.
    let last = hour == 24 && minute == 0 && second == 0.0;
    let good = parts.next().is_none() && (hour < 24 || last) && minute < 60;
    let seconds = (3600 * hour + 60 * minute) as f64 + second;
    good.then_some((seconds, zone_of(zone)?))
}

/// What a time zone is ahead of UTC in seconds; `None` within if there is no zone, without if it is wrong.
fn zone_of(text: &str) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    if matches!(text, "Z" | "z") {
        return Some(Some(0));
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}'))?),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (digits(hours, 2)?, digits(minutes, 2)?),
        None if rest.len() == 4 && rest.is_ascii() => (digits(&rest[..2], 2)?, digits(&rest[2..], 2)?),
        None => (digits(rest, 2)?, 0),
    };
    (hours < 24 && minutes < 60).then_some(Some(sign * (3600 * hours + 60 * minutes)))
}

/// A clock's name: `UTC`, `UTC+1`, `UTC−3:30`.
pub(crate) fn zone_name(offset: i64) -> String {
    let sign = if offset < 0 { '\u{2212}' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// Seconds since 1970 as a date of ISO 8601, with the time of day where there is one.
pub(crate) fn iso(seconds: f64) -> String {
    let whole = seconds.round() as i64;
    let day = Day::from_number(whole.div_euclid(DAY));
    let date = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
    let second = whole.rem_euclid(DAY);
    let clock = format!("T{:02}:{:02}", second / 3600, second / 60 % 60);
    match (second, second % 60) {
        (0, _) => date,
        (_, 0) => date + &clock,
        (_, rest) => format!("{date}{clock}:{rest:02}"),
    }
}

/// The clock of the texts of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The texts name none.
    Own,
    /// All are so many seconds ahead of UTC.
    Ahead(i64),
    /// Several; moments are those of UTC.
    Several,
}

impl Clock {
    pub(crate) fn of(moment: Moment) -> Self {
        moment.offset.map_or(Self::Own, Self::Ahead)
    }

    /// The clock of both; `None` if only one of them has a time zone.
    pub(crate) fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            _ if self == other => Some(self),
            (Self::Own, _) | (_, Self::Own) => None,
            _ => Some(Self::Several),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_numbers_and_numbers_days() {
        for (number, year, month, day) in [
            (0, 1970, 1, 1),
            (11_016, 2000, 2, 29),
            (-719_528, 0, 1, 1),
            (19_782, 2024, 2, 29),
            (-1, 1969, 12, 31),
        ] {
            let date = Day { year, month, day };
            assert_eq!((date.number(), Day::from_number(number)), (number, date));
        }
        for number in (-800_000..3_000_000).step_by(97) {
            assert_eq!(Day::from_number(number).number(), number);
        }
    }

    #[test]
    fn dates_and_times_are_read() {
        let read = |text: &str| parse(text).map(|moment| (moment.seconds, moment.offset));
        assert_eq!(read("1970-01-02"), Some((86_400.0, None)));
        assert_eq!(read("1970"), Some((0.0, None)));
        assert_eq!(read("1970-02"), Some((31.0 * 86_400.0, None)));
        assert_eq!(read("1970-01-01T10:30"), Some((37_800.0, None)));
        assert_eq!(read("1970-01-01 10:30:05.25Z"), Some((37_805.25, Some(0))));
        assert_eq!(read("1970-01-01T24:00"), Some((86_400.0, None)));
        assert_eq!(read("2026-11-28T10:30+01:00").unwrap().1, Some(3600));
        assert_eq!(read("2026-11-28T10:30-0330").unwrap().1, Some(-12_600));
        for wrong in [
            "",
            "26-11-28",
            "2026-13-01",
            "2026-02-29",
            "2026-11-31",
            "2026-11-28T25:00",
            "2026-11-28T10:60",
            "2026-11T10:00",
            "2026-11-28T10",
            "28.11.2026",
            "2026-1-2",
            "2026-11-28T10:30+25:00",
            "2026-11-28-01",
            "2026-11-28T10:30:61",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_written_as_they_are_read() {
        for text in ["2026-11-28", "1871-01-01", "2026-11-28T10:30", "2026-11-28T10:30:05"] {
            assert_eq!(iso(parse(text).unwrap().seconds), text);
        }
        assert_eq!([0, 3600, -12_600].map(zone_name), ["UTC", "UTC+1", "UTC−3:30"]);
    }
}
