//! Decimals without error, and the one rounding of the program.

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, Zero};

/// `units` times ten to the power `exponent`, exactly.
///
/// A float is taken as what it is: 1.005 is 1.00499999999999989..., and so rounds to 1.00. Where two candidates are equally
/// near, as for 0.25 or 2.5, the one farther from zero is taken, as `round` does in expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    units: BigInt,
    exponent: i64,
}

impl Decimal {
    /// `units` times ten to the power `exponent`.
    pub fn new(units: impl Into<BigInt>, exponent: i64) -> Self {
        Self { units: units.into(), exponent }
    }

    /// A finite float, exactly and without trailing zeros.
    ///
    /// # Panics
    /// If the float is infinite or NaN.
    pub fn of(value: f64) -> Self {
        const FRACTION: u32 = 52;
        assert!(value.is_finite(), "only a finite float is a decimal");
        let bits = value.to_bits();
        let (low, raised) = (bits & ((1 << FRACTION) - 1), (bits >> FRACTION) & 0x7ff);
        let mantissa = if raised == 0 { low } else { low | (1 << FRACTION) };
        let binary = i64::try_from(raised.max(1)).expect("eleven bits") - 1075;
        let size = BigInt::from(mantissa);
        let power = u32::try_from(binary.unsigned_abs()).expect("below 1075");
        let exact = if binary < 0 {
            Self { units: size * BigInt::from(5).pow(power), exponent: binary }
        } else {
            Self { units: size << power, exponent: 0 }
        };
        (if value < 0.0 { exact.negated() } else { exact }).trimmed()
    }

    /// A float by the shortest decimal that is read as the same float: 0.1, and not 0.1000000000000000055...
    ///
    /// # Panics
    /// If the float is infinite or NaN.
    pub fn shortest(value: f64) -> Self {
        assert!(value.is_finite(), "only a finite float is a decimal");
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').expect("the `e` format writes an exponent");
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().expect("the `e` format writes a decimal exponent");
        let units: BigInt = format!("{whole}{fraction}").parse().expect("digits are an integer");
        Self { units, exponent: exponent - fraction.len() as i64 }
    }

    /// A float rounded to this many significant digits (at least one), without trailing zeros.
    pub fn rounded(value: f64, digits: usize) -> Self {
        Self::of(value).to_significant(digits).trimmed()
    }

    /// The nearest float.
    pub fn value(&self) -> f64 {
        format!("{}e{}", self.units, self.exponent).parse().expect("digits and an exponent are a float")
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.units.is_zero()
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.units.is_negative()
    }

    /// Whether its digits are a single 1, whatever its sign and power of ten.
    pub fn is_power_of_ten(&self) -> bool {
        self.clone().trimmed().units.magnitude() == BigInt::from(1).magnitude()
    }

    /// The power of ten of its last digit.
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// Number of digits, trailing zeros included; 1 for zero.
    pub fn digits(&self) -> usize {
        self.units.magnitude().to_string().len()
    }

    /// The power of ten of the leading digit; 0 for zero.
    pub fn magnitude(&self) -> i64 {
        if self.is_zero() { 0 } else { length(self.digits()) - 1 + self.exponent }
    }

    /// With the other sign.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.units = -self.units;
        self
    }

    /// Times a whole number.
    #[must_use]
    pub fn times(mut self, factor: i64) -> Self {
        self.units *= factor;
        self
    }

    /// Times ten to a power.
    #[must_use]
    pub fn times_ten_to(mut self, power: i64) -> Self {
        self.exponent += power;
        self
    }

    /// The same value with this many more zeros at its end.
    #[must_use]
    pub fn with_zeros(mut self, zeros: usize) -> Self {
        self.units *= ten_to(zeros);
        self.exponent -= length(zeros);
        self
    }

    /// The same value without trailing zeros.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        if self.is_zero() {
            return Self::new(0, 0);
        }
        let digits = self.units.to_string();
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        self.units /= ten_to(zeros);
        self.exponent += length(zeros);
        self
    }

    /// Rounded to this many digits after the point; a negative number of them rounds to tens, hundreds, ...
    #[must_use]
    pub fn to_places(self, places: i64) -> Self {
        let Some(dropped) = usize::try_from(-places - self.exponent).ok().filter(|dropped| *dropped > 0)
        else {
            return self;
        };
        // What is dropped whole, with a digit to spare, is below a half.
        if dropped > self.digits() {
            return Self::new(0, -places);
        }
        let unit = ten_to(dropped);
        let size = self.units.abs();
        let (kept, rest) = (&size / &unit, &size % &unit);
        let kept = if rest * 2 >= unit { kept + 1 } else { kept };
        let units = if self.units.sign() == Sign::Minus { -kept } else { kept };
        Self { units, exponent: -places }
    }

    /// Rounded to this many significant digits, at least one.
    #[must_use]
    pub fn to_significant(self, digits: usize) -> Self {
        let digits = digits.max(1);
        let dropped = length(self.digits()) - length(digits);
        if self.is_zero() || dropped <= 0 {
            return self;
        }
        let places = -(self.exponent + dropped);
        let rounded = self.to_places(places);
        // 9.99 has become 10.0.
        if rounded.digits() > digits { rounded.to_places(places - 1) } else { rounded }
    }

    /// Written out in neutral form with this many decimals or those that it has, whichever is more: `-0.05`, `1200`.
    pub fn written(&self, decimals: usize) -> String {
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = self.units.magnitude().to_string();
        let own = usize::try_from(-self.exponent).unwrap_or(0);
        let (whole, fraction) = if self.exponent >= 0 {
            let zeros = if self.is_zero() { 0 } else { usize::try_from(self.exponent).unwrap_or(0) };
            (digits + &"0".repeat(zeros), String::new())
        } else {
            let padded = format!("{digits:0>width$}", width = own + 1);
            let (whole, fraction) = padded.split_at(padded.len() - own);
            (whole.to_owned(), fraction.to_owned())
        };
        let fraction = format!("{fraction:0<decimals$}");
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl From<&BigInt> for Decimal {
    fn from(value: &BigInt) -> Self {
        Self { units: value.clone(), exponent: 0 }
    }
}

fn ten_to(power: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).expect("numbers are limited in size"))
}

fn length(digits: usize) -> i64 {
    i64::try_from(digits).expect("numbers are limited in size")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(value: f64, places: i64) -> String {
        Decimal::of(value).to_places(places).written(usize::try_from(places).unwrap_or(0))
    }

    fn significant(value: f64, digits: usize) -> String {
        Decimal::rounded(value, digits).written(0)
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (value, decimals, expected) in [
            (0.25, 1, "0.3"),
            (-0.25, 1, "-0.3"),
            (2.5, 0, "3"),
            (3.5, 0, "4"),
            (0.5, 0, "1"),
            (0.125, 2, "0.13"),
            (0.375, 2, "0.38"),
            (25.0, -1, "30"),
            (24.999, -1, "20"),
            (octavo_plugin::math::powi(2.0, -41), 40, "0.0000000000004547473508864641189575195313"),
        ] {
            assert_eq!(places(value, decimals), expected, "{value} to {decimals}");
        }
        assert_eq!((significant(2.5, 1), significant(-45.0, 1)), ("3".to_owned(), "-50".to_owned()));
    }

    #[test]
    fn a_float_is_taken_as_it_is_and_not_as_it_is_written() {
        // 1.005 is 1.00499999999999989..., 2.675 is 2.67499999999999982..., 0.15 is 0.1499999999999999944...
        assert_eq!(places(1.005, 2), "1.00");
        assert_eq!(places(2.675, 2), "2.67");
        assert_eq!(places(0.15, 1), "0.1");
        assert_eq!(significant(1.005, 3), "1");
        // 8.345 is 8.3450000000000006394..., 1.45 is 1.4499999999999999556...
        assert_eq!((places(8.345, 2), places(1.45, 1)), ("8.35".to_owned(), "1.4".to_owned()));
    }

    #[test]
    fn rounding_carries_and_vanishes() {
        assert_eq!(significant(9.994e22, 3), "99900000000000000000000");
        assert_eq!(significant(9.996e22, 3), "100000000000000000000000");
        assert_eq!(significant(999.7, 3), "1000");
        assert_eq!(significant(1e23, 3), "100000000000000000000000");
        assert_eq!(places(0.4, 0), "0");
        assert_eq!(places(-0.004, 2), "0.00");
        assert_eq!(places(1e-300, 3), "0.000");
        assert_eq!(Decimal::of(999.7).to_significant(3).digits(), 3);
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Decimal::new(3, -1).value(), 0.3);
        assert_eq!(Decimal::new(-5, -2).written(0), "-0.05");
        assert_eq!(Decimal::new(12, 2).written(0), "1200");
        assert_eq!(Decimal::new(5, -1).written(2), "0.50");
        assert_eq!(Decimal::rounded(0.300_000_000_000_000_04, 15), Decimal::new(3, -1));
        assert_eq!(Decimal::rounded(0.0, 4), Decimal::new(0, 0));
        assert_eq!(Decimal::of(0.1).written(0), "0.1000000000000000055511151231257827021181583404541015625");
        assert_eq!((Decimal::new(120, -1).magnitude(), Decimal::of(0.02).magnitude()), (1, -2));
        assert_eq!(Decimal::shortest(1.5e-9), Decimal::new(15, -10));
    }

    proptest! {
        #[test]
        fn exact_decimals_are_the_float_again(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(Decimal::of(value).value().to_bits(), (value + 0.0).to_bits());
            prop_assert_eq!(Decimal::shortest(value).value().to_bits(), (value + 0.0).to_bits());
        }

        /// Where there is no tie, all roundings to the nearest agree with the standard library's.
        #[test]
        fn what_is_no_tie_is_rounded_as_everywhere(value in -1e6..1e6_f64, digits in 0_usize..6) {
            prop_assume!(value.abs() > 1.0);
            let usual = format!("{value:.digits$}");
            let own = places(value, digits as i64);
            let tie = Decimal::of(value).exponent() == -(digits as i64) - 1;
            prop_assert!(tie || own == usual, "{own} and {usual}");
        }
    }
}
