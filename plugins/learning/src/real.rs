//! The numbers in which a network can be trained, and what its layers do to them besides products.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

use octavo_plugin::linalg::Element;
use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Activation, math, sum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reverse::FRAC_1_SQRT_TAU;

/// The numbers of training: parameters, slopes and the memory of the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Floats of 64 bits, about 16 digits.
    #[default]
    F64,
    /// Floats of 32 bits, about 7 digits: half the time for wide networks, and other results.
    F32,
}

impl Precision {
    /// Whether it is the usual one.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// f64 or f32.
pub(crate) trait Real:
    Element
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// The number nearest to x.
    fn of(x: f64) -> Self;
    /// As a float of 64 bits, exactly.
    fn wide(self) -> f64;
    /// The square root.
    fn root(self) -> Self;
    /// The number, or zero if that is more.
    fn positive(self) -> Self;
    /// Hyperbolic tangent and its slope.
    fn tanh_slope(self) -> [Self; 2];
    /// Error function and its slope.
    fn erf_slope(self) -> [Self; 2];
    /// The sum, in the order of [`sum::sum`].
    fn sum(values: &[Self]) -> Self;
}

impl Real for f64 {
    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn positive(self) -> Self {
        self.max(0.0)
    }

    #[inline(always)]
    fn tanh_slope(self) -> [Self; 2] {
        math::tanh_sech2(self)
    }

    #[inline(always)]
    fn erf_slope(self) -> [Self; 2] {
        let [value, gauss] = math::erf_gauss(self);
        [value, gauss * FRAC_2_SQRT_PI]
    }

    fn sum(values: &[Self]) -> Self {
        sum::sum(values)
    }
}

impl Real for f32 {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounded to the nearest")]
    fn of(x: f64) -> Self {
        x as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn positive(self) -> Self {
        self.max(0.0)
    }

    #[inline(always)]
    fn tanh_slope(self) -> [Self; 2] {
        math::tanh_sech2_f32(self)
    }

    #[inline(always)]
    fn erf_slope(self) -> [Self; 2] {
        let [value, gauss] = math::erf_gauss(self.wide());
        [Self::of(value), Self::of(gauss * FRAC_2_SQRT_PI)]
    }

    fn sum(values: &[Self]) -> Self {
        values
            .chunks(sum::CHUNK)
            .map(|chunk| simd::dispatch(Sum(chunk)))
            .fold(0.0, |total, part| total + part)
    }
}

/// Sixteen lanes side by side, folded as those of [`sum::sum`].
struct Sum<'a>(&'a [f32]);

impl Kernel for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run(self) -> f32 {
        let mut lanes = [0.0; LANES];
        for block in self.0.chunks(LANES) {
            for (lane, value) in lanes.iter_mut().zip(block) {
                *lane += value;
            }
        }
        sum::fold_lanes(lanes)
    }
}

/// Whether the slopes of an activation are kept beside its values: they do not follow from these.
pub(crate) fn keeps_slopes(activation: Activation) -> bool {
    !matches!(activation, Activation::Identity | Activation::Relu)
}

/// Biases and activation of a layer: `values` (outputs × count) are what its products gave and become what it gives; `slopes`, if
/// they are kept, those of the activation.
pub(crate) struct Activate<'a, T> {
    pub(crate) activation: Activation,
    pub(crate) count: usize,
    pub(crate) bias: &'a [T],
    pub(crate) values: &'a mut [T],
    pub(crate) slopes: &'a mut [T],
}

impl<T: Real> Kernel for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { activation, count, bias, values, slopes } = self;
        match activation {
            Activation::Identity => alone(count, bias, values, |x| x),
            Activation::Relu => alone(count, bias, values, Real::positive),
            Activation::Tanh => with_slopes(count, bias, values, slopes, Real::tanh_slope),
            Activation::Erf => with_slopes(count, bias, values, slopes, Real::erf_slope),
            Activation::Hardtanh => with_slopes(count, bias, values, slopes, |x| {
                let slope = if x.wide().abs() < 1.0 { 1.0 } else { 0.0 };
                [T::of(Activation::Hardtanh.value(x.wide())), T::of(slope)]
            }),
            Activation::Gelu => with_slopes(count, bias, values, slopes, |x| {
                let wide = x.wide();
                let gauss = math::gauss(wide * FRAC_1_SQRT_2);
                let slope = math::normal_cdf(wide) + wide * FRAC_1_SQRT_TAU * gauss;
                [T::of(Activation::Gelu.value(wide)), T::of(slope)]
            }),
            Activation::Sine => with_slopes(count, bias, values, slopes, |x| {
                [T::of(Activation::Sine.value(x.wide())), T::of(math::cos(x.wide()))]
            }),
        }
    }
}

#[inline(always)]
fn alone<T: Real>(count: usize, bias: &[T], values: &mut [T], activation: impl Fn(T) -> T) {
    for (row, bias) in values.chunks_exact_mut(count).zip(bias) {
        row.iter_mut().for_each(|value| *value = activation(*value + *bias));
    }
}

#[inline(always)]
fn with_slopes<T: Real>(
    count: usize,
    bias: &[T],
    values: &mut [T],
    slopes: &mut [T],
    activation: impl Fn(T) -> [T; 2],
) {
    for ((row, slopes), bias) in values.chunks_exact_mut(count).zip(slopes.chunks_exact_mut(count)).zip(bias)
    {
        for (value, slope) in row.iter_mut().zip(slopes) {
            [*value, *slope] = activation(*value + *bias);
        }
    }
}

/// Slopes of a loss in what a layer gives become those in what it gives before its activation.
pub(crate) struct Through<'a, T> {
    pub(crate) activation: Activation,
    pub(crate) values: &'a [T],
    pub(crate) slopes: &'a [T],
    pub(crate) of_loss: &'a mut [T],
}

impl<T: Real> Kernel for Through<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { activation, values, slopes, of_loss } = self;
        let zero = T::default();
        match activation {
            Activation::Identity => {}
            Activation::Relu => {
                for (slope, value) in of_loss.iter_mut().zip(values) {
                    *slope = if *value > zero { *slope } else { zero };
                }
            }
            _ => of_loss.iter_mut().zip(slopes).for_each(|(slope, rate)| *slope = *slope * *rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_floats_are_sums() {
        // Whole numbers below 2^24 add without rounding, in any order.
        let values: Vec<f32> = (0..5000).map(|k| (k % 7) as f32).collect();
        for count in [0, 1, 15, 16, 17, 4095, 4096, 4097, 5000] {
            let expected: f32 = values[..count].iter().sum();
            assert_eq!(f32::sum(&values[..count]), expected);
        }
        // Lanes are folded at a distance of eight first: two halves of the last place of 1 meet before they meet 1.
        let tiny = f32::EPSILON / 2.0;
        let mut lanes = [0.0; LANES];
        (lanes[0], lanes[4], lanes[8], lanes[12]) = (1.0, tiny, 0.0, tiny);
        assert_eq!(f32::sum(&lanes), 1.0 + 2.0 * tiny);
    }
}
