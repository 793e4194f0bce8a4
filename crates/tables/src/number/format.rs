//! The one grammar of formats: `%.2f`, `%d`, `%e`, `%.3g`, `%s`, `%+.1f`, `%.1%`, with text around it.

use num_bigint::{BigInt, Sign};
use octavo_plugin::{Named, Value};

use super::{Decimal, Written};
use octavo_definition::locale::Locale;

/// Beyond this many digits an integer without a format shows its first digits and how many there are.
const WHOLE_DIGITS: usize = 21;
/// How many first digits of such an integer are shown.
const FIRST_DIGITS: usize = 10;
/// Significant digits of a float without a format.
const SIGNIFICANT: usize = 4;
/// A float that names something and has no more digits than these is written with all of them.
const SHORT: usize = 5;
/// Floats without a format from this power of ten on are written with it: below it, the rounded whole keeps its digits.
const POSITIONAL: i64 = 9;
/// Digits of a float that are its own and no rounding.
const OWN_DIGITS: usize = 15;
/// Most digits that a format asks for.
const MOST_DIGITS: usize = 40;

/// A value as plain text in one language; see [`Format`] for the grammar. Without a format: integers whole and grouped (the
/// first digits and their number beyond 21 digits), floats with at most four significant digits, infinity as ∞.
///
/// # Errors
/// What is wrong with the format, or that it does not fit the value.
pub fn format_number(value: &Value, format: Option<&str>, locale: &Locale) -> Result<String, String> {
    let written = match format {
        None => default_text(value, locale),
        Some(format) => Format::parse(format)?.write(value, locale)?,
    };
    Ok(written.text())
}

/// A number format, taken apart: `%`, then `+` for a sign before positive numbers, `.` and a number of digits, and a
/// conversion. `f` is with so many decimals, `d` whole, `e` with a power of ten, `g` with so many significant digits,
/// `%` a percentage, `s` as without a format. Text may stand around it, where `%%` is a percent sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    before: String,
    after: String,
    plus: bool,
    precision: Option<usize>,
    conversion: char,
    whole: String,
}

impl Format {
    /// What there is to write, for messages.
    pub const KNOWN: &'static str = "use `%.2f`, `%d`, `%e`, `%.3g`, `%s` or `%.1%`";

    /// Reads a format.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(format: &str) -> Result<Self, String> {
        let wrong = || format!("`{format}` is no number format; {}", Self::KNOWN);
        let (before, rest) = literal(format);
        let rest = rest.ok_or_else(wrong)?;
        let (plus, rest) = rest.strip_prefix('+').map_or((false, rest), |rest| (true, rest));
        let (precision, rest) = match rest.strip_prefix('.') {
            None => (None, rest),
            Some(rest) => {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let digits: usize = rest[..end].parse().map_err(|_| wrong())?;
                if digits > MOST_DIGITS {
                    return Err(format!("`{format}` asks for more than {MOST_DIGITS} digits"));
                }
                (Some(digits), &rest[end..])
            }
        };
        let conversion = rest.chars().next().filter(|c| "fdegs%".contains(*c)).ok_or_else(wrong)?;
        let (after, second) = literal(&rest[1..]);
        if second.is_some() {
            return Err(format!("`{format}` has two conversions; a value has one"));
        }
        Ok(Self { before, after, plus, precision, conversion, whole: format.to_owned() })
    }

    /// A value as the format says, with the text around it.
    ///
    /// # Errors
    /// That the format does not fit the value.
    pub fn write(&self, value: &Value, locale: &Locale) -> Result<Written, String> {
        let mut written = match value {
            _ if self.conversion == 's' => default_text(value, locale),
            Value::Float(number) if number.is_finite() => self.number(&Decimal::of(*number), locale),
            Value::Integer(number) => self.number(&Decimal::from(number), locale),
            Value::Float(_) | Value::Named(_) | Value::Missing(_) => Written::plain(word(value, locale)),
            Value::Text(_) | Value::Bool(_) => {
                return Err(format!("`{}` needs a number, and this value is none; use `%s`", self.whole));
            }
        };
        written.head.insert_str(0, &self.before);
        written.tail.push_str(&self.after);
        Ok(written)
    }

    fn number(&self, exact: &Decimal, locale: &Locale) -> Written {
        let digits = self.precision.unwrap_or(6);
        let places = |number: Decimal, digits: usize| {
            (number.to_places(i64::try_from(digits).expect("at most forty")), digits)
        };
        let mut percent = "";
        let (rounded, mut written) = match self.conversion {
            'e' => {
                let rounded = with_digits(exact.clone().to_significant(digits + 1), digits + 1);
                let written = Written::scientific(&rounded, locale);
                (rounded, written)
            }
            'g' => {
                let digits = digits.max(1);
                let rounded = exact.clone().to_significant(digits).trimmed();
                let limit = i64::try_from(digits).expect("at most forty");
                let written = general(&rounded, limit, locale);
                (rounded, written)
            }
            conversion => {
                let (rounded, digits) = match conversion {
                    'd' => places(exact.clone(), 0),
                    '%' => {
                        percent = if locale.spaced_punctuation { "\u{a0}%" } else { "%" };
                        places(exact.clone().times_ten_to(2), self.precision.unwrap_or(0))
                    }
                    _ => places(exact.clone(), digits),
                };
                let written = Written::positional(&rounded, digits, locale);
                (rounded, written)
            }
        };
        // What is written as zero has no sign.
        if self.plus && !rounded.is_zero() && !rounded.is_negative() {
            written.head.insert(0, '+');
        }
        written.tail.push_str(percent);
        written
    }
}

/// The same number with so many significant digits, zeros at the end among them.
fn with_digits(number: Decimal, digits: usize) -> Decimal {
    let missing = digits.saturating_sub(number.digits());
    number.with_zeros(missing)
}

fn length(digits: usize) -> i64 {
    i64::try_from(digits).expect("numbers are limited in size")
}

/// Positional between 10⁻⁴ and 10 to the power `limit`, else with a power of ten.
fn general(number: &Decimal, limit: i64, locale: &Locale) -> Written {
    if (-4..limit).contains(&number.magnitude()) {
        Written::positional(number, 0, locale)
    } else {
        Written::scientific(number, locale)
    }
}

/// A value where no format says more.
pub(super) fn default_text(value: &Value, locale: &Locale) -> Written {
    match value {
        Value::Float(number) if number.is_finite() => float(*number, locale),
        Value::Integer(number) => Written::plain(integer(number, locale)),
        other => Written::plain(word(other, locale)),
    }
}

/// Values that are no number.
fn word(value: &Value, locale: &Locale) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(true) => locale.word("yes").to_owned(),
        Value::Bool(false) => locale.word("no").to_owned(),
        Value::Named(Named::Infinity) => locale.word("infinity").to_owned(),
        Value::Named(Named::NegativeInfinity) => format!("\u{2212}{}", locale.word("infinity")),
        _ => locale.word("missing").to_owned(),
    }
}

fn integer(number: &BigInt, locale: &Locale) -> String {
    let digits = number.magnitude().to_string();
    if digits.len() <= WHOLE_DIGITS {
        return locale.number(&number.to_string());
    }
    let sign = if number.sign() == Sign::Minus { "\u{2212}" } else { "" };
    let count = locale.number(&digits.len().to_string());
    format!("{sign}{}… ({count}\u{a0}{})", &digits[..FIRST_DIGITS], locale.word("digits"))
}

/// A number that names a panel, a colour or a tick: names of different numbers must not become one.
pub(super) fn name_text(number: f64, locale: &Locale) -> Written {
    let short = Decimal::rounded(number, OWN_DIGITS);
    if short.digits() <= SHORT { general(&short, POSITIONAL, locale) } else { float(number, locale) }
}

fn float(number: f64, locale: &Locale) -> Written {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Written::positional(&Decimal::of(number), 0, locale);
    }
    let rounded = Decimal::rounded(number, SIGNIFICANT);
    // The rounded whole keeps the digits that tell neighbours apart.
    if (length(SIGNIFICANT)..POSITIONAL).contains(&rounded.magnitude()) {
        return Written::positional(&Decimal::of(number).to_places(0), 0, locale);
    }
    general(&rounded, POSITIONAL, locale)
}

/// The text up to the first conversion, with `%%` as `%`, and what follows its `%`.
fn literal(format: &str) -> (String, Option<&str>) {
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('%') {
            Some(after) => {
                text.push('%');
                rest = after;
            }
            None => return (text, Some(rest)),
        }
    }
    text.push_str(rest);
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: impl Into<Value>, format: &str, en: &str, fr: &str) {
        let value = value.into();
        let format = (!format.is_empty()).then_some(format);
        for (tag, expected) in [("en", en), ("fr", fr)] {
            let text = format_number(&value, format, &Locale::built_in(tag).unwrap());
            assert_eq!(text.as_deref(), Ok(expected), "{value:?} as {format:?} in {tag}");
        }
    }

    #[test]
    fn numbers_without_a_format() {
        check(0.31415926, "", "0.3142", "0,3142");
        check(0.25, "", "0.25", "0,25");
        check(2.5625, "", "2.563", "2,563");
        check(1.0 / 3.0, "", "0.3333", "0,3333");
        check(0.1 + 0.2, "", "0.3", "0,3");
        check(123_456.7, "", "123,457", "123\u{202f}457");
        check(1_000_002.67, "", "1,000,003", "1\u{202f}000\u{202f}003");
        check(1.5e-9, "", "1.5×10⁻⁹", "1,5×10⁻⁹");
        check(1e-7, "", "10⁻⁷", "10⁻⁷");
        check(-1e12, "", "−1,000,000,000,000", "−1\u{202f}000\u{202f}000\u{202f}000\u{202f}000");
        check(-2.0e30, "", "−2×10³⁰", "−2×10³⁰");
        check(1_000_000.0, "", "1,000,000", "1\u{202f}000\u{202f}000");
        check(1_073_741_824.0, "", "1,073,741,824", "1\u{202f}073\u{202f}741\u{202f}824");
        check(500_501, "", "500,501", "500\u{202f}501");
        check(f64::INFINITY, "", "∞", "∞");
        check(f64::NEG_INFINITY, "", "−∞", "−∞");
        check(f64::NAN, "", "missing", "manquant");
        check(true, "", "yes", "oui");
        check("UUD", "", "UUD", "UUD");
        check(-0.0, "", "0", "0");
        check(9999.96, "", "10,000", "10\u{202f}000");
        let big = BigInt::from(2).pow(1000);
        check(big, "", "1071508607… (302\u{a0}digits)", "1071508607… (302\u{a0}chiffres)");
    }

    #[test]
    fn names_keep_the_digits_that_make_them_one() {
        let english = Locale::built_in("en").unwrap();
        for (number, expected) in [
            (2.5625, "2.5625"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.3333"),
            (2.5e12, "2.5×10¹²"),
            (-1e12, "−10¹²"),
            (1_073_741_824.0, "1,073,741,824"),
            (12_345.0, "12,345"),
            (1e-9, "10⁻⁹"),
            (-1024.0, "−1024"),
        ] {
            assert_eq!(name_text(number, &english).text(), expected);
        }
    }

    #[test]
    fn numbers_with_a_format() {
        check(0.31415926, "%.2f", "0.31", "0,31");
        check(12345.678, "%.1f", "12,345.7", "12\u{202f}345,7");
        check(7, "%.2f", "7.00", "7,00");
        check(1.5e-9, "%.1e", "1.5×10⁻⁹", "1,5×10⁻⁹");
        check(1.5, "%.2e", "1.50", "1,50");
        check(1e-7, "%.1e", "1.0×10⁻⁷", "1,0×10⁻⁷");
        check(1e-7, "%.0e", "10⁻⁷", "10⁻⁷");
        check(1e-7, "%.3g", "10⁻⁷", "10⁻⁷");
        check(1234.5, "%.3g", "1.23×10³", "1,23×10³");
        check(0.5, "%.3g", "0.5", "0,5");
        check(0.1234, "%.1%", "12.3%", "12,3\u{a0}%");
        check(1, "%.1%", "100.0%", "100,0\u{a0}%");
        check(0.3, "about %.1f rad", "about 0.3 rad", "about 0,3 rad");
        check(0.3, "+%+.1f%%", "++0.3%", "++0,3%");
        check("x", "%s", "x", "x");
        check(BigInt::from(2).pow(1000), "%.3e", "1.072×10³⁰¹", "1,072×10³⁰¹");
        check(9_996, "%.2e", "1.00×10⁴", "1,00×10⁴");
        check(0.0, "%.2e", "0.00", "0,00");
        check(f64::INFINITY, "%+.1f", "∞", "∞");
    }

    /// The same half in every format goes the same way, as in `round`: away from zero.
    #[test]
    fn all_conversions_round_alike() {
        check(2.5, "%d", "3", "3");
        check(-2.5, "%d", "−3", "−3");
        check(2.5, "%.0f", "3", "3");
        check(2.5, "%.1g", "3", "3");
        check(2.5, "%.0e", "3", "3");
        check(0.25, "%.1f", "0.3", "0,3");
        check(0.25, "%.1g", "0.3", "0,3");
        check(0.25, "%.0e", "3×10⁻¹", "3×10⁻¹");
        check(0.125, "%.0%", "13%", "13\u{a0}%");
        check(25, "%.0e", "3×10¹", "3×10¹");
        check(25, "%.1g", "3×10¹", "3×10¹");
        // 1.005 is 1.00499999999999989...: below the half in every format.
        check(1.005, "%.2f", "1.00", "1,00");
        check(1.005, "%.3g", "1", "1");
        check(1.005, "%.2e", "1.00", "1,00");
        // 0.145 is 0.14499999999999999..., which 100 times as a float rounds up.
        check(0.145, "%.0%", "14%", "14\u{a0}%");
        check(0.285, "%.0%", "28%", "28\u{a0}%");
        check(7.6, "%d", "8", "8");
    }

    #[test]
    fn what_is_written_as_zero_has_no_sign() {
        check(-0.001, "%.2f", "0.00", "0,00");
        check(-0.0001, "%+.1f", "0.0", "0,0");
        check(0.0001, "%+.1f", "0.0", "0,0");
        check(-0.4, "%+d", "0", "0");
        check(0, "%+d", "0", "0");
        check(-0.0004, "%+.1%", "0.0%", "0,0\u{a0}%");
        check(-0.06, "%+.1f", "−0.1", "−0,1");
        check(0.06, "%+.1f", "+0.1", "+0,1");
        check(1e-9, "%+.1e", "+1.0×10⁻⁹", "+1,0×10⁻⁹");
    }

    #[test]
    fn wrong_formats_say_why() {
        let en = Locale::built_in("en").unwrap();
        for (format, part) in [
            ("%q", "no number format"),
            ("2f", "no number format"),
            ("", "no number format"),
            ("%", "no number format"),
            ("%.f", "no number format"),
            ("%2f", "no number format"),
            ("%..2f", "no number format"),
            ("%.2f %d", "two"),
            ("%.99f", "40"),
        ] {
            let message = format_number(&Value::from(1.0), Some(format), &en).unwrap_err();
            assert!(message.contains(part), "{format}: {message}");
        }
        assert!(format_number(&Value::from("x"), Some("%.2f"), &en).unwrap_err().contains("needs a number"));
    }
}
