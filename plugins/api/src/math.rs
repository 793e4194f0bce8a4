//! Elementary functions with the same bits on every machine.
//!
//! `+ - * /`, `sqrt` and `mul_add` are correctly rounded by IEEE 754 and may be used as they are. Everything else of the
//! standard library calls the platform, whose results differ between machines; clippy.toml forbids those calls.
//!
//! exp, ln, tanh, erf and their helpers are our own ([`elementary`]), below 2 units in the last place. Alone or over a
//! slice ([`exp_slice`] and so on) they give the same bits; over a slice they run on the widest lanes of the processor, and
//! called inside a kernel of [`crate::simd`] they are compiled with it. Many values belong into one slice: about ten times
//! faster than one by one. The other functions come from the `libm` crate, accurate to about one unit in the last place.
//!
//! Special values follow IEEE 754: exp(-inf) = 0, ln(0) = -inf, ln of a negative number is NaN, tanh and erf keep the sign
//! of zero and are ±1 at infinity, NaN gives the one quiet NaN of the standard library. An overflow of exp is infinite,
//! and an artifact stops it; underflow is gradual.

mod elementary;
mod single;
mod slices;

pub use slices::{
    erf_gauss_slice, erf_slice, exp_slice, gauss_slice, ln_slice, sech2_slice, tanh_sech2_slice, tanh_slice,
};

macro_rules! one_argument {
    ($($(#[$doc:meta])* $name:ident => $libm:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: f64) -> f64 {
            libm::$libm(x)
        }
    )*};
}

one_argument! {
    /// Sine; x in radians.
    sin => sin;
    /// Cosine; x in radians.
    cos => cos;
    /// Tangent; x in radians.
    tan => tan;
    /// Arc sine, in radians.
    asin => asin;
    /// Arc cosine, in radians.
    acos => acos;
    /// Arc tangent, in radians.
    atan => atan;
    /// Hyperbolic sine.
    sinh => sinh;
    /// Hyperbolic cosine.
    cosh => cosh;
    /// Inverse hyperbolic sine.
    asinh => asinh;
    /// Inverse hyperbolic cosine.
    acosh => acosh;
    /// Inverse hyperbolic tangent.
    atanh => atanh;
    /// 2 to the power x.
    exp2 => exp2;
    /// e to the power x, minus 1, accurate near 0.
    exp_m1 => expm1;
    /// Natural logarithm of 1 + x, accurate near 0.
    ln_1p => log1p;
    /// Logarithm to base 2.
    log2 => log2;
    /// Logarithm to base 10.
    log10 => log10;
    /// Cube root.
    cbrt => cbrt;
    /// 1 - erf(x), accurate for large x.
    erfc => erfc;
    /// Logarithm of the gamma function's absolute value.
    ln_gamma => lgamma;
}

macro_rules! our_own {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(x: f64) -> f64 {
            elementary::$name(x)
        }
    )*};
}

our_own! {
    /// e to the power x.
    exp;
    /// Natural logarithm.
    ln;
    /// Hyperbolic tangent.
    tanh;
    /// Error function, 2/sqrt(pi) times the integral of exp(-t²) from 0 to x.
    erf;
    /// Hyperbolic secant squared, 1 - tanh²(x), without cancellation for large |x|.
    sech2;
    /// exp(-x²), without the rounding of x².
    gauss;
}

/// Hyperbolic tangent of x and its derivative, sech²(x).
#[inline(always)]
pub fn tanh_sech2(x: f64) -> [f64; 2] {
    elementary::tanh_sech2(x)
}

/// Hyperbolic tangent of x and its derivative, in single precision; below 2 and 4 units in the last place. A derivative
/// below 2^-124 is zero.
#[inline(always)]
pub fn tanh_sech2_f32(x: f32) -> [f32; 2] {
    single::tanh_sech2(x)
}

/// erf(x) and exp(-x²), which is sqrt(pi)/2 times its derivative.
#[inline(always)]
pub fn erf_gauss(x: f64) -> [f64; 2] {
    elementary::erf_gauss(x)
}

/// Sine and cosine of x (radians).
pub fn sin_cos(x: f64) -> (f64, f64) {
    libm::sincos(x)
}

/// Angle of the vector (x, y) in (-pi, pi].
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// sqrt(x² + y²) without overflow.
pub fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// x to the power y.
pub fn powf(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// x to an integer power by repeated squaring: at most 64 roundings, in an order fixed by n.
pub fn powi(x: f64, n: i32) -> f64 {
    let (mut power, mut base, mut left) = (1.0, x, n.unsigned_abs());
    while left > 0 {
        if left & 1 == 1 {
            power *= base;
        }
        base *= base;
        left >>= 1;
    }
    if n < 0 { 1.0 / power } else { power }
}

/// Standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities() {
        for x in [-30.0, -1.5, -1e-8, 0.0, 1e-12, 0.3, 2.0, 18.0] {
            assert!((sech2(x) - 1.0 / (cosh(x) * cosh(x))).abs() <= 4e-16 * sech2(x));
            assert!((normal_cdf(x) + normal_cdf(-x) - 1.0).abs() < 1e-15);
        }
        assert_eq!(powi(2.0, 10), 1024.0);
        assert_eq!(powi(2.0, -2), 0.25);
        assert_eq!(powi(3.0, 0), 1.0);
    }
}
