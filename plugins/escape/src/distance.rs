//! What distances and their factors are made of: complex numbers of doubles, or of pairs of doubles.

use crate::complex::{self, Complex};
use crate::fixed::Fixed;

/// Complex numbers of some precision.
pub trait Distance: Copy + Default + Send + Sync {
    /// The variance of the rounding of a step, in units of the square of what is rounded.
    const ROUNDING: f64;
    /// What may be left out beside 1.
    const UNIT: f64;
    /// How much the terms of a jump that are kept in doubles may be of those of first order.
    const BESIDE: f64;
    /// The number.
    fn of(value: Complex) -> Self;
    /// The nearest number.
    fn of_fixed<const L: usize>(value: [Fixed<L>; 2]) -> Self;
    /// The number in doubles.
    fn rounded(self) -> Complex;
    /// The sum.
    #[must_use]
    fn plus(self, other: Self) -> Self;
    /// The product.
    #[must_use]
    fn times(self, other: Self) -> Self;
    /// Twice the number.
    #[must_use]
    fn twice(self) -> Self;
}

impl Distance for Complex {
    // Three half units of the last place of 1, squared.
    const ROUNDING: f64 = 9.0 / 81_129_638_414_606_681_695_789_005_144_064.0;
    const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;
    const BESIDE: f64 = 1e-4;

    #[inline(always)]
    fn of(value: Complex) -> Self {
        value
    }

    #[inline(always)]
    fn of_fixed<const L: usize>(value: [Fixed<L>; 2]) -> Self {
        value.map(Fixed::to_f64)
    }

    #[inline(always)]
    fn rounded(self) -> Complex {
        self
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        complex::add(self, other)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        complex::mul(self, other)
    }

    #[inline(always)]
    fn twice(self) -> Self {
        complex::scale(2.0, self)
    }
}

/// The unevaluated sum of two doubles, the second at most half a unit of the last place of the first: 106 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Double {
    high: f64,
    low: f64,
}

/// The rounded sum and what rounding took (Knuth).
#[inline(always)]
fn two_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    let part = high - a;
    Double { high, low: (a - (high - part)) + (b - part) }
}

/// The same for |a| >= |b| (Dekker).
#[inline(always)]
fn quick_two_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    Double { high, low: b - (high - a) }
}

impl Double {
    /// The sum, to within 3 · 2^-106 of itself (Joldes, Muller, Popescu 2017, algorithm 6).
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.high, other.high), two_sum(self.low, other.low));
        let sum = quick_two_sum(high.high, high.low + low.high);
        quick_two_sum(sum.high, sum.low + low.low)
    }

    /// The product, to within 5 · 2^-106 of itself (the same, algorithm 11).
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let high = self.high * other.high;
        let rest = self.high.mul_add(other.high, -high);
        let cross = self.low.mul_add(other.high, self.high * other.low);
        quick_two_sum(high, rest + cross)
    }

    #[inline(always)]
    fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

/// Real and imaginary part as pairs of doubles.
pub type Fine = [Double; 2];

impl Distance for Fine {
    // Sixteen units of 2^-106, squared: more than the bounds of all operations of a step together.
    const ROUNDING: f64 =
        256.0 / 81_129_638_414_606_681_695_789_005_144_064.0 / 81_129_638_414_606_681_695_789_005_144_064.0;
    const UNIT: f64 = Complex::UNIT * Complex::UNIT;
    const BESIDE: f64 = 0.25 * Complex::UNIT;

    #[inline(always)]
    fn of(value: Complex) -> Self {
        value.map(|high| Double { high, low: 0.0 })
    }

    #[inline(always)]
    fn of_fixed<const L: usize>(value: [Fixed<L>; 2]) -> Self {
        value.map(|part| {
            let high = part.to_f64();
            quick_two_sum(high, part.minus(Fixed::of(high)).to_f64())
        })
    }

    #[inline(always)]
    fn rounded(self) -> Complex {
        [self[0].high, self[1].high]
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        [self[0].plus(other[0]), self[1].plus(other[1])]
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self, other);
        [a.times(c).plus(b.times(d).negated()), a.times(d).plus(b.times(c))]
    }

    #[inline(always)]
    fn twice(self) -> Self {
        let twice = |part: Double| Double { high: 2.0 * part.high, low: 2.0 * part.low };
        [twice(self[0]), twice(self[1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(part: Double) -> Fixed<8> {
        Fixed::of(part.high).plus(Fixed::of(part.low))
    }

    #[test]
    fn pairs_of_doubles_have_106_bits() {
        let texts =
            ["0.7436421400465079963716031544515954624", "-1.2345678901234567890123456789e-9", "3.3e5", "1"];
        let all: Vec<Fixed<8>> = texts.iter().map(|text| Fixed::parse(text).unwrap()).collect();
        for x in &all {
            for y in &all {
                let (a, b) = (Fine::of_fixed([*x, *y]), Fine::of_fixed([*y, *x]));
                let near = |found: Double, exact: Fixed<8>, size: f64| {
                    let off = fixed(found).minus(exact).to_f64().abs();
                    assert!(off <= 16.0 * size * complex::power_of_two(-106), "{off:e} {size:e}");
                };
                near(a[0], *x, x.to_f64().abs());
                near(a.plus(b)[0], x.plus(*y), x.to_f64().abs() + y.to_f64().abs());
                // (x + iy)(y + ix) = i (x² + y²).
                let both = x.times(*x).plus(y.times(*y));
                near(a.times(b)[1], both, both.to_f64());
                near(a.times(b)[0], Fixed::ZERO, both.to_f64());
                near(a.twice()[1], y.plus(*y), y.to_f64().abs());
            }
        }
    }
}
