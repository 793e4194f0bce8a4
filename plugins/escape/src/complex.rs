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
