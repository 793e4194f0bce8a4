//! Cells that are numbers.

use std::borrow::Cow;

use super::form::TextForm;

/// What a cell says where a number is needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// It is empty, or says that the value is missing.
    Missing,
    /// A finite number.
    Finite(f64),
    /// `infinity` or `-infinity`.
    Infinite {
        /// Which.
        negative: bool,
    },
}

/// Reads a cell where a number is needed: `None` if it is none.
pub(crate) fn number(text: &str, form: &TextForm) -> Option<Number> {
    match text {
        "infinity" => return Some(Number::Infinite { negative: false }),
        "-infinity" => return Some(Number::Infinite { negative: true }),
        _ if text.is_empty() || form.is_missing(text) => return Some(Number::Missing),
        _ => {}
    }
    let (digits, _) = plain(text, form)?;
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then_some(Number::Finite(value))
}

/// The digits of a cell that is a whole number, with a sign and without what parts them; `None` for anything else.
pub(crate) fn integer<'a>(text: &'a str, form: &TextForm) -> Option<Cow<'a, str>> {
    plain(text, form).filter(|(_, whole)| *whole).map(|(digits, _)| digits)
}

/// A number as programs write it, and whether it is whole: a sign, ASCII digits, a point, an exponent.
fn plain<'a>(text: &'a str, form: &TextForm) -> Option<(Cow<'a, str>, bool)> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let (whole, fraction) = match mantissa.split_once(form.decimal()) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some = |text: &str| !text.is_empty() && digits(text);
    let good = fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
        && (!whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty()));
    if !good {
        return None;
    }
    let is_whole = fraction.is_none() && exponent.is_none();
    if digits(whole) && (fraction.is_none() || form.decimal() == '.') {
        return Some((Cow::Borrowed(text), is_whole));
    }
    let ungrouped = if digits(whole) { whole.to_owned() } else { ungrouped(whole, form)? };
    let sign = &text[..text.len() - body.len()];
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
    Some((Cow::Owned(format!("{sign}{ungrouped}{fraction}{exponent}")), is_whole))
}

/// Digits in groups of three, the first of one to three, as one.
fn ungrouped(text: &str, form: &TextForm) -> Option<String> {
    let thousands = form.thousands?;
    let mut groups = text.split(|sign| thousands.is(sign));
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=3).contains(&first.len()) || !digits(first) {
        return None;
    }
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        all.push_str(group);
    }
    Some(all)
}
