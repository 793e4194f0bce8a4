//! Position, velocity and acceleration of a curve in R^n at many angles, pushed through layers exactly.
//!
//! With h = W x + b the three move by the same matrix (one wide product `[x | v | a]`); through an activation f they
//! become f(h), f'(h) v and f''(h) v² + f'(h) a. Nothing is differenced, so nothing is lost to cancellation.

use octavo_plugin::linalg::{self, Element, Packed};
use octavo_plugin::{Activation, Layer, math};

use crate::passes::{self, Activated};

/// Squares of speeds outside this range are computed again from scaled vectors.
const SAFE: std::ops::Range<f64> = 1e-250..1e250;
/// Speeds below this are zero: the next layer's would be no normal floats.
const SLOWEST: f64 = 1e-290;

/// A number that jets are kept in. Sums over coordinates and activations are computed in f64 either way.
pub trait Real: Element {
    /// The spacing of numbers at 1.
    const EPSILON: f64;
    /// The nearest number.
    fn of(x: f64) -> Self;
    /// The same number in f64.
    fn wide(self) -> f64;
}

impl Real for f64 {
    const EPSILON: f64 = Self::EPSILON;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const EPSILON: f64 = Self::EPSILON as f64;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

/// Position, velocity and acceleration at each of `points` angles, `rows` coordinates each.
#[derive(Clone, Debug)]
pub struct Jets<T = f64> {
    rows: usize,
    points: usize,
    /// rows × 3 points, row-major: positions, velocities, accelerations.
    data: Vec<T>,
}

/// An ellipse `c + a cos t + b sin t` in R^n; the vectors need not be orthogonal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ellipse {
    /// The centre.
    pub c: Vec<f64>,
    /// The vector of cos t.
    pub a: Vec<f64>,
    /// The vector of sin t.
    pub b: Vec<f64>,
}

impl Ellipse {
    /// The image under the affine map of a layer.
    pub fn through(&self, layer: &Layer) -> Self {
        let columns: Vec<f64> =
            (0..layer.inputs).flat_map(|row| [self.c[row], self.a[row], self.b[row]]).collect();
        let image = linalg::matmul(layer.outputs, layer.inputs, 3, &layer.weights, &columns);
        let column = |index: usize| image.iter().skip(index).step_by(3).copied();
        let c = column(0).zip(&layer.bias).map(|(x, bias)| x + bias).collect();
        Self { c, a: column(1).collect(), b: column(2).collect() }
    }
}

impl Ellipse {
    /// The positions at these angles: rows × angles, row-major.
    pub fn positions(&self, angles: &[f64]) -> Vec<f64> {
        let turns: Vec<(f64, f64)> = angles.iter().map(|angle| math::sin_cos(*angle)).collect();
        let row = |row: usize| {
            let (c, a, b) = (self.c[row], self.a[row], self.b[row]);
            turns.iter().map(move |(sin, cos)| c + (a * cos + b * sin))
        };
        (0..self.c.len()).flat_map(row).collect()
    }
}

/// What a curve does at each angle.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// |v|: the integrand of length.
    pub speed: Vec<f64>,
    /// |a - (v·a / v·v) v| / |v|: the integrand of total curvature. In the plane it carries the sign of the turn.
    pub turning: Vec<f64>,
    /// v·a / v·v: how fast the speed grows, relative to itself.
    pub growth: Vec<f64>,
    /// The angle between the unit tangent here and the one at the next angle of the same batch, which bounds the integral
    /// of the turning from below: the tangent takes no shorter way. The last angle of a batch has none (zero).
    pub angle: Vec<f64>,
}

impl Rates {
    /// The values whose changes of sign are corners of an integrand: inflections, in the plane only.
    pub fn signed(&self, dimension: usize) -> &[f64] {
        if dimension == 2 { &self.turning } else { &[] }
    }

    /// From |v|², v·a / v·v and the square of the normal part of the acceleration, and rates that are known better.
    fn from_sums(square: &[f64], growth: Vec<f64>, normal: &[f64], known: &[Scaled]) -> Self {
        let speed = square.iter().map(|square| square.sqrt()).collect();
        let turning = normal.iter().zip(square).map(|(normal, square)| (normal / square).sqrt()).collect();
        let mut rates = Self { speed, turning, growth, angle: Vec::new() };
        rates.replace(known);
        rates
    }

    fn replace(&mut self, known: &[Scaled]) {
        for Scaled { point, speed, turning, growth } in known {
            (self.speed[*point], self.turning[*point], self.growth[*point]) = (*speed, *turning, *growth);
        }
    }

    /// Appends the rates at the first `count` of further angles.
    pub fn append(&mut self, more: &Self, count: usize) {
        self.speed.extend(&more.speed[..count]);
        self.turning.extend(&more.turning[..count]);
        self.growth.extend(&more.growth[..count]);
        self.angle.extend(&more.angle[..count]);
    }
}

/// The rates at a point whose squares leave the range of floats.
struct Scaled {
    point: usize,
    speed: f64,
    turning: f64,
    growth: f64,
}

impl Jets {
    /// From functions of the angle: `curve(t)` gives position, velocity and acceleration.
    pub fn of_curve<const N: usize>(angles: &[f64], curve: impl Fn(f64) -> [[f64; N]; 3]) -> Self {
        let points = angles.len();
        let mut data = vec![0.0; N * 3 * points];
        for (point, angle) in angles.iter().enumerate() {
            for (part, vector) in curve(*angle).iter().enumerate() {
                for (row, value) in vector.iter().enumerate() {
                    data[(row * 3 + part) * points + point] = *value;
                }
            }
        }
        Self { rows: N, points, data }
    }
}

impl<T: Real> Jets<T> {
    /// Of an ellipse, in closed form.
    pub fn of_ellipse(ellipse: &Ellipse, angles: &[f64]) -> Self {
        let (rows, points) = (ellipse.c.len(), angles.len());
        let (sin, cos): (Vec<f64>, Vec<f64>) = angles.iter().map(|angle| math::sin_cos(*angle)).unzip();
        let mut data = Vec::with_capacity(rows * 3 * points);
        for row in 0..rows {
            let (c, a, b) = (ellipse.c[row], ellipse.a[row], ellipse.b[row]);
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(c + (a * cos + b * sin))));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(b * cos - a * sin)));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(-(a * cos + b * sin))));
        }
        Self { rows, points, data }
    }

    /// Of points that move evenly: positions and velocities.
    pub fn of_sides(sides: &[(Vec<f64>, Vec<f64>)]) -> Self {
        let (rows, points) = (sides.first().map_or(0, |(position, _)| position.len()), sides.len());
        let mut data = Vec::with_capacity(rows * 3 * points);
        for row in 0..rows {
            data.extend(sides.iter().map(|(position, _)| T::of(position[row])));
            data.extend(sides.iter().map(|(_, velocity)| T::of(velocity[row])));
            data.extend(std::iter::repeat_n(T::of(0.0), points));
        }
        Self { rows, points, data }
    }

    /// The image under an affine map, whose weights are packed, in the memory of `image`.
    pub fn through_into(&self, weights: &Packed<T>, bias: &[f64], image: &mut Self) {
        let width = 3 * self.points;
        image.data.resize(bias.len() * width, T::default());
        (image.rows, image.points) = (bias.len(), self.points);
        weights.times_into(width, &self.data, &mut image.data);
        for (row, bias) in image.data.chunks_exact_mut(width.max(1)).zip(bias) {
            row[..self.points].iter_mut().for_each(|x| *x = T::of(x.wide() + bias));
        }
    }

    /// The image under the affine map of a layer.
    #[must_use]
    pub fn through(&self, layer: &Layer) -> Self {
        let mut image = Self { rows: 0, points: 0, data: Vec::new() };
        self.through_into(&packed(layer), &layer.bias, &mut image);
        image
    }

    /// Applies a smooth activation to every coordinate. Gives the rates before and after it.
    pub fn activate(&mut self, activation: Activation) -> [Rates; 2] {
        if activation == Activation::Identity || self.points == 0 {
            let rates = self.rates();
            return [rates.clone(), rates];
        }
        if self.rows <= 2 {
            let before = self.rates();
            self.pass(activation, &vec![0.0; self.points]);
            return [before, self.rates()];
        }
        let [square, ratio] = passes::squares(&self.data, self.points);
        let scaled = self.out_of_range(&square);
        let mut speed: Vec<f64> = square.iter().map(|square| square.sqrt()).collect();
        scaled.iter().for_each(|scaled| speed[scaled.point] = scaled.speed);
        let angle = passes::angles(&self.data, &speed);
        let Activated { normal, square: next, ratio: next_ratio } = self.pass(activation, &ratio);
        let mut before = Rates::from_sums(&square, ratio, &normal, &scaled);
        before.angle = angle;
        let normal = passes::normal(&self.data, &next_ratio);
        let after = Rates::from_sums(&next, next_ratio, &normal, &self.out_of_range(&next));
        [before, self.with_angles(after)]
    }

    fn with_angles(&self, mut rates: Rates) -> Rates {
        rates.angle = passes::angles(&self.data, &rates.speed);
        rates
    }

    fn pass(&mut self, activation: Activation, ratio: &[f64]) -> Activated {
        passes::activate(&mut self.data, activation, ratio)
    }

    /// Speed and turning at each angle. A speed of zero has turning zero.
    pub fn rates(&self) -> Rates {
        let [square, ratio] = passes::squares(&self.data, self.points);
        let scaled = self.out_of_range(&square);
        let normal = if self.rows > 2 { passes::normal(&self.data, &ratio) } else { vec![0.0; self.points] };
        let mut rates = Rates::from_sums(&square, ratio, &normal, &[]);
        if self.rows == 2 {
            rates.turning = self.planar_turning(&square);
        }
        rates.replace(&scaled);
        self.with_angles(rates)
    }

    fn planar_turning(&self, square: &[f64]) -> Vec<f64> {
        let at =
            |row: usize, part: usize, point: usize| self.data[(row * 3 + part) * self.points + point].wide();
        let cross = |point: usize| at(0, 1, point) * at(1, 2, point) - at(1, 1, point) * at(0, 2, point);
        square.iter().enumerate().map(|(point, square)| cross(point) / square).collect()
    }

    /// The points whose squares have left the range of floats, with rates from scaled vectors.
    fn out_of_range(&self, square: &[f64]) -> Vec<Scaled> {
        let outside = square.iter().enumerate().filter(|(_, square)| !SAFE.contains(square));
        outside.map(|(point, _)| self.scaled(point)).collect()
    }

    /// The rates at one point when squares would leave the range of floats.
    fn scaled(&self, point: usize) -> Scaled {
        let column = |part: usize| {
            (0..self.rows).map(move |row| self.data[(row * 3 + part) * self.points + point].wide())
        };
        let scale = column(1).fold(0.0, |scale: f64, v| scale.max(v.abs()));
        if scale < SLOWEST || !scale.is_finite() {
            let (speed, turning) = if scale < SLOWEST { (0.0, 0.0) } else { (scale, f64::NAN) };
            return Scaled { point, speed, turning, growth: 0.0 };
        }
        let v: Vec<f64> = column(1).map(|v| v / scale).collect();
        let a: Vec<f64> = column(2).map(|a| a / scale).collect();
        let square: f64 = v.iter().fold(0.0, |total, v| total + v * v);
        let growth = v.iter().zip(&a).fold(0.0, |total, (v, a)| total + v * a) / square;
        let turning = match self.rows {
            1 => 0.0,
            2 => (v[0] * a[1] - v[1] * a[0]) / square,
            _ => {
                let normal =
                    v.iter().zip(&a).fold(0.0, |total, (v, a)| total + (a - growth * v) * (a - growth * v));
                (normal / square).sqrt()
            }
        };
        Scaled { point, speed: scale * square.sqrt(), turning, growth }
    }
}

/// The weights of a layer, packed.
pub fn packed<T: Real>(layer: &Layer) -> Packed<T> {
    let weights: Vec<T> = layer.weights.iter().map(|weight| T::of(*weight)).collect();
    Packed::new(layer.outputs, layer.inputs, &weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    /// Sixth-order differences of positions alone, through a random two-layer network.
    #[test]
    fn jets_agree_with_differences_of_positions() {
        let mut stream = Seed(7).stream("jets");
        let mut layer = |outputs: usize, inputs: usize| Layer {
            inputs,
            outputs,
            weights: stream.normals(outputs * inputs, 0.8),
            bias: stream.normals(outputs, 0.3),
            activation: Activation::Tanh,
        };
        let (first, second) = (layer(4, 2), layer(5, 4));
        let circle = Ellipse { c: vec![0.1, -0.2], a: vec![1.0, 0.0], b: vec![0.0, 1.0] };
        let at = |angles: &[f64]| {
            let mut jets: Jets = Jets::of_ellipse(&circle.through(&first), angles);
            jets.activate(first.activation);
            jets = jets.through(&second);
            jets.activate(second.activation);
            jets
        };
        let (t, h) = (0.9, 0.002);
        let angles: Vec<f64> = (-3..=3).map(|step| t + h * f64::from(step)).collect();
        let samples = at(&angles);
        for row in 0..5 {
            let part = |part: usize| &samples.data[(row * 3 + part) * 7..][..7];
            let x = part(0);
            let velocity = (45.0 * (x[4] - x[2]) - 9.0 * (x[5] - x[1]) + (x[6] - x[0])) / (60.0 * h);
            let acceleration = (270.0 * (x[4] + x[2]) - 27.0 * (x[5] + x[1]) + 2.0 * (x[6] + x[0])
                - 490.0 * x[3])
                / (180.0 * h * h);
            assert!((part(1)[3] - velocity).abs() < 1e-10, "{} {velocity}", part(1)[3]);
            assert!((part(2)[3] - acceleration).abs() < 1e-8, "{} {acceleration}", part(2)[3]);
        }
    }

    #[test]
    fn scale_changes_speed_and_not_turning() {
        let curve = |scale: f64| {
            move |t: f64| {
                let (sin, cos) = math::sin_cos(t);
                [[cos, sin, cos * sin], [-sin, cos, cos * cos - sin * sin], [-cos, -sin, -4.0 * sin * cos]]
                    .map(|part| part.map(|x| scale * x))
            }
        };
        let unit = Jets::of_curve(&[0.3, 1.1], curve(1.0)).rates();
        for scale in [1e-200, 1e-100, 1e100, 1e200] {
            let scaled = Jets::of_curve(&[0.3, 1.1], curve(scale)).rates();
            for point in 0..2 {
                assert!((scaled.turning[point] / unit.turning[point] - 1.0).abs() < 1e-14);
                assert!((scaled.speed[point] / scale / unit.speed[point] - 1.0).abs() < 1e-14);
            }
        }
    }
}
