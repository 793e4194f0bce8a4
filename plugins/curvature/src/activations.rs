//! The activations with their first and second derivatives.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use octavo_plugin::{Activation, math};

use crate::real::Real;

/// 1 / sqrt(2 pi).
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// Value, first and second derivative of an activation. At the kink of ReLU: those of its left branch; at the kinks of
/// hard-tanh: those of its flat branches.
pub fn derivatives_of(activation: Activation, x: f64) -> [f64; 3] {
    match activation {
        Activation::Identity => identity(x),
        Activation::Relu => relu(x),
        Activation::Tanh => tanh(x),
        Activation::Erf => erf(x),
        Activation::Hardtanh => hardtanh(x),
        Activation::Gelu => gelu(x),
        Activation::Sine => sine(x),
    }
}

/// Whether an activation consists of straight pieces, so that curves are measured exactly.
pub fn piecewise_linear(activation: Activation) -> bool {
    matches!(activation, Activation::Identity | Activation::Relu | Activation::Hardtanh)
}

/// Replaces each x by its value, with the derivatives beside it: the bits of [`derivatives_of`]. For a kernel.
#[inline(always)]
pub(crate) fn apply<T: Real>(activation: Activation, x: &mut [T], slope: &mut [T], bend: &mut [T]) {
    // Written out for each function: a call through a parameter is not certain to be inlined, and then there are no lanes.
    macro_rules! each {
        ($($name:ident => |$x:ident| $jet:expr,)*) => {
            match activation {
                $(Activation::$name => {
                    for (($x, slope), bend) in x.iter_mut().zip(slope).zip(bend) {
                        let jet: [T; 3] = $jet;
                        [*$x, *slope, *bend] = jet;
                    }
                })*
            }
        };
    }
    macro_rules! narrow {
        ($jet:expr) => {{
            let [value, slope, bend]: [f64; 3] = $jet;
            [T::of(value), T::of(slope), T::of(bend)]
        }};
    }
    each! {
        Identity => |x| narrow!(identity(x.wide())),
        Relu => |x| narrow!(relu(x.wide())),
        Tanh => |x| {
            let [value, slope] = x.tanh_sech2();
            [value, slope, -(value + value) * slope]
        },
        Erf => |x| narrow!(erf(x.wide())),
        Hardtanh => |x| narrow!(hardtanh(x.wide())),
        Gelu => |x| narrow!(gelu(x.wide())),
        Sine => |x| narrow!(sine(x.wide())),
    }
}

/// Replaces each x by its value.
pub(crate) fn values(activation: Activation, x: &mut [f64]) {
    match activation {
        Activation::Tanh => math::tanh_slice(x),
        Activation::Erf => math::erf_slice(x),
        other => x.iter_mut().for_each(|x| *x = other.value(*x)),
    }
}

#[inline(always)]
fn identity(x: f64) -> [f64; 3] {
    [x, 1.0, 0.0]
}

#[inline(always)]
fn relu(x: f64) -> [f64; 3] {
    if x > 0.0 { [x, 1.0, 0.0] } else { [0.0; 3] }
}

#[inline(always)]
fn tanh(x: f64) -> [f64; 3] {
    let [value, slope] = math::tanh_sech2(x);
    [value, slope, -2.0 * value * slope]
}

#[inline(always)]
fn erf(x: f64) -> [f64; 3] {
    let [value, gauss] = math::erf_gauss(x);
    let slope = FRAC_2_SQRT_PI * gauss;
    [value, slope, -2.0 * x * slope]
}

#[inline(always)]
fn hardtanh(x: f64) -> [f64; 3] {
    if x.abs() < 1.0 { [x, 1.0, 0.0] } else { [x.clamp(-1.0, 1.0), 0.0, 0.0] }
}

#[inline(always)]
fn gelu(x: f64) -> [f64; 3] {
    let (below, density) = (math::normal_cdf(x), FRAC_1_SQRT_TAU * math::gauss(x * FRAC_1_SQRT_2));
    [x * below, below + x * density, (2.0 - x * x) * density]
}

#[inline(always)]
fn sine(x: f64) -> [f64; 3] {
    let (sin, cos) = math::sin_cos(x);
    [sin, cos, -sin]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_agree_with_the_functions() {
        for x in [-19.0, -3.0, -0.6, -0.4, -1e-9, 0.0, 1e-9, 0.2, 0.5, 1.7, 12.0, 150.0] {
            let [value, slope, bend] = derivatives_of(Activation::Tanh, x);
            assert!((value - math::tanh(x)).abs() <= 4e-16 * math::tanh(x).abs());
            assert!((slope - math::sech2(x)).abs() <= 6e-16 * math::sech2(x));
            assert!((bend + 2.0 * math::tanh(x) * math::sech2(x)).abs() <= 2e-15 * bend.abs());
        }
        // Fourth-order differences of the slope give the second derivative.
        for activation in [Activation::Tanh, Activation::Erf, Activation::Gelu, Activation::Sine] {
            for x in [-1.3, -0.2, 0.0, 0.7, 2.1] {
                let slope = |x| derivatives_of(activation, x)[1];
                let h = 1e-3;
                let difference = (8.0 * (slope(x + h) - slope(x - h))
                    - (slope(x + 2.0 * h) - slope(x - 2.0 * h)))
                    / (12.0 * h);
                assert!((derivatives_of(activation, x)[2] - difference).abs() < 1e-10);
            }
        }
    }
}
