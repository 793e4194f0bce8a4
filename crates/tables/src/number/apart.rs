//! Two numbers side by side, with the digits that tell them apart.

use octavo_plugin::Value;

use super::{Decimal, Format, Written, format_number};
use octavo_definition::locale::Locale;

/// Significant digits of numbers that differ in these.
const FEWEST: usize = 6;
/// Digits that two floats of about a size may have alike and still be written with digits that are their own.
const OWN: usize = 15;
/// Most digits of a number that is written whole.
const WHOLE: usize = 400;

/// Two values as a reader compares them: with six significant digits, or with as many more as tell unequal numbers apart. Floats
/// that differ in their last bits alone are written by the shortest decimals that stand for them.
pub fn apart(left: &Value, right: &Value, locale: &Locale) -> [String; 2] {
    let short = [left, right].map(|value| shown(value, locale));
    let (Some(a), Some(b)) = (decimal(left), decimal(right)) else { return short };
    if a == b || short[0] != short[1] {
        return short;
    }
    let rounded = |digits: usize| {
        [&a, &b].map(|number| written(&number.clone().to_significant(digits).trimmed(), locale))
    };
    if let Some(found) = (FEWEST + 1..=OWN).map(rounded).find(|[a, b]| a != b) {
        return found;
    }
    let shortest = [(left, &a), (right, &b)].map(|(value, exact)| match value {
        Value::Float(number) => written(&Decimal::shortest(*number).trimmed(), locale),
        _ if exact.digits() <= WHOLE => written(exact, locale),
        _ => shown(value, locale),
    });
    if shortest[0] != shortest[1] {
        return shortest;
    }
    // An integer and the float beside it, or two integers of hundreds of digits.
    (OWN + 1..=WHOLE).map(rounded).find(|[a, b]| a != b).unwrap_or(short)
}

/// A number with all digits of the shortest decimal that stands for it: for names that fewer digits would make one.
pub fn whole(number: f64, locale: &Locale) -> String {
    written(&Decimal::shortest(number).trimmed(), locale)
}

/// A number, exactly and without trailing zeros.
fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Float(number) if number.is_finite() => Some(Decimal::of(*number)),
        Value::Integer(number) => Some(Decimal::from(number).trimmed()),
        _ => None,
    }
}

fn shown(value: &Value, locale: &Locale) -> String {
    let format = Format::parse("%.6g").expect("the format is a good one");
    match format.write(value, locale) {
        Ok(written) => written.text(),
        Err(_) => format_number(value, None, locale).unwrap_or_default(),
    }
}

/// All digits of a decimal: whole numbers and fractions of a usual size written out.
fn written(number: &Decimal, locale: &Locale) -> String {
    let written = if (-4..21).contains(&number.magnitude()) || number.exponent() == 0 {
        Written::positional(number, 0, locale)
    } else {
        Written::scientific(number, locale)
    };
    written.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    fn check(left: impl Into<Value>, right: impl Into<Value>, expected: [&str; 2]) {
        let (left, right) = (left.into(), right.into());
        let found = apart(&left, &right, &Locale::built_in("en").unwrap());
        assert_eq!(found, expected, "{left:?} and {right:?}");
    }

    #[test]
    fn unequal_numbers_are_told_apart() {
        check(0.1 + 0.2, 0.3, ["0.30000000000000004", "0.3"]);
        check(1.000_000_1, 1.0, ["1.0000001", "1"]);
        check(2.0 / 3.0, 0.666_666_6, ["0.6666667", "0.6666666"]);
        check(1_234_567, 1_234_568, ["1,234,567", "1,234,568"]);
        check(1e-9, 1.000_000_000_1e-9, ["10⁻⁹", "1.0000000001×10⁻⁹"]);
        check(-0.1 - 0.2, -0.3, ["−0.30000000000000004", "−0.3"]);
    }

    #[test]
    fn what_differs_at_once_or_not_at_all_is_short() {
        check(0.123_456_789, 0.2, ["0.123457", "0.2"]);
        check(1.0 / 3.0, 1.0 / 3.0, ["0.333333", "0.333333"]);
        check(2, 2.0, ["2", "2"]);
        check("a", "b", ["a", "b"]);
        check(f64::INFINITY, 3.0, ["∞", "3"]);
    }

    #[test]
    fn integers_beyond_floats_are_told_apart() {
        let beside = Value::Integer(BigInt::from(9_007_199_254_740_993_i64));
        check(beside, 9_007_199_254_740_992.0, ["9,007,199,254,740,993", "9,007,199,254,740,992"]);
        let ten = BigInt::from(10).pow(23);
        check(ten, 1e23, ["10²³", "9.999999999999999×10²²"]);
        let long = BigInt::from(10).pow(30);
        check(&long + 1, long, [&format!("1{}1", ",000".repeat(9) + ",00"), "10³⁰"]);
    }
}
