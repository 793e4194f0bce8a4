//! tanh in single precision, by the method of [`super::elementary`]: a fixed sequence of `+ - * /`, comparisons that select,
//! and operations on bits, so that the bits are the same on every processor. Errors in units in the last place of single
//! precision (tests/elementary.rs): tanh 1.2, sech² 3.2.

/// ln 2 as a float with 15 zeros at its end, so that a small integer times it is exact, and the rest.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// 1.5 · 2^23: adding it rounds to an integer, which then stands in the lowest bits.
const SHIFT: f32 = 12_582_912.0;
/// (exp(r) - 1 - r) / r² for |r| <= 0.3475, to 2^-28 of exp(r); a minimax fit.
const EXP: [f32; 5] = [0.499_999_93, 0.166_665_2, 0.041_668_406, 0.008_368_899, 0.001_381_422_2];
/// (tanh(x) / x - 1) / x² at x², for |x| <= 0.625, to 2^-27; a minimax fit.
const TANH: [f32; 5] = [-0.333_332_8, 0.133_314_42, -0.053_739_715, 0.020_639_087, -0.005_704_986_3];
/// Up to here [`TANH`] is used.
const NEAR: f32 = 0.625;
/// Beyond this exp(-2x) is no normal float, and sech² is zero.
const FAR: f32 = 43.66;

#[inline(always)]
fn polynomial(x: f32, c: &[f32; 5]) -> f32 {
    let square = x * x;
    (c[0] + c[1] * x) + ((c[2] + c[3] * x) + c[4] * square) * square
}

/// tanh(x) and sech²(x) from w = e / (1 + e), e = exp(-2|x|): tanh|x| = 1 - 2w, sech² x = 4 w (1 - w).
#[inline(always)]
pub(super) fn tanh_sech2(x: f32) -> [f32; 2] {
    let a = x.abs();
    let t = -2.0 * if a > FAR { FAR } else { a };
    let shifted = t * std::f32::consts::LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let r = (t - k * LN_2[0]) - k * LN_2[1];
    let power = 1.0 + (r + r * r * polynomial(r, &EXP));
    let e = power * f32::from_bits(shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(127) << 23);
    let w = e / (1.0 + e);
    let square = a * a;
    let near = a + a * (square * polynomial(square, &TANH));
    let value = (if a < NEAR { near } else { 1.0 - 2.0 * w }).copysign(x);
    let slope = if a > FAR { 0.0 } else { 4.0 * w * (1.0 - w) };
    if x.is_nan() { [f32::NAN; 2] } else { [value, slope] }
}
