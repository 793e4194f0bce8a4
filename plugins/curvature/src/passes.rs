//! Passes over the coordinates of a batch of jets, each compiled for the widest lanes of the processor.
//!
//! Sums fold over the coordinates in order, at every point on its own, so neither lanes nor batches change a bit. One pass
//! adds up everything that is measured, before and after the activation. For this it needs to know beforehand about how
//! fast the speed grows and how large it is ([`Expected`]): what it sums up is measured from there, and the little that the
//! expectation was off by is taken away at the end, where it costs no digits.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Activation, math};

use crate::activations;
use crate::real::Real;

/// What is expected of each point before it is measured. If it is far off, the sums are of no use and must be made again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// v·a / v·v.
    growth: Vec<f64>,
    /// 1 / |v|, up to a factor that neighbours share; zero where the curve stands still, and after the last point.
    inverse: Vec<f64>,
}

impl Expected {
    /// Nothing known.
    pub(crate) fn nothing(points: usize) -> Self {
        Self { growth: vec![0.0; points], inverse: vec![0.0; points + 1] }
    }

    /// What was found before.
    pub(crate) fn from(speed: &[f64], growth: &[f64]) -> Self {
        let inverse = |speed: &f64| if *speed > 0.0 { speed.recip() } else { 0.0 };
        Self {
            growth: growth.to_vec(),
            inverse: speed.iter().map(inverse).chain(std::iter::once(0.0)).collect(),
        }
    }
}

/// Sums over the coordinates at each point. With g the growth expected, r the inverse speed expected, b = a - g v, and w
/// the velocity at the next point with its own r:
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// |v|².
    pub(crate) square: Vec<f64>,
    /// v·b.
    along: Vec<f64>,
    /// |b|².
    bent: Vec<f64>,
    /// |r w - r v|².
    apart: Vec<f64>,
    /// |r w + r v|².
    together: Vec<f64>,
}

/// Shares of a sum up to this one may be taken away from it: the digits of the rest are good.
const SMALL: f64 = 0.25;
/// Expected speeds are trusted if they are right within these factors.
const NEAR: std::ops::Range<f64> = 1e-100..1e100;

impl Sums {
    fn zeros(points: usize) -> Self {
        let [square, along, bent, apart, together] = std::array::from_fn(|_| vec![0.0; points]);
        Self { square, along, bent, apart, together }
    }

    /// |v| and v·a / v·v at a point.
    pub(crate) fn speed(&self, expected: &Expected, point: usize) -> [f64; 2] {
        let growth = expected.growth[point] + self.along[point] / self.square[point];
        [self.square[point].sqrt(), growth]
    }

    /// |a - (v·a / v·v) v| / |v| at a point, and whether the expectation was good enough.
    pub(crate) fn turning(&self, point: usize) -> (f64, bool) {
        let (square, bent) = (self.square[point], self.bent[point]);
        let along = self.along[point] * (self.along[point] / square);
        (((bent - along).max(0.0) / square).sqrt(), bent.is_finite() && along <= SMALL * bent)
    }

    /// The angle between the tangents at a point and at the next one, and whether the expectation was good enough. From
    /// |u - w|² and |u + w|² for unit tangents, times a common factor: their quotient is exact for small and large angles.
    pub(crate) fn angle(&self, expected: &Expected, speed: &[f64], point: usize) -> (f64, bool) {
        let [here, next] = [point, point + 1].map(|point| speed[point] * expected.inverse[point]);
        let off = (here - next) * (here - next);
        let chords = [self.apart[point], self.together[point]];
        let good = NEAR.contains(&here) && NEAR.contains(&next) && off <= SMALL * chords[0].min(chords[1]);
        let [apart, together] = chords.map(|chord| (chord - off).max(0.0).sqrt());
        (2.0 * math::atan2(apart, together), good)
    }
}

/// The sums of jets: rows × 3 points, row-major.
pub(crate) fn measure<T: Real>(data: &[T], expected: &Expected) -> Sums {
    let mut sums = Sums::zeros(expected.growth.len());
    simd::dispatch(Measure { data, expected, sums: &mut sums });
    sums
}

struct Measure<'a, T> {
    data: &'a [T],
    expected: &'a Expected,
    sums: &'a mut Sums,
}

impl<T: Real> Kernel for Measure<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for rows in self.data.chunks(ROWS * 3 * self.expected.growth.len().max(1)) {
            add(rows, self.expected, self.sums);
        }
    }
}

/// Adds a few coordinates.
#[inline(always)]
fn add<T: Real>(rows: &[T], expected: &Expected, sums: &mut Sums) {
    let points = expected.growth.len();
    let mut point = 0;
    while point + LANES <= points {
        add_at::<T, LANES>(rows, expected, sums, point);
        point += LANES;
    }
    for point in point..points {
        add_at::<T, 1>(rows, expected, sums, point);
    }
}

/// What a few rows add up to stays in registers.
#[inline(always)]
fn add_at<T: Real, const COUNT: usize>(rows: &[T], expected: &Expected, sums: &mut Sums, at: usize) {
    let points = expected.growth.len();
    let g = part::<f64, COUNT>(&expected.growth, at).map(T::of);
    let r = part::<f64, COUNT>(&expected.inverse, at).map(T::of);
    let s = part::<f64, COUNT>(&expected.inverse, at + 1).map(T::of);
    let mut few = [[T::default(); COUNT]; 5];
    let [square, along, bent, apart, together] = &mut few;
    for row in rows.chunks_exact(3 * points) {
        let v: &[T; COUNT] = part(row, points + at);
        // After the last point this is an acceleration, expected to be nothing: its sums are not used.
        let w: &[T; COUNT] = part(row, points + at + 1);
        let a: &[T; COUNT] = part(row, 2 * points + at);
        for lane in 0..COUNT {
            let (v, w, a) = (v[lane], w[lane], a[lane]);
            let b = (-g[lane]).fused(v, a);
            let (here, next) = (r[lane] * v, s[lane] * w);
            let (minus, plus) = (next - here, next + here);
            square[lane] = v.fused(v, square[lane]);
            along[lane] = v.fused(b, along[lane]);
            bent[lane] = b.fused(b, bent[lane]);
            apart[lane] = minus.fused(minus, apart[lane]);
            together[lane] = plus.fused(plus, together[lane]);
        }
    }
    let all = [&mut sums.square, &mut sums.along, &mut sums.bent, &mut sums.apart, &mut sums.together];
    for (sum, few) in all.into_iter().zip(few) {
        let sum: &mut [f64; COUNT] = sum[at..].first_chunk_mut().expect("the row goes on");
        for lane in 0..COUNT {
            sum[lane] += few[lane].wide();
        }
    }
}

#[inline(always)]
fn part<T, const COUNT: usize>(slice: &[T], at: usize) -> &[T; COUNT] {
    slice[at..].first_chunk().expect("the row goes on")
}

/// Rows that go through an activation before their images go where they belong.
const ROWS: usize = 4;

/// Applies a smooth activation to jets of so many points and hands over the images of the rows, a few at a time: `keep` gets
/// the index of the first of them and the images.
pub(crate) fn images<T: Real>(
    data: &[T],
    points: usize,
    activation: Activation,
    keep: impl FnMut(usize, &[T]),
) {
    activate_rows(data, points, activation, None, keep);
}

/// As [`images`]. Gives the sums before and after the activation.
pub(crate) fn activate<T: Real>(
    data: &[T],
    activation: Activation,
    expected: &Expected,
    keep: impl FnMut(usize, &[T]),
) -> [Sums; 2] {
    let points = expected.growth.len();
    let mut sums = [Sums::zeros(points), Sums::zeros(points)];
    activate_rows(data, points, activation, Some((expected, &mut sums)), keep);
    sums
}

fn activate_rows<'a, T: Real>(
    data: &[T],
    points: usize,
    activation: Activation,
    mut measured: Option<(&'a Expected, &'a mut [Sums; 2])>,
    mut keep: impl FnMut(usize, &[T]),
) {
    let width = 3 * points.max(1);
    let mut derivatives = [vec![T::default(); points], vec![T::default(); points]];
    let mut images = vec![T::default(); ROWS * width];
    for (index, rows) in data.chunks(ROWS * width).enumerate() {
        let images = &mut images[..rows.len()];
        let (derivatives, measured) = (&mut derivatives, measured.as_mut());
        simd::dispatch(Activate { rows, activation, derivatives, images, measured });
        keep(index * ROWS, images);
    }
}

struct Activate<'a, 'b, T> {
    rows: &'a [T],
    activation: Activation,
    derivatives: &'a mut [Vec<T>; 2],
    images: &'a mut [T],
    measured: Option<&'a mut (&'b Expected, &'b mut [Sums; 2])>,
}

impl<T: Real> Kernel for Activate<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [slope, bend] = self.derivatives;
        let points = slope.len();
        let width = 3 * points.max(1);
        for (row, image) in self.rows.chunks_exact(width).zip(self.images.chunks_exact_mut(width)) {
            image[..points].copy_from_slice(&row[..points]);
            activations::apply(self.activation, &mut image[..points], slope, bend);
            let mut point = 0;
            while point + LANES <= points {
                move_at::<T, LANES>(row, slope, bend, image, point);
                point += LANES;
            }
            for point in point..points {
                move_at::<T, 1>(row, slope, bend, image, point);
            }
        }
        if let Some((expected, [before, after])) = self.measured {
            add(self.rows, expected, before);
            add(self.images, expected, after);
        }
    }
}

/// f'(h) v and f''(h) v² + f'(h) a.
#[inline(always)]
fn move_at<T: Real, const COUNT: usize>(row: &[T], slope: &[T], bend: &[T], image: &mut [T], at: usize) {
    let points = slope.len();
    let v: &[T; COUNT] = part(row, points + at);
    let a: &[T; COUNT] = part(row, 2 * points + at);
    let (slope, bend) = (part::<T, COUNT>(slope, at), part::<T, COUNT>(bend, at));
    let mut moved = [[T::default(); COUNT]; 2];
    for lane in 0..COUNT {
        let (v, a) = (v[lane], a[lane]);
        moved[0][lane] = slope[lane] * v;
        moved[1][lane] = (bend[lane] * v).fused(v, slope[lane] * a);
    }
    image[points + at..][..COUNT].copy_from_slice(&moved[0]);
    image[2 * points + at..][..COUNT].copy_from_slice(&moved[1]);
}

/// Adds its bias to the positions of each row.
pub(crate) fn shift<T: Real>(data: &mut [T], points: usize, bias: &[f64]) {
    simd::dispatch(Shift { data, points, bias });
}

struct Shift<'a, T> {
    data: &'a mut [T],
    points: usize,
    bias: &'a [f64],
}

impl<T: Real> Kernel for Shift<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (row, bias) in self.data.chunks_exact_mut(3 * self.points.max(1)).zip(self.bias) {
            let bias = T::of(*bias);
            row[..self.points].iter_mut().for_each(|x| *x = *x + bias);
        }
    }
}
