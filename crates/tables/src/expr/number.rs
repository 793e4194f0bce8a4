//! Arithmetic and comparison of values: exact on integers, honest about missing values and infinities.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{FromPrimitive, One, Signed, ToPrimitive, Zero};
use octavo_plugin::value::Named;
use octavo_plugin::{Value, math};

use super::Arithmetic;
use super::function::Function;

/// Most bits of an integer result.
pub(super) const MAX_BITS: u64 = 1 << 20;

/// Why a number has no value here; a message without a full stop.
type Fault = String;

fn missing(reason: &str) -> Value {
    Value::Missing(reason.to_owned())
}

/// A float result: the reason stands for NaN; an infinity that finite operands gave is out of range and is missing.
pub(super) fn finish(x: f64, finite_operands: bool, reason: &str) -> Value {
    if x.is_nan() {
        missing(reason)
    } else if x.is_infinite() && finite_operands {
        missing("the result is beyond the range of floats")
    } else {
        Value::from_f64(x)
    }
}

fn is_finite(value: &Value) -> bool {
    !matches!(value, Value::Named(_))
}

/// The number, or why there is none.
pub(super) fn number(value: &Value) -> Result<f64, Fault> {
    value.as_f64().ok_or_else(|| format!("{} is no number", describe(value)))
}

pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("the text \"{text}\""),
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Missing(_) => "a missing value".to_owned(),
        other => other.to_string(),
    }
}

/// a + b, a - b, a * b, a / b or a ^ b.
pub(super) fn arithmetic(operation: Arithmetic, a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Missing(_), _) => Ok(a.clone()),
        (_, Value::Missing(_)) => Ok(b.clone()),
        (Value::Integer(a), Value::Integer(b)) => integers(operation, a, b),
        _ => floats(operation, number(a)?, number(b)?, is_finite(a) && is_finite(b)),
    }
}

fn integers(operation: Arithmetic, a: &BigInt, b: &BigInt) -> Result<Value, Fault> {
    let result = match operation {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => {
            within_limit(a.bits() + b.bits())?;
            a * b
        }
        Arithmetic::Divide if b.is_zero() => return Ok(missing("division by zero")),
        Arithmetic::Divide => return Ok(finish(ratio(a, b), true, "")),
        Arithmetic::Power if b.is_negative() && a.is_zero() => return Ok(missing("division by zero")),
        Arithmetic::Power if b.is_negative() => {
            return Ok(match power(a, &-b) {
                Ok(denominator) => finish(ratio(&BigInt::one(), &denominator), true, ""),
                Err(_) => Value::Float(0.0),
            });
        }
        Arithmetic::Power => power(a, b)?,
    };
    within_limit(result.bits())?;
    Ok(Value::Integer(result))
}

fn within_limit(bits: u64) -> Result<(), Fault> {
    if bits <= MAX_BITS + 1 { Ok(()) } else { Err(too_large()) }
}

fn too_large() -> Fault {
    format!("the integer result would have more than {MAX_BITS} bits")
}

fn power(base: &BigInt, exponent: &BigInt) -> Result<BigInt, Fault> {
    if base.is_zero() || base.is_one() || (-base).is_one() {
        let one = exponent.is_zero() || base.is_one() || (!base.is_zero() && !exponent.bit(0));
        return Ok(if one { BigInt::one() } else { base.clone() });
    }
    let exponent = u32::try_from(exponent).map_err(|_| too_large())?;
    // The result has more than (bits - 1) * exponent bits.
    within_limit((base.bits() - 1).saturating_mul(exponent.into()))?;
    Ok(base.pow(exponent))
}

/// a / b rounded to a float from a quotient of at least 66 bits, also where neither fits a float.
pub(super) fn ratio(a: &BigInt, b: &BigInt) -> f64 {
    const EXACT: u64 = 53;
    if a.bits() <= EXACT && b.bits() <= EXACT {
        return a.to_f64().unwrap_or(f64::NAN) / b.to_f64().unwrap_or(f64::NAN);
    }
    let bits = |n: &BigInt| i64::try_from(n.bits()).expect("integers are limited in size");
    let shift = 66 - (bits(a) - bits(b));
    let distance = usize::try_from(shift.unsigned_abs()).expect("integers are limited in size");
    let (numerator, denominator) =
        if shift >= 0 { (a << distance, b.clone()) } else { (a.clone(), b << distance) };
    let quotient = &numerator / &denominator;
    let sticky = BigInt::from(u8::from(&quotient * &denominator != numerator));
    let quotient = if quotient.is_negative() { quotient - sticky } else { quotient + sticky };
    scaled(quotient.to_f64().unwrap_or(f64::NAN), -shift)
}

/// x times 2 to the power n, in steps that neither overflow nor vanish before the last.
fn scaled(mut x: f64, mut n: i64) -> f64 {
    while n != 0 && x != 0.0 && x.is_finite() {
        let step = i32::try_from(n.clamp(-900, 900)).expect("900 fits");
        x *= math::powi(2.0, step);
        n -= i64::from(step);
    }
    x
}

fn floats(operation: Arithmetic, a: f64, b: f64, finite: bool) -> Result<Value, Fault> {
    let (result, reason) = match operation {
        Arithmetic::Add => (a + b, "plus and minus infinity have no sum"),
        Arithmetic::Subtract => (a - b, "infinities have no difference"),
        Arithmetic::Multiply => (a * b, "zero times infinity"),
        Arithmetic::Divide if b == 0.0 => return Ok(missing("division by zero")),
        Arithmetic::Divide => (a / b, "infinity divided by infinity"),
        Arithmetic::Power if a == 0.0 && b < 0.0 => return Ok(missing("division by zero")),
        Arithmetic::Power => (math::powf(a, b), "a negative number to a fractional power"),
    };
    Ok(finish(result, finite, reason))
}

/// -a.
pub(super) fn negate(a: &Value) -> Result<Value, Fault> {
    Ok(match a {
        Value::Missing(_) => a.clone(),
        Value::Integer(a) => Value::Integer(-a),
        Value::Named(Named::Infinity) => Value::Named(Named::NegativeInfinity),
        Value::Named(Named::NegativeInfinity) => Value::Named(Named::Infinity),
        other => Value::Float(-number(other)?),
    })
}

/// The order of two numbers, exact also between integers and floats; `None` if one is no number.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::Integer(a), Value::Float(b)) => Some(integer_float(a, *b)),
        (Value::Float(a), Value::Integer(b)) => Some(integer_float(b, *a).reverse()),
        (Value::Integer(_), Value::Named(named)) => {
            Some(if *named == Named::Infinity { Ordering::Less } else { Ordering::Greater })
        }
        (Value::Named(_), Value::Integer(_)) => compare(b, a).map(Ordering::reverse),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn integer_float(a: &BigInt, b: f64) -> Ordering {
    let whole = BigInt::from_f64(b.trunc()).expect("floats of values are finite");
    a.cmp(&whole).then_with(|| 0.0.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal))
}

/// Whether two values are equal; `None` if they are of kinds that are never compared, or one is missing.
pub fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        _ => compare(a, b).map(Ordering::is_eq),
    }
}

/// a - b, exact for integers; missing if one is missing or there is none.
pub fn difference(a: &Value, b: &Value) -> Value {
    arithmetic(Arithmetic::Subtract, a, b).unwrap_or_else(Value::Missing)
}

/// A text that is the same for equal values of a column, whatever numeric type they have.
pub fn key(value: &Value) -> String {
    match value {
        Value::Integer(integer) => format!("n{integer}"),
        Value::Float(float) if float.fract() == 0.0 => {
            format!("n{}", BigInt::from_f64(*float).unwrap_or_default())
        }
        Value::Float(float) => format!("n{float:?}"),
        Value::Text(text) => format!("t{text}"),
        Value::Bool(truth) => format!("b{truth}"),
        Value::Missing(_) => "missing".to_owned(),
        Value::Named(named) => format!("i{}", named.name()),
    }
}

/// A function of numbers with one argument.
pub(super) fn apply(function: Function, x: &Value) -> Result<Value, Fault> {
    match (function, x) {
        (_, Value::Missing(_)) => Ok(x.clone()),
        (Function::Abs, Value::Integer(n)) => Ok(Value::Integer(n.abs())),
        (Function::Floor | Function::Round, Value::Integer(_) | Value::Named(_)) => Ok(x.clone()),
        (Function::Floor, _) => whole(number(x)?.floor()),
        (Function::Round, _) => whole(number(x)?.round()),
        (Function::Digits, Value::Integer(n)) => Ok(Value::from(n.magnitude().to_string().len())),
        (Function::Digits, _) => Err(format!("{} is no integer, so it has no count of digits", describe(x))),
        (Function::Log | Function::Log2 | Function::Log10, Value::Integer(n)) if n.bits() > 1000 => {
            Ok(log_of_large(function, n))
        }
        (Function::Sqrt, Value::Integer(n)) if n.bits() > 1000 && n.is_positive() => {
            Ok(finish(n.sqrt().to_f64().unwrap_or(f64::NAN), true, ""))
        }
        _ => Ok(elementary(function, number(x)?, is_finite(x))),
    }
}

fn whole(x: f64) -> Result<Value, Fault> {
    BigInt::from_f64(x).map(Value::Integer).ok_or_else(|| format!("{x} has no whole part"))
}

/// log n = log m + k log 2 for n = m 2^k, of integers that may be beyond the range of floats.
fn log_of_large(function: Function, n: &BigInt) -> Value {
    use std::f64::consts::{LN_2, LOG10_2};
    if n.is_negative() {
        return missing("the logarithm of a negative number");
    }
    let shift = n.bits() - 64;
    let mantissa = (n >> shift).to_f64().unwrap_or(f64::NAN);
    #[expect(clippy::cast_precision_loss, reason = "integers have at most 2^20 bits")]
    let shift = shift as f64;
    Value::from_f64(match function {
        Function::Log2 => math::log2(mantissa) + shift,
        Function::Log10 => math::log10(mantissa) + shift * LOG10_2,
        _ => math::ln(mantissa) + shift * LN_2,
    })
}

fn elementary(function: Function, x: f64, finite: bool) -> Value {
    let (result, reason) = match function {
        // The limit at zero is minus infinity, a value with a name.
        Function::Log | Function::Log2 | Function::Log10 if x == 0.0 => {
            return Value::Named(Named::NegativeInfinity);
        }
        Function::Log => (math::ln(x), "the logarithm of a negative number"),
        Function::Log2 => (math::log2(x), "the logarithm of a negative number"),
        Function::Log10 => (math::log10(x), "the logarithm of a negative number"),
        Function::Exp => (math::exp(x), ""),
        Function::Sqrt => (x.sqrt(), "the square root of a negative number"),
        Function::Sin => (math::sin(x), "the sine of infinity"),
        Function::Cos => (math::cos(x), "the cosine of infinity"),
        Function::Tan => (math::tan(x), "the tangent of infinity"),
        _ => (x.abs(), ""),
    };
    // An integer beyond the range of floats arrives as an infinity although it is finite.
    let finite = finite || x.is_finite();
    finish(result, finite, reason)
}
