//! The elementary functions over slices, on the widest lanes of the processor.

use super::elementary;
use crate::simd::{self, Kernel};

macro_rules! slices {
    ($($(#[$doc:meta])* $name:ident, $kernel:ident => $function:ident;)*) => {$(
        struct $kernel<'a>(&'a mut [f64]);

        impl Kernel for $kernel<'_> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for value in self.0 {
                    *value = elementary::$function(*value);
                }
            }
        }

        $(#[$doc])*
        pub fn $name(values: &mut [f64]) {
            simd::dispatch($kernel(values));
        }
    )*};
}

slices! {
    /// Replaces each x by [`super::exp`] of it, with the same bits.
    exp_slice, Exp => exp;
    /// Replaces each x by [`super::ln`] of it, with the same bits.
    ln_slice, Ln => ln;
    /// Replaces each x by [`super::tanh`] of it, with the same bits.
    tanh_slice, Tanh => tanh;
    /// Replaces each x by [`super::erf`] of it, with the same bits.
    erf_slice, Erf => erf;
    /// Replaces each x by [`super::sech2`] of it, with the same bits.
    sech2_slice, Sech2 => sech2;
    /// Replaces each x by [`super::gauss`] of it, with the same bits.
    gauss_slice, Gauss => gauss;
}

macro_rules! pairs {
    ($($(#[$doc:meta])* $name:ident, $kernel:ident => $function:ident;)*) => {$(
        struct $kernel<'a>(&'a mut [f64], &'a mut [f64]);

        impl Kernel for $kernel<'_> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for (value, other) in self.0.iter_mut().zip(self.1) {
                    [*value, *other] = elementary::$function(*value);
                }
            }
        }

        $(#[$doc])*
        ///
        /// # Panics
        /// If the slices differ in length.
        pub fn $name(values: &mut [f64], others: &mut [f64]) {
            assert_eq!(values.len(), others.len(), "both slices have one length");
            simd::dispatch($kernel(values, others));
        }
    )*};
}

pairs! {
    /// Replaces each x by tanh(x) and writes sech²(x) beside it, for little more than one of them.
    tanh_sech2_slice, TanhSech2 => tanh_sech2;
    /// Replaces each x by erf(x) and writes exp(-x²) beside it, for little more than one of them.
    erf_gauss_slice, ErfGauss => erf_gauss;
}
