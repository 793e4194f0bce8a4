//! Passes over the coordinates of a batch of jets, each compiled for the widest lanes of the processor.
//!
//! Sums fold over the coordinates in order, at every point on its own, so neither lanes nor batches change a bit. The
//! pass through the activation measures the curve on both sides of it while the numbers are at hand.

use octavo_plugin::simd::{self, Kernel};
use octavo_plugin::{Activation, math};

use crate::activations;
use crate::jets::Real;

/// What the pass through an activation sums up.
pub(crate) struct Activated {
    /// Before it: the square of the acceleration's normal part.
    pub(crate) normal: Vec<f64>,
    /// After it: |v|².
    pub(crate) square: Vec<f64>,
    /// After it: v·a / v·v.
    pub(crate) ratio: Vec<f64>,
}

/// |v|² and v·a / v·v at every point.
pub(crate) fn squares<T: Real>(data: &[T], points: usize) -> [Vec<f64>; 2] {
    let mut sums = [vec![0.0; points], vec![0.0; points]];
    let [square, ratio] = &mut sums;
    simd::dispatch(Squares { data, square, ratio });
    sums
}

struct Squares<'a, T> {
    data: &'a [T],
    square: &'a mut [f64],
    ratio: &'a mut [f64],
}

impl<T: Real> Kernel for Squares<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let points = self.square.len();
        for row in self.data.chunks_exact(3 * points.max(1)) {
            let (v, a) = row[points..].split_at(points);
            for (((square, product), v), a) in self.square.iter_mut().zip(&mut *self.ratio).zip(v).zip(a) {
                let (v, a) = (v.wide(), a.wide());
                *square += v * v;
                *product += v * a;
            }
        }
        self.ratio.iter_mut().zip(&*self.square).for_each(|(ratio, square)| *ratio /= square);
    }
}

/// |a - ratio v|² at every point.
pub(crate) fn normal<T: Real>(data: &[T], ratio: &[f64]) -> Vec<f64> {
    let mut normal = vec![0.0; ratio.len()];
    simd::dispatch(Normal { data, ratio, normal: &mut normal });
    normal
}

struct Normal<'a, T> {
    data: &'a [T],
    ratio: &'a [f64],
    normal: &'a mut [f64],
}

impl<T: Real> Kernel for Normal<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let points = self.ratio.len();
        for row in self.data.chunks_exact(3 * points.max(1)) {
            let (v, a) = row[points..].split_at(points);
            add_normal(v, a, self.ratio, self.normal);
        }
    }
}

#[inline(always)]
fn add_normal<T: Real>(v: &[T], a: &[T], ratio: &[f64], normal: &mut [f64]) {
    for (((total, v), a), ratio) in normal.iter_mut().zip(v).zip(a).zip(ratio) {
        let part = a.wide() - ratio * v.wide();
        *total += part * part;
    }
}

/// Applies a smooth activation; `ratio` is that before it.
pub(crate) fn activate<T: Real>(data: &mut [T], activation: Activation, ratio: &[f64]) -> Activated {
    let zeros = || vec![0.0; ratio.len()];
    let mut sums = Activated { normal: zeros(), square: zeros(), ratio: zeros() };
    let derivatives = [&mut zeros()[..], &mut zeros()[..]];
    simd::dispatch(Activate { data, activation, ratio, derivatives, sums: &mut sums });
    sums
}

struct Activate<'a, T> {
    data: &'a mut [T],
    activation: Activation,
    ratio: &'a [f64],
    derivatives: [&'a mut [f64]; 2],
    sums: &'a mut Activated,
}

impl<T: Real> Kernel for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let points = self.ratio.len();
        let Activated { normal, square, ratio } = self.sums;
        let [slope, bend] = self.derivatives;
        for row in self.data.chunks_exact_mut(3 * points.max(1)) {
            let (x, rest) = row.split_at_mut(points);
            let (v, a) = rest.split_at_mut(points);
            add_normal(v, a, self.ratio, normal);
            activations::apply(self.activation, x, slope, bend);
            let parts = v.iter_mut().zip(a).zip(&*slope).zip(&*bend);
            for ((((v, a), slope), bend), (square, product)) in parts.zip(square.iter_mut().zip(&mut *ratio))
            {
                let next = slope * v.wide();
                let bent = bend * v.wide() * v.wide() + slope * a.wide();
                *square += next * next;
                *product += next * bent;
                (*v, *a) = (T::of(next), T::of(bent));
            }
        }
        ratio.iter_mut().zip(&*square).for_each(|(ratio, square)| *ratio /= square);
    }
}

/// The angle between the unit tangents at each point and at the next one; the last point has none (zero). `speed` is |v|;
/// where it is zero there is no tangent, and the angles beside it are zero.
pub(crate) fn angles<T: Real>(data: &[T], speed: &[f64]) -> Vec<f64> {
    let mut chords = [vec![0.0; speed.len()], vec![0.0; speed.len()]];
    let [difference, total] = &mut chords;
    let inverse: Vec<f64> =
        speed.iter().map(|speed| if *speed > 0.0 { speed.recip() } else { 0.0 }).collect();
    simd::dispatch(Chords { data, inverse: &inverse, unit: &mut vec![0.0; speed.len()], difference, total });
    let angle = |(point, (difference, total)): (usize, (&f64, &f64))| {
        let moves = speed[point] > 0.0 && speed.get(point + 1).is_some_and(|speed| *speed > 0.0);
        if moves { 2.0 * math::atan2(difference.sqrt(), total.sqrt()) } else { 0.0 }
    };
    difference.iter().zip(&*total).enumerate().map(angle).collect()
}

/// |u - w|² and |u + w|² of neighbouring unit tangents: their quotient is exact for small and for large angles.
struct Chords<'a, T> {
    data: &'a [T],
    inverse: &'a [f64],
    unit: &'a mut [f64],
    difference: &'a mut [f64],
    total: &'a mut [f64],
}

impl<T: Real> Kernel for Chords<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let points = self.inverse.len();
        for row in self.data.chunks_exact(3 * points.max(1)) {
            let v = &row[points..2 * points];
            self.unit
                .iter_mut()
                .zip(v)
                .zip(self.inverse)
                .for_each(|((u, v), inverse)| *u = v.wide() * inverse);
            let pairs = self.unit.iter().zip(&self.unit[1..]);
            for ((difference, total), (u, w)) in self.difference.iter_mut().zip(&mut *self.total).zip(pairs) {
                *difference += (u - w) * (u - w);
                *total += (u + w) * (u + w);
            }
        }
    }
}
