//! Numbers as a reader wants them: rounded, grouped, with the language's separators.

use num_bigint::{BigInt, Sign};
use octavo_plugin::{Named, Value};

use octavo_definition::locale::Locale;

/// Beyond this many digits an integer without a format shows its first digits and how many there are.
const WHOLE_DIGITS: usize = 21;
/// How many first digits of such an integer are shown.
const FIRST_DIGITS: usize = 10;
/// Significant digits of a float without a format.
const SIGNIFICANT: usize = 4;

/// A value as text in one language. Without a format: up to four significant digits, integers whole and grouped (the first
/// digits and their number beyond 21 digits), infinity as ∞. A format is like printf's, with text around it if wanted:
/// `%.2f`, `%d`, `%e`, `%.3g`, `%s`, `%+.1f`; `%.1%` is a percentage, `%%` a percent sign. Exponents come as `×10⁻⁹`.
///
/// # Errors
/// What is wrong with the format, or that it does not fit the value.
pub fn format_number(value: &Value, format: Option<&str>, locale: &Locale) -> Result<String, String> {
    let Some(format) = format else { return Ok(default_text(value, locale)) };
    let format = Format::parse(format)?;
    let text = format.apply(value, locale)?;
    Ok(format!("{}{text}{}", format.before, format.after))
}

/// Whether a format is one that [`format_number`] knows.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_format(format: &str) -> Result<(), String> {
    Format::parse(format).map(|_| ())
}

fn default_text(value: &Value, locale: &Locale) -> String {
    match value {
        Value::Float(number) => float(*number, locale),
        Value::Integer(number) => integer(number, locale),
        other => word(other, locale),
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

/// Floats from this power of ten on are written with it: below it, the rounded whole keeps its digits.
const POSITIONAL: i64 = 9;

fn float(number: f64, locale: &Locale) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return locale.number(&unsigned_zero(format!("{number:.0}")));
    }
    general(&Decimal::of(number, SIGNIFICANT - 1), SIGNIFICANT, POSITIONAL, number, locale)
}

/// `-0.00` without its sign.
fn unsigned_zero(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        _ => text,
    }
}

/// A number as sign, mantissa digits (one before the point) and exponent of ten.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// A finite float, correctly rounded to so many digits after the first.
    fn of(number: f64, after_first: usize) -> Self {
        let text = format!("{:.after_first$e}", number.abs());
        let (mantissa, exponent) = text.split_once('e').expect("the `e` format writes an exponent");
        Self {
            negative: number < 0.0,
            digits: mantissa.replace('.', ""),
            exponent: exponent.parse().expect("the `e` format writes a decimal exponent"),
        }
    }

    /// An integer of any size, rounded half up to so many digits after the first.
    fn of_integer(number: &BigInt, after_first: usize) -> Self {
        let negative = number.sign() == Sign::Minus;
        let mut digits = number.magnitude().to_string();
        let mut exponent = digits.len() - 1;
        let kept = after_first + 1;
        if digits.len() > kept {
            let up = digits.as_bytes()[kept] >= b'5';
            digits.truncate(kept);
            if up {
                let rounded = digits.parse::<BigInt>().expect("digits are a number") + 1_u32;
                digits = rounded.to_string();
                if digits.len() > kept {
                    exponent += 1;
                    digits.truncate(kept);
                }
            }
        }
        let digits = format!("{digits:0<kept$}");
        Self { negative, digits, exponent: i64::try_from(exponent).unwrap_or(i64::MAX) }
    }

    fn scientific(&self, strip: bool, locale: &Locale) -> String {
        let (first, rest) = self.digits.split_at(1);
        let rest = if strip { rest.trim_end_matches('0') } else { rest };
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.negative { "-" } else { "" };
        let mantissa = locale.number(&unsigned_zero(format!("{sign}{first}{point}{rest}")));
        if self.exponent == 0 { mantissa } else { format!("{mantissa}×10{}", superscript(self.exponent)) }
    }
}

fn superscript(exponent: i64) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(u32::from('⁰') + u32::from(digit) - u32::from('0')).unwrap_or(digit),
        })
        .collect()
}

/// Positional between 10^-4 and 10^`limit`, else with an exponent; no trailing zeros.
fn general(decimal: &Decimal, significant: usize, limit: i64, number: f64, locale: &Locale) -> String {
    if decimal.exponent < -4 || decimal.exponent >= limit {
        return decimal.scientific(true, locale);
    }
    let wanted = i64::try_from(significant).unwrap_or(i64::MAX) - 1 - decimal.exponent;
    let decimals = usize::try_from(wanted).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    locale.number(&unsigned_zero(text.to_owned()))
}

/// A format, taken apart.
struct Format {
    before: String,
    after: String,
    plus: bool,
    precision: Option<usize>,
    conversion: char,
    whole: String,
}

impl Format {
    fn parse(format: &str) -> Result<Self, String> {
        const KNOWN: &str = "use `%.2f`, `%d`, `%e`, `%.3g`, `%s` or `%.1%`";
        let wrong = || format!("`{format}` is no number format; {KNOWN}");
        let (before, rest) = literal(format);
        let rest = rest.ok_or_else(wrong)?;
        let (plus, rest) = rest.strip_prefix('+').map_or((false, rest), |rest| (true, rest));
        let (precision, rest) = match rest.strip_prefix('.') {
            None => (None, rest),
            Some(rest) => {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let digits: usize = rest[..end].parse().map_err(|_| wrong())?;
                if digits > 40 {
                    return Err(format!("`{format}` asks for more than 40 digits"));
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

    fn apply(&self, value: &Value, locale: &Locale) -> Result<String, String> {
        let text = match value {
            _ if self.conversion == 's' => return Ok(default_text(value, locale)),
            Value::Float(number) => self.of_float(*number, locale),
            Value::Integer(number) => self.of_integer(number, locale),
            Value::Named(_) | Value::Missing(_) => return Ok(word(value, locale)),
            Value::Text(_) | Value::Bool(_) => {
                return Err(format!("`{}` needs a number, and this value is none; use `%s`", self.whole));
            }
        };
        let positive = !text.starts_with('\u{2212}');
        Ok(if self.plus && positive { format!("+{text}") } else { text })
    }

    fn of_float(&self, number: f64, locale: &Locale) -> String {
        let digits = self.precision.unwrap_or(6);
        match self.conversion {
            'd' => locale.number(&unsigned_zero(format!("{number:.0}"))),
            'e' => Decimal::of(number, digits).scientific(false, locale),
            'g' => {
                let digits = digits.max(1);
                let limit = i64::try_from(digits).unwrap_or(i64::MAX);
                general(&Decimal::of(number, digits - 1), digits, limit, number, locale)
            }
            '%' => {
                let digits = self.precision.unwrap_or(0);
                let space = if locale.spaced_punctuation { "\u{a0}" } else { "" };
                let text = unsigned_zero(format!("{:.digits$}", number * 100.0));
                format!("{}{space}%", locale.number(&text))
            }
            _ => locale.number(&unsigned_zero(format!("{number:.digits$}"))),
        }
    }

    fn of_integer(&self, number: &BigInt, locale: &Locale) -> String {
        let digits = self.precision.unwrap_or(6);
        match self.conversion {
            'd' => locale.number(&number.to_string()),
            'e' => Decimal::of_integer(number, digits).scientific(false, locale),
            'g' if number.magnitude().to_string().len() > digits.max(1) => {
                Decimal::of_integer(number, digits.max(1) - 1).scientific(true, locale)
            }
            'g' => locale.number(&number.to_string()),
            '%' => {
                let decimals = self.precision.unwrap_or(0);
                let point = if decimals == 0 { "" } else { "." };
                let space = if locale.spaced_punctuation { "\u{a0}" } else { "" };
                let text = format!("{}{point}{:0<decimals$}", number * 100_u32, "");
                format!("{}{space}%", locale.number(&text))
            }
            _ => {
                let point = if digits == 0 { "" } else { "." };
                locale.number(&format!("{number}{point}{:0<digits$}", ""))
            }
        }
    }
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
        check(123_456.7, "", "123,457", "123\u{202f}457");
        check(1_000_002.67, "", "1,000,003", "1\u{202f}000\u{202f}003");
        check(1.5e-9, "", "1.5×10⁻⁹", "1,5×10⁻⁹");
        check(-2.0e30, "", "−2×10³⁰", "−2×10³⁰");
        check(1_000_000.0, "", "1,000,000", "1\u{202f}000\u{202f}000");
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
    fn numbers_with_a_format() {
        check(0.31415926, "%.2f", "0.31", "0,31");
        check(-0.001, "%.2f", "0.00", "0,00");
        check(12345.678, "%.1f", "12,345.7", "12\u{202f}345,7");
        check(7, "%.2f", "7.00", "7,00");
        check(7.6, "%d", "8", "8");
        check(1.5e-9, "%.1e", "1.5×10⁻⁹", "1,5×10⁻⁹");
        check(1.5, "%.2e", "1.50", "1,50");
        check(1234.5, "%.3g", "1.23×10³", "1,23×10³");
        check(0.5, "%.3g", "0.5", "0,5");
        check(0.1234, "%.1%", "12.3%", "12,3\u{a0}%");
        check(1, "%.1%", "100.0%", "100,0\u{a0}%");
        check(0.3, "about %.1f rad", "about 0.3 rad", "about 0,3 rad");
        check(0.3, "+%+.1f%%", "++0.3%", "++0,3%");
        check("x", "%s", "x", "x");
        check(BigInt::from(2).pow(1000), "%.3e", "1.072×10³⁰¹", "1,072×10³⁰¹");
        check(9_996, "%.2e", "1.00×10⁴", "1,00×10⁴");
    }

    #[test]
    fn wrong_formats_say_why() {
        let en = Locale::built_in("en").unwrap();
        for (format, part) in
            [("%q", "no number format"), ("2f", "no number format"), ("%.2f %d", "two"), ("%.99f", "40")]
        {
            let message = format_number(&Value::from(1.0), Some(format), &en).unwrap_err();
            assert!(message.contains(part), "{format}: {message}");
        }
        assert!(format_number(&Value::from("x"), Some("%.2f"), &en).unwrap_err().contains("needs a number"));
    }
}
