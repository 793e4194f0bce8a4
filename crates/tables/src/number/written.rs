//! A number in a language, its power of ten apart.

use octavo_plugin::Value;

use super::Decimal;
use super::format::{default_text, name_text};
use octavo_definition::locale::Locale;

/// What is written: a text, and a raised power of ten between two parts of it where there is one. A page raises the digits
/// with `<sup>`, a figure lifts them, a plain text takes Unicode's raised digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Up to the power: `1.5×10`.
    pub head: String,
    /// The power, with the language's minus sign; empty if there is none.
    pub power: String,
    /// What follows.
    pub tail: String,
}

impl Written {
    /// A text without a power of ten.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { head: text.into(), ..Self::default() }
    }

    /// A value where no format says more: see [`format_number`](super::format_number).
    pub fn of(value: &Value, locale: &Locale) -> Self {
        default_text(value, locale)
    }

    /// A number that names something, such as a panel or a colour: whole if five digits write it, else as [`Written::of`].
    pub fn name_of(number: f64, locale: &Locale) -> Self {
        name_text(number, locale)
    }

    /// A decimal written out, with this many decimals or those that it has.
    pub fn positional(decimal: &Decimal, decimals: usize, locale: &Locale) -> Self {
        Self::plain(locale.number(&decimal.written(decimals)))
    }

    /// A decimal as a multiple of a power of ten with one digit before the point and the decimals that it has. The power 0
    /// is left out, and so is a mantissa of 1: `1.5×10⁻⁹`, `10⁻⁹`, `1.0×10⁻⁹`, `1.5`.
    pub fn scientific(decimal: &Decimal, locale: &Locale) -> Self {
        let magnitude = decimal.magnitude();
        let mantissa = decimal.clone().times_ten_to(-magnitude);
        let text = mantissa.written(0);
        match text.as_str() {
            _ if magnitude == 0 => Self::positional(decimal, 0, locale),
            "1" => Self::power("10", magnitude, locale),
            "-1" => Self::power("\u{2212}10", magnitude, locale),
            _ => Self::power(&format!("{}×10", locale.number(&text)), magnitude, locale),
        }
    }

    /// A decimal as a multiple of this power of ten, with this many decimals: for numbers that stand in a row, which share
    /// their power. What is itself a power of ten from this one on is written as everywhere: `10⁶`, and neither `1.0×10⁶` nor `10×10⁵`.
    pub fn multiple(decimal: &Decimal, power: i64, decimals: usize, locale: &Locale) -> Self {
        let trimmed = decimal.clone().trimmed();
        if trimmed.is_power_of_ten() && trimmed.magnitude() >= power {
            return Self::scientific(&trimmed, locale);
        }
        let mantissa = decimal.clone().times_ten_to(-power).trimmed().written(decimals);
        Self::power(&format!("{}×10", locale.number(&mantissa)), power, locale)
    }

    /// Ten, or a text that ends in it, to a power.
    pub fn power(head: &str, power: i64, locale: &Locale) -> Self {
        Self { head: head.to_owned(), power: locale.number(&power.to_string()), tail: String::new() }
    }

    /// As plain text, with Unicode's raised digits.
    pub fn text(&self) -> String {
        let raised = self.power.chars().map(raised);
        self.head.chars().chain(raised).chain(self.tail.chars()).collect()
    }
}

/// Unicode's raised form of a digit or minus sign; nothing else has one.
fn raised(character: char) -> char {
    match character {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32(0x2070 + character as u32 - '0' as u32).unwrap_or(character),
        '\u{2212}' => '⁻',
        other => other,
    }
}
