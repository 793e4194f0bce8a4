//! exp, ln, tanh and erf without a branch, a table or a fused operation.
//!
//! Each body is a fixed sequence of `+ - * /`, comparisons that select, and operations on bits, all correctly rounded by
//! IEEE 754. A compiler may put one value or sixteen side by side into a register and the bits are the same: that is how
//! [`crate::math::exp`] and [`crate::math::exp_slice`] agree on every processor. `mul_add` would save a third of the
//! operations where the processor has it, and cost thirty times as much where it has not, so it is not used.
//!
//! Methods: reduction and reconstruction as in Tang (ACM TOMS 15, 1989, and 16, 1990) and Muller, Elementary Functions
//! (2016), chapters 5 and 6; the polynomials are minimax fits by Remez exchange at 50 digits, their relative error is
//! stated where they are used. Errors of the results, in units in the last place, against values of 60 digits
//! (tests/elementary.rs): exp 1.0, ln 0.7, tanh 0.9, erf 1.0, sech² 1.6, exp(-x²) 0.9.

// Coefficients carry all 17 digits.
#![allow(clippy::excessive_precision)]

/// ln 2 as a double with 21 zeros at its end, so that a small integer times it is exact, and the rest.
const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
/// 1.5 · 2^52: adding it rounds to an integer, which then stands in the lowest bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;
/// (exp(r) - 1 - r) / r² for |r| <= 0.3475, to 2^-58 of exp(r).
const EXP: [[f64; 4]; 3] = [
    [0.500_000_000_000_001_1, 0.166_666_666_666_664_05, 0.041_666_666_666_527_366, 0.008_333_333_333_497_8],
    [
        0.001_388_888_894_446_998_3,
        0.000_198_412_695_013_755_88,
        2.480_149_213_550_569e-5,
        2.755_758_914_986_325e-6,
    ],
    [2.763_062_107_041_207_3e-7, 2.499_978_524_423_302e-8, 0.0, 0.0],
];
/// (ln((1 + s) / (1 - s)) / s - 2) / z at z = s², for |s| <= 0.1717, to 2^-59.
const LN: [[f64; 4]; 2] = [
    [0.666_666_666_666_673_5, 0.399_999_999_994_093_5, 0.285_714_287_436_866, 0.222_221_984_289_528_22],
    [0.181_835_723_566_766_3, 0.153_138_321_117_929_6, 0.147_982_593_907_400_06, 0.0],
];
/// (tanh(x) / x - 1) / x² at x², for |x| <= 0.625, to 2^-61.
const TANH: [[f64; 4]; 3] = [
    [
        -0.333_333_333_333_333_15,
        0.133_333_333_333_297_44,
        -0.053_968_253_966_059_04,
        0.021_869_488_468_718_508,
    ],
    [
        -0.008_863_234_312_620_483,
        0.003_592_114_000_234_06,
        -0.001_455_725_950_093_564_3,
        0.000_589_451_806_656_946_4,
    ],
    [
        -0.000_237_011_749_632_512_93,
        9.155_844_308_311_4e-5,
        -3.018_724_948_239_243_5e-5,
        6.042_480_080_960_883e-6,
    ],
];
/// Up to here [`TANH`] is used.
const TANH_NEAR: f64 = 0.625;
/// erf(x) / x - 1 at x², for |x| <= 1, to 2^-57.
const ERF: [[f64; 4]; 3] = [
    [0.128_379_167_095_512_56, -0.376_126_389_031_835_2, 0.112_837_916_709_442, -0.026_866_170_643_113_415],
    [
        0.005_223_977_606_130_842,
        -0.000_854_832_592_976_624_4,
        0.000_120_552_935_869_369_5,
        -1.492_471_243_953_481_4e-5,
    ],
    [
        1.644_713_269_978_662_1e-6,
        -1.620_631_875_296_920_8e-7,
        1.371_098_870_419_052_3e-8,
        -7.779_462_971_761_597e-10,
    ],
];
/// exp(x²) erfc(x) at 1 / (x + 3) - [`ERFC_MIDDLE`], for x from 1 to 6, to 2^-57 after the product with exp(-x²).
const ERFC: [[f64; 4]; 3] = [
    [0.223_929_357_631_408_78, 2.371_569_725_125_446_4, 11.127_869_360_589_683, 41.022_691_378_409_94],
    [113.857_517_242_511_92, 212.253_233_823_153_52, 157.913_210_395_936_4, -367.929_578_233_136_17],
    [-1_007.009_157_829_712_9, 395.361_384_098_361_16, 4_961.009_273_446_518, -5_515.445_729_232_618],
];
const ERFC_MIDDLE: f64 = 0.1875;

/// A polynomial of degree below 4: short chains, a fixed order (Estrin 1960).
#[inline(always)]
fn cubic(x: f64, square: f64, c: [f64; 4]) -> f64 {
    (c[0] + c[1] * x) + (c[2] + c[3] * x) * square
}

/// A polynomial, coefficients from the constant up in groups of four.
#[inline(always)]
fn polynomial<const GROUPS: usize>(x: f64, groups: &[[f64; 4]; GROUPS]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let mut group = GROUPS - 1;
    let mut total = cubic(x, square, groups[group]);
    while group > 0 {
        group -= 1;
        total = cubic(x, square, groups[group]) + total * fourth;
    }
    total
}

#[inline(always)]
fn select(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}

/// exp(x + tail) for a tail far smaller than x; NaN stays NaN. Also what its last addition lost, relative to it and to
/// a tenth.
#[inline(always)]
fn exp_with_rest(x: f64, tail: f64) -> [f64; 2] {
    // Beyond these the result is infinite or rounds to zero anyway.
    let x = select(x > 710.0, 710.0, x);
    let x = select(x < -746.0, -746.0, x);
    let shifted = x * std::f64::consts::LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let high = x - k * LN_2[0];
    let low = k * LN_2[1] - tail;
    let r = high - low;
    let above = high + (r * r * polynomial(r, &EXP) - low);
    let power = 1.0 + above;
    let lost = ((1.0 - power) + above) * (1.0 - above + above * above);
    // 2^k in two factors, because the result may be subnormal. 2048 keeps the halving free of signs.
    let k = shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(2048);
    let half = k >> 1;
    let factor = |part: u64| f64::from_bits(part.wrapping_sub(1) << 52);
    [power * factor(half) * factor(k.wrapping_sub(half)), lost]
}

#[inline(always)]
fn exp_of_sum(x: f64, tail: f64) -> f64 {
    exp_with_rest(x, tail)[0]
}

/// exp(-x²) for |x| <= 28 (beyond, it is zero). The square is taken in two parts.
#[inline(always)]
fn exp_of_minus_square(x: f64) -> f64 {
    let high = f64::from_bits(x.to_bits() & !0x7ff_ffff);
    exp_of_sum(-(high * high), -((x - high) * (x + high)))
}

#[inline(always)]
fn quiet(x: f64, value: f64) -> f64 {
    select(x.is_nan(), f64::NAN, value)
}

#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    quiet(x, exp_of_sum(x, 0.0))
}

#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let bits = select(tiny, x * 18_014_398_509_481_984.0, x).to_bits();
    // x = 2^k m with m from sqrt(1/2) to sqrt(2).
    let biased = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(biased.wrapping_sub(1023) << 52));
    let k = f64::from_bits(0x4330_0000_0000_0000 | biased) - (4_503_599_627_370_496.0 + 1023.0);
    let k = select(tiny, k - 54.0, k);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let half = 0.5 * f * f;
    let rest = s * (half + z * polynomial(z, &LN));
    let value = k * LN_2[0] - ((half - (rest + k * LN_2[1])) - f);
    let value = select(x == f64::INFINITY, x, value);
    let value = select(x == 0.0, f64::NEG_INFINITY, value);
    // Also for NaN.
    select(x >= 0.0, value, f64::NAN)
}

/// tanh(x) and sech²(x) from w = e / (1 + e), e = exp(-2|x|): tanh|x| = 1 - 2w, sech² x = 4 w (1 - w).
#[inline(always)]
pub(super) fn tanh_sech2(x: f64) -> [f64; 2] {
    let a = x.abs();
    let [e, lost] = exp_with_rest(-2.0 * a, 0.0);
    let sum = 1.0 + e;
    let w = e / sum;
    // What e and the sum lost, to first order.
    let w = w + w * (1.0 - w) * (lost - ((1.0 - sum) + e));
    let square = a * a;
    let near = a + a * (square * polynomial(square, &TANH));
    let value = select(a < TANH_NEAR, near, 1.0 - 2.0 * w).copysign(x);
    [quiet(x, value), quiet(x, 4.0 * w * (1.0 - w))]
}

#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    tanh_sech2(x)[0]
}

#[inline(always)]
pub(super) fn sech2(x: f64) -> f64 {
    tanh_sech2(x)[1]
}

/// erf(x) and exp(-x²).
#[inline(always)]
pub(super) fn erf_gauss(x: f64) -> [f64; 2] {
    let a = x.abs();
    let gauss = exp_of_minus_square(select(a > 28.0, 28.0, a));
    let t = 1.0 / (select(a > 6.0, 6.0, a) + 3.0) - ERFC_MIDDLE;
    let far = 1.0 - gauss * polynomial(t, &ERFC);
    let square = a * a;
    let near = a + a * polynomial(square, &ERF);
    let value = select(a < 1.0, near, far).copysign(x);
    [quiet(x, value), quiet(x, gauss)]
}

#[inline(always)]
pub(super) fn erf(x: f64) -> f64 {
    erf_gauss(x)[0]
}

#[inline(always)]
pub(super) fn gauss(x: f64) -> f64 {
    erf_gauss(x)[1]
}
