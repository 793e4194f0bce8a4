//! The numbers that curves are computed in.

use std::ops::{Add, Mul, Neg, Range, Sub};

use octavo_plugin::linalg::Element;
use octavo_plugin::math;

/// A number that jets are kept in. Sums over many coordinates are computed in f64 either way.
pub trait Real:
    Element + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// The spacing of numbers at 1.
    const EPSILON: f64;
    /// Squares of speeds outside this range are no good: some of their parts left the range of these numbers.
    const SAFE: Range<f64>;
    /// The nearest number.
    fn of(x: f64) -> Self;
    /// The same number in f64.
    fn wide(self) -> f64;
    /// tanh and its derivative.
    fn tanh_sech2(self) -> [Self; 2];
}

impl Real for f64 {
    const EPSILON: f64 = Self::EPSILON;
    const SAFE: Range<f64> = 1e-250..1e250;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    #[inline(always)]
    fn tanh_sech2(self) -> [Self; 2] {
        math::tanh_sech2(self)
    }
}

impl Real for f32 {
    const EPSILON: f64 = Self::EPSILON as f64;
    const SAFE: Range<f64> = 1e-30..1e30;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn tanh_sech2(self) -> [Self; 2] {
        math::tanh_sech2_f32(self)
    }
}
