//! exp over lanes, for exponents that are known to stay in range.

use octavo_plugin::simd::LANES;

/// Exponents are clamped to these; exp of both is a normal float.
pub(crate) const LOWEST: f64 = -708.0;
const HIGHEST: f64 = 700.0;
/// ln 2 with zeros at its end, and the rest.
const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
/// 1.5 · 2^52: adding it rounds to an integer, which then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Coefficients of exp(r) from the highest power down to r², as in `octavo_plugin::math` (for |r| <= ln 2 / 2, to 2^-58).
const POLYNOMIAL: [f64; 10] = [
    2.499_978_524_423_302e-8,
    2.763_062_107_041_207_3e-7,
    2.755_758_914_986_325e-6,
    2.480_149_213_550_569e-5,
    0.000_198_412_695_013_755_88,
    0.001_388_888_894_446_998_3,
    0.008_333_333_333_497_8,
    0.041_666_666_666_527_366,
    0.166_666_666_666_664_05,
    0.500_000_000_000_001_1,
];

/// A clamped exponent without its whole powers of two, which stand in the last bits of the second number.
#[inline(always)]
fn reduced(value: f64) -> (f64, f64) {
    let low = if value > LOWEST { value } else { LOWEST };
    let clamped = if low < HIGHEST { low } else { HIGHEST };
    let rounded = clamped.mul_add(std::f64::consts::LOG2_E, ROUND);
    let power = rounded - ROUND;
    (power.mul_add(-LN_2[1], power.mul_add(-LN_2[0], clamped)), rounded)
}

/// What a polynomial takes up after its first coefficient, step by step, and twice 1 for what exp(r) begins with.
static STEPS: [f64; 11] = {
    let mut steps = [1.0; 11];
    let mut index = 1;
    while index < POLYNOMIAL.len() {
        steps[index - 1] = POLYNOMIAL[index];
        index += 1;
    }
    steps
};

/// exp of clamped exponents, below 1 unit in the last place: fused operations and no special cases, which makes it twice as
/// fast as the general function. Every step is taken in all lanes before the next: each waits for the one before it, and a
/// processor does not look far enough ahead to begin with other lanes meanwhile. A compiler that knew how many steps there are
/// would undo that: it would take all of them in one register, and then in the next, which takes a quarter longer.
#[inline(always)]
pub(crate) fn exponentials(x: [f64; LANES]) -> [f64; LANES] {
    let (mut rests, mut rounded) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        (rests[lane], rounded[lane]) = reduced(x[lane]);
    }
    let mut totals = [POLYNOMIAL[0]; LANES];
    for coefficient in std::hint::black_box(&STEPS[..]) {
        for lane in 0..LANES {
            totals[lane] = totals[lane].mul_add(rests[lane], *coefficient);
        }
    }
    for lane in 0..LANES {
        let bits = totals[lane].to_bits().wrapping_add(rounded[lane].to_bits() << 52);
        totals[lane] = f64::from_bits(bits);
    }
    totals
}

/// As [`exponentials`], to 2 units in the last place: the polynomial in pairs (Estrin 1960), half as many steps that wait for each other.
#[inline(always)]
pub(crate) fn swift(mut x: [f64; LANES]) -> [f64; LANES] {
    let [c11, c10, c9, c8, c7, c6, c5, c4, c3, c2] = POLYNOMIAL;
    for value in &mut x {
        let (rest, rounded) = reduced(*value);
        let square = rest * rest;
        let fourth = square * square;
        let low = c3.mul_add(rest, c2);
        let middle = square.mul_add(c7.mul_add(rest, c6), c5.mul_add(rest, c4));
        let high = square.mul_add(c11.mul_add(rest, c10), c9.mul_add(rest, c8));
        let tail = fourth.mul_add(high, middle).mul_add(square, low);
        let total = tail.mul_add(square, rest) + 1.0;
        *value = f64::from_bits(total.to_bits().wrapping_add(rounded.to_bits() << 52));
    }
    x
}

#[cfg(test)]
mod tests {
    use octavo_plugin::math;

    use super::*;

    #[test]
    fn exponentials_are_those_of_the_general_function() {
        for k in 0..100_000 {
            let x = -708.0 + 0.014_079 * f64::from(k);
            let (found, expected) = (exponentials([x; LANES])[3], math::exp(x));
            assert!((found - expected).abs() <= 3e-16 * expected, "{x}: {found} {expected}");
            let found = swift([x; LANES])[3];
            assert!((found - expected).abs() <= 4e-16 * expected, "{x}: {found} {expected}");
        }
    }
}
