//! Numbers as a reader writes them: exact decimals, separators of the language, powers of ten as raised digits.

use octavo_definition::locale::Locale;

use super::scene::{Level, Span, plain};

/// `units` times ten to the power `exponent`, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// The digits as an integer.
    pub(crate) units: i64,
    /// The power of ten.
    pub(crate) exponent: i32,
}

impl Decimal {
    /// The nearest float.
    pub(crate) fn value(self) -> f64 {
        format!("{}e{}", self.units, self.exponent).parse().expect("digits and an exponent are a float")
    }

    /// A float rounded to this many significant digits, without trailing zeros.
    pub(crate) fn rounded(value: f64, digits: usize) -> Self {
        let text = format!("{value:.*e}", digits.saturating_sub(1));
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let units = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent = exponent.parse::<i32>().unwrap_or(0) - fraction.len() as i32;
        Self { units, exponent }.trimmed()
    }

    /// The same value without trailing zeros.
    #[must_use]
    pub(crate) fn trimmed(mut self) -> Self {
        if self.units == 0 {
            return Self { units: 0, exponent: 0 };
        }
        while self.units % 10 == 0 {
            self.units /= 10;
            self.exponent += 1;
        }
        self
    }

    /// The power of ten of the leading digit; 0 for zero.
    pub(crate) fn magnitude(self) -> i32 {
        if self.units == 0 { 0 } else { self.units.unsigned_abs().ilog10() as i32 + self.exponent }
    }

    /// Written out with this many decimals or those that it has, whichever is more: `-0.05`, `1200`.
    pub(crate) fn written(self, decimals: usize) -> String {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs().to_string();
        let own = usize::try_from(-self.exponent).unwrap_or(0);
        let (whole, fraction) = if self.exponent >= 0 {
            (digits + &"0".repeat(self.exponent as usize * usize::from(self.units != 0)), String::new())
        } else {
            let padded = format!("{digits:0>width$}", width = own + 1);
            let (whole, fraction) = padded.split_at(padded.len() - own);
            (whole.to_owned(), fraction.to_owned())
        };
        let fraction = format!("{fraction:0<decimals$}");
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// Whether a number whose leading digit has this power of ten is written with a power of ten.
pub(crate) fn is_scientific(magnitude: i32) -> bool {
    !(-4..6).contains(&magnitude)
}

/// A decimal in a language: written out, or as a multiple of a power of ten where it is very large or small.
pub(crate) fn spans(decimal: Decimal, locale: &Locale) -> Vec<Span> {
    let decimal = decimal.trimmed();
    let magnitude = decimal.magnitude();
    if is_scientific(magnitude) {
        scientific(decimal, magnitude, locale)
    } else {
        plain(locale.number(&decimal.written(0)))
    }
}

/// A decimal as `mantissa × 10^magnitude`; a mantissa of 1 is left out.
pub(crate) fn scientific(decimal: Decimal, magnitude: i32, locale: &Locale) -> Vec<Span> {
    let decimal = decimal.trimmed();
    if decimal.units == 0 {
        return plain("0");
    }
    let mantissa = Decimal { units: decimal.units, exponent: decimal.exponent - magnitude }.trimmed();
    let head = match mantissa {
        Decimal { units: 1, exponent: 0 } => "10".to_owned(),
        Decimal { units: -1, exponent: 0 } => "\u{2212}10".to_owned(),
        other => format!("{}\u{202f}×\u{202f}10", locale.number(&other.written(0))),
    };
    power(head, magnitude, locale)
}

/// Ten (or a text that ends in it) to a power.
pub(crate) fn power(head: String, exponent: i32, locale: &Locale) -> Vec<Span> {
    let exponent = Span { text: locale.number(&exponent.to_string()), level: Level::Raised };
    vec![Span { text: head, level: Level::Base }, exponent]
}

/// A float in a language: as `format` says (`%d`, `%.2f`, `%.1e`, `%.3g`, with text around it), else with at most four
/// significant digits unless it is a short decimal.
pub(crate) fn value(value: f64, format: Option<&str>, locale: &Locale) -> Vec<Span> {
    if !value.is_finite() {
        let sign = if value < 0.0 { "\u{2212}" } else { "" };
        return plain(if value.is_nan() { "–".to_owned() } else { format!("{sign}∞") });
    }
    match format.and_then(Format::parse) {
        Some(format) => format.write(value, locale),
        None => {
            let short = Decimal::rounded(value, 15);
            let digits = short.units.unsigned_abs().checked_ilog10().map_or(1, |d| d + 1);
            let integer = short.exponent >= 0 && short.magnitude() < 9;
            if digits <= 5 || integer {
                return if integer { plain(locale.number(&short.written(0))) } else { spans(short, locale) };
            }
            // The rounded whole keeps the digits that tell neighbours apart.
            if (4..9).contains(&Decimal::rounded(value, 4).magnitude()) {
                return plain(locale.number(&format!("{value:.0}")));
            }
            spans(Decimal::rounded(value, 4), locale)
        }
    }
}

/// A parsed number format.
struct Format<'a> {
    before: &'a str,
    digits: Option<usize>,
    kind: char,
    after: &'a str,
}

impl<'a> Format<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (before, rest) = text.split_once('%')?;
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let kind = rest[end..].chars().next()?;
        let digits = rest[..end].strip_prefix('.').and_then(|digits| digits.parse::<usize>().ok());
        ['d', 'f', 'e', 'g'].contains(&kind).then(|| Self {
            before,
            digits: digits.map(|d| d.min(15)),
            kind,
            after: &rest[end + 1..],
        })
    }

    fn write(&self, value: f64, locale: &Locale) -> Vec<Span> {
        let mut all = match self.kind {
            'd' => plain(locale.number(&format!("{value:.0}"))),
            'f' => plain(locale.number(&format!("{value:.*}", self.digits.unwrap_or(6)))),
            'e' => {
                let text = format!("{value:.*e}", self.digits.unwrap_or(6));
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let head = format!("{}\u{202f}×\u{202f}10", locale.number(mantissa));
                power(head, exponent.parse().unwrap_or(0), locale)
            }
            _ => spans(Decimal::rounded(value, self.digits.unwrap_or(6).max(1)), locale),
        };
        all[0].text.insert_str(0, self.before);
        if !self.after.is_empty() {
            all.push(Span { text: self.after.replace("%%", "%"), level: Level::Base });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::flat;

    fn check(value_: f64, format: Option<&str>, language: &str, expected: &str) {
        let locale = Locale::built_in(language).unwrap();
        assert_eq!(flat(&value(value_, format, &locale)), expected);
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Decimal { units: 3, exponent: -1 }.value(), 0.3);
        assert_eq!(Decimal { units: -5, exponent: -2 }.written(0), "-0.05");
        assert_eq!(Decimal { units: 12, exponent: 2 }.written(0), "1200");
        assert_eq!(Decimal { units: 5, exponent: -1 }.written(2), "0.50");
        assert_eq!(Decimal::rounded(0.300_000_000_000_000_04, 15), Decimal { units: 3, exponent: -1 });
        assert_eq!(Decimal::rounded(0.0, 4), Decimal { units: 0, exponent: 0 });
    }

    #[test]
    fn numbers_read_well() {
        check(0.25, None, "en", "0.25");
        check(0.25, None, "fr", "0,25");
        check(12_345.0, None, "fr", "12\u{202f}345");
        check(1_000_002.67, None, "en", "1,000,003");
        check(1.0 / 3.0, None, "en", "0.3333");
        check(1e-9, None, "en", "10^\u{2212}9");
        check(2.5e12, None, "en", "2.5\u{202f}×\u{202f}10^12");
        check(-1024.0, None, "en", "\u{2212}1024");
        check(f64::INFINITY, None, "en", "∞");
    }

    #[test]
    fn formats_are_followed() {
        check(2.0, Some("%.2f"), "fr", "2,00");
        check(1234.5, Some("%.1e"), "en", "1.2\u{202f}×\u{202f}10^3");
        check(7.6, Some("%d"), "en", "8");
        check(2.0, Some("σ = %.1f"), "en", "σ = 2.0");
        check(2.0, Some("nothing"), "en", "2");
    }
}
