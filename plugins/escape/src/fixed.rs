//! Fixed-point numbers of any precision, for orbits of which doubles know too little.

use std::cmp::Ordering;

use crate::complex::power_of_two;

/// A number with a sign, a whole part of 64 bits and a fraction of 64 (L - 1) bits. Sums are exact; products are cut off, by less
/// than L units of the last place. The whole part must not overflow: here all numbers are below 2^20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed<const L: usize> {
    negative: bool,
    /// The lowest first; the last is the whole part.
    limbs: [u64; L],
}

impl<const L: usize> Fixed<L> {
    /// 0.
    pub const ZERO: Self = Self { negative: false, limbs: [0; L] };

    /// The decimal number, such as `-0.75` or `1.5e-30`, to within two units of the last place; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u64> = whole
            .chars()
            .chain(fraction.chars())
            .map(|c| c.to_digit(10).map(u64::from))
            .collect::<Option<_>>()?;
        // Where the point is: so many digits stand before it.
        let point = whole.len() as i32 + exponent;
        if digits.is_empty() || point > 15 {
            return None;
        }
        let mut number = Self { negative: false, limbs: [0; L] };
        let before = usize::try_from(point).unwrap_or(0);
        for digit in digits.iter().skip(before).rev() {
            number.limbs[L - 1] = *digit;
            number.divide(10);
        }
        (point..0).for_each(|_| number.divide(10));
        let padded = digits.iter().copied().chain(std::iter::repeat(0));
        number.limbs[L - 1] = padded.take(before).fold(0, |whole, digit| 10 * whole + digit);
        number.negative = negative && number != Self::ZERO;
        Some(number)
    }

    fn divide(&mut self, by: u64) {
        let mut rest = 0_u128;
        for limb in self.limbs.iter_mut().rev() {
            let value = rest << 64 | u128::from(*limb);
            *limb = (value / u128::from(by)) as u64;
            rest = value % u128::from(by);
        }
    }

    /// The number that a double is, without what is below the last place.
    pub fn of(value: f64) -> Self {
        Self::of_scaled(value, 0)
    }

    /// The double times 2^`power`, which may be beyond the range of doubles, without what is below the last place.
    pub fn of_scaled(value: f64, power: i32) -> Self {
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7FF) as i64;
        let mantissa = bits & ((1 << 52) - 1) | if exponent > 0 { 1 << 52 } else { 0 };
        // The value is mantissa · 2^(shift) units of the last place.
        let shift = exponent.max(1) - 1075 + 64 * (L as i64 - 1) + i64::from(power);
        let mut number = Self { negative: value < 0.0, limbs: [0; L] };
        if shift <= -64 {
            return Self::ZERO;
        }
        if shift < 0 {
            number.limbs[0] = mantissa >> -shift;
        } else {
            let (limb, bit) = ((shift / 64) as usize, shift % 64);
            let wide = u128::from(mantissa) << bit;
            for (place, part) in [(limb, wide as u64), (limb + 1, (wide >> 64) as u64)] {
                if let Some(target) = number.limbs.get_mut(place) {
                    *target = part;
                }
            }
        }
        number.negative &= number.limbs != [0; L];
        number
    }

    /// The number to within 2^-63 and a rounding: faster than [`Self::to_f64`], but of small numbers little is left.
    #[inline(always)]
    pub(crate) fn rough(self) -> f64 {
        let size = self.limbs[L - 1] as f64 + self.limbs[L - 2] as f64 * (1.0 / 18_446_744_073_709_551_616.0);
        if self.negative { -size } else { size }
    }

    /// The nearest double, or one of its neighbours.
    #[inline]
    pub fn to_f64(self) -> f64 {
        let Some(top) = (0..L).rev().find(|limb| self.limbs[*limb] != 0) else { return 0.0 };
        let below = |limb: Option<usize>| limb.map_or(0, |limb| self.limbs[limb]);
        let next = below(top.checked_sub(1));
        let lead = u128::from(self.limbs[top]) << 64 | u128::from(next);
        // A third limb counts where the first holds but a few bits.
        let third = below(top.checked_sub(2));
        let room = lead.leading_zeros().min(63);
        let lead = if room == 0 { lead } else { lead << room | u128::from(third >> (64 - room)) };
        let exponent = 64 * (top as i32 - L as i32) - room as i32;
        // In two factors, since the result may be below the normal range.
        let half = exponent / 2;
        let size = lead as f64 * power_of_two(half) * power_of_two(exponent - half);
        if self.negative { -size } else { size }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }

    /// The sum.
    #[inline]
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        if self.negative == other.negative {
            return Self { negative: self.negative, limbs: sum(&self.limbs, &other.limbs) };
        }
        match self.compare(&other) {
            Ordering::Equal => Self::ZERO,
            Ordering::Greater => {
                Self { negative: self.negative, limbs: difference(&self.limbs, &other.limbs) }
            }
            Ordering::Less => Self { negative: other.negative, limbs: difference(&other.limbs, &self.limbs) },
        }
    }

    /// The number with the other sign.
    #[inline]
    #[must_use]
    pub fn negated(self) -> Self {
        Self { negative: !self.negative && self.limbs != [0; L], limbs: self.limbs }
    }

    /// The difference.
    #[inline]
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    /// The product.
    #[inline]
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let limbs = product(&self.limbs, &other.limbs);
        Self { negative: self.negative != other.negative && limbs != [0; L], limbs }
    }

    /// The number with so many digits after the point, cut off.
    pub fn decimal(&self, digits: usize) -> String {
        let mut rest = self.limbs;
        let mut text = format!("{}{}.", if self.negative { "-" } else { "" }, rest[L - 1]);
        for _ in 0..digits {
            rest[L - 1] = 0;
            let mut carry = 0_u128;
            for limb in &mut rest {
                let value = u128::from(*limb) * 10 + carry;
                (*limb, carry) = (value as u64, value >> 64);
            }
            text.push(char::from(b'0' + (rest[L - 1] % 10) as u8));
        }
        text
    }

    /// The limbs, the lowest first, and whether the number is negative.
    pub fn parts(&self) -> (&[u64; L], bool) {
        (&self.limbs, self.negative)
    }
}

#[inline(always)]
fn sum<const L: usize>(a: &[u64; L], b: &[u64; L]) -> [u64; L] {
    let (mut out, mut carry) = ([0; L], false);
    for place in 0..L {
        (out[place], carry) = carrying(a[place], b[place], carry);
    }
    out
}

#[inline(always)]
fn carrying(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (low, first) = a.overflowing_add(b);
    let (low, second) = low.overflowing_add(u64::from(carry));
    (low, first | second)
}

/// a - b for a >= b.
#[inline(always)]
fn difference<const L: usize>(a: &[u64; L], b: &[u64; L]) -> [u64; L] {
    let (mut out, mut borrow) = ([0; L], false);
    for place in 0..L {
        let (low, first) = a[place].overflowing_sub(b[place]);
        let (low, second) = low.overflowing_sub(u64::from(borrow));
        (out[place], borrow) = (low, first | second);
    }
    out
}

/// The product without what falls below the limb under the last: that is less than L units of it.
#[inline(always)]
fn product<const L: usize>(a: &[u64; L], b: &[u64; L]) -> [u64; L] {
    let (mut out, mut low) = ([0_u64; L], 0_u64);
    for (i, a) in a.iter().enumerate() {
        let mut carry = 0_u64;
        for (j, b) in b.iter().enumerate().skip((L - 2).saturating_sub(i)) {
            let place = i + j + 2 - L;
            let target = if place == 0 { &mut low } else { &mut out[place - 1] };
            let value = u128::from(*a) * u128::from(*b) + u128::from(*target) + u128::from(carry);
            (*target, carry) = (value as u64, (value >> 64) as u64);
        }
        // What is carried out of row i belongs one limb above its last product, if there is one.
        if let Some(target) = out.get_mut(i + 1) {
            *target = carry;
        }
    }
    out
}

/// z² + c in fixed point.
#[inline]
pub(crate) fn next<const L: usize>(z: [Fixed<L>; 2], c: [Fixed<L>; 2]) -> [Fixed<L>; 2] {
    let [re, im] = z;
    let both = re.plus(im).times(re.minus(im));
    let cross = re.times(im);
    [both.plus(c[0]), cross.plus(cross).plus(c[1])]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    fn big<const L: usize>(number: Fixed<L>) -> BigInt {
        let (limbs, negative) = number.parts();
        let size = limbs.iter().rev().fold(BigInt::from(0), |sum, limb| (sum << 64_u32) + *limb);
        if negative { -size } else { size }
    }

    /// Numbers of all sizes from a fixed sequence.
    fn numbers<const L: usize>() -> Vec<Fixed<L>> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut all = vec![Fixed::ZERO, Fixed::of(1.0), Fixed::of(-2.0), Fixed::of(1e-9)];
        for index in 0..60 {
            let mut limbs = [0; L];
            let used = index % L + 1;
            limbs[..used].iter_mut().for_each(|limb| *limb = random());
            limbs[L - 1] %= 4;
            if index % 5 == 0 {
                limbs[0] = u64::MAX;
            }
            all.push(Fixed { negative: index % 2 == 1, limbs });
        }
        all
    }

    fn against_big<const L: usize>() {
        let numbers = numbers::<L>();
        for a in &numbers {
            for b in &numbers {
                assert_eq!(big(a.plus(*b)), big(*a) + big(*b));
                assert_eq!(big(a.minus(*b)), big(*a) - big(*b));
                let exact = (big(*a) * big(*b)).magnitude() >> (64 * (L - 1));
                let off = BigInt::from(exact) - BigInt::from(big(a.times(*b)).magnitude().clone());
                assert!(off >= 0.into() && off < L.into(), "{L}: {a:?} {b:?} {off}");
            }
        }
    }

    #[test]
    fn arithmetic_is_that_of_big_integers() {
        against_big::<2>();
        against_big::<3>();
        against_big::<5>();
        against_big::<8>();
        against_big::<17>();
        against_big::<19>();
    }

    #[test]
    fn decimals_are_read_to_the_last_place() {
        let cases = [
            "0.1",
            "-0.743643887037158704752191506114774",
            "1.5e-30",
            "-2",
            "3.",
            ".25",
            "0e0",
            "12.5E1",
            "1e-60",
        ];
        for text in cases {
            let found = big(Fixed::<6>::parse(text).unwrap());
            let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits: BigInt = format!("{whole}{fraction}").parse().unwrap();
            let power = fraction.len() as i32 - exponent.parse::<i32>().unwrap();
            let ten = BigInt::from(10).pow(power.unsigned_abs());
            let unit = BigInt::from(1) << 320_u32;
            let exact = if power < 0 { digits * unit * ten } else { digits * unit / ten };
            assert!((found.clone() - exact.clone()).magnitude() <= &2_u32.into(), "{text}: {found} {exact}");
        }
        let digits = "-0.743643887037158704752191506114774000000001";
        assert_eq!(Fixed::<6>::parse(&format!("{digits}5")).unwrap().decimal(42), digits);
        for text in ["", "-", "1,5", "nan", "0x1", "1e", "1e99"] {
            assert_eq!(Fixed::<4>::parse(text), None, "{text}");
        }
    }

    #[test]
    fn doubles_go_and_come_back() {
        for value in [0.0, 1.0, -1.75, 0.1, 1e-9, -3.5e-30, 1e-50, 1.999_999_999, 1.3e-61, 1000.5] {
            assert_eq!(Fixed::<8>::of(value).to_f64(), value, "{value}");
        }
        for value in [1e-300, -3.7e-307, f64::MIN_POSITIVE] {
            assert_eq!(Fixed::<19>::of(value).to_f64(), value, "{value}");
        }
        let scaled = Fixed::<19>::of_scaled(0.7, -1060);
        assert_eq!(scaled.times(Fixed::of_scaled(1.0, 60)).to_f64(), 0.7 * power_of_two(-1000));
        // What is below the last place is cut off.
        assert_eq!(Fixed::<2>::of(1e-30), Fixed::ZERO);
    }
}
