//! The numbers behind a verdict as a reader sees them: each comparison with its two sides, and its effect drawn as one small line
//! against the threshold.

use std::fmt::Write as _;

use minijinja::{Value as Templated, context};
use octavo_plugin::Value;

use super::claims::{Comparison, Judged};
use crate::locale::Locale;
use crate::number::{Format, apart, format_number};

/// Size of the small line in pixels.
const WIDTH: f64 = 260.0;
const HEIGHT: f64 = 22.0;
/// Room at each end, for the whiskers and for an arrow where an interval has no end.
const MARGIN: f64 = 12.0;

/// The comparisons of a claim for its template.
pub(super) fn parts(judged: &Judged, locale: &Locale) -> Vec<Templated> {
    judged.decision.parts.iter().map(|part| self::part(part, locale)).collect()
}

fn part(part: &Comparison, locale: &Locale) -> Templated {
    let [left, right] = apart(&part.left, &part.right, locale);
    let with =
        |number: String, unit: &str| if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") };
    let drawn = part.interval.filter(|(low, high)| low < high);
    context! {
        check => part.check.clone(),
        verdict => part.verdict.clone(),
        ground => part.ground.words(locale),
        left => with(left, &part.units[0]),
        // A truth value is compared with nothing.
        right => (!matches!(part.left, Value::Bool(_))).then(|| with(right, &part.units[1])),
        effect => drawn.map(|interval| sentence(part, interval, locale)),
        line => drawn.and_then(|interval| line(part, interval)).map(Templated::from_safe_string),
        skewed => part.skewed,
    }
}

/// The difference with its intervals in words.
fn sentence(part: &Comparison, interval: (f64, f64), locale: &Locale) -> String {
    let unit = if part.units[0] == part.units[1] { part.units[0].as_str() } else { "" };
    let digits = Digits::of(interval);
    let pair = |(low, high): (f64, f64)| {
        format!(
            "[{}{} {}]",
            digits.write(low, locale),
            locale.word("list-separator"),
            digits.write(high, locale)
        )
    };
    let mut text = format!("{} ", locale.word("difference"));
    text += &part.difference.as_f64().map_or_else(String::new, |x| digits.write(x, locale));
    if !unit.is_empty() {
        text += &format!("\u{a0}{unit}");
    }
    text += &format!("; {}", locale.fill("interval-at", &[("level", "95"), ("interval", &pair(interval))]));
    if let Some(decisive) = part.decisive.filter(|decisive| *decisive != interval) {
        let level = locale.number(&part.ground.level);
        text +=
            &format!("; {}", locale.fill("interval-at", &[("level", &level), ("interval", &pair(decisive))]));
    }
    text
}

/// As many digits as an interval has to say: two of its width.
struct Digits(Format);

impl Digits {
    fn of((low, high): (f64, f64)) -> Self {
        let (width, size) = (high - low, low.abs().max(high.abs()));
        let decimals = 1.0 - octavo_plugin::math::log10(width).floor();
        let plain = width.is_finite() && size < 1e6 && (0.0..=7.0).contains(&decimals.max(0.0));
        let format = if plain { format!("%.{:.0}f", decimals.max(0.0)) } else { "%.3g".to_owned() };
        Self(Format::parse(&format).expect("the format is a good one"))
    }

    fn write(&self, number: f64, locale: &Locale) -> String {
        match self.0.write(&number.into(), locale) {
            Ok(written) => written.text(),
            Err(_) => format_number(&Value::from(number), None, locale).unwrap_or_default(),
        }
    }
}

/// The line: the threshold (for `within` the margin around it), the interval that decides, the 95 % interval, and the difference.
fn line(part: &Comparison, interval: (f64, f64)) -> Option<String> {
    let difference = part.difference.as_f64().filter(|x| x.is_finite())?;
    let margin = part.tolerance.filter(|x| x.is_finite()).unwrap_or(0.0);
    let decisive = part.decisive.unwrap_or(interval);
    let ends = [interval.0, interval.1, decisive.0, decisive.1, difference, 0.0, -margin, margin];
    let finite = ends.into_iter().filter(|x| x.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    if low >= high {
        return None;
    }
    let at = |x: f64| {
        let inside = (x.clamp(low, high) - low) / (high - low);
        let outside = if x == f64::INFINITY {
            MARGIN
        } else if x == f64::NEG_INFINITY {
            -MARGIN
        } else {
            0.0
        };
        MARGIN + inside * (WIDTH - 2.0 * MARGIN) + outside
    };
    let middle = HEIGHT / 2.0;
    let mut svg = format!(
        "<svg class=\"effect\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" aria-hidden=\"true\">"
    );
    if margin > 0.0 {
        let (from, to) = (at(-margin), at(margin));
        let _ = write!(
            svg,
            "<rect class=\"margin\" x=\"{from:.1}\" y=\"1\" width=\"{:.1}\" height=\"20\"/>",
            to - from
        );
    } else {
        let _ = write!(svg, "<path class=\"threshold\" d=\"M{:.1} 1V21\"/>", at(0.0));
    }
    let (a, b) = (at(decisive.0), at(decisive.1));
    let _ = write!(svg, "<path class=\"decisive\" d=\"M{a:.1} {middle}H{b:.1}M{a:.1} 7V15M{b:.1} 7V15\"/>");
    let _ = write!(
        svg,
        "<path class=\"described\" d=\"M{:.1} {middle}H{:.1}\"/>",
        at(interval.0),
        at(interval.1)
    );
    let _ = write!(svg, "<circle cx=\"{:.1}\" cy=\"{middle}\" r=\"3.5\"/></svg>", at(difference));
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_written_with_two_digits_of_its_width() {
        let english = Locale::built_in("en").unwrap();
        for ((low, high), expected) in [
            ((0.912_345, 1.734_12), "0.91"),
            ((0.100_21, 0.100_29), "0.100210"),
            ((123.4, 161.9), "123"),
            ((12_345.0, 19_876.0), "12345"),
            ((1.5e-12, 3.5e-12), "1.5×10⁻¹²"),
            ((f64::NEG_INFINITY, 3.0), "−∞"),
        ] {
            let written = Digits::of((low, high)).write(low, &english);
            assert_eq!(written.replace(',', ""), expected);
        }
    }
}
