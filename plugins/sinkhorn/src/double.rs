//! Double-double arithmetic: an unevaluated sum of two floats, about 106 bits.
//!
//! Entropic transport divides differences of potentials and costs by epsilon before the exponential. With potentials of
//! 53 bits and epsilon at 1e-4 of the cost, a plan would be known to 1e-12 only; with 106 bits the exponent is right to
//! the last place of its own. Sums and products are the error-free transformations of Knuth and of Dekker (1971), which
//! need no fused operation, so that every instruction set gives the same bits.

use std::ops::{Add, Neg, Sub};

/// `hi + lo` with `hi` the float nearest to the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Double {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

/// `a + b` and the rounding error of that sum, exactly.
#[inline(always)]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// `a * b` and the rounding error of that product, exactly unless it leaves the range of floats.
pub(crate) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let product = a * b;
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// Two halves of 26 bits (Veltkamp).
fn split(a: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * a;
    let high = scaled - (scaled - a);
    (high, a - high)
}

impl Double {
    /// `a - b` exactly.
    pub(crate) fn difference(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, -b);
        Self { hi, lo }
    }

    /// The square.
    pub(crate) fn square(self) -> Self {
        let (hi, lo) = two_product(self.hi, self.hi);
        Self::normal(hi, lo + 2.0 * self.hi * self.lo)
    }

    /// The absolute value.
    pub(crate) fn absolute(self) -> Self {
        if self.hi < 0.0 { -self } else { self }
    }

    /// The product with a power of two.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { hi: self.hi * factor, lo: self.lo * factor }
    }

    /// The square root of a value that is not negative, by one Newton step.
    pub(crate) fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::default();
        }
        let root = self.hi.sqrt();
        let (square, lost) = two_product(root, root);
        Self::normal(root, ((self.hi - square) - lost + self.lo) / (2.0 * root))
    }

    /// The product with a float.
    pub(crate) fn times(self, factor: f64) -> Self {
        let (hi, lo) = two_product(self.hi, factor);
        Self::normal(hi, lo + self.lo * factor)
    }

    /// The nearest float.
    pub(crate) fn value(self) -> f64 {
        self.hi + self.lo
    }

    fn normal(hi: f64, lo: f64) -> Self {
        let (hi, lo) = two_sum(hi, lo);
        Self { hi, lo }
    }
}

impl From<f64> for Double {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

impl Add for Double {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (hi, lost) = two_sum(self.hi, other.hi);
        let (low, rest) = two_sum(self.lo, other.lo);
        let first = Self::normal(hi, lost + low);
        Self::normal(first.hi, first.lo + rest)
    }
}

impl Neg for Double {
    type Output = Self;

    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for Double {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl std::iter::Sum for Double {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::default(), |total, item| total + item)
    }
}

/// The sum of floats with about 106 bits, in order.
pub(crate) fn total(values: impl IntoIterator<Item = f64>) -> Double {
    values.into_iter().map(Double::from).sum()
}

/// A power of two near a positive float; its reciprocal is a float too.
pub(crate) fn power_of_two(value: f64) -> f64 {
    let biased = (value.to_bits() >> 52) & 0x7ff;
    f64::from_bits(biased.clamp(24, 2022) << 52)
}

/// The power of two near the largest of some values that are not negative; 1 if all are 0.
pub(crate) fn scale_of(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(0.0, f64::max);
    if largest > 0.0 { power_of_two(largest) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_float_would_lose_is_kept() {
        assert_eq!(total([1e16, 1.0, -1e16, 1e-20]).value(), 1.0 + 1e-20);
        let third = Double::difference(1.0, 1e-20);
        assert_eq!((third.square() - Double::from(1.0)).value(), -2e-20);
        assert_eq!((Double::from(1.0) + Double::from(1e-30)).times(2.0).lo, 2e-30);
    }

    #[test]
    fn a_root_squared_is_the_value() {
        for value in [2.0, 1e-300, 3.7e12, 0.1] {
            let back = Double::from(value).sqrt().square() - Double::from(value);
            assert!(back.value().abs() <= 1e-30 * value, "{value}: {back:?}");
        }
        assert_eq!(Double::from(0.0).sqrt(), Double::default());
    }
}
