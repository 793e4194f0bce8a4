//! Exact arithmetic on dyadic numbers, the numbers m · 2^e with whole m and e.
//!
//! Every float is dyadic, and so is every affine form of a network with float weights: composing layers takes products
//! and sums alone. A corner of a cell is the meeting point of two such forms, with dyadic homogeneous coordinates, so
//! that the side of a line on which it lies is the sign of a dyadic number. No division and no common divisor is needed.

use num_bigint::{BigInt, Sign};
use num_traits::{ToPrimitive, Zero};
use octavo_plugin::math;

/// `mantissa · 2^exponent`. Canonical: the mantissa is odd, or both are zero, so that equal values are equal structs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dyadic {
    mantissa: BigInt,
    exponent: i64,
}

impl Dyadic {
    pub(crate) fn zero() -> Self {
        Self { mantissa: BigInt::zero(), exponent: 0 }
    }

    /// The value of a finite float.
    pub(crate) fn from_f64(value: f64) -> Self {
        let bits = value.to_bits();
        let biased = (bits >> 52) & 0x7ff;
        let fraction = bits & ((1 << 52) - 1);
        // Subnormal numbers have no hidden bit and the exponent of the smallest normal ones.
        let (magnitude, exponent) =
            if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased.cast_signed() - 1075) };
        let mantissa = BigInt::from(magnitude.cast_signed());
        Self::canonical(if value.is_sign_negative() { -mantissa } else { mantissa }, exponent)
    }

    fn canonical(mantissa: BigInt, exponent: i64) -> Self {
        match mantissa.trailing_zeros() {
            None => Self::zero(),
            Some(0) => Self { mantissa, exponent },
            Some(zeros) => Self { mantissa: mantissa >> zeros, exponent: exponent + zeros.cast_signed() },
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// -1, 0 or 1.
    pub(crate) fn sign(&self) -> i8 {
        match self.mantissa.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        let (low, high) = if self.exponent <= other.exponent { (self, other) } else { (other, self) };
        let shift = (high.exponent - low.exponent).cast_unsigned();
        Self::canonical((&high.mantissa << shift) + &low.mantissa, low.exponent)
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        self.add(&Self { mantissa: -&other.mantissa, exponent: other.exponent })
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::zero();
        }
        // The product of odd mantissas is odd.
        Self { mantissa: &self.mantissa * &other.mantissa, exponent: self.exponent + other.exponent }
    }

    /// The float nearest to `self / divisor`.
    pub(crate) fn ratio(&self, divisor: &Self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        let bits = |value: &Self| value.mantissa.bits().cast_signed();
        // A quotient of about 66 bits, its last bit standing for whatever was cut off, rounds to the nearest float.
        let shift = 66 - (bits(self) - bits(divisor));
        let (mut top, mut bottom) = (
            BigInt::from(self.mantissa.magnitude().clone()),
            BigInt::from(divisor.mantissa.magnitude().clone()),
        );
        if shift >= 0 {
            top <<= shift.cast_unsigned();
        } else {
            bottom <<= (-shift).cast_unsigned();
        }
        let quotient = &top / &bottom;
        let cut = quotient.clone() * &bottom != top;
        let whole = quotient.to_u128().expect("a quotient of 67 bits fits") | u128::from(cut);
        #[expect(clippy::cast_precision_loss, reason = "the one rounding that is meant")]
        let magnitude = scale(whole as f64, self.exponent - divisor.exponent - shift);
        if self.sign() * divisor.sign() < 0 { -magnitude } else { magnitude }
    }
}

/// `value · 2^exponent` in steps that are exact as long as the result is a normal number.
fn scale(mut value: f64, mut exponent: i64) -> f64 {
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = i32::try_from(exponent.clamp(-900, 900)).expect("within 900");
        value *= math::powi(2.0, step);
        exponent -= i64::from(step);
    }
    value
}

/// The form a·x + b·y + c, or the point (x/w, y/w) as (x, y, w).
pub(crate) type Triple = [Dyadic; 3];

/// The form with these float coefficients.
pub(crate) fn form(a: f64, b: f64, c: f64) -> Triple {
    [a, b, c].map(Dyadic::from_f64)
}

/// Where two lines meet, in homogeneous coordinates. They must not be parallel.
pub(crate) fn meet(one: &Triple, other: &Triple) -> Triple {
    let minor = |i: usize, j: usize| one[i].mul(&other[j]).sub(&one[j].mul(&other[i]));
    [minor(1, 2), minor(2, 0), minor(0, 1)]
}

/// The sign of a form at a point.
pub(crate) fn side(form: &Triple, point: &Triple) -> i8 {
    let value = form[0].mul(&point[0]).add(&form[1].mul(&point[1])).add(&form[2].mul(&point[2]));
    value.sign() * point[2].sign()
}

/// The sign of `one - other` in the coordinate x (`axis` 0) or y (1).
pub(crate) fn compare(one: &Triple, other: &Triple, axis: usize) -> i8 {
    let difference = one[axis].mul(&other[2]).sub(&other[axis].mul(&one[2]));
    difference.sign() * one[2].sign() * other[2].sign()
}

/// The float coordinates nearest to a point.
pub(crate) fn round(point: &Triple) -> [f64; 2] {
    [point[0].ratio(&point[2]), point[1].ratio(&point[2])]
}

/// `one - other`, rounded at the end alone.
pub(crate) fn difference(one: &Triple, other: &Triple) -> [f64; 2] {
    let weight = one[2].mul(&other[2]);
    [0, 1].map(|axis| one[axis].mul(&other[2]).sub(&other[axis].mul(&one[2])).ratio(&weight))
}

/// The area of a polygon with these corners in order, rounded at the end alone.
pub(crate) fn area(corners: &[Triple]) -> f64 {
    let Some((first, rest)) = corners.split_first() else { return 0.0 };
    let (mut numerator, mut denominator) = (Dyadic::zero(), Dyadic::from_f64(1.0));
    for pair in rest.windows(2) {
        // Twice the signed area of a triangle is the determinant of its corners over the product of their weights.
        let cross = meet(&pair[0], &pair[1]);
        let determinant = (0..3).fold(Dyadic::zero(), |sum, i| sum.add(&first[i].mul(&cross[i])));
        let weights = first[2].mul(&pair[0][2]).mul(&pair[1][2]);
        numerator = numerator.mul(&weights).add(&determinant.mul(&denominator));
        denominator = denominator.mul(&weights);
    }
    numerator.ratio(&denominator) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(dyadic: &Dyadic) -> f64 {
        dyadic.ratio(&Dyadic::from_f64(1.0))
    }

    #[test]
    fn floats_round_trip() {
        for x in [0.0, 1.0, -0.75, 1e300, -1e-300, f64::MIN_POSITIVE, std::f64::consts::PI, 3.0_f64.sqrt()] {
            assert_eq!(value(&Dyadic::from_f64(x)), x);
        }
    }

    #[test]
    fn sums_and_products_of_small_numbers_are_those_of_floats() {
        for x in [0.5, -3.0, 1024.0, 0.0] {
            for y in [0.25, 7.0, -1024.0, 0.0] {
                let (p, q) = (Dyadic::from_f64(x), Dyadic::from_f64(y));
                assert_eq!(p.add(&q), Dyadic::from_f64(x + y));
                assert_eq!(p.sub(&q), Dyadic::from_f64(x - y));
                assert_eq!(p.mul(&q), Dyadic::from_f64(x * y));
            }
        }
        let tiny = Dyadic::from_f64(1e-200);
        assert_eq!(Dyadic::from_f64(1e200).add(&tiny).sub(&Dyadic::from_f64(1e200)), tiny);
    }

    #[test]
    fn ratios_round_to_nearest() {
        for (x, y) in [(1.0, 3.0), (-2.0, 7.0), (1e-17, 3e5), (5.0, -1e9)] {
            assert_eq!(Dyadic::from_f64(x).ratio(&Dyadic::from_f64(y)), x / y);
        }
    }

    #[test]
    fn lines_meet_and_points_have_sides() {
        let point = meet(&form(1.0, 0.0, -0.5), &form(1.0, 2.0, -1.0));
        assert_eq!(round(&point), [0.5, 0.25]);
        assert_eq!(side(&form(-4.0, 4.0, 1.0), &point), 0);
        assert_eq!(side(&form(-4.0, 4.0, 1.0 + f64::EPSILON), &point), 1);
        let other = meet(&form(-1.0, 0.0, 0.75), &form(0.0, -1.0, 0.0));
        assert_eq!(compare(&point, &other, 0), -1);
        assert_eq!(compare(&point, &other, 1), 1);
    }

    #[test]
    fn areas_of_known_polygons() {
        let corner = |x: f64, y: f64| meet(&form(2.0, 0.0, -2.0 * x), &form(0.0, -3.0, 3.0 * y));
        let square = [corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0)];
        assert_eq!(area(&square), 1.0);
        assert_eq!(area(&square[..3]), 0.5);
        let pentagon = [square.as_slice(), &[corner(-0.5, 0.5)]].concat();
        assert_eq!(area(&pentagon), 1.25);
    }
}
