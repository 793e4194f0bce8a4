//! Complex numbers as pairs of doubles.

use octavo_plugin::math;

/// Real and imaginary part.
pub(crate) type Complex = [f64; 2];

pub(crate) const ONE: Complex = [1.0, 0.0];

pub(crate) fn add(a: Complex, b: Complex) -> Complex {
    [a[0] + b[0], a[1] + b[1]]
}

pub(crate) fn sub(a: Complex, b: Complex) -> Complex {
    [a[0] - b[0], a[1] - b[1]]
}

pub(crate) fn mul(a: Complex, b: Complex) -> Complex {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

pub(crate) fn scale(by: f64, a: Complex) -> Complex {
    [by * a[0], by * a[1]]
}

pub(crate) fn square(a: Complex) -> f64 {
    a[0] * a[0] + a[1] * a[1]
}

pub(crate) fn abs(a: Complex) -> f64 {
    math::hypot(a[0], a[1])
}

/// |a|, also where its square is beyond the range of doubles.
#[inline]
pub(crate) fn length(a: Complex) -> f64 {
    let size = square(a);
    if size > 1e-280 && size < f64::INFINITY { size.sqrt() } else { abs(a) }
}

/// a / b; not finite if b is 0.
pub(crate) fn div(a: Complex, b: Complex) -> Complex {
    let size = square(b);
    let [re, im] = mul(a, [b[0], -b[1]]);
    [re / size, im / size]
}

/// exp(2π i turns).
pub(crate) fn turn(turns: f64) -> Complex {
    let (sin, cos) = math::sin_cos(std::f64::consts::TAU * turns);
    [cos, sin]
}

/// 2^exponent, for exponents of normal numbers.
#[inline(always)]
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// The whole number e with 2^e <= max(|re|, |im|) < 2^(e + 1), within the normal range.
#[inline(always)]
pub(crate) fn exponent(a: Complex) -> i32 {
    let most = a[0].abs().max(a[1].abs());
    ((most.to_bits() >> 52) as i32 - 1023).max(-1022)
}
