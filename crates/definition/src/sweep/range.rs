//! The values of an axis that is written as a range: `{ from, to, step }` or `{ from, to, steps, log }`.

use octavo_plugin::math;

use crate::toml_tree::{Node, TomlValue};

/// Most values of one range.
const MAX_VALUES: f64 = 1e6;

/// The values of a range. `whole` says that the parameter takes whole numbers alone.
///
/// # Errors
/// What is wrong with the range, in one sentence.
pub(super) fn values(node: &Node, whole: bool) -> Result<Vec<Node>, String> {
    for key in node.entries().into_iter().flatten().map(|(key, _)| key.as_str()) {
        if !["from", "to", "step", "steps", "log"].contains(&key) {
            return Err(format!("`{key}` is not a key of a range"));
        }
    }
    let number = |key: &str| match node.get(key).map(|value| &value.kind) {
        None => Ok(None),
        #[expect(clippy::cast_precision_loss, reason = "sweep bounds are far below 2^53")]
        Some(TomlValue::Integer(value)) => Ok(Some(*value as f64)),
        Some(TomlValue::Float(value)) if value.is_finite() => Ok(Some(*value)),
        Some(_) => Err(format!("`{key}` is no finite number")),
    };
    let written_whole = ["from", "to", "step"]
        .iter()
        .filter_map(|key| node.get(key))
        .all(|value| matches!(value.kind, TomlValue::Integer(_)));
    let log = matches!(node.get("log").map(|value| &value.kind), Some(TomlValue::Bool(true)));
    let (from, to) = (number("from")?.unwrap_or(0.0), number("to")?.unwrap_or(0.0));
    let mut values = match (number("step")?, number("steps")?) {
        (Some(step), None) if !log => stepped(from, to, step)?,
        (None, Some(steps)) => divided(from, to, steps, log)?,
        (None, None) if written_whole && !log => stepped(from, to, if to >= from { 1.0 } else { -1.0 })?,
        (Some(_), None) => return Err("`log` goes with `steps`, not with `step`".to_owned()),
        _ => return Err("give either `step` or `steps`".to_owned()),
    };
    if whole {
        make_whole(&mut values, log)?;
    }
    let integers = whole || (written_whole && node.get("steps").is_none());
    Ok(values
        .into_iter()
        .map(|value| Node { kind: number_kind(value, integers), location: node.location.clone() })
        .collect())
}

fn number_kind(value: f64, integer: bool) -> TomlValue {
    #[expect(clippy::cast_possible_truncation, reason = "sums of small whole numbers")]
    if integer { TomlValue::Integer(value as i64) } else { TomlValue::Float(value) }
}

/// Equal ratios seldom fall on whole numbers and are rounded; equal differences must fall on them.
fn make_whole(values: &mut [f64], log: bool) -> Result<(), String> {
    if log {
        values.iter_mut().for_each(|value| *value = value.round());
        if let Some(twice) = values.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("rounded to whole numbers it has {} twice; take fewer steps", twice[0]));
        }
        return Ok(());
    }
    match values.iter().find(|value| value.fract() != 0.0) {
        Some(value) => Err(format!("it has the value {value}, and whole numbers are needed")),
        None => Ok(()),
    }
}

/// from, from + step, ..., up to and including `to` within a billionth of a step.
fn stepped(from: f64, to: f64, step: f64) -> Result<Vec<f64>, String> {
    let count = (to - from) / step;
    if step == 0.0 || !count.is_finite() || count < 0.0 {
        return Err(format!("{to} is not reached from {from} in steps of {step}"));
    }
    if count > MAX_VALUES {
        return Err("the range has more than a million values".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
    let count = (count + 1e-9).floor() as u32;
    let pair = Decimal::pair(from, step);
    let value = |index: u32| {
        let exact = pair.and_then(|(from, step, places)| Some((add(from, step, index.into())?, places)));
        exact.map_or_else(|| from + f64::from(index) * step, |(digits, places)| float(digits, places))
    };
    Ok((0..=count).map(value).collect())
}

/// `steps` values from `from` to `to`, both included, evenly spaced or evenly spaced in the logarithm.
fn divided(from: f64, to: f64, steps: f64, log: bool) -> Result<Vec<f64>, String> {
    if steps.fract() != 0.0 || !(1.0..=MAX_VALUES).contains(&steps) {
        return Err("`steps` is no whole number from 1 to a million".to_owned());
    }
    if log && (from <= 0.0 || to <= 0.0) {
        return Err("a logarithmic range lies above 0".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a million")]
    let count = steps as u32;
    let pair = Decimal::pair(from, to);
    let value = |index: u32| {
        // The ends are exact.
        if index == 0 {
            return from;
        }
        if index == count - 1 {
            return to;
        }
        let t = f64::from(index) / f64::from(count - 1);
        if log {
            short(math::exp(math::ln(from) + t * (math::ln(to) - math::ln(from))))
        } else {
            pair.and_then(|ends| between(ends, index, count - 1)).unwrap_or(from + t * (to - from))
        }
    };
    Ok((0..count).map(value).collect())
}

/// The value with 15 significant digits: 10 and not 10.000000000000002.
fn short(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

/// A part of the way between two decimals, which have equally many places, as a short decimal, if it is one.
fn between((from, to, places): (i128, i128, u32), index: u32, parts: u32) -> Option<f64> {
    const MORE_PLACES: u32 = 6;
    let parts = i128::from(parts);
    let sum = add(from.checked_mul(parts)?, to.checked_sub(from)?, index.into())?;
    (0..=MORE_PLACES).find_map(|more| {
        let scaled = sum.checked_mul(10_i128.checked_pow(more)?)?;
        (scaled % parts == 0).then(|| float(scaled / parts, places + more))
    })
}

fn add(start: i128, step: i128, times: i128) -> Option<i128> {
    start.checked_add(step.checked_mul(times)?)
}

/// A number as its author writes it: sums of these are the decimals that one expects, and not 0.30000000000000004.
struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    fn of(value: f64) -> Option<Self> {
        const MOST_PLACES: usize = 18;
        let text = value.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let places = u32::try_from(fraction.len().min(MOST_PLACES + 1)).ok()?;
        let short = fraction.len() <= MOST_PLACES;
        short.then(|| format!("{whole}{fraction}").parse().ok())?.map(|digits| Self { digits, places })
    }

    /// Two numbers in units of the same place, and which place it is.
    fn pair(a: f64, b: f64) -> Option<(i128, i128, u32)> {
        let (a, b) = (Self::of(a)?, Self::of(b)?);
        let places = a.places.max(b.places);
        Some((a.in_place(places)?, b.in_place(places)?, places))
    }

    fn in_place(&self, places: u32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow(places - self.places)?)
    }
}

fn float(digits: i128, places: u32) -> f64 {
    format!("{digits}e-{places}").parse().unwrap_or(f64::NAN)
}
